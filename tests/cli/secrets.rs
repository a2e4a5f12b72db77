//! Secrets stand where the settings put them, and are printed and recorded nowhere else.

use crate::practice::{EVENING, Practice};
use crate::smtp_peer::{Act, SmtpPeer, Stage};

/// No part of any output, and what an AUTH command makes of it.
const SECRET: &str = "Hunter2-geheim";
const ENCODED: &str = "AHRlcm1pbmUASHVudGVyMi1nZWhlaW0=";

/// Every value of every table but `interface`, where secrets belong.
fn everything_recorded(practice: &Practice) -> String {
    let tables = practice.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'interface'");
    let dump = |table: &str| practice.query(&format!("SELECT * FROM \"{table}\""));
    tables.lines().map(dump).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_password_is_printed_and_recorded_nowhere_even_if_the_server_repeats_it() {
    for secrets in [
        format!(r#"{{"password": "{SECRET}"}}"#),
        r#"{"password_file": "password"}"#.to_owned(),
        r#"{"password_env": "MAIL_PASSWORD"}"#.to_owned(),
    ] {
        let refusal = Act::say(&format!("535 5.7.8 wrong password {SECRET} in AUTH PLAIN {ENCODED}"));
        for peer in [SmtpPeer::at(Stage::Auth, refusal), SmtpPeer::polite()] {
            let practice = Practice::ready().with_environment("MAIL_PASSWORD", SECRET);
            std::fs::write(practice.path("password"), format!("{SECRET}\n")).unwrap();
            practice.without_confirmations().mail_by_port(peer.port()).appointment(1, "2026-03-11 10:00");
            practice.setting(2, "user", "\"termine\"").setting(2, "secrets", &secrets).setting(2, "auth", "\"plain\"");
            let mut printed = String::new();
            for (at, format) in [(EVENING, "text"), ("2026-03-10T19:30", "json")] {
                printed += &practice.run(&["--at", at, "--format", format]).to_string();
            }
            assert!(peer.commands().contains(&format!("AUTH PLAIN {ENCODED}")), "{:?}", peer.commands());
            for text in [printed, everything_recorded(&practice)] {
                assert!(!text.contains(SECRET) && !text.contains(ENCODED), "{text}");
            }
        }
    }
}

#[test]
fn a_password_that_systemd_hands_over_goes_before_a_file_beside_the_database() {
    for (handed_over, expected) in [(Some("from-systemd"), "from-systemd"), (None, "beside-the-database")] {
        let peer = SmtpPeer::polite();
        let credentials = tempfile::tempdir().unwrap();
        if let Some(password) = handed_over {
            std::fs::write(credentials.path().join("password"), password).unwrap();
        }
        let practice =
            Practice::ready().with_environment("CREDENTIALS_DIRECTORY", credentials.path().to_str().unwrap());
        std::fs::write(practice.path("password"), "beside-the-database").unwrap();
        practice.without_confirmations().mail_by_port(peer.port()).appointment(1, "2026-03-11 10:00");
        practice.setting(2, "user", "\"t\"").setting(2, "auth", "\"plain\"");
        practice.setting(2, "secrets", r#"{"password_file": "password"}"#);
        assert_eq!(practice.pass(EVENING).status, 0);
        let log_in = base64(&format!("\0t\0{expected}"));
        assert!(peer.commands().contains(&format!("AUTH PLAIN {log_in}")), "{:?}", peer.commands());
    }
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn a_fault_beside_a_secret_does_not_print_it() {
    for settings in [
        format!(
            r#"{{"transport": "smtp", "host": "127.0.0.1", "from": "termine@example.de", "password": "{SECRET}"}}"#
        ),
        format!(
            r#"{{"transport": "smtp", "host": "127.0.0.1", "from": 7, "user": "u", "secrets": {{"password": "{SECRET}"}}}}"#
        ),
        format!(
            r#"{{"transport": "smtp", "host": "127.0.0.1", "from": "termine@example.de", "secrets": {{"pasword": "{SECRET}"}}}}"#
        ),
        format!(r#"{{"transport": "smtp", "secrets": {{"password": "{SECRET}" }}"#),
        format!(r#"{{"transport": "smtp", "secrets": "{SECRET}"}}"#),
        format!(r#"{{"transport": "smtp", "secrets": {{"password": ["{SECRET}"]}}}}"#),
        format!(
            r#"{{"transport": "smtp", "host": "smtp://termine:{SECRET}@127.0.0.1", "from": "termine@example.de"}}"#
        ),
    ] {
        let practice = Practice::ready();
        practice.appointment(1, "2026-03-11 10:00");
        practice.connection().execute("UPDATE interface SET settings = ?1 WHERE id = 2", [&settings]).unwrap();
        let (text, json) = (practice.pass(EVENING), practice.run(&["--at", "2026-03-10T19:30", "--format", "json"]));
        assert_eq!((text.status, json.status), (1, 1), "{settings}: {text}");
        for text in [text.to_string(), json.to_string(), everything_recorded(&practice)] {
            assert!(!text.contains(SECRET), "{settings}: {text}");
        }
    }
}
