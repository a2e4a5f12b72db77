//! The connections of one interface, and when they may be used.
//!
//! A server in trouble is tried again after growing pauses, one message at a time; after a few
//! troubles in a row, or one refusal, it is left alone for the rest of the pass. To give no answer to a whole
//! message is trouble, too, though that message itself is not tried again.
//!
//! It may be about the message, and not about the server. So the one that is tried next is any other that waits, in
//! each pass another one, and not the next in order, which may lie beside it for the same reason. Troubles at one and
//! the same message do not show anything of the server: that message is left to the next pass, and the next trouble at
//! another one settles it.
//!
//! A server may take fewer connections at once than the settings say, as many providers do. So a connection that
//! comes to nothing at its first message, or is refused then, is no trouble while there are others: those go on
//! without a pause, and no more are tried in this pass. If none of them works, it is trouble after all.
//!
//! Where all goes well, messages are claimed ahead: each follows another one on its connection. They are
//! given back, as certainly not sent, when the server gets into trouble, when their customer may have
//! changed, or when their connection is slow and another one free.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::time::Duration;

use super::board::Item;
use super::courier::{self, Ended, Job};
use crate::delivery::{Carrier, Outcome, Prepared};
use crate::report::Warning;

/// The pauses after the first, second, … trouble in a row with a server; after one more it is left
/// alone for the rest of the pass.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// How often in a row a server may ask us to wait before it is left alone.
const WAITS: u32 = 10;

/// How many messages are claimed at a time to follow others, at most: much of what a claim costs is
/// shared by those that are claimed together. If they are not handed over within the time it is half as
/// many the next time, and otherwise twice as many.
const AHEAD: usize = 1024;
const AHEAD_FOR: Duration = Duration::from_secs(1);

/// How long a connection may be without an answer before others take what follows on it, if they have
/// nothing else to do.
const SLOW: Duration = Duration::from_secs(1);

/// An interface with its connections.
pub(super) struct Line {
    pub(super) carrier: Arc<dyn Carrier>,
    /// How many connections there may be at once by the settings.
    wanted: usize,
    /// How many there can be if those are fewer, and what became of one more, or would.
    limit: Option<(usize, String)>,
    /// The same by this computer alone, whatever the server takes.
    limit_of_ours: Option<(usize, String)>,
    /// Those that work last, where the next one is taken from.
    idle: Vec<Connection>,
    threads: Vec<JoinHandle<()>>,
    busy: BTreeMap<u64, Connection>,
    /// Connections on which the next message has its turn.
    held: Vec<Connection>,
    /// How many messages are claimed next to follow others, and when it was last done.
    ahead: usize,
    claimed_ahead: Duration,
    /// How many messages the server has taken in this pass, or has decided about otherwise.
    pub(super) taken: u64,
    /// Troubles in a row, and requests to wait.
    troubles: u32,
    waits: u32,
    /// The messages at which these troubles were.
    troubled: BTreeSet<i64>,
    /// What was said at the one message of as many troubles as make a server be left alone, if no other was tried since.
    doubt: Option<String>,
    /// The time since the pass began until which the server is left in peace.
    paused_until: Duration,
    /// The pause after each hand-over, where a provider asks for it, and when the next may be.
    pace: Duration,
    next_slot: Duration,
    /// Why it is left alone.
    pub(super) out: Option<String>,
}

/// A connection that hands over message after message.
pub(super) struct Connection {
    courier: Sender<Job>,
    /// The message that is on its way, or was the last one to be.
    present: i64,
    /// The last message that was claimed for it.
    last: i64,
    /// What follows on it.
    pub(super) following: VecDeque<Following>,
    /// When the present hand-over began.
    since: Duration,
    /// What came of the last hand-over.
    state: Working,
}

/// Whether a connection has turned out to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Working {
    /// Nothing has come of it yet.
    Unknown,
    /// The server has decided about a message.
    Yes,
    /// The message could not be handed over.
    No,
}

impl Working {
    fn after(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Accepted { .. }
            | Outcome::Rejected(_)
            | Outcome::Declined(_)
            | Outcome::NotSent { server: false, .. } => Self::Yes,
            Outcome::NotSent { server: true, .. } | Outcome::Refused(_) | Outcome::Unknown(_) => Self::No,
        }
    }
}

/// A message that is claimed to follow another on its connection. Nothing of it has been handed over.
pub(super) struct Following {
    pub(super) item: Item,
    pub(super) message: Arc<Prepared>,
}

impl Connection {
    /// Whether it has been without an answer for long.
    fn is_slow(&self, elapsed: Duration) -> bool {
        elapsed >= self.since + SLOW
    }

    /// Whether what follows on it can go on there.
    pub(super) fn works(&self) -> bool {
        self.state == Working::Yes
    }

    /// The message that follows, as it may be announced.
    fn next(&self) -> Option<Arc<Prepared>> {
        self.following.front().map(|following| Arc::clone(&following.message))
    }
}

/// What follows from the end of a hand-over.
pub(super) enum Next {
    /// The message has met its fate.
    Done,
    /// The message is to be tried again after a pause.
    Again,
    /// The message is to be tried again by another connection: the server takes no more than there are.
    Fewer,
    /// The message has met its fate, and the server is left alone from now on.
    LeftAlone {
        /// Whether it refused us, rather than being in trouble.
        refused: bool,
        /// What it said.
        problem: String,
    },
}

impl Line {
    pub(super) fn new(carrier: Arc<dyn Carrier>, connections: u32, max_per_minute: Option<u32>) -> Self {
        Self {
            carrier,
            wanted: connections as usize,
            limit: None,
            limit_of_ours: None,
            idle: Vec::new(),
            threads: Vec::new(),
            busy: BTreeMap::new(),
            held: Vec::new(),
            ahead: connections as usize,
            claimed_ahead: Duration::ZERO,
            taken: 0,
            troubles: 0,
            waits: 0,
            troubled: BTreeSet::new(),
            doubt: None,
            paused_until: Duration::ZERO,
            next_slot: Duration::ZERO,
            pace: max_per_minute.map_or(Duration::ZERO, |most| Duration::from_secs(60) / most),
            out: None,
        }
    }

    /// The same with fewer connections than the settings say, and why.
    pub(super) fn limited_to(mut self, connections: usize, problem: String) -> Self {
        if connections < self.wanted {
            self.limit_of_ours = Some((connections, problem));
            self.limit.clone_from(&self.limit_of_ours);
        }
        self
    }

    /// Whether a waiting message can be claimed, be it to be handed over or to be deferred. A server
    /// in trouble gets one at a time.
    pub(super) fn takes_more(&self, elapsed: Duration) -> bool {
        self.out.is_some() || self.may_begin(elapsed)
    }

    /// Whether a message can be handed over.
    pub(super) fn may_begin(&self, elapsed: Duration) -> bool {
        let most = if self.troubles + self.waits > 0 { 1 } else { self.most() };
        self.out.is_none()
            && self.busy.len() + self.held.len() < most
            && elapsed >= self.paused_until.max(self.next_slot)
    }

    /// While the server is in trouble: a number by which the message is chosen that is tried next.
    pub(super) fn probe(&self, pass_id: i64) -> Option<usize> {
        // Another one in each pass, and after each trouble; multiplied by a large prime, so that they lie far apart.
        let seed = pass_id.unsigned_abs().wrapping_add(self.taken).wrapping_add(u64::from(self.troubles + self.waits));
        let chosen = usize::try_from(seed.wrapping_mul(2_654_435_761) >> 16).unwrap_or_default();
        (self.troubles + self.waits > 0).then_some(chosen)
    }

    /// That the server was in trouble at a message after which no other one was tried.
    pub(super) fn was_in_trouble(&self, interface_id: i64) -> Option<Warning> {
        let problem = self.doubt.clone().filter(|_| self.out.is_none())?;
        Some(Warning::InterfaceTrouble { interface_id, refused: false, problem })
    }

    /// Whether messages can be claimed to follow others on their connections.
    fn goes_well(&self) -> bool {
        self.troubles + self.waits == 0 && self.out.is_none() && self.pace.is_zero() && self.carrier.is_quick()
    }

    /// How many of so many `waiting` messages are to be claimed now, to follow others on their
    /// connections, and takes them for claimed. Not the last ones, which another connection might take
    /// sooner.
    pub(super) fn claim_ahead(&mut self, waiting: usize, elapsed: Duration) -> usize {
        let following: usize = self.busy.values().map(|connection| connection.following.len()).sum();
        if !self.goes_well() || following >= self.busy.len() || waiting <= self.most() {
            return 0;
        }
        let in_time = elapsed < self.claimed_ahead + AHEAD_FOR;
        self.ahead = if in_time { self.ahead * 2 } else { self.ahead / 2 }.clamp(self.most(), AHEAD);
        self.claimed_ahead = elapsed;
        self.ahead.min(waiting - self.most())
    }

    /// The message that the next one would follow.
    pub(super) fn shortest(&self) -> Option<(u64, i64)> {
        let shortest = self.busy.iter().min_by_key(|(_, connection)| connection.following.len());
        shortest.map(|(ticket, connection)| (*ticket, connection.last))
    }

    /// Lets a message follow the others on the connection of `ticket`.
    pub(super) fn follow(&mut self, ticket: u64, following: Following) {
        if let Some(connection) = self.busy.get_mut(&ticket) {
            connection.last = following.message.id;
            connection.following.push_back(following);
        }
    }

    /// The connections on which the next message has its turn.
    pub(super) fn take_held(&mut self) -> Vec<Connection> {
        std::mem::take(&mut self.held)
    }

    /// Uses a connection for the message `id` of `ticket`, which was claimed for it.
    pub(super) fn resume(
        &mut self,
        (ticket, id): (u64, i64),
        connection: Connection,
        elapsed: Duration,
    ) -> Sender<Job> {
        let courier = connection.courier.clone();
        self.busy.insert(ticket, Connection { present: id, since: elapsed, ..connection });
        courier
    }

    /// Takes back a connection that nothing follows on.
    pub(super) fn rest(&mut self, connection: Connection) {
        let place = if connection.state == Working::No { 0 } else { self.idle.len() };
        self.idle.insert(place, connection);
    }

    /// How many connections there may be at once.
    fn most(&self) -> usize {
        self.limit.as_ref().map_or(self.wanted, |(most, _)| *most)
    }

    /// That the server takes fewer connections at once than the settings say, if so. Nothing of one that was left
    /// alone: it was in trouble with those as well, which is told already.
    pub(super) fn takes_fewer(&self, interface_id: i64) -> Option<Warning> {
        let (connections, problem) = self.limit.clone().filter(|_| self.out.is_none())?;
        Some(Warning::FewerConnections { interface_id, connections, wanted: self.wanted, problem })
    }

    /// Whether a hand-over over one more connection than these, which had not worked before, came to nothing because it
    /// is one too many; takes note of that.
    fn is_one_too_many(&mut self, outcome: &Outcome) -> bool {
        let may_be = matches!(outcome, Outcome::NotSent { server: true, wait: None, .. } | Outcome::Refused(_));
        if !may_be || self.out.is_some() {
            return false;
        }
        let others = self.busy.values().chain(&self.held).chain(&self.idle);
        let hopeful = others.filter(|connection| connection.state != Working::No).count();
        match hopeful {
            // None works: it was not about their number.
            0 => self.limit.clone_from(&self.limit_of_ours),
            _ if hopeful < self.most() => {
                self.limit = Some((hopeful, outcome.problem().to_owned()));
                return true;
            }
            _ => {}
        }
        false
    }

    /// What is to be announced behind the message of `ticket`.
    pub(super) fn next_of(&self, ticket: u64) -> Option<Arc<Prepared>> {
        self.busy.get(&ticket).and_then(Connection::next)
    }

    /// Whether a free connection could take over what follows on a slow one.
    pub(super) fn can_share(&self, elapsed: Duration) -> bool {
        self.may_begin(elapsed)
            && self.busy.values().any(|connection| connection.is_slow(elapsed) && !connection.following.is_empty())
    }

    /// Takes away what follows on slow connections, or on all.
    pub(super) fn take_following(&mut self, elapsed: Duration, all: bool) -> Vec<Following> {
        let from = self.busy.values_mut().filter(|connection| all || connection.is_slow(elapsed));
        // Whatever is claimed to follow there again, follows the one on its way.
        from.flat_map(|connection| {
            connection.last = connection.present;
            std::mem::take(&mut connection.following)
        })
        .collect()
    }

    /// Takes a connection for a ticket, a new one if none is idle, and returns it.
    pub(super) fn reserve(
        &mut self,
        (ticket, id): (u64, i64),
        interface_id: i64,
        elapsed: Duration,
        results: &Sender<Ended>,
    ) -> Sender<Job> {
        if !self.pace.is_zero() {
            self.next_slot = self.next_slot.max(elapsed) + self.pace;
        }
        let connection = self.idle.pop().unwrap_or_else(|| {
            let (courier, thread) = courier::start(Arc::clone(&self.carrier), interface_id, results.clone());
            self.threads.extend(thread);
            let following = VecDeque::new();
            Connection { courier, present: id, last: id, following, since: elapsed, state: Working::Unknown }
        });
        self.resume((ticket, id), Connection { last: id, ..connection }, elapsed)
    }

    /// Takes note of the end of a hand-over; `left` is the time for which the pass may go on.
    pub(super) fn ended(&mut self, ticket: u64, outcome: &Outcome, elapsed: Duration, left: Duration) -> Next {
        let connection = self.busy.remove(&ticket);
        let worked = connection.as_ref().is_some_and(Connection::works);
        let is_one_too_many = !worked && self.is_one_too_many(outcome);
        let message = connection.as_ref().map(|connection| connection.present);
        match connection.map(|connection| Connection { state: Working::after(outcome), ..connection }) {
            Some(connection) if connection.following.is_empty() => self.rest(connection),
            connection => self.held.extend(connection),
        }
        if is_one_too_many {
            return Next::Fewer;
        }
        let trouble = match outcome {
            Outcome::Refused(_) => None,
            Outcome::NotSent { server: true, wait, .. } => Some(*wait),
            // Such a message counts as told until a person has looked: not many may go that way.
            Outcome::Unknown(_) => Some(None),
            _ => {
                self.taken += 1;
                (self.troubles, self.waits) = (0, 0);
                self.troubled.clear();
                self.doubt = None;
                return Next::Done;
            }
        };
        self.troubled.extend(message);
        let pause = trouble.and_then(|wait| self.pause_after_trouble(wait, elapsed, left));
        if self.out.is_some() {
            return Next::Done;
        }
        if let Some(pause) = pause {
            self.paused_until = self.paused_until.max(elapsed + pause);
            return if matches!(outcome, Outcome::Unknown(_)) { Next::Done } else { Next::Again };
        }
        let problem = outcome.problem().to_owned();
        let is_worn_out = self.troubles as usize > PAUSES.len() || self.waits > WAITS;
        if is_worn_out && self.troubled.len() == 1 && trouble.is_some() {
            self.doubt = Some(problem);
            return Next::Done;
        }
        self.out = Some(problem.clone());
        Next::LeftAlone { refused: matches!(outcome, Outcome::Refused(_)), problem }
    }

    /// Counts a trouble, after which the server may ask us to wait; how long it is to be left in peace, `None` if
    /// for the rest of the pass.
    fn pause_after_trouble(&mut self, wait: Option<Duration>, elapsed: Duration, left: Duration) -> Option<Duration> {
        // The other connections were on their way before the first trouble was known.
        let same_trouble = self.troubles + self.waits > 0 && elapsed < self.paused_until;
        if !same_trouble {
            *(if wait.is_some() { &mut self.waits } else { &mut self.troubles }) += 1;
        }
        let pause = match self.troubles {
            0 => Some(Duration::ZERO),
            troubles => PAUSES.get(troubles as usize - 1).copied(),
        };
        pause.map(|pause| wait.unwrap_or_default().max(pause)).filter(|pause| self.waits <= WAITS && *pause < left)
    }

    /// Closes all connections, and waits until the server has been told.
    pub(super) fn close(self) {
        drop((self.idle, self.busy, self.held));
        for thread in self.threads {
            // A thread that broke off has reported it as the fate of its message.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::delivery::Courier;
    use crate::delivery::email::tests::message;
    use crate::pass::sending::board::Board;
    use crate::pass::sending::board::tests::item;

    /// A carrier over whose connections nothing is handed over.
    struct Nobody;

    impl Carrier for Nobody {
        fn courier(&self) -> Box<dyn Courier + '_> {
            Box::new(Self)
        }

        fn is_quick(&self) -> bool {
            true
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
    fn a_server_that_answers_nothing_is_left_alone_as_well_but_its_messages_are_not_tried_again() {
        let unknown = Outcome::Unknown("no answer".to_owned());
        let mut line = line(None);
        let mut now = Duration::from_secs(10);
        for pause in PAUSES {
            assert!(matches!(line.ended(1, &unknown, now, HOUR), Next::Done));
            assert!(!line.takes_more(now), "not before the pause is over");
            now += pause;
            assert!(line.takes_more(now));
        }
        let next = line.ended(1, &unknown, now, HOUR);
        assert!(matches!(next, Next::LeftAlone { refused: false, ref problem } if problem == "no answer"));
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
        line.reserve((1, 1), 2, Duration::ZERO, &results);
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
                line.reserve((*ticket, 1), 2, AT + Duration::from_micros(*ticket), &results);
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

    const ACCEPTED: Outcome = Outcome::Accepted { reference: None, reply: String::new() };

    fn following(id: i64) -> Following {
        Following { item: item(&mut Board::default()), message: Arc::new(Prepared { id, ..message() }) }
    }

    /// A line of four connections with so many messages on their way, whose tickets and ids are 1, 2, …
    fn busy(connections: u64) -> Line {
        let mut line = line(None);
        let (results, _) = channel();
        for ticket in 1..=connections {
            line.reserve((ticket, i64::try_from(ticket).unwrap()), 2, AT, &results);
        }
        line
    }

    #[test]
    fn a_connection_too_many_is_no_trouble_while_others_may_work_and_is_not_tried_again() {
        let mut line = busy(4);
        assert!(
            [3, 4]
                .map(|ticket| line.ended(ticket, &trouble(None), AT, HOUR))
                .iter()
                .all(|next| matches!(next, Next::Fewer))
        );
        assert!(!line.takes_more(AT), "two are under way, and two are too many");
        line.follow(1, following(5));
        assert!(matches!(line.ended(1, &ACCEPTED, AT, HOUR), Next::Done));
        assert!(line.take_held()[0].works());
        assert!(matches!(line.ended(2, &ACCEPTED, AT, HOUR), Next::Done));
        assert!(line.takes_more(AT));
        line.reserve((5, 5), 2, AT, &channel().0);
        assert!(line.busy[&5].works(), "one that works is taken first");
        let Some(Warning::FewerConnections { connections, wanted, .. }) = line.takes_fewer(2) else { panic!() };
        assert_eq!((connections, wanted, line.troubles), (2, 4, 0));
    }

    #[test]
    fn a_log_in_that_is_refused_beside_others_is_one_too_many_and_otherwise_a_refusal() {
        let refused = Outcome::Refused("535 5.7.8 too many connections".to_owned());
        assert!(matches!(busy(4).ended(4, &refused, AT, HOUR), Next::Fewer));
        assert!(matches!(busy(1).ended(1, &refused, AT, HOUR), Next::LeftAlone { refused: true, .. }));
    }

    #[test]
    fn a_server_that_is_left_alone_is_not_said_to_take_fewer_connections() {
        let refused = Outcome::Refused("530 5.7.0 log in first".to_owned());
        let mut line = busy(2);
        line.ended(1, &ACCEPTED, AT, HOUR);
        line.reserve((3, 3), 2, AT, &channel().0);
        assert!(matches!(line.ended(2, &refused, AT, HOUR), Next::Fewer));
        assert!(line.takes_fewer(2).is_some());
        assert!(matches!(line.ended(3, &refused, AT, HOUR), Next::LeftAlone { refused: true, .. }));
        assert!(line.takes_fewer(2).is_none());
    }

    #[test]
    fn if_no_connection_works_it_is_trouble_after_all() {
        let mut line = busy(4);
        assert!(
            [1, 2, 3]
                .map(|ticket| line.ended(ticket, &trouble(None), AT, HOUR))
                .iter()
                .all(|next| matches!(next, Next::Fewer))
        );
        assert!(matches!(line.ended(4, &trouble(None), AT, HOUR), Next::Again));
        assert_eq!((line.troubles, line.takes_fewer(2).is_none()), (1, true));
    }

    #[test]
    fn a_connection_that_has_worked_is_not_one_too_many() {
        let mut line = busy(2);
        for (before, ticket) in [(1, 3), (3, 4)] {
            assert!(matches!(line.ended(before, &ACCEPTED, AT, HOUR), Next::Done));
            line.reserve((ticket, 3), 2, AT, &channel().0);
        }
        assert!(matches!(line.ended(4, &trouble(None), AT, HOUR), Next::Again));
        assert_eq!((line.troubles, line.takes_fewer(2).is_none()), (1, true));
    }

    #[test]
    fn the_only_connection_that_a_server_takes_goes_on_alone() {
        let mut line = busy(2);
        assert!(matches!(line.ended(2, &trouble(None), AT, HOUR), Next::Fewer));
        for (before, ticket) in [(1, 3), (3, 4)] {
            assert!(matches!(line.ended(before, &ACCEPTED, AT, HOUR), Next::Done));
            line.reserve((ticket, 3), 2, AT, &channel().0);
            assert!(!line.takes_more(AT));
        }
    }

    #[test]
    fn messages_are_claimed_ahead_more_and_more_while_the_server_is_fast_and_fewer_when_it_is_slow() {
        let mut line = busy(4);
        let mut now = AHEAD_FOR * 2;
        let mut claimed = |pause: Duration| {
            now += pause;
            line.claim_ahead(10_000, now)
        };
        let fast = Duration::from_millis(10);
        assert_eq!([fast; 10].map(&mut claimed), [4, 8, 16, 32, 64, 128, 256, 512, 1024, 1024]);
        assert_eq!([AHEAD_FOR; 3].map(&mut claimed), [512, 256, 128]);
    }

    #[test]
    fn the_last_messages_of_a_portion_are_left_for_whoever_is_free_first() {
        let mut line = busy(4);
        assert_eq!([4, 5, 6].map(|waiting| line.claim_ahead(waiting, AT)), [0, 1, 2]);
    }

    #[test]
    fn nothing_is_claimed_ahead_for_a_server_in_trouble_or_one_that_wants_a_pause_after_each_message() {
        let mut troubled = busy(4);
        troubled.ended(1, &ACCEPTED, AT, HOUR);
        troubled.reserve((5, 5), 2, AT, &channel().0);
        troubled.ended(5, &trouble(None), AT, HOUR);
        let mut paced = line(Some(60));
        assert_eq!([&mut troubled, &mut paced].map(|line| line.claim_ahead(100, AT)), [0, 0]);
    }

    #[test]
    fn messages_follow_where_the_fewest_do_and_each_knows_the_one_before() {
        let mut line = busy(2);
        let mut before = Vec::new();
        for id in 3..=6 {
            let (ticket, last) = line.shortest().unwrap();
            before.push(last);
            line.follow(ticket, following(id));
        }
        assert_eq!(before, [1, 2, 3, 4]);
        assert_eq!(line.claim_ahead(100, AT), 0, "not before these have had their turn");
    }

    #[test]
    fn a_connection_on_which_another_message_follows_goes_on_with_that() {
        let mut line = busy(1);
        line.follow(1, following(2));
        assert!(matches!(line.ended(1, &ACCEPTED, AT, HOUR), Next::Done));
        assert!(line.idle.is_empty());
        let mut held = line.take_held();
        let mut connection = held.pop().unwrap();
        assert_eq!((held.len(), connection.following.pop_front().unwrap().message.id), (0, 2));
        line.resume((7, 2), connection, AT);
        assert!(matches!(line.ended(7, &ACCEPTED, AT, HOUR), Next::Done));
        assert_eq!((line.idle.len(), line.take_held().len()), (1, 0));
    }

    #[test]
    fn what_follows_on_a_slow_connection_can_be_taken_over_by_a_free_one() {
        let mut line = busy(3);
        line.follow(1, following(4));
        assert!(!line.can_share(AT), "nobody is slow yet");
        let later = AT + SLOW;
        assert!(line.can_share(later));
        let taken: Vec<_> = line.take_following(later, false).iter().map(|following| following.message.id).collect();
        assert_eq!(taken, [4]);
        assert!(!line.can_share(later), "there is nothing more to take");
        let before = line.busy.get(&1).map(|connection| connection.last);
        assert_eq!(before, Some(1), "what follows there next does not follow one that has gone elsewhere");
        let mut all_busy = busy(4);
        all_busy.follow(1, following(5));
        assert!(!all_busy.can_share(later), "nobody is free");
    }
}
