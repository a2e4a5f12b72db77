//! A database that is locked, a folder that cannot be written, a disk that is full, files that may not be opened.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice, Printed, printed};
use crate::smtp_peer::SmtpPeer;

fn with_appointment() -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    practice
}

/// The program by its path, with `prefix` before it.
fn wrapped(practice: &Practice, prefix: &[&str], arguments: &[&str]) -> Command {
    let program = practice.command(arguments);
    let mut command = Command::new(prefix[0]);
    command.args(&prefix[1..]).arg(program.get_program()).args(arguments).current_dir(practice.folder());
    command
        .env("TERMINBOTE_DB", "termine.db")
        .env("TERMINBOTE_WORKSTATION", "server")
        .env_remove("LANG")
        .env_remove("LC_ALL");
    command
}

#[test]
fn a_pass_waits_for_another_program_to_finish_its_change() {
    let practice = with_appointment();
    let writer = practice.connection();
    writer.execute_batch("BEGIN EXCLUSIVE; UPDATE customer SET last_name = 'Sommer'").unwrap();
    let pass = practice.command(&["--at", EVENING]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    // Whether the pass has come to the lock by now or not, it must see the change.
    writer.execute_batch("COMMIT").unwrap();
    assert_eq!(printed(pass.wait_with_output().unwrap()).status, 0);
    assert!(practice.contents("mail").contains("Guten Tag Frau Sommer"));
}

#[test]
fn a_database_that_stays_locked_is_an_error_with_advice() {
    let practice = with_appointment();
    let writer = practice.connection();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_snapshot!(practice.pass(EVENING), @"
    --- stderr
    error: reading the database termine.db: database is locked; another program keeps it locked: find out which, or try again later
    --- status 74
    ");
    writer.execute_batch("ROLLBACK").unwrap();
    assert_eq!(practice.pass(EVENING).status, 0);
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_before_the_first_message() {
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let practice = with_appointment();
    let mode =
        |path: &std::path::Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(practice.folder(), 0o555);
    mode(&practice.path("termine.db"), 0o644);
    let prefix: &[&str] = if std::fs::write(practice.path("probe"), "").is_ok() { &nobody } else { &["env"] };
    let works = wrapped(&practice, prefix, &["--version"]).output().is_ok_and(|output| output.status.success());
    if works {
        let pass = printed(wrapped(&practice, prefix, &["--at", EVENING]).output().unwrap());
        assert_snapshot!(pass, @"
        --- stderr
        error: writing termine.db.lock: Permission denied (os error 13); the folder of the database must be writable
        --- status 74
        ");
        // Looking needs no permission to write.
        assert_eq!(printed(wrapped(&practice, prefix, &["--at", EVENING, "--dry-run"]).output().unwrap()).status, 0);
        assert_eq!(practice.query("SELECT count(*) FROM message"), "0");
    } else {
        assert!(std::env::var_os("TERMINBOTE_REQUIRE_TOOLS").is_none(), "setpriv is missing");
        eprintln!("skipped: the superuser can write everywhere, and setpriv is missing or cannot run the program");
    }
    mode(practice.folder(), 0o755);
}

/// A pass over fifty customers on a small disk of its own on which only `free` KiB are left, then
/// another one after room was made; the mails go elsewhere. `None` if no such disk can be made here.
fn on_a_full_disk(free: u32) -> Option<(Practice, Printed)> {
    let practice = Practice::ready();
    practice.without_confirmations();
    let connection = practice.connection();
    for id in 10..60 {
        let start = "'2026-03-11 11:00', '2026-03-11 11:30'";
        let customer = format!("INSERT INTO customer (id, email) VALUES ({id}, 'kunde{id}@example.de')");
        let columns = "id, branch_id, customer_id, type_id, starts_at, ends_at";
        connection
            .execute_batch(&format!(
                "{customer}; INSERT INTO appointment ({columns}) VALUES ({id}, 1, {id}, 1, {start})"
            ))
            .unwrap();
    }
    let folder = practice.folder().display().to_string();
    practice.setting(2, "directory", &format!("\"{folder}/mail\""));
    std::fs::create_dir(practice.path("disk")).unwrap();
    let script = r#"
        mount -t tmpfs -o size=1m none disk && cp termine.db disk/ || exit 99
        head -c "${2}k" /dev/zero > disk/reserve
        head -c 2000000 /dev/zero > disk/ballast 2> /dev/null
        rm disk/reserve
        "$1" --db disk/termine.db --at 2026-03-10T19:00; echo "status $?" >&2
        rm disk/ballast
        "$1" --db disk/termine.db --at 2026-03-10T19:00 --quiet; echo "status $?" >&2
        cp disk/termine.db termine.db
    "#;
    on_a_disk_of_its_own(&practice, script, &free.to_string()).map(|both| (practice, both))
}

/// Runs a shell script where it may mount a disk of its own, with the program as `$1` and `argument` as `$2`.
/// `None` if no such disk can be made here.
fn on_a_disk_of_its_own(practice: &Practice, script: &str, argument: &str) -> Option<Printed> {
    let program = practice.command(&[]);
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(program.get_program())
        .arg(argument)
        .current_dir(practice.folder())
        .env("TERMINBOTE_WORKSTATION", "server")
        .env("LC_ALL", "C")
        .output();
    let Some(output) = output.ok().filter(|output| output.status.success()) else {
        assert!(std::env::var_os("TERMINBOTE_REQUIRE_TOOLS").is_none(), "unshare cannot make a disk");
        eprintln!("skipped: no disk of its own can be made here");
        return None;
    };
    Some(printed(output))
}

#[test]
fn a_full_disk_stops_the_pass_before_the_first_message_with_advice() {
    let Some((practice, both)) = on_a_full_disk(0) else { return };
    assert_snapshot!(both, @"
    --- stderr
    error: writing disk/termine.db.lock: No space left on device (os error 28); make room on the disk
    status 74
    status 0
    --- status 0
    ");
    assert_eq!(practice.query("SELECT state, count(*) FROM message GROUP BY state"), "sent|50");
}

#[test]
fn a_disk_that_gets_full_stops_the_pass_and_the_next_one_goes_on_where_it_stopped() {
    let mut in_the_middle = 0;
    for free in [16, 32, 48, 64, 96] {
        let Some((practice, both)) = on_a_full_disk(free) else { return };
        let stopped = both.stderr.contains("status 74");
        assert!(!stopped || both.stderr.contains("make room on the disk"), "{free}: {both}");
        // One message may have been on its way; it is repeated into the same file.
        assert_eq!(practice.query("SELECT state, count(*) FROM message GROUP BY state"), "sent|50", "{free}: {both}");
        assert_eq!(practice.files().iter().filter(|name| name.starts_with("mail/")).count(), 50, "{free}: {both}");
        in_the_middle += i32::from(stopped && practice.query("SELECT count(DISTINCT pass_id) FROM message") == "2");
    }
    assert!(in_the_middle > 0, "no disk was full in the middle of a pass");
}

/// A database of version 1 whose file fills more than half of a small disk.
fn of_version_1() -> Practice {
    let practice = Practice::empty();
    std::fs::write(practice.path("termine.db"), []).unwrap();
    practice.sql(include_str!("../../sql/schema.sql"));
    practice.sql("INSERT INTO document_template (name, body) VALUES ('large', hex(zeroblob(280000)))");
    practice.sql("INSERT INTO chain VALUES (1, 'f00d'); PRAGMA application_id = 0x746d6274; PRAGMA user_version = 1");
    std::fs::create_dir(practice.path("disk")).unwrap();
    practice
}

#[test]
fn without_room_for_the_copy_older_tables_stay_as_they_are() {
    let practice = of_version_1();
    let script = r#"
        mount -t tmpfs -o size=1m none disk && cp termine.db disk/ || exit 99
        "$1" init --db disk/termine.db; echo "status $?" >&2
        cmp termine.db disk/termine.db && ls disk
        mount -o remount,size=4m disk
        "$1" init --db disk/termine.db; echo "status $?" >&2
        cp disk/termine.db.version-1 termine.db
    "#;
    let Some(both) = on_a_disk_of_its_own(&practice, script, "") else { return };
    assert_snapshot!(both, @"
    termine.db
    termine.db.lock
    disk/termine.db has been brought from version 1 to version 6. What it was before is in
    disk/termine.db.version-1; delete that copy once all is well.
    --- stderr
    error: copying disk/termine.db to disk/termine.db.version-1 before its tables are changed: there is no room on the disk; make room for 1 MiB and as much for the change, then run it again; nothing was changed
    status 74
    status 0
    --- status 0
    ");
    assert_eq!(practice.query("PRAGMA user_version"), "1");
}

#[test]
fn a_disk_that_gets_full_in_the_middle_of_the_change_leaves_older_tables_and_their_copy() {
    let practice = of_version_1();
    let script = r#"
        mount -t tmpfs -o size=4m none disk && cp termine.db disk/ || exit 99
        head -c "$(($(stat -c %s termine.db) + 24 * 1024))" /dev/zero > disk/reserve
        head -c 8000000 /dev/zero > disk/ballast 2> /dev/null
        rm disk/reserve
        "$1" init --db disk/termine.db; echo "status $?" >&2
        cmp termine.db disk/termine.db; ls disk
        rm disk/ballast
        "$1" init --db disk/termine.db; echo "status $?" >&2
        cp disk/termine.db.version-1 termine.db
    "#;
    let Some(both) = on_a_disk_of_its_own(&practice, script, "") else { return };
    assert_snapshot!(both, @"
    ballast
    termine.db
    termine.db.lock
    termine.db.version-1
    disk/termine.db has been brought from version 1 to version 6. What it was before is in
    disk/termine.db.version-1; delete that copy once all is well.
    --- stderr
    error: making the tables in disk/termine.db: database or disk is full; make room on the disk, then run it again; nothing was changed
    status 74
    status 0
    --- status 0
    ");
    assert_eq!(practice.query("PRAGMA user_version"), "1");
}

/// A database that cannot open its journal any more cannot be told what has become of a message.
#[test]
fn few_files_that_may_be_open_at_once_are_left_to_the_database() {
    let pass = |most: u32| {
        let peer = SmtpPeer::polite();
        let practice = Practice::ready();
        practice.without_confirmations().mail_by_port(peer.port()).setting(2, "connections", "16");
        for id in 10..50 {
            practice.customer(id, "Kai", &format!("kunde{id}@example.de")).appointment_of(id, id, "2026-03-11 11:00");
        }
        let limited = format!("ulimit -n {most}; exec \"$0\" \"$@\"");
        let arguments = ["--at", EVENING, "--format", "json"];
        let printed = printed(wrapped(&practice, &["sh", "-c", &limited], &arguments).output().unwrap());
        let report: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap_or_default();
        let sent = practice.query("SELECT state, count(*) FROM message GROUP BY 1");
        assert_eq!((printed.status, sent.as_str(), peer.taken().len()), (0, "sent|40", 40), "{most}: {printed}");
        (peer.connections(), report["warnings"][0]["text"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(pass(20).0, 1);
    let (connections, warning) = pass(40);
    assert!(connections <= 8, "{connections}");
    assert_snapshot!(warning, @"Interface 2 could not have as many connections at once as are set, 4 instead of 16: “too few files may be open at once (ulimit -n)”. The pass went on with these. If it happens in every pass, set connections to 4 (table interface, column settings).");
}
