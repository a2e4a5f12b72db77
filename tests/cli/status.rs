//! `terminbote status`: what monitoring is told.

use insta::assert_snapshot;

use crate::practice::{Practice, Printed};
use crate::smtp_peer::{Act, SmtpPeer, Stage};

/// The status at a local time.
fn status(practice: &Practice, at: &str) -> Printed {
    practice.run(&["status", "--at", at, "--lang", "en"])
}

/// A real pass at a local time that took no time at all.
fn pass(practice: &Practice, at: &str) {
    practice.pass(at);
    practice.sql("UPDATE pass SET finished_at = at WHERE finished_at IS NOT NULL");
}

#[test]
fn all_is_well_after_a_pass_and_in_quiet_time() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00");
    pass(&practice, "2026-03-10T18:07");
    pass(&practice, "2026-03-10T19:07");
    assert_snapshot!(status(&practice, "2026-03-10T19:19"), @"
    TERMINBOTE OK: last good pass 12 min ago (Tue 10 Mar 2026, 19:07); the next one that sends: Wed 11 Mar 2026, 06:07 | age=720s;;5400;0 needs_person=0;0;;0 uncertain=0;;;0 deferred=0;;;0 tasks_open=0;;;0 tasks_missed=0;;;0
    Last pass:       Tue 10 Mar 2026, 19:07, complete (computer server)
    Next:            Wed 11 Mar 2026, 06:07; reminds of appointments that start
                     before Thu 12 Mar 2026, 07:00
    Messages:        0 of unknown fate, 0 deferred (about appointments ahead)
    Tasks:           0 open, 0 missed
    --- status 0
    ");
    pass(&practice, "2026-03-10T22:07");
    assert_snapshot!(status(&practice, "2026-03-10T22:30"), @"
    TERMINBOTE OK: last good pass 23 min ago (Tue 10 Mar 2026, 22:07); the next one that sends: Wed 11 Mar 2026, 06:07 | age=1380s;;5400;0 needs_person=0;0;;0 uncertain=0;;;0 deferred=0;;;0 tasks_open=0;;;0 tasks_missed=0;;;0
    Last pass:       Tue 10 Mar 2026, 22:07, quiet time (computer server)
    Last sending:    Tue 10 Mar 2026, 19:07, complete (computer server)
    Next:            Wed 11 Mar 2026, 06:07; reminds of appointments that start
                     before Thu 12 Mar 2026, 07:00
    Messages:        0 of unknown fate, 0 deferred (about appointments ahead)
    Tasks:           0 open, 0 missed
    --- status 0
    ");
    assert_snapshot!(practice.run(&["status", "--at", "2026-03-10T22:30", "--lang", "de"]), @"
    TERMINBOTE OK: letzter guter Lauf vor 23 Min. (Di., 10.03.2026, 22:07); der nächste, der sendet: Mi., 11.03.2026, 06:07 | age=1380s;;5400;0 needs_person=0;0;;0 uncertain=0;;;0 deferred=0;;;0 tasks_open=0;;;0 tasks_missed=0;;;0
    Letzter Lauf:    Di., 10.03.2026, 22:07, Ruhezeit (Rechner server)
    Letzter Versand: Di., 10.03.2026, 19:07, vollständig (Rechner server)
    Nächster:        Mi., 11.03.2026, 06:07; erinnert an Termine, die vor Do.,
                     12.03.2026, 07:00 beginnen
    Nachrichten:     0 ungewiss, 0 zurückgestellt (zu künftigen Terminen)
    Aufgaben:        0 offen, 0 versäumt
    --- status 0
    ");
}

#[test]
fn without_a_good_pass_within_the_age_it_is_critical() {
    let practice = Practice::ready();
    assert_snapshot!(status(&practice, "2026-03-10T19:00"), @"
    TERMINBOTE CRITICAL: no good pass yet, 1 h 30 min are allowed; see whether terminbote still runs once an hour | age=U;;5400;0 needs_person=0;0;;0 uncertain=0;;;0 deferred=0;;;0 tasks_open=0;;;0 tasks_missed=0;;;0
    Last pass:       none
    Next:            Wed 11 Mar 2026, 06:00; reminds of appointments that start
                     before Thu 12 Mar 2026, 07:00
    Messages:        0 of unknown fate, 0 deferred (about appointments ahead)
    Tasks:           0 open, 0 missed
    --- status 2
    ");
    pass(&practice, "2026-03-10T09:07");
    assert_eq!(status(&practice, "2026-03-10T10:37").status, 0);
    assert_snapshot!(status(&practice, "2026-03-10T12:00"), @"
    TERMINBOTE CRITICAL: last good pass 2 h 53 min ago (Tue 10 Mar 2026, 09:07), 1 h 30 min are allowed; see whether terminbote still runs once an hour | age=10380s;;5400;0 needs_person=0;0;;0 uncertain=0;;;0 deferred=0;;;0 tasks_open=0;;;0 tasks_missed=0;;;0
    Last pass:       Tue 10 Mar 2026, 09:07, complete (computer server)
    Next:            Tue 10 Mar 2026, 12:07; reminds of appointments that start
                     before Wed 11 Mar 2026, 13:00
    Messages:        0 of unknown fate, 0 deferred (about appointments ahead)
    Tasks:           0 open, 0 missed
    --- status 2
    ");
    assert_eq!(practice.run(&["status", "--at", "2026-03-10T12:00", "--max-age", "3h"]).status, 0);
}

#[test]
fn a_pass_that_broke_off_is_no_good_one() {
    let practice = Practice::ready();
    pass(&practice, "2026-03-10T09:07");
    practice.sql("INSERT INTO pass (at, host, process, version) VALUES ('2026-03-10T09:07:00Z', 'server', '1 0', '0')");
    assert_snapshot!(status(&practice, "2026-03-10T10:30"), @"
    TERMINBOTE WARNING: the pass of Tue 10 Mar 2026, 10:07 broke off; the next one tidies up, look into the computer's log | age=4980s;;5400;0 needs_person=1;0;;0 uncertain=0;;;0 deferred=0;;;0 tasks_open=0;;;0 tasks_missed=0;;;0
    Needs a person:  the pass of Tue 10 Mar 2026, 10:07 broke off; the next one
                     tidies up, look into the computer's log
    Last pass:       Tue 10 Mar 2026, 10:07, broke off (computer server)
    Last sending:    Tue 10 Mar 2026, 09:07, complete (computer server)
    Next:            Tue 10 Mar 2026, 11:07; reminds of appointments that start
                     before Wed 11 Mar 2026, 12:00
    Messages:        0 of unknown fate, 0 deferred (about appointments ahead)
    Tasks:           0 open, 0 missed
    --- status 1
    ");
    assert_eq!(status(&practice, "2026-03-10T11:00").status, 2);
}

#[test]
fn what_the_last_sending_warned_of_needs_a_person_also_in_quiet_time() {
    let server = SmtpPeer::at(Stage::Mail, Act::say("535 5.7.8 this client may not send"));
    let practice = Practice::ready();
    practice.mail_by_port(server.port()).appointment(1, "2026-03-11 10:00").setting(1, "branch_filter", r#""HH,X""#);
    practice.sql("DELETE FROM customer_phone");
    pass(&practice, "2026-03-10T19:07");
    pass(&practice, "2026-03-10T20:07");
    assert_snapshot!(status(&practice, "2026-03-10T20:10").to_string().replace(&server.port().to_string(), "PORT"), @"
    TERMINBOTE WARNING: 3 things to see to: The code “X” in the branch filter (setting branch_filter) belongs to no branch; customers of the branch that was meant get no messages. Correct the filter or the code (table branch, column code). | age=180s;;5400;0 needs_person=3;0;;0 uncertain=0;;;0 deferred=1;;;0 tasks_open=0;;;0 tasks_missed=0;;;0
    Needs a person:  The code “X” in the branch filter (setting branch_filter)
                     belongs to no branch; customers of the branch that was meant
                     get no messages. Correct the filter or the code (table branch,
                     column code).
    Needs a person:  The server of interface 2 takes nothing from us: “sender
                     refused: 535 5.7.8 this client may not send”. Check log-in,
                     credit and settings (table interface). What did not go out
                     stays due.
    Needs a person:  messages of the last sending: 1 deferred; its report names them
    Last pass:       Tue 10 Mar 2026, 20:07, quiet time (computer server)
    Last sending:    Tue 10 Mar 2026, 19:07, complete, status 1 (computer server)
    Next:            Wed 11 Mar 2026, 06:07; reminds of appointments that start
                     before Thu 12 Mar 2026, 07:00
    Messages:        0 of unknown fate, 1 deferred (about appointments ahead)
    Tasks:           0 open, 0 missed
    In trouble:      interface 2
    --- status 1
    ");
}

#[test]
fn a_message_of_unknown_fate_needs_a_person_until_its_appointment() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    practice.sql(
        "INSERT INTO message (kind, customer_id, channel, address, state, sent_at)
         VALUES ('reminder', 7, 'sms', '+4915228817386', 'uncertain', '2026-03-10T18:07:00Z');
         INSERT INTO message_appointment (message_id, appointment_id) VALUES (last_insert_rowid(), 1);",
    );
    pass(&practice, "2026-03-11T09:07");
    assert_snapshot!(status(&practice, "2026-03-11T09:10"), @"
    TERMINBOTE WARNING: 1 message about appointments ahead may or may not have arrived; `terminbote history --state uncertain` shows them, say what became of them with `terminbote settle` | age=180s;;5400;0 needs_person=1;0;;0 uncertain=1;;;0 deferred=0;;;0 tasks_open=0;;;0 tasks_missed=0;;;0
    Needs a person:  1 message about appointments ahead may or may not have arrived;
                     `terminbote history --state uncertain` shows them, say what
                     became of them with `terminbote settle`
    Last pass:       Wed 11 Mar 2026, 09:07, complete (computer server)
    Next:            Wed 11 Mar 2026, 10:07; reminds of appointments that start
                     before Thu 12 Mar 2026, 11:00
    Messages:        1 of unknown fate, 0 deferred (about appointments ahead)
    Tasks:           0 open, 0 missed
    --- status 1
    ");
    assert_eq!(status(&practice, "2026-03-11T10:00").status, 0);
}

#[test]
fn of_what_a_pass_that_died_was_at_only_the_first_on_each_connection_is_of_unknown_fate() {
    let practice = Practice::ready();
    practice.sql(
        "INSERT INTO pass (id, at, host, version) VALUES (1, '2026-03-10T18:07:00Z', 'server', '0.1.0');
         INSERT INTO message (id, kind, customer_id, channel, address, state, sent_at, pass_id, follows)
         VALUES (11, 'reminder', 7, 'email', 'renate@example.de', 'sending', '2026-03-10T18:07:00Z', 1, NULL),
             (12, 'reminder', 8, 'email', 'bernd@example.de', 'sending', '2026-03-10T18:07:00Z', 1, 11),
             (13, 'reminder', 9, 'email', 'ayse@example.de', 'sending', '2026-03-10T18:07:00Z', 1, 12);
         INSERT INTO message_appointment (message_id, appointment_id, appointment_start, sequence)
         VALUES (11, 101, '2026-03-11 09:00', 0), (12, 102, '2026-03-11 09:30', 0), (13, 103, '2026-03-11 10:00', 0);",
    );
    let messages = |practice: &Practice| {
        let words = status(practice, "2026-03-10T19:10").words();
        words.split("Messages: ").nth(1).unwrap_or_default().split(" (").next().unwrap_or_default().to_owned()
    };
    assert_eq!(messages(&practice), "1 of unknown fate, 2 deferred");
    let states = || practice.query("SELECT id, state, error FROM message WHERE id BETWEEN 11 AND 13");
    practice.pass("2026-03-10T22:00");
    assert_eq!(states(), "11|sending|\n12|sending|\n13|sending|", "a quiet pass leaves all as it is");
    practice.pass("2026-03-11T06:07");
    // There are no such appointments.
    assert_snapshot!(states(), @"
    11|uncertain|the program ended while it was being handed over
    12|withdrawn|no longer due when pass 3 looked
    13|withdrawn|no longer due when pass 3 looked
    ");
}

#[test]
fn a_task_that_nobody_did_needs_a_person_for_a_day() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    practice.sql("UPDATE contact_template_channel SET channel = 'phone' WHERE channel = 'email'");
    pass(&practice, "2026-03-10T19:07");
    assert_snapshot!(status(&practice, "2026-03-10T19:10").words(), @"TERMINBOTE OK: last good pass 3 min ago (Tue 10 Mar 2026, 19:07); the next one that sends: Wed 11 Mar 2026, 06:07 | age=180s;;5400;0 needs_person=0;0;;0 uncertain=0;;;0 deferred=0;;;0 tasks_open=1;;;0 tasks_missed=0;;;0 Last pass: Tue 10 Mar 2026, 19:07, complete (computer server) Next: Wed 11 Mar 2026, 06:07; reminds of appointments that start before Thu 12 Mar 2026, 07:00 Messages: 0 of unknown fate, 0 deferred (about appointments ahead) Tasks: 1 open, 0 missed");
    pass(&practice, "2026-03-11T10:07");
    assert_snapshot!(status(&practice, "2026-03-11T10:10"), @"
    TERMINBOTE WARNING: 1 task missed since yesterday (see `terminbote tasks`) | age=180s;;5400;0 needs_person=1;0;;0 uncertain=0;;;0 deferred=0;;;0 tasks_open=0;;;0 tasks_missed=1;;;0
    Needs a person:  1 task missed since yesterday (see `terminbote tasks`)
    Last pass:       Wed 11 Mar 2026, 10:07, complete (computer server)
    Next:            Wed 11 Mar 2026, 11:07; reminds of appointments that start
                     before Thu 12 Mar 2026, 12:00
    Messages:        0 of unknown fate, 0 deferred (about appointments ahead)
    Tasks:           0 open, 1 missed
    --- status 1
    ");
    pass(&practice, "2026-03-12T10:07");
    assert_eq!(status(&practice, "2026-03-12T10:10").status, 0);
}

#[test]
fn a_service_that_waits_for_its_start_is_well_and_one_that_is_not_on_the_server_is_not() {
    let practice = Practice::ready();
    practice.sql("UPDATE interface SET start_date = '2026-04-01' WHERE id = 1");
    pass(&practice, "2026-03-10T19:07");
    assert_snapshot!(status(&practice, "2026-03-10T19:10"), @"
    TERMINBOTE OK: last good pass 3 min ago (Tue 10 Mar 2026, 19:07) | age=180s;;5400;0 needs_person=0;0;;0 uncertain=0;;;0 deferred=0;;;0 tasks_open=0;;;0 tasks_missed=0;;;0
    Last pass:       Tue 10 Mar 2026, 19:07, inactive (computer server)
    Last sending:    none
    Messages:        0 of unknown fate, 0 deferred (about appointments ahead)
    Tasks:           0 open, 0 missed
    --- status 0
    ");
    practice.sql("UPDATE interface SET start_date = NULL, server_side = 0 WHERE id = 1");
    pass(&practice, "2026-03-10T20:07");
    assert_snapshot!(status(&practice, "2026-03-10T20:10"), @"
    TERMINBOTE CRITICAL: no good pass yet, 1 h 30 min are allowed; Interface 1 (appointment notification) is not used since it is not set up for use on the server. Set it to be used on the server (column server_side to 1). | age=U;;5400;0 needs_person=1;0;;0 uncertain=0;;;0 deferred=0;;;0 tasks_open=0;;;0 tasks_missed=0;;;0
    Needs a person:  Interface 1 (appointment notification) is not used since it is
                     not set up for use on the server. Set it to be used on the
                     server (column server_side to 1).
    Last pass:       Tue 10 Mar 2026, 20:07, inactive, status 1 (computer server)
    Last sending:    none
    Messages:        0 of unknown fate, 0 deferred (about appointments ahead)
    Tasks:           0 open, 0 missed
    --- status 2
    ");
}

#[test]
fn a_configuration_error_is_named_as_soon_as_it_is_there() {
    let practice = Practice::ready();
    pass(&practice, "2026-03-10T19:07");
    practice.setting(1, "reminder.hours_before", "100");
    assert_snapshot!(status(&practice, "2026-03-10T19:10"), @"
    TERMINBOTE WARNING: every pass stops with an error: table interface, row 1, column settings: `reminder.hours_before`: 100 where a whole number from 1 to 99 is needed | age=180s;;5400;0 needs_person=1;0;;0 uncertain=0;;;0 deferred=0;;;0 tasks_open=0;;;0 tasks_missed=0;;;0
    Needs a person:  every pass stops with an error: table interface, row 1, column
                     settings: `reminder.hours_before`: 100 where a whole number
                     from 1 to 99 is needed
    Last pass:       Tue 10 Mar 2026, 19:07, complete (computer server)
    Messages:        0 of unknown fate, 0 deferred (about appointments ahead)
    Tasks:           0 open, 0 missed
    --- status 1
    ");
}

#[test]
fn what_cannot_be_told_is_unknown() {
    let practice = Practice::empty();
    assert_snapshot!(status(&practice, "2026-03-10T19:00"), @"
    TERMINBOTE UNKNOWN: cannot tell: there is no database termine.db; check the path, or make one with `terminbote init --db FILE`
    --- status 3
    ");
    std::fs::write(practice.path("termine.db"), "no database at all, whatever it is called").unwrap();
    assert_snapshot!(status(&practice, "2026-03-10T19:00"), @"
    TERMINBOTE UNKNOWN: cannot tell: termine.db is not a database; make one with `terminbote init --db FILE`
    --- status 3
    ");
    assert_snapshot!(practice.run(&["status", "--format", "json"]), @r#"
    {
      "exit_status": 3,
      "status": "unknown",
      "summary": "cannot tell: termine.db is not a database; make one with `terminbote init --db FILE`"
    }
    --- status 3
    "#);
    assert_snapshot!(status(&Practice::ready(), "yesterday"), @r#"
    TERMINBOTE UNKNOWN: cannot tell: --at "yesterday" is no time; write 2026-03-10T19:00 (in the chain's zone) or 2026-03-10T19:00:00+01:00
    --- status 3
    "#);
}

#[test]
fn programs_get_the_same_as_json() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00");
    pass(&practice, "2026-03-10T19:07");
    let text = practice.run(&["status", "--at", "2026-03-10T19:19", "--format", "json"]).stdout;
    assert_snapshot!(text, @r#"
    {
      "age_seconds": 720,
      "at": "2026-03-10T19:19:00+01:00",
      "exit_status": 0,
      "interfaces_in_trouble": [],
      "last_complete_pass": {
        "at": "2026-03-10T19:07:00+01:00",
        "exit_status": 0,
        "finished_at": "2026-03-10T19:07:00+01:00",
        "host": "server",
        "result": "complete",
        "running": false
      },
      "last_good_pass": {
        "at": "2026-03-10T19:07:00+01:00",
        "exit_status": 0,
        "finished_at": "2026-03-10T19:07:00+01:00",
        "host": "server",
        "result": "complete",
        "running": false
      },
      "last_pass": {
        "at": "2026-03-10T19:07:00+01:00",
        "exit_status": 0,
        "finished_at": "2026-03-10T19:07:00+01:00",
        "host": "server",
        "result": "complete",
        "running": false
      },
      "max_age_seconds": 5400,
      "messages": {
        "deferred": 0,
        "uncertain": 0
      },
      "needs_person": [],
      "next_pass": {
        "at": "2026-03-11T06:07:00+01:00",
        "reminder_window": {
          "look_ahead": false,
          "until": "2026-03-12T07:00:00+01:00"
        }
      },
      "status": "ok",
      "summary": "last good pass 12 min ago (Tue 10 Mar 2026, 19:07); the next one that sends: Wed 11 Mar 2026, 06:07",
      "tasks": {
        "missed": 0,
        "open": 0
      }
    }
    "#);
}

#[test]
fn looking_at_the_status_leaves_no_trace() {
    let practice = Practice::ready();
    pass(&practice, "2026-03-10T19:07");
    let before = (practice.files(), std::fs::read(practice.path("termine.db")).unwrap());
    status(&practice, "2026-03-10T19:19");
    assert!(before == (practice.files(), std::fs::read(practice.path("termine.db")).unwrap()));
}

#[test]
fn an_age_without_a_unit_is_refused() {
    let practice = Practice::ready();
    for age in ["90", "", "0m", "1000days", "soon"] {
        assert_eq!(practice.run(&["status", "--max-age", age]).status, 2, "{age}");
    }
    assert_snapshot!(practice.run(&["status", "--max-age", "90"]), @"
    --- stderr
    error: invalid value '90' for '--max-age <AGE>': write a number with its unit, such as 90m or 2h

    For more information, try '--help'.
    --- status 2
    ");
}
