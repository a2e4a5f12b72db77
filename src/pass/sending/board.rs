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
//! **In trouble.** A message at which the whole server seems to be in trouble goes behind the others: one of them is
//! tried next. If the server takes them, and is in trouble at this one the third time, then it rests until the next pass
//! as one that only this server, only now, does not take.
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
    /// Place in the pass; then its number among the messages of that place, 0 for the first.
    pub(super) place: (usize, u32),
    pub(super) work: Work,
    pub(super) composed: Result<Composed, String>,
    /// How often a server has not wanted this one message for now.
    pub(super) tries: usize,
    /// The troubles with the server at this message.
    pub(super) troubles: Troubles,
}

/// How often a server was in trouble at one message, and how many it had taken when that began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Troubles {
    count: u32,
    taken_before: u64,
}

/// From which trouble at one message on it is that message's own, if the server has taken others since the first.
const OWN_TROUBLE: u32 = 3;

impl Troubles {
    /// Takes note of one more trouble, with a server that has taken so many messages in this pass. Whether it is not
    /// the server's but this one message's, which must not keep the others from it.
    pub(super) fn one_more(&mut self, taken: u64) -> bool {
        if self.count == 0 {
            self.taken_before = taken;
        }
        self.count += 1;
        self.count >= OWN_TROUBLE && taken > self.taken_before
    }
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
    /// How many messages have met their fate, reported or not.
    pub(super) closed: usize,
    /// The number of places taken so far.
    places: usize,
}

impl Board {
    /// The place of the next decided message.
    pub(super) fn next_place(&mut self) -> (usize, u32) {
        self.places += 1;
        (self.places, 0)
    }

    /// How many messages wait for a connection of an interface.
    pub(super) fn waiting_for(&self, interface_id: i64) -> usize {
        self.waiting.get(&Some(interface_id)).map_or(0, VecDeque::len)
    }

    /// Takes the message that is next for an interface; by `probe`, which is any number, one of those at which its
    /// server has not been in trouble.
    pub(super) fn take_waiting(&mut self, interface_id: Option<i64>, probe: Option<usize>) -> Option<Item> {
        let waiting = self.waiting.get_mut(&interface_id)?;
        let from = probe.map_or(0, |probe| probe % waiting.len().max(1));
        let is_new = |place: &usize| waiting.get(*place).is_some_and(|item| item.troubles == Troubles::default());
        let place = probe.and_then(|_| (from..waiting.len()).chain(0..from).find(is_new));
        waiting.remove(place.unwrap_or(0))
    }

    /// Notes what became of a message.
    pub(super) fn close(&mut self, place: (usize, u32), report: MessageReport) {
        let (kind, channel, outcome) = (report.kind.word(), report.channel.word(), report.fate.word());
        match report.message_id {
            Some(message_id) => log::info!(message_id, kind, channel, outcome; "message settled"),
            None => log::info!(kind, channel, outcome; "message settled"),
        }
        self.closed += 1;
        self.done.insert(place, report);
    }

    /// Whether there is nothing to do but to wait for resting messages.
    pub(super) fn is_idle(&self) -> bool {
        self.flying.is_empty() && self.waiting.values().all(VecDeque::is_empty)
    }

    /// Puts resting messages back to those that wait for a connection, before the others, if they
    /// are due; reports those that are `given_up`.
    pub(super) fn wake(&mut self, elapsed: Duration, given_up: impl Fn(&Item) -> bool) {
        // Each goes to the front, the first one last.
        let resting = std::mem::take(&mut self.resting);
        for resting in resting.into_iter().rev() {
            if given_up(&resting.item) {
                self.close(resting.item.place, resting.report);
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
        while self.resting.first().is_some_and(|first| self.done.range(first.item.place..).count() > HELD_BACK) {
            let resting = self.resting.remove(0);
            self.close(resting.item.place, resting.report);
        }
        let held_back = match self.resting.first() {
            Some(resting) => self.done.split_off(&resting.item.place),
            None => BTreeMap::new(),
        };
        std::mem::replace(&mut self.done, held_back).into_values().collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use chrono::NaiveDateTime;

    use super::*;
    use crate::contact::Address;
    use crate::model::{Channel, Kind, State};
    use crate::report::{Deferral, Fate};
    use crate::rules::{Case, CustomerRow, Decision, Route};
    use crate::store::InReach;

    pub(in crate::pass::sending) fn item(board: &mut Board) -> Item {
        let route = Route {
            address: Address::Letter("Floßgasse 3, 80469 München".to_owned()),
            interface_id: Some(2),
            document_template: String::new(),
        };
        let decision = Decision { kind: Kind::Reminder, customer_id: 7, covers: Vec::new(), route };
        let case =
            Case { customer: CustomerRow::None, appointments: Vec::new(), told: Vec::new(), starts: BTreeMap::new() };
        let of = InReach { start: NaiveDateTime::MIN, appointment_id: 0, customer_id: Some(7) };
        let work = Work { decision, case, of, data_version: 0, repeats: None };
        Item { place: board.next_place(), work, composed: Err(String::new()), tries: 0, troubles: Troubles::default() }
    }

    fn report(state: State) -> MessageReport {
        MessageReport {
            message_id: None,
            kind: Kind::Reminder,
            customer_id: 7,
            customer_name: None,
            branch_id: 1,
            channel: Channel::Email,
            address: String::new(),
            interface_id: None,
            document_template: None,
            language: None,
            appointments: Vec::new(),
            subject: None,
            body: String::new(),
            attachments: Vec::new(),
            sms_segments: None,
            fate: Fate::Settled(state),
            deferral: (state == State::Deferred).then_some(Deferral::Server),
            error: None,
            beside: None,
        }
    }

    fn rest(board: &mut Board) {
        let item = item(board);
        board.resting.push(Resting { due: RESTS[0], item, report: report(State::Deferred) });
    }

    fn done(board: &mut Board) {
        let place = board.next_place();
        board.done.insert(place, report(State::Sent));
    }

    fn fates(reports: &[MessageReport]) -> Vec<&'static str> {
        reports.iter().map(|report| report.fate.word()).collect()
    }

    #[test]
    fn what_comes_after_a_resting_message_is_held_back_until_it_is_given_up_or_done() {
        let mut board = Board::default();
        done(&mut board);
        rest(&mut board);
        done(&mut board);
        assert_eq!(fates(&board.take_ready()), ["sent"]);
        board.wake(Duration::ZERO, |_| false);
        assert!(board.take_ready().is_empty() && board.resting.len() == 1, "it is not due yet");
        board.wake(Duration::ZERO, |_| true);
        assert_eq!(fates(&board.take_ready()), ["deferred", "sent"]);
        assert!(board.is_idle());
    }

    #[test]
    fn a_message_that_is_due_goes_before_those_that_wait() {
        let mut board = Board::default();
        rest(&mut board);
        let next = item(&mut board);
        board.waiting.entry(Some(2)).or_default().push_back(next);
        board.wake(RESTS[0], |_| false);
        let places: Vec<_> = board.waiting[&Some(2)].iter().map(|item| item.place.0).collect();
        assert_eq!((places, board.resting.len()), (vec![1, 2], 0));
    }

    #[test]
    fn a_message_is_given_up_before_too_much_is_held_back_for_it() {
        let mut board = Board::default();
        rest(&mut board);
        for _ in 0..HELD_BACK {
            done(&mut board);
        }
        assert!(board.take_ready().is_empty());
        rest(&mut board);
        done(&mut board);
        let ready = board.take_ready();
        assert_eq!((ready.len(), fates(&ready[..2])), (HELD_BACK + 1, vec!["deferred", "sent"]));
        assert_eq!((board.resting.len(), board.done.len()), (1, 1), "the second one rests on");
    }

    #[test]
    fn a_message_rests_for_one_minute_and_then_for_five_unless_the_server_asks_for_more() {
        let mut item = item(&mut Board::default());
        let minutes = |rest: Option<Duration>| rest.map(|rest| rest.as_secs() / 60);
        assert_eq!(minutes(item.rest(Some(Duration::from_secs(60)))), Some(1));
        assert_eq!(minutes(item.rest(Some(Duration::from_secs(61)))), None);
        item.tries = 1;
        assert_eq!(minutes(item.rest(None)), Some(5));
        item.tries = 2;
        assert_eq!(minutes(item.rest(None)), None);
    }
}
