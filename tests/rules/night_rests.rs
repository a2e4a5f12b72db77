//! E2 over the table of all night rests of full hours: no start of a day falls between two passes.

use chrono::{DateTime, Duration, Utc};
use terminbote::rules::quiet::QuietTime;
use terminbote::rules::window::ReminderWindow;
use terminbote::settings::NightRest;
use terminbote::zone::Zone;

use crate::situation::{berlin, local, time, utc};

/// One pass in every hour that is not quiet, from the day before a day to its end.
fn passes(quiet: &QuietTime, zone: Zone, day: &str, minute: i64) -> Vec<DateTime<Utc>> {
    let midnight = zone.instant(local(&format!("{day} 00:00")));
    (-24..24)
        .map(|hour| midnight + Duration::hours(hour) + Duration::minutes(minute))
        .filter(|at| !quiet.is_quiet(*at))
        .collect()
}

/// The night rests of full hours, each with its quiet time; `None` where no hour is left.
fn table() -> impl Iterator<Item = (u32, u32, Option<QuietTime>)> {
    let rest = |start, end| NightRest { start: time(&format!("{start}:00")), end: time(&format!("{end}:00")) };
    (0..24_u32)
        .flat_map(|start| (0..24_u32).map(move |end| (start, end)))
        .map(move |(start, end)| (start, end, QuietTime::new(Some(rest(start, end)), berlin()).ok()))
}

#[test]
fn a3_exactly_the_night_rests_that_reach_from_4_to_23_leave_no_hour() {
    let none_left: Vec<_> =
        table().filter(|(_, _, quiet)| quiet.is_none()).map(|(start, end, _)| (start, end)).collect();
    // Those that begin in the maintenance window and end in it, after they have lasted all day.
    let expected: Vec<_> = (0..24_u32)
        .flat_map(|start| (0..24_u32).map(move |end| (start, end)))
        .filter(|(start, end)| start != end)
        .filter(|(start, end)| (4..23).all(|hour| (24 + hour - start) % 24 < (24 + end - start) % 24))
        .collect();
    assert_eq!(none_left, expected);
    assert!(none_left.contains(&(4, 23)) && none_left.contains(&(4, 3)) && !none_left.contains(&(5, 23)));
}

#[test]
fn e2_with_every_night_rest_and_lead_each_start_of_a_day_is_in_the_window_of_some_pass() {
    // An ordinary day with every lead, and the two on which the clock is changed.
    let (every, some): (Vec<u32>, _) = ((1..=99).collect(), vec![1, 6, 23, 24, 99]);
    let days =
        [("2026-03-10", 59, &every), ("2026-03-10", 0, &some), ("2026-03-29", 7, &some), ("2026-10-25", 7, &some)];
    for (day, minute, leads) in days {
        let midnight = berlin().instant(local(&format!("{day} 00:00")));
        for (start, end, quiet) in table() {
            let Some(quiet) = quiet else { continue };
            let passes = passes(&quiet, berlin(), day, minute);
            for x in leads {
                let case = || format!("night rest {start} to {end}, {x} hours, passes at minute {minute} until {day}");
                let windows: Vec<_> = passes.iter().map(|at| ReminderWindow::new(*at, *x, &quiet, berlin())).collect();
                // The windows of two passes after each other leave nothing between them, so that
                // every minute of the day lies in one.
                assert!(windows[0].now < midnight, "{}", case());
                assert!(windows.is_sorted_by_key(|window| window.until), "{}", case());
                for pair in windows.windows(2) {
                    assert!(pair[1].now < pair[0].until, "{}: nothing reminds of {}", case(), pair[0].until);
                }
                let last = windows[windows.len() - 1];
                assert!(last.until >= midnight + Duration::days(1), "{}: nothing reminds of {}", case(), last.until);
            }
        }
    }
}

#[test]
fn e2_a_window_never_reaches_back_and_never_shrinks_below_the_regular_one() {
    let now = utc("2026-03-10T00:07:00Z");
    for (start, end, quiet) in table() {
        let Some(quiet) = quiet else { continue };
        for hour in 0..24 {
            let at = now + Duration::hours(hour);
            if quiet.is_quiet(at) {
                continue;
            }
            for x in [1_u32, 6, 23, 24, 99] {
                let window = ReminderWindow::new(at, x, &quiet, berlin());
                let regular = berlin().full_hour(at) + Duration::hours(i64::from(x) + 1);
                assert!(window.until >= regular, "{start} to {end}, {x} hours, at {at}");
                assert!(window.look_ahead || window.until == regular, "{start} to {end}, {x} hours, at {at}");
                assert!(!window.contains(at) && window.contains(at + Duration::seconds(1)));
            }
        }
    }
}
