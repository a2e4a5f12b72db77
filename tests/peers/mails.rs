//! Mails as Python's own parser and the package `icalendar` understand them.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::server::{beside, python};

/// A mail that a server took.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Mail {
    /// The recipient of the envelope.
    pub(crate) recipient: String,
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) to_name: String,
    pub(crate) reply_to: String,
    pub(crate) subject: String,
    pub(crate) date: String,
    pub(crate) message_id: String,
    pub(crate) auto_submitted: String,
    pub(crate) language: String,
    pub(crate) texts: Vec<String>,
    pub(crate) calendars: Vec<Calendar>,
}

/// A calendar file that came with a mail.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Calendar {
    pub(crate) content_type: String,
    pub(crate) charset: String,
    pub(crate) name: String,
    /// What the type of the part says it is for.
    pub(crate) method: String,
    /// What the file itself says.
    pub(crate) own_method: String,
    pub(crate) events: Vec<Event>,
}

/// An appointment in a calendar file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Event {
    pub(crate) uid: String,
    pub(crate) start: String,
    pub(crate) end: String,
    pub(crate) stamp: String,
    pub(crate) summary: String,
}

/// All mails in `folder`, in the order of their recipients and subjects. A defect in one is a
/// failed test.
#[track_caller]
pub(crate) fn read(folder: &Path) -> Vec<Mail> {
    let python = python().expect("the test has looked for it");
    let output = Command::new(python).arg(beside("read_mails.py")).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut mails: Vec<Mail> = serde_json::from_slice(&output.stdout).unwrap();
    mails.sort_by(|one, other| (&one.recipient, &one.subject).cmp(&(&other.recipient, &other.subject)));
    mails
}
