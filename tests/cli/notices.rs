//! What the report says about messages that are fine all the same.

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice};

/// Frau Weiß and her son, who share a number, both without an e-mail address.
fn family() -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations();
    practice.sql(
        "UPDATE customer SET email = NULL;
         INSERT INTO customer (id, first_name, last_name) VALUES (8, 'Timo', 'Weiß');
         INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES (8, 1, '+49 152 28817386', 1);
         INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at) VALUES
             (1, 1, 7, 1, '2026-03-11 10:00', '2026-03-11 10:30'), (2, 1, 8, 1, '2026-03-11 10:30', '2026-03-11 11:00');",
    );
    practice
}

#[test]
fn two_customers_with_one_number_each_get_their_message_and_the_report_names_the_number() {
    assert_snapshot!(family().pass(EVENING), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    Notes
    -----
    - This number is entered more than once: +49 152 *** 86 (customers 7, 8). Each
      gets their own message; that is right for families, otherwise correct the
      number (table customer_phone).

    Optik Muster (HH)
    -----------------
      Sent: 2 text messages
        - Wed 11 Mar 2026, 10:00: Renate Weiß, text message to +49 152 *** 86
        - Wed 11 Mar 2026, 10:30: Timo Weiß, text message to +49 152 *** 86

    In all: 2 messages (2 sent).
    --- status 0
    ");
}

#[test]
fn many_families_are_one_note() {
    let practice = family();
    practice.sql(
        "WITH RECURSIVE number (id) AS (SELECT 101 UNION ALL SELECT id + 1 FROM number WHERE id < 124)
         INSERT INTO customer (id, last_name) SELECT id, 'Kurz' FROM number;
         INSERT INTO customer_phone (customer_id, position, number, sms_allowed)
         SELECT id, 1, '0176 040690' || (id / 2), 1 FROM customer WHERE id > 100;
         INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
         SELECT id, 1, id, 1, '2026-03-11 10:30', '2026-03-11 11:00' FROM customer WHERE id > 100;",
    );
    let report = practice.json(EVENING).0;
    let warnings: Vec<_> = report["warnings"].as_array().unwrap().iter().map(|warning| &warning["text"]).collect();
    assert_snapshot!(serde_json::to_string_pretty(&warnings).unwrap(), @r#"
    [
      "12 numbers are entered more than once: +49 152 *** 86 (customers 7, 8), +49 176 *** 51 (customers 102, 103), +49 176 *** 52 (customers 104, 105), +49 176 *** 53 (customers 106, 107), +49 176 *** 54 (customers 108, 109), +49 176 *** 55 (customers 110, 111), +49 176 *** 56 (customers 112, 113), +49 176 *** 57 (customers 114, 115), +49 176 *** 58 (customers 116, 117), +49 176 *** 59 (customers 118, 119) and 2 more. Each gets their own message; that is right for families, otherwise correct the number (table customer_phone)."
    ]
    "#);
}

#[test]
fn a_text_that_is_too_long_is_sent_all_the_same_and_named() {
    let practice = family();
    practice.sql("UPDATE document_template SET body = body || '. ' || body WHERE name LIKE '% SMS'");
    practice.setting(3, "max_segments", "1");
    let printed = practice.pass(EVENING);
    assert_eq!(printed.status, 0, "{printed}");
    assert!(
        printed.stdout.contains("makes SMS of up to 2 segments, wanted are at\n  most 1 (setting max_segments)"),
        "{printed}"
    );
    assert_eq!(practice.query("SELECT channel, state FROM message"), "sms|sent\nsms|sent");
}

#[test]
fn quotes_from_a_word_processor_are_made_plain_where_that_saves_a_segment() {
    let practice = family();
    practice.sql(
        "UPDATE document_template SET body = '„Bis bald“ – ' || body WHERE name LIKE '% SMS' AND language IS NULL",
    );
    let bodies = |practice: &Practice| practice.query("SELECT DISTINCT substr(body, 1, 15) FROM message");
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_eq!(bodies(&practice), "\"Bis bald\" - Gu");

    let as_written = family();
    as_written.sql(
        "UPDATE document_template SET body = '„Bis bald“ – ' || body WHERE name LIKE '% SMS' AND language IS NULL",
    );
    as_written.setting(3, "replace_typography", "false");
    assert_eq!(as_written.pass(EVENING).status, 0);
    assert_eq!(bodies(&as_written), "„Bis bald“ – Gu");
}
