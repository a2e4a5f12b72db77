//! `terminbote restored`: after a backup nobody is told twice.

use insta::assert_snapshot;

use crate::practice::Practice;

/// A chain whose backup is of 07:00, and whose pass of 12:00 reminded customer 1 and is lost.
fn chain() -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations();
    practice.appointment(1, "2026-03-10 18:00").appointment(2, "2026-03-11 15:00");
    let backup = std::fs::read(practice.path("termine.db")).unwrap();
    assert_eq!(practice.pass("2026-03-10T12:00").status, 0);
    std::fs::write(practice.path("termine.db"), backup).unwrap();
    practice
}

#[test]
fn what_the_lost_passes_would_have_sent_is_uncertain_and_not_sent_again() {
    let practice = chain();
    let mails = practice.files();
    let now = "2026-03-10T12:30";
    assert_snapshot!(practice.run(&["restored", "--since", "2026-03-10T07:00", "--at", now]), @"
    Backup of Tue 10 Mar 2026, 07:00; nothing was sent.
    Passes since then, outside quiet time: 6. Written down as uncertain: 1 message.
      message 1: Tue 10 Mar 2026, 18:00: Renate Weiß, e-mail to r***@e***.de; pass
        Tue 10 Mar 2026, 07:00
    None of them is sent once more. Compare with the lists of the mail server and
      the gateway: `terminbote settle ID deferred` for each that certainly did not
      go out; the next pass sends it if its appointment is still due. `terminbote
      settle ID sent` for each that did.
    --- status 1
    ");
    assert_snapshot!(practice.query("SELECT customer_id, kind, state, sent_at, repeats, interface_id FROM message"), @"7|reminder|uncertain|2026-03-10T06:00:00Z|1|");
    assert_eq!(practice.files(), mails, "nothing was sent");
    let next = practice.json("2026-03-10T13:00");
    assert_eq!(next.0["totals"]["sent"], 0, "{}", next.0);
    assert_snapshot!(practice.run(&["restored", "--since", "2026-03-10T07:00", "--at", now, "--lang", "de"]), @"
    Sicherung von Di., 10.03.2026, 07:00; es wurde nichts gesendet.
    Läufe seither, außerhalb der Ruhezeit: 6. Als ungewiss festgehalten: keine
      Nachrichten.
    --- status 0
    ");
}

#[test]
fn a_message_that_certainly_did_not_go_out_is_sent_by_the_next_pass_to_the_same_address() {
    let practice = chain();
    let mails = practice.files().len();
    practice.run(&["restored", "--since", "2026-03-10T07:00", "--at", "2026-03-10T12:30"]);
    assert_eq!(practice.run(&["settle", "1", "deferred"]).status, 0);
    assert_eq!(practice.pass("2026-03-10T13:00").status, 0);
    assert_eq!(practice.query("SELECT id, channel, state FROM message"), "1|email|sent");
    assert_eq!(practice.files().len(), mails + 1);
}

#[test]
fn a_message_that_did_not_go_out_and_is_no_longer_due_is_withdrawn() {
    let practice = chain();
    practice.run(&["restored", "--since", "2026-03-10T07:00", "--at", "2026-03-10T12:30"]);
    assert_eq!(practice.run(&["settle", "1", "deferred"]).status, 0);
    // Before that pass, not by the clock of today.
    practice.sql("UPDATE message SET settled_at = '2026-03-10T11:40:00Z'");
    practice.sql("UPDATE appointment SET status = 'cancelled' WHERE id = 1");
    assert_eq!(practice.pass("2026-03-10T13:00").status, 0);
    assert_eq!(practice.query("SELECT id, channel, state FROM message"), "1|email|withdrawn");
}

#[test]
fn a_letter_whose_task_is_lost_can_become_a_task_again() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-10 18:00").sql(
        "INSERT INTO contact_template_channel (contact_template_id, position, channel, document_template)
         SELECT id, 3, 'letter', 'Terminerinnerung Brief' FROM contact_template;
         UPDATE customer SET preferred_contact = 'letter', street = 'Am Weg 1', postcode = '20457', city = 'Hamburg'",
    );
    let restored = practice.run(&["restored", "--since", "2026-03-10T07:00", "--at", "2026-03-10T12:30"]);
    assert!(restored.words().contains("Letters and calls are in no such list"), "{restored}");
    assert_eq!(practice.query("SELECT id, channel, state FROM message"), "1|letter|uncertain");
    assert_eq!(practice.run(&["settle", "1", "deferred"]).status, 0);
    assert_eq!(practice.pass("2026-03-10T13:00").status, 0);
    assert_eq!(practice.query("SELECT id, channel, state FROM message"), "1|letter|handed_over");
}

#[test]
fn an_instant_that_cannot_be_that_of_a_backup_is_refused() {
    let practice = Practice::ready();
    for (since, problem) in
        [("gestern", "is no time"), ("2999-01-01T00:00", "future"), ("2020-01-01T00:00", "more than a year ago")]
    {
        let refused = practice.run(&["restored", "--since", since]);
        assert_eq!(refused.status, 2);
        assert!(refused.to_string().contains(problem), "{refused}");
    }
}

#[test]
fn without_an_instant_the_backup_tells_from_when_on_something_is_missing() {
    let practice = chain();
    let nothing = practice.run(&["restored", "--at", "2026-03-10T12:30"]);
    assert_snapshot!(nothing, @"
    --- stderr
    error: the backup knows no pass; name its instant with --since, such as 2026-03-10T03:00
    --- status 2
    ");
    let practice = Practice::ready();
    practice.without_confirmations();
    // In the backup: the pass of 07:00, which had nothing to do. That of 10:00 is lost.
    assert_eq!(practice.pass("2026-03-10T07:00").status, 0);
    let backup = std::fs::read(practice.path("termine.db")).unwrap();
    practice.appointment(1, "2026-03-10 11:30");
    assert_eq!(practice.pass("2026-03-10T10:00").status, 0);
    std::fs::write(practice.path("termine.db"), backup).unwrap();
    practice.appointment(1, "2026-03-10 11:30");
    let mistaken = practice.run(&["restored", "--since", "2026-03-10T12:00", "--at", "2026-03-10T12:30"]);
    assert_snapshot!(mistaken, @"
    Backup of Tue 10 Mar 2026, 12:00; nothing was sent.
    Passes since then, outside quiet time: 1. Written down as uncertain: no
      messages.
    Caution: the newest pass that this backup knows is of Tue 10 Mar 2026, 07:00. If
      passes ran after it, the backup is older than you said, and what they sent is
      missing: run `terminbote restored` without --since then.
    --- status 0
    ");
    assert_snapshot!(practice.run(&["restored", "--at", "2026-03-10T12:30"]), @"
    Backup of Tue 10 Mar 2026, 07:00; nothing was sent.
    Passes since then, outside quiet time: 5. Written down as uncertain: 1 message.
      message 1: Tue 10 Mar 2026, 11:30: Renate Weiß, e-mail to r***@e***.de; pass
        Tue 10 Mar 2026, 08:00
    None of them is sent once more. Compare with the lists of the mail server and
      the gateway: `terminbote settle ID deferred` for each that certainly did not
      go out; the next pass sends it if its appointment is still due. `terminbote
      settle ID sent` for each that did.
    --- status 1
    ");
    assert_eq!(practice.query("SELECT customer_id, kind, state FROM message"), "7|reminder|uncertain");
    let shown = practice.run(&["history", "--state", "uncertain", "--lang", "de"]).to_string();
    assert_snapshot!(shown.lines().take(8).collect::<Vec<_>>().join("\n"), @"
    Alle Kunden: 1 Nachricht
    Nur Nachrichten in diesem Zustand: ungewiss

    Di., 10.03.2026, 08:00: Erinnerung per E-Mail, ungewiss
      Nachricht 1 an Renate Weiß (Kunde 7), r***@e***.de
      Termin 1: Di., 10.03.2026, 11:30
      Festgehalten Di., 10.03.2026, 12:30
      Grund: vor einer Rücksicherung gesendet oder nicht, das weiß niemand
    ");
}

/// A pass of 13:00 had a message on its way, another one claimed to follow it, and a third of unknown fate when
/// the backup was made.
#[test]
fn what_was_on_its_way_in_the_backup_is_not_sent_again() {
    let practice = chain();
    practice.sql(
        "INSERT INTO message (id, kind, customer_id, channel, address, body, state, sent_at, follows) VALUES
         (11, 'reminder', 7, 'email', 'renate@example.de', 'Text', 'sending', '2026-03-10T06:00:00Z', NULL),
         (12, 'reminder', 8, 'email', 'kai@example.de', 'Text', 'sending', '2026-03-10T06:00:00Z', 11),
         (13, 'reminder', 9, 'email', 'uwe@example.de', 'Text', 'uncertain', '2026-03-10T06:00:00Z', NULL);
         INSERT INTO message_appointment (message_id, appointment_id, appointment_start, sequence, kind, customer_id, counts)
         VALUES (11, 1, '2026-03-10 18:00', 0, 'reminder', 7, 1)",
    );
    let mails = practice.files();
    assert_snapshot!(practice.run(&["restored", "--since", "2026-03-10T07:00", "--at", "2026-03-10T12:30"]), @"
    Backup of Tue 10 Mar 2026, 07:00; nothing was sent.
    Passes since then, outside quiet time: 6. Written down as uncertain: no
      messages.
    On its way in the backup, or uncertain, and now written down as uncertain as
      well: 3 messages. `terminbote history --state uncertain` tells which; none of
      them is sent once more either.
    --- status 1
    ");
    assert_snapshot!(practice.query("SELECT id, state, repeats, error FROM message"), @"
    11|uncertain|1|sent or not before a backup was restored: nobody knows
    12|uncertain|1|sent or not before a backup was restored: nobody knows
    13|uncertain|1|sent or not before a backup was restored: nobody knows
    ");
    let next = practice.pass("2026-03-10T13:00");
    assert!(!next.words().contains("broke off"), "{next}");
    assert_eq!(practice.files(), mails, "nothing was sent");
}

/// A practice with these passes, and an appointment that was entered after them.
fn lost(practice: Practice, last: &[&str]) -> Practice {
    practice.without_confirmations();
    for at in last {
        assert_eq!(practice.pass(at).status, 0, "{at}");
    }
    practice.appointment(1, "2026-03-11 09:00");
    practice
}

fn restored(practice: &Practice, at: &str) -> (i32, String) {
    let printed = practice.run(&["restored", "--at", at]);
    (printed.status, practice.query("SELECT state, sent_at FROM message"))
}

/// Cron needs some seconds, so that no hourly pass of a full minute is the one in whose middle the backup was made.
#[test]
fn the_rest_of_a_pass_in_whose_middle_the_backup_was_made_is_uncertain() {
    let practice = lost(Practice::ready(), &["2026-03-10T18:07:03+01:00", "2026-03-10T19:07:03+01:00"]);
    practice.sql("UPDATE pass SET finished_at = NULL, result = NULL, exit_status = NULL WHERE id = 2");
    let told = "uncertain|2026-03-10T18:07:03Z".to_owned();
    assert_eq!(restored(&practice, "2026-03-10T19:40"), (1, told));
    assert_eq!(practice.json("2026-03-10T20:00").0["totals"]["sent"], 0);
}

#[test]
fn passes_at_several_minutes_of_an_hour_are_made_up_for() {
    let passes = ["17:07", "17:37", "18:07", "18:37", "19:07"].map(|at| format!("2026-03-10T{at}"));
    let practice = lost(Practice::ready(), &passes.each_ref().map(String::as_str));
    assert_eq!(restored(&practice, "2026-03-10T19:50"), (1, "uncertain|2026-03-10T18:37:00Z".to_owned()));
}

/// Cron's passes have a password and a name that whoever puts a backup back does not have.
#[test]
fn the_passes_are_made_up_for_as_cron_made_them() {
    let practice = Practice::ready();
    practice.mail_by_port(9).setting(2, "user", "\"termine\"");
    practice.setting(2, "secrets", r#"{"password_env": "ONLY_CRON_HAS_IT"}"#);
    practice.sql("UPDATE interface SET workstation = 'empfang'");
    let practice = lost(practice, &[]);
    practice.sql("INSERT INTO pass (at, host, version) VALUES ('2026-03-10T17:07:03Z', 'empfang', '0')");
    assert_eq!(restored(&practice, "2026-03-10T19:50"), (1, "uncertain|2026-03-10T17:07:03Z".to_owned()));
    assert_eq!(practice.query("SELECT channel FROM message"), "email");
}

#[test]
fn passes_that_would_have_found_the_service_not_in_operation_are_told() {
    let practice = lost(Practice::ready(), &["2026-03-10T18:07", "2026-03-10T19:07"]);
    practice.sql("UPDATE interface SET start_date = '2026-04-01' WHERE id = 1");
    let printed = practice.run(&["restored", "--at", "2026-03-10T20:30"]);
    assert_snapshot!(printed, @"
    Backup of Tue 10 Mar 2026, 19:07; nothing was sent.
    Passes since then, outside quiet time: 0. Written down as uncertain: no
      messages.
    Caution: at 1 more passes the service was not in operation by its present
      settings; what they sent is missing. If it was at that time, put those
      settings back (`terminbote check` says why), and run `terminbote restored`
      once more.
    --- status 1
    ");
    let german = practice.run(&["restored", "--at", "2026-03-10T20:30", "--lang", "de"]);
    assert_snapshot!(german.words(), @"Sicherung von Di., 10.03.2026, 19:07; es wurde nichts gesendet. Läufe seither, außerhalb der Ruhezeit: 0. Als ungewiss festgehalten: keine Nachrichten. Achtung: Bei 1 weiteren Läufen war der Dienst nach seinen jetzigen Einstellungen nicht in Betrieb; was sie sendeten, fehlt. War er es damals, dann diese Einstellungen wiederherstellen (`terminbote check` sagt, woran es liegt) und `terminbote restored` noch einmal ausführen.");
}
