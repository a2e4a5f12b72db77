//! Rule I: a real pass that is replayed gives the same plan, in the same order, with the same texts,
//! whatever has been written since, before and while it ran.
//!
//! Random chains, real passes that send into folders, and between them, and in the middle of them,
//! random edits of every kind that other software makes. In the end each pass is made again from its
//! marks and compared with what it planned then.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod edits;
mod forecast;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use rusqlite::{Connection, OpenFlags};
use terminbote::clock::Clock;
use terminbote::host::Host;
use terminbote::pass::{Beginning, Begun, Dispatch, Pass, PassIdentity, Phase, Sending, Setup, Showing, Written};
use terminbote::report::{Closing, Heading, MessageReport, PassResult, Printer};
use terminbote::rules::Skipped;
use terminbote::store::{self, Store};
use terminbote::zone::Zone;

use edits::Edits;

/// What a pass planned.
#[derive(Debug, Default, PartialEq)]
struct Plan {
    result: Option<PassResult>,
    messages: Vec<MessageReport>,
    skipped: Vec<Skipped>,
    /// Messages of the record that the plan does not have.
    unplanned: Vec<i64>,
}

/// Keeps a report.
#[derive(Default)]
struct Kept(Plan);

impl Printer for Kept {
    fn begin(&mut self, heading: &Heading) -> std::io::Result<()> {
        self.0.result = Some(heading.result);
        Ok(())
    }

    fn message(&mut self, message: &MessageReport) -> std::io::Result<()> {
        self.0.messages.push(MessageReport { beside: None, ..message.clone() });
        Ok(())
    }

    fn finish(&mut self, closing: &Closing) -> std::io::Result<()> {
        self.0.skipped.clone_from(&closing.skipped);
        self.0.unplanned = closing.replay.iter().flat_map(|replay| replay.unplanned.clone()).collect();
        Ok(())
    }
}

/// Sends, notes what was planned before, and lets others write at every moment at which they can.
struct Disturbed<'s, 'e> {
    sending: Sending<'s>,
    planned: Vec<MessageReport>,
    edits: &'e mut Edits,
}

impl Dispatch for Disturbed<'_, '_> {
    fn is_dry_run(&self) -> bool {
        self.sending.is_dry_run()
    }

    fn begin(&mut self, beginning: &Beginning<'_>) -> anyhow::Result<Begun> {
        self.edits.some();
        let begun = self.sending.begin(beginning);
        self.edits.some();
        begun
    }

    fn prepare(&mut self, setup: &Setup, at: DateTime<Utc>) -> anyhow::Result<()> {
        self.edits.some();
        self.sending.prepare(setup, at)
    }

    fn dispatch(
        &mut self,
        setup: &Setup,
        phases: &[Phase<'_>],
        at: DateTime<Utc>,
        portion: Vec<Written>,
        so_far: &mut dyn FnMut(usize),
    ) -> anyhow::Result<Vec<MessageReport>> {
        self.planned.extend(Showing.dispatch(setup, phases, at, portion.clone(), so_far)?);
        self.edits.some();
        self.sending.dispatch(setup, phases, at, portion, so_far)
    }

    fn reader(&self) -> Option<Store> {
        self.sending.reader()
    }

    fn wait_for_the_rest(
        &mut self,
        setup: &Setup,
        phases: &[Phase<'_>],
        at: DateTime<Utc>,
        so_far: &mut dyn FnMut(usize),
    ) -> anyhow::Result<Vec<MessageReport>> {
        self.sending.wait_for_the_rest(setup, phases, at, so_far)
    }

    fn finish(&mut self, result: PassResult, closing: &mut Closing) -> anyhow::Result<()> {
        self.edits.some();
        self.sending.finish(result, closing)
    }
}

fn pass<'a>(store: &'a Store, clock: &'a Clock, host: &'a Host) -> Pass<'a> {
    Pass { store, clock, workstation: "server", surroundings: host, limit: None }
}

/// A real pass; its id and what it planned, if it came that far.
fn real_pass(
    path: &Path,
    at: DateTime<Utc>,
    (is_too_late, limit): (bool, Option<usize>),
    edits: &mut Edits,
) -> Option<(i64, Plan)> {
    let store = Store::open(path).unwrap();
    // A pass whose time is over defers everything.
    let elapsed = if is_too_late { Duration::from_secs(2 * 3600) } else { Duration::ZERO };
    let clock = Arc::new(Clock::new(at, move || elapsed));
    let signal = AtomicBool::new(false);
    let identity = PassIdentity { path, host: "server", process: None, version: "1", zone: Zone::default() };
    let sending = Sending::new(&store, Arc::clone(&clock), &signal, identity, false);
    let mut dispatch = Disturbed { sending, planned: Vec::new(), edits };
    let (host, mut report) = (Host::new(store.folder()), Kept::default());
    // A chain whose settings are at odds with each other has no pass.
    Pass { limit, ..pass(&store, &clock, &host) }.run(&mut dispatch, &mut report).ok()?;
    let id = dispatch.edits.connection.query_row("SELECT max(id) FROM pass", [], |row| row.get(0)).unwrap();
    let plan = Plan { messages: dispatch.planned, ..report.0 };
    Some((id, plan))
}

fn replayed(path: &Path, id: i64, at: DateTime<Utc>) -> Plan {
    let store = Store::open_read_only(path).unwrap().seen_by(id).unwrap();
    let (clock, host, mut report) = (Clock::new(at, || Duration::ZERO), Host::new(store.folder()), Kept::default());
    pass(&store, &clock, &host).run(&mut Showing, &mut report).unwrap();
    report.0
}

fn each_pass_is_replayed(seed: u64) {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let path = folder.path().join("termine.db");
    store::init(&path, "f00d", || Ok(())).unwrap();
    let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let mut edits = Edits::new(connection, seed);
    edits.fill();
    let mut at = terminbote::zone::parse_stored_instant("2026-03-09T07:30:00Z").unwrap();
    let mut passes = Vec::new();
    for _ in 0..edits.below(4) + 2 {
        edits.now = at;
        edits.several();
        let is_too_late = edits.below(6) == 0;
        // Sometimes it sends only the most urgent ones.
        let limit = usize::try_from(seed >> (8 * (passes.len() % 8)) & 7).ok().filter(|limit| (1..=3).contains(limit));
        let plan = real_pass(&path, at, (is_too_late, limit), &mut edits);
        passes.extend(plan.map(|(id, plan)| (id, at, plan)));
        // Sometimes another pass in the same second.
        at += TimeDelta::minutes([0, 60, 60, 60, 300, 1440][edits.below(6)]);
    }
    edits.several();
    edits.several();
    for (id, at, then) in passes {
        let now = replayed(&path, id, at);
        // What was to be repeated and had been settled by somebody else meanwhile is skipped after all.
        let repeats = then.messages.iter().any(|message| message.message_id.is_some());
        assert_eq!(now.result, then.result, "pass {id} of the chain {seed}");
        assert_eq!(now.messages, then.messages, "pass {id} of the chain {seed}");
        assert_eq!(now.unplanned, [0; 0], "pass {id} of the chain {seed}");
        if !repeats {
            assert_eq!(now.skipped, then.skipped, "pass {id} of the chain {seed}");
        }
    }
}

/// A message of another pass that began in the middle of this one; an object of secrets that was empty; what a
/// rejected message covered, deleted while a pass began.
#[test]
fn chains_that_were_once_replayed_otherwise_are_replayed() {
    [16_489_660_790_784_314_028, 15_994_741_275_951_958_365, 9_889_387_151_628_050_122]
        .into_iter()
        .for_each(each_pass_is_replayed);
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::with_cases(
        std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(60)
    ) })]

    #[test]
    fn each_real_pass_is_replayed_as_it_was_whatever_has_been_written_since(seed: u64) {
        each_pass_is_replayed(seed);
    }
}
