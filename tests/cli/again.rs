//! Never twice, never the wrong time: what resets a notification and what does not.

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice};

const LATER: &str = "2026-03-10T19:30";

fn reminded() -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_eq!(practice.ledger(), "1|reminder|7|email|sent|1|2026-03-11 10:00");
    practice
}

/// The messages of a later pass.
fn messages(practice: &Practice, at: &str) -> Vec<serde_json::Value> {
    let (report, status) = practice.json(at);
    assert_eq!(status, 0, "{report}");
    report["messages"].as_array().unwrap().clone()
}

#[test]
fn the_same_pass_again_sends_nothing() {
    let practice = reminded();
    let files = practice.files();
    let (report, status) = practice.json(EVENING);
    assert_eq!((status, report["messages"].as_array().unwrap().len()), (0, 0));
    assert_eq!(report["skipped"][0]["reason"], "already_reminded");
    assert_eq!(practice.files(), files);
}

/// What was told counts whatever channel it went by.
#[test]
fn a_whole_day_of_passes_sends_one_message_whatever_the_preference_becomes() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 19:59");
    for (hour, preference) in (0..24).zip(["NULL", "'sms'", "'email'", "'letter'", "'phone'"].into_iter().cycle()) {
        practice.sql(&format!("UPDATE customer SET preferred_contact = {preference}"));
        let at = format!("2026-03-{}T{:02}:{:02}", 10 + (hour + 19) / 24, (hour + 19) % 24, 7 + hour);
        assert_eq!(messages(&practice, &at).len(), usize::from(hour == 0), "{at} {preference}");
    }
    assert_eq!(practice.ledger(), "1|reminder|7|email|sent|1|2026-03-11 19:59");
}

/// One telling for each, and what staff say of an appointment is theirs.
#[test]
fn a_series_of_three_is_reminded_of_three_times_and_keeps_its_statuses() {
    let practice = Practice::ready();
    practice.without_confirmations();
    let series = [(1, "2026-03-11", "booked"), (2, "2026-03-18", "confirmed"), (3, "2026-03-25", "proposed")];
    for (id, day, status) in series {
        practice.appointment(id, &format!("{day} 10:00"));
        practice.sql(&format!("UPDATE appointment SET status = '{status}' WHERE id = {id}"));
    }
    for evening in ["2026-03-10T19:00", "2026-03-17T19:00", "2026-03-24T19:00"] {
        assert_eq!(messages(&practice, evening).len(), 1, "{evening}");
        assert!(messages(&practice, &evening.replace("19:00", "19:30")).is_empty(), "{evening}");
    }
    assert_eq!(
        practice.query(
            "SELECT appointment_start, status, sequence FROM message_appointment
             JOIN appointment ON appointment.id = appointment_id ORDER BY 1"
        ),
        "2026-03-11 10:00|booked|0\n2026-03-18 10:00|confirmed|0\n2026-03-25 10:00|proposed|0"
    );
}

#[test]
fn c1_a_moved_appointment_is_told_at_once_and_once_more_when_it_is_moved_back() {
    let practice = reminded();
    practice.sql("UPDATE appointment SET starts_at = '2026-03-11 11:00', ends_at = '2026-03-11 11:30'");
    assert_eq!(messages(&practice, LATER).len(), 1);
    practice.sql("UPDATE appointment SET starts_at = '2026-03-11 10:00', ends_at = '2026-03-11 10:30'");
    // The first message is true again and young (C3, E3), so that the next one comes in the morning.
    let (report, _) = practice.json("2026-03-10T19:40");
    assert_eq!(report["skipped"][0]["detail"], "until 2026-03-11T01:00+01:00");
    assert_eq!(messages(&practice, "2026-03-11T06:00").len(), 1);
    assert!(messages(&practice, "2026-03-11T07:00").is_empty());
    assert_eq!(
        practice.query("SELECT appointment_start, sequence FROM message_appointment"),
        "2026-03-11 10:00|0\n2026-03-11 11:00|1\n2026-03-11 10:00|2"
    );
}

/// Otherwise two messages would contradict each other without a word.
#[test]
fn who_has_been_told_another_start_is_told_that_it_has_been_moved() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-05-04 09:30");
    let told = |at: &str| {
        let messages = messages(&practice, at);
        let body = messages[0]["body"].as_str().unwrap();
        let line = body.lines().find(|line| line.contains("2026")).unwrap();
        format!("{}: {}\n{line}", messages[0]["customer_id"], messages[0]["subject"].as_str().unwrap())
    };
    assert_snapshot!(told("2026-03-10T12:00"), @"
    7: Bestätigung Ihres Termins am Montag, 04.05.2026
    Montag, 04.05.2026, 09:30 Uhr
    ");
    practice.sql("UPDATE appointment SET starts_at = '2026-05-05 11:00', ends_at = '2026-05-05 11:30'");
    assert_snapshot!(told("2026-03-11T12:00"), @"
    7: Ihr Termin ist verlegt auf Dienstag, 05.05.2026
    Dienstag, 05.05.2026, 11:00 Uhr (verlegt, bisher Mo, 04.05., 09:30 Uhr)
    ");
    // It is the new start that is no news any more.
    assert_snapshot!(told("2026-05-04T12:00"), @"
    7: Ihr Termin am Dienstag, 05.05.2026, um 11:00 Uhr
    Dienstag, 05.05.2026, 11:00 Uhr
    ");
    // Another customer knows nothing of it.
    practice
        .customer(8, "Otto", "otto@example.de")
        .sql("UPDATE appointment SET customer_id = 8, starts_at = '2026-05-05 11:15'");
    assert_snapshot!(told("2026-05-04T13:00"), @"
    8: Ihr Termin am Dienstag, 05.05.2026, um 11:15 Uhr
    Dienstag, 05.05.2026, 11:15 Uhr
    ");
}

/// A calendar that has taken the first file moves its entry by the second one.
#[test]
fn h_the_calendar_file_of_a_moved_appointment_bears_the_next_number_and_the_same_name() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-05-04 09:30");
    let entries = |at: &str| -> Vec<String> {
        assert_eq!(practice.pass(at).status, 0);
        let calendar = practice.query("SELECT calendar FROM message ORDER BY id DESC LIMIT 1");
        let told = ["DTSTART", "SEQUENCE", "UID"];
        calendar.lines().filter(|line| told.iter().any(|key| line.starts_with(key))).map(str::to_owned).collect()
    };
    let first = entries("2026-03-10T12:00");
    practice.sql("UPDATE appointment SET starts_at = '2026-05-04 11:00', ends_at = '2026-05-04 11:30'");
    let second = entries("2026-03-11T12:00");
    assert_eq!(first[..2], ["DTSTART:20260504T073000Z", "SEQUENCE:0"]);
    assert_eq!(second[..2], ["DTSTART:20260504T090000Z", "SEQUENCE:1"]);
    assert!(first[2].starts_with("UID:") && first[2] == second[2], "{first:?} {second:?}");
}

#[test]
fn c1_moved_away_and_back_without_a_message_in_between_is_no_news() {
    let practice = reminded();
    practice.sql("UPDATE appointment SET starts_at = '2026-03-11 11:00', ends_at = '2026-03-11 11:30'");
    practice.sql("UPDATE appointment SET starts_at = '2026-03-11 10:00', ends_at = '2026-03-11 10:30'");
    assert!(messages(&practice, LATER).is_empty());
}

#[test]
fn c1_nothing_but_the_start_and_the_customer_resets_a_notification() {
    for edit in [
        "note = 'bringt die alte Brille mit'",
        "ends_at = '2026-03-11 12:00'",
        "status = 'confirmed'",
        "status = 'arrived'",
        "customer_starts_at = '2026-03-11 10:00'",
        "type_id = 3",
        "branch_id = 2",
    ] {
        let practice = reminded();
        practice.sql("INSERT INTO branch (id, code, name) VALUES (2, 'KI', 'Optik Muster Kiel')");
        practice.sql("INSERT INTO appointment_type (id, name, auto_notify) VALUES (3, 'Anpassung', 1)");
        practice.sql(&format!("UPDATE appointment SET {edit}"));
        assert!(messages(&practice, LATER).is_empty(), "{edit}");
    }
}

#[test]
fn c1_the_customers_start_counts_and_is_what_the_message_says() {
    let practice = reminded();
    practice.sql("UPDATE appointment SET customer_starts_at = '2026-03-11 09:45'");
    let messages = messages(&practice, LATER);
    assert!(messages[0]["body"].as_str().unwrap().contains("09:45"), "{}", messages[0]);
    assert_eq!(
        practice.query("SELECT appointment_start FROM appointment_history WHERE message_id = 2"),
        "2026-03-11 09:45"
    );
}

#[test]
fn c1_another_customer_is_told_and_the_first_is_left_alone() {
    let practice = reminded();
    practice.customer(8, "Kai", "kai@example.de").sql("UPDATE appointment SET customer_id = 8");
    let messages = messages(&practice, LATER);
    assert_eq!((messages.len(), &messages[0]["address"]), (1, &"kai@example.de".into()));
}

#[test]
fn c3_a_deleted_appointment_holds_back_nobody() {
    let practice = reminded();
    practice.sql("DELETE FROM appointment").appointment(2, "2026-03-11 11:00");
    assert_eq!(messages(&practice, LATER).len(), 1);
}

#[test]
fn e3_a_second_appointment_waits_until_the_first_message_is_old_enough() {
    let practice = reminded();
    practice.appointment(2, "2026-03-11 17:00");
    assert!(messages(&practice, LATER).is_empty());
    let morning = messages(&practice, "2026-03-11T06:00");
    assert_eq!((morning.len(), &morning[0]["appointments"]), (1, &serde_json::json!([2])));
}

#[test]
fn e6_appointments_of_one_date_can_be_told_together() {
    let practice = Practice::ready();
    practice.setting(1, "reminder.combine_same_day", "true");
    practice.appointment(1, "2026-03-11 10:00").appointment(2, "2026-03-11 21:30");
    let messages = messages(&practice, "2026-03-10T12:00");
    assert_eq!(messages[0]["appointments"], serde_json::json!([1, 2]));
}

#[test]
fn e4_neither_a_call_by_hand_nor_a_confirmation_uses_up_the_reminder() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-20 10:00");
    let confirmed = messages(&practice, EVENING);
    assert_eq!(confirmed[0]["kind"], "confirmation");
    practice.sql(
        "INSERT INTO message (kind, customer_id, channel, address, body, state, sent_at)
         VALUES ('manual', 7, 'phone', '040 66969 100', '…', 'sent', '2026-03-12T11:00:00Z');
         INSERT INTO message_appointment (message_id, appointment_id) VALUES (last_insert_rowid(), 1)",
    );
    let reminded = messages(&practice, "2026-03-19T12:00");
    assert_eq!(reminded[0]["kind"], "reminder");
}

#[test]
fn b5_nothing_is_sent_for_what_has_begun() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-10 19:00").appointment(2, "2026-03-10 18:00");
    assert!(messages(&practice, EVENING).is_empty());
    let before = messages(&practice, "2026-03-10T18:59");
    assert_eq!(before[0]["appointments"], serde_json::json!([1]));
}

#[test]
fn two_passes_at_the_same_instant_send_one_message() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    let pass = || practice.command(&["--at", EVENING]).stdout(std::process::Stdio::null()).spawn().unwrap();
    let mut passes = [pass(), pass(), pass()];
    for pass in &mut passes {
        let status = pass.wait().unwrap().code();
        assert!(matches!(status, Some(0 | 75)), "{status:?}");
    }
    assert_eq!(practice.ledger(), "1|reminder|7|email|sent|1|2026-03-11 10:00");
    assert_eq!(practice.files().iter().filter(|name| name.starts_with("mail/")).count(), 1);
}

#[test]
fn h_a_moved_appointment_is_told_although_an_older_message_has_come_back_since() {
    let practice = reminded();
    practice.sql("UPDATE appointment SET starts_at = '2026-03-11 11:00', ends_at = '2026-03-11 11:30'");
    assert_eq!(messages(&practice, LATER).len(), 1);
    assert_eq!(practice.run(&["settle", "1", "failed"]).status, 0);
    practice.sql("UPDATE appointment SET starts_at = '2026-03-11 12:00', ends_at = '2026-03-11 12:30'");
    let told = messages(&practice, "2026-03-10T19:45");
    assert_eq!((told.len(), &told[0]["outcome"]), (1, &"sent".into()), "{told:?}");
    assert_eq!(
        practice.query("SELECT appointment_start, sequence FROM message_appointment"),
        "2026-03-11 10:00|0\n2026-03-11 11:00|1\n2026-03-11 12:00|2"
    );
}

#[test]
fn e4_a_message_by_hand_about_an_appointment_entered_after_it_repeats_nothing() {
    let practice = reminded();
    // Whoever wrote it knew no start, since the appointment was not in the table then.
    practice.sql(
        "INSERT INTO message (kind, customer_id, channel, state, sent_at)
         VALUES ('manual', 7, 'phone', 'sent', '2026-03-10T18:10:00Z');
         INSERT INTO message_appointment (message_id, appointment_id) VALUES (last_insert_rowid(), 2);
         UPDATE message_appointment SET appointment_id = 1 WHERE message_id = 2;",
    );
    assert_eq!(practice.query("SELECT appointment_start FROM message_appointment WHERE message_id = 2"), "");
    let (report, status) = practice.json("2026-03-11T07:00");
    assert_eq!((status, &report["messages"]), (0, &serde_json::json!([])));
    assert_eq!(report["skipped"][0]["reason"], "already_reminded");
}

#[test]
fn g2_a_deferred_message_gives_its_row_although_another_has_told_what_it_covered() {
    let practice = reminded();
    practice.sql(
        "INSERT INTO message (kind, customer_id, channel, state, sent_at, pass_id)
         VALUES ('reminder', 7, 'sms', 'deferred', '2026-03-10T17:00:00Z', 1);
         INSERT INTO message_appointment (message_id, appointment_id, sequence) VALUES (last_insert_rowid(), 1, 0);",
    );
    practice.appointment(2, "2026-03-12 10:00");
    let told = messages(&practice, "2026-03-11T19:00");
    assert_eq!((told.len(), &told[0]["outcome"]), (1, &"sent".into()), "{told:?}");
    assert_eq!(told[0]["message_id"], 2);
    assert_eq!(practice.query("SELECT appointment_id FROM message_appointment WHERE message_id = 2"), "2");
}

#[test]
fn what_a_deleted_message_leaves_behind_stands_in_nobodys_way() {
    let practice = reminded();
    practice.sql("DELETE FROM message");
    assert_eq!(practice.query("SELECT message_id FROM message_appointment"), "1");
    let told = messages(&practice, LATER);
    assert_eq!((told.len(), &told[0]["outcome"]), (1, &"sent".into()), "{told:?}");
}
