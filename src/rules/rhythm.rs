//! At which minute of the hour passes run.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Timelike, Utc};

use crate::zone::Zone;

/// The minute of the local hour at which passes run: that of most of `passes`, of the last of them if
/// several are as frequent; `None` without any.
#[must_use]
pub fn rhythm(passes: &[DateTime<Utc>], zone: Zone) -> Option<u32> {
    let minutes: Vec<u32> = passes.iter().map(|at| zone.local(*at).minute()).collect();
    let count = |minute: u32| minutes.iter().filter(|other| **other == minute).count();
    let most = minutes.iter().enumerate().max_by_key(|(place, minute)| (count(**minute), *place));
    most.map(|(_, minute)| *minute)
}

/// The minutes of the local hour at which passes run: each at which several of `passes` ran; if there is none, each at
/// which one did.
#[must_use]
pub fn minutes(passes: &[DateTime<Utc>], zone: Zone) -> BTreeSet<u32> {
    let minutes: Vec<u32> = passes.iter().map(|at| zone.local(*at).minute()).collect();
    let is_usual = |minute: &u32| minutes.iter().filter(|other| *other == minute).count() > 1;
    let usual: BTreeSet<u32> = minutes.iter().copied().filter(is_usual).collect();
    if usual.is_empty() { minutes.into_iter().collect() } else { usual }
}

/// The first pass after `now` of an hourly rhythm at `minute` of the local hour.
#[must_use]
pub fn next_pass(now: DateTime<Utc>, minute: u32, zone: Zone) -> DateTime<Utc> {
    let at = zone.full_hour(now) + Duration::minutes(minute.into());
    if at > now { at } else { at + Duration::hours(1) }
}
