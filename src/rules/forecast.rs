//! The passes to come, if nothing changes until then: at which minute they run, which of them would tell of
//! an appointment, and what the later ones have to take as told.
//!
//! They are decided one after the other, by the functions of a pass; what one of them would send
//! counts as told in the next.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDateTime, Timelike, Utc};

use super::quiet::QuietTime;
use super::window::{ConfirmationWindow, ReminderWindow};
use super::{Case, Chain, Decision, confirmation, reminder, told};
use crate::model::{Appointment, Kind, State, Stated, Told};
use crate::zone::Zone;

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

/// The minute of the local hour at which passes run: that of most of `passes`, of the last of them if
/// several are as frequent; `None` without any.
#[must_use]
pub fn rhythm(passes: &[DateTime<Utc>], zone: Zone) -> Option<u32> {
    let minutes: Vec<u32> = passes.iter().map(|at| zone.local(*at).minute()).collect();
    let count = |minute: u32| minutes.iter().filter(|other| **other == minute).count();
    let most = minutes.iter().enumerate().max_by_key(|(place, minute)| (count(**minute), *place));
    most.map(|(_, minute)| *minute)
}

/// The first pass after `now` of an hourly rhythm at `minute` of the local hour.
#[must_use]
pub fn next_pass(now: DateTime<Utc>, minute: u32, zone: Zone) -> DateTime<Utc> {
    let at = zone.full_hour(now) + Duration::minutes(minute.into());
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
