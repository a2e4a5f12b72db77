//! What is kept of the messages until the report is printed, and the lines that they become.

use chrono::NaiveDateTime;

use super::super::attention::{Attention, capital, customer, line};
use super::super::lines::Page;
use super::super::tally::Tally;
use super::super::words::{self, Lang, Noun, count, moment, past, say};
use super::super::{Fate, MessageReport};
use crate::model::State;

/// How many messages that went out, and how many that are postponed, are listed for each branch of a real pass.
const LISTED: usize = 20;

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
    pub(super) attention: Attention,
    pub(super) deferred: usize,
    /// The first of them whose appointment does not begin soon, one line each.
    pub(super) later: Vec<String>,
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
            Fate::Settled(State::Failed | State::Uncertain) => {}
            Fate::Settled(State::Deferred) => self.deferred += 1,
            Fate::Settled(State::Withdrawn) => self.withdrawn += 1,
            Fate::Settled(State::Sending) => self.unsettled += 1,
        }
        let before = self.attention.deferred_soon.len();
        self.attention.take(lang, soon, message);
        let is_later = message.fate == Fate::Settled(State::Deferred) && self.attention.deferred_soon.len() == before;
        if is_later && self.later.len() < LISTED {
            self.later.push(line(lang, message));
        }
    }
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
    if let Some(beside) = &message.beside {
        for recorded in &beside.record {
            page.line(4, &past::recorded(lang, recorded));
        }
        for change in &beside.since {
            page.line(4, &past::since(lang, change));
        }
    }
}
