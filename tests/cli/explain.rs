//! `terminbote explain`: what it says of single appointments and customers, to people and programs.

use insta::assert_snapshot;

use crate::practice::Practice;

/// Hourly passes on 10 March, ten hours before; the appointment 4711 tomorrow at ten.
fn a_day() -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(4711, "2026-03-11 10:00");
    for hour in 9..=12 {
        assert_eq!(practice.pass(&format!("2026-03-10T{hour:02}:07")).status, 0);
    }
    practice
}

fn explain(practice: &Practice, arguments: &[&str]) -> crate::practice::Printed {
    let printed = practice.run(&[&["explain"], arguments].concat());
    assert!(printed.stdout.lines().all(|line| line.chars().count() <= 80), "{printed}");
    printed
}

#[test]
fn a_pass_that_reminded_is_explained_with_its_message() {
    let printed = explain(&a_day(), &["--appointment", "4711", "--at", "2026-03-10T10:07"]);
    assert_snapshot!(printed, @"");
}

#[test]
fn the_same_in_german_before_the_first_pass_that_reaches_it() {
    let practice = a_day();
    let printed = explain(&practice, &["--appointment", "4711", "--at", "2026-03-10T09:30", "--lang", "de"]);
    assert_snapshot!(printed, @"");
}

#[test]
fn programs_get_the_same_with_full_addresses() {
    let practice = a_day();
    practice.sql("UPDATE customer SET email = NULL, preferred_contact = 'sms' WHERE id = 7");
    let printed =
        explain_json(&practice, &["--appointment", "4711", "--at", "2026-03-10T10:07"]);
    assert_snapshot!(serde_json::to_string_pretty(&printed["reminder"]).unwrap(), @"");
    assert_snapshot!(serde_json::to_string_pretty(&printed["passes"]).unwrap(), @"");
    assert_eq!(printed["messages"][0]["address"], "renate@example.de");
}

fn explain_json(practice: &Practice, arguments: &[&str]) -> serde_json::Value {
    let printed = practice.run(&[&["explain", "--format", "json"], arguments].concat());
    assert_eq!(printed.status, 0, "{printed}");
    serde_json::from_str(&printed.stdout).unwrap()
}

#[test]
fn a_customer_is_explained_with_addresses_appointments_and_messages() {
    let practice = a_day();
    practice.appointment(4712, "2026-03-20 09:00").appointment(4600, "2026-01-12 09:00");
    practice.sql("UPDATE customer SET email = 'renate@example', preferred_contact = 'letter' WHERE id = 7");
    let printed = explain(&practice, &["--customer", "7", "--at", "2026-03-10T13:00", "--lang", "de"]);
    assert_snapshot!(printed, @"");
    let json = explain_json(&practice, &["--customer", "7", "--at", "2026-03-10T13:00"]);
    assert_snapshot!(serde_json::to_string_pretty(&json["customer"]).unwrap(), @"");
    assert_eq!(json["appointments"][1]["reminder"]["next"]["at"], "2026-03-19T08:07:00+01:00");
}

#[test]
fn the_next_chance_is_the_pass_that_then_really_reminds() {
    let practice = Practice::ready();
    practice.appointment(4711, "2026-03-12 06:30").appointment(4712, "2026-03-12 14:00");
    practice.pass("2026-03-10T12:23");
    // 4711 is reached by the look-ahead of Wednesday evening, 4712 in the morning before, and E3 holds nothing back.
    let next = |id: &str, kind: &str| {
        let json = explain_json(&practice, &["--appointment", id, "--at", "2026-03-10T12:23"]);
        json[kind]["next"]["at"].as_str().map(str::to_owned)
    };
    let expected = [next("4711", "reminder"), next("4712", "reminder")];
    let mut reminded = [None, None];
    for (day, hour) in (10..=12).flat_map(|day| (0..24).map(move |hour| (day, hour))).filter(|at| *at > (10, 12)) {
        let (report, _) = practice.json(&format!("2026-03-{day}T{hour:02}:23"));
        for (at, id) in reminded.iter_mut().zip([4711, 4712]) {
            let covers = |message: &serde_json::Value| {
                message["kind"] == "reminder" && message["appointments"].as_array().unwrap().contains(&id.into())
            };
            if report["messages"].as_array().unwrap().iter().any(covers) {
                *at = report["at"].as_str().map(str::to_owned);
            }
        }
    }
    assert_eq!(expected, reminded);
    assert_eq!(reminded, [Some("2026-03-11T06:23:00+01:00".to_owned()), Some("2026-03-11T14:23:00+01:00".to_owned())]);
}

#[test]
fn a_configuration_error_is_the_answer() {
    let practice = a_day();
    practice.setting(1, "branch_filter", "\"HX\"");
    let printed = explain(&practice, &["--appointment", "4711", "--at", "2026-03-10T18:00"]);
    assert_snapshot!(printed.stdout.lines().take(9).collect::<Vec<_>>().join("\n"), @"");
    practice.setting(1, "hots", "1");
    let printed = explain(&practice, &["--appointment", "4711", "--at", "2026-03-10T18:00"]);
    assert_snapshot!(printed.stdout.lines().take(9).collect::<Vec<_>>().join("\n"), @"");
}

#[test]
fn a_deleted_appointment_is_known_to_the_record() {
    let practice = a_day();
    practice.sql("DELETE FROM appointment");
    assert_snapshot!(explain(&practice, &["--appointment", "4711", "--at", "2026-03-12T10:00"]), @"");
}

#[test]
fn an_appointment_without_a_customer_or_with_a_row_that_cannot_be_understood_is_explained() {
    let practice = a_day();
    practice.appointment(4712, "2026-03-11 11:00").sql("UPDATE appointment SET customer_id = NULL WHERE id = 4712");
    practice.appointment(4713, "2026-03-11 12:00");
    practice.sql("PRAGMA ignore_check_constraints = 1; UPDATE appointment SET status = 'maybe' WHERE id = 4713");
    let head = |id: &str| {
        let printed = explain(&practice, &["--appointment", id, "--at", "2026-03-10T13:00"]);
        printed.stdout.lines().take(8).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(head("4712"), @"");
    assert_snapshot!(head("4713"), @"");
}

#[test]
fn whoever_mistypes_is_told_what_would_be_right() {
    let practice = a_day();
    let said = |arguments: &[&str]| explain(&practice, arguments).to_string();
    assert_snapshot!(said(&["--appointment", "4712"]), @"");
    assert_snapshot!(said(&["--appointment", "7"]), @"");
    assert_snapshot!(said(&["--customer", "4711"]), @"");
    assert_snapshot!(said(&["--customer", "8"]), @"");
    assert_snapshot!(said(&[]), @"");
    assert_snapshot!(said(&["--appointment", "4711", "--customer", "7"]), @"");
    assert_snapshot!(said(&["--appointment", "elf"]), @"");
    assert_snapshot!(said(&["--appointment", "4711", "--at", "yesterday"]), @"");
}
