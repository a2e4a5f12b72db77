//! What is kept of the messages until the report is printed, and the lines that they become.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use super::super::lines::Page;
use super::super::words::{self, Lang, Noun, count, moment, say};
use super::super::{Deferral, Fate, MessageReport};
use crate::contact::mask_stored;
use crate::model::{Channel, Kind, State};

/// How many messages that went out are listed for each branch of a real pass.
const LISTED: usize = 20;
/// How many entries a list of what somebody must see to has at most.
pub(super) const TO_SEE_TO: usize = 100;
/// How many different problems are quoted for messages that were deferred.
const PROBLEMS: usize = 3;

/// What is kept of a branch's messages.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) planned: Tally,
    /// Planned messages, in full.
    pub(super) in_full: Page,
    pub(super) sent: Tally,
    /// The first messages that were sent, one line each.
    pub(super) listed: Vec<String>,
    pub(super) handed_over: Tally,
    pub(super) failed: Vec<Failed>,
    pub(super) failed_unlisted: usize,
    pub(super) uncertain: Vec<String>,
    pub(super) uncertain_unlisted: usize,
    pub(super) deferred: usize,
    /// Deferred reminders of appointments that begin soon, one line each.
    pub(super) deferred_soon: Vec<String>,
    pub(super) withdrawn: usize,
    pub(super) unsettled: usize,
}

impl Part {
    /// Keeps of a message what will be printed.
    pub(super) fn take(&mut self, lang: Lang, soon: NaiveDateTime, message: &MessageReport) {
        match message.fate {
            Fate::Planned => {
                self.planned.add(message.channel);
                in_full(&mut self.in_full, lang, message);
            }
            Fate::Settled(State::Sent) => {
                self.sent.add(message.channel);
                if self.listed.len() < LISTED {
                    self.listed.push(line(lang, message));
                }
            }
            Fate::Settled(State::HandedOver) => self.handed_over.add(message.channel),
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
                self.deferred += 1;
                let begins_soon = message.appointments.iter().any(|(_, start)| *start < soon);
                if message.kind == Kind::Reminder && begins_soon && self.deferred_soon.len() < TO_SEE_TO {
                    self.deferred_soon.push(line(lang, message));
                }
            }
            Fate::Settled(State::Withdrawn) => self.withdrawn += 1,
            Fate::Settled(State::Sending) => self.unsettled += 1,
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
}

/// Messages by channel, in the order of [`Channel::ALL`].
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally([usize; Channel::ALL.len()]);

impl Tally {
    pub(super) fn add(&mut self, channel: Channel) {
        for (other, number) in Channel::ALL.iter().zip(&mut self.0) {
            *number += usize::from(*other == channel);
        }
    }

    pub(super) fn sum(self) -> usize {
        self.0.iter().sum()
    }

    pub(super) fn words(self, lang: Lang) -> String {
        let each = Channel::ALL.iter().zip(self.0).filter(|(_, number)| *number > 0);
        each.map(|(channel, number)| count(lang, number, Noun::By(*channel))).collect::<Vec<_>>().join(", ")
    }
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
    pub(super) fn new(lang: Lang, message: &MessageReport) -> Self {
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

/// A message as a dry run shows it: with its address and its text.
pub(super) fn in_full(page: &mut Page, lang: Lang, message: &MessageReport) {
    let (kind, by) = (words::kind(lang, message.kind), words::by_channel(lang, message.channel));
    let kind = capital(kind);
    let (name, address) =
        (customer(lang, message.customer_name.as_deref(), message.customer_id), message.address.as_str());
    page.gap();
    page.line(2, &say!(lang, "{kind} {by} an {name}: {address}", "{kind} {by} to {name}: {address}"));
    let each: Vec<_> =
        message.appointments.iter().map(|(id, start)| format!("{} ({id})", moment(lang, *start))).collect();
    let (title, each) = (
        match (lang, message.appointments.len()) {
            (Lang::De, 1) => "Termin",
            (Lang::De, _) => "Termine",
            (Lang::En, 1) => "Appointment",
            (Lang::En, _) => "Appointments",
        },
        each.join("; "),
    );
    page.line(4, &format!("{title}: {each}"));
    if let Some(subject) = &message.subject {
        page.line(4, &say!(lang, "Betreff: {subject}", "Subject: {subject}"));
    }
    for file in &message.attachments {
        let (name, kind, bytes) = (&file.name, &file.content_type, file.bytes);
        page.line(4, &say!(lang, "Anhang: {name} ({kind}, {bytes} Byte)", "Attached: {name} ({kind}, {bytes} bytes)"));
    }
    if let Some(segments) = message.sms_segments {
        let segments = count(lang, segments, Noun::Segment);
        page.line(4, &say!(lang, "Länge: {segments}", "Length: {segments}"));
    }
    page.quoted(4, &message.body);
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
    let problem = message.error.as_deref().filter(|_| message.deferral != Some(Deferral::Text));
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
