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
    let Due { due, mut skipped } = due(chain, settings, window, case);
    let (CustomerRow::Known(customer), false) = (&case.customer, due.is_empty()) else {
        // Nothing is due without a customer (B1).
        return Reminders { message: None, skipped: sorted(skipped) };
    };
    let covers = together(chain, settings, window, case, &due);
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
                reason: Reason::Unreachable {
                    obstacles: obstacles.clone(),
                    by_hand: told::told_by_hand(&case.told, appointment, window.now),
                },
            }));
            None
        }
    };
    Reminders { message, skipped: sorted(skipped) }
}

/// What the one message of a customer is about, however it may reach them: the due appointments
/// (E5), and with them those of the same dates (E6). Empty if nothing is due.
#[must_use]
pub fn covers(chain: &Chain, settings: &ReminderSettings, window: &ReminderWindow, case: &Case) -> Vec<Appointment> {
    let Due { due, .. } = due(chain, settings, window, case);
    together(chain, settings, window, case, &due)
}

/// The appointments inside the window.
struct Due {
    due: Vec<Appointment>,
    skipped: Vec<Skipped>,
}

fn due(chain: &Chain, settings: &ReminderSettings, window: &ReminderWindow, case: &Case) -> Due {
    let mut found = Due { due: Vec::new(), skipped: Vec::new() };
    for row in &case.appointments {
        // A start that cannot be understood was in reach by its text, so that its row is named.
        if !row.start.is_none_or(|start| window.contains(chain.settings.zone.instant(start))) {
            continue;
        }
        match is_due(chain, settings, window, case, row) {
            Ok(appointment) => found.due.push(appointment.clone()),
            Err(reason) => found.skipped.push(skip(case, row, reason)),
        }
    }
    found
}

/// E5, E6: what the message about `due` covers, in order of start.
fn together(
    chain: &Chain,
    settings: &ReminderSettings,
    window: &ReminderWindow,
    case: &Case,
    due: &[Appointment],
) -> Vec<Appointment> {
    let covers = if settings.combine_same_day { with_same_dates(chain, window, case, due) } else { due.to_vec() };
    in_order(covers, chain.settings.zone)
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
            && told::not_reminded(&case.told, appointment, window.now).is_ok();
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
    told::not_reminded(&case.told, appointment, window.now)?;
    told::not_held_back(&case.told, &case.starts, appointment, settings.min_hours_between_messages, window.now)?;
    Ok(appointment)
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
