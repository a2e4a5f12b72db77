//! Rule A4: the time for sending is over while messages are on their way.

use insta::assert_snapshot;

use crate::practice::Practice;
use crate::smtp_peer::{Act, SmtpPeer, Stage};
use crate::tried_again::{Hurry, quiet_pass};

/// Three customers, by mail over one connection; while the server has the first mail, so many seconds pass.
fn three_customers(seconds: u64) -> (SmtpPeer, Practice, Hurry) {
    let hurry = Hurry::standing();
    let clock = hurry.clone();
    let peer = SmtpPeer::new(move |step| {
        if step.stage == Stage::Content && step.before == 0 {
            clock.jump(seconds);
        }
        Act::Polite
    });
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(peer.port()).appointment(1, "2026-03-11 10:00");
    practice.customer(8, "Kai", "kai@example.de").appointment_of(8, 2, "2026-03-11 11:00");
    practice.customer(9, "Ute", "ute@example.de").appointment_of(9, 3, "2026-03-11 12:00");
    (peer, practice, hurry)
}

/// What is on its way is finished, the rest is left, and the next pass sends it.
#[track_caller]
fn finishes_the_first_and_leaves_the_rest(peer: &SmtpPeer, practice: &Practice) {
    assert_eq!(peer.taken().len(), 1);
    let ledger = "SELECT state, error FROM message ORDER BY id";
    let left = "deferred|the time for sending was over";
    assert_eq!(practice.query(ledger), format!("sent|\n{left}\n{left}"));
    assert_eq!(practice.query("SELECT result, exit_status, sent, deferred FROM pass"), "complete|0|1|2");
    let next = quiet_pass(practice, "2026-03-11T07:00", &Hurry::standing());
    assert!(next.ends_with("--- status 0"), "{next}");
    assert_eq!((peer.taken().len(), practice.query(ledger).as_str()), (3, "sent|\nsent|\nsent|"));
}

#[test]
fn a4_max_minutes_reached_while_sending_finish_what_is_under_way_and_leave_the_rest() {
    let (peer, practice, hurry) = three_customers(60);
    practice.setting(1, "max_minutes", "1");
    assert_snapshot!(quiet_pass(&practice, "2026-03-10T19:00", &hurry), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    Notes
    -----
    - The pass ended before everything was handed over, since quiet time, or the
      time allowed (max_minutes), was reached. What is left stays due and is decided
      anew by the next pass.
    - 2 messages are postponed since quiet time, or the time allowed (max_minutes),
      was reached; a later pass decides anew while the appointment is still ahead.

    Optik Muster (HH)
    -----------------
      Sent: 1 e-mail
        - Wed 11 Mar 2026, 10:00: Renate Weiß, e-mail to r***@e***.de
      Postponed: 2 messages
        - Wed 11 Mar 2026, 11:00: Kai Sommer, e-mail to k***@e***.de
        - Wed 11 Mar 2026, 12:00: Ute Sommer, e-mail to u***@e***.de

    In all: 3 messages (1 sent, 2 postponed).
    --- status 0
    ");
    finishes_the_first_and_leaves_the_rest(&peer, &practice);
}

#[test]
fn a4_quiet_time_reached_while_sending_finishes_what_is_under_way_and_leaves_the_rest() {
    let (peer, practice, hurry) = three_customers(120);
    assert_snapshot!(quiet_pass(&practice, "2026-03-10T19:58", &hurry), @"
    Appointment reminders, Tue 10 Mar 2026, 19:58 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    Notes
    -----
    - The pass ended before everything was handed over, since quiet time, or the
      time allowed (max_minutes), was reached. What is left stays due and is decided
      anew by the next pass.
    - 2 messages are postponed since quiet time, or the time allowed (max_minutes),
      was reached; a later pass decides anew while the appointment is still ahead.

    Optik Muster (HH)
    -----------------
      Sent: 1 e-mail
        - Wed 11 Mar 2026, 10:00: Renate Weiß, e-mail to r***@e***.de
      Postponed: 2 messages
        - Wed 11 Mar 2026, 11:00: Kai Sommer, e-mail to k***@e***.de
        - Wed 11 Mar 2026, 12:00: Ute Sommer, e-mail to u***@e***.de

    In all: 3 messages (1 sent, 2 postponed).
    --- status 0
    ");
    finishes_the_first_and_leaves_the_rest(&peer, &practice);
}

/// Kai is to come while the server has Renate's mail, Ute a minute later.
#[test]
fn b5_what_begins_while_the_pass_is_sending_is_not_told_any_more() {
    let (peer, practice, hurry) = three_customers(600);
    practice.sql(
        "UPDATE appointment SET ends_at = '2026-03-10 19:45',
         starts_at = CASE id WHEN 1 THEN '2026-03-10 19:05' WHEN 2 THEN '2026-03-10 19:10' ELSE '2026-03-10 19:11' END",
    );
    assert_snapshot!(quiet_pass(&practice, "2026-03-10T19:00", &hurry), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    Optik Muster (HH)
    -----------------
      Sent: 2 e-mails
        - Tue 10 Mar 2026, 19:05: Renate Weiß, e-mail to r***@e***.de
        - Tue 10 Mar 2026, 19:11: Ute Sommer, e-mail to u***@e***.de
      Withdrawn: 1 message (cancelled, moved or no longer wanted just before the
        hand-over)

    In all: 3 messages (2 sent, 1 withdrawn).
    --- status 0
    ");
    assert_eq!(peer.taken().len(), 2);
    assert_snapshot!(practice.query("SELECT customer_id, state, error FROM message ORDER BY customer_id"), @"
    7|sent|
    8|withdrawn|the appointment has begun in the meantime
    9|sent|
    ");
}
