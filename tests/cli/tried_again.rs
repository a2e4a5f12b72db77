//! A message that a server does not want for now is tried again within the pass, while the others go
//! on. These passes run in the test's own process, by a clock that does not make it wait.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use insta::assert_snapshot;
use terminbote::clock::Clock;
use terminbote::exit::ExitStatus;
use terminbote::host::Host;
use terminbote::pass::{Pass, PassIdentity, Sending};
use terminbote::report::text::TextPrinter;
use terminbote::report::words::Lang;
use terminbote::report::{Closing, Heading, MessageReport, Printer};
use terminbote::store::Store;
use terminbote::zone::{Zone, parse_time};

use crate::http_peer::{Act as HttpAct, HttpPeer};
use crate::practice::{EVENING, Practice};
use crate::smtp_peer::{Act, SmtpPeer, Stage, Step};

const LATER: &str = "2026-03-10T19:30";
const GREYLISTED: &str = "451 4.7.1 Greylisting in action, please come back later";

/// A clock that stands still at first; once it runs, every look by the pass takes five seconds, and
/// none by anybody else.
#[derive(Clone)]
pub(crate) struct Hurry {
    seconds: Arc<AtomicU64>,
    runs: Arc<AtomicBool>,
}

impl Hurry {
    pub(crate) fn standing() -> Self {
        Self { seconds: Arc::default(), runs: Arc::default() }
    }

    fn running() -> Self {
        let hurry = Self::standing();
        hurry.run();
        hurry
    }

    /// Moves it on at once.
    pub(crate) fn jump(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    fn run(&self) {
        self.runs.store(true, Ordering::SeqCst);
    }

    fn clock(&self, at: &str) -> Arc<Clock> {
        let (seconds, runs) = (Arc::clone(&self.seconds), Arc::clone(&self.runs));
        let pass = std::thread::current().id();
        let elapsed = move || {
            let counts = runs.load(Ordering::SeqCst) && std::thread::current().id() == pass;
            let step = if counts { 5 } else { 0 };
            Duration::from_secs(seconds.fetch_add(step, Ordering::SeqCst))
        };
        Arc::new(Clock::new(parse_time(at, Zone::default()).unwrap(), elapsed))
    }

    fn seconds(&self) -> u64 {
        self.seconds.load(Ordering::SeqCst)
    }
}

/// A real pass by such a clock: its report, and its exit status below it.
fn pass(practice: &Practice, at: &str, hurry: &Hurry, signal: &AtomicBool) -> String {
    let mut report = Vec::new();
    let status = pass_into(&mut TextPrinter::new(&mut report, Lang::En), practice, at, hurry, signal);
    format!("{}--- status {}", String::from_utf8(report).unwrap(), status.code())
}

fn pass_into(
    printer: &mut dyn Printer,
    practice: &Practice,
    at: &str,
    hurry: &Hurry,
    signal: &AtomicBool,
) -> ExitStatus {
    let path = practice.path("termine.db");
    let store = Store::open(&path).unwrap();
    let clock = hurry.clock(at);
    let identity = PassIdentity { path: &path, host: "server", process: None, version: "1", zone: Zone::default() };
    let mut sending = Sending::new(&store, Arc::clone(&clock), signal, identity, false);
    let surroundings = Host::new(store.folder());
    let pass = Pass { store: &store, clock: &clock, workstation: "server", surroundings: &surroundings, limit: None };
    pass.run(&mut sending, printer).unwrap()
}

pub(crate) fn quiet_pass(practice: &Practice, at: &str, hurry: &Hurry) -> String {
    pass(practice, at, hurry, &AtomicBool::new(false))
}

/// Renate's appointment is tomorrow at ten, Kai's an hour later; mail goes to `peer`.
fn two_customers(peer: &SmtpPeer) -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(peer.port()).appointment(1, "2026-03-11 10:00");
    practice.customer(8, "Kai", "kai@example.de").appointment_of(8, 2, "2026-03-11 11:00");
    practice
}

/// A server that does not want Renate's mail the first `times`, and at each such time does `also`. The
/// clock runs from when it has taken so many `others`.
fn greylisting(hurry: &Hurry, others: usize, times: u64, also: impl Fn() + Send + Sync + 'static) -> SmtpPeer {
    let (seen, hurry) = (AtomicU64::new(0), hurry.clone());
    SmtpPeer::new(move |step: &Step<'_>| {
        if step.stage == Stage::Content && step.before + 1 == others {
            hurry.run();
        }
        let renate = step.stage == Stage::Rcpt && step.line.contains("renate");
        if renate && seen.fetch_add(1, Ordering::SeqCst) < times {
            also();
            return Act::say(GREYLISTED);
        }
        Act::Polite
    })
}

fn recipients(peer: &SmtpPeer) -> Vec<String> {
    peer.taken().into_iter().flat_map(|taken| taken.to).collect()
}

/// What is heard of a pass, in its order.
#[derive(Default)]
struct Heard(Vec<String>);

impl Printer for Heard {
    fn begin(&mut self, _heading: &Heading) -> io::Result<()> {
        Ok(())
    }

    fn message(&mut self, message: &MessageReport) -> io::Result<()> {
        self.0.push(format!("customer {}", message.customer_id));
        Ok(())
    }

    fn finish(&mut self, _closing: &Closing) -> io::Result<()> {
        Ok(())
    }

    fn so_far(&mut self, messages: usize) {
        self.0.push(messages.to_string());
    }
}

#[test]
fn whoever_watches_a_pass_hears_of_each_mail_that_is_out_while_others_still_wait() {
    let peer = SmtpPeer::polite();
    let practice = two_customers(&peer);
    practice.setting(2, "connections", "1");
    let mut heard = Heard::default();
    pass_into(&mut heard, &practice, EVENING, &Hurry::standing(), &AtomicBool::new(false));
    heard.0.dedup();
    assert_eq!(heard.0, ["0", "1", "2", "customer 7", "customer 8"]);
}

#[test]
fn a_provider_that_wants_one_message_a_minute_gets_no_more() {
    for channel in ["email", "sms"] {
        let peer = SmtpPeer::polite();
        let practice = two_customers(&peer);
        practice.sql(&format!("UPDATE customer SET preferred_contact = '{channel}'"));
        practice.sql(
            "INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES (8, 1, '0152 28817387', 1)",
        );
        for interface in [2, 3] {
            practice.setting(interface, "connections", "2").setting(interface, "max_per_minute", "1");
        }
        let report = quiet_pass(&practice, EVENING, &Hurry::running());
        assert_eq!(practice.query("SELECT channel, state FROM message"), format!("{channel}|sent\n{channel}|sent"));
        let seconds = "SELECT strftime('%s', max(claimed_at)) - strftime('%s', min(claimed_at)) FROM message";
        let between: u64 = practice.query(seconds).parse().unwrap();
        assert!(between >= 60, "{channel}: {between} seconds: {report}");
    }
}

#[test]
fn a_greylisted_mail_is_taken_at_the_second_try_and_the_others_do_not_wait() {
    let hurry = Hurry::standing();
    let peer = greylisting(&hurry, 1, 1, || {});
    let practice = two_customers(&peer);
    assert_snapshot!(quiet_pass(&practice, EVENING, &hurry), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    Optik Muster (HH)
    -----------------
      Sent: 2 e-mails
        - Wed 11 Mar 2026, 10:00: Renate Weiß, e-mail to r***@e***.de
        - Wed 11 Mar 2026, 11:00: Kai Sommer, e-mail to k***@e***.de

    In all: 2 messages (2 sent).
    --- status 0
    ");
    assert_eq!(recipients(&peer), ["kai@example.de", "renate@example.de"]);
    assert_eq!(
        practice.query("SELECT id, customer_id, state, sent_at, pass_id FROM message"),
        "1|7|sent|2026-03-10T18:00:00Z|1\n2|8|sent|2026-03-10T18:00:00Z|1"
    );
}

#[test]
fn a_mail_that_is_still_not_wanted_after_a_minute_and_five_more_is_left_to_the_next_pass() {
    let hurry = Hurry::standing();
    let tries: Arc<Mutex<Vec<u64>>> = Arc::default();
    let peer = greylisting(&hurry, 1, 3, {
        let (hurry, tries) = (hurry.clone(), Arc::clone(&tries));
        move || tries.lock().unwrap().push(hurry.seconds())
    });
    let practice = two_customers(&peer);
    assert_snapshot!(quiet_pass(&practice, EVENING, &hurry), @"
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
    let tries = tries.lock().unwrap().clone();
    assert!(tries.len() == 3 && tries[1] >= tries[0] + 60 && tries[2] >= tries[1] + 300, "{tries:?}");
    assert!(quiet_pass(&practice, LATER, &Hurry::running()).ends_with("--- status 0"));
    assert_eq!(recipients(&peer), ["kai@example.de", "renate@example.de"]);
    assert_eq!(practice.query("SELECT id, customer_id, state FROM message"), "1|7|sent\n2|8|sent");
}

#[test]
fn a4_nothing_is_tried_again_beyond_the_time_for_sending() {
    let hurry = Hurry::standing();
    let peer = greylisting(&hurry, 1, 9, || {});
    let practice = two_customers(&peer);
    practice.setting(1, "max_minutes", "5");
    assert!(quiet_pass(&practice, EVENING, &hurry).ends_with("--- status 1"));
    let tries = peer.commands().iter().filter(|line| line.starts_with("RCPT") && line.contains("renate")).count();
    assert_eq!((tries, practice.query("SELECT state FROM message ORDER BY id")), (2, "deferred\nsent".to_owned()));
    assert!(hurry.seconds() < 300, "nobody waits for a try that is not made: {}", hurry.seconds());
}

#[test]
fn a_pass_that_is_asked_to_end_does_not_wait_for_another_try() {
    let signal = Arc::new(AtomicBool::new(false));
    let hurry = Hurry::standing();
    let peer = greylisting(&hurry, 1, 9, {
        let signal = Arc::clone(&signal);
        move || signal.store(true, Ordering::SeqCst)
    });
    let practice = two_customers(&peer);
    let report = pass(&practice, EVENING, &hurry, &signal);
    assert!(report.ends_with("--- status 1") && report.contains("Greylisting in action"), "{report}");
    assert_eq!(practice.query("SELECT state FROM message ORDER BY id"), "deferred\ndeferred");
}

#[test]
fn an_appointment_that_is_cancelled_while_its_mail_waits_for_another_try_is_withdrawn() {
    let practice = Practice::ready();
    let path = practice.path("termine.db");
    let hurry = Hurry::running();
    let peer = greylisting(&hurry, 0, 1, move || {
        let others = rusqlite::Connection::open_with_flags(&path, rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
        others.busy_timeout(Duration::from_secs(10)).unwrap();
        others.execute("UPDATE appointment SET status = 'cancelled' WHERE id = 1", []).unwrap();
    });
    practice.without_confirmations().mail_by_port(peer.port()).appointment(1, "2026-03-11 10:00");
    let report = quiet_pass(&practice, EVENING, &hurry);
    assert!(report.ends_with("--- status 0"), "{report}");
    assert_eq!(
        practice.query("SELECT id, state, error FROM message"),
        "1|withdrawn|the appointment has been cancelled in the meantime"
    );
    assert_eq!(recipients(&peer), [""; 0]);
}

/// Rule G3.
#[test]
fn a_repetition_that_is_not_wanted_for_now_is_tried_again_as_well() {
    let peer = SmtpPeer::new(|step| match step.stage {
        Stage::Content if step.before == 0 => Act::Close,
        Stage::Rcpt if step.before == 1 => Act::say(GREYLISTED),
        _ => Act::Polite,
    });
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(peer.port()).appointment(1, "2026-03-11 10:00");
    assert!(quiet_pass(&practice, EVENING, &Hurry::running()).ends_with("--- status 1"));
    let second = quiet_pass(&practice, LATER, &Hurry::running());
    assert!(second.ends_with("--- status 0"), "{second}");
    assert_eq!(practice.query("SELECT id, state, repeats FROM message"), "1|sent|1");
    let taken = peer.taken();
    assert!(taken.len() == 2 && taken[0] == taken[1], "{taken:?}");
}

#[test]
fn confirmations_go_out_while_a_reminder_waits_for_another_try() {
    let hurry = Hurry::standing();
    let peer = greylisting(&hurry, 2, 1, || {});
    let practice = two_customers(&peer);
    practice.setting(1, "confirmation", r#"{"document_template": "Terminbestätigung"}"#);
    practice.appointment_of(8, 3, "2026-05-11 11:00");
    let report = quiet_pass(&practice, EVENING, &hurry);
    assert!(report.ends_with("--- status 0"), "{report}");
    let names = practice.query("SELECT kind, customer_id, state FROM message ORDER BY id");
    assert_eq!(names, "reminder|7|sent\nreminder|8|sent\nconfirmation|8|sent");
    assert_eq!(recipients(&peer), ["kai@example.de", "kai@example.de", "renate@example.de"]);
}

/// A message at which a server breaks off, as some virus scanners do, is the first in every pass.
#[test]
fn one_address_at_which_the_server_breaks_off_keeps_nobody_else_from_it() {
    let peer =
        SmtpPeer::new(
            |step: &Step<'_>| {
                if step.stage == Stage::Rcpt && step.line.contains("renate") { Act::Close } else { Act::Polite }
            },
        );
    let practice = two_customers(&peer);
    practice.customer(9, "Uwe", "uwe@example.de").appointment_of(9, 3, "2026-03-11 12:00");
    let hurry = Hurry::running();
    assert_snapshot!(quiet_pass(&practice, EVENING, &hurry), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)

    What needs doing
    ----------------
    - 1 message is postponed since the server could not be reached or refused for
      now; a later pass decides anew while the appointment is still ahead. “naming
      the recipient: the server has closed the connection”

    Optik Muster (HH)
    -----------------
      Sent: 2 e-mails
        - Wed 11 Mar 2026, 11:00: Kai Sommer, e-mail to k***@e***.de
        - Wed 11 Mar 2026, 12:00: Uwe Sommer, e-mail to u***@e***.de
      Postponed: 1 message
        - Wed 11 Mar 2026, 10:00: Renate Weiß, e-mail to r***@e***.de

    In all: 3 messages (2 sent, 1 postponed).
    --- status 1
    ");
    assert_eq!(practice.query("SELECT customer_id, state FROM message ORDER BY 1"), "7|deferred\n8|sent\n9|sent");
}

/// They are the first in each pass, and lie side by side, as the mailboxes of one house do.
#[test]
fn three_addresses_at_which_the_server_breaks_off_keep_nobody_else_from_it() {
    let is_bad = |line: &str| ["kunde10@", "kunde11@", "kunde12@"].iter().any(|bad| line.contains(bad));
    let breaks_off = move |step: &Step<'_>| {
        if step.stage == Stage::Rcpt && is_bad(step.line) { Act::say("421 4.7.0 Try again later") } else { Act::Polite }
    };
    let peer = SmtpPeer::new(breaks_off);
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(peer.port());
    for id in 10..30 {
        practice.customer(id, "Kai", &format!("kunde{id}@example.de")).appointment_of(id, id, "2026-03-11 11:00");
    }
    quiet_pass(&practice, EVENING, &Hurry::running());
    assert_eq!(practice.query("SELECT state, count(*) FROM message GROUP BY 1"), "deferred|3\nsent|17");
}

#[test]
fn a_reminder_at_which_the_server_breaks_off_keeps_no_confirmation_from_it() {
    let breaks_off = |step: &Step<'_>| {
        if step.stage == Stage::Rcpt && step.line.contains("renate") { Act::Close } else { Act::Polite }
    };
    let peer = SmtpPeer::new(breaks_off);
    let practice = Practice::ready();
    practice.mail_by_port(peer.port()).appointment(1, "2026-03-11 10:00");
    practice.customer(8, "Kai", "kai@example.de").appointment_of(8, 2, "2026-05-04 10:00");
    quiet_pass(&practice, EVENING, &Hurry::running());
    assert_eq!(practice.query("SELECT kind, state FROM message ORDER BY 1"), "confirmation|sent\nreminder|deferred");
}

/// Nobody can tell then whether it is the message or the server.
#[test]
fn a_server_in_trouble_at_the_only_message_is_named() {
    let peer = SmtpPeer::at(Stage::Rcpt, Act::Close);
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(peer.port()).appointment(1, "2026-03-11 10:00");
    let report = quiet_pass(&practice, EVENING, &Hurry::running());
    assert!(report.contains("There was trouble with the server of interface 2"), "{report}");
    assert_eq!(practice.query("SELECT kind, state FROM message ORDER BY 1"), "reminder|deferred");
}

/// Nothing is sent while gateways are asked.
#[test]
fn g3_a_gateway_that_is_slow_to_say_that_it_cannot_tell_is_asked_about_one_message_in_a_pass() {
    let asked = |hurry: &Hurry| {
        let broken = || HttpAct::reply(503, "busy");
        let gateway = HttpPeer::playing([broken(), broken()]);
        let practice = Practice::ready();
        let settings =
            format!(r#"{{"gateway": "seven", "base_url": "{}", "secrets": {{"api_key": "geheim"}}}}"#, gateway.url());
        practice.connection().execute("UPDATE interface SET settings = ?1 WHERE id = 3", [settings]).unwrap();
        practice.without_confirmations().appointment(1, "2026-03-11 10:00").sql(
            "INSERT INTO message (id, kind, customer_id, channel, address, body, state, sent_at, pass_id, interface_id)
             VALUES (1, 'reminder', 7, 'sms', '+4915228817386', 'Text', 'uncertain', '2026-03-10T17:00:00Z', 1, 3),
                    (2, 'reminder', 7, 'sms', '+4915228817386', 'Text', 'uncertain', '2026-03-10T17:00:00Z', 1, 3);
             INSERT INTO message_appointment (message_id, appointment_id, appointment_start, sequence, kind, customer_id, counts)
             VALUES (1, 1, '2026-03-11 10:00', 0, 'reminder', 7, 1), (2, 2, '2026-03-11 11:00', 0, 'reminder', 7, 1)",
        );
        quiet_pass(&practice, EVENING, hurry);
        gateway.requests().len()
    };
    assert_eq!((asked(&Hurry::standing()), asked(&Hurry::running())), (2, 1));
}
