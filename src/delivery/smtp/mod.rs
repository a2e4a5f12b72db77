//! Hands e-mails over to a mail server.
//!
//! Each [`Courier`] keeps one connection and sends message after message over it, command by
//! command, so that it always knows how far it has come. What an answer means is decided in
//! `policy.rs`; how bytes travel is in `wire.rs`.
//!
//! The guarantee: [`Outcome::Accepted`] is said only after the server's own 2xx to the message, and
//! nothing is called not sent once the final dot has left and no answer has come.
//!
//! Choices:
//! - No round trip is spent to find out whether a kept connection still lives. If it turns out to
//!   be gone, or the server has had enough of it (4xx to MAIL, as many do after so many messages), then
//!   nothing was sent; a new connection is made, once, and nobody hears of it.
//! - RSET is said only after a message that was not taken, right before the next one.
//! - To a server that offers PIPELINING (RFC 2920), everything up to DATA is said by one write, and
//!   the answers are read in their order, so that each still belongs to its stage. The message waits
//!   for all of them. Where the address was refused and DATA was not, a lone dot ends the message of
//!   nobody. To a server that loses its way in this, nothing more is said so in this pass.
//! - Such a server is told the commands of the following message as soon as it has taken the present one: they are
//!   answered while that is being written down. Nothing of the following message is certain by that, and it may
//!   still be given up, with its connection.
//! - If the settings say so (`pipelining`: `next`), the commands of the following message go by the same write
//!   as the message itself, behind its final dot (RFC 2920, 3.1): one round trip for a message. Not by default,
//!   since few programs do it and not every server has been tried with it: Haraka refuses what stands there, and
//!   the submission service of Dovecot 2.3 breaks off before it answers, so that a message that it has taken
//!   stays uncertain.
//! - A connection on which anything unexpected was heard is given up: its next answer might be one
//!   to an earlier question.
//! - Our name in EHLO is the host name if it is a full one, else the address of the connection, as
//!   RFC 5321 (4.1.4) has it: many servers refuse a name without a dot.

mod policy;
mod token;
mod wire;

#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::{Auth, Data, Ehlo, Mail, Rcpt, Rset, Starttls};
use lettre::transport::smtp::extension::{ClientId, MailParameter};
use lettre::transport::smtp::response::Response;
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt;

use self::policy::{Before, Stage, judge};
use self::wire::{Reply, Trouble, Wire};
use super::email::{Email, Sender, compose};
use super::{Carrier, Courier, Outcome, Prepared, Probe};
use crate::clock::Clock;
use crate::settings::{Login, PasswordMechanism, Pipelining, Proof, SmtpServer, Tls, trusted_roots};

/// What went wrong, and where.
type Failure = (Stage, Trouble);

/// Hands e-mails over to one mail server.
pub struct SmtpCarrier {
    server: SmtpServer,
    sender: Sender,
    /// How to encrypt, or why that is impossible; `Ok(None)` where it is not wanted.
    encryption: Result<Option<Arc<ClientConfig>>, String>,
    timeout: Duration,
    clock: Arc<Clock>,
    /// Whether the server has taken a recipient from us: it relays for us.
    has_taken: AtomicBool,
    /// How many messages it has refused by unclear answers since it last took one.
    in_doubt: AtomicU32,
    /// Whether the server takes several commands at once.
    takes_several: AtomicBool,
    /// Whether it has lost its way among them, or is not to be told several.
    one_by_one: AtomicBool,
}

impl fmt::Debug for SmtpCarrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpCarrier")
            .field("server", &self.server)
            .field("sender", &self.sender)
            .finish_non_exhaustive()
    }
}

impl SmtpCarrier {
    /// Hands e-mails from `sender` over to `server`. The elapsed time of `clock` bounds the answers.
    /// Nothing is connected yet.
    #[must_use]
    pub fn new(server: &SmtpServer, sender: Sender, clock: Arc<Clock>) -> Self {
        Self {
            encryption: encryption(server),
            timeout: Duration::from_secs(server.timeout_seconds.into()),
            server: server.clone(),
            sender,
            clock,
            has_taken: AtomicBool::new(false),
            in_doubt: AtomicU32::new(0),
            takes_several: AtomicBool::new(false),
            one_by_one: AtomicBool::new(server.pipelining == Pipelining::Off),
        }
    }

    /// The same with a timeout that a test can wait for.
    #[cfg(test)]
    fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Whether the next message is announced behind the text of the present one.
    fn announces_behind(&self) -> bool {
        self.server.pipelining == Pipelining::Next
            && self.takes_several.load(Ordering::Relaxed)
            && !self.one_by_one.load(Ordering::Relaxed)
    }

    /// Takes note of a good answer.
    fn note_taken(&self, stage: Stage) {
        if stage == Stage::Recipient {
            self.has_taken.store(true, Ordering::Relaxed);
        }
    }

    /// What a failure means for the message, after what the server did before.
    fn judge(&self, stage: Stage, trouble: &Trouble) -> Outcome {
        let has_taken = self.has_taken.load(Ordering::Relaxed);
        let is_unclear = policy::is_unclear(stage, trouble, has_taken);
        let in_doubt = self.in_doubt.fetch_add(is_unclear.into(), Ordering::Relaxed);
        judge(stage, trouble, Before { has_taken, in_doubt })
    }

    /// A connection on which the next command may be MAIL.
    fn log_in(&self) -> Result<Line, Failure> {
        let at = |stage| move |trouble| (stage, trouble);
        let config = self.encryption.as_ref().map_err(|why| (Stage::Encryption, Trouble::Unfit(why.clone())))?;
        let SmtpServer { host, port, tls, login, .. } = &self.server;

        let mut wire =
            Wire::connect(host, *port, self.timeout, Arc::clone(&self.clock)).map_err(at(Stage::Greeting))?;
        // It may have been told on another connection before.
        if let Some(Login { proof: Proof::Password { password, .. }, .. }) = login {
            wire.hide(password.expose());
        }
        let encrypt = |wire: Wire| match config {
            Some(config) => wire.encrypt(host, Arc::clone(config)).map_err(at(Stage::Encryption)),
            None => Ok(wire),
        };
        if *tls == Tls::Implicit {
            wire = encrypt(wire)?;
        }
        wire.answer().and_then(|reply| expect(220, reply)).map_err(at(Stage::Greeting))?;
        let name = own_name(&mut wire);
        let mut offers = say_hello(&mut wire, &name).map_err(at(Stage::Hello))?;
        if *tls == Tls::Required {
            if !offers.starttls {
                let problem = format!("{host} offers no STARTTLS, and nothing is sent without encryption");
                return Err((Stage::Encryption, Trouble::Unfit(problem)));
            }
            let ready = wire.ask(&Starttls.to_string()).and_then(|reply| expect(220, reply));
            ready.map_err(at(Stage::Encryption))?;
            wire = encrypt(wire)?;
            // What was offered in the clear may have been put in by somebody on the way.
            offers = say_hello(&mut wire, &name).map_err(at(Stage::Hello))?;
        }
        if let Some(login) = login {
            prove(&mut wire, login, &offers, self.timeout).map_err(at(Stage::Login))?;
        }
        log::info!(host = host.as_str(), port; "server connected");
        self.takes_several.store(offers.pipelining, Ordering::Relaxed);
        Ok(Line { wire, offers, needs_reset: false, is_spent: false, announced: None, holds_back: false })
    }
}

impl Carrier for SmtpCarrier {
    fn courier(&self) -> Box<dyn Courier + '_> {
        Box::new(SmtpCourier { carrier: self, line: None })
    }

    fn is_quick(&self) -> bool {
        self.has_taken.load(Ordering::Relaxed)
    }

    /// Connects, encrypts, logs in and takes leave.
    fn probe(&self) -> Result<Probe, String> {
        match self.log_in() {
            Ok(mut line) => {
                line.wire.quit();
                Ok(Probe { asked: true, balance: None })
            }
            Err((stage, trouble)) => Err(judge(stage, &trouble, Before::default()).problem().to_owned()),
        }
    }
}

/// How `server` wants to be encrypted; `None` if not at all.
fn encryption(server: &SmtpServer) -> Result<Option<Arc<ClientConfig>>, String> {
    if server.tls == Tls::None {
        return Ok(None);
    }
    let impossible = |error: rustls::Error| format!("no encryption is possible: {error}");
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(impossible)?;
    let builder = match &server.ca_pem {
        Some(pem) => builder.with_root_certificates(trusted_roots(pem)?),
        None => builder.with_platform_verifier().map_err(impossible)?,
    };
    Ok(Some(Arc::new(builder.with_no_client_auth())))
}

/// A connection that is logged in.
struct Line {
    wire: Wire,
    offers: Offers,
    /// Whether a message was begun that the server has not taken.
    needs_reset: bool,
    /// Whether it is uncertain which answer would come next.
    is_spent: bool,
    /// The message for which the server waits now, or has refused to.
    announced: Option<Announced>,
    /// Whether the server seems to hold answers back until those before have been confirmed.
    holds_back: bool,
}

/// How long after the one before an answer comes that was held back, at the least.
const HELD_BACK: Duration = Duration::from_millis(20);

/// A message of which everything up to DATA has been said, and no answer been read.
struct Announced {
    message: Arc<Prepared>,
    email: Email,
    said: Said,
    /// When it was announced, by the carrier's clock.
    since: Duration,
}

/// How long a server may have waited for an announced text. Some wait for ten seconds only when they have much to do,
/// and a line on which nothing goes may die without a word.
const WAITED: Duration = Duration::from_secs(5);

/// Whether the commands of a message were said before its turn had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    NotYet,
    /// After the answer to the message before.
    Ahead,
    /// Before that, behind the text of the message.
    Behind,
}

/// One connection of an [`SmtpCarrier`].
struct SmtpCourier<'a> {
    carrier: &'a SmtpCarrier,
    line: Option<Line>,
}

impl Courier for SmtpCourier<'_> {
    fn hand_over(&mut self, message: &Prepared) -> Outcome {
        self.hand_over_and_announce(message, None)
    }

    fn hand_over_before(&mut self, message: &Prepared, next: &Arc<Prepared>) -> Outcome {
        self.hand_over_and_announce(message, Some(next))
    }

    fn announce(&mut self, next: &Arc<Prepared>) {
        let carrier = self.carrier;
        let Some(line) = self.line.as_mut().filter(|line| line.can_announce(carrier)) else { return };
        // What is wrong with it is told when its turn comes.
        let Some(email) = compose(next, &carrier.sender).ok().filter(|email| line.fits(email).is_ok()) else { return };
        if line.wire.write(by_one_write(&line.envelope(&email)).as_bytes()).is_err() {
            self.line = None;
            return;
        }
        let since = carrier.clock.elapsed();
        line.announced = Some(Announced { message: Arc::clone(next), email, said: Said::Ahead, since });
    }
}

impl Drop for SmtpCourier<'_> {
    fn drop(&mut self) {
        // A server that waits for a message would take this for its first line.
        if let Some(line) = self.line.as_mut().filter(|line| line.announced.is_none()) {
            line.wire.quit();
        }
    }
}

/// Whether a kept connection has turned out to be of no more use before anything of a message was said.
fn is_worn_out((stage, trouble): &Failure) -> bool {
    let of_no_use = match trouble {
        Trouble::Closed(_) => true,
        Trouble::Reply(reply) => (400..=499).contains(&reply.code),
        _ => false,
    };
    *stage == Stage::Sender && of_no_use
}

/// Whether a server may just have grown tired of waiting for the text of a message that was announced to it. Nothing of
/// the text counts before its end.
fn has_been_waited_for(said: Said, (stage, trouble): &Failure) -> bool {
    said != Said::NotYet && *stage == Stage::Data && matches!(trouble, Trouble::Closed(_) | Trouble::Garbled(_))
}

/// The codes for commands that a server does not understand, or not at this point.
const NOT_UNDERSTOOD: RangeInclusive<u16> = 500..=503;

/// Whether a server that offers to take several commands at once may not have understood them. Behind another message
/// some refuse them by a code of their own choice.
fn is_about_order((stage, trouble): &Failure, said: Said) -> bool {
    let Trouble::Reply(reply) = trouble else { return false };
    match stage {
        Stage::Sender => said == Said::Behind && reply.code >= 500,
        Stage::Recipient | Stage::Data => NOT_UNDERSTOOD.contains(&reply.code),
        _ => false,
    }
}

impl SmtpCourier<'_> {
    /// There is no way to take an announcement back but to end the connection.
    fn give_up_announcement(&mut self) {
        if let Some(mut line) = self.line.take() {
            line.wire.hang_up();
        }
    }

    fn hand_over_and_announce(&mut self, message: &Prepared, next: Option<&Arc<Prepared>>) -> Outcome {
        let announced = self.line.as_mut().and_then(|line| line.announced.take());
        let (email, mut said) = match announced {
            // The same row of the ledger may have got another text meanwhile.
            Some(announced)
                if *announced.message == *message && announced.since + WAITED > self.carrier.clock.elapsed() =>
            {
                (announced.email, announced.said)
            }
            other => {
                if other.is_some() {
                    self.give_up_announcement();
                }
                match compose(message, &self.carrier.sender) {
                    Ok(email) => (email, Said::NotYet),
                    Err(problem) => return Outcome::Rejected(problem),
                }
            }
        };
        let mut next = next.filter(|_| self.carrier.announces_behind()).and_then(|next| {
            let email = compose(next, &self.carrier.sender).ok()?;
            let since = self.carrier.clock.elapsed();
            Some(Announced { message: Arc::clone(next), email, said: Said::Behind, since })
        });
        // Another connection may learn meanwhile that the server takes one command at a time.
        let mut may_have_lost_its_way = said != Said::NotYet || !self.carrier.one_by_one.load(Ordering::Relaxed);
        let mut may_be_worn_out = self.line.is_some();
        let result = loop {
            let result = self.send(&email, said, &mut next);
            match &result {
                Err(failure)
                    if may_have_lost_its_way
                        && self.carrier.one_by_one.load(Ordering::Relaxed)
                        && is_about_order(failure, said) =>
                {
                    may_have_lost_its_way = false;
                }
                Err(failure) if may_be_worn_out && (is_worn_out(failure) || has_been_waited_for(said, failure)) => {
                    may_be_worn_out = false;
                }
                _ => break result,
            }
            said = Said::NotYet;
        };
        match result {
            Ok(reply) => {
                self.carrier.in_doubt.store(0, Ordering::Relaxed);
                Outcome::Accepted { reference: reply.queue_id(), reply: reply.to_string() }
            }
            Err((stage, trouble)) => self.carrier.judge(stage, &trouble),
        }
    }

    /// Sends `email` over the connection that is there, or a new one, which is kept if it can go on.
    /// What was `said` before needs only its answers. `next` is announced behind it.
    fn send(&mut self, email: &Email, said: Said, next: &mut Option<Announced>) -> Result<Reply, Failure> {
        let mut line = match self.line.take() {
            Some(line) => line,
            None => self.carrier.log_in()?,
        };
        let result = line.send(email, said, next, self.carrier);
        let goes_on = match &result {
            Ok(_) | Err((_, Trouble::Large(_))) => true,
            Err(failure) if is_worn_out(failure) => {
                line.wire.take_leave();
                false
            }
            // After an answer that fits its question both sides know where they are.
            Err((_, Trouble::Reply(reply))) => reply.code >= 400 && reply.code != 421,
            Err(_) => false,
        };
        if goes_on && !line.is_spent {
            self.line = Some(line);
        }
        result
    }
}

/// A command of a message, with the codes that let it go on.
struct Command {
    stage: Stage,
    words: String,
    good: RangeInclusive<u16>,
}

impl Line {
    fn send(
        &mut self,
        email: &Email,
        said: Said,
        next: &mut Option<Announced>,
        carrier: &SmtpCarrier,
    ) -> Result<Reply, Failure> {
        let at = |stage| move |trouble| (stage, trouble);
        self.fits(email).map_err(at(Stage::Sender))?;
        let mut commands = self.envelope(email);
        if said == Said::NotYet {
            if self.needs_reset {
                commands.insert(0, Command { stage: Stage::Sender, words: Rset.to_string(), good: 250..=250 });
            }
            self.needs_reset = true;
            if self.takes_several(carrier) {
                self.wire.write(by_one_write(&commands).as_bytes()).map_err(at(Stage::Sender))?;
                self.hear(&commands, said, carrier)?;
            } else {
                self.say_in_turn(&commands, carrier)?;
            }
        } else {
            self.needs_reset = true;
            self.hear(&commands, said, carrier)?;
        }

        self.wire.expect_silence().map_err(at(Stage::Data))?;
        let next = next.take_if(|next| self.takes_several(carrier) && self.fits(&next.email).is_ok());
        let ahead = next.as_ref().map_or_else(String::new, |next| by_one_write(&self.envelope(&next.email)));
        self.wire.write_with(&with_final_dot(&email.bytes), ahead.as_bytes()).map_err(at(Stage::Data))?;
        self.announced = next;
        let reply = self.wire.answer().map_err(|trouble| {
            if self.announced.is_some() {
                // What stood behind the message may have cost its answer.
                carrier.one_by_one.store(true, Ordering::Relaxed);
            }
            (Stage::Answer, trouble)
        })?;
        if !(200..300).contains(&reply.code) {
            return Err((Stage::Answer, Trouble::Reply(reply)));
        }
        self.needs_reset = false;
        Ok(reply)
    }

    /// Whether the server is told several commands at once.
    fn takes_several(&self, carrier: &SmtpCarrier) -> bool {
        self.offers.pipelining && !carrier.one_by_one.load(Ordering::Relaxed)
    }

    /// Whether the server can be told of the next message: it has taken the last one and knows of no other.
    fn can_announce(&self, carrier: &SmtpCarrier) -> bool {
        self.takes_several(carrier) && !self.needs_reset && self.announced.is_none()
    }

    /// Whether the server takes a message of that size.
    fn fits(&self, email: &Email) -> Result<(), Trouble> {
        let size = email.bytes.len();
        match self.offers.size.filter(|limit| *limit < size) {
            Some(limit) => {
                Err(Trouble::Large(format!("the e-mail has {size} bytes, and the server takes at most {limit}")))
            }
            None => Ok(()),
        }
    }

    /// Everything that is said of a message before its text.
    fn envelope(&self, email: &Email) -> Vec<Command> {
        let mut parameters = Vec::new();
        if self.offers.size.is_some() || self.offers.any_size {
            parameters.push(MailParameter::Size(email.bytes.len()));
        }
        let mail = Mail::new(Some(email.from.clone()), parameters).to_string();
        let rcpt = Rcpt::new(email.to.clone(), Vec::new()).to_string();
        vec![
            Command { stage: Stage::Sender, words: mail, good: 250..=250 },
            // 251 and 252: taken, though it goes elsewhere or could not be checked.
            Command { stage: Stage::Recipient, words: rcpt, good: 250..=252 },
            Command { stage: Stage::Data, words: Data.to_string(), good: 354..=354 },
        ]
    }

    /// Says one command after the other, each when the one before was answered well.
    fn say_in_turn(&mut self, commands: &[Command], carrier: &SmtpCarrier) -> Result<(), Failure> {
        for Command { stage, words, good } in commands {
            let reply = self.wire.ask(words).map_err(|trouble| (*stage, trouble))?;
            if !good.contains(&reply.code) {
                return Err((*stage, Trouble::Reply(reply)));
            }
            carrier.note_taken(*stage);
        }
        Ok(())
    }

    /// Reads the answers to commands that were said by one write, in their order (RFC 2920). The first that
    /// is not good is what went wrong; those behind it are read too, so that the next message finds the
    /// connection in step.
    fn hear(&mut self, commands: &[Command], said: Said, carrier: &SmtpCarrier) -> Result<(), Failure> {
        let mut failure: Option<Failure> = None;
        let (mut waits_for_message, mut nobody_gets_it) = (false, false);
        let mut since = None;
        for Command { stage, good, .. } in commands {
            if self.holds_back && since.is_some() {
                self.wire.confirm();
            }
            let reply = self.wire.answer();
            let now = carrier.clock.elapsed();
            self.holds_back |= since.replace(now).is_some_and(|since| now > since + HELD_BACK);
            let reply = match reply {
                Ok(reply) => reply,
                Err(trouble) => {
                    self.is_spent = true;
                    if failure.is_none() && (said == Said::Behind || *stage > Stage::Sender) {
                        // It may have dropped what it had not been asked for yet.
                        carrier.one_by_one.store(true, Ordering::Relaxed);
                    }
                    return Err(failure.unwrap_or((*stage, trouble)));
                }
            };
            if good.contains(&reply.code) {
                waits_for_message = *stage == Stage::Data;
                if failure.is_none() {
                    carrier.note_taken(*stage);
                }
                continue;
            }
            nobody_gets_it |= *stage == Stage::Recipient;
            // Behind a 421 no answer comes any more; behind one that makes no sense anything may.
            let ends = reply.code < 400 || reply.code == 421;
            let first = failure.get_or_insert((*stage, Trouble::Reply(reply)));
            if is_about_order(first, said) {
                carrier.one_by_one.store(true, Ordering::Relaxed);
            }
            if ends {
                self.is_spent = true;
                break;
            }
        }
        let Some(failure) = failure else { return Ok(()) };
        if waits_for_message && !self.is_spent {
            self.is_spent = !nobody_gets_it || self.end_without_message().is_err();
        }
        Err(failure)
    }

    /// Ends a message of which the server has taken no recipient, without a word of it (RFC 2920, 3.1).
    fn end_without_message(&mut self) -> Result<(), Trouble> {
        self.wire.write(b".\r\n")?;
        let reply = self.wire.answer()?;
        if reply.code >= 400 && reply.code != 421 { Ok(()) } else { Err(Trouble::Reply(reply)) }
    }
}

/// Commands as they are said by one write.
fn by_one_write(commands: &[Command]) -> String {
    commands.iter().map(|command| command.words.as_str()).collect()
}

fn expect(code: u16, reply: Reply) -> Result<Reply, Trouble> {
    if reply.code == code { Ok(reply) } else { Err(Trouble::Reply(reply)) }
}

/// The message as DATA wants it: a dot before each dot that begins a line, and one alone at the end.
fn with_final_dot(message: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(message.len() + 16);
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        if line.first() == Some(&b'.') {
            bytes.push(b'.');
        }
        bytes.extend_from_slice(line);
    }
    if !bytes.ends_with(b"\r\n") {
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b".\r\n");
    bytes
}

/// What a server offers in its answer to EHLO, as far as we can use it.
#[derive(Debug, Default)]
struct Offers {
    starttls: bool,
    pipelining: bool,
    /// SIZE with a limit.
    size: Option<usize>,
    /// SIZE without one.
    any_size: bool,
    mechanisms: Vec<Mechanism>,
}

impl Offers {
    /// Reads one line. Keywords may be written in any letter case (RFC 5321, 4.1.1.1).
    fn read(&mut self, line: &str) {
        let line = line.to_ascii_uppercase();
        // "AUTH=LOGIN" is how the time before the standard wrote it.
        let mut words = line.split([' ', '=']);
        match words.next() {
            Some("STARTTLS") => self.starttls = true,
            Some("PIPELINING") => self.pipelining = true,
            Some("SIZE") => match words.next().map_or(Ok(0), str::parse) {
                Ok(0) | Err(_) => self.any_size = true,
                Ok(limit) => self.size = Some(limit),
            },
            Some("AUTH") => self.mechanisms.extend(words.filter_map(|word| match word {
                "PLAIN" => Some(Mechanism::Plain),
                "LOGIN" => Some(Mechanism::Login),
                "XOAUTH2" => Some(Mechanism::Xoauth2),
                _ => None,
            })),
            _ => {}
        }
    }
}

fn say_hello(wire: &mut Wire, name: &ClientId) -> Result<Offers, Trouble> {
    let mut offers = Offers::default();
    wire.write(Ehlo::new(name.clone()).to_string().as_bytes())?;
    wire.answer_with(|line| offers.read(line)).and_then(|reply| expect(250, reply))?;
    Ok(offers)
}

/// What we call ourselves.
fn own_name(wire: &mut Wire) -> ClientId {
    let host = gethostname::gethostname().to_string_lossy().into_owned();
    let is_full = host.contains('.') && host.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
    if is_full {
        return ClientId::Domain(host);
    }
    match wire.own_address() {
        Some(std::net::IpAddr::V4(address)) => ClientId::Ipv4(address),
        Some(std::net::IpAddr::V6(address)) => ClientId::Ipv6(address),
        None => ClientId::Ipv4(std::net::Ipv4Addr::LOCALHOST),
    }
}

/// Logs in.
fn prove(wire: &mut Wire, login: &Login, offers: &Offers, timeout: Duration) -> Result<(), Trouble> {
    let (secret, wanted) = match &login.proof {
        Proof::Password { password, how } => (
            password.clone(),
            match how {
                None => &[Mechanism::Plain, Mechanism::Login][..],
                Some(PasswordMechanism::Plain) => &[Mechanism::Plain],
                Some(PasswordMechanism::Login) => &[Mechanism::Login],
            },
        ),
        Proof::Token(command) => (token::fetch(command, timeout)?, &[Mechanism::Xoauth2][..]),
    };
    let Some(mechanism) = wanted.iter().copied().find(|mechanism| offers.mechanisms.contains(mechanism)) else {
        let names: Vec<_> = wanted.iter().map(ToString::to_string).collect();
        return Err(Trouble::Unfit(format!("the server offers no log-in by {}", names.join(" or "))));
    };
    // Some servers repeat what they were told, and what they say stands in the record.
    wire.hide(secret.expose());
    let credentials = Credentials::new(login.user.clone(), secret.expose().to_owned());
    exchange(wire, mechanism, &credentials)
}

/// Tells the credentials by `mechanism` and waits for the verdict.
fn exchange(wire: &mut Wire, mechanism: Mechanism, credentials: &Credentials) -> Result<(), Trouble> {
    let unfit = |error: lettre::transport::smtp::Error| Trouble::Garbled(error.to_string());
    let tell = |wire: &mut Wire, command: String| {
        // "PLAIN" and "LOGIN", the last words of commands that tell nothing yet, may stay.
        if let Some(word) = command.split_whitespace().last().filter(|word| !["PLAIN", "LOGIN"].contains(word)) {
            wire.hide(word);
        }
        wire.ask(&command)
    };
    let first = Auth::new(mechanism, credentials.clone(), None).map_err(unfit)?;
    let mut reply = tell(wire, first.to_string())?;
    // LOGIN asks twice. XOAUTH2 explains a refusal by a question, and gives its verdict after an empty line.
    for _ in 0..2 {
        if reply.code != 334 {
            break;
        }
        let next = if mechanism == Mechanism::Login {
            let question: Response = format!("334 {}\r\n", reply.text).parse().map_err(unfit)?;
            Auth::new_from_response(mechanism, credentials.clone(), &question).map_err(unfit)?.to_string()
        } else {
            "\r\n".to_owned()
        };
        reply = tell(wire, next)?;
    }
    expect(235, reply).map(|_| ())
}
