//! Ten complaints, each answered by `terminbote explain` alone.
//!
//! A week in March at Optik Muster: real passes at seven minutes past every hour, and in between
//! what happens in a practice. Reminders go six hours before, six hours apart, with a night rest
//! from 20:00 to 06:00. Each complaint comes days later, when the data have changed.
//!
//! What is changed is changed at the time of the story, by `faketime`: the database's own clock
//! dates the record of changes.

use std::process::{Command, Stdio};
use std::sync::OnceLock;

use insta::assert_snapshot;
use terminbote::zone::{Zone, parse_time};

use crate::practice::{Practice, printed};

/// What happens to the chain, by local time, between the passes.
const EVENTS: &[(&str, &str)] = &[
    // The branch filter is mistyped: BB for B.
    (
        "2026-03-09 15:00",
        "UPDATE interface SET settings = json_set(settings, '$.branch_filter', 'HH,BB') WHERE id = 1;",
    ),
    // Moved to the evening after the reminder, and back after the next one.
    (
        "2026-03-10 10:30",
        "UPDATE appointment SET starts_at = '2026-03-10 18:00', ends_at = '2026-03-10 18:30' WHERE id = 102;",
    ),
    (
        "2026-03-10 12:30",
        "UPDATE appointment SET starts_at = '2026-03-10 16:00', ends_at = '2026-03-10 16:30' WHERE id = 102;",
    ),
    // Cancelled after the reminder.
    ("2026-03-10 09:30", "UPDATE appointment SET status = 'cancelled' WHERE id = 101;"),
    // The family tells the practice of a death.
    ("2026-03-10 10:00", "UPDATE customer SET deceased = 1 WHERE id = 11;"),
    // A call by hand.
    (
        "2026-03-10 11:00",
        "BEGIN;
         INSERT INTO message (kind, customer_id, channel, address, body, state, sent_at)
         VALUES ('manual', 10, 'phone', '030 23125 010', 'Termin besprochen', 'sent', '2026-03-10T10:00:00Z');
         INSERT INTO message_appointment (message_id, appointment_id) VALUES (last_insert_rowid(), 110);
         COMMIT;",
    ),
    // From now on by text message, please.
    ("2026-03-10 12:00", "UPDATE customer SET preferred_contact = 'sms' WHERE id = 5;"),
    // The filter is corrected.
    ("2026-03-10 17:00", "UPDATE interface SET settings = json_set(settings, '$.branch_filter', 'HH,B') WHERE id = 1;"),
    // The mail server is down for an hour: nobody listens at that port.
    (
        "2026-03-10 19:00",
        r#"UPDATE interface SET settings = json('{"transport": "smtp", "host": "127.0.0.1", "port": 9, "tls": "none",
           "from": "Optik Muster <termine@example.de>"}') WHERE id = 2;"#,
    ),
    (
        "2026-03-10 19:30",
        r#"UPDATE interface SET settings = json('{"transport": "file", "directory": "mail",
           "from": "Optik Muster <termine@example.de>"}') WHERE id = 2;"#,
    ),
];

const CHAIN: &str = r#"
INSERT INTO branch (id, code, name, street, postcode, city, phone, email) VALUES
(1, 'HH', 'Optik Muster', 'Hauptstraße 1', '20095', 'Hamburg', '040 66969 100', 'hh@example.de'),
(2, 'B', 'Optik Muster Berlin', 'Allee 2', '10117', 'Berlin', '030 23125 100', 'b@example.de');
INSERT INTO appointment_type (id, name, auto_notify) VALUES (1, 'Sehtest', 1);
INSERT INTO interface (id, kind, server_side, settings) VALUES
(1, 'appointment_notification', 1, '{"night_rest": {"start": "20:00", "end": "06:00"}, "branch_filter": "HH,B",
    "reminder": {"hours_before": 6, "min_hours_between_messages": 6}}'),
(2, 'smtp', 1, '{"transport": "file", "directory": "mail", "from": "Optik Muster <termine@example.de>"}'),
(3, 'sms', 1, '{"gateway": "file", "directory": "sms"}');
INSERT INTO customer (id, first_name, last_name, email, preferred_contact) VALUES
(1, 'Anna', 'Berger', 'anna@example.de', NULL), (2, 'Bert', 'Clausen', 'bert@example.de', NULL),
(3, 'Carla', 'Dorn', NULL, 'sms'), (4, 'Emil', 'Dorn', NULL, 'sms'),
(5, 'Frieda', 'Ernst', 'frieda@example.de', 'email'), (6, 'Gerd', 'Falk', NULL, 'sms'),
(7, 'Renate', 'Weiß', 'renate@example.de', NULL), (8, 'Hilde', 'Gans', 'hilde@example.de', NULL),
(9, 'Ida', 'Horn', 'ida@example.de', NULL), (10, 'Jan', 'Imhof', 'jan@example.de', NULL),
(11, 'Karl', 'Jung', 'karl@example.de', NULL);
INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES
(3, 1, '0152 28817386', 1), (4, 1, '+49 152 28817386', 1), (5, 1, '0171 3920001', 1), (6, 1, '0171 3920002', 1),
(10, 1, '030 23125 010', 0);
INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at) VALUES
(101, 1, 1, 1, '2026-03-10 14:00', '2026-03-10 14:30'), (102, 1, 2, 1, '2026-03-10 16:00', '2026-03-10 16:30'),
(103, 1, 3, 1, '2026-03-10 15:00', '2026-03-10 15:30'), (104, 1, 4, 1, '2026-03-10 15:30', '2026-03-10 16:00'),
(105, 1, 5, 1, '2026-03-10 15:00', '2026-03-10 15:30'), (106, 1, 6, 1, '2026-03-11 09:00', '2026-03-11 09:30'),
(107, 1, 7, 1, '2026-03-11 08:30', '2026-03-11 09:00'), (108, 2, 8, 1, '2026-03-10 13:00', '2026-03-10 13:30'),
(109, 1, 9, 1, '2026-03-29 11:30', '2026-03-29 12:00'), (110, 1, 10, 1, '2026-03-10 17:00', '2026-03-10 17:30'),
(111, 1, 11, 1, '2026-03-10 13:30', '2026-03-10 14:00');
"#;

/// The chain after the week; `None` where there is no `faketime` or no `sqlite3`.
fn after_the_week() -> Option<&'static Practice> {
    static STORY: OnceLock<Option<Practice>> = OnceLock::new();
    STORY.get_or_init(tell).as_ref()
}

/// Whether programs can be given another clock.
pub(crate) fn clocks_can_be_moved() -> bool {
    let found = |tool: &str| {
        let ran = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        ran.is_ok_and(|status| status.success())
    };
    let is_there = found("faketime") && found("sqlite3");
    assert!(is_there || std::env::var_os("TERMINBOTE_REQUIRE_TOOLS").is_none(), "faketime or sqlite3 is missing");
    if !is_there {
        eprintln!("left out: there is no faketime or no sqlite3");
    }
    is_there
}

fn tell() -> Option<Practice> {
    if !clocks_can_be_moved() {
        return None;
    }
    let practice = Practice::empty_in_memory();
    let init = at_the_time(&practice, "2026-03-09 06:00", assert_cmd::cargo::cargo_bin!("terminbote"), &["init"]);
    assert_eq!(init.status, 0, "{init}");
    sql(&practice, "2026-03-09 06:30", CHAIN);
    let mut events: Vec<_> = EVENTS.to_vec();
    events.sort_unstable();
    let mut events = events.into_iter().peekable();
    for day in ["2026-03-09", "2026-03-10", "2026-03-11", "2026-03-28", "2026-03-29"] {
        for hour in 6..=20 {
            let pass = format!("{day} {hour:02}:07");
            while let Some((at, change)) = events.next_if(|(at, _)| *at < pass.as_str()) {
                sql(&practice, at, change);
            }
            let program = assert_cmd::cargo::cargo_bin!("terminbote");
            let printed = at_the_time(&practice, &pass, program, &["--at", &pass, "--quiet"]);
            assert!(printed.status <= 1, "{pass}: {printed}");
        }
    }
    Some(practice)
}

/// Runs a program whose clock shows a local time of the story.
pub(crate) fn at_the_time(
    practice: &Practice,
    at: &str,
    program: impl AsRef<std::ffi::OsStr>,
    arguments: &[&str],
) -> crate::practice::Printed {
    let at = parse_time(at, Zone::default()).unwrap().format("%Y-%m-%d %H:%M:%S").to_string();
    let mut command = Command::new("faketime");
    command.current_dir(practice.folder()).env("TZ", "UTC").env("TERMINBOTE_DB", "termine.db").arg(at);
    // Only the time of day is moved: a wait that ends by the other clock would never end.
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
    printed(command.arg(program).args(arguments).stdin(Stdio::null()).output().unwrap())
}

fn sql(practice: &Practice, at: &str, sql: &str) {
    let done = at_the_time(practice, at, "sqlite3", &["-bail", "termine.db", sql]);
    assert_eq!((done.status, done.stderr.as_str()), (0, ""), "{at}: {done}");
}

/// What is said to a complaint; nothing where the story could not be told.
fn explain(arguments: &[&str]) -> Option<String> {
    let practice = after_the_week()?;
    let printed = practice.run(&[&["explain"], arguments].concat());
    assert_eq!((printed.status, printed.stderr.as_str()), (0, ""), "{printed}");
    assert!(printed.stdout.lines().all(|line| line.chars().count() <= 80), "{printed}");
    Some(printed.stdout)
}

/// "You reminded me although I had cancelled." Cancelled at half past nine, reminded at eight.
#[test]
fn cancelled_too_late() {
    let Some(answer) = explain(&["--appointment", "101", "--at", "2026-03-12 09:00", "--lang", "de"]) else { return };
    assert_snapshot!(answer, @"
    Termin 101: Di., 10.03.2026, 14:00, Optik Muster (HH), storniert
    Kunde 1, Anna Berger
    Stand: Do., 12.03.2026, 09:00

    Erinnerung: gesendet am Di., 10.03.2026, 08:07 (Nachricht 2).
    Bestätigung: nein. Regel D1: Terminbestätigungen sind nicht eingerichtet.

    Was zu diesem Termin gesagt wurde
    ---------------------------------
    - Nachricht 2, Erinnerung per E-Mail an a***@e***.de, Di., 10.03.2026, 08:07,
      Kunde 1, Lauf 18, genannter Beginn Di., 10.03.2026, 14:00: gesendet.

    Was die Läufe taten
    -------------------
    Zuerst für eine Erinnerung betrachtet: Di., 10.03.2026, 08:07.
    - Di., 10.03.2026, 08:07 (Lauf 18): Erinnerung, Nachricht 2: gesendet.
    - Di., 10.03.2026, 09:07 (Lauf 19): keine Erinnerung. Regel E4: An diesen Beginn
      wurde schon erinnert: Di., 10.03.2026, 08:07 (Nachricht 2).
    - Di., 10.03.2026, 10:07 bis Di., 10.03.2026, 13:07 (4 Läufe): keine Erinnerung.
      Regel B3: Der Termin ist storniert.

    Die Regeln, Do., 12.03.2026, 09:00
    ----------------------------------
    A2  ja   Die Terminbenachrichtigung ist in Betrieb.
    A3  ja   Keine Ruhezeit; die nächste beginnt Do., 12.03.2026, 20:00.
    B1  ja   Kunde 1 ist eingetragen; der Termintyp 1 ist für automatische
             Benachrichtigungen erlaubt.
    B2  ja   Es ist kein Gruppentermin.
    B3  NEIN Der Termin ist storniert.
    B4  ja   Der Filialfilter „HH,B“ enthält die Filiale HH.
    B5  NEIN Er hat schon begonnen: Di., 10.03.2026, 14:00.
    B6  ja   Der Kunde hat nichts gegen Nachrichten.
    C1  -    Der Kunde kennt diesen Beginn durch Nachricht 2 (Erinnerung, Di.,
             10.03.2026, 08:07).
    C2  -    Es zählt: Nachricht 2 (Erinnerung, Di., 10.03.2026, 08:07).
    C3  -    Noch gültig: Nachricht 2.

    Bestätigung:
    D1  NEIN Terminbestätigungen sind nicht eingerichtet.

    Erinnerung:
    E1  -    Das Fenster (6 Stunden vor dem Termin) reicht bis vor Do., 12.03.2026,
             16:00; er liegt nicht darin.
    E2  -    Noch keine Vorausschau über die Ruhezeit: Sie beginnt Do., 12.03.2026,
             18:30 und reicht bis vor Fr., 13.03.2026, 12:00.
    E3  ja   Keine Nachricht der letzten 6 Stunden hält die Erinnerung zurück.
    E4  NEIN An diesen Beginn wurde schon erinnert: Di., 10.03.2026, 08:07
             (Nachricht 2).
    E6  -    Die Termine eines Datums werden nicht zusammengefasst.
    F1  -    Die Kontaktvorlage „Terminerinnerung“ nennt: E-Mail, SMS.
    F2  -    Der Kunde bevorzugt nichts; es gilt die Reihenfolge der Kontaktvorlage.
    F3  ja   E-Mail an a***@e***.de ist benutzbar und wird genommen.
    F3  -    SMS: nicht benutzbar, keine Nummer eingetragen.
    F8  ja   Der Text „Terminerinnerung E-Mail“ ist in Ordnung.
    ");
}

/// "You wrote six in the evening, and it was at four." Moved away, told, moved back.
#[test]
fn moved_back() {
    let Some(answer) = explain(&["--appointment", "102", "--at", "2026-03-12 09:00", "--lang", "de"]) else { return };
    assert_snapshot!(answer, @"
    Termin 102: Di., 10.03.2026, 16:00, Optik Muster (HH), gebucht
    Kunde 2, Bert Clausen
    Stand: Do., 12.03.2026, 09:00

    Erinnerung: gesendet am Di., 10.03.2026, 12:07 (Nachricht 8). Sie nannte einen
      anderen Beginn: Di., 10.03.2026, 18:00.
    Bestätigung: nein. Regel D1: Terminbestätigungen sind nicht eingerichtet.

    Was zu diesem Termin gesagt wurde
    ---------------------------------
    - Nachricht 6, Erinnerung per E-Mail an b***@e***.de, Di., 10.03.2026, 10:07,
      Kunde 2, Lauf 20, genannter Beginn Di., 10.03.2026, 16:00: gesendet.
    - Nachricht 8, Erinnerung per E-Mail an b***@e***.de, Di., 10.03.2026, 12:07,
      Kunde 2, Lauf 22, genannter Beginn Di., 10.03.2026, 18:00: gesendet.

    Was die Läufe taten
    -------------------
    Zuerst für eine Erinnerung betrachtet: Di., 10.03.2026, 10:07.
    - Di., 10.03.2026, 10:07 (Lauf 20): Erinnerung, Nachricht 6: gesendet.
    - Di., 10.03.2026, 12:07 (Lauf 22): Erinnerung, Nachricht 8: gesendet.
    - Di., 10.03.2026, 13:07 bis Di., 10.03.2026, 15:07 (3 Läufe): keine Erinnerung.
      Regel E3: Der Kunde hatte vor Kurzem eine Nachricht (Erinnerung, Di.,
      10.03.2026, 10:07, Nachricht 6); eine Erinnerung ist erst ab Di., 10.03.2026,
      16:07 möglich.

    Die Regeln, Do., 12.03.2026, 09:00
    ----------------------------------
    A2  ja   Die Terminbenachrichtigung ist in Betrieb.
    A3  ja   Keine Ruhezeit; die nächste beginnt Do., 12.03.2026, 20:00.
    B1  ja   Kunde 2 ist eingetragen; der Termintyp 1 ist für automatische
             Benachrichtigungen erlaubt.
    B2  ja   Es ist kein Gruppentermin.
    B3  ja   Der Status ist „gebucht“; das zählt.
    B4  ja   Der Filialfilter „HH,B“ enthält die Filiale HH.
    B5  NEIN Er hat schon begonnen: Di., 10.03.2026, 16:00.
    B6  ja   Der Kunde hat nichts gegen Nachrichten.
    C1  -    Zuletzt wurde dem Kunden ein anderer Beginn genannt, Di., 10.03.2026,
             18:00: Nachricht 8 (Erinnerung, Di., 10.03.2026, 12:07). Der jetzige
             gilt als nicht mitgeteilt.
    C2  -    Es zählt: Nachricht 6 (Erinnerung, Di., 10.03.2026, 10:07); Nachricht 8
             (Erinnerung, Di., 10.03.2026, 12:07).
    C3  -    Noch gültig: Nachricht 6.
    C3  -    Überholt, weil alle darin genannten Termine verschoben oder gelöscht
             sind: Nachricht 8.

    Bestätigung:
    D1  NEIN Terminbestätigungen sind nicht eingerichtet.

    Erinnerung:
    E1  -    Das Fenster (6 Stunden vor dem Termin) reicht bis vor Do., 12.03.2026,
             16:00; er liegt nicht darin.
    E2  -    Noch keine Vorausschau über die Ruhezeit: Sie beginnt Do., 12.03.2026,
             18:30 und reicht bis vor Fr., 13.03.2026, 12:00.
    E3  ja   Keine Nachricht der letzten 6 Stunden hält die Erinnerung zurück.
    E4  ja   An diesen Beginn wurde noch nicht erinnert.
    E6  -    Die Termine eines Datums werden nicht zusammengefasst.
    F1  -    Die Kontaktvorlage „Terminerinnerung“ nennt: E-Mail, SMS.
    F2  -    Der Kunde bevorzugt nichts; es gilt die Reihenfolge der Kontaktvorlage.
    F3  ja   E-Mail an b***@e***.de ist benutzbar und wird genommen.
    F3  -    SMS: nicht benutzbar, keine Nummer eingetragen.
    F8  ja   Der Text „Terminerinnerung E-Mail“ ist in Ordnung.
    ");
}

/// "I got it twice." The second one was for the son, at the same number.
#[test]
fn family_number() {
    let Some(answer) = explain(&["--customer", "3", "--at", "2026-03-12 09:00", "--lang", "de"]) else { return };
    assert_snapshot!(answer, @"
    Kunde 3, Carla Dorn
    Stand: Do., 12.03.2026, 09:00

    Bevorzugt Nachrichten per SMS.
    - SMS an +49 152 *** 86 ist benutzbar.
    - E-Mail: nicht benutzbar, keine Adresse eingetragen.
    - Brief: nicht benutzbar, Straße, Postleitzahl oder Ort fehlt.
    - Anruf an 015 *** 86 ist benutzbar.

    Termine der letzten vier Wochen und später
    ------------------------------------------
     Termin 103: Di., 10.03.2026, 15:00, Optik Muster (HH), gebucht
       Erinnerung: gesendet am Di., 10.03.2026, 09:07 (Nachricht 4).
       Bestätigung: nein. Regel D1: Terminbestätigungen sind nicht eingerichtet.

    Nachrichten an diesen Kunden
    ----------------------------
    - Nachricht 4, Erinnerung per SMS an +49 152 *** 86, Di., 10.03.2026, 09:07,
      Kunde 3, Lauf 19: gesendet.

    Innerhalb eines Tages gingen an dieselbe Adresse oder Nummer Nachrichten für
      andere Kunden:
    - Nachricht 5, Erinnerung per SMS an +49 152 *** 86, Di., 10.03.2026, 09:07,
      Kunde 4, Lauf 19: gesendet.
    ");
}

/// "I had asked for text messages." Only at noon, after the reminder at nine.
#[test]
fn preference_changed_after_the_pass() {
    let Some(answer) = explain(&["--appointment", "105", "--at", "2026-03-10 09:07", "--lang", "de"]) else { return };
    assert_snapshot!(answer, @"
    Termin 105: Di., 10.03.2026, 15:00, Optik Muster (HH), gebucht
    Kunde 5, Frieda Ernst
    Stand: Di., 10.03.2026, 09:07

    Erinnerung: ja, per E-Mail an f***@e***.de.
    Bestätigung: nein. Regel D1: Terminbestätigungen sind nicht eingerichtet.

    Lauf 19 zu diesem Zeitpunkt: Nachricht 3, Erinnerung per E-Mail an f***@e***.de,
      Di., 10.03.2026, 09:07, Kunde 5, Lauf 19: gesendet.

    Was zu diesem Termin gesagt wurde
    ---------------------------------
    - Nachricht 3, Erinnerung per E-Mail an f***@e***.de, Di., 10.03.2026, 09:07,
      Kunde 5, Lauf 19, genannter Beginn Di., 10.03.2026, 15:00: gesendet.

    Was die Läufe taten
    -------------------
    Zuerst für eine Erinnerung betrachtet: Di., 10.03.2026, 09:07.
    - Di., 10.03.2026, 09:07 (Lauf 19): Erinnerung, Nachricht 3: gesendet.
    - Di., 10.03.2026, 10:07 bis Di., 10.03.2026, 14:07 (5 Läufe): keine Erinnerung.
      Regel E4: An diesen Beginn wurde schon erinnert: Di., 10.03.2026, 09:07
      (Nachricht 3).

    Die Regeln, Di., 10.03.2026, 09:07
    ----------------------------------
    A2  ja   Die Terminbenachrichtigung ist in Betrieb.
    A3  ja   Keine Ruhezeit; die nächste beginnt Di., 10.03.2026, 20:00.
    B1  ja   Kunde 5 ist eingetragen; der Termintyp 1 ist für automatische
             Benachrichtigungen erlaubt.
    B2  ja   Es ist kein Gruppentermin.
    B3  ja   Der Status ist „gebucht“; das zählt.
    B4  ja   Der Filialfilter „HH,BB“ enthält die Filiale HH.
    B5  ja   Er beginnt erst Di., 10.03.2026, 15:00.
    B6  ja   Der Kunde wünscht Nachrichten, am liebsten per E-Mail.
    C1  -    Diesem Kunden wurde von dem Termin noch nichts gesagt.

    Bestätigung:
    D1  NEIN Terminbestätigungen sind nicht eingerichtet.

    Erinnerung:
    E1  ja   Das Fenster (6 Stunden vor dem Termin) reicht bis vor Di., 10.03.2026,
             16:00; er liegt darin.
    E2  -    Noch keine Vorausschau über die Ruhezeit: Sie beginnt Di., 10.03.2026,
             18:30 und reicht bis vor Mi., 11.03.2026, 12:00.
    E3  ja   Keine Nachricht der letzten 6 Stunden hält die Erinnerung zurück.
    E4  ja   An diesen Beginn wurde noch nicht erinnert.
    E5  -    Die Nachricht nennt nur diesen Termin.
    E6  -    Die Termine eines Datums werden nicht zusammengefasst.
    F1  -    Die Kontaktvorlage „Terminerinnerung“ nennt: E-Mail, SMS.
    F2  -    Zuerst wird es per E-Mail versucht, wie gewünscht.
    F3  ja   E-Mail an f***@e***.de ist benutzbar und wird genommen.
    F3  -    SMS an +49 171 *** 01 ist benutzbar.
    F8  ja   Der Text „Terminerinnerung E-Mail“ ist in Ordnung.
    ");
}

/// "Six hours before, you said, and it came the evening before." The night was in between.
#[test]
fn look_ahead_the_evening_before() {
    let Some(answer) = explain(&["--appointment", "106", "--at", "2026-03-10 19:07", "--lang", "de"]) else { return };
    assert_snapshot!(answer, @"
    Termin 106: Mi., 11.03.2026, 09:00, Optik Muster (HH), gebucht
    Kunde 6, Gerd Falk
    Stand: Di., 10.03.2026, 19:07

    Erinnerung: ja, per SMS an +49 171 *** 02.
    Bestätigung: nein. Regel D1: Terminbestätigungen sind nicht eingerichtet.

    Lauf 29 zu diesem Zeitpunkt: Nachricht 10, Erinnerung per SMS an +49 171 *** 02,
      Di., 10.03.2026, 19:07, Kunde 6, Lauf 29: gesendet.

    Was zu diesem Termin gesagt wurde
    ---------------------------------
    - Nachricht 10, Erinnerung per SMS an +49 171 *** 02, Di., 10.03.2026, 19:07,
      Kunde 6, Lauf 29, genannter Beginn Mi., 11.03.2026, 09:00: gesendet.

    Was die Läufe taten
    -------------------
    Zuerst für eine Erinnerung betrachtet: Di., 10.03.2026, 19:07.
    - Di., 10.03.2026, 19:07 (Lauf 29): Erinnerung, Nachricht 10: gesendet.
    - Mi., 11.03.2026, 06:07 bis Mi., 11.03.2026, 08:07 (3 Läufe): keine Erinnerung.
      Regel E4: An diesen Beginn wurde schon erinnert: Di., 10.03.2026, 19:07
      (Nachricht 10).

    Die Regeln, Di., 10.03.2026, 19:07
    ----------------------------------
    A2  ja   Die Terminbenachrichtigung ist in Betrieb.
    A3  ja   Keine Ruhezeit; die nächste beginnt Di., 10.03.2026, 20:00.
    B1  ja   Kunde 6 ist eingetragen; der Termintyp 1 ist für automatische
             Benachrichtigungen erlaubt.
    B2  ja   Es ist kein Gruppentermin.
    B3  ja   Der Status ist „gebucht“; das zählt.
    B4  ja   Der Filialfilter „HH,B“ enthält die Filiale HH.
    B5  ja   Er beginnt erst Mi., 11.03.2026, 09:00.
    B6  ja   Der Kunde wünscht Nachrichten, am liebsten per SMS.
    C1  -    Diesem Kunden wurde von dem Termin noch nichts gesagt.

    Bestätigung:
    D1  NEIN Terminbestätigungen sind nicht eingerichtet.

    Erinnerung:
    E1  -    Das Fenster (6 Stunden vor dem Termin) reicht bis vor Mi., 11.03.2026,
             02:00; er liegt nicht darin.
    E2  ja   Die Vorausschau über die Ruhezeit reicht bis vor Mi., 11.03.2026,
             12:00; er liegt darin.
    E3  ja   Keine Nachricht der letzten 6 Stunden hält die Erinnerung zurück.
    E4  ja   An diesen Beginn wurde noch nicht erinnert.
    E5  -    Die Nachricht nennt nur diesen Termin.
    E6  -    Die Termine eines Datums werden nicht zusammengefasst.
    F1  -    Die Kontaktvorlage „Terminerinnerung“ nennt: E-Mail, SMS.
    F2  -    Zuerst wird es per SMS versucht, wie gewünscht.
    F3  ja   SMS an +49 171 *** 02 ist benutzbar und wird genommen.
    F3  -    E-Mail: nicht benutzbar, keine Adresse eingetragen.
    F8  ja   Der Text „Terminerinnerung SMS“ ist in Ordnung.
    ");
}

/// "It came only at six in the morning." The mail server was down in the evening.
#[test]
fn server_down_at_seven_in_the_evening() {
    let Some(answer) = explain(&["--appointment", "107", "--at", "2026-03-12 09:00", "--lang", "de"]) else { return };
    assert_snapshot!(answer, @"
    Termin 107: Mi., 11.03.2026, 08:30, Optik Muster (HH), gebucht
    Kunde 7, Renate Weiß
    Stand: Do., 12.03.2026, 09:00

    Erinnerung: gesendet am Mi., 11.03.2026, 06:07 (Nachricht 9).
    Bestätigung: nein. Regel D1: Terminbestätigungen sind nicht eingerichtet.

    Was zu diesem Termin gesagt wurde
    ---------------------------------
    - Nachricht 9, Erinnerung per E-Mail an r***@e***.de, Mi., 11.03.2026, 06:07,
      Kunde 7, Lauf 31, genannter Beginn Mi., 11.03.2026, 08:30: gesendet.

    Was die Läufe taten
    -------------------
    Zuerst für eine Erinnerung betrachtet: Di., 10.03.2026, 19:07.
    - Di., 10.03.2026, 19:07 (Lauf 29): Erinnerung fällig, aber nicht gesendet.
      Nachricht 9, Erinnerung per E-Mail an r***@e***.de, Di., 10.03.2026, 19:07,
      Kunde 7, Lauf 29: zurückgestellt: „connecting: 127.0.0.1, port 9: Connection
      refused (os error 111)“.
    - Mi., 11.03.2026, 06:07 (Lauf 31): Erinnerung, Nachricht 9: gesendet.
    - Mi., 11.03.2026, 07:07 bis Mi., 11.03.2026, 08:07 (2 Läufe): keine Erinnerung.
      Regel E4: An diesen Beginn wurde schon erinnert: Mi., 11.03.2026, 06:07
      (Nachricht 9).

    Die Regeln, Do., 12.03.2026, 09:00
    ----------------------------------
    A2  ja   Die Terminbenachrichtigung ist in Betrieb.
    A3  ja   Keine Ruhezeit; die nächste beginnt Do., 12.03.2026, 20:00.
    B1  ja   Kunde 7 ist eingetragen; der Termintyp 1 ist für automatische
             Benachrichtigungen erlaubt.
    B2  ja   Es ist kein Gruppentermin.
    B3  ja   Der Status ist „gebucht“; das zählt.
    B4  ja   Der Filialfilter „HH,B“ enthält die Filiale HH.
    B5  NEIN Er hat schon begonnen: Mi., 11.03.2026, 08:30.
    B6  ja   Der Kunde hat nichts gegen Nachrichten.
    C1  -    Der Kunde kennt diesen Beginn durch Nachricht 9 (Erinnerung, Mi.,
             11.03.2026, 06:07).
    C2  -    Es zählt: Nachricht 9 (Erinnerung, Mi., 11.03.2026, 06:07).
    C3  -    Noch gültig: Nachricht 9.

    Bestätigung:
    D1  NEIN Terminbestätigungen sind nicht eingerichtet.

    Erinnerung:
    E1  -    Das Fenster (6 Stunden vor dem Termin) reicht bis vor Do., 12.03.2026,
             16:00; er liegt nicht darin.
    E2  -    Noch keine Vorausschau über die Ruhezeit: Sie beginnt Do., 12.03.2026,
             18:30 und reicht bis vor Fr., 13.03.2026, 12:00.
    E3  ja   Keine Nachricht der letzten 6 Stunden hält die Erinnerung zurück.
    E4  NEIN An diesen Beginn wurde schon erinnert: Mi., 11.03.2026, 06:07
             (Nachricht 9).
    E6  -    Die Termine eines Datums werden nicht zusammengefasst.
    F1  -    Die Kontaktvorlage „Terminerinnerung“ nennt: E-Mail, SMS.
    F2  -    Der Kunde bevorzugt nichts; es gilt die Reihenfolge der Kontaktvorlage.
    F3  ja   E-Mail an r***@e***.de ist benutzbar und wird genommen.
    F3  -    SMS: nicht benutzbar, keine Nummer eingetragen.
    F8  ja   Der Text „Terminerinnerung E-Mail“ ist in Ordnung.
    ");
}

/// "I never got a reminder." The filter did not have the branch all morning.
#[test]
fn filter_mistyped() {
    let Some(answer) = explain(&["--appointment", "108", "--at", "2026-03-12 09:00", "--lang", "de"]) else { return };
    assert_snapshot!(answer, @"
    Termin 108: Di., 10.03.2026, 13:00, Optik Muster Berlin (B), gebucht
    Kunde 8, Hilde Gans
    Stand: Do., 12.03.2026, 09:00

    Erinnerung: keine. Zuletzt: Di., 10.03.2026, 07:07 bis Di., 10.03.2026, 12:07 (6
      Läufe): keine Erinnerung. Regel B4: Der Filialfilter „HH,BB“ (branch_filter)
      enthält die Filiale B nicht.
    Bestätigung: nein. Regel D1: Terminbestätigungen sind nicht eingerichtet.

    Was zu diesem Termin gesagt wurde
    ---------------------------------
    Nichts.

    Was die Läufe taten
    -------------------
    Zuerst für eine Erinnerung betrachtet: Di., 10.03.2026, 07:07.
    - Di., 10.03.2026, 07:07 bis Di., 10.03.2026, 12:07 (6 Läufe): keine Erinnerung.
      Regel B4: Der Filialfilter „HH,BB“ (branch_filter) enthält die Filiale B
      nicht.

    Die Regeln, Do., 12.03.2026, 09:00
    ----------------------------------
    A2  ja   Die Terminbenachrichtigung ist in Betrieb.
    A3  ja   Keine Ruhezeit; die nächste beginnt Do., 12.03.2026, 20:00.
    B1  ja   Kunde 8 ist eingetragen; der Termintyp 1 ist für automatische
             Benachrichtigungen erlaubt.
    B2  ja   Es ist kein Gruppentermin.
    B3  ja   Der Status ist „gebucht“; das zählt.
    B4  ja   Der Filialfilter „HH,B“ enthält die Filiale B.
    B5  NEIN Er hat schon begonnen: Di., 10.03.2026, 13:00.
    B6  ja   Der Kunde hat nichts gegen Nachrichten.
    C1  -    Diesem Kunden wurde von dem Termin noch nichts gesagt.

    Bestätigung:
    D1  NEIN Terminbestätigungen sind nicht eingerichtet.

    Erinnerung:
    E1  -    Das Fenster (6 Stunden vor dem Termin) reicht bis vor Do., 12.03.2026,
             16:00; er liegt nicht darin.
    E2  -    Noch keine Vorausschau über die Ruhezeit: Sie beginnt Do., 12.03.2026,
             18:30 und reicht bis vor Fr., 13.03.2026, 12:00.
    E3  ja   Keine Nachricht der letzten 6 Stunden hält die Erinnerung zurück.
    E4  ja   An diesen Beginn wurde noch nicht erinnert.
    E6  -    Die Termine eines Datums werden nicht zusammengefasst.
    F1  -    Die Kontaktvorlage „Terminerinnerung“ nennt: E-Mail, SMS.
    F2  -    Der Kunde bevorzugt nichts; es gilt die Reihenfolge der Kontaktvorlage.
    F3  ja   E-Mail an h***@e***.de ist benutzbar und wird genommen.
    F3  -    SMS: nicht benutzbar, keine Nummer eingetragen.
    F8  ja   Der Text „Terminerinnerung E-Mail“ ist in Ordnung.
    ");
}

/// "Why on Saturday evening?" The night in which the clock is put forward.
#[test]
fn night_of_the_clock_change() {
    let Some(answer) = explain(&["--appointment", "109", "--at", "2026-03-28 19:07", "--lang", "de"]) else { return };
    assert_snapshot!(answer, @"
    Termin 109: So., 29.03.2026, 11:30, Optik Muster (HH), gebucht
    Kunde 9, Ida Horn
    Stand: Sa., 28.03.2026, 19:07

    Erinnerung: ja, per E-Mail an i***@e***.de.
    Bestätigung: nein. Regel D1: Terminbestätigungen sind nicht eingerichtet.

    Lauf 59 zu diesem Zeitpunkt: Nachricht 11, Erinnerung per E-Mail an
      i***@e***.de, Sa., 28.03.2026, 19:07, Kunde 9, Lauf 59: gesendet.

    Was zu diesem Termin gesagt wurde
    ---------------------------------
    - Nachricht 11, Erinnerung per E-Mail an i***@e***.de, Sa., 28.03.2026, 19:07,
      Kunde 9, Lauf 59, genannter Beginn So., 29.03.2026, 11:30: gesendet.

    Was die Läufe taten
    -------------------
    Zuerst für eine Erinnerung betrachtet: Sa., 28.03.2026, 19:07.
    - Sa., 28.03.2026, 19:07 (Lauf 59): Erinnerung, Nachricht 11: gesendet.
    - So., 29.03.2026, 06:07 bis So., 29.03.2026, 11:07 (6 Läufe): keine Erinnerung.
      Regel E4: An diesen Beginn wurde schon erinnert: Sa., 28.03.2026, 19:07
      (Nachricht 11).

    Die Regeln, Sa., 28.03.2026, 19:07
    ----------------------------------
    A2  ja   Die Terminbenachrichtigung ist in Betrieb.
    A3  ja   Keine Ruhezeit; die nächste beginnt Sa., 28.03.2026, 20:00.
    B1  ja   Kunde 9 ist eingetragen; der Termintyp 1 ist für automatische
             Benachrichtigungen erlaubt.
    B2  ja   Es ist kein Gruppentermin.
    B3  ja   Der Status ist „gebucht“; das zählt.
    B4  ja   Der Filialfilter „HH,B“ enthält die Filiale HH.
    B5  ja   Er beginnt erst So., 29.03.2026, 11:30.
    B6  ja   Der Kunde hat nichts gegen Nachrichten.
    C1  -    Diesem Kunden wurde von dem Termin noch nichts gesagt.

    Bestätigung:
    D1  NEIN Terminbestätigungen sind nicht eingerichtet.

    Erinnerung:
    E1  -    Das Fenster (6 Stunden vor dem Termin) reicht bis vor So., 29.03.2026,
             03:00; er liegt nicht darin.
    E2  ja   Die Vorausschau über die Ruhezeit reicht bis vor So., 29.03.2026,
             12:00; er liegt darin.
    E3  ja   Keine Nachricht der letzten 6 Stunden hält die Erinnerung zurück.
    E4  ja   An diesen Beginn wurde noch nicht erinnert.
    E5  -    Die Nachricht nennt nur diesen Termin.
    E6  -    Die Termine eines Datums werden nicht zusammengefasst.
    F1  -    Die Kontaktvorlage „Terminerinnerung“ nennt: E-Mail, SMS.
    F2  -    Der Kunde bevorzugt nichts; es gilt die Reihenfolge der Kontaktvorlage.
    F3  ja   E-Mail an i***@e***.de ist benutzbar und wird genommen.
    F3  -    SMS: nicht benutzbar, keine Nummer eingetragen.
    F8  ja   Der Text „Terminerinnerung E-Mail“ ist in Ordnung.
    ");
}

/// "I never got a reminder." We had rung at eleven.
#[test]
fn reminder_by_hand() {
    let Some(answer) = explain(&["--appointment", "110", "--at", "2026-03-10 12:00", "--lang", "de"]) else { return };
    assert_snapshot!(answer, @"
    Termin 110: Di., 10.03.2026, 17:00, Optik Muster (HH), gebucht
    Kunde 10, Jan Imhof
    Stand: Di., 10.03.2026, 12:00

    Erinnerung: nein. Regel E3: Der Kunde hatte vor Kurzem eine Nachricht (Nachricht
      von Hand, Di., 10.03.2026, 11:00, Nachricht 7); eine Erinnerung ist erst ab
      Di., 10.03.2026, 17:00 möglich.
      Daran ändert sich bis zum Beginn nichts; keine weitere Gelegenheit.
    Bestätigung: nein. Regel D1: Terminbestätigungen sind nicht eingerichtet.

    Was zu diesem Termin gesagt wurde
    ---------------------------------
    - Nachricht 7, Nachricht von Hand per Telefon an 030 *** 10, Di., 10.03.2026,
      11:00, Kunde 10, genannter Beginn Di., 10.03.2026, 17:00: gesendet.

    Was die Läufe taten
    -------------------
    Zuerst für eine Erinnerung betrachtet: Di., 10.03.2026, 11:07.
    - Di., 10.03.2026, 11:07 bis Di., 10.03.2026, 16:07 (6 Läufe): keine Erinnerung.
      Regel E3: Der Kunde hatte vor Kurzem eine Nachricht (Nachricht von Hand, Di.,
      10.03.2026, 11:00, Nachricht 7); eine Erinnerung ist erst ab Di., 10.03.2026,
      17:00 möglich.

    Die Regeln, Di., 10.03.2026, 12:00
    ----------------------------------
    A2  ja   Die Terminbenachrichtigung ist in Betrieb.
    A3  ja   Keine Ruhezeit; die nächste beginnt Di., 10.03.2026, 20:00.
    B1  ja   Kunde 10 ist eingetragen; der Termintyp 1 ist für automatische
             Benachrichtigungen erlaubt.
    B2  ja   Es ist kein Gruppentermin.
    B3  ja   Der Status ist „gebucht“; das zählt.
    B4  ja   Der Filialfilter „HH,BB“ enthält die Filiale HH.
    B5  ja   Er beginnt erst Di., 10.03.2026, 17:00.
    B6  ja   Der Kunde hat nichts gegen Nachrichten.
    C1  -    Der Kunde kennt diesen Beginn durch Nachricht 7 (Nachricht von Hand,
             Di., 10.03.2026, 11:00).
    C2  -    Es zählt: Nachricht 7 (Nachricht von Hand, Di., 10.03.2026, 11:00).
    C3  -    Noch gültig: Nachricht 7.

    Bestätigung:
    D1  NEIN Terminbestätigungen sind nicht eingerichtet.

    Erinnerung:
    E1  ja   Das Fenster (6 Stunden vor dem Termin) reicht bis vor Di., 10.03.2026,
             19:00; er liegt darin.
    E2  -    Noch keine Vorausschau über die Ruhezeit: Sie beginnt Di., 10.03.2026,
             18:30 und reicht bis vor Mi., 11.03.2026, 12:00.
    E3  NEIN Der Kunde hatte vor Kurzem eine Nachricht (Nachricht von Hand, Di.,
             10.03.2026, 11:00, Nachricht 7); eine Erinnerung ist erst ab Di.,
             10.03.2026, 17:00 möglich.
    E4  ja   An diesen Beginn wurde noch nicht erinnert.
    E6  -    Die Termine eines Datums werden nicht zusammengefasst.
    F1  -    Die Kontaktvorlage „Terminerinnerung“ nennt: E-Mail, SMS.
    F2  -    Der Kunde bevorzugt nichts; es gilt die Reihenfolge der Kontaktvorlage.
    F3  ja   E-Mail an j***@e***.de ist benutzbar und wird genommen.
    F3  -    SMS: nicht benutzbar, keine Nummer ist für SMS freigegeben.
    F8  ja   Der Text „Terminerinnerung E-Mail“ ist in Ordnung.
    ");
}

/// "You wrote to my late father." Nobody had told the practice by then.
#[test]
fn deceased() {
    let Some(answer) = explain(&["--appointment", "111", "--at", "2026-03-10 07:07", "--lang", "de"]) else { return };
    assert_snapshot!(answer, @"
    Termin 111: Di., 10.03.2026, 13:30, Optik Muster (HH), gebucht
    Kunde 11, Karl Jung
    Stand: Di., 10.03.2026, 07:07

    Erinnerung: ja, per E-Mail an k***@e***.de.
    Bestätigung: nein. Regel D1: Terminbestätigungen sind nicht eingerichtet.

    Lauf 17 zu diesem Zeitpunkt: Nachricht 1, Erinnerung per E-Mail an k***@e***.de,
      Di., 10.03.2026, 07:07, Kunde 11, Lauf 17: gesendet.

    Was zu diesem Termin gesagt wurde
    ---------------------------------
    - Nachricht 1, Erinnerung per E-Mail an k***@e***.de, Di., 10.03.2026, 07:07,
      Kunde 11, Lauf 17, genannter Beginn Di., 10.03.2026, 13:30: gesendet.

    Was die Läufe taten
    -------------------
    Zuerst für eine Erinnerung betrachtet: Di., 10.03.2026, 07:07.
    - Di., 10.03.2026, 07:07 (Lauf 17): Erinnerung, Nachricht 1: gesendet.
    - Di., 10.03.2026, 08:07 bis Di., 10.03.2026, 09:07 (2 Läufe): keine Erinnerung.
      Regel E4: An diesen Beginn wurde schon erinnert: Di., 10.03.2026, 07:07
      (Nachricht 1).
    - Di., 10.03.2026, 10:07 bis Di., 10.03.2026, 13:07 (4 Läufe): keine Erinnerung.
      Regel B6: Der Kunde ist verstorben.

    Die Regeln, Di., 10.03.2026, 07:07
    ----------------------------------
    A2  ja   Die Terminbenachrichtigung ist in Betrieb.
    A3  ja   Keine Ruhezeit; die nächste beginnt Di., 10.03.2026, 20:00.
    B1  ja   Kunde 11 ist eingetragen; der Termintyp 1 ist für automatische
             Benachrichtigungen erlaubt.
    B2  ja   Es ist kein Gruppentermin.
    B3  ja   Der Status ist „gebucht“; das zählt.
    B4  ja   Der Filialfilter „HH,BB“ enthält die Filiale HH.
    B5  ja   Er beginnt erst Di., 10.03.2026, 13:30.
    B6  ja   Der Kunde hat nichts gegen Nachrichten.
    C1  -    Diesem Kunden wurde von dem Termin noch nichts gesagt.

    Bestätigung:
    D1  NEIN Terminbestätigungen sind nicht eingerichtet.

    Erinnerung:
    E1  ja   Das Fenster (6 Stunden vor dem Termin) reicht bis vor Di., 10.03.2026,
             14:00; er liegt darin.
    E2  -    Noch keine Vorausschau über die Ruhezeit: Sie beginnt Di., 10.03.2026,
             18:30 und reicht bis vor Mi., 11.03.2026, 12:00.
    E3  ja   Keine Nachricht der letzten 6 Stunden hält die Erinnerung zurück.
    E4  ja   An diesen Beginn wurde noch nicht erinnert.
    E5  -    Die Nachricht nennt nur diesen Termin.
    E6  -    Die Termine eines Datums werden nicht zusammengefasst.
    F1  -    Die Kontaktvorlage „Terminerinnerung“ nennt: E-Mail, SMS.
    F2  -    Der Kunde bevorzugt nichts; es gilt die Reihenfolge der Kontaktvorlage.
    F3  ja   E-Mail an k***@e***.de ist benutzbar und wird genommen.
    F3  -    SMS: nicht benutzbar, keine Nummer eingetragen.
    F8  ja   Der Text „Terminerinnerung E-Mail“ ist in Ordnung.
    ");
}

/// A deleted appointment is explained as it was, by the instant that the answer names.
#[test]
fn deleted_since() {
    let Some(practice) = after_the_week().map(Practice::copy_of) else { return };
    sql(&practice, "2026-03-12 08:00", "DELETE FROM appointment WHERE id = 101;");
    let explain = |at: &str| practice.run(&["explain", "--appointment", "101", "--lang", "de", "--at", at]).stdout;
    assert_snapshot!(explain("2026-03-12 09:00"), @"
    Den Termin 101 gab es am Do., 12.03.2026, 09:00 nicht: gelöscht oder noch nicht
      eingetragen. Das Protokoll hat 1 Nachricht zu ihm.

    Was zu diesem Termin gesagt wurde
    ---------------------------------
    - Nachricht 2, Erinnerung per E-Mail an a***@e***.de, Di., 10.03.2026, 08:07,
      Kunde 1, Lauf 18, genannter Beginn Di., 10.03.2026, 14:00: gesendet.

    Wie er damals war, zeigt:
      terminbote explain --appointment 101 --at 2026-03-10T08:07:00
    ");
    assert!(explain("2026-03-10T08:07:00").contains("Erinnerung: ja, per E-Mail"));
}

/// Where old values have been purged, the answer says that it may not be as it was.
#[test]
fn purged_since() {
    let Some(practice) = after_the_week().map(Practice::copy_of) else { return };
    let program = assert_cmd::cargo::cargo_bin!("terminbote");
    let purged = at_the_time(&practice, "2026-06-01 09:00", program, &["purge", "--older-than", "1m"]);
    assert_eq!(purged.status, 0, "{purged}");
    let printed = practice.run(&["explain", "--appointment", "105", "--at", "2026-03-10 09:07", "--lang", "de"]);
    assert!(printed.words().contains("Alte Werte aus der Zeit danach wurden bereinigt"), "{printed}");
}
