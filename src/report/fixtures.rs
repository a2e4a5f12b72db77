//! A fictional chain and the parts of its reports, for the tests of the printers.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::{AttachmentReport, Closing, Deferral, Fate, Heading, MessageReport, PassResult, Printer, Totals, Warning};
use crate::contact::PhoneFault;
use crate::model::{BadData, Branch, Channel, Kind, Problem, State, ToldByHand};
use crate::rules::Skipped;
use crate::rules::reason::{Obstacle, Reason, Unusable};
use crate::settings::NightRest;
use crate::zone::Zone;

/// An instant of the zone, such as `2026-03-10 19:00`.
pub(super) fn at(local: &str) -> DateTime<Utc> {
    Zone::default().instant(start(local))
}

/// A local time, such as `2026-03-10 19:00`.
pub(super) fn start(local: &str) -> NaiveDateTime {
    crate::zone::parse_stored(local).expect("a time as stored")
}

pub(super) fn day(date: &str) -> NaiveDate {
    date.parse().expect("a date")
}

pub(super) fn branch(id: i64, code: &str, name: &str) -> (i64, Branch) {
    let (code, name) = (code.to_owned(), name.to_owned());
    (id, Branch { id, code, name, street: None, postcode: None, city: None, phone: None, email: None })
}

pub(super) fn branches() -> BTreeMap<i64, Branch> {
    [branch(1, "HH", "Hamburg"), branch(2, "B", "Berlin-Mitte")].into()
}

pub(crate) fn heading(result: PassResult, dry_run: bool) -> Heading {
    let zone = Zone::default();
    let complete = result == PassResult::Complete;
    Heading {
        at: zone.with_offset(at("2026-03-10 19:00")),
        zone,
        dry_run,
        result,
        quiet_until: (result == PassResult::Quiet).then(|| zone.with_offset(at("2026-03-11 06:00"))),
        reminder_window: complete.then(|| (zone.with_offset(at("2026-03-11 20:00")), true)),
        regular_until: complete.then(|| zone.with_offset(at("2026-03-11 20:00"))),
        night_rest: NaiveTime::from_hms_opt(20, 0, 0)
            .zip(NaiveTime::from_hms_opt(6, 0, 0))
            .map(|(start, end)| NightRest { start, end }),
        senders: [(2, "Optik Muster <termine@example.de>".to_owned())].into(),
        confirmation_window: complete.then(|| (day("2026-03-11"), day("2026-06-30"))),
        branches: branches(),
        before_the_first: false,
    }
}

/// A reminder of one appointment, whose id is ten times the customer's.
pub(crate) fn reminder(customer_id: i64, name: &str, channel: Channel, address: &str, fate: Fate) -> MessageReport {
    MessageReport {
        message_id: (fate != Fate::Planned).then_some(customer_id + 100),
        kind: Kind::Reminder,
        customer_id,
        customer_name: (!name.is_empty()).then(|| name.to_owned()),
        branch_id: 1,
        channel,
        address: address.to_owned(),
        interface_id: None,
        document_template: None,
        appointments: vec![(customer_id * 10, start("2026-03-11 10:30"))],
        subject: None,
        body: "Ihr Termin: Mittwoch, 10:30 Uhr.".to_owned(),
        language: Some("de".to_owned()),
        attachments: Vec::new(),
        sms_segments: (channel == Channel::Sms).then_some(1),
        fate,
        deferral: None,
        error: None,
        beside: None,
    }
}

/// One planned message by each channel.
pub(super) fn planned() -> Vec<MessageReport> {
    let email = MessageReport {
        kind: Kind::Confirmation,
        branch_id: 2,
        interface_id: Some(2),
        appointments: vec![(70, start("2026-03-12 08:00")), (71, start("2026-06-30 17:15"))],
        subject: Some("Ihre Termine".to_owned()),
        body: "Guten Tag Frau Beispiel,\n\nwir bestätigen Ihre Termine.\n  12.03. um 8:00 Uhr\n".to_owned(),
        attachments: vec![AttachmentReport {
            name: "termine.ics".to_owned(),
            content_type: "text/calendar".to_owned(),
            bytes: 1234,
        }],
        ..reminder(7, "Anna Beispiel", Channel::Email, "anna@example.de", Fate::Planned)
    };
    let sms = MessageReport {
        sms_segments: Some(2),
        ..reminder(8, "Bernd Muster", Channel::Sms, "+4915228817386", Fate::Planned)
    };
    let letter = MessageReport {
        subject: Some("Ihr Termin".to_owned()),
        ..reminder(9, "", Channel::Letter, "Musterweg 1, 20095 Hamburg", Fate::Planned)
    };
    let phone = reminder(10, "Carla Probe", Channel::Phone, "030 23125 001", Fate::Planned);
    vec![sms, letter, phone, email]
}

/// Messages of a real pass, one for each thing that may become of them. Lines with an address are
/// short, so that another way of masking does not break them elsewhere.
pub(super) fn settled() -> Vec<MessageReport> {
    let settled = |id, name, channel, address, state| reminder(id, name, channel, address, Fate::Settled(state));
    let mail = Channel::Email;
    let error = |message: MessageReport, error: &str| MessageReport { error: Some(error.to_owned()), ..message };
    vec![
        settled(7, "Anna Beispiel", mail, "anna@example.de", State::Sent),
        MessageReport {
            kind: Kind::Confirmation,
            appointments: vec![(80, start("2026-03-12 08:00"))],
            ..settled(8, "Bo Ott", Channel::Sms, "+4915228817386", State::Sent)
        },
        settled(9, "Carla Probe", Channel::Phone, "030 23125 001", State::HandedOver),
        error(settled(10, "Doris Test", mail, "doris@example.de", State::Failed), "550 doris@example.de unknown"),
        settled(10, "Doris Test", Channel::Sms, "+4915228817386", State::Sent),
        error(settled(11, "Emil Fall", mail, "emil@example.de", State::Failed), "550 mailbox full"),
        error(settled(12, "Fe Ott", mail, "frida@example.de", State::Uncertain), "no answer"),
        MessageReport {
            deferral: Some(Deferral::Server),
            ..error(settled(13, "Gero Fall", mail, "gero@example.de", State::Deferred), "451 try again later")
        },
        MessageReport {
            deferral: Some(Deferral::TimeUp),
            ..settled(14, "Hanna Fall", mail, "hanna@example.de", State::Deferred)
        },
        settled(15, "Ida Fall", mail, "ida@example.de", State::Withdrawn),
    ]
}

pub(super) fn skipped(id: i64, reason: Reason) -> Skipped {
    Skipped {
        appointment_id: id,
        start: Some(start("2026-03-11 09:15")),
        branch_id: Some(1),
        customer_id: Some(id / 10),
        reason,
    }
}

pub(super) fn bad_data() -> BadData {
    BadData { table: "customer", row: 34, column: "email", problem: Problem::NotUtf8 }
}

/// Every reason, each obstacle among them.
pub(super) fn reasons() -> Vec<Reason> {
    vec![
        Reason::BadData(bad_data()),
        Reason::NoCustomer,
        Reason::Group,
        Reason::Cancelled,
        Reason::NoShow,
        Reason::TypeNotAllowed { type_id: 3 },
        Reason::BranchNotSelected { code: "B".to_owned() },
        Reason::Deceased,
        Reason::NoMessagesWanted,
        Reason::AlreadyReminded { message_id: 12, at: at("2026-03-10 10:00") },
        Reason::RecentMessage {
            message_id: 13,
            kind: Kind::Manual,
            at: at("2026-03-10 14:00"),
            until: at("2026-03-10 20:00"),
        },
        Reason::Unreachable {
            obstacles: obstacles()
                .into_iter()
                .zip(Channel::ALL.iter().cycle())
                .map(|(why, channel)| (*channel, why))
                .collect(),
            by_hand: Some(ToldByHand { message_id: 14, channel: Channel::Phone, at: at("2026-03-10 14:00") }),
        },
        Reason::OverLimit { limit: 500 },
    ]
}

pub(super) fn obstacles() -> Vec<Obstacle> {
    vec![
        Obstacle::NoAddress,
        Obstacle::SmsNotAllowed,
        Obstacle::PostalAddressIncomplete,
        Obstacle::Invalid(PhoneFault::TooShort { code: "+49".to_owned() }.into()),
        Obstacle::RejectedBefore { message_id: 5 },
        Obstacle::NotMobile,
        Obstacle::NoInterface,
    ]
}

pub(super) fn causes() -> Vec<Unusable> {
    vec![
        Unusable::NotServerSide,
        Unusable::NotStarted { from: day("2026-04-01") },
        Unusable::OtherWorkstation { workstation: "EMPFANG".to_owned() },
        Unusable::Faulty { faults: "unknown key `hots`".to_owned() },
    ]
}

/// Every warning, with each cause and each grammatical number.
pub(super) fn warnings() -> Vec<Warning> {
    let mut warnings = vec![Warning::BranchWithoutEffect { interface_id: 1 }];
    warnings.extend(causes().into_iter().map(|cause| Warning::ServiceUnusable { interface_id: 1, cause }));
    warnings.push(Warning::UnknownBranchCode { code: "HX".to_owned() });
    warnings.push(Warning::TextUnusable { fault: "text `Terminerinnerung`, line 3: unknown `branhc`".to_owned() });
    warnings.push(Warning::CalendarTitleUnusable { fault: "unknown `customer`".to_owned() });
    warnings.extend(causes().into_iter().zip([true, false, false, true]).map(|(cause, channel_is_dead)| {
        Warning::InterfaceUnusable { interface_id: 2, channel: Channel::Email, cause, channel_is_dead }
    }));
    for branches in [vec![], vec!["B".to_owned()], vec!["B".to_owned(), "HH".to_owned()]] {
        warnings.push(Warning::InterfaceMissing { channel: Channel::Sms, branches });
    }
    warnings.push(Warning::SeveralInterfaces { channel: Channel::Sms, ids: vec![3, 5] });
    warnings.push(Warning::NothingConfigured { interface_id: 1 });
    warnings.push(Warning::BadData(bad_data()));
    for refused in [true, false] {
        let problem = "535 log-in failed".to_owned();
        warnings.push(Warning::InterfaceTrouble { interface_id: 2, refused, problem });
    }
    let problem = "the server takes no connection: 421 4.7.0 too many connections".to_owned();
    warnings.push(Warning::FewerConnections { interface_id: 2, connections: 1, wanted: 4, problem });
    for why in [Deferral::TimeUp, Deferral::Text, Deferral::Server, Deferral::Signal] {
        warnings.push(Warning::CutShort { why });
    }
    warnings.extend([1, 2].map(|messages| Warning::Interrupted { messages }));
    warnings.push(Warning::TooLate { messages: 2 });
    let numbers = vec![("+49 152 *** 86".to_owned(), vec![7, 8])];
    warnings.push(Warning::SharedNumbers { numbers: numbers.clone(), unlisted: 0 });
    warnings.push(Warning::SharedNumbers { numbers, unlisted: 2 });
    warnings.push(Warning::OverLimit { limit: 500, reminders: 12, confirmations: 3400 });
    warnings
}

/// The whole report by a printer that `make` makes.
pub(super) fn print<P: Printer>(
    make: impl FnOnce(Vec<u8>) -> P,
    out: impl FnOnce(P) -> Vec<u8>,
    heading: &Heading,
    messages: Vec<MessageReport>,
    closing: Closing,
) -> String {
    let mut printer = make(Vec::new());
    let mut totals = Totals { skipped: closing.skipped.len(), ..Totals::default() };
    printer.begin(heading).expect("memory takes everything");
    for message in messages {
        totals.count(&message);
        printer.message(&message).expect("memory takes everything");
    }
    printer.finish(&Closing { totals, ..closing }).expect("memory takes everything");
    String::from_utf8(out(printer)).expect("UTF-8")
}
