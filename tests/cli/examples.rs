//! What stands in `examples/`, and the demo, do what they say.

use std::path::Path;

use insta::assert_snapshot;
use rusqlite::Connection;
use rusqlite::fallible_iterator::FallibleIterator;
use terminbote::settings::{Secret, SecretSource, Sms, Smtp, Surroundings};

use crate::practice::{EVENING, Practice, printed};

fn example(name: &str) -> String {
    std::fs::read_to_string(format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The practice's own database, as `sync.sql` describes it, beside ours.
fn export(practice: &Practice) -> Connection {
    std::fs::write(practice.path("praxis.db"), []).unwrap();
    let export =
        Connection::open_with_flags(practice.path("praxis.db"), rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    export
        .execute_batch(
            "CREATE TABLE branch (id, code, name, street, postcode, city, phone, email);
             CREATE TABLE appointment_type (id, name, auto_notify);
             CREATE TABLE customer (id, salutation, first_name, last_name, language, preferred_contact, deceased, email,
                street, postcode, city);
             CREATE TABLE customer_phone (customer_id, position, number, sms_allowed);
             CREATE TABLE appointment (id, branch_id, customer_id, type_id, status, is_group, starts_at, ends_at,
                customer_starts_at, note);
             INSERT INTO branch VALUES (1, 'HH', 'Optik Muster', 'Hauptstraße 1', '20095', 'Hamburg', NULL, 'hh@example.de');
             INSERT INTO appointment_type VALUES (1, 'Sehtest', 1), (2, 'Werkstatt', 0);
             INSERT INTO customer VALUES
                (7, 'Frau', 'Renate', 'Weiß', NULL, NULL, 0, 'renate@example.de', NULL, NULL, NULL),
                (8, NULL, 'Kai', 'Sommer', 'en', 'sms', 0, NULL, NULL, NULL, NULL);
             INSERT INTO customer_phone VALUES (7, 1, '0152 28817386', 1), (8, 1, '0172 9925904', 1), (8, 2, '030 23125 001', 0);
             INSERT INTO appointment VALUES
                (1, 1, 7, 1, 'booked', 0, '2026-03-11 10:00', '2026-03-11 10:30', NULL, NULL),
                (2, 1, 8, 1, 'booked', 0, '2026-03-11 11:00', '2026-03-11 11:30', '2026-03-11 10:45', 'bringt Akte'),
                (3, 1, NULL, 2, 'completed', 0, '2026-03-09 11:00', '2026-03-09 11:30', NULL, NULL);",
        )
        .unwrap();
    export
}

/// Runs `sync.sql`; returns how many rows it changed, and what it printed.
fn sync_printing(practice: &Practice) -> (i64, String) {
    let sql = example("sync.sql");
    let here = sql.replace("'file:praxis.db?mode=rw'", &format!("'{}'", practice.path("praxis.db").display()));
    assert_ne!(here, sql);
    let connection = practice.connection();
    let recorded = || connection.query_row("SELECT count(*) FROM change", [], |row| row.get::<_, i64>(0)).unwrap();
    let before = recorded();
    let mut printed = Vec::new();
    let mut statements = rusqlite::Batch::new(&connection, &here);
    while let Some(mut statement) = statements.next().unwrap() {
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            printed.push(row.get::<_, String>(0).unwrap());
        }
    }
    (recorded() - before, printed.join("\n"))
}

/// How many rows `sync.sql` changed, having nothing to say.
#[track_caller]
fn sync(practice: &Practice) -> i64 {
    let (changed, printed) = sync_printing(practice);
    assert_eq!(printed, "");
    changed
}

/// A database with the interfaces of [`Practice::ready`] and everything else from the export.
fn synchronized() -> (Practice, Connection) {
    let practice = Practice::ready();
    practice
        .without_confirmations()
        .sql("DELETE FROM customer_phone; DELETE FROM customer; DELETE FROM appointment_type; DELETE FROM branch");
    let export = export(&practice);
    assert_eq!(sync(&practice), 11);
    (practice, export)
}

#[test]
fn sync_run_twice_changes_nothing_the_second_time() {
    let (practice, _export) = synchronized();
    assert_eq!(sync(&practice), 0);
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_eq!(sync(&practice), 0);
    assert_snapshot!(practice.ledger(), @"
    1|reminder|7|email|sent|1|2026-03-11 10:00
    2|reminder|8|sms|sent|2|2026-03-11 10:45
    ");
}

#[test]
fn sync_touches_only_what_differs_down_to_null() {
    let (practice, export) = synchronized();
    export.execute_batch("UPDATE customer SET email = 'kai@example.de' WHERE id = 8").unwrap();
    assert_eq!(sync(&practice), 1);
    export.execute_batch("UPDATE customer SET email = NULL; UPDATE branch SET phone = '040 66969 100'").unwrap();
    assert_eq!(sync(&practice), 3);
    assert_eq!(practice.query("SELECT count(email) FROM customer"), "0");
}

#[test]
fn sync_of_a_moved_appointment_resets_the_notification() {
    let (practice, export) = synchronized();
    assert_eq!(practice.pass(EVENING).status, 0);
    export.execute_batch("UPDATE appointment SET note = 'unwichtig'").unwrap();
    assert_eq!(sync(&practice), 3);
    assert_eq!(practice.json("2026-03-10T19:20").0["totals"]["messages"], 0);
    export
        .execute_batch(
            "UPDATE appointment SET starts_at = '2026-03-11 12:00', ends_at = '2026-03-11 12:30' WHERE id = 1",
        )
        .unwrap();
    assert_eq!(sync(&practice), 1);
    let (report, _) = practice.json("2026-03-10T19:30");
    assert_eq!(
        (&report["totals"]["sent"], &report["messages"][0]["appointments"]),
        (&1.into(), &serde_json::json!([1]))
    );
}

#[test]
fn sync_cancels_what_has_vanished_and_deletes_its_numbers() {
    let (practice, export) = synchronized();
    export
        .execute_batch("DELETE FROM appointment WHERE id = 1; DELETE FROM customer_phone WHERE position = 2")
        .unwrap();
    assert_eq!(sync(&practice), 2);
    assert_eq!(practice.query("SELECT id, status FROM appointment"), "1|cancelled\n2|booked\n3|completed");
    assert_eq!(practice.query("SELECT customer_id, position FROM customer_phone"), "7|1\n8|1");
    assert_eq!(sync(&practice), 0);
    // An export without a single appointment is far more likely to be broken.
    export.execute_batch("DELETE FROM appointment").unwrap();
    assert_eq!(sync(&practice), 0);
}

#[test]
fn sync_leaves_out_what_breaks_a_rule_and_says_so() {
    let (practice, export) = synchronized();
    export
        .execute_batch(
            "UPDATE branch SET name = 'Neu';
             INSERT INTO branch VALUES (2, NULL, 'ohne Kürzel', NULL, NULL, NULL, NULL, NULL);
             UPDATE appointment_type SET auto_notify = 'ja' WHERE id = 2;
             UPDATE customer SET preferred_contact = 'E-Mail', last_name = 'Winter' WHERE id = 8;
             INSERT INTO customer (id, last_name, deceased) VALUES (NULL, 'Niemand', 0), ('K9', 'Neun', 0), (10, 'Zehn', NULL);
             UPDATE customer_phone SET position = 4 WHERE position = 2;
             UPDATE appointment SET starts_at = '11.03.2026 10:00' WHERE id = 1;
             UPDATE appointment SET status = 'cancelled' WHERE id = 2;
             INSERT INTO appointment SELECT NULL, branch_id, customer_id, type_id, status, is_group, starts_at, ends_at, NULL, NULL
             FROM appointment WHERE id = 2;",
        )
        .unwrap();
    let (changed, printed) = sync_printing(&practice);
    assert_snapshot!(printed, @"
    left as it was: appointment without a number, id is NULL
    left as it was: appointment 1, starts_at is '11.03.2026 10:00'
    left as it was: appointment_type 2, auto_notify is 'ja'
    left as it was: branch 2, code or name is missing
    left as it was: customer without a number, id is NULL
    left as it was: customer 8, preferred_contact is 'E-Mail'
    left as it was: customer 10, deceased is NULL
    left as it was: customer K9, id is 'K9'
    left as it was: customer_phone 8/4, position is 4
    ");
    // The branch's name, the cancelled appointment, and the number that is at its position no more.
    assert_eq!(changed, 3);
    assert_snapshot!(practice.query("SELECT id, status, starts_at FROM appointment ORDER BY id"), @"
    1|booked|2026-03-11 10:00
    2|cancelled|2026-03-11 11:00
    3|completed|2026-03-09 11:00
    ");
    assert_eq!(practice.query("SELECT id, last_name FROM customer ORDER BY id"), "7|Weiß\n8|Sommer");
    assert_eq!(sync_printing(&practice), (0, printed));
}

#[test]
fn sync_of_branches_that_swap_their_codes() {
    let (practice, export) = synchronized();
    export.execute_batch("INSERT INTO branch VALUES (2, 'B', 'Optik Berlin', NULL, NULL, NULL, NULL, NULL)").unwrap();
    assert_eq!(sync(&practice), 1);
    export.execute_batch("UPDATE branch SET code = CASE code WHEN 'B' THEN 'HH' ELSE 'B' END").unwrap();
    sync(&practice);
    assert_eq!(practice.query("SELECT id, code FROM branch ORDER BY id"), "1|B\n2|HH");
    // One that the export does not have any more keeps its code.
    export
        .execute_batch("DELETE FROM branch WHERE id = 1; INSERT INTO branch (id, code, name) VALUES (3, 'B', 'Neu')")
        .unwrap();
    assert_snapshot!(sync_printing(&practice).1, @"left as it was: branch 3, a branch that the export does not have any more has the code 'B'");
}

#[test]
fn sync_takes_rows_that_point_nowhere_and_the_pass_names_them() {
    let (practice, export) = synchronized();
    export.execute_batch("UPDATE appointment SET customer_id = 99 WHERE id = 1").unwrap();
    assert_eq!(sync(&practice), 1);
    let (report, status) = practice.json(EVENING);
    assert_eq!(
        (status, &report["skipped"][0]["reason"], &report["totals"]["sent"]),
        (1, &"bad_data".into(), &1.into())
    );
}

#[test]
fn settings_are_accepted_as_they_stand_once_the_password_is_there() {
    let practice = Practice::new();
    practice.sql(&example("settings.sql"));
    let without = practice.run(&["--dry-run", "--at", EVENING]);
    assert_snapshot!(without, @"
    Dry run of the appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    For viewing only: nothing was sent and nothing was stored.
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)
    Confirmations: appointments from Wed 11 Mar 2026 to Tue 30 Jun 2026

    What needs doing
    ----------------
    - Interface 2 (for e-mails) is not used since its settings are wrong:
      “`secrets.password_file`: the file ./smtp-password cannot be read: No such
      file or directory (os error 2)”. There is no other: nothing can go out by
      e-mail at present. Reminders go out by the next way where there is one.
      Correct its settings (column settings), or the file or variable that is named
      there.

    Notes
    -----
    - Changes were not recorded yet at that time. This was worked out from the data
      as they are now, only without the messages sent since: what has been entered,
      changed or deleted since is already in it.

    In all: no messages.
    No pass has sent anything yet. The first one, Tue 10 Mar 2026, 19:00, would send
      no messages.
    --- status 1
    ");
    std::fs::write(practice.path("smtp-password"), "geheim\n").unwrap();
    assert_snapshot!(practice.run(&["--dry-run", "--at", EVENING]), @"
    Dry run of the appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    For viewing only: nothing was sent and nothing was stored.
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)
    Confirmations: appointments from Wed 11 Mar 2026 to Tue 30 Jun 2026

    Notes
    -----
    - Changes were not recorded yet at that time. This was worked out from the data
      as they are now, only without the messages sent since: what has been entered,
      changed or deleted since is already in it.

    In all: no messages.
    No pass has sent anything yet. The first one, Tue 10 Mar 2026, 19:00, would send
      no messages.
    --- status 0
    ");
    let again = practice.connection().execute_batch(&example("settings.sql")).unwrap_err().to_string();
    assert!(again.contains("UNIQUE constraint failed: interface.id"), "{again}");
}

#[test]
fn every_later_change_in_the_settings_file_works() {
    let practice = Practice::new();
    let settings = example("settings.sql");
    practice.sql(&settings).sql("INSERT INTO branch (id, code, name) VALUES (1, 'HH', 'Optik Muster')");
    std::fs::write(practice.path("smtp-password"), "geheim\n").unwrap();
    std::fs::write(practice.path("smtp-password-2"), "geheim\n").unwrap();
    let (_, later) = settings.split_once("-- later").or_else(|| settings.split_once(" later\n")).unwrap();
    let commented: Vec<&str> = later.lines().filter_map(|line| line.strip_prefix("-- ")).collect();
    let mut statement = String::new();
    let mut run = 0;
    // Headings end with a colon; the switch that stops everything is left alone.
    let lines = commented.iter().filter(|line| !line.ends_with(':') && !line.contains("SET server_side = 0"));
    for line in lines {
        statement.push_str(line);
        statement.push('\n');
        if line.ends_with(';') {
            let connection = practice.connection();
            let mut prepared = connection.prepare(&statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
            if prepared.column_count() == 0 {
                prepared.execute([]).unwrap();
            }
            statement.clear();
            run += 1;
        }
    }
    assert!(run >= 8 && statement.is_empty(), "{run} {statement}");
    let printed = practice.run(&["--dry-run", "--at", EVENING]);
    assert_eq!(printed.status, 0, "{printed}");
}

#[test]
fn the_examples_of_gateways_are_valid_settings() {
    let folder = format!("{}/examples/settings", env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut practice = Practice::ready();
        // The secrets of the examples stand in files and variables; each gets one.
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (key, place) in value["secrets"].as_object().into_iter().flatten() {
            if key.ends_with("_file") {
                std::fs::write(practice.path(place.as_str().unwrap()), "geheim\n").unwrap();
            } else if key.ends_with("_env") {
                practice = practice.with_environment(place.as_str().unwrap(), "geheim");
            }
        }
        practice.connection().execute("UPDATE interface SET settings = ?1 WHERE id = 3", [&text]).unwrap();
        let printed = practice.run(&["--dry-run", "--at", EVENING, "--format", "json"]);
        assert!(!printed.stdout.contains("interface_faulty"), "{}: {printed}", path.display());
        seen += 1;
    }
    assert!(seen > 0);
}

#[test]
fn the_demo_sends_once_and_says_so_the_second_time() {
    let practice = Practice::empty();
    let demo = || {
        let mut command = practice.command(&["demo"]);
        printed(command.env_remove("TERMINBOTE_DB").env_remove("TERMINBOTE_WORKSTATION").output().unwrap())
    };
    let first = demo();
    assert_eq!(first.status, 0, "{first}");
    let files = practice.files();
    let of = |folder: &str| files.iter().filter(|name| name.starts_with(folder)).count();
    assert!(of("demo/mail/") > 5 && of("demo/sms/") > 1, "{files:?}");
    let contents = |practice: &Practice| -> Vec<Vec<u8>> {
        let messages = practice.files().into_iter().filter(|name| !name.contains("terminbote.db"));
        messages.map(|name| std::fs::read(practice.path(&name)).unwrap()).collect()
    };
    let before = contents(&practice);
    let second = demo();
    assert_eq!(second.status, 0, "{second}");
    assert!(second.stdout.contains("All had been sent already; nothing was sent a second time."), "{second}");
    assert_eq!(practice.files(), files);
    assert_eq!(contents(&practice), before);
}

#[test]
fn the_demo_is_always_the_same() {
    let run = || {
        let practice = Practice::empty();
        let printed =
            printed(practice.command(&["demo", "--lang", "de"]).env_remove("TERMINBOTE_DB").output().unwrap());
        // Which number a message gets depends on how fast those before it are taken.
        let without_number = |name: String| name.split("-terminbote-").next().unwrap().to_owned();
        (printed.stdout, practice.files().into_iter().map(without_number).collect::<Vec<_>>())
    };
    let (text, files) = run();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert_eq!(run(), (text, files));
}

#[test]
fn the_demo_touches_no_database_of_yours() {
    let practice = Practice::ready();
    let before = std::fs::read(practice.path("termine.db")).unwrap();
    assert_snapshot!(practice.run(&["demo"]), @"
    --- stderr
    error: the demo makes a database of its own, demo/terminbote.db; leave --db and TERMINBOTE_DB out
    --- status 2
    ");
    assert_eq!(std::fs::read(practice.path("termine.db")).unwrap(), before);
    assert_eq!(practice.files(), ["termine.db"]);
}

/// Surroundings in which every secret is at hand.
struct Everything;

impl Surroundings for Everything {
    fn folder(&self) -> &Path {
        Path::new("/nowhere")
    }

    fn secret(&self, _source: &SecretSource) -> Result<Secret, String> {
        Ok(Secret::new("probe"))
    }
}

#[test]
fn every_settings_example_of_the_readme_is_accepted() {
    let mut accepted = Vec::new();
    for block in include_str!("../../README.md").split("```json\n").skip(1) {
        let json = block.split("```").next().unwrap();
        if json.contains("\"gateway\"") {
            let sms = Sms::read(json, &Everything).unwrap_or_else(|faults| panic!("{json}\n{faults}"));
            accepted.push(sms.gateway.name());
        } else {
            Smtp::read(json, &Everything).unwrap_or_else(|faults| panic!("{json}\n{faults}"));
            accepted.push("smtp");
        }
    }
    assert_eq!(accepted, ["smtp", "smscreator", "seven", "twilio", "sipgate", "kannel", "http"]);
}

#[test]
fn the_units_of_a_further_chain_are_those_of_the_first_but_for_its_name() {
    // Without the comments at the top, which tell what each is for.
    let unit = |name: &str| {
        let text = example(&format!("systemd/{name}"));
        text[text.find("[Unit]").unwrap()..].to_owned()
    };
    for kind in ["service", "timer"] {
        let further = unit(&format!("terminbote@.{kind}"))
            .replace(", chain %i", "")
            .replace("EnvironmentFile=/etc/default/terminbote-%i", "EnvironmentFile=-/etc/default/terminbote");
        assert_eq!(further, unit(&format!("terminbote.{kind}")));
    }
}
