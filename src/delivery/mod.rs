//! Hands over one message and says honestly what became of it.
//!
//! A [`Carrier`] is made from the settings of one interface; each of its connections is a
//! [`Courier`]. Only what is provably not sent is called so: the pass may try it again. Whatever
//! may have arrived is [`Outcome::Unknown`] and never sent twice in one pass.

mod blot;
mod certificate;
pub mod email;
pub mod file;
pub mod sms;
pub mod smtp;

#[cfg(test)]
#[path = "../../tests/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use self::email::Sender;
use self::file::FileCarrier;
use self::smtp::SmtpCarrier;
use crate::clock::Clock;
use crate::contact::EmailAddress;
use crate::model::Kind;
use crate::settings::{Sms, Smtp, SmtpTransport};

pub use crate::contact::Address;

/// A file that goes with an e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// Its media type with parameters, such as `text/calendar; charset=utf-8; method=PUBLISH`.
    pub content_type: String,
    /// What is in it.
    pub content: String,
}

/// A message as it is handed over: text rendered, address parsed, its row in the ledger written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The id of its row in the ledger.
    pub id: i64,
    /// What it is for.
    pub kind: Kind,
    /// Where it goes.
    pub address: Address,
    /// The recipient's name for the header of an e-mail, if there is one.
    pub recipient_name: Option<String>,
    /// The subject; SMS have none.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
    /// The language of the text, such as `de`.
    pub language: String,
    /// Attachments, of e-mails only.
    pub attachments: Vec<Attachment>,
    /// The part of the Message-ID before the `@`, and our reference at a gateway: made of the row
    /// in the ledger and the chain's identity, so that it is the same however often it is tried.
    pub reference: String,
    /// The instant for the header `Date`.
    pub date: DateTime<Utc>,
    /// Where answers go: the branch's address, unless the interface names another.
    pub reply_to: Option<EmailAddress>,
    /// The start of the first appointment that it covers; of no use to anyone afterwards.
    pub expires: DateTime<Utc>,
}

/// What became of a message that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server has taken it.
    Accepted {
        /// The server's own id of the message, where it tells one.
        reference: Option<String>,
        /// The server's answer, in one line.
        reply: String,
    },
    /// There is no such address or number; it was not sent (rule F6), and no earlier try can have arrived. A gateway's
    /// rejection is always this one: no SMS is repeated.
    Rejected(String),
    /// Rejected for good as well, but for what it is, by a policy, or since the mailbox is full: of an earlier try, after
    /// which there was no answer, that tells nothing.
    Declined(String),
    /// The server will have nothing from us: log-in, credit, configuration. It was not sent, and
    /// nothing else will be by this interface in this pass.
    Refused(String),
    /// Certainly not sent, for a reason that may pass: it may be tried again.
    NotSent {
        /// What happened, in one line.
        problem: String,
        /// How long the server asked us to wait, if it did.
        wait: Option<Duration>,
        /// Whether the server as a whole is in trouble, rather than this one message.
        server: bool,
    },
    /// It may have been sent or not; nobody said.
    Unknown(String),
}

/// What a server is taken to ask for where another try within the pass cannot help.
pub const NOT_IN_THIS_PASS: Duration = Duration::from_secs(24 * 60 * 60);

impl Outcome {
    /// What went wrong, in one line; empty if nothing did.
    #[must_use]
    pub fn problem(&self) -> &str {
        match self {
            Self::Accepted { .. } => "",
            Self::Rejected(problem)
            | Self::Declined(problem)
            | Self::Refused(problem)
            | Self::Unknown(problem)
            | Self::NotSent { problem, .. } => problem,
        }
    }
}

/// What a server knows of a message whose fate is unknown (rule G3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It has the message.
    Sent {
        /// The server's own id of it, where it tells one.
        reference: Option<String>,
    },
    /// It has never seen the message, which may be sent again.
    NeverSeen,
    /// Nobody can tell, for this reason.
    CannotTell(String),
}

/// What a log-in without a message has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Whether the server was asked at all; some cannot be, without sending.
    pub asked: bool,
    /// What is left on the account, in the server's words, where it says so.
    pub balance: Option<String>,
}

/// Hands over messages by one interface.
pub trait Carrier: Send + Sync {
    /// A connection of its own, which one thread uses. It connects when it is first needed.
    fn courier(&self) -> Box<dyn Courier + '_>;

    /// Whether messages may be claimed ahead to follow others on a connection: those of which a server takes many
    /// in a short time, as far as is known now.
    fn is_quick(&self) -> bool {
        false
    }

    /// Asks the server whether it has a message whose fate is unknown. Best some minutes after it
    /// was handed over, since servers list a message later than they take it.
    fn ask(&self, message: &Prepared) -> Answer {
        let _ = message;
        Answer::CannotTell("this server cannot be asked about a message".to_owned())
    }

    /// Logs in without sending anything.
    ///
    /// # Errors
    /// What is wrong, in one line.
    fn probe(&self) -> Result<Probe, String> {
        Ok(Probe { asked: false, balance: None })
    }
}

/// One connection of a [`Carrier`], kept from message to message.
pub trait Courier: Send {
    /// Hands over one message and waits for the answer.
    fn hand_over(&mut self, message: &Prepared) -> Outcome;

    /// The same, if `next` is to follow on this connection. It may be announced to the server, so that
    /// less is to be waited for afterwards, but nothing more: it is not handed over by that, and
    /// another message may follow in its place.
    fn hand_over_before(&mut self, message: &Prepared, next: &Arc<Prepared>) -> Outcome {
        let _ = next;
        self.hand_over(message)
    }

    /// Announces the message that is to follow on this connection, if it has not been: the one before has met its
    /// fate, and that is being written down meanwhile. As above, nothing is handed over by it.
    fn announce(&mut self, next: &Arc<Prepared>) {
        let _ = next;
    }
}

/// The carrier of e-mails that `settings` ask for. Nothing is connected or written yet; the elapsed
/// time of `clock` bounds how long a server may take to answer.
#[must_use]
pub fn email_carrier(settings: &Smtp, clock: Arc<Clock>) -> Arc<dyn Carrier> {
    let sender = Sender::from(settings);
    match &settings.transport {
        SmtpTransport::Server(server) => Arc::new(SmtpCarrier::new(server, sender, clock)),
        SmtpTransport::Directory(directory) => Arc::new(FileCarrier::emails(directory, sender)),
    }
}

/// The carrier of SMS that `settings` ask for. Nothing is connected or written yet; `clock` tells a gateway
/// for how long a message is still of use.
#[must_use]
pub fn sms_carrier(settings: &Sms, clock: Arc<Clock>) -> Arc<dyn Carrier> {
    Arc::from(sms::carrier(settings, clock))
}

/// How much of a server's answer a person is shown.
const MAX_SHOWN: usize = 300;

/// `text` in one line: no control characters, one blank between words, none around them.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// The start of `text` in one line, not too long to be read. It ends with a whole word unless that is very long,
/// since half an address would not be known as one, and not be masked.
fn excerpt(text: &str) -> String {
    let mut line = one_line(text);
    if let Some((end, _)) = line.char_indices().nth(MAX_SHOWN) {
        let word = line.get(..=end).and_then(|start| start.rfind(' '));
        let end = word.filter(|word| *word > end / 2).unwrap_or(end);
        line.truncate(end);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_shown_in_one_short_line() {
        assert_eq!(excerpt(" a\r\nb\t\u{1b}[31mc\0 \u{85}ä "), "a b [31mc ä");
        assert_eq!(excerpt(&"ü".repeat(MAX_SHOWN)).chars().count(), MAX_SHOWN);
        let long = excerpt(&"wort ".repeat(200));
        assert!(long.ends_with("wort…") && (MAX_SHOWN - 5..=MAX_SHOWN).contains(&long.chars().count()), "{long}");
        let cut = excerpt(&format!("{} anna.muster@example.de", "x".repeat(MAX_SHOWN - 8)));
        assert!(cut.ends_with("x…"), "{cut}");
    }
}
