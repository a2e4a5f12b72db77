//! What a pass asks the database: by index, and no more for a chain that has years behind it.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc;
use std::time::Duration;

use insta::assert_snapshot;
use rusqlite::Connection;
use terminbote::clock::Clock;
use terminbote::host::Host;
use terminbote::pass::{Dispatch, Pass, PassIdentity, Sending, Showing};
use terminbote::report::json::JsonPrinter;
use terminbote::report::words::Lang;
use terminbote::store::{Ran, Store};
use terminbote::zone::{Zone, parse_time};

use crate::practice::{EVENING, Practice};

/// Which pass is looked at.
#[derive(Clone, Copy, PartialEq)]
enum How {
    Dry,
    Real,
}

/// Every statement of a pass, in order.
fn statements(practice: &Practice, at: &str, how: How) -> Vec<Ran> {
    let path = practice.path("termine.db");
    let mut store = if how == How::Real { Store::open(&path) } else { Store::open_read_only(&path) }.unwrap();
    let (observer, ran) = mpsc::channel();
    store.observe(move |ran| observer.send(ran).unwrap()).unwrap();
    let at = parse_time(at, Zone::default()).unwrap();
    let pass = |dispatch: &mut dyn Dispatch, clock: &Clock| {
        let surroundings = Host::new(store.folder());
        let pass = Pass { store: &store, clock, workstation: "server", surroundings: &surroundings, limit: None };
        pass.run(dispatch, &mut JsonPrinter::new(io::sink(), Lang::En)).unwrap();
    };
    let clock = Arc::new(Clock::new(at, || Duration::ZERO));
    if how == How::Real {
        let signal = AtomicBool::new(false);
        let identity = PassIdentity { path: &path, host: "server", process: None, version: "0", zone: Zone::default() };
        pass(&mut Sending::new(&store, Arc::clone(&clock), &signal, identity, true), &clock);
    } else {
        pass(&mut Showing, &clock);
    }
    drop(store);
    ran.into_iter().collect()
}

/// The words of a statement, one blank between two of them, without comments.
fn words(sql: &str) -> String {
    let lines = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// How `SQLite` goes about a statement, one step a line.
fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = statement.raw_query().mapped(|row| row.get::<_, String>("detail")).collect::<Result<Vec<_>, _>>();
    steps.unwrap().into_iter().map(|step| ["    ", &step, "\n"].concat()).collect()
}

/// A practice in which a pass comes by every kind of row.
fn lively() -> Practice {
    let practice = Practice::ready();
    practice.customer(8, "Jonas", "jonas@example.de").customer(9, "Ayşe", "ayse@example.de").customer(
        10,
        "Piotr",
        "piotr@example.de",
    );
    practice
        .appointment(1, "2026-03-11 10:00")
        .appointment_of(8, 2, "2026-03-11 11:00")
        .appointment_of(9, 3, "2026-03-11 12:00")
        .appointment_of(9, 4, "2026-04-11 12:00")
        .appointment_of(10, 5, "2026-05-11 12:00")
        .appointment(6, "2026-03-11 13:00")
        .sql("UPDATE appointment SET customer_id = NULL WHERE id = 6")
        .sql(
            "INSERT INTO pass (id, at, host, version) VALUES (1, '2026-03-10T10:00:00Z', 'server', '0');
             INSERT INTO message (id, kind, customer_id, channel, address, state, sent_at, pass_id) VALUES
             (1, 'confirmation', 7, 'email', 'renate@example.de', 'sent', '2026-03-01T10:00:00Z', 1),
             (2, 'reminder', 8, 'email', 'jonas@example.de', 'uncertain', '2026-03-10T10:00:00Z', 1),
             (3, 'confirmation', 9, 'email', 'ayse@example.de', 'deferred', '2026-03-10T10:00:00Z', 1),
             (4, 'reminder', 9, 'email', 'ayse@example.de', 'sending', '2026-03-09T10:00:00Z', 1),
             (5, 'manual', 10, 'phone', '', 'sent', '2026-03-20T10:00:00Z', NULL);
             INSERT INTO message_appointment (message_id, appointment_id, appointment_start, sequence) VALUES
             (1, 1, '2026-03-11 10:00', 0), (2, 2, '2026-03-11 11:00', 0), (3, 4, '2026-04-11 12:00', 0),
             (4, 99, '2026-03-10 12:00', 0), (5, 5, NULL, NULL);",
        );
    practice
}

#[test]
#[expect(clippy::too_many_lines, reason = "it shows every statement")]
fn every_statement_of_a_pass_goes_by_an_index() {
    let practice = lively();
    let connection = practice.connection();
    let mut plans: BTreeMap<String, String> = BTreeMap::new();
    let all_days = "2026-01-01";
    for (untold_since, how) in [("2026-12-01", How::Dry), (all_days, How::Dry), (all_days, How::Real)] {
        practice.sql(&format!("UPDATE untold_since SET start = '{untold_since}'"));
        for ran in statements(&practice, EVENING, how) {
            let sql = words(&ran.sql);
            let is_a_query = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].iter().any(|word| sql.starts_with(word));
            if is_a_query && !plans.contains_key(&sql) {
                let plan = plan(&connection, &ran.sql);
                plans.insert(sql, plan);
            }
        }
    }
    // Indexes that hold nothing but what a pass is looking for.
    let small = ["appointment_without_time", "message_unfinished", "message_task", "message_by_hand"];
    for (sql, plan) in &plans {
        for step in plan.lines().map(str::trim) {
            let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split_whitespace().next());
            let is_large = |table: &str| {
                [
                    "appointment",
                    "customer",
                    "customer_phone",
                    "message",
                    "message_appointment",
                    "covered",
                    "untold",
                    "pass",
                ]
                .contains(&table)
            };
            let is_small = small.iter().any(|index| step.ends_with(&format!("INDEX {index}")));
            assert!(!scanned.is_some_and(is_large) || is_small, "{step}: {sql}");
            assert!(!step.contains("TEMP B-TREE"), "{step}: {sql}");
        }
    }
    let all: String = plans.iter().map(|(sql, plan)| [sql, "\n", plan].concat()).collect();
    assert_snapshot!(all, @"
    DELETE FROM message_appointment WHERE message_id = ?1
        SEARCH message_appointment USING PRIMARY KEY (message_id=?)
    DELETE FROM pass_warning
    INSERT INTO change (at, table_name, row_id, row_part, what) SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 'message_appointment', message_id, appointment_id, 'insert' FROM message_appointment WHERE message_id = ?1
        SEARCH message_appointment USING PRIMARY KEY (message_id=?)
    INSERT INTO message (id, kind, customer_id, channel, address, subject, body, state, sent_at, error, pass_id, interface_id, language, calendar, claimed_at, follows) VALUES (:id, :kind, :customer_id, :channel, :address, :subject, :body, :state, :sent_at, :error, :pass_id, :interface_id, :language, :calendar, :claimed_at, :follows)
    INSERT INTO message_appointment (message_id, appointment_id, appointment_start, sequence, kind, customer_id, counts) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    INSERT INTO pass (at, host, process, version, chain_change, secrets_missing, reminder_until, look_ahead, confirmation_from, confirmation_to, settings, message_limit) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) RETURNING id
    INSERT INTO pass_warning (pass_id, place, code, needs_person, interface_id, text_de, text_en) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    SELECT 1 FROM untold_since WHERE start <= ?1
        SCAN untold_since
    SELECT NOT EXISTS ( SELECT 1 FROM main.change WHERE seq > ?1 AND CASE table_name WHEN 'message' THEN json_extract(old, '$.state') IS NOT 'deferred' WHEN 'message_appointment' THEN coalesce(json_extract(old, '$.counts'), 0) = 1 OR NOT EXISTS (SELECT 1 FROM main.message WHERE id = row_id AND pass_id = ?2 AND kind <> 'manual') ELSE 1 END )
        SCAN CONSTANT ROW
        SCALAR SUBQUERY 2
        SEARCH main.change USING INTEGER PRIMARY KEY (rowid>?)
        CORRELATED SCALAR SUBQUERY 1
        SEARCH main.message USING INTEGER PRIMARY KEY (rowid=?)
    SELECT appointment.start, appointment.id, appointment.customer_id FROM appointment WHERE appointment.start >= :from AND appointment.start < :until AND appointment.customer_id IS NOT NULL AND appointment.status NOT IN ('cancelled', 'no_show') AND appointment.is_group <> 1 AND NOT EXISTS ( SELECT 1 FROM message_appointment AS covered CROSS JOIN message ON message.id = covered.message_id WHERE covered.appointment_id = appointment.id AND covered.appointment_start = appointment.start AND message.customer_id = appointment.customer_id AND message.state IN ('sending', 'sent', 'handed_over', 'uncertain') AND (message.kind <> 'manual' OR message.sent_at <= :now) AND NOT EXISTS ( SELECT 1 FROM message_appointment AS other CROSS JOIN message AS newer ON newer.id = other.message_id WHERE other.appointment_id = appointment.id AND other.appointment_start <> appointment.start AND newer.customer_id = appointment.customer_id AND newer.state IN ('sending', 'sent', 'handed_over', 'uncertain') AND (newer.kind <> 'manual' OR newer.sent_at <= :now) AND ((newer.sent_at, newer.id) > (message.sent_at, message.id) OR newer.pass_id > message.pass_id) ) ) ORDER BY appointment.start, appointment.id
        SEARCH appointment USING INDEX appointment_by_start (start>? AND start<?)
        CORRELATED SCALAR SUBQUERY 2
        SEARCH covered USING INDEX message_appointment_told_once (appointment_id=?)
        SEARCH message USING INTEGER PRIMARY KEY (rowid=?)
        CORRELATED SCALAR SUBQUERY 1
        SEARCH other USING INDEX message_appointment_told_once (appointment_id=?)
        SEARCH newer USING INTEGER PRIMARY KEY (rowid=?)
    SELECT appointment.start, appointment.id, appointment.customer_id FROM message CROSS JOIN message_appointment AS covered ON covered.message_id = message.id CROSS JOIN appointment ON appointment.id = covered.appointment_id WHERE message.kind = 'manual' AND message.sent_at > :now AND appointment.start >= :from AND appointment.start < :until AND appointment.customer_id IS NOT NULL
        SEARCH message USING COVERING INDEX message_by_hand (sent_at>?)
        SEARCH covered USING PRIMARY KEY (message_id=?)
        SEARCH appointment USING INTEGER PRIMARY KEY (rowid=?)
    SELECT appointment_id, appointment_start, sequence FROM message_appointment WHERE message_id = ?1 ORDER BY appointment_id
        SEARCH message_appointment USING PRIMARY KEY (message_id=?)
    SELECT coalesce(max(id), ?1), coalesce(max(pass_id IS NOT ?2), 0) FROM main.message WHERE id > ?1
        SEARCH main.message USING INTEGER PRIMARY KEY (rowid>?)
    SELECT coalesce(max(seq), 0) FROM change
        SEARCH change
    SELECT coalesce(max(seq), 0) FROM main.change
        SEARCH main.change
    SELECT contact_template_id, channel, document_template FROM contact_template_channel WHERE contact_template_id = ?1 ORDER BY position
        SEARCH contact_template_channel USING PRIMARY KEY (contact_template_id=?)
    SELECT id FROM contact_template WHERE name = ?1
        SEARCH contact_template USING COVERING INDEX sqlite_autoindex_contact_template_1 (name=?)
    SELECT id FROM message WHERE customer_id = ?1 AND sent_at >= ?2
        SEARCH message USING COVERING INDEX message_by_customer (customer_id=? AND sent_at>?)
    SELECT id, at, finished_at, result, exit_status, failed, uncertain, deferred, over_limit, host, process FROM pass WHERE at <= ?1 AND result IN ('complete') ORDER BY at DESC, id DESC LIMIT 1
        SEARCH pass USING INDEX pass_by_instant (at<?)
    SELECT id, code, name, street, postcode, city, phone, email FROM branch ORDER BY id
        SCAN branch
    SELECT id, kind, branch_id, workstation, server_side, start_date, settings FROM interface ORDER BY id
        SCAN interface
    SELECT id, name, auto_notify FROM appointment_type ORDER BY id
        SCAN appointment_type
    SELECT id, name, language, format, subject, body FROM document_template ORDER BY id
        SCAN document_template
    SELECT id, start, branch_id, customer_id, type_id, status, is_group, starts_at, ends_at, customer_starts_at FROM appointment WHERE customer_id = ?1 AND start >= ?2 AND start < ?3
        SEARCH appointment USING INDEX appointment_by_customer (customer_id=? AND start>? AND start<?)
    SELECT id, start, branch_id, customer_id, type_id, status, is_group, starts_at, ends_at, customer_starts_at FROM appointment WHERE id = ?1
        SEARCH appointment USING INTEGER PRIMARY KEY (rowid=?)
    SELECT id, starts_at, customer_starts_at FROM appointment WHERE strftime('%Y-%m-%d %H:%M', start) IS NOT start ORDER BY id
        SCAN appointment USING INDEX appointment_without_time
    SELECT identity FROM chain WHERE id = 1
        SEARCH chain USING INTEGER PRIMARY KEY (rowid=?)
    SELECT iif(host = ?2, process, NULL), ( SELECT count(*) FROM message WHERE pass_id = pass.id AND state = 'uncertain' AND kind <> 'manual' ) FROM pass WHERE id < ?1 AND id > (SELECT coalesce(max(id), 0) FROM pass WHERE result = 'complete')
        SEARCH pass USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)
        SCALAR SUBQUERY 2
        SEARCH pass
        CORRELATED SCALAR SUBQUERY 1
        SEARCH message USING INDEX message_by_pass (pass_id=?)
    SELECT kind, channel, address, state, sent_at, pass_id FROM message WHERE id = ?1 AND customer_id = ?2
        SEARCH message USING INTEGER PRIMARY KEY (rowid=?)
    SELECT message.id, message.kind, message.customer_id, message.interface_id, message.address, message.subject, message.body, message.language, message.calendar, message.sent_at, message.claimed_at, message.repeats, pass.process FROM message LEFT JOIN pass ON pass.id = message.pass_id AND pass.host = :host AND message.state = 'sending' WHERE message.state IN ('uncertain', CASE WHEN NOT :as_marked THEN 'sending' END) AND (message.state = 'sending' OR message.state = 'uncertain' OR message.state = 'deferred') AND message.channel = :channel AND message.kind <> 'manual' AND (message.repeats = 0 OR message.channel = 'sms' AND message.pass_id IS NOT NULL) AND message.id NOT IN (SELECT id FROM message_not_begun)
        SEARCH message USING INDEX message_unfinished (state=?)
        LIST SUBQUERY 1
        SEARCH message USING INDEX message_unfinished (state=?)
        SEARCH before USING INTEGER PRIMARY KEY (rowid=?)
        CREATE BLOOM FILTER
        SEARCH pass USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN
    SELECT message.pass_id, pass.process FROM message LEFT JOIN pass ON pass.id = message.pass_id AND pass.host = ?1 WHERE message.state = 'sending' AND message.kind <> 'manual'
        SEARCH message USING INDEX message_unfinished (state=?)
        SEARCH pass USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN
    SELECT message_id FROM message_appointment WHERE appointment_id = ?1
        SEARCH message_appointment USING COVERING INDEX message_appointment_told_once (appointment_id=?)
    SELECT message_id, EXISTS (SELECT 1 FROM message WHERE id = message_id) FROM message_appointment WHERE appointment_id = ?1 AND CASE WHEN counts = 1 AND kind <> 'manual' THEN sequence END = ?4 AND customer_id = ?2 AND kind = ?3
        SEARCH message_appointment USING COVERING INDEX message_appointment_told_once (appointment_id=? AND <expr>=? AND customer_id=? AND kind=?)
        CORRELATED SCALAR SUBQUERY 1
        SEARCH message USING INTEGER PRIMARY KEY (rowid=?)
    SELECT message_not_begun.id, pass.process FROM message_not_begun LEFT JOIN pass ON pass.id = message_not_begun.pass_id AND pass.host = ?1
        SEARCH message USING INDEX message_unfinished (state=?)
        SEARCH before USING INTEGER PRIMARY KEY (rowid=?)
        SEARCH pass USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN
    SELECT min(id), pass_id FROM message WHERE state = 'deferred' AND customer_id = ?1 AND kind = ?2
        SEARCH message USING INDEX message_unfinished (state=? AND customer_id=?)
    SELECT position, number, sms_allowed FROM customer_phone WHERE customer_id = ?1 ORDER BY position
        SEARCH customer_phone USING PRIMARY KEY (customer_id=?)
    SELECT salutation, first_name, last_name, language, preferred_contact, deceased, email, street, postcode, city FROM customer WHERE id = ?1
        SEARCH customer USING INTEGER PRIMARY KEY (rowid=?)
    SELECT start FROM appointment WHERE id = ?1
        SEARCH appointment USING INTEGER PRIMARY KEY (rowid=?)
    SELECT start, appointment_id AS id, customer_id FROM untold WHERE start >= :from AND start < :until AND ( type_id IS NULL OR type_id NOT IN (SELECT value FROM json_each(:types_left_out)) AND branch_id NOT IN (SELECT value FROM json_each(:branches_left_out)) ) ORDER BY start, appointment_id
        SEARCH untold USING PRIMARY KEY (start>? AND start<?)
        LIST SUBQUERY 1
        SCAN json_each VIRTUAL TABLE INDEX 1:
        CREATE BLOOM FILTER
        LIST SUBQUERY 2
        SCAN json_each VIRTUAL TABLE INDEX 1:
        CREATE BLOOM FILTER
    SELECT start, id, customer_id FROM appointment WHERE start >= ?1 AND start <= ?2 ORDER BY start, id
        SEARCH appointment USING INDEX appointment_by_start (start>? AND start<?)
    UPDATE change SET at = ?1 WHERE seq > ?2
        SEARCH change USING INTEGER PRIMARY KEY (rowid>?)
    UPDATE message SET follows = NULL WHERE state = 'sending' AND follows = ?1
        SEARCH message USING INDEX message_unfinished (state=?)
    UPDATE message SET kind = :kind, customer_id = :customer_id, channel = :channel, address = :address, subject = :subject, body = :body, state = :state, sent_at = :sent_at, error = :error, pass_id = :pass_id, interface_id = :interface_id, language = :language, calendar = :calendar, claimed_at = :claimed_at, follows = :follows, settled_at = NULL, reply = NULL, repeats = CASE WHEN channel = 'sms' AND :channel = 'sms' THEN repeats ELSE 0 END, reference = NULL, server_reference = NULL WHERE id = :id
        SEARCH message USING INTEGER PRIMARY KEY (rowid=?)
    UPDATE message SET state = 'deferred', error = ?2 WHERE id IN (SELECT id FROM message_not_begun WHERE +pass_id IS ?1)
        SEARCH message USING INTEGER PRIMARY KEY (rowid=?)
        LIST SUBQUERY 1
        SEARCH message USING INDEX message_unfinished (state=?)
        SEARCH before USING INTEGER PRIMARY KEY (rowid=?)
    UPDATE message SET state = 'sending', repeats = repeats + 1, pass_id = ?2, claimed_at = ?3, follows = NULL WHERE id = ?1 AND state = 'uncertain' AND repeats = 0
        SEARCH message USING INTEGER PRIMARY KEY (rowid=?)
    UPDATE message SET state = 'uncertain', error = ?2 WHERE state = 'sending' AND kind <> 'manual' AND +pass_id IS ?1
        SEARCH message USING INDEX message_unfinished (state=?)
    UPDATE message SET state = 'withdrawn', error = ?2 WHERE state = 'deferred' AND pass_id IS NOT ?1 AND (settled_at IS NULL OR settled_at <= (SELECT at FROM pass WHERE id = ?1))
        SEARCH message USING INDEX message_unfinished (state=?)
        SCALAR SUBQUERY 1
        SEARCH pass USING INTEGER PRIMARY KEY (rowid=?)
    UPDATE message SET state = 'withdrawn', error = ?3 || coalesce(error, '') WHERE state = 'deferred' AND pass_id IS NOT ?1 AND EXISTS ( SELECT 1 FROM message_appointment AS covered CROSS JOIN appointment ON appointment.id = covered.appointment_id CROSS JOIN customer ON customer.id = appointment.customer_id WHERE covered.message_id = message.id AND appointment.start = covered.appointment_start AND appointment.start <= ?2 AND appointment.customer_id = message.customer_id AND appointment.status <> 'cancelled' AND customer.deceased <> 1 AND customer.preferred_contact IS NOT 'none' )
        SEARCH message USING INDEX message_unfinished (state=?)
        CORRELATED SCALAR SUBQUERY 1
        SEARCH covered USING PRIMARY KEY (message_id=?)
        SEARCH appointment USING INTEGER PRIMARY KEY (rowid=?)
        SEARCH customer USING INTEGER PRIMARY KEY (rowid=?)
    UPDATE message SET state = ?2, error = ?3, reply = ?4, reference = ?5, server_reference = ?6, settled_at = ?7 WHERE id = ?1 AND state = ?8 AND (?9 IS NULL OR pass_id = ?9)
        SEARCH message USING INTEGER PRIMARY KEY (rowid=?)
    UPDATE pass SET finished_at = ?2, result = ?3, exit_status = ?4, messages = ?5, sent = ?6, handed_over = ?7, failed = ?8, uncertain = ?9, deferred = ?10, withdrawn = ?11, skipped = ?12, warnings = ?13, took_ms = ?14, skipped_by_reason = ?15, over_limit = ?16 WHERE id = ?1
        SEARCH pass USING INTEGER PRIMARY KEY (rowid=?)
    UPDATE pass SET last_change = (SELECT coalesce(max(seq), 0) FROM change), last_message = (SELECT coalesce(max(id), 0) FROM message), in_flight = ( SELECT json_group_array(id) FROM message WHERE state = 'sending' ) WHERE id = ?1 RETURNING coalesce(chain_change, 0), last_change, last_message, in_flight
        SEARCH pass USING INTEGER PRIMARY KEY (rowid=?)
        SCALAR SUBQUERY 1
        SEARCH change
        SCALAR SUBQUERY 2
        SEARCH message
        SCALAR SUBQUERY 3
        SEARCH message USING COVERING INDEX message_unfinished (state=?)
    UPDATE untold_since SET start = ?1 WHERE start < ?1
        SCAN untold_since
    ");
}

/// A chain whose windows hold the same whatever lies behind it: `years` of appointments of a hundred
/// customers, each confirmed and reminded of.
fn chain(years: u32) -> Practice {
    let practice = Practice::ready();
    practice.sql(&format!(
        "WITH RECURSIVE number (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM number WHERE n < 100)
         INSERT INTO customer (id, first_name, email)
         SELECT 100 + n, 'Renate', iif(n % 10 < 6, 'kundin' || n || '@example.de', NULL) FROM number;
         -- Behind.
         WITH RECURSIVE number (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM number WHERE n < 1000 * {years})
         INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
         SELECT 1000 + n, 1, 101 + n % 100, 1, strftime('%Y-%m-%d %H:%M', '2026-03-01', (-8 * n) || ' hours'),
             strftime('%Y-%m-%d %H:%M', '2026-03-01', (-8 * n) || ' hours', '30 minutes') FROM number;
         -- Ahead: two hundred, of which a few have just been booked.
         WITH RECURSIVE number (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM number WHERE n < 200)
         INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
         SELECT n, 1, 101 + n % 100, 1, strftime('%Y-%m-%d %H:%M', '2026-03-11', (5 * n) || ' hours'),
             strftime('%Y-%m-%d %H:%M', '2026-03-11', (5 * n) || ' hours', '30 minutes') FROM number;
         INSERT INTO message (id, kind, customer_id, channel, address, state, sent_at)
         SELECT 2 * id, 'confirmation', customer_id, 'email', 'kundin@example.de', 'sent', '2026-01-02T10:00:00Z'
         FROM appointment WHERE id % 40 <> 0;
         INSERT INTO message (id, kind, customer_id, channel, address, state, sent_at)
         SELECT 2 * id + 1, 'reminder', customer_id, 'email', 'kundin@example.de', 'sent', '2026-01-03T10:00:00Z'
         FROM appointment WHERE id > 200;
         INSERT INTO message_appointment (message_id, appointment_id) SELECT id, id / 2 FROM message;"
    ));
    practice
}

fn vm_steps(practice: &Practice, at: &str, how: How) -> u64 {
    statements(practice, at, how).iter().map(|ran| u64::from(ran.vm_steps)).sum()
}

#[test]
fn a_pass_costs_no_more_after_ten_years_than_after_one() {
    let (one, ten) = (chain(1), chain(10));
    for (at, how) in
        [(EVENING, How::Dry), ("2026-03-10T22:00", How::Dry), ("2026-04-01T09:00", How::Dry), (EVENING, How::Real)]
    {
        let [one, ten] = [&one, &ten].map(|practice| vm_steps(practice, at, how));
        assert!(ten * 100 <= one * 102, "{at}: {one} steps after one year, {ten} after ten");
    }
}

#[test]
fn what_has_been_confirmed_is_not_looked_at() {
    let practice = chain(1);
    practice.sql("UPDATE interface SET settings = json_remove(settings, '$.reminder') WHERE id = 1");
    let before = vm_steps(&practice, EVENING, How::Dry);
    // A hundred more that are confirmed, and a hundred that nobody can be written to about.
    practice.sql(
        "INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
         SELECT id + 300, 1, iif(id > 100, 102, 106), 1, starts_at, ends_at FROM appointment WHERE id <= 200;
         INSERT INTO message (id, kind, customer_id, channel, address, state, sent_at)
         VALUES (900, 'confirmation', 102, 'email', 'kundin@example.de', 'sent', '2026-01-02T10:00:00Z');
         INSERT INTO message_appointment (message_id, appointment_id)
         SELECT 900, id FROM appointment WHERE id > 400 AND id <= 500;",
    );
    assert_eq!(vm_steps(&practice, EVENING, How::Dry), before);
}

#[test]
fn nothing_is_read_in_quiet_time() {
    let practice = chain(1);
    let all: Vec<String> =
        statements(&practice, "2026-03-10T22:00", How::Dry).iter().map(|ran| words(&ran.sql)).collect();
    assert_snapshot!(all.join("\n"), @"
    BEGIN
    SELECT coalesce(max(seq), 0) FROM main.change
    SELECT id, kind, branch_id, workstation, server_side, start_date, settings FROM interface ORDER BY id
    SELECT id, kind, branch_id, workstation, server_side, start_date, settings FROM interface ORDER BY id
    COMMIT
    ");
}
