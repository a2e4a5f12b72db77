//! `terminbote record`: a message by hand.

use insta::assert_snapshot;

use crate::practice::Practice;

const NOON: &str = "2026-03-10T12:00";

/// Two appointments of Renate, tomorrow and next week, and one of Kai.
fn practice() -> Practice {
    let practice = Practice::ready();
    practice.customer(8, "Kai", "kai@example.de");
    practice.appointment(4711, "2026-03-11 10:00").appointment(4712, "2026-03-18 10:00");
    practice.appointment_of(8, 4713, "2026-03-11 11:00");
    practice
}

#[test]
fn what_is_recorded_is_what_the_contract_has_other_software_write() {
    let (by_command, by_sql) = (practice(), practice());
    let printed = by_command.run(&[
        "record",
        "--appointment",
        "4711",
        "4712",
        "--channel",
        "phone",
        "--address",
        "030 23125 001",
        "--note",
        "…",
        "--at",
        NOON,
    ]);
    assert_eq!(printed.status, 0, "{printed}");
    by_sql.sql(
        "BEGIN;
         INSERT INTO message (kind, customer_id, channel, address, body, state, sent_at)
         VALUES ('manual', 7, 'phone', '030 23125 001', '…', 'sent', '2026-03-10T11:00:00Z');
         INSERT INTO message_appointment (message_id, appointment_id) VALUES (last_insert_rowid(), 4711);
         INSERT INTO message_appointment (message_id, appointment_id) VALUES (1, 4712);
         COMMIT;",
    );
    for table in ["message", "message_appointment"] {
        let rows = format!("SELECT * FROM {table} ORDER BY 1, 2");
        assert_eq!(by_command.query(&rows), by_sql.query(&rows));
    }
}

#[test]
fn quotes_that_were_forgotten_are_no_hindrance() {
    let practice = practice();
    let words = "record --appointment 4711 --address 030 23125 001 --note kommt etwas später --channel phone --at";
    let arguments: Vec<&str> = words.split(' ').chain([NOON]).collect();
    assert_eq!(practice.run(&arguments).status, 0);
    assert_eq!(practice.query("SELECT address, body FROM message"), "030 23125 001|kommt etwas später");
    let found = practice.run(&["history", "--address", "030", "23125", "001", "--at", NOON, "--full"]);
    assert!(found.stdout.contains("kommt etwas später"), "{found}");
}

#[test]
fn e3_it_says_what_follows_and_a_pass_keeps_to_it() {
    let practice = practice();
    practice.without_confirmations();
    assert_snapshot!(practice.run(&["record", "--appointment", "4711", "--channel", "phone", "--at", NOON]), @"
    Recorded as message 1: message by hand by telephone, Tue 10 Mar 2026, 12:00
      To Renate Weiß (customer 7)
      Appointment 4711: Wed 11 Mar 2026, 10:00
    No automatic reminder goes to this customer before Tue 10 Mar 2026, 18:00 (which
      has gone by).
    --- status 0
    ");
    let outcome = |at: &str| {
        let (report, _) = practice.json(at);
        let skipped = &report["skipped"][0];
        format!("{} {} {}", skipped["appointment_id"], skipped["reason"], skipped["detail"])
    };
    assert_snapshot!(outcome("2026-03-10T17:59"), @r#"4711 "recent_message" "until 2026-03-10T18:00+01:00""#);
    assert_eq!(practice.pass("2026-03-10T18:00").status, 0);
    assert_eq!(practice.query("SELECT kind FROM message WHERE customer_id = 7"), "manual\nreminder");
}

#[test]
fn what_lies_in_the_future_is_refused() {
    assert_snapshot!(
        practice().run(&["record", "--appointment", "4711", "--channel", "phone", "--at", "2999-01-01T10:00"]),
        @"
    --- stderr
    error: --at lies in the future; a message is recorded once it has been sent or said
    --- status 2
    "
    );
}

#[test]
fn a_message_about_no_appointment_needs_its_customer() {
    let practice = practice();
    assert_snapshot!(
        practice.run(&["record", "--customer", "7", "--channel", "letter", "--at", NOON, "--lang", "de"]),
        @"
    Als Nachricht 1 festgehalten: Nachricht von Hand per Brief, Di., 10.03.2026,
      12:00
      An Renate Weiß (Kunde 7)
    Vor Di., 10.03.2026, 18:00 geht keine automatische Erinnerung an diesen Kunden
      (das ist schon vorbei).
    --- status 0
    "
    );
    assert_eq!(practice.query("SELECT kind, customer_id, channel, state FROM message"), "manual|7|letter|sent");
    assert_eq!(practice.query("SELECT count(*) FROM message_appointment"), "0");
}

#[test]
fn what_cannot_be_right_is_refused_and_nothing_is_recorded() {
    let practice = practice();
    practice.sql("UPDATE appointment SET customer_id = NULL WHERE id = 4712");
    let refused = |arguments: &[&str]| {
        let printed = practice.run(&[&["record", "--at", NOON], arguments].concat());
        assert_eq!((printed.status, printed.stdout.as_str()), (2, ""), "{arguments:?}: {printed}");
        printed.stderr.lines().next().unwrap_or_default().to_owned()
    };
    let errors = [
        refused(&["--appointment", "4711", "4713", "--channel", "phone"]),
        refused(&["--appointment", "4711", "99", "100", "--channel", "phone"]),
        refused(&["--appointment", "4712", "--channel", "phone"]),
        refused(&["--appointment", "4711", "--customer", "8", "--channel", "phone"]),
        refused(&["--customer", "99", "--channel", "phone"]),
        refused(&["--channel", "phone"]),
        refused(&["--appointment", "4711"]),
        refused(&["--appointment", "4711", "--channel", "fax"]),
        refused(&["--appointment", "4711", "--channel", "phone", "--address", "030 2312x"]),
        refused(&["--appointment", "4711", "--channel", "email", "--address", "renate@example"]),
    ];
    assert_snapshot!(errors.join("\n"), @"
    error: the appointments are of different customers (4711: 7, 4713: 8); record a message for each; nothing was recorded
    error: there is no appointment 99, 100; nothing was recorded
    error: appointment 4712 has no customer; nothing was recorded
    error: appointment 4711 is of customer 7, not of customer 8; nothing was recorded
    error: there is no customer 99; nothing was recorded
    error: the following required arguments were not provided:
    error: the following required arguments were not provided:
    error: invalid value 'fax' for '--channel <CHANNEL>'
    error: --address contains a letter; nothing was recorded
    error: --address has no dot after the @; nothing was recorded
    ");
    assert_eq!(practice.query("SELECT count(*) FROM message"), "0");
}

#[test]
fn the_same_stands_in_json() {
    assert_snapshot!(
        practice().run(&[
            "record", "--appointment", "4711", "4711", "--channel", "email", "--at", NOON, "--format", "json"
        ]),
        @r#"
    {
      "message_id": 1,
      "customer_id": 7,
      "channel": "email",
      "at": "2026-03-10T12:00:00+01:00",
      "appointments": [
        {
          "id": 4711,
          "start": "2026-03-11 10:00",
          "never_reminded": false
        }
      ],
      "no_reminder_before": "2026-03-10T18:00:00+01:00",
      "no_confirmation": true
    }
    --- status 0
    "#
    );
}
