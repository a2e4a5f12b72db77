//! What hourly passes remind of, over all starts of a day.

use chrono::{Duration, NaiveTime};
use terminbote::rules::quiet::QuietTime;
use terminbote::rules::schedule::{Schedule, Stretch};
use terminbote::rules::window::ReminderWindow;
use terminbote::settings::NightRest;

use crate::situation::{berlin, local, time};

fn quiet(start: &str, end: &str) -> QuietTime {
    QuietTime::new(Some(NightRest { start: time(start), end: time(end) }), berlin()).unwrap()
}

fn on(day: &str, minute: u32, hours_before: u32, quiet: &QuietTime) -> Schedule {
    Schedule::new(local(&format!("{day} 00:00")).date(), minute, hours_before, quiet, berlin())
}

fn shown(stretches: &[Stretch]) -> String {
    let clock = |time: NaiveTime| time.format("%H:%M").to_string();
    let shown = stretches.iter().map(|stretch| {
        let pass = stretch.pass.map_or_else(|| "no pass".to_owned(), clock);
        format!("{}-{} ({} min, {pass})", clock(stretch.from), clock(stretch.to), stretch.minutes)
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn everything(schedule: &Schedule) -> String {
    format!(
        "not reminded: {}\nbrought forward: {}\nonly before quiet time: {}\nby one pass only: {}",
        shown(&schedule.not_reminded()),
        shown(&schedule.brought_forward()),
        shown(&schedule.only_before_quiet_time()),
        shown(&schedule.by_one_pass_only()),
    )
}

#[test]
fn e2_six_hours_before_and_a_night_rest_the_pass_at_seven_stands_alone_for_the_early_morning() {
    insta::assert_snapshot!(everything(&on("2026-03-10", 0, 6, &quiet("20:00", "06:00"))), @"
    not reminded: 
    brought forward: 02:00-11:59 (600 min, 19:00)
    only before quiet time: 01:00-06:00 (301 min, 19:00)
    by one pass only: 01:00-06:00 (301 min, 19:00)
    ");
}

#[test]
fn e2_at_half_past_two_passes_look_ahead_so_that_one_may_be_missed() {
    insta::assert_snapshot!(everything(&on("2026-03-10", 30, 6, &quiet("20:00", "06:00"))), @"
    not reminded: 
    brought forward: 01:00-11:59 (660 min, 18:30)
    only before quiet time: 00:00-06:30 (391 min, 18:30)
    by one pass only:
    ");
}

#[test]
fn e1_a_day_before_nothing_hangs_on_one_pass() {
    insta::assert_snapshot!(everything(&on("2026-03-10", 0, 24, &quiet("20:00", "06:00"))), @"
    not reminded: 
    brought forward: 
    only before quiet time: 
    by one pass only:
    ");
}

#[test]
fn e2_the_days_of_clock_change_are_reminded_of_as_well() {
    for day in ["2026-03-29", "2026-10-25"] {
        for minute in [0, 7, 29, 30, 59] {
            for hours_before in [1, 6, 23, 24, 99] {
                let schedule = on(day, minute, hours_before, &quiet("20:00", "06:00"));
                assert_eq!(shown(&schedule.not_reminded()), "", "{day}, minute {minute}, {hours_before} hours");
            }
        }
    }
}

#[test]
fn a3_passes_that_all_fall_into_quiet_time_remind_of_nothing() {
    let twenty_minutes = quiet("09:30", "09:10");
    assert_eq!(shown(&on("2026-03-10", 0, 6, &twenty_minutes).not_reminded()), "00:00-23:59 (1440 min, no pass)");
    assert_eq!(shown(&on("2026-03-10", 15, 6, &twenty_minutes).not_reminded()), "");
}

#[test]
fn e2_what_hangs_on_one_pass_is_in_the_window_of_no_other() {
    let quiet = quiet("20:00", "06:00");
    for (hours_before, minute) in [(1, 0), (6, 0), (6, 45), (10, 29), (23, 0)] {
        let alone: u32 = on("2026-03-10", minute, hours_before, &quiet)
            .by_one_pass_only()
            .iter()
            .map(|stretch| stretch.minutes)
            .sum();
        // Counted once more, from the passes of four days.
        let first = berlin().instant(local("2026-03-06 00:00")) + Duration::minutes(minute.into());
        let passes = (0..24 * 5).map(|hour| first + Duration::hours(hour)).filter(|at| !quiet.is_quiet(*at));
        let windows: Vec<_> = passes.map(|at| ReminderWindow::new(at, hours_before, &quiet, berlin())).collect();
        let starts = (0..24 * 60).map(|minute| berlin().instant(local("2026-03-10 00:00")) + Duration::minutes(minute));
        let counted =
            starts.filter(|start| windows.iter().filter(|window| window.contains(*start)).count() == 1).count();
        assert_eq!(alone as usize, counted, "{hours_before} hours, minute {minute}");
    }
}
