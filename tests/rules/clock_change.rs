//! The two days of the year on which the clock is changed, in each direction, and other zones.
//!
//! In Berlin the hour from 02:00 is missing on 29 March 2026 and comes twice on 25 October 2026.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use terminbote::rules::quiet::QuietTime;
use terminbote::settings::NightRest;
use terminbote::zone::{Zone, parse_time};

use crate::situation::{Practice, anna, appointment, berlin, chain, local, message, time, utc, zone};

#[test]
fn a_local_time_that_does_not_exist_means_one_hour_later_on_the_clock() {
    for (clock, instant, shown) in [
        ("2026-03-29 01:59", "2026-03-29T00:59:00Z", "2026-03-29 01:59"),
        ("2026-03-29 02:00", "2026-03-29T01:00:00Z", "2026-03-29 03:00"),
        ("2026-03-29 02:30", "2026-03-29T01:30:00Z", "2026-03-29 03:30"),
        ("2026-03-29 02:59", "2026-03-29T01:59:00Z", "2026-03-29 03:59"),
        ("2026-03-29 03:00", "2026-03-29T01:00:00Z", "2026-03-29 03:00"),
    ] {
        assert_eq!(berlin().instant(local(clock)), utc(instant), "{clock}");
        assert_eq!(berlin().local(utc(instant)), local(shown), "{clock}");
    }
}

#[test]
fn a_local_time_that_exists_twice_means_the_first() {
    for (clock, instant) in [
        ("2026-10-25 01:59", "2026-10-24T23:59:00Z"),
        ("2026-10-25 02:00", "2026-10-25T00:00:00Z"),
        ("2026-10-25 02:59", "2026-10-25T00:59:00Z"),
        ("2026-10-25 03:00", "2026-10-25T02:00:00Z"),
    ] {
        assert_eq!(berlin().instant(local(clock)), utc(instant), "{clock}");
    }
    assert_eq!(berlin().local(utc("2026-10-25T01:30:00Z")), local("2026-10-25 02:30"), "the second one");
}

#[test]
fn the_time_of_a_pass_is_read_by_the_same_rule() {
    for text in ["2026-03-29T02:30", "2026-03-29 02:30", "2026-03-29T03:30:00+02:00", "2026-03-29T01:30:00Z"] {
        assert_eq!(parse_time(text, berlin()), Some(utc("2026-03-29T01:30:00Z")), "{text}");
    }
    assert_eq!(parse_time("2026-10-25 02:30", berlin()), Some(utc("2026-10-25T00:30:00Z")));
    assert_eq!(parse_time("2026-10-25T02:30:00+01:00", berlin()), Some(utc("2026-10-25T01:30:00Z")));
    for nonsense in
        ["", "gestern", "2026-03-10", "19:00", "2026-02-30 10:00", "2026-03-10 24:00", "2026-03-10 19:00 CET"]
    {
        assert_eq!(parse_time(nonsense, berlin()), None, "{nonsense}");
    }
}

#[test]
fn the_full_hour_is_that_of_the_local_clock() {
    for (name, at, hour) in [
        ("Europe/Berlin", "2026-03-10T11:59:59Z", "2026-03-10T11:00:00Z"),
        ("Australia/Lord_Howe", "2026-01-10T11:59:59Z", "2026-01-10T11:00:00Z"),
        ("Australia/Lord_Howe", "2026-07-10T11:59:59Z", "2026-07-10T11:30:00Z"),
        ("Asia/Kathmandu", "2026-07-10T11:14:59Z", "2026-07-10T10:15:00Z"),
    ] {
        assert_eq!(zone(name).full_hour(utc(at)), utc(hour), "{name} {at}");
    }
}

/// The window of a pass at a local time, as local times.
#[track_caller]
fn window(practice: &Practice, at: &str) -> String {
    let window = practice.pass(at).window.expect("a pass that is not quiet");
    practice.zone().local(window.until).format("%m-%d %H:%M").to_string()
}

#[test]
fn a3_the_night_rest_ends_at_six_on_the_clock_whatever_night_it_was() {
    let quiet = chain().night_rest("20:00", "06:00").quiet();
    for (evening, end, hours) in [
        ("2026-03-27 20:00", "2026-03-28T05:00:00Z", 10),
        ("2026-03-28 20:00", "2026-03-29T04:00:00Z", 9),
        ("2026-10-24 20:00", "2026-10-25T05:00:00Z", 11),
        ("2026-10-25 20:00", "2026-10-26T05:00:00Z", 10),
    ] {
        let evening = berlin().instant(local(evening));
        assert_eq!(quiet.until(evening), Some(utc(end)));
        assert_eq!(utc(end) - evening, Duration::hours(hours));
    }
}

#[test]
fn a3_the_maintenance_window_is_quiet_through_the_missing_and_the_doubled_hour() {
    let quiet = chain().quiet();
    for (from, end) in
        [("2026-03-28T22:00:00Z", "2026-03-29T02:00:00Z"), ("2026-10-24T21:00:00Z", "2026-10-25T03:00:00Z")]
    {
        let (mut at, end) = (utc(from), utc(end));
        assert!(!quiet.is_quiet(at - Duration::seconds(1)));
        while at < end {
            assert_eq!(quiet.until(at), Some(end), "{at}");
            at += Duration::minutes(7);
        }
        assert_eq!(quiet.until(end), None);
    }
}

#[test]
fn e1_the_hours_before_an_appointment_are_real_hours() {
    let practice = chain().hours_before(20);
    // 21 hours after noon, of a night with an hour less or more.
    assert_eq!(window(&practice, "2026-03-27 12:00"), "03-28 09:00");
    assert_eq!(window(&practice, "2026-03-28 12:00"), "03-29 10:00");
    assert_eq!(window(&practice, "2026-10-24 12:00"), "10-25 08:00");
    assert_eq!(window(&practice, "2026-10-25 12:00"), "10-26 09:00");
}

#[test]
fn e2_the_look_ahead_counts_from_the_end_of_the_night_on_the_clock() {
    let practice = chain().night_rest("20:00", "06:00").hours_before(6);
    for (at, until) in [
        ("2026-03-28 19:00", "03-29 12:00"),
        ("2026-03-29 19:00", "03-30 12:00"),
        ("2026-10-24 19:00", "10-25 12:00"),
        ("2026-10-25 19:00", "10-26 12:00"),
    ] {
        assert_eq!(window(&practice, at), until, "{at}");
    }
    // Twenty hours of the long day end at its second night rest, those of the short one before.
    let practice = practice.hours_before(23);
    assert_eq!(window(&practice, "2026-03-28 19:00"), "03-29 20:00");
    assert_eq!(window(&practice, "2026-10-24 19:00"), "10-25 20:00");
}

#[test]
fn e_an_appointment_in_the_missing_hour_is_reminded_of_the_evening_before() {
    let practice = chain().night_rest("20:00", "06:00").hours_before(6).with(anna());
    let practice = practice.with(appointment(1).at("2026-03-29 02:30"));
    practice.pass("2026-03-28 19:00").says(&["reminder to 7 by email of 1"]);
}

#[test]
fn e_appointments_in_the_doubled_hour_mean_the_first_one() {
    let practice = chain().with(anna()).hours_before(6).with(appointment(1).at("2026-10-25 02:30"));
    practice.pass("2026-10-24 22:30").says(&["reminder to 7 by email of 1"]);
    // Noon of the day before plus 14 real hours is the first 02:00, plus 15 the second.
    let practice = practice.hours_before(14);
    practice.pass("2026-10-24 11:59").says(&[]);
    practice.pass("2026-10-24 12:00").says(&["reminder to 7 by email of 1"]);
}

#[test]
fn e3_the_hours_between_two_messages_are_real_hours() {
    let practice = |day: &str, next: &str| {
        chain()
            .hours_before(10)
            .hours_between(12)
            .with(anna())
            .with(appointment(1).at(&format!("{next} 12:00")))
            .with(message(812).by_hand().at(&format!("{day} 22:00")))
    };
    let summer = practice("2026-03-28", "2026-03-29");
    summer.pass("2026-03-29 10:59").says(&["1 skipped: recent_message 812, until 2026-03-29 11:00"]);
    summer.pass("2026-03-29 11:00").says(&["reminder to 7 by email of 1"]);
    let winter = practice("2026-10-24", "2026-10-25");
    winter.pass("2026-10-25 08:59").says(&["1 skipped: recent_message 812, until 2026-10-25 09:00"]);
    winter.pass("2026-10-25 09:00").says(&["reminder to 7 by email of 1"]);
}

#[test]
fn d1_the_day_of_the_change_is_a_day_like_any_other() {
    let practice = chain().only_confirming().with(anna());
    for (today, tomorrow) in [("2026-03-28", "2026-03-29"), ("2026-10-24", "2026-10-25")] {
        let practice = practice
            .clone()
            .with(appointment(1).at(&format!("{today} 23:59")))
            .with(appointment(2).at(&format!("{tomorrow} 00:00")))
            .with(appointment(3).at(&format!("{tomorrow} 02:30")));
        practice.pass(&format!("{today} 22:59")).says(&["confirmation to 7 by email of 2, 3"]);
        practice.pass(&format!("{tomorrow} 04:00")).says(&[]);
    }
}

/// Zones with the days around a change of their clocks, if they have one.
const ZONES: [(&str, &[&str]); 7] = [
    ("Europe/Berlin", &["2026-03-28", "2026-10-24"]),
    ("Atlantic/Azores", &["2026-03-28", "2026-10-24"]),
    ("Australia/Lord_Howe", &["2026-04-04", "2026-10-03"]),
    ("America/New_York", &["2026-03-07", "2026-10-31"]),
    // Here the clock is changed at ten in the evening.
    ("Pacific/Easter", &["2026-04-04", "2026-09-05"]),
    ("Africa/Cairo", &["2026-04-23", "2026-10-29"]),
    ("UTC", &["2026-03-28"]),
];

/// The next instant from `at` on, minute by minute, at which it is quiet or not.
fn minute_by_minute(quiet: &QuietTime, at: DateTime<Utc>, wanted: bool) -> DateTime<Utc> {
    (0..4 * 24 * 60).map(|minute| at + Duration::minutes(minute)).find(|at| quiet.is_quiet(*at) == wanted).unwrap()
}

#[test]
fn a3_quiet_time_begins_and_ends_where_the_local_clock_says_so_in_every_zone() {
    let rests = [("20:00", "06:00"), ("21:30", "06:15"), ("22:30", "01:30"), ("12:00", "13:00"), ("00:30", "00:30")];
    for (name, days) in ZONES {
        for (start, end) in rests {
            let rest = NightRest { start: time(start), end: time(end) };
            let quiet = QuietTime::new(Some(rest), zone(name)).unwrap();
            for day in days {
                let first: NaiveDateTime = local(&format!("{day} 11:00"));
                for step in 0..30 {
                    let at = zone(name).instant(first) + Duration::minutes(step * 61);
                    let case = format!("{name}, {start} to {end}, at {}", zone(name).local(at));
                    if let Some(until) = quiet.until(at) {
                        assert_eq!(until, minute_by_minute(&quiet, at, false), "{case}");
                    } else {
                        let next = quiet.next(at);
                        assert_eq!(next.start, minute_by_minute(&quiet, at, true), "{case}");
                        assert_eq!(next.end, minute_by_minute(&quiet, next.start, false), "{case}");
                        assert_eq!(next.next_start, minute_by_minute(&quiet, next.end, true), "{case}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_instant_is_read_back_from_its_local_time_but_for_the_second_of_two() {
    for (name, days) in ZONES {
        let zone: Zone = zone(name);
        for day in days {
            let first = zone.instant(local(&format!("{day} 00:00")));
            for quarter in 0..4 * 24 * 3 {
                let at = first + Duration::minutes(quarter * 15);
                let back = zone.instant(zone.local(at));
                let second_of_two = back < at;
                assert!(back == at || (second_of_two && zone.local(back) == zone.local(at)), "{name} {at}");
            }
        }
    }
}
