//! The connections of one interface, and when they may be used.
//!
//! A server in trouble is tried again after growing pauses, one message at a time; after a few
//! troubles in a row, or one refusal, it is left alone for the rest of the pass.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use crate::delivery::{Carrier, Outcome, Prepared};

/// The pauses after the first, second, … trouble in a row with a server; after one more it is left
/// alone for the rest of the pass.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// How often in a row a server may ask us to wait before it is left alone.
const WAITS: u32 = 10;

/// An interface with its connections.
pub(super) struct Line {
    pub(super) carrier: Arc<dyn Carrier>,
    most: usize,
    idle: Vec<Sender<Job>>,
    threads: Vec<thread::JoinHandle<()>>,
    busy: BTreeMap<u64, Sender<Job>>,
    /// Troubles in a row, and requests to wait.
    troubles: u32,
    waits: u32,
    /// The time since the pass began until which the server is left in peace.
    paused_until: Duration,
    /// The pause after each hand-over, where a provider asks for it, and when the next may be.
    pace: Duration,
    next_slot: Duration,
    /// Why it is left alone.
    pub(super) out: Option<String>,
}

/// What follows from the end of a hand-over.
pub(super) enum Next {
    /// The message has met its fate.
    Done,
    /// The message is to be tried again after a pause.
    Again,
    /// The message has met its fate, and the server is left alone from now on.
    LeftAlone {
        /// Whether it refused us, rather than being in trouble.
        refused: bool,
        /// What it said.
        problem: String,
    },
}

/// A message on its way to a connection.
pub(super) struct Job {
    pub(super) ticket: u64,
    pub(super) message: Prepared,
}

/// A hand-over that has ended.
pub(super) struct Ended {
    pub(super) ticket: u64,
    pub(super) interface_id: i64,
    pub(super) outcome: Outcome,
}

impl Line {
    pub(super) fn new(carrier: Arc<dyn Carrier>, connections: u32, max_per_minute: Option<u32>) -> Self {
        Self {
            carrier,
            most: connections as usize,
            idle: Vec::new(),
            threads: Vec::new(),
            busy: BTreeMap::new(),
            troubles: 0,
            waits: 0,
            paused_until: Duration::ZERO,
            next_slot: Duration::ZERO,
            pace: max_per_minute.map_or(Duration::ZERO, |most| Duration::from_secs(60) / most),
            out: None,
        }
    }

    /// Whether a waiting message can be claimed, be it to be handed over or to be deferred. A server
    /// in trouble gets one at a time.
    pub(super) fn takes_more(&self, elapsed: Duration) -> bool {
        let most = if self.troubles + self.waits > 0 { 1 } else { self.most };
        self.out.is_some() || self.busy.len() < most && elapsed >= self.paused_until.max(self.next_slot)
    }

    /// Takes a connection for a ticket, a new one if none is idle.
    pub(super) fn reserve(&mut self, ticket: u64, interface_id: i64, elapsed: Duration, results: &Sender<Ended>) {
        if !self.pace.is_zero() {
            self.next_slot = self.next_slot.max(elapsed) + self.pace;
        }
        let courier = match self.idle.pop() {
            Some(idle) => idle,
            None => self.connect(interface_id, results.clone()),
        };
        self.busy.insert(ticket, courier);
    }

    /// Hands a message to the connection that was taken for it; false if that has ended.
    pub(super) fn send(&self, job: Job) -> bool {
        self.busy.get(&job.ticket).is_some_and(|courier| courier.send(job).is_ok())
    }

    /// Takes note of the end of a hand-over; `left` is the time for which the pass may go on.
    pub(super) fn ended(&mut self, ticket: u64, outcome: &Outcome, elapsed: Duration, left: Duration) -> Next {
        self.idle.extend(self.busy.remove(&ticket));
        let pause = match outcome {
            Outcome::Refused(_) => None,
            Outcome::NotSent { server: true, wait, .. } => {
                // The other connections were on their way before the first trouble was known.
                let same_trouble = self.troubles + self.waits > 0 && elapsed < self.paused_until;
                if !same_trouble {
                    *(if wait.is_some() { &mut self.waits } else { &mut self.troubles }) += 1;
                }
                let pause = match self.troubles {
                    0 => Some(Duration::ZERO),
                    troubles => PAUSES.get(troubles as usize - 1).copied(),
                };
                pause
                    .map(|pause| wait.unwrap_or_default().max(pause))
                    .filter(|pause| self.waits <= WAITS && *pause < left)
            }
            _ => {
                (self.troubles, self.waits) = (0, 0);
                return Next::Done;
            }
        };
        if self.out.is_some() {
            return Next::Done;
        }
        if let Some(pause) = pause {
            self.paused_until = self.paused_until.max(elapsed + pause);
            return Next::Again;
        }
        let problem = outcome.problem().to_owned();
        self.out = Some(problem.clone());
        Next::LeftAlone { refused: matches!(outcome, Outcome::Refused(_)), problem }
    }

    /// Starts the thread of a connection. It ends when its sender is dropped.
    fn connect(&mut self, interface_id: i64, results: Sender<Ended>) -> Sender<Job> {
        let (sender, jobs) = channel::<Job>();
        let carrier = Arc::clone(&self.carrier);
        self.threads.push(thread::spawn(move || {
            let mut courier = carrier.courier();
            for Job { ticket, message } in jobs {
                // A fault of ours in the middle of a hand-over must not leave the pass waiting; what
                // has left by then is not known.
                let outcome = catch_unwind(AssertUnwindSafe(|| courier.hand_over(&message))).unwrap_or_else(|_| {
                    Outcome::Unknown("the hand-over broke off by a fault of terminbote".to_owned())
                });
                if results.send(Ended { ticket, interface_id, outcome }).is_err() {
                    break;
                }
            }
        }));
        sender
    }

    /// Closes all connections, and waits until the server has been told.
    pub(super) fn close(self) {
        drop((self.idle, self.busy));
        for thread in self.threads {
            // A thread that broke off has reported it as the fate of its message.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Courier;

    /// A carrier over whose connections nothing is handed over.
    struct Nobody;

    impl Carrier for Nobody {
        fn courier(&self) -> Box<dyn Courier + '_> {
            Box::new(Self)
        }
    }

    impl Courier for Nobody {
        fn hand_over(&mut self, _message: &Prepared) -> Outcome {
            Outcome::Unknown("nobody was asked".to_owned())
        }
    }

    const HOUR: Duration = Duration::from_secs(3600);

    fn line(max_per_minute: Option<u32>) -> Line {
        Line::new(Arc::new(Nobody), 4, max_per_minute)
    }

    fn trouble(wait: Option<Duration>) -> Outcome {
        Outcome::NotSent { problem: "421 busy".to_owned(), wait, server: true }
    }

    #[test]
    fn a_server_in_trouble_is_tried_again_after_growing_pauses_and_then_left_alone() {
        let mut line = line(None);
        let mut now = Duration::from_secs(10);
        for pause in PAUSES {
            assert!(matches!(line.ended(1, &trouble(None), now, HOUR), Next::Again));
            assert!(!line.takes_more(now), "not before the pause is over");
            now += pause;
            assert!(line.takes_more(now));
        }
        let next = line.ended(1, &trouble(None), now, HOUR);
        assert!(matches!(next, Next::LeftAlone { refused: false, ref problem } if problem == "421 busy"));
        assert_eq!(line.out.as_deref(), Some("421 busy"));
        assert!(line.takes_more(now), "what waits can be deferred at once");
    }

    #[test]
    fn messages_that_were_on_their_way_at_the_first_trouble_do_not_count_against_the_server() {
        let mut line = line(None);
        let now = Duration::from_secs(10);
        for _ in 0..4 {
            assert!(matches!(line.ended(1, &trouble(None), now, HOUR), Next::Again));
        }
        assert_eq!((line.troubles, line.out.as_deref()), (1, None));
    }

    #[test]
    fn a_message_that_is_taken_ends_the_trouble() {
        let mut line = line(None);
        line.ended(1, &trouble(None), Duration::ZERO, HOUR);
        let taken = Outcome::Accepted { reference: None, reply: "250 ok".to_owned() };
        assert!(matches!(line.ended(1, &taken, Duration::from_secs(5), HOUR), Next::Done));
        assert_eq!(line.troubles, 0);
    }

    #[test]
    fn a_refusal_leaves_the_server_alone_at_once() {
        let next = line(None).ended(1, &Outcome::Refused("535 no".to_owned()), Duration::ZERO, HOUR);
        assert!(matches!(next, Next::LeftAlone { refused: true, .. }));
    }

    #[test]
    fn a_server_that_asks_to_wait_is_waited_for_as_told_if_the_pass_lasts_that_long() {
        let wait = Duration::from_secs(60);
        let mut patient = line(None);
        assert!(matches!(patient.ended(1, &trouble(Some(wait)), Duration::ZERO, HOUR), Next::Again));
        assert!(!patient.takes_more(Duration::from_secs(59)));
        assert!(patient.takes_more(wait));
        let too_long = line(None).ended(1, &trouble(Some(wait)), Duration::ZERO, Duration::from_secs(30));
        assert!(matches!(too_long, Next::LeftAlone { refused: false, .. }));
    }

    #[test]
    fn max_per_minute_spaces_the_hand_overs() {
        let line = line(Some(30));
        assert_eq!(line.pace, Duration::from_secs(2));
        let mut line = line;
        let (results, _) = channel();
        assert!(line.takes_more(Duration::ZERO));
        line.reserve(1, 2, Duration::ZERO, &results);
        assert!(!line.takes_more(Duration::from_millis(1999)));
        assert!(line.takes_more(Duration::from_secs(2)));
    }

    const AT: Duration = Duration::from_secs(7);

    /// How many messages one look at the clock can claim, though the clock goes on meanwhile.
    fn claimed_at_once(max_per_minute: Option<u32>) -> u64 {
        let mut line = line(max_per_minute);
        let (results, _ended) = channel();
        let claimed = (1..).take_while(|ticket| {
            let takes_more = line.takes_more(AT);
            if takes_more {
                line.reserve(*ticket, 2, AT + Duration::from_micros(*ticket), &results);
            }
            takes_more
        });
        let claimed = claimed.count() as u64;
        line.close();
        claimed
    }

    #[test]
    fn one_commit_claims_for_every_connection_unless_the_provider_wants_them_one_by_one() {
        assert_eq!(claimed_at_once(None), 4);
        assert_eq!(claimed_at_once(Some(60)), 1);
    }
}
