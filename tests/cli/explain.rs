//! `terminbote explain`: what it says of single appointments and customers, to people and programs.

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice};
use crate::smtp_peer::{Act, SmtpPeer, Stage};

/// Hourly passes on 10 March, ten hours before; the appointment 4711 tomorrow at ten.
fn a_day() -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(4711, "2026-03-11 10:00");
    for hour in 9..=12 {
        assert_eq!(practice.pass(&format!("2026-03-10T{hour:02}:07")).status, 0);
    }
    practice
}

fn explain(practice: &Practice, arguments: &[&str]) -> crate::practice::Printed {
    let printed = practice.run(&[&["explain"], arguments].concat());
    assert!(printed.stdout.lines().all(|line| line.chars().count() <= 80), "{printed}");
    printed
}

/// "It came twice."
#[test]
fn an_e_mail_that_was_repeated_is_explained_by_both_passes() {
    let peer = SmtpPeer::new(|step| match (step.stage, step.before) {
        (Stage::Content, 0) => Act::Close,
        _ => Act::Polite,
    });
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(peer.port()).appointment(4711, "2026-03-11 10:00");
    // As if the practice had been recorded before these passes.
    practice
        .sql("UPDATE change SET at = '2026-03-01T00:00:00Z'; UPDATE chain SET changes_since = '2026-03-01T00:00:00Z'");
    for (hour, status) in [(9, 0), (10, 1), (11, 0)] {
        assert_eq!(practice.pass(&format!("2026-03-10T{hour:02}:07")).status, status, "{hour}");
    }
    assert_eq!(peer.taken().len(), 2);
    let printed = explain(&practice, &["--appointment", "4711", "--at", "2026-03-10T10:07"]);
    let blocks: Vec<&str> = printed
        .stdout
        .split("\n\n")
        .filter(|block| block.contains("10:07 (pass 2)") || block.starts_with("Pass 2"))
        .collect();
    assert_snapshot!(blocks.join("\n\n"), @"
    Pass 2 at this instant: Message 1, reminder by e-mail to r***@e***.de, Tue 10
      Mar 2026, 10:07, customer 7, pass 2: uncertain: “waiting for the answer to the
      message: the server has closed the connection”.

    What the passes did
    -------------------
    First considered for a reminder: Tue 10 Mar 2026, 10:07.
    - Tue 10 Mar 2026, 10:07 (pass 2): reminder due. Message 1, reminder by e-mail
      to r***@e***.de, Tue 10 Mar 2026, 10:07, customer 7, pass 2: uncertain:
      “waiting for the answer to the message: the server has closed the connection”.
      A later pass sent it once more.
    - Tue 10 Mar 2026, 11:07 (pass 3): reminder, message 1: sent.
    ");
}

#[test]
fn a_pass_that_reminded_is_explained_with_its_message() {
    let printed = explain(&a_day(), &["--appointment", "4711", "--at", "2026-03-10T10:07"]);
    assert_snapshot!(printed, @"
    Appointment 4711: Wed 11 Mar 2026, 10:00, Optik Muster (HH), booked
    Customer 7, Renate Weiß
    As of Tue 10 Mar 2026, 10:07

    Reminder: yes, by e-mail to r***@e***.de.
    Confirmation: no. Rule D1: Confirmations are not set up.

    Pass 2 at this instant: Message 1, reminder by e-mail to r***@e***.de, Tue 10
      Mar 2026, 10:07, customer 7, pass 2: sent.

    What was said about this appointment
    ------------------------------------
    - Message 1, reminder by e-mail to r***@e***.de, Tue 10 Mar 2026, 10:07,
      customer 7, pass 2, stated start Wed 11 Mar 2026, 10:00: sent.

    What the passes did
    -------------------
    First considered for a reminder: Tue 10 Mar 2026, 10:07.
    - Tue 10 Mar 2026, 10:07 (pass 2): reminder, message 1: sent.
    - Tue 10 Mar 2026, 11:07 to Tue 10 Mar 2026, 12:07 (2 passes): no reminder. Rule
      E4: A reminder has stated this start already: Tue 10 Mar 2026, 10:07 (message
      1).

    The rules, Tue 10 Mar 2026, 10:07
    ---------------------------------
    A2  yes  The appointment notification is in operation.
    A3  yes  No quiet time; the next one begins Tue 10 Mar 2026, 20:00.
    B1  yes  Customer 7 is entered; appointments of type 1 are allowed for automatic
             messages.
    B2  yes  It is no group appointment.
    B3  yes  The status is “booked”, which counts.
    B4  yes  Without a branch filter every branch is in, HH too.
    B5  yes  It is still to come: Wed 11 Mar 2026, 10:00.
    B6  yes  The customer has nothing against messages.
    C1  -    This customer has not been told of the appointment yet.

    Confirmation:
    D1  NO   Confirmations are not set up.

    Reminder:
    E1  yes  The window (24 hours before) reaches up to Wed 11 Mar 2026, 11:00; it
             is inside.
    E2  -    No look past quiet time yet: it begins Tue 10 Mar 2026, 18:30 and
             reaches up to Wed 11 Mar 2026, 20:00.
    E3  yes  No message of the last 6 hours holds the reminder back.
    E4  yes  No reminder has stated this start yet.
    E5  -    The message is about this appointment only.
    E6  -    The appointments of a date are not combined.
    F1  -    The contact template “Terminerinnerung” has: e-mail, text message.
    F2  -    The customer prefers nothing; the order of the contact template holds.
    F3  yes  E-mail to r***@e***.de can be used and is taken.
    F3  -    Text message to +49 152 *** 86 can be used.
    F8  yes  The text “Terminerinnerung E-Mail” is in order.
    --- status 0
    ");
}

#[test]
fn the_same_in_german_before_the_first_pass_that_reaches_it() {
    let practice = a_day();
    let printed = explain(&practice, &["--appointment", "4711", "--at", "2026-03-10T09:30", "--lang", "de"]);
    assert_snapshot!(printed, @"
    Termin 4711: Mi., 11.03.2026, 10:00, Optik Muster (HH), gebucht
    Kunde 7, Renate Weiß
    Stand: Di., 10.03.2026, 09:30

    Erinnerung: nein. Regel E1: Das Fenster (24 Stunden vor dem Termin) reicht bis
      vor Mi., 11.03.2026, 10:00; er liegt nicht darin.
      Nächste Gelegenheit: der Lauf am Di., 10.03.2026, 10:07, wenn sich bis dahin
        nichts ändert.
    Bestätigung: nein. Regel D1: Terminbestätigungen sind nicht eingerichtet.

    Was zu diesem Termin gesagt wurde
    ---------------------------------
    - Nachricht 1, Erinnerung per E-Mail an r***@e***.de, Di., 10.03.2026, 10:07,
      Kunde 7, Lauf 2, genannter Beginn Mi., 11.03.2026, 10:00: gesendet.

    Was die Läufe taten
    -------------------
    Zuerst für eine Erinnerung betrachtet: Di., 10.03.2026, 10:07.
    - Di., 10.03.2026, 10:07 (Lauf 2): Erinnerung, Nachricht 1: gesendet.
    - Di., 10.03.2026, 11:07 bis Di., 10.03.2026, 12:07 (2 Läufe): keine Erinnerung.
      Regel E4: An diesen Beginn wurde schon erinnert: Di., 10.03.2026, 10:07
      (Nachricht 1).

    Die Regeln, Di., 10.03.2026, 09:30
    ----------------------------------
    A2  ja   Die Terminbenachrichtigung ist in Betrieb.
    A3  ja   Keine Ruhezeit; die nächste beginnt Di., 10.03.2026, 20:00.
    B1  ja   Kunde 7 ist eingetragen; der Termintyp 1 ist für automatische
             Benachrichtigungen erlaubt.
    B2  ja   Es ist kein Gruppentermin.
    B3  ja   Der Status ist „gebucht“; das zählt.
    B4  ja   Ohne Filialfilter ist jede Filiale dabei, auch HH.
    B5  ja   Er beginnt erst Mi., 11.03.2026, 10:00.
    B6  ja   Der Kunde hat nichts gegen Nachrichten.
    C1  -    Diesem Kunden wurde von dem Termin noch nichts gesagt.

    Bestätigung:
    D1  NEIN Terminbestätigungen sind nicht eingerichtet.

    Erinnerung:
    E1  NEIN Das Fenster (24 Stunden vor dem Termin) reicht bis vor Mi., 11.03.2026,
             10:00; er liegt nicht darin.
    E2  -    Noch keine Vorausschau über die Ruhezeit: Sie beginnt Di., 10.03.2026,
             18:30 und reicht bis vor Mi., 11.03.2026, 20:00.
    E3  ja   Keine Nachricht der letzten 6 Stunden hält die Erinnerung zurück.
    E4  ja   An diesen Beginn wurde noch nicht erinnert.
    E6  -    Die Termine eines Datums werden nicht zusammengefasst.
    F1  -    Die Kontaktvorlage „Terminerinnerung“ nennt: E-Mail, SMS.
    F2  -    Der Kunde bevorzugt nichts; es gilt die Reihenfolge der Kontaktvorlage.
    F3  ja   E-Mail an r***@e***.de ist benutzbar und wird genommen.
    F3  -    SMS an +49 152 *** 86 ist benutzbar.
    F8  ja   Der Text „Terminerinnerung E-Mail“ ist in Ordnung.

    Zu diesem Zeitpunkt wurden Änderungen noch nicht aufgezeichnet. Gerechnet wurde
      mit den Daten von heute, nur ohne die seitdem gesendeten Nachrichten: Was
      seitdem eingetragen, geändert oder gelöscht wurde, ist hier schon enthalten.
    --- status 0
    ");
}

#[test]
fn programs_get_the_same_with_full_addresses() {
    let practice = a_day();
    practice.sql("UPDATE customer SET email = NULL, preferred_contact = 'sms' WHERE id = 7");
    let printed = explain_json(&practice, &["--appointment", "4711", "--at", "2026-03-10T10:07"]);
    let part = |value: &serde_json::Value| serde_json::to_string_pretty(value).unwrap();
    assert_snapshot!(part(&printed["reminder"]["message"]), @r#"
    {
      "address": "renate@example.de",
      "appointments": [
        4711
      ],
      "channel": "email",
      "kind": "reminder"
    }
    "#);
    assert_snapshot!(part(&printed["reminder"]["next"]), @r#"
    {
      "at": "2026-03-10T11:07:00+01:00",
      "rhythm_known": true,
      "why_not": null
    }
    "#);
    assert_snapshot!(part(&printed["reminder"]["rules"][0]), @r#"
    {
      "fact": "window",
      "facts": {
        "hours_before": 24,
        "reaches": true,
        "until": "2026-03-11T11:00:00+01:00"
      },
      "rule": "E1",
      "text": "The window (24 hours before) reaches up to Wed 11 Mar 2026, 11:00; it is inside.",
      "verdict": "passes"
    }
    "#);
    assert_snapshot!(part(&printed["reminder"]["rules"][8]), @r#"
    {
      "fact": "usable",
      "facts": {
        "address": "renate@example.de",
        "channel": "email",
        "interface_id": 2,
        "taken": true
      },
      "rule": "F3",
      "text": "E-mail to r***@e***.de can be used and is taken.",
      "verdict": "passes"
    }
    "#);
    assert_snapshot!(part(&printed["passes"][1]), @r#"
    {
      "deferred": 0,
      "exit_status": 0,
      "first_pass_id": 3,
      "from": "2026-03-10T11:07:00+01:00",
      "message_id": null,
      "message_then": null,
      "passes": 2,
      "reminder": "stopped",
      "stopped_by": {
        "fact": "already_reminded",
        "facts": {
          "at": "2026-03-10T10:07:00+01:00",
          "message_id": 1
        },
        "rule": "E4",
        "text": "A reminder has stated this start already: Tue 10 Mar 2026, 10:07 (message 1).",
        "verdict": "stops"
      },
      "until": "2026-03-10T12:07:00+01:00"
    }
    "#);
    let rules: Vec<_> = printed["reminder"]["rules"].as_array().unwrap().iter().map(|step| &step["rule"]).collect();
    assert_eq!(rules, ["E1", "E2", "E3", "E4", "E5", "E6", "F1", "F2", "F3", "F3", "F8"]);
    assert_eq!(printed["pass"]["messages"], serde_json::json!([1]));
    assert_eq!(printed["messages"][0]["address"], "renate@example.de");
}

fn explain_json(practice: &Practice, arguments: &[&str]) -> serde_json::Value {
    let printed = practice.run(&[&["explain", "--format", "json"], arguments].concat());
    assert_eq!(printed.status, 0, "{printed}");
    serde_json::from_str(&printed.stdout).unwrap()
}

#[test]
fn a_customer_is_explained_with_addresses_appointments_and_messages() {
    let practice = a_day();
    practice.appointment(4712, "2026-03-20 09:00").appointment(4600, "2026-01-12 09:00");
    practice.sql("UPDATE customer SET email = 'renate@example', preferred_contact = 'letter' WHERE id = 7");
    let printed = explain(&practice, &["--customer", "7", "--at", "2026-03-10T13:00", "--lang", "de"]);
    assert_snapshot!(printed, @"
    Kunde 7, Renate Weiß
    Stand: Di., 10.03.2026, 13:00

    Bevorzugt Nachrichten per Brief.
    - Brief an ***, 20095 Hamburg ist benutzbar.
    - E-Mail: nicht benutzbar, die Adresse ist falsch: sie hat nach dem @ keinen
      Punkt.
    - SMS an +49 152 *** 86 ist benutzbar.
    - Anruf an 015 *** 86 ist benutzbar.

    Termine der letzten vier Wochen und später
    ------------------------------------------
     Termin 4711: Mi., 11.03.2026, 10:00, Optik Muster (HH), gebucht
       Erinnerung: nein. Regel E4: An diesen Beginn wurde schon erinnert: Di.,
         10.03.2026, 10:07 (Nachricht 1).
         Daran ändert sich bis zum Beginn nichts; keine weitere Gelegenheit.
       Bestätigung: nein. Regel D1: Terminbestätigungen sind nicht eingerichtet.
     Termin 4712: Fr., 20.03.2026, 09:00, Optik Muster (HH), gebucht
       Erinnerung: nein. Regel E1: Das Fenster (24 Stunden vor dem Termin) reicht
         bis vor Mi., 11.03.2026, 14:00; er liegt nicht darin.
         Nächste Gelegenheit: der Lauf am Do., 19.03.2026, 09:07, wenn sich bis
           dahin nichts ändert.
       Bestätigung: nein. Regel D1: Terminbestätigungen sind nicht eingerichtet.

    Nachrichten an diesen Kunden
    ----------------------------
    - Nachricht 1, Erinnerung per E-Mail an r***@e***.de, Di., 10.03.2026, 10:07,
      Kunde 7, Lauf 2: gesendet.

    Zu diesem Zeitpunkt wurden Änderungen noch nicht aufgezeichnet. Gerechnet wurde
      mit den Daten von heute, nur ohne die seitdem gesendeten Nachrichten: Was
      seitdem eingetragen, geändert oder gelöscht wurde, ist hier schon enthalten.
    --- status 0
    ");
    let json = explain_json(&practice, &["--customer", "7", "--at", "2026-03-10T13:00"]);
    assert_eq!(json["customer"]["addresses"][0]["facts"]["address"], "Gartenweg 3, 20095 Hamburg");
    assert_eq!(json["appointments"][1]["reminder"]["next"]["at"], "2026-03-19T09:07:00+01:00");
}

#[test]
fn a_customer_of_a_branch_with_interfaces_of_its_own_can_be_reached_by_them() {
    let practice = a_day();
    practice.sql("UPDATE interface SET branch_id = 1 WHERE id IN (2, 3)");
    let printed = explain(&practice, &["--customer", "7", "--at", "2026-03-10T13:00"]).to_string();
    let addresses: Vec<_> = printed.lines().filter(|line| line.starts_with("- ")).take(4).collect();
    assert_snapshot!(addresses.join("\n"), @"
    - E-mail to r***@e***.de can be used.
    - Text message to +49 152 *** 86 can be used.
    - Letter to ***, 20095 Hamburg can be used.
    - Call to 015 *** 86 can be used.
    ");
}

#[test]
fn the_next_chance_is_the_pass_that_then_really_reminds() {
    let practice = Practice::ready();
    practice.appointment(4711, "2026-03-12 06:30").appointment(4712, "2026-03-12 14:00");
    practice.pass("2026-03-10T12:23");
    // 4711 is reached by the look-ahead of Wednesday evening, 4712 in the morning before, and E3 holds nothing back.
    let next = |id: &str, kind: &str| {
        let json = explain_json(&practice, &["--appointment", id, "--at", "2026-03-10T12:23"]);
        json[kind]["next"]["at"].as_str().map(str::to_owned)
    };
    let expected = [next("4711", "reminder"), next("4712", "reminder")];
    let mut reminded = [None, None];
    for (day, hour) in (10..=12).flat_map(|day| (0..24).map(move |hour| (day, hour))).filter(|at| *at > (10, 12)) {
        let (report, _) = practice.json(&format!("2026-03-{day}T{hour:02}:23"));
        for (at, id) in reminded.iter_mut().zip([4711, 4712]) {
            let covers = |message: &serde_json::Value| {
                message["kind"] == "reminder" && message["appointments"].as_array().unwrap().contains(&id.into())
            };
            if report["messages"].as_array().unwrap().iter().any(covers) {
                *at = report["at"].as_str().map(str::to_owned);
            }
        }
    }
    assert_eq!(expected, reminded);
    assert_eq!(reminded, [Some("2026-03-11T06:23:00+01:00".to_owned()), Some("2026-03-11T14:23:00+01:00".to_owned())]);
}

#[test]
fn a_configuration_error_is_the_answer() {
    let practice = a_day();
    practice.setting(1, "branch_filter", "\"HX\"");
    let printed = explain(&practice, &["--appointment", "4711", "--at", "2026-03-10T18:00"]);
    assert_snapshot!(printed.stdout.lines().take(9).collect::<Vec<_>>().join("\n"), @r#"
    Appointment 4711: Wed 11 Mar 2026, 10:00, Optik Muster (HH), booked
    Customer 7, Renate Weiß
    As of Tue 10 Mar 2026, 18:00

    Reminder: no. Rule A1: Every pass stops with a configuration error before it
      sends anything: “the setting branch_filter ("HX") names no branch of the table
      branch, so that nobody would be notified; codes there are "HH"”.
      That does not change before it begins; there is no further chance.
    Confirmation: no. Rule D1: Confirmations are not set up.
    "#);
    practice.setting(1, "hots", "1");
    let printed = explain(&practice, &["--appointment", "4711", "--at", "2026-03-10T18:00"]);
    assert_snapshot!(printed.stdout.lines().take(9).collect::<Vec<_>>().join("\n"), @"
    Appointment 4711: Wed 11 Mar 2026, 10:00, Optik Muster (HH), booked
    Customer 7, Renate Weiß
    As of Tue 10 Mar 2026, 18:00

    Reminder: no. Rule A1: Every pass stops with a configuration error before it
      sends anything: “table interface, row 1, column settings: `hots`: unknown key;
      known here are `branch_filter`, `calendar_summary`, `confirmation`,
      `language`, `max_minutes`, `night_rest`, `reminder`, `repeat_uncertain_email`,
      `timezone`”.
    ");
}

/// Of a pass that has died nobody knows what else it looked at.
#[test]
fn first_considered_is_a_pass_that_died_if_it_has_told_of_the_appointment() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00").appointment(2, "2026-03-20 10:00");
    assert_eq!(practice.pass(EVENING).status, 0);
    practice.sql("UPDATE pass SET finished_at = NULL, result = NULL, exit_status = NULL");
    assert_eq!(practice.pass("2026-03-10T19:07").status, 0);
    let first = |id: &str| {
        let printed = practice.run(&["explain", "--appointment", id, "--at", "2026-03-10T19:08", "--lang", "en"]);
        let lines = printed.stdout.lines().filter(|line| line.contains("First considered"));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(first("1"), @"
    First considered for a reminder: Tue 10 Mar 2026, 19:00.
    First considered for a confirmation: Tue 10 Mar 2026, 19:07.
    ");
    assert_snapshot!(first("2"), @"
    First considered for a reminder: not yet; the record has no pass whose window
    First considered for a confirmation: Tue 10 Mar 2026, 19:00.
    ");
}

#[test]
fn an_appointment_that_no_window_has_reached_was_considered_never_or_not_yet() {
    let practice = a_day();
    practice.appointment(1, "2026-03-10 08:00").appointment(2, "2026-06-10 10:00");
    let considered = |id: &str, language: &str| {
        let printed = explain(&practice, &["--appointment", id, "--at", "2026-03-10T12:30", "--lang", language]);
        let lines: Vec<&str> = printed.stdout.lines().collect();
        let at = lines.iter().position(|line| line.contains("irst considered") || line.contains("Zuerst für")).unwrap();
        lines[at..at + 2].join("\n")
    };
    assert_snapshot!(considered("1", "en"), @"
    First considered for a reminder: never; the record has no pass whose window
      reached it.
    ");
    assert_snapshot!(considered("2", "en"), @"
    First considered for a reminder: not yet; the record has no pass whose window
      reached it.
    ");
    assert_snapshot!(considered("1", "de"), @"
    Zuerst für eine Erinnerung betrachtet: nie; im Protokoll steht kein Lauf, dessen
      Fenster ihn erreichte.
    ");
    assert_snapshot!(considered("2", "de"), @"
    Zuerst für eine Erinnerung betrachtet: noch nicht; im Protokoll steht kein Lauf,
      dessen Fenster ihn erreichte.
    ");
}

#[test]
fn a_deleted_appointment_is_known_to_the_record() {
    let practice = a_day();
    practice.sql("DELETE FROM appointment");
    assert_snapshot!(explain(&practice, &["--appointment", "4711", "--at", "2026-03-12T10:00"]), @"
    There was no appointment 4711 at Thu 12 Mar 2026, 10:00: deleted, or not entered
      yet. The record has 1 message about it.

    What was said about this appointment
    ------------------------------------
    - Message 1, reminder by e-mail to r***@e***.de, Tue 10 Mar 2026, 10:07,
      customer 7, pass 2, stated start Wed 11 Mar 2026, 10:00: sent.

    As it was is shown by:
      terminbote explain --appointment 4711 --at 2026-03-10T10:07:00
    --- status 0
    ");
}

#[test]
fn an_appointment_without_a_customer_or_with_a_row_that_cannot_be_understood_is_explained() {
    let practice = a_day();
    practice.appointment(4712, "2026-03-11 11:00").sql("UPDATE appointment SET customer_id = NULL WHERE id = 4712");
    practice.appointment(4713, "2026-03-11 12:00");
    practice.sql("PRAGMA ignore_check_constraints = 1; UPDATE appointment SET status = 'maybe' WHERE id = 4713");
    let head = |id: &str| {
        let printed = explain(&practice, &["--appointment", id, "--at", "2026-03-10T13:00"]);
        printed.stdout.lines().take(8).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(head("4712"), @"
    Appointment 4712: Wed 11 Mar 2026, 11:00, Optik Muster (HH), booked
    As of Tue 10 Mar 2026, 13:00

    Reminder: no. Rule B1: No customer is entered.
      That does not change before it begins; there is no further chance.
    Confirmation: no. Rule D1: Confirmations are not set up.

    What was said about this appointment
    ");
    assert_snapshot!(head("4713"), @"
    Appointment 4713: Wed 11 Mar 2026, 12:00
    As of Tue 10 Mar 2026, 13:00

    Reminder: no. Rule B: Table appointment, row 4713, column status cannot be
      understood: “maybe” is no known word there. Please correct it.
    Confirmation: no. Rule B: Table appointment, row 4713, column status cannot be
      understood: “maybe” is no known word there. Please correct it.
    ");
}

#[test]
fn whoever_mistypes_is_told_what_would_be_right() {
    let practice = a_day();
    let said = |arguments: &[&str]| explain(&practice, arguments).to_string();
    assert_snapshot!(said(&["--appointment", "4712"]), @"
    --- stderr
    error: there is no appointment 4712, and no message ever named it; `terminbote explain --customer ID` lists the appointments of a customer
    --- status 2
    ");
    assert_snapshot!(said(&["--appointment", "7"]), @"
    --- stderr
    error: there is no appointment 7, and no message ever named it; there is a customer 7: `terminbote explain --customer 7` lists their appointments
    --- status 2
    ");
    assert_snapshot!(said(&["--customer", "4711"]), @"
    --- stderr
    error: there is no customer 4711, and no message ever went to one of that number; there is an appointment 4711, of customer 7
    --- status 2
    ");
    assert_snapshot!(said(&["--customer", "8"]), @"
    --- stderr
    error: there is no customer 8, and no message ever went to one of that number
    --- status 2
    ");
    assert_snapshot!(said(&[]), @"
    --- stderr
    error: the following required arguments were not provided:
      <--appointment <ID>|--customer <ID>>

    Usage: terminbote explain --db <FILE> <--appointment <ID>|--customer <ID>>

    For more information, try '--help'.
    --- status 2
    ");
    assert_snapshot!(said(&["--appointment", "4711", "--customer", "7"]), @"
    --- stderr
    error: the argument '--appointment <ID>' cannot be used with '--customer <ID>'

    Usage: terminbote explain --db <FILE> <--appointment <ID>|--customer <ID>>

    For more information, try '--help'.
    --- status 2
    ");
    assert_snapshot!(said(&["--appointment", "elf"]), @"
    --- stderr
    error: invalid value 'elf' for '--appointment <ID>': a number is needed, such as 4711

    For more information, try '--help'.
    --- status 2
    ");
    assert_snapshot!(said(&["--appointment", "4711", "--at", "yesterday"]), @r#"
    --- stderr
    error: --at "yesterday" is no time; write 2026-03-10T19:00 (in the chain's zone) or 2026-03-10T19:00:00+01:00
    --- status 2
    "#);
}
