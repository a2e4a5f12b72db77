//! The record of changes: what the practice's software does to the tables, and what is kept of it.

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice};

/// A practice of which nothing has been recorded yet.
fn practice() -> Practice {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00").sql("DELETE FROM change");
    practice
}

/// What was recorded of a table, in order, with one of the old values.
fn recorded(practice: &Practice, column: &str) -> String {
    practice.query(&format!("SELECT table_name, row_id, row_part, what, old ->> '{column}' FROM change ORDER BY seq"))
}

#[test]
fn inserts_updates_and_deletions_are_recorded_with_the_values_before() {
    let practice = practice();
    practice.sql(
        "INSERT INTO customer (id, last_name) VALUES (8, 'Alt');
         UPDATE customer SET last_name = 'Neu' WHERE id = 8;
         INSERT INTO customer_phone (customer_id, position, number) VALUES (8, 2, '030 23125 001');
         DELETE FROM customer_phone WHERE customer_id = 8;
         DELETE FROM customer WHERE id = 8;",
    );
    assert_snapshot!(recorded(&practice, "last_name"), @"
    customer|8|0|insert|
    customer|8|0|update|Alt
    customer_phone|8|2|insert|
    customer_phone|8|2|delete|
    customer|8|0|delete|Neu
    ");
    assert_snapshot!(practice.query("SELECT old FROM change WHERE what = 'delete' ORDER BY seq"), @r#"
    {"customer_id":8,"position":2,"number":"030 23125 001","sms_allowed":0}
    {"id":8,"salutation":null,"first_name":null,"last_name":"Neu","language":null,"preferred_contact":null,"deceased":0,"email":null,"street":null,"postcode":null,"city":null}
    "#);
}

#[test]
fn an_update_that_changes_nothing_is_not_recorded() {
    let practice = practice();
    practice.sql("UPDATE appointment SET status = status, note = NULL; UPDATE customer SET email = email");
    assert_eq!(recorded(&practice, "id"), "");
}

#[test]
fn rows_that_the_tables_number_by_themselves_are_recorded_with_their_number() {
    let practice = practice();
    practice.sql("INSERT INTO customer (last_name) VALUES ('Eins'), ('Zwei')");
    assert_snapshot!(recorded(&practice, "id"), @"
    customer|8|0|insert|
    customer|9|0|insert|
    ");
}

#[test]
fn a_row_that_insert_or_replace_replaces_is_recorded() {
    let practice = practice();
    practice.sql(
        "INSERT OR REPLACE INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
         VALUES (1, 1, 7, 1, '2026-03-12 09:00', '2026-03-12 09:30')",
    );
    assert_snapshot!(recorded(&practice, "starts_at"), @"appointment|1|0|update|2026-03-11 10:00");
}

#[test]
fn insert_or_replace_of_the_same_row_is_not_recorded() {
    let practice = practice();
    for _ in 0..2 {
        practice.sql(
            "INSERT OR REPLACE INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
             VALUES (1, 1, 7, 1, '2026-03-11 10:00', '2026-03-11 10:30')",
        );
    }
    assert_eq!(recorded(&practice, "id"), "");
}

#[test]
fn a_row_that_is_replaced_for_another_unique_column_is_recorded_as_deleted() {
    let practice = practice();
    practice.sql(
        "PRAGMA foreign_keys = OFF;
         INSERT OR REPLACE INTO branch (id, code, name) VALUES (5, 'HH', 'Optik Fünf');
         INSERT OR REPLACE INTO contact_template (name) VALUES ('Terminerinnerung');
         INSERT OR REPLACE INTO document_template (name, body) VALUES ('Terminerinnerung SMS', 'Kurz');
         INSERT INTO branch (id, code, name) VALUES (6, 'B', 'Optik Sechs');
         UPDATE OR REPLACE branch SET code = 'B' WHERE id = 5;",
    );
    let text = practice.query("SELECT id FROM document_template WHERE body = 'Kurz'");
    assert_snapshot!(recorded(&practice, "name").replace(&text, "NEW"), @"
    branch|5|0|insert|
    branch|1|0|delete|Optik Muster
    contact_template|2|0|insert|
    contact_template|1|0|delete|Terminerinnerung
    document_template|NEW|0|insert|
    document_template|3|0|delete|Terminerinnerung SMS
    branch|6|0|insert|
    branch|6|0|delete|Optik Sechs
    branch|5|0|update|Optik Fünf
    ");
}

#[test]
fn a_row_that_gets_another_number_is_recorded_under_both() {
    let practice = practice();
    practice.customer(8, "Max", "max@example.de").sql("DELETE FROM change");
    practice.sql(
        "PRAGMA foreign_keys = OFF;
         UPDATE customer SET id = 9 WHERE id = 8;
         UPDATE OR REPLACE customer SET id = 7 WHERE id = 9;",
    );
    let mut lines: Vec<_> = recorded(&practice, "first_name").lines().map(str::to_owned).collect();
    lines.sort();
    assert_snapshot!(lines.join("\n"), @"
    customer|7|0|update|Renate
    customer|8|0|delete|Max
    customer|9|0|delete|Max
    customer|9|0|insert|
    ");
}

#[test]
fn an_upsert_records_what_it_changes_and_nothing_else() {
    let practice = practice();
    let upsert = "INSERT INTO branch (id, code, name) VALUES (1, 'HH', 'Optik Muster'), (2, 'B', 'Optik Zwei')
                  ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE name <> excluded.name";
    practice.sql(upsert);
    practice.sql(upsert);
    assert_snapshot!(recorded(&practice, "name"), @"branch|2|0|insert|");
    practice.sql(&upsert.replace("Optik Muster", "Optik Neu"));
    assert_snapshot!(recorded(&practice, "name"), @"
    branch|2|0|insert|
    branch|1|0|update|Optik Muster
    ");
    assert_eq!(practice.query("SELECT count(*) FROM change_stash WHERE table_name = 'branch'"), "0");
}

#[test]
fn an_insert_that_is_ignored_is_not_recorded_also_not_by_what_comes_after_it() {
    let practice = practice();
    practice.sql(
        "INSERT OR IGNORE INTO branch (id, code, name) VALUES (1, 'HH', 'Anders');
         INSERT OR IGNORE INTO branch (code, name) VALUES ('HH', 'Ohne Nummer');
         INSERT INTO branch (id, code, name) VALUES (1, 'HH', 'Anders') ON CONFLICT DO NOTHING;
         PRAGMA foreign_keys = OFF;
         INSERT OR REPLACE INTO branch SELECT * FROM branch;",
    );
    assert_eq!(recorded(&practice, "name"), "");
    practice.sql("PRAGMA foreign_keys = OFF; DELETE FROM branch WHERE id = 1; INSERT INTO branch (id, code, name) VALUES (3, 'C', 'Optik Drei')");
    assert_snapshot!(recorded(&practice, "name"), @"
    branch|1|0|delete|Optik Muster
    branch|3|0|insert|
    ");
}

#[test]
fn an_hourly_synchronisation_that_finds_everything_as_it_is_changes_not_a_byte() {
    let practice = practice();
    std::fs::write(practice.path("praxis.db"), []).unwrap();
    let export =
        rusqlite::Connection::open_with_flags(practice.path("praxis.db"), rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE)
            .unwrap();
    export
        .execute_batch(&format!(
            "ATTACH '{}' AS termine;
             CREATE TABLE branch AS SELECT * FROM termine.branch;
             CREATE TABLE appointment_type AS SELECT * FROM termine.appointment_type;
             CREATE TABLE customer AS SELECT * FROM termine.customer;
             CREATE TABLE customer_phone AS SELECT * FROM termine.customer_phone;
             CREATE TABLE appointment AS SELECT * FROM termine.appointment;",
            practice.path("termine.db").display()
        ))
        .unwrap();
    drop(export);
    let sync = include_str!("../../examples/sync.sql")
        .replace("'file:praxis.db?mode=rw'", &format!("'{}'", practice.path("praxis.db").display()));
    let before = std::fs::read(practice.path("termine.db")).unwrap();
    practice.sql(&sync);
    assert!(std::fs::read(practice.path("termine.db")).unwrap() == before, "the file is another one");
}

#[test]
fn secrets_are_never_recorded() {
    let practice = practice();
    let settings = |json: &str| {
        practice.sql(&format!("UPDATE interface SET settings = '{json}' WHERE id = 3"));
    };
    settings(r#"{"gateway": "file", "secrets": {"api_key": "hunter2", "token_env": "hunter2"}}"#);
    settings(r#"{"gateway": "file", "secrets": {"a": "hunter2"}, "secrets": {"b": "hunter2"}}"#);
    settings(r#"{"secrets": "hunter2"}"#);
    settings(r#"{"x": 1, "secrets": {"a": "hunter2"}, "secrets": {"b": "hunter2"}, "secrets": {"c": "hunter2"}}"#);
    settings(r#"{"gateway": "broken", "secrets": {"api_key": "hunter2""#);
    settings("[]");
    practice.sql("INSERT OR REPLACE INTO interface (id, kind) VALUES (3, 'sms'); DELETE FROM interface WHERE id = 3");
    assert_snapshot!(practice.query("SELECT what, old -> 'settings', old -> 'secrets' FROM change ORDER BY seq"), @r#"
    update|{"gateway":"file","directory":"sms"}|null
    update|{"gateway":"file"}|["api_key","token_env"]
    update|null|["a"]
    update|{}|0
    update|null|["a"]
    update|null|null
    update|[]|null
    delete|{}|null
    "#);
    // A real pass records the settings as well.
    practice.sql(r#"UPDATE interface SET settings = json_set(settings, '$.secrets', json('{"api_key": "hunter2"}')) WHERE id = 2"#);
    practice.pass(EVENING);
    assert_eq!(
        practice.query("SELECT count(*) FROM change, pass WHERE old LIKE '%hunter%' OR pass.settings LIKE '%hunter%'"),
        "0"
    );
    assert_eq!(practice.query("SELECT count(*) FROM change_stash WHERE old LIKE '%hunter%'"), "0");
}

#[test]
fn odd_values_stop_no_writer() {
    let practice = practice();
    practice.sql(
        "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;
         UPDATE customer SET last_name = CAST(x'ff00fe' AS TEXT), preferred_contact = 'fax' WHERE id = 7;
         UPDATE customer SET last_name = 'Wei' || char(0) || 'ß' WHERE id = 7;
         UPDATE customer SET last_name = char(55357, 10, 34, 92) WHERE id = 7;
         INSERT OR REPLACE INTO customer (id, last_name) VALUES (7, CAST(x'c3' AS TEXT));
         UPDATE appointment SET starts_at = 'bald', customer_id = 99 WHERE id = 1;
         INSERT OR REPLACE INTO appointment (id, branch_id, type_id, starts_at, ends_at) VALUES (1, -9, -1, '', '');
         INSERT INTO appointment (id, branch_id, type_id, starts_at, ends_at) VALUES (-1, 1, 1, '', '');
         INSERT INTO appointment (id, branch_id, type_id, starts_at, ends_at) VALUES (9223372036854775807, 1, 1, '', '');
         DELETE FROM appointment;
         UPDATE interface SET settings = x'ff' || '{' WHERE id = 3;
         UPDATE interface SET settings = '' WHERE id = 3;",
    );
    assert_eq!(practice.query("SELECT count(*) FROM change"), "13");
}

#[test]
fn the_columns_of_every_recorded_table_are_all_recorded() {
    let practice = practice();
    practice.sql(
        "PRAGMA foreign_keys = OFF;
         INSERT INTO message (id, kind, customer_id, channel, state, sent_at)
         VALUES (1, 'manual', 7, 'phone', 'sent', '2026-03-10T11:00:00Z');
         INSERT INTO message_appointment (message_id, appointment_id) VALUES (1, 1);
         DELETE FROM appointment; DELETE FROM customer; DELETE FROM customer_phone; DELETE FROM branch;
         DELETE FROM appointment_type; DELETE FROM document_template; DELETE FROM contact_template_channel;
         DELETE FROM contact_template; DELETE FROM interface; DELETE FROM message_appointment; DELETE FROM message;",
    );
    let of_tables =
        practice.query("SELECT DISTINCT table_name, name FROM change, pragma_table_info(table_name) ORDER BY 1, 2");
    let of_record = practice.query(
        "SELECT DISTINCT table_name, key FROM change, json_each(old)
         WHERE what = 'delete' AND (table_name, key) <> ('interface', 'secrets') ORDER BY 1, 2",
    );
    assert_eq!(of_record, of_tables);
    assert_eq!(practice.query("SELECT count(DISTINCT table_name) FROM change"), "11");
}

#[test]
fn messages_of_passes_are_recorded_only_once_their_fate_is_settled() {
    let practice = practice();
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_eq!(recorded(&practice, "id"), "", "a pass knows its own");
    practice.sql("UPDATE message SET state = 'failed', error = 'it came back' WHERE id = 1");
    practice.sql("DELETE FROM message WHERE id = 1; DELETE FROM message_appointment WHERE message_id = 1");
    assert_snapshot!(recorded(&practice, "state"), @"
    message|1|0|update|sent
    message|1|0|delete|failed
    message_appointment|1|1|delete|
    ");
}

#[test]
fn a_message_by_hand_is_recorded_with_what_it_covers() {
    let practice = practice();
    practice.sql(
        "INSERT INTO message (kind, customer_id, channel, state, sent_at)
         VALUES ('manual', 7, 'phone', 'sent', '2026-03-10T11:00:00Z');
         INSERT INTO message_appointment (message_id, appointment_id) VALUES (last_insert_rowid(), 1);",
    );
    assert_snapshot!(practice.query("SELECT * FROM message_appointment"), @"1|1|2026-03-11 10:00||manual|7|1");
    assert_snapshot!(recorded(&practice, "id"), @"
    message|1|0|insert|
    message_appointment|1|1|insert|
    ");
}

#[test]
fn every_pass_leaves_a_row_with_what_it_saw_and_how_it_went() {
    let practice = practice();
    practice.sql("DELETE FROM sqlite_sequence WHERE name = 'change'");
    practice.appointment(2, "2026-03-11 11:00").sql("UPDATE appointment SET status = 'cancelled' WHERE id = 2");
    practice.sql(
        "INSERT INTO message (kind, customer_id, channel, state, sent_at)
         VALUES ('manual', 8, 'phone', 'sent', '2026-03-10T11:00:00Z')",
    );
    practice.pass(EVENING);
    practice.pass("2026-03-10T21:00");
    let passes =
        "SELECT id, at, result, exit_status, host, reminder_until, look_ahead, confirmation_from, confirmation_to,
                  sent, skipped, skipped_by_reason, chain_change, last_change, last_message, in_flight,
                  took_ms IS NOT NULL, secrets_missing FROM pass ORDER BY id";
    assert_snapshot!(practice.query(passes), @r#"
    1|2026-03-10T18:00:00Z|complete|0|server|2026-03-11T19:00:00Z|1|2026-03-11|2026-06-30|1|1|{"cancelled":1}|3|3|1|[]|1|
    2|2026-03-10T20:00:00Z|quiet|0|server|||||0|0|{}|3||||1|
    "#);
    assert_snapshot!(practice.query("SELECT value FROM pass, json_each(settings) WHERE pass.id = 1"), @r#"
    {"branch_id":null,"id":1,"kind":"appointment_notification","server_side":true,"settings":{"confirmation":{"attach_ics":true,"document_template":"Terminbestätigung"},"night_rest":{"end":"06:00","start":"20:00"},"reminder":{"hours_before":24,"min_hours_between_messages":6}},"start_date":null,"workstation":null}
    {"branch_id":null,"id":2,"kind":"smtp","server_side":true,"settings":{"directory":"mail","from":"Optik Muster <termine@example.de>","transport":"file"},"start_date":null,"workstation":null}
    {"branch_id":null,"id":3,"kind":"sms","server_side":true,"settings":{"directory":"sms","gateway":"file"},"start_date":null,"workstation":null}
    "#);
}
