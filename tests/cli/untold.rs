//! The table `untold`: whatever is written into the database by whomever, it holds every appointment
//! that may have to be confirmed.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use proptest::prelude::*;
use proptest::sample::select;
use rusqlite::Connection;
use terminbote::host::Host;
use terminbote::pass::{Phase, Service, Setup, find_service};
use terminbote::rules::quiet::QuietTime;
use terminbote::rules::window::ConfirmationWindow;
use terminbote::store::{InReach, Store};

use crate::practice::{EVENING, Practice};

const CUSTOMERS: i64 = 3;

fn appointment() -> impl Strategy<Value = i64> {
    1..=4_i64
}

fn customer() -> impl Strategy<Value = String> {
    select(vec!["1", "2", "3", "4", "NULL"]).prop_map(str::to_owned)
}

fn message() -> impl Strategy<Value = i64> {
    1..=4_i64
}

fn start() -> impl Strategy<Value = &'static str> {
    select(vec!["'2026-02-20 08:00'", "'2026-03-12 10:00'", "'2026-03-12 11:00'", "'2026-06-30 09:00'"])
}

fn state() -> impl Strategy<Value = &'static str> {
    select(vec!["sending", "sent", "handed_over", "uncertain", "failed", "deferred", "withdrawn"])
}

fn instant() -> impl Strategy<Value = &'static str> {
    select(vec!["2026-03-01T10:00:00Z", "2026-03-09T10:00:00Z", "2026-03-11T10:00:00Z"])
}

fn kind() -> impl Strategy<Value = &'static str> {
    select(vec!["confirmation", "reminder", "manual"])
}

fn or() -> impl Strategy<Value = &'static str> {
    select(vec!["", "OR REPLACE", "OR IGNORE", "OR FAIL"])
}

/// One write, as any program might make it.
fn write() -> impl Strategy<Value = String> {
    let flag = || select(vec!["0", "1"]);
    let status = || select(vec!["booked", "cancelled", "no_show", "arrived"]);
    let email = || select(vec!["NULL", "''", "' '", "'kundin@example.de'", "'nowhere'"]);
    let preferred = || select(vec!["NULL", "'none'", "'sms'"]);
    let optional_start = || prop_oneof![Just("NULL"), start()];
    let changed_appointment = prop_oneof![
        appointment().prop_map(|id| format!("id = {id}")),
        customer().prop_map(|id| format!("customer_id = {id}")),
        select(vec!["branch_id = 2", "branch_id = 1", "type_id = 2", "type_id = 1", "note = 'x'"])
            .prop_map(str::to_owned),
        status().prop_map(|status| format!("status = '{status}'")),
        flag().prop_map(|flag| format!("is_group = {flag}")),
        start().prop_map(|start| format!("starts_at = {start}, ends_at = '2026-06-30 12:00'")),
        start().prop_map(|start| format!("ends_at = {start}")),
        optional_start().prop_map(|start| format!("customer_starts_at = {start}")),
    ];
    let changed_message = prop_oneof![
        message().prop_map(|id| format!("id = {id}")),
        state().prop_map(|state| format!("state = '{state}'")),
        instant().prop_map(|at| format!("sent_at = '{at}'")),
        (1..=CUSTOMERS).prop_map(|id| format!("customer_id = {id}")),
        kind().prop_map(|kind| format!("kind = '{kind}'")),
    ];
    let changed_customer = prop_oneof![
        (1..=CUSTOMERS).prop_map(|id| format!("id = {id}")),
        email().prop_map(|email| format!("email = {email}")),
        preferred().prop_map(|preferred| format!("preferred_contact = {preferred}")),
        flag().prop_map(|flag| format!("deceased = {flag}")),
    ];
    let changed_cover = prop_oneof![
        message().prop_map(|id| format!("message_id = {id}")),
        appointment().prop_map(|id| format!("appointment_id = {id}")),
        optional_start().prop_map(|start| format!("appointment_start = {start}")),
        flag().prop_map(|flag| format!("counts = {flag}")),
        (1..=CUSTOMERS).prop_map(|id| format!("customer_id = {id}")),
    ];
    prop_oneof![
        4 => (or(), appointment(), customer(), status(), start(), optional_start()).prop_map(
            |(or, id, customer, status, start, told)| format!(
                "INSERT {or} INTO appointment (id, branch_id, customer_id, type_id, status, starts_at, ends_at, customer_starts_at)
                 VALUES ({id}, 1, {customer}, 1, '{status}', {start}, '2026-06-30 12:00', {told})"
            )
        ),
        4 => (or(), changed_appointment, appointment())
            .prop_map(|(or, set, id)| format!("UPDATE {or} appointment SET {set} WHERE id = {id}")),
        1 => appointment().prop_map(|id| format!("DELETE FROM appointment WHERE id = {id}")),
        2 => (or(), 1..=CUSTOMERS, email(), preferred()).prop_map(|(or, id, email, preferred)| format!(
            "INSERT {or} INTO customer (id, email, preferred_contact) VALUES ({id}, {email}, {preferred})"
        )),
        2 => (or(), changed_customer, 1..=CUSTOMERS)
            .prop_map(|(or, set, id)| format!("UPDATE {or} customer SET {set} WHERE id = {id}")),
        1 => (1..=CUSTOMERS).prop_map(|id| format!("DELETE FROM customer WHERE id = {id}")),
        4 => (or(), message(), kind(), 1..=CUSTOMERS, state(), instant()).prop_map(
            |(or, id, kind, customer, state, at)| format!(
                "INSERT {or} INTO message (id, kind, customer_id, channel, state, sent_at)
                 VALUES ({id}, '{kind}', {customer}, 'email', '{state}', '{at}')"
            )
        ),
        3 => (or(), changed_message, message())
            .prop_map(|(or, set, id)| format!("UPDATE {or} message SET {set} WHERE id = {id}")),
        1 => message().prop_map(|id| format!("DELETE FROM message WHERE id = {id}")),
        6 => (or(), message(), appointment()).prop_map(|(or, message, appointment)| format!(
            "INSERT {or} INTO message_appointment (message_id, appointment_id) VALUES ({message}, {appointment})"
        )),
        3 => (or(), message(), appointment(), start(), kind(), flag()).prop_map(
            |(or, message, appointment, start, kind, counts)| format!(
                "INSERT {or} INTO message_appointment
                     (message_id, appointment_id, appointment_start, sequence, kind, customer_id, counts)
                 VALUES ({message}, {appointment}, {start}, 0, '{kind}', 1, {counts})"
            )
        ),
        2 => (or(), changed_cover, message())
            .prop_map(|(or, set, id)| format!("UPDATE {or} message_appointment SET {set} WHERE message_id = {id}")),
        1 => appointment().prop_map(|id| format!("DELETE FROM message_appointment WHERE appointment_id = {id}")),
        1 => select(vec!["2026-01-01", "2026-03-10", "2026-03-12"])
            .prop_map(|day| format!("UPDATE untold_since SET start = '{day}'")),
    ]
}

/// The practice with three customers, before anything has been said.
fn practice() -> Practice {
    let practice = Practice::ready();
    practice.sql(
        "INSERT INTO branch (id, code, name) VALUES (2, 'B', 'Optik Muster Bremen');
         DELETE FROM customer;
         INSERT INTO customer (id, first_name, email) VALUES
         (1, 'Renate', 'renate@example.de'), (2, 'Jonas', 'jonas@example.de'), (3, 'Ayşe', NULL);
         INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at) VALUES
         (1, 1, 1, 1, '2026-03-12 10:00', '2026-03-12 10:30'), (2, 1, 2, 1, '2026-03-12 11:00', '2026-03-12 11:30')",
    );
    practice
}

/// What the triggers have kept, and what the present rows say.
fn kept_and_present(connection: &Connection) -> [Vec<String>; 2] {
    ["untold", "untold_now"].map(|name| {
        let sql = format!(
            "SELECT concat_ws('|', appointment_id, start, customer_id, branch_id, type_id) FROM {name} ORDER BY 1"
        );
        let mut statement = connection.prepare(&sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    })
}

/// The customers of whom the rules confirm something, each looked at, and those who are looked at in a
/// pass.
fn confirmed_and_looked_at(practice: &Practice, at: DateTime<Utc>) -> [BTreeSet<i64>; 2] {
    let store = Store::open_read_only(&practice.path("termine.db")).unwrap();
    let interfaces = store.interfaces().unwrap();
    let Service::Active(settings, _) = find_service(&interfaces, at, "server").unwrap() else {
        panic!("the service is not active")
    };
    let quiet = QuietTime::new(settings.night_rest, settings.zone).unwrap();
    let surroundings = Host::new(store.folder());
    let setup = Setup::load(&store, &interfaces, *settings, quiet, at, "server", &surroundings).unwrap();
    let settings = setup.chain.settings.confirmation.clone().unwrap();
    let window = ConfirmationWindow::new(setup.chain.settings.zone.date(at));
    let phase = Phase::Confirmations(&settings, window, BTreeSet::new());
    let loader = phase.loader(&setup.chain, at);
    let is_confirmed = |customer: &i64| {
        let of = InReach { start: NaiveDateTime::MIN, appointment_id: 0, customer_id: Some(*customer) };
        phase.decide(&setup.chain, at, &store.case(&loader, &of).unwrap()).message.is_some()
    };
    let looked_at = phase.in_reach(&store, &setup.chain, at).unwrap();
    [(1..=CUSTOMERS).filter(is_confirmed).collect(), looked_at.iter().filter_map(|of| of.customer_id).collect()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_written_all_that_may_be_confirmed_is_kept(
        writes in prop::collection::vec(write(), 1..40),
        foreign_keys in any::<bool>(),
        recursive_triggers in any::<bool>(),
    ) {
        let practice = practice();
        let connection = practice.connection();
        connection.pragma_update(None, "synchronous", "OFF").unwrap();
        connection.pragma_update(None, "foreign_keys", foreign_keys).unwrap();
        connection.pragma_update(None, "recursive_triggers", recursive_triggers).unwrap();
        for sql in &writes {
            // What the tables refuse changes nothing.
            drop(connection.execute_batch(sql));
            let [kept, present] = kept_and_present(&connection);
            prop_assert_eq!(kept, present, "after {}", sql);
        }
        connection.execute_batch("UPDATE untold_since SET start = '2026-03-09'").unwrap();
        let at: DateTime<Utc> = "2026-03-10T11:00:00Z".parse().unwrap();
        for days in [0, 1, -30] {
            let [confirmed, looked_at] = confirmed_and_looked_at(&practice, at + Duration::days(days));
            prop_assert!(confirmed.is_subset(&looked_at), "{confirmed:?}, looked at: {looked_at:?}");
        }
    }
}

#[test]
fn what_is_told_by_hand_only_later_is_confirmed_until_then() {
    let practice = practice();
    practice.sql(
        "INSERT INTO message (id, kind, customer_id, channel, state, sent_at)
         VALUES (1, 'manual', 1, 'phone', 'sent', '2026-03-10T20:00:00Z');
         INSERT INTO message_appointment (message_id, appointment_id) VALUES (1, 1)",
    );
    assert_eq!(practice.query("SELECT appointment_id FROM untold"), "2");
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_eq!(
        practice.query("SELECT customer_id FROM message WHERE kind = 'confirmation' ORDER BY customer_id"),
        "1\n2"
    );
}

#[test]
fn a_real_pass_forgets_the_days_gone_by() {
    let practice = practice();
    practice.sql(
        "UPDATE customer SET email = 'nowhere'; UPDATE appointment SET starts_at = '2026-03-09 10:00' WHERE id = 1",
    );
    assert_eq!(practice.query("SELECT appointment_id, start FROM untold"), "1|2026-03-09 10:00\n2|2026-03-12 11:00");
    practice.run(&["--at", EVENING, "--dry-run"]);
    assert_eq!(practice.query("SELECT start FROM untold_since"), "2026-01-01");
    practice.pass(EVENING);
    assert_eq!(practice.query("SELECT appointment_id, start FROM untold"), "2|2026-03-12 11:00");
    assert_eq!(practice.query("SELECT start FROM untold_since"), "2026-03-10");
    // A pass at an earlier instant asks the appointments themselves.
    practice.sql("UPDATE customer SET email = 'renate@example.de' WHERE id = 1; DELETE FROM message; DELETE FROM pass");
    let (report, _) = practice.json("2026-03-08T10:00");
    assert_eq!(report["messages"][0]["appointments"], serde_json::json!([1]));
}

#[test]
fn types_and_branches_that_are_not_told_of_are_left_out_but_bad_rows_are_named() {
    let practice = practice();
    practice.setting(1, "branch_filter", "\"HH\"");
    practice.sql(
        "UPDATE appointment SET branch_id = 2 WHERE id = 1; UPDATE appointment SET type_id = 2 WHERE id = 2;
         INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
         VALUES (3, 2, 3, 2, '2026-04-12 10:00', '2026-04-12 09:30')",
    );
    let (report, status) = practice.json(EVENING);
    assert_eq!(report["messages"], serde_json::json!([]));
    assert_eq!(status, 1);
    insta::assert_snapshot!(report["warnings"], @r#"[{"code":"bad_data","needs_person":true,"text":"Table appointment, row 3, column ends_at cannot be understood: the end (Sun 12 Apr 2026, 09:30) is before the start (Sun 12 Apr 2026, 10:00). Please correct it."}]"#);
}
