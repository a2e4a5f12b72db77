//! Which of the passes to come would tell of an appointment, if nothing changes until then. They are decided
//! one after the other, by the functions of a pass; what one of them would send counts as told in the next.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};

use super::foretold::as_told;
use super::quiet::QuietTime;
use super::window::{ConfirmationWindow, ReminderWindow};
use super::{Case, Chain, Decision, confirmation, reminder};
use crate::model::Appointment;

/// How far before a start its reminder can depend on: a window of 99 hours behind a night, and
/// messages of the 99 hours before it.
const MATTERS_FOR: Duration = Duration::hours(99 + 99 + 48);

/// What the passes to come would send about one appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forecast {
    /// The first pass that would remind of it.
    pub reminder: Option<DateTime<Utc>>,
    /// The first pass that would confirm it.
    pub confirmation: Option<DateTime<Utc>>,
}

/// The passes from `first` on, one an hour, until the appointment begins.
#[must_use]
pub fn forecast(
    chain: &Chain,
    quiet: &QuietTime,
    first: DateTime<Utc>,
    case: &Case,
    appointment: &Appointment,
) -> Forecast {
    let zone = chain.settings.zone;
    let start = zone.instant(appointment.start());
    let mut case = case.clone();
    let mut forecast = Forecast::default();
    let mut at = first;
    let covers = |decision: &Decision| decision.covers.iter().any(|covered| covered.id == appointment.id);
    while at < start && forecast.reminder.is_none() {
        let now = at;
        at += Duration::hours(1);
        let near = start - now <= MATTERS_FOR;
        let window = ConfirmationWindow::new(zone.date(now));
        let confirmable = forecast.confirmation.is_none() && window.contains(appointment.start().date());
        if !near && !confirmable || quiet.is_quiet(now) {
            continue;
        }
        let mut reserved = BTreeSet::new();
        if let Some(settings) = chain.settings.reminder.as_ref().filter(|_| near) {
            let window = ReminderWindow::new(now, settings.hours_before, quiet, zone);
            let decided = reminder::decide(chain, settings, &window, &case);
            reserved.extend(confirmation::reserved(decided.message.as_ref(), &decided.skipped));
            if let Some(decision) = decided.message {
                if covers(&decision) {
                    forecast.reminder = Some(now);
                }
                case.told.push(as_told(&case, &decision, now));
            }
        }
        if let Some(settings) = chain.settings.confirmation.as_ref().filter(|_| confirmable) {
            let decided = confirmation::decide(chain, settings, &window, now, &case, &reserved);
            if let Some(decision) = decided.message {
                if covers(&decision) {
                    forecast.confirmation = Some(now);
                }
                case.told.push(as_told(&case, &decision, now));
            }
        }
    }
    forecast
}
