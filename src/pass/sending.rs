//! The dispatch of a real pass: it hands messages over, and the ledger keeps the promise.
//!
//! A message is written down and committed to disk before its first byte leaves, and settled right
//! after it; if the program dies in between, the next pass finds it and calls it uncertain. Only
//! messages for which a connection is free are claimed, so that at most one for each connection
//! can become uncertain. This thread alone talks to the database; each connection has a thread of
//! its own that does nothing but hand over. One transaction settles whatever has come back and
//! claims whatever can go next, so that many messages share one commit.
//!
//! Right before a hand-over, in the transaction that claims it, a message whose customer may have
//! changed since it was decided is decided again, by the same rules.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};

use super::compose::{self, Composed, compose};
use super::phase::Phase;
use super::{Dispatch, PassLock, Setup, Work};
use crate::clock::Clock;
use crate::delivery::{self, Carrier, Outcome, Prepared};
use crate::exit::Stop;
use crate::model::{Channel, State, Told};
use crate::report::{Closing, Deferral, Fate, MessageReport, PassResult, Warning};
use crate::rules::Decision;
use crate::rules::channel::{Errand, route};
use crate::rules::reason::Reason;
use crate::store::{Claim, Claiming, PassCounts, Settlement, Store};
use crate::zone::Zone;

/// How often in a row a server may be in trouble before it is left alone for the rest of the pass.
const PATIENCE: u32 = 3;

/// Hands messages over.
pub struct Sending<'a> {
    store: &'a Store,
    clock: Arc<Clock>,
    signal: &'a AtomicBool,
    identity: PassIdentity<'a>,
    /// Whether the instant was given by `--at` (rule A5).
    at_is_given: bool,
    lock: Option<PassLock>,
    pass_id: i64,
    lines: BTreeMap<i64, Line>,
    results: (Sender<Ended>, Receiver<Ended>),
    /// The number of hand-overs so far, which tells them apart.
    tickets: u64,
    /// Why nothing is handed over any more.
    stopped: Option<Deferral>,
    warnings: Vec<Warning>,
}

/// What the record says about the pass itself.
#[derive(Debug, Clone, Copy)]
pub struct PassIdentity<'a> {
    /// The database, beside which the lock stands.
    pub path: &'a Path,
    /// The name of this computer.
    pub host: &'a str,
    /// The version of the program.
    pub version: &'a str,
}

/// An interface with its connections.
struct Line {
    carrier: Arc<dyn Carrier>,
    most: usize,
    idle: Vec<Sender<Job>>,
    threads: Vec<thread::JoinHandle<()>>,
    busy: BTreeMap<u64, Sender<Job>>,
    /// Troubles in a row.
    troubles: u32,
    /// Why it is left alone.
    out: Option<String>,
}

/// A message on its way to a connection.
struct Job {
    ticket: u64,
    message: Prepared,
}

/// A hand-over that has ended.
struct Ended {
    ticket: u64,
    interface_id: i64,
    outcome: Outcome,
}

/// A message of the portion: its place in the report, and what it needs.
struct Item {
    /// Place in the portion; then the how-manieth message in that place.
    place: (usize, u32),
    work: Work,
    composed: Result<Composed, String>,
}

/// The portion that is being handed over.
#[derive(Default)]
struct Board {
    waiting: BTreeMap<Option<i64>, VecDeque<Item>>,
    flying: BTreeMap<u64, (Item, i64)>,
    done: BTreeMap<(usize, u32), MessageReport>,
}

impl Board {
    fn is_empty(&self) -> bool {
        self.flying.is_empty() && self.waiting.values().all(VecDeque::is_empty)
    }
}

impl std::fmt::Debug for Sending<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sending").field("pass_id", &self.pass_id).finish_non_exhaustive()
    }
}

impl<'a> Sending<'a> {
    /// Will hand over by what `store` says. `at_is_given`: the instant is not the clock's.
    #[must_use]
    pub fn new(
        store: &'a Store,
        clock: Arc<Clock>,
        signal: &'a AtomicBool,
        identity: PassIdentity<'a>,
        at_is_given: bool,
    ) -> Self {
        Self {
            store,
            clock,
            signal,
            identity,
            at_is_given,
            lock: None,
            pass_id: 0,
            lines: BTreeMap::new(),
            results: channel(),
            tickets: 0,
            stopped: None,
            warnings: Vec::new(),
        }
    }
}

/// Rule A5: how far ahead of the clock a given instant may lie.
const AHEAD: chrono::Duration = chrono::Duration::hours(1);

impl Dispatch for Sending<'_> {
    fn is_dry_run(&self) -> bool {
        false
    }

    fn begin(&mut self, at: DateTime<Utc>) -> anyhow::Result<Vec<Warning>> {
        // A quiet or inactive pass has not been prepared for sending, but it is recorded as well.
        self.take_lock(at)?;
        self.store.transaction(|| {
            let interrupted = self.store.settle_interrupted()?;
            self.pass_id = self.store.begin_pass(at, self.identity.host, self.identity.version)?;
            Ok((interrupted > 0).then_some(Warning::Interrupted { messages: interrupted }).into_iter().collect())
        })
    }

    fn prepare(&mut self, setup: &Setup, at: DateTime<Utc>) -> anyhow::Result<()> {
        self.take_lock(at)?;
        if self.at_is_given && !setup.is_local() {
            self.refuse_another_time(at, setup.chain.settings.zone)?;
        }
        for (id, smtp) in &setup.smtp {
            let carrier = delivery::email_carrier(smtp, Arc::clone(&self.clock));
            self.lines.insert(*id, Line::new(carrier, smtp.connections));
        }
        for (id, sms) in &setup.sms {
            self.lines.insert(*id, Line::new(delivery::sms_carrier(sms), sms.connections));
        }
        Ok(())
    }

    fn dispatch(
        &mut self,
        setup: &Setup,
        phase: &Phase<'_>,
        at: DateTime<Utc>,
        portion: Vec<Work>,
    ) -> anyhow::Result<Vec<MessageReport>> {
        let mut board = Board::default();
        for (place, work) in portion.into_iter().enumerate() {
            let composed = match &work.repeats {
                Some(message) => Ok(compose::again(message)),
                None => compose(setup, &work.decision, &work.case, at),
            };
            let item = Item { place: (place, 0), work, composed };
            board.waiting.entry(item.work.decision.route.interface_id).or_default().push_back(item);
        }
        let desk = Desk { setup, phase, at };
        while !board.is_empty() {
            let ended = self.collect(&board)?;
            let mut jobs = Vec::new();
            self.look_at_the_clock(setup);
            let store = self.store;
            store.transaction(|| {
                for ended in ended {
                    self.settle(&desk, &mut board, ended)?;
                }
                self.claim(&desk, &mut board, &mut jobs)
            })?;
            // Only now, with the claims on disk, may the first byte leave.
            for (interface_id, job) in jobs {
                self.send(interface_id, job);
            }
        }
        Ok(board.done.into_values().collect())
    }

    fn finish(&mut self, result: PassResult, closing: &mut Closing) -> anyhow::Result<()> {
        closing.warnings.append(&mut self.warnings);
        if let Some(why) = self.stopped {
            closing.warnings.push(Warning::CutShort { why });
        }
        // Connections are closed before the pass is called finished.
        std::mem::take(&mut self.lines).into_values().for_each(Line::close);
        let status = closing.exit_status().code();
        let counts = PassCounts { warnings: closing.warnings.len(), ..PassCounts::from(&closing.totals) };
        self.store.transaction(|| {
            if result == PassResult::Complete && self.stopped.is_none() {
                self.store.withdraw_left_over(self.pass_id)?;
            }
            self.store.finish_pass(self.pass_id, self.clock.now(), result.word(), status, &counts)
        })
    }
}

/// What the claims of one portion look at.
struct Desk<'d> {
    setup: &'d Setup,
    phase: &'d Phase<'d>,
    at: DateTime<Utc>,
}

impl Sending<'_> {
    fn take_lock(&mut self, at: DateTime<Utc>) -> anyhow::Result<()> {
        if self.lock.is_none() {
            self.lock = Some(PassLock::take(self.identity.path, at.fixed_offset())?);
        }
        Ok(())
    }

    /// Rule A5.
    fn refuse_another_time(&self, at: DateTime<Utc>, zone: Zone) -> anyhow::Result<()> {
        let show = |at: DateTime<Utc>| zone.with_offset(at).format("%Y-%m-%d %H:%M:%S %:z").to_string();
        let advice = "add --dry-run to see what a pass at that time does; to send now, leave --at out";
        if let Some(newest) = self.store.newest_pass()?.filter(|newest| at < *newest) {
            return Err(Stop::usage(format!(
                "--at {} lies before the newest real pass ({}), so that this pass would write to customers of the past; {advice}",
                show(at),
                show(newest)
            ))
            .into());
        }
        let clock = self.clock.time_of_day();
        if at > clock + AHEAD {
            return Err(Stop::usage(format!(
                "--at {} lies more than an hour ahead of the clock ({}), so that this pass would write to customers too early; {advice}",
                show(at),
                show(clock)
            ))
            .into());
        }
        Ok(())
    }

    /// Waits for hand-overs to end if nothing else can be done, and takes all that have.
    fn collect(&self, board: &Board) -> anyhow::Result<Vec<Ended>> {
        let mut ended = Vec::new();
        let can_claim = board.waiting.iter().any(|(interface_id, items)| {
            !items.is_empty()
                && interface_id
                    .and_then(|id| self.lines.get(&id))
                    .is_none_or(|line| line.out.is_some() || line.has_room())
        });
        if !can_claim && !board.flying.is_empty() {
            ended.push(self.results.1.recv().context("waiting for a hand-over to end")?);
        }
        ended.extend(self.results.1.try_iter());
        Ok(ended)
    }

    /// Rule A4, and signals.
    fn look_at_the_clock(&mut self, setup: &Setup) {
        if self.stopped.is_some() {
            return;
        }
        let most = Duration::from_secs(60 * u64::from(setup.chain.settings.max_minutes));
        if self.signal.load(Ordering::Relaxed) {
            self.stopped = Some(Deferral::Signal);
        } else if self.clock.elapsed() >= most || setup.quiet.is_quiet(self.clock.now()) {
            self.stopped = Some(Deferral::TimeUp);
        }
    }

    /// Claims as many waiting messages as there are free connections; defers those that cannot go.
    fn claim(&mut self, desk: &Desk<'_>, board: &mut Board, jobs: &mut Vec<(i64, Job)>) -> anyhow::Result<()> {
        let data_version = self.store.data_version()?;
        let interfaces: Vec<Option<i64>> = board.waiting.keys().copied().collect();
        for interface_id in interfaces {
            loop {
                let line = interface_id.and_then(|id| self.lines.get(&id));
                let room = line.is_none_or(|line| line.out.is_some() || line.has_room());
                if self.stopped.is_none() && !room {
                    break;
                }
                let Some(item) = board.waiting.get_mut(&interface_id).and_then(VecDeque::pop_front) else { break };
                self.claim_one(desk, board, jobs, item, data_version)?;
            }
        }
        Ok(())
    }

    fn claim_one(
        &mut self,
        desk: &Desk<'_>,
        board: &mut Board,
        jobs: &mut Vec<(i64, Job)>,
        item: Item,
        data_version: i64,
    ) -> anyhow::Result<()> {
        let Some(item) = self.look_again(desk, board, item, data_version)? else { return Ok(()) };
        let interface_id = item.work.decision.route.interface_id;
        let out = interface_id.and_then(|id| self.lines.get(&id)).and_then(|line| line.out.clone());
        let composed = match (&item.composed, self.stopped, out) {
            (_, Some(why), _) => return self.defer(desk, board, &item, why, words_of(why)),
            (Err(fault), None, _) => return self.defer(desk, board, &item, Deferral::Text, fault),
            (Ok(_), None, Some(problem)) => return self.defer(desk, board, &item, Deferral::Server, &problem),
            (Ok(composed), None, None) => composed,
        };
        let id = match &item.work.repeats {
            Some(message) if self.store.claim_repeat(message.id, self.pass_id, desk.at)? => message.id,
            Some(_) => return Ok(()),
            None => match self.store.claim(&self.claiming(desk, &item, Some(composed)))? {
                Claim::Ours(id) => id,
                Claim::Taken => {
                    return self.withdraw(desk, board, item, "it has been told by another pass in the meantime");
                }
            },
        };
        let Some(interface_id) = interface_id else {
            // A task for staff is handed over by being written down.
            self.store.settle(&Settlement {
                id,
                state: State::HandedOver,
                error: None,
                reply: None,
                references: (None, None),
                at: self.clock.now(),
            })?;
            board.done.insert(item.place, report(&item, Some(id), State::HandedOver, None, None));
            return Ok(());
        };
        let message = prepare(desk, &item, composed, id);
        self.tickets += 1;
        let ticket = self.tickets;
        jobs.push((interface_id, Job { ticket, message }));
        if let Some(line) = self.lines.get_mut(&interface_id) {
            line.reserve(ticket, interface_id, &self.results.0);
        }
        board.flying.insert(ticket, (item, id));
        Ok(())
    }

    /// Decides again about a customer who may have changed; withdraws what is not wanted any more.
    /// What is decided instead takes its place.
    fn look_again(
        &mut self,
        desk: &Desk<'_>,
        board: &mut Board,
        mut item: Item,
        data_version: i64,
    ) -> anyhow::Result<Option<Item>> {
        let chain = &desk.setup.chain;
        let first = chain.settings.zone.instant(item.work.decision.first().start());
        if first <= self.clock.now() {
            self.withdraw(desk, board, item, "the appointment has begun in the meantime")?;
            return Ok(None);
        }
        if item.work.data_version == data_version {
            return Ok(Some(item));
        }
        let loader = desk.phase.loader(chain, desk.at);
        let case = self.store.case(&loader, &item.work.of)?;
        item.work.data_version = data_version;
        if case == item.work.case {
            return Ok(Some(item));
        }
        if let Some(message) = item.work.repeats.clone() {
            let again =
                crate::rules::repeat::repeat(chain, &case, message.kind, &message.address, &message.covers, desk.at);
            // What may not be repeated stays uncertain.
            return Ok(again.map(|decision| {
                item.work = Work { decision, case, ..item.work };
                item
            }));
        }
        let decided = desk.phase.decide(chain, desk.at, &case);
        let same = decided.message.as_ref().is_some_and(|now| now.covers == item.work.decision.covers);
        if same {
            if let Some(decision) = decided.message {
                item.composed = compose(desk.setup, &decision, &case, desk.at);
                item.work = Work { decision, case, ..item.work };
            }
            let interface_id = item.work.decision.route.interface_id;
            let line = interface_id.and_then(|id| self.lines.get(&id));
            if line.is_none_or(|line| line.out.is_some() || line.has_room()) {
                return Ok(Some(item));
            }
            board.waiting.entry(interface_id).or_default().push_front(item);
            return Ok(None);
        }
        let why = why_withdrawn(&item.work.decision, &decided.skipped);
        let next = decided.message.map(|decision| {
            let composed = compose(desk.setup, &decision, &case, desk.at);
            let work = Work { decision, case, of: item.work.of.clone(), data_version, repeats: None };
            Item { place: (item.place.0, item.place.1 + 1), work, composed }
        });
        self.withdraw(desk, board, item, &why)?;
        if let Some(next) = next {
            board.waiting.entry(next.work.decision.route.interface_id).or_default().push_front(next);
        }
        Ok(None)
    }

    /// Settles a hand-over that has ended.
    fn settle(&mut self, desk: &Desk<'_>, board: &mut Board, ended: Ended) -> anyhow::Result<()> {
        let Some((item, id)) = board.flying.remove(&ended.ticket) else { return Ok(()) };
        let line = self.lines.get_mut(&ended.interface_id);
        let in_trouble = matches!(ended.outcome, Outcome::NotSent { server: true, .. } | Outcome::Refused(_));
        let mut again = false;
        if let Some(line) = line {
            line.free(ended.ticket);
            line.troubles = if in_trouble { line.troubles + 1 } else { 0 };
            let refused = matches!(ended.outcome, Outcome::Refused(_));
            if in_trouble && (refused || line.troubles >= PATIENCE) && line.out.is_none() {
                let problem = problem_of(&ended.outcome).to_owned();
                self.warnings.push(Warning::InterfaceTrouble {
                    interface_id: ended.interface_id,
                    refused,
                    problem: problem.clone(),
                });
                line.out = Some(problem);
            }
            again = in_trouble && line.out.is_none();
        }
        let state = match &ended.outcome {
            Outcome::Accepted { .. } => State::Sent,
            Outcome::HandedOver => State::HandedOver,
            Outcome::Rejected(_) => State::Failed,
            Outcome::Refused(_) | Outcome::NotSent { .. } => State::Deferred,
            Outcome::Unknown(_) => State::Uncertain,
        };
        let error = match &ended.outcome {
            Outcome::Accepted { .. } | Outcome::HandedOver => None,
            other => Some(problem_of(other).to_owned()),
        };
        let (reply, theirs) = match &ended.outcome {
            Outcome::Accepted { reference, reply } => (Some(reply.clone()), reference.clone()),
            _ => (error.clone(), None),
        };
        self.store.settle(&Settlement {
            id,
            state,
            error: error.clone(),
            reply,
            references: (Some(reference(id, &desk.setup.identity)), theirs),
            at: self.clock.now(),
        })?;
        if again {
            board.waiting.entry(Some(ended.interface_id)).or_default().push_front(item);
            return Ok(());
        }
        let deferral = (state == State::Deferred).then_some(Deferral::Server);
        if state == State::Failed {
            if let Some(next) = by_the_next_channel(desk, &item, id) {
                board.waiting.entry(next.work.decision.route.interface_id).or_default().push_front(next);
            }
        }
        board.done.insert(item.place, report(&item, Some(id), state, deferral, error));
        Ok(())
    }

    fn defer(
        &mut self,
        desk: &Desk<'_>,
        board: &mut Board,
        item: &Item,
        why: Deferral,
        error: &str,
    ) -> anyhow::Result<()> {
        // A message of unknown fate that is not repeated now stays what it is.
        let (id, state) = match &item.work.repeats {
            Some(message) => (Some(message.id), State::Uncertain),
            None => match self.store.defer(&self.claiming(desk, item, item.composed.as_ref().ok()), error)? {
                Claim::Ours(id) => (Some(id), State::Deferred),
                Claim::Taken => (None, State::Deferred),
            },
        };
        if state == State::Deferred {
            board.done.insert(item.place, report(item, id, state, Some(why), Some(error.to_owned())));
        }
        Ok(())
    }

    fn withdraw(&mut self, desk: &Desk<'_>, board: &mut Board, item: Item, why: &str) -> anyhow::Result<()> {
        if item.work.repeats.is_some() {
            return Ok(());
        }
        let claiming = self.claiming(desk, &item, item.composed.as_ref().ok());
        let id = match self.store.withdraw(&claiming, why)? {
            Claim::Ours(id) => Some(id),
            Claim::Taken => None,
        };
        board.done.insert(item.place, report(&item, id, State::Withdrawn, None, Some(why.to_owned())));
        Ok(())
    }

    fn claiming<'c>(&self, desk: &Desk<'_>, item: &'c Item, composed: Option<&'c Composed>) -> Claiming<'c> {
        let decision = &item.work.decision;
        Claiming {
            pass_id: self.pass_id,
            at: desk.at,
            kind: decision.kind,
            customer_id: decision.customer_id,
            channel: decision.route.address.channel(),
            address: decision.route.address.expose(),
            interface_id: decision.route.interface_id,
            subject: composed.and_then(|composed| composed.subject.as_deref()),
            body: composed.map_or("", |composed| &composed.body),
            language: composed.map(|composed| composed.language.as_str()),
            calendar: composed.and_then(|composed| composed.calendar.as_deref()),
            covers: compose::covered(decision, &item.work.case, desk.at),
        }
    }

    fn send(&mut self, interface_id: i64, job: Job) {
        let ticket = job.ticket;
        let sent =
            self.lines.get(&interface_id).and_then(|line| line.busy.get(&ticket)).map(|courier| courier.send(job));
        if !matches!(sent, Some(Ok(()))) {
            // The thread of the connection is gone, so that nothing can have left.
            let outcome = Outcome::NotSent { problem: "the connection has ended".to_owned(), wait: None, server: true };
            // The receiving end is our own.
            let _ = self.results.0.send(Ended { ticket, interface_id, outcome });
        }
    }
}

impl Line {
    fn new(carrier: Arc<dyn Carrier>, connections: u32) -> Self {
        Self {
            carrier,
            most: connections as usize,
            idle: Vec::new(),
            threads: Vec::new(),
            busy: BTreeMap::new(),
            troubles: 0,
            out: None,
        }
    }

    /// Whether another message can be handed over at once. A server in trouble gets one at a time.
    fn has_room(&self) -> bool {
        self.busy.len() < if self.troubles > 0 { 1 } else { self.most }
    }

    /// Takes a connection for a ticket, a new one if none is idle.
    fn reserve(&mut self, ticket: u64, interface_id: i64, results: &Sender<Ended>) {
        let courier = match self.idle.pop() {
            Some(idle) => idle,
            None => self.connect(interface_id, results.clone()),
        };
        self.busy.insert(ticket, courier);
    }

    fn free(&mut self, ticket: u64) {
        self.idle.extend(self.busy.remove(&ticket));
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
    fn close(self) {
        drop((self.idle, self.busy));
        for thread in self.threads {
            // A thread that broke off has reported it as the fate of its message.
            let _ = thread.join();
        }
    }
}

/// Our name for a message on the wire: the same however often it is tried, and never that of
/// another chain.
fn reference(id: i64, identity: &str) -> String {
    format!("terminbote-{id}-{identity}")
}

fn prepare(desk: &Desk<'_>, item: &Item, composed: &Composed, id: i64) -> Prepared {
    let decision = &item.work.decision;
    let zone = desk.setup.chain.settings.zone;
    Prepared {
        id,
        kind: decision.kind,
        address: decision.route.address.clone(),
        recipient_name: compose::customer(&item.work.case).and_then(compose::full_name),
        subject: composed.subject.clone(),
        body: composed.body.clone(),
        language: composed.language.clone(),
        attachments: composed.attachments(),
        reference: reference(id, &desk.setup.identity),
        // A repeated e-mail carries the date of the first time (rule G3).
        date: item.work.repeats.as_ref().map_or(desk.at, |message| message.sent_at),
        reply_to: compose::reply_to(desk.setup, decision),
        expires: zone.instant(decision.first().start()),
    }
}

/// Rule F6: the message by the next channel, after `item` was rejected for good as message `id`.
fn by_the_next_channel(desk: &Desk<'_>, item: &Item, id: i64) -> Option<Item> {
    let Work { decision, case, .. } = &item.work;
    let mut case = case.clone();
    case.told.retain(|told| told.message_id != id);
    case.told.push(Told {
        message_id: id,
        kind: decision.kind,
        channel: Some(decision.route.address.channel()),
        address: decision.route.address.expose().to_owned(),
        state: State::Failed,
        sent_at: desk.at,
        covers: decision.covers.iter().map(|appointment| (appointment.id, Some(appointment.start()))).collect(),
    });
    let chain = &desk.setup.chain;
    let channels = match desk.phase {
        Phase::Reminders(..) => chain.contact_template.as_ref().map(|template| template.channels.clone())?,
        Phase::Confirmations(settings, ..) => vec![(Channel::Email, settings.document_template.clone())],
    };
    let errand = Errand { customer: compose::customer(&case)?, covers: &decision.covers, told: &case.told };
    let next = Decision { route: route(chain, errand, &channels).ok()?, ..decision.clone() };
    let composed = compose(desk.setup, &next, &case, desk.at);
    let work =
        Work { decision: next, case, repeats: None, of: item.work.of.clone(), data_version: item.work.data_version };
    Some(Item { place: (item.place.0, item.place.1 + 1), work, composed })
}

fn why_withdrawn(decision: &Decision, skipped: &[crate::rules::Skipped]) -> String {
    let reason = decision
        .covers
        .iter()
        .find_map(|appointment| skipped.iter().find(|skipped| skipped.appointment_id == appointment.id));
    match reason.map(|skipped| &skipped.reason) {
        Some(Reason::Cancelled | Reason::NoShow) => "the appointment has been cancelled in the meantime".to_owned(),
        Some(Reason::Deceased) => "the customer has been marked as deceased in the meantime".to_owned(),
        Some(Reason::NoMessagesWanted) => "the customer wants no messages any more".to_owned(),
        Some(Reason::RecentMessage { message_id, .. } | Reason::AlreadyReminded { message_id, .. }) => {
            format!("message {message_id} has been sent to the customer in the meantime")
        }
        Some(other) => format!("it is not due any more: {}", other.word()),
        None => "the appointment has been changed in the meantime".to_owned(),
    }
}

fn problem_of(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Rejected(problem) | Outcome::Refused(problem) | Outcome::Unknown(problem) => problem,
        Outcome::NotSent { problem, .. } => problem,
        Outcome::Accepted { .. } | Outcome::HandedOver => "",
    }
}

const fn words_of(why: Deferral) -> &'static str {
    match why {
        Deferral::TimeUp => "the time for sending was over",
        Deferral::Signal => "the program was asked to end",
        Deferral::Text => "its text cannot be used",
        Deferral::Server => "the server was in trouble",
    }
}

fn report(
    item: &Item,
    id: Option<i64>,
    state: State,
    deferral: Option<Deferral>,
    error: Option<String>,
) -> MessageReport {
    let composed = item.composed.as_ref();
    compose::report(&item.work.decision, &item.work.case, composed, id, Fate::Settled(state), deferral, error)
}
