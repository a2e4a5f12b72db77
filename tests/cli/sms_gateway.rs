//! F6, F7 and G3 over a real connection to a gateway for text messages.

use crate::complaints::{at_the_time, clocks_can_be_moved};
use crate::http_peer::{Act, HttpPeer, nobody};
use crate::practice::{EVENING, Practice};

const LATER: &str = "2026-03-10T19:30";
const SECRET: &str = "Hunter2-geheim";

/// Renate has an appointment tomorrow and wants SMS, which go to seven.io at `base`.
fn renate(base: &str) -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    let settings = format!(
        r#"{{"gateway": "seven", "base_url": "{base}", "connections": 1, "secrets": {{"api_key": "{SECRET}"}}}}"#
    );
    practice.connection().execute("UPDATE interface SET settings = ?1 WHERE id = 3", [settings]).unwrap();
    practice.sql("UPDATE customer SET preferred_contact = 'sms'");
    practice
}

fn taken() -> Act {
    Act::reply(200, r#"{"success": "100", "messages": [{"id": "77123", "success": true, "error": null}]}"#)
}

fn rejected() -> Act {
    Act::reply(200, r#"{"success": "100", "messages": [{"id": null, "success": false, "error": "202"}]}"#)
}

fn numbers(practice: &Practice) -> String {
    practice.query("SELECT channel, address, state FROM message ORDER BY customer_id, id")
}

#[test]
fn an_sms_that_is_taken_is_sent_once_and_the_gateways_number_is_kept() {
    let peer = HttpPeer::playing([taken()]);
    let practice = renate(&peer.url());
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_eq!(practice.query("SELECT state, server_reference FROM message"), "sent|77123");
    assert_eq!(practice.pass(LATER).status, 0);
    let requests = peer.requests();
    assert_eq!(requests.len(), 1);
    let reference = practice.query("SELECT reference FROM message");
    assert!(requests[0].contains(&format!("foreign_id={reference}")), "{requests:?}");
    // Of no use after 10:00, a little less than fifteen hours from now.
    assert!(requests[0].contains("ttl=899&"), "{requests:?}");
}

#[test]
fn f7_a_rejected_number_is_followed_by_the_next_number_and_then_by_mail() {
    let peer = HttpPeer::playing([rejected(), rejected()]);
    let practice = renate(&peer.url());
    practice.sql(
        "INSERT INTO customer_phone (customer_id, position, number, sms_allowed)
         VALUES (7, 2, '0172 9925904', 1), (7, 3, '030 23125 001', 1)",
    );
    assert_eq!(practice.pass(EVENING).status, 1);
    assert_eq!(numbers(&practice), "sms|+4915228817386|failed\nsms|+491729925904|failed\nemail|renate@example.de|sent");
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(peer.requests().len(), 2);
}

#[test]
fn f6_a_gateway_out_of_credit_makes_nobody_wander_to_mail() {
    let peer = HttpPeer::playing([Act::reply(200, r#"{"success": "500"}"#)]);
    let practice = renate(&peer.url());
    practice.customer(8, "Kai", "kai@example.de").appointment_of(8, 2, "2026-03-11 11:00");
    let (report, status) = practice.json(EVENING);
    assert_eq!((status, &report["warnings"][0]["code"]), (1, &"interface_refused".into()), "{report}");
    assert_eq!(numbers(&practice), "sms|+4915228817386|deferred\nemail|kai@example.de|sent");
}

#[test]
fn a_gateway_that_is_not_there_defers() {
    let practice = renate(&nobody());
    let (report, status) = practice.json(EVENING);
    assert_eq!((status, &report["warnings"][0]["code"]), (1, &"interface_trouble".into()), "{report}");
    let peer = HttpPeer::playing([taken()]);
    practice.setting(3, "base_url", &format!("\"{}\"", peer.url()));
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(practice.query("SELECT id, state FROM message"), "1|sent");
}

#[test]
fn g3_an_sms_that_the_gateway_has_is_settled_as_sent_and_not_repeated() {
    let peer = HttpPeer::playing([Act::Close(Vec::new())]);
    let practice = renate(&peer.url());
    assert_eq!(practice.pass(EVENING).status, 1);
    assert_eq!(practice.query("SELECT id, state FROM message"), "1|uncertain");
    let journal =
        format!(r#"[{{"id": "77123", "foreign_id": "{}"}}]"#, practice.query("SELECT reference FROM message"));
    let peer = HttpPeer::playing([Act::reply(200, &journal)]);
    practice.setting(3, "base_url", &format!("\"{}\"", peer.url()));
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(practice.query("SELECT id, state, server_reference, error FROM message"), "1|sent|77123|");
    assert_eq!(peer.requests().len(), 1);
}

#[test]
fn g3_an_sms_that_the_gateway_has_never_seen_is_sent_by_the_same_row() {
    let peer = HttpPeer::playing([Act::Close(Vec::new()), Act::reply(200, "[]"), taken()]);
    let practice = renate(&peer.url());
    assert_eq!(practice.pass(EVENING).status, 1);
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(practice.query("SELECT id, channel, state FROM message"), "1|sms|sent");
    assert_eq!(peer.requests().len(), 3);
}

#[test]
fn g3_another_gateway_is_not_believed_that_it_has_never_seen_an_sms() {
    let peer = HttpPeer::playing([Act::Close(Vec::new())]);
    let practice = renate(&peer.url());
    assert_eq!(practice.pass(EVENING).status, 1);
    let other = HttpPeer::playing([Act::reply(200, "[]"), taken()]);
    practice.setting(3, "base_url", &format!("\"{}\"", other.url()));
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(practice.query("SELECT id, channel, state, repeats FROM message"), "1|sms|uncertain|0");
    assert_eq!(other.requests().len(), 1);
}

/// A gateway lists a message later than it takes it.
#[test]
fn g3_a_gateway_is_not_asked_before_it_can_know() {
    let peer = HttpPeer::playing([Act::Close(Vec::new()), Act::reply(200, "[]"), taken()]);
    let practice = renate(&peer.url());
    assert_eq!(practice.pass(EVENING).status, 1);
    assert_eq!(practice.pass("2026-03-10T19:04").status, 0);
    assert_eq!((peer.requests().len(), practice.query("SELECT state FROM message").as_str()), (1, "uncertain"));
    assert_eq!(practice.pass("2026-03-10T19:06").status, 0);
    assert_eq!((peer.requests().len(), practice.query("SELECT id, state FROM message").as_str()), (3, "1|sent"));
}

#[test]
fn g3_an_sms_of_which_nobody_can_tell_stays_uncertain() {
    let peer = HttpPeer::playing([Act::Close(Vec::new())]);
    let practice = renate(&peer.url());
    assert_eq!(practice.pass(EVENING).status, 1);
    practice.setting(3, "base_url", &format!("\"{}\"", nobody()));
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(practice.query("SELECT id, channel, state FROM message"), "1|sms|uncertain");
}

#[test]
fn g3_an_uncertain_sms_that_cannot_be_understood_is_named() {
    let peer = HttpPeer::playing([Act::Close(Vec::new())]);
    let practice = renate(&peer.url());
    assert_eq!(practice.pass(EVENING).status, 1);
    practice.sql("PRAGMA ignore_check_constraints = 1; UPDATE message SET kind = 'note'");
    let next = practice.pass(LATER);
    assert_eq!(next.status, 1);
    let named = "Table message, row 1, column kind cannot be understood: “note” is no known word there.";
    assert!(next.words().contains(named), "{next}");
}

#[test]
fn g3_an_sms_is_sent_once_more_and_no_more_by_a_gateway_that_never_lists_it() {
    let (none, broken) = (|| Act::reply(200, "[]"), || Act::Close(Vec::new()));
    let peer = HttpPeer::playing([broken(), none(), broken(), none(), none(), none()]);
    let practice = renate(&peer.url());
    for at in [EVENING, "2026-03-10T19:10", "2026-03-10T19:20", "2026-03-10T19:30", "2026-03-10T19:40"] {
        practice.pass(at);
    }
    let sent = peer.requests().iter().filter(|request| request.starts_with("POST")).count();
    assert_eq!((sent, practice.query("SELECT state, repeats FROM message").as_str()), (2, "uncertain|1"));
}

#[test]
fn g3_an_sms_of_a_cancelled_appointment_is_not_sent_although_the_gateway_has_never_seen_it() {
    let peer = HttpPeer::playing([Act::Close(Vec::new()), Act::reply(200, "[]")]);
    let practice = renate(&peer.url());
    assert_eq!(practice.pass(EVENING).status, 1);
    practice.sql("UPDATE appointment SET status = 'cancelled'");
    assert_eq!(practice.pass(LATER).status, 0);
    assert_eq!(practice.query("SELECT id, channel, state FROM message"), "1|sms|withdrawn");
    assert_eq!(peer.requests().len(), 2);
}

#[test]
fn the_key_of_the_gateway_is_printed_and_recorded_nowhere() {
    for answer in [
        Act::reply(401, &format!("wrong key {SECRET}")),
        Act::reply(200, &format!(r#"{{"success": "900", "debug": "{SECRET}"}}"#)),
        Act::reply(500, &format!("<html>X-Api-Key: {SECRET}</html>")),
    ] {
        let peer = HttpPeer::playing([answer]);
        let practice = renate(&peer.url());
        let printed = practice.pass(EVENING);
        assert_eq!(printed.status, 1, "{printed}");
        assert!(peer.requests()[0].contains(SECRET));
        let recorded = practice.query("SELECT error, reply, body FROM message");
        assert!(!printed.to_string().contains(SECRET) && !recorded.contains(SECRET), "{printed}\n{recorded}");
    }
}

#[test]
fn an_address_in_the_words_of_a_server_is_masked_for_staff() {
    let peer = HttpPeer::playing([Act::reply(401, "no route to 4915228817386, 0152 28817386 or renate@example.de")]);
    let practice = renate(&peer.url());
    let printed = practice.pass(EVENING);
    assert!(!printed.stdout.contains("28817386") && !printed.stdout.contains("renate@"), "{printed}");
}

/// Half an hour ahead of the clock, the gateway need not list what it was given just now.
#[test]
fn g3_when_a_gateway_is_asked_goes_by_the_clock_and_not_by_the_instant_that_was_given() {
    if !clocks_can_be_moved() {
        return;
    }
    let peer = HttpPeer::playing([Act::Close(Vec::new()), Act::reply(500, "busy"), Act::reply(500, "busy")]);
    let practice = renate(&peer.url());
    // Some of it is none of this computer.
    practice.sql(
        r#"UPDATE interface SET settings = '{"transport": "smtp", "host": "mail.example.invalid", "from": "t@example.de"}'
           WHERE id = 2"#,
    );
    let program = assert_cmd::cargo::cargo_bin!("terminbote");
    let requests = |clock: &str, arguments: &[&str]| {
        let printed = at_the_time(&practice, clock, program, &[arguments, &["--quiet"]].concat());
        assert!(printed.status <= 1, "{printed}");
        peer.requests().len()
    };
    assert_eq!(requests("2026-03-10 18:00", &[]), 1);
    assert_eq!(practice.query("SELECT state FROM message"), "uncertain");
    assert_eq!(requests("2026-03-10 18:02", &["--at", "2026-03-10T18:32"]), 1);
    assert_eq!(requests("2026-03-10 18:33", &[]), 2);
}
