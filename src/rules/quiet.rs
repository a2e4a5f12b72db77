//! Chapter A3: the time of day at which nothing is sent.
//!
//! Quiet time is read off the local clock: the night rest of the settings and the maintenance
//! window, which always applies, merged.

use chrono::{DateTime, Duration, NaiveDateTime, NaiveTime, Timelike, Utc};

use super::full_minute;
use crate::settings::NightRest;
use crate::zone::Zone;

/// The maintenance window `[23:00, 04:00)`, in minutes of the day.
pub const MAINTENANCE: (u32, u32) = (23 * 60, 4 * 60);
const DAY: u32 = 24 * 60;

/// Settings that leave no time of day at which anything could be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the night rest leaves no time of day at which messages could be sent, together with the maintenance window from 23:00 to 04:00"
)]
pub struct AlwaysQuiet;

/// The quiet time of every day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietTime {
    night_rest: Option<(u32, u32)>,
    zone: Zone,
}

/// A stretch of quiet time, `[start, end)`, and when the one after it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietStretch {
    /// q0: when it starts.
    pub start: DateTime<Utc>,
    /// q1: when it ends.
    pub end: DateTime<Utc>,
    /// q2: when the next one starts.
    pub next_start: DateTime<Utc>,
}

impl QuietTime {
    /// The quiet time for a night rest; start = end means none.
    ///
    /// # Errors
    /// If no minute of the day is left.
    pub fn new(night_rest: Option<NightRest>, zone: Zone) -> Result<Self, AlwaysQuiet> {
        let minute = |time: NaiveTime| time.num_seconds_from_midnight() / 60;
        let night_rest =
            night_rest.map(|rest| (minute(rest.start), minute(rest.end))).filter(|(start, end)| start != end);
        let quiet = Self { night_rest, zone };
        if (0..DAY).all(|minute| quiet.covers(minute)) { Err(AlwaysQuiet) } else { Ok(quiet) }
    }

    fn covers(&self, minute: u32) -> bool {
        let within = |(start, end): (u32, u32)| {
            if start < end { (start..end).contains(&minute) } else { minute >= start || minute < end }
        };
        within(MAINTENANCE) || self.night_rest.is_some_and(within)
    }

    /// Whether a local time is quiet.
    #[must_use]
    pub fn is_quiet_at(&self, local: NaiveDateTime) -> bool {
        self.covers(local.num_seconds_from_midnight() / 60)
    }

    /// Whether an instant is quiet.
    #[must_use]
    pub fn is_quiet(&self, at: DateTime<Utc>) -> bool {
        self.is_quiet_at(self.zone.local(at))
    }

    /// The first full minute after `at` at which quiet changes.
    fn next_change(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let (quiet, minute) = (self.is_quiet(at), full_minute(at));
        let local = self.zone.local(minute);
        let passed = local.num_seconds_from_midnight() / 60;
        // Some minute of the day is quiet (maintenance) and some is not (`new`), so that a change
        // comes within a day, at one of these edges.
        let edges = [Some(MAINTENANCE), self.night_rest].into_iter().flatten().flat_map(|(start, end)| [start, end]);
        let ahead = edges
            .filter(|edge| self.covers(*edge) != quiet)
            .map(|edge| (edge + DAY - passed) % DAY)
            .min()
            .map_or(Duration::days(1), |minutes| Duration::minutes(minutes.into()));
        if self.zone.local(minute + ahead) == local + ahead {
            return minute + ahead;
        }
        // The clock is changed on the way, which may skip the edge or come to one sooner.
        (1..=2 * i64::from(DAY))
            .map(|minutes| minute + Duration::minutes(minutes))
            .find(|later| self.is_quiet(*later) != quiet)
            .unwrap_or(minute + ahead)
    }

    /// When the quiet time that `at` lies in ends; `None` if `at` is not quiet.
    #[must_use]
    pub fn until(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.is_quiet(at).then(|| self.next_change(at))
    }

    /// The next stretch of quiet time that starts after `at`, which is not quiet itself.
    #[must_use]
    pub fn next(&self, at: DateTime<Utc>) -> QuietStretch {
        let start = self.next_change(at);
        let end = self.next_change(start);
        QuietStretch { start, end, next_start: self.next_change(end) }
    }
}
