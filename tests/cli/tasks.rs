//! F3: letters and calls as tasks for staff.

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice};

/// Renate by letter in Hamburg, Kai by telephone in Kiel; `id` 1 and 2 are their messages.
fn with_tasks() -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().customer(8, "Kai", "kai@example.de");
    practice.sql(
        "INSERT INTO branch (id, code, name, street, postcode, city) VALUES (2, 'KI', 'Optik Muster Kiel', 'Holstenstraße 5', '24103', 'Kiel');
         INSERT INTO contact_template_channel (contact_template_id, position, channel, document_template)
         SELECT id, 3, 'letter', 'Terminerinnerung Brief' FROM contact_template UNION
         SELECT id, 4, 'phone', 'Terminerinnerung Telefon' FROM contact_template;
         UPDATE customer SET preferred_contact = 'letter' WHERE id = 7;
         UPDATE customer SET preferred_contact = 'phone' WHERE id = 8;
         INSERT INTO customer_phone (customer_id, position, number) VALUES (8, 1, '030 23125 001')",
    );
    practice.appointment(1, "2026-03-11 10:00").appointment_of(8, 2, "2026-03-11 11:00");
    practice.sql("UPDATE appointment SET branch_id = 2 WHERE id = 2");
    assert_eq!(practice.pass(EVENING).status, 0);
    practice
}

fn states(practice: &Practice, at: &str) -> Vec<String> {
    let printed = practice.run(&["tasks", "--at", at, "--format", "json"]);
    assert_eq!(printed.status, 0, "{printed}");
    let tasks: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap();
    let tasks = tasks.as_array().or_else(|| tasks["tasks"].as_array()).unwrap().clone();
    tasks.iter().map(|task| format!("{} {}", task["id"], task["state"].as_str().unwrap())).collect()
}

#[test]
fn open_tasks_are_listed_by_branch_with_everything_that_staff_need() {
    assert_snapshot!(with_tasks().run(&["tasks", "--at", EVENING, "--lang", "de"]), @"
    2 Aufgaben: 2 offen

    Optik Muster (HH)
    -----------------
    Aufgabe 1: Brief, nötig vor Mi., 11.03.2026, 10:00
      An: Renate Weiß (Kunde 7)
      Anschrift: Gartenweg 3, 20095 Hamburg
      Betreff: Ihr Termin am Mittwoch, 11.03.2026
      | Guten Tag Frau Weiß,
      |
      | mit diesem Brief möchten wir Sie an Ihren Termin bei uns erinnern:
      |
      | Mittwoch, den 11. März 2026, um 10:00 Uhr
      | Optik Muster, Hauptstraße 1, 20095 Hamburg
      |
      | Sollten Sie den Termin nicht wahrnehmen können, geben Sie uns bitte
      | rechtzeitig Bescheid, gern telefonisch unter 040 66969 100. Wir finden dann
      | gemeinsam einen neuen.
      |
      | Wir freuen uns auf Ihren Besuch.
      |
      | Mit freundlichen Grüßen
      | Ihr Team
      | Optik Muster

    Optik Muster Kiel (KI)
    ----------------------
    Aufgabe 2: Anruf, nötig vor Mi., 11.03.2026, 11:00
      An: Kai Sommer (Kunde 8)
      Nummer: 030 23125 001
      | „Guten Tag, hier ist Optik Muster Kiel. Spreche ich mit Kai Sommer?“
      |
      | Nur wenn ja, sonst bitte ohne Angaben zum Termin um Rückruf bitten:
      |
      | „Ich möchte Sie an Ihren Termin bei uns erinnern:
      | Mittwoch, 11. März, um 11:00 Uhr, Optik Muster Kiel, Holstenstraße 5, 24103
      | Kiel.
      | Passt Ihnen das? Wir freuen uns auf Sie.“

    Erledigt? Dann „terminbote tasks done“ mit der Nummer der Aufgabe aufrufen.
    --- status 0
    ");
}

/// Staff have rung and written that down, but as a message of their own.
#[test]
fn a_message_by_hand_since_then_stands_beside_the_task() {
    let practice = with_tasks();
    let record = |at: &str, more: &[&str]| {
        let arguments =
            [&["record", "--customer", "8", "--channel", "phone", "--note", "Besprochen", "--at", at], more];
        assert_eq!(practice.run(&arguments.concat()).status, 0, "{at}");
    };
    // Before the task was made, and about nothing: neither of them is about it.
    record("2026-03-10T18:00", &["--appointment", "2"]);
    record("2026-03-10T19:10", &[]);
    let shown_at = |at: &str, lang: &str| {
        let printed = practice.run(&["tasks", "--at", at, "--lang", lang]);
        let lines = printed.stdout.lines().filter(|line| line.contains("by hand") || line.contains("von Hand"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let shown = |lang: &str| shown_at("2026-03-10T20:00", lang);
    assert_eq!(shown("en"), "");
    record("2026-03-10T19:20", &["--appointment", "2"]);
    // C2: it counts from its own instant on.
    assert_eq!(shown_at("2026-03-10T19:19", "en"), "");
    assert_snapshot!(shown("en"), @"  Since then by hand: by telephone, Tue 10 Mar 2026, 19:20 (message 5). If that");
    assert_snapshot!(shown("de"), @"  Seitdem von Hand: per Telefon, Di., 10.03.2026, 19:20 (Nachricht 5). Ist damit");
    let printed = practice.run(&["tasks", "--at", "2026-03-10T20:00", "--format", "json"]);
    let tasks: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap();
    let by_hand: Vec<_> = tasks["tasks"].as_array().unwrap().iter().map(|task| task["by_hand"].to_string()).collect();
    assert_snapshot!(by_hand.join("\n"), @r#"
    null
    {"at":"2026-03-10T19:20:00+01:00","channel":"phone","message_id":5}
    "#);
}

#[test]
fn nothing_else_that_was_said_since_then_stands_beside_the_task() {
    let practice = with_tasks();
    let said = |message: &str| {
        practice.sql(&format!(
            "INSERT INTO message (kind, customer_id, channel, state, sent_at) VALUES ({message}, '2026-03-10T18:20:00Z');
             INSERT INTO message_appointment (message_id, appointment_id) SELECT max(id), 2 FROM message;"
        ));
        let printed = practice.run(&["tasks", "--at", "2026-03-10T20:00", "--format", "json"]);
        let tasks: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap();
        tasks["tasks"][1]["by_hand"]["message_id"].to_string()
    };
    assert_eq!(said("'confirmation', 8, 'email', 'sent'"), "null", "not by hand");
    assert_eq!(said("'manual', 7, 'phone', 'sent'"), "null", "to somebody else");
    assert_eq!(said("'manual', 8, 'phone', 'failed'"), "null", "nobody was there");
    for (id, state) in [(6, "sent"), (7, "handed_over"), (8, "uncertain")] {
        assert_eq!(said(&format!("'manual', 8, 'phone', '{state}'")), id.to_string(), "{state}");
    }
}

/// Whoever rings the old number rings a stranger.
#[test]
fn an_address_or_number_that_has_changed_since_stands_beside_the_task() {
    let practice = with_tasks();
    let shown = || {
        let printed = practice.run(&["tasks", "--at", "2026-03-10T20:00", "--lang", "de"]);
        let of_task = |line: &&str| {
            ["Aufgabe", "Anschrift", "Nummer", "Achtung"].iter().any(|word| line.trim().starts_with(word))
        };
        printed.stdout.lines().filter(of_task).collect::<Vec<_>>().join("\n")
    };
    // Another number beside it, and first, takes nothing from the one that was rung; nor does another spelling.
    practice.sql(
        "UPDATE customer_phone SET position = 2, number = '030/23125-001'; UPDATE customer SET street = 'Gartenweg 4' WHERE id = 7;
         INSERT INTO customer_phone (customer_id, position, number) VALUES (8, 1, '030 23125 002')",
    );
    assert_snapshot!(shown(), @"
    Aufgabe 1: Brief, nötig vor Mi., 11.03.2026, 10:00
      Anschrift: Gartenweg 3, 20095 Hamburg
      Achtung: Die Anschrift ist inzwischen eine andere: Gartenweg 4, 20095 Hamburg
    Aufgabe 2: Anruf, nötig vor Mi., 11.03.2026, 11:00
      Nummer: 030 23125 001
    ");
    practice
        .sql("UPDATE customer_phone SET number = '030 23125 003' WHERE position = 2; UPDATE customer SET city = NULL");
    assert_snapshot!(shown(), @"
    Aufgabe 1: Brief, nötig vor Mi., 11.03.2026, 10:00
      Anschrift: Gartenweg 3, 20095 Hamburg
      Achtung: Diese Anschrift gilt nicht mehr, und eine andere ist nicht
    Aufgabe 2: Anruf, nötig vor Mi., 11.03.2026, 11:00
      Nummer: 030 23125 001
      Achtung: Diese Nummer gilt nicht mehr; jetzt: 030 23125 002; 030 23125 003
    ");
    let printed = practice.run(&["tasks", "--at", "2026-03-10T20:00", "--format", "json"]);
    let tasks: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap();
    let now: Vec<_> = tasks["tasks"].as_array().unwrap().iter().map(|task| task["address_now"].to_string()).collect();
    assert_snapshot!(now.join("\n"), @r#"
    []
    ["030 23125 002","030 23125 003"]
    "#);
}

#[test]
fn the_pass_that_made_them_calls_them_handed_over() {
    let practice = with_tasks();
    assert_eq!(
        practice.query("SELECT channel, address, state FROM message"),
        "letter|Gartenweg 3, 20095 Hamburg|handed_over\nphone|030 23125 001|handed_over"
    );
    // They count as messages: nobody is reminded a second time.
    assert_eq!(practice.json("2026-03-11T06:00").0["totals"]["messages"], 0);
}

#[test]
fn the_list_for_programs_has_the_same() {
    assert_snapshot!(with_tasks().run(&["tasks", "--at", EVENING, "--format", "json"]), @r#"
    {
      "tasks": [
        {
          "id": 1,
          "state": "open",
          "channel": "letter",
          "branch_id": 1,
          "branch": "HH",
          "customer_id": 7,
          "customer": "Renate Weiß",
          "address": "Gartenweg 3, 20095 Hamburg",
          "address_now": null,
          "subject": "Ihr Termin am Mittwoch, 11.03.2026",
          "body": "Guten Tag Frau Weiß,\n\nmit diesem Brief möchten wir Sie an Ihren Termin bei uns erinnern:\n\nMittwoch, den 11. März 2026, um 10:00 Uhr\nOptik Muster, Hauptstraße 1, 20095 Hamburg\n\nSollten Sie den Termin nicht wahrnehmen können, geben Sie uns bitte rechtzeitig Bescheid, gern telefonisch unter 040 66969 100. Wir finden dann gemeinsam einen neuen.\n\nWir freuen uns auf Ihren Besuch.\n\nMit freundlichen Grüßen\nIhr Team\nOptik Muster",
          "needed_by": "2026-03-11 10:00",
          "made_at": "2026-03-10T19:00:00+01:00",
          "appointments": [
            {
              "id": 1,
              "start": "2026-03-11 10:00",
              "stands": true
            }
          ],
          "by_hand": null
        },
        {
          "id": 2,
          "state": "open",
          "channel": "phone",
          "branch_id": 2,
          "branch": "KI",
          "customer_id": 8,
          "customer": "Kai Sommer",
          "address": "030 23125 001",
          "address_now": null,
          "subject": null,
          "body": "„Guten Tag, hier ist Optik Muster Kiel. Spreche ich mit Kai Sommer?“\n\nNur wenn ja, sonst bitte ohne Angaben zum Termin um Rückruf bitten:\n\n„Ich möchte Sie an Ihren Termin bei uns erinnern:\nMittwoch, 11. März, um 11:00 Uhr, Optik Muster Kiel, Holstenstraße 5, 24103 Kiel.\nPasst Ihnen das? Wir freuen uns auf Sie.“",
          "needed_by": "2026-03-11 11:00",
          "made_at": "2026-03-10T19:00:00+01:00",
          "appointments": [
            {
              "id": 2,
              "start": "2026-03-11 11:00",
              "stands": true
            }
          ],
          "by_hand": null
        }
      ]
    }
    --- status 0
    "#);
}

#[test]
fn a_task_that_is_done_is_closed_and_can_be_closed_twice() {
    let practice = with_tasks();
    assert_snapshot!(practice.run(&["tasks", "done", "1"]), @"
    Task 1 is done.
    --- status 0
    ");
    assert_eq!(states(&practice, EVENING), ["2 open"]);
    assert_eq!(practice.run(&["tasks", "done", "1", "2", "--lang", "de"]).status, 0);
    assert_snapshot!(practice.run(&["tasks", "--at", EVENING]), @"
    No tasks
    --- status 0
    ");
}

#[test]
fn an_unknown_number_is_wrong_usage_and_the_others_are_closed_all_the_same() {
    let practice = with_tasks();
    assert_snapshot!(practice.run(&["tasks", "done", "2", "99"]), @"
    Task 2 is done.
    --- stderr
    error: there is no task 99; `terminbote tasks` lists them with their numbers
    --- status 2
    ");
    assert_eq!(states(&practice, EVENING), ["1 open"]);
    assert_eq!(practice.run(&["tasks", "done"]).status, 2);
}

#[test]
fn a_mail_is_no_task() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_eq!(practice.run(&["tasks", "done", "1"]).status, 2);
    assert!(states(&practice, EVENING).is_empty());
}

#[test]
fn f3_what_is_not_wanted_any_more_is_withdrawn_and_never_open() {
    for change in [
        "UPDATE appointment SET status = 'cancelled' WHERE id = 1",
        "UPDATE appointment SET status = 'no_show' WHERE id = 1",
        "UPDATE appointment SET starts_at = '2026-03-11 15:00', ends_at = '2026-03-11 15:30' WHERE id = 1",
        "UPDATE customer SET deceased = 1 WHERE id = 7",
        "UPDATE customer SET preferred_contact = 'none' WHERE id = 7",
        "DELETE FROM appointment WHERE id = 1",
        "UPDATE appointment SET customer_id = 8 WHERE id = 1",
    ] {
        let practice = with_tasks();
        practice.sql(change);
        let mut states = states(&practice, EVENING);
        states.sort();
        assert_eq!(states, ["1 withdrawn", "2 open"], "{change}");
    }
}

#[test]
fn f3_what_was_not_done_in_time_is_missed() {
    let practice = with_tasks();
    assert_eq!(states(&practice, "2026-03-11T09:59"), ["1 open", "2 open"]);
    assert_eq!(states(&practice, "2026-03-11T10:00"), ["2 open", "1 missed"]);
    practice.sql("UPDATE appointment SET status = 'cancelled' WHERE id = 2");
    assert_snapshot!(practice.run(&["tasks", "--at", "2026-03-11T10:30"]), @"
    2 tasks: 1 withdrawn, 1 missed

    Withdrawn (cancelled, moved or not wanted): please do not do these
    ------------------------------------------------------------------
    - Task 2: call, Kai Sommer (customer 8), appointment Wed 11 Mar 2026, 11:00
      (made Tue 10 Mar 2026, 19:00)

    Missed: not done in time
    ------------------------
    - Task 1: letter, Renate Weiß (customer 7), appointment Wed 11 Mar 2026, 10:00
      (made Tue 10 Mar 2026, 19:00)
    --- status 0
    ");
    // After a month nobody wants to know any more.
    assert!(states(&practice, "2026-04-11T10:30").is_empty());
}

#[test]
fn tasks_only_look() {
    let practice = with_tasks();
    let before = (std::fs::read(practice.path("termine.db")).unwrap(), practice.files());
    assert_eq!(practice.run(&["tasks"]).status, 0);
    assert_eq!((std::fs::read(practice.path("termine.db")).unwrap(), practice.files()), before);
}
