//! sipgate: JSON goes out, and an empty 204 comes back.
//!
//! There is no id of a message on either side. The sender is the verified number of the SMS
//! extension and is not set for each message: changing it and back again, as the vendor's own
//! client does, would be a race between two couriers. A message of unknown fate is looked for in
//! the history, by number, time and text.

use chrono::DateTime;
use serde_json::Value;

use super::line::{Reply, Request};
use super::{Answer, CLOCKS_DIFFER, Gateway, Likeness, Outcome, Text, by_status, likeness};
use crate::delivery::NOT_IN_THIS_PASS;
use crate::encode;
use crate::settings::{self, Secret, scalar};

/// How many entries of the history are read.
const ENTRIES: usize = 100;

/// The gateway sipgate.
pub(super) struct Sipgate(pub(super) settings::Sipgate);

impl Sipgate {
    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.0.base_url.as_str())
    }

    fn logged_in(&self, request: Request) -> Request {
        request
            .header("Authorization", encode::basic(&self.0.token_id, self.0.token.expose()))
            .header("Accept", "application/json")
    }
}

impl Gateway for Sipgate {
    fn request(&self, text: &Text<'_>) -> Result<Request, String> {
        let document = serde_json::json!({"smsId": self.0.sms_id, "recipient": text.to, "message": text.body});
        Ok(self.logged_in(Request::json(self.url("sessions/sms"), &document)))
    }

    fn verdict(&self, reply: &Reply) -> Outcome {
        match reply.status {
            // Whoever puts a page in our way is not sipgate.
            200..=299 if reply.is_page() => Outcome::Unknown(format!("a page instead of an answer: {}", reply.shown())),
            200..=299 => Outcome::Accepted { reference: None, reply: format!("HTTP {}", reply.status) },
            403 => Outcome::Refused(format!("SMS extension or token not valid; check `sms_id`: {}", reply.shown())),
            // Not sent, but nobody says whether the number, the text or the settings are at fault:
            // so neither another channel follows nor does everybody else wait.
            400 => Outcome::NotSent { problem: reply.shown(), wait: Some(NOT_IN_THIS_PASS), server: false },
            _ => by_status(reply),
        }
    }

    fn question(&self, text: &Text<'_>) -> Option<Request> {
        let query = encode::form(&[
            ("types", "SMS"),
            ("directions", "OUTGOING"),
            ("phonenumber", text.to),
            ("limit", &ENTRIES.to_string()),
        ]);
        Some(self.logged_in(Request::get(self.url(&format!("history?{query}")))))
    }

    fn answer(&self, text: &Text<'_>, reply: &Reply) -> Answer {
        let answer = reply.json().unwrap_or_default();
        let (200, Some(entries)) = (reply.status, answer.get("items").and_then(Value::as_array)) else {
            return Answer::CannotTell(reply.shown());
        };
        let since = text.date - CLOCKS_DIFFER;
        let mut oldest_is_before = false;
        for entry in entries {
            let field = |name: &str| entry.get(name).and_then(scalar);
            let Some(created) = field("created").and_then(|at| DateTime::parse_from_rfc3339(&at).ok()) else {
                return Answer::CannotTell("the history names no time".to_owned());
            };
            if created < since {
                oldest_is_before = true;
                continue;
            }
            match likeness(field("smsContent").as_deref(), text.body) {
                Likeness::Same => return Answer::Sent { reference: field("id") },
                Likeness::Unclear => {
                    return Answer::CannotTell("the history shows a message without its whole text".to_owned());
                }
                Likeness::Another => {}
            }
        }
        if entries.len() >= ENTRIES && !oldest_is_before {
            return Answer::CannotTell("there are more messages to this number than are read".to_owned());
        }
        Answer::NeverSeen
    }

    fn probe(&self) -> Option<Request> {
        Some(self.logged_in(Request::get(self.url("balance"))))
    }

    fn balance(&self, reply: &Reply) -> Result<Option<String>, String> {
        match reply.status {
            200 => {
                let answer = reply.json().unwrap_or_default();
                let field = |name: &str| answer.get(name).and_then(scalar);
                let Some(amount) = field("amount") else {
                    return Err(format!("no balance in the answer: {}", reply.shown()));
                };
                // Which fraction of the currency the number counts is not documented, so it is
                // shown as it came.
                Ok(Some(format!("amount {amount}, currency {}", field("currency").unwrap_or_default())))
            }
            // A token that may send messages, and nothing else, is a good token.
            403 => Ok(None),
            _ => Err(match by_status(reply) {
                Outcome::Refused(text) => text,
                _ => reply.shown(),
            }),
        }
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.0.token.clone(), Secret::new(format!("{}:{}", self.0.token_id, self.0.token.expose()))]
    }
}
