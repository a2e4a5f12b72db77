//! The report for programs: exactly the one object of the contract, its keys in that order.
//!
//! It is written part by part, one line for each message, appointment and warning, so that a large
//! pass needs no large memory and the file can be read with `jq` as well as line by line. Addresses
//! and servers' answers are complete, since other programs need them. Further keys stand after
//! those of the contract.

use std::io::{self, Write};

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, Utc};
use serde::Serialize;

use super::json_text;
use super::words::{self, Lang};
use super::{Closing, Deferral, Heading, MessageReport, Printer, Totals, Warning};
use crate::model::{RecordedMessage, Since, State};
use crate::rules::Skipped;
use crate::rules::reason::{Obstacle, Reason};
use crate::zone::{Zone, stored};

/// Writes the report as JSON.
#[derive(Debug)]
pub struct JsonPrinter<W> {
    out: W,
    lang: Lang,
    zone: Zone,
    messages: usize,
}

#[derive(Serialize)]
struct ReminderWindow {
    until: String,
    look_ahead: bool,
}

#[derive(Serialize)]
struct ConfirmationWindow {
    from: NaiveDateText,
    to: NaiveDateText,
}

/// A date that is written as `YYYY-MM-DD`.
#[derive(Serialize)]
#[serde(transparent)]
struct NaiveDateText(String);

impl From<NaiveDate> for NaiveDateText {
    fn from(date: NaiveDate) -> Self {
        Self(date.format("%Y-%m-%d").to_string())
    }
}

#[derive(Serialize)]
struct MessageRow<'a> {
    kind: &'static str,
    customer_id: i64,
    channel: &'static str,
    address: &'a str,
    appointments: Vec<i64>,
    subject: Option<&'a str>,
    body: &'a str,
    attachments: Vec<Attachment<'a>>,
    sms_segments: Option<usize>,
    outcome: &'static str,
    error: Option<&'a str>,
    message_id: Option<i64>,
    branch_id: i64,
    deferral: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<Vec<RecordRow<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_since: Option<Vec<SinceRow<'a>>>,
}

/// A message of the recorded pass; `outcome_now` is null if it has been deleted since.
#[derive(Serialize)]
struct RecordRow<'a> {
    message_id: i64,
    channel: &'static str,
    address: &'a str,
    outcome: &'static str,
    error: Option<&'a str>,
    outcome_now: Option<&'static str>,
    error_now: Option<&'a str>,
}

/// A value that is another one now; without `column` the whole row is `new` or `gone`.
#[derive(Serialize)]
struct SinceRow<'a> {
    table: &'static str,
    row: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<i64>,
    what: &'static str,
    column: Option<&'static str>,
    then: Option<&'a str>,
    now: Option<&'a str>,
}

impl<'a> From<&'a Since> for SinceRow<'a> {
    fn from(since: &'a Since) -> Self {
        let what = match (since.column, &since.now) {
            (Some(_), _) => "changed",
            (None, Some(_)) => "new",
            (None, None) => "gone",
        };
        let value = |value: &'a Option<String>| value.as_deref().filter(|_| since.column.is_some());
        Self {
            table: since.table,
            row: since.row,
            position: (since.part != 0).then_some(since.part),
            what,
            column: since.column,
            then: value(&since.then),
            now: value(&since.now),
        }
    }
}

impl<'a> From<&'a RecordedMessage> for RecordRow<'a> {
    fn from(message: &'a RecordedMessage) -> Self {
        Self {
            message_id: message.id,
            channel: message.channel.word(),
            address: &message.address,
            outcome: message.state.word(),
            error: message.error.as_deref(),
            outcome_now: message.now.map(State::word),
            error_now: message.now_error.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct ReplayRow<'a> {
    pass_id: i64,
    host: &'a str,
    version: &'a str,
    finished_at: Option<String>,
    exit_status: Option<i64>,
    unplanned: &'a [i64],
    changed_since: Vec<SinceRow<'a>>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    name: &'a str,
    content_type: &'a str,
    bytes: usize,
}

#[derive(Serialize)]
struct SkippedRow {
    appointment_id: i64,
    kind: &'static str,
    reason: &'static str,
    detail: Option<String>,
    start: Option<String>,
    customer_id: Option<i64>,
}

#[derive(Serialize)]
pub(super) struct WarningRow {
    code: &'static str,
    needs_person: bool,
    text: String,
}

#[derive(Serialize)]
struct TotalsRow {
    messages: usize,
    planned: usize,
    sent: usize,
    handed_over: usize,
    failed: usize,
    uncertain: usize,
    deferred: usize,
    withdrawn: usize,
    skipped: usize,
}

impl From<&Totals> for TotalsRow {
    fn from(totals: &Totals) -> Self {
        Self {
            messages: totals.messages,
            planned: totals.planned,
            sent: totals.of(State::Sent),
            handed_over: totals.of(State::HandedOver),
            failed: totals.of(State::Failed),
            uncertain: totals.of(State::Uncertain),
            deferred: totals.of(State::Deferred),
            withdrawn: totals.of(State::Withdrawn),
            skipped: totals.skipped,
        }
    }
}

impl<W: Write> JsonPrinter<W> {
    /// A printer that writes to `out`; `lang` is the language of the warnings' texts.
    pub fn new(out: W, lang: Lang) -> Self {
        Self { out, lang, zone: Zone::default(), messages: 0 }
    }

    /// Writes a key and its value, then what separates it from the next.
    fn field(&mut self, key: &str, value: &impl Serialize, end: &str) -> io::Result<()> {
        write!(self.out, "\"{key}\": ")?;
        self.out.write_all(json_text::line(value).as_bytes())?;
        self.out.write_all(end.as_bytes())
    }

    /// Writes a key and a list, one line for each value.
    fn list<T: Serialize>(&mut self, key: &str, values: impl Iterator<Item = T>) -> io::Result<()> {
        write!(self.out, "\"{key}\": [")?;
        let mut number = 0;
        for value in values {
            self.next_line(&mut number)?;
            self.out.write_all(json_text::line(&value).as_bytes())?;
        }
        self.end_list(number)
    }

    fn next_line(&mut self, number: &mut usize) -> io::Result<()> {
        self.out.write_all(if *number == 0 { b"\n  " } else { b",\n  " })?;
        *number += 1;
        Ok(())
    }

    fn end_list(&mut self, number: usize) -> io::Result<()> {
        self.out.write_all(if number == 0 { b"],\n" } else { b"\n],\n" })
    }
}

impl<W: Write> Printer for JsonPrinter<W> {
    fn begin(&mut self, heading: &Heading) -> io::Result<()> {
        self.zone = heading.zone;
        self.out.write_all(b"{")?;
        self.field("at", &instant(heading.at), ", ")?;
        self.field("dry_run", &heading.dry_run, ",\n")?;
        self.field("result", &heading.result.word(), ",\n")?;
        self.field("quiet_until", &heading.quiet_until.map(instant), ",\n")?;
        let window = heading.reminder_window;
        let window = window.map(|(until, look_ahead)| ReminderWindow { until: instant(until), look_ahead });
        self.field("reminder_window", &window, ",\n")?;
        let window = heading.confirmation_window;
        let window = window.map(|(from, to)| ConfirmationWindow { from: from.into(), to: to.into() });
        self.field("confirmation_window", &window, ",\n")?;
        self.out.write_all(b"\"messages\": [")
    }

    fn message(&mut self, message: &MessageReport) -> io::Result<()> {
        let mut number = self.messages;
        self.next_line(&mut number)?;
        self.messages = number;
        let row = MessageRow {
            kind: message.kind.word(),
            customer_id: message.customer_id,
            channel: message.channel.word(),
            address: &message.address,
            appointments: message.appointments.iter().map(|(id, _)| *id).collect(),
            subject: message.subject.as_deref(),
            body: &message.body,
            attachments: message
                .attachments
                .iter()
                .map(|file| Attachment { name: &file.name, content_type: &file.content_type, bytes: file.bytes })
                .collect(),
            sms_segments: message.sms_segments,
            outcome: message.fate.word(),
            error: message.error.as_deref(),
            message_id: message.message_id,
            branch_id: message.branch_id,
            deferral: message.deferral.map(deferral),
            record: message.beside.as_ref().map(|beside| beside.record.iter().map(RecordRow::from).collect()),
            changed_since: message.beside.as_ref().map(|beside| beside.since.iter().map(SinceRow::from).collect()),
        };
        self.out.write_all(json_text::line(&row).as_bytes())
    }

    fn finish(&mut self, closing: &Closing) -> io::Result<()> {
        self.end_list(self.messages)?;
        let (zone, lang) = (self.zone, self.lang);
        self.list("skipped", closing.skipped.iter().map(|row| skipped(row, zone)))?;
        self.list("warnings", closing.warnings.iter().map(|row| warning(row, lang)))?;
        if let Some(replay) = &closing.replay {
            let pass = &replay.pass;
            let row = ReplayRow {
                pass_id: pass.id,
                host: &pass.host,
                version: &pass.version,
                finished_at: pass.finished_at.map(|at| instant(zone.with_offset(at))),
                exit_status: pass.exit_status,
                unplanned: &replay.unplanned,
                changed_since: replay.since.iter().map(SinceRow::from).collect(),
            };
            self.field("replay", &row, ",\n")?;
        }
        self.field("totals", &TotalsRow::from(&closing.totals), "}\n")?;
        self.out.flush()
    }
}

fn skipped(row: &Skipped, zone: Zone) -> SkippedRow {
    SkippedRow {
        appointment_id: row.appointment_id,
        kind: "reminder",
        reason: row.reason.word(),
        detail: detail(&row.reason, zone),
        start: row.start.map(stored),
        customer_id: row.customer_id,
    }
}

pub(super) fn warning(row: &Warning, lang: Lang) -> WarningRow {
    WarningRow { code: row.code(), needs_person: row.needs_person(), text: words::warning(lang, row) }
}

/// The facts of a reason, in English and in one line; `None` where the reason says everything.
fn detail(reason: &Reason, zone: Zone) -> Option<String> {
    match reason {
        Reason::BadData(bad) => Some(bad.to_string()),
        Reason::TypeNotAllowed { type_id } => Some(format!("type {type_id}")),
        Reason::BranchNotSelected { code } => Some(format!("branch {code}")),
        Reason::AlreadyReminded { message_id, at } => Some(format!("at {} by message {message_id}", minute(*at, zone))),
        Reason::RecentMessage { until, .. } => Some(format!("until {}", minute(*until, zone))),
        Reason::Unreachable { obstacles, .. } => {
            let each = obstacles.iter().map(|(channel, why)| format!("{channel}: {}", obstacle(why)));
            Some(each.collect::<Vec<_>>().join("; "))
        }
        Reason::OverLimit { limit } => Some(format!("limit {limit}")),
        Reason::NoCustomer
        | Reason::Group
        | Reason::Cancelled
        | Reason::NoShow
        | Reason::Deceased
        | Reason::NoMessagesWanted => None,
    }
}

fn obstacle(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::NoAddress => "no_address".to_owned(),
        Obstacle::Invalid(problem) => format!("invalid ({problem})"),
        Obstacle::SmsNotAllowed => "sms_not_allowed".to_owned(),
        Obstacle::NotMobile => "not_mobile".to_owned(),
        Obstacle::PostalAddressIncomplete => "postal_address_incomplete".to_owned(),
        Obstacle::RejectedBefore { message_id } => format!("rejected_before (message {message_id})"),
        Obstacle::NoInterface => "no_interface".to_owned(),
    }
}

const fn deferral(why: Deferral) -> &'static str {
    match why {
        Deferral::TimeUp => "time_up",
        Deferral::Text => "text",
        Deferral::Server => "server",
        Deferral::Signal => "signal",
    }
}

/// An instant with the zone's offset, to the second.
fn instant(at: DateTime<FixedOffset>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// An instant with the zone's offset, to the minute.
fn minute(at: DateTime<Utc>, zone: Zone) -> String {
    zone.with_offset(at).format("%Y-%m-%dT%H:%M%:z").to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::fixtures::{heading, planned, print, reasons, settled, skipped, warnings};
    use super::super::{Heading, PassResult};
    use super::*;

    fn report(heading: &Heading, messages: Vec<MessageReport>, closing: Closing) -> String {
        let text = print(|out| JsonPrinter::new(out, Lang::En), |printer| printer.out, heading, messages, closing);
        let value: Value = serde_json::from_str(&text).expect("one JSON value");
        assert!(value.is_object(), "{text}");
        text
    }

    #[test]
    fn a_dry_run_has_the_keys_of_the_contract_in_their_order() {
        let closing = Closing {
            skipped: reasons().into_iter().map(|reason| skipped(340, reason)).collect(),
            warnings: warnings().into_iter().take(2).collect(),
            ..Closing::default()
        };
        insta::assert_snapshot!(report(&heading(PassResult::Complete, true), planned(), closing), @r#"
        {"at": "2026-03-10T19:00:00+01:00", "dry_run": true,
        "result": "complete",
        "quiet_until": null,
        "reminder_window": {"until":"2026-03-11T20:00:00+01:00","look_ahead":true},
        "confirmation_window": {"from":"2026-03-11","to":"2026-06-30"},
        "messages": [
          {"kind":"reminder","customer_id":8,"channel":"sms","address":"+4915228817386","appointments":[80],"subject":null,"body":"Ihr Termin: Mittwoch, 10:30 Uhr.","attachments":[],"sms_segments":2,"outcome":"planned","error":null,"message_id":null,"branch_id":1,"deferral":null},
          {"kind":"reminder","customer_id":9,"channel":"letter","address":"Musterweg 1, 20095 Hamburg","appointments":[90],"subject":"Ihr Termin","body":"Ihr Termin: Mittwoch, 10:30 Uhr.","attachments":[],"sms_segments":null,"outcome":"planned","error":null,"message_id":null,"branch_id":1,"deferral":null},
          {"kind":"reminder","customer_id":10,"channel":"phone","address":"030 23125 001","appointments":[100],"subject":null,"body":"Ihr Termin: Mittwoch, 10:30 Uhr.","attachments":[],"sms_segments":null,"outcome":"planned","error":null,"message_id":null,"branch_id":1,"deferral":null},
          {"kind":"confirmation","customer_id":7,"channel":"email","address":"anna@example.de","appointments":[70,71],"subject":"Ihre Termine","body":"Guten Tag Frau Beispiel,\n\nwir bestätigen Ihre Termine.\n  12.03. um 8:00 Uhr\n","attachments":[{"name":"termine.ics","content_type":"text/calendar","bytes":1234}],"sms_segments":null,"outcome":"planned","error":null,"message_id":null,"branch_id":2,"deferral":null}
        ],
        "skipped": [
          {"appointment_id":340,"kind":"reminder","reason":"bad_data","detail":"customer 34, email: bytes that are no UTF-8 text; write the value again in UTF-8","start":"2026-03-11 09:15","customer_id":34},
          {"appointment_id":340,"kind":"reminder","reason":"no_customer","detail":null,"start":"2026-03-11 09:15","customer_id":34},
          {"appointment_id":340,"kind":"reminder","reason":"group","detail":null,"start":"2026-03-11 09:15","customer_id":34},
          {"appointment_id":340,"kind":"reminder","reason":"cancelled","detail":null,"start":"2026-03-11 09:15","customer_id":34},
          {"appointment_id":340,"kind":"reminder","reason":"no_show","detail":null,"start":"2026-03-11 09:15","customer_id":34},
          {"appointment_id":340,"kind":"reminder","reason":"type_not_allowed","detail":"type 3","start":"2026-03-11 09:15","customer_id":34},
          {"appointment_id":340,"kind":"reminder","reason":"branch_not_selected","detail":"branch B","start":"2026-03-11 09:15","customer_id":34},
          {"appointment_id":340,"kind":"reminder","reason":"deceased","detail":null,"start":"2026-03-11 09:15","customer_id":34},
          {"appointment_id":340,"kind":"reminder","reason":"no_messages_wanted","detail":null,"start":"2026-03-11 09:15","customer_id":34},
          {"appointment_id":340,"kind":"reminder","reason":"already_reminded","detail":"at 2026-03-10T10:00+01:00 by message 12","start":"2026-03-11 09:15","customer_id":34},
          {"appointment_id":340,"kind":"reminder","reason":"recent_message","detail":"until 2026-03-10T20:00+01:00","start":"2026-03-11 09:15","customer_id":34},
          {"appointment_id":340,"kind":"reminder","reason":"unreachable","detail":"email: no_address; sms: sms_not_allowed; letter: postal_address_incomplete; phone: invalid (has too few digits for a number of +49); email: rejected_before (message 5); sms: not_mobile; letter: no_interface","start":"2026-03-11 09:15","customer_id":34},
          {"appointment_id":340,"kind":"reminder","reason":"over_limit","detail":"limit 500","start":"2026-03-11 09:15","customer_id":34}
        ],
        "warnings": [
          {"code":"branch_without_effect","needs_person":false,"text":"Interface 1 (appointment notification) names a branch. That has no effect: it always holds for all branches. To narrow it down there is the branch filter (setting branch_filter)."},
          {"code":"interface_not_server_side","needs_person":true,"text":"Interface 1 (appointment notification) is not used since it is not set up for use on the server. Set it to be used on the server (column server_side to 1)."}
        ],
        "totals": {"messages":4,"planned":4,"sent":0,"handed_over":0,"failed":0,"uncertain":0,"deferred":0,"withdrawn":0,"skipped":13}}
        "#);
    }

    #[test]
    fn a_quiet_pass_has_every_key_and_no_message() {
        let text = report(&heading(PassResult::Quiet, false), Vec::new(), Closing::default());
        insta::assert_snapshot!(text, @r#"
        {"at": "2026-03-10T19:00:00+01:00", "dry_run": false,
        "result": "quiet",
        "quiet_until": "2026-03-11T06:00:00+01:00",
        "reminder_window": null,
        "confirmation_window": null,
        "messages": [],
        "skipped": [],
        "warnings": [],
        "totals": {"messages":0,"planned":0,"sent":0,"handed_over":0,"failed":0,"uncertain":0,"deferred":0,"withdrawn":0,"skipped":0}}
        "#);
    }

    #[test]
    fn an_inactive_pass_is_valid_too() {
        let closing = Closing { warnings: warnings(), ..Closing::default() };
        let text = report(&heading(PassResult::Inactive, false), Vec::new(), closing);
        assert!(text.contains("\"result\": \"inactive\""), "{text}");
    }

    #[test]
    fn a_real_pass_counts_each_outcome_and_keeps_addresses_and_answers_whole() {
        let text = report(&heading(PassResult::Complete, false), settled(), Closing::default());
        let value: Value = serde_json::from_str(&text).expect("JSON");
        insta::assert_snapshot!(value["totals"], @r#"{"deferred":2,"failed":2,"handed_over":1,"messages":10,"planned":0,"sent":3,"skipped":0,"uncertain":1,"withdrawn":1}"#);
        let rows = value["messages"].as_array().expect("a list");
        let outcomes: Vec<_> = rows.iter().filter_map(|row| row["outcome"].as_str()).collect();
        insta::assert_snapshot!(outcomes.join(" "), @"sent sent handed_over failed sent failed uncertain deferred deferred withdrawn");
        assert_eq!(rows[3]["error"], "550 doris@example.de unknown");
        assert_eq!(rows[3]["address"], "doris@example.de");
    }

    #[test]
    fn a_name_with_control_characters_or_quotes_stays_valid_json() {
        let mut message = planned().remove(0);
        message.body = "\"\u{1b}[31m\\\n\u{0}".to_owned();
        report(&heading(PassResult::Complete, true), vec![message], Closing::default());
    }
}
