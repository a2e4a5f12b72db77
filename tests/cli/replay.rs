//! A dry run of the past: the data as they were, and what stands beside the plan.

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice};

/// A dry run of the evening, as JSON.
fn replay(practice: &Practice, at: &str) -> serde_json::Value {
    let printed = practice.run(&["--dry-run", "--at", at, "--format", "json"]);
    serde_json::from_str(&printed.stdout).unwrap_or_else(|error| panic!("{error}: {printed}"))
}

/// A message of a real pass of the evening about appointment 1, after which everything was changed.
fn afterwards() -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    assert_eq!(practice.pass(EVENING).status, 0);
    practice.sql(
        "UPDATE message SET state = 'failed', error = '550 renate@example.de unknown' WHERE id = 1;
         UPDATE customer SET email = 'weiss@example.de', last_name = 'Weiss' WHERE id = 7;
         UPDATE appointment SET starts_at = '2026-03-12 10:00', ends_at = '2026-03-12 10:30' WHERE id = 1;
         DELETE FROM customer_phone WHERE customer_id = 7;
         INSERT INTO customer_phone (customer_id, position, number) VALUES (7, 2, '030 23125 002');
         UPDATE document_template SET body = 'Bis bald!' WHERE name = 'Terminerinnerung E-Mail';
         UPDATE interface SET settings = json_set(settings, '$.reminder.hours_before', 2) WHERE id = 1;
         UPDATE branch SET name = 'Optik Neu';",
    );
    practice
}

#[test]
fn the_page_of_a_past_pass_has_beside_each_message_what_became_of_it_and_what_has_changed_since() {
    let practice = afterwards();
    let shown = practice.run(&["--dry-run", "--at", EVENING, "--html", "page.html"]);
    let page = std::fs::read_to_string(practice.path("page.html")).unwrap();
    let (_, beside) = page.split_once("<ul class=\"since\">").unwrap();
    let (beside, _) = beside.split_once("</ul>").unwrap();
    let lines: Vec<_> = beside.split("<li>").skip(1).map(|line| line.trim_end_matches("</li>")).collect();
    assert_snapshot!(lines.join("\n"), @"
    In the record: message 1, e-mail to renate@example.de: sent; meanwhile rejected (“550 r***@e***.de unknown”)
    Changed since: appointment 1, starts_at: “2026-03-11 10:00” then, “2026-03-12 10:00” now
    Changed since: appointment 1, ends_at: “2026-03-11 10:30” then, “2026-03-12 10:30” now
    Changed since: customer 7, last_name: “Weiß” then, “Weiss” now
    Changed since: customer 7, email: “renate@example.de” then, “weiss@example.de” now
    Deleted since: customer_phone 7/1
    New since: customer_phone 7/2
    ");
    // The same as in the text, which breaks its lines.
    let text = shown.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for line in lines {
        assert!(text.contains(line), "{line}");
    }
}

#[test]
fn a_pass_is_shown_as_it_was_with_what_became_of_it_and_what_has_changed_since() {
    let practice = afterwards();
    assert_snapshot!(practice.run(&["--dry-run", "--at", EVENING]), @"
    Dry run of the appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    For viewing only: nothing was sent and nothing was stored.
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    Notes
    -----
    - This is pass 1 of the computer server (program version 0.1.0), with the data
      that it saw. What became of the messages stands beside each.
    - Changed since: branch 1, name: “Optik Muster” then, “Optik Neu” now
    - Changed since: document_template 1, body
    - Changed since: document_template 2, body
    - Changed since: interface 1, settings

    Optik Muster (HH)
    -----------------
      Planned: 1 e-mail

      Reminder by e-mail to Renate Weiß: renate@example.de
        Appointment: Wed 11 Mar 2026, 10:00 (1)
        Subject: Ihr Termin am Mittwoch, 11.03.2026, um 10:00 Uhr
        | Guten Tag Frau Weiß,
        |
        | wir freuen uns auf Ihren Besuch und möchten Sie an Ihren Termin erinnern:
        |
        | Mittwoch, 11.03.2026, 10:00 Uhr
        | Optik Muster, Hauptstraße 1, 20095 Hamburg
        |
        | Können Sie den Termin nicht wahrnehmen? Dann sagen Sie uns bitte so früh
        | wie möglich Bescheid, damit wir einen neuen für Sie finden.
        | Sie erreichen uns telefonisch unter 040 66969 100 oder per E-Mail an
        | hh@example.de.
        |
        | Mit freundlichen Grüßen
        | Ihr Team
        | Optik Muster
        In the record: message 1, e-mail to renate@example.de: sent; meanwhile
          rejected (“550 r***@e***.de unknown”)
        Changed since: appointment 1, starts_at: “2026-03-11 10:00” then,
          “2026-03-12 10:00” now
        Changed since: appointment 1, ends_at: “2026-03-11 10:30” then, “2026-03-12
          10:30” now
        Changed since: customer 7, last_name: “Weiß” then, “Weiss” now
        Changed since: customer 7, email: “renate@example.de” then,
          “weiss@example.de” now
        Deleted since: customer_phone 7/1
        New since: customer_phone 7/2

    In all: 1 message (1 planned).
    --- status 0
    ");
}

#[test]
fn the_same_in_german() {
    assert_snapshot!(afterwards().run(&["--dry-run", "--at", EVENING, "--lang", "de"]), @"
    Probelauf der Terminbenachrichtigung, Di., 10.03.2026, 19:00 (Europe/Berlin)
    Nur zur Ansicht: Es wurde nichts gesendet und nichts gespeichert.
    Erinnerungen: Termine vor Mi., 11.03.2026, 20:00 (vorausschauend)

    Hinweise
    --------
    - Das ist der Lauf 1 vom Rechner server (Programmversion 0.1.0), mit den Daten,
      die er sah. Was aus den Nachrichten wurde, steht bei jeder.
    - Seitdem geändert: branch 1, name: damals „Optik Muster“, jetzt „Optik Neu“
    - Seitdem geändert: document_template 1, body
    - Seitdem geändert: document_template 2, body
    - Seitdem geändert: interface 1, settings

    Optik Muster (HH)
    -----------------
      Geplant: 1 E-Mail

      Erinnerung per E-Mail an Renate Weiß: renate@example.de
        Termin: Mi., 11.03.2026, 10:00 (1)
        Betreff: Ihr Termin am Mittwoch, 11.03.2026, um 10:00 Uhr
        | Guten Tag Frau Weiß,
        |
        | wir freuen uns auf Ihren Besuch und möchten Sie an Ihren Termin erinnern:
        |
        | Mittwoch, 11.03.2026, 10:00 Uhr
        | Optik Muster, Hauptstraße 1, 20095 Hamburg
        |
        | Können Sie den Termin nicht wahrnehmen? Dann sagen Sie uns bitte so früh
        | wie möglich Bescheid, damit wir einen neuen für Sie finden.
        | Sie erreichen uns telefonisch unter 040 66969 100 oder per E-Mail an
        | hh@example.de.
        |
        | Mit freundlichen Grüßen
        | Ihr Team
        | Optik Muster
        Im Verlauf: Nachricht 1, E-Mail an renate@example.de: gesendet; inzwischen
          abgelehnt („550 r***@e***.de unknown“)
        Seitdem geändert: appointment 1, starts_at: damals „2026-03-11 10:00“, jetzt
          „2026-03-12 10:00“
        Seitdem geändert: appointment 1, ends_at: damals „2026-03-11 10:30“, jetzt
          „2026-03-12 10:30“
        Seitdem geändert: customer 7, last_name: damals „Weiß“, jetzt „Weiss“
        Seitdem geändert: customer 7, email: damals „renate@example.de“, jetzt
          „weiss@example.de“
        Seitdem gelöscht: customer_phone 7/1
        Seitdem neu: customer_phone 7/2

    Zusammen: 1 Nachricht (1 geplant).
    --- status 0
    ");
}

#[test]
fn programs_get_what_stands_beside_a_message_in_full() {
    let report = replay(&afterwards(), EVENING);
    let part = |value: &serde_json::Value| serde_json::to_string_pretty(value).unwrap();
    assert_snapshot!(part(&report["messages"][0]["record"]), @r#"
    [
      {
        "address": "renate@example.de",
        "channel": "email",
        "error": null,
        "error_now": "550 renate@example.de unknown",
        "message_id": 1,
        "outcome": "sent",
        "outcome_now": "failed"
      }
    ]
    "#);
    assert_snapshot!(part(&report["messages"][0]["changed_since"]), @r#"
    [
      {
        "column": "starts_at",
        "now": "2026-03-12 10:00",
        "row": 1,
        "table": "appointment",
        "then": "2026-03-11 10:00",
        "what": "changed"
      },
      {
        "column": "ends_at",
        "now": "2026-03-12 10:30",
        "row": 1,
        "table": "appointment",
        "then": "2026-03-11 10:30",
        "what": "changed"
      },
      {
        "column": "last_name",
        "now": "Weiss",
        "row": 7,
        "table": "customer",
        "then": "Weiß",
        "what": "changed"
      },
      {
        "column": "email",
        "now": "weiss@example.de",
        "row": 7,
        "table": "customer",
        "then": "renate@example.de",
        "what": "changed"
      },
      {
        "column": null,
        "now": null,
        "position": 1,
        "row": 7,
        "table": "customer_phone",
        "then": null,
        "what": "gone"
      },
      {
        "column": null,
        "now": null,
        "position": 2,
        "row": 7,
        "table": "customer_phone",
        "then": null,
        "what": "new"
      }
    ]
    "#);
}

#[test]
fn a_dry_run_of_the_past_writes_nothing_and_leaves_no_file() {
    let practice = afterwards();
    let before = (std::fs::read(practice.path("termine.db")).unwrap(), practice.files());
    replay(&practice, EVENING);
    replay(&practice, "2026-03-10T19:30");
    assert!((std::fs::read(practice.path("termine.db")).unwrap(), practice.files()) == before);
}

#[test]
fn a_deleted_appointment_and_a_deleted_customer_are_there_again() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    practice.pass(EVENING);
    let then = replay(&practice, EVENING)["messages"][0]["body"].clone();
    practice.sql("DELETE FROM appointment; DELETE FROM customer; DELETE FROM message; DELETE FROM message_appointment");
    let report = replay(&practice, EVENING);
    assert_eq!(report["messages"][0]["body"], then);
    let since: Vec<_> = report["messages"][0]["changed_since"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("{} {} {}", row["what"].as_str().unwrap(), row["table"].as_str().unwrap(), row["row"]))
        .collect();
    assert_snapshot!(since.join("\n"), @"
    gone appointment 1
    gone customer 7
    gone customer_phone 7
    ");
    assert_snapshot!(report["messages"][0]["record"], @r#"[{"address":"renate@example.de","channel":"email","error":null,"error_now":null,"message_id":1,"outcome":"sent","outcome_now":null}]"#);
}

#[test]
fn a_row_that_was_replaced_in_the_same_second_is_as_it_was() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    practice.pass(EVENING);
    practice.sql(
        "INSERT OR REPLACE INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
         VALUES (1, 1, 7, 1, '2026-03-11 18:00', '2026-03-11 18:30')",
    );
    assert_eq!(replay(&practice, EVENING)["messages"][0]["changed_since"][0]["then"], "2026-03-11 10:00");
}

#[test]
fn a_deferred_message_that_a_later_pass_has_sent_is_deferred_beside_the_first_one() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    practice.sql("UPDATE document_template SET body = '{{ falsch' WHERE name = 'Terminerinnerung E-Mail'");
    practice.pass("2026-03-10T18:00");
    practice.sql("UPDATE document_template SET body = 'Bis bald!' WHERE name = 'Terminerinnerung E-Mail'");
    practice.pass(EVENING);
    let beside = |at: &str| {
        let message = &replay(&practice, at)["messages"][0];
        format!("{} | {} {}", message["outcome"], message["record"][0]["outcome"], message["record"][0]["outcome_now"])
    };
    assert_snapshot!(beside("2026-03-10T18:00"), @r#""deferred" | "deferred" "sent""#);
    assert_snapshot!(beside(EVENING), @r#""planned" | "sent" "sent""#);
}

#[test]
fn a_password_that_has_changed_since_does_not_make_a_server_unusable() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    practice.sql(
        r#"UPDATE interface SET settings = '{"transport": "smtp", "host": "127.0.0.1", "port": 9, "tls": "none",
             "from": "termine@example.de", "user": "termine", "secrets": {"password_env": "GEHEIM"}}' WHERE id = 2"#,
    );
    let practice = practice.with_environment("GEHEIM", "hunter2");
    assert_snapshot!(practice.pass(EVENING), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    What needs doing
    ----------------
    - There was trouble with the server of interface 2: “connecting: 127.0.0.1, port
      9: Connection refused (os error 111)”. What did not go out stays due. If it
      goes on, check the network and the server (table interface).
    - 1 message is postponed since the server could not be reached or refused for
      now; a later pass decides anew while the appointment is still ahead.
      “connecting: 127.0.0.1, port 9: Connection refused (os error 111)”

    Optik Muster (HH)
    -----------------
      Postponed: 1 message
        - Wed 11 Mar 2026, 10:00: Renate Weiß, e-mail to r***@e***.de

    In all: 1 message (1 postponed).
    --- status 1
    ");
    practice.sql("DELETE FROM interface WHERE id = 2");
    assert_snapshot!(practice.query("SELECT old FROM change WHERE what = 'delete'"), @r#"
    {"message_id":1,"appointment_id":1,"appointment_start":"2026-03-11 10:00","sequence":0,"kind":"reminder","customer_id":7,"counts":0}
    {"message_id":1,"appointment_id":1,"appointment_start":"2026-03-11 10:00","sequence":0,"kind":"reminder","customer_id":7,"counts":0}
    {"id":2,"kind":"smtp","branch_id":null,"workstation":null,"server_side":1,"start_date":null,"settings":{"transport":"smtp","host":"127.0.0.1","port":9,"tls":"none","from":"termine@example.de","user":"termine"},"secrets":["password_env"]}
    "#);
    let report = practice.command(&["--dry-run", "--at", EVENING, "--format", "json"]).env_remove("GEHEIM").output();
    let report: serde_json::Value = serde_json::from_slice(&report.unwrap().stdout).unwrap();
    assert_eq!(report["messages"][0]["channel"], "email");
}

#[test]
fn a_secret_that_could_not_be_read_then_is_missing_in_a_replay_too() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    practice.sql(
        r#"UPDATE interface SET settings = '{"transport": "smtp", "host": "127.0.0.1", "port": 9, "tls": "none",
             "from": "termine@example.de", "user": "termine", "secrets": {"password_env": "GEHEIM"}}' WHERE id = 2"#,
    );
    practice.pass(EVENING);
    let practice = practice.with_environment("GEHEIM", "hunter2");
    let report = replay(&practice, EVENING);
    assert_eq!(report["messages"][0]["channel"], "sms");
}

#[test]
fn before_changes_were_recorded_the_report_says_that_the_data_are_those_of_today() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00");
    let codes = |at: &str| {
        let report = replay(&practice, at);
        report["warnings"].as_array().unwrap().iter().map(|row| row["code"].to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(codes(EVENING), "\"present_data\"");
    practice.sql(
        "UPDATE chain SET changes_since = '2026-03-01T00:00:00Z'; UPDATE change SET at = changes_since FROM chain",
    );
    practice.sql("UPDATE customer SET last_name = 'Neu'");
    assert_eq!(codes(EVENING), "");
    practice.sql("UPDATE change SET old = NULL");
    assert_eq!(codes(EVENING), "\"purged_data\"");
}

#[test]
fn a_look_that_is_limited_says_so_of_what_it_does_not_show() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    practice.customer(8, "Kai", "kai@example.de").appointment_of(8, 2, "2026-03-11 11:00");
    assert_eq!(practice.pass(EVENING).status, 0);
    let printed = practice.run(&["--dry-run", "--at", EVENING, "--limit", "1"]);
    let said = "messages of this pass that do not come about here (2). This dry run shows only the most urgent ones (--limit).";
    assert!(printed.words().contains(said), "{printed}");
}
