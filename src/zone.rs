//! Local wall-clock time and instants, and the two nights of the year on which they disagree.
//!
//! Appointments are local times, messages are instants. A local time that does not exist (spring)
//! means the instant one hour later on the clock; one that exists twice (autumn) means the first.

use chrono::{DateTime, Datelike, Duration, LocalResult, NaiveDate, NaiveDateTime, Offset, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

/// The chain's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

/// How far a wall clock may be moved at once, anywhere in the IANA database since 1970 but for
/// countries that changed their side of the date line.
pub const LARGEST_CLOCK_CHANGE: Duration = Duration::hours(3);

impl Default for Zone {
    fn default() -> Self {
        Self(chrono_tz::Europe::Berlin)
    }
}

impl Zone {
    /// The name of the zone if none is set.
    pub const DEFAULT: &str = "Europe/Berlin";

    /// The zone of an IANA name such as `Europe/Berlin`; `None` if there is none of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        name.parse().ok().map(Self)
    }

    /// The IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The instant that a local time means.
    #[must_use]
    pub fn instant(self, local: NaiveDateTime) -> DateTime<Utc> {
        match self.0.from_local_datetime(&local) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
            // A gap: the clock that was in force before it still ran, so its offset gives the
            // instant. A day before there was certainly no gap of the same clock change.
            LocalResult::None => {
                let before = self.0.offset_from_utc_datetime(&(local - Duration::days(1)));
                (local - before.fix()).and_utc()
            }
        }
    }

    /// The local time of an instant.
    #[must_use]
    pub fn local(self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.0).naive_local()
    }

    /// The instant with the zone's offset, as the report prints it.
    #[must_use]
    pub fn with_offset(self, at: DateTime<Utc>) -> DateTime<chrono::FixedOffset> {
        at.with_timezone(&self.0).fixed_offset()
    }

    /// The local date of an instant.
    #[must_use]
    pub fn date(self, at: DateTime<Utc>) -> NaiveDate {
        self.local(at).date()
    }

    /// The next instant within a year at which the clock is put forward or back, and by how much;
    /// `None` where that does not happen.
    #[must_use]
    pub fn next_change(self, after: DateTime<Utc>) -> Option<(DateTime<Utc>, Duration)> {
        let offset = |at: DateTime<Utc>| self.with_offset(at).offset().local_minus_utc();
        let minute = after - Duration::seconds(after.second().into());
        let day = (1..=366).find(|day| offset(minute + Duration::days(*day)) != offset(minute))?;
        // Clocks are changed at full minutes, and at most once on a day.
        let (mut before, mut behind) = (minute + Duration::days(day - 1), minute + Duration::days(day));
        while behind - before > Duration::minutes(1) {
            let middle = before + Duration::minutes((behind - before).num_minutes() / 2);
            if offset(middle) == offset(minute) { before = middle } else { behind = middle }
        }
        Some((behind, Duration::seconds((offset(behind) - offset(minute)).into())))
    }

    /// `hour(now)` of the rules: the instant at which the present hour of the local clock began.
    #[must_use]
    pub fn full_hour(self, at: DateTime<Utc>) -> DateTime<Utc> {
        let local = self.local(at);
        at - Duration::minutes(local.minute().into())
            - Duration::seconds(local.second().into())
            - Duration::nanoseconds(local.nanosecond().into())
    }
}

/// Reads the TIME of `--at`: `2026-03-10T19:00` or `2026-03-10 19:00` in `zone`, with seconds if
/// wanted, or RFC 3339 with an offset or `Z`, the seconds left out if wanted. `None` for anything else.
#[must_use]
pub fn parse_time(text: &str, zone: Zone) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%#z"))
    {
        return Some(at.to_utc());
    }
    ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .filter(|local| (1970..=9998).contains(&local.year()))
        .map(|local| zone.instant(local))
}

// A pass reads and writes thousands of times in these two forms, and chrono would read the pattern anew
// for each of them.

/// A local time exactly as the tables store it, `YYYY-MM-DD HH:MM`; `None` for anything else.
#[must_use]
pub fn parse_stored(text: &str) -> Option<NaiveDateTime> {
    let (date, time) = text.split_at_checked(10)?;
    let (hour, minute) = match time.as_bytes() {
        [b' ', hour @ .., b':', m1, m2] => (number::<2>(hour)?, number::<2>(&[*m1, *m2])?),
        _ => return None,
    };
    parse_date(date)?.and_hms_opt(hour, minute, 0)
}

/// A local time as the tables store it.
#[must_use]
pub fn stored(local: NaiveDateTime) -> String {
    let (date, time) = (local.date(), local.time());
    format!("{} {:02}:{:02}", Iso(date), time.hour(), time.minute())
}

/// An instant exactly as the tables store it, `YYYY-MM-DDTHH:MM:SSZ`; `None` for anything else.
#[must_use]
pub fn parse_stored_instant(text: &str) -> Option<DateTime<Utc>> {
    let (date, time) = text.split_at_checked(10)?;
    let [b'T', h1, h2, b':', m1, m2, b':', s1, s2, b'Z'] = *time.as_bytes() else { return None };
    let [hour, minute, second] = [[h1, h2], [m1, m2], [s1, s2]].map(|digits| number::<2>(&digits));
    Some(parse_date(date)?.and_hms_opt(hour?, minute?, second?)?.and_utc())
}

/// An instant as the tables store it.
#[must_use]
pub fn stored_instant(at: DateTime<Utc>) -> String {
    let (date, time) = (at.date_naive(), at.time());
    format!("{}T{:02}:{:02}:{:02}Z", Iso(date), time.hour(), time.minute(), time.second())
}

/// A date as ISO 8601 has it.
struct Iso(NaiveDate);

impl std::fmt::Display for Iso {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    let [year @ .., b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return None };
    let year = i32::try_from(number::<4>(year)?).ok()?;
    NaiveDate::from_ymd_opt(year, number::<2>(&[*m1, *m2])?, number::<2>(&[*d1, *d2])?)
}

/// So many decimal digits.
fn number<const DIGITS: usize>(digits: &[u8]) -> Option<u32> {
    let digits: [u8; DIGITS] = digits.try_into().ok()?;
    digits.iter().try_fold(0, |number, digit| Some(number * 10 + char::from(*digit).to_digit(10)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_only_as_the_tables_store_them() {
        for text in ["2026-03-10 19:00", "0000-01-01 00:00", "9999-12-31 23:59", "2028-02-29 06:05"] {
            assert_eq!(parse_stored(text).map(stored).as_deref(), Some(text));
            let instant = format!("{}:59Z", text.replace(' ', "T"));
            assert_eq!(parse_stored_instant(&instant).map(stored_instant), Some(instant));
        }
        for text in [
            "",
            "2026-03-10",
            "2026-03-10 19:0",
            "2026-03-10 19:000",
            "2026-03-10T19:00",
            "2026-3-10 19:00",
            "2026-02-29 19:00",
            "2026-03-10 24:00",
            "2026-03-10 19:60",
            "+026-03-10 19:00",
            "2026-03-10 1 :00",
            "12026-03-10 19:00",
            "2026-03-1ü 19:00",
            " 2026-03-10 19:00",
        ] {
            assert_eq!(parse_stored(text), None, "{text}");
        }
        for text in [
            "2026-03-10T19:00Z",
            "2026-03-10T19:00:00",
            "2026-03-10 19:00:00Z",
            "2026-03-10T19:00:60Z",
            "2026-03-10T19:00:00.0Z",
            "2026-03-10T19:00:00+01:00",
        ] {
            assert_eq!(parse_stored_instant(text), None, "{text}");
        }
    }

    #[test]
    fn the_next_change_of_the_clock_is_found_to_the_minute() {
        let next = |zone: &str, after: &str| {
            let zone = Zone::named(zone).unwrap();
            let (at, by) = zone.next_change(parse_stored_instant(after).unwrap())?;
            Some((stored_instant(at), by.num_minutes()))
        };
        let spring = Some(("2026-03-29T01:00:00Z".to_owned(), 60));
        let autumn = Some(("2026-10-25T01:00:00Z".to_owned(), -60));
        assert_eq!(next("Europe/Berlin", "2026-03-10T18:00:00Z"), spring);
        assert_eq!(next("Europe/Berlin", "2026-03-29T00:59:59Z"), spring);
        assert_eq!(next("Europe/Berlin", "2026-03-29T01:00:00Z"), autumn);
        assert_eq!(next("Asia/Tokyo", "2026-03-10T18:00:00Z"), None);
    }
}
