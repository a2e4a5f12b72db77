//! Complaints, each answered by `terminbote explain` alone.
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
            let printed = practice.run(&["--at", &pass, "--quiet"]);
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
    // The note about today's data, where changes are not recorded.
    Some(printed.stdout.split("\nGerechnet wurde").next().unwrap_or_default().trim_end().to_owned())
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
    - Di., 10.03.2026, 19:07 (Lauf 29): Erinnerung fällig, aber nicht gesendet: der
      Lauf hat 1 Nachricht zurückgestellt (Schwierigkeiten mit einem Server, oder
      ein Text, der nicht benutzt werden kann).
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
    C3  -    Noch gültig ist Nachricht 9.

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
