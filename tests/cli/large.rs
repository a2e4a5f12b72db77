//! A pass so large that what comes next is read while messages are on their way.

use rusqlite::{Connection, OpenFlags};
use terminbote::pass::PORTION;

use crate::practice::{EVENING, Practice};
use crate::smtp_peer::{Act, SmtpPeer, Stage};

/// More than are read at a time: the third portion is not full.
const CUSTOMERS: usize = 2 * PORTION + 100;

/// Customers 1001 and on, each with an appointment tomorrow, in this order; mail goes to `port`.
fn practice(port: u16, connections: usize) -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(port);
    practice.sql(&format!(
        "UPDATE interface SET settings = json_set(settings, '$.connections', {connections}) WHERE kind = 'smtp';
         WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {CUSTOMERS})
         INSERT INTO customer (id, last_name, email) SELECT 1000 + n, 'Nummer ' || n, 'kunde' || n || '@example.de' FROM number;
         INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
         SELECT id, 1, id, 1, strftime('%Y-%m-%d %H:%M', '2026-03-11 07:00', ((id - 1000) / 4) || ' minutes'), '2026-03-11 20:00'
         FROM customer WHERE id > 1000"
    ));
    practice
}

#[test]
fn everybody_is_told_once_and_the_report_is_in_order() {
    let peer = SmtpPeer::with(crate::smtp_peer::Encryption::None, &["PIPELINING"], |_| Act::Polite);
    let practice = practice(peer.port(), 4);
    let (report, status) = practice.json(EVENING);
    assert_eq!(status, 0);
    let told: Vec<i64> =
        report["messages"].as_array().unwrap().iter().map(|one| one["customer_id"].as_i64().unwrap()).collect();
    assert_eq!(told, (1001..=1000 + i64::try_from(CUSTOMERS).unwrap()).collect::<Vec<_>>());
    let mut taken: Vec<String> = peer.taken().into_iter().flat_map(|taken| taken.to).collect();
    taken.sort();
    taken.dedup();
    assert_eq!((taken.len(), peer.taken().len()), (CUSTOMERS, CUSTOMERS));
    assert_eq!(practice.query("SELECT DISTINCT state FROM message"), "sent");
    assert_eq!(practice.pass("2026-03-10T19:15").status, 0);
    assert_eq!(peer.taken().len(), CUSTOMERS);
}

#[test]
fn a_change_is_noticed_although_the_appointment_had_been_read_before() {
    let database = std::sync::Arc::new(std::sync::OnceLock::<std::path::PathBuf>::new());
    let path = std::sync::Arc::clone(&database);
    let peer = SmtpPeer::new(move |step| {
        if step.stage == Stage::Content && step.before == 300 {
            let others = Connection::open_with_flags(path.get().unwrap(), OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
            others.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
            // In this portion, in the next one, which is being read or waits, and in the last one.
            let cancel = "UPDATE appointment SET status = 'cancelled' WHERE id IN (1650, 2650, 3100)";
            others.execute(cancel, []).unwrap();
        }
        Act::Polite
    });
    let practice = practice(peer.port(), 1);
    database.set(practice.path("termine.db")).unwrap();
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_eq!(
        practice.query("SELECT customer_id, error FROM message WHERE state <> 'sent' AND customer_id < 3000"),
        "1650|the appointment has been cancelled in the meantime\n2650|the appointment has been cancelled in the meantime"
    );
    // The last one may not have been read before.
    assert_eq!(practice.query("SELECT count(*) FROM message WHERE state = 'sent' AND customer_id = 3100"), "0");
    assert_eq!(peer.taken().len(), CUSTOMERS - 3);
}
