//! After a restored backup: what went out since then is not in the record. What the passes since then
//! would have sent is written down as uncertain, so that nobody is told twice.

use std::collections::BTreeSet;
use std::io;
use std::io::Write;

use chrono::{DateTime, Duration, Utc};

use super::output::Output;
use crate::cli::{Common, Format};
use crate::clock::Clock;
use crate::exit::{ExitStatus, Stop};
use crate::host;
use crate::model::{RecordedPass, State};
use crate::pass::{Pass, PassLock, RecordedSecrets, Restoring, service_zone};
use crate::report::restored::{Restored, restored, restored_json};
use crate::report::{Closing, Fate, Heading, MessageReport, PassResult, Printer};
use crate::rules::rhythm::minutes;
use crate::store::Store;
use crate::zone::{Zone, parse_time};

/// Nobody restores a backup that is older, and no appointment is so far ahead.
const LONGEST: Duration = Duration::days(366);

/// From the passes of so long before the backup is learned when and where passes run.
const LEARNED_FROM: Duration = Duration::days(3);

/// Without a pass for so long before the instant that is given as the backup's, that may be a mistake.
const LONG_BEFORE: Duration = Duration::minutes(90);

pub(super) fn run(common: &Common, since: Option<&str>, clock: &Clock) -> anyhow::Result<ExitStatus> {
    let path = super::database(common)?;
    let store = Store::open(path)?;
    let zone = service_zone(&store.interfaces()?);
    let now = super::instant(common, zone)?.unwrap_or(clock.at());
    let newest = store.newest_pass_until(now)?;
    let since = match (since, &newest) {
        (Some(text), _) => instant(text, zone, now)?,
        (None, Some(newest)) => within_reach(newest.at, now)?,
        (None, None) => {
            return Err(Stop::usage(
                "the backup knows no pass; name its instant with --since, such as 2026-03-10T03:00",
            )
            .into());
        }
    };
    let _lock = PassLock::take(path, zone.with_offset(clock.time_of_day()))?;
    let recorded = match &newest {
        Some(newest) => store.passes(newest.at - LEARNED_FROM, newest.at)?,
        None => Vec::new(),
    };
    let instants: Vec<_> = recorded.iter().map(|pass| pass.at).collect();
    // They ran where they ran, whoever calls this, and had their secrets.
    let mut hosts: BTreeSet<_> = recorded.into_iter().map(|pass| pass.host).collect();
    if hosts.is_empty() {
        hosts.insert(host::workstation());
    }
    let surroundings = RecordedSecrets::of(&store);
    let long_before = newest.as_ref().map(|newest| newest.at).filter(|newest| *newest < since - LONG_BEFORE);
    let left = store.transaction(|| store.repeat_nothing(now))?;
    let mut done = Restored { zone, since, long_before, left, passes: 0, inactive: 0, messages: Vec::new() };
    let usual = passes(since, now, &minutes(&instants, zone), zone);
    // What the newest one sent is in the backup, and is not due again.
    let usual = usual.into_iter().filter(|at| newest.as_ref().is_none_or(|newest| *at != newest.at));
    let all: BTreeSet<_> = unfinished(newest.as_ref()).into_iter().chain(usual).collect();
    for at in all {
        let clock = clock.clone().set_to(at);
        let (mut complete, mut inactive) = (false, false);
        for workstation in &hosts {
            let surroundings = &surroundings;
            let pass = Pass { store: &store, clock: &clock, workstation, surroundings, limit: None };
            let mut kept = Kept { at, result: None, messages: &mut done.messages };
            pass.run(&mut Restoring::new(&store, now), &mut kept)?;
            complete |= kept.result == Some(PassResult::Complete);
            inactive |= kept.result == Some(PassResult::Inactive);
        }
        done.passes += usize::from(complete);
        done.inactive += usize::from(inactive && !complete);
    }
    let text = match common.format {
        Format::Text => restored(super::language(common), &done),
        Format::Json => restored_json(&done),
    };
    let mut output = Output::new();
    output.write_all(text.as_bytes())?;
    output.finish()?;
    // Somebody has to find out what became of them.
    let nothing_to_find_out = done.messages.is_empty() && done.left == 0 && done.inactive == 0;
    Ok(if nothing_to_find_out { ExitStatus::Complete } else { ExitStatus::NeedsPerson })
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

/// The newest pass that the backup knows, if it was made in the middle of it: the rest of that is missing.
fn unfinished(newest: Option<&RecordedPass>) -> Option<DateTime<Utc>> {
    newest.filter(|pass| pass.finished_at.is_none()).map(|pass| pass.at)
}

/// The passes at these minutes of each hour from `since` to `now`, both inclusive; at full hours without any.
fn passes(since: DateTime<Utc>, now: DateTime<Utc>, minutes: &BTreeSet<u32>, zone: Zone) -> Vec<DateTime<Utc>> {
    let full_hours = BTreeSet::from([0]);
    let minutes = if minutes.is_empty() { &full_hours } else { minutes };
    let mut passes = Vec::new();
    let mut hour = zone.full_hour(since);
    while hour <= now {
        let each = minutes.iter().map(|minute| hour + Duration::minutes((*minute).into()));
        passes.extend(each.filter(|pass| (since..=now).contains(pass)));
        hour = zone.full_hour(hour + Duration::hours(1));
    }
    passes
}

/// Keeps what was written down.
struct Kept<'d> {
    at: DateTime<Utc>,
    result: Option<PassResult>,
    messages: &'d mut Vec<(i64, DateTime<Utc>, MessageReport)>,
}

impl Printer for Kept<'_> {
    fn begin(&mut self, heading: &Heading) -> io::Result<()> {
        self.result = Some(heading.result);
        Ok(())
    }

    fn message(&mut self, message: &MessageReport) -> io::Result<()> {
        if let (Fate::Settled(State::Uncertain), Some(id)) = (message.fate, message.message_id) {
            self.messages.push((id, self.at, message.clone()));
        }
        Ok(())
    }

    fn finish(&mut self, _closing: &Closing) -> io::Result<()> {
        Ok(())
    }
}
