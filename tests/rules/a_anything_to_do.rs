//! Chapter A: is there anything to do at all?

use chrono::NaiveDate;
use terminbote::model::{Interface, InterfaceKind};
use terminbote::rules::interface::usable;
use terminbote::rules::quiet::{AlwaysQuiet, QuietTime};
use terminbote::rules::reason::Unusable;
use terminbote::settings::NightRest;

use crate::situation::{Practice, anna, appointment, berlin, chain, local, time};

fn service() -> Interface {
    Interface {
        id: 1,
        kind: InterfaceKind::AppointmentNotification,
        branch_id: None,
        workstation: None,
        server_side: true,
        start_date: None,
        settings: "{}".to_owned(),
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Whether a service may be used on 10 March on the computer `empfang`.
fn on_10_march_at_empfang(service: &Interface) -> Result<(), Unusable> {
    usable(service, day("2026-03-10"), "empfang")
}

#[test]
fn a2_a_service_on_the_server_without_start_date_or_workstation_is_usable() {
    assert_eq!(on_10_march_at_empfang(&service()), Ok(()));
}

#[test]
fn a2_a_service_that_is_not_server_side_is_not_usable() {
    assert_eq!(on_10_march_at_empfang(&Interface { server_side: false, ..service() }), Err(Unusable::NotServerSide));
}

#[test]
fn a2_a_service_is_usable_from_its_start_date_on() {
    for (from, result) in [
        ("2026-03-09", Ok(())),
        ("2026-03-10", Ok(())),
        ("2026-03-11", Err(Unusable::NotStarted { from: day("2026-03-11") })),
    ] {
        assert_eq!(on_10_march_at_empfang(&Interface { start_date: Some(day(from)), ..service() }), result, "{from}");
    }
}

#[test]
fn a2_a_service_bound_to_another_workstation_is_not_usable() {
    let bound = Interface { workstation: Some("buero".to_owned()), ..service() };
    assert_eq!(on_10_march_at_empfang(&bound), Err(Unusable::OtherWorkstation { workstation: "buero".to_owned() }));
}

#[test]
fn a2_this_workstation_is_the_host_name_up_to_the_first_dot_whatever_its_letter_case() {
    for bound in ["empfang", "EMPFANG", "Empfang.praxis.example", "empfang.anderswo.example"] {
        for host in ["empfang", "Empfang", "EMPFANG.praxis.example"] {
            let bound_to = Interface { workstation: Some(bound.to_owned()), ..service() };
            assert_eq!(usable(&bound_to, day("2026-03-10"), host), Ok(()), "{bound} on {host}");
        }
    }
    let bound = Interface { workstation: Some("empfang".to_owned()), ..service() };
    for host in ["empfang2", "emp", "praxis.empfang", ""] {
        assert!(usable(&bound, day("2026-03-10"), host).is_err(), "{host}");
    }
}

#[test]
fn a2_what_needs_a_person_is_named_first() {
    let everything_wrong = Interface {
        server_side: false,
        start_date: Some(day("2027-01-01")),
        workstation: Some("buero".to_owned()),
        ..service()
    };
    assert_eq!(on_10_march_at_empfang(&everything_wrong), Err(Unusable::NotServerSide));
}

#[track_caller]
fn quiet(practice: &Practice, at: &str) -> Option<String> {
    let zone = practice.zone();
    practice.quiet().until(zone.instant(local(at))).map(|until| zone.local(until).format("%d %H:%M:%S").to_string())
}

#[test]
fn a3_20_00_is_quiet_and_06_00_is_not() {
    let practice = chain().night_rest("20:00", "06:00");
    for (at, until) in [
        ("2026-03-10 19:59:59", None),
        ("2026-03-10 20:00", Some("11 06:00:00")),
        ("2026-03-10 23:00", Some("11 06:00:00")),
        ("2026-03-11 00:00", Some("11 06:00:00")),
        ("2026-03-11 04:00", Some("11 06:00:00")),
        ("2026-03-11 05:59:59", Some("11 06:00:00")),
        ("2026-03-11 06:00", None),
    ] {
        assert_eq!(quiet(&practice, at).as_deref(), until, "{at}");
    }
}

#[test]
fn a3_without_a_night_rest_23_00_is_quiet_and_04_00_is_not() {
    for (at, until) in [
        ("2026-03-10 22:59:59", None),
        ("2026-03-10 23:00", Some("11 04:00:00")),
        ("2026-03-11 00:00", Some("11 04:00:00")),
        ("2026-03-11 03:59:59", Some("11 04:00:00")),
        ("2026-03-11 04:00", None),
    ] {
        assert_eq!(quiet(&chain(), at).as_deref(), until, "{at}");
    }
}

#[test]
fn a3_a_night_rest_that_starts_when_it_ends_is_none() {
    for edge in ["00:00", "12:00", "20:00", "23:00"] {
        let practice = chain().night_rest(edge, edge);
        assert_eq!(quiet(&practice, "2026-03-10 12:00"), None, "{edge}");
        assert_eq!(quiet(&practice, "2026-03-10 20:00"), None, "{edge}");
        assert_eq!(quiet(&practice, "2026-03-10 23:30").as_deref(), Some("11 04:00:00"), "{edge}");
    }
}

#[test]
fn a3_a_night_rest_that_meets_the_maintenance_window_is_merged_with_it() {
    for (start, end, quiet_from, quiet_until) in [
        ("21:00", "23:00", "2026-03-10 21:00", "11 04:00:00"),
        ("22:00", "02:00", "2026-03-10 22:00", "11 04:00:00"),
        ("00:00", "06:00", "2026-03-10 23:00", "11 06:00:00"),
        ("04:00", "07:30", "2026-03-10 23:00", "11 07:30:00"),
        ("01:00", "02:00", "2026-03-10 23:00", "11 04:00:00"),
    ] {
        let practice = chain().night_rest(start, end);
        assert_eq!(quiet(&practice, quiet_from).as_deref(), Some(quiet_until), "{start} to {end}");
        let before = local(quiet_from) - chrono::Duration::seconds(1);
        assert_eq!(quiet(&practice, &before.to_string()), None, "{start} to {end}");
    }
}

#[test]
fn a3_a_rest_at_noon_stands_beside_the_maintenance_window() {
    let practice = chain().night_rest("12:30", "14:00");
    assert_eq!(quiet(&practice, "2026-03-10 12:29"), None);
    assert_eq!(quiet(&practice, "2026-03-10 12:30").as_deref(), Some("10 14:00:00"));
    assert_eq!(quiet(&practice, "2026-03-10 14:00"), None);
    assert_eq!(quiet(&practice, "2026-03-10 23:00").as_deref(), Some("11 04:00:00"));
}

#[test]
fn a3_settings_that_leave_no_time_of_day_are_an_error() {
    let quiet = |start, end| QuietTime::new(Some(NightRest { start: time(start), end: time(end) }), berlin());
    assert_eq!(quiet("04:00", "23:00"), Err(AlwaysQuiet));
    assert_eq!(quiet("03:00", "23:30"), Err(AlwaysQuiet));
    assert_eq!(quiet("04:00", "03:59"), Err(AlwaysQuiet));
    assert!(quiet("04:00", "22:59").is_ok());
    assert!(quiet("04:01", "23:00").is_ok());
}

#[test]
fn a3_one_minute_of_the_day_is_enough() {
    let practice = chain().night_rest("04:00", "22:59");
    assert_eq!(quiet(&practice, "2026-03-10 22:58:59").as_deref(), Some("10 22:59:00"));
    assert_eq!(quiet(&practice, "2026-03-10 22:59:59"), None);
    assert_eq!(quiet(&practice, "2026-03-10 23:00").as_deref(), Some("11 22:59:00"));
}

#[test]
fn a3_a_quiet_pass_says_until_when_it_is_quiet_and_nothing_else() {
    let practice = chain()
        .night_rest("20:00", "06:00")
        .confirming()
        .with(anna())
        .with(appointment(4711).at("2026-03-10 22:30"))
        .with(appointment(4712).at("2026-03-20 10:00"))
        .with(appointment(4713).at("2026-03-10 22:45").unreadable());
    practice.pass("2026-03-10 20:00").says(&["quiet until 2026-03-11 06:00"]);
}

#[test]
fn a4_a_pass_that_begins_before_quiet_time_knows_when_it_comes() {
    let practice = chain().night_rest("20:00", "06:00");
    let next = practice.quiet().next(berlin().instant(local("2026-03-10 19:59:30")));
    let clock = |at| berlin().local(at);
    assert_eq!(clock(next.start), local("2026-03-10 20:00"));
    assert_eq!(clock(next.end), local("2026-03-11 06:00"));
    assert_eq!(clock(next.next_start), local("2026-03-11 20:00"));
}
