//! Decided messages on their way into the order of the report.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use chrono::{DateTime, NaiveDateTime, Utc};

use super::work::Work;
use crate::rules::Chain;

/// Decided messages that wait until no earlier one can come.
#[derive(Default)]
pub(super) struct Waiting {
    heap: BinaryHeap<Reverse<Ordered>>,
}

/// A message in the order of the report: first start, customer; a repeated one first.
struct Ordered {
    start: DateTime<Utc>,
    customer_id: i64,
    message_id: Option<i64>,
    work: Work,
}

impl Ordered {
    fn key(&self) -> (DateTime<Utc>, i64, bool, Option<i64>) {
        (self.start, self.customer_id, self.message_id.is_none(), self.message_id)
    }
}

impl PartialEq for Ordered {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    pub(super) fn push(&mut self, chain: &Chain, work: Work) {
        let start = chain.settings.zone.instant(work.decision.first().start());
        let message_id = work.repeats.as_ref().map(|message| message.id);
        let customer_id = work.decision.customer_id;
        self.heap.push(Reverse(Ordered { start, customer_id, message_id, work }));
    }

    /// Up to `most` messages whose first start is before `frontier`, in order; any if there
    /// is none.
    pub(super) fn take_before(&mut self, frontier: Option<NaiveDateTime>, most: usize) -> Vec<Work> {
        let mut portion = Vec::new();
        while portion.len() < most {
            let ready = self.heap.peek().is_some_and(|Reverse(first)| {
                frontier.is_none_or(|frontier| first.work.decision.first().start() < frontier)
            });
            if !ready {
                break;
            }
            portion.extend(self.heap.pop().map(|Reverse(first)| first.work));
        }
        portion
    }
}
