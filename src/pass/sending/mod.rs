//! The dispatch of a real pass: it hands messages over, and the ledger keeps the promise.
//!
//! **The promise**
//!
//! 1. A message is in the ledger, committed to disk, before its first byte leaves, and settled right
//!    after. Its states are a closed type; the database refuses a way between two of them that the
//!    README does not draw, and a second claim of the same telling.
//! 2. The process may be killed, or the power fail, at any instruction: the next pass sends
//!    everything that was certainly not sent and nothing that was. What remains is *uncertain*, at
//!    most one message for each connection in use at that moment. Some are claimed ahead, to follow
//!    another one on its connection; the row says which. The hand-over of such a message begins in
//!    the transaction that settles the one before it: until then nothing of this one has left but,
//!    maybe, its announcement.
//! 3. An uncertain e-mail is repeated once by the next pass, as the same mail. About an uncertain SMS
//!    the gateway is asked where it can be, some minutes after the hand-over at the earliest, and
//!    its answer settles it. Otherwise it stays uncertain, counts as told, and waits for
//!    `terminbote settle`.
//! 4. The stage decides: broken before the end of a message is certainly not sent, broken after it
//!    without an answer is uncertain. [`crate::delivery`] says which.
//! 5. Temporary trouble is tried again within the pass and within rule A4, and otherwise by the next
//!    pass until the appointment starts. With a whole server: after growing pauses, one message at
//!    a time, any of those that wait; after a few troubles in a row at several messages, or messages of unknown fate
//!    (4), as after a gateway's 5xx, it is left alone, its messages are deferred at once, and the other channels go on.
//!    Troubles at one message alone leave that one to the next pass. To take fewer connections than are set is no
//!    trouble (`line.rs`). With one message: it rests while the others go on (`board.rs`).
//! 6. Right before each hand-over, in the transaction that claims it or, if it was claimed ahead, in the
//!    one after which its turn comes, a message whose customer may
//!    have changed since it was decided is decided again, by the same rules; what is not wanted any
//!    more is withdrawn, with the reason.
//! 7. A second pass at the same time ends (`pass/lock.rs`). Without the lock the ledger still lets
//!    nothing be claimed twice, and takes nothing that a running pass has claimed for a dead one's.
//! 8. At quiet time, `max_minutes`, SIGTERM, SIGINT or SIGHUP nothing more is handed over, what is on its way
//!    is finished and settled, and the rest is deferred.
//! 9. Other programs write into the database all the time: transactions are short, none is held while
//!    a message is on its way, and locks are waited for within bounds. Longest, for five minutes,
//!    when the outcome of a hand-over is known and nobody else could ever tell it; meanwhile nothing
//!    is claimed.
//!
//! This thread alone writes into the database; each connection has a thread of its own that does
//! nothing but hand over. One transaction settles whatever has come back and lets go whatever is next, so
//! that many messages share one commit. Claims that are made together touch the same pages of the
//! database, and are made so where a server answers fast (`line.rs`).

mod board;
mod courier;
mod line;
mod portion;
mod prepared;
mod turns;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};

use self::board::{Board, Item, Troubles};
use self::courier::{Ended, Leaving};
use self::line::Line;
use self::portion::{Desk, Entry};
use super::phase::Phase;
use super::{Beginning, Begun, Dispatch, PassLock, Setup, Written};
use crate::clock::Clock;
use crate::delivery::{self, Answer};
use crate::exit::Stop;
use crate::host::{is_running, open_files_at_most};
use crate::model::{Channel, State};
use crate::report::words::{self, Lang};
use crate::report::{Closing, Deferral, MessageReport, PassResult, Warning};
use crate::rules::reason::Reason;
use crate::store::{PassBeginning, PassCounts, RecordedWarning, Settlement, Store};
use crate::zone::Zone;

/// How long nobody looks at the clock and at signals while nothing else happens.
const NAP: Duration = Duration::from_millis(250);

/// For how long gateways are asked about a message of unknown fate; they forget, too.
const ASKED_FOR: chrono::Duration = chrono::Duration::days(2);

/// How often a database that stays locked for ten seconds is waited for once more while the outcome
/// of a hand-over is still to be written: for five minutes in all, in which nothing is handed over.
/// Without that outcome an e-mail would be repeated, and an SMS would stay uncertain.
const PATIENCE: u32 = 30;

/// How long after the hand-over a gateway is asked at the earliest: it lists a message later than it
/// takes it, and no document says by how much.
const LISTED_AFTER: chrono::Duration = chrono::Duration::minutes(5);

/// How long a gateway may take to say that it cannot tell what became of a message, to be asked about another one
/// in this pass: nothing is sent meanwhile.
const SLOW_TO_TELL: Duration = Duration::from_secs(5);

/// How many files are kept free of connections: the database opens its journal anew for each commit, and a page, a
/// lock, certificates and the look-up of names need some. Without them, no outcome could be written down.
const FILES_OF_OUR_OWN: usize = 32;

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
    /// Whether nobody but this computer hears of the messages.
    is_local: bool,
    lock: Option<PassLock>,
    pass_id: i64,
    lines: BTreeMap<i64, Line>,
    results: (Sender<Ended>, Receiver<Ended>),
    board: Board,
    /// What has become of messages and is not in the ledger yet.
    unwritten: Vec<Entry>,
    /// The number of hand-overs so far, which tells them apart.
    tickets: u64,
    /// Whether the database has been prepared for many commits, if that was tried.
    many_commits: Option<bool>,
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
            is_local: false,
            lock: None,
            pass_id: 0,
            lines: BTreeMap::new(),
            results: channel(),
            board: Board::default(),
            unwritten: Vec::new(),
            tickets: 0,
            many_commits: None,
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

    fn begin(&mut self, beginning: &Beginning<'_>) -> anyhow::Result<Begun> {
        // A quiet or inactive pass has not been prepared for sending, but it is recorded as well.
        self.take_lock()?;
        let interrupted = self.store.transaction(|| {
            let PassIdentity { host, process, version, .. } = self.identity;
            self.pass_id = self.store.begin_pass(&PassBeginning {
                at: beginning.at,
                host,
                process,
                version,
                chain_change: beginning.chain_change,
                settings: &beginning.settings,
                secrets_missing: beginning.secrets_missing.clone(),
                reminder_window: beginning.reminder_window,
                confirmation_window: beginning.confirmation_window,
                limit: beginning.limit,
            })?;
            match beginning.setup {
                // Should somebody have removed the lock, then a pass may still be at it.
                Some(_) => {
                    self.store.forget_untold_before(self.identity.zone.date(beginning.at))?;
                    let unreported = self.store.uncertain_of_unended(self.pass_id, host, is_running)?;
                    Ok(unreported + self.store.settle_interrupted(host, is_running)?)
                }
                None => Ok(0),
            }
        })?;
        let warnings =
            (interrupted > 0).then_some(Warning::Interrupted { messages: interrupted }).into_iter().collect();
        let Some(setup) = beginning.setup else { return Ok(Begun { warnings, ..Begun::default() }) };
        self.ask_about_sms(setup)?;
        Ok(Begun { warnings, mark: Some(self.store.mark_pass(self.pass_id)?), ..Begun::default() })
    }

    fn prepare(&mut self, setup: &Setup, at: DateTime<Utc>) -> anyhow::Result<()> {
        self.take_lock()?;
        self.is_local = setup.is_local();
        if self.at_is_given && !self.is_local {
            self.refuse_another_time(at, setup.chain.settings.zone)?;
        }
        let smtp = setup.smtp.iter().map(|(id, smtp)| {
            let carrier = delivery::email_carrier(smtp, Arc::clone(&self.clock));
            (*id, Line::new(carrier, smtp.connections, smtp.max_per_minute))
        });
        let sms = setup.sms.iter().map(|(id, sms)| {
            let carrier = delivery::sms_carrier(sms, Arc::clone(&self.clock));
            (*id, Line::new(carrier, sms.connections, sms.max_per_minute))
        });
        let interfaces = setup.smtp.len() + setup.sms.len();
        let room = open_files_at_most().map_or(usize::MAX, |most| most.saturating_sub(FILES_OF_OUR_OWN));
        let each = (room / interfaces.max(1)).max(1);
        let limited = |line: Line| line.limited_to(each, "too few files may be open at once (ulimit -n)".to_owned());
        self.lines = smtp.chain(sms).map(|(id, line)| (id, limited(line))).collect();
        Ok(())
    }

    fn dispatch(
        &mut self,
        setup: &Setup,
        phases: &[Phase<'_>],
        at: DateTime<Utc>,
        portion: Vec<Written>,
        so_far: &mut dyn FnMut(usize),
    ) -> anyhow::Result<Vec<MessageReport>> {
        if portion.len() >= MANY && self.many_commits.is_none() {
            self.many_commits = Some(self.store.begin_many_commits());
        }
        let mut board = std::mem::take(&mut self.board);
        for Written { work, composed } in portion {
            let (tries, troubles) = (0, Troubles::default());
            let item = Item { place: board.next_place(), work, composed, tries, troubles };
            board.waiting.entry(item.work.decision.route.interface_id).or_default().push_back(item);
        }
        let desk = Desk { setup, phases, at };
        while !board.is_idle() {
            self.go_on(&desk, &mut board)?;
            so_far(board.closed);
        }
        let ready = board.take_ready();
        self.board = board;
        Ok(ready)
    }

    fn wait_for_the_rest(
        &mut self,
        setup: &Setup,
        phases: &[Phase<'_>],
        at: DateTime<Utc>,
        so_far: &mut dyn FnMut(usize),
    ) -> anyhow::Result<Vec<MessageReport>> {
        let mut board = std::mem::take(&mut self.board);
        let desk = Desk { setup, phases, at };
        while !board.is_idle() || !board.resting.is_empty() {
            self.go_on(&desk, &mut board)?;
            so_far(board.closed);
        }
        Ok(board.take_ready())
    }

    fn reader(&self) -> Option<Store> {
        // Without a log, a reader and a committing writer would wait for each other.
        self.many_commits.filter(|there_is_a_log| *there_is_a_log).and_then(|_| self.store.reader())
    }

    fn finish(&mut self, result: PassResult, closing: &mut Closing) -> anyhow::Result<()> {
        closing.warnings.append(&mut self.warnings);
        if let Some(why) = self.stopped {
            closing.warnings.push(Warning::CutShort { why });
        }
        let of_line = |(interface_id, line): (&i64, &Line)| {
            line.was_in_trouble(*interface_id).or(line.takes_fewer(*interface_id))
        };
        closing.warnings.extend(self.lines.iter().filter_map(of_line));
        // Connections are closed before the pass is called finished.
        std::mem::take(&mut self.lines).into_values().for_each(Line::close);
        let ended = (self.clock.now(), self.clock.elapsed());
        // Without this record the pass would seem to have died, and what it has to say of rows and addresses is said
        // by no other.
        self.store.patient_transaction(patience(PATIENCE, self.signal), || {
            if result == PassResult::Complete {
                let messages = self.store.withdraw_too_late(self.pass_id, self.identity.zone.local(ended.0))?;
                closing.warnings.extend((messages > 0).then_some(Warning::TooLate { messages }));
            }
            let status = closing.exit_status().code();
            let counts = PassCounts::from(&*closing);
            // What a limit has left was not decided anew for that alone.
            let looked_at_all = self.stopped.is_none() && counts.over_limit == 0;
            if result == PassResult::Complete && looked_at_all {
                self.store.withdraw_left_over(self.pass_id)?;
            }
            self.store.record_warnings(self.pass_id, result == PassResult::Complete, &recorded(closing))?;
            self.store.finish_pass(self.pass_id, ended, result.word(), status, &counts)
        })?;
        // Also what a pass that died has left.
        self.store.end_many_commits();
        Ok(())
    }
}

/// Whether a locked database is waited for once more: so many `times` in all, and not after a signal.
fn patience(mut times: u32, signal: &AtomicBool) -> impl FnMut() -> bool {
    move || {
        times = times.saturating_sub(1);
        times > 0 && !signal.load(Ordering::Relaxed)
    }
}

/// What the record keeps of the warnings, those that need a person first; rows that could not be
/// understood are among them.
fn recorded(closing: &Closing) -> Vec<RecordedWarning> {
    let rows = closing.skipped.iter().filter_map(|skipped| match &skipped.reason {
        Reason::BadData(bad) => Some(Warning::BadData(bad.clone())),
        _ => None,
    });
    let mut warnings: Vec<Warning> = closing.warnings.iter().cloned().chain(rows).collect();
    warnings.sort_by_key(|warning| !warning.needs_person());
    let recorded = warnings.iter().map(|warning| RecordedWarning {
        code: warning.code().to_owned(),
        needs_person: warning.needs_person(),
        interface_id: warning.interface_id(),
        text_de: words::warning(Lang::De, warning),
        text_en: words::warning(Lang::En, warning),
    });
    recorded.collect()
}

impl Sending<'_> {
    /// Takes note of what has ended, writes that down, and claims and sends whatever can go next;
    /// waits a little if there is nothing to do.
    fn go_on(&mut self, desk: &Desk<'_>, board: &mut Board) -> anyhow::Result<()> {
        let ended = self.collect(board);
        self.look_at_the_clock(desk.setup);
        board.wake(self.clock.elapsed(), |item| {
            self.stopped.is_some()
                || self.line(item.work.decision.route.interface_id).is_some_and(|line| line.out.is_some())
        });
        for ended in &ended {
            self.take_note(desk, board, ended);
        }
        if self.unwritten.is_empty() && !self.can_claim(board) {
            return Ok(());
        }
        let mut leaving = Vec::new();
        let times = if self.unwritten.is_empty() && board.flying.is_empty() { 0 } else { PATIENCE };
        let written = self.store.patient_transaction(patience(times, self.signal), || {
            self.write_outcomes()?;
            // The database may have been waited for.
            self.look_at_the_clock(desk.setup);
            self.claim(desk, board, &mut leaving)
        });
        if let Err(error) = written {
            self.save_outcomes(desk, board, leaving);
            return Err(error);
        }
        self.unwritten.clear();
        // Only now, with the claims on disk, may the first byte leave.
        Leaving::go(leaving, &self.results.0);
        Ok(())
    }

    /// The pass is about to end since the database cannot be written. What is on its way has left all
    /// the same: waits for its outcomes, and tries once more to write down what is known, without
    /// which the next pass could only call it uncertain.
    fn save_outcomes(&mut self, desk: &Desk<'_>, board: &mut Board, unsent: Vec<Leaving>) {
        for Leaving { job, .. } in unsent {
            board.flying.remove(&job.ticket);
        }
        while !board.flying.is_empty() {
            // Every connection answers, at the latest when its server has been silent for too long.
            let Ok(ended) = self.results.1.recv() else { break };
            self.take_note(desk, board, &ended);
        }
        // Where no more files may be open, the journal takes the place of a connection.
        std::mem::take(&mut self.lines).into_values().for_each(Line::close);
        // The error that led here is the one to tell.
        let _ = self.store.transaction(|| {
            self.write_outcomes()?;
            self.store.defer_not_begun(self.pass_id)
        });
    }

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
            // Whoever is ready to report goes first, and shares the commit.
            thread::yield_now();
            ended.extend(self.results.1.try_iter());
        }
        ended
    }

    /// Whether a waiting message can be claimed now, or must be deferred, or another connection be
    /// found for it.
    fn can_claim(&self, board: &Board) -> bool {
        let elapsed = self.clock.elapsed();
        let can_claim = board.waiting.iter().any(|(interface_id, items)| {
            let takes_more = || self.line(*interface_id).is_none_or(|line| line.takes_more(elapsed));
            !items.is_empty() && (self.stopped.is_some() || takes_more())
        });
        can_claim || self.lines.keys().any(|interface_id| self.can_share(board, *interface_id, elapsed))
    }

    fn line(&self, interface_id: Option<i64>) -> Option<&Line> {
        interface_id.and_then(|id| self.lines.get(&id))
    }

    /// What the clocks of gateways show, whatever the instant of the pass. Where everything is on this computer, the
    /// instant that was given stands for the present (rule A5).
    fn time_of_others(&self) -> DateTime<Utc> {
        if self.is_local { self.clock.now() } else { self.clock.time_of_day() }
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
        let mut silent = BTreeSet::new();
        for row in self.store.unsettled(Channel::Sms, self.identity.host, is_running)? {
            let message = match row {
                Ok(message) => message,
                Err(bad) => {
                    self.warnings.push(Warning::BadData(bad));
                    continue;
                }
            };
            self.look_at_the_clock(setup);
            if self.stopped.is_some() {
                break;
            }
            if message.sent_at < self.clock.at() - ASKED_FOR {
                continue;
            }
            if self.time_of_others() < message.claimed_at + LISTED_AFTER || silent.contains(&message.interface_id) {
                continue;
            }
            let Some((line, prepared)) = self.line(message.interface_id).zip(prepared::question(setup, &message))
            else {
                continue;
            };
            let (at, began) = (self.clock.now(), self.clock.elapsed());
            match line.carrier.ask(&prepared) {
                Answer::Sent { reference } => {
                    let references = (Some(prepared.reference.clone()), reference);
                    let (state, error, reply) = (State::Sent, None, None);
                    let settlement = Settlement { id: message.id, state, error, reply, references, at };
                    self.store.transaction(|| self.store.settle(&settlement, State::Uncertain, None))?;
                }
                // Certainly not sent, so that this pass decides anew. But if it was said before of the same
                // message, the list is not to be trusted, and a person has to look.
                // Nor if it may be another gateway or account than the one that was given it.
                Answer::NeverSeen if message.repeats == 0 && self.store.went_by_the_same_interface(message.id)? => {
                    self.store.transaction(|| self.store.settle_as_never_seen(message.id, at))?;
                }
                Answer::CannotTell(problem) if self.clock.elapsed() >= began + SLOW_TO_TELL => {
                    log::warn!(interface_id = message.interface_id; "gateway not asked any more: {problem}");
                    silent.insert(message.interface_id);
                }
                Answer::NeverSeen | Answer::CannotTell(_) => {}
            }
        }
        Ok(())
    }
}
