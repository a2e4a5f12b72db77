//! Chapter D: the confirmation, one e-mail for a customer's appointments up to the next quarter.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::channel::{self, Errand};
use super::eligibility::eligible;
use super::reason::Reason;
use super::window::ConfirmationWindow;
use super::{Case, Chain, CustomerRow, Decision, Skipped, in_order, told};
use crate::model::{Appointment, BadData, Channel, Kind};
use crate::settings::ConfirmationSettings;

/// What a pass decides about the confirmations of one customer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Confirmations {
    /// The one message, if anything is to be confirmed and it can be (D2, D5).
    pub message: Option<Decision>,
    /// What could not be understood in the rows inside the window.
    pub bad: Vec<BadData>,
}

/// Decides about the confirmation for one customer. `reserved` are the appointments that a
/// reminder of this pass covers or that E3 holds back in it (D6).
#[must_use]
pub fn decide(
    chain: &Chain,
    settings: &ConfirmationSettings,
    window: &ConfirmationWindow,
    now: DateTime<Utc>,
    case: &Case,
    reserved: &BTreeSet<i64>,
) -> Confirmations {
    let (candidates, bad) = candidates(chain, window, now, case, reserved);
    let CustomerRow::Known(customer) = &case.customer else { return Confirmations { message: None, bad } };
    if candidates.is_empty() {
        return Confirmations { message: None, bad };
    }
    // D5
    let channels = [(Channel::Email, settings.document_template.clone())];
    let route = channel::route(chain, Errand { customer, covers: &candidates, told: &case.told }, &channels);
    let message = route.ok().map(|route| Decision {
        kind: Kind::Confirmation,
        customer_id: customer.id,
        covers: candidates,
        route,
    });
    Confirmations { message, bad }
}

/// D1, D6: the appointments of a customer that are to be confirmed, in order of start, and what
/// could not be understood in the rows inside the window.
#[must_use]
pub fn candidates(
    chain: &Chain,
    window: &ConfirmationWindow,
    now: DateTime<Utc>,
    case: &Case,
    reserved: &BTreeSet<i64>,
) -> (Vec<Appointment>, Vec<BadData>) {
    let mut candidates: Vec<Appointment> = Vec::new();
    let mut bad = Vec::new();
    for row in &case.appointments {
        if !row.start.is_none_or(|start| window.contains(start.date())) {
            continue;
        }
        match eligible(chain, &case.customer, row) {
            Ok(eligible) => {
                // D1, D6
                let appointment = eligible.appointment;
                if told::notified(&case.told, appointment, now).is_none() && !reserved.contains(&appointment.id) {
                    candidates.push(appointment.clone());
                }
            }
            Err(Reason::BadData(data)) => bad.push(data),
            Err(_) => {}
        }
    }
    bad.sort();
    bad.dedup();
    (in_order(candidates, chain.settings.zone), bad)
}

/// D6: what a confirmation of the same pass leaves alone, given what was decided about reminders:
/// what the reminder covers, and what E3 holds back.
pub fn reserved<'a>(message: Option<&'a Decision>, skipped: &'a [Skipped]) -> impl Iterator<Item = i64> + 'a {
    let covered = message.into_iter().flat_map(|message| &message.covers).map(|appointment| appointment.id);
    let held_back = skipped
        .iter()
        .filter(|skipped| matches!(skipped.reason, Reason::RecentMessage { .. }))
        .map(|skipped| skipped.appointment_id);
    covered.chain(held_back)
}
