//! Two passes at once, with the lock and without it, and what the database itself refuses.

use std::time::{Duration, SystemTime};

use chrono::DateTime;

use super::house::{Balance, CUSTOMERS, House, LATER, LATER_STILL, MANY_CUSTOMERS, Setup, full_practice, practice_of};
use super::practice::EVENING;
use super::trap::{Point, Spring};

const SETUP: Setup = Setup { connections: 4, can_be_asked: true };

#[test]
fn the_database_refuses_to_tell_the_same_twice_and_to_go_back() {
    let practice = full_practice();
    let write = |sql: &str| practice.connection().execute_batch(sql).map_err(|error| error.to_string());
    let claim = |id: i64, customer: i64, kind: &str, sequence: i64, state: &str| {
        write(&format!(
            "BEGIN;
             INSERT INTO message (id, kind, customer_id, channel, state, sent_at)
             VALUES ({id}, '{kind}', {customer}, 'email', '{state}', '2026-03-10T18:00:00Z');
             INSERT INTO message_appointment (message_id, appointment_id, sequence) VALUES ({id}, 1, {sequence});
             COMMIT;"
        ))
    };
    let twice = |result: Result<(), String>| {
        let error = result.unwrap_err();
        assert!(error.contains("UNIQUE constraint failed"), "{error}");
    };
    claim(1, 1, "reminder", 0, "sending").unwrap();
    for state in ["sending", "sent", "handed_over", "uncertain"] {
        twice(claim(2, 1, "reminder", 0, state));
    }
    // Something else, told to somebody else, or not told.
    claim(3, 1, "confirmation", 0, "sending").unwrap();
    claim(4, 1, "reminder", 1, "sending").unwrap();
    claim(5, 3, "reminder", 0, "sending").unwrap();
    claim(6, 1, "reminder", 0, "deferred").unwrap();
    claim(7, 1, "manual", 0, "sent").unwrap();
    twice(write("UPDATE message SET state = 'sending' WHERE id = 6"));
    write("UPDATE message SET state = 'failed' WHERE id = 1").unwrap();
    write("UPDATE message SET state = 'sending' WHERE id = 6").unwrap();
    for (id, state) in [(1, "sending"), (1, "sent"), (1, "deferred"), (7, "sending"), (7, "uncertain"), (7, "deferred")]
    {
        let error = write(&format!("UPDATE message SET state = '{state}' WHERE id = {id}")).unwrap_err();
        assert_eq!(error, "a message cannot go from its state to that one", "{id} to {state}");
    }
}

#[test]
fn a_second_pass_ends_at_once_and_says_since_when_the_first_one_runs() {
    let house = House::new(&full_practice(), SETUP);
    let first = house.start(EVENING, Spring::Hold(Point::FinalDot), true);
    first.trap.wait_until_held(4);
    let process = first.trap.process();
    let second = house.practice.pass(EVENING);
    assert_eq!((second.status, second.stdout.as_str()), (75, ""), "{second}");
    let since = format!("another pass over termine.db is running: process {process} since ");
    let (_, since) = second.stderr.split_once(&since).unwrap_or_else(|| panic!("{second}"));
    // By the computer's clock, and not the instant of the pass, which was given.
    let since: SystemTime = DateTime::parse_from_str(&since[..26], "%Y-%m-%d %H:%M:%S %:z").unwrap().into();
    let taken = house.practice.path("termine.db.lock").metadata().unwrap().modified().unwrap();
    assert!(since <= taken && taken < since + Duration::from_secs(60), "{second}");
    first.trap.open();
    let first = first.finish();
    house.come_to_rest();
    assert_eq!(first.status, 0, "{first}");
    assert_eq!(Balance::of(&house, 0), Balance::default());
}

#[test]
fn the_lock_of_a_killed_pass_blocks_nobody() {
    let house = House::new(&full_practice(), SETUP);
    let first = house.start(EVENING, Spring::Hold(Point::Connected), true);
    first.trap.wait_until_held(4);
    assert!(house.practice.path("termine.db.lock").exists());
    drop(first);
    let second = house.quiet_pass(LATER);
    assert_eq!(second.status, 1, "four mails and four SMS were under way: {second}");
    assert!(Balance::of(&house, 4).problems.is_empty());
}

/// Whoever removes the lock of a running pass lets a second one run beside it.
fn without_the_lock(customers: usize, point: Point, setup: Setup) {
    let house = House::new(&practice_of(customers), setup);
    let first = house.start(EVENING, Spring::Hold(point), true);
    first.trap.wait_until_held(setup.connections);
    std::fs::remove_file(house.practice.path("termine.db.lock")).unwrap();
    let second = house.start(LATER, Spring::Never, true).finish();
    first.trap.open();
    let first = first.finish();
    house.come_to_rest();
    assert!(!house.has_log(), "{point:?}: the last of both has left a log behind");
    assert_eq!((first.status, second.status), (0, 0), "{point:?}: {first}\n{second}");
    assert_eq!(Balance::of(&house, 0), Balance::default(), "{point:?}");
    let withdrawn = house.practice.query("SELECT DISTINCT error FROM message WHERE state = 'withdrawn'");
    assert!(
        withdrawn.lines().all(|error| error.ends_with("has been sent to the customer in the meantime")),
        "{withdrawn}"
    );
    let last = house.quiet_pass(LATER_STILL);
    assert_eq!((last.status, house.mail.taken().len() + house.texts.taken().len()), (0, customers), "{last}");
}

#[test]
fn without_the_lock_two_passes_at_once_still_send_everything_exactly_once() {
    for (connections, can_be_asked) in [(1, true), (4, false)] {
        for point in [Point::Mail, Point::FinalDot, Point::Headers, Point::Body] {
            without_the_lock(CUSTOMERS, point, Setup { connections, can_be_asked });
        }
    }
}

#[test]
fn without_the_lock_two_large_passes_at_once_share_their_log() {
    for point in [Point::FinalDot, Point::Body] {
        without_the_lock(MANY_CUSTOMERS, point, Setup { connections: 4, can_be_asked: false });
    }
}
