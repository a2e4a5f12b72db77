//! F6 and F7 over a real connection: what a mail server's answers do to messages.

use std::net::TcpListener;

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice};
use crate::smtp_peer::{Act, SmtpPeer, Stage};

const LATER: &str = "2026-03-10T19:30";

/// Renate has an appointment tomorrow; mail goes to `peer`.
fn renate(peer: &SmtpPeer) -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(peer.port()).appointment(1, "2026-03-11 10:00");
    practice
}

/// A server that knows nobody whose address begins with `nobody`.
fn server_without(nobody: &'static str) -> SmtpPeer {
    SmtpPeer::new(move |step| {
        if step.stage == Stage::Rcpt && step.line.contains(nobody) {
            Act::say("550 5.1.1 <renate@example.de>: Recipient address rejected: User unknown")
        } else {
            Act::Polite
        }
    })
}

/// A port at which nobody listens.
fn closed_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

#[test]
fn a_mail_that_is_taken_is_sent_once_and_the_servers_answer_is_kept() {
    let peer = SmtpPeer::polite();
    let practice = renate(&peer);
    assert_eq!(practice.pass(EVENING).status, 0);
    let taken = peer.taken();
    assert_eq!(
        (taken.len(), taken[0].from.as_str(), taken[0].to.join(" ")),
        (1, "termine@example.de", "renate@example.de".to_owned())
    );
    assert_snapshot!(practice.without_identity(&practice.query("SELECT state, reference, server_reference, reply FROM message")), @"sent|terminbote-1-IDENTITY|4ZbX1y2z3|250 2.0.0 Ok: queued as 4ZbX1y2z3");
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(peer.taken().len(), 1);
}

#[test]
fn a_reminder_that_an_outage_has_outlasted_is_called_too_late_with_what_was_in_the_way() {
    let peer = SmtpPeer::polite();
    let practice = renate(&peer);
    practice.setting(2, "port", &closed_port().to_string());
    for at in [EVENING, "2026-03-11T09:00"] {
        assert_eq!(practice.pass(at).status, 1);
    }
    practice.setting(2, "port", &peer.port().to_string());
    let late = practice.pass("2026-03-11T10:00");
    assert_snapshot!(late, @"
    Appointment reminders, Wed 11 Mar 2026, 10:00 (Europe/Berlin)
    Reminders: appointments before Thu 12 Mar 2026, 11:00

    What needs doing
    ----------------
    - For 1 message the appointment began before anything could be sent. Whom that
      concerns and what was in the way is in the customers' history (state
      withdrawn).

    In all: no messages.
    --- status 1
    ");
    let error = practice.query("SELECT state, error FROM message");
    let because = "withdrawn|the appointment began before it could be sent: connecting: 127.0.0.1, port ";
    assert!(error.starts_with(because) && error.contains("refused"), "{error}");
    assert_eq!((practice.pass("2026-03-11T11:00").status, peer.taken().len()), (0, 0));
}

/// Nobody missed anything for want of such a message.
#[test]
fn what_was_postponed_and_then_not_wanted_any_more_is_not_too_late() {
    for unwanted in [
        "UPDATE appointment SET status = 'cancelled'",
        "UPDATE appointment SET starts_at = '2026-03-20 10:00', ends_at = '2026-03-20 10:30'",
        "UPDATE customer SET preferred_contact = 'none'",
        "UPDATE customer SET deceased = 1",
    ] {
        let peer = SmtpPeer::polite();
        let practice = renate(&peer);
        practice.setting(2, "port", &closed_port().to_string());
        assert_eq!(practice.pass(EVENING).status, 1);
        practice.sql(unwanted);
        assert_eq!(practice.pass("2026-03-11T10:30").status, 0, "{unwanted}");
        assert_eq!(practice.query("SELECT state, error FROM message"), "withdrawn|no longer due when pass 2 looked");
    }
}

#[test]
fn f6_a_mailbox_that_is_unknown_is_followed_by_an_sms_in_the_same_pass() {
    let peer = server_without("renate");
    let practice = renate(&peer);
    assert_snapshot!(practice.pass(EVENING), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    What needs doing
    ----------------
    - 1 message was rejected for good; each branch below says whom that concerns.

    Optik Muster (HH)
    -----------------
      Sent: 1 text message
        - Wed 11 Mar 2026, 10:00: Renate Weiß, text message to +49 152 *** 86
      Please correct the address or number:
        - Wed 11 Mar 2026, 10:00: Renate Weiß
          e-mail: rejected at r***@e***.de: “recipient refused: 550 5.1.1
            <r***@e***.de>: Recipient address rejected: User unknown”
          instead by text message: sent

    In all: 2 messages (1 sent, 1 rejected).
    --- status 1
    ");
    assert_snapshot!(practice.ledger(), @"
    1|reminder|7|email|failed|1|2026-03-11 10:00
    2|reminder|7|sms|sent|1|2026-03-11 10:00
    ");
    assert_eq!(practice.query("SELECT count(*) FROM appointment_history WHERE state = 'failed' AND error <> ''"), "1");
    // A dead mailbox is not tried every hour.
    let connections = peer.connections();
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!((peer.connections(), practice.query("SELECT count(*) FROM message")), (connections, "2".to_owned()));
}

#[test]
fn f6_the_report_as_json_has_both_messages_side_by_side() {
    let peer = server_without("renate");
    let practice = renate(&peer);
    practice.customer(8, "Kai", "kai@example.de").appointment_of(8, 2, "2026-03-11 09:00");
    practice.customer(9, "Ida", "ida@example.de").appointment_of(9, 3, "2026-03-11 11:00");
    let (report, status) = practice.json(EVENING);
    let rows: Vec<String> = report["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("{} {} {}", row["customer_id"], row["channel"], row["outcome"]))
        .collect();
    assert_eq!(rows, [r#"8 "email" "sent""#, r#"7 "email" "failed""#, r#"7 "sms" "sent""#, r#"9 "email" "sent""#]);
    assert_eq!((status, &report["totals"]["failed"], &report["totals"]["sent"]), (1, &1.into(), &3.into()));
}

#[test]
fn f6_who_has_no_other_channel_is_told_of_as_unreachable_by_the_next_pass() {
    let peer = server_without("renate");
    let practice = renate(&peer);
    practice.sql("DELETE FROM customer_phone");
    assert_eq!(practice.pass(EVENING).status, 1);
    assert_snapshot!(practice.pass(LATER), @"
    Appointment reminders, Tue 10 Mar 2026, 19:30 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    Optik Muster (HH)
    -----------------
      Please ring, or let them know in another way:
        - Wed 11 Mar 2026, 10:00: Renate Weiß
          e-mail: rejected there before for this appointment (message 1)
          text message: no number entered

    In all: no messages; 1 appointment passed over.
    --- status 0
    ");
    assert_eq!(practice.ledger(), "1|reminder|7|email|failed|1|2026-03-11 10:00");
}

#[test]
fn f6_a_second_number_is_tried_after_the_first_and_a_letter_last() {
    let peer = server_without("renate");
    let practice = renate(&peer);
    practice.sql(
        "DELETE FROM customer_phone;
         INSERT INTO contact_template_channel (contact_template_id, position, channel, document_template)
         SELECT id, 3, 'letter', 'Terminerinnerung Brief' FROM contact_template",
    );
    assert_eq!(practice.pass(EVENING).status, 1);
    assert_eq!(
        practice.query("SELECT channel, address, state FROM message"),
        "email|renate@example.de|failed\nletter|Gartenweg 3, 20095 Hamburg|handed_over"
    );
}

#[test]
fn f7_a_corrected_address_may_be_confirmed_again() {
    let peer = server_without("renate@");
    let practice = Practice::ready();
    practice.mail_by_port(peer.port()).appointment(1, "2026-05-11 10:00");
    assert_eq!(practice.pass(EVENING).status, 1);
    // The same address is not tried again, also in other letter case of the domain.
    let connections = peer.connections();
    assert_eq!(practice.pass(LATER).status, 0);
    practice.sql("UPDATE customer SET email = 'renate@EXAMPLE.de'");
    assert_eq!(practice.pass("2026-03-10T19:35").status, 0);
    assert_eq!(peer.connections(), connections);
    practice.sql("UPDATE customer SET email = 'weiss@example.de'");
    assert_eq!(practice.pass("2026-03-10T19:40").status, 0);
    assert_eq!(
        practice.query("SELECT kind, address, state FROM message"),
        "confirmation|renate@example.de|failed\nconfirmation|weiss@example.de|sent"
    );
}

#[test]
fn f7_a_moved_appointment_gives_the_address_another_chance() {
    let peer = SmtpPeer::new(|step| match step.stage {
        Stage::Rcpt if step.before == 0 => Act::say("550 5.1.1 User unknown"),
        _ => Act::Polite,
    });
    let practice = renate(&peer);
    practice.sql("DELETE FROM customer_phone");
    assert_eq!(practice.pass(EVENING).status, 1);
    practice.sql("UPDATE appointment SET starts_at = '2026-03-11 11:00', ends_at = '2026-03-11 11:30'");
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(practice.query("SELECT state FROM message"), "failed\nsent");
}

#[test]
fn a_greylisted_mail_that_cannot_be_tried_again_in_time_waits_for_the_next_pass_and_keeps_its_row_and_its_name() {
    let peer = SmtpPeer::new(|step| match step.stage {
        Stage::Rcpt if step.before == 0 => Act::say("451 4.7.1 Greylisting in action, please come back later"),
        _ => Act::Polite,
    });
    let practice = renate(&peer);
    practice.customer(8, "Kai", "kai@example.de").appointment_of(8, 2, "2026-03-11 11:00");
    practice.setting(1, "max_minutes", "1");
    assert_snapshot!(practice.pass(EVENING), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    What needs doing
    ----------------
    - 1 message is postponed since the server could not be reached or refused for
      now; a later pass decides anew while the appointment is still ahead.
      “recipient refused: 451 4.7.1 Greylisting in action, please come back later”

    Optik Muster (HH)
    -----------------
      Sent: 1 e-mail
        - Wed 11 Mar 2026, 11:00: Kai Sommer, e-mail to k***@e***.de
      Postponed: 1 message
        - Wed 11 Mar 2026, 10:00: Renate Weiß, e-mail to r***@e***.de

    In all: 2 messages (1 sent, 1 postponed).
    --- status 1
    ");
    assert_eq!(practice.query("SELECT id, customer_id, state FROM message"), "1|7|deferred\n2|8|sent");
    let name = practice.query("SELECT reference FROM message WHERE id = 1");
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(
        practice.query("SELECT id, customer_id, state, sent_at FROM message"),
        "1|7|sent|2026-03-10T18:30:00Z\n2|8|sent|2026-03-10T18:00:00Z"
    );
    assert!(!name.is_empty() && peer.taken()[1].content.contains(&format!("Message-ID: <{name}@")));
}

#[test]
fn a_deferred_reminder_whose_appointment_is_cancelled_is_withdrawn_by_the_next_pass() {
    let peer = SmtpPeer::at(Stage::Rcpt, Act::say("451 4.7.1 Greylisting in action"));
    let practice = renate(&peer);
    practice.setting(1, "max_minutes", "1");
    assert_eq!(practice.pass(EVENING).status, 1);
    practice.sql("UPDATE appointment SET status = 'cancelled'");
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(practice.query("SELECT id, state, error FROM message"), "1|withdrawn|no longer due when pass 2 looked");
}

#[test]
fn a_server_that_takes_no_connection_defers_its_mails_and_no_sms() {
    let practice = Practice::ready();
    let port = closed_port();
    practice.without_confirmations().mail_by_port(port).appointment(1, "2026-03-11 10:00");
    practice.customer(8, "Kai", "kai@example.de").appointment_of(8, 2, "2026-03-11 11:00");
    practice.sql(
        "UPDATE customer SET preferred_contact = 'sms' WHERE id = 8;
         INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES (8, 1, '0172 9925904', 1)",
    );
    let printed = practice.run(&["--at", EVENING, "--lang", "de"]).to_string();
    assert_snapshot!(printed.replace(&port.to_string(), "PORT."), @"
    Terminbenachrichtigung, Di., 10.03.2026, 19:00 (Europe/Berlin)
    Erinnerungen: Termine vor Mi., 11.03.2026, 20:00 (vorausschauend)

    Was zu tun ist
    --------------
    - Mit dem Server der Schnittstelle 2 gab es Schwierigkeiten: „connecting:
      127.0.0.1, port PORT.: Connection refused (os error 111)“. Was nicht
      hinausging, bleibt fällig. Hält es an, prüfen Sie Netz und Server (Tabelle
      interface).
    - 1 Nachricht ist zurückgestellt, weil der Server nicht zu erreichen war oder
      vorerst nichts annahm; ein späterer Lauf entscheidet neu, solange der Termin
      noch bevorsteht. „connecting: 127.0.0.1, port PORT.: Connection refused (os
      error 111)“

    Optik Muster (HH)
    -----------------
      Gesendet: 1 SMS
        - Mi., 11.03.2026, 11:00: Kai Sommer, SMS an +49 172 *** 04
      Zurückgestellt: 1 Nachricht
        - Mi., 11.03.2026, 10:00: Renate Weiß, E-Mail an r***@e***.de

    Zusammen: 2 Nachrichten (1 gesendet, 1 zurückgestellt).
    --- status 1
    ");
    assert_eq!(practice.query("SELECT customer_id, channel, state FROM message"), "7|email|deferred\n8|sms|sent");
    // As soon as it is back, the mail goes, and by mail.
    let peer = SmtpPeer::polite();
    practice.mail_by_port(peer.port());
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(practice.query("SELECT id, customer_id, channel, state FROM message"), "1|7|email|sent\n2|8|sms|sent");
}

#[test]
fn a_server_that_goes_away_in_the_middle_is_tried_again_in_the_same_pass() {
    let peer = SmtpPeer::new(|step| match step.stage {
        Stage::Data if step.before == 0 => Act::Close,
        _ => Act::Polite,
    });
    let practice = renate(&peer);
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_eq!((peer.taken().len(), practice.ledger().as_str()), (1, "1|reminder|7|email|sent|1|2026-03-11 10:00"));
}

#[test]
fn a_refused_log_in_stops_mails_and_nothing_wanders_to_sms() {
    let peer = SmtpPeer::at(Stage::Auth, Act::say("535 5.7.8 Error: authentication failed"));
    let practice = renate(&peer);
    practice.setting(2, "user", "\"termine\"").setting(2, "secrets", r#"{"password": "hunter2"}"#);
    for id in 8..12 {
        practice.customer(id, "Kai", &format!("kai{id}@example.de")).appointment_of(id, id, "2026-03-11 11:00");
    }
    assert_snapshot!(practice.pass(EVENING), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    What needs doing
    ----------------
    - The server of interface 2 takes nothing from us: “log-in refused: 535 5.7.8
      Error: authentication failed”. Check log-in, credit and settings (table
      interface). What did not go out stays due.
    - 5 messages are postponed since the server could not be reached or refused for
      now; a later pass decides anew while the appointment is still ahead. “log-in
      refused: 535 5.7.8 Error: authentication failed”

    Optik Muster (HH)
    -----------------
      Postponed: 5 messages
        - Wed 11 Mar 2026, 10:00: Renate Weiß, e-mail to r***@e***.de
        - Wed 11 Mar 2026, 11:00: Kai Sommer, e-mail to k***@e***.de
        - Wed 11 Mar 2026, 11:00: Kai Sommer, e-mail to k***@e***.de
        - Wed 11 Mar 2026, 11:00: Kai Sommer, e-mail to k***@e***.de
        - Wed 11 Mar 2026, 11:00: Kai Sommer, e-mail to k***@e***.de

    In all: 5 messages (5 postponed).
    --- status 1
    ");
    assert_eq!(practice.query("SELECT channel, state, count(*) FROM message GROUP BY 1, 2"), "email|deferred|5");
    assert_eq!(peer.connections(), 1, "one refusal is enough");
}

#[test]
fn a_mail_that_a_filter_does_not_like_is_followed_by_an_sms() {
    let peer = SmtpPeer::at(Stage::Content, Act::say("554 5.6.0 Message content rejected"));
    let practice = renate(&peer);
    assert_eq!(practice.pass(EVENING).status, 1);
    assert_eq!(practice.query("SELECT channel, state FROM message"), "email|failed\nsms|sent");
}

#[test]
fn a_folder_that_cannot_be_written_defers_and_says_so() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    std::fs::write(practice.path("mail"), "a file stands in the way").unwrap();
    let (report, status) = practice.json(EVENING);
    assert_eq!((status, &report["messages"][0]["outcome"]), (1, &"deferred".into()));
    std::fs::remove_file(practice.path("mail")).unwrap();
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(practice.ledger(), "1|reminder|7|email|sent|1|2026-03-11 10:00");
}

#[test]
fn four_connections_send_everything_once() {
    let peer = SmtpPeer::polite();
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(peer.port()).setting(2, "connections", "4");
    for id in 10..60 {
        practice.customer(id, "Kai", &format!("kunde{id}@example.de")).appointment_of(id, id, "2026-03-11 11:00");
    }
    let (report, status) = practice.json(EVENING);
    assert_eq!((status, &report["totals"]["sent"]), (0, &50.into()));
    let mut to: Vec<String> = peer.taken().iter().map(|taken| taken.to.join(" ")).collect();
    to.sort();
    to.dedup();
    assert_eq!((to.len(), peer.taken().len()), (50, 50));
    assert!(peer.connections() <= 4, "{}", peer.connections());
}

#[test]
fn whoever_is_deferred_and_comes_soon_is_named_so_that_somebody_can_ring() {
    let practice = Practice::ready();
    practice.without_confirmations();
    practice.appointment(1, "2026-03-10 20:15").customer(8, "Kai", "kai@example.de");
    practice.appointment_of(8, 2, "2026-03-11 10:00");
    practice.mail_by_port(closed_port());
    let printed = practice.run(&["--at", EVENING, "--lang", "de"]);
    let (_, branch) = printed.stdout.split_once("Optik Muster (HH)\n").unwrap();
    assert_snapshot!(branch, @"
    -----------------
      Zurückgestellt: 2 Nachrichten
        - Mi., 11.03.2026, 10:00: Kai Sommer, E-Mail an k***@e***.de
        Davon beginnen bald; rufen Sie an, wenn der nächste Lauf zu spät kommt:
        - Di., 10.03.2026, 20:15: Renate Weiß, E-Mail an r***@e***.de

    Zusammen: 2 Nachrichten (2 zurückgestellt).
    ");
}

/// Ten customers with an e-mail address and a mobile number, and a server that answers so to each message
/// after the second.
fn ten_after_two(answer: &'static str) -> Practice {
    let peer = SmtpPeer::new(move |step| match step.stage {
        Stage::Content if step.before >= 2 => Act::say(answer),
        _ => Act::Polite,
    });
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(peer.port());
    for id in 101..=110 {
        practice.customer(id, "Kai", &format!("kai{id}@example.de"));
        practice.appointment_of(id, id, &format!("2026-03-11 10:{:02}", id - 100));
        practice.sql(&format!(
            "INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES ({id}, 1, '0152 28817386', 1)"
        ));
    }
    practice.pass(EVENING);
    practice
}

const BY_STATE: &str = "SELECT channel, state, count(*) FROM message GROUP BY 1, 2 ORDER BY 1, 2";

#[test]
fn f6_a_daily_limit_that_is_reached_makes_nobody_wander_to_sms() {
    let practice = ten_after_two("550 5.4.5 Daily user sending limit exceeded");
    assert_snapshot!(practice.query(BY_STATE), @"
    email|deferred|8
    email|sent|2
    ");
    assert_snapshot!(practice.query("SELECT code, text_en FROM pass_warning"), @"interface_refused|The server of interface 2 takes nothing from us: “message refused: 550 5.4.5 Daily user sending limit exceeded”. Check log-in, credit and settings (table interface). What did not go out stays due.");
}

#[test]
fn f6_an_account_that_is_closed_is_known_by_several_refusals_in_a_row() {
    let practice = ten_after_two("554 5.7.1 Your account is suspended");
    assert_snapshot!(practice.query(BY_STATE), @"
    email|deferred|5
    email|failed|3
    email|sent|2
    sms|sent|3
    ");
    assert_snapshot!(practice.query("SELECT code, text_en FROM pass_warning"), @"
    interface_trouble|There was trouble with the server of interface 2: “message refused: 554 5.7.1 Your account is suspended”. What did not go out stays due. If it goes on, check the network and the server (table interface).
    shared_number|This number is entered more than once: +49 152 *** 86 (customers 103, 104, 105). Each gets their own message; that is right for families, otherwise correct the number (table customer_phone).
    ");
}
