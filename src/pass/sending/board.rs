//! The messages of a pass that have not been reported yet: those that wait for a connection, are on
//! their way, rest until they are tried again, or are done and wait for an earlier one.
//!
//! **Tried again.** A server may take everything but this one message for now: greylisting, a mailbox
//! that is full or busy (450, 451, 452). Such a message rests for a minute, then for five, while the
//! others go on; the server must have asked for no more. Five minutes because that is what
//! greylisting wants by default where it is most widespread, counted from the first try; one before
//! that because other troubles of this kind pass sooner. So a pass lasts six minutes longer for such a
//! message, at the most: little beside the hour until the next one, and much in the last pass before
//! the night, after which there is none until the morning. What is still not taken then is left to
//! the next pass.
//!
//! **Held back.** The report is in the order of decision, so that what comes after a resting message
//! is held back. Memory stays bounded: if too much is, the first resting message is left to the next
//! pass.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::pass::Work;
use crate::pass::compose::Composed;
use crate::report::MessageReport;

/// How long a message rests after the first, second, … time that the server did not want it.
const RESTS: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(5 * 60)];

/// How many reports may be held back.
const HELD_BACK: usize = 4096;

/// A message: its place in the report, and what it needs.
pub(super) struct Item {
    /// Place in the pass; then the how-manieth message in that place.
    pub(super) place: (usize, u32),
    pub(super) work: Work,
    pub(super) composed: Result<Composed, String>,
    /// How often a server has not wanted this one message for now.
    pub(super) tries: usize,
}

impl Item {
    /// How long it rests before it is tried again, if it is; `wait` is what the server asked for.
    pub(super) fn rest(&self, wait: Option<Duration>) -> Option<Duration> {
        RESTS.get(self.tries).copied().filter(|rest| wait.is_none_or(|wait| wait <= *rest))
    }
}

/// A message that is tried again, and its report if it is not.
pub(super) struct Resting {
    /// The time since the pass began at which it is tried again.
    pub(super) due: Duration,
    pub(super) item: Item,
    pub(super) report: MessageReport,
}

/// What has not been reported yet.
#[derive(Default)]
pub(super) struct Board {
    pub(super) waiting: BTreeMap<Option<i64>, VecDeque<Item>>,
    pub(super) flying: BTreeMap<u64, (Item, i64)>,
    pub(super) resting: Vec<Resting>,
    pub(super) done: BTreeMap<(usize, u32), MessageReport>,
    /// The number of places taken so far.
    places: usize,
}

impl Board {
    /// The place of the next decided message.
    pub(super) fn next_place(&mut self) -> (usize, u32) {
        self.places += 1;
        (self.places, 0)
    }

    /// Whether there is nothing to do but to wait for resting messages.
    pub(super) fn is_idle(&self) -> bool {
        self.flying.is_empty() && self.waiting.values().all(VecDeque::is_empty)
    }

    /// Puts resting messages back to those that wait for a connection, before the others, if they
    /// are due; reports those that are `given_up`.
    pub(super) fn wake(&mut self, elapsed: Duration, given_up: impl Fn(&Item) -> bool) {
        let resting = std::mem::take(&mut self.resting);
        for resting in resting {
            if given_up(&resting.item) {
                self.done.insert(resting.item.place, resting.report);
            } else if elapsed >= resting.due {
                let interface_id = resting.item.work.decision.route.interface_id;
                self.waiting.entry(interface_id).or_default().push_front(resting.item);
            } else {
                self.resting.push(resting);
            }
        }
    }

    /// The reports before which nothing is missing any more; nothing may wait or be on its way.
    pub(super) fn take_ready(&mut self) -> Vec<MessageReport> {
        self.resting.sort_by_key(|resting| resting.item.place);
        while self.done.len() > HELD_BACK && !self.resting.is_empty() {
            let resting = self.resting.remove(0);
            self.done.insert(resting.item.place, resting.report);
        }
        let held_back = match self.resting.first() {
            Some(resting) => self.done.split_off(&resting.item.place),
            None => BTreeMap::new(),
        };
        std::mem::replace(&mut self.done, held_back).into_values().collect()
    }
}
