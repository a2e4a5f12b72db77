//! `terminbote check`: what is well, what is not, and what to do about it.

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice, Printed};

#[path = "../support/http_peer.rs"]
#[allow(dead_code, unreachable_pub, reason = "other test binaries use the rest of it")]
mod http_peer;
#[path = "../support/smtp_peer.rs"]
mod smtp_peer;

use http_peer::{Act as Answer, HttpPeer};
use smtp_peer::{Act, SmtpPeer, Stage};

fn check(practice: &Practice, more: &[&str]) -> Printed {
    let mut arguments = vec!["check", "--at", EVENING, "--lang", "en"];
    arguments.extend(more);
    practice.run(&arguments)
}

/// The findings that are not ok.
fn findings(printed: &Printed) -> String {
    let mut shown = Vec::new();
    let mut showing = false;
    for line in printed.stdout.lines().skip(1) {
        showing = match line.split_once(' ') {
            Some(("ok", _)) => false,
            Some(("note" | "ACT", _)) => true,
            _ => showing && line.starts_with("     "),
        };
        if showing {
            shown.push(line);
        }
    }
    format!("{}\n--- status {}", shown.join("\n"), printed.status)
}

/// Sends to servers of this computer, has run a pass, and one customer is ahead.
fn healthy(mail: &SmtpPeer, gateway: &HttpPeer) -> Practice {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-12 10:00");
    practice.sql(&format!(
        r#"UPDATE interface SET settings = '{{"transport": "smtp", "host": "127.0.0.1", "port": {}, "tls": "none",
             "from": "termine@example.de", "user": "termine", "secrets": {{"password": "hunter2-mail"}}}}' WHERE id = 2;
           UPDATE interface SET settings = '{{"gateway": "seven", "base_url": "{}",
             "secrets": {{"api_key": "hunter2-key"}}}}' WHERE id = 3;
           INSERT INTO pass (at, finished_at, result, exit_status, host, version)
           VALUES ('2026-03-10T17:00:00Z', '2026-03-10T17:00:04Z', 'complete', 0, 'server', '0');"#,
        mail.port(),
        gateway.url()
    ));
    practice
}

fn balance() -> Answer {
    Answer::reply(200, r#"{"amount": 12.5, "currency": "EUR"}"#)
}

/// The ports of this computer differ from run to run.
fn without_ports(printed: &Printed) -> String {
    let mut text = String::new();
    let shown = printed.to_string();
    let mut rest = shown.as_str();
    while let Some((before, after)) = rest.split_once("127.0.0.1:") {
        text.push_str(before);
        text.push_str("127.0.0.1:PORT");
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    text + rest
}

#[test]
fn a_healthy_practice() {
    let (mail, gateway) = (SmtpPeer::polite(), HttpPeer::playing([balance(), balance()]));
    let practice = healthy(&mail, &gateway);
    let before = (std::fs::read(practice.path("termine.db")).unwrap(), practice.files());
    assert_snapshot!(without_ports(&check(&practice, &[])), @"");
    assert_snapshot!(without_ports(&practice.run(&["check", "--at", EVENING, "--lang", "de"])), @"");
    assert!(mail.taken().is_empty(), "nothing was sent");
    assert_eq!((std::fs::read(practice.path("termine.db")).unwrap(), practice.files()), before);
}

#[test]
fn a_database_that_has_just_been_made() {
    assert_snapshot!(findings(&check(&Practice::new(), &[])), @"");
}

#[test]
fn files_are_no_servers_and_offline_asks_nobody() {
    let practice = Practice::ready();
    assert_snapshot!(findings(&check(&practice, &[])), @"");
    let mail = SmtpPeer::polite();
    let gateway = HttpPeer::playing([balance()]);
    let practice = healthy(&mail, &gateway);
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"");
    assert_eq!((mail.connections(), gateway.requests().len()), (0, 0));
    check(&practice, &[]);
    assert_eq!((mail.connections(), gateway.requests().len()), (1, 1));
}

#[test]
fn interfaces_that_cannot_be_used_say_why() {
    let practice = Practice::ready();
    practice.sql(
        r#"INSERT INTO branch (id, code, name) VALUES (2, 'B', 'Optik Muster Berlin');
           UPDATE interface SET branch_id = 1 WHERE id = 1;
           UPDATE interface SET server_side = 0 WHERE id = 2;
           UPDATE interface SET branch_id = 2 WHERE id = 3;
           INSERT INTO interface (id, kind, server_side, start_date, workstation, settings) VALUES
           (4, 'smtp', 1, '2026-04-01', NULL, '{"transport": "file", "directory": "mail", "from": "a@example.de"}'),
           (5, 'smtp', 1, NULL, 'EMPFANG', '{"transport": "file", "directory": "mail", "from": "a@example.de"}'),
           (6, 'sms', 1, NULL, NULL, '{"gateway": "seven", "api_key": "hunter2-key"}'),
           (7, 'sms', 1, NULL, NULL, '{"gateway": "file", "directory": "sms"}'),
           (8, 'sms', 1, NULL, NULL, '{"gateway": "file", "directory": "sms"}');"#,
    );
    let printed = check(&practice, &["--offline"]);
    assert_snapshot!(findings(&printed), @"");
    assert!(!printed.to_string().contains("hunter2"), "{printed}");
}

#[test]
fn only_the_interfaces_of_workstations() {
    let practice = Practice::ready();
    assert_snapshot!(check(&practice, &["--workstations"]), @"");
    practice.sql("UPDATE interface SET workstation = 'EMPFANG' WHERE id = 2");
    practice.sql("UPDATE interface SET workstation = 'server.example.de' WHERE id = 3");
    assert_snapshot!(check(&practice, &["--workstations"]), @"");
}

#[test]
fn what_would_stop_a_pass_is_told_with_everything_else() {
    let practice = Practice::ready();
    practice
        .setting(1, "branch_filter", r#""BB""#)
        .setting(1, "reminder.contact_template", r#""Erinnerung""#)
        .setting(1, "confirmation.document_template", r#""Bestätigung""#)
        .setting(1, "night_rest", r#"{"start": "04:00", "end": "23:00"}"#);
    assert_snapshot!(check(&practice, &["--offline"]), @"");
}

#[test]
fn settings_that_cannot_be_read_leave_the_rest_to_be_checked() {
    let practice = Practice::ready();
    practice.setting(1, "max_minutes", "0");
    assert_snapshot!(check(&practice, &["--offline"]), @"");
}

#[test]
fn two_services_and_none() {
    let practice = Practice::ready();
    practice
        .sql("INSERT INTO interface (id, kind, server_side, settings) VALUES (9, 'appointment_notification', 1, '{}')");
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"");
    practice.sql("DELETE FROM interface WHERE id IN (1, 9)");
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"");
}

#[test]
fn e3_more_hours_between_messages_than_before_the_appointment() {
    let practice = Practice::ready();
    practice.setting(1, "reminder.min_hours_between_messages", "48").setting(1, "branch_filter", r#""HH,HX""#);
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"");
}

#[test]
fn texts_that_some_names_break_or_make_long() {
    let practice = Practice::ready();
    practice.sql(
        "UPDATE document_template SET body = 'Hallo {{ customer.nmae }}' WHERE name = 'Terminerinnerung E-Mail' AND language = 'en';
         UPDATE document_template SET body = body || ' Für {{ customer.salutation }} {{ customer.name }}, ' || hex(zeroblob(90))
         WHERE name = 'Terminerinnerung SMS' AND language IS NULL;
         DELETE FROM document_template WHERE name = 'Terminbestätigung' AND language IS NULL;
         INSERT INTO customer (id, language) VALUES (20, 'tr'), (21, 'tr'), (22, 'de-AT'), (23, 'en'), (24, 'pl');",
    );
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"");
}

#[test]
fn log_ins_that_fail() {
    let mail = SmtpPeer::at(Stage::Auth, Act::say("535 5.7.8 no log-in for hunter2-mail at anna@example.de"));
    let gateway = HttpPeer::playing([Answer::reply(401, "900 hunter2-key is wrong")]);
    let practice = healthy(&mail, &gateway);
    let printed = check(&practice, &[]);
    assert_snapshot!(findings(&printed), @"");
    for secret in ["hunter2-key", "anna@example.de"] {
        assert!(!printed.to_string().contains(secret), "{printed}");
    }
}

#[test]
fn rows_that_no_pass_could_understand() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-12 10:00").appointment(2, "2026-03-13 10:00").appointment(3, "2025-03-13 10:00");
    practice.sql(
        "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;
         UPDATE appointment SET starts_at = 'tomorrow' WHERE id = 3;
         UPDATE appointment SET status = 'maybe' WHERE id = 2;
         INSERT INTO customer (id, last_name) VALUES (8, CAST(x'4df6ff' AS TEXT));
         INSERT INTO customer (id, preferred_contact) VALUES (9, 'fax');
         UPDATE customer_phone SET sms_allowed = 3;
         WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 121)
         INSERT INTO message (id, kind, customer_id, channel, state, sent_at) SELECT i, 'manual', 7, 'phone', 'sent', 'now' FROM n;
         INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
         VALUES (4, 1, 7777, 1, '2026-03-12 10:00', '2026-03-12 10:30'), (5, 99, NULL, 1, '2026-03-12 10:00', '2026-03-12 10:30');",
    );
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"");
}

#[test]
fn customers_whom_nothing_can_reach_are_counted_by_what_they_lack() {
    let practice = Practice::ready();
    practice.sql(
        "INSERT INTO customer (id, email) VALUES (30, 'no address'), (31, ''), (32, NULL), (33, NULL), (34, NULL);
         INSERT INTO customer (id, preferred_contact) VALUES (35, 'none'), (36, 'sms');
         INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES
         (30, 1, '030 23125123', 1), (33, 1, '0152 28817386', 0), (34, 1, '0152 28895456', 1);
         WITH RECURSIVE n(i) AS (SELECT 40 UNION ALL SELECT i + 1 FROM n WHERE i < 51) INSERT INTO customer (id) SELECT i FROM n;
         INSERT INTO appointment (branch_id, customer_id, type_id, starts_at, ends_at)
         SELECT 1, id, 1, '2026-03-30 10:00', '2026-03-30 10:30' FROM customer WHERE id >= 30;
         INSERT INTO appointment (branch_id, customer_id, type_id, starts_at, ends_at) VALUES (1, 7, 1, '2026-03-10 18:00', '2026-03-10 18:30');",
    );
    let printed = check(&practice, &["--offline"]);
    assert_snapshot!(findings(&printed), @"");
    assert!(!printed.to_string().contains("23125123"), "{printed}");
}

#[test]
fn the_computer() {
    let practice = Practice::ready();
    practice.sql(
        "PRAGMA journal_mode = WAL;
         INSERT INTO pass (at, host, version) VALUES ('2026-03-12T11:00:00Z', 'server', '0');",
    );
    let lock = std::fs::File::create(practice.path("termine.db.lock")).unwrap();
    std::fs::write(practice.path("termine.db.lock"), "process 4711 since 2026-03-10 19:00:00 +01:00").unwrap();
    lock.lock().unwrap();
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"");
    drop(lock);
    practice.sql("UPDATE pass SET at = '2026-03-09T11:00:00Z'");
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"");
    let past = practice.run(&["check", "--offline", "--lang", "en", "--at", "1999-12-31T12:00"]);
    assert!(past.stdout.contains("ACT  The clock of this computer shows Fri 31 Dec 1999. Set it"), "{past}");
}

#[test]
fn a_file_and_a_folder_that_this_user_may_not_write() {
    use std::os::unix::fs::PermissionsExt;

    let practice = Practice::ready();
    let set = |mode: u32, path: &std::path::Path| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(0o444, &practice.path("termine.db"));
    set(0o555, practice.folder());
    let may_all = std::fs::OpenOptions::new().append(true).open(practice.path("termine.db")).is_ok();
    let printed = check(&practice, &["--offline"]);
    set(0o755, practice.folder());
    if may_all {
        eprintln!("skipped: this user may write everything");
        return;
    }
    assert!(printed.stdout.contains("ACT  This user may not write the database."), "{printed}");
    assert!(printed.stdout.contains("ACT  This user may not write into the folder"), "{printed}");
}

#[test]
fn a_test_message_goes_out_by_each_interface_and_is_recorded_nowhere() {
    let mail = SmtpPeer::polite();
    let taken = Answer::reply(200, r#"{"success": "100", "messages": [{"id": "77", "success": true, "error": null}]}"#);
    let gateway = HttpPeer::playing([balance(), taken]);
    let practice = healthy(&mail, &gateway);
    let asked = ["--send-test", "anna@example.de", "--send-test", "0152 28817386"];
    let printed = check(&practice, &asked);
    let tests = printed.stdout.split("Test messages\n").nth(1).unwrap();
    assert_snapshot!(format!("{tests}--- status {}", printed.status), @"");
    assert_eq!(mail.taken()[0].to, ["anna@example.de"]);
    assert!(mail.taken()[0].content.contains("This is a test message"));
    assert_eq!(practice.query("SELECT count(*) FROM message"), "0");
}

#[test]
fn a_test_message_that_is_refused_or_has_no_way() {
    let mail = SmtpPeer::at(Stage::Rcpt, Act::say("550 5.1.1 no such user anna@example.de"));
    let gateway = HttpPeer::playing([balance()]);
    let practice = healthy(&mail, &gateway);
    practice.sql("UPDATE interface SET server_side = 0 WHERE id = 3");
    let printed = check(&practice, &["--send-test", "anna@example.de", "--send-test", "0152 28817386"]);
    assert_snapshot!(findings(&printed), @"");
    assert_snapshot!(check(&practice, &["--send-test", "Anna"]), @"");
}

#[test]
fn options_that_contradict_each_other_are_wrong_usage() {
    for options in [["--offline", "--send-test=a@example.de"], ["--workstations", "--offline"]] {
        assert_eq!(check(&Practice::ready(), &options).status, 2, "{options:?}");
    }
    assert_eq!(Practice::empty().run(&["check"]).status, 66);
}

#[test]
fn no_secret_is_in_any_output_of_a_check() {
    let mail = SmtpPeer::polite();
    let gateway = HttpPeer::playing(std::iter::repeat_n(balance(), 4));
    let practice = healthy(&mail, &gateway);
    for format in ["text", "json"] {
        for lang in ["de", "en"] {
            let printed = practice.run(&["check", "--at", EVENING, "--format", format, "--lang", lang]);
            assert_eq!(printed.status, 0, "{printed}");
            assert!(!printed.to_string().contains("hunter2"), "{printed}");
            assert!(!printed.to_string().contains("renate@example.de"), "{printed}");
        }
    }
}

#[test]
fn programs_get_the_same_as_json() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-12 10:00").sql("UPDATE customer SET email = NULL; DELETE FROM customer_phone");
    let printed = check(&practice, &["--offline", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap();
    let row = |code: &str| {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["code"] == code).unwrap().to_string()
    };
    assert_eq!(report["exit_status"], printed.status);
    assert_eq!(
        report["ok"].as_u64().unwrap() + report["notes"].as_u64().unwrap(),
        report["findings"].as_array().unwrap().len() as u64
    );
    assert_snapshot!(row("interface"), @"");
    assert_snapshot!(row("unreachable"), @"");
}
