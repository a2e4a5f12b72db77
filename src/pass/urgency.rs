//! `--limit`: which messages of a pass are the most urgent.
//!
//! A limited pass decides everything once without writing a word, and keeps of each message only when its first
//! appointment begins and whose it is. Then it is known which go out, and these alone are read, decided
//! and written again. So memory stays bounded, and a pass that sends little writes little.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};

use super::waiting::Waiting;
use super::{Phase, Work};
use crate::model::Kind;
use crate::rules::reason::Reason;
use crate::rules::{Chain, Skipped};

/// The order of urgency: what begins first, reminders before confirmations, then by customer; what is
/// repeated goes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Urgency {
    start: DateTime<Utc>,
    is_confirmation: bool,
    customer_id: i64,
    /// Whether it is a new message, and not one of unknown fate that is repeated.
    is_new: bool,
    message_id: Option<i64>,
}

impl Urgency {
    fn of(chain: &Chain, work: &Work) -> Self {
        let message_id = work.repeats.as_ref().map(|message| message.id);
        Self {
            start: chain.settings.zone.instant(work.decision.first().start()),
            is_confirmation: work.decision.kind == Kind::Confirmation,
            customer_id: work.decision.customer_id,
            is_new: message_id.is_none(),
            message_id,
        }
    }
}

/// A message that was found due.
#[derive(Debug)]
pub(super) struct Due {
    urgency: Urgency,
    /// The appointments that a new reminder covers, each with its start and branch.
    reminds_of: Vec<(i64, NaiveDateTime, i64)>,
}

/// What is made of a message that has been decided.
#[derive(Debug)]
pub(super) enum Choice {
    /// It goes out.
    All,
    /// It is only noted.
    Noted(Vec<Due>),
    /// It goes out if it is one of these.
    Of(Arc<BTreeSet<Urgency>>),
}

impl Choice {
    /// Takes a message that has been decided.
    pub(super) fn take(&mut self, chain: &Chain, waiting: &mut Waiting, work: Work) {
        match self {
            Self::Noted(due) => {
                let urgency = Urgency::of(chain, &work);
                let mut reminds_of = Vec::new();
                if urgency.is_new && !urgency.is_confirmation {
                    let covered = work.decision.covers.iter();
                    reminds_of.extend(covered.map(|covered| (covered.id, covered.start(), covered.branch_id)));
                }
                due.push(Due { urgency, reminds_of });
            }
            Self::Of(chosen) if !chosen.contains(&Urgency::of(chain, &work)) => {}
            Self::All | Self::Of(_) => waiting.push(chain, work),
        }
    }

    /// The only customers that a half of the pass has to decide about; `None`: all of them.
    pub(super) fn customers(&self, phase: &Phase<'_>) -> Option<BTreeSet<i64>> {
        let Self::Of(chosen) = self else { return None };
        let is_confirmation = phase.kind() == Kind::Confirmation;
        let of_this_half = chosen.iter().filter(|urgency| urgency.is_confirmation == is_confirmation);
        Some(of_this_half.map(|urgency| urgency.customer_id).collect())
    }
}

/// What goes out, and what is left for the next pass.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) now: Arc<BTreeSet<Urgency>>,
    pub(super) reminders_left: usize,
    pub(super) confirmations_left: usize,
    /// The appointments of reminders that are left.
    pub(super) skipped: Vec<Skipped>,
}

/// The `limit` most urgent of what is due; `is_in_window` tells by its start whether an appointment is in the
/// reminder window.
pub(super) fn choose(mut due: Vec<Due>, limit: usize, is_in_window: impl Fn(NaiveDateTime) -> bool) -> Chosen {
    due.sort_unstable_by(|one, other| one.urgency.cmp(&other.urgency));
    let left = due.split_off(limit.min(due.len()));
    let confirmations_left = left.iter().filter(|due| due.urgency.is_confirmation).count();
    let reminders_left = left.len() - confirmations_left;
    let mut skipped = Vec::new();
    for Due { urgency, reminds_of } in left {
        skipped.extend(reminds_of.into_iter().filter(|(_, start, _)| is_in_window(*start)).map(
            |(appointment_id, start, branch_id)| Skipped {
                appointment_id,
                start: Some(start),
                branch_id: Some(branch_id),
                customer_id: Some(urgency.customer_id),
                reason: Reason::OverLimit { limit },
            },
        ));
    }
    let now = Arc::new(due.into_iter().map(|due| due.urgency).collect());
    Chosen { now, reminders_left, confirmations_left, skipped }
}
