//! A2 and F4: which interfaces may be used, on which computer, from which day on.

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice, Printed};

fn with_appointment() -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    practice
}

/// A pass in JSON over a practice to which `sql` was done.
fn pass_after(sql: &str) -> (Practice, serde_json::Value, i32) {
    let practice = with_appointment();
    practice.sql(sql);
    let (report, status) = practice.json(EVENING);
    (practice, report, status)
}

fn codes(report: &serde_json::Value) -> Vec<&str> {
    report["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect()
}

#[test]
fn a2_a_service_that_is_not_server_side_needs_a_person() {
    let practice = with_appointment();
    practice.sql("UPDATE interface SET server_side = 0 WHERE id = 1");
    assert_snapshot!(practice.pass(EVENING), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    The appointment notification is not in operation; nothing was sent.

    What needs doing
    ----------------
    - Interface 1 (appointment notification) is not used since it is not set up for
      use on the server. Set it to be used on the server (column server_side to 1).
    --- status 1
    ");
    assert_snapshot!(practice.run(&["--at", EVENING, "--format", "json"]), @r#"
    {"at": "2026-03-10T19:00:00+01:00", "dry_run": false,
    "result": "inactive",
    "quiet_until": null,
    "reminder_window": null,
    "confirmation_window": null,
    "messages": [],
    "skipped": [],
    "warnings": [
      {"code":"interface_not_server_side","needs_person":true,"text":"Interface 1 (appointment notification) is not used since it is not set up for use on the server. Set it to be used on the server (column server_side to 1)."}
    ],
    "totals": {"messages":0,"planned":0,"sent":0,"handed_over":0,"failed":0,"uncertain":0,"deferred":0,"withdrawn":0,"skipped":0}}
    --- status 1
    "#);
    assert_eq!(practice.query("SELECT result, exit_status FROM pass"), "inactive|1\ninactive|1");
    assert_eq!(practice.query("SELECT count(*) FROM message"), "0");
}

#[test]
fn a_service_that_is_to_do_nothing_says_so() {
    let practice = with_appointment();
    practice.sql("UPDATE interface SET settings = '{}' WHERE id = 1");
    assert_snapshot!(practice.run(&["--at", EVENING, "--lang", "de"]), @"
    Terminbenachrichtigung, Di., 10.03.2026, 19:00 (Europe/Berlin)

    Was zu tun ist
    --------------
    - Die Terminbenachrichtigung (Schnittstelle 1) ist eingerichtet, soll aber weder
      erinnern noch bestätigen: Kein Kunde bekommt eine Nachricht. Tragen Sie in
      ihren Einstellungen reminder oder confirmation ein (Tabelle interface, Spalte
      settings).

    Zusammen: keine Nachrichten.
    --- status 1
    ");
    let check = practice.run(&["check", "--offline", "--at", EVENING, "--lang", "en"]);
    assert!(check.status == 1 && check.words().contains("is to neither remind nor confirm"), "{check}");
}

#[test]
fn a2_a_service_that_starts_tomorrow_waits_without_a_word_to_cron() {
    let practice = with_appointment();
    practice.sql("UPDATE interface SET start_date = '2026-03-11' WHERE id = 1");
    assert_snapshot!(practice.run(&["--at", EVENING, "--lang", "de"]), @"
    Terminbenachrichtigung, Di., 10.03.2026, 19:00 (Europe/Berlin)
    Die Terminbenachrichtigung ist nicht in Betrieb; gesendet wurde nichts.

    Hinweise
    --------
    - Schnittstelle 1 (Terminbenachrichtigung) wird nicht benutzt, weil sie erst ab
      Mi., 11.03.2026 freigegeben ist. Soll sie früher gelten, ändern Sie ihr
      Startdatum (Spalte start_date).
    --- status 0
    ");
    assert_snapshot!(practice.run(&["--quiet", "--at", EVENING]), @"--- status 0");
    // Today it runs.
    practice.sql("UPDATE interface SET start_date = '2026-03-10' WHERE id = 1");
    assert_eq!(practice.json(EVENING).0["totals"]["sent"], 1);
}

#[test]
fn a2_a_service_of_another_computer_is_left_to_it() {
    let practice = with_appointment();
    practice.sql("UPDATE interface SET workstation = 'empfang' WHERE id = 1");
    let (report, status) = practice.json(EVENING);
    assert_eq!((status, &report["result"]), (0, &"inactive".into()));
    assert_snapshot!(report["warnings"], @r#"[{"code":"interface_other_workstation","needs_person":false,"text":"Interface 1 (appointment notification) is not used since it is bound to the computer “empfang”. If this computer is to use it, change or empty the column workstation."}]"#);
}

#[test]
fn a2_the_name_of_the_computer_is_compared_up_to_the_first_dot_in_any_letter_case() {
    for (own, bound, runs) in [
        ("server", "SERVER", true),
        ("Server.praxis.example.de", "server", true),
        ("server", "server.example.de", true),
        ("server2", "server", false),
        ("serve", "server", false),
    ] {
        let practice = with_appointment().with_environment("TERMINBOTE_WORKSTATION", own);
        practice.sql(&format!("UPDATE interface SET workstation = '{bound}'"));
        let result = if runs { "complete" } else { "inactive" };
        assert_eq!(practice.json(EVENING).0["result"], result, "{own} {bound}");
    }
}

#[test]
fn a1_a_branch_of_the_service_has_no_effect_and_is_a_warning() {
    let (_practice, report, status) = pass_after("UPDATE interface SET branch_id = 1 WHERE id = 1");
    assert_eq!((status, codes(&report)), (0, vec!["branch_without_effect"]));
    assert_eq!(report["totals"]["sent"], 1);
}

#[test]
fn f4_the_interface_of_the_branch_goes_before_that_of_the_chain() {
    let (practice, report, status) = pass_after(
        r#"INSERT INTO branch (id, code, name) VALUES (2, 'KI', 'Optik Muster Kiel');
           INSERT INTO interface (id, kind, branch_id, server_side, settings) VALUES
           (8, 'smtp', 2, 1, '{"transport": "file", "directory": "kiel", "from": "kiel@example.de"}'),
           (9, 'smtp', 1, 1, '{"transport": "file", "directory": "hamburg", "from": "hamburg@example.de"}')"#,
    );
    assert_eq!((status, codes(&report)), (0, vec![]));
    assert!(practice.contents("hamburg").contains("From: hamburg@example.de"));
    assert_eq!(practice.query("SELECT interface_id FROM message"), "9");
}

#[test]
fn f4_a_channel_whose_only_interface_is_not_server_side_names_that_cause() {
    let practice = with_appointment();
    practice.sql("UPDATE interface SET server_side = 0 WHERE id = 2");
    assert_snapshot!(practice.pass(EVENING), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    What needs doing
    ----------------
    - Interface 2 (for e-mails) is not used since it is not set up for use on the
      server. There is no other: nothing can go out by e-mail at present. Reminders
      go out by the next way where there is one. Set it to be used on the server
      (column server_side to 1).

    Optik Muster (HH)
    -----------------
      Sent: 1 text message
        - Wed 11 Mar 2026, 10:00: Renate Weiß, text message to +49 152 *** 86

    In all: 1 message (1 sent).
    --- status 1
    ");
    assert_eq!(practice.query("SELECT channel, state FROM message"), "sms|sent", "the next usable channel is taken");
}

#[test]
fn f4_a_channel_without_any_interface_needs_a_person() {
    let (_practice, report, status) = pass_after("DELETE FROM interface WHERE id = 3");
    assert_eq!((status, codes(&report), &report["totals"]["sent"]), (1, vec!["interface_missing"], &1.into()));
}

#[test]
fn f4_an_interface_that_starts_later_or_stands_elsewhere_leaves_its_channel_dead() {
    let (_practice, report, status) = pass_after("UPDATE interface SET start_date = '2026-04-01' WHERE id = 3");
    assert_eq!((status, codes(&report)), (1, vec!["interface_not_started"]));
    let (_practice, report, status) = pass_after("UPDATE interface SET workstation = 'empfang' WHERE id = 3");
    assert_eq!((status, codes(&report)), (1, vec!["interface_other_workstation"]));
}

#[test]
fn f4_of_two_of_the_same_rank_the_lowest_is_taken_with_a_warning() {
    let (practice, report, status) = pass_after(
        r#"INSERT INTO interface (id, kind, server_side, settings)
           VALUES (9, 'smtp', 1, '{"transport": "file", "directory": "other", "from": "other@example.de"}')"#,
    );
    assert_eq!((status, codes(&report)), (0, vec!["several_interfaces"]));
    assert_eq!(practice.query("SELECT interface_id FROM message"), "2");
}

#[test]
fn f4_a_fault_in_the_settings_of_a_mail_server_takes_that_one_out_and_nothing_else() {
    let practice = with_appointment();
    practice.setting(2, "tsl", "\"required\"");
    assert_snapshot!(practice.pass(EVENING), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    What needs doing
    ----------------
    - Interface 2 (for e-mails) is not used since its settings are wrong: “`tsl`:
      unknown key; known here are `directory`, `from`, `reply_to`, `transport`”.
      There is no other: nothing can go out by e-mail at present. Reminders go out
      by the next way where there is one. Correct its settings (column settings), or
      the file or variable that is named there.

    Optik Muster (HH)
    -----------------
      Sent: 1 text message
        - Wed 11 Mar 2026, 10:00: Renate Weiß, text message to +49 152 *** 86

    In all: 1 message (1 sent).
    --- status 1
    ");
    assert_eq!(practice.query("SELECT channel, state FROM message"), "sms|sent");
}

#[test]
fn f4_a_faulty_interface_beside_a_good_one_is_still_told() {
    let (practice, report, status) = pass_after(
        "INSERT INTO interface (id, kind, branch_id, server_side, settings) VALUES (9, 'smtp', 1, 1, '{broken')",
    );
    assert_eq!((status, codes(&report)), (1, vec!["interface_faulty"]));
    assert_eq!(practice.query("SELECT channel, interface_id FROM message"), "email|2");
}

#[test]
fn f4_without_encryption_nothing_goes_to_another_computer() {
    let Printed { stdout, status, .. } = {
        let practice = with_appointment();
        practice.sql(
            r#"UPDATE interface SET settings = '{"transport": "smtp", "host": "mail.example.de", "tls": "none",
                 "from": "termine@example.de"}' WHERE id = 2"#,
        );
        practice.pass(EVENING)
    };
    assert_eq!(status, 1);
    assert!(stdout.contains("allow_plaintext"), "{stdout}");
}

#[test]
fn b4_one_wrong_code_in_the_branch_filter_needs_a_person_and_stops_nobody_else() {
    let practice = with_appointment();
    practice.setting(1, "branch_filter", r#"" HH , hh,""#);
    let (report, status) = practice.json(EVENING);
    assert_eq!((status, codes(&report), &report["totals"]["sent"]), (1, vec!["branch_code_unknown"], &1.into()));
}

#[test]
fn b4_a_branch_that_the_filter_leaves_out_is_a_reason_of_its_own() {
    let (_practice, report, status) = pass_after(
        "INSERT INTO branch (id, code, name) VALUES (2, 'KI', 'Optik Muster Kiel');
           UPDATE appointment SET branch_id = 2;
           UPDATE interface SET settings = json_set(settings, '$.branch_filter', 'HH') WHERE id = 1",
    );
    assert_eq!((status, &report["skipped"][0]["reason"]), (0, &"branch_not_selected".into()));
}

#[test]
fn f4_an_interface_of_a_branch_that_does_not_exist_is_named() {
    let practice = Practice::ready();
    practice
        .without_confirmations()
        .appointment(1, "2026-03-11 10:00")
        .sql("PRAGMA foreign_keys = OFF; UPDATE interface SET branch_id = 99 WHERE id = 2");
    let (report, status) = practice.json(EVENING);
    assert_eq!(status, 1);
    assert_snapshot!(report["warnings"][0]["text"], @r#""Table interface, row 2, column branch_id cannot be understood: there is no row 99 in the table branch. Please correct it.""#);
}
