//! Bad input: each a clear error or a named row, never a crash and never silence.

use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice, printed};
use crate::tried_again::{Hurry, quiet_pass};

#[test]
fn no_database_is_named() {
    let practice = Practice::empty().with_environment("TERMINBOTE_DB", "");
    assert_snapshot!(practice.run(&[]), @"
    --- stderr
    error: no database is named; give --db FILE, or set TERMINBOTE_DB
    --- status 2
    ");
}

#[test]
fn the_database_is_missing() {
    let practice = Practice::empty();
    assert_snapshot!(practice.run(&[]), @"
    --- stderr
    error: there is no database termine.db; check the path, or make one with `terminbote init --db FILE`
    --- status 66
    ");
    assert!(practice.files().is_empty(), "a typing error in the crontab makes no empty database");
}

#[test]
fn the_file_is_no_database() {
    let practice = Practice::empty();
    std::fs::write(practice.path("termine.db"), "Dear diary, today I have been mistaken for a database.").unwrap();
    assert_snapshot!(practice.run(&[]), @"
    --- stderr
    error: termine.db is not a database; make one with `terminbote init --db FILE`
    --- status 65
    ");
    assert_snapshot!(practice.run(&["init"]), @"
    --- stderr
    error: making the tables in termine.db: file is not a database; name another file, or restore this one from a backup if it was one
    --- status 65
    ");
}

#[test]
fn the_database_belongs_to_another_program() {
    let practice = Practice::empty();
    std::fs::write(practice.path("termine.db"), []).unwrap();
    practice.sql("CREATE TABLE rezepte (id INTEGER)");
    assert_snapshot!(practice.run(&[]), @"
    --- stderr
    error: termine.db is not a database of terminbote; make one with `terminbote init --db FILE`
    --- status 65
    ");
}

#[test]
fn the_database_has_older_tables() {
    let practice = Practice::new();
    practice.sql("PRAGMA user_version = 0");
    assert_snapshot!(practice.run(&[]), @"
    --- stderr
    error: termine.db has the tables of version 0, this program needs 6: run `terminbote init --db termine.db`, which makes a copy of the file first
    --- status 65
    ");
}

#[test]
fn a_key_stands_twice() {
    let practice = Practice::ready();
    practice.sql(
        r#"UPDATE interface SET settings = '{"max_minutes": 10, "reminder": {"hours_before": 24,
        "min_hours_between_messages": 6, "hours_before": 6}}' WHERE id = 1"#,
    );
    assert_snapshot!(practice.run(&["--dry-run", "--at", "2026-03-10T19:00"]), @"
    --- stderr
    error: table interface, row 1, column settings: the key `hours_before` stands twice at line 2 column 59
    --- status 78
    ");
}

#[test]
fn the_path_is_a_folder() {
    let practice = Practice::empty();
    std::fs::create_dir(practice.path("termine.db")).unwrap();
    assert_snapshot!(practice.run(&[]), @"
    --- stderr
    error: opening the database termine.db: is a directory
    --- status 74
    ");
}

#[test]
fn a_nonsense_time_is_wrong_usage() {
    for at in ["nonsense", "2026-03-10", "10.03.2026 19:00", "2026-13-10T19:00", "2026-03-10T25:00", "19:00", "-5"] {
        let printed = Practice::empty().run(&[&format!("--at={at}")]);
        assert_eq!(printed.status, 2, "{at}");
        assert_eq!(
            printed.stderr,
            format!(
                "error: --at \"{at}\" is no time; write 2026-03-10T19:00 (in the chain's zone) or 2026-03-10T19:00:00+01:00\n"
            )
        );
    }
}

#[test]
fn a_typing_mistake_in_an_option_is_told_with_what_would_be_right() {
    assert_snapshot!(Practice::empty().run(&["--dryrun"]), @"
    --- stderr
    error: unexpected argument '--dryrun' found

      tip: a similar argument exists: '--dry-run'

    Usage: terminbote --dry-run

    For more information, try '--help'.
    --- status 2
    ");
    assert_snapshot!(Practice::empty().run(&["taks"]), @"
    --- stderr
    error: unrecognized subcommand 'taks'

      tip: some similar subcommands exist: 'status', 'tasks'

    Usage: terminbote [OPTIONS] [COMMAND]

    For more information, try '--help'.
    --- status 2
    ");
    assert_snapshot!(Practice::new().run(&["--dry-run", "init"]), @"
    --- stderr
    error: --dry-run does not go with `init`; leave one of them out
    --- status 2
    ");
}

#[test]
fn a1_no_interface_governs_the_chain() {
    assert_snapshot!(Practice::new().pass(EVENING), @"
    --- stderr
    error: the table interface has no row of the kind appointment_notification; insert one with the settings of the service (see examples/settings.sql)
    --- status 78
    ");
}

#[test]
fn a1_two_interfaces_govern_the_chain() {
    let practice = Practice::ready();
    practice
        .sql("INSERT INTO interface (id, kind, server_side, settings) VALUES (9, 'appointment_notification', 1, '{}')");
    assert_snapshot!(practice.pass(EVENING), @"
    --- stderr
    error: the table interface has more than one usable row of the kind appointment_notification (rows 1, 9); one governs the whole chain: delete the others, or take `server_side` from them
    --- status 78
    ");
}

#[test]
fn every_fault_in_the_settings_is_named_at_once() {
    let practice = Practice::ready();
    practice.sql(
        r#"UPDATE interface SET settings = '{"timezone": "Europe/Berlni", "language": "deutsch", "night_rest": {"start": "25:00", "end": "6:00"},
             "branchfilter": "HH", "max_minutes": 0, "password": "geheim",
             "reminder": {"hours_before": 100, "min_hours_between_messages": 0, "combine_same_day": "ja"}}' WHERE id = 1"#,
    );
    assert_snapshot!(practice.pass(EVENING), @r#"
    --- stderr
    error: table interface, row 1, column settings: `timezone`: "Europe/Berlni" where a zone of the IANA list such as "Europe/Berlin" is needed; `language`: "deutsch" where a language tag such as "de" is needed; `night_rest.start`: "25:00" where a time from "00:00" to "23:59" is needed; `night_rest.end`: "6:00" where a time from "00:00" to "23:59" is needed; `max_minutes`: 0 where a whole number from 1 to 1440 is needed; `reminder.hours_before`: 100 where a whole number from 1 to 99 is needed; `reminder.min_hours_between_messages`: 0 where a whole number from 1 to 99 is needed; `reminder.combine_same_day`: a text where true or false is needed; `branchfilter`: unknown key; did you mean `branch_filter`?; `password`: unknown key; known here are `branch_filter`, `calendar_summary`, `confirmation`, `language`, `max_minutes`, `night_rest`, `reminder`, `repeat_uncertain_email`, `timezone`
    --- status 78
    "#);
}

#[test]
fn settings_that_are_no_json_are_told_with_the_place() {
    let practice = Practice::ready();
    practice.sql(r#"UPDATE interface SET settings = '{"reminder": {"hours_before": 24,}}' WHERE id = 1"#);
    assert_snapshot!(practice.pass(EVENING), @"
    --- stderr
    error: table interface, row 1, column settings: not valid JSON: trailing comma at line 1 column 34
    --- status 78
    ");
}

#[test]
fn a3_a_night_rest_that_leaves_no_hour() {
    let practice = Practice::ready();
    practice.setting(1, "night_rest", r#"{"start": "04:00", "end": "23:00"}"#);
    assert_snapshot!(practice.pass(EVENING), @"
    --- stderr
    error: the setting night_rest: the night rest leaves no time of day at which messages could be sent, together with the maintenance window from 23:00 to 04:00
    --- status 78
    ");
}

#[test]
fn b4_a_branch_filter_that_selects_nobody() {
    let practice = Practice::ready();
    practice.setting(1, "branch_filter", r#""hh, BB""#);
    assert_snapshot!(practice.pass(EVENING), @r#"
    --- stderr
    error: the setting branch_filter ("hh,BB") names no branch of the table branch, so that nobody would be notified; codes there are "HH"
    --- status 78
    "#);
}

#[test]
fn d3_a_confirmation_that_is_no_plain_text() {
    let practice = Practice::ready();
    practice.sql("UPDATE document_template SET format = 'html' WHERE name = 'Terminbestätigung' AND language = 'en'");
    assert_snapshot!(practice.pass(EVENING), @"
    --- stderr
    error: the setting confirmation.document_template names `Terminbestätigung`, whose row 10 of the table document_template has the format html; only plain_text can be sent
    --- status 78
    ");
}

#[test]
fn an_unknown_text_or_contact_template() {
    let practice = Practice::ready();
    practice.setting(1, "confirmation.document_template", r#""Terminbestaetigung""#);
    assert_snapshot!(practice.pass(EVENING), @"
    --- stderr
    error: the setting confirmation.document_template: there is no document template `Terminbestaetigung`; did you mean `Terminbestätigung`?
    --- status 78
    ");
    let practice = Practice::ready();
    practice.setting(1, "reminder.contact_template", r#""Erinnerung""#);
    assert_snapshot!(practice.pass(EVENING), @"
    --- stderr
    error: the setting reminder.contact_template names `Erinnerung`, but there is no such row in the table contact_template
    --- status 78
    ");
}

#[test]
fn a5_a_forgotten_dry_run_writes_to_nobody() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00");
    practice.sql(
        r#"UPDATE interface SET settings = '{"transport": "smtp", "host": "mail.example.de", "from": "termine@example.de"}'
           WHERE id = 2;
           INSERT INTO pass (at, host, version) VALUES ('2026-03-12T11:00:00Z', 'server', '0');"#,
    );
    assert_snapshot!(practice.pass(EVENING), @"
    --- stderr
    error: --at 2026-03-10 19:00:00 +01:00 lies before the newest real pass (2026-03-12 12:00:00 +01:00), so that this pass would write to customers of the past; add --dry-run to see what a pass at that time does; to send now, leave --at out
    --- status 2
    ");
    let far_ahead = practice.pass("2126-03-12T12:00");
    assert!(far_ahead.stderr.contains("lies more than an hour ahead of the clock"), "{far_ahead}");
    assert_eq!((far_ahead.status, practice.query("SELECT count(*) FROM message").as_str()), (2, "0"));
    // One in quiet time has been a real pass, too.
    practice.sql("UPDATE pass SET result = 'quiet', finished_at = at, exit_status = 0");
    assert_eq!(practice.pass(EVENING).status, 2);
    // A dry run may look at any time.
    assert_ne!(practice.run(&["--at", EVENING, "--dry-run"]).status, 2);
    // The newest pass itself lies before nothing; there is nothing left to say by then.
    assert_eq!(practice.pass("2026-03-12T11:59:59").status, 2);
    assert_eq!(practice.pass("2026-03-12T12:00").status, 0);
}

/// Whoever has named no time has forgotten nothing.
#[test]
fn a5_a_pass_goes_by_its_clock_also_if_that_has_been_set_back() {
    let practice = Practice::ready();
    practice.sql(
        r#"UPDATE interface SET settings = '{"transport": "smtp", "host": "mail.example.de", "from": "termine@example.de"}'
           WHERE id = 2;
           INSERT INTO pass (at, host, version) VALUES ('2026-03-12T11:00:00Z', 'server', '0');"#,
    );
    let report = quiet_pass(&practice, EVENING, &Hurry::standing());
    assert!(report.ends_with("--- status 0"), "{report}");
}

#[test]
fn a_second_pass_beside_a_running_one_is_told_since_when_the_first_runs() {
    let practice = Practice::ready();
    let mut lock = std::fs::File::create(practice.path("termine.db.lock")).unwrap();
    write!(lock, "process 4711 since 2026-03-10 19:00:00 +01:00").unwrap();
    // A lock file that nobody holds is one of a pass that died.
    assert_eq!(practice.pass(EVENING).status, 0);
    std::fs::write(practice.path("termine.db.lock"), "process 4711 since 2026-03-10 19:00:00 +01:00").unwrap();
    lock.lock().unwrap();
    assert_snapshot!(practice.pass("2026-03-10T19:07"), @"
    --- stderr
    error: another pass over termine.db is running: process 4711 since 2026-03-10 19:00:00 +01:00
    --- status 75
    ");
    // Looking is always possible.
    assert_eq!(practice.run(&["--at", "2026-03-10T19:07", "--dry-run"]).status, 0);
}

/// The most common mistake: a pass by hand as root, over the database of cron's user.
#[test]
fn a_pass_by_root_leaves_its_lock_to_the_owner_of_the_database() {
    use std::os::unix::fs::{MetadataExt, chown};

    let practice = Practice::ready();
    let owner = 65_534;
    if chown(practice.path("termine.db"), Some(owner), Some(owner)).is_err() {
        eprintln!("skipped: only root can give files away");
        return;
    }
    assert_eq!(practice.pass(EVENING).status, 0);
    let lock = practice.path("termine.db.lock").metadata().unwrap();
    assert_eq!((lock.uid(), lock.gid()), (owner, owner));
}

#[test]
fn a_lock_of_another_user_is_named_with_what_to_do() {
    use std::os::unix::fs::{PermissionsExt, chown};
    use std::os::unix::process::CommandExt;

    let practice = Practice::ready();
    let owner = 65_534;
    std::fs::write(practice.path("termine.db.lock"), "").unwrap();
    std::fs::set_permissions(practice.path("termine.db.lock"), PermissionsExt::from_mode(0o600)).unwrap();
    let give = |path: &std::path::Path| chown(path, Some(owner), Some(owner));
    if give(practice.folder()).and_then(|()| give(&practice.path("termine.db"))).is_err() {
        eprintln!("skipped: only root can give files away");
        return;
    }
    let run = |arguments: &[&str]| {
        let mut command = practice.command(arguments);
        printed(command.uid(owner).gid(owner).output().unwrap())
    };
    assert_snapshot!(run(&["--at", EVENING]), @"
    --- stderr
    error: writing termine.db.lock: Permission denied (os error 13); it belongs to the user with the number 0, who ran a pass before: remove it while no pass runs
    --- status 74
    ");
    let found = run(&["check", "--offline", "--lang", "en", "--at", EVENING]);
    assert!(found.words().contains("ACT The lock “termine.db.lock” belongs to another user"), "{found}");
}

#[test]
fn a_second_pass_over_the_same_database_by_another_name_is_kept_out() {
    let practice = Practice::ready();
    std::os::unix::fs::symlink("termine.db", practice.path("other.db")).unwrap();
    let lock = std::fs::File::create(practice.path("termine.db.lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(practice.run(&["--db", "other.db", "--at", EVENING]).status, 75);
    assert!(!practice.path("other.db.lock").exists());
}

#[test]
fn a_reader_of_the_report_who_goes_away_does_not_stop_the_pass() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00");
    let mut child = practice.command(&["--at", EVENING]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    assert_eq!(practice.query("SELECT state FROM message"), "sent");
}

#[test]
fn a_reader_of_the_report_who_does_not_read_keeps_no_other_pass_from_running() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00");
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    // Until not a single byte goes in any more.
    ours.set_nonblocking(true).unwrap();
    while ours.write(&[b'.'; 4096]).or_else(|_| ours.write(b".")).is_ok() {}
    ours.set_nonblocking(false).unwrap();
    let mut unread =
        practice.command(&["--at", EVENING]).stdout(OwnedFd::from(ours)).stderr(Stdio::null()).spawn().unwrap();
    let is_over = || practice.query("SELECT finished_at FROM pass").starts_with("2026");
    while !is_over() && unread.try_wait().unwrap().is_none() {}
    let next = (0..200).map(|_| practice.pass(EVENING).status).find(|status| *status != 75);
    assert_eq!(next, Some(0), "the lock is still held");
    assert!(unread.try_wait().unwrap().is_none(), "the report was read");
    drop(theirs);
    unread.wait().unwrap();
    assert_eq!(practice.query("SELECT count(*), min(state) FROM message"), "1|sent");
}

/// What was sent was sent, and whoever looks into it needs to know.
#[test]
fn a_pass_whose_end_cannot_be_recorded_has_a_report_and_a_page_all_the_same() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00").sql(
        "CREATE TRIGGER theirs BEFORE UPDATE ON pass WHEN new.finished_at IS NOT NULL
         BEGIN SELECT RAISE(ABORT, 'a trigger of another program'); END",
    );
    assert_snapshot!(practice.run(&["--at", EVENING, "--quiet", "--html", "report.html"]), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    Optik Muster (HH)
    -----------------
      Sent: 1 e-mail
        - Wed 11 Mar 2026, 10:00: Renate Weiß, e-mail to r***@e***.de

    In all: 1 message (1 sent).
    --- stderr
    error: completing the record of the pass in the database termine.db: a trigger of another program
    --- status 74
    ");
    let page = std::fs::read_to_string(practice.path("report.html")).unwrap();
    assert!(page.contains("Renate") && page.trim_end().ends_with("</html>"), "{page}");
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_after_the_pass() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = practice.command(&["--at", EVENING]).stdout(full).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: writing the report: No space left on device (os error 28)\n"
    );
    assert_eq!(output.status.code(), Some(74));
    assert_eq!(practice.query("SELECT state FROM message"), "sent");
}

#[test]
fn a_lock_that_is_a_link_is_not_followed() {
    let practice = Practice::ready();
    std::fs::write(practice.path("theirs"), "important").unwrap();
    std::os::unix::fs::symlink("theirs", practice.path("termine.db.lock")).unwrap();
    assert_snapshot!(practice.pass(EVENING), @"
    --- stderr
    error: writing termine.db.lock: Too many levels of symbolic links (os error 40); it is a link, which is not followed; remove it
    --- status 74
    ");
    assert_eq!(std::fs::read_to_string(practice.path("theirs")).unwrap(), "important");
}

#[test]
fn a_pipe_in_place_of_a_file_is_not_waited_for() {
    let practice = Practice::ready();
    let pipe = |name: &str| {
        assert!(std::process::Command::new("mkfifo").arg(practice.path(name)).status().unwrap().success());
    };
    pipe("pipe.db");
    assert_snapshot!(practice.run(&["--db", "pipe.db"]), @"
    --- stderr
    error: opening the database pipe.db: it is not a regular file
    --- status 74
    ");
    pipe("password");
    practice.mail_by_port(25).sql(
        r#"UPDATE interface SET settings = json_set(settings, '$.user', 'termine', '$.secrets', json('{"password_file": "password"}'))
           WHERE id = 2"#,
    );
    let printed = practice.json(EVENING).0;
    assert_snapshot!(printed["warnings"][0]["text"], @r#""Interface 2 (for e-mails) is not used since its settings are wrong: “`secrets.password_file`: the file ./password cannot be read: it is not a regular file”. There is no other: nothing can go out by e-mail at present. Reminders go out by the next way where there is one. Correct its settings (column settings), or the file or variable that is named there.""#);
}

#[test]
fn figures_and_pages_do_not_take_the_place_of_the_database() {
    let practice = Practice::ready();
    std::fs::rename(practice.path("termine.db"), practice.path("termine.prom")).unwrap();
    let refused = |option: &str, file: &str| practice.run(&["--db", "termine.prom", option, file]).to_string();
    assert_snapshot!(
        [refused("--metrics", "termine.prom"), refused("--html", "termine.prom.lock"), refused("--html", "termine.prom-journal")]
            .join("\n"),
        @"
    --- stderr
    error: --metrics names the database or a file of it, termine.prom; name another file
    --- status 2
    --- stderr
    error: --html names the database or a file of it, termine.prom.lock; name another file
    --- status 2
    --- stderr
    error: --html names the database or a file of it, termine.prom-journal; name another file
    --- status 2
    "
    );
    assert_snapshot!(practice.run(&["--metrics", "figures.txt"]), @"
    --- stderr
    error: invalid value 'figures.txt' for '--metrics <FILE>': its name must end in .prom, since the node exporter reads no others

    For more information, try '--help'.
    --- status 2
    ");
}

#[test]
fn an_error_does_not_obey_what_stands_in_the_database() {
    let practice = Practice::ready();
    practice.sql("UPDATE branch SET code = char(27) || ']0;pwned' || char(7)").setting(1, "branch_filter", r#""X""#);
    let printed = practice.pass(EVENING);
    assert!(!(printed.stdout + &printed.stderr).contains('\u{1b}'));
}

#[test]
fn a_number_behind_which_there_is_none_is_told_from_a_full_disk() {
    let practice = Practice::ready();
    practice.sql(
        "INSERT INTO message (id, kind, customer_id, channel, state, sent_at)
         VALUES (9223372036854775807, 'manual', 7, 'phone', 'sent', '2026-03-01T10:00:00Z');
         DELETE FROM message;",
    );
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    let printed = practice.pass(EVENING);
    assert_eq!(printed.status, 74);
    assert!(printed.stderr.contains("look into the table sqlite_sequence"), "{printed}");
}
