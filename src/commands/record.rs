//! Records a message by hand, for software that cannot write SQL.

use std::io::Write;

use super::history::country_codes;
use super::output::Output;
use crate::cli::{Common, Format, Record, RecordedChannel};
use crate::clock::Clock;
use crate::contact::{EmailAddress, PhoneNumber};
use crate::exit::{ExitStatus, Stop};
use crate::model::{Appointment, Channel};
use crate::pass::{service_settings, service_zone};
use crate::report::record::{Follows, Recorded, recorded, recorded_json};
use crate::rules::CustomerRow;
use crate::rules::told::held_until;
use crate::store::{ByHand, InterfaceRow, Store};

pub(super) fn run(common: &Common, message: &Record, clock: &Clock) -> anyhow::Result<ExitStatus> {
    let store = Store::open(super::database(common)?)?;
    let interfaces = store.interfaces()?;
    let zone = service_zone(&interfaces);
    let at = super::instant(common, zone)?.unwrap_or(clock.at());
    if at > clock.time_of_day() {
        let message = "--at lies in the future; a message is recorded once it has been sent or said";
        return Err(Stop::usage(message).into());
    }
    let channel = match message.channel {
        RecordedChannel::Phone => Channel::Phone,
        RecordedChannel::Letter => Channel::Letter,
        RecordedChannel::Email => Channel::Email,
        RecordedChannel::Sms => Channel::Sms,
    };
    let address = super::text(message.address.as_deref()).unwrap_or_default();
    let address = address.trim();
    let note = super::text(message.note.as_deref()).unwrap_or_default();
    check_address(channel, address, &interfaces)?;
    let (customer_id, message_id, appointments) = store.transaction(|| {
        let appointments = appointments(&store, &message.appointment)?;
        let customer_id = customer(&store, &appointments, message.customer)?;
        let ids: Vec<i64> = appointments.iter().map(|appointment| appointment.id).collect();
        let by_hand = ByHand { customer_id, channel, address, note: &note, at, appointments: &ids };
        Ok((customer_id, store.record_by_hand(&by_hand)?, appointments))
    })?;
    let settings = service_settings(&interfaces);
    let reminder = settings.as_ref().and_then(|settings| settings.reminder.as_ref());
    let no_reminder_before = reminder.map(|reminder| held_until(at, reminder.min_hours_between_messages));
    let done = Recorded {
        message_id,
        customer_id,
        customer_name: store.customer_names([customer_id])?.remove(&customer_id),
        channel,
        at,
        appointments: appointments.iter().map(|appointment| (appointment.id, appointment.start())).collect(),
        zone,
        follows: Follows {
            no_reminder_before,
            over: no_reminder_before.is_some_and(|until| until <= clock.time_of_day()),
            no_confirmation: settings.as_ref().is_some_and(|settings| settings.confirmation.is_some()),
        },
    };
    let text = match common.format {
        Format::Text => recorded(super::language(common), &done),
        Format::Json => recorded_json(&done),
    };
    let mut output = Output::new();
    output.write_all(text.as_bytes())?;
    output.finish()?;
    Ok(ExitStatus::Complete)
}

/// The appointments of these ids, each once.
fn appointments(store: &Store, ids: &[i64]) -> anyhow::Result<Vec<Appointment>> {
    let mut found: Vec<Appointment> = Vec::new();
    let mut unknown = Vec::new();
    for id in ids {
        if found.iter().any(|appointment| appointment.id == *id) {
            continue;
        }
        match store.one_appointment(*id)? {
            None => unknown.push(id.to_string()),
            Some(row) => match row.content {
                Ok(appointment) => found.push(appointment),
                Err(bad) => {
                    return Err(
                        Stop::usage(format!("appointment {id} cannot be understood: {bad}; correct it first")).into()
                    );
                }
            },
        }
    }
    if unknown.is_empty() {
        return Ok(found);
    }
    Err(Stop::usage(format!("there is no appointment {}; nothing was recorded", unknown.join(", "))).into())
}

/// The one customer whose appointments these are, or who was named.
fn customer(store: &Store, appointments: &[Appointment], named: Option<i64>) -> anyhow::Result<i64> {
    let mut of = named;
    for appointment in appointments {
        let id = appointment.id;
        let wrong = match (appointment.customer_id, of) {
            (None, _) => format!("appointment {id} has no customer"),
            (Some(its), Some(customer)) if its != customer && named.is_some() => {
                format!("appointment {id} is of customer {its}, not of customer {customer}")
            }
            (Some(its), Some(customer)) if its != customer => {
                format!(
                    "the appointments are of different customers ({}: {customer}, {id}: {its}); record a message for each",
                    appointments[0].id
                )
            }
            (Some(its), _) => {
                of = Some(its);
                continue;
            }
        };
        return Err(Stop::usage(format!("{wrong}; nothing was recorded")).into());
    }
    let Some(customer) = of else {
        return Err(Stop::usage("name at least one appointment, or the customer with --customer ID").into());
    };
    if matches!(store.one_customer(customer)?, CustomerRow::Gone(_)) {
        return Err(Stop::usage(format!("there is no customer {customer}; nothing was recorded")).into());
    }
    Ok(customer)
}

/// An address that nobody could have used is a slip of the fingers.
fn check_address(channel: Channel, address: &str, interfaces: &[InterfaceRow]) -> Result<(), Stop> {
    if address.is_empty() {
        return Ok(());
    }
    let fault = match channel {
        Channel::Email => EmailAddress::parse(address).err().map(|fault| fault.to_string()),
        Channel::Sms | Channel::Phone => {
            let codes = country_codes(interfaces);
            let mut faults = Vec::new();
            for code in &codes {
                match PhoneNumber::parse(address, code) {
                    Ok(_) => return Ok(()),
                    Err(fault) => faults.push(fault.to_string()),
                }
            }
            faults.into_iter().next()
        }
        Channel::Letter => None,
    };
    match fault {
        Some(fault) => Err(Stop::usage(format!("--address {fault}; nothing was recorded"))),
        None => Ok(()),
    }
}
