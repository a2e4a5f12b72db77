//! The two halves of a pass, reminders and confirmations, as one question: what is decided about
//! this customer?

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::model::{BadData, Kind};
use crate::rules::confirmation;
use crate::rules::reminder;
use crate::rules::window::{ConfirmationWindow, ReminderWindow};
use crate::rules::{Case, Chain, Decision, Skipped};
use crate::settings::{ConfirmationSettings, ReminderSettings};
use crate::store::{CaseLoader, ConfirmationReach, InReach, Store};

/// Half of a pass.
#[derive(Debug, Clone)]
pub enum Phase<'a> {
    /// Reminders, which are decided first (D6).
    Reminders(&'a ReminderSettings, ReminderWindow),
    /// Confirmations. The set holds the appointments that a reminder of this pass covers or that
    /// E3 holds back in it.
    Confirmations(&'a ConfirmationSettings, ConfirmationWindow, BTreeSet<i64>),
}

/// What is decided about one customer.
#[derive(Debug, Default)]
pub struct Decided {
    /// The message, if any.
    pub message: Option<Decision>,
    /// Appointments in the reminder window without a reminder.
    pub skipped: Vec<Skipped>,
    /// What could not be understood elsewhere.
    pub bad: Vec<BadData>,
}

impl Phase<'_> {
    /// What the messages of this half are for.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Reminders(..) => Kind::Reminder,
            Self::Confirmations(..) => Kind::Confirmation,
        }
    }

    /// The appointments that this half has to look at, by start, then id.
    ///
    /// # Errors
    /// 74 if the database cannot be read.
    pub fn in_reach(&self, store: &Store, chain: &Chain, now: DateTime<Utc>) -> anyhow::Result<Vec<InReach>> {
        match self {
            Self::Reminders(_, window) => store.in_reminder_reach(window.now, window.until, chain.settings.zone),
            Self::Confirmations(_, window, _) => {
                // B1, B4. What cannot be understood is not left out, but named.
                let (types, branches) = (known(&chain.types), known(&chain.branches));
                let filter = &chain.settings.branch_filter;
                let reach = ConfirmationReach {
                    from: window.from,
                    to: window.to,
                    types_left_out: types.filter(|row| !row.auto_notify).map(|row| row.id).collect(),
                    branches_left_out: branches
                        .filter(|row| !filter.is_empty() && !filter.contains(&row.code))
                        .map(|row| row.id)
                        .collect(),
                };
                store.in_confirmation_reach(&reach, now)
            }
        }
    }

    /// How far the cases of this half must reach.
    #[must_use]
    pub fn loader(&self, chain: &Chain, now: DateTime<Utc>) -> CaseLoader {
        let zone = chain.settings.zone;
        let to = match self {
            // E6 takes in whole local dates.
            Self::Reminders(_, window) => zone.date(window.until),
            Self::Confirmations(_, window, _) => window.to,
        };
        CaseLoader { now, zone, to }
    }

    /// Decides about one customer.
    #[must_use]
    pub fn decide(&self, chain: &Chain, now: DateTime<Utc>, case: &Case) -> Decided {
        match self {
            Self::Reminders(settings, window) => {
                let reminders = reminder::decide(chain, settings, window, case);
                Decided { message: reminders.message, skipped: reminders.skipped, bad: Vec::new() }
            }
            Self::Confirmations(settings, window, reserved) => {
                let confirmations = confirmation::decide(chain, settings, window, now, case, reserved);
                Decided { message: confirmations.message, skipped: Vec::new(), bad: confirmations.bad }
            }
        }
    }
}

/// The rows that can be understood.
fn known<T>(rows: &BTreeMap<i64, Result<T, BadData>>) -> impl Iterator<Item = &T> {
    rows.values().filter_map(|row| row.as_ref().ok())
}
