//! Messages that are claimed ahead, to follow others on their connections, where the server is told
//! several commands at once. These passes run in the test's own process, by a clock of its own.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use insta::assert_snapshot;
use rusqlite::{Connection, OpenFlags};

use crate::practice::{EVENING, Practice};
use crate::smtp_peer::{Act, Encryption, SmtpPeer, Stage, Step};
use crate::tried_again::{Hurry, quiet_pass};

const LATER: &str = "2026-03-10T19:30";

/// A server that offers PIPELINING, and does something more while it has the message with this number,
/// counted from 0.
fn server(number: usize, also: impl Fn() + Send + Sync + 'static) -> SmtpPeer {
    SmtpPeer::with(Encryption::None, &["PIPELINING"], move |step: &Step<'_>| {
        if (step.stage, step.before) == (Stage::Content, number) {
            also();
        }
        Act::Polite
    })
}

/// Thirty customers, from number 1 on, each with an appointment tomorrow.
fn thirty_customers() -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations();
    for number in 1..=30 {
        let id = 100 + number;
        let (hour, minute) = (9 + number / 6, number % 6 * 10);
        practice.customer(id, &format!("Nummer{number}"), &format!("nummer{number}@example.de")).appointment_of(
            id,
            number,
            &format!("2026-03-11 {hour:02}:{minute:02}"),
        );
    }
    practice
}

/// How many messages each address got.
fn copies(peer: &SmtpPeer) -> Vec<usize> {
    let taken = peer.taken();
    let to = |number: i64| vec![format!("nummer{number}@example.de")];
    (1..=30).map(|number| taken.iter().filter(|taken| taken.to == to(number)).count()).collect()
}

fn states(practice: &Practice) -> String {
    practice.query("SELECT state, error, count(*) FROM message GROUP BY state, error ORDER BY state, error")
}

#[test]
fn what_follows_on_a_slow_connection_goes_over_another() {
    let hurry = Hurry::standing();
    let (clock, come) = (hurry.clone(), (Mutex::new(0), Condvar::new()));
    let all_came = Arc::new(Mutex::new(false));
    let told = Arc::clone(&all_came);
    let peer = SmtpPeer::with(Encryption::None, &["PIPELINING"], move |step: &Step<'_>| {
        if step.stage == Stage::Content {
            let (come, changed) = &come;
            *come.lock().unwrap() += 1;
            changed.notify_all();
            if step.before == 5 {
                clock.jump(2);
                // No answer to this one before all others have come.
                let missing = |come: &mut i32| *come < 30;
                let limit = Duration::from_secs(20);
                let (come, _) = changed.wait_timeout_while(come.lock().unwrap(), limit, missing).unwrap();
                *told.lock().unwrap() = *come == 30;
            }
        }
        Act::Polite
    });
    let practice = thirty_customers();
    practice.mail_by_port(peer.port()).setting(2, "connections", "2");
    let report = quiet_pass(&practice, EVENING, &hurry);
    assert!(report.ends_with("--- status 0"), "{report}");
    assert!(*all_came.lock().unwrap(), "some waited behind the one that was not answered");
    assert_eq!((copies(&peer), states(&practice).as_str()), (vec![1; 30], "sent||30"));
}

#[test]
fn a4_what_is_claimed_ahead_when_the_time_is_over_is_left_to_the_next_pass() {
    let hurry = Hurry::standing();
    let clock = hurry.clone();
    let peer = server(9, move || clock.jump(60));
    let practice = thirty_customers();
    practice.mail_by_port(peer.port()).setting(1, "max_minutes", "1");
    let report = quiet_pass(&practice, EVENING, &hurry);
    assert!(report.ends_with("--- status 0"), "{report}");
    assert_snapshot!(states(&practice), @"
    deferred|the time for sending was over|20
    sent||10
    ");
    let next = quiet_pass(&practice, LATER, &Hurry::standing());
    assert!(next.ends_with("--- status 0"), "{next}");
    assert_eq!((copies(&peer), states(&practice).as_str()), (vec![1; 30], "sent||30"));
}

#[test]
fn b5_what_begins_after_it_was_claimed_ahead_is_not_told_any_more() {
    let hurry = Hurry::standing();
    let clock = hurry.clone();
    let practice = thirty_customers();
    practice.sql(
        "UPDATE appointment SET starts_at = '2026-03-10 19:05', ends_at = '2026-03-10 19:35' WHERE id <= 10;
         UPDATE appointment SET starts_at = '2026-03-10 19:10', ends_at = '2026-03-10 19:40' WHERE id IN (11, 12);",
    );
    let path = practice.path("termine.db");
    let before = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&before);
    let peer = server(9, move || {
        let database = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
        let claimed = "SELECT group_concat(customer_id) FROM message
                       WHERE id IN (SELECT id FROM message_not_begun) AND customer_id BETWEEN 111 AND 112";
        *seen.lock().unwrap() = database.query_row(claimed, [], |row| row.get(0)).unwrap();
        clock.jump(600);
    });
    practice.mail_by_port(peer.port());
    let report = quiet_pass(&practice, EVENING, &hurry);
    assert!(report.ends_with("--- status 0"), "{report}");
    assert_eq!(*before.lock().unwrap(), "111,112", "they had been claimed");
    assert_snapshot!(states(&practice), @"
    sent||28
    withdrawn|the appointment has begun in the meantime|2
    ");
    let mut expected = vec![1; 30];
    (expected[10], expected[11]) = (0, 0);
    assert_eq!(copies(&peer), expected);
}

#[test]
fn what_has_changed_since_a_message_was_claimed_ahead_is_respected() {
    let practice = thirty_customers();
    let path = practice.path("termine.db");
    let before = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&before);
    let taken_for_not_begun = Arc::new(Mutex::new(Vec::new()));
    let mistaken = Arc::clone(&taken_for_not_begun);
    let peer = SmtpPeer::with(Encryption::None, &["PIPELINING"], move |step: &Step<'_>| {
        if step.stage != Stage::Content {
            return Act::Polite;
        }
        let database = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
        let mut waiting =
            database.prepare("SELECT address FROM message WHERE id IN (SELECT id FROM message_not_begun)").unwrap();
        let waiting = waiting.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
        mistaken.lock().unwrap().extend(waiting.filter(|address| step.line.contains(&format!("<{address}>"))));
        if step.before != 9 {
            return Act::Polite;
        }
        let claimed = "SELECT group_concat(customer_id) FROM message
                       WHERE id IN (SELECT id FROM message_not_begun) AND customer_id BETWEEN 112 AND 114";
        *seen.lock().unwrap() = database.query_row(claimed, [], |row| row.get(0)).unwrap();
        database
            .execute_batch(
                "BEGIN;
                 UPDATE customer SET preferred_contact = 'none' WHERE id = 112;
                 UPDATE customer SET first_name = 'Anna' WHERE id = 113;
                 UPDATE appointment SET status = 'cancelled' WHERE customer_id = 114;
                 COMMIT;",
            )
            .unwrap();
        Act::Polite
    });
    practice.mail_by_port(peer.port());
    let report = quiet_pass(&practice, EVENING, &Hurry::standing());
    assert!(report.ends_with("--- status 0"), "{report}");
    assert_eq!(*before.lock().unwrap(), "112,113,114", "they had been claimed");
    assert_eq!(*taken_for_not_begun.lock().unwrap(), Vec::<String>::new(), "they were on their way");
    assert_snapshot!(states(&practice), @"
    sent||28
    withdrawn|the appointment has been cancelled in the meantime|1
    withdrawn|the customer wants no messages any more|1
    ");
    let mut expected = vec![1; 30];
    (expected[11], expected[13]) = (0, 0);
    assert_eq!(copies(&peer), expected);
    let taken = peer.taken();
    let anna = taken.iter().find(|taken| taken.to == ["nummer13@example.de"]).unwrap();
    assert!(anna.content.contains("Anna Sommer") && !anna.content.contains("Nummer13"), "{}", anna.content);
}

#[test]
fn what_another_computer_has_taken_over_meanwhile_is_left_to_it() {
    let practice = thirty_customers();
    let path = practice.path("termine.db");
    let peer = server(9, move || {
        // A pass over there that does not see the lock: it takes this one for dead, and claims anew.
        let database = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
        database
            .execute_batch(
                "BEGIN;
                 INSERT INTO pass (id, at, host, version) VALUES (99, '2026-03-10T18:00:01Z', 'other', '1');
                 UPDATE message SET state = 'deferred' WHERE id IN (SELECT id FROM message_not_begun);
                 UPDATE message SET state = 'sending', pass_id = 99, follows = NULL WHERE customer_id IN (112, 113);
                 COMMIT;",
            )
            .unwrap();
    });
    practice.mail_by_port(peer.port());
    let report = quiet_pass(&practice, EVENING, &Hurry::standing());
    assert!(report.ends_with("--- status 0"), "{report}");
    let mut expected = vec![1; 30];
    (expected[11], expected[12]) = (0, 0);
    assert_eq!(copies(&peer), expected);
    let theirs =
        "SELECT customer_id, state, pass_id = 99, error FROM message WHERE customer_id IN (112, 113) ORDER BY id";
    assert_snapshot!(practice.query(theirs), @"
    112|sending|1|
    113|sending|1|
    113|withdrawn|0|message 13 has been sent to the customer in the meantime
    112|withdrawn|0|message 12 has been sent to the customer in the meantime
    ");
}

#[test]
fn what_is_to_be_claimed_ahead_goes_by_the_channel_that_the_customer_prefers_by_now() {
    let practice = thirty_customers();
    practice.sql(
        "INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES (112, 1, '0152 28817386', 1);
         UPDATE document_template SET body = '{% if customer.city != ''Nirgends'' %}Bis bald!{% endif %}'
         WHERE name = 'Terminerinnerung E-Mail';",
    );
    let path = practice.path("termine.db");
    let peer = server(0, move || {
        let database = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
        let waiting = "SELECT count(*) FROM message WHERE customer_id BETWEEN 112 AND 116";
        assert_eq!(database.query_row(waiting, [], |row| row.get(0)), Ok(0), "they have not been claimed yet");
        database
            .execute_batch(
                "BEGIN;
                 UPDATE customer SET preferred_contact = 'sms' WHERE id = 112;
                 UPDATE customer SET email = 'anna@example.de' WHERE id = 113;
                 UPDATE customer SET city = 'Nirgends' WHERE id IN (114, 115, 116);
                 COMMIT;",
            )
            .unwrap();
    });
    practice.mail_by_port(peer.port());
    quiet_pass(&practice, EVENING, &Hurry::standing());
    let of_these = "SELECT customer_id, channel, address, state, error FROM message
                    WHERE customer_id IN (112, 113) OR state <> 'sent' ORDER BY customer_id";
    assert_snapshot!(practice.query(of_these), @"
    112|sms|+4915228817386|sent|
    113|email|anna@example.de|sent|
    114|email|nummer14@example.de|deferred|document template `Terminerinnerung E-Mail`, body: nothing is left of the text, and an empty one cannot be sent
    115|email|nummer15@example.de|deferred|document template `Terminerinnerung E-Mail`, body: nothing is left of the text, and an empty one cannot be sent
    116|email|nummer16@example.de|deferred|document template `Terminerinnerung E-Mail`, body: nothing is left of the text, and an empty one cannot be sent
    ");
    let mut expected = vec![1; 30];
    expected[11..16].fill(0);
    assert_eq!(copies(&peer), expected);
}
