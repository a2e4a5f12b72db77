//! G2 and G3: messages of which nobody knows what became of them, passes that were ended in the
//! middle, and changes while a pass is sending.

use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use insta::assert_snapshot;
use rusqlite::{Connection, OpenFlags};

use crate::practice::{EVENING, Practice, Printed, printed};
use crate::smtp_peer::{Act, SmtpPeer, Stage};

const LATER: &str = "2026-03-10T19:30";
const LAST: &str = "2026-03-10T19:45";

/// Never reached: what a test waits for comes at once, or never.
const LONG: Duration = Duration::from_secs(30);

/// A mail server that holds back its answer to the first message until it is told to go on.
struct Holding {
    peer: SmtpPeer,
    arrival: Receiver<()>,
    go: Sender<()>,
}

impl Holding {
    fn new() -> Self {
        let (first_came, arrival) = channel();
        let (go, may_go) = channel();
        let hold = Mutex::new((first_came, may_go));
        let peer = SmtpPeer::new(move |step| {
            if step.stage == Stage::Content && step.before == 0 {
                let (first_came, may_go) = &*hold.lock().unwrap();
                first_came.send(()).unwrap();
                // The test may have ended, and the program with it.
                let _ = may_go.recv();
            }
            Act::Polite
        });
        Self { peer, arrival, go }
    }

    /// Starts a pass and waits until its first message is on its way.
    fn begin(&self, practice: &Practice) -> Child {
        self.begin_with(practice.command(&["--at", EVENING]))
    }

    fn begin_with(&self, mut command: Command) -> Child {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        self.arrival.recv_timeout(LONG).expect("the first message arrives");
        child
    }

    fn end(&self, child: Child) -> Printed {
        self.go.send(()).unwrap();
        printed(child.wait_with_output().unwrap())
    }
}

/// Renate at 10:00 and Kai at 11:00 tomorrow, by mail over one connection.
fn two_customers(port: u16) -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(port).appointment(1, "2026-03-11 10:00");
    practice.customer(8, "Kai", "kai@example.de").appointment_of(8, 2, "2026-03-11 11:00");
    practice
}

/// One customer, one appointment, and a server that swallows its answer to the first `times` mails.
fn swallowed(times: usize) -> (SmtpPeer, Practice) {
    let peer = SmtpPeer::new(move |step| match step.stage {
        Stage::Content if step.before < times => Act::Close,
        _ => Act::Polite,
    });
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(peer.port()).appointment(1, "2026-03-11 10:00");
    (peer, practice)
}

fn header<'m>(mail: &'m str, name: &str) -> &'m str {
    mail.lines().find_map(|line| line.strip_prefix(name)).unwrap()
}

#[test]
fn g3_without_an_answer_a_mail_is_uncertain_and_repeated_once_as_the_same_mail() {
    let (peer, practice) = swallowed(1);
    assert_snapshot!(practice.pass(EVENING), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    What needs doing
    ----------------
    - For 1 message nobody knows whether anything arrived; each branch below says
      whom that concerns.

    Optik Muster (HH)
    -----------------
      Nobody knows whether these arrived; if in doubt, ask:
        - Wed 11 Mar 2026, 10:00: Renate Weiß, e-mail to r***@e***.de, message 1:
          “waiting for the answer to the message: the server has closed the
          connection”

    In all: 1 message (1 uncertain).
    --- status 1
    ");
    assert_eq!(practice.ledger(), "1|reminder|7|email|uncertain|1|2026-03-11 10:00");
    assert_snapshot!(practice.pass(LATER), @"
    Appointment reminders, Tue 10 Mar 2026, 19:30 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    Optik Muster (HH)
    -----------------
      Sent: 1 e-mail
        - Wed 11 Mar 2026, 10:00: Renate Weiß, e-mail to r***@e***.de

    In all: 1 message (1 sent).
    --- status 0
    ");
    let taken = peer.taken();
    assert_eq!(taken.len(), 2);
    for name in ["Message-ID: ", "Date: ", "Subject: "] {
        assert_eq!(header(&taken[0].content, name), header(&taken[1].content, name));
    }
    assert_eq!(practice.ledger(), "1|reminder|7|email|sent|1|2026-03-11 10:00");
    assert_eq!(practice.pass(LAST).status, 0);
    assert_eq!(peer.taken().len(), 2, "a third pass sends nothing");
}

#[test]
fn g3_a_repetition_without_an_answer_is_not_repeated() {
    let (peer, practice) = swallowed(9);
    assert_eq!(practice.pass(EVENING).status, 1);
    assert_eq!(practice.pass(LATER).status, 1);
    practice.pass(LAST);
    assert_eq!(peer.taken().len(), 2);
    assert_eq!(practice.ledger(), "1|reminder|7|email|uncertain|1|2026-03-11 10:00");
}

#[test]
fn g2_a_message_by_hand_that_other_software_is_sending_is_left_to_it() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00").sql(
        "INSERT INTO message (kind, customer_id, channel, state, sent_at)
         VALUES ('manual', 7, 'sms', 'sending', '2026-03-10T17:59:00Z');
         INSERT INTO message_appointment (message_id, appointment_id) VALUES (1, 1);",
    );
    let (report, status) = practice.json(EVENING);
    assert_eq!((status, &report["skipped"][0]["reason"]), (0, &"recent_message".into()), "{report}");
    assert_eq!(practice.ledger(), "1|manual|7|sms|sending|1|2026-03-11 10:00");
}

#[test]
fn g3_a_mail_is_not_repeated_to_an_address_that_has_been_corrected() {
    let (peer, practice) = swallowed(1);
    assert_eq!(practice.pass(EVENING).status, 1);
    practice.sql("UPDATE customer SET email = 'renate.weiss@example.de' WHERE id = 7");
    practice.pass(LATER);
    assert_eq!(peer.taken().len(), 1);
    assert_eq!(practice.ledger(), "1|reminder|7|email|uncertain|1|2026-03-11 10:00");
}

#[test]
fn g3_the_repetition_can_be_switched_off() {
    let (peer, practice) = swallowed(1);
    practice.setting(1, "repeat_uncertain_email", "false");
    assert_eq!(practice.pass(EVENING).status, 1);
    practice.pass(LATER);
    assert_eq!(peer.taken().len(), 1);
    assert_eq!(practice.ledger(), "1|reminder|7|email|uncertain|1|2026-03-11 10:00");
}

#[test]
fn g3_what_is_not_true_any_more_is_not_repeated() {
    let (peer, practice) = swallowed(1);
    assert_eq!(practice.pass(EVENING).status, 1);
    practice.sql("UPDATE appointment SET status = 'cancelled'");
    practice.pass(LATER);
    assert_eq!(peer.taken().len(), 1);
    assert_eq!(practice.query("SELECT state FROM message"), "uncertain");
}

#[test]
fn g3_a_moved_appointment_is_told_anew_and_the_old_mail_is_not_repeated() {
    let (peer, practice) = swallowed(1);
    assert_eq!(practice.pass(EVENING).status, 1);
    practice.sql("UPDATE appointment SET starts_at = '2026-03-11 11:00', ends_at = '2026-03-11 11:30'");
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(peer.taken().len(), 2);
    assert_ne!(header(&peer.taken()[0].content, "Message-ID: "), header(&peer.taken()[1].content, "Message-ID: "));
}

#[test]
fn g3_a_repetition_that_certainly_did_not_leave_stays_uncertain_and_is_made_later() {
    let (peer, practice) = swallowed(1);
    assert_eq!(practice.pass(EVENING).status, 1);
    // Now the server is down, and by the time the next pass looks, the customer prefers SMS.
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    practice.mail_by_port(port).sql("UPDATE customer SET preferred_contact = 'sms'");
    let down = practice.pass(LATER);
    assert_eq!(down.status, 1, "{down}");
    assert_eq!(practice.ledger(), "1|reminder|7|email|uncertain|1|2026-03-11 10:00");
    practice.mail_by_port(peer.port());
    assert_eq!(practice.pass(LAST).status, 0);
    assert_eq!(practice.ledger(), "1|reminder|7|email|sent|1|2026-03-11 10:00");
    let taken = peer.taken();
    assert_eq!((taken.len(), header(&taken[0].content, "Date: ")), (2, header(&taken[1].content, "Date: ")));
}

#[test]
fn g3_a_repetition_that_is_not_tried_since_its_server_is_left_alone_stands_in_the_report() {
    let peer = SmtpPeer::new(|step| match step.stage {
        Stage::Content if step.before < 2 => Act::Close,
        Stage::Mail if step.before >= 2 => Act::say("530 5.7.0 Authentication required"),
        _ => Act::Polite,
    });
    let practice = two_customers(peer.port());
    assert_eq!(practice.pass(EVENING).status, 1);
    assert_snapshot!(practice.pass(LATER), @"
    Appointment reminders, Tue 10 Mar 2026, 19:30 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    What needs doing
    ----------------
    - The server of interface 2 takes nothing from us: “sender refused: 530 5.7.0
      Authentication required”. Check log-in, credit and settings (table interface).
      What did not go out stays due.
    - For 2 messages nobody knows whether anything arrived; each branch below says
      whom that concerns.

    Optik Muster (HH)
    -----------------
      Nobody knows whether these arrived; if in doubt, ask:
        - Wed 11 Mar 2026, 10:00: Renate Weiß, e-mail to r***@e***.de, message 1:
          “sender refused: 530 5.7.0 Authentication required”
        - Wed 11 Mar 2026, 11:00: Kai Sommer, e-mail to k***@e***.de, message 2:
          “sender refused: 530 5.7.0 Authentication required”

    In all: 2 messages (2 uncertain).
    --- status 1
    ");
    assert_eq!(peer.commands().iter().filter(|line| line.starts_with("MAIL")).count(), 3);
    assert_eq!(practice.query("SELECT state, repeats FROM message"), "uncertain|0\nuncertain|0");
}

#[test]
fn g3_a_server_in_short_trouble_takes_the_repetition_in_the_same_pass() {
    let peer = SmtpPeer::new(|step| match step.stage {
        Stage::Content if step.before == 0 => Act::Close,
        Stage::Mail if step.before == 1 => Act::say("421 4.3.2 System shutting down"),
        _ => Act::Polite,
    });
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(peer.port()).appointment(1, "2026-03-11 10:00");
    assert_eq!(practice.pass(EVENING).status, 1);
    let again = practice.pass(LATER);
    assert_eq!((again.status, peer.taken().len()), (0, 2), "{again}");
    assert_eq!(practice.ledger(), "1|reminder|7|email|sent|1|2026-03-11 10:00");
}

#[test]
fn g3_a_repetition_that_did_not_leave_is_left_to_whoever_has_settled_the_mail_meanwhile() {
    let practice = Practice::ready();
    let path = practice.path("termine.db");
    let peer = SmtpPeer::new(move |step| match step.stage {
        Stage::Content if step.before == 0 => Act::Close,
        Stage::Mail if step.before == 1 => {
            // A pass on another computer took this one for dead, and somebody has settled what was left.
            let settled = "UPDATE message SET state = 'uncertain'; UPDATE message SET state = 'sent';";
            let database = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
            database.execute_batch(settled).unwrap();
            Act::say("530 5.7.0 Authentication required")
        }
        _ => Act::Polite,
    });
    practice.without_confirmations().mail_by_port(peer.port()).appointment(1, "2026-03-11 10:00");
    assert_eq!(practice.pass(EVENING).status, 1);
    let again = practice.pass(LATER);
    assert_eq!((again.status, again.stderr.as_str()), (1, ""), "{again}");
    assert_eq!(practice.ledger(), "1|reminder|7|email|sent|1|2026-03-11 10:00");
}

#[test]
fn g3_e5_a_reminder_of_another_appointment_does_not_wait_behind_a_repetition() {
    let (peer, practice) = swallowed(1);
    assert_eq!(practice.pass(EVENING).status, 1);
    practice.appointment(2, "2026-03-11 07:00");
    let (early, status) = practice.json("2026-03-11T06:07");
    assert_eq!((status, early["skipped"].as_array().unwrap().len()), (0, 0), "{early}");
    assert_eq!(peer.taken().len(), 3);
    assert_snapshot!(practice.ledger(), @"
    1|reminder|7|email|sent|1|2026-03-11 10:00
    2|reminder|7|email|sent|2|2026-03-11 07:00
    ");
}

#[test]
fn g3_an_appointment_whose_confirmation_is_repeated_is_skipped_as_any_other_without_a_reminder() {
    let (_peer, practice) = swallowed(1);
    practice.setting(1, "confirmation", r#"{"document_template": "Terminbestätigung"}"#);
    practice.setting(1, "reminder.hours_before", "1");
    assert_eq!(practice.pass("2026-03-10T12:00").status, 1);
    practice.setting(1, "reminder.hours_before", "24");
    let (again, _) = practice.json("2026-03-10T13:00");
    assert_snapshot!(again["skipped"], @r#"[{"appointment_id":1,"customer_id":7,"detail":"until 2026-03-10T18:00+01:00","kind":"reminder","reason":"recent_message","start":"2026-03-11 10:00"}]"#);
    assert_eq!(again["messages"][0]["kind"], "confirmation");
}

#[test]
fn g3_a_mail_is_repeated_also_if_the_window_has_become_smaller_since() {
    let (peer, practice) = swallowed(1);
    assert_eq!(practice.pass("2026-03-10T12:00").status, 1);
    practice.setting(1, "reminder.hours_before", "1");
    assert_eq!(practice.pass("2026-03-10T13:00").status, 0);
    assert_eq!((peer.taken().len(), practice.query("SELECT state, repeats FROM message").as_str()), (2, "sent|1"));
}

#[test]
fn g3_c1_a_mail_is_not_repeated_after_somebody_has_told_another_start() {
    let (peer, practice) = swallowed(1);
    practice.setting(1, "reminder.min_hours_between_messages", "1");
    assert_eq!(practice.pass("2026-03-10T12:00").status, 1);
    // By telephone it was moved to 11:00, and then back.
    practice.sql(
        "INSERT INTO message (kind, customer_id, channel, state, sent_at) VALUES ('manual', 7, 'phone', 'sent', '2026-03-10T11:30:00Z');
         INSERT INTO message_appointment (message_id, appointment_id, appointment_start) VALUES (2, 1, '2026-03-11 11:00');",
    );
    for at in ["2026-03-10T13:37", "2026-03-10T14:37"] {
        practice.pass(at);
    }
    assert_snapshot!(practice.ledger(), @"
    1|reminder|7|email|uncertain|1|2026-03-11 10:00
    2|manual|7|phone|sent|1|2026-03-11 11:00
    3|reminder|7|email|sent|1|2026-03-11 10:00
    ");
    assert_eq!(peer.taken().len(), 2);
}

#[test]
fn g3_a_repetition_that_is_rejected_is_followed_by_the_next_channel() {
    let peer = SmtpPeer::new(|step| match step.stage {
        Stage::Content if step.before == 0 => Act::Close,
        Stage::Rcpt if step.before == 1 => Act::say("550 5.1.1 User unknown"),
        _ => Act::Polite,
    });
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(peer.port()).appointment(1, "2026-03-11 10:00");
    assert_eq!(practice.pass(EVENING).status, 1);
    assert_eq!(practice.pass(LATER).status, 1);
    assert_eq!(practice.query("SELECT channel, state FROM message"), "email|failed\nsms|sent");
}

/// Some servers do not take a mail twice, and know it by its Message-ID.
#[test]
fn g3_a_repetition_whose_text_is_rejected_says_nothing_of_the_first_time() {
    let peer = SmtpPeer::new(|step| match (step.stage, step.before) {
        (Stage::Content, 0) => Act::Close,
        (Stage::Content, 1) => Act::say("554 5.7.1 duplicate Message-ID"),
        _ => Act::Polite,
    });
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(peer.port()).appointment(1, "2026-03-11 10:00");
    assert_eq!(practice.pass(EVENING).status, 1);
    assert_eq!(practice.pass(LATER).status, 1);
    let uncertain = "email|uncertain|1|message refused: 554 5.7.1 duplicate Message-ID";
    assert_eq!(practice.query("SELECT channel, state, repeats, error FROM message"), uncertain);
    practice.pass(LAST);
    assert_eq!(practice.query("SELECT channel, state, repeats, error FROM message"), uncertain);
}

#[test]
fn settle_says_that_an_uncertain_mail_did_not_arrive_and_the_next_channel_follows() {
    let (peer, practice) = swallowed(1);
    assert_eq!(practice.pass(EVENING).status, 1);
    assert_snapshot!(practice.run(&["settle", "1", "failed"]), @"
    Message 1 is now: rejected.
    --- status 0
    ");
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(
        practice.query("SELECT channel, state, error FROM message"),
        "email|failed|settled by hand as failed\nsms|sent|"
    );
    assert_eq!(peer.taken().len(), 1);
}

#[test]
fn settle_says_that_an_uncertain_mail_was_never_sent_and_it_goes_to_the_same_address() {
    let (peer, practice) = swallowed(1);
    assert_eq!(practice.pass(EVENING).status, 1);
    assert_snapshot!(practice.run(&["settle", "1", "deferred"]), @"
    Message 1 is now: postponed.
    --- status 0
    ");
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(practice.query("SELECT id, channel, state, error FROM message"), "1|email|sent|");
    assert_eq!(peer.taken().len(), 2);
}

/// Somebody settles a message while a pass runs, which had not known that it would be due.
#[test]
fn what_is_settled_as_deferred_while_a_pass_runs_is_left_to_the_next_one() {
    let practice = Practice::ready();
    practice.without_confirmations().sql(
        "INSERT INTO message (kind, customer_id, channel, address, body, state, sent_at, settled_at) VALUES
         ('reminder', 8, 'email', 'kai@example.de', 't', 'deferred', '2026-03-10T17:00:00Z', '2026-03-10T17:00:05Z'),
         ('reminder', 9, 'email', 'uwe@example.de', 't', 'deferred', '2026-03-10T17:00:00Z', '2026-03-10T18:00:05Z')",
    );
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_eq!(practice.query("SELECT customer_id, state FROM message"), "8|withdrawn\n9|deferred");
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(practice.query("SELECT customer_id, state FROM message"), "8|withdrawn\n9|withdrawn");
}

#[test]
fn settle_says_that_an_uncertain_mail_arrived_and_it_is_not_repeated() {
    let (peer, practice) = swallowed(1);
    assert_eq!(practice.pass(EVENING).status, 1);
    assert_snapshot!(practice.run(&["settle", "1", "sent", "--lang", "de"]), @"
    Nachricht 1 ist jetzt: gesendet.
    --- status 0
    ");
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!((peer.taken().len(), practice.query("SELECT state, error FROM message").as_str()), (1, "sent|"));
}

#[test]
fn settle_takes_a_mail_that_came_back_later_as_failed() {
    let (_peer, practice) = swallowed(0);
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_eq!(practice.run(&["settle", "1", "failed"]).status, 0);
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(practice.query("SELECT channel, state FROM message"), "email|failed\nsms|sent");
}

#[test]
fn settle_refuses_what_cannot_be() {
    let (_peer, practice) = swallowed(0);
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_snapshot!(practice.run(&["settle", "99", "sent"]), @"
    --- stderr
    error: there is no message 99; the report and the histories give the numbers
    --- status 2
    ");
    assert_snapshot!(practice.run(&["settle", "1", "sent"]), @"
    --- stderr
    error: message 1 is sent; only one that is uncertain can be settled as sent or deferred, and only one that is uncertain, sent or handed over as failed
    --- status 2
    ");
    assert_snapshot!(practice.run(&["settle", "1", "lost"]), @"
    --- stderr
    error: invalid value 'lost' for '<FATE>'
      [possible values: sent, failed, deferred]

    For more information, try '--help'.
    --- status 2
    ");
    assert_eq!(practice.run(&["settle", "1", "failed"]).status, 0);
    assert_snapshot!(practice.run(&["settle", "1", "failed"]), @"
    --- stderr
    error: message 1 is failed; only one that is uncertain can be settled as sent or deferred, and only one that is uncertain, sent or handed over as failed
    --- status 2
    ");
    assert_eq!(practice.run(&["settle", "one", "failed"]).status, 2);
}

/// Its pass settles it, or the next one if that has died.
#[test]
fn settle_leaves_a_message_alone_that_is_on_its_way() {
    let server = Holding::new();
    let practice = two_customers(server.peer.port());
    let child = server.begin(&practice);
    for fate in ["sent", "failed", "deferred"] {
        let refused = practice.run(&["settle", "1", fate]);
        assert_eq!(refused.status, 2, "{refused}");
        assert!(refused.stderr.starts_with("error: message 1 is sending; "), "{refused}");
    }
    let ended = server.end(child);
    assert_eq!(ended.status, 0, "{ended}");
    assert_eq!(practice.query("SELECT state FROM message"), "sent\nsent");
}

#[test]
fn a_pass_that_was_killed_loses_nothing_and_repeats_nothing_unseen() {
    let server = Holding::new();
    let practice = two_customers(server.peer.port());
    let mut child = server.begin(&practice);
    assert_eq!(practice.ledger(), "1|reminder|7|email|sending|1|2026-03-11 10:00", "written down before the hand-over");
    child.kill().unwrap();
    child.wait().unwrap();
    server.go.send(()).unwrap();
    // Looking does not change it, and the lock of a dead pass stops nobody.
    assert_eq!(practice.run(&["--dry-run", "--at", LATER]).status, 0);
    assert_snapshot!(practice.pass(LATER), @"
    Appointment reminders, Tue 10 Mar 2026, 19:30 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    What needs doing
    ----------------
    - An earlier pass broke off while it was handing over. For 1 message nobody knew
      afterwards what had arrived. An e-mail is repeated once, by this pass. What is
      uncertain still, `terminbote history --state uncertain` shows; if in doubt ask
      the customers, and decide by `terminbote settle ID sent` or `failed`.

    Optik Muster (HH)
    -----------------
      Sent: 2 e-mails
        - Wed 11 Mar 2026, 10:00: Renate Weiß, e-mail to r***@e***.de
        - Wed 11 Mar 2026, 11:00: Kai Sommer, e-mail to k***@e***.de

    In all: 2 messages (2 sent).
    --- status 1
    ");
    assert_snapshot!(practice.ledger(), @"
    1|reminder|7|email|sent|1|2026-03-11 10:00
    2|reminder|8|email|sent|2|2026-03-11 11:00
    ");
    let taken = server.peer.taken();
    assert_eq!(header(&taken[0].content, "Message-ID: "), header(&taken[1].content, "Message-ID: "));
    assert_eq!(practice.query("SELECT finished_at IS NULL, result FROM pass"), "1|\n0|complete");
}

#[test]
fn an_sms_of_a_pass_that_died_is_uncertain_and_not_repeated() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    practice.sql(
        "INSERT INTO message (kind, customer_id, channel, address, body, state, sent_at, interface_id)
         VALUES ('reminder', 7, 'sms', '+4915228817386', 'Guten Tag', 'sending', '2026-03-10T17:00:00Z', 3);
         INSERT INTO message_appointment (message_id, appointment_id, sequence) VALUES (1, 1, 0)",
    );
    let (report, status) = practice.json(EVENING);
    assert_eq!(status, 1);
    assert_snapshot!(report["warnings"], @r#"[{"code":"interrupted","needs_person":true,"text":"An earlier pass broke off while it was handing over. For 1 message nobody knew afterwards what had arrived. An e-mail is repeated once, by this pass. What is uncertain still, `terminbote history --state uncertain` shows; if in doubt ask the customers, and decide by `terminbote settle ID sent` or `failed`."}]"#);
    assert_eq!(practice.ledger(), "1|reminder|7|sms|uncertain|1|2026-03-11 10:00");
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(practice.query("SELECT count(*) FROM message"), "1");
}

#[test]
fn an_appointment_that_is_cancelled_while_the_pass_is_sending_is_withdrawn() {
    let server = Holding::new();
    let practice = two_customers(server.peer.port());
    let child = server.begin(&practice);
    practice.sql("UPDATE appointment SET status = 'cancelled' WHERE id = 2");
    assert_snapshot!(server.end(child), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    Optik Muster (HH)
    -----------------
      Sent: 1 e-mail
        - Wed 11 Mar 2026, 10:00: Renate Weiß, e-mail to r***@e***.de
      Withdrawn: 1 message (cancelled, moved or no longer wanted just before the
        hand-over)

    In all: 2 messages (1 sent, 1 withdrawn).
    --- status 0
    ");
    assert_eq!(
        practice.query("SELECT customer_id, state, error FROM message"),
        "7|sent|\n8|withdrawn|the appointment has been cancelled in the meantime"
    );
    assert_eq!(server.peer.taken().len(), 1);
}

#[test]
fn whatever_changes_while_the_pass_is_sending_is_seen_before_the_hand_over() {
    for (change, expected) in [
        (
            "UPDATE customer SET deceased = 1 WHERE id = 8",
            "withdrawn|the customer has been marked as deceased in the meantime",
        ),
        (
            "UPDATE customer SET preferred_contact = 'none' WHERE id = 8",
            "withdrawn|the customer wants no messages any more",
        ),
        ("DELETE FROM appointment WHERE id = 2", "withdrawn|the appointment has been changed in the meantime"),
        (
            "INSERT INTO message (id, kind, customer_id, channel, address, body, state, sent_at)
             VALUES (100, 'manual', 8, 'phone', '', '…', 'sent', '2026-03-10T18:00:00Z');
             INSERT INTO message_appointment (message_id, appointment_id) VALUES (100, 2)",
            "withdrawn|message 100 has been sent to the customer in the meantime",
        ),
        ("UPDATE customer SET email = 'sommer@example.de' WHERE id = 8", "sent|"),
        ("UPDATE appointment SET note = 'unwichtig' WHERE id = 2", "sent|"),
    ] {
        let server = Holding::new();
        let practice = two_customers(server.peer.port());
        let child = server.begin(&practice);
        practice.sql(change);
        let printed = server.end(child);
        assert_eq!(printed.status, 0, "{change}: {printed}");
        let fate = practice.query("SELECT state, error FROM message WHERE customer_id = 8 AND kind = 'reminder'");
        assert_eq!(fate, expected, "{change}");
        if change.contains("sommer@") {
            assert_eq!(server.peer.taken()[1].to, ["sommer@example.de"], "the corrected address is used");
        }
    }
}

#[test]
fn an_appointment_that_is_moved_while_the_pass_is_sending_is_told_at_its_new_time() {
    let server = Holding::new();
    let practice = two_customers(server.peer.port());
    let child = server.begin(&practice);
    practice.sql("UPDATE appointment SET starts_at = '2026-03-11 15:00', ends_at = '2026-03-11 15:30' WHERE id = 2");
    let printed = server.end(child);
    assert_eq!(printed.status, 0, "{printed}");
    let taken = server.peer.taken();
    assert!(taken.len() == 2 && taken[1].content.contains("15:00") && !taken[1].content.contains("11:00"), "{taken:?}");
    assert_eq!(
        practice.query("SELECT appointment_start FROM appointment_history WHERE appointment_id = 2 AND state = 'sent'"),
        "2026-03-11 15:00"
    );
}

#[test]
fn a_pass_that_is_asked_to_end_settles_what_is_on_its_way_and_defers_the_rest() {
    let server = Holding::new();
    let practice = two_customers(server.peer.port());
    let child = server.begin(&practice);
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_snapshot!(server.end(child), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    What needs doing
    ----------------
    - The pass ended before everything was handed over, since the program was asked
      to end. What is left stays due and is decided anew by the next pass.
    - 1 message is postponed since the program was asked to end; a later pass
      decides anew while the appointment is still ahead.

    Optik Muster (HH)
    -----------------
      Sent: 1 e-mail
        - Wed 11 Mar 2026, 10:00: Renate Weiß, e-mail to r***@e***.de
      Postponed: 1 message
        - Wed 11 Mar 2026, 11:00: Kai Sommer, e-mail to k***@e***.de

    In all: 2 messages (1 sent, 1 postponed).
    --- status 1
    ");
    assert_snapshot!(practice.ledger(), @"
    1|reminder|7|email|sent|1|2026-03-11 10:00
    2|reminder|8|email|deferred|2|2026-03-11 11:00
    ");
    assert_eq!(practice.query("SELECT exit_status, result, sent, deferred FROM pass"), "1|complete|1|1");
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(practice.query("SELECT id, customer_id, state FROM message"), "1|7|sent\n2|8|sent");
}

/// A pass that another program starts in its own place.
fn within(practice: &Practice, other: &[&str]) -> Command {
    let program = practice.command(&["--at", EVENING]);
    let mut command = Command::new(other[0]);
    command.args(&other[1..]).arg(program.get_program()).args(program.get_args()).current_dir(practice.folder());
    for (name, value) in program.get_envs() {
        value.map(|value| command.env(name, value));
    }
    command
}

fn hang_up(child: &Child) {
    assert!(Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_pass_whose_terminal_is_closed_settles_what_is_on_its_way_and_defers_the_rest() {
    let server = Holding::new();
    let practice = two_customers(server.peer.port());
    // The tests themselves may run under `nohup`.
    let child = server.begin_with(within(&practice, &["env", "--default-signal=HUP"]));
    hang_up(&child);
    assert_eq!(server.end(child).status, 1);
    assert_eq!(practice.query("SELECT id, customer_id, state FROM message"), "1|7|sent\n2|8|deferred");
}

#[test]
fn a_pass_under_nohup_goes_on_when_its_terminal_is_closed() {
    let server = Holding::new();
    let practice = two_customers(server.peer.port());
    let child = server.begin_with(within(&practice, &["env", "--ignore-signal=HUP"]));
    hang_up(&child);
    assert_eq!(server.end(child).status, 0);
    assert_eq!(practice.query("SELECT id, customer_id, state FROM message"), "1|7|sent\n2|8|sent");
}

#[test]
fn a_pass_that_was_killed_while_it_repeated_a_mail_is_the_last_to_send_it() {
    let (first, practice) = swallowed(1);
    assert_eq!(practice.pass(EVENING).status, 1);
    let server = Holding::new();
    practice.mail_by_port(server.peer.port());
    let mut child = server.begin(&practice);
    child.kill().unwrap();
    child.wait().unwrap();
    server.go.send(()).unwrap();
    assert_eq!(practice.pass(LATER).status, 1);
    assert_eq!(practice.pass(LAST).status, 0);
    assert_eq!((first.taken().len(), server.peer.taken().len()), (1, 1));
    assert_eq!(practice.ledger(), "1|reminder|7|email|uncertain|1|2026-03-11 10:00");
}

#[test]
fn an_appointment_that_was_withdrawn_and_is_booked_again_is_reminded() {
    let server = Holding::new();
    let practice = two_customers(server.peer.port());
    let child = server.begin(&practice);
    practice.sql("UPDATE appointment SET status = 'cancelled' WHERE id = 2");
    assert_eq!(server.end(child).status, 0);
    practice.sql("UPDATE appointment SET status = 'booked' WHERE id = 2");
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(practice.query("SELECT state FROM message WHERE customer_id = 8"), "withdrawn\nsent");
}

#[test]
fn of_two_appointments_in_a_message_the_cancelled_one_is_left_out_at_the_last_moment() {
    let server = Holding::new();
    let practice = two_customers(server.peer.port());
    practice.appointment_of(8, 3, "2026-03-11 15:00");
    let child = server.begin(&practice);
    practice.sql("UPDATE appointment SET status = 'cancelled' WHERE id = 2");
    let printed = server.end(child);
    assert_eq!(printed.status, 0, "{printed}");
    let taken = server.peer.taken();
    assert!(taken.len() == 2 && taken[1].content.contains("15:00") && !taken[1].content.contains("11:00"), "{taken:?}");
    assert_eq!(practice.query("SELECT appointment_id FROM appointment_history WHERE state = 'sent'"), "1\n3");
}

#[test]
fn an_appointment_that_is_booked_while_the_pass_is_sending_waits_for_the_next_one_or_joins_a_message() {
    let server = Holding::new();
    let practice = two_customers(server.peer.port());
    let child = server.begin(&practice);
    practice.appointment_of(8, 3, "2026-03-11 15:00").appointment(4, "2026-03-11 16:00");
    assert_eq!(server.end(child).status, 0);
    // Renate's second one is held back (E3); nobody is told anything twice, and nothing is lost.
    practice.pass("2026-03-11T06:00");
    let told = practice
        .query("SELECT appointment_id, count(*) FROM appointment_history WHERE state = 'sent' GROUP BY appointment_id");
    assert_eq!(told, "1|1\n2|1\n3|1\n4|1");
}

#[test]
fn a_confirmation_is_repeated_with_the_same_calendar_file() {
    let peer = SmtpPeer::new(|step| match step.stage {
        Stage::Content if step.before == 0 => Act::Close,
        _ => Act::Polite,
    });
    let practice = Practice::ready();
    practice.mail_by_port(peer.port()).appointment(1, "2026-05-11 10:00");
    assert_eq!(practice.pass(EVENING).status, 1);
    assert_eq!(practice.pass(LATER).status, 0);
    let taken = peer.taken();
    assert!(taken[0].content.contains("BEGIN:VCALENDAR"));
    assert_eq!((taken.len(), &taken[0].content), (2, &taken[1].content), "every byte is the same");
}

/// It had settled it as uncertain, and could not record its own end.
#[test]
fn a_message_of_unknown_fate_of_a_pass_that_could_not_end_is_told_by_the_next_one_that_can() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00").sql(
        "INSERT INTO pass (id, at, host, version) VALUES (1, '2026-03-10T17:00:00Z', 'server', '0');
         INSERT INTO message (kind, customer_id, channel, address, body, state, sent_at, pass_id)
         VALUES ('reminder', 7, 'sms', '+4915228817386', 'Text', 'uncertain', '2026-03-10T17:00:00Z', 1)",
    );
    let told = |at: &str| practice.pass(at).words().contains("An earlier pass broke off");
    let told = ["2026-03-10T20:00", "2026-03-11T06:00", "2026-03-11T06:30"].map(told);
    assert_eq!(told, [false, true, false], "not in quiet time, and once");
}

/// Renate has been sent a confirmation, and nobody knows whether it came: about tomorrow, and `more`.
fn confirmed_maybe(more: &str) -> Practice {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00").sql(
        "INSERT INTO message (kind, customer_id, channel, address, subject, body, state, sent_at)
         VALUES ('confirmation', 7, 'email', 'renate@example.de', 's', 't', 'uncertain', '2026-03-09T15:00:00Z');
         INSERT INTO message_appointment (message_id, appointment_id, sequence) VALUES (1, 1, 0)",
    );
    practice.sql(more);
    practice
}

/// What the dry run and then the pass have in their reports, which are to be the same.
fn planned_and_done(practice: &Practice) -> Vec<String> {
    let kinds = |report: &serde_json::Value| {
        let messages = report["messages"].as_array().unwrap().iter();
        messages.map(|message| message["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let dry = practice.run(&["--dry-run", "--at", EVENING, "--format", "json"]);
    let planned = kinds(&serde_json::from_str(&dry.stdout).unwrap());
    let (report, _) = practice.json(EVENING);
    assert_eq!(kinds(&report), planned);
    let replay = practice.run(&["--dry-run", "--at", EVENING, "--format", "json"]);
    assert_eq!(kinds(&serde_json::from_str(&replay.stdout).unwrap()), planned);
    planned
}

/// Otherwise nobody would tell Renate of the other appointment: what is uncertain counts as told.
#[test]
fn g3_a_confirmation_is_repeated_also_if_the_same_pass_reminds_of_one_of_its_appointments() {
    let practice = confirmed_maybe(
        "INSERT INTO appointment (id, branch_id, type_id, customer_id, starts_at, ends_at, status)
         SELECT 2, branch_id, type_id, customer_id, '2026-04-20 10:00', '2026-04-20 10:30', status FROM appointment;
         INSERT INTO message_appointment (message_id, appointment_id, sequence) VALUES (1, 2, 0)",
    );
    assert_eq!(planned_and_done(&practice), ["reminder", "confirmation"]);
    assert_eq!(
        practice.query("SELECT id, kind, state, repeats FROM message"),
        "1|confirmation|sent|1\n2|reminder|sent|0"
    );
}

#[test]
fn g3_a_confirmation_of_nothing_but_what_the_same_pass_reminds_of_is_not_repeated() {
    let practice = confirmed_maybe("");
    assert_eq!(planned_and_done(&practice), ["reminder"]);
    assert_eq!(
        practice.query("SELECT id, kind, state, repeats FROM message"),
        "1|confirmation|uncertain|0\n2|reminder|sent|0"
    );
}

#[test]
fn g3_a_repetition_that_has_to_wait_is_told_and_made_by_the_pass_after() {
    let peer = SmtpPeer::new(|step| match step.stage {
        Stage::Content if step.before == 0 => Act::Close,
        Stage::Rcpt if step.before == 1 => Act::say("451 4.7.1 Greylisting in action"),
        _ => Act::Polite,
    });
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(peer.port()).appointment(1, "2026-03-11 10:00");
    practice.setting(1, "max_minutes", "1");
    assert_eq!(practice.pass(EVENING).status, 1);
    let (report, status) = practice.json(LATER);
    assert_eq!((status, &report["messages"][0]["outcome"]), (1, &"uncertain".into()), "{report}");
    assert_eq!(practice.pass(LAST).status, 0);
    assert_eq!((peer.taken().len(), practice.ledger().as_str()), (2, "1|reminder|7|email|sent|1|2026-03-11 10:00"));
}
