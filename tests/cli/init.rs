//! `terminbote init`.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::practice::Practice;

#[test]
fn init_says_what_to_do_next() {
    let practice = Practice::empty();
    assert_snapshot!(practice.run(&["init"]), @"
    termine.db has been made, with German and English texts.
    Next: set up the interfaces (see examples/settings.sql), put in the appointments
    (see examples/sync.sql), then look at what would be sent:
    terminbote --db termine.db --dry-run
    --- status 0
    ");
}

#[test]
fn init_run_again_changes_not_a_byte() {
    let practice = Practice::new();
    let before = std::fs::read(practice.path("termine.db")).unwrap();
    assert_snapshot!(practice.run(&["init", "--lang", "de"]), @"
    termine.db ist auf dem neuesten Stand; nichts wurde geändert.
    --- status 0
    ");
    assert_eq!(std::fs::read(practice.path("termine.db")).unwrap(), before);
    assert_eq!(practice.files(), ["termine.db"]);
}

#[test]
fn several_calls_at_once_make_one_database() {
    let practice = Practice::empty();
    let mut call = || practice.command(&["init"]).stdout(Stdio::null()).spawn().unwrap();
    let calls: Vec<_> = std::iter::repeat_with(&mut call).take(6).collect();
    for mut call in calls {
        assert!(call.wait().unwrap().success());
    }
    assert_eq!(practice.query("SELECT count(*) FROM chain"), "1");
}

#[test]
fn init_never_brings_back_what_the_chain_has_changed_or_deleted() {
    let practice = Practice::new();
    practice.sql("UPDATE document_template SET body = 'Bis bald!' WHERE name = 'Terminerinnerung SMS'");
    practice.sql(
        "DELETE FROM document_template WHERE language = 'en'; DELETE FROM contact_template_channel WHERE position = 2",
    );
    assert_eq!(practice.run(&["init"]).status, 0);
    assert_eq!(practice.query("SELECT count(*) FROM document_template WHERE language = 'en'"), "0");
    assert_eq!(practice.query("SELECT DISTINCT body FROM document_template WHERE name LIKE '% SMS'"), "Bis bald!");
    assert_eq!(practice.query("SELECT channel FROM contact_template_channel"), "email");
}

#[test]
fn changes_are_recorded_from_the_beginning() {
    assert_eq!(Practice::new().query("SELECT changes_since IS NOT NULL FROM chain"), "1");
}

#[test]
fn two_chains_never_share_an_identity() {
    let identity = |practice: &Practice| practice.query("SELECT identity FROM chain");
    let (one, other) = (Practice::new(), Practice::new());
    assert_eq!(identity(&one).len(), 32);
    assert_ne!(identity(&one), identity(&other));
}

#[test]
fn what_init_makes_is_for_its_owner_only() {
    let practice = Practice::new();
    let mode = std::fs::metadata(practice.path("termine.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_database_shared_with_other_software_keeps_its_mode() {
    let practice = Practice::ready();
    let shared = std::fs::Permissions::from_mode(0o660);
    std::fs::set_permissions(practice.path("termine.db"), shared).unwrap();
    assert_eq!(practice.run(&["init"]).status, 0);
    let mode = |name: &str| std::fs::metadata(practice.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("termine.db"), 0o660);
    practice.pass(crate::practice::EVENING);
    assert_eq!(mode("termine.db"), 0o660);
    // Whoever shares the database may run a pass as well.
    assert_eq!(mode("termine.db.lock"), 0o660);
}

#[test]
fn the_initial_texts_are_complete_and_the_contact_template_uses_them() {
    let practice = Practice::new();
    assert_snapshot!(practice.query("SELECT name, language, format FROM document_template ORDER BY name, language"), @"
    Terminbestätigung||plain_text
    Terminbestätigung|en|plain_text
    Terminerinnerung Brief||plain_text
    Terminerinnerung Brief|en|plain_text
    Terminerinnerung E-Mail||plain_text
    Terminerinnerung E-Mail|en|plain_text
    Terminerinnerung SMS||plain_text
    Terminerinnerung SMS|en|plain_text
    Terminerinnerung Telefon||plain_text
    Terminerinnerung Telefon|en|plain_text
    ");
    assert_snapshot!(
        practice.query("SELECT name, position, channel, document_template FROM contact_template
                        JOIN contact_template_channel ON contact_template_id = id ORDER BY position"),
        @"
    Terminerinnerung|1|email|Terminerinnerung E-Mail
    Terminerinnerung|2|sms|Terminerinnerung SMS
    "
    );
}

#[test]
fn init_leaves_the_database_of_another_program_alone() {
    let practice = Practice::empty();
    rusqlite_file(&practice, "CREATE TABLE rezepte (id INTEGER)");
    let before = std::fs::read(practice.path("termine.db")).unwrap();
    assert_snapshot!(practice.run(&["init"]), @"
    --- stderr
    error: termine.db belongs to another program; name another file
    --- status 65
    ");
    assert_eq!(std::fs::read(practice.path("termine.db")).unwrap(), before);
}

#[test]
fn tables_of_a_newer_version_are_left_alone() {
    let practice = Practice::new();
    practice.sql("PRAGMA user_version = 4000");
    assert_snapshot!(practice.run(&["init"]), @"
    --- stderr
    error: termine.db has tables of version 4000, made by a newer terminbote; this program knows 6: install that one
    --- status 65
    ");
    assert_snapshot!(practice.pass(crate::practice::EVENING), @"
    --- stderr
    error: termine.db was made by a newer terminbote (tables of version 4000; this program knows 6): install that version
    --- status 65
    ");
}

/// A database of version 1 with the demo's chain, which has a message in its record.
fn of_version_1() -> Practice {
    let old = Practice::empty();
    rusqlite_file(&old, include_str!("../../sql/schema.sql"));
    old.sql(include_str!("../../sql/texts.sql"));
    old.sql("INSERT INTO chain VALUES (1, 'f00d'); PRAGMA application_id = 0x746d6274; PRAGMA user_version = 1");
    old.sql(include_str!("../../examples/demo.sql"));
    old
}

/// What the practice and the record have, whatever else the tables hold.
fn contents(practice: &Practice) -> String {
    practice.query(
        "SELECT (SELECT group_concat(id || starts_at) FROM appointment), (SELECT group_concat(id || body) FROM message),
                (SELECT group_concat(message_id || appointment_id || appointment_start) FROM message_appointment),
                (SELECT group_concat(id || settings) FROM interface), (SELECT identity FROM chain)",
    )
}

/// What the copy beside the database has, with the version of its tables.
fn contents_of_the_copy(practice: &Practice) -> String {
    let copy = Practice::empty();
    std::fs::copy(practice.path("termine.db.version-1"), copy.path("termine.db")).unwrap();
    assert_eq!(copy.query("PRAGMA integrity_check"), "ok");
    assert_eq!(copy.query("PRAGMA user_version"), "1");
    contents(&copy)
}

#[test]
fn tables_of_the_first_version_are_brought_up_to_date_with_all_that_is_in_them() {
    let old = of_version_1();
    let before = contents(&old);
    assert_snapshot!(old.pass(crate::practice::EVENING), @"
    --- stderr
    error: termine.db has the tables of version 1, this program needs 6: run `terminbote init --db termine.db`, which makes a copy of the file first
    --- status 65
    ");
    assert_snapshot!(old.run(&["init", "--lang", "en"]), @"
    termine.db has been brought from version 1 to version 6. What it was before is in
    termine.db.version-1; delete that copy once all is well.
    --- status 0
    ");
    let (made, fresh) = (Practice::new(), "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name");
    assert_eq!(old.query(fresh), made.query(fresh));
    assert_eq!(contents(&old), before);
    assert_eq!(old.pass(crate::practice::EVENING).status, 0);
}

#[test]
fn before_older_tables_are_changed_the_file_is_copied_for_its_owner_only() {
    let old = of_version_1();
    let shared = std::fs::Permissions::from_mode(0o660);
    std::fs::set_permissions(old.path("termine.db"), shared).unwrap();
    let before = contents(&old);
    assert_eq!(old.run(&["init"]).status, 0);
    assert_eq!(contents_of_the_copy(&old), before);
    let mode = |name: &str| std::fs::metadata(old.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("termine.db"), mode("termine.db.version-1")), (0o660, 0o600));
    assert_eq!(old.files(), ["termine.db", "termine.db.lock", "termine.db.version-1"]);
}

#[test]
fn an_upgrade_that_broke_off_is_done_again_from_a_copy_of_the_present_state() {
    let old = of_version_1();
    // The power failed while the copy was being written, and once more between the copy and the change.
    std::fs::write(old.path("termine.db.version-1.part"), "SQLite format 3\0 and no more").unwrap();
    std::fs::copy(old.path("termine.db"), old.path("termine.db.version-1")).unwrap();
    old.sql("UPDATE chain SET identity = 'cafe'");
    let before = contents(&old);
    assert_eq!(old.run(&["init"]).status, 0);
    assert_eq!(contents_of_the_copy(&old), before);
    assert_eq!(contents(&old), before);
    assert_eq!(old.files(), ["termine.db", "termine.db.lock", "termine.db.version-1"]);
}

#[test]
fn no_tables_are_changed_while_a_pass_runs() {
    let old = of_version_1();
    let before = std::fs::read(old.path("termine.db")).unwrap();
    let lock = std::fs::File::create(old.path("termine.db.lock")).unwrap();
    lock.lock().unwrap();
    std::fs::write(old.path("termine.db.lock"), "process 4711 since 2026-03-10 19:00:00 +01:00").unwrap();
    assert_snapshot!(old.run(&["init"]), @"
    --- stderr
    error: another pass over termine.db is running: process 4711 since 2026-03-10 19:00:00 +01:00
    --- status 75
    ");
    assert_eq!(std::fs::read(old.path("termine.db")).unwrap(), before);
    drop(lock);
    assert_eq!(old.run(&["init"]).status, 0);
}

/// A pass that sends many messages has a log as long as it runs.
#[test]
fn init_beside_a_large_pass_says_that_one_runs() {
    let practice = Practice::ready();
    let pass = practice.connection();
    pass.execute_batch("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; UPDATE chain SET identity = identity").unwrap();
    let lock = std::fs::File::create(practice.path("termine.db.lock")).unwrap();
    lock.lock().unwrap();
    std::fs::write(practice.path("termine.db.lock"), "process 4711 since 2026-03-10 19:00:00 +01:00").unwrap();
    assert_snapshot!(practice.run(&["init"]), @"
    --- stderr
    error: another pass over termine.db is running: process 4711 since 2026-03-10 19:00:00 +01:00
    --- status 75
    ");
}

#[test]
fn tables_of_the_second_version_get_the_triggers_of_today() {
    let old = Practice::empty();
    rusqlite_file(&old, include_str!("../../sql/schema.sql"));
    for sql in [
        include_str!("../../sql/texts.sql"),
        include_str!("../../examples/demo.sql"),
        "UPDATE appointment SET starts_at = '2999-03-11 09:00', ends_at = '2999-03-11 09:30' WHERE id = 1001",
        include_str!("../../sql/ledger.sql"),
        include_str!("../../sql/changes.sql"),
        include_str!("../../sql/pass_warning.sql"),
        include_str!("../../sql/retention.sql"),
        include_str!("../../sql/untold.sql"),
        "INSERT INTO chain (id, identity) VALUES (1, 'f00d');
         CREATE TRIGGER untold_cover_inserted AFTER INSERT ON message_appointment BEGIN DELETE FROM untold; END;
         CREATE TRIGGER branch_change_new AFTER INSERT ON branch BEGIN DELETE FROM change; END;
         PRAGMA application_id = 0x746d6274; PRAGMA user_version = 2",
    ] {
        old.sql(sql);
    }
    let untold = || old.query("SELECT * FROM untold");
    let before = (contents(&old), untold());
    assert!(!before.1.is_empty());
    assert_snapshot!(old.run(&["init", "--lang", "en"]), @"
    termine.db has been brought from version 2 to version 6. What it was before is in
    termine.db.version-2; delete that copy once all is well.
    --- status 0
    ");
    assert_eq!((contents(&old), untold()), before);
    let (made, fresh) = (Practice::new(), "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name");
    assert_eq!(old.query(fresh), made.query(fresh));
}

#[test]
fn the_tables_enforce_what_the_contract_says_of_times() {
    let practice = Practice::ready();
    let refused = |sql: &str| practice.connection().execute_batch(sql).expect_err(sql).to_string();
    for start in [
        "2026-02-30 10:00",
        "2026-03-10T10:00",
        "2026-03-10 10:00:00",
        "2026-03-10",
        "10.03.2026 10:00",
        "2026-03-10 25:00",
    ] {
        let error = refused(&format!(
            "INSERT INTO appointment (branch_id, type_id, starts_at, ends_at) VALUES (1, 1, '{start}', '2026-03-10 11:00')"
        ));
        assert!(error.contains("CHECK constraint failed"), "{start}: {error}");
    }
    for at in ["2026-03-10T11:00:00", "2026-03-10 11:00:00Z", "2026-03-10T11:00:00+01:00", "2026-03-10T11:00:61Z"] {
        let error = refused(&format!(
            "INSERT INTO message (kind, customer_id, channel, state, sent_at) VALUES ('manual', 7, 'phone', 'sent', '{at}')"
        ));
        assert!(error.contains("CHECK constraint failed"), "{at}: {error}");
    }
}

#[test]
fn the_database_refuses_an_impossible_transition_of_a_message() {
    let practice = Practice::ready();
    practice.sql(
        "INSERT INTO message (id, kind, customer_id, channel, state, sent_at)
         VALUES (1, 'reminder', 7, 'email', 'failed', '2026-03-10T11:00:00Z')",
    );
    let error = practice.connection().execute_batch("UPDATE message SET state = 'sending'").expect_err("refused");
    assert_eq!(error.to_string(), "a message cannot go from its state to that one");
}

#[test]
fn a_message_by_hand_is_written_as_the_contract_has_it() {
    let practice = Practice::ready();
    practice.appointment(4711, "2026-03-11 10:00").appointment(4712, "2026-03-12 10:00");
    practice.sql(
        "BEGIN;
         INSERT INTO message (kind, customer_id, channel, address, body, state, sent_at)
         VALUES ('manual', 7, 'phone', '030 23125 001', '…', 'sent', '2026-03-10T11:00:00Z');
         INSERT INTO message_appointment (message_id, appointment_id) VALUES (last_insert_rowid(), 4711);
         INSERT INTO message_appointment (message_id, appointment_id) VALUES (last_insert_rowid(), 4712);
         COMMIT;",
    );
    assert_snapshot!(practice.query("SELECT * FROM appointment_history ORDER BY appointment_id"), @"
    4711|2026-03-10T11:00:00Z|manual|phone|030 23125 001|2026-03-11 10:00|sent||1
    4712|2026-03-10T11:00:00Z|manual|phone|030 23125 001|2026-03-12 10:00|sent||1
    ");
    assert_snapshot!(practice.query("SELECT * FROM customer_history"), @"7|2026-03-10T11:00:00Z|manual|phone|030 23125 001||…|sent||1");
}

#[test]
fn g1_the_date_of_the_last_notification_is_that_of_the_newest_counting_message() {
    let practice = Practice::ready();
    practice.appointment(4711, "2026-03-11 10:00");
    practice.sql(
        "INSERT INTO message (id, kind, customer_id, channel, state, sent_at) VALUES
             (1, 'manual', 7, 'phone', 'sent', '2026-03-09T11:00:00Z'),
             (2, 'manual', 7, 'email', 'failed', '2026-03-10T11:00:00Z');
         INSERT INTO message_appointment (message_id, appointment_id) VALUES (1, 4711), (2, 4711);",
    );
    let last = || practice.query("SELECT at FROM appointment_last_notification WHERE appointment_id = 4711");
    assert_eq!(last(), "2026-03-09T11:00:00Z");
    // A bounce that came later takes it back.
    practice.sql("UPDATE message SET state = 'failed' WHERE id = 1");
    assert_eq!(last(), "");
}

fn rusqlite_file(practice: &Practice, sql: &str) {
    std::fs::write(practice.path("termine.db"), []).unwrap();
    practice.sql(sql);
}

/// What version 5 has added.
const WITHOUT_FOLLOWING: &str = "
    DROP VIEW message_not_begun;
    DROP TRIGGER message_change_new;
    DROP TRIGGER message_change_kept;
    DROP TRIGGER message_change_inserted;
    DROP TRIGGER message_change_updating;
    DROP TRIGGER message_change_updated;
    DROP TRIGGER message_change_replaced;
    DROP TRIGGER message_change_deleted;
    ALTER TABLE message DROP COLUMN follows;";

#[test]
fn tables_of_the_third_version_learn_of_limits_and_keep_their_passes() {
    let old = Practice::ready();
    assert_eq!(old.pass(crate::practice::EVENING).status, 0);
    old.sql(WITHOUT_FOLLOWING);
    old.sql(
        "ALTER TABLE pass DROP COLUMN message_limit; ALTER TABLE pass DROP COLUMN over_limit; PRAGMA user_version = 3",
    );
    assert_snapshot!(old.run(&["init", "--lang", "en"]), @"
    termine.db has been brought from version 3 to version 6. What it was before is in
    termine.db.version-3; delete that copy once all is well.
    --- status 0
    ");
    assert_eq!(old.run(&["--at", "2026-03-10T19:30", "--limit", "3"]).status, 0);
    assert_snapshot!(old.query("SELECT id, message_limit, over_limit, result FROM pass"), @"
    1||0|complete
    2|3|0|complete
    ");
}

#[test]
fn tables_of_the_fourth_version_learn_of_messages_that_follow_and_record_their_changes() {
    let old = Practice::ready();
    assert_eq!(old.pass(crate::practice::EVENING).status, 0);
    old.sql(WITHOUT_FOLLOWING);
    old.sql("PRAGMA user_version = 4");
    assert_snapshot!(old.run(&["init", "--lang", "en"]), @"
    termine.db has been brought from version 4 to version 6. What it was before is in
    termine.db.version-4; delete that copy once all is well.
    --- status 0
    ");
    let schema = |practice: &Practice| {
        practice.query("SELECT name, sql FROM sqlite_schema WHERE name LIKE 'message_change%' ORDER BY name")
    };
    assert_eq!(schema(&old), schema(&Practice::ready()), "as in new tables");
    old.sql("UPDATE message SET error = 'looked at' WHERE id = 1");
    assert_snapshot!(
        old.query("SELECT json_extract(old, '$.id'), json_type(old, '$.follows') FROM change ORDER BY seq DESC LIMIT 1"),
        @"|"
    );
}
