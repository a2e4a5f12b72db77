//! A real gateway: Kannel with its fake network, each test with its own.
//!
//! Nothing is waited for by the clock: a server is ready when its log says so.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, TimeZone, Utc};
use terminbote::clock::Clock;
use terminbote::contact::PhoneNumber;
use terminbote::delivery::sms::carrier;
use terminbote::delivery::{Address, Answer, Carrier, Outcome, Prepared};
use terminbote::model::Kind;
use terminbote::settings::{Secret, SecretSource, Sms, Surroundings};

use super::server::{Server, free_ports, installed};

const FAKE_NETWORK: &str = "/usr/lib/kannel/test/fakesmsc";

struct Kannel {
    smsbox: Server,
    bearerbox: Server,
    admin: u16,
    network: u16,
    sendsms: u16,
    _folder: tempfile::TempDir,
}

impl Kannel {
    /// Starts one, with `extra` lines in its group `core`; `None` where there is none.
    fn start(extra: &str) -> Option<Self> {
        let bearerbox = installed("Kannel", &["/usr/sbin/bearerbox", "/usr/bin/bearerbox"])?;
        installed("Kannel's fake network", &[FAKE_NETWORK])?;
        let [admin, boxes, network, sendsms] = free_ports();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kannel.conf");
        std::fs::write(&file, configuration([admin, boxes, network, sendsms], extra)).unwrap();
        let file = file.to_str().unwrap();
        let main = Server::start(Command::new(&bearerbox).args(["-v", "0", file]));
        main.wait_for("Start-up done");
        let smsbox = Server::start(Command::new(bearerbox.with_file_name("smsbox")).args(["-v", "0", file]));
        smsbox.wait_for("Connected to bearerbox");
        // A message before its next step makes it fall over.
        smsbox.wait_for("gw/heartbeat.c");
        // Only a box that has said hello gets messages routed.
        main.wait_for("Client connected from");
        Some(Self { smsbox, bearerbox: main, admin, network, sendsms, _folder: folder })
    }

    /// Attaches the network, which takes messages and writes them into its log.
    fn with_network(&self) -> Server {
        let port = self.network.to_string();
        let network = Server::start(
            // It wants to know a message to send, of which it sends none.
            Command::new(FAKE_NETWORK).args(["-H", "127.0.0.1", "-r", &port, "-m", "0", "1 2 text nop"]),
        );
        self.bearerbox.wait_for("Fakesmsc client connected");
        // It says so a moment before messages take that way.
        let mut status = String::new();
        for _ in 0..1000 {
            status = self.ask_gateway("status.txt?password=st-test");
            if status.contains("(online") {
                return network;
            }
        }
        panic!("not online: {status}");
    }

    /// What its page for administrators says.
    fn ask_gateway(&self, what: &str) -> String {
        let url = format!("http://127.0.0.1:{}/{what}", self.admin);
        ureq::get(&url).call().unwrap().body_mut().read_to_string().unwrap()
    }

    fn settings(&self, password: &str) -> Sms {
        let json = format!(
            r#"{{"gateway": "kannel", "base_url": "http://127.0.0.1:{}", "user": "tester",
                 "secrets": {{"password": "{password}"}}}}"#,
            self.sendsms
        );
        Sms::read(&json, &Here).unwrap()
    }

    fn carrier(&self) -> Box<dyn Carrier> {
        self.carrier_with("foobar")
    }

    fn carrier_with(&self, password: &str) -> Box<dyn Carrier> {
        let clock = Clock::new(message("").date, || Duration::ZERO);
        carrier(&self.settings(password), Arc::new(clock))
    }
}

struct Here;

impl Surroundings for Here {
    fn folder(&self) -> &Path {
        Path::new("/nowhere")
    }

    fn secret(&self, source: &SecretSource) -> Result<Secret, String> {
        match source {
            SecretSource::Here(secret) => Ok(secret.clone()),
            SecretSource::File(_) | SecretSource::Variable(_) => Err("not here".to_owned()),
        }
    }
}

/// Every listener on this computer only, that of the fake network included.
fn configuration([admin, boxes, network, sendsms]: [u16; 4], extra: &str) -> String {
    format!(
        r#"group = core
admin-port = {admin}
admin-interface = "127.0.0.1"
admin-password = "adm-test"
status-password = "st-test"
admin-deny-ip = "*.*.*.*"
admin-allow-ip = "127.0.0.1"
smsbox-port = {boxes}
smsbox-interface = "127.0.0.1"
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
dlr-storage = internal
log-level = 0
{extra}
group = smsc
smsc = fake
smsc-id = fake1
port = {network}
our-host = "127.0.0.1"
connect-allow-ip = "127.0.0.1"

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = "127.0.0.1"
sendsms-chars = "0123456789 +-"
global-sender = "OPTIK"
log-level = 0

group = sendsms-user
username = tester
password = foobar
max-messages = 3
concatenation = true
user-deny-ip = "*.*.*.*"
user-allow-ip = "127.0.0.1"
"#
    )
}

fn message(body: &str) -> Prepared {
    let date = Utc.with_ymd_and_hms(2026, 3, 10, 18, 0, 0).unwrap();
    Prepared {
        id: 7,
        kind: Kind::Reminder,
        address: Address::Sms(PhoneNumber::parse("+4915228817386", "+49").unwrap()),
        recipient_name: None,
        subject: None,
        body: body.to_owned(),
        language: "de".to_owned(),
        attachments: Vec::new(),
        reference: "rem-20260310-0007".to_owned(),
        date,
        reply_to: None,
        expires: date + TimeDelta::hours(16),
    }
}

fn accepted(reply: &str) -> Outcome {
    Outcome::Accepted { reference: None, reply: reply.to_owned() }
}

/// The text that the network got, by the line of its log:
/// `Got message 1: <OPTIK +49… text Größe 3€>`, or `… ucs-2 %00G%00r…` with UTF-16 in percent signs.
fn received(line: &str) -> (String, String) {
    let inside = line.split_once('<').unwrap().1.rsplit_once('>').unwrap().0;
    let mut words = inside.splitn(4, ' ');
    let (_, to, kind, text) =
        (words.next().unwrap(), words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
    let text = if kind == "ucs-2" { utf16(text) } else { text.to_owned() };
    (to.to_owned(), text)
}

fn utf16(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let hex = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
            }
            b'+' => bytes.push(b' '),
            byte => bytes.push(byte),
        }
    }
    let units: Vec<_> = bytes.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    String::from_utf16(&units).unwrap()
}

#[test]
fn a_message_reaches_the_network_with_every_character() {
    let Some(kannel) = Kannel::start("") else { return };
    let network = kannel.with_network();
    let carrier = kannel.carrier();
    let mut courier = carrier.courier();
    for text in
        ["Größe 3€, äöüÄÖÜß & 100% + {mehr} = x?", "Termin am 11.3. um 10:30 ✓ „Müller“ – bis bald", "Zoë hat 👓"]
    {
        assert_eq!(courier.hand_over(&message(text)), accepted("0: Accepted for delivery"));
        let line = network.wait_for("Got message");
        assert_eq!(received(&line), ("+4915228817386".to_owned(), text.to_owned()), "{line}");
    }
    let long = "Guten Tag. ".repeat(40);
    assert_eq!(courier.hand_over(&message(&long)), accepted("0: Accepted for delivery"));
    // Three parts, as counted; each comes as one message with its header.
    for _ in 0..3 {
        network.wait_for("Got message");
    }
    let longer = courier.hand_over(&message(&"Guten Tag. ".repeat(42)));
    assert!(matches!(longer, Outcome::NotSent { server: false, .. }), "{longer:?}");
}

#[test]
fn without_a_network_a_message_is_queued_and_comes_later_once() {
    let Some(kannel) = Kannel::start("") else { return };
    let queued = kannel.carrier().courier().hand_over(&message("später"));
    assert_eq!(queued, accepted("3: Queued for later delivery"));
    let network = kannel.with_network();
    assert_eq!(received(&network.wait_for("Got message")).1, "später");
    drop(kannel);
    network.wait_for("0 messages sent and 1 received");
}

#[test]
fn a_wrong_password_is_refused_and_found_without_sending() {
    let Some(kannel) = Kannel::start("") else { return };
    let wrong = kannel.carrier_with("wrong-pass");
    let refused = wrong.courier().hand_over(&message("Text"));
    let words = "log-in refused: HTTP 403: Authorization failed for sendsms";
    assert_eq!(refused, Outcome::Refused(words.to_owned()));
    assert_eq!(wrong.probe(), Err(words.to_owned()));
    let right = kannel.carrier().probe().unwrap();
    assert!(right.asked && right.balance.is_none());
    assert!(matches!(wrong.ask(&message("Text")), Answer::CannotTell(_)));
}

#[test]
fn a_stopped_connection_to_the_network_is_the_gateways_trouble() {
    let Some(kannel) = Kannel::start("") else { return };
    let network = kannel.with_network();
    let stopped = kannel.ask_gateway("stop-smsc?password=adm-test&smsc=fake1");
    assert!(stopped.contains("shut down"), "{stopped}");
    // It tells so before the connection is gone.
    network.wait_for("terminating");
    let refused = kannel.carrier().courier().hand_over(&message("Text"));
    let Outcome::Refused(text) = &refused else { panic!("{refused:?}") };
    assert!(text.ends_with("HTTP 403: Not routable. Do not try again."), "{text}");
}

#[test]
fn a_full_queue_is_not_sent() {
    let Some(kannel) = Kannel::start("sms-outgoing-queue-limit = 2\n") else { return };
    let carrier = kannel.carrier();
    let mut courier = carrier.courier();
    let outcomes: Vec<_> = (0..4).map(|_| courier.hand_over(&message("Text"))).collect();
    assert_eq!(outcomes[0], accepted("3: Queued for later delivery"));
    let full = Outcome::NotSent {
        problem: "HTTP 503: Temporal failure, try again later.".to_owned(),
        wait: None,
        server: true,
    };
    assert_eq!(outcomes[3], full);
}

#[test]
fn a_gateway_that_was_killed_takes_nothing() {
    let Some(mut kannel) = Kannel::start("") else { return };
    let carrier = kannel.carrier();
    let mut courier = carrier.courier();
    assert_eq!(courier.hand_over(&message("Text")), accepted("3: Queued for later delivery"));
    kannel.smsbox.kill();
    let gone = courier.hand_over(&message("Text"));
    let Outcome::NotSent { problem, server: true, wait: None } = &gone else { panic!("{gone:?}") };
    assert!(problem.starts_with("no connection to 127.0.0.1:"), "{problem}");
}
