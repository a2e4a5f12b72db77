//! Chapters E1, E2 and D1: which starts a pass looks at.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};

use super::quiet::QuietTime;
use crate::zone::Zone;

/// The reminder window `(now, until)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReminderWindow {
    /// The instant of the pass; a start must be after it.
    pub now: DateTime<Utc>,
    /// The first start that is outside.
    pub until: DateTime<Utc>,
    /// What `until` would be without the look-ahead (E1).
    pub regular_until: DateTime<Utc>,
    /// Whether this is one of the 90 minutes before quiet time.
    pub look_ahead: bool,
}

impl ReminderWindow {
    /// The window of a pass at `now`, which is not quiet, with `hours_before` = x.
    #[must_use]
    pub fn new(now: DateTime<Utc>, hours_before: u32, quiet: &QuietTime, zone: Zone) -> Self {
        let regular_until = Self::regular(now, hours_before, zone);
        let ahead = LookAhead::new(now, hours_before, quiet);
        let look_ahead = ahead.begins <= now;
        let until = if look_ahead { regular_until.max(ahead.until) } else { regular_until };
        Self { now, until, regular_until, look_ahead }
    }

    /// E1: the end of the regular window. Whole hours, so that an hourly rhythm adds one hour each time.
    #[must_use]
    pub fn regular(now: DateTime<Utc>, hours_before: u32, zone: Zone) -> DateTime<Utc> {
        zone.full_hour(now) + Duration::hours(hours_before.into()) + Duration::hours(1)
    }

    /// Whether a start lies inside.
    #[must_use]
    pub fn contains(&self, start: DateTime<Utc>) -> bool {
        self.now < start && start < self.until
    }
}

/// E2: the look past the next quiet time, in the last 90 minutes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookAhead {
    /// From when on passes look past it.
    pub begins: DateTime<Utc>,
    /// The first start behind it that they do not reach.
    pub until: DateTime<Utc>,
}

impl LookAhead {
    const BEFORE_QUIET_TIME: Duration = Duration::minutes(90);

    /// The look past the quiet time that follows `now`, which is not quiet, with `hours_before` = x.
    #[must_use]
    pub fn new(now: DateTime<Utc>, hours_before: u32, quiet: &QuietTime) -> Self {
        let next = quiet.next(now);
        Self {
            begins: next.start - Self::BEFORE_QUIET_TIME,
            until: (next.end + Duration::hours(hours_before.into())).min(next.next_start),
        }
    }
}

/// The confirmation window: local dates, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfirmationWindow {
    /// Tomorrow.
    pub from: NaiveDate,
    /// The last day of the next quarter.
    pub to: NaiveDate,
}

impl ConfirmationWindow {
    /// D1: from the day after `today` to the last day of the next quarter.
    #[must_use]
    pub fn new(today: NaiveDate) -> Self {
        // The quarter after the next one begins six months after this quarter's first month.
        let months = today.year() * 12 + (today.month0() / 3 * 3).cast_signed() + 6;
        let after = NaiveDate::from_ymd_opt(months.div_euclid(12), months.rem_euclid(12).cast_unsigned() + 1, 1);
        let from = today + Duration::days(1);
        // Dates are read from four-digit years, for which this first of a month exists.
        Self { from, to: after.map_or(from, |first| first - Duration::days(1)) }
    }

    /// Whether a local date lies inside.
    #[must_use]
    pub fn contains(&self, date: NaiveDate) -> bool {
        (self.from..=self.to).contains(&date)
    }
}
