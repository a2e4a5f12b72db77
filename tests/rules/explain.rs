//! Every rule about one appointment, and the passes to come. That an explanation comes to what a pass
//! comes to is one of the properties.

use insta::assert_snapshot;
use terminbote::model::{Channel, Kind};
use terminbote::rules::explain::explain;
use terminbote::rules::forecast::forecast;
use terminbote::rules::rhythm::{next_pass, rhythm};
use terminbote::zone::Zone;

use crate::situation::{CustomerSentence, Practice, anna, appointment, chain, local, message, utc};

/// What each rule says of the appointment 4711, one a line: rule and verdict.
fn rules(practice: &Practice, at: &str, kind: Kind) -> String {
    let now = practice.zone().instant(local(at));
    let cases = practice.cases();
    let case = cases.iter().find(|case| case.appointments.iter().any(|row| row.id == 4711)).unwrap();
    let row = case.appointments.iter().find(|row| row.id == 4711).unwrap();
    let explanation = explain(&practice.chain, &practice.quiet(), now, case, row);
    let half = if kind == Kind::Reminder { &explanation.reminder } else { &explanation.confirmation };
    let steps = explanation.general.iter().chain(&half.steps);
    steps.map(|step| format!("{} {}", step.rule.number(), step.verdict.word())).collect::<Vec<_>>().join(", ")
}

#[test]
fn e3_what_is_held_back_is_stopped_by_that_rule_alone() {
    let practice = chain()
        .with(anna())
        .with(appointment(4711).at("2026-03-10 16:00"))
        .with(message(1).by_hand().at("2026-03-10 09:00").about(4711));
    assert_snapshot!(rules(&practice, "2026-03-10 12:00", Kind::Reminder), @"A3 passes, B1 passes, B2 passes, B3 passes, B4 passes, B5 passes, B6 passes, C1 notes, C2 notes, C3 notes, E1 passes, E2 notes, E3 stops, E4 passes, E6 notes, F1 notes, F2 notes, F3 passes, F3 notes");
}

#[test]
fn e6_what_is_taken_in_is_stopped_by_nothing() {
    let practice = chain()
        .combining_dates()
        .with(anna())
        .with(appointment(4710).at("2026-03-10 16:00"))
        .with(appointment(4711).at("2026-03-10 23:30"));
    assert_snapshot!(rules(&practice, "2026-03-10 12:00", Kind::Reminder), @"A3 passes, B1 passes, B2 passes, B3 passes, B4 passes, B5 passes, B6 passes, C1 notes, E1 notes, E2 notes, E3 passes, E4 passes, E5 notes, E6 notes, F1 notes, F2 notes, F3 passes, F3 notes");
}

#[test]
fn d6_what_is_held_back_is_not_confirmed_either() {
    let practice = chain()
        .confirming()
        .hours_before(24)
        .with(anna())
        .with(appointment(4711).at("2026-03-11 09:00"))
        .with(appointment(4712).at("2026-03-20 09:00"))
        .with(message(1).by_hand().at("2026-03-10 09:00").about(4712));
    assert_snapshot!(rules(&practice, "2026-03-10 12:00", Kind::Confirmation), @"A3 passes, B1 passes, B2 passes, B3 passes, B4 passes, B5 passes, B6 passes, C1 notes, C2 notes, C3 notes, D1 passes, D3 notes, D4 notes, D5 passes, D6 stops");
}

#[test]
fn f5_a_customer_without_any_address_is_stopped_by_the_last_channel() {
    let practice = chain()
        .contact_template(&[Channel::Email, Channel::Sms])
        .with(crate::situation::customer(7))
        .with(appointment(4711).at("2026-03-10 16:00"));
    assert_snapshot!(rules(&practice, "2026-03-10 12:00", Kind::Reminder), @"A3 passes, B1 passes, B2 passes, B3 passes, B4 passes, B5 passes, B6 passes, C1 notes, E1 passes, E2 notes, E3 passes, E4 passes, E6 notes, F1 notes, F2 notes, F3 notes, F3 notes, F5 stops");
}

#[test]
fn passes_to_come_count_the_messages_of_those_before_them() {
    // At 06:30 the first of two is reminded of; the second, in reach from 08:30 on, is held back for six hours.
    let practice = chain()
        .with(anna().prefers(Channel::Email))
        .with(appointment(4710).at("2026-03-10 16:30"))
        .with(appointment(4711).at("2026-03-10 18:30"));
    let cases = practice.cases();
    let second = cases[0].appointments.iter().find(|row| row.id == 4711).unwrap().content.clone().unwrap();
    let first = practice.zone().instant(local("2026-03-10 04:30"));
    let found = forecast(&practice.chain, &practice.quiet(), first, &cases[0], &second);
    assert_eq!(found.reminder, Some(practice.zone().instant(local("2026-03-10 12:30"))));
    assert_eq!(found.confirmation, None, "confirmations are not set up");
}

#[test]
fn the_rhythm_is_the_minute_of_most_passes_and_of_the_newest_if_they_are_even() {
    let at = |minutes: &[&str]| minutes.iter().map(|at| utc(&format!("2026-03-10T{at}:00Z"))).collect::<Vec<_>>();
    let zone = Zone::default();
    assert_eq!(rhythm(&at(&["10:07", "11:07", "11:40", "12:07"]), zone), Some(7));
    assert_eq!(rhythm(&at(&["10:07", "11:40"]), zone), Some(40));
    assert_eq!(rhythm(&[], zone), None);
    let now = utc("2026-03-10T10:07:00Z");
    assert_eq!(next_pass(now, 7, zone), utc("2026-03-10T11:07:00Z"));
    assert_eq!(next_pass(now, 30, zone), utc("2026-03-10T10:30:00Z"));
    assert_eq!(next_pass(utc("2026-03-10T10:06:59Z"), 7, zone), now);
}

#[test]
fn the_rhythm_is_that_of_the_local_clock_where_it_is_half_an_hour_off() {
    let zone = Zone::named("Asia/Kolkata").unwrap();
    let seven_past = utc("2026-03-10T10:37:00Z");
    assert_eq!(rhythm(&[seven_past], zone), Some(7));
    assert_eq!(next_pass(seven_past, 7, zone), utc("2026-03-10T11:37:00Z"));
    assert_eq!(next_pass(utc("2026-03-10T10:36:59Z"), 7, zone), seven_past);
}
