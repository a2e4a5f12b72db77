//! A dry run leaves no trace, and still sees everything.

use std::process::Command;

use crate::practice::{EVENING, Practice, printed};

fn dry_run(practice: &Practice) -> serde_json::Value {
    let printed = practice.run(&["--dry-run", "--at", EVENING, "--format", "json"]);
    assert_eq!(printed.status, 0, "{printed}");
    serde_json::from_str(&printed.stdout).unwrap()
}

fn planned(report: &serde_json::Value) -> Vec<i64> {
    let messages = report["messages"].as_array().unwrap();
    messages
        .iter()
        .flat_map(|message| message["appointments"].as_array().unwrap())
        .map(|id| id.as_i64().unwrap())
        .collect()
}

#[test]
fn a_dry_run_changes_no_byte_and_leaves_no_file() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00").appointment(2, "2026-05-11 10:00");
    let before = (std::fs::read(practice.path("termine.db")).unwrap(), practice.files());
    let report = dry_run(&practice);
    assert_eq!(planned(&report), [1, 2]);
    assert_eq!((std::fs::read(practice.path("termine.db")).unwrap(), practice.files()), before);
}

#[test]
fn a_dry_run_sees_what_another_program_has_committed_and_nothing_of_what_it_has_not() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00");
    let writer = practice.connection();
    writer
        .execute_batch(
            "BEGIN IMMEDIATE;
             UPDATE appointment SET starts_at = '2026-03-11 11:00', ends_at = '2026-03-11 12:00', status = 'cancelled'",
        )
        .unwrap();
    let files = practice.files();
    assert_eq!(planned(&dry_run(&practice)), [1], "not committed yet");
    assert_eq!(practice.files(), files);
    writer.execute_batch("COMMIT").unwrap();
    assert!(planned(&dry_run(&practice)).is_empty(), "committed");
}

#[test]
fn a_dry_run_over_a_file_that_was_switched_to_wal_leaves_no_log_behind() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00");
    practice.sql("PRAGMA journal_mode = WAL");
    let before = (std::fs::read(practice.path("termine.db")).unwrap(), practice.files());
    assert_eq!(before.1, ["termine.db"]);
    assert_eq!(planned(&dry_run(&practice)), [1]);
    assert_eq!((std::fs::read(practice.path("termine.db")).unwrap(), practice.files()), before);
}

#[test]
fn a_dry_run_sees_what_a_live_writer_in_wal_mode_has_not_yet_put_into_the_file() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00");
    let writer = practice.connection();
    writer
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; UPDATE appointment SET status = 'cancelled'",
        )
        .unwrap();
    let before = (std::fs::read(practice.path("termine.db")).unwrap(), practice.files());
    assert_eq!(before.1, ["termine.db", "termine.db-shm", "termine.db-wal"]);
    assert!(planned(&dry_run(&practice)).is_empty(), "what only the log has counts");
    assert_eq!((std::fs::read(practice.path("termine.db")).unwrap(), practice.files()), before);
    drop(writer);
}

#[test]
fn a_dry_run_sees_what_a_pass_that_died_has_left_in_its_log() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00");
    let writer = practice.connection();
    writer
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; UPDATE appointment SET status = 'cancelled'",
        )
        .unwrap();
    // The files as they are on the disk of a computer that has lost its power.
    let after = Practice::empty();
    for name in practice.files() {
        std::fs::copy(practice.path(&name), after.path(&name)).unwrap();
    }
    let files = after.files();
    assert_eq!(files, ["termine.db", "termine.db-shm", "termine.db-wal"]);
    assert!(planned(&dry_run(&after)).is_empty(), "what only the log has counts");
    assert_eq!(after.files(), files);
    // The next real pass puts it in order.
    assert_eq!(after.pass(EVENING).status, 0);
    assert_eq!(after.query("PRAGMA journal_mode"), "delete");
    assert_eq!(after.files(), ["termine.db", "termine.db.lock"]);
}

#[test]
fn a_pass_that_sends_much_leaves_no_log_behind() {
    let practice = Practice::ready();
    for id in 1..=80 {
        practice.sql(&format!(
            "INSERT INTO customer (id, last_name, email) VALUES ({}, 'Probe', 'probe{id}@example.de');
             INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
             VALUES ({id}, 1, {}, 1, '2026-03-11 10:00', '2026-03-11 10:30');",
            100 + id,
            100 + id
        ));
    }
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_eq!(practice.query("SELECT count(*) FROM message WHERE state = 'sent'"), "80");
    assert_eq!(practice.query("PRAGMA journal_mode"), "delete");
    let databases: Vec<_> = practice.files().into_iter().filter(|name| name.starts_with("termine")).collect();
    assert_eq!(databases, ["termine.db", "termine.db.lock"]);
}

#[test]
fn a_dry_run_opens_no_socket() {
    if Command::new("strace").arg("-V").output().is_err() {
        assert!(std::env::var_os("TERMINBOTE_REQUIRE_TOOLS").is_none(), "strace is missing");
        eprintln!("skipped: strace is not installed");
        return;
    }
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00");
    // A real server this time, so that there is somebody to talk to.
    practice.sql(
        r#"UPDATE interface SET settings = '{"transport": "smtp", "host": "127.0.0.1", "tls": "none", "from": "termine@example.de"}'
           WHERE id = 2"#,
    );
    let traced = |arguments: &[&str]| {
        let program = practice.command(arguments);
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-e", "trace=socket,connect", "-o", "trace", "-E", "TERMINBOTE_DB=termine.db"]);
        command.args(["-E", "TERMINBOTE_WORKSTATION=server"]);
        command.arg(program.get_program()).args(arguments).current_dir(practice.folder());
        let printed = printed(command.output().unwrap());
        (printed, std::fs::read_to_string(practice.path("trace")).unwrap())
    };
    let (printed, trace) = traced(&["--dry-run", "--at", EVENING]);
    assert_eq!((printed.status, trace.as_str()), (0, ""), "{printed}");
    // The same pass without `--dry-run` does open one, so that the trace would have shown it.
    let (_, trace) = traced(&["--at", EVENING]);
    assert!(trace.contains("connect("), "{trace}");
}

#[test]
fn a_dry_run_of_the_past_leaves_out_what_was_sent_since() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00");
    let before = dry_run(&practice);
    assert_eq!(practice.pass(EVENING).status, 0);
    let mut replay = dry_run(&practice);
    let message = replay["messages"][0].as_object_mut().unwrap();
    // What stands beside it.
    assert_eq!(message.remove("record").unwrap()[0]["outcome"], "sent");
    assert_eq!(message.remove("changed_since").unwrap().as_array().unwrap().len(), 0);
    assert_eq!(replay["messages"], before["messages"]);
    let later = practice.run(&["--dry-run", "--at", "2026-03-10T19:30", "--format", "json"]);
    assert!(planned(&serde_json::from_str(&later.stdout).unwrap()).is_empty());
}

#[test]
fn a_dry_run_for_now_sees_all_that_there_is() {
    use crate::complaints::{at_the_time, clocks_can_be_moved};
    if !clocks_can_be_moved() {
        return;
    }
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-10 18:00");
    let program = assert_cmd::cargo::cargo_bin!("terminbote");
    let shown = at_the_time(&practice, "2026-03-10 12:00", program, &["--dry-run", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!((&report["warnings"], &report["totals"]["planned"]), (&serde_json::json!([]), &serde_json::json!(1)));
}
