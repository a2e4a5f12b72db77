//! Chapter E: the reminder.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::channel::{self, Errand};
use super::eligibility::{Eligible, eligible, is_ahead};
use super::reason::Reason;
use super::window::ReminderWindow;
use super::{AppointmentRow, Case, Chain, CustomerRow, Decision, Skipped, in_order, told};
use crate::model::{Appointment, Kind};
use crate::settings::ReminderSettings;

/// What a pass decides about the reminders of one customer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reminders {
    /// The one message, if anything is due (E5).
    pub message: Option<Decision>,
    /// Every appointment inside the window that the message does not cover, with the first reason
    /// that applies, by start, then id.
    pub skipped: Vec<Skipped>,
}

/// Decides about the reminders of one customer.
#[must_use]
pub fn decide(chain: &Chain, settings: &ReminderSettings, window: &ReminderWindow, case: &Case) -> Reminders {
    let zone = chain.settings.zone;
    let mut due = Vec::new();
    let mut skipped = Vec::new();
    for row in &case.appointments {
        // A start that cannot be understood was in reach by its text, so that its row is named.
        if !row.start.is_none_or(|start| window.contains(zone.instant(start))) {
            continue;
        }
        match is_due(chain, settings, window, case, row) {
            Ok(appointment) => due.push(appointment.clone()),
            Err(reason) => skipped.push(skip(case, row, reason)),
        }
    }
    let CustomerRow::Known(customer) = &case.customer else {
        // Nothing is due without a customer (B1).
        return Reminders { message: None, skipped: sorted(skipped) };
    };
    if due.is_empty() {
        return Reminders { message: None, skipped: sorted(skipped) };
    }
    let covers = if settings.combine_same_day { with_same_dates(chain, window, case, &due) } else { due.clone() };
    let covers = in_order(covers, zone);
    let channels = chain.contact_template.as_ref().map_or(&[][..], |template| &template.channels);
    let message = match channel::route(chain, Errand { customer, covers: &covers, told: &case.told }, channels) {
        Ok(route) => {
            // E6 takes in what E3 alone would hold back.
            skipped.retain(|skipped| !covers.iter().any(|appointment| appointment.id == skipped.appointment_id));
            Some(Decision { kind: Kind::Reminder, customer_id: customer.id, covers, route })
        }
        Err(obstacles) => {
            skipped.extend(due.iter().map(|appointment| Skipped {
                appointment_id: appointment.id,
                start: Some(appointment.start()),
                branch_id: Some(appointment.branch_id),
                customer_id: Some(customer.id),
                reason: Reason::Unreachable(obstacles.clone()),
            }));
            None
        }
    };
    Reminders { message, skipped: sorted(skipped) }
}

/// E6: `due` and every other appointment of the customer on the same local dates that may be told
/// of and has not been reminded, even outside the window or held back.
fn with_same_dates(chain: &Chain, window: &ReminderWindow, case: &Case, due: &[Appointment]) -> Vec<Appointment> {
    let zone = chain.settings.zone;
    let dates: BTreeSet<NaiveDate> = due.iter().map(|appointment| appointment.start().date()).collect();
    let taken_in = |row| {
        let Eligible { appointment, .. } = eligible(chain, &case.customer, row).ok()?;
        let wanted = dates.contains(&appointment.start().date())
            && is_ahead(zone.instant(appointment.start()), window.now)
            && told::reminded(&case.told, appointment, window.now).is_none();
        wanted.then(|| appointment.clone())
    };
    case.appointments.iter().filter_map(taken_in).collect()
}

/// Whether an appointment inside the window is due: B, E4, E3.
fn is_due<'a>(
    chain: &Chain,
    settings: &ReminderSettings,
    window: &ReminderWindow,
    case: &'a Case,
    row: &'a AppointmentRow,
) -> Result<&'a Appointment, Reason> {
    let Eligible { appointment, .. } = eligible(chain, &case.customer, row)?;
    if let Some(reminder) = told::reminded(&case.told, appointment, window.now) {
        return Err(Reason::AlreadyReminded { message_id: reminder.message_id, at: reminder.sent_at });
    }
    let hours = settings.min_hours_between_messages;
    match told::held_back(&case.told, &case.starts, appointment, hours, window.now) {
        Some(reason) => Err(reason),
        None => Ok(appointment),
    }
}

fn skip(case: &Case, row: &AppointmentRow, reason: Reason) -> Skipped {
    Skipped {
        appointment_id: row.id,
        start: row.start,
        branch_id: row.content.as_ref().ok().map(|appointment| appointment.branch_id),
        customer_id: case.customer.id(),
        reason,
    }
}

fn sorted(mut skipped: Vec<Skipped>) -> Vec<Skipped> {
    skipped.sort_by_key(|skipped| (skipped.start, skipped.appointment_id));
    skipped
}
