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

use chrono::{NaiveDateTime, TimeDelta};

use super::lines::Page;
use super::words::{self, Lang, Noun, count, moment, say};
use super::{Closing, Fate, Heading, MessageReport, PassResult, Printer, Warning};
use crate::model::{Branch, State};
use crate::rules::Skipped;
use crate::rules::reason::Reason;
use crate::zone::Zone;

use self::branch::BranchPrinter;
use self::part::{Deferred, Part, TO_SEE_TO, defer, more_in_dry_run};

mod branch;
mod part;
#[cfg(test)]
mod tests;

/// Within this time after a pass the next one may come too late for whoever was deferred.
const SOON: TimeDelta = TimeDelta::hours(2);

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
        }
    }
}

impl<W: Write> Printer for TextPrinter<W> {
    fn begin(&mut self, heading: &Heading) -> io::Result<()> {
        self.zone = heading.zone;
        self.soon = heading.at.naive_local() + SOON;
        self.result = heading.result;
        self.branches.clone_from(&heading.branches);
        let mut page = Page::default();
        head(&mut page, self.lang, heading);
        self.out.write_all(page.text().as_bytes())
    }

    fn message(&mut self, message: MessageReport) -> io::Result<()> {
        if message.fate == Fate::Settled(State::Deferred) {
            defer(&mut self.deferred, self.lang, &message);
        }
        self.parts.entry(message.branch_id).or_default().take(self.lang, self.soon, &message);
        Ok(())
    }

    fn finish(&mut self, closing: &Closing) -> io::Result<()> {
        let mut page = Page::default();
        self.needs_person(&mut page, closing);
        self.notes(&mut page, closing);
        if self.result == PassResult::Complete {
            self.by_branch(&mut page, closing);
            page.gap();
            page.line(0, &words::totals(self.lang, &closing.totals));
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
    let (at, zone) = (moment(lang, heading.at.naive_local()), heading.zone.name());
    let first = if heading.dry_run {
        say!(
            lang,
            "Probelauf der Terminbenachrichtigung, {at} ({zone})",
            "Dry run of the appointment reminders, {at} ({zone})"
        )
    } else {
        say!(lang, "Terminbenachrichtigung, {at} ({zone})", "Appointment reminders, {at} ({zone})")
    };
    page.line(0, &first);
    match heading.result {
        PassResult::Quiet => {
            let until = heading.quiet_until.map(|until| moment(lang, until.naive_local()));
            let text = match (lang, until) {
                (Lang::De, Some(until)) => format!("Es ist Ruhezeit bis {until}; gesendet wurde nichts."),
                (Lang::En, Some(until)) => format!("It is quiet time until {until}; nothing was sent."),
                (Lang::De, None) => "Es ist Ruhezeit; gesendet wurde nichts.".to_owned(),
                (Lang::En, None) => "It is quiet time; nothing was sent.".to_owned(),
            };
            page.line(0, &text);
        }
        PassResult::Inactive => page.line(
            0,
            lang.pick(
                "Die Terminbenachrichtigung ist nicht in Betrieb; gesendet wurde nichts.",
                "The appointment notification is not in operation; nothing was sent.",
            ),
        ),
        PassResult::Complete => {
            if heading.dry_run {
                page.line(
                    0,
                    lang.pick(
                        "Nur zur Ansicht: Es wurde nichts gesendet und nichts gespeichert.",
                        "For viewing only: nothing was sent and nothing was stored.",
                    ),
                );
            }
            windows(page, lang, heading);
        }
    }
}

fn windows(page: &mut Page, lang: Lang, heading: &Heading) {
    if let Some((until, look_ahead)) = heading.reminder_window {
        let until = moment(lang, until.naive_local());
        let ahead = if look_ahead { lang.pick(" (vorausschauend)", " (looking ahead)") } else { "" };
        page.line(
            0,
            &say!(lang, "Erinnerungen: Termine vor {until}{ahead}", "Reminders: appointments before {until}{ahead}"),
        );
    }
    if let Some((from, to)) = heading.confirmation_window {
        let (from, to) = (words::date(lang, from), words::date(lang, to));
        page.line(
            0,
            &say!(
                lang,
                "Bestätigungen: Termine von {from} bis {to}",
                "Confirmations: appointments from {from} to {to}",
            ),
        );
    }
}

impl<W: Write> TextPrinter<W> {
    /// What somebody must see to, unusable texts first (F8).
    fn needs_person(&self, page: &mut Page, closing: &Closing) {
        let lang = self.lang;
        let mut points = Vec::new();
        let urgent = || closing.warnings.iter().filter(|warning| warning.needs_person());
        let is_text = |warning: &&Warning| matches!(warning, Warning::TextUnusable { .. });
        points.extend(urgent().filter(is_text).map(|warning| words::warning(lang, warning)));
        points.extend(urgent().filter(|warning| !is_text(warning)).map(|warning| words::warning(lang, warning)));
        points.extend(closing.skipped.iter().filter_map(|row| match &row.reason {
            Reason::BadData(bad) => {
                let (id, bad) = (row.appointment_id, words::bad_data(lang, bad));
                Some(say!(lang, "Termin {id} wird nicht erinnert. {bad}", "Appointment {id} is not reminded. {bad}"))
            }
            _ => None,
        }));
        let more = points.len().saturating_sub(TO_SEE_TO);
        points.truncate(TO_SEE_TO);
        if more > 0 {
            points.push(more_in_dry_run(lang, more));
        }
        let (failed, uncertain) = (closing.totals.of(State::Failed), closing.totals.of(State::Uncertain));
        if failed > 0 {
            let messages = count(lang, failed, Noun::Message);
            let verb = if failed == 1 { lang.pick("wurde", "was") } else { lang.pick("wurden", "were") };
            points.push(say!(
                lang,
                "{messages} {verb} endgültig abgelehnt; wen das betrifft, steht bei der Filiale.",
                "{messages} {verb} rejected for good; each branch below says whom that concerns.",
            ));
        }
        if uncertain > 0 {
            let messages = count(lang, uncertain, Noun::Message);
            points.push(say!(
                lang,
                "Bei {messages} ist ungewiss, ob der Kunde etwas bekam; wen das betrifft, steht bei der Filiale.",
                "For {messages} nobody knows whether anything arrived; each branch below says whom that concerns.",
            ));
        }
        points.extend(self.deferred.iter().filter(|group| group.needs_person()).map(|group| group.words(lang)));
        section(page, lang.pick("Was zu tun ist", "What needs doing"), &points);
    }

    /// What is good to know.
    fn notes(&self, page: &mut Page, closing: &Closing) {
        let lang = self.lang;
        let calm = closing.warnings.iter().filter(|warning| !warning.needs_person());
        let mut points: Vec<_> = calm.map(|warning| words::warning(lang, warning)).collect();
        points.extend(self.deferred.iter().filter(|group| !group.needs_person()).map(|group| group.words(lang)));
        section(page, lang.pick("Hinweise", "Notes"), &points);
    }

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
            page.title(&branch_name(lang, &self.branches, id));
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

/// The name of a branch with its code.
pub(super) fn branch_name(lang: Lang, branches: &BTreeMap<i64, Branch>, id: Option<i64>) -> String {
    match (id, id.and_then(|id| branches.get(&id))) {
        (_, Some(Branch { name, code, .. })) if name.trim().is_empty() => code.clone(),
        (_, Some(Branch { name, code, .. })) => format!("{name} ({code})"),
        (Some(id), None) => say!(lang, "Filiale {id} (nicht in den Daten)", "Branch {id} (not in the data)"),
        (None, None) => lang.pick("Ohne Filiale", "Without a branch").to_owned(),
    }
}
