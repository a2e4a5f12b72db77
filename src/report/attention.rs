//! What somebody must see to: the points at the top of a report, and for each branch whom to ring,
//! whom to ask and which address to correct.
//!
//! Each printer lays this out in its own way. Addresses are masked, inside servers' replies too. No
//! list is endless.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDateTime, TimeDelta};

use super::words::{self, Lang, Noun, count, moment, say};
use super::{Closing, Deferral, Fate, MessageReport, Warning};
use crate::cause::Cause;
use crate::contact::mask_stored;
use crate::model::{Branch, Channel, Kind, State};
use crate::rules::Skipped;
use crate::rules::reason::{Obstacle, Reason};
use crate::zone::Zone;

/// Within this time after a pass the next one may come too late for whoever was deferred.
pub(super) const SOON: TimeDelta = TimeDelta::hours(2);
/// How many entries a list of what somebody must see to has at most.
pub(super) const TO_SEE_TO: usize = 100;
/// How many different problems are quoted for messages that were deferred.
const PROBLEMS: usize = 3;

/// What somebody must see to in a branch, as far as its messages tell.
#[derive(Debug, Default)]
pub(super) struct Attention {
    pub(super) failed: Vec<Failed>,
    pub(super) failed_unlisted: usize,
    /// One line each.
    pub(super) uncertain: Vec<String>,
    pub(super) uncertain_unlisted: usize,
    /// Deferred reminders of appointments that begin soon, one line each.
    pub(super) deferred_soon: Vec<String>,
}

impl Attention {
    /// Keeps of a message what somebody must see to.
    pub(super) fn take(&mut self, lang: Lang, soon: NaiveDateTime, message: &MessageReport) {
        match message.fate {
            Fate::Settled(State::Failed) if self.failed.len() < TO_SEE_TO => {
                self.failed.push(Failed::new(lang, message));
            }
            Fate::Settled(State::Failed) => self.failed_unlisted += 1,
            Fate::Settled(State::Uncertain) if self.uncertain.len() < TO_SEE_TO => {
                let said = said(lang, message.error.as_deref());
                // By its number a person can settle it.
                let number =
                    message.message_id.map_or_else(String::new, |id| say!(lang, ", Nachricht {id}", ", message {id}"));
                self.uncertain.push(format!("{}{number}{said}", line(lang, message)));
            }
            Fate::Settled(State::Uncertain) => self.uncertain_unlisted += 1,
            Fate::Settled(State::Deferred) => {
                let begins_soon = message.appointments.iter().any(|(_, start)| *start < soon);
                if message.kind == Kind::Reminder && begins_soon && self.deferred_soon.len() < TO_SEE_TO {
                    self.deferred_soon.push(line(lang, message));
                }
            }
            _ => {}
        }
        self.follow_up(message);
    }

    /// Notes at a rejected message what became of the one that follows it by another channel (F6).
    /// One that leaves an appointment out does not settle the matter.
    fn follow_up(&mut self, message: &MessageReport) {
        if message.fate == Fate::Settled(State::Failed) {
            return;
        }
        for failed in self.failed.iter_mut().filter(|failed| {
            failed.customer_id == message.customer_id
                && failed.kind == message.kind
                && failed.appointments.iter().all(|id| message.appointments.iter().any(|(other, _)| other == id))
        }) {
            failed.instead = Some((message.channel, message.fate));
        }
    }

    /// Whom to ring, since no message reaches them: who is not reminded for that, and whose message
    /// was rejected with no other to follow.
    pub(super) fn to_ring(
        &self,
        lang: Lang,
        zone: Zone,
        names: &BTreeMap<i64, String>,
        skipped: &[&Skipped],
    ) -> ToRing {
        let mut told = BTreeSet::new();
        let mut entries = Vec::<ToTell>::new();
        for row in skipped {
            let Reason::Unreachable { obstacles, by_hand } = &row.reason else { continue };
            let mut why = Vec::new();
            for (channel, obstacle) in obstacles {
                let rejected = match obstacle {
                    Obstacle::RejectedBefore { message_id } => {
                        self.failed.iter().find(|failed| failed.message_id == Some(*message_id))
                    }
                    _ => None,
                };
                told.extend(rejected.and_then(|failed| failed.message_id));
                why.push(rejected.map_or_else(
                    || format!("{}: {}", words::channel(lang, *channel), words::obstacle(lang, *channel, obstacle)),
                    |failed| failed.rejected.clone(),
                ));
            }
            if why.is_empty() {
                why.push(words::no_channel(lang).to_owned());
            }
            why.extend(by_hand.map(|told| words::told_by_hand(lang, zone, told)));
            entries.push(ToTell { customer_id: row.customer_id, whom: whom(lang, names, row), why });
        }
        for failed in self.failed.iter().filter(|failed| failed.is_final()) {
            if failed.message_id.is_some_and(|id| told.contains(&id)) {
                continue;
            }
            // The same customer may have been tried by several channels, one after the other.
            let customer_id = Some(failed.customer_id);
            let same = |entry: &&mut ToTell| entry.customer_id == customer_id && entry.whom == failed.whom;
            if let Some(entry) = entries.iter_mut().find(same) {
                entry.why.push(failed.rejected.clone());
            } else {
                let (whom, why) = (failed.whom.clone(), vec![failed.rejected.clone()]);
                entries.push(ToTell { customer_id, whom, why });
            }
        }
        let unlisted = entries.len().saturating_sub(TO_SEE_TO) + self.failed_unlisted;
        entries.truncate(TO_SEE_TO);
        ToRing { entries, unlisted, told }
    }

    /// The messages whose address or number should be corrected, without those that `ring` names.
    pub(super) fn to_correct<'a>(&'a self, ring: &ToRing) -> Vec<&'a Failed> {
        let named = |failed: &Failed| failed.message_id.is_some_and(|id| ring.told.contains(&id));
        self.failed.iter().filter(|failed| !failed.is_final() && !named(failed)).collect()
    }
}

/// Whom to ring.
#[derive(Debug, Default)]
pub(super) struct ToRing {
    pub(super) entries: Vec<ToTell>,
    /// How many there are beyond these.
    pub(super) unlisted: usize,
    /// The rejected messages that are named here.
    told: BTreeSet<i64>,
}

/// A customer whom no message reaches.
#[derive(Debug)]
pub(super) struct ToTell {
    customer_id: Option<i64>,
    /// When, and who.
    pub(super) whom: String,
    /// Why, one line for each channel.
    pub(super) why: Vec<String>,
}

/// A message that was rejected.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) message_id: Option<i64>,
    pub(super) kind: Kind,
    pub(super) customer_id: i64,
    pub(super) appointments: Vec<i64>,
    /// When, and who.
    pub(super) whom: String,
    /// Where, and what the server said.
    pub(super) rejected: String,
    /// What became of the message that followed by another channel (F6).
    pub(super) instead: Option<(Channel, Fate)>,
}

impl Failed {
    fn new(lang: Lang, message: &MessageReport) -> Self {
        let (start, name) =
            (first_start(lang, message), customer(lang, message.customer_name.as_deref(), message.customer_id));
        let further = further(lang, message.appointments.len());
        let (channel, address) =
            (words::channel(lang, message.channel), mask_stored(message.channel, &message.address));
        let said = said(lang, message.error.as_deref());
        Self {
            message_id: message.message_id,
            kind: message.kind,
            customer_id: message.customer_id,
            appointments: message.appointments.iter().map(|(id, _)| *id).collect(),
            whom: format!("{start}: {name}{further}"),
            rejected: say!(lang, "{channel}: an {address} abgelehnt{said}", "{channel}: rejected at {address}{said}",),
            instead: None,
        }
    }

    /// Whether somebody must tell the customer, since no other message follows. A confirmation
    /// needs no call: a reminder is still to come.
    pub(super) fn is_final(&self) -> bool {
        self.instead.is_none() && self.kind != Kind::Confirmation
    }
}

/// Messages that were deferred for the same cause.
#[derive(Debug)]
pub(super) struct Deferred {
    pub(super) why: Option<Deferral>,
    pub(super) messages: usize,
    pub(super) problems: BTreeSet<String>,
}

impl Deferred {
    pub(super) fn needs_person(&self) -> bool {
        self.why != Some(Deferral::TimeUp)
    }

    pub(super) fn words(&self, lang: Lang) -> String {
        let messages = count(lang, self.messages, Noun::Message);
        let why = self.why.map(|why| words::deferral(lang, why));
        let mut text = match (lang, self.messages == 1) {
            (Lang::De, true) => format!("{messages} ist zurückgestellt"),
            (Lang::De, false) => format!("{messages} sind zurückgestellt"),
            (Lang::En, true) => format!("{messages} is postponed"),
            (Lang::En, false) => format!("{messages} are postponed"),
        };
        if let Some(why) = why {
            text.push_str(lang.pick(", ", " "));
            text.push_str(why);
        }
        text.push_str(lang.pick(
            "; ein späterer Lauf entscheidet neu, solange der Termin noch bevorsteht.",
            "; a later pass decides anew while the appointment is still ahead.",
        ));
        for problem in &self.problems {
            text.push(' ');
            text.push_str(problem);
        }
        text
    }
}

/// When, and who.
pub(super) fn whom(lang: Lang, names: &BTreeMap<i64, String>, row: &Skipped) -> String {
    let id = row.appointment_id;
    let who = match row.customer_id {
        Some(customer_id) => customer(lang, names.get(&customer_id).map(String::as_str), customer_id),
        None => say!(lang, "Termin {id}", "appointment {id}"),
    };
    match row.start {
        Some(start) => format!("{}: {who}", moment(lang, start)),
        None => who,
    }
}

/// The customer of a message: the name, else the number.
pub(super) fn customer(lang: Lang, name: Option<&str>, id: i64) -> String {
    match name.map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => name.to_owned(),
        None => say!(lang, "Kunde {id}", "customer {id}"),
    }
}

/// When a message's first appointment is.
pub(super) fn first_start(lang: Lang, message: &MessageReport) -> String {
    message.appointments.iter().map(|(_, start)| *start).min().map_or_else(String::new, |start| moment(lang, start))
}

/// `, 2 appointments`, or nothing for a single one.
pub(super) fn further(lang: Lang, appointments: usize) -> String {
    if appointments > 1 { format!(", {}", count(lang, appointments, Noun::Appointment)) } else { String::new() }
}

/// A message in one line, its address masked.
pub(super) fn line(lang: Lang, message: &MessageReport) -> String {
    let (start, name) =
        (first_start(lang, message), customer(lang, message.customer_name.as_deref(), message.customer_id));
    let (channel, address) = (words::channel(lang, message.channel), mask_stored(message.channel, &message.address));
    let what = match message.kind {
        Kind::Reminder => String::new(),
        other => format!(", {}", words::kind(lang, other)),
    };
    let further = further(lang, message.appointments.len());
    say!(
        lang,
        "{start}: {name}, {channel} an {address}{what}{further}",
        "{start}: {name}, {channel} to {address}{what}{further}",
    )
}

/// `: "what a server said"`, masked, or nothing.
pub(super) fn said(lang: Lang, error: Option<&str>) -> String {
    error.map_or_else(String::new, |error| format!(": {}", words::reply(lang, error)))
}

/// The text with a capital at its start.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Counts a deferred message among those of the same cause.
pub(super) fn defer(groups: &mut Vec<Deferred>, lang: Lang, message: &MessageReport) {
    let at = groups.iter().position(|group| group.why == message.deferral).unwrap_or_else(|| {
        groups.push(Deferred { why: message.deferral, messages: 0, problems: BTreeSet::new() });
        groups.len() - 1
    });
    let Some(group) = groups.get_mut(at) else { return };
    group.messages += 1;
    // A fault in a text is named by its warning already.
    // A cause of our own is in the sentence.
    let says_more = |problem: &&str| message.deferral != Some(Deferral::Text) && Cause::of_sentence(problem).is_none();
    let problem = message.error.as_deref().filter(says_more);
    if let Some(problem) = problem.filter(|_| group.problems.len() < PROBLEMS) {
        group.problems.insert(words::reply(lang, problem));
    }
}

/// The end of a list that leaves out messages that the record has.
pub(super) fn more_in_record(lang: Lang, number: usize) -> String {
    say!(
        lang,
        "… und noch {number}; alle stehen in der Kundenhistorie (Tabelle message).",
        "… and {number} more; all of them are in the customers' history (table message).",
    )
}

/// The end of a list that leaves out what stays as it is until somebody sees to it.
pub(super) fn more_in_dry_run(lang: Lang, number: usize) -> String {
    say!(
        lang,
        "… und noch {number}; alle zeigt ein Probelauf (--dry-run --format json).",
        "… and {number} more; a dry run shows all of them (--dry-run --format json).",
    )
}

/// Whether an appointment that is held back begins before its customer may be reminded again (E3).
pub(super) fn begins_before_next_chance(zone: Zone, row: &Skipped) -> bool {
    match (&row.reason, row.start) {
        (Reason::RecentMessage { until, .. }, Some(start)) => zone.instant(start) <= *until,
        _ => false,
    }
}

/// The title of the group of those that are not reminded for the same reason.
pub(super) fn group_title(lang: Lang, zone: Zone, row: &Skipped) -> String {
    let title = words::reason_title(lang, row.reason.kind());
    if begins_before_next_chance(zone, row) {
        let suffix = lang.pick(", darum bis zum Beginn keine Erinnerung mehr", ", so no reminder before it starts");
        return format!("{title}{suffix}");
    }
    title.to_owned()
}

/// What somebody must see to, unusable texts first (F8).
pub(super) fn points(lang: Lang, closing: &Closing, deferred: &[Deferred]) -> Vec<String> {
    let mut points = Vec::new();
    let urgent = || closing.warnings.iter().filter(|warning| warning.needs_person());
    let is_text =
        |warning: &&Warning| matches!(warning, Warning::TextUnusable { .. } | Warning::CalendarTitleUnusable { .. });
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
    points.extend(deferred.iter().filter(|group| group.needs_person()).map(|group| group.words(lang)));
    points
}

/// What is good to know.
pub(super) fn notes(lang: Lang, closing: &Closing, deferred: &[Deferred]) -> Vec<String> {
    let calm = closing.warnings.iter().filter(|warning| !warning.needs_person());
    let mut points: Vec<_> = closing.replay.iter().flat_map(|replay| words::past::replay(lang, replay)).collect();
    points.extend(calm.map(|warning| words::warning(lang, warning)));
    points.extend(deferred.iter().filter(|group| !group.needs_person()).map(|group| group.words(lang)));
    points
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
