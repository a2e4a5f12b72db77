//! After a restored backup: what went out since then is not in the record. What the passes since then
//! would have sent is written down as uncertain, so that nobody is told twice.

use std::io;
use std::io::Write;

use chrono::{DateTime, Duration, Utc};

use super::output::Output;
use super::standing::usual_minute;
use crate::cli::{Common, Format};
use crate::clock::Clock;
use crate::exit::{ExitStatus, Stop};
use crate::host::{self, Host};
use crate::model::State;
use crate::pass::{Pass, PassLock, Restoring, service_zone};
use crate::report::restored::{Restored, restored, restored_json};
use crate::report::{Closing, Fate, Heading, MessageReport, PassResult, Printer};
use crate::store::Store;
use crate::zone::{Zone, parse_time};

/// Nobody restores a backup that is older, and no appointment is so far ahead.
const LONGEST: Duration = Duration::days(366);

/// Without a pass for so long before the instant that is given as the backup's, that may be a mistake.
const LONG_BEFORE: Duration = Duration::minutes(90);

pub(super) fn run(common: &Common, since: Option<&str>, clock: &Clock) -> anyhow::Result<ExitStatus> {
    let path = super::database(common)?;
    let store = Store::open(path)?;
    let zone = service_zone(&store.interfaces()?);
    let now = super::instant(common, zone)?.unwrap_or(clock.at());
    let newest = store.newest_pass_until(now)?.map(|pass| pass.at);
    let since = match (since, newest) {
        (Some(text), _) => instant(text, zone, now)?,
        // What it sent is in the backup, and is not due again.
        (None, Some(newest)) => within_reach(newest, now)?,
        (None, None) => {
            return Err(Stop::usage(
                "the backup knows no pass; name its instant with --since, such as 2026-03-10T03:00",
            )
            .into());
        }
    };
    let _lock = PassLock::take(path, zone.with_offset(clock.time_of_day()))?;
    let minute = usual_minute(&store, zone)?.unwrap_or_default();
    let (workstation, surroundings) = (host::workstation(), Host::new(store.folder()));
    let long_before = newest.filter(|newest| *newest < since - LONG_BEFORE);
    let left = store.transaction(|| store.repeat_nothing(now))?;
    let mut done = Restored { zone, since, long_before, left, passes: 0, messages: Vec::new() };
    for at in passes(since, now, minute, zone) {
        let clock = clock.clone().set_to(at);
        let pass =
            Pass { store: &store, clock: &clock, workstation: &workstation, surroundings: &surroundings, limit: None };
        let mut kept = Kept { at, done: &mut done };
        pass.run(&mut Restoring::new(&store, now), &mut kept)?;
    }
    let text = match common.format {
        Format::Text => restored(super::language(common), &done),
        Format::Json => restored_json(&done),
    };
    let mut output = Output::new();
    output.write_all(text.as_bytes())?;
    output.finish()?;
    // Somebody has to find out what became of them.
    Ok(if done.messages.is_empty() && done.left == 0 { ExitStatus::Complete } else { ExitStatus::NeedsPerson })
}

fn instant(text: &str, zone: Zone, now: DateTime<Utc>) -> Result<DateTime<Utc>, Stop> {
    let Some(since) = parse_time(text, zone) else {
        return Err(Stop::usage(format!(
            "--since \"{text}\" is no time; write the instant of the backup, such as 2026-03-10T03:00"
        )));
    };
    if since > now {
        return Err(Stop::usage("--since lies in the future; write the instant of the backup"));
    }
    within_reach(since, now)
}

fn within_reach(since: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, Stop> {
    if now - since > LONGEST {
        return Err(Stop::usage("the backup is of more than a year ago; what was sent since then cannot be told"));
    }
    Ok(since)
}

/// The hourly passes from `since` to `now`, both inclusive.
fn passes(since: DateTime<Utc>, now: DateTime<Utc>, minute: u32, zone: Zone) -> Vec<DateTime<Utc>> {
    let mut passes = Vec::new();
    let mut hour = zone.full_hour(since);
    while hour <= now {
        let pass = hour + Duration::minutes(minute.into());
        if pass >= since && pass <= now {
            passes.push(pass);
        }
        hour = zone.full_hour(hour + Duration::hours(1));
    }
    passes
}

/// Keeps what was written down.
struct Kept<'d> {
    at: DateTime<Utc>,
    done: &'d mut Restored,
}

impl Printer for Kept<'_> {
    fn begin(&mut self, heading: &Heading) -> io::Result<()> {
        if heading.result == PassResult::Complete {
            self.done.passes += 1;
        }
        Ok(())
    }

    fn message(&mut self, message: &MessageReport) -> io::Result<()> {
        if let (Fate::Settled(State::Uncertain), Some(id)) = (message.fate, message.message_id) {
            self.done.messages.push((id, self.at, message.clone()));
        }
        Ok(())
    }

    fn finish(&mut self, _closing: &Closing) -> io::Result<()> {
        Ok(())
    }
}
