//! `terminbote purge`: retention, and a customer's data on request.

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice, READY};

/// Two years after most of the messages.
const LATER: &str = "2026-03-10T22:30";

/// A message of each age and fate: two years old and more are 1 to 4, of which 3 is uncertain.
fn old_and_new() -> Practice {
    let practice = Practice::ready();
    practice.customer(8, "Kai", "kai@example.de");
    practice.appointment(4711, "2026-03-12 10:30");
    practice.sql(
        "INSERT INTO message (id, kind, customer_id, channel, address, subject, body, calendar, state, sent_at, error,
                              pass_id, reply, reference, server_reference) VALUES
             (1, 'reminder', 7, 'sms', '+4915228817386', NULL, 'Alter Text', NULL, 'sent', '2024-01-10T18:00:00Z', NULL,
              NULL, 'to +4915228817386', 'terminbote-1', '77'),
             (2, 'confirmation', 7, 'email', 'renate@example.de', 'Alter Betreff', 'Alter Text', 'BEGIN:VCALENDAR',
              'failed', '2024-01-11T18:00:00Z', '550 <renate@example.de> unknown', NULL, NULL, 'terminbote-2', NULL),
             (3, 'reminder', 8, 'sms', '+491729925904', NULL, 'Kais Text', NULL, 'uncertain', '2024-01-12T18:00:00Z',
              NULL, NULL, NULL, 'terminbote-3', NULL),
             (4, 'manual', 8, 'phone', '0172 9925904', NULL, 'Kais Anruf', NULL, 'sent', '2024-03-09T22:59:59Z', NULL,
              NULL, NULL, NULL, NULL),
             (5, 'manual', 7, 'phone', '0152 28817386', NULL, 'Neuer Text', NULL, 'sent', '2024-03-09T23:00:00Z', NULL,
              NULL, NULL, NULL, NULL);
         INSERT INTO message_appointment (message_id, appointment_id, appointment_start)
         VALUES (1, 4711, '2024-01-11 10:00'), (2, 4711, '2024-01-30 10:00');",
    );
    practice
}

fn rows(practice: &Practice) -> String {
    practice.query(
        "SELECT id, state, address, subject, body, calendar, error, reply, reference, server_reference,
         address_hash IS NOT NULL, purged_at FROM message ORDER BY id",
    )
}

#[test]
fn texts_and_addresses_of_old_messages_go_and_the_proof_stays() {
    let practice = old_and_new();
    assert_snapshot!(practice.run(&["purge", "--older-than", "24m", "--at", LATER]), @"
    Everything before Sun 10 Mar 2024, 00:00

    Taken out:
    - text, subject, calendar file, address and the server's replies of 3 messages
      (confirmation: 1, reminder: 1, message by hand: 1), from Wed 10 Jan 2024,
      19:00 to Sat 9 Mar 2024, 23:59
    What stays is when, what for, how, the outcome, the pass, appointment and start,
      and a hash in place of the address.

    What is left alone:
    - 1 message whose fate is open (number 3): unless the next pass settles it, say
      with “terminbote settle” what became of it
    --- status 0
    ");
    assert_snapshot!(rows(&practice), @"
    1|sent|||||||terminbote-1||1|2026-03-10T21:30:00Z
    2|failed|||||||terminbote-2||1|2026-03-10T21:30:00Z
    3|uncertain|+491729925904||Kais Text||||terminbote-3||0|
    4|sent|||||||||1|2026-03-10T21:30:00Z
    5|sent|0152 28817386||Neuer Text||||||0|
    ");
    assert_snapshot!(practice.query("SELECT message_id, appointment_id, appointment_start FROM message_appointment"), @"
    1|4711|2024-01-11 10:00
    2|4711|2024-01-30 10:00
    ");
    assert_snapshot!(practice.run(&["history", "--appointment", "4711", "--lang", "de"]), @"
    Termin 4711: Do., 12.03.2026, 10:30, Renate Weiß (Kunde 7): 2 Nachrichten
    Zuletzt benachrichtigt: Mi., 10.01.2024, 19:00 (Nachricht 1)

    Mi., 10.01.2024, 19:00: Erinnerung per SMS, gesendet
      Nachricht 1 an Renate Weiß (Kunde 7)
      Termin 4711: Do., 11.01.2024, 10:00
      Text und Adresse gelöscht: Di., 10.03.2026, 22:30
      Nachweis: Kennung terminbote-1

    Do., 11.01.2024, 19:00: Bestätigung per E-Mail, abgelehnt (zählt nicht als
      Benachrichtigung)
      Nachricht 2 an Renate Weiß (Kunde 7)
      Termin 4711: Di., 30.01.2024, 10:00
      Text und Adresse gelöscht: Di., 10.03.2026, 22:30
      Nachweis: Message-ID <terminbote-2@…>
    --- status 0
    ");
    // A second time there is nothing to do, and the file stays as it is.
    let before = std::fs::read(practice.path("termine.db")).unwrap();
    assert_snapshot!(practice.run(&["purge", "--older-than", "2y", "--at", LATER, "--lang", "de"]), @"
    Alles vor So., 10.03.2024, 00:00
    Es gibt nichts zu löschen.

    Es bleibt stehen:
    - 1 Nachricht, deren Ausgang offen ist (Nummer 3): Klärt es der nächste Lauf
      nicht, sagen Sie mit „terminbote settle“, was daraus wurde
    --- status 0
    ");
    assert_eq!(std::fs::read(practice.path("termine.db")).unwrap(), before);
}

#[test]
fn whether_an_address_was_written_to_can_still_be_answered() {
    let practice = old_and_new();
    let ids = |address: &str| {
        let printed = practice.run(&["history", "--address", address, "--format", "json"]);
        let history: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap();
        let messages = history["messages"].as_array().unwrap();
        messages.iter().map(|message| message["message_id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let addresses = ["Renate@EXAMPLE.de", "0152/28817386", "+49 172 9925904", "kai@example.de", "+4915228817387"];
    let before = addresses.map(ids);
    assert_eq!(before, [vec![2], vec![1, 5], vec![3, 4], vec![], vec![]]);
    assert_eq!(practice.run(&["purge", "--older-than", "24m", "--at", LATER]).status, 0);
    assert_eq!(addresses.map(ids), before);
    // The key is what the hashes lead back by.
    practice.sql("DELETE FROM retention");
    assert_eq!(ids("Renate@EXAMPLE.de"), [0; 0]);
    // Two chains have different hashes of one address.
    let other = old_and_new();
    assert_eq!(other.run(&["purge", "--older-than", "24m", "--at", LATER]).status, 0);
    let hash = "SELECT address_hash FROM message WHERE id = 2";
    assert_ne!(other.query(hash), practice.query(hash));
}

#[test]
fn a_dry_run_says_the_same_and_changes_nothing() {
    let practice = old_and_new();
    let before = (std::fs::read(practice.path("termine.db")).unwrap(), practice.files());
    let look = practice.run(&["purge", "--older-than", "24m", "--at", LATER, "--dry-run", "--lang", "de"]);
    assert_snapshot!(look, @"
    Alles vor So., 10.03.2024, 00:00

    Gelöscht würden (Probe, nichts wurde geändert):
    - Text, Betreff, Kalenderdatei, Adresse und Antworten des Servers aus 3
      Nachrichten (Bestätigung: 1, Erinnerung: 1, Nachricht von Hand: 1), von Mi.,
      10.01.2024, 19:00 bis Sa., 09.03.2024, 23:59
    Es bleiben Zeitpunkt, Art, Weg, Ergebnis, Lauf, Termin und Beginn, und statt der
      Adresse eine Prüfsumme.

    Es bleibt stehen:
    - 1 Nachricht, deren Ausgang offen ist (Nummer 3): Klärt es der nächste Lauf
      nicht, sagen Sie mit „terminbote settle“, was daraus wurde
    --- status 0
    ");
    assert_eq!(practice.run(&["--dry-run", "purge", "--older-than", "24m", "--at", LATER]).status, 0);
    assert_eq!((std::fs::read(practice.path("termine.db")).unwrap(), practice.files()), before);
    let json = |more: &[&str]| {
        let printed =
            practice.run(&[&["purge", "--older-than", "24m", "--at", LATER, "--format", "json"], more].concat());
        printed.stdout.replace("\"dry_run\": true", "\"dry_run\": false")
    };
    let planned = json(&["--dry-run"]);
    assert_snapshot!(planned, @r#"
    {
      "dry_run": false,
      "before": "2024-03-10T00:00:00+01:00",
      "customer_id": null,
      "messages": {
        "confirmation": {
          "rows": 1,
          "oldest": "2024-01-11T19:00:00+01:00",
          "newest": "2024-01-11T19:00:00+01:00"
        },
        "manual": {
          "rows": 1,
          "oldest": "2024-03-09T23:59:59+01:00",
          "newest": "2024-03-09T23:59:59+01:00"
        },
        "reminder": {
          "rows": 1,
          "oldest": "2024-01-10T19:00:00+01:00",
          "newest": "2024-01-10T19:00:00+01:00"
        }
      },
      "changes": {},
      "kept": {
        "unsettled": [
          3
        ],
        "needed": 0
      },
      "remains": null,
      "traces": false
    }
    "#);
    assert_eq!(json(&[]), planned);
}

/// What was recorded of the data since the practice was made, by table, with some of the old values.
fn changes(practice: &Practice) -> String {
    practice.query(
        "SELECT table_name, row_id, what, old IS NULL, old ->> 'last_name', old ->> 'note', old ->> 'state', old ->> 'body'
         FROM change ORDER BY seq",
    )
}

/// Renate's name, her appointment's note and the fate of Kai's message change, long ago but for Kai's.
fn changed() -> Practice {
    let practice = old_and_new();
    practice.sql(
        "DELETE FROM change;
         UPDATE customer SET last_name = 'Geheim' WHERE id = 7; UPDATE customer SET last_name = 'Weiß' WHERE id = 7;
         UPDATE appointment SET note = 'Geheime Notiz'; UPDATE appointment SET note = NULL;
         UPDATE change SET at = '2024-03-01T10:00:00Z';
         UPDATE message SET state = 'sent' WHERE id = 3;
         UPDATE customer SET last_name = 'Neu' WHERE id = 8;
         UPDATE change SET at = '2026-03-01T10:00:00Z' WHERE at > '2025'",
    );
    practice
}

#[test]
fn old_values_of_recorded_changes_go_as_well() {
    let practice = changed();
    let printed = practice.run(&["purge", "--older-than", "24m", "--at", LATER, "--lang", "de"]);
    assert_snapshot!(printed.stdout.lines().skip(3).take(5).collect::<Vec<_>>().join("\n"), @"
    - Text, Betreff, Kalenderdatei, Adresse und Antworten des Servers aus 4
      Nachrichten (Bestätigung: 1, Erinnerung: 2, Nachricht von Hand: 1), von Mi.,
      10.01.2024, 19:00 bis Sa., 09.03.2024, 23:59
    - alte Werte aus aufgezeichneten Änderungen: 5 (appointment: 2, customer: 2,
      message: 1), von Fr., 01.03.2024, 11:00 bis So., 01.03.2026, 11:00
    ");
    // Of Kai's message, which is purged, the state then stays; its purge is no change of its own.
    assert_snapshot!(changes(&practice), @"
    customer|7|update|1||||
    customer|7|update|1||||
    appointment|4711|update|1||||
    appointment|4711|update|1||||
    message|3|update|0|||uncertain|
    customer|8|update|0|Sommer|||
    ");
    assert_eq!(files_with(&practice, &["Geheim", "Kais Text", "Kais Anruf", "Alter Text"]), [""; 0]);
    assert_eq!(practice.query("SELECT count(*) FROM change_stash"), "0");
    let again = practice.run(&["purge", "--older-than", "24m", "--at", LATER]).words();
    assert!(again.ends_with("There is nothing to take out."), "{again}");
}

#[test]
fn recorded_changes_of_a_customer_go_on_request() {
    let practice = changed();
    let printed = practice.run(&["purge", "--customer", "8", "--at", LATER, "--lang", "de"]);
    assert_snapshot!(printed, @"
    Alles zu Kai Neu (Kunde 8)

    Gelöscht:
    - Text, Betreff, Kalenderdatei, Adresse und Antworten des Servers aus 2
      Nachrichten (Erinnerung: 1, Nachricht von Hand: 1), von Fr., 12.01.2024, 19:00
      bis Sa., 09.03.2024, 23:59
    - alte Werte aus aufgezeichneten Änderungen: 2 (customer: 1, message: 1), vom
      So., 01.03.2026, 11:00
    Es bleiben Zeitpunkt, Art, Weg, Ergebnis, Lauf, Termin und Beginn, und statt der
      Adresse eine Prüfsumme.

    Es bleibt stehen:
    - die Kundenkarte (Tabelle customer), Telefonnummern: 0 (Tabelle customer_phone)
    Diese Tabellen gehören der Praxissoftware: Löschen Sie dort, sonst kommen die
      Angaben mit dem nächsten Abgleich wieder. Solange die Karte da ist, gehen auch
      Nachrichten an diesen Kunden. Rufen Sie purge danach noch einmal auf: Was
      gelöscht wird, steht zunächst in der Aufzeichnung der Änderungen.
    --- status 0
    ");
    assert_snapshot!(changes(&practice), @"
    customer|7|update|0|Weiß|||
    customer|7|update|0|Geheim|||
    appointment|4711|update|0||||
    appointment|4711|update|0||Geheime Notiz||
    message|3|update|0|||uncertain|
    customer|8|update|1||||
    ");
    assert_eq!(practice.run(&["purge", "--customer", "7", "--at", LATER]).status, 0);
    assert_eq!(practice.query("SELECT count(*) FROM change WHERE old IS NOT NULL AND table_name <> 'message'"), "0");
    assert_eq!(files_with(&practice, &["Geheim", "Kais Text", "Kais Anruf", "Alter Text", "Neuer Text"]), [""; 0]);
}

/// Every file of the practice that has one of these texts in it.
fn files_with(practice: &Practice, texts: &[&str]) -> Vec<String> {
    let found = |name: &String| {
        let bytes = std::fs::read(practice.path(name)).unwrap();
        texts.iter().any(|text| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
    };
    practice.files().into_iter().filter(found).collect()
}

/// Thousands of messages whose rows have been moved about by updates, as those of a year.
fn a_full_record() -> Practice {
    let practice = Practice::ready();
    practice.sql(
        "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 1500)
         INSERT INTO message (kind, customer_id, channel, address, body, state, sent_at)
         SELECT 'reminder', n % 50, 'email', 'GeheimeAdresse' || n || '@example.de', '', 'sending',
                strftime('%Y-%m-%dT%H:%M:%SZ', '2023-01-01', '+' || n || ' minutes')
         FROM number;
         UPDATE message SET body = 'GeheimerText ' || id || substr(hex(zeroblob(400)), 1, id % 700), state = 'sent',
                            reply = 'GeheimeAntwort'
         WHERE id % 3 = 0;
         UPDATE message SET body = 'GeheimerText ' || id || substr(hex(zeroblob(400)), 1, id % 500), state = 'sent',
                            calendar = 'GeheimerKalender', subject = 'GeheimerBetreff'
         WHERE id % 3 > 0;",
    );
    practice
}

const SECRETS: [&str; 5] = ["GeheimeAdresse", "GeheimerText", "GeheimeAntwort", "GeheimerKalender", "GeheimerBetreff"];

#[test]
fn nothing_of_it_stays_in_the_bytes_of_the_file() {
    let practice = a_full_record();
    assert_eq!(files_with(&practice, &SECRETS), ["termine.db"]);
    let printed = practice.run(&["purge", "--older-than", "24m", "--at", LATER, "--lang", "de"]);
    assert_snapshot!(printed, @"
    Alles vor So., 10.03.2024, 00:00

    Gelöscht:
    - Text, Betreff, Kalenderdatei, Adresse und Antworten des Servers aus 1500
      Nachrichten (Erinnerung: 1500), von So., 01.01.2023, 01:01 bis Mo.,
      02.01.2023, 02:00
    Es bleiben Zeitpunkt, Art, Weg, Ergebnis, Lauf, Termin und Beginn, und statt der
      Adresse eine Prüfsumme.
    --- status 0
    ");
    assert_eq!(files_with(&practice, &SECRETS), [""; 0]);
    assert_eq!(practice.files(), ["termine.db", "termine.db.lock"]);
    assert_eq!(practice.query("PRAGMA integrity_check"), "ok");
    assert_eq!(
        practice.query("SELECT count(*), count(address_hash), count(DISTINCT address_hash) FROM message"),
        "1500|1500|1500"
    );
}

#[test]
fn without_writing_the_file_anew_it_says_that_traces_may_stay_until_a_purge_that_does() {
    let practice = a_full_record();
    let printed = practice.run(&["purge", "--older-than", "24m", "--at", LATER, "--no-vacuum", "--lang", "de"]);
    assert_eq!(printed.status, 0);
    assert_snapshot!(printed.stdout.lines().last().unwrap(), @"  Aufruf ohne --no-vacuum schreibt sie neu.");
    assert_eq!(practice.query("SELECT traces FROM retention"), "1");
    assert_snapshot!(practice.run(&["purge", "--older-than", "24m", "--at", LATER]), @"
    Everything before Sun 10 Mar 2024, 00:00
    There is nothing to take out.
    --- status 0
    ");
    assert_eq!(files_with(&practice, &SECRETS), [""; 0]);
    assert_eq!(practice.query("SELECT traces FROM retention"), "0");
}

#[test]
fn a_file_in_wal_mode_keeps_no_log_with_the_old_texts() {
    let practice = a_full_record();
    practice.sql("PRAGMA journal_mode = WAL; UPDATE message SET body = body || '!'");
    assert_eq!(practice.run(&["purge", "--older-than", "24m", "--at", LATER]).status, 0);
    assert_eq!(files_with(&practice, &SECRETS), [""; 0]);
}

/// The plans of some passes to come, as dry runs show them.
fn plans(practice: &Practice) -> String {
    let at = ["2026-03-10T19:00", "2026-03-11T06:00", "2026-03-11T12:07", "2026-03-12T18:30", "2026-03-20T10:00"];
    let plan = |at: &&str| practice.run(&["--dry-run", "--at", at, "--format", "json"]).stdout;
    at.iter().map(plan).collect()
}

/// A chain with every kind of message about appointments past and ahead; `seed` mixes them.
fn mixed(seed: u64) -> Practice {
    let practice = Practice::in_memory();
    practice.sql(READY);
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut statements = vec!["BEGIN;".to_owned()];
    for id in 100..140_u64 {
        let preferred = ["NULL", "'email'", "'sms'", "'letter'", "'phone'"][usize::try_from(next(5)).unwrap()];
        statements.push(format!(
            "INSERT INTO customer (id, first_name, last_name, preferred_contact, email, street, postcode, city)
             VALUES ({id}, 'Anna', 'Nr. {id}', {preferred}, 'k{id}@example.de', 'Weg {id}', '20095', 'Hamburg');
             INSERT INTO customer_phone VALUES ({id}, 1, '0152 288173{:02}', 1), ({id}, 2, '0172 99259{:02}', 1);",
            id % 100,
            id % 100
        ));
        for number in 0..3 {
            let appointment = id * 10 + number;
            let (day, hour) = (next(12) + 5, next(9) + 8);
            let start = format!("2026-03-{day:02} {hour:02}:00");
            statements.push(format!(
                "INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
                 VALUES ({appointment}, 1, {id}, 1, '{start}', '2026-03-{day:02} {hour:02}:45');"
            ));
            for _ in 0..next(4) {
                let kind = ["reminder", "confirmation", "manual"][usize::try_from(next(3)).unwrap()];
                let (channel, address) = [
                    ("email", format!("K{id}@Example.de")),
                    ("sms", format!("+49152288173{:02}", id % 100)),
                    ("sms", format!("+4917299259{:02}", id % 100)),
                    ("letter", format!("Weg {id}, 20095 Hamburg")),
                    ("phone", format!("0152 288173{:02}", id % 100)),
                ][usize::try_from(next(5)).unwrap()]
                .clone();
                let states = ["sent", "failed", "failed", "handed_over", "uncertain", "deferred", "withdrawn"];
                let state = states[usize::try_from(next(7)).unwrap()];
                let (sent_day, sent_hour) = (next(9) + 1, next(12) + 6);
                let told = if next(4) == 0 { "2026-03-25 10:00".to_owned() } else { start.clone() };
                statements.push(format!(
                    "INSERT OR IGNORE INTO message (kind, customer_id, channel, address, body, state, sent_at, interface_id)
                     VALUES ('{kind}', {id}, '{channel}', '{address}', 'Text', '{state}',
                             '2026-03-{sent_day:02}T{sent_hour:02}:30:00Z', 2);
                     INSERT OR IGNORE INTO message_appointment (message_id, appointment_id, appointment_start, sequence)
                     VALUES (last_insert_rowid(), {appointment}, '{told}', last_insert_rowid());"
                ));
            }
        }
    }
    statements.push("COMMIT;".to_owned());
    practice.sql(&statements.concat());
    practice
}

#[test]
fn coming_passes_plan_the_same_with_and_without_a_purge() {
    let mut purged = 0;
    for seed in 1..=4 {
        let practice = mixed(seed);
        let before = plans(&practice);
        assert!(before.matches("\"outcome\":\"planned\"").count() > 20, "{before}");
        // Of a customer with an uncertain message nothing is taken out without being told.
        let customers = ["101", "107", "113", "121", "133"];
        let status = |customer| practice.run(&["purge", "--at", "2026-03-10T18:59", "--customer", customer]).status;
        assert!(customers.map(status).contains(&0));
        assert_eq!(practice.run(&["purge", "--at", "2026-03-10T18:59", "--older-than", "1d"]).status, 0);
        assert_eq!(plans(&practice), before, "seed {seed}");
        purged += practice.query("SELECT count(*) FROM message WHERE purged_at IS NOT NULL").parse::<u32>().unwrap();
    }
    assert!(purged > 200, "{purged}");
}

#[test]
fn what_is_still_needed_is_left_alone_and_counted() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    practice.sql(
        "INSERT INTO message (id, kind, customer_id, channel, address, body, state, sent_at) VALUES
             (1, 'confirmation', 7, 'email', 'renate@example.de', 'a', 'failed', '2026-03-01T11:00:00Z'),
             (2, 'reminder', 7, 'letter', 'Gartenweg 3, 20095 Hamburg', 'b', 'handed_over', '2026-03-01T11:00:00Z'),
             (4, 'reminder', 7, 'email', 'renate@example.de', 'd', 'sending', '2026-03-01T11:00:00Z'),
             (5, 'reminder', 7, 'email', 'renate@example.de', 'e', 'deferred', '2026-03-01T11:00:00Z');
         INSERT INTO message (id, kind, customer_id, channel, address, body, state, sent_at, done_at)
         VALUES (3, 'reminder', 7, 'letter', 'Gartenweg 3, 20095 Hamburg', 'c', 'handed_over', '2026-03-01T11:00:00Z',
                 '2026-03-02T09:00:00Z');
         INSERT INTO message_appointment (message_id, appointment_id, appointment_start, sequence) VALUES
             (1, 1, '2026-03-11 10:00', 0), (2, 1, '2026-03-11 10:00', 1), (3, 1, '2026-03-11 10:00', 2);",
    );
    assert_snapshot!(practice.run(&["purge", "--older-than", "1w", "--at", EVENING, "--lang", "de"]), @"
    Alles vor Di., 03.03.2026, 00:00

    Gelöscht:
    - Text, Betreff, Kalenderdatei, Adresse und Antworten des Servers aus 1
      Nachricht (Erinnerung: 1), vom So., 01.03.2026, 12:00
    Es bleiben Zeitpunkt, Art, Weg, Ergebnis, Lauf, Termin und Beginn, und statt der
      Adresse eine Prüfsumme.

    Es bleibt stehen:
    - 2 Nachrichten, deren Ausgang offen ist (Nummer 4, 5): Klärt es der nächste
      Lauf nicht, sagen Sie mit „terminbote settle“, was daraus wurde
    - 2 Nachrichten zu Terminen, die noch nicht lange genug vorbei sind: abgelehnte
      Adressen und offene Aufgaben
    --- status 0
    ");
    assert_eq!(practice.query("SELECT group_concat(id, ' ') FROM message WHERE purged_at IS NULL"), "1 2 4 5");
}

#[test]
fn a_customers_data_go_on_request_and_what_the_practice_still_has_is_named() {
    let practice = old_and_new();
    practice.appointment(4712, "2026-01-12 10:30");
    let purge = |more: &[&str]| practice.run(&[&["purge", "--at", LATER, "--lang", "de", "--customer"], more].concat());
    assert_snapshot!(purge(&["7"]), @"
    Alles zu Renate Weiß (Kunde 7)

    Gelöscht:
    - Text, Betreff, Kalenderdatei, Adresse und Antworten des Servers aus 3
      Nachrichten (Bestätigung: 1, Erinnerung: 1, Nachricht von Hand: 1), von Mi.,
      10.01.2024, 19:00 bis So., 10.03.2024, 00:00
    Es bleiben Zeitpunkt, Art, Weg, Ergebnis, Lauf, Termin und Beginn, und statt der
      Adresse eine Prüfsumme.

    Es bleibt stehen:
    - die Kundenkarte (Tabelle customer), Telefonnummern: 1 (Tabelle customer_phone)
    - 2 Termine mit Notizen (Tabelle appointment), davon 1 noch bevorstehend
    Diese Tabellen gehören der Praxissoftware: Löschen Sie dort, sonst kommen die
      Angaben mit dem nächsten Abgleich wieder. Solange die Karte da ist, gehen auch
      Nachrichten an diesen Kunden. Rufen Sie purge danach noch einmal auf: Was
      gelöscht wird, steht zunächst in der Aufzeichnung der Änderungen.
    --- status 0
    ");
    assert_eq!(practice.query("SELECT group_concat(id, ' ') FROM message WHERE purged_at IS NOT NULL"), "1 2 5");
    // Of Kai, nobody knows what became of one message.
    assert_snapshot!(purge(&["8"]), @"
    --- stderr
    error: it is not known what became of message 3; say so first with `terminbote settle ID sent` or `failed`, or add --unsettled: then it is never repeated
    --- status 2
    ");
    assert_eq!(purge(&["8", "--unsettled"]).status, 0);
    assert_eq!(practice.query("SELECT state, repeats, body FROM message WHERE id = 3"), "uncertain|1|");
    assert_snapshot!(purge(&["99"]), @"
    --- stderr
    error: there is no customer 99, and no message to one of that id
    --- status 2
    ");
    // Who has been deleted is gone from the record as well.
    practice.sql("DELETE FROM customer WHERE id = 8; UPDATE change SET at = '2026-03-10T12:00:00Z'");
    assert_snapshot!(purge(&["8"]), @"
    Alles zu Kunde 8

    Gelöscht:
    - alte Werte aus aufgezeichneten Änderungen: 1 (customer: 1), vom Di.,
      10.03.2026, 13:00
    --- status 0
    ");
}

#[test]
fn a_deferred_message_of_a_customer_is_withdrawn_and_decided_anew() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    practice.sql(
        "INSERT INTO message (id, kind, customer_id, channel, address, body, state, sent_at)
         VALUES (1, 'reminder', 7, 'email', 'renate@example.de', 'alt', 'deferred', '2026-03-10T17:00:00Z')",
    );
    assert_eq!(practice.run(&["purge", "--customer", "7", "--at", "2026-03-10T18:30"]).status, 0);
    assert_eq!(practice.query("SELECT state, body FROM message"), "withdrawn|");
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_eq!(practice.ledger(), "2|reminder|7|email|sent|1|2026-03-11 10:00");
}

#[test]
fn a_nonsense_age_is_refused() {
    let practice = old_and_new();
    let refused = |age: &str| {
        let printed = practice.run(&["purge", "--older-than", age, "--at", LATER]);
        assert_eq!((printed.status, printed.stdout.as_str()), (2, ""), "{age}: {printed}");
        printed.stderr.trim_end().to_owned()
    };
    let errors = ["", "24", "m", "24M", "2.5y", "24 months", "0d", "1000y", "99999999999y", "²m"].map(refused);
    assert_snapshot!(errors.join("\n"), @r#"
    error: --older-than "" is no age; write a number and d, w, m or y for days, weeks, months or years, such as 24m
    error: --older-than "24" is no age; write a number and d, w, m or y for days, weeks, months or years, such as 24m
    error: --older-than "m" is no age; write a number and d, w, m or y for days, weeks, months or years, such as 24m
    error: --older-than "24M" is no age; write a number and d, w, m or y for days, weeks, months or years, such as 24m
    error: --older-than "2.5y" is no age; write a number and d, w, m or y for days, weeks, months or years, such as 24m
    error: --older-than "24 months" is no age; write a number and d, w, m or y for days, weeks, months or years, such as 24m
    error: --older-than 0 would take out everything; the least is 1d
    error: --older-than "1000y" reaches back further than any message
    error: --older-than "99999999999y" is no age; write a number and d, w, m or y for days, weeks, months or years, such as 24m
    error: --older-than "²m" is no age; write a number and d, w, m or y for days, weeks, months or years, such as 24m
    "#);
    for arguments in [
        &[][..],
        &["--older-than", "24m", "--customer", "7"],
        &["--customer", "x"],
        &["--older-than", "24m", "--unsettled"],
    ] {
        assert_eq!(practice.run(&[&["purge"], arguments].concat()).status, 2, "{arguments:?}");
    }
    assert_eq!(practice.run(&["purge", "--older-than", "1d", "--at", "2999-01-01T10:00"]).status, 2);
    assert_eq!(practice.query("SELECT count(*) FROM message WHERE purged_at IS NOT NULL"), "0");
}

#[test]
fn it_waits_for_no_pass_and_no_pass_runs_beside_it() {
    let practice = old_and_new();
    let lock = std::fs::File::create(practice.path("termine.db.lock")).unwrap();
    lock.try_lock().unwrap();
    assert_eq!(practice.run(&["purge", "--older-than", "24m", "--at", LATER]).status, 75);
    assert_eq!(practice.run(&["purge", "--older-than", "24m", "--at", LATER, "--dry-run"]).status, 0);
    drop(lock);
    assert_eq!(practice.run(&["purge", "--older-than", "24m", "--at", LATER]).status, 0);
}
