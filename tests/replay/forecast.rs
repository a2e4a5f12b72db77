//! A forecast over some hours is what the passes of these hours then send, if nothing changes and every
//! hand-over is accepted.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use rusqlite::{Connection, OpenFlags};
use terminbote::clock::Clock;
use terminbote::host::Host;
use terminbote::model::State;
use terminbote::pass::{Dispatch, Foretelling, Pass, PassIdentity, Sending};
use terminbote::report::{Fate, MessageReport};
use terminbote::store::{self, Store};
use terminbote::zone::{Zone, stored_instant};

use crate::edits::Edits;
use crate::{Kept, pass};

/// What tells one message from another.
type Sent = (String, String, i64, Vec<i64>, String);

fn sent(messages: &[MessageReport]) -> Vec<Sent> {
    let goes_out = |message: &&MessageReport| {
        matches!(message.fate, Fate::Planned | Fate::Settled(State::Sent | State::HandedOver))
    };
    let each = messages.iter().filter(goes_out).map(|message| {
        let appointments = message.appointments.iter().map(|(id, _)| *id).collect();
        let (kind, channel) = (message.kind.to_string(), message.channel.to_string());
        (kind, channel, message.customer_id, appointments, message.body.clone())
    });
    each.collect()
}

fn reported(store: &Store, clock: &Clock, limit: Option<usize>, dispatch: &mut dyn Dispatch) -> Option<Vec<Sent>> {
    let (host, mut report) = (Host::new(store.folder()), Kept::default());
    // A chain whose settings are at odds with each other has no pass.
    Pass { limit, ..pass(store, clock, &host) }.run(dispatch, &mut report).ok()?;
    Some(sent(&report.0.messages))
}

fn foretold(path: &Path, instants: &[DateTime<Utc>], limit: Option<usize>) -> Option<Vec<Vec<Sent>>> {
    let store = Store::open_read_only(path).unwrap();
    let mut dispatch = Foretelling::default();
    instants.iter().map(|at| reported(&store, &Clock::new(*at, || Duration::ZERO), limit, &mut dispatch)).collect()
}

fn really_sent(path: &Path, instants: &[DateTime<Utc>], limit: Option<usize>) -> Option<Vec<Vec<Sent>>> {
    let each = instants.iter().map(|at| {
        let store = Store::open(path).unwrap();
        let clock = Arc::new(Clock::new(*at, || Duration::ZERO));
        let signal = AtomicBool::new(false);
        let identity = PassIdentity { path, host: "server", process: None, version: "1", zone: Zone::default() };
        let mut sending = Sending::new(&store, Arc::clone(&clock), &signal, identity, false);
        reported(&store, &clock, limit, &mut sending)
    });
    each.collect()
}

/// Returns how many messages were compared, and how many passes send some.
fn a_forecast_comes_true(seed: u64) -> (usize, usize) {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let path = folder.path().join("termine.db");
    store::init(&path, "f00d", || Ok(())).unwrap();
    let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let mut edits = Edits::new(connection, seed);
    edits.fill();
    let mut at = terminbote::zone::parse_stored_instant("2026-03-09T07:30:00Z").unwrap();
    // A record, with messages by hand that are dated ahead, and what a dead pass has left.
    for _ in 0..edits.below(3) {
        edits.now = at;
        edits.several();
        really_sent(&path, &[at], None);
        at += TimeDelta::minutes([60, 60, 300][edits.below(3)]);
    }
    edits.now = at;
    edits.several();
    for _ in 0..edits.below(3) {
        let later = stored_instant(at + TimeDelta::minutes(i64::try_from(edits.below(1200)).unwrap()));
        let (customer, appointment) = (edits.below(8) + 1, edits.below(14) + 1);
        let start = ["NULL", "'2026-03-12 10:00'"][edits.below(2)];
        edits
            .connection
            .execute_batch(&format!(
                "INSERT INTO message (kind, customer_id, channel, state, sent_at)
                 VALUES ('manual', {customer}, 'phone', 'sent', '{later}');
                 INSERT INTO message_appointment (message_id, appointment_id, appointment_start)
                 VALUES (last_insert_rowid(), {appointment}, {start});"
            ))
            .unwrap();
    }
    let hours = i64::try_from(edits.below(30)).unwrap() + 2;
    let instants: Vec<_> = (0..hours).map(|hour| at + TimeDelta::hours(hour)).collect();
    // Sometimes each pass sends only the most urgent ones.
    let limit = usize::try_from(seed & 7).ok().filter(|limit| (1..=3).contains(limit));
    let forecast = foretold(&path, &instants, limit);
    let unchanged = std::fs::read(&path).unwrap();
    assert_eq!(foretold(&path, &instants, limit), forecast, "the chain {seed}, once more");
    assert!(std::fs::read(&path).unwrap() == unchanged, "a forecast of the chain {seed} has written");
    let then = really_sent(&path, &instants, limit);
    assert_eq!(forecast, then, "the chain {seed}");
    let most = then.iter().flatten().map(Vec::len).max().unwrap_or_default();
    assert!(limit.is_none_or(|limit| most <= limit), "the chain {seed}: {most}");
    let passes: Vec<_> = then.unwrap_or_default().iter().map(Vec::len).filter(|messages| *messages > 0).collect();
    (passes.iter().sum(), passes.len())
}

/// In this chain a customer is reminded, and the minimum distance to the next message lasts longer than the
/// appointment ahead of which it was.
#[test]
fn a_foretold_reminder_of_an_appointment_gone_by_still_holds_back_the_next_one() {
    a_forecast_comes_true(9_594_502_391_144_422_969);
}

/// Otherwise the comparison below would say nothing.
#[test]
fn chains_send_something_and_in_several_passes() {
    let sent: Vec<_> = (1..=8).map(a_forecast_comes_true).collect();
    assert!(sent.iter().map(|(messages, _)| messages).sum::<usize>() > 20, "{sent:?}");
    assert!(sent.iter().filter(|(_, passes)| *passes > 1).count() > 2, "{sent:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::with_cases(
        std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(40)
    ) })]

    #[test]
    fn a_forecast_is_what_the_passes_then_send(seed: u64) {
        a_forecast_comes_true(seed);
    }
}
