//! Rows that got past the tables' own checks: each is named, and everybody else gets their message.

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice};

/// Renate's appointment tomorrow comes before Kai's, so that hers, when spoiled, is in the way.
fn renate_and_kai() -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    practice.customer(8, "Kai", "kai@example.de").appointment_of(8, 2, "2026-03-11 11:00");
    practice
}

/// Spoils something past all checks.
fn spoil(practice: &Practice, sql: &str) {
    practice.sql(&format!("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; {sql}"));
}

/// What is said of appointment 1 after `sql`; Kai has his message, and the status is 1.
#[track_caller]
fn named(sql: &str) -> String {
    let practice = renate_and_kai();
    spoil(&practice, sql);
    let (report, status) = practice.json(EVENING);
    assert_eq!(status, 1, "{sql}: {report}");
    assert_eq!(practice.query("SELECT customer_id, state FROM message WHERE pass_id = 1"), "8|sent", "{sql}: {report}");
    let skipped = &report["skipped"][0];
    assert_eq!((&skipped["appointment_id"], &skipped["reason"]), (&1.into(), &"bad_data".into()), "{sql}: {report}");
    skipped["detail"].as_str().unwrap().to_owned()
}

#[test]
fn a_customer_a_type_or_a_branch_that_is_gone() {
    assert_snapshot!(named("DELETE FROM customer WHERE id = 7"), @"appointment 1, customer_id: there is no customer 7");
    assert_snapshot!(named("UPDATE appointment SET type_id = 99 WHERE id = 1"), @"appointment 1, type_id: there is no appointment_type 99");
    assert_snapshot!(named("UPDATE appointment SET branch_id = 99 WHERE id = 1"), @"appointment 1, branch_id: there is no branch 99");
}

#[test]
fn an_end_before_its_start() {
    assert_snapshot!(named("UPDATE appointment SET ends_at = '2026-03-11 09:00' WHERE id = 1"), @"appointment 1, ends_at: 2026-03-11 09:00 is before its start, 2026-03-11 10:00");
}

#[test]
fn bytes_that_are_no_text() {
    assert_snapshot!(named("UPDATE customer SET last_name = CAST(x'576569ff' AS TEXT) WHERE id = 7"), @"customer 7, last_name: bytes that are no UTF-8 text; write the value again in UTF-8");
    assert_snapshot!(named("UPDATE customer SET email = CAST(x'ff' AS TEXT) WHERE id = 7"), @"customer 7, email: bytes that are no UTF-8 text; write the value again in UTF-8");
    assert_snapshot!(named("UPDATE customer_phone SET number = CAST(x'30ff' AS TEXT)"), @"customer_phone 7, number: bytes that are no UTF-8 text; write the value again in UTF-8");
    assert_snapshot!(named("UPDATE appointment SET status = CAST(x'ff' AS TEXT) WHERE id = 1"), @"appointment 1, status: bytes that are no UTF-8 text; write the value again in UTF-8");
    assert_snapshot!(named("UPDATE appointment SET ends_at = CAST(x'ff' AS TEXT) WHERE id = 1"), @"appointment 1, ends_at: bytes that are no UTF-8 text; write the value again in UTF-8");
}

#[test]
fn words_and_numbers_that_mean_nothing() {
    assert_snapshot!(named("UPDATE appointment SET status = 'abgesagt' WHERE id = 1"), @r#"appointment 1, status: "abgesagt" is no known word"#);
    assert_snapshot!(named("UPDATE appointment SET is_group = 2 WHERE id = 1"), @"appointment 1, is_group: 2 where 0 or 1 is needed");
    assert_snapshot!(named("UPDATE customer SET preferred_contact = 'fax' WHERE id = 7"), @r#"customer 7, preferred_contact: "fax" is no known word"#);
    assert_snapshot!(named("UPDATE customer SET deceased = -1 WHERE id = 7"), @"customer 7, deceased: -1 where 0 or 1 is needed");
    assert_snapshot!(named("UPDATE customer_phone SET sms_allowed = 3"), @"customer_phone 7, sms_allowed: 3 where 0 or 1 is needed");
    assert_snapshot!(named("UPDATE appointment SET ends_at = '11.03.2026 10:30' WHERE id = 1"), @r#"appointment 1, ends_at: "11.03.2026 10:30" where a time such as 2026-03-10 19:00 is needed"#);
    assert_snapshot!(named("UPDATE appointment_type SET auto_notify = 5; UPDATE appointment SET type_id = 3 WHERE id = 2;
                            INSERT INTO appointment_type (id, name, auto_notify) VALUES (3, 'Anpassung', 1)"), @"appointment_type 1, auto_notify: 5 where 0 or 1 is needed");
}

#[test]
fn a_record_of_a_message_that_cannot_be_understood_is_no_licence_to_send_again() {
    assert_snapshot!(
        named("INSERT INTO message (id, kind, customer_id, channel, state, sent_at)
               VALUES (100, 'reminder', 7, 'email', 'sent', '2026-03-10T17:00');
               INSERT INTO message_appointment (message_id, appointment_id) VALUES (100, 1)"),
        @r#"message 100, sent_at: "2026-03-10T17:00" where an instant such as 2026-03-10T18:00:00Z is needed"#
    );
    // In the order of texts it comes after every instant.
    assert_snapshot!(
        named("INSERT INTO message (id, kind, customer_id, channel, state, sent_at)
               VALUES (100, 'manual', 7, 'phone', 'sent', 'vorhin');
               INSERT INTO message_appointment (message_id, appointment_id) VALUES (100, 1)"),
        @r#"message 100, sent_at: "vorhin" where an instant such as 2026-03-10T18:00:00Z is needed"#
    );
}

#[test]
fn a_start_that_cannot_be_understood_is_never_silence() {
    for start in [
        "'11.03.2026 10:00'",
        "'nie'",
        "''",
        "CAST(x'323032362d30332d31312031303a3030ff' AS TEXT)",
        "'2026-03-11T10:00'",
        "'2026-03-11 25:00'",
        "'2026-03-11 9:30'",
    ] {
        let practice = renate_and_kai();
        spoil(&practice, &format!("UPDATE appointment SET starts_at = {start} WHERE id = 1"));
        let (report, status) = practice.json(EVENING);
        assert_eq!((status, &report["totals"]["sent"]), (1, &1.into()), "{start}: {report}");
        let named = ["appointment 1, starts_at", "Table appointment, row 1, column starts_at"];
        assert_eq!(
            named.iter().map(|name| report.to_string().matches(name).count()).sum::<usize>(),
            1,
            "{start}: {report}"
        );
    }
}

#[test]
fn a_bad_row_is_named_in_the_words_of_staff_as_well() {
    let practice = renate_and_kai();
    spoil(&practice, "UPDATE customer SET last_name = CAST(x'ff' AS TEXT) WHERE id = 7");
    assert_snapshot!(practice.run(&["--at", EVENING, "--lang", "de"]), @"
    Terminbenachrichtigung, Di., 10.03.2026, 19:00 (Europe/Berlin)
    Erinnerungen: Termine vor Mi., 11.03.2026, 20:00 (vorausschauend)

    Was zu tun ist
    --------------
    - Termin 1 wird nicht erinnert. Tabelle customer, Zeile 7, Spalte last_name ist
      nicht zu verstehen: der Text ist nicht als UTF-8 gespeichert und muss neu
      eingetragen werden. Bitte berichtigen.

    Optik Muster (HH)
    -----------------
      Gesendet: 1 E-Mail
        - Mi., 11.03.2026, 11:00: Kai Sommer, E-Mail an k***@e***.de

    Zusammen: 1 Nachricht (1 gesendet); 1 Termin ausgelassen.
    --- status 1
    ");
}

#[test]
fn bad_rows_among_those_to_confirm_are_warnings() {
    let practice = Practice::ready();
    practice.customer(8, "Kai", "kai@example.de").customer(9, "Ida", "ida@example.de");
    practice.appointment(1, "2026-05-11 10:00").appointment_of(8, 2, "2026-05-11 11:00").appointment_of(
        9,
        3,
        "2026-05-11 12:00",
    );
    spoil(
        &practice,
        "UPDATE appointment SET ends_at = '2026-05-11 09:00' WHERE id = 1; DELETE FROM customer WHERE id = 8",
    );
    let (report, status) = practice.json(EVENING);
    assert_eq!(status, 1);
    assert_snapshot!(report["warnings"], @r#"[{"code":"bad_data","needs_person":true,"text":"Table appointment, row 1, column ends_at cannot be understood: the end (Mon 11 May 2026, 09:00) is before the start (Mon 11 May 2026, 10:00). Please correct it."},{"code":"bad_data","needs_person":true,"text":"Table appointment, row 2, column customer_id cannot be understood: there is no row 8 in the table customer. Please correct it."}]"#);
    assert_eq!(practice.query("SELECT customer_id, kind, state FROM message"), "9|confirmation|sent");
}

#[test]
fn one_bad_appointment_does_not_hold_back_another_of_the_same_customer() {
    let practice = renate_and_kai();
    practice.appointment(3, "2026-03-11 14:00");
    spoil(&practice, "UPDATE appointment SET ends_at = '2026-03-11 09:00' WHERE id = 1");
    let (report, status) = practice.json(EVENING);
    assert_eq!((status, &report["totals"]["sent"]), (1, &2.into()), "{report}");
}

#[test]
fn a_branch_that_cannot_be_understood_concerns_its_own_appointments_only() {
    let practice = renate_and_kai();
    practice.sql(
        "INSERT INTO branch (id, code, name) VALUES (2, 'KI', CAST(x'ff' AS TEXT));
         UPDATE appointment SET branch_id = 2 WHERE id = 1",
    );
    let (report, status) = practice.json(EVENING);
    assert_eq!((status, &report["totals"]["sent"]), (1, &1.into()), "{report}");
    assert_snapshot!(report["skipped"][0]["detail"], @r#""branch 2, name: bytes that are no UTF-8 text; write the value again in UTF-8""#);
}

#[test]
fn settings_that_are_no_text_are_named() {
    let practice = renate_and_kai();
    practice.sql("UPDATE interface SET settings = CAST(x'7bff7d' AS TEXT) WHERE id = 2");
    let (report, status) = practice.json(EVENING);
    assert_eq!(status, 1);
    assert_snapshot!(report["warnings"], @r#"[{"code":"bad_data","needs_person":true,"text":"Table interface, row 2, column settings cannot be understood: the text is not stored as UTF-8 and must be entered again. Please correct it."},{"code":"interface_missing","needs_person":true,"text":"For e-mails there is no interface; nothing can go out that way. Set one up (table interface, kind smtp, for use on the server)."}]"#);
    assert_eq!(practice.query("SELECT customer_id, channel FROM message"), "7|sms");
    practice.sql("UPDATE interface SET settings = CAST(x'7bff7d' AS TEXT) WHERE id = 1");
    assert_snapshot!(practice.pass("2026-03-10T19:30"), @"
    --- stderr
    error: a row cannot be understood: interface 1, settings: bytes that are no UTF-8 text; write the value again in UTF-8
    --- status 78
    ");
}

#[test]
fn a_text_that_is_no_text_defers_its_messages() {
    let practice = renate_and_kai();
    practice.sql("UPDATE document_template SET body = CAST(x'ff' AS TEXT) WHERE name = 'Terminerinnerung E-Mail' AND language IS NULL");
    let (report, status) = practice.json(EVENING);
    assert_eq!((status, &report["totals"]["deferred"]), (1, &2.into()), "{report}");
    assert_snapshot!(report["warnings"], @r#"[{"code":"bad_data","needs_person":true,"text":"Table document_template, row 1, column body cannot be understood: the text is not stored as UTF-8 and must be entered again. Please correct it."},{"code":"text_unusable","needs_person":true,"text":"A text cannot be used: “document template `Terminerinnerung E-Mail`: there is no version without language, for customers of other languages (unless it is row 1, which cannot be understood)”. Messages that need it are postponed until it is corrected (table document_template)."}]"#);
}

#[test]
fn a_name_with_a_line_break_stays_in_its_header() {
    let practice = renate_and_kai();
    practice.sql(
        "UPDATE customer SET last_name = 'Weiß' || char(13, 10) || 'Bcc: alle@example.de', first_name = char(10) || 'Renate' WHERE id = 7;
         UPDATE branch SET name = 'Optik' || char(10) || 'X-Spam: yes'",
    );
    let (report, status) = practice.json(EVENING);
    assert_eq!((status, &report["totals"]["sent"]), (0, &2.into()), "{report}");
    for name in practice.files().iter().filter(|name| name.starts_with("mail/")) {
        let mail = std::fs::read_to_string(practice.path(name)).unwrap();
        let (headers, _) = mail.split_once("\r\n\r\n").unwrap();
        for line in headers.lines() {
            assert!(!line.starts_with("Bcc") && !line.starts_with("X-Spam"), "{headers}");
        }
        assert_eq!(headers.matches("To:").count(), 2, "To and Reply-To: {headers}");
    }
}

#[test]
fn addresses_that_are_none_are_not_written_to() {
    for email in [
        "renate@@example.de",
        "renate@example.de@example.de",
        "renate@example.de, alle@example.de",
        "renate@example.de;alle@example.de",
        "renate@example.de\r\nBcc: alle@example.de",
        "renate@example.de\nRCPT TO:<alle@example.de>",
        "<renate@example.de>",
        "renate example.de",
        "renate@",
        "@example.de",
        "renate@example.de\0",
        "renate@exa mple.de",
        "   ",
    ] {
        let practice = renate_and_kai();
        practice.connection().execute("UPDATE customer SET email = ?1 WHERE id = 7", [email]).unwrap();
        let (report, status) = practice.json(EVENING);
        assert_eq!(status, 0, "{email:?}: {report}");
        let fate = practice.query("SELECT channel, state FROM message WHERE customer_id = 7");
        assert_eq!(fate, "sms|sent", "{email:?}");
        assert!(!practice.contents("mail").contains("alle@"), "{email:?}");
    }
}

#[test]
fn numbers_with_letters_are_nobody_elses() {
    for number in [
        "0152 2881738G",
        "O152 28817386",
        "0152 28817386 Tochter",
        "siehe Akte",
        "0152 28817386 / 0172 9925904",
        "+",
        "0152\n28817386;1",
        "1",
    ] {
        let practice = renate_and_kai();
        practice.sql("UPDATE customer SET email = NULL WHERE id = 7");
        practice.connection().execute("UPDATE customer_phone SET number = ?1", [number]).unwrap();
        let (report, status) = practice.json(EVENING);
        assert_eq!(status, 0, "{number:?}: {report}");
        assert_eq!(report["skipped"][0]["reason"], "unreachable", "{number:?}: {report}");
    }
}

#[test]
fn rows_of_the_record_that_were_left_behind_break_nothing() {
    let practice = renate_and_kai();
    assert_eq!(practice.pass(EVENING).status, 0);
    spoil(
        &practice,
        "DELETE FROM customer; DELETE FROM customer_phone; DELETE FROM appointment; DELETE FROM message WHERE id = 1",
    );
    assert_eq!(practice.pass("2026-03-10T19:30").status, 0);
    assert_eq!(practice.run(&["tasks"]).status, 0);
}

#[test]
fn what_a_message_covered_that_was_never_there_silences_nobody() {
    let practice = renate_and_kai();
    spoil(
        &practice,
        "INSERT INTO message_appointment (message_id, appointment_id, appointment_start, sequence, kind, customer_id, counts)
         VALUES (77, 1, '2026-03-11 10:00', 0, 'reminder', 7, 1)",
    );
    let (report, status) = practice.json(EVENING);
    assert_eq!(
        (status, &report["totals"]["sent"], &report["totals"]["withdrawn"]),
        (0, &2.into(), &0.into()),
        "{report}"
    );
}

#[test]
fn nothing_leaves_that_a_trigger_of_another_program_keeps_out_of_the_record() {
    for table in ["message", "message_appointment"] {
        let practice = renate_and_kai();
        practice.sql(&format!("CREATE TRIGGER theirs BEFORE INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END"));
        let printed = practice.pass(EVENING);
        assert_eq!(
            (printed.status, practice.files()),
            (74, vec!["termine.db".to_owned(), "termine.db.lock".to_owned()])
        );
        assert!(printed.stderr.contains("writing down a message"), "{printed}");
    }
}
