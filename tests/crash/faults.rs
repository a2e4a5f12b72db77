//! Servers in trouble: the ledger, the exit status, the words of the report, and what the next pass
//! makes of it.

use super::house::{CUSTOMERS, LATER, practice_by};
use super::practice::{EVENING, Practice};
use super::support::http_peer::{Act as Answer, HttpPeer};
use super::support::smtp_peer::{Act, Encryption, SmtpPeer, Stage, Step};
use super::support::tls::{CA, OTHER_CA};

/// One customer with an e-mail address and a mobile number, and one reminder to send.
pub(crate) fn one_reminder() -> Practice {
    let practice = Practice::ready();
    practice.sql("UPDATE interface SET settings = json_remove(settings, '$.confirmation') WHERE id = 1");
    practice.appointment(1, "2026-03-11 09:30");
    practice
}

/// The practice sends its mails to `port`, with more settings, given as JSON.
pub(crate) fn mails_to(practice: &Practice, port: u16, more: &str) {
    let settings = format!(
        r#"{{"transport": "smtp", "host": "localhost", "port": {port}, "tls": "none", "timeout_seconds": 1,
            "from": "Optik Muster <termine@example.de>"}}"#
    );
    practice.sql(&format!("UPDATE interface SET settings = json_patch('{settings}', '{more}') WHERE kind = 'smtp'"));
}

/// Only SMS, by the gateway seven at `url`.
fn texts_to(practice: &Practice, url: &str) {
    practice.sql(&format!(
        r#"UPDATE customer SET email = NULL;
           UPDATE interface SET settings = '{{"gateway": "seven", "base_url": "{url}", "timeout_seconds": 2,
               "secrets": {{"api_key": "geheim"}}}}' WHERE kind = 'sms';"#
    ));
}

fn a_port_at_which_nobody_listens() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

pub(crate) const STATES: &str = "SELECT channel, state, error FROM message ORDER BY id";

/// A mail server that is in trouble defers the message, says so, and gets it from the next pass.
#[track_caller]
fn deferred(practice: &Practice, problem: &str, warning: &str) {
    deferred_at(practice, [EVENING, LATER], problem, warning);
}

#[track_caller]
fn deferred_at(practice: &Practice, [now, later]: [&str; 2], problem: &str, warning: &str) {
    let printed = practice.pass(now);
    assert_eq!(printed.status, 1, "{printed}");
    let states = practice.query(STATES);
    assert!(states.starts_with(&format!("email|deferred|{problem}")) && states.lines().count() == 1, "{states}");
    assert!(printed.words().contains(warning), "{printed}");
    let polite = SmtpPeer::polite();
    mails_to(practice, polite.port(), "{}");
    let next = practice.pass(later);
    assert_eq!((next.status, practice.query(STATES)), (0, "email|sent|".to_owned()), "{next}");
    assert_eq!(polite.taken().len(), 1);
}

const TROUBLE: &str = "There was trouble with the server of interface 2";
const REFUSED: &str = "The server of interface 2 takes nothing from us";

fn practice() -> Practice {
    let practice = one_reminder();
    practice.with_environment("LANG", "en_GB.UTF-8")
}

/// Runs cases beside each other, which do little but wait.
fn at_the_same_time<T: Send>(cases: impl IntoIterator<Item = T>, run: impl Fn(T) + Sync) {
    std::thread::scope(|scope| {
        for case in cases {
            let run = &run;
            scope.spawn(move || run(case));
        }
    });
}

#[test]
fn a_refused_connection_defers() {
    let practice = practice();
    mails_to(&practice, a_port_at_which_nobody_listens(), "{}");
    deferred(&practice, "connecting: localhost, port ", TROUBLE);
}

#[test]
fn a_name_that_cannot_be_found_defers() {
    // Such a server is none of this computer, so that no pass may be ahead of the clock (rule A5).
    let practice = practice();
    practice.sql("UPDATE appointment SET starts_at = '2025-03-12 09:30', ends_at = '2025-03-12 10:00'");
    mails_to(&practice, 25, r#"{"host": "mail.example.invalid", "allow_plaintext": true}"#);
    deferred_at(
        &practice,
        ["2025-03-11T19:00", "2025-03-11T19:15"],
        "connecting: mail.example.invalid, port 25: ",
        TROUBLE,
    );
}

#[test]
fn a_server_that_cannot_prove_who_it_is_is_refused() {
    for encryption in [Encryption::Implicit, Encryption::Starttls] {
        let practice = practice();
        std::fs::write(practice.path("ca.pem"), CA).unwrap();
        std::fs::write(practice.path("other-ca.pem"), OTHER_CA).unwrap();
        let peer = SmtpPeer::with(encryption, &["SIZE 1000000"], |_| Act::Polite);
        let tls = if encryption == Encryption::Implicit { "implicit" } else { "required" };
        let settings = |ca: &str| format!(r#"{{"tls": "{tls}", "ca_file": "{ca}"}}"#);
        mails_to(&practice, peer.port(), &settings("other-ca.pem"));
        let printed = practice.pass(EVENING);
        assert_eq!(printed.status, 1, "{printed}");
        let states = practice.query(STATES);
        assert!(states.starts_with("email|deferred|") && states.contains("certificate"), "{states}");
        assert!(printed.words().contains(REFUSED), "{printed}");
        assert!(peer.taken().is_empty() && !peer.commands().iter().any(|line| line.starts_with("MAIL")));
        mails_to(&practice, peer.port(), &settings("ca.pem"));
        let next = practice.pass(LATER);
        assert_eq!((next.status, practice.query(STATES).as_str()), (0, "email|sent|"), "{next}");
    }
}

#[test]
fn a_server_that_speaks_no_tls_defers() {
    let practice = practice();
    std::fs::write(practice.path("ca.pem"), CA).unwrap();
    let peer = SmtpPeer::polite();
    mails_to(&practice, peer.port(), r#"{"tls": "implicit", "ca_file": "ca.pem"}"#);
    deferred(&practice, "encryption: ", TROUBLE);
    assert!(peer.taken().is_empty());
}

#[test]
fn a_refused_log_in_defers_and_needs_a_person() {
    let practice = practice();
    let peer = SmtpPeer::at(Stage::Auth, Act::say("535 5.7.8 wrong"));
    mails_to(&practice, peer.port(), r#"{"user": "termine", "secrets": {"password": "geheim"}}"#);
    deferred(&practice, "log-in refused: 535 5.7.8 wrong", REFUSED);
    assert_eq!(peer.connections(), 1, "nobody knocks again with a wrong password");
}

#[test]
fn a_421_at_any_stage_is_tried_again_in_the_pass_and_then_by_the_next_one() {
    at_the_same_time([Stage::Greeting, Stage::Ehlo, Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Content], |stage| {
        let busy = Act::SayAndClose("421 4.3.2 busy".to_owned());
        let once = busy.clone();
        let recovers = SmtpPeer::new(
            move |step: &Step<'_>| {
                if step.stage == stage && step.before == 0 { once.clone() } else { Act::Polite }
            },
        );
        let first = practice();
        mails_to(&first, recovers.port(), "{}");
        let printed = first.pass(EVENING);
        assert_eq!((printed.status, first.query(STATES).as_str()), (0, "email|sent|"), "{stage:?}: {printed}");

        let practice = practice();
        let peer = SmtpPeer::at(stage, busy);
        mails_to(&practice, peer.port(), "{}");
        deferred(&practice, "", TROUBLE);
        assert_eq!(peer.connections(), 3, "{stage:?}: after three times it is left alone");
    });
}

#[test]
fn a_server_that_takes_two_connections_at_once_gets_everything_over_those() {
    let too_many = [
        (Stage::Greeting, "421 4.3.2 too many connections"),
        (Stage::Auth, "454 4.7.0 too many at once"),
        (Stage::Auth, "535 5.7.8 too many at once"),
    ];
    at_the_same_time(too_many, |(stage, answer)| {
        let practice = practice();
        practice.sql(
            "WITH RECURSIVE number (id) AS (SELECT 101 UNION ALL SELECT id + 1 FROM number WHERE id < 120)
             INSERT INTO customer (id, last_name, email) SELECT id, 'Kurz', 'kurz' || id || '@example.de' FROM number;
             INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
             SELECT id, 1, id, 1, '2026-03-11 10:30', '2026-03-11 11:00' FROM customer WHERE id > 100;",
        );
        let peer = SmtpPeer::new(move |step| {
            let is_too_many = step.stage == stage && step.before >= 2;
            if is_too_many { Act::SayAndClose(answer.to_owned()) } else { Act::Polite }
        });
        mails_to(&practice, peer.port(), r#"{"user": "termine", "secrets": {"password": "geheim"}}"#);
        let printed = practice.pass(EVENING);
        assert_eq!(printed.status, 0, "{printed}");
        assert_eq!(practice.query("SELECT state, count(*) FROM message GROUP BY state"), "sent|21");
        assert_eq!((peer.taken().len(), peer.connections()), (21, 4), "{answer}");
        assert!(printed.words().contains("2 instead of 4: “") && printed.words().contains(answer), "{printed}");
    });
}

#[test]
fn greylisting_keeps_one_message_waiting_and_no_other() {
    let practice = practice();
    // Within the pass it is tried again after a minute: see tests/cli/tried_again.rs.
    practice.setting(1, "max_minutes", "1");
    practice.sql(
        "INSERT INTO customer (id, last_name, email) VALUES (8, 'Kurz', 'kurz@example.de');
         INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
         VALUES (2, 1, 8, 1, '2026-03-11 10:30', '2026-03-11 11:00');",
    );
    let peer = SmtpPeer::new(|step| {
        let greylisted = step.stage == Stage::Rcpt && step.line.contains("renate");
        if greylisted { Act::say("450 4.2.0 come back later") } else { Act::Polite }
    });
    mails_to(&practice, peer.port(), "{}");
    let printed = practice.pass(EVENING);
    let states = practice.query(STATES);
    assert_eq!(states, "email|deferred|recipient refused: 450 4.2.0 come back later\nemail|sent|", "{printed}");
    assert!(!printed.words().contains(TROUBLE), "{printed}");
    let polite = SmtpPeer::polite();
    mails_to(&practice, polite.port(), "{}");
    let next = practice.pass(LATER);
    assert_eq!((next.status, practice.query(STATES).as_str()), (0, "email|sent|\nemail|sent|"), "{next}");
    assert_eq!(polite.taken().len(), 1);
}

#[test]
fn a_450_a_451_and_a_452_about_one_message_keep_it_waiting_and_say_nothing_against_the_server() {
    let stages = [Stage::Rcpt, Stage::Data, Stage::Content];
    let answers = ["450 4.2.0 busy", "451 4.7.1 come back later", "452 4.2.2 mailbox full"];
    at_the_same_time(stages.into_iter().flat_map(|stage| answers.map(|answer| (stage, answer))), |(stage, answer)| {
        let practice = practice();
        practice.setting(1, "max_minutes", "1");
        let peer = SmtpPeer::at(stage, Act::say(answer));
        mails_to(&practice, peer.port(), "{}");
        deferred(&practice, "", answer);
        let against_it = practice.query("SELECT count(*) FROM pass_warning WHERE code = 'interface_trouble'");
        assert_eq!((against_it.as_str(), peer.connections()), ("0", 1), "{stage:?}, {answer}");
    });
}

#[test]
fn a_dead_mailbox_or_a_text_that_is_not_liked_goes_to_the_next_channel_and_is_not_tried_again() {
    for (stage, answer) in [
        (Stage::Mail, "552 5.3.4 message too big"),
        (Stage::Rcpt, "550 5.1.1 no such user"),
        (Stage::Rcpt, "552 5.2.2 mailbox full"),
        (Stage::Content, "552 5.3.4 message too big"),
        (Stage::Content, "554 5.7.1 spam"),
    ] {
        let practice = practice();
        let peer = SmtpPeer::at(stage, Act::say(answer));
        mails_to(&practice, peer.port(), "{}");
        let printed = practice.pass(EVENING);
        let states = practice.query(STATES);
        let (first, second) = states.split_once('\n').unwrap();
        assert!(first.starts_with("email|failed|") && first.ends_with(answer) && second == "sms|sent|", "{states}");
        assert!(printed.words().contains(answer), "{printed}");
        let heard = peer.commands().len();
        let next = practice.pass("2026-03-11T08:00");
        assert_eq!((next.status, practice.query(STATES)), (0, states), "{next}");
        assert_eq!(peer.commands().len(), heard);
    }
}

#[test]
fn an_answer_one_byte_at_a_time_and_one_of_ten_thousand_lines_are_answers() {
    let long = "250-so much to say\r\n".repeat(9_999) + "250 ok\r\n";
    at_the_same_time([Act::Drip("250 2.0.0 ok".to_owned()), Act::Bytes(long.into_bytes())], |act| {
        for stage in [Stage::Mail, Stage::Content] {
            let practice = practice();
            let peer = SmtpPeer::at(stage, act.clone());
            mails_to(&practice, peer.port(), "{}");
            let printed = practice.pass(EVENING);
            assert_eq!((printed.status, practice.query(STATES).as_str()), (0, "email|sent|"), "{stage:?}: {printed}");
            let shown: u32 = practice.query("SELECT length(reply) FROM message").parse().unwrap();
            assert!(shown < 350, "{shown} characters of a reply in the record");
        }
    });
}

#[test]
fn nonsense_before_the_final_dot_defers_and_after_it_leaves_the_message_uncertain() {
    let nonsense = Act::Bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec());
    at_the_same_time([Stage::Greeting, Stage::Ehlo, Stage::Mail, Stage::Rcpt, Stage::Data], |stage| {
        let practice = practice();
        let peer = SmtpPeer::at(stage, nonsense.clone());
        mails_to(&practice, peer.port(), "{}");
        deferred(&practice, "", TROUBLE);
        assert_eq!(peer.taken().len(), 0, "{stage:?}");
    });
    let practice = practice();
    let peer = SmtpPeer::at(Stage::Content, nonsense);
    mails_to(&practice, peer.port(), "{}");
    assert_eq!((practice.pass(EVENING).status, peer.taken().len()), (1, 1));
    assert!(practice.query(STATES).starts_with("email|uncertain|"));
}

#[test]
fn silence_before_the_final_dot_defers() {
    at_the_same_time([Stage::Greeting, Stage::Ehlo, Stage::Mail, Stage::Rcpt, Stage::Data], |stage| {
        let practice = practice();
        let peer = SmtpPeer::at(stage, Act::Hang);
        mails_to(&practice, peer.port(), "{}");
        deferred(&practice, "", TROUBLE);
        assert_eq!(peer.taken().len(), 0, "{stage:?}");
    });
}

#[test]
fn silence_after_the_final_dot_leaves_the_message_uncertain_and_repeats_it_once() {
    at_the_same_time([Act::Hang, Act::Close], |act| {
        let practice = practice();
        let peer = SmtpPeer::at(Stage::Content, act);
        mails_to(&practice, peer.port(), "{}");
        let printed = practice.pass(EVENING);
        let states = practice.query(STATES);
        assert!(states.starts_with("email|uncertain|waiting for the answer to the message: "), "{states}");
        assert_eq!((printed.status, peer.taken().len()), (1, 1), "{printed}");

        let polite = SmtpPeer::polite();
        mails_to(&practice, polite.port(), "{}");
        let next = practice.pass(LATER);
        assert_eq!((next.status, practice.query(STATES).as_str()), (0, "email|sent|"), "{next}");
        assert_eq!(polite.taken(), peer.taken(), "the same e-mail, with its name and date");
    });
}

/// Rule G3: what could not be repeated is as uncertain as before, and is repeated by the next pass.
#[test]
fn a_repetition_that_never_left_leaves_the_message_as_uncertain_as_it_was() {
    let in_trouble = SmtpPeer::at(Stage::Greeting, Act::SayAndClose("421 4.3.2 busy".to_owned()));
    let wrong_password = SmtpPeer::at(Stage::Mail, Act::say("530 5.7.0 log in first"));
    at_the_same_time([&in_trouble, &wrong_password], |trouble| {
        let practice = practice();
        let silent = SmtpPeer::at(Stage::Content, Act::Close);
        mails_to(&practice, silent.port(), "{}");
        assert_eq!(practice.pass(EVENING).status, 1);
        let first = silent.taken().pop().unwrap();

        mails_to(&practice, trouble.port(), "{}");
        let printed = practice.pass(LATER);
        assert_eq!(printed.status, 1, "{printed}");
        let states = practice.query("SELECT channel, state, repeats FROM message");
        assert_eq!(states, "email|uncertain|0", "{printed}");

        let polite = SmtpPeer::polite();
        mails_to(&practice, polite.port(), "{}");
        let last = practice.pass("2026-03-10T19:30");
        assert_eq!((last.status, practice.query(STATES).as_str()), (0, "email|sent|"), "{last}");
        assert_eq!(polite.taken(), [first], "the same e-mail, with its name and date");
    });
    assert!(in_trouble.taken().is_empty() && wrong_password.taken().is_empty());
}

#[test]
fn a_repetition_waits_for_a_server_that_recovers_within_the_pass() {
    let practice = practice();
    let silent = SmtpPeer::at(Stage::Content, Act::Close);
    mails_to(&practice, silent.port(), "{}");
    assert_eq!(practice.pass(EVENING).status, 1);
    let recovers = SmtpPeer::new(|step| {
        let busy = step.stage == Stage::Greeting && step.before == 0;
        if busy { Act::SayAndClose("421 4.3.2 busy".to_owned()) } else { Act::Polite }
    });
    mails_to(&practice, recovers.port(), "{}");
    let next = practice.pass(LATER);
    assert_eq!((next.status, practice.query(STATES).as_str()), (0, "email|sent|"), "{next}");
    assert_eq!(recovers.taken(), silent.taken());
}

const TAKEN: &str = r#"{"success": "100", "messages": [{"success": true, "id": "77"}]}"#;

#[test]
fn a_gateway_that_asks_to_wait_gets_the_message_when_it_wants_it() {
    let practice = practice();
    let gateway =
        HttpPeer::playing([Answer::reply_with(429, &[("Retry-After", "2")], "slow down"), Answer::reply(200, TAKEN)]);
    texts_to(&practice, &gateway.url());
    let printed = practice.pass(EVENING);
    assert_eq!((printed.status, practice.query(STATES).as_str()), (0, "sms|sent|"), "{printed}");
    let waited = practice.query("SELECT unixepoch(finished_at) - unixepoch(at) >= 2 FROM pass");
    assert_eq!((waited.as_str(), gateway.requests().len()), ("1", 2));
}

#[test]
fn a_gateway_that_asks_to_wait_and_does_not_say_how_long_is_tried_again_in_the_pass_and_then_by_the_next_one() {
    let slow_down = || Answer::reply(429, "slow down");
    let practice = practice();
    let gateway = HttpPeer::playing([slow_down(), slow_down(), Answer::reply(200, TAKEN)]);
    texts_to(&practice, &gateway.url());
    let printed = practice.pass(EVENING);
    assert_eq!((printed.status, practice.query(STATES).as_str()), (0, "sms|sent|"), "{printed}");

    let practice = self::practice();
    let gateway = HttpPeer::playing([slow_down(), slow_down(), slow_down(), Answer::reply(200, TAKEN)]);
    texts_to(&practice, &gateway.url());
    let printed = practice.pass(EVENING);
    assert_eq!((printed.status, practice.query(STATES).as_str()), (1, "sms|deferred|HTTP 429: slow down"), "{printed}");
    assert_eq!(gateway.requests().len(), 3, "after three times it is left alone");
    let next = practice.pass(LATER);
    assert_eq!((next.status, practice.query(STATES).as_str()), (0, "sms|sent|"), "{next}");
}

#[test]
fn a_gateway_that_asks_for_more_time_than_the_pass_has_is_left_to_the_next_one() {
    let practice = practice();
    let gateway = HttpPeer::playing([
        Answer::reply_with(429, &[("Retry-After", "7200")], "slow down"),
        Answer::reply(200, TAKEN),
    ]);
    texts_to(&practice, &gateway.url());
    let printed = practice.pass(EVENING);
    assert_eq!(printed.status, 1, "{printed}");
    assert_eq!(practice.query(STATES), "sms|deferred|HTTP 429: slow down");
    assert!(
        printed.words().contains("There was trouble with the server of interface 3: “HTTP 429: slow down”."),
        "{printed}"
    );
    let next = practice.pass(LATER);
    assert_eq!((next.status, practice.query(STATES).as_str()), (0, "sms|sent|"), "{next}");
}

#[test]
fn an_answer_that_says_nothing_leaves_an_sms_uncertain_until_the_gateway_is_asked() {
    let broken = [
        Answer::reply(500, "internal error"),
        Answer::reply(502, "bad gateway"),
        Answer::reply(200, r#"{"success": "100", "messages": [{"succ"#),
        Answer::reply(200, ""),
        Answer::reply(200, "<!DOCTYPE html><html><body>Please log in</body></html>"),
        // The head comes, and its body does not.
        Answer::Stall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"success\"".to_vec()),
        Answer::Close(Vec::new()),
        // Each byte comes in time, and all of them do not.
        Answer::Drip(format!("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{TAKEN:500}").into_bytes()),
    ];
    at_the_same_time(broken, |act| {
        let practice = practice();
        let gateway = HttpPeer::playing([act.clone(), Answer::reply(503, "still in trouble")]);
        texts_to(&practice, &gateway.url());
        let printed = practice.pass(EVENING);
        assert_eq!((printed.status, gateway.requests().len()), (1, 1), "{act:?}: {printed}");
        assert!(practice.query(STATES).starts_with("sms|uncertain|"), "{act:?}");

        // The gateway cannot say anything, and nothing is sent again.
        let next = practice.pass(LATER);
        assert!(practice.query(STATES).starts_with("sms|uncertain|"), "{act:?}: {next}");
        let asked = gateway.requests().pop().unwrap();
        assert!(gateway.requests().len() == 2 && asked.starts_with("GET /journal/outbound?"), "{asked}");

        let reference = practice.query("SELECT reference FROM message");
        let knows =
            HttpPeer::playing([Answer::reply(200, &format!(r#"[{{"id": "9", "foreign_id": "{reference}"}}]"#))]);
        texts_to(&practice, &knows.url());
        let settled = practice.pass("2026-03-10T19:30");
        assert_eq!((settled.status, practice.query(STATES).as_str()), (0, "sms|sent|"), "{act:?}: {settled}");

        // Nobody may be told twice, whatever the ledger said in between.
        assert_eq!(practice.query("SELECT count(*) FROM message"), "1");
    });
}

#[test]
fn a_gateway_that_has_never_seen_an_sms_gets_it_again() {
    let practice = practice();
    let gateway =
        HttpPeer::playing([Answer::reply(500, "internal error"), Answer::reply(200, "[]"), Answer::reply(200, TAKEN)]);
    texts_to(&practice, &gateway.url());
    assert_eq!(practice.pass(EVENING).status, 1);
    let next = practice.pass(LATER);
    assert_eq!((next.status, practice.query(STATES).as_str()), (0, "sms|sent|"), "{next}");
    let requests = gateway.requests();
    let body = |request: &String| request.split_once("\n\n").unwrap().1.to_owned();
    assert!(body(&requests[0]).contains("foreign_id=") && requests.len() == 3, "{requests:?}");
}

/// What nobody answers counts as told until a person looks, so that no more than a few may go that way.
#[test]
fn a_server_that_answers_nothing_to_message_after_message_is_left_alone_and_the_rest_goes_out_later() {
    let mail = || {
        let peer = SmtpPeer::at(Stage::Content, Act::Close);
        let practice = practice_by("email");
        mails_to(&practice, peer.port(), r#"{"connections": 4}"#);
        let printed = practice.pass(EVENING);
        let polite = SmtpPeer::polite();
        mails_to(&practice, polite.port(), "{}");
        (practice, printed, 3..=6, peer.taken().len())
    };
    let texts = || {
        let gateway = HttpPeer::playing(vec![Answer::reply(500, "internal error"); CUSTOMERS]);
        let practice = practice_by("sms");
        texts_to(&practice, &gateway.url());
        practice.setting(3, "connections", "1");
        let printed = practice.pass(EVENING);
        (practice, printed, 3..=3, gateway.requests().len())
    };
    let cases: [&(dyn Fn() -> _ + Sync); 2] = [&mail, &texts];
    at_the_same_time(cases, |case| {
        let (practice, printed, few, heard) = case();
        let count = |state| practice.query(&format!("SELECT count(*) FROM message WHERE state = '{state}'"));
        let [uncertain, deferred]: [usize; 2] = ["uncertain", "deferred"].map(|state| count(state).parse().unwrap());
        assert!(few.contains(&uncertain) && heard == uncertain, "{uncertain} uncertain, {heard} heard: {printed}");
        assert_eq!((uncertain + deferred, printed.status), (CUSTOMERS / 2, 1), "{printed}");
        assert!(printed.words().contains("There was trouble with the server of interface"), "{printed}");
    });
}
