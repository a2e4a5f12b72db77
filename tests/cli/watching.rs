//! The figures of a pass for Prometheus, and its log.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice, Printed, printed};
use crate::smtp_peer::{Act, SmtpPeer, Stage};

const FILE: &str = "terminbote.prom";

/// The figures that a pass has written, without how long it took and the version; its end is cut to the
/// minute.
fn figures(practice: &Practice) -> Vec<String> {
    let text = std::fs::read_to_string(practice.path(FILE)).unwrap();
    let changing = |line: &str| line.contains("_duration_seconds ") || line.contains("_build_info{");
    let cut = |line: &str| match line.strip_prefix("terminbote_last_good_pass_timestamp_seconds ") {
        Some(at) => format!("terminbote_last_good_pass_timestamp_seconds {}", at.parse::<i64>().unwrap() / 60 * 60),
        None => line.to_owned(),
    };
    text.lines().filter(|line| !changing(line)).map(cut).collect()
}

/// The values that are not 0.
fn not_zero(practice: &Practice) -> String {
    let figures = figures(practice);
    figures.into_iter().filter(|line| !line.starts_with('#') && !line.ends_with(" 0")).collect::<Vec<_>>().join("\n")
}

fn pass(practice: &Practice, at: &str) -> Printed {
    practice.run(&["--at", at, "--metrics", FILE])
}

/// Two appointments, of which one is reminded of; the other one's customer cannot be reached.
fn practice() -> Practice {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00").customer(8, "Nora", "nobody").appointment_of(8, 2, "2026-03-11 11:00");
    practice
}

#[test]
fn a_pass_writes_its_figures() {
    let practice = practice();
    assert_eq!(pass(&practice, EVENING).status, 0);
    assert_snapshot!(figures(&practice).join("\n"), @r#"
    # HELP terminbote_build_info The version of the program, with the value 1.
    # TYPE terminbote_build_info gauge
    # HELP terminbote_last_pass_timestamp_seconds When the newest pass began.
    # TYPE terminbote_last_pass_timestamp_seconds gauge
    terminbote_last_pass_timestamp_seconds 1773165600
    # HELP terminbote_last_pass_exit_status The exit status of the newest pass: 0 complete, 1 needs a person, else an error.
    # TYPE terminbote_last_pass_exit_status gauge
    terminbote_last_pass_exit_status 0
    # HELP terminbote_last_pass_result How the newest pass went, with the value 1 for what holds.
    # TYPE terminbote_last_pass_result gauge
    terminbote_last_pass_result{result="complete"} 1
    terminbote_last_pass_result{result="quiet"} 0
    terminbote_last_pass_result{result="inactive"} 0
    terminbote_last_pass_result{result="failed"} 0
    # HELP terminbote_last_pass_messages Messages of the newest pass.
    # TYPE terminbote_last_pass_messages gauge
    terminbote_last_pass_messages{kind="confirmation",channel="email",outcome="sent"} 0
    terminbote_last_pass_messages{kind="confirmation",channel="email",outcome="handed_over"} 0
    terminbote_last_pass_messages{kind="confirmation",channel="email",outcome="uncertain"} 0
    terminbote_last_pass_messages{kind="confirmation",channel="email",outcome="failed"} 0
    terminbote_last_pass_messages{kind="confirmation",channel="email",outcome="deferred"} 0
    terminbote_last_pass_messages{kind="confirmation",channel="email",outcome="withdrawn"} 0
    terminbote_last_pass_messages{kind="reminder",channel="email",outcome="sent"} 1
    terminbote_last_pass_messages{kind="reminder",channel="email",outcome="handed_over"} 0
    terminbote_last_pass_messages{kind="reminder",channel="email",outcome="uncertain"} 0
    terminbote_last_pass_messages{kind="reminder",channel="email",outcome="failed"} 0
    terminbote_last_pass_messages{kind="reminder",channel="email",outcome="deferred"} 0
    terminbote_last_pass_messages{kind="reminder",channel="email",outcome="withdrawn"} 0
    terminbote_last_pass_messages{kind="reminder",channel="sms",outcome="sent"} 0
    terminbote_last_pass_messages{kind="reminder",channel="sms",outcome="handed_over"} 0
    terminbote_last_pass_messages{kind="reminder",channel="sms",outcome="uncertain"} 0
    terminbote_last_pass_messages{kind="reminder",channel="sms",outcome="failed"} 0
    terminbote_last_pass_messages{kind="reminder",channel="sms",outcome="deferred"} 0
    terminbote_last_pass_messages{kind="reminder",channel="sms",outcome="withdrawn"} 0
    terminbote_last_pass_messages{kind="reminder",channel="letter",outcome="sent"} 0
    terminbote_last_pass_messages{kind="reminder",channel="letter",outcome="handed_over"} 0
    terminbote_last_pass_messages{kind="reminder",channel="letter",outcome="uncertain"} 0
    terminbote_last_pass_messages{kind="reminder",channel="letter",outcome="failed"} 0
    terminbote_last_pass_messages{kind="reminder",channel="letter",outcome="deferred"} 0
    terminbote_last_pass_messages{kind="reminder",channel="letter",outcome="withdrawn"} 0
    terminbote_last_pass_messages{kind="reminder",channel="phone",outcome="sent"} 0
    terminbote_last_pass_messages{kind="reminder",channel="phone",outcome="handed_over"} 0
    terminbote_last_pass_messages{kind="reminder",channel="phone",outcome="uncertain"} 0
    terminbote_last_pass_messages{kind="reminder",channel="phone",outcome="failed"} 0
    terminbote_last_pass_messages{kind="reminder",channel="phone",outcome="deferred"} 0
    terminbote_last_pass_messages{kind="reminder",channel="phone",outcome="withdrawn"} 0
    # HELP terminbote_last_pass_sms_segments Parts of text messages that the newest pass has sent, as they are paid.
    # TYPE terminbote_last_pass_sms_segments gauge
    terminbote_last_pass_sms_segments 0
    # HELP terminbote_last_pass_skipped_appointments Appointments of the reminder window that got no reminder in the newest pass.
    # TYPE terminbote_last_pass_skipped_appointments gauge
    terminbote_last_pass_skipped_appointments{reason="bad_data"} 0
    terminbote_last_pass_skipped_appointments{reason="no_customer"} 0
    terminbote_last_pass_skipped_appointments{reason="group"} 0
    terminbote_last_pass_skipped_appointments{reason="cancelled"} 0
    terminbote_last_pass_skipped_appointments{reason="no_show"} 0
    terminbote_last_pass_skipped_appointments{reason="type_not_allowed"} 0
    terminbote_last_pass_skipped_appointments{reason="branch_not_selected"} 0
    terminbote_last_pass_skipped_appointments{reason="deceased"} 0
    terminbote_last_pass_skipped_appointments{reason="no_messages_wanted"} 0
    terminbote_last_pass_skipped_appointments{reason="already_reminded"} 0
    terminbote_last_pass_skipped_appointments{reason="recent_message"} 0
    terminbote_last_pass_skipped_appointments{reason="unreachable"} 1
    terminbote_last_pass_skipped_appointments{reason="over_limit"} 0
    # HELP terminbote_last_pass_warnings Warnings of the newest pass.
    # TYPE terminbote_last_pass_warnings gauge
    terminbote_last_pass_warnings{needs_person="no"} 0
    terminbote_last_pass_warnings{needs_person="yes"} 0
    # HELP terminbote_last_good_pass_timestamp_seconds When the last pass ended that did what it was to do.
    # TYPE terminbote_last_good_pass_timestamp_seconds gauge
    terminbote_last_good_pass_timestamp_seconds 1773165600
    # HELP terminbote_unsettled_messages Messages about appointments ahead that have met no fate.
    # TYPE terminbote_unsettled_messages gauge
    terminbote_unsettled_messages{state="uncertain"} 0
    terminbote_unsettled_messages{state="deferred"} 0
    # HELP terminbote_tasks Letters and calls that are not done.
    # TYPE terminbote_tasks gauge
    terminbote_tasks{state="open"} 0
    terminbote_tasks{state="missed"} 0
    "#);
    let mode = std::fs::metadata(practice.path(FILE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644, "the collector runs as another user");
    assert!(!practice.files().contains(&format!("{FILE}.new")), "{:?}", practice.files());
    let text = figures(&practice).join("\n");
    assert!(!text.contains("renate") && !text.contains("Wei") && !text.contains("152"), "{text}");
}

#[test]
fn quiet_and_inactive_passes_and_those_that_stop_write_theirs_too() {
    let practice = practice();
    assert_eq!(pass(&practice, "2026-03-10T20:30").status, 0);
    assert_snapshot!(not_zero(&practice), @r#"
    terminbote_last_pass_timestamp_seconds 1773171000
    terminbote_last_pass_result{result="quiet"} 1
    terminbote_last_good_pass_timestamp_seconds 1773171000
    "#);
    practice.sql("UPDATE interface SET server_side = 0 WHERE id = 1");
    assert_eq!(pass(&practice, "2026-03-10T20:40").status, 1);
    assert_snapshot!(not_zero(&practice), @r#"
    terminbote_last_pass_timestamp_seconds 1773171600
    terminbote_last_pass_exit_status 1
    terminbote_last_pass_result{result="inactive"} 1
    terminbote_last_pass_warnings{needs_person="yes"} 1
    terminbote_last_good_pass_timestamp_seconds 1773171000
    "#);
    practice.sql("DELETE FROM interface WHERE id = 1");
    assert_eq!(practice.run(&["--metrics", FILE]).status, 78);
    let without_instant = |text: String| {
        let lines = text.lines().filter(|line| !line.contains("last_pass_timestamp"));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(without_instant(not_zero(&practice)), @r#"
    terminbote_last_pass_exit_status 78
    terminbote_last_pass_result{result="failed"} 1
    terminbote_last_good_pass_timestamp_seconds 1773171000
    "#);
    std::fs::remove_file(practice.path("termine.db")).unwrap();
    assert_eq!(practice.run(&["--metrics", FILE]).status, 66);
    assert_snapshot!(without_instant(not_zero(&practice)), @r#"
    terminbote_last_pass_exit_status 66
    terminbote_last_pass_result{result="failed"} 1
    "#);
}

#[test]
fn a_file_that_cannot_be_written_is_told_after_everything_was_sent() {
    let practice = practice();
    assert_snapshot!(practice.run(&["--quiet", "--at", EVENING, "--metrics", "nowhere/terminbote.prom"]), @"
    --- stderr
    error: writing the metrics nowhere/terminbote.prom: No such file or directory (os error 2); its folder must be there and writable for the user that runs terminbote
    --- status 74
    ");
    assert_eq!(practice.query("SELECT state FROM message"), "sent");
    assert_snapshot!(practice.run(&["--dry-run", "--metrics", FILE]), @"
    --- stderr
    error: the argument '--dry-run' cannot be used with '--metrics <FILE>'

    Usage: terminbote --dry-run --db <FILE>

    For more information, try '--help'.
    --- status 2
    ");
    assert_snapshot!(practice.run(&["tasks", "--metrics", FILE]), @"
    --- stderr
    error: unexpected argument '--metrics' found

    Usage: terminbote tasks [OPTIONS] [COMMAND]

    For more information, try '--help'.
    --- status 2
    ");
}

#[test]
fn promtool_finds_no_fault_in_the_figures_and_the_alerts() {
    let Some(promtool) = tool("promtool") else { return };
    let practice = practice();
    pass(&practice, EVENING);
    let check = |arguments: &[&str], input: Stdio| {
        let output = Command::new(&promtool).args(arguments).stdin(input).output().unwrap();
        printed(output).to_string()
    };
    let file = std::fs::File::open(practice.path(FILE)).unwrap();
    assert_snapshot!(check(&["check", "metrics"], file.into()), @"--- status 0");
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/prometheus-alerts.yml");
    let told = check(&["check", "rules", rules], Stdio::null());
    assert!(told.contains("SUCCESS: 5 rules found") && told.ends_with("--- status 0"), "{told}");
    // What the alerts ask for is there.
    let figures = figures(&practice).join("\n");
    let asked = std::fs::read_to_string(rules).unwrap();
    let names =
        asked.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| word.starts_with("terminbote_"));
    for name in names {
        assert!(figures.contains(&format!("# TYPE {name} gauge")), "{name}");
    }
}

/// A program that a test needs, in the folder of what was fetched for tests or in the path.
fn tool(name: &str) -> Option<std::path::PathBuf> {
    let fetched = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers").join(name);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::iter::once(fetched)
        .chain(std::env::split_paths(&path).map(|folder| folder.join(name)))
        .find(|path| path.is_file());
    if found.is_none() {
        assert!(std::env::var_os("TERMINBOTE_REQUIRE_TOOLS").is_none(), "{name} is missing");
        eprintln!("left out: {name} is missing");
    }
    found
}

/// The lines of a log in JSON, without the time of the computer and the version.
fn events(stderr: &str) -> String {
    let lines = stderr.lines().map(|line| {
        let mut event: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let fields = event.as_object_mut().unwrap();
        assert!(fields.remove("time").is_some(), "{line}");
        fields.remove("version");
        fields.remove("port");
        event.to_string()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_log_tells_the_way_of_a_pass_and_names_nobody() {
    let server = SmtpPeer::new(|step| match step.stage {
        Stage::Rcpt if step.line.contains("renate") => Act::say("550 5.1.1 <renate@example.de>: User unknown"),
        _ => Act::Polite,
    });
    let practice = practice();
    practice.mail_by_port(server.port());
    let printed = practice.run(&["--at", EVENING, "--log", "json", "--quiet"]);
    assert_snapshot!(events(&printed.stderr), @r#"
    {"at":"2026-03-10T18:00:00Z","dry_run":false,"event":"pass begun","level":"info"}
    {"event":"reminder window","level":"info","look_ahead":true,"until":"2026-03-11T19:00:00Z"}
    {"event":"confirmation window","from":"2026-03-11","level":"info","to":"2026-06-30"}
    {"event":"portion decided","level":"info","messages":1}
    {"event":"server connected","host":"127.0.0.1","level":"info"}
    {"channel":"email","event":"message settled","kind":"reminder","level":"info","message_id":1,"outcome":"failed"}
    {"channel":"sms","event":"message settled","kind":"reminder","level":"info","message_id":2,"outcome":"sent"}
    {"event":"pass finished","exit_status":1,"level":"info","messages":2,"result":"complete","skipped":1}
    "#);
    for personal in ["renate", "Wei", "example.de>", "28817386", "Gartenweg"] {
        assert!(!printed.stderr.contains(personal), "{personal}");
    }
}

#[test]
fn a_server_in_trouble_is_in_the_log_without_its_words() {
    let server = SmtpPeer::at(Stage::Mail, Act::say("535 5.7.8 renate@example.de may not send"));
    let practice = practice();
    practice.without_confirmations().mail_by_port(server.port()).sql("DELETE FROM customer_phone");
    assert_snapshot!(events(&practice.run(&["--at", EVENING, "--log", "json", "--quiet"]).stderr), @r#"
    {"at":"2026-03-10T18:00:00Z","dry_run":false,"event":"pass begun","level":"info"}
    {"event":"reminder window","level":"info","look_ahead":true,"until":"2026-03-11T19:00:00Z"}
    {"event":"portion decided","level":"info","messages":1}
    {"event":"server connected","host":"127.0.0.1","level":"info"}
    {"event":"server left alone","interface_id":2,"level":"warn","refused":true}
    {"channel":"email","event":"message settled","kind":"reminder","level":"info","message_id":1,"outcome":"deferred"}
    {"code":"interface_refused","event":"warning","interface_id":2,"level":"warn","needs_person":true}
    {"event":"pass finished","exit_status":1,"level":"info","messages":1,"result":"complete","skipped":1}
    "#);
}

#[test]
fn verbose_tells_the_same_as_text_and_an_error_is_an_event() {
    let practice = practice();
    let shown = practice.run(&["--at", "2026-03-10T20:30", "-v", "--quiet"]);
    assert_snapshot!(shown.to_string().replace(env!("CARGO_PKG_VERSION"), "VERSION"), @r#"
    --- stderr
    pass begun: at "2026-03-10T19:30:00Z", dry_run false, version "VERSION"
    pass finished: result "quiet", exit_status 0, messages 0, skipped 0
    --- status 0
    "#);
    practice.sql("DELETE FROM interface WHERE id = 1");
    assert_snapshot!(events(&practice.run(&["--at", EVENING, "--log", "json"]).stderr), @r#"
    {"at":"2026-03-10T18:00:00Z","dry_run":false,"event":"pass begun","level":"info"}
    {"error":"the table interface has no row of the kind appointment_notification; insert one with the settings of the service (see examples/settings.sql)","event":"pass failed","exit_status":78,"level":"error"}
    "#);
    assert_snapshot!(practice.run(&["check", "-v"]), @"
    --- stderr
    error: unexpected argument '-v' found

    Usage: terminbote check [OPTIONS]

    For more information, try '--help'.
    --- status 2
    ");
}

#[test]
fn the_journal_gets_the_level_only_on_a_stream_of_its_own() {
    use std::os::unix::fs::MetadataExt;
    let practice = practice();
    let log = std::fs::File::create(practice.path("journal")).unwrap();
    let stream = log.metadata().map(|file| format!("{}:{}", file.dev(), file.ino())).unwrap();
    for (named, begins) in [(stream.as_str(), "<6>pass begun"), ("8:1", "pass begun")] {
        let log = std::fs::File::create(practice.path("journal")).unwrap();
        let mut command = practice.command(&["-v", "--quiet", "--at", "2026-03-10T20:30"]);
        assert!(command.env("JOURNAL_STREAM", named).stderr(log).status().unwrap().success());
        let text = std::fs::read_to_string(practice.path("journal")).unwrap();
        assert!(text.starts_with(begins), "{named}: {text}");
    }
}
