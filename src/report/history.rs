//! The histories of the record, for people and for programs (rule G1): what was said to whom, when,
//! how, and what became of it.
//!
//! A history is written as it is read: a [`HistoryHeading`], then every [`Entry`], so that a long
//! one needs no large memory. As text, addresses are masked unless they are asked for; JSON is
//! complete.

use std::io::{self, Write};

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::Fate;
use super::json_text;
use super::lines::{Lines, Page};
use super::words::{self, Lang, Noun, count, moment, quoted, say};

use crate::cause::Cause;
use crate::contact::mask_stored;
use crate::model::{Channel, Entry, State, Stated, Status};
use crate::zone::{Zone, stored};

/// Whose messages a history is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Those to a customer.
    Customer {
        /// The customer.
        id: i64,
        /// Their name, if they are still there.
        name: Option<String>,
    },
    /// Those that covered an appointment.
    Appointment {
        /// The appointment.
        id: i64,
        /// Whether it is not there any more.
        gone: bool,
        /// Its start and status now; `None` if it is gone or cannot be understood.
        now: Option<(NaiveDateTime, Status)>,
        /// Its customer now, and their name.
        customer: Option<(i64, Option<String>)>,
    },
    /// Those to an address.
    Address {
        /// As it was typed.
        text: String,
        /// Whether it is one as it stands, and not a part of one or something else.
        is_whole: bool,
    },
    /// All.
    Everyone,
}

/// What is known before the first message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryHeading {
    /// Whose messages.
    pub about: About,
    /// The zone.
    pub zone: Zone,
    /// From this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub until: Option<DateTime<Utc>>,
    /// In this state.
    pub state: Option<State>,
    /// The instant whose record is shown, if it is not that of now.
    pub at: Option<DateTime<Utc>>,
    /// How many messages follow.
    pub messages: usize,
    /// The newest counting message: its instant and id.
    pub last_notification: Option<(DateTime<Utc>, i64)>,
}

/// Writes a history.
pub trait HistoryPrinter {
    /// Writes what stands at the top.
    ///
    /// # Errors
    /// If it cannot be written.
    fn begin(&mut self, heading: &HistoryHeading) -> io::Result<()>;

    /// Writes a message.
    ///
    /// # Errors
    /// If it cannot be written.
    fn entry(&mut self, entry: &Entry) -> io::Result<()>;

    /// Writes the end.
    ///
    /// # Errors
    /// If it cannot be written.
    fn finish(&mut self) -> io::Result<()>;
}

/// Writes a history as text.
#[derive(Debug)]
pub struct HistoryText<W> {
    out: W,
    sentences: Sentences,
}

impl<W: Write> HistoryText<W> {
    /// A printer that writes to `out`, with addresses `in_full` or masked.
    pub fn new(out: W, lang: Lang, in_full: bool) -> Self {
        Self { out, sentences: Sentences::new(lang, in_full) }
    }
}

/// What is said about messages, for every printer that is read by people.
#[derive(Debug)]
pub(super) struct Sentences {
    lang: Lang,
    zone: Zone,
    in_full: bool,
}

impl Sentences {
    /// Sentences with addresses `in_full` or masked.
    pub(super) fn new(lang: Lang, in_full: bool) -> Self {
        Self { lang, zone: Zone::default(), in_full }
    }

    fn moment(&self, at: DateTime<Utc>) -> String {
        moment(self.lang, self.zone.local(at))
    }

    /// An address as it may be shown.
    pub(super) fn address(&self, channel: Channel, address: &str) -> String {
        if self.in_full { address.trim().to_owned() } else { mask_stored(channel, address) }
    }

    /// What a server said.
    fn said(&self, text: &str) -> String {
        if self.in_full && Cause::of_sentence(text).is_none() {
            quoted(self.lang, text)
        } else {
            words::reply(self.lang, text)
        }
    }

    fn range(&self, heading: &HistoryHeading) -> Option<String> {
        let (from, until) = (heading.from.map(|at| self.moment(at)), heading.until.map(|at| self.moment(at)));
        Some(match (from, until) {
            (None, None) => return None,
            (Some(from), None) => say!(self.lang, "Ab {from}", "From {from}"),
            (None, Some(until)) => say!(self.lang, "Vor {until}", "Before {until}"),
            (Some(from), Some(until)) => say!(self.lang, "Ab {from}, vor {until}", "From {from}, before {until}"),
        })
    }

    fn about(&self, about: &About) -> String {
        let lang = self.lang;
        match about {
            About::Customer { id, name } => who(lang, *id, name.as_deref()),
            About::Appointment { id, gone, now, customer } => {
                let mut text = match now {
                    Some((start, status)) => format!("{}{}", covered(lang, *id, Some(*start)), ended(lang, *status)),
                    None if *gone => say!(lang, "Termin {id} (nicht mehr da)", "Appointment {id} (not there any more)"),
                    None => covered(lang, *id, None),
                };
                if let Some((id, name)) = customer {
                    text = format!("{text}, {}", who(lang, *id, name.as_deref()));
                }
                text
            }
            About::Address { text: address, .. } => {
                let channel = if address.contains('@') {
                    Channel::Email
                } else if address.contains(char::is_alphabetic) {
                    Channel::Letter
                } else {
                    Channel::Phone
                };
                let address = self.address(channel, address);
                say!(lang, "Adresse {address}", "Address {address}")
            }
            About::Everyone => lang.pick("Alle Kunden", "All customers").to_owned(),
        }
    }

    /// The dates after the first one: when it was settled, if later, and when a task was closed.
    fn later(&self, entry: &Entry) -> Option<String> {
        let lang = self.lang;
        let minute = |at: DateTime<Utc>| at.timestamp().div_euclid(60);
        let settled = entry.settled_at.filter(|at| minute(*at) != minute(entry.sent_at)).map(|at| self.moment(at));
        let done = entry.done_at.map(|at| self.moment(at));
        // What was written down after a restored backup belongs to no pass, and counts as repeated so that it is not.
        let repeated = entry.repeats > 0 && entry.pass_id.is_some();
        let parts: Vec<String> = [
            settled.map(|at| match entry.state {
                State::Uncertain => say!(lang, "festgehalten {at}", "noted {at}"),
                _ => say!(lang, "Ergebnis bekannt seit {at}", "outcome known since {at}"),
            }),
            done.map(|at| say!(lang, "erledigt {at}", "done {at}")),
            repeated.then(|| {
                lang.pick("unter derselben Kennung wiederholt", "repeated under the same reference").to_owned()
            }),
        ]
        .into_iter()
        .flatten()
        .collect();
        let mut text = parts.join(", ");
        if let Some(first) = text.chars().next() {
            text.replace_range(..first.len_utf8(), &first.to_uppercase().to_string());
        }
        (!text.is_empty()).then_some(text)
    }

    /// What stands at the top.
    pub(super) fn heading(&mut self, page: &mut dyn Lines, heading: &HistoryHeading) {
        self.zone = heading.zone;
        let (lang, about) = (self.lang, self.about(&heading.about));
        let messages = count(lang, heading.messages, Noun::Message);
        page.line(0, &format!("{about}: {messages}"));
        if heading.messages == 0 && matches!(heading.about, About::Address { is_whole: false, .. }) {
            page.line(
                0,
                lang.pick(
                    "So ist das keine ganze E-Mail-Adresse, Nummer oder Anschrift: Bitte prüfen Sie die Schreibweise.",
                    "As it stands this is no whole e-mail address, number or postal address: check the spelling.",
                ),
            );
        }
        if let Some(range) = self.range(heading) {
            page.line(0, &range);
        }
        if let Some(state) = heading.state {
            let fate = words::fate(lang, Fate::Settled(state));
            page.line(
                0,
                &say!(lang, "Nur Nachrichten in diesem Zustand: {fate}", "Only messages in this state: {fate}"),
            );
        }
        if let Some(at) = heading.at {
            let at = self.moment(at);
            page.line(0, &say!(lang, "Was bis {at} gesagt war", "What had been said by {at}"));
        }
        match heading.last_notification {
            _ if heading.about == About::Everyone || heading.state.is_some() => {}
            Some((at, id)) => {
                let at = self.moment(at);
                page.line(
                    0,
                    &say!(
                        lang,
                        "Zuletzt benachrichtigt: {at} (Nachricht {id})",
                        "Last notification: {at} (message {id})"
                    ),
                );
            }
            None => page.line(0, lang.pick("Zuletzt benachrichtigt: noch nie", "Last notification: never")),
        }
    }

    /// What is to be known of a message before its text.
    pub(super) fn above(&self, page: &mut dyn Lines, entry: &Entry) {
        let lang = self.lang;
        let (at, kind) = (self.moment(entry.sent_at), words::kind(lang, entry.kind));
        let (by, fate) = (words::by_channel(lang, entry.channel), words::fate(lang, Fate::Settled(entry.state)));
        let counts = if entry.state.counts() {
            ""
        } else {
            lang.pick(" (zählt nicht als Benachrichtigung)", " (does not count as a notification)")
        };
        page.line(0, &format!("{at}: {kind} {by}, {fate}{counts}"));
        let (id, who) = (entry.message_id, who(lang, entry.customer_id, entry.customer_name.as_deref()));
        let mut line = say!(lang, "Nachricht {id} an {who}", "Message {id} to {who}");
        if !entry.address.trim().is_empty() {
            line = format!("{line}, {}", self.address(entry.channel, &entry.address));
        }
        page.line(2, &line);
        for Stated { appointment_id, start, .. } in &entry.covers {
            page.line(2, &covered(lang, *appointment_id, *start));
        }
        if let Some(later) = self.later(entry) {
            page.line(2, &later);
        }
        if let Some(error) = entry.error.as_deref().filter(|error| !error.trim().is_empty()) {
            let error = self.said(error);
            page.line(2, &say!(lang, "Grund: {error}", "Reason: {error}"));
        }
    }

    /// Its proof.
    pub(super) fn below(&self, page: &mut dyn Lines, entry: &Entry) {
        let lang = self.lang;
        if let Some(at) = entry.purged_at {
            let at = self.moment(at);
            page.line(2, &say!(lang, "Text und Adresse gelöscht: {at}", "Text and address taken out: {at}"));
        }
        let mut trace = Vec::new();
        if let Some(pass) = entry.pass_id {
            trace.push(say!(lang, "Lauf {pass}", "pass {pass}"));
        }
        if let Some(reference) = &entry.reference {
            trace.push(match entry.channel {
                Channel::Email => format!("Message-ID <{reference}@…>"),
                _ => say!(lang, "Kennung {reference}", "reference {reference}"),
            });
        }
        if let Some(theirs) = &entry.server_reference {
            trace.push(say!(lang, "beim Server {theirs}", "at the server {theirs}"));
        }
        if !trace.is_empty() {
            let trace = trace.join(", ");
            page.line(2, &say!(lang, "Nachweis: {trace}", "Trace: {trace}"));
        }
        if let Some(reply) = entry.reply.as_deref().filter(|reply| !reply.trim().is_empty()) {
            let reply = self.said(reply);
            page.line(2, &say!(lang, "Antwort des Servers: {reply}", "The server's reply: {reply}"));
        }
    }
}

impl<W: Write> HistoryPrinter for HistoryText<W> {
    fn begin(&mut self, heading: &HistoryHeading) -> io::Result<()> {
        let mut page = Page::default();
        self.sentences.heading(&mut page, heading);
        self.out.write_all(page.text().as_bytes())
    }

    fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        let lang = self.sentences.lang;
        let mut page = Page::default();
        self.sentences.above(&mut page, entry);
        if let Some(subject) = &entry.subject {
            page.line(2, &say!(lang, "Betreff: {subject}", "Subject: {subject}"));
        }
        page.quoted(2, &entry.body);
        if entry.calendar.is_some() {
            page.line(2, lang.pick("Mit Kalenderdatei", "With a calendar file"));
        }
        self.sentences.below(&mut page, entry);
        writeln!(self.out)?;
        self.out.write_all(page.text().as_bytes())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A customer, by name if there is one.
pub(super) fn who(lang: Lang, id: i64, name: Option<&str>) -> String {
    match name {
        Some(name) => say!(lang, "{name} (Kunde {id})", "{name} (customer {id})"),
        None => say!(lang, "Kunde {id}", "customer {id}"),
    }
}

/// An appointment and its start.
pub(super) fn covered(lang: Lang, id: i64, start: Option<NaiveDateTime>) -> String {
    let appointment = say!(lang, "Termin {id}", "Appointment {id}");
    match start {
        Some(start) => format!("{appointment}: {}", moment(lang, start)),
        None => appointment,
    }
}

/// What is to be known of an appointment that does not take place.
fn ended(lang: Lang, status: Status) -> &'static str {
    match status {
        Status::Cancelled => lang.pick(", storniert", ", cancelled"),
        Status::NoShow => lang.pick(", geplatzt", ", the customer did not come"),
        Status::Proposed | Status::Booked | Status::Confirmed | Status::Arrived | Status::Completed => "",
    }
}

/// Writes a history as one JSON object, one line for each message.
#[derive(Debug)]
pub struct HistoryJson<W> {
    out: W,
    zone: Zone,
    entries: usize,
}

impl<W: Write> HistoryJson<W> {
    /// A printer that writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, zone: Zone::default(), entries: 0 }
    }

    fn instant(&self, at: DateTime<Utc>) -> String {
        self.zone.with_offset(at).to_rfc3339_opts(SecondsFormat::Secs, false)
    }
}

#[derive(Serialize)]
struct HeadingRow<'a> {
    customer_id: Option<i64>,
    appointment_id: Option<i64>,
    address: Option<&'a str>,
    from: Option<String>,
    until: Option<String>,
    state: Option<&'static str>,
    at: Option<String>,
    last_notification: Option<LastRow>,
}

#[derive(Serialize)]
struct LastRow {
    at: String,
    message_id: i64,
}

#[derive(Serialize)]
struct EntryRow<'a> {
    message_id: i64,
    at: String,
    kind: &'static str,
    channel: &'static str,
    address: &'a str,
    state: &'static str,
    counts: bool,
    customer_id: i64,
    customer: Option<&'a str>,
    appointments: Vec<CoveredRow>,
    subject: Option<&'a str>,
    body: &'a str,
    language: Option<&'a str>,
    calendar: Option<&'a str>,
    error: Option<&'a str>,
    pass_id: Option<i64>,
    interface_id: Option<i64>,
    settled_at: Option<String>,
    done_at: Option<String>,
    repeats: i64,
    reference: Option<&'a str>,
    server_reference: Option<&'a str>,
    reply: Option<&'a str>,
    purged_at: Option<String>,
}

#[derive(Serialize)]
struct CoveredRow {
    id: i64,
    start: Option<String>,
}

impl<W: Write> HistoryPrinter for HistoryJson<W> {
    fn begin(&mut self, heading: &HistoryHeading) -> io::Result<()> {
        self.zone = heading.zone;
        let (mut customer_id, mut appointment_id, mut address) = (None, None, None);
        match &heading.about {
            About::Customer { id, .. } => customer_id = Some(*id),
            About::Appointment { id, .. } => appointment_id = Some(*id),
            About::Address { text, .. } => address = Some(text.as_str()),
            About::Everyone => {}
        }
        let instant = |at: Option<DateTime<Utc>>| at.map(|at| self.instant(at));
        let last = heading.last_notification;
        let row = HeadingRow {
            customer_id,
            appointment_id,
            address,
            from: instant(heading.from),
            until: instant(heading.until),
            state: heading.state.map(State::word),
            at: instant(heading.at),
            last_notification: last.map(|(at, message_id)| LastRow { at: self.instant(at), message_id }),
        };
        let head = json_text::line(&row);
        // The object goes on with its messages.
        self.out.write_all(head.strip_suffix('}').unwrap_or(&head).as_bytes())?;
        self.out.write_all(b",\n\"messages\": [")
    }

    fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        let instant = |at: Option<DateTime<Utc>>| at.map(|at| self.instant(at));
        let row = EntryRow {
            message_id: entry.message_id,
            at: self.instant(entry.sent_at),
            kind: entry.kind.word(),
            channel: entry.channel.word(),
            address: &entry.address,
            state: entry.state.word(),
            counts: entry.state.counts(),
            customer_id: entry.customer_id,
            customer: entry.customer_name.as_deref(),
            appointments: entry
                .covers
                .iter()
                .map(|covered| CoveredRow { id: covered.appointment_id, start: covered.start.map(stored) })
                .collect(),
            subject: entry.subject.as_deref(),
            body: &entry.body,
            language: entry.language.as_deref(),
            calendar: entry.calendar.as_deref(),
            error: entry.error.as_deref(),
            pass_id: entry.pass_id,
            interface_id: entry.interface_id,
            settled_at: instant(entry.settled_at),
            done_at: instant(entry.done_at),
            repeats: entry.repeats,
            reference: entry.reference.as_deref(),
            server_reference: entry.server_reference.as_deref(),
            reply: entry.reply.as_deref(),
            purged_at: instant(entry.purged_at),
        };
        self.out.write_all(if self.entries == 0 { b"\n  " } else { b",\n  " })?;
        self.entries += 1;
        self.out.write_all(json_text::line(&row).as_bytes())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.write_all(if self.entries == 0 { b"]}\n" } else { b"\n]}\n" })?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{at, start};
    use super::super::lines::{WIDTH, width};
    use super::*;
    use crate::model::{Kind, State};

    /// A letter that was written late, and a text message that was sent twice.
    fn entries() -> [Entry; 2] {
        let letter = Entry {
            message_id: 5,
            kind: Kind::Reminder,
            customer_id: 7,
            customer_name: None,
            channel: Channel::Letter,
            address: "Gartenweg 3, 20095 Hamburg".to_owned(),
            subject: Some("Ihr\u{1b}[2J Termin".to_owned()),
            body: "Guten Tag,\nbis bald.".to_owned(),
            language: None,
            calendar: Some("BEGIN:VCALENDAR".to_owned()),
            state: State::HandedOver,
            sent_at: at("2026-03-10 19:00"),
            settled_at: Some(at("2026-03-10 19:00")),
            done_at: Some(at("2026-03-11 09:15")),
            error: None,
            pass_id: Some(3),
            interface_id: None,
            repeats: 0,
            reference: None,
            server_reference: None,
            reply: None,
            covers: vec![Stated { appointment_id: 71, start: Some(start("2026-03-12 08:00")), sequence: Some(0) }],
            purged_at: None,
        };
        let sms = Entry {
            message_id: 6,
            customer_name: Some("Anna Beispiel".to_owned()),
            channel: Channel::Sms,
            address: "+4915228817386".to_owned(),
            subject: None,
            calendar: None,
            state: State::Sent,
            settled_at: Some(at("2026-03-10 20:00")),
            done_at: None,
            repeats: 1,
            reference: Some("terminbote-6-f00d".to_owned()),
            server_reference: Some("77".to_owned()),
            reply: Some("to +4915228817386: queued".to_owned()),
            covers: vec![Stated { appointment_id: 72, start: None, sequence: None }],
            ..letter.clone()
        };
        [letter, sms]
    }

    fn text(lang: Lang) -> String {
        let mut out = Vec::new();
        let mut printer = HistoryText::new(&mut out, lang, false);
        for entry in entries() {
            printer.entry(&entry).expect("a vector takes everything");
        }
        let text = String::from_utf8(out).expect("text");
        assert!(text.lines().all(|line| width(line) <= WIDTH), "{text}");
        text
    }

    #[test]
    fn a_message_is_told_with_all_that_became_of_it() {
        insta::assert_snapshot!(text(Lang::De), @"

        Di., 10.03.2026, 19:00: Erinnerung per Brief, den Mitarbeitern übergeben
          Nachricht 5 an Kunde 7, ***, 20095 Hamburg
          Termin 71: Do., 12.03.2026, 08:00
          Erledigt Mi., 11.03.2026, 09:15
          Betreff: Ihr�[2J Termin
          | Guten Tag,
          | bis bald.
          Mit Kalenderdatei
          Nachweis: Lauf 3

        Di., 10.03.2026, 19:00: Erinnerung per SMS, gesendet
          Nachricht 6 an Anna Beispiel (Kunde 7), +49 152 *** 86
          Termin 72
          Ergebnis bekannt seit Di., 10.03.2026, 20:00, unter derselben Kennung
            wiederholt
          | Guten Tag,
          | bis bald.
          Nachweis: Lauf 3, Kennung terminbote-6-f00d, beim Server 77
          Antwort des Servers: „to +49 152 *** 86: queued“
        ");
        insta::assert_snapshot!(text(Lang::En), @"

        Tue 10 Mar 2026, 19:00: reminder by letter, handed to staff
          Message 5 to customer 7, ***, 20095 Hamburg
          Appointment 71: Thu 12 Mar 2026, 08:00
          Done Wed 11 Mar 2026, 09:15
          Subject: Ihr�[2J Termin
          | Guten Tag,
          | bis bald.
          With a calendar file
          Trace: pass 3

        Tue 10 Mar 2026, 19:00: reminder by text message, sent
          Message 6 to Anna Beispiel (customer 7), +49 152 *** 86
          Appointment 72
          Outcome known since Tue 10 Mar 2026, 20:00, repeated under the same reference
          | Guten Tag,
          | bis bald.
          Trace: pass 3, reference terminbote-6-f00d, at the server 77
          The server's reply: “to +49 152 *** 86: queued”
        ");
    }
}
