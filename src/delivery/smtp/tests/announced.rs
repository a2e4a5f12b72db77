//! A message that is announced once the one before it was taken, or behind it (RFC 2920, 3.1).

use super::*;
use crate::delivery::support::smtp_peer::Step;

const WAYS: [Said; 2] = [Said::Ahead, Said::Behind];

fn carrier(server: &SmtpServer, way: Said) -> SmtpCarrier {
    let pipelining = if way == Said::Behind { Pipelining::Next } else { Pipelining::Message };
    super::carrier(&SmtpServer { pipelining, ..server.clone() })
}

const OFFERS: [&str; 2] = ["PIPELINING", "SIZE 100000"];

fn peer(script: impl Fn(&Step<'_>) -> Act + Send + Sync + 'static) -> SmtpPeer {
    SmtpPeer::with(Encryption::None, &OFFERS, script)
}

fn polite() -> SmtpPeer {
    peer(|_| Act::Polite)
}

/// Messages to these, as they wait for a connection.
fn messages<const N: usize>(to_whom: [&str; N]) -> [Arc<Prepared>; N] {
    to_whom
        .map(|name| Arc::new(Prepared { reference: format!("terminbote-{name}"), ..to(&format!("{name}@example.de")) }))
}

/// Hands a message over as a pass does it, which knows the one that follows.
fn hand_over(courier: &mut dyn Courier, message: &Prepared, next: &Arc<Prepared>) -> Outcome {
    let outcome = courier.hand_over_before(message, next);
    courier.announce(next);
    outcome
}

/// A courier to whom the first message has been handed over, and the second one announced.
fn after_the_first<'c>(carrier: &'c SmtpCarrier, [first, second]: [&Arc<Prepared>; 2]) -> Box<dyn Courier + 'c> {
    let mut courier = carrier.courier();
    // Before that, nobody knows what the server offers.
    assert!(!carrier.announces_behind());
    assert!(matches!(courier.hand_over(&to("nobody@example.de")), Outcome::Accepted { .. }));
    assert_eq!(carrier.announces_behind(), carrier.server.pipelining == Pipelining::Next);
    assert!(matches!(hand_over(&mut *courier, first, second), Outcome::Accepted { .. }));
    courier
}

/// Who got something after that, in order.
fn reached(peer: &SmtpPeer) -> Vec<String> {
    peer.taken().into_iter().skip(1).flat_map(|taken| taken.to).collect()
}

#[test]
fn message_after_message_goes_over_one_connection_with_nothing_said_twice() {
    for way in WAYS {
        let peer = polite();
        let carrier = carrier(&server(peer.port()), way);
        let [first, second, third] = messages(["first", "second", "third"]);
        let mut courier = after_the_first(&carrier, [&first, &second]);
        assert!(matches!(hand_over(&mut *courier, &second, &third), Outcome::Accepted { .. }));
        assert!(matches!(courier.hand_over(&third), Outcome::Accepted { .. }));
        drop(courier);
        assert_eq!(reached(&peer), ["first@example.de", "second@example.de", "third@example.de"]);
        assert_eq!(peer.connections(), 1);
        let verbs =
            peer.commands().into_iter().map(|line| line.split([' ', ':']).next().unwrap_or_default().to_owned());
        let verbs: Vec<_> = verbs.filter(|verb| verb != "QUIT").collect();
        assert_eq!(verbs[0], "EHLO");
        assert!(verbs[1..].chunks(3).all(|chunk| chunk == ["MAIL", "RCPT", "DATA"]) && verbs.len() == 13, "{verbs:?}");
    }
}

#[test]
fn it_goes_the_same_way_encrypted() {
    for way in WAYS {
        let peer = SmtpPeer::with(Encryption::Implicit, &OFFERS, |_| Act::Polite);
        let carrier = carrier(&SmtpServer { tls: Tls::Implicit, ..server(peer.port()) }, way);
        let [first, second] = messages(["first", "second"]);
        let mut courier = after_the_first(&carrier, [&first, &second]);
        assert!(matches!(courier.hand_over(&second), Outcome::Accepted { .. }));
        assert_eq!((reached(&peer).len(), peer.connections()), (2, 1));
    }
}

#[test]
fn a_message_that_was_announced_and_is_given_up_reaches_nobody_and_costs_its_connection() {
    for way in WAYS {
        let peer = polite();
        let carrier = carrier(&server(peer.port()), way);
        let [first, second, third] = messages(["first", "second", "third"]);
        let mut courier = after_the_first(&carrier, [&first, &second]);
        assert!(matches!(courier.hand_over(&third), Outcome::Accepted { .. }));
        assert_eq!(reached(&peer), ["first@example.de", "third@example.de"]);
        assert_eq!(peer.connections(), 2);
    }
}

#[test]
fn a_message_whose_text_has_changed_since_it_was_announced_goes_out_with_the_new_one() {
    for way in WAYS {
        let peer = polite();
        let carrier = carrier(&server(peer.port()), way);
        let [first, second] = messages(["first", "second"]);
        let mut courier = after_the_first(&carrier, [&first, &second]);
        let changed = Prepared { body: "Ihr Termin ist um elf.".to_owned(), ..(*second).clone() };
        assert!(matches!(courier.hand_over(&changed), Outcome::Accepted { .. }));
        let taken = peer.taken();
        assert!(taken.last().is_some_and(|taken| taken.content.contains("Ihr Termin ist um elf.")), "{taken:?}");
        assert_eq!(reached(&peer), ["first@example.de", "second@example.de"]);
    }
}

#[test]
fn leaving_after_an_announcement_says_nothing_that_could_be_part_of_a_message() {
    for way in WAYS {
        let peer = polite();
        let carrier = carrier(&server(peer.port()), way);
        let [first, second, third] = messages(["first", "second", "third"]);
        drop(after_the_first(&carrier, [&first, &second]));
        // The peer hears one connection after the other, so that the first has ended when this one has.
        assert!(matches!(carrier.courier().hand_over(&third), Outcome::Accepted { .. }));
        assert_eq!(reached(&peer), ["first@example.de", "third@example.de"]);
    }
}

#[test]
fn a_fault_means_the_same_for_a_message_that_was_announced() {
    for at in [At::Mail, At::Rcpt, At::Data, At::Content] {
        for act in faults() {
            let timeout = if matches!(act, Act::Hang) { SHORT } else { PATIENT };
            let with = |way: Said| {
                let script = act.clone();
                let peer = peer(move |step| match step.stage {
                    stage if stage == at && step.before >= 2 => script.clone(),
                    // As it must be after a refused recipient (RFC 5321, 3.3).
                    At::Data if at == At::Rcpt && step.before >= 2 => Act::say("503 5.5.1 nothing to do"),
                    _ => Act::Polite,
                });
                let carrier = carrier(&server(peer.port()), way).with_timeout(timeout);
                let [first, second] = messages(["first", "second"]);
                let mut courier = carrier.courier();
                assert!(matches!(courier.hand_over(&to("nobody@example.de")), Outcome::Accepted { .. }));
                let before = match way {
                    Said::NotYet => courier.hand_over(&first),
                    Said::Ahead | Said::Behind => hand_over(&mut *courier, &first, &second),
                };
                assert!(
                    matches!(before, Outcome::Accepted { .. }),
                    "{at:?} {act:?} spoils the message before: {before:?}"
                );
                told(courier.hand_over(&second))
            };
            let place = |told: String| told.split(": ").take(2).collect::<Vec<_>>().join(": ");
            let not_announced = place(with(Said::NotYet));
            for way in WAYS {
                assert_eq!(place(with(way)), not_announced, "{at:?} {act:?} {way:?}");
            }
        }
    }
}

/// Nothing of the second one was lost with the connection over which it had been announced.
fn gets_the_second_over_another_connection(peer: &SmtpPeer, carrier: &SmtpCarrier) {
    let [first, second] = messages(["first", "second"]);
    let mut courier = after_the_first(carrier, [&first, &second]);
    let outcome = courier.hand_over(&second);
    let pipelining = carrier.server.pipelining;
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{pipelining:?} {outcome:?}");
    assert_eq!((reached(peer).len(), peer.connections()), (2, 2), "{pipelining:?}");
}

#[test]
fn a_server_that_grows_tired_of_waiting_for_an_announced_text_gets_it_over_another_connection() {
    for way in WAYS {
        let peer = peer(|step| match (step.stage, step.before) {
            (At::Data, 2) => Act::SayAndClose("354 go on\r\n421 4.4.2 waited too long".to_owned()),
            _ => Act::Polite,
        });
        let carrier = carrier(&server(peer.port()), way);
        gets_the_second_over_another_connection(&peer, &carrier);
    }
}

#[test]
fn a_server_that_has_ended_the_encryption_meanwhile_gets_the_text_over_another_connection() {
    for way in WAYS {
        let peer = SmtpPeer::with(Encryption::Implicit, &OFFERS, |step| match (step.stage, step.before) {
            (At::Data, 2) => Act::SayAndEndEncryption("354 go on".to_owned()),
            _ => Act::Polite,
        });
        let carrier = carrier(&SmtpServer { tls: Tls::Implicit, ..server(peer.port()) }, way);
        gets_the_second_over_another_connection(&peer, &carrier);
    }
}

/// On a line that died without a word the text would be lost, and nobody would know.
#[test]
fn a_text_for_which_the_server_has_waited_long_goes_over_another_connection() {
    for (way, waited, connections) in
        [(Said::Ahead, 4, 1), (Said::Ahead, 5, 2), (Said::Behind, 4, 1), (Said::Behind, 5, 2)]
    {
        let peer = polite();
        let seconds = Arc::new(AtomicU32::new(0));
        let clock = {
            let seconds = Arc::clone(&seconds);
            Clock::new(message().date, move || Duration::from_secs(seconds.load(Ordering::Relaxed).into()))
        };
        let pipelining = carrier(&server(peer.port()), way).server.pipelining;
        let carrier = SmtpCarrier::new(&SmtpServer { pipelining, ..server(peer.port()) }, sender(), Arc::new(clock));
        let [first, second] = messages(["first", "second"]);
        let mut courier = after_the_first(&carrier, [&first, &second]);
        seconds.store(waited, Ordering::Relaxed);
        assert!(matches!(courier.hand_over(&second), Outcome::Accepted { .. }));
        assert_eq!((reached(&peer).len(), peer.connections()), (2, connections), "{way:?} {waited}");
    }
}

/// A server that takes one connection at a time would refuse the other one.
#[test]
fn a_connection_with_an_announcement_that_is_given_up_has_ended_before_another_one_begins() {
    use std::io::{BufRead, BufReader, ErrorKind, Write};
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let server_side = std::thread::spawn(move || {
        let mut alone = Vec::new();
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            stream.write_all(b"220 mail.example.de\r\n").unwrap();
            while let Some(line) = lines.next() {
                let answer = match line.get(..4).unwrap_or_default() {
                    "EHLO" => "250-mail.example.de\r\n250 PIPELINING",
                    "DATA" => {
                        stream.write_all(b"354 go on\r\n").unwrap();
                        if !lines.by_ref().any(|line| line == ".") {
                            break;
                        }
                        "250 ok"
                    }
                    _ => "250 ok",
                };
                stream.write_all(format!("{answer}\r\n").as_bytes()).unwrap();
            }
            // It has ended for the other side; now for this one, too.
            listener.set_nonblocking(true).unwrap();
            alone.push(listener.accept().is_err_and(|error| error.kind() == ErrorKind::WouldBlock));
            listener.set_nonblocking(false).unwrap();
        }
        alone
    });
    let carrier = carrier(&server(port), Said::Ahead).with_timeout(PATIENT);
    let [first, second, third] = messages(["first", "second", "third"]);
    let mut courier = after_the_first(&carrier, [&first, &second]);
    assert!(matches!(courier.hand_over(&third), Outcome::Accepted { .. }));
    drop(courier);
    assert_eq!(server_side.join().unwrap(), [true, true]);
}

#[test]
fn an_answer_too_many_is_not_taken_for_the_answer_to_a_message_that_announces_another() {
    for (at, bytes, told_then, connections) in [
        (At::Rcpt, "250 ok\r\n250 ok\r\n", "server: sending the message: ", 1),
        // Before any of the text was said, so that it is said over another connection.
        (At::Data, "354 go on\r\n250 wrong\r\n", "accepted: 250 2.0.0 Ok: queued as 4ZbX1y2z3", 2),
    ] {
        let peer = peer(move |step| match (step.stage, step.before) {
            (stage, 2) if stage == at => Act::Bytes(bytes.as_bytes().to_vec()),
            _ => Act::Polite,
        });
        let carrier = carrier(&server(peer.port()), Said::Behind);
        let [first, second, third] = messages(["first", "second", "third"]);
        let mut courier = after_the_first(&carrier, [&first, &second]);
        let told = told(hand_over(&mut *courier, &second, &third));
        assert!(told.starts_with(told_then), "{at:?} {told}");
        assert_eq!((reached(&peer).len(), peer.connections()), (connections, connections), "{at:?}");
    }
}

#[test]
fn a_refused_address_that_was_announced_costs_no_connection() {
    for way in WAYS {
        let peer = peer(|step| match step.line {
            "RCPT TO:<second@example.de>" => Act::say("550 5.1.1 no such user"),
            _ if (step.stage, step.before) == (At::Content, 2) => Act::say("554 5.5.1 no valid recipients"),
            _ => Act::Polite,
        });
        let carrier = carrier(&server(peer.port()), way);
        let [first, second, third] = messages(["first", "second", "third"]);
        let mut courier = after_the_first(&carrier, [&first, &second]);
        let told = told(hand_over(&mut *courier, &second, &third));
        assert_eq!(told, "rejected: recipient refused: 550 5.1.1 no such user");
        assert!(matches!(courier.hand_over(&third), Outcome::Accepted { .. }));
        assert_eq!(peer.connections(), 1);
        // The lone dot ends a message of nobody.
        assert_eq!(reached(&peer), ["first@example.de", "second@example.de", "third@example.de"]);
        assert_eq!(peer.taken()[2].content, "");
        // What the server has of it is taken back, or a strict one would refuse the next as part of the same message.
        let commands = peer.commands();
        let of_third = commands.iter().position(|line| line.contains("third@example.de")).unwrap();
        assert_eq!(commands[of_third - 2], "RSET", "{commands:?}");
    }
}

#[test]
fn a_message_that_is_not_taken_does_not_harm_the_one_that_was_announced_behind_it() {
    for way in WAYS {
        let peer = peer(|step| match (step.stage, step.before) {
            (At::Content, 1) => Act::say("554 5.7.1 looks like spam"),
            _ => Act::Polite,
        });
        let carrier = carrier(&server(peer.port()), way);
        let [first, second] = messages(["first", "second"]);
        let mut courier = carrier.courier();
        courier.hand_over(&to("nobody@example.de"));
        assert!(!matches!(hand_over(&mut *courier, &first, &second), Outcome::Accepted { .. }));
        assert!(matches!(courier.hand_over(&second), Outcome::Accepted { .. }));
        assert_eq!(peer.connections(), 1);
    }
}

#[test]
fn a_server_that_loses_its_way_behind_a_message_is_told_one_thing_at_a_time_from_then_on() {
    let peer = peer(|step| if (step.stage, step.before) == (At::Mail, 2) { Act::Close } else { Act::Polite });
    let carrier = carrier(&server(peer.port()), Said::Behind);
    let [first, second] = messages(["first", "second"]);
    let mut courier = after_the_first(&carrier, [&first, &second]);
    assert!(matches!(courier.hand_over(&second), Outcome::Accepted { .. }));
    assert!(!carrier.announces_behind());
    assert_eq!((peer.connections(), reached(&peer).len()), (2, 2));
}

/// A server that waits for so many connections and talks to all of them then. What stands behind a message comes too
/// early for it, as it does for Haraka. Returns who got something, and `-` for each announcement.
fn one_thing_at_a_time(connections: usize) -> (u16, std::thread::JoinHandle<Vec<String>>) {
    use std::io::{BufRead, BufReader, Write};
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let talk = |mut stream: std::net::TcpStream| {
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
        let mut taken = Vec::new();
        stream.write_all(b"220 mail.example.de\r\n").unwrap();
        while let Some(line) = lines.next() {
            // The second message is the first with something behind it.
            let too_early = taken.len() == 2 && !taken.contains(&"-".to_owned());
            let answer = match line.get(..4).unwrap_or_default() {
                "EHLO" => "250-mail.example.de\r\n250 PIPELINING",
                "DATA" if too_early => {
                    taken.push("-".to_owned());
                    "503 5.5.1 one thing at a time"
                }
                _ if too_early => "503 5.5.1 one thing at a time",
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").unwrap();
                    let content: Vec<String> = lines.by_ref().take_while(|line| line != ".").collect();
                    taken.extend(content.into_iter().find(|line| line.starts_with("To: ")));
                    "250 ok"
                }
                _ => "250 ok",
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).unwrap();
        }
        taken
    };
    let server_side = std::thread::spawn(move || {
        let streams: Vec<_> = listener.incoming().take(connections).map(Result::unwrap).collect();
        let talks: Vec<_> = streams.into_iter().map(|stream| std::thread::spawn(move || talk(stream))).collect();
        talks.into_iter().flat_map(|talk| talk.join().unwrap()).collect()
    });
    (port, server_side)
}

#[test]
fn a_server_that_finds_an_announcement_out_of_order_hears_it_again_in_turn() {
    let (port, server_side) = one_thing_at_a_time(1);
    let carrier = carrier(&server(port), Said::Behind);
    let [first, second] = messages(["first", "second"]);
    let mut courier = after_the_first(&carrier, [&first, &second]);
    assert!(matches!(courier.hand_over(&second), Outcome::Accepted { .. }));
    assert!(!carrier.announces_behind());
    drop(courier);
    let taken = server_side.join().unwrap();
    assert!(taken.len() == 4 && taken[2] == "-" && taken[3].contains("second@example.de"), "{taken:?}");
}

#[test]
fn what_was_announced_on_other_connections_meanwhile_is_heard_again_as_well() {
    let (port, server_side) = one_thing_at_a_time(3);
    let carrier = carrier(&server(port), Said::Behind);
    let all = [["1", "4"], ["2", "5"], ["3", "6"]].map(messages);
    let mut couriers = [0; 3].map(|_| carrier.courier());
    std::thread::scope(|scope| {
        // The server wants to know of all of them before it says anything.
        for courier in &mut couriers {
            scope.spawn(|| courier.hand_over(&to("nobody@example.de")));
        }
    });
    for (courier, [first, second]) in couriers.iter_mut().zip(&all) {
        assert!(matches!(hand_over(&mut **courier, first, second), Outcome::Accepted { .. }));
    }
    for (courier, [_, second]) in couriers.iter_mut().zip(&all) {
        let outcome = courier.hand_over(second);
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }
    drop(couriers);
    let taken = server_side.join().unwrap();
    assert_eq!((taken.len(), taken.iter().filter(|taken| *taken == "-").count()), (12, 3), "{taken:?}");
}

#[test]
fn nothing_is_announced_behind_a_message_unless_the_settings_say_so() {
    let peer = polite();
    let carrier = carrier(&server(peer.port()), Said::Ahead);
    let [first, second, third] = messages(["first", "second", "third"]);
    let mut courier = carrier.courier();
    assert!(matches!(courier.hand_over(&to("nobody@example.de")), Outcome::Accepted { .. }));
    assert!(matches!(courier.hand_over_before(&first, &second), Outcome::Accepted { .. }));
    // If it had been, this would have cost the connection.
    assert!(matches!(courier.hand_over(&third), Outcome::Accepted { .. }));
    assert_eq!((reached(&peer).len(), peer.connections()), (2, 1));
}

#[test]
fn nothing_is_announced_to_a_server_that_takes_one_command_at_a_time() {
    for (offers, pipelining) in [(&["SIZE 100000"][..], Pipelining::Message), (&OFFERS[..], Pipelining::Off)] {
        let peer = SmtpPeer::with(Encryption::None, offers, |_| Act::Polite);
        let carrier = super::carrier(&SmtpServer { pipelining, ..server(peer.port()) });
        let [first, second, third] = messages(["first", "second", "third"]);
        let mut courier = after_the_first(&carrier, [&first, &second]);
        assert!(matches!(courier.hand_over(&third), Outcome::Accepted { .. }));
        assert_eq!((reached(&peer).len(), peer.connections()), (2, 1), "{offers:?} {pipelining:?}");
    }
}

#[test]
fn an_answer_that_is_lost_with_an_announcement_behind_the_message_is_the_last_one_lost_so() {
    let peer = peer(|step| if (step.stage, step.before) == (At::Content, 1) { Act::Close } else { Act::Polite });
    let carrier = carrier(&server(peer.port()), Said::Behind);
    let [first, second] = messages(["first", "second"]);
    let mut courier = carrier.courier();
    courier.hand_over(&to("nobody@example.de"));
    assert!(matches!(hand_over(&mut *courier, &first, &second), Outcome::Unknown(_)));
    assert!(!carrier.announces_behind());
    assert!(matches!(courier.hand_over(&second), Outcome::Accepted { .. }));
}

#[test]
fn a_message_too_large_for_the_server_is_not_announced() {
    for way in WAYS {
        let peer = polite();
        let carrier = carrier(&server(peer.port()), way);
        let [first, second] = messages(["first", "second"]);
        let large = Arc::new(Prepared { body: "Wort ".repeat(30_000), ..(*second).clone() });
        let mut courier = after_the_first(&carrier, [&first, &large]);
        assert!(matches!(courier.hand_over(&second), Outcome::Accepted { .. }));
        assert_eq!((peer.connections(), reached(&peer).len()), (1, 2));
    }
}
