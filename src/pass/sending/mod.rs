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

mod line;
mod portion;
mod prepared;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use chrono::{DateTime, Utc};

use self::line::{Ended, Job, Line};
use self::portion::{Board, Desk, Item};
use super::compose::{self, compose};
use super::phase::Phase;
use super::{Dispatch, PassLock, Setup, Work};
use crate::clock::Clock;
use crate::delivery::{self, Answer, Outcome};
use crate::exit::Stop;
use crate::host::is_running;
use crate::model::{Channel, State};
use crate::report::{Closing, Deferral, MessageReport, PassResult, Warning};
use crate::store::{PassCounts, Settlement, Store};
use crate::zone::Zone;

/// How long nobody looks at the clock and at signals while nothing else happens.
const NAP: Duration = Duration::from_millis(250);

/// For how long gateways are asked about a message of unknown fate; they forget, too.
const ASKED_FOR: chrono::Duration = chrono::Duration::days(2);

/// From how many messages at a time on the database is prepared for many commits.
const MANY: usize = 64;

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
    /// Whether the database has been prepared for many commits.
    many_commits: bool,
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
    /// The mark of this process, by which it is known as running or dead.
    pub process: Option<&'a str>,
    /// The version of the program.
    pub version: &'a str,
    /// The chain's zone.
    pub zone: Zone,
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
            many_commits: false,
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

    fn begin(&mut self, setup: Option<&Setup>, at: DateTime<Utc>) -> anyhow::Result<Vec<Warning>> {
        // A quiet or inactive pass has not been prepared for sending, but it is recorded as well.
        self.take_lock()?;
        let interrupted = self.store.transaction(|| {
            let PassIdentity { host, process, version, .. } = self.identity;
            self.pass_id = self.store.begin_pass(at, host, process, version)?;
            match setup {
                // Should somebody have removed the lock, then a pass may still be at it.
                Some(_) => {
                    self.store.forget_untold_before(self.identity.zone.date(at))?;
                    self.store.settle_interrupted(host, is_running)
                }
                None => Ok(0),
            }
        })?;
        if let Some(setup) = setup {
            self.ask_about_sms(setup)?;
        }
        Ok((interrupted > 0).then_some(Warning::Interrupted { messages: interrupted }).into_iter().collect())
    }

    fn prepare(&mut self, setup: &Setup, at: DateTime<Utc>) -> anyhow::Result<()> {
        self.take_lock()?;
        if self.at_is_given && !setup.is_local() {
            self.refuse_another_time(at, setup.chain.settings.zone)?;
        }
        for (id, smtp) in &setup.smtp {
            let carrier = delivery::email_carrier(smtp, Arc::clone(&self.clock));
            self.lines.insert(*id, Line::new(carrier, smtp.connections, smtp.max_per_minute));
        }
        for (id, sms) in &setup.sms {
            let carrier = delivery::sms_carrier(sms);
            self.lines.insert(*id, Line::new(carrier, sms.connections, sms.max_per_minute));
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
        if portion.len() >= MANY && !self.many_commits {
            self.store.begin_many_commits();
            self.many_commits = true;
        }
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
            let ended = self.collect(&board);
            self.look_at_the_clock(setup);
            if ended.is_empty() && !self.can_claim(&board) {
                continue;
            }
            let mut jobs = Vec::new();
            let store = self.store;
            store.transaction(|| {
                for ended in &ended {
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
        })?;
        // Also what a pass that died has left.
        self.store.end_many_commits();
        Ok(())
    }
}

impl Sending<'_> {
    fn take_lock(&mut self) -> anyhow::Result<()> {
        if self.lock.is_none() {
            self.lock =
                Some(PassLock::take(self.identity.path, self.identity.zone.with_offset(self.clock.time_of_day()))?);
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

    /// Takes all hand-overs that have ended; waits a little if nothing else can be done.
    fn collect(&self, board: &Board) -> Vec<Ended> {
        let mut ended: Vec<Ended> = self.results.1.try_iter().collect();
        if ended.is_empty() && !self.can_claim(board) {
            ended.extend(self.results.1.recv_timeout(NAP).ok());
            ended.extend(self.results.1.try_iter());
        }
        ended
    }

    /// Whether a waiting message can be claimed now, or must be deferred.
    fn can_claim(&self, board: &Board) -> bool {
        let elapsed = self.clock.elapsed();
        board.waiting.iter().any(|(interface_id, items)| {
            let takes_more = || self.line(*interface_id).is_none_or(|line| line.takes_more(elapsed));
            !items.is_empty() && (self.stopped.is_some() || takes_more())
        })
    }

    fn line(&self, interface_id: Option<i64>) -> Option<&Line> {
        interface_id.and_then(|id| self.lines.get(&id))
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

    /// How long messages may still be handed over (rule A4).
    fn time_left(&self, setup: &Setup) -> Duration {
        let most = Duration::from_secs(60 * u64::from(setup.chain.settings.max_minutes));
        let until_quiet = setup.quiet.next(self.clock.now()).start - self.clock.now();
        most.saturating_sub(self.clock.elapsed()).min(until_quiet.to_std().unwrap_or_default())
    }

    /// Rule G3: asks the gateways what became of SMS whose fate is unknown, as far as they can tell.
    fn ask_about_sms(&mut self, setup: &Setup) -> anyhow::Result<()> {
        for message in self.store.unsettled(Channel::Sms, self.identity.host, is_running)?.into_iter().flatten() {
            self.look_at_the_clock(setup);
            if self.stopped.is_some() {
                break;
            }
            if message.sent_at < self.clock.at() - ASKED_FOR {
                continue;
            }
            let Some((line, prepared)) = self.line(message.interface_id).zip(prepared::question(setup, &message))
            else {
                continue;
            };
            let state = match line.carrier.ask(&prepared) {
                Answer::Sent { reference } => (State::Sent, None, reference),
                // Certainly not sent, so that this pass decides anew.
                Answer::NeverSeen => (State::Deferred, Some("the gateway has never seen it".to_owned()), None),
                Answer::CannotTell(_) => continue,
            };
            let (state, error, theirs) = state;
            let references = (Some(prepared.reference.clone()), theirs);
            let settlement = Settlement { id: message.id, state, error, reply: None, references, at: self.clock.now() };
            self.store.transaction(|| self.store.settle(&settlement, State::Uncertain))?;
        }
        Ok(())
    }

    fn send(&self, interface_id: i64, job: Job) {
        let ticket = job.ticket;
        if !self.lines.get(&interface_id).is_some_and(|line| line.send(job)) {
            // The thread of the connection is gone, so that nothing can have left.
            let outcome = Outcome::NotSent { problem: "the connection has ended".to_owned(), wait: None, server: true };
            // The receiving end is our own.
            let _ = self.results.0.send(Ended { ticket, interface_id, outcome });
        }
    }
}
