//! The conversation with a mail server, each fault a test. The peer runs in this process.

mod announced;

use std::time::Instant;

use super::*;
use crate::contact::EmailAddress;
use crate::delivery::Address;
use crate::delivery::email::tests::{message, sender};
use crate::delivery::support::smtp_peer::{Act, Encryption, SmtpPeer, Stage as At};
use crate::delivery::support::tls::{CA, OTHER_CA};
use crate::settings::{Secret, TokenCommand};

const PATIENT: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(150);

fn clock() -> Arc<Clock> {
    #[expect(clippy::disallowed_methods, reason = "the tests of the wire wait for real time")]
    let start = Instant::now();
    Arc::new(Clock::new(message().date, move || start.elapsed()))
}

fn server(port: u16) -> SmtpServer {
    SmtpServer {
        host: "localhost".to_owned(),
        port,
        tls: Tls::None,
        login: None,
        ca_pem: Some(CA.to_owned()),
        timeout_seconds: 30,
        pipelining: Pipelining::Message,
    }
}

fn carrier(server: &SmtpServer) -> SmtpCarrier {
    SmtpCarrier::new(server, sender(), clock()).with_timeout(PATIENT)
}

fn to(address: &str) -> Prepared {
    Prepared { address: Address::Email(EmailAddress::parse(address).unwrap()), ..message() }
}

/// What can go wrong at each stage.
fn faults() -> [Act; 7] {
    [
        Act::Close,
        Act::Hang,
        Act::say("421 4.3.2 shutting down"),
        Act::say("450 4.2.0 later"),
        Act::say("550 5.1.1 no such user"),
        Act::say("554 5.6.0 no"),
        Act::Bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
    ]
}

/// Hands one message over to `peer`.
fn hand_over(peer: &SmtpPeer) -> Outcome {
    carrier(&server(peer.port())).courier().hand_over(&message())
}

/// Hands one message over to a peer that does `act` at `at`.
fn hand_over_with(at: At, act: Act) -> Outcome {
    hand_over(&SmtpPeer::at(at, act))
}

/// The outcome as `word: text`; the word `server` stands for not sent because of the server.
fn told(outcome: Outcome) -> String {
    match outcome {
        Outcome::Accepted { reply, .. } => format!("accepted: {reply}"),
        Outcome::Rejected(text) | Outcome::Declined(text) => format!("rejected: {text}"),
        Outcome::Refused(text) => format!("refused: {text}"),
        Outcome::NotSent { problem, server: true, .. } => format!("server: {problem}"),
        Outcome::NotSent { problem, server: false, .. } => format!("message: {problem}"),
        Outcome::Unknown(text) => format!("unknown: {text}"),
    }
}

const BEFORE_THE_END: [At; 5] = [At::Greeting, At::Ehlo, At::Mail, At::Rcpt, At::Data];

#[test]
fn a_message_is_handed_over_command_by_command() {
    let peer = SmtpPeer::polite();
    let outcome = hand_over(&peer);
    assert_eq!(
        outcome,
        Outcome::Accepted {
            reference: Some("4ZbX1y2z3".to_owned()),
            reply: "250 2.0.0 Ok: queued as 4ZbX1y2z3".to_owned()
        }
    );
    let email = compose(&message(), &sender()).unwrap();
    let commands = peer.commands();
    assert_eq!(
        commands[1..4],
        [
            format!("MAIL FROM:<termine@example.de> SIZE={}", email.bytes.len()),
            "RCPT TO:<anna.beispiel@example.de>".to_owned(),
            "DATA".to_owned()
        ]
    );
    let taken = peer.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].content.as_bytes(), email.bytes);
}

#[test]
fn a_line_that_begins_with_a_dot_arrives_as_it_is() {
    let peer = SmtpPeer::polite();
    let message = Prepared { body: ".\n..\n.x\nend".to_owned(), ..message() };
    carrier(&server(peer.port())).courier().hand_over(&message);
    assert!(peer.taken()[0].content.ends_with("\r\n\r\n.\r\n..\r\n.x\r\nend\r\n"));
}

#[test]
fn many_messages_go_over_one_connection_without_a_needless_word() {
    let peer = SmtpPeer::polite();
    {
        let carrier = carrier(&server(peer.port()));
        let mut courier = carrier.courier();
        for _ in 0..3 {
            assert!(matches!(courier.hand_over(&message()), Outcome::Accepted { .. }));
        }
    }
    assert_eq!(peer.connections(), 1);
    let verbs: Vec<_> = peer.commands().iter().map(|line| line[..4].to_owned()).collect();
    let (first, rest) = verbs.split_at(1);
    assert_eq!(first, ["EHLO"]);
    assert_eq!(rest[..9], ["MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA"]);
}

#[test]
fn a_courier_takes_leave() {
    let peer = SmtpPeer::polite();
    hand_over(&peer);
    for _ in 0..200 {
        if peer.commands().last().is_some_and(|line| line == "QUIT") {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("no QUIT: {:?}", peer.commands());
}

#[test]
fn a_refused_connection_is_not_sent() {
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let told = told(carrier(&server(port)).courier().hand_over(&message()));
    assert!(told.starts_with("server: connecting: localhost, port "), "{told}");
    assert!(told.ends_with(": Connection refused (os error 111)"), "said once: {told}");
}

#[test]
fn a_name_that_does_not_exist_is_not_sent() {
    let server = SmtpServer { host: "mail.example.invalid".to_owned(), ..server(25) };
    let told = told(carrier(&server).courier().hand_over(&message()));
    assert!(told.starts_with("server: connecting: mail.example.invalid, port 25: "), "{told}");
}

#[test]
fn a_421_at_any_stage_is_trouble_with_the_server() {
    for at in BEFORE_THE_END.into_iter().chain([At::Content]) {
        let told = told(hand_over_with(at, Act::say("421 4.3.2 shutting down")));
        assert!(told.starts_with("server: ") && told.ends_with("421 4.3.2 shutting down"), "{at:?} {told}");
    }
}

#[test]
fn a_connection_that_breaks_before_the_end_of_the_message_is_not_sent() {
    for at in BEFORE_THE_END {
        let told = told(hand_over_with(at, Act::Close));
        assert!(told.starts_with("server: "), "{at:?} {told}");
    }
}

#[test]
fn a_connection_that_breaks_inside_the_message_is_not_sent() {
    let peer = SmtpPeer::with(Encryption::None, &[], |step| match step.stage {
        At::Data => Act::SayAndClose("354 go on".to_owned()),
        _ => Act::Polite,
    });
    // More than the buffers of both sides hold, so that the end certainly has not left.
    let message = Prepared { body: "0123456789\n".repeat(1_000_000), ..message() };
    let told = told(carrier(&server(peer.port())).courier().hand_over(&message));
    assert!(told.starts_with("server: sending the message: "), "{told}");
    assert!(peer.taken().is_empty());
}

#[test]
fn a_connection_that_breaks_after_the_final_dot_is_unknown() {
    let expected = "unknown: waiting for the answer to the message: the server has closed the connection";
    assert_eq!(told(hand_over_with(At::Content, Act::Close)), expected);
}

#[test]
fn silence_is_not_sent_before_the_final_dot_and_unknown_after_it() {
    for at in BEFORE_THE_END.into_iter().chain([At::Content]) {
        let peer = SmtpPeer::at(at, Act::Hang);
        let carrier = carrier(&server(peer.port())).with_timeout(SHORT);
        let told = told(carrier.courier().hand_over(&message()));
        let expected = if at == At::Content { "unknown: " } else { "server: " };
        assert!(told.starts_with(expected) && told.ends_with("no answer within 150ms"), "{at:?} {told}");
    }
}

#[test]
fn nonsense_is_not_sent_before_the_final_dot_and_unknown_after_it() {
    for at in BEFORE_THE_END.into_iter().chain([At::Content]) {
        for nonsense in
            [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"\xff\xfe\0\r\n", b"250-a\r\n550 b\r\n", b"250-a\r\nb\r\n"]
        {
            let told = told(hand_over_with(at, Act::Bytes(nonsense.to_vec())));
            let expected = if at == At::Content { "unknown: " } else { "server: " };
            assert!(told.starts_with(expected) && !told.contains(char::is_control), "{at:?} {told}");
        }
    }
}

#[test]
fn a_line_without_an_end_is_nonsense() {
    let told = told(hand_over_with(At::Rcpt, Act::Bytes(vec![b'2'; 100_000])));
    assert!(told.starts_with("server: naming the recipient: a line without an end: "), "{told}");
}

#[test]
fn an_answer_one_byte_at_a_time_is_an_answer() {
    let outcome = hand_over_with(At::Content, Act::Drip("250 2.0.0 Ok".to_owned()));
    assert_eq!(told(outcome), "accepted: 250 2.0.0 Ok");
}

#[test]
fn an_answer_that_never_ends_has_a_deadline() {
    let peer = SmtpPeer::at(At::Mail, Act::Drip("2".repeat(3000)));
    let carrier = carrier(&server(peer.port())).with_timeout(SHORT);
    let told = told(carrier.courier().hand_over(&message()));
    assert_eq!(told, "server: naming the sender: no answer within 150ms");
}

#[test]
fn an_answer_of_ten_thousand_lines_is_read_and_shown_short() {
    let bytes = "250-so much to say\r\n".repeat(9_999) + "250 ok\r\n";
    let told = told(hand_over_with(At::Content, Act::Bytes(bytes.into_bytes())));
    assert!(told.starts_with("accepted: 250 so much to say") && told.len() < 350, "{told}");
}

#[test]
fn an_answer_in_latin_1_is_understood() {
    let outcome = hand_over_with(At::Rcpt, Act::Bytes(b"550 5.1.1 Empf\xe4nger unbekannt\r\n".to_vec()));
    assert_eq!(told(outcome), "rejected: recipient refused: 550 5.1.1 Empfänger unbekannt");
}

#[test]
fn an_answer_to_nothing_is_never_taken_for_the_answer_to_the_message() {
    let peer = SmtpPeer::at(At::Data, Act::Bytes(b"354 go on\r\n250 2.0.0 Ok\r\n".to_vec()));
    let told = told(hand_over(&peer));
    assert!(told.starts_with("server: sending the message: an answer "), "{told}");
}

#[test]
fn refusals_of_an_address_are_told_apart() {
    for (line, expected) in [
        ("450 4.2.0 greylisted", "message"),
        ("451 4.7.1 come back later", "message"),
        ("452 4.2.2 mailbox full", "message"),
        ("550 5.1.1 no such user", "rejected"),
        ("552 5.2.2 mailbox full", "rejected"),
        ("554 5.7.1 Relay access denied", "refused"),
        ("530 5.7.0 log in first", "refused"),
    ] {
        assert_eq!(told(hand_over_with(At::Rcpt, Act::say(line))), format!("{expected}: recipient refused: {line}"));
    }
}

#[test]
fn refusals_after_data_were_not_taken() {
    for (line, expected) in [
        ("450 4.2.0 later", "message"),
        ("451 4.3.0 trouble here", "server"),
        ("452 4.3.1 disk full", "server"),
        ("550 5.7.1 spam", "rejected"),
        ("552 5.3.4 too large", "rejected"),
        ("554 5.6.0 no", "rejected"),
    ] {
        for at in [At::Data, At::Content] {
            assert_eq!(told(hand_over_with(at, Act::say(line))), format!("{expected}: message refused: {line}"));
        }
    }
}

#[test]
fn refusals_of_the_sender_concern_everyone() {
    assert_eq!(
        told(hand_over_with(At::Mail, Act::say("550 5.7.1 not yours"))),
        "refused: sender refused: 550 5.7.1 not yours"
    );
    assert_eq!(told(hand_over_with(At::Mail, Act::say("451 4.3.0 later"))), "server: sender refused: 451 4.3.0 later");
}

#[test]
fn one_refused_address_does_not_stop_the_next() {
    let peer = SmtpPeer::new(|step| match step.line {
        "RCPT TO:<gone@example.de>" => Act::say("550 5.1.1 no such user"),
        _ => Act::Polite,
    });
    let carrier = carrier(&server(peer.port()));
    let mut courier = carrier.courier();
    assert!(matches!(courier.hand_over(&to("gone@example.de")), Outcome::Rejected(_)));
    assert!(matches!(courier.hand_over(&to("here@example.de")), Outcome::Accepted { .. }));
    assert_eq!(peer.connections(), 1);
    assert_eq!(peer.commands().iter().filter(|line| *line == "RSET").count(), 1);
    assert_eq!(peer.taken()[0].to, ["here@example.de"]);
}

#[test]
fn an_unclear_refusal_is_about_the_address_once_another_was_taken() {
    let peer = SmtpPeer::new(|step| match step.line {
        "RCPT TO:<closed@example.de>" => Act::say("550 5.7.1 not for outsiders"),
        _ => Act::Polite,
    });
    let carrier = carrier(&server(peer.port()));
    let mut courier = carrier.courier();
    assert!(matches!(courier.hand_over(&to("closed@example.de")), Outcome::NotSent { server: false, .. }));
    courier.hand_over(&to("open@example.de"));
    assert!(matches!(courier.hand_over(&to("closed@example.de")), Outcome::Declined(_)));
}

#[test]
fn a_kept_connection_that_is_gone_is_made_anew_unseen() {
    for (end, act) in [
        ((At::Content, 0), Act::SayAndClose("250 2.0.0 Ok".to_owned())),
        // The server has had enough of it.
        ((At::Mail, 1), Act::SayAndClose("421 4.7.0 too many messages in one session".to_owned())),
        ((At::Mail, 1), Act::say("452 4.5.0 too many messages in one session")),
    ] {
        let peer = SmtpPeer::new(move |step| if (step.stage, step.before) == end { act.clone() } else { Act::Polite });
        let carrier = carrier(&server(peer.port()));
        let mut courier = carrier.courier();
        for _ in 0..2 {
            assert!(matches!(courier.hand_over(&message()), Outcome::Accepted { .. }), "{end:?}");
        }
        assert_eq!((peer.connections(), peer.taken().len()), (2, 2), "{end:?}");
    }
}

#[test]
fn a_new_connection_that_breaks_is_not_tried_again() {
    let peer = SmtpPeer::at(At::Mail, Act::Close);
    assert!(matches!(hand_over(&peer), Outcome::NotSent { server: true, .. }));
    assert_eq!(peer.connections(), 1);
}

#[test]
fn a_message_beyond_the_servers_limit_is_rejected_unsent() {
    let peer = SmtpPeer::with(Encryption::None, &["size 100"], |_| Act::Polite);
    let told = told(hand_over(&peer));
    assert!(told.starts_with("rejected: the e-mail has ") && told.ends_with("the server takes at most 100"), "{told}");
    assert_eq!(peer.commands().iter().filter(|line| line.starts_with("MAIL")).count(), 0);
}

#[test]
fn a_message_for_another_channel_is_not_sent() {
    let message = Prepared { address: Address::Letter("Am Markt 1".to_owned()), ..message() };
    let outcome = carrier(&server(1)).courier().hand_over(&message);
    assert_eq!(outcome, Outcome::Rejected("a message by letter is no e-mail".to_owned()));
}

mod at_once {
    use super::*;

    /// A peer that offers PIPELINING.
    fn peer(
        script: impl Fn(&crate::delivery::support::smtp_peer::Step<'_>) -> Act + Send + Sync + 'static,
    ) -> SmtpPeer {
        SmtpPeer::with(Encryption::None, &["SIZE 1000000", "pipelining"], script)
    }

    fn verbs(peer: &SmtpPeer) -> Vec<String> {
        peer.commands().iter().map(|line| line.chars().take(4).collect()).collect()
    }

    #[test]
    fn a_group_of_commands_arrives_before_the_first_of_them_is_answered() {
        use std::io::{Read, Write};
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server_side = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = String::new();
            let mut until = |stream: &mut std::net::TcpStream, end: &str| {
                while !heard.ends_with(end) {
                    let mut byte = [0];
                    assert_eq!(stream.read(&mut byte).unwrap(), 1, "{heard}");
                    heard.push(byte[0].into());
                }
                std::mem::take(&mut heard)
            };
            stream.write_all(b"220 mail.example.de\r\n").unwrap();
            until(&mut stream, "\r\n");
            stream.write_all(b"250-mail.example.de\r\n250 PIPELINING\r\n").unwrap();
            let group = until(&mut stream, "DATA\r\n");
            stream.write_all(b"250 ok\r\n250 ok\r\n354 go on\r\n").unwrap();
            until(&mut stream, "\r\n.\r\n");
            stream.write_all(b"250 ok\r\n").unwrap();
            group
        });
        assert!(matches!(carrier(&server(port)).courier().hand_over(&message()), Outcome::Accepted { .. }));
        assert_eq!(
            server_side.join().unwrap(),
            "MAIL FROM:<termine@example.de>\r\nRCPT TO:<anna.beispiel@example.de>\r\nDATA\r\n"
        );
    }

    #[test]
    fn a_fault_means_the_same_as_in_turn() {
        for at in [At::Mail, At::Rcpt, At::Data, At::Content] {
            for act in faults().into_iter().chain([Act::Drip("250 2.0.0 Ok".to_owned())]) {
                let timeout = if matches!(act, Act::Hang) { Duration::from_millis(500) } else { PATIENT };
                let with = |offers: &[&str]| {
                    let act = act.clone();
                    let script = move |step: &crate::delivery::support::smtp_peer::Step<'_>| match step.stage {
                        stage if stage == at => act.clone(),
                        // As it must be after a refused recipient (RFC 5321, 3.3).
                        At::Data | At::Rcpt if at < step.stage => Act::say("503 5.5.1 nothing to do"),
                        _ => Act::Polite,
                    };
                    let peer = SmtpPeer::with(Encryption::None, offers, script);
                    told(carrier(&server(peer.port())).with_timeout(timeout).courier().hand_over(&message()))
                };
                // What is answered to DATA in turn stands behind a good answer to RCPT.
                if matches!(act, Act::Drip(_)) && at != At::Content {
                    continue;
                }
                let (at_once, in_turn) = (with(&["PIPELINING"]), with(&[]));
                // A connection that is closed with words still unread in it breaks in another way.
                let place = |told: &str| told.split(": ").take(2).collect::<Vec<_>>().join(": ");
                assert_eq!(place(&at_once), place(&in_turn), "{at:?} {act:?}");
                assert!(matches!(act, Act::Close) || at_once == in_turn, "{at:?} {act:?}: {at_once}");
            }
        }
    }

    #[test]
    fn a_refused_address_costs_no_connection_whatever_is_said_to_data() {
        for to_data in ["503 5.5.1 no valid recipients", "554 5.5.1 no valid recipients", "354 go on"] {
            let peer = peer(move |step| match (step.stage, step.before) {
                (At::Rcpt, 0) => Act::say("550 5.1.1 no such user"),
                (At::Data, 0) if to_data.starts_with('3') => Act::say(to_data),
                (At::Data, 0) => Act::Bytes(format!("{to_data}\r\n").into_bytes()),
                (At::Content, 0) if to_data.starts_with('3') => Act::say("554 5.5.1 no valid recipients"),
                _ => Act::Polite,
            });
            let carrier = carrier(&server(peer.port()));
            let mut courier = carrier.courier();
            let first = courier.hand_over(&to("gone@example.de"));
            assert_eq!(told(first), "rejected: recipient refused: 550 5.1.1 no such user", "{to_data}");
            if !to_data.starts_with('3') {
                // This peer expects a message behind every DATA.
                continue;
            }
            assert!(matches!(courier.hand_over(&to("here@example.de")), Outcome::Accepted { .. }));
            assert_eq!(peer.connections(), 1);
            assert_eq!(verbs(&peer)[1..], ["MAIL", "RCPT", "DATA", "RSET", "MAIL", "RCPT", "DATA"]);
            let taken = peer.taken();
            assert_eq!((taken[0].content.as_str(), &taken[1].to[..]), ("", &["here@example.de".to_owned()][..]));
        }
    }

    #[test]
    fn no_dot_is_sent_for_a_recipient_that_was_taken() {
        let peer = peer(|step| if step.stage == At::Mail { Act::say("550 5.7.1 not yours") } else { Act::Polite });
        assert_eq!(told(hand_over(&peer)), "refused: sender refused: 550 5.7.1 not yours");
        assert_eq!(peer.taken(), []);
    }

    #[test]
    fn a_server_that_understands_one_command_at_a_time_is_told_one_at_a_time() {
        let peer = peer(|step| match (step.stage, step.before) {
            (At::Rcpt, 0) => Act::say("503 5.5.0 one command at a time"),
            (At::Data, 0) => Act::say("354 go on"),
            (At::Content, 0) => Act::say("554 5.5.1 no valid recipients"),
            _ => Act::Polite,
        });
        let carrier = carrier(&server(peer.port()));
        let mut courier = carrier.courier();
        for _ in 0..2 {
            assert!(matches!(courier.hand_over(&message()), Outcome::Accepted { .. }));
        }
        assert_eq!(peer.connections(), 1);
        assert!(carrier.one_by_one.load(Ordering::Relaxed));
    }

    #[test]
    fn a_server_that_drops_what_it_was_told_too_early_is_told_one_at_a_time_from_then_on() {
        let peer = peer(|step| if (step.stage, step.before) == (At::Rcpt, 0) { Act::Hang } else { Act::Polite });
        let carrier = carrier(&server(peer.port())).with_timeout(SHORT);
        let mut courier = carrier.courier();
        assert_eq!(told(courier.hand_over(&message())), "server: naming the recipient: no answer within 150ms");
        assert!(carrier.one_by_one.load(Ordering::Relaxed));
        assert!(matches!(courier.hand_over(&message()), Outcome::Accepted { .. }));
    }

    #[test]
    fn a_kept_connection_that_is_gone_is_made_anew_unseen() {
        for (end, act) in [
            ((At::Content, 0), Act::SayAndClose("250 2.0.0 Ok".to_owned())),
            ((At::Mail, 1), Act::SayAndClose("421 4.7.0 too many messages in one session".to_owned())),
            ((At::Mail, 1), Act::say("452 4.5.0 too many messages in one session")),
        ] {
            let peer = peer(move |step| if (step.stage, step.before) == end { act.clone() } else { Act::Polite });
            let carrier = carrier(&server(peer.port()));
            let mut courier = carrier.courier();
            for _ in 0..2 {
                assert!(matches!(courier.hand_over(&message()), Outcome::Accepted { .. }), "{end:?}");
            }
            assert_eq!((peer.connections(), peer.taken().len()), (2, 2), "{end:?}");
        }
    }

    #[test]
    fn an_answer_too_many_is_never_taken_for_the_answer_to_the_message() {
        for (at, bytes, expected) in [
            (At::Rcpt, "250 ok\r\n250 ok\r\n", "server: sending the message: unexpected answer 250 ok"),
            (At::Data, "354 go on\r\n250 2.0.0 Ok\r\n", "server: sending the message: an answer "),
        ] {
            let peer =
                peer(move |step| if step.stage == at { Act::Bytes(bytes.as_bytes().to_vec()) } else { Act::Polite });
            let told = told(hand_over(&peer));
            assert!(told.starts_with(expected), "{at:?} {told}");
            assert_eq!(peer.taken(), []);
        }
    }

    #[test]
    fn everything_is_said_at_once_under_encryption_too() {
        let peer = SmtpPeer::with(Encryption::Starttls, &["PIPELINING"], |_| Act::Polite);
        let server = SmtpServer { tls: Tls::Required, ..server(peer.port()) };
        let carrier = carrier(&server);
        let mut courier = carrier.courier();
        for _ in 0..2 {
            assert!(matches!(courier.hand_over(&message()), Outcome::Accepted { .. }));
        }
        assert_eq!((peer.connections(), peer.taken().len()), (1, 2));
    }
}

mod logging_in {
    use super::*;

    fn with_password(port: u16, how: Option<PasswordMechanism>) -> SmtpServer {
        let proof = Proof::Password { password: Secret::new("hunter2"), how };
        SmtpServer { login: Some(Login { user: "termine".to_owned(), proof }), ..server(port) }
    }

    fn with_token(port: u16, script: &str) -> SmtpServer {
        let arguments = vec!["-c".to_owned(), script.to_owned()];
        let proof = Proof::Token(TokenCommand { program: "/bin/sh".to_owned(), arguments });
        SmtpServer { login: Some(Login { user: "termine@example.de".to_owned(), proof }), ..server(port) }
    }

    #[test]
    fn plain_is_preferred_and_login_answers_questions() {
        let peer = SmtpPeer::polite();
        assert!(matches!(carrier(&with_password(peer.port(), None)).probe(), Ok(Probe { asked: true, .. })));
        assert_eq!(peer.commands()[1], "AUTH PLAIN AHRlcm1pbmUAaHVudGVyMg==");

        let peer = SmtpPeer::new(|step| match (step.stage, step.line) {
            (At::Auth, _) => Act::say("334 VXNlcm5hbWU6"),
            (At::Other, "dGVybWluZQ==") => Act::say("334 UGFzc3dvcmQ6"),
            (At::Other, "aHVudGVyMg==") => Act::say("235 2.7.0 Welcome"),
            _ => Act::Polite,
        });
        let server = with_password(peer.port(), Some(PasswordMechanism::Login));
        assert!(matches!(carrier(&server).probe(), Ok(Probe { asked: true, .. })));
        assert_eq!(peer.commands()[1..4], ["AUTH LOGIN", "dGVybWluZQ==", "aHVudGVyMg=="]);
    }

    #[test]
    fn a_wrong_password_stops_the_interface_and_blames_no_address() {
        let peer = SmtpPeer::at(At::Auth, Act::say("535 5.7.8 wrong: hunter2 AHRlcm1pbmUAaHVudGVyMg=="));
        let told = told(carrier(&with_password(peer.port(), None)).courier().hand_over(&message()));
        assert_eq!(told, "refused: log-in refused: 535 5.7.8 wrong: *** ***");
        assert_eq!(peer.commands().iter().filter(|line| line.starts_with("MAIL")).count(), 0);
    }

    #[test]
    fn a_server_that_repeats_the_password_later_does_not_bring_it_into_the_record() {
        for stage in [At::Mail, At::Rcpt, At::Content] {
            let words = format!("550 5.1.1 {} hunter2 AHRlcm1pbmUAaHVudGVyMg== aHVudGVyMg==", "x ".repeat(140));
            let peer = SmtpPeer::at(stage, Act::say(&words));
            let told = told(carrier(&with_password(peer.port(), None)).courier().hand_over(&message()));
            assert!(told.contains("***") && !told.contains("hunter") && !told.contains("aHVu"), "{told}");
        }
    }

    #[test]
    fn a_server_that_cannot_check_passwords_for_now_may_do_so_later() {
        let peer = SmtpPeer::at(At::Auth, Act::say("454 4.7.0 Temporary authentication failure"));
        let told = told(carrier(&with_password(peer.port(), None)).courier().hand_over(&message()));
        assert_eq!(told, "server: log-in refused: 454 4.7.0 Temporary authentication failure");
    }

    #[test]
    fn silence_and_a_break_during_the_log_in_are_not_sent() {
        for act in [Act::Hang, Act::Close, Act::say("421 4.3.2 shutting down"), Act::say("what?")] {
            let peer = SmtpPeer::at(At::Auth, act);
            let carrier = carrier(&with_password(peer.port(), None)).with_timeout(SHORT);
            let told = told(carrier.courier().hand_over(&message()));
            assert!(told.starts_with("server: log-in"), "{told}");
        }
    }

    #[test]
    fn a_server_without_a_way_to_log_in_needs_a_person() {
        let peer = SmtpPeer::with(Encryption::None, &["AUTH CRAM-MD5"], |_| Act::Polite);
        let told = told(carrier(&with_password(peer.port(), None)).courier().hand_over(&message()));
        assert_eq!(told, "refused: the server offers no log-in by PLAIN or LOGIN");
    }

    #[test]
    fn a_token_is_told_by_xoauth2() {
        let peer = SmtpPeer::polite();
        let probe = carrier(&with_token(peer.port(), "echo ya29.abc")).probe();
        assert_eq!(probe, Ok(Probe { asked: true, balance: None }));
        assert_eq!(peer.commands()[1], "AUTH XOAUTH2 dXNlcj10ZXJtaW5lQGV4YW1wbGUuZGUBYXV0aD1CZWFyZXIgeWEyOS5hYmMBAQ==");
    }

    #[test]
    fn a_token_that_is_refused_is_explained_before_the_verdict() {
        let peer = SmtpPeer::new(|step| match step.stage {
            At::Auth => Act::say("334 eyJzdGF0dXMiOiI0MDEifQ=="),
            At::Other if step.line.is_empty() => Act::say("535 5.7.8 token expired"),
            _ => Act::Polite,
        });
        let told = told(carrier(&with_token(peer.port(), "echo ya29.abc")).courier().hand_over(&message()));
        assert_eq!(told, "refused: log-in refused: 535 5.7.8 token expired");
    }

    #[test]
    fn a_token_command_that_fails_is_not_sent() {
        let peer = SmtpPeer::polite();
        let told = told(carrier(&with_token(peer.port(), "exit 1")).courier().hand_over(&message()));
        assert_eq!(told, "server: log-in: the token command `/bin/sh` ended with exit status: 1");
    }
}

mod encrypting {
    use super::*;

    fn with_tls(port: u16, tls: Tls) -> SmtpServer {
        SmtpServer { tls, ..server(port) }
    }

    fn peer(encryption: Encryption) -> SmtpPeer {
        SmtpPeer::with(encryption, &["SIZE 1000000"], |_| Act::Polite)
    }

    #[test]
    fn starttls_and_tls_from_the_first_byte_are_spoken() {
        for (encryption, tls) in [(Encryption::Starttls, Tls::Required), (Encryption::Implicit, Tls::Implicit)] {
            let peer = peer(encryption);
            let carrier = carrier(&with_tls(peer.port(), tls));
            let mut courier = carrier.courier();
            for _ in 0..2 {
                let outcome = courier.hand_over(&message());
                assert!(matches!(outcome, Outcome::Accepted { .. }), "{tls:?} {outcome:?}");
            }
            assert_eq!((peer.connections(), peer.taken().len()), (1, 2));
        }
    }

    #[test]
    fn nothing_is_sent_to_a_server_without_starttls() {
        let peer = peer(Encryption::None);
        let told = told(carrier(&with_tls(peer.port(), Tls::Required)).courier().hand_over(&message()));
        assert_eq!(told, "refused: localhost offers no STARTTLS, and nothing is sent without encryption");
    }

    #[test]
    fn a_certificate_that_nobody_trusts_needs_a_person() {
        let peer = peer(Encryption::Starttls);
        let server = SmtpServer { ca_pem: Some(OTHER_CA.to_owned()), ..with_tls(peer.port(), Tls::Required) };
        let told = told(carrier(&server).courier().hand_over(&message()));
        assert!(told.starts_with("refused: the server's certificate is not valid: nobody who is trusted"), "{told}");
        assert_eq!(peer.commands().iter().filter(|line| line.starts_with("MAIL")).count(), 0);
    }

    #[test]
    fn a_certificate_of_another_name_needs_a_person() {
        let peer = peer(Encryption::Implicit);
        let server = SmtpServer { host: "127.0.0.1".to_owned(), ..with_tls(peer.port(), Tls::Implicit) };
        let told = told(carrier(&server).courier().hand_over(&message()));
        assert!(told.starts_with("refused: the server's certificate is not valid: it is made for another"), "{told}");
    }

    #[test]
    fn a_server_that_does_not_speak_tls_is_named() {
        let peer = peer(Encryption::None);
        let told = told(carrier(&with_tls(peer.port(), Tls::Implicit)).courier().hand_over(&message()));
        assert_eq!(told, "server: encryption: the server does not speak TLS at this point (is the port right?)");
    }

    #[test]
    fn a_handshake_that_breaks_or_hangs_is_not_sent() {
        let ready = || "220 ready".to_owned();
        for (tls, at, act) in [
            (Tls::Required, At::Starttls, Act::SayAndClose(ready())),
            // Nothing but silence comes after it.
            (Tls::Required, At::Starttls, Act::SayAndEndEncryption(ready())),
            (Tls::Required, At::Starttls, Act::Close),
            (Tls::Required, At::Starttls, Act::Hang),
            (Tls::Required, At::Starttls, Act::say("454 4.7.0 no TLS now")),
            (Tls::Implicit, At::Greeting, Act::Hang),
            (Tls::Implicit, At::Greeting, Act::Close),
        ] {
            // Behind an implicit port, too, it is not the encryption that answers.
            let peer = SmtpPeer::with(Encryption::None, &["STARTTLS"], move |step| {
                if step.stage == at { act.clone() } else { Act::Polite }
            });
            let carrier = carrier(&with_tls(peer.port(), tls)).with_timeout(SHORT);
            let told = told(carrier.courier().hand_over(&message()));
            assert!(told.starts_with("server: "), "{told}");
        }
    }

    #[test]
    fn words_put_in_before_the_encryption_are_not_believed() {
        let peer = SmtpPeer::with(Encryption::Starttls, &[], |step| match step.stage {
            At::Starttls => Act::Bytes(b"220 ready\r\n250 AUTH PLAIN\r\n".to_vec()),
            _ => Act::Polite,
        });
        let told = told(carrier(&with_tls(peer.port(), Tls::Required)).courier().hand_over(&message()));
        assert_eq!(told, "server: encryption: words in the clear after the answer to STARTTLS");
    }

    #[test]
    fn a_break_after_the_final_dot_is_unknown_under_encryption_too() {
        let peer = SmtpPeer::with(Encryption::Starttls, &[], |step| match step.stage {
            At::Content => Act::Close,
            _ => Act::Polite,
        });
        let told = told(carrier(&with_tls(peer.port(), Tls::Required)).courier().hand_over(&message()));
        assert!(told.starts_with("unknown: "), "{told}");
    }
}
