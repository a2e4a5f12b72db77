//! When the next pass would tell of an appointment, if nothing changes until then.
//!
//! The passes to come are decided one after the other, by the functions of a pass; what one of
//! them would send counts as told in the next.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Timelike, Utc};

use super::quiet::QuietTime;
use super::window::{ConfirmationWindow, ReminderWindow};
use super::{Case, Chain, Decision, confirmation, reminder, told};
use crate::model::{Appointment, Kind, State, Stated, Told};

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

/// A message that would be sent, as the record of a later pass would have it.
fn as_told(case: &Case, decision: &Decision, at: DateTime<Utc>) -> Told {
    Told {
        message_id: case.told.iter().map(|told| told.message_id).max().unwrap_or(0) + 1,
        kind: decision.kind,
        channel: Some(decision.route.address.channel()),
        address: decision.route.address.expose().to_owned(),
        state: State::Sent,
        sent_at: at,
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

/// The minute of the hour at which passes run: that of most of `passes`, of the newest if several
/// are as frequent; `None` without any.
#[must_use]
pub fn rhythm(passes: &[DateTime<Utc>]) -> Option<u32> {
    let count = |minute: u32| passes.iter().filter(|at| at.minute() == minute).count();
    passes
        .iter()
        .map(Timelike::minute)
        .enumerate()
        .max_by_key(|(place, minute)| (count(*minute), *place))
        .map(|(_, minute)| minute)
}

/// The first pass after `now` of an hourly rhythm at `minute`.
#[must_use]
pub fn next_pass(now: DateTime<Utc>, minute: u32) -> DateTime<Utc> {
    let hour = super::full_minute(now) - Duration::minutes(now.minute().into());
    let at = hour + Duration::minutes(minute.into());
    if at > now { at } else { at + Duration::hours(1) }
}

/// Whether a message of this kind is set up at all.
#[must_use]
pub const fn is_set_up(chain: &Chain, kind: Kind) -> bool {
    match kind {
        Kind::Confirmation => chain.settings.confirmation.is_some(),
        Kind::Reminder => chain.settings.reminder.is_some(),
        Kind::Manual => false,
    }
}
