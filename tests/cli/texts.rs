//! F8: a text that cannot be used defers its own messages and nobody else's.

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice};

/// Renate wants e-mail, Kai SMS; both have an appointment tomorrow.
fn one_by_mail_one_by_sms() -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().customer(8, "Kai", "kai@example.de");
    practice.sql(
        "INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES (8, 1, '0172 9925904', 1);
         UPDATE customer SET preferred_contact = 'sms' WHERE id = 8",
    );
    practice.appointment(1, "2026-03-11 10:00").appointment_of(8, 2, "2026-03-11 11:00");
    practice
}

fn body(practice: &Practice, name: &str, body: &str) {
    practice.sql(&format!("UPDATE document_template SET body = '{body}' WHERE name = '{name}' AND language IS NULL"));
}

#[test]
fn an_unknown_variable_defers_only_the_messages_of_that_text_and_is_named_first() {
    let practice = one_by_mail_one_by_sms();
    body(&practice, "Terminerinnerung SMS", "Guten Tag,\nHallo {{ customer.nmae }}!");
    assert_snapshot!(practice.pass(EVENING), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    What needs doing
    ----------------
    - A text cannot be used: “document template `Terminerinnerung SMS`, body, line
      2: unknown name `nmae` of a customer; did you mean `name`? known are
      `salutation`, `first_name`, `last_name`, `name`, `street`, `postcode`,
      `city`”. Messages that need it are postponed until it is corrected (table
      document_template).
    - 1 message is postponed since the text cannot be used; a later pass decides
      anew while the appointment is still ahead.

    Optik Muster (HH)
    -----------------
      Sent: 1 e-mail
        - Wed 11 Mar 2026, 10:00: Renate Weiß, e-mail to r***@e***.de
      Postponed: 1 message
        - Wed 11 Mar 2026, 11:00: Kai Sommer, text message to +49 172 *** 04

    In all: 2 messages (1 sent, 1 postponed).
    --- status 1
    ");
    assert_eq!(practice.query("SELECT customer_id, channel, state FROM message"), "7|email|sent\n8|sms|deferred");
    // Once it is mended, the next pass makes up for it, in the same row.
    body(&practice, "Terminerinnerung SMS", "Hallo {{ customer.name }}!");
    assert_eq!(practice.pass("2026-03-10T19:30").status, 0);
    assert_eq!(
        practice.query("SELECT id, customer_id, state, body FROM message WHERE id = 2"),
        "2|8|sent|Hallo Kai Sommer!"
    );
}

#[test]
fn a_text_that_cannot_be_read_as_a_template_is_named_with_its_line() {
    let practice = one_by_mail_one_by_sms();
    body(&practice, "Terminerinnerung SMS", "Guten Tag,\n{% if customer.name %}Hallo");
    let (report, status) = practice.json(EVENING);
    assert_eq!(status, 1);
    assert_snapshot!(report["warnings"], @r#"[{"code":"text_unusable","needs_person":true,"text":"A text cannot be used: “document template `Terminerinnerung SMS`, body, line 2: syntax error: unexpected end of input, expected end of block”. Messages that need it are postponed until it is corrected (table document_template)."}]"#);
    assert_eq!(report["messages"][1]["outcome"], "deferred");
    assert_eq!(report["messages"][1]["deferral"], "text");
}

#[test]
fn a_name_that_no_text_bears_is_told_with_the_one_that_was_meant() {
    let practice = one_by_mail_one_by_sms();
    practice.sql("UPDATE contact_template_channel SET document_template = 'Terminerinerung SMS' WHERE channel = 'sms'");
    let (report, status) = practice.json(EVENING);
    assert_eq!(status, 1);
    assert_snapshot!(report["warnings"], @r#"[{"code":"text_unusable","needs_person":true,"text":"A text cannot be used: “there is no document template `Terminerinerung SMS`; did you mean `Terminerinnerung SMS`?”. Messages that need it are postponed until it is corrected (table document_template)."}]"#);
    assert_eq!(report["totals"]["sent"], 1);
    assert_eq!(report["totals"]["deferred"], 1);
}

#[test]
fn a_text_without_a_version_for_every_language_defers_who_speaks_another() {
    let practice = one_by_mail_one_by_sms();
    practice.sql(
        "DELETE FROM document_template WHERE name = 'Terminerinnerung SMS' AND language IS NULL;
         INSERT INTO customer (id, first_name, last_name, language, preferred_contact)
         VALUES (9, 'Ann', 'Winter', 'en-GB', 'sms');
         INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES (9, 1, '0172 9925905', 1)",
    );
    practice.appointment_of(9, 3, "2026-03-11 12:00");
    assert_snapshot!(practice.pass(EVENING), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    What needs doing
    ----------------
    - A text cannot be used: “document template `Terminerinnerung SMS`: there is no
      version without language, for customers of other languages”. Messages that
      need it are postponed until it is corrected (table document_template).
    - 1 message is postponed since the text cannot be used; a later pass decides
      anew while the appointment is still ahead.

    Optik Muster (HH)
    -----------------
      Sent: 1 e-mail, 1 text message
        - Wed 11 Mar 2026, 10:00: Renate Weiß, e-mail to r***@e***.de
        - Wed 11 Mar 2026, 12:00: Ann Winter, text message to +49 172 *** 05
      Postponed: 1 message
        - Wed 11 Mar 2026, 11:00: Kai Sommer, text message to +49 172 *** 04

    In all: 3 messages (2 sent, 1 postponed).
    --- status 1
    ");
    assert_eq!(practice.query("SELECT customer_id, state FROM message"), "7|sent\n8|deferred\n9|sent");
}

#[test]
fn f1_a_text_of_another_format_defers_its_messages() {
    let practice = one_by_mail_one_by_sms();
    practice
        .sql("UPDATE document_template SET format = 'html' WHERE name = 'Terminerinnerung SMS' AND language IS NULL");
    let (report, status) = practice.json(EVENING);
    assert_eq!((status, &report["totals"]["sent"], &report["totals"]["deferred"]), (1, &1.into(), &1.into()));
    assert_snapshot!(report["warnings"], @r#"[{"code":"text_unusable","needs_person":true,"text":"A text cannot be used: “document template `Terminerinnerung SMS`: its format is `html`, and only `plain_text` can be sent”. Messages that need it are postponed until it is corrected (table document_template)."}]"#);
}

#[test]
fn a_bad_text_of_another_language_stops_only_who_speaks_it() {
    let practice = one_by_mail_one_by_sms();
    practice.sql(
        "UPDATE document_template SET body = '{{ nonsense }}' WHERE name = 'Terminerinnerung SMS' AND language = 'en'",
    );
    let (report, status) = practice.json(EVENING);
    assert_eq!((status, &report["totals"]["sent"]), (1, &2.into()), "{report}");
}

#[test]
fn a_bad_confirmation_holds_back_no_reminder() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00").appointment(2, "2026-05-11 10:00");
    body(&practice, "Terminbestätigung", "{{ appointment.tmie }}");
    practice.pass(EVENING);
    assert_eq!(practice.query("SELECT kind, state FROM message"), "reminder|sent\nconfirmation|deferred");
}

#[test]
fn nobody_reads_the_name_of_another_customer() {
    let practice = Practice::ready();
    practice.without_confirmations();
    for id in 10..40 {
        practice.customer(id, &format!("Vorname{id}"), &format!("kunde{id}@example.de"));
        practice.appointment_of(id, id, "2026-03-11 10:00");
    }
    let (report, status) = practice.json(EVENING);
    assert_eq!(status, 0);
    for message in report["messages"].as_array().unwrap() {
        let own = format!("Vorname{}", message["customer_id"]);
        let body = message["body"].as_str().unwrap();
        assert_eq!(body.matches("Vorname").count(), body.matches(&own).count(), "{message}");
        assert!(body.contains(&own) && !body.contains("{{"), "{message}");
        assert_eq!(message["address"], format!("kunde{}@example.de", message["customer_id"]));
    }
}

#[test]
fn the_words_of_a_customer_are_no_template_and_no_mark_up() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00");
    practice
        .sql("UPDATE customer SET salutation = NULL, first_name = '{{ 7 * 7 }} <b>&', last_name = 'O''Hara {% raw %}'");
    let (report, status) = practice.json(EVENING);
    assert_eq!(status, 0);
    assert!(report["messages"][0]["body"].as_str().unwrap().contains("{{ 7 * 7 }} <b>& O'Hara {% raw %}"), "{report}");
}
