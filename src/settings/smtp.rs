//! The settings of a mail server.

use std::path::PathBuf;

use super::fields::Faults;
use super::secret::{Secret, Surroundings};
use crate::contact::EmailAddress;

/// An SMTP interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smtp {
    /// Where the messages go.
    pub transport: SmtpTransport,
    /// The sender's name, if one is set.
    pub from_name: Option<String>,
    /// The sender's address.
    pub from: EmailAddress,
    /// Where answers go; `None` means to the branch.
    pub reply_to: Option<EmailAddress>,
    /// How many connections may be open at once.
    pub connections: u32,
}

/// How e-mails leave the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmtpTransport {
    /// To a server.
    Server(SmtpServer),
    /// Into a folder, one `.eml` a message.
    Directory(PathBuf),
}

/// A mail server and how to talk to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpServer {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// User name and password, if it wants a log-in.
    pub login: Option<(String, Secret)>,
    /// How many seconds each answer may take.
    pub timeout_seconds: u32,
}

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// STARTTLS, or nothing is sent.
    Required,
    /// From the first byte.
    Implicit,
    /// Not at all.
    None,
}

impl Smtp {
    pub fn is_local(&self) -> bool {
        true
    }
    /// Reads the settings of an interface `smtp`.
    ///
    /// # Errors
    /// Every fault, each with its key.
    pub fn read(json: &str, surroundings: &dyn Surroundings) -> Result<Self, Faults> {
        let _ = (json, surroundings);
        unimplemented!()
    }
}
