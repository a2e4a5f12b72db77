//! Text messages, by a gateway that speaks HTTP.
//!
//! Each gateway is one small file behind the trait `Gateway`: it makes a request of a message, and an
//! [`Outcome`] of an answer, and touches no socket. The rest is here and in `line`: connecting,
//! waiting, and what a broken call means.
//!
//! # What an answer means
//!
//! A gateway that repeats a call sends, and bills, a second message; none of them knows a key
//! against that. So only these are called not sent: a call of which no byte was written, and
//! answers of which the gateway says that it took nothing. An answer that cannot be read, a
//! server's error (500, 502, 504), a connection that breaks, or silence after the first byte:
//! [`Outcome::Unknown`]. Never a guess in favour of sending again.
//!
//! | outcome | when |
//! |---|---|
//! | accepted | the gateway's own word for it; a page of a firewall with status 200 is none |
//! | rejected | words and codes that are documented to be about this number |
//! | refused | a certificate that is not the right one, log-in, credit, sender, anything wrong with our settings, every word that is not known to mean something else |
//! | not sent | 429, "queue full", a text that the gateway would cut off, and nothing written |
//! | unknown | all else |
//!
//! A word that is not documented stops the interface, and is shown as it came: it may be about
//! credit as well as about the number, and of the two mistakes the one is better that a person
//! sees and that costs nobody their text message.

mod http;
mod kannel;
mod line;
mod seven;
mod sipgate;
mod smscreator;
mod twilio;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use self::line::{Broken, Exchange, Line, Reply, Request};
use super::file::FileCarrier;
use super::{Address, Answer, Carrier, Courier, NOT_IN_THIS_PASS, Outcome, Prepared, Probe, excerpt};
use crate::clock::Clock;
use crate::settings::{self, BaseUrl, Secret, Sms};

/// How much earlier than we gave it a message a gateway may list it, since clocks differ. Less than the hours between two
/// messages (rule E3): an earlier one of the same text must not count.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(15);

/// One message, as a gateway needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Text<'a> {
    /// The number in E.164.
    to: &'a str,
    body: &'a str,
    /// Our id of it.
    reference: &'a str,
    /// How long it is of use to anyone, from its hand-over on.
    validity: Duration,
    /// The instant of the pass that first handed it over.
    date: DateTime<Utc>,
}

impl<'a> Text<'a> {
    /// The message as a text message that is handed over `now`; `None` if its address is not a mobile
    /// number.
    fn of(message: &'a Prepared, now: DateTime<Utc>) -> Option<Self> {
        let Address::Sms(number) = &message.address else { return None };
        Some(Self {
            to: number.expose(),
            body: &message.body,
            reference: &message.reference,
            validity: (message.expires - now).to_std().unwrap_or_default(),
            date: message.date,
        })
    }

    /// The number without its plus.
    fn digits(&self) -> &'a str {
        self.to.trim_start_matches('+')
    }

    /// Its validity in whole minutes, rounded down, since it must not outlast the appointment;
    /// at least one.
    fn minutes(&self) -> u64 {
        (self.validity.as_secs() / 60).max(1)
    }
}

/// Whether a text that a gateway lists is the one that was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    Same,
    Another,
    /// It is missing, or cut off where both are still the same.
    Unclear,
}

/// Compares the text of a gateway's list with the one that was handed over. Line breaks and blanks may have
/// been changed on the way, and a trial account puts words of its own before the text.
fn likeness(listed: Option<&str>, ours: &str) -> Likeness {
    let in_words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (listed, ours) = (in_words(listed.unwrap_or_default()), in_words(ours));
    if !ours.is_empty() && listed.ends_with(&ours) {
        Likeness::Same
    } else if ours.starts_with(listed.trim_end_matches(['…', '.']).trim_end()) {
        Likeness::Unclear
    } else {
        Likeness::Another
    }
}

/// What one gateway does differently from the others: pure functions, tested without a socket.
trait Gateway: Send + Sync {
    /// The request that hands over a message.
    ///
    /// # Errors
    /// Why this gateway cannot take this message as it is; nothing was sent.
    fn request(&self, text: &Text<'_>) -> Result<Request, String>;

    /// What became of the message, by the answer.
    fn verdict(&self, reply: &Reply) -> Outcome;

    /// The request that asks for a message whose fate is unknown, where that can be asked.
    fn question(&self, text: &Text<'_>) -> Option<Request> {
        let _ = text;
        None
    }

    /// What the answer to [`Gateway::question`] says.
    fn answer(&self, text: &Text<'_>, reply: &Reply) -> Answer {
        let _ = text;
        Answer::CannotTell(reply.shown())
    }

    /// A request that logs in and sends nothing, where there is one.
    fn probe(&self) -> Option<Request> {
        None
    }

    /// The balance, by the answer to [`Gateway::probe`].
    ///
    /// # Errors
    /// What is wrong.
    fn balance(&self, reply: &Reply) -> Result<Option<String>, String> {
        Err(reply.shown())
    }

    /// What must not be seen anywhere, pairs of name and password included.
    fn secrets(&self) -> Vec<Secret>;
}

/// Hands over messages by the gateway that `settings` name, or into its folder. `clock` tells how long a
/// message is of use yet.
#[must_use]
pub fn carrier(settings: &Sms, clock: Arc<Clock>) -> Box<dyn Carrier> {
    let (gateway, base): (Box<dyn Gateway>, &BaseUrl) = match &settings.gateway {
        settings::Gateway::Smscreator(it) => (Box::new(smscreator::Smscreator(it.clone())), &it.base_url),
        settings::Gateway::Seven(it) => (Box::new(seven::Seven(it.clone())), &it.base_url),
        settings::Gateway::Twilio(it) => (Box::new(twilio::Twilio(it.clone())), &it.base_url),
        settings::Gateway::Sipgate(it) => (Box::new(sipgate::Sipgate(it.clone())), &it.base_url),
        settings::Gateway::Kannel(it) => (Box::new(kannel::Kannel(it.clone())), &it.base_url),
        settings::Gateway::Http(it, from) => (Box::new(http::Http(it.clone(), from.clone())), it.base_url()),
        settings::Gateway::File(directory) => return Box::new(FileCarrier::texts(directory)),
    };
    let exchange = Exchange::new(base.clone(), settings.timeout, settings.ca_pem.as_deref(), &gateway.secrets());
    Box::new(SmsCarrier { gateway, exchange, clock })
}

/// A gateway and the way to it.
struct SmsCarrier {
    gateway: Box<dyn Gateway>,
    exchange: Exchange,
    clock: Arc<Clock>,
}

impl Carrier for SmsCarrier {
    fn courier(&self) -> Box<dyn Courier + '_> {
        Box::new(SmsCourier { carrier: self, line: self.exchange.line() })
    }

    fn ask(&self, message: &Prepared) -> Answer {
        let Some(text) = Text::of(message, self.clock.now()) else {
            return Answer::CannotTell("not a text message".to_owned());
        };
        let Some(question) = self.gateway.question(&text) else {
            return Answer::CannotTell("this gateway cannot be asked about a message".to_owned());
        };
        let answer = match self.exchange.line().call(&question) {
            Ok(reply) => self.gateway.answer(&text, &reply),
            Err(broken) => Answer::CannotTell(broken.into_text()),
        };
        match answer {
            Answer::CannotTell(problem) => Answer::CannotTell(self.exchange.shown(&problem)),
            Answer::Sent { reference } => Answer::Sent { reference: self.id(reference) },
            Answer::NeverSeen => Answer::NeverSeen,
        }
    }

    fn probe(&self) -> Result<Probe, String> {
        let Some(request) = self.gateway.probe() else { return Ok(Probe { asked: false, balance: None }) };
        let reply = self.exchange.line().call(&request).map_err(|broken| self.exchange.shown(&broken.into_text()))?;
        match self.gateway.balance(&reply) {
            Ok(balance) => Ok(Probe { asked: true, balance: balance.map(|text| self.exchange.shown(&text)) }),
            Err(problem) => Err(self.exchange.shown(&problem)),
        }
    }
}

impl SmsCarrier {
    /// The gateway's id of a message, fit for the record.
    fn id(&self, reference: Option<String>) -> Option<String> {
        reference.map(|id| excerpt(&self.exchange.blot(&id))).filter(|id| !id.is_empty())
    }

    /// The outcome with every text fit to be shown.
    fn shown(&self, outcome: Outcome) -> Outcome {
        let shown = |text: String| self.exchange.shown(&text);
        match outcome {
            Outcome::Accepted { reference, reply } => {
                Outcome::Accepted { reference: self.id(reference), reply: shown(reply) }
            }
            Outcome::Rejected(text) => Outcome::Rejected(shown(text)),
            Outcome::Declined(text) => Outcome::Declined(shown(text)),
            Outcome::Refused(text) => Outcome::Refused(shown(text)),
            Outcome::NotSent { problem, wait, server } => Outcome::NotSent { problem: shown(problem), wait, server },
            Outcome::Unknown(text) => Outcome::Unknown(shown(text)),
        }
    }
}

/// One connection to a gateway.
struct SmsCourier<'a> {
    carrier: &'a SmsCarrier,
    line: Line<'a>,
}

impl Courier for SmsCourier<'_> {
    fn hand_over(&mut self, message: &Prepared) -> Outcome {
        let gateway = &self.carrier.gateway;
        let text = Text::of(message, self.carrier.clock.now()).ok_or("not a text message");
        let request = match text {
            Ok(text) if text.body.trim().is_empty() => Err("the text is empty".to_owned()),
            Ok(text) => gateway.request(&text),
            Err(problem) => Err(problem.to_owned()),
        };
        let request = match request {
            Ok(request) => request,
            Err(problem) => {
                return self.carrier.shown(Outcome::NotSent { problem, wait: Some(NOT_IN_THIS_PASS), server: false });
            }
        };
        self.carrier.shown(match self.line.call(&request) {
            Ok(reply) => gateway.verdict(&reply),
            Err(Broken::Unsent(problem)) => Outcome::NotSent { problem, wait: None, server: true },
            Err(Broken::Unsendable(problem)) => Outcome::Refused(problem),
            Err(Broken::Unanswered(problem)) => Outcome::Unknown(problem),
        })
    }
}

/// What an answer means by its HTTP status alone, where its body says nothing that is known.
fn by_status(reply: &Reply) -> Outcome {
    let shown = reply.shown();
    match reply.status {
        300..=399 => Outcome::Refused(format!("the gateway sends us elsewhere; check its address: {shown}")),
        401 | 403 | 407 => Outcome::Refused(format!("log-in refused: {shown}")),
        402 => Outcome::Refused(format!("no credit: {shown}")),
        // The server gave up waiting for our request, or says that it read none: RFC 9110 lets
        // nobody conclude that it did nothing with the part that it read.
        408 => Outcome::Unknown(shown),
        429 => Outcome::NotSent { problem: shown, wait: reply.retry_after, server: true },
        400..=499 => Outcome::Refused(shown),
        _ => Outcome::Unknown(shown),
    }
}

#[cfg(test)]
mod tests;
