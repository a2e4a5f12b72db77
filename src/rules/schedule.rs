//! Chapter E over a whole day: which of the hourly passes reminds of a start, and what is left when
//! one of them does not run.
//!
//! Nothing is decided here: [`ReminderWindow`] and [`QuietTime`] are asked for every minute at which
//! an appointment can start.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};

use super::quiet::QuietTime;
use super::rhythm::next_pass;
use super::window::ReminderWindow;
use crate::zone::Zone;

/// Passes at one minute of every hour, and how they remind of what starts on one day.
#[derive(Debug, Clone)]
pub struct Schedule {
    starts: Vec<Start>,
}

/// Which passes remind of an appointment that starts at a local time.
#[derive(Debug, Clone, Copy)]
struct Start {
    time: NaiveTime,
    /// The first one, local, and whether it takes the start in only by looking ahead (E2).
    first: Option<(NaiveTime, bool)>,
    /// How many could, each if those before it did not run.
    passes: u32,
    /// How many of them do not look ahead.
    regular: u32,
}

/// The next pass after `now` at `minute` of an hour that is not quiet.
#[must_use]
pub fn next_awake_pass(now: DateTime<Utc>, minute: u32, quiet: &QuietTime, zone: Zone) -> Option<DateTime<Utc>> {
    let first = next_pass(now, minute, zone);
    (0..48).map(|hours| first + Duration::hours(hours)).find(|pass| !quiet.is_quiet(*pass))
}

/// A run of starts, minute after minute, of which the same holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The first start, local.
    pub from: NaiveTime,
    /// The last start, local; earlier than `from` if midnight lies between.
    pub to: NaiveTime,
    /// How many minutes they are.
    pub minutes: u32,
    /// The local time of the pass that reminds of them first, always the last of that time before
    /// them; `None` if none does.
    pub pass: Option<NaiveTime>,
}

impl Schedule {
    /// The passes at `minute` of every hour, for what starts on `day`, with `hours_before` = x.
    #[must_use]
    pub fn new(day: NaiveDate, minute: u32, hours_before: u32, quiet: &QuietTime, zone: Zone) -> Self {
        let midnight = |day: NaiveDate| zone.instant(day.and_time(NaiveTime::MIN));
        // Before that, nothing reaches into the day: x, the longest quiet time and the hour of E1.
        let mut hour = zone.full_hour(midnight(day) - Duration::hours(i64::from(hours_before) + 26));
        let mut windows = BTreeMap::new();
        while hour < midnight(day + Duration::days(1)) {
            let pass = zone.full_hour(hour) + Duration::minutes(minute.into());
            if !quiet.is_quiet(pass) {
                windows.insert(pass, ReminderWindow::new(pass, hours_before, quiet, zone));
            }
            hour += Duration::hours(1);
        }
        let starts = (0..24 * 60).filter_map(|minute| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0));
        Self { starts: starts.map(|time| start(time, zone.instant(day.and_time(time)), &windows, zone)).collect() }
    }

    /// Starts of which no pass reminds.
    #[must_use]
    pub fn not_reminded(&self) -> Vec<Stretch> {
        self.stretches(|start| start.passes == 0)
    }

    /// Starts of which a pass reminds earlier than x hours before, since these fall into quiet time.
    #[must_use]
    pub fn brought_forward(&self) -> Vec<Stretch> {
        self.stretches(|start| start.first.is_some_and(|(_, only_by_look_ahead)| only_by_look_ahead))
    }

    /// Starts of which no pass after quiet time could remind any more.
    #[must_use]
    pub fn only_before_quiet_time(&self) -> Vec<Stretch> {
        self.stretches(|start| start.passes > 0 && start.regular == 0)
    }

    /// Starts of which nobody is reminded if that one pass does not run.
    #[must_use]
    pub fn by_one_pass_only(&self) -> Vec<Stretch> {
        self.stretches(|start| start.passes == 1)
    }

    fn stretches(&self, holds: impl Fn(&Start) -> bool) -> Vec<Stretch> {
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut goes_on = false;
        for start in &self.starts {
            let pass = start.first.map(|(pass, _)| pass);
            if holds(start) {
                match stretches.last_mut().filter(|last| goes_on && last.pass == pass) {
                    Some(last) => (last.to, last.minutes) = (start.time, last.minutes + 1),
                    None => stretches.push(Stretch { from: start.time, to: start.time, minutes: 1, pass }),
                }
            }
            goes_on = holds(start);
        }
        joined_at_midnight(stretches)
    }
}

/// What stretches from the evening into the next morning is one: each day is like the other.
fn joined_at_midnight(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    let around = stretches.first().copied().zip(stretches.last().copied()).filter(|(first, last)| {
        let ends = last.to + Duration::minutes(1) == NaiveTime::MIN && first.from == NaiveTime::MIN;
        ends && first.pass == last.pass && stretches.len() > 1
    });
    if let Some((first, last)) = around {
        stretches.pop();
        stretches.remove(0);
        stretches.push(Stretch { to: first.to, minutes: first.minutes + last.minutes, ..last });
    }
    stretches
}

fn start(time: NaiveTime, at: DateTime<Utc>, windows: &BTreeMap<DateTime<Utc>, ReminderWindow>, zone: Zone) -> Start {
    let mut start = Start { time, first: None, passes: 0, regular: 0 };
    for window in windows.values().filter(|window| window.contains(at)) {
        start.first.get_or_insert((zone.local(window.now).time(), at >= window.regular_until));
        start.passes += 1;
        start.regular += u32::from(!window.look_ahead);
    }
    start
}
