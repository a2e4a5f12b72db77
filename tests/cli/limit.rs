//! `--limit`: only the most urgent messages go out, and none of the others is lost.

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice};

/// Reminders of the next day, and confirmations, of six customers.
fn chain() -> Practice {
    let practice = Practice::ready();
    for (id, start) in [
        (11, "2026-03-11 12:00"),
        (12, "2026-03-11 09:00"),
        (13, "2026-03-11 16:00"),
        (14, "2026-03-13 08:00"),
        (15, "2026-06-30 08:00"),
        (16, "2026-03-12 08:00"),
    ] {
        practice.customer(id, "Anna", &format!("kunde{id}@example.de")).appointment_of(id, id, start);
    }
    practice
}

/// Who got what, by pass.
fn sent(practice: &Practice) -> String {
    practice.query("SELECT pass_id, kind, customer_id, state FROM message ORDER BY id")
}

#[test]
fn the_most_urgent_go_out_and_the_others_follow_with_the_next_passes() {
    let practice = chain();
    assert_snapshot!(practice.run(&["--at", EVENING, "--limit", "2"]), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)
    Confirmations: appointments from Wed 11 Mar 2026 to Tue 30 Jun 2026

    Notes
    -----
    - This pass sends 2 messages at most (--limit), the most urgent ones. Left for
      the next one: reminders 1, confirmations 3.

    Optik Muster (HH)
    -----------------
      Sent: 2 e-mails
        - Wed 11 Mar 2026, 09:00: Anna Sommer, e-mail to k***@e***.de
        - Wed 11 Mar 2026, 12:00: Anna Sommer, e-mail to k***@e***.de
      Not reminded:
        - over the limit, waits for the next pass: 1 appointment

    In all: 2 messages (2 sent); 1 appointment passed over.
    --- status 0
    ");
    assert_snapshot!(sent(&practice), @"
    1|reminder|12|sent
    1|reminder|11|sent
    ");
    // The next one goes on where this one stopped, and has a limit of its own.
    assert_eq!(practice.run(&["--at", "2026-03-10T19:30", "--limit", "2"]).status, 0);
    assert_eq!(practice.pass("2026-03-10T19:45").status, 0);
    assert_snapshot!(sent(&practice), @"
    1|reminder|12|sent
    1|reminder|11|sent
    2|reminder|13|sent
    2|confirmation|16|sent
    3|confirmation|14|sent
    3|confirmation|15|sent
    ");
    assert_snapshot!(practice.query("SELECT id, message_limit, over_limit, messages, deferred, skipped FROM pass"), @"
    1|2|4|2|0|1
    2|2|2|2|0|2
    3||0|2|0|3
    ");
}

#[test]
fn a_dry_run_shows_what_a_limited_pass_sends_and_a_replay_what_it_sent() {
    let practice = chain();
    let planned = |arguments: &[&str]| {
        let printed = practice.run(&[arguments, &["--dry-run", "--at", EVENING, "--format", "json"]].concat());
        assert_eq!(printed.status, 0, "{printed}");
        let report: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap();
        let customers: Vec<_> = report["messages"].as_array().unwrap().iter().map(|row| &row["customer_id"]).collect();
        let skipped: Vec<_> = report["skipped"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (&row["appointment_id"], &row["reason"], &row["detail"]))
            .collect();
        let warnings: Vec<_> = report["warnings"].as_array().unwrap().iter().map(|row| &row["code"]).collect();
        format!("{customers:?} {skipped:?} {warnings:?}").replace("Number", "").replace("String", "")
    };
    let before = planned(&["--limit", "2"]);
    assert_eq!(practice.run(&["--at", EVENING, "--limit", "2"]).status, 0);
    assert_snapshot!(before, @r#"[(12), (11)] [((13), ("over_limit"), ("limit 2"))] [("present_data"), ("over_limit")]"#);
    assert_snapshot!(planned(&[]), @r#"[(12), (11)] [((13), ("over_limit"), ("limit 2"))] [("over_limit")]"#);
}

#[test]
fn a_limited_pass_is_explained() {
    let practice = chain();
    assert_eq!(practice.run(&["--at", EVENING, "--limit", "2"]).status, 0);
    assert_eq!(practice.pass("2026-03-10T19:30").status, 0);
    let explained = practice.run(&["explain", "--appointment", "13", "--at", "2026-03-10T19:45"]).words();
    let (from, to) = (explained.find("- Tue 10 Mar").unwrap(), explained.find("The rules").unwrap());
    assert_snapshot!(&explained[from..to], @"- Tue 10 Mar 2026, 19:00 (pass 1): due, but over the limit of the pass (--limit); it waited for the next one. - Tue 10 Mar 2026, 19:30 (pass 2): reminder, message 3: sent.");
}

#[test]
fn a_limit_that_is_never_reached_changes_nothing() {
    let (with, without) = (chain(), chain());
    let printed = with.run(&["--at", EVENING, "--limit", "1000"]);
    assert_eq!(printed.stdout, without.pass(EVENING).stdout);
    assert_eq!(sent(&with), sent(&without));
}

#[test]
fn what_an_earlier_pass_has_put_off_is_not_withdrawn_by_a_limit() {
    let practice = chain();
    practice.mail_by_port(9);
    assert_eq!(practice.pass(EVENING).status, 1);
    practice.sql(r#"UPDATE interface SET settings = '{"transport": "file", "directory": "mail", "from": "termine@example.de"}' WHERE id = 2"#);
    assert_eq!(practice.run(&["--at", "2026-03-10T19:30", "--limit", "1"]).status, 0);
    assert_snapshot!(sent(&practice), @"
    2|reminder|12|sent
    1|reminder|11|deferred
    1|reminder|13|deferred
    1|confirmation|14|deferred
    1|confirmation|15|deferred
    1|confirmation|16|deferred
    ");
    assert_eq!(practice.pass("2026-03-10T19:45").status, 0);
    assert_snapshot!(sent(&practice), @"
    2|reminder|12|sent
    3|reminder|11|sent
    3|reminder|13|sent
    3|confirmation|14|sent
    3|confirmation|15|sent
    3|confirmation|16|sent
    ");
}

#[test]
fn a_forecast_with_a_limit_tells_when_all_is_done() {
    let practice = chain();
    let printed = practice.run(&["--dry-run", "--hours", "16", "--at", "2026-03-10T15:00", "--limit", "2"]);
    assert_snapshot!(printed, @"
    Forecast of the appointment reminders (Europe/Berlin)
    For viewing only: nothing was sent and nothing was stored.
    From Tue 10 Mar 2026, 15:00 to Wed 11 Mar 2026, 06:00: 16 passes, hourly.
    Each pass reckons with what those before it would send; the data stay as they
      are.
    No pass has sent anything yet. The first one, Tue 10 Mar 2026, 15:00, would send
      2 messages: 2 e-mails.
    It would leave for later ones: 4 messages.

    Notes
    -----
    - Changes were not recorded yet at that time. This was worked out from the data
      as they are now, only without the messages sent since: what has been entered,
      changed or deleted since is already in it.

    By pass
    -------
    Pass                        Messages   E-mail     SMS  SMS parts  Letter    Call
    Tue 10 Mar 2026, 15:00             2        2       0          0       0       0
    Tue 10 Mar 2026, 16:00             2        2       0          0       0       0
    Tue 10 Mar 2026, 17:00             2        2       0          0       0       0
    Tue 10 Mar 2026, 18:00 to 19:00: nothing to send (2 passes)
    Tue 10 Mar 2026, 20:00 to Wed 11 Mar 2026, 05:00: quiet time (10 passes)
    Wed 11 Mar 2026, 06:00: nothing to send

    By branch
    ---------
    Branch                      Messages   E-mail     SMS  SMS parts  Letter    Call
    HH Optik Muster                    6        6       0          0       0       0

    In all: 6 messages: 6 e-mails. Of these reminders 3, confirmations 3.
    Passes that send until nothing is left for the first time (--limit): 3.
    --- status 0
    ");
    let printed = practice.run(&["--dry-run", "--hours", "2", "--at", "2026-03-10T15:00", "--limit", "2"]);
    assert_snapshot!(printed.stdout.lines().rev().take(1).collect::<String>(), @"Left after the last pass (--limit): 2 messages.");
}

#[test]
fn a_limit_that_makes_no_sense_is_refused() {
    let practice = Practice::ready();
    let refused = |arguments: &[&str]| {
        let printed = practice.run(arguments);
        assert_eq!((printed.status, printed.stdout.as_str()), (2, ""), "{printed}");
        printed.stderr.lines().next().unwrap_or_default().to_owned()
    };
    assert_snapshot!([refused(&["--limit", "0"]), refused(&["--limit", "viele"]), refused(&["--limit", "3", "tasks"])].join("\n"), @"
    error: invalid value '0' for '--limit <N>': a whole number from 1 on is needed
    error: invalid value 'viele' for '--limit <N>': a whole number from 1 on is needed
    error: --limit does not go with `tasks`; leave one of them out
    ");
}
