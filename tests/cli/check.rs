//! `terminbote check`: what is well, what is not, and what to do about it.

use insta::assert_snapshot;

use crate::http_peer::{Act as Answer, HttpPeer};
use crate::practice::{EVENING, Practice, Printed};
use crate::smtp_peer::{Act, SmtpPeer, Stage};

fn check(practice: &Practice, more: &[&str]) -> Printed {
    let mut arguments = vec!["check", "--at", EVENING, "--lang", "en"];
    arguments.extend(more);
    practice.run(&arguments)
}

/// The findings that are not ok.
fn findings(printed: &Printed) -> String {
    let mut shown = Vec::new();
    let mut showing = false;
    for line in printed.stdout.lines().skip(1) {
        showing = match line.split_once(' ') {
            Some(("ok", _)) => false,
            Some(("note" | "ACT", _)) => true,
            _ => showing && line.starts_with("     "),
        };
        if showing {
            shown.push(line);
        }
    }
    format!("{}\n--- status {}", shown.join("\n"), printed.status)
}

/// Sends to servers of this computer, has run a pass, and one customer is ahead.
fn healthy(mail: &SmtpPeer, gateway: &HttpPeer) -> Practice {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-12 10:00");
    practice.sql(&format!(
        r#"UPDATE interface SET settings = '{{"transport": "smtp", "host": "127.0.0.1", "port": {}, "tls": "none",
             "from": "termine@example.de", "user": "termine", "secrets": {{"password": "hunter2-mail"}}}}' WHERE id = 2;
           UPDATE interface SET settings = '{{"gateway": "seven", "base_url": "{}",
             "secrets": {{"api_key": "hunter2-key"}}}}' WHERE id = 3;
           INSERT INTO pass (at, finished_at, result, exit_status, host, version)
           VALUES ('2026-03-10T17:00:00Z', '2026-03-10T17:00:04Z', 'complete', 0, 'server', '0');"#,
        mail.port(),
        gateway.url()
    ));
    practice
}

fn balance() -> Answer {
    Answer::reply(200, r#"{"amount": 12.5, "currency": "EUR"}"#)
}

/// The ports of this computer differ from run to run.
fn without_ports(printed: &Printed) -> String {
    let mut text = String::new();
    let shown = printed.to_string();
    let mut rest = shown.as_str();
    while let Some((before, after)) = rest.split_once("127.0.0.1:") {
        text.push_str(before);
        text.push_str("127.0.0.1:PORT");
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    text + rest
}

#[test]
#[expect(clippy::too_many_lines, reason = "both pages are shown in full")]
fn a_healthy_practice() {
    let (mail, gateway) = (SmtpPeer::polite(), HttpPeer::playing([balance(), balance()]));
    let practice = healthy(&mail, &gateway);
    let before = (std::fs::read(practice.path("termine.db")).unwrap(), practice.files());
    assert_snapshot!(without_ports(&check(&practice, &[])), @"
    Check of the appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin),
      computer server

    Interfaces
    ----------
    ok   1, appointment notification: whole chain, any computer, on the server, at
         once. Can be used now.
    ok   2, e-mail (SMTP) (127.0.0.1:PORT, not encrypted): whole chain, any
         computer, on the server, at once. Can be used now.
    ok   3, SMS (seven, 127.0.0.1:PORT): whole chain, any computer, on the server,
         at once. Can be used now.

    Settings
    --------
    ok   All branches: HH (Optik Muster).
    ok   Quiet time: night rest from 20:00 to 06:00, and always from 23:00 to 04:00
         (maintenance window).
    ok   Confirmation by e-mail: “Terminbestätigung”, with a calendar file.
    ok   Reminder: 24 hours before the appointment, at least 6 hours between two
         messages, appointments of a day not combined.
         Contact template “Terminerinnerung”: e-mail “Terminerinnerung E-Mail”, text
         message “Terminerinnerung SMS”.

    Schedule
    --------
    ok   Passes at minute 0 of every hour (as of late) remind of every appointment,
         at whatever minute it starts, also on the days of clock change (Sun 29 Mar
         2026 and Sun 25 Oct 2026).

    Texts
    -----
    ok   “Terminbestätigung” (without language) bears the longest and oddest names.
    ok   “Terminbestätigung” (en) bears the longest and oddest names.
    ok   “Terminerinnerung E-Mail” (without language) bears the longest and oddest
         names.
    ok   “Terminerinnerung E-Mail” (en) bears the longest and oddest names.
    ok   “Terminerinnerung SMS” (without language) usually makes 1 part (GSM-7),
         with the longest names and three appointments 3 parts (UCS-2); wanted are
         at most 3.
    ok   “Terminerinnerung SMS” (en) usually makes 1 part (GSM-7), with the longest
         names and three appointments 3 parts (UCS-2); wanted are at most 3.

    Log-in at servers
    -----------------
    ok   Interface 2: the log-in has succeeded.
    ok   Interface 3: the log-in has succeeded, balance “12.5 EUR”.

    Data
    ----
    ok   All appointments from today on, customers, numbers and messages can be
         understood.

    Whether customers can be reached
    --------------------------------
    ok   The one customer with appointments ahead can be reached.

    Computer and file
    -----------------
    ok   The database can be written.
    ok   The folder of the database can be written.
    ok   The database and files of passwords are not open to every user of this
         computer.
    ok   The journal of the database is set as it should be (journal_mode DELETE).
    ok   No pass is running.
    ok   The clock in Europe/Berlin shows Tue 10 Mar 2026, 19:00. It is put forward
         next to Sun 29 Mar 2026, 03:00.
    ok   Last pass: Tue 10 Mar 2026, 18:00, complete.
    ok   There is enough room on the disk.

    26 in order, 0 notes, 0 to act on.
    --- status 0
    ");
    assert_snapshot!(without_ports(&practice.run(&["check", "--at", EVENING, "--lang", "de"])), @"
    Prüfung der Terminbenachrichtigung, Di., 10.03.2026, 19:00 (Europe/Berlin),
      Rechner server

    Schnittstellen
    --------------
    ok      1, Terminbenachrichtigung: ganze Kette, jeder Rechner, serverseitig, ab
            sofort. Jetzt benutzbar.
    ok      2, E-Mail (SMTP) (127.0.0.1:PORT, unverschlüsselt): ganze Kette, jeder
            Rechner, serverseitig, ab sofort. Jetzt benutzbar.
    ok      3, SMS (seven, 127.0.0.1:PORT): ganze Kette, jeder Rechner,
            serverseitig, ab sofort. Jetzt benutzbar.

    Einstellungen
    -------------
    ok      Alle Filialen: HH (Optik Muster).
    ok      Ruhezeit: Nachtruhe von 20:00 bis 06:00, und immer von 23:00 bis 04:00
            (Wartungsfenster).
    ok      Bestätigung per E-Mail: „Terminbestätigung“, mit Kalenderdatei.
    ok      Erinnerung: 24 Stunden vor dem Termin, mindestens 6 Stunden zwischen
            zwei Nachrichten, Termine eines Tages nicht zusammengefasst.
            Kontaktvorlage „Terminerinnerung“: E-Mail „Terminerinnerung E-Mail“, SMS
            „Terminerinnerung SMS“.

    Zeitplan
    --------
    ok      Läufe zur Minute 0 jeder Stunde (wie zuletzt) erinnern an jeden Termin,
            zu welcher Minute er auch beginnt, auch an den Tagen der Zeitumstellung
            (So., 29.03.2026 und So., 25.10.2026).

    Texte
    -----
    ok      „Terminbestätigung“ (ohne Sprache) erträgt die längsten und seltsamsten
            Namen.
    ok      „Terminbestätigung“ (en) erträgt die längsten und seltsamsten Namen.
    ok      „Terminerinnerung E-Mail“ (ohne Sprache) erträgt die längsten und
            seltsamsten Namen.
    ok      „Terminerinnerung E-Mail“ (en) erträgt die längsten und seltsamsten
            Namen.
    ok      „Terminerinnerung SMS“ (ohne Sprache) ergibt gewöhnlich 1 SMS-Teil
            (GSM-7), mit den längsten Namen und drei Terminen 3 SMS-Teile (UCS-2);
            gewünscht sind höchstens 3.
    ok      „Terminerinnerung SMS“ (en) ergibt gewöhnlich 1 SMS-Teil (GSM-7), mit
            den längsten Namen und drei Terminen 3 SMS-Teile (UCS-2); gewünscht sind
            höchstens 3.

    Anmeldung an Servern
    --------------------
    ok      Schnittstelle 2: Die Anmeldung ist gelungen.
    ok      Schnittstelle 3: Die Anmeldung ist gelungen, Guthaben „12.5 EUR“.

    Daten
    -----
    ok      Alle Termine ab heute, Kunden, Nummern und Nachrichten sind zu
            verstehen.

    Erreichbarkeit der Kunden
    -------------------------
    ok      Der eine Kunde mit künftigen Terminen ist zu erreichen.

    Rechner und Datei
    -----------------
    ok      Die Datenbank ist beschreibbar.
    ok      Der Ordner der Datenbank ist beschreibbar.
    ok      Datenbank und Dateien mit Passwörtern stehen nicht allen Benutzern
            dieses Rechners offen.
    ok      Das Journal der Datenbank ist richtig eingestellt (journal_mode DELETE).
    ok      Kein Lauf ist im Gange.
    ok      Die Uhr in Europe/Berlin zeigt Di., 10.03.2026, 19:00. Die nächste
            Umstellung stellt sie vor, auf So., 29.03.2026, 03:00.
    ok      Letzter Lauf: Di., 10.03.2026, 18:00, vollständig.
    ok      Auf der Platte ist genug Platz.

    26 in Ordnung, 0 Hinweise, 0 zu erledigen.
    --- status 0
    ");
    assert!(mail.taken().is_empty(), "nothing was sent");
    assert_eq!((std::fs::read(practice.path("termine.db")).unwrap(), practice.files()), before);
}

#[test]
fn a_database_that_has_just_been_made() {
    assert_snapshot!(findings(&check(&Practice::new(), &[])), @"
    ACT  Every pass stops with an error: “the table interface has no row of the kind
         appointment_notification; insert one with the settings of the service (see
         examples/settings.sql)”. Please correct it.
    ACT  There are no interfaces. Set them up (table interface, see
         examples/settings.sql).
    note There is no server and no gateway to log in to.
    note No pass has run yet. Have terminbote called once an hour (see
         examples/crontab).
    --- status 78
    ");
}

#[test]
fn files_are_no_servers_and_offline_asks_nobody() {
    let practice = Practice::ready();
    assert_snapshot!(findings(&check(&practice, &[])), @"
    note Interface 2 writes files; nothing reaches customers by it.
    note Interface 3 writes files; nothing reaches customers by it.
    note Nobody has an appointment ahead that messages may be sent about.
    note No pass has run yet. Have terminbote called once an hour (see
         examples/crontab).
    --- status 0
    ");
    let mail = SmtpPeer::polite();
    let gateway = HttpPeer::playing([balance()]);
    let practice = healthy(&mail, &gateway);
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"
    note Not checked (--offline).
    --- status 0
    ");
    assert_eq!((mail.connections(), gateway.requests().len()), (0, 0));
    check(&practice, &[]);
    assert_eq!((mail.connections(), gateway.requests().len()), (1, 1));
}

#[test]
fn interfaces_that_cannot_be_used_say_why() {
    let practice = Practice::ready();
    practice.sql(
        r#"INSERT INTO branch (id, code, name) VALUES (2, 'B', 'Optik Muster Berlin');
           UPDATE interface SET branch_id = 1 WHERE id = 1;
           UPDATE interface SET server_side = 0 WHERE id = 2;
           UPDATE interface SET branch_id = 2 WHERE id = 3;
           INSERT INTO interface (id, kind, server_side, start_date, workstation, settings) VALUES
           (4, 'smtp', 1, '2026-04-01', NULL, '{"transport": "file", "directory": "mail", "from": "a@example.de"}'),
           (5, 'smtp', 1, NULL, 'EMPFANG', '{"transport": "file", "directory": "mail", "from": "a@example.de"}'),
           (6, 'sms', 1, NULL, NULL, '{"gateway": "seven", "api_key": "hunter2-key"}'),
           (7, 'sms', 1, NULL, NULL, '{"gateway": "file", "directory": "sms"}'),
           (8, 'sms', 1, NULL, NULL, '{"gateway": "file", "directory": "sms"}');"#,
    );
    let printed = check(&practice, &["--offline"]);
    assert_snapshot!(findings(&printed), @r#"
    note Interface 1 (appointment notification) names a branch. That has no effect:
         it always holds for all branches. To narrow it down there is the branch
         filter (setting branch_filter).
    ACT  2, e-mail (SMTP) (folder ./mail): whole chain, any computer, not on the
         server, at once. Cannot be used now since it is not set up for use on the
         server. Set it to be used on the server (column server_side to 1). There is
         no other: nothing can go out by e-mail at present. Reminders go out by the
         next way where there is one.
    ACT  4, e-mail (SMTP) (folder ./mail): whole chain, any computer, on the server,
         from Wed 1 Apr 2026. Cannot be used now since it starts only on Wed 1 Apr
         2026. If it is to start earlier, change its start date (column start_date).
         There is no other: nothing can go out by e-mail at present. Reminders go
         out by the next way where there is one.
    ACT  5, e-mail (SMTP) (folder ./mail): whole chain, computer “EMPFANG”, on the
         server, at once. Cannot be used now since it is bound to the computer
         “EMPFANG”. If this computer is to use it, change or empty the column
         workstation. There is no other: nothing can go out by e-mail at present.
         Reminders go out by the next way where there is one.
    ACT  6, SMS: whole chain, any computer, on the server, at once. Cannot be used
         now since its settings are wrong: “`api_key`: secrets stand under `secrets`
         only: "secrets": {"api_key": …}; `secrets`: missing; an object with
         `api_key`, `api_key_file` or `api_key_env` is needed”. Correct its settings
         (column settings), or the file or variable that is named there.
    note For text messages there are several interfaces of the same rank (7, 8); 7
         is used. Delete what is not needed (table interface).
    note Not checked (--offline).
    note Nobody has an appointment ahead that messages may be sent about.
    note No pass has run yet. Have terminbote called once an hour (see
         examples/crontab).
    --- status 1
    "#);
    assert!(!printed.to_string().contains("hunter2"), "{printed}");
}

#[test]
fn only_the_interfaces_of_workstations() {
    let practice = Practice::ready();
    assert_snapshot!(check(&practice, &["--workstations"]), @"
    Check of the appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin),
      computer server

    Interfaces
    ----------
    ok   No interface is bound to a computer.

    1 in order, 0 notes, 0 to act on.
    --- status 0
    ");
    practice.sql("UPDATE interface SET workstation = 'EMPFANG' WHERE id = 2");
    practice.sql("UPDATE interface SET workstation = 'server.example.de' WHERE id = 3");
    assert_snapshot!(check(&practice, &["--workstations"]), @"
    Check of the appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin),
      computer server

    Interfaces
    ----------
    note 2, e-mail (SMTP) (folder ./mail): whole chain, computer “EMPFANG”, on the
         server, at once. Cannot be used now since it is bound to the computer
         “EMPFANG”. If this computer is to use it, change or empty the column
         workstation.
    ok   3, SMS (folder ./sms): whole chain, computer “server.example.de”, on the
         server, at once. Can be used now.

    1 in order, 1 note, 0 to act on.
    --- status 0
    ");
}

#[test]
fn what_would_stop_a_pass_is_told_with_everything_else() {
    let practice = Practice::ready();
    practice
        .setting(1, "branch_filter", r#""BB""#)
        .setting(1, "reminder.contact_template", r#""Erinnerung""#)
        .setting(1, "confirmation.document_template", r#""Bestätigung""#)
        .setting(1, "night_rest", r#"{"start": "04:00", "end": "23:00"}"#);
    assert_snapshot!(check(&practice, &["--offline"]), @r#"
    Check of the appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin),
      computer server

    Interfaces
    ----------
    ok   1, appointment notification: whole chain, any computer, on the server, at
         once. Can be used now.
    ok   2, e-mail (SMTP) (folder ./mail): whole chain, any computer, on the server,
         at once. Can be used now.
    ok   3, SMS (folder ./sms): whole chain, any computer, on the server, at once.
         Can be used now.

    Settings
    --------
    ACT  Every pass stops with an error: “the setting night_rest: the night rest
         leaves no time of day at which messages could be sent, together with the
         maintenance window from 23:00 to 04:00”. Please correct it.
    ACT  Every pass stops with an error: “the setting branch_filter ("BB") names no
         branch of the table branch, so that nobody would be notified; codes there
         are "HH"”. Please correct it.
    ACT  Every pass stops with an error: “the setting reminder.contact_template
         names `Erinnerung`, but there is no such row in the table
         contact_template”. Please correct it.
    ACT  Every pass stops with an error: “the setting
         confirmation.document_template: there is no document template
         `Bestätigung`”. Please correct it.
    ok   Confirmation by e-mail: “Bestätigung”, with a calendar file.
    ok   Reminder: 24 hours before the appointment, at least 6 hours between two
         messages, appointments of a day not combined.

    Schedule
    --------
    ok   Passes at minute 0 of every hour (given or assumed) remind of every
         appointment, at whatever minute it starts, also on the days of clock change
         (Sun 29 Mar 2026 and Sun 25 Oct 2026).

    Log-in at servers
    -----------------
    note Not checked (--offline).

    Data
    ----
    ok   All appointments from today on, customers, numbers and messages can be
         understood.

    Computer and file
    -----------------
    ok   The database can be written.
    ok   The folder of the database can be written.
    ok   The database and files of passwords are not open to every user of this
         computer.
    ok   The journal of the database is set as it should be (journal_mode DELETE).
    ok   No pass is running.
    ok   The clock in Europe/Berlin shows Tue 10 Mar 2026, 19:00. It is put forward
         next to Sun 29 Mar 2026, 03:00.
    note No pass has run yet. Have terminbote called once an hour (see
         examples/crontab).
    ok   There is enough room on the disk.

    14 in order, 2 notes, 4 to act on. As it is set up now, every pass stops with an
      error.
    --- status 78
    "#);
}

#[test]
fn settings_that_cannot_be_read_leave_the_rest_to_be_checked() {
    let practice = Practice::ready();
    practice.setting(1, "max_minutes", "0");
    assert_snapshot!(check(&practice, &["--offline"]), @"
    Check of the appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin),
      computer server

    Interfaces
    ----------
    ACT  Every pass stops with an error: “table interface, row 1, column settings:
         `max_minutes`: 0 where a whole number from 1 to 1440 is needed”. Please
         correct it.
    ACT  1, appointment notification: whole chain, any computer, on the server, at
         once. Cannot be used now since its settings are wrong: “`max_minutes`: 0
         where a whole number from 1 to 1440 is needed”. Correct its settings
         (column settings), or the file or variable that is named there.
    ok   2, e-mail (SMTP) (folder ./mail): whole chain, any computer, on the server,
         at once. Can be used now.
    ok   3, SMS (folder ./sms): whole chain, any computer, on the server, at once.
         Can be used now.

    Log-in at servers
    -----------------
    note Not checked (--offline).

    Data
    ----
    ok   All appointments from today on, customers, numbers and messages can be
         understood.

    Computer and file
    -----------------
    ok   The database can be written.
    ok   The folder of the database can be written.
    ok   The database and files of passwords are not open to every user of this
         computer.
    ok   The journal of the database is set as it should be (journal_mode DELETE).
    ok   No pass is running.
    ok   The clock in Europe/Berlin shows Tue 10 Mar 2026, 19:00. It is put forward
         next to Sun 29 Mar 2026, 03:00.
    note No pass has run yet. Have terminbote called once an hour (see
         examples/crontab).
    ok   There is enough room on the disk.

    10 in order, 2 notes, 2 to act on. As it is set up now, every pass stops with an
      error.
    --- status 78
    ");
}

#[test]
fn two_services_and_none() {
    let practice = Practice::ready();
    practice
        .sql("INSERT INTO interface (id, kind, server_side, settings) VALUES (9, 'appointment_notification', 1, '{}')");
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"
    ACT  Every pass stops with an error: “the table interface has more than one
         usable row of the kind appointment_notification (rows 1, 9); one governs
         the whole chain: delete the others, or take `server_side` from them”.
         Please correct it.
    note Not checked (--offline).
    note Nobody has an appointment ahead that messages may be sent about.
    note No pass has run yet. Have terminbote called once an hour (see
         examples/crontab).
    --- status 78
    ");
    practice.sql("DELETE FROM interface WHERE id IN (1, 9)");
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"
    ACT  Every pass stops with an error: “the table interface has no row of the kind
         appointment_notification; insert one with the settings of the service (see
         examples/settings.sql)”. Please correct it.
    note Not checked (--offline).
    note No pass has run yet. Have terminbote called once an hour (see
         examples/crontab).
    --- status 78
    ");
}

#[test]
fn e3_more_hours_between_messages_than_before_the_appointment() {
    let practice = Practice::ready();
    practice.setting(1, "reminder.min_hours_between_messages", "48").setting(1, "branch_filter", r#""HH,HX""#);
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"
    ACT  The code “HX” in the branch filter (setting branch_filter) belongs to no
         branch; customers of the branch that was meant get no messages. Correct the
         filter or the code (table branch, column code).
    note The hours between two messages (48) are more than the hours before the
         appointment (24): of two appointments of a customer shortly after one
         another, the second is never reminded of. Set min_hours_between_messages to
         24 at most.
    note Not checked (--offline).
    note Nobody has an appointment ahead that messages may be sent about.
    note No pass has run yet. Have terminbote called once an hour (see
         examples/crontab).
    --- status 1
    ");
}

#[test]
fn texts_that_some_names_break_or_make_long() {
    let practice = Practice::ready();
    practice.sql(
        "UPDATE document_template SET body = 'Hallo {{ customer.nmae }}' WHERE name = 'Terminerinnerung E-Mail' AND language = 'en';
         UPDATE document_template SET body = body || ' Für {{ customer.salutation }} {{ customer.name }}, ' || hex(zeroblob(90))
         WHERE name = 'Terminerinnerung SMS' AND language IS NULL;
         DELETE FROM document_template WHERE name = 'Terminbestätigung' AND language IS NULL;
         INSERT INTO customer (id, language) VALUES (20, 'tr'), (21, 'tr'), (22, 'de-AT'), (23, 'en'), (24, 'pl');",
    );
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"
    ACT  A text cannot be used: “document template `Terminbestätigung`: there is no
         version without language, for customers of other languages”. Messages that
         need it are postponed until it is corrected (table document_template).
    ACT  A text cannot be used: “document template `Terminerinnerung E-Mail` (en),
         body: unknown name `nmae` of a customer; did you mean `name`? known are
         `salutation`, `first_name`, `last_name`, `name`, `street`, `postcode`,
         `city`”. Messages that need it are postponed until it is corrected (table
         document_template).
    note “Terminerinnerung SMS” (without language) usually makes 3 parts (GSM-7),
         with the longest names and three appointments 7 parts (UCS-2); wanted are
         at most 3. Such SMS are sent but cost more; shorten the text.
    note Language “pl” (1 customer): there is no version of its own of
         “Terminerinnerung E-Mail”, “Terminerinnerung SMS”; the one without language
         is sent.
    note Language “tr” (2 customers): there is no version of its own of
         “Terminerinnerung E-Mail”, “Terminerinnerung SMS”; the one without language
         is sent.
    note Not checked (--offline).
    note Nobody has an appointment ahead that messages may be sent about.
    note No pass has run yet. Have terminbote called once an hour (see
         examples/crontab).
    --- status 1
    ");
}

#[test]
fn log_ins_that_fail() {
    let mail = SmtpPeer::at(Stage::Auth, Act::say("535 5.7.8 no log-in for hunter2-mail at anna@example.de"));
    let gateway = HttpPeer::playing([Answer::reply(401, "900 hunter2-key is wrong")]);
    let practice = healthy(&mail, &gateway);
    let printed = check(&practice, &[]);
    assert_snapshot!(findings(&printed), @"
    ACT  Interface 2: the log-in has failed: “log-in refused: 535 5.7.8 no log-in
         for *** at a***@e***.de”. Check network, server, user and password (table
         interface, column settings).
    ACT  Interface 3: the log-in has failed: “HTTP 401: 900 *** is wrong”. Check
         network, server, user and password (table interface, column settings).
    --- status 1
    ");
    for secret in ["hunter2", "anna@example.de"] {
        assert!(!printed.to_string().contains(secret), "{printed}");
    }
}

#[test]
fn rows_that_no_pass_could_understand() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-12 10:00").appointment(2, "2026-03-13 10:00").appointment(3, "2025-03-13 10:00");
    practice.sql(
        "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;
         UPDATE appointment SET starts_at = 'tomorrow' WHERE id = 3;
         UPDATE appointment SET status = 'maybe' WHERE id = 2;
         INSERT INTO customer (id, last_name) VALUES (8, CAST(x'4df6ff' AS TEXT));
         INSERT INTO customer (id, preferred_contact) VALUES (9, 'fax');
         UPDATE customer_phone SET sms_allowed = 3;
         WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 121)
         INSERT INTO message (id, kind, customer_id, channel, state, sent_at) SELECT i, 'manual', 7, 'phone', 'sent', 'now' FROM n;
         INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
         VALUES (4, 1, 7777, 1, '2026-03-12 10:00', '2026-03-12 10:30'), (5, 99, NULL, 1, '2026-03-12 10:00', '2026-03-12 10:30');",
    );
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"
    note Not checked (--offline).
    ACT  Table appointment: no pass can understand 4 values. Please correct them:
         row 2, column status: “maybe” is no known word there
         row 3, column starts_at: there is “tomorrow” where a date with a time such
         as 2026-03-10 19:00 is needed
         row 4, column customer_id: there is no row 7777 in the table customer
         row 5, column branch_id: there is no row 99 in the table branch
    ACT  Table customer: no pass can understand 2 values. Please correct them:
         row 8, column last_name: the text is not stored as UTF-8 and must be
         entered again
         row 9, column preferred_contact: “fax” is no known word there
    ACT  Table customer_phone: no pass can understand 1 value. Please correct it:
         row 7, column sms_allowed: there is 3 where 0 or 1 is needed
    ACT  Table message: no pass can understand 22 values. Please correct them:
         row 100, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 101, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 102, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 103, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 104, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 105, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 106, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 107, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 108, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 109, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 110, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 111, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 112, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 113, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 114, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 115, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 116, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 117, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 118, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         row 119, column sent_at: there is “now” where an instant such as
         2026-03-10T18:00:00Z is needed
         and 2 more.
    note Nobody has an appointment ahead that messages may be sent about.
    note No pass has run yet. Have terminbote called once an hour (see
         examples/crontab).
    --- status 1
    ");
}

#[test]
fn customers_whom_nothing_can_reach_are_counted_by_what_they_lack() {
    let practice = Practice::ready();
    practice.sql(
        "INSERT INTO customer (id, email) VALUES (30, 'no address'), (31, ''), (32, NULL), (33, NULL), (34, NULL);
         INSERT INTO customer (id, preferred_contact) VALUES (35, 'none'), (36, 'sms');
         INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES
         (30, 1, '030 23125123', 1), (33, 1, '0152 28817386', 0), (34, 1, '0152 28895456', 1);
         WITH RECURSIVE n(i) AS (SELECT 40 UNION ALL SELECT i + 1 FROM n WHERE i < 51) INSERT INTO customer (id) SELECT i FROM n;
         INSERT INTO appointment (branch_id, customer_id, type_id, starts_at, ends_at)
         SELECT 1, id, 1, '2026-03-30 10:00', '2026-03-30 10:30' FROM customer WHERE id >= 30;
         INSERT INTO appointment (branch_id, customer_id, type_id, starts_at, ends_at) VALUES (1, 7, 1, '2026-03-10 18:00', '2026-03-10 18:30');",
    );
    let printed = check(&practice, &["--offline"]);
    assert_snapshot!(findings(&printed), @"
    note Not checked (--offline).
    note With appointments ahead: 18 customers; not to be reached: 17. Enter what is
         missing:
         15 (e-mail: no address entered; text message: no number entered): customers
         31, 32, 36, 40, 41, 42, 43, 44, 45, 46 and 5 more.
         1 (e-mail: no address entered; text message: no number is marked as allowed
         for text messages): customer 33.
         1 (e-mail: the address is wrong; text message: no mobile number): customer
         30.
    note No pass has run yet. Have terminbote called once an hour (see
         examples/crontab).
    --- status 0
    ");
    assert!(!printed.to_string().contains("23125123"), "{printed}");
}

#[test]
fn a_wrong_address_beside_a_good_number_is_found() {
    let practice = Practice::ready();
    practice.sql("UPDATE customer SET email = 'renate@example,de'").appointment(1, "2026-03-12 10:00");
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"
    note Not checked (--offline).
    note With appointments ahead and a wrong e-mail address: 1 customer (number 7).
         They are reminded another way, and nothing is confirmed to them. Correct
         the addresses (table customer).
    note No pass has run yet. Have terminbote called once an hour (see
         examples/crontab).
    --- status 0
    ");
    practice.sql("UPDATE customer SET email = 'renate@example.de'");
    assert!(!check(&practice, &["--offline"]).words().contains("wrong e-mail"));
}

#[test]
fn a_night_rest_the_wrong_way_round_needs_a_person() {
    for (start, end, marked) in [
        ("06:00", "20:00", true),
        ("12:00", "12:01", true),
        ("20:00", "06:00", false),
        ("18:00", "12:00", false),
        ("20:00", "12:01", true),
        ("12:01", "20:00", false),
    ] {
        let practice = Practice::ready();
        practice.setting(1, "night_rest", &format!(r#"{{"start": "{start}", "end": "{end}"}}"#));
        let printed = check(&practice, &["--offline"]);
        let told = format!("ACT Noon lies in the night rest from {start} to {end}");
        assert_eq!(printed.words().contains(&told), marked, "{start} {end}: {printed}");
    }
}

#[test]
fn the_computer() {
    let practice = Practice::ready();
    practice.sql(
        "PRAGMA journal_mode = WAL;
         INSERT INTO pass (at, host, version) VALUES ('2026-03-12T11:00:00Z', 'server', '0');",
    );
    let lock = std::fs::File::create(practice.path("termine.db.lock")).unwrap();
    std::fs::write(practice.path("termine.db.lock"), "process 4711 since 2026-03-10 19:00:00 +01:00").unwrap();
    lock.lock().unwrap();
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"
    note Not checked (--offline).
    note Nobody has an appointment ahead that messages may be sent about.
    note Another program has set journal_mode to wal. `terminbote init` sets it
         back.
    note A pass is running (“process 4711 since 2026-03-10 19:00:00 +01:00”);
         another one would not wait for it but end with status 75.
    ACT  Last pass: Thu 12 Mar 2026, 12:00. That lies in the future: the clock was
         fast, or is slow now. Set it right.
    --- status 1
    ");
    drop(lock);
    // A clock that was fast once is right again.
    practice.sql("INSERT INTO pass (at, host, version) VALUES ('2026-03-10T17:00:00Z', 'server', '0')");
    assert!(!check(&practice, &["--offline"]).words().contains("lies in the future"));
    practice.sql("UPDATE pass SET at = '2026-03-09T11:00:00Z'");
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"
    note Not checked (--offline).
    note Nobody has an appointment ahead that messages may be sent about.
    note Another program has set journal_mode to wal. `terminbote init` sets it
         back.
    ACT  Last pass: Mon 9 Mar 2026, 12:00. That is more than a day ago: see whether
         terminbote is still called once an hour.
    --- status 1
    ");
    let past = practice.run(&["check", "--offline", "--lang", "en", "--at", "1999-12-31T12:00"]);
    assert!(past.stdout.contains("ACT  The clock of this computer shows Fri 31 Dec 1999. Set it"), "{past}");
}

#[test]
fn a_file_and_a_folder_that_this_user_may_not_write() {
    use std::os::unix::fs::PermissionsExt;

    let practice = Practice::ready();
    let set = |mode: u32, path: &std::path::Path| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(0o444, &practice.path("termine.db"));
    set(0o555, practice.folder());
    let may_all = std::fs::OpenOptions::new().append(true).open(practice.path("termine.db")).is_ok();
    let printed = check(&practice, &["--offline"]);
    set(0o755, practice.folder());
    if may_all {
        eprintln!("skipped: this user may write everything");
        return;
    }
    assert!(printed.stdout.contains("ACT  This user may not write the database."), "{printed}");
    assert!(printed.stdout.contains("ACT  This user may not write into the folder"), "{printed}");
}

#[test]
fn what_every_user_of_the_computer_can_read() {
    use std::os::unix::fs::PermissionsExt;

    let practice = Practice::ready();
    let set = |mode: u32, path: &std::path::Path| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(0o755, practice.folder());
    let stranger = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o001 != 0;
    if !practice.folder().canonicalize().unwrap().ancestors().all(stranger) {
        eprintln!("skipped: nobody else can reach the folder of tests");
        return;
    }
    practice.mail_by_port(9).setting(2, "user", "\"termine\"");
    practice.setting(2, "secrets", r#"{"password_file": "password"}"#);
    for file in ["password", "termine.db.version-4", "termine.db-before", "unlike.db"] {
        std::fs::write(practice.path(file), "geheim").unwrap();
        set(0o644, &practice.path(file));
    }
    let open = || {
        let printed = practice.run(&["check", "--offline", "--lang", "en", "--at", EVENING, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let found = findings.iter().find(|found| found["code"] == "open_to_all").unwrap();
        format!("{}: {}", found["mark"].as_str().unwrap(), found["text"].as_str().unwrap())
    };
    set(0o640, &practice.path("termine.db"));
    assert_snapshot!(open(), @"needs_person: Every user of this computer can read what stands in “termine.db.version-4”, “./password”. Take that right away (chmod o-rwx).");
    set(0o644, &practice.path("termine.db"));
    assert_snapshot!(open(), @"needs_person: Every user of this computer can read what stands in “termine.db”, “termine.db.version-4”, “./password”. Take that right away (chmod o-rwx).");
    set(0o700, practice.folder());
    assert_snapshot!(open(), @"ok: The database and files of passwords are not open to every user of this computer.");
    set(0o755, practice.folder());
    for file in ["password", "termine.db.version-4", "termine.db"] {
        set(0o600, &practice.path(file));
    }
    assert_snapshot!(open(), @"ok: The database and files of passwords are not open to every user of this computer.");
}

#[test]
fn a_test_message_goes_out_by_each_interface_and_is_recorded_nowhere() {
    let mail = SmtpPeer::polite();
    let taken = Answer::reply(200, r#"{"success": "100", "messages": [{"id": "77", "success": true, "error": null}]}"#);
    let gateway = HttpPeer::playing([balance(), taken]);
    let practice = healthy(&mail, &gateway);
    let asked = ["--send-test", "anna@example.de", "--send-test", "0152 28817386"];
    let printed = check(&practice, &asked);
    let tests = printed.stdout.split("Test messages\n").nth(1).unwrap();
    assert_snapshot!(format!("{tests}--- status {}", printed.status), @"
    -------------
    ok   Interface 2 has taken a test message to a***@e***.de: “250 2.0.0 Ok: queued
         as 4ZbX1y2z3”.
    ok   Interface 3 has taken a test message to +49 152 *** 86: “code 100”.

    28 in order, 0 notes, 0 to act on.
    --- status 0
    ");
    assert_eq!(mail.taken()[0].to, ["anna@example.de"]);
    assert!(mail.taken()[0].content.contains("This is a test message"));
    assert_eq!(practice.query("SELECT count(*) FROM message"), "0");
}

#[test]
fn a_test_message_that_is_refused_or_has_no_way() {
    let mail = SmtpPeer::at(Stage::Rcpt, Act::say("550 5.1.1 no such user anna@example.de"));
    let gateway = HttpPeer::playing([balance()]);
    let practice = healthy(&mail, &gateway);
    practice.sql("UPDATE interface SET server_side = 0 WHERE id = 3");
    let printed = check(&practice, &["--send-test", "anna@example.de", "--send-test", "0152 28817386"]);
    // The port of the gateway, which differs from run to run, is not part of what is told.
    assert_snapshot!(findings(&printed).replace(gateway.url().trim_start_matches("http://"), "GATEWAY"), @"
    ACT  3, SMS (seven, GATEWAY): whole chain, any computer, not on the
         server, at once. Cannot be used now since it is not set up for use on the
         server. Set it to be used on the server (column server_side to 1). There is
         no other: nothing can go out by text message at present. Reminders go out
         by the next way where there is one.
    ACT  Interface 2 has not taken a test message to a***@e***.de, or nobody knows:
         “recipient refused: 550 5.1.1 no such user a***@e***.de”. Check its
         settings.
    ACT  No test message went to +49 152 *** 86: no interface can be used to send by
         text message.
    --- status 1
    ");
    assert_snapshot!(check(&practice, &["--send-test", "Anna"]), @r#"
    --- stderr
    error: --send-test "Anna" is neither an e-mail address nor a mobile number (contains a letter)
    --- status 2
    "#);
}

#[test]
fn options_that_contradict_each_other_are_wrong_usage() {
    for options in [["--offline", "--send-test=a@example.de"], ["--workstations", "--offline"]] {
        assert_eq!(check(&Practice::ready(), &options).status, 2, "{options:?}");
    }
    assert_eq!(Practice::empty().run(&["check"]).status, 66);
}

#[test]
fn no_secret_is_in_any_output_of_a_check() {
    let mail = SmtpPeer::polite();
    let gateway = HttpPeer::playing(std::iter::repeat_n(balance(), 4));
    let practice = healthy(&mail, &gateway);
    for format in ["text", "json"] {
        for lang in ["de", "en"] {
            let printed = practice.run(&["check", "--at", EVENING, "--format", format, "--lang", lang]);
            assert_eq!(printed.status, 0, "{printed}");
            assert!(!printed.to_string().contains("hunter2"), "{printed}");
            assert!(!printed.to_string().contains("renate@example.de"), "{printed}");
        }
    }
}

#[test]
fn programs_get_the_same_as_json() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-12 10:00").sql("UPDATE customer SET email = NULL; DELETE FROM customer_phone");
    let printed = check(&practice, &["--offline", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap();
    let row = |code: &str| {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["code"] == code).unwrap().to_string()
    };
    assert_eq!(report["exit_status"], printed.status);
    assert_eq!(
        report["ok"].as_u64().unwrap() + report["notes"].as_u64().unwrap(),
        report["findings"].as_array().unwrap().len() as u64
    );
    assert_snapshot!(row("interface"), @r#"{"area":"interfaces","code":"interface","facts":{"branch":null,"host":null,"interface_id":1,"kind":"appointment_notification","server_side":true,"start_date":null,"target":null,"usable":true,"workstation":null},"mark":"ok","text":"1, appointment notification: whole chain, any computer, on the server, at once. Can be used now."}"#);
    assert_snapshot!(row("unreachable"), @r#"{"area":"customers","code":"unreachable","facts":{"count":1,"customers":[7],"of":1},"mark":"note","text":"With appointments ahead: 1 customer; not to be reached: 1. Enter what is missing: 1 (e-mail: no address entered; text message: no number entered): customer 7."}"#);
}

/// The chapter about the schedule.
fn schedule(printed: &Printed) -> String {
    let from = printed.stdout.lines().skip_while(|line| !matches!(*line, "Schedule" | "Zeitplan")).skip(2);
    let lines: Vec<_> = from.take_while(|line| !line.is_empty()).collect();
    format!("{}\n--- status {}", lines.join("\n"), printed.status)
}

/// One hour ahead every full hour hangs on one pass, which nobody wants to read one by one.
#[test]
fn many_times_that_hang_on_one_pass_each_are_counted_with_one_of_them() {
    let practice = Practice::ready();
    practice.setting(1, "reminder.hours_before", "1");
    let last = |printed: Printed| schedule(&printed).lines().skip(8).collect::<Vec<_>>().join("\n");
    assert_snapshot!(last(check(&practice, &["--offline", "--minute", "0"])), @"
    note At 14 times of the day a reminder hangs on one pass alone, such as that of
         appointments at 07:00 (pass at 06:00): if it does not run, nobody is
         reminded. With more hours before the appointment (setting hours_before) the
         next pass makes up for it.
    ok   No pass has sent anything yet. The first one, Wed 11 Mar 2026, 06:00, would
         send no messages.
    --- status 0
    ");
    let german = practice.run(&["check", "--at", EVENING, "--lang", "de", "--offline", "--minute", "0"]);
    assert_snapshot!(last(german), @"
    Hinweis Zu 14 Zeiten des Tages hängt die Erinnerung an einem einzigen Lauf, so
            an Termine um 07:00 (Lauf um 06:00): Fällt er aus, wird niemand
            erinnert. Mit mehr Stunden vor dem Termin (Einstellung hours_before)
            holt der nächste Lauf es nach.
    ok      Es hat noch kein Lauf gesendet. Der erste, Mi., 11.03.2026, 06:00, würde
            senden: keine Nachrichten.
    --- status 0
    ");
}

#[test]
fn names_in_single_braces_are_a_note_since_they_go_out_as_they_stand() {
    let practice = Practice::ready();
    practice.sql(
        "UPDATE document_template SET subject = 'Termin {Datum}', body = 'Guten Tag { Vorname } {{customer.last_name}}! {:-} {}'
         WHERE language IS NULL AND name = 'Terminerinnerung E-Mail'",
    );
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"
    note “Terminerinnerung E-Mail” (without language) goes out with { Vorname },
         {Datum} as it stands. What is to be filled in has two braces: {{
         customer.first_name }} (see the names in the README).
    note Not checked (--offline).
    note Nobody has an appointment ahead that messages may be sent about.
    note No pass has run yet. Have terminbote called once an hour (see
         examples/crontab).
    --- status 0
    ");
}

#[test]
fn an_e_mail_without_a_subject_is_a_note_and_a_text_message_needs_none() {
    let practice = Practice::ready();
    practice.sql(
        "UPDATE document_template SET subject = NULL WHERE language IS NULL;
         UPDATE document_template SET subject = '{% if customer.first_name %}Ihr Termin{% endif %}'
         WHERE language = 'en' AND name = 'Terminerinnerung E-Mail'",
    );
    assert_snapshot!(findings(&check(&practice, &["--offline"])), @"
    note “Terminbestätigung” (without language) makes e-mails without a subject, for
         some customers or for all. They are easily taken for junk; enter one (table
         document_template, column subject).
    note “Terminerinnerung E-Mail” (without language) makes e-mails without a
         subject, for some customers or for all. They are easily taken for junk;
         enter one (table document_template, column subject).
    note “Terminerinnerung E-Mail” (en) makes e-mails without a subject, for some
         customers or for all. They are easily taken for junk; enter one (table
         document_template, column subject).
    note Not checked (--offline).
    note Nobody has an appointment ahead that messages may be sent about.
    note No pass has run yet. Have terminbote called once an hour (see
         examples/crontab).
    --- status 0
    ");
}

#[test]
fn check_proves_that_each_start_is_reminded_of_and_names_what_hangs_on_one_pass() {
    let practice = Practice::ready();
    practice.setting(1, "reminder.hours_before", "6");
    assert_snapshot!(schedule(&check(&practice, &["--offline", "--minute", "0"])), @"
    ok   Passes at minute 0 of every hour (given or assumed) remind of every
         appointment, at whatever minute it starts, also on the days of clock change
         (Sun 29 Mar 2026 and Sun 25 Oct 2026).
    ok   Reminded before quiet time, and so earlier than usual, are appointments
         from 02:00 to 11:59 (10 hours; pass at 19:00).
    ok   Reminded only before quiet time, since after it would be too late, are
         appointments from 01:00 to 06:00 (5 hours). Who books one of them in quiet
         time is not reminded.
    note If that one pass does not run, nobody is reminded of appointments from
         01:00 to 06:00 (5 hours; pass at 19:00). Passes at minute 30 would leave no
         such gap.
    ok   No pass has sent anything yet. The first one, Wed 11 Mar 2026, 06:00, would
         send no messages.
    --- status 0
    ");
    let german = practice.run(&["check", "--at", EVENING, "--lang", "de", "--offline", "--minute", "0"]);
    assert_snapshot!(schedule(&german), @"
    ok      Läufe zur Minute 0 jeder Stunde (angegeben oder angenommen) erinnern an
            jeden Termin, zu welcher Minute er auch beginnt, auch an den Tagen der
            Zeitumstellung (So., 29.03.2026 und So., 25.10.2026).
    ok      Schon vor der Ruhezeit, also früher als sonst, wird erinnert an Termine
            von 02:00 bis 11:59 (10 Stunden; Lauf um 19:00).
    ok      Nur vor der Ruhezeit, nach ihr wäre es zu spät, wird erinnert an Termine
            von 01:00 bis 06:00 (5 Stunden). Wer in der Ruhezeit einen davon bucht,
            wird nicht erinnert.
    Hinweis Fällt der eine Lauf aus, wird niemand erinnert an Termine von 01:00 bis
            06:00 (5 Stunden; Lauf um 19:00). Läufe zur Minute 30 hätten diese Lücke
            nicht.
    ok      Es hat noch kein Lauf gesendet. Der erste, Mi., 11.03.2026, 06:00, würde
            senden: keine Nachrichten.
    --- status 0
    ");
    let report: serde_json::Value =
        serde_json::from_str(&check(&practice, &["--offline", "--minute", "0", "--format", "json"]).stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["area"] == "schedule");
    let facts: Vec<_> = findings.map(|finding| format!("{} {}", finding["code"], finding["facts"])).collect();
    assert_snapshot!(facts.join("\n"), @r#"
    "reminded" {"clock_changes":["2026-03-29","2026-10-25"],"learned":false,"minute":0}
    "brought_forward" {"clock_change":null,"starts":[{"from":"02:00","minutes":600,"pass":"19:00","to":"11:59"}]}
    "only_before_quiet_time" {"clock_change":null,"starts":[{"from":"01:00","minutes":301,"pass":"19:00","to":"06:00"}]}
    "by_one_pass_only" {"clock_change":null,"starts":[{"from":"01:00","minutes":301,"pass":"19:00","to":"06:00"}]}
    "first_pass" {"at":"2026-03-11 06:00","sends":{"confirmations":0,"email":0,"letter":0,"messages":0,"phone":0,"reminders":0,"sms":0,"sms_segments":0}}
    "#);
}

#[test]
fn check_learns_the_minute_from_the_passes_that_ran() {
    let practice = Practice::ready();
    for (hour, minute) in [(9, 7), (10, 7), (11, 42), (12, 7)] {
        practice.pass(&format!("2026-03-10T{hour:02}:{minute:02}"));
    }
    assert_snapshot!(schedule(&check(&practice, &["--offline"])), @"
    ok   Passes at minute 7 of every hour (as of late) remind of every appointment,
         at whatever minute it starts, also on the days of clock change (Sun 29 Mar
         2026 and Sun 25 Oct 2026).
    --- status 0
    ");
}

#[test]
fn check_names_a_schedule_that_reminds_of_nothing() {
    let practice = Practice::ready();
    practice.setting(1, "night_rest", r#"{"start":"09:30","end":"09:10"}"#);
    assert_snapshot!(schedule(&check(&practice, &["--offline", "--minute", "0"])), @"
    ACT  No pass at minute 0 reminds of appointments from 00:00 to 23:59 (24 hours).
         Have terminbote run at another minute (check it with --minute), or make the
         night rest shorter.
    --- status 1
    ");
}

#[test]
fn a_folder_that_cannot_be_written_into_is_found_before_the_first_message() {
    let practice = Practice::ready();
    practice.setting(2, "directory", "\"termine.db/mail\"");
    let printed = practice.run(&["check", "--at", EVENING]);
    let line = printed.stdout.lines().skip_while(|line| !line.contains("cannot write its files")).take(4);
    assert_eq!(printed.status, 1);
    assert_snapshot!(line.collect::<Vec<_>>().join("\n"), @"
    ACT  Interface 2 cannot write its files: “`./termine.db` is no folder”. Make the
         folder, or allow the user of terminbote to write into it (table interface,
         column settings, directory).
    note Interface 3 writes files; nothing reaches customers by it.
    ");
}

#[test]
fn a_branch_to_which_no_customer_can_answer_is_found() {
    let practice = Practice::ready();
    practice.sql("UPDATE branch SET email = 'hh@example,de'");
    let printed = practice.run(&["check", "--offline", "--lang", "de", "--at", EVENING]);
    let lines = printed.stdout.lines().skip_while(|line| !line.contains("Filiale „HH“, E-Mail")).take(4);
    assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"
    HANDELN Filiale „HH“, E-Mail: die Adresse ist falsch: sie enthält ein Komma oder
            Semikolon, als wären es mehrere Adressen. Antworten der Kunden gehen an
            den Absender statt an die Filiale. Bitte berichtigen (Tabelle branch,
            Spalte email).
    ");
}
