//! The page of a pass: what needs a person first, then the time line with its messages, and who was
//! not reminded.
//!
//! What stands first is known last. So the cards of the messages go into a spool as they come, and
//! of each only its place there is kept; at the end the page is written around them. A large pass
//! needs no large memory, and its page is folded up by hours.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};

use chrono::{NaiveDate, NaiveDateTime, Timelike};
use maud::{Markup, html};

use super::super::attention::{
    self, Attention, Deferred, SOON, branch_name, defer, group_title, more_in_dry_run, more_in_record, whom,
};
use super::super::forecast::Volume;
use super::super::tally::Tally;
use super::super::words::{self, Label, Lang, Noun, count, label, moment, say};
use super::super::{Closing, Fate, Heading, MessageReport, PassResult, Printer};
use super::day::{self, Hour, Hours};
use super::message::{by_name, card};
use super::{HOLE, clean, page};
use crate::model::{Kind, State};
use crate::rules::Skipped;
use crate::rules::reason::Reason;

/// Pages of so many messages show them all at once; longer ones are folded up.
const UNFOLDED: usize = 40;
/// What is to be done in so many branches is shown at once; of more, it is folded up.
const BRANCHES_UNFOLDED: usize = 3;

/// Writes the page of a pass.
#[derive(Debug)]
pub struct HtmlPrinter<W, S> {
    out: W,
    spool: S,
    /// How much is in the spool.
    spooled: u64,
    lang: Lang,
    heading: Option<Heading>,
    groups: BTreeMap<(Part, NaiveDate, u32), Group>,
    branches: BTreeMap<i64, InBranch>,
    deferred: Vec<Deferred>,
    /// What it would send if it were the first pass.
    first_pass: Option<Volume>,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Reminders,
    Confirmations,
}

/// Messages that stand together: of an hour, or of a date.
#[derive(Debug, Default)]
struct Group {
    /// The stretches of the spool that hold their cards.
    cards: Vec<(u64, u64)>,
    tally: Tally,
}

/// What is kept of a branch.
#[derive(Debug, Default)]
struct InBranch {
    tally: Tally,
    attention: Attention,
}

impl<W: Write, S: Read + Write + Seek> HtmlPrinter<W, S> {
    /// A printer that writes the page to `out` in `lang`, at the end and at once. The cards of the
    /// messages wait in `spool`, which is empty.
    pub fn new(out: W, spool: S, lang: Lang) -> Self {
        Self {
            out,
            spool,
            spooled: 0,
            lang,
            heading: None,
            groups: BTreeMap::new(),
            branches: BTreeMap::new(),
            deferred: Vec::new(),
            first_pass: None,
        }
    }

    /// How many stretches of the spool each group keeps.
    #[cfg(test)]
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        self.groups.values().map(|group| group.cards.len())
    }

    /// Where the page was written.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(clean(text).as_bytes())
    }

    /// Writes what has a hole for the cards of each of these groups, in their order.
    fn put_around(&mut self, markup: &Markup, keys: &[(Part, NaiveDate, u32)]) -> io::Result<()> {
        let mut pieces = markup.0.split(HOLE.0);
        self.put(pieces.next().unwrap_or_default())?;
        for (piece, key) in pieces.zip(keys) {
            for (from, length) in self.groups.get(key).map(|group| group.cards.clone()).unwrap_or_default() {
                self.spool.seek(SeekFrom::Start(from))?;
                io::copy(&mut Read::take(&mut self.spool, length), &mut self.out)?;
            }
            self.put(piece)?;
        }
        Ok(())
    }
}

impl<W: Write, S: Read + Write + Seek> Printer for HtmlPrinter<W, S> {
    fn begin(&mut self, heading: &Heading) -> io::Result<()> {
        self.heading = Some(heading.clone());
        self.first_pass = heading.before_the_first.then(Volume::default);
        Ok(())
    }

    fn message(&mut self, message: &MessageReport) -> io::Result<()> {
        let (lang, Some(heading)) = (self.lang, &self.heading) else { return Ok(()) };
        let soon = heading.at.naive_local() + SOON;
        let text = card(lang, heading, message).0;
        let text = clean(&text);
        self.spool.write_all(text.as_bytes())?;
        let length = text.len() as u64;
        let start = message.appointments.iter().map(|(_, start)| *start).min().unwrap_or(heading.at.naive_local());
        let group = self.groups.entry(key(message.kind, start)).or_default();
        group.tally.add(message.channel);
        match group.cards.last_mut() {
            Some((from, before)) if *from + *before == self.spooled => *before += length,
            _ => group.cards.push((self.spooled, length)),
        }
        self.spooled += length;
        if message.fate == Fate::Settled(State::Deferred) {
            defer(&mut self.deferred, lang, message);
        }
        if let (Some(volume), Fate::Planned) = (&mut self.first_pass, message.fate) {
            volume.add(message);
        }
        let branch = self.branches.entry(message.branch_id).or_default();
        branch.tally.add(message.channel);
        branch.attention.take(lang, soon, message);
        Ok(())
    }

    fn finish(&mut self, closing: &Closing) -> io::Result<()> {
        let Some(heading) = self.heading.take() else { return Ok(()) };
        self.spool.flush()?;
        let lang = self.lang;
        let whole = page(lang, &words::pass_name(lang, &heading)).0;
        let (above, below) = whole.split_once(HOLE.0).unwrap_or((&whole, ""));
        self.put(above)?;
        self.put(&self.head(&heading, closing).0)?;
        self.put("<main>")?;
        self.put(&self.to_do(&heading, closing).0)?;
        if heading.result == PassResult::Complete {
            let open = closing.totals.messages <= UNFOLDED;
            let (markup, keys) = self.reminders(&heading, closing, open);
            self.put_around(&markup, &keys)?;
            let (markup, keys) = self.confirmations(&heading, open);
            self.put_around(&markup, &keys)?;
            self.not_reminded(&heading, closing)?;
            self.put(&self.by_branch(&heading, closing).0)?;
        }
        self.put("</main>")?;
        self.put(below)?;
        self.out.flush()
    }
}

/// Reminders stand by hour; confirmations reach months ahead and stand by date.
fn key(kind: Kind, start: NaiveDateTime) -> (Part, NaiveDate, u32) {
    match kind {
        Kind::Confirmation => (Part::Confirmations, start.date(), 0),
        Kind::Reminder | Kind::Manual => (Part::Reminders, start.date(), start.hour()),
    }
}

impl<W, S> HtmlPrinter<W, S> {
    /// What this is, and with a script, what to look at.
    fn head(&self, heading: &Heading, closing: &Closing) -> Markup {
        let lang = self.lang;
        html! {
            header {
                h1 { (words::pass_title(lang, heading)) }
                @for line in words::pass_lines(lang, heading) { p { (line) } }
                @if heading.result == PassResult::Complete {
                    p { strong { (words::totals(lang, &closing.totals)) } }
                    @if let Some(volume) = &self.first_pass {
                        p { (words::forecast::first_pass(lang, heading.at.naive_local(), volume)) }
                    }
                    (self.contents(heading, closing))
                }
            }
            @if heading.result == PassResult::Complete {
                div #filter role="search" aria-label=(label(lang, Label::Filter)) hidden {
                    @if heading.branches.len() > 1 {
                        label { (label(lang, Label::Branch)) " "
                            select {
                                option value="" { (label(lang, Label::AllBranches)) }
                                @for id in by_name(&heading.branches) {
                                    option value=(id) { (branch_name(lang, &heading.branches, Some(id))) }
                                }
                            }
                        }
                    }
                    label { (label(lang, Label::Search)) " " input type="search"; }
                    output data-words=(label(lang, Label::Shown)) {}
                }
            }
        }
    }

    /// The way to each section.
    fn contents(&self, heading: &Heading, closing: &Closing) -> Markup {
        let lang = self.lang;
        let sections = [
            (true, "#to-do", words::to_do(lang)),
            (heading.reminder_window.is_some(), "#reminders", label(lang, Label::Reminders)),
            (heading.confirmation_window.is_some(), "#confirmations", label(lang, Label::Confirmations)),
            (!closing.skipped.is_empty(), "#not-reminded", label(lang, Label::NotReminded)),
            (self.branch_ids(heading).len() > 1, "#branches", label(lang, Label::Branches)),
        ];
        html! {
            nav aria-label=(label(lang, Label::Contents)) {
                ul { @for (_, id, title) in sections.iter().filter(|(is_there, ..)| *is_there) { li { a href=(id) { (title) } } } }
            }
        }
    }

    /// Every branch, by name, those at the end that are known only by messages.
    fn branch_ids(&self, heading: &Heading) -> Vec<i64> {
        let unknown = self.branches.keys().copied().filter(|id| !heading.branches.contains_key(id));
        by_name(&heading.branches).into_iter().chain(unknown).collect()
    }

    /// What needs a person, and what is good to know.
    fn to_do(&self, heading: &Heading, closing: &Closing) -> Markup {
        let lang = self.lang;
        let points = attention::points(lang, closing, &self.deferred);
        let notes = attention::notes(lang, closing, &self.deferred);
        let mut skipped = BTreeMap::<Option<i64>, Vec<&Skipped>>::new();
        for row in closing.skipped.iter().filter(|row| matches!(row.reason, Reason::Unreachable { .. })) {
            skipped.entry(row.branch_id).or_default().push(row);
        }
        let mut ids: Vec<_> = self.branches.keys().map(|id| Some(*id)).chain(skipped.keys().copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        let nothing = Attention::default();
        let each: Vec<_> = ids
            .into_iter()
            .filter_map(|id| {
                let attention = id.and_then(|id| self.branches.get(&id)).map_or(&nothing, |branch| &branch.attention);
                let skipped = skipped.get(&id).map_or(&[][..], Vec::as_slice);
                self.attention(heading, closing, id, attention, skipped)
            })
            .collect();
        let calm = points.is_empty() && each.is_empty();
        html! {
            section #to-do .calm[calm].urgent[!calm] {
                h2 { (words::to_do(lang)) }
                @if calm { p { (label(lang, Label::NothingToDo)) } }
                (list(&points))
                @let open = each.len() <= BRANCHES_UNFOLDED;
                @if !each.is_empty() { div.each { @for (name, number, content) in each {
                    details open[open] {
                        summary { h3 { bdi { (name) } } " " span.number { (words::points(lang, number)) } }
                        (content)
                    }
                } } }
            }
            @if !notes.is_empty() {
                section { h2 { (words::notes(lang)) } (list(&notes)) }
            }
        }
    }

    /// What somebody must see to in a branch, if anything.
    fn attention(
        &self,
        heading: &Heading,
        closing: &Closing,
        id: Option<i64>,
        attention: &Attention,
        skipped: &[&Skipped],
    ) -> Option<(String, usize, Markup)> {
        let lang = self.lang;
        let ring = attention.to_ring(lang, heading.zone, &closing.names, skipped);
        let correct = attention.to_correct(&ring);
        let (soon, uncertain) = (&attention.deferred_soon, &attention.uncertain);
        if ring.entries.is_empty() && correct.is_empty() && soon.is_empty() && uncertain.is_empty() {
            return None;
        }
        let branch = id.map_or_else(String::new, |id| id.to_string());
        let of_kind = |title, items: Markup, unlisted: Option<String>| {
            html! {
                div.kind {
                    h4 { (label(lang, title)) }
                    ul { (items) @if let Some(unlisted) = unlisted { li { (unlisted) } } }
                }
            }
        };
        let lines = |lines: &[String]| html! { @for line in lines { li data-branch=(branch) { (line) } } };
        let number = ring.entries.len() + correct.len() + soon.len() + uncertain.len();
        let content = html! {
            @if !ring.entries.is_empty() {
                @let items = html! {
                    @for entry in &ring.entries {
                        li data-branch=(branch) { strong { bdi { (entry.whom) } } @for why in &entry.why { br; (why) } }
                    }
                };
                (of_kind(Label::Ring, items, (ring.unlisted > 0).then(|| more_in_dry_run(lang, ring.unlisted))))
            }
            @if !soon.is_empty() { (of_kind(Label::Soon, lines(soon), None)) }
            @if !uncertain.is_empty() {
                @let unlisted = attention.uncertain_unlisted;
                (of_kind(Label::Ask, lines(uncertain), (unlisted > 0).then(|| more_in_record(lang, unlisted))))
            }
            @if !correct.is_empty() {
                @let items = html! {
                    @for failed in correct {
                        li data-branch=(branch) {
                            strong { bdi { (failed.whom) } }
                            br; (failed.rejected)
                            @if let Some((channel, became)) = failed.instead {
                                br; (words::instead(lang, channel, became))
                            }
                        }
                    }
                };
                (of_kind(Label::Correct, items, None))
            }
        };
        Some((branch_name(lang, &heading.branches, id), number, content))
    }

    /// The time line, with a hole for the cards of each hour.
    fn reminders(&self, heading: &Heading, closing: &Closing, open: bool) -> (Markup, Vec<(Part, NaiveDate, u32)>) {
        let lang = self.lang;
        if heading.reminder_window.is_none() {
            return (html! {}, Vec::new());
        }
        let mut hours = Hours::new();
        for ((part, date, hour), group) in &self.groups {
            if *part == Part::Reminders {
                hours.entry((*date, *hour)).or_default().messages += group.tally.sum();
            }
        }
        for start in closing.skipped.iter().filter_map(|row| row.start) {
            hours.entry((start.date(), start.hour())).or_default().skipped += 1;
        }
        let most = hours.values().map(|Hour { messages, skipped }| messages + skipped).max().unwrap_or_default();
        let mut keys = Vec::new();
        let markup = html! {
            section #reminders {
                h2 { (label(lang, Label::Reminders)) }
                (day::legend(lang, heading))
                @for date in day::dates(heading, &hours) {
                    h3 { (words::date(lang, date)) }
                    (day::strip(lang, heading, date, &hours, most))
                    @for (key, group) in self.groups.range((Part::Reminders, date, 0)..=(Part::Reminders, date, 23)) {
                        @let () = keys.push(*key);
                        (folded(lang, &words::hour(lang, key.2), group, open))
                    }
                }
            }
        };
        (markup, keys)
    }

    /// The confirmations, with a hole for the cards of each date.
    fn confirmations(&self, heading: &Heading, open: bool) -> (Markup, Vec<(Part, NaiveDate, u32)>) {
        let lang = self.lang;
        if heading.confirmation_window.is_none() {
            return (html! {}, Vec::new());
        }
        let groups = || self.groups.iter().filter(|((part, ..), _)| *part == Part::Confirmations);
        let markup = html! {
            section #confirmations {
                h2 { (label(lang, Label::Confirmations)) }
                @if groups().next().is_none() { p { (label(lang, Label::NoMessages)) } }
                @for ((_, date, _), group) in groups() { (folded(lang, &words::date(lang, *date), group, open)) }
            }
        };
        (markup, groups().map(|(key, _)| *key).collect())
    }

    /// Each branch with its counts.
    fn by_branch(&self, heading: &Heading, closing: &Closing) -> Markup {
        let lang = self.lang;
        let mut skipped = BTreeMap::<i64, usize>::new();
        for id in closing.skipped.iter().filter_map(|row| row.branch_id) {
            *skipped.entry(id).or_default() += 1;
        }
        let ids = self.branch_ids(heading);
        if ids.len() < 2 {
            return html! {};
        }
        html! {
            section #branches {
                h2 { (label(lang, Label::Branches)) }
                table {
                    thead { tr {
                        th scope="col" { (label(lang, Label::Branch)) }
                        th scope="col" { (words::messages(lang)) }
                        th scope="col" { (label(lang, Label::NotReminded)) }
                    } }
                    tbody {
                        @for id in ids {
                            @let tally = self.branches.get(&id).map(|branch| branch.tally).unwrap_or_default();
                            tr {
                                th scope="row" { bdi { (branch_name(lang, &heading.branches, Some(id))) } }
                                td { (if tally.sum() > 0 { tally.words(lang) } else { "–".to_owned() }) }
                                td { (skipped.get(&id).copied().unwrap_or_default()) }
                            }
                        }
                    }
                }
            }
        }
    }
}

impl<W: Write, S: Read + Write + Seek> HtmlPrinter<W, S> {
    /// Who is not reminded, and why, by reason. Rows are written one by one, since there may be
    /// many.
    fn not_reminded(&mut self, heading: &Heading, closing: &Closing) -> io::Result<()> {
        let lang = self.lang;
        if closing.skipped.is_empty() {
            return Ok(());
        }
        let mut groups = BTreeMap::<(bool, String), Vec<&Skipped>>::new();
        let mut left_out = BTreeMap::<&str, usize>::new();
        for row in &closing.skipped {
            if let Reason::BranchNotSelected { code } = &row.reason {
                *left_out.entry(code).or_default() += 1;
            } else {
                // Those that somebody must see to, or that will not be reminded at all, come first.
                let urgent = matches!(row.reason, Reason::BadData(_) | Reason::Unreachable { .. })
                    || attention::begins_before_next_chance(heading.zone, row);
                groups.entry((!urgent, group_title(lang, heading.zone, row))).or_default().push(row);
            }
        }
        self.put("<section id=\"not-reminded\">")?;
        self.put(&html! { h2 { (label(lang, Label::NotReminded)) } }.0)?;
        let open = closing.skipped.len() <= UNFOLDED;
        for ((_, title), rows) in groups {
            let around = html! {
                details open[open] {
                    summary {
                        h3 { (attention::capital(&title)) } " "
                        span.number { (count(lang, rows.len(), Noun::Appointment)) }
                    }
                    table.reasons {
                        thead { tr {
                            th scope="col" { (label(lang, Label::Start)) }
                            th scope="col" { (label(lang, Label::Who)) }
                            th scope="col" { (label(lang, Label::Why)) }
                        } }
                        tbody { (HOLE) }
                    }
                }
            };
            let (above, below) = around.0.split_once(HOLE.0).unwrap_or((&around.0, ""));
            self.put(above)?;
            for row in rows {
                self.put(&skipped_row(lang, heading, closing, row).0)?;
            }
            self.put(below)?;
        }
        if !left_out.is_empty() {
            let each = left_out.iter().map(|(code, number)| {
                let number = count(lang, *number, Noun::Appointment);
                format!("{code} ({number})")
            });
            let each = each.collect::<Vec<_>>().join(", ");
            let text = say!(lang, "Vom Filialfilter ausgelassen: {each}", "Left out by the branch filter: {each}");
            self.put(&html! { p { (text) } }.0)?;
        }
        self.put("</section>")
    }
}

fn skipped_row(lang: Lang, heading: &Heading, closing: &Closing, row: &Skipped) -> Markup {
    let who = whom(lang, &closing.names, &Skipped { start: None, ..row.clone() });
    html! {
        tr data-branch=[row.branch_id] {
            td { @if let Some(start) = row.start { (moment(lang, start)) } @else { "–" } }
            td {
                bdi { (who) }
                @if row.customer_id.is_some() { " " span.id { "(" (row.appointment_id) ")" } }
                br; bdi { (branch_name(lang, &heading.branches, row.branch_id)) }
            }
            td { (words::reason(lang, heading.zone, &row.reason)) }
        }
    }
}

/// A group that can be folded up, with a hole for its cards.
fn folded(lang: Lang, title: &str, group: &Group, open: bool) -> Markup {
    html! {
        details open[open] {
            summary { h4 { (title) } " " span.number { (group.tally.words(lang)) } }
            div.cards { (HOLE) }
        }
    }
}

fn list(points: &[String]) -> Markup {
    html! {
        @if !points.is_empty() {
            ul { @for point in points { li { (point) } } }
        }
    }
}
