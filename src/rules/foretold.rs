//! What passes to come would have sent, which those after them take as told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDateTime, Utc};

use super::{Case, Decision, told};
use crate::model::{State, Stated, Told};

/// What passes to come would have sent. For those after them it counts as told, as if the record had it.
#[derive(Debug, Clone, Default)]
pub struct Foretold {
    by_customer: BTreeMap<i64, Vec<Told>>,
    /// The appointments that need not be looked at again: customer and start that were told.
    starts: BTreeMap<i64, (i64, NaiveDateTime)>,
    repeated: BTreeSet<i64>,
    messages: i64,
}

/// Newer than any message of a record.
const FIRST_FORETOLD: i64 = i64::MAX / 2;

impl Foretold {
    /// Takes note of a message that the pass at `at` would send.
    pub fn add(&mut self, case: &Case, decision: &Decision, at: DateTime<Utc>) {
        let told = Told { message_id: FIRST_FORETOLD + self.messages, ..as_told(case, decision, at) };
        self.messages += 1;
        for appointment in &decision.covers {
            // What the record has from a later instant on may tell of another start then.
            let later = |told: &&Told| told.sent_at > at;
            let covers = |told: &Told| told.covers.iter().any(|stated| stated.appointment_id == appointment.id);
            if !case.told.iter().filter(later).any(covers) {
                self.starts.insert(appointment.id, (decision.customer_id, appointment.start()));
            }
        }
        self.by_customer.entry(decision.customer_id).or_default().push(told);
    }

    /// Takes note that a message of unknown fate would be repeated (rule G3), which happens once.
    pub fn repeat(&mut self, message_id: i64) {
        self.repeated.insert(message_id);
    }

    /// Takes in what a later pass would send.
    pub fn absorb(&mut self, later: Self) {
        for (customer_id, mut told) in later.by_customer {
            for told in &mut told {
                told.message_id += self.messages;
            }
            self.by_customer.entry(customer_id).or_default().append(&mut told);
        }
        self.starts.extend(later.starts);
        self.repeated.extend(later.repeated);
        self.messages += later.messages;
    }

    /// What would have been told to a customer.
    #[must_use]
    pub fn to(&self, customer_id: i64) -> &[Told] {
        self.by_customer.get(&customer_id).map_or(&[], Vec::as_slice)
    }

    /// Whether this customer would have been told this start of an appointment, for good.
    #[must_use]
    pub fn has_told(&self, appointment_id: i64, customer_id: i64, start: NaiveDateTime) -> bool {
        self.starts.get(&appointment_id) == Some(&(customer_id, start))
    }

    /// Whether a message of unknown fate would have been repeated.
    #[must_use]
    pub fn has_repeated(&self, message_id: i64) -> bool {
        self.repeated.contains(&message_id)
    }
}

/// A message that would be sent, as the record of a later pass would have it.
pub(super) fn as_told(case: &Case, decision: &Decision, at: DateTime<Utc>) -> Told {
    Told {
        message_id: case.told.iter().map(|told| told.message_id).max().unwrap_or(0) + 1,
        kind: decision.kind,
        channel: Some(decision.route.address.channel()),
        address: decision.route.address.expose().to_owned(),
        state: State::Sent,
        sent_at: at,
        pass_id: case.told.iter().map(|told| told.pass_id).max().flatten().map(|newest| newest + 1),
        covers: decision
            .covers
            .iter()
            .map(|appointment| Stated {
                appointment_id: appointment.id,
                start: Some(appointment.start()),
                sequence: Some(told::sequence(&case.told, appointment, at)),
            })
            .collect(),
    }
}
