//! `--dry-run --hours`: what the passes to come would send.

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice};

/// Two branches, customers of every channel, appointments of two days and one in May.
fn chain() -> Practice {
    let practice = Practice::ready();
    practice.sql(
        "INSERT INTO branch (id, code, name) VALUES (2, 'B', 'Sehen und Hören im Haus am Großen Wannsee');
         INSERT INTO contact_template_channel VALUES (1, 3, 'letter', 'Terminerinnerung Brief');
         INSERT INTO customer (id, last_name, preferred_contact) VALUES (8, 'Sommer', 'sms'), (9, 'Niemand', NULL);
         INSERT INTO customer (id, last_name, street, postcode, city) VALUES (10, 'Brief', 'Weg 1', '20095', 'Hamburg');
         INSERT INTO customer_phone VALUES (8, 1, '0152 28817387', 1);
         INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at) VALUES
         (1, 1, 7, 1, '2026-03-11 10:00', '2026-03-11 10:30'), (2, 1, 7, 1, '2026-05-11 10:00', '2026-05-11 10:30'),
         (3, 2, 8, 1, '2026-03-12 09:15', '2026-03-12 09:45'), (4, 2, 9, 1, '2026-03-11 11:00', '2026-03-11 11:30'),
         (5, 2, 10, 1, '2026-03-12 16:00', '2026-03-12 16:30');",
    );
    practice
}

#[test]
fn the_passes_of_two_days_are_foretold_by_pass_and_branch() {
    let practice = chain();
    assert_snapshot!(practice.run(&["--dry-run", "--hours", "48", "--at", EVENING]), @"
    Forecast of the appointment reminders (Europe/Berlin)
    For viewing only: nothing was sent and nothing was stored.
    From Tue 10 Mar 2026, 19:00 to Thu 12 Mar 2026, 18:00: 48 passes, hourly.
    Each pass reckons with what those before it would send; the data stay as they
      are.
    No pass has sent anything yet. The first one, Tue 10 Mar 2026, 19:00, would send
      2 messages: 2 e-mails.

    Notes
    -----
    - Changes were not recorded yet at that time. This was worked out from the data
      as they are now, only without the messages sent since: what has been entered,
      changed or deleted since is already in it.

    By pass
    -------
    Pass                        Messages   E-mail     SMS  SMS parts  Letter    Call
    Tue 10 Mar 2026, 19:00             2        2       0          0       0       0
    Tue 10 Mar 2026, 20:00 to Wed 11 Mar 2026, 05:00: quiet time (10 passes)
    Wed 11 Mar 2026, 06:00 to 08:00: nothing to send (3 passes)
    Wed 11 Mar 2026, 09:00             1        0       1          1       0       0
    Wed 11 Mar 2026, 10:00 to 15:00: nothing to send (6 passes)
    Wed 11 Mar 2026, 16:00             1        0       0          0       1       0
    Wed 11 Mar 2026, 17:00 to 19:00: nothing to send (3 passes)
    Wed 11 Mar 2026, 20:00 to Thu 12 Mar 2026, 05:00: quiet time (10 passes)
    Thu 12 Mar 2026, 06:00 to 18:00: nothing to send (13 passes)

    By branch
    ---------
    Branch                      Messages   E-mail     SMS  SMS parts  Letter    Call
    B Sehen und Hören im Ha…           2        0       1          1       1       0
    HH Optik Muster                    2        2       0          0       0       0

    In all: 4 messages: 2 e-mails, 1 text message (1 part), 1 letter. Of these
      reminders 3, confirmations 1.
    Reachable by no channel: 1 appointment; terminbote check names the customers.
    --- status 0
    ");
    assert_snapshot!(practice.run(&["--dry-run", "--hours", "20", "--at", EVENING, "--lang", "de"]), @"
    Vorschau der Terminbenachrichtigung (Europe/Berlin)
    Nur zur Ansicht: Es wurde nichts gesendet und nichts gespeichert.
    Von Di., 10.03.2026, 19:00 bis Mi., 11.03.2026, 14:00: 20 Läufe, stündlich.
    Jeder Lauf rechnet mit dem, was die Läufe vor ihm senden würden; die Daten
      bleiben, wie sie sind.
    Es hat noch kein Lauf gesendet. Der erste, Di., 10.03.2026, 19:00, würde senden:
      2 Nachrichten: 2 E-Mails.

    Hinweise
    --------
    - Zu diesem Zeitpunkt wurden Änderungen noch nicht aufgezeichnet. Gerechnet
      wurde mit den Daten von heute, nur ohne die seitdem gesendeten Nachrichten:
      Was seitdem eingetragen, geändert oder gelöscht wurde, ist hier schon
      enthalten.

    Nach Lauf
    ---------
    Lauf                     Nachrichten   E-Mail     SMS  SMS-Teile   Brief   Anruf
    Di., 10.03.2026, 19:00             2        2       0          0       0       0
    Di., 10.03.2026, 20:00 bis Mi., 11.03.2026, 05:00: Ruhezeit (10 Läufe)
    Mi., 11.03.2026, 06:00 bis 08:00: nichts zu senden (3 Läufe)
    Mi., 11.03.2026, 09:00             1        0       1          1       0       0
    Mi., 11.03.2026, 10:00 bis 14:00: nichts zu senden (5 Läufe)

    Nach Filiale
    ------------
    Filiale                  Nachrichten   E-Mail     SMS  SMS-Teile   Brief   Anruf
    B Sehen und Hören im Ha…           1        0       1          1       0       0
    HH Optik Muster                    2        2       0          0       0       0

    Zusammen: 3 Nachrichten: 2 E-Mails, 1 SMS (1 SMS-Teil). Davon Erinnerungen 2,
      Bestätigungen 1.
    Auf keinem Weg erreichbar: 1 Termin; terminbote check nennt die Kunden.
    --- status 0
    ");
}

#[test]
fn a_program_reads_the_same_numbers() {
    let practice = chain();
    assert_snapshot!(practice.run(&["--dry-run", "--hours", "16", "--at", EVENING, "--format", "json"]), @r#"
    {"forecast": true,
    "dry_run": true,
    "from": "2026-03-10T19:00:00+01:00",
    "to": "2026-03-11T10:00:00+01:00",
    "hours": 16,
    "rhythm": "at",
    "sent_before": false,
    "as_if_in_operation": false,
    "first_pass": "2026-03-10T19:00:00+01:00",
    "passes": [
      {"at":"2026-03-10T19:00:00+01:00","result":"complete","messages":2,"reminders":1,"confirmations":1,"email":2,"sms":0,"sms_segments":0,"letter":0,"phone":0,"deferred":0,"left":0,"branches":[{"branch_id":1,"code":"HH","messages":2,"reminders":1,"confirmations":1,"email":2,"sms":0,"sms_segments":0,"letter":0,"phone":0}]},
      {"at":"2026-03-10T20:00:00+01:00","result":"quiet","messages":0,"reminders":0,"confirmations":0,"email":0,"sms":0,"sms_segments":0,"letter":0,"phone":0,"deferred":0,"left":0,"branches":[]},
      {"at":"2026-03-10T21:00:00+01:00","result":"quiet","messages":0,"reminders":0,"confirmations":0,"email":0,"sms":0,"sms_segments":0,"letter":0,"phone":0,"deferred":0,"left":0,"branches":[]},
      {"at":"2026-03-10T22:00:00+01:00","result":"quiet","messages":0,"reminders":0,"confirmations":0,"email":0,"sms":0,"sms_segments":0,"letter":0,"phone":0,"deferred":0,"left":0,"branches":[]},
      {"at":"2026-03-10T23:00:00+01:00","result":"quiet","messages":0,"reminders":0,"confirmations":0,"email":0,"sms":0,"sms_segments":0,"letter":0,"phone":0,"deferred":0,"left":0,"branches":[]},
      {"at":"2026-03-11T00:00:00+01:00","result":"quiet","messages":0,"reminders":0,"confirmations":0,"email":0,"sms":0,"sms_segments":0,"letter":0,"phone":0,"deferred":0,"left":0,"branches":[]},
      {"at":"2026-03-11T01:00:00+01:00","result":"quiet","messages":0,"reminders":0,"confirmations":0,"email":0,"sms":0,"sms_segments":0,"letter":0,"phone":0,"deferred":0,"left":0,"branches":[]},
      {"at":"2026-03-11T02:00:00+01:00","result":"quiet","messages":0,"reminders":0,"confirmations":0,"email":0,"sms":0,"sms_segments":0,"letter":0,"phone":0,"deferred":0,"left":0,"branches":[]},
      {"at":"2026-03-11T03:00:00+01:00","result":"quiet","messages":0,"reminders":0,"confirmations":0,"email":0,"sms":0,"sms_segments":0,"letter":0,"phone":0,"deferred":0,"left":0,"branches":[]},
      {"at":"2026-03-11T04:00:00+01:00","result":"quiet","messages":0,"reminders":0,"confirmations":0,"email":0,"sms":0,"sms_segments":0,"letter":0,"phone":0,"deferred":0,"left":0,"branches":[]},
      {"at":"2026-03-11T05:00:00+01:00","result":"quiet","messages":0,"reminders":0,"confirmations":0,"email":0,"sms":0,"sms_segments":0,"letter":0,"phone":0,"deferred":0,"left":0,"branches":[]},
      {"at":"2026-03-11T06:00:00+01:00","result":"complete","messages":0,"reminders":0,"confirmations":0,"email":0,"sms":0,"sms_segments":0,"letter":0,"phone":0,"deferred":0,"left":0,"branches":[]},
      {"at":"2026-03-11T07:00:00+01:00","result":"complete","messages":0,"reminders":0,"confirmations":0,"email":0,"sms":0,"sms_segments":0,"letter":0,"phone":0,"deferred":0,"left":0,"branches":[]},
      {"at":"2026-03-11T08:00:00+01:00","result":"complete","messages":0,"reminders":0,"confirmations":0,"email":0,"sms":0,"sms_segments":0,"letter":0,"phone":0,"deferred":0,"left":0,"branches":[]},
      {"at":"2026-03-11T09:00:00+01:00","result":"complete","messages":1,"reminders":1,"confirmations":0,"email":0,"sms":1,"sms_segments":1,"letter":0,"phone":0,"deferred":0,"left":0,"branches":[{"branch_id":2,"code":"B","messages":1,"reminders":1,"confirmations":0,"email":0,"sms":1,"sms_segments":1,"letter":0,"phone":0}]},
      {"at":"2026-03-11T10:00:00+01:00","result":"complete","messages":0,"reminders":0,"confirmations":0,"email":0,"sms":0,"sms_segments":0,"letter":0,"phone":0,"deferred":0,"left":0,"branches":[]}
    ],
    "branches": [
      {"branch_id":2,"code":"B","messages":1,"reminders":1,"confirmations":0,"email":0,"sms":1,"sms_segments":1,"letter":0,"phone":0},
      {"branch_id":1,"code":"HH","messages":2,"reminders":1,"confirmations":1,"email":2,"sms":0,"sms_segments":0,"letter":0,"phone":0}
    ],
    "warnings": [
      {"code":"present_data","needs_person":false,"text":"Changes were not recorded yet at that time. This was worked out from the data as they are now, only without the messages sent since: what has been entered, changed or deleted since is already in it."}
    ],
    "totals": {"messages":3,"reminders":2,"confirmations":1,"email":2,"sms":1,"sms_segments":1,"letter":0,"phone":0,"deferred":0,"unreachable":1}}
    --- status 0
    "#);
}

#[test]
fn a_forecast_changes_no_byte_leaves_no_file_and_reads_a_file_that_cannot_be_written() {
    let practice = chain();
    let before = (std::fs::read(practice.path("termine.db")).unwrap(), practice.files());
    let mut permissions = std::fs::metadata(practice.path("termine.db")).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(practice.path("termine.db"), permissions).unwrap();
    assert_eq!(practice.run(&["--dry-run", "--hours", "48", "--at", EVENING]).status, 0);
    assert_eq!((std::fs::read(practice.path("termine.db")).unwrap(), practice.files()), before);
}

#[test]
fn after_a_pass_the_forecast_goes_on_from_the_record_and_at_an_earlier_instant_without_it() {
    let practice = chain();
    let foretold = |at: &str| {
        let printed = practice.run(&["--dry-run", "--hours", "4", "--at", at, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap();
        (report["sent_before"].clone(), report["totals"]["messages"].clone())
    };
    let before = foretold("2026-03-10T18:00");
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_snapshot!(format!("{before:?} {:?} {:?}", foretold("2026-03-11T06:00"), foretold("2026-03-10T18:00")), @"(Bool(false), Number(2)) (Bool(true), Number(1)) (Bool(false), Number(2))");
}

#[test]
fn a_service_that_is_not_in_operation_is_foretold_as_if_it_were_and_that_is_said() {
    let practice = chain();
    let not_in_operation = |change: &str| {
        practice.sql(&format!("UPDATE interface SET {change} WHERE id = 1"));
        let printed = practice.run(&["--dry-run", "--hours", "2", "--at", EVENING]);
        practice.sql("UPDATE interface SET server_side = 1, start_date = NULL, workstation = NULL");
        let from = printed.stdout.find("The appointment notification").unwrap();
        let to = printed.stdout.find("\n\n").unwrap();
        format!("{}\n--- status {}", &printed.stdout[from..to], printed.status)
    };
    assert_snapshot!(not_in_operation("server_side = 0"), @"
    The appointment notification is not in operation, since it is not set up for use
      on the server. This is as if it were.
    No pass has sent anything yet. The first one, Tue 10 Mar 2026, 19:00, would send
      2 messages: 2 e-mails.
    --- status 1
    ");
    assert_snapshot!(not_in_operation("start_date = '2026-04-01'"), @"
    The appointment notification is not in operation, since it starts only on Wed 1
      Apr 2026. This is as if it were.
    No pass has sent anything yet. The first one, Tue 10 Mar 2026, 19:00, would send
      2 messages: 2 e-mails.
    --- status 0
    ");
    assert_snapshot!(not_in_operation("workstation = 'anderswo'"), @"
    The appointment notification is not in operation, since it is bound to the
      computer “anderswo”. This is as if it were.
    No pass has sent anything yet. The first one, Tue 10 Mar 2026, 19:00, would send
      2 messages: 2 e-mails.
    --- status 0
    ");
}

#[test]
fn the_passes_before_the_start_date_send_nothing() {
    let practice = chain();
    practice.sql("UPDATE interface SET start_date = '2026-03-11' WHERE id = 1");
    let printed = practice.run(&["--dry-run", "--hours", "15", "--at", "2026-03-10T18:00"]);
    assert_snapshot!(printed, @"
    Forecast of the appointment reminders (Europe/Berlin)
    For viewing only: nothing was sent and nothing was stored.
    From Tue 10 Mar 2026, 18:00 to Wed 11 Mar 2026, 08:00: 15 passes, hourly.
    Each pass reckons with what those before it would send; the data stay as they
      are.
    No pass has sent anything yet. The first one, Wed 11 Mar 2026, 06:00, would send
      2 messages: 2 e-mails.

    Notes
    -----
    - Interface 1 (appointment notification) is not used since it starts only on Wed
      11 Mar 2026. If it is to start earlier, change its start date (column
      start_date).
    - Changes were not recorded yet at that time. This was worked out from the data
      as they are now, only without the messages sent since: what has been entered,
      changed or deleted since is already in it.

    By pass
    -------
    Pass                        Messages   E-mail     SMS  SMS parts  Letter    Call
    Tue 10 Mar 2026, 18:00 to 23:00: not in operation (6 passes)
    Wed 11 Mar 2026, 00:00 to 05:00: quiet time (6 passes)
    Wed 11 Mar 2026, 06:00             2        2       0          0       0       0
    Wed 11 Mar 2026, 07:00 to 08:00: nothing to send (2 passes)

    By branch
    ---------
    Branch                      Messages   E-mail     SMS  SMS parts  Letter    Call
    HH Optik Muster                    2        2       0          0       0       0

    In all: 2 messages: 2 e-mails. Of these reminders 1, confirmations 1.
    Reachable by no channel: 1 appointment; terminbote check names the customers.
    --- status 0
    ");
}

#[test]
fn what_goes_wrong_is_said_once_for_all_passes() {
    let practice = chain();
    practice.sql(
        "UPDATE interface SET server_side = 0 WHERE id = 3; DELETE FROM document_template WHERE name LIKE '%Brief';",
    );
    let printed = practice.run(&["--dry-run", "--hours", "48", "--at", EVENING]);
    assert_snapshot!(printed, @"
    Forecast of the appointment reminders (Europe/Berlin)
    For viewing only: nothing was sent and nothing was stored.
    From Tue 10 Mar 2026, 19:00 to Thu 12 Mar 2026, 18:00: 48 passes, hourly.
    Each pass reckons with what those before it would send; the data stay as they
      are.
    No pass has sent anything yet. The first one, Tue 10 Mar 2026, 19:00, would send
      2 messages: 2 e-mails.

    What needs doing
    ----------------
    - A text cannot be used: “there is no document template `Terminerinnerung
      Brief`; did you mean `Terminerinnerung SMS`?”. Messages that need it are
      postponed until it is corrected (table document_template).
    - Interface 3 (for text messages) is not used since it is not set up for use on
      the server. There is no other: nothing can go out by text message at present.
      Reminders go out by the next way where there is one. Set it to be used on the
      server (column server_side to 1).
    - 1 message is postponed since the text cannot be used; a later pass decides
      anew while the appointment is still ahead.

    Notes
    -----
    - Changes were not recorded yet at that time. This was worked out from the data
      as they are now, only without the messages sent since: what has been entered,
      changed or deleted since is already in it.

    By pass
    -------
    Pass                        Messages   E-mail     SMS  SMS parts  Letter    Call
    Tue 10 Mar 2026, 19:00             2        2       0          0       0       0
    Tue 10 Mar 2026, 20:00 to Wed 11 Mar 2026, 05:00: quiet time (10 passes)
    Wed 11 Mar 2026, 06:00 to 19:00: nothing to send (14 passes)
    Wed 11 Mar 2026, 20:00 to Thu 12 Mar 2026, 05:00: quiet time (10 passes)
    Thu 12 Mar 2026, 06:00 to 18:00: nothing to send (13 passes)

    By branch
    ---------
    Branch                      Messages   E-mail     SMS  SMS parts  Letter    Call
    HH Optik Muster                    2        2       0          0       0       0

    In all: 2 messages: 2 e-mails. Of these reminders 1, confirmations 1.
    Reachable by no channel: 2 appointments; terminbote check names the customers.
    --- status 1
    ");
    assert_eq!(practice.run(&["--dry-run", "--hours", "48", "--at", EVENING, "--quiet"]).stdout, printed.stdout);
}

#[test]
fn hours_that_make_no_sense_are_refused() {
    let practice = Practice::ready();
    let refused = |arguments: &[&str]| {
        let printed = practice.run(arguments);
        assert_eq!((printed.status, printed.stdout.as_str()), (2, ""), "{printed}");
        printed.stderr.lines().next().unwrap_or_default().to_owned()
    };
    assert_snapshot!([
        refused(&["--hours", "48"]),
        refused(&["--dry-run", "--hours", "0"]),
        refused(&["--dry-run", "--hours", "337"]),
        refused(&["--dry-run", "--hours", "zwei"]),
        refused(&["--dry-run", "--hours", "2", "--at", "gestern"]),
    ].join("\n"), @r#"
    error: --hours 48 foretells what coming passes would send, and sends nothing; add --dry-run
    error: invalid value '0' for '--hours <N>': a whole number from 1 to 336 is needed
    error: invalid value '337' for '--hours <N>': a whole number from 1 to 336 is needed
    error: invalid value 'zwei' for '--hours <N>': a whole number from 1 to 336 is needed
    error: --at "gestern" is no time; write 2026-03-10T19:00 (in the chain's zone) or 2026-03-10T19:00:00+01:00
    "#);
}

#[test]
fn the_page_has_the_same_numbers_and_nobodys_name() {
    let practice = chain();
    let printed =
        practice.run(&["--dry-run", "--hours", "20", "--at", EVENING, "--html", "vorschau.html", "--lang", "de"]);
    assert_eq!(printed.status, 0, "{printed}");
    let page = std::fs::read_to_string(practice.path("vorschau.html")).unwrap();
    for part in
        ["1 SMS (1 SMS-Teil)", "HH Optik Muster", "Ruhezeit (10 Läufe)", "Der erste, Di., 10.03.2026, 19:00", "</html>"]
    {
        assert!(page.contains(part), "{part}");
    }
    for secret in ["Weiß", "renate", "Sommer", "28817387", "Angaben über Kunden"] {
        assert!(!page.contains(secret), "{secret}");
    }
    let refused = practice.run(&["--dry-run", "--hours", "2", "--at", EVENING, "--html", "termine.db"]);
    assert_eq!(refused.status, 2, "{refused}");
    let refused = practice.run(&["--dry-run", "--hours", "2", "--at", EVENING, "--html", "fehlt/vorschau.html"]);
    assert_eq!((refused.status, refused.stdout.as_str()), (74, ""), "{refused}");
}
