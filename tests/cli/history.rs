//! `terminbote history` (rule G1).

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice};
use crate::smtp_peer::{Act, SmtpPeer, Stage};

/// A call in the morning, a reminder in the evening, and a mail that came back.
fn told() -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(4711, "2026-03-11 10:30").appointment(4712, "2026-03-20 09:00");
    practice.sql(
        "INSERT INTO message (id, kind, customer_id, channel, address, body, state, sent_at, error) VALUES
             (1, 'confirmation', 7, 'email', 'Renate@Example.de', 'Bis bald!', 'failed', '2026-03-01T11:00:00Z',
              '550 5.1.1 <Renate@Example.de> mailbox unknown'),
             (2, 'manual', 7, 'phone', '0152 / 28 81 73 86', 'Mittwoch besprochen', 'sent', '2026-03-10T07:00:00Z', NULL);
         INSERT INTO message_appointment (message_id, appointment_id) VALUES (1, 4711), (1, 4712), (2, 4711);",
    );
    let pass = practice.pass(EVENING);
    assert_eq!(pass.status, 0, "{pass}");
    practice
}

fn ids(practice: &Practice, arguments: &[&str]) -> Vec<i64> {
    let printed = practice.run(&[&["history", "--format", "json"], arguments].concat());
    assert_eq!(printed.status, 0, "{printed}");
    let history: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap();
    let messages = history["messages"].as_array().unwrap();
    messages.iter().map(|message| message["message_id"].as_i64().unwrap()).collect()
}

#[test]
fn g1_the_history_of_a_customer_has_every_message_with_its_text() {
    let practice = told();
    let printed = practice.run(&["history", "--customer", "7"]);
    assert_snapshot!(practice.without_identity(&printed.to_string()), @"
    Renate Weiß (customer 7): 3 messages
    Last notification: Tue 10 Mar 2026, 19:00 (message 3)

    Sun 1 Mar 2026, 12:00: confirmation by e-mail, rejected (does not count as a
      notification)
      Message 1 to Renate Weiß (customer 7), R***@E***.de
      Appointment 4711: Wed 11 Mar 2026, 10:30
      Appointment 4712: Fri 20 Mar 2026, 09:00
      Reason: “550 5.1.1 <R***@E***.de> mailbox unknown”
      | Bis bald!

    Tue 10 Mar 2026, 08:00: message by hand by telephone, sent
      Message 2 to Renate Weiß (customer 7), 015 *** 86
      Appointment 4711: Wed 11 Mar 2026, 10:30
      | Mittwoch besprochen

    Tue 10 Mar 2026, 19:00: reminder by e-mail, sent
      Message 3 to Renate Weiß (customer 7), r***@e***.de
      Appointment 4711: Wed 11 Mar 2026, 10:30
      Subject: Ihr Termin am Mittwoch, 11.03.2026, um 10:30 Uhr
      | Guten Tag Frau Weiß,
      |
      | wir freuen uns auf Ihren Besuch und möchten Sie an Ihren Termin erinnern:
      |
      | Mittwoch, 11.03.2026, 10:30 Uhr
      | Optik Muster, Hauptstraße 1, 20095 Hamburg
      |
      | Können Sie den Termin nicht wahrnehmen? Dann sagen Sie uns bitte so früh wie
      | möglich Bescheid, damit wir einen neuen für Sie finden.
      | Sie erreichen uns telefonisch unter 040 66969 100 oder per E-Mail an
      | hh@example.de.
      |
      | Mit freundlichen Grüßen
      | Ihr Team
      | Optik Muster
      Trace: pass 1, Message-ID <terminbote-3-IDENTITY@…>,
        at the server
        20260310T180000Z-terminbote-3-IDENTITY.eml
      The server's reply: “written”
    --- status 0
    ");
    let printed = practice.run(&["history", "--customer", "7", "--lang", "de"]);
    assert_snapshot!(practice.without_identity(&printed.to_string()), @"
    Renate Weiß (Kunde 7): 3 Nachrichten
    Zuletzt benachrichtigt: Di., 10.03.2026, 19:00 (Nachricht 3)

    So., 01.03.2026, 12:00: Bestätigung per E-Mail, abgelehnt (zählt nicht als
      Benachrichtigung)
      Nachricht 1 an Renate Weiß (Kunde 7), R***@E***.de
      Termin 4711: Mi., 11.03.2026, 10:30
      Termin 4712: Fr., 20.03.2026, 09:00
      Grund: „550 5.1.1 <R***@E***.de> mailbox unknown“
      | Bis bald!

    Di., 10.03.2026, 08:00: Nachricht von Hand per Telefon, gesendet
      Nachricht 2 an Renate Weiß (Kunde 7), 015 *** 86
      Termin 4711: Mi., 11.03.2026, 10:30
      | Mittwoch besprochen

    Di., 10.03.2026, 19:00: Erinnerung per E-Mail, gesendet
      Nachricht 3 an Renate Weiß (Kunde 7), r***@e***.de
      Termin 4711: Mi., 11.03.2026, 10:30
      Betreff: Ihr Termin am Mittwoch, 11.03.2026, um 10:30 Uhr
      | Guten Tag Frau Weiß,
      |
      | wir freuen uns auf Ihren Besuch und möchten Sie an Ihren Termin erinnern:
      |
      | Mittwoch, 11.03.2026, 10:30 Uhr
      | Optik Muster, Hauptstraße 1, 20095 Hamburg
      |
      | Können Sie den Termin nicht wahrnehmen? Dann sagen Sie uns bitte so früh wie
      | möglich Bescheid, damit wir einen neuen für Sie finden.
      | Sie erreichen uns telefonisch unter 040 66969 100 oder per E-Mail an
      | hh@example.de.
      |
      | Mit freundlichen Grüßen
      | Ihr Team
      | Optik Muster
      Nachweis: Lauf 1, Message-ID
        <terminbote-3-IDENTITY@…>, beim Server
        20260310T180000Z-terminbote-3-IDENTITY.eml
      Antwort des Servers: „written“
    --- status 0
    ");
}

/// What we say of a server that has said nothing is no answer of that server.
#[test]
fn a_mail_that_was_never_answered_has_a_reason_and_no_reply() {
    let practice = Practice::ready();
    let peer = SmtpPeer::new(|step| if step.stage == Stage::Content { Act::Close } else { Act::Polite });
    practice.without_confirmations().mail_by_port(peer.port()).appointment(4711, "2026-03-11 10:30");
    assert_eq!(practice.pass(EVENING).status, 1);
    let printed = practice.run(&["history", "--customer", "7"]);
    let all_but_the_text = printed.stdout.lines().filter(|line| !line.trim_start().starts_with('|'));
    assert_snapshot!(practice.without_identity(&all_but_the_text.collect::<Vec<_>>().join("\n")), @"
    Renate Weiß (customer 7): 1 message
    Last notification: Tue 10 Mar 2026, 19:00 (message 1)

    Tue 10 Mar 2026, 19:00: reminder by e-mail, uncertain
      Message 1 to Renate Weiß (customer 7), r***@e***.de
      Appointment 4711: Wed 11 Mar 2026, 10:30
      Reason: “waiting for the answer to the message: the server has closed the
        connection”
      Subject: Ihr Termin am Mittwoch, 11.03.2026, um 10:30 Uhr
      Trace: pass 1, Message-ID <terminbote-1-IDENTITY@…>
    ");
    assert_eq!(practice.query("SELECT state, reply FROM message"), "uncertain|");
}

#[test]
fn g1_the_history_of_an_appointment_tells_what_each_message_stated_of_it() {
    let practice = told();
    practice.sql("UPDATE appointment SET status = 'cancelled' WHERE id = 4712");
    assert_snapshot!(practice.run(&["history", "--appointment", "4712", "--lang", "de"]), @"
    Termin 4712: Fr., 20.03.2026, 09:00, storniert, Renate Weiß (Kunde 7): 1
      Nachricht
    Zuletzt benachrichtigt: noch nie

    So., 01.03.2026, 12:00: Bestätigung per E-Mail, abgelehnt (zählt nicht als
      Benachrichtigung)
      Nachricht 1 an Renate Weiß (Kunde 7), R***@E***.de
      Termin 4711: Mi., 11.03.2026, 10:30
      Termin 4712: Fr., 20.03.2026, 09:00
      Grund: „550 5.1.1 <R***@E***.de> mailbox unknown“
      | Bis bald!
    --- status 0
    ");
    practice.sql("DELETE FROM appointment WHERE id = 4712");
    let first = |lang| practice.run(&["history", "--appointment", "4712", "--lang", lang]).stdout;
    assert_snapshot!(first("en").lines().next().unwrap(), @"Appointment 4712 (not there any more): 1 message");
    assert_snapshot!(first("de").lines().next().unwrap(), @"Termin 4712 (nicht mehr da): 1 Nachricht");
}

#[test]
fn json_is_complete() {
    let practice = told();
    let printed = practice.run(&["history", "--appointment", "4711", "--format", "json"]);
    assert_snapshot!(practice.without_identity(&printed.to_string()), @r#"
    {"customer_id":null,"appointment_id":4711,"address":null,"from":null,"until":null,"state":null,"at":null,"last_notification":{"at":"2026-03-10T19:00:00+01:00","message_id":3},
    "messages": [
      {"message_id":1,"at":"2026-03-01T12:00:00+01:00","kind":"confirmation","channel":"email","address":"Renate@Example.de","state":"failed","counts":false,"customer_id":7,"customer":"Renate Weiß","appointments":[{"id":4711,"start":"2026-03-11 10:30"},{"id":4712,"start":"2026-03-20 09:00"}],"subject":null,"body":"Bis bald!","language":null,"calendar":null,"error":"550 5.1.1 <Renate@Example.de> mailbox unknown","pass_id":null,"interface_id":null,"settled_at":null,"done_at":null,"repeats":0,"reference":null,"server_reference":null,"reply":null,"purged_at":null},
      {"message_id":2,"at":"2026-03-10T08:00:00+01:00","kind":"manual","channel":"phone","address":"0152 / 28 81 73 86","state":"sent","counts":true,"customer_id":7,"customer":"Renate Weiß","appointments":[{"id":4711,"start":"2026-03-11 10:30"}],"subject":null,"body":"Mittwoch besprochen","language":null,"calendar":null,"error":null,"pass_id":null,"interface_id":null,"settled_at":null,"done_at":null,"repeats":0,"reference":null,"server_reference":null,"reply":null,"purged_at":null},
      {"message_id":3,"at":"2026-03-10T19:00:00+01:00","kind":"reminder","channel":"email","address":"renate@example.de","state":"sent","counts":true,"customer_id":7,"customer":"Renate Weiß","appointments":[{"id":4711,"start":"2026-03-11 10:30"}],"subject":"Ihr Termin am Mittwoch, 11.03.2026, um 10:30 Uhr","body":"Guten Tag Frau Weiß,\n\nwir freuen uns auf Ihren Besuch und möchten Sie an Ihren Termin erinnern:\n\nMittwoch, 11.03.2026, 10:30 Uhr\nOptik Muster, Hauptstraße 1, 20095 Hamburg\n\nKönnen Sie den Termin nicht wahrnehmen? Dann sagen Sie uns bitte so früh wie möglich Bescheid, damit wir einen neuen für Sie finden.\nSie erreichen uns telefonisch unter 040 66969 100 oder per E-Mail an hh@example.de.\n\nMit freundlichen Grüßen\nIhr Team\nOptik Muster","language":"de","calendar":null,"error":null,"pass_id":1,"interface_id":2,"settled_at":"2026-03-10T19:00:00+01:00","done_at":null,"repeats":0,"reference":"terminbote-3-IDENTITY","server_reference":"20260310T180000Z-terminbote-3-IDENTITY.eml","reply":"written","purged_at":null}
    ]}
    --- status 0
    "#);
}

#[test]
fn an_address_is_found_however_it_is_written() {
    let practice = told();
    for (address, found) in [
        ("renate@example.de", vec![1, 3]),
        ("RENATE@EXAMPLE.DE", vec![1, 3]),
        ("0152 28817386", vec![2]),
        ("+49 (0)152 28817386", vec![2]),
        ("0049152-28817386", vec![2]),
        ("4915228817386", vec![2]),
        ("renate@example.com", vec![]),
        ("0152 28817387", vec![]),
    ] {
        assert_eq!(ids(&practice, &["--address", address]), found, "{address}");
    }
    // With the country code of another SMS interface, the same digits are another number.
    practice.setting(3, "country_code", "\"+43\"");
    assert!(ids(&practice, &["--address", "+4915228817386"]).is_empty());
    practice.sql("UPDATE message SET address = 'info@xn--mller-kva.example' WHERE id = 3");
    assert_eq!(ids(&practice, &["--address", "Info@Müller.example"]), [3]);
    practice.sql("UPDATE message SET channel = 'letter', address = 'Gartenweg 3, 20095 Hamburg' WHERE id = 2");
    assert_eq!(ids(&practice, &["--address", "gartenweg 3 20095 hamburg"]), [2]);
}

#[test]
fn addresses_are_masked_in_the_text_unless_asked_for() {
    let practice = told();
    let text = |arguments: &[&str]| practice.run(&[&["history"], arguments].concat()).stdout;
    let masked = text(&["--address", "renate@example.de"]);
    assert!(!masked.to_lowercase().contains("renate@"), "{masked}");
    assert_snapshot!(masked.lines().next().unwrap(), @"Address r***@e***.de: 2 messages");
    let full = text(&["--address", "renate@example.de", "--full"]);
    assert!(full.contains("<Renate@Example.de> mailbox unknown") && full.contains(", renate@example.de"), "{full}");
}

#[test]
fn a_history_of_the_past_ends_there() {
    let practice = told();
    // A message by hand counts from its instant on, that of a pass only after it (rules, I).
    assert_eq!(ids(&practice, &["--customer", "7", "--at", "2026-03-10T08:00"]), [1, 2]);
    assert_eq!(ids(&practice, &["--customer", "7", "--at", EVENING]), [1, 2]);
    let then = practice.run(&["history", "--customer", "7", "--at", "2026-03-10T07:59", "--lang", "de"]);
    assert_snapshot!(then.stdout.lines().take(3).collect::<Vec<_>>().join("\n"), @"
    Renate Weiß (Kunde 7): 1 Nachricht
    Was bis Di., 10.03.2026, 07:59 gesagt war
    Zuletzt benachrichtigt: noch nie
    ");
}

#[test]
fn days_are_inclusive_and_times_are_not() {
    let practice = told();
    assert_eq!(ids(&practice, &["--from", "2026-03-01"]), [1, 2, 3]);
    assert_eq!(ids(&practice, &["--to", "2026-03-09"]), [1]);
    assert_eq!(ids(&practice, &["--from", "2026-03-10", "--to", "2026-03-10"]), [2, 3]);
    assert_eq!(ids(&practice, &["--from", "2026-03-10T08:00", "--to", EVENING]), [2]);
    assert_eq!(ids(&practice, &["--from", "2026-03-10T07:00:01Z", "--customer", "7"]), [3]);
    assert_snapshot!(practice.run(&["history", "--from", "2026-03-12", "--to", "2026-03-12", "--lang", "de"]), @"
    Alle Kunden: keine Nachrichten
    Ab Do., 12.03.2026, 00:00, vor Fr., 13.03.2026, 00:00
    --- status 0
    ");
}

#[test]
fn a_message_by_hand_that_is_still_to_come_is_no_last_notification() {
    let practice = told();
    practice.sql("UPDATE message SET sent_at = '2999-03-10T07:00:00Z' WHERE id = 2");
    let text = practice.run(&["history", "--customer", "7"]).stdout;
    assert_snapshot!(text.lines().nth(1).unwrap(), @"Last notification: Tue 10 Mar 2026, 19:00 (message 3)");
}

#[test]
fn who_asks_for_nothing_that_exists_is_told_so() {
    let practice = told();
    for arguments in [
        &[][..],
        &["--full"],
        &["--customer", "99"],
        &["--appointment", "99"],
        &["--customer", "Renate"],
        &["--customer", "7", "--appointment", "4711"],
        &["--from", "10.03.2026"],
        &["--to", "2026-02-30"],
        &["--from", "2026-03-11", "--to", "2026-03-10"],
        &["--address", " "],
        &["--address", "r***@e***.de"],
        &["--customer", "7", "--at", "gestern"],
    ] {
        let printed = practice.run(&[&["history"], arguments].concat());
        assert_eq!((printed.status, printed.stdout.as_str()), (2, ""), "{arguments:?}: {printed}");
    }
    assert_snapshot!(practice.run(&["history", "--customer", "99"]), @"
    --- stderr
    error: there is no customer 99, and no message to one of that id
    --- status 2
    ");
    assert_snapshot!(practice.run(&["history", "--from", "10.03.2026"]), @r#"
    --- stderr
    error: --from "10.03.2026" is neither a day nor a time; write 2026-03-10, or 2026-03-10T19:00 in the chain's zone
    --- status 2
    "#);
    assert_snapshot!(practice.run(&["history", "--address", "r***@e***.de"]), @"
    --- stderr
    error: --address is masked, as reports show it; name the whole address, or ask for its customer with --customer ID
    --- status 2
    ");
    // Nobody wrote there; that is an answer.
    assert_snapshot!(practice.run(&["history", "--address", "kai@example.de"]), @"
    Address k***@e***.de: no messages
    Last notification: never
    --- status 0
    ");
    // But not if nobody can have written there.
    assert_snapshot!(practice.run(&["history", "--address", "0152 288"]), @"
    Address *** 88: no messages
    As it stands this is no whole e-mail address, number or postal address: check
      the spelling.
    Last notification: never
    --- status 0
    ");
    assert_snapshot!(practice.run(&["history", "--address", "renate@", "--lang", "de"]), @"
    Adresse r***@***: keine Nachrichten
    So ist das keine ganze E-Mail-Adresse, Nummer oder Anschrift: Bitte prüfen Sie
      die Schreibweise.
    Zuletzt benachrichtigt: noch nie
    --- status 0
    ");
}

#[test]
fn a_message_that_cannot_be_understood_is_named_and_the_others_are_shown() {
    let practice = told();
    practice.sql("PRAGMA ignore_check_constraints = 1; UPDATE message SET channel = 'fax' WHERE id = 2");
    let printed = practice.run(&["history", "--customer", "7", "--format", "json"]);
    assert_eq!(printed.status, 1);
    assert_snapshot!(printed.stderr, @"error: table message, row 2, column channel cannot be understood: “fax” is no known word there; correct it");
    assert_eq!(printed.stdout.matches("\"message_id\":").count(), 3);
}

#[test]
fn a_history_only_looks() {
    let practice = told();
    let before = (std::fs::read(practice.path("termine.db")).unwrap(), practice.files());
    assert_eq!(practice.run(&["history", "--customer", "7"]).status, 0);
    assert_eq!((std::fs::read(practice.path("termine.db")).unwrap(), practice.files()), before);
}
