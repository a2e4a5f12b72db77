//! The report for people: at most 80 columns, by branch, what needs somebody first.
//!
//! What needs a person is known for certain only at the end and is printed first, so this printer
//! keeps what it will print, and no more: of a real pass counts, the first messages of each branch,
//! and those that somebody must see to; a dry run is kept in full, since every message was asked
//! for. No other list is endless. Addresses are masked, inside servers' replies too, except those of the
//! messages that a dry run would send. Nothing from the data reaches a terminal unchecked (see
//! `lines`). The report says only what happened: in a dry run nothing is called sent.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono::NaiveDateTime;

use super::attention::{self, Deferred, SOON, defer};
use super::forecast::Volume;
use super::lines::Page;
use super::words::{self, Lang, Noun, count, say};
use super::{Closing, Fate, Heading, MessageReport, PassResult, Printer};
use crate::model::{Branch, State};
use crate::rules::Skipped;
use crate::rules::reason::Reason;
use crate::zone::Zone;

use self::branch::BranchPrinter;
use self::part::Part;

mod branch;
mod part;
#[cfg(test)]
mod tests;

/// Writes the report as text.
#[derive(Debug)]
pub struct TextPrinter<W> {
    out: W,
    lang: Lang,
    /// Appointments before this local time may begin before the next pass has mended anything.
    soon: NaiveDateTime,
    zone: Zone,
    result: PassResult,
    branches: BTreeMap<i64, Branch>,
    parts: BTreeMap<i64, Part>,
    deferred: Vec<Deferred>,
    /// The instant of what would be the first pass, and what it would send.
    first_pass: Option<(NaiveDateTime, Volume)>,
}

impl<W: Write> TextPrinter<W> {
    /// A printer that writes to `out` in `lang`.
    pub fn new(out: W, lang: Lang) -> Self {
        Self {
            out,
            lang,
            soon: NaiveDateTime::MIN,
            zone: Zone::default(),
            result: PassResult::Complete,
            branches: BTreeMap::new(),
            parts: BTreeMap::new(),
            deferred: Vec::new(),
            first_pass: None,
        }
    }
}

impl<W: Write> Printer for TextPrinter<W> {
    fn begin(&mut self, heading: &Heading) -> io::Result<()> {
        self.zone = heading.zone;
        self.soon = heading.at.naive_local() + SOON;
        self.result = heading.result;
        self.branches.clone_from(&heading.branches);
        self.first_pass = heading.before_the_first.then(|| (heading.at.naive_local(), Volume::default()));
        let mut page = Page::default();
        head(&mut page, self.lang, heading);
        self.out.write_all(page.text().as_bytes())
    }

    fn message(&mut self, message: &MessageReport) -> io::Result<()> {
        if message.fate == Fate::Settled(State::Deferred) {
            defer(&mut self.deferred, self.lang, message);
        }
        if let (Some((_, volume)), Fate::Planned) = (&mut self.first_pass, message.fate) {
            volume.add(message);
        }
        self.parts.entry(message.branch_id).or_default().take(self.lang, self.soon, message);
        Ok(())
    }

    fn finish(&mut self, closing: &Closing) -> io::Result<()> {
        let mut page = Page::default();
        let lang = self.lang;
        section(&mut page, words::to_do(lang), &attention::points(lang, closing, &self.deferred));
        section(&mut page, words::notes(lang), &attention::notes(lang, closing, &self.deferred));
        if self.result == PassResult::Complete {
            self.by_branch(&mut page, closing);
            page.gap();
            page.line(0, &words::totals(self.lang, &closing.totals));
            if let Some((at, volume)) = &self.first_pass {
                page.line(0, &words::forecast::first_pass(self.lang, *at, volume));
            }
        }
        // The heading is out already; what follows it stands apart, if anything follows.
        if !page.text().is_empty() {
            self.out.write_all(b"\n")?;
        }
        self.out.write_all(page.text().as_bytes())?;
        self.out.flush()
    }
}

/// What this is, when, and what it looked at.
fn head(page: &mut Page, lang: Lang, heading: &Heading) {
    page.line(0, &words::pass_title(lang, heading));
    for line in words::pass_lines(lang, heading) {
        page.line(0, &line);
    }
}

impl<W: Write> TextPrinter<W> {
    fn by_branch(&mut self, page: &mut Page, closing: &Closing) {
        let lang = self.lang;
        let mut skipped = BTreeMap::<Option<i64>, Vec<&Skipped>>::new();
        let mut left_out = BTreeMap::<&str, usize>::new();
        for row in &closing.skipped {
            match &row.reason {
                // Named at the top.
                Reason::BadData(_) => {}
                Reason::BranchNotSelected { code } => *left_out.entry(code).or_default() += 1,
                _ => skipped.entry(row.branch_id).or_default().push(row),
            }
        }
        let mut parts = std::mem::take(&mut self.parts);
        let mut ids: Vec<_> = parts.keys().map(|id| Some(*id)).chain(skipped.keys().copied()).collect();
        ids.sort_by_key(|id| {
            let code = id.and_then(|id| self.branches.get(&id)).map(|branch| branch.code.clone());
            (code.is_none(), code, *id)
        });
        ids.dedup();
        let printer = BranchPrinter { lang, zone: self.zone, names: &closing.names };
        for id in ids {
            page.title(&attention::branch_name(lang, &self.branches, id));
            let part = id.and_then(|id| parts.remove(&id)).unwrap_or_default();
            printer.print(page, &part, skipped.get(&id).map_or(&[], Vec::as_slice));
        }
        if !left_out.is_empty() {
            let each = left_out.iter().map(|(code, number)| {
                let number = count(lang, *number, Noun::Appointment);
                format!("{code} ({number})")
            });
            let each = each.collect::<Vec<_>>().join(", ");
            page.gap();
            page.line(0, &say!(lang, "Vom Filialfilter ausgelassen: {each}", "Left out by the branch filter: {each}"));
        }
    }
}

/// A title and its points, if there are any.
fn section(page: &mut Page, title: &str, points: &[String]) {
    if !points.is_empty() {
        page.title(title);
        for point in points {
            page.item(0, point);
        }
    }
}
