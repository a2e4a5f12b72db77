//! What a message is called on the wire, and how it looks there.

use chrono::{DateTime, Utc};

use crate::contact::{Address, PhoneNumber};
use crate::delivery::Prepared;
use crate::model::Customer;
use crate::pass::compose::{self, Composed};
use crate::pass::{Setup, Work};
use crate::store::Unsettled;

/// Our name for a message on the wire: the same however often it is tried, and never that of
/// another chain.
pub(super) fn reference(id: i64, identity: &str) -> String {
    format!("terminbote-{id}-{identity}")
}

pub(super) fn prepare(setup: &Setup, at: DateTime<Utc>, work: &Work, composed: &Composed, id: i64) -> Prepared {
    let decision = &work.decision;
    let zone = setup.chain.settings.zone;
    Prepared {
        id,
        kind: decision.kind,
        address: decision.route.address.clone(),
        recipient_name: compose::customer(&work.case).and_then(Customer::full_name),
        subject: composed.subject.clone(),
        body: composed.body.clone(),
        language: composed.language.clone(),
        attachments: composed.attachments(),
        reference: reference(id, &setup.identity),
        // A repeated e-mail carries the date of the first time (rule G3).
        date: work.repeats.as_ref().map_or(at, |message| message.sent_at),
        reply_to: compose::reply_to(setup, decision),
        expires: zone.instant(decision.first().start()),
    }
}

/// The message of unknown fate as it was handed over, for a question to the gateway.
pub(super) fn question(setup: &Setup, message: &Unsettled) -> Option<Prepared> {
    let first = message.covers.iter().filter_map(|stated| stated.start).min()?;
    Some(Prepared {
        id: message.id,
        kind: message.kind,
        address: Address::Sms(PhoneNumber::parse(&message.address, "").ok()?),
        recipient_name: None,
        subject: None,
        body: message.body.clone(),
        language: message.language.clone().unwrap_or_default(),
        attachments: Vec::new(),
        reference: reference(message.id, &setup.identity),
        date: message.claimed_at,
        reply_to: None,
        expires: setup.chain.settings.zone.instant(first),
    })
}
