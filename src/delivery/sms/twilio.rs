//! Twilio: a form goes out, JSON comes back, and the HTTP status means what it says.
//!
//! Only 201 with the id of a message is an accepted one. A 429 is documented as not processed; a
//! 5xx is not. Twilio takes no id of ours, so a message of unknown fate is looked for among those
//! to its number since the pass began, by its text.

use chrono::DateTime;
use serde_json::Value;

use super::line::{Reply, Request};
use super::{Answer, CLOCKS_DIFFER, Gateway, Likeness, Outcome, Text, by_status, likeness};
use crate::encode;
use crate::settings::{self, Secret, TwilioSender, scalar};

/// The longest text, in characters.
const MAX_TEXT: usize = 1600;
/// The longest time of validity that can be told, in seconds.
const MAX_VALIDITY: u64 = 36_000;
/// How many messages are looked through.
const PAGE: &str = "100";

/// The gateway Twilio.
pub(super) struct Twilio(pub(super) settings::Twilio);

impl Twilio {
    fn url(&self, resource: &str) -> String {
        format!("{}/2010-04-01/Accounts/{}/{resource}", self.0.base_url.as_str(), self.0.account_sid)
    }

    fn user(&self) -> &str {
        self.0.api_key_sid.as_deref().unwrap_or(&self.0.account_sid)
    }

    fn logged_in(&self, request: Request) -> Request {
        request.header("Authorization", encode::basic(self.user(), self.0.secret.expose()))
    }
}

impl Gateway for Twilio {
    fn request(&self, text: &Text<'_>) -> Result<Request, String> {
        let length = text.body.chars().count();
        if length > MAX_TEXT {
            return Err(format!("the text has {length} characters; Twilio takes {MAX_TEXT}"));
        }
        let validity = text.validity.as_secs().clamp(1, MAX_VALIDITY).to_string();
        let sender = match &self.0.sender {
            TwilioSender::From(from) => ("From", from.as_str()),
            TwilioSender::Service(sid) => ("MessagingServiceSid", sid.as_str()),
        };
        let fields = [("To", text.to), sender, ("ValidityPeriod", &validity), ("Body", text.body)];
        Ok(self.logged_in(Request::form(self.url("Messages.json"), &fields)))
    }

    fn verdict(&self, reply: &Reply) -> Outcome {
        let answer = reply.json().unwrap_or_default();
        let field = |name: &str| answer.get(name).and_then(scalar).unwrap_or_default();
        if (200..300).contains(&reply.status) {
            let (sid, status) = (field("sid"), field("status"));
            return match field("error_code") {
                // Taken and failed at once.
                code if !code.is_empty() => by_code(&code, &field("error_message"), reply),
                _ if is_message_sid(&sid) && !matches!(status.as_str(), "failed" | "undelivered" | "canceled") => {
                    Outcome::Accepted { reference: Some(sid), reply: status }
                }
                _ => Outcome::Unknown(format!("no verdict in the answer: {}", reply.shown())),
            };
        }
        match field("code") {
            code if reply.status < 500 && !code.is_empty() => by_code(&code, &field("message"), reply),
            _ => by_status(reply),
        }
    }

    fn question(&self, text: &Text<'_>) -> Option<Request> {
        // Not narrowed by `DateSent`: a message that waits in the queue has none, and would be
        // taken for one that was never seen.
        let query = encode::form(&[("To", text.to), ("PageSize", PAGE)]);
        Some(self.logged_in(Request::get(self.url(&format!("Messages.json?{query}")))))
    }

    fn answer(&self, text: &Text<'_>, reply: &Reply) -> Answer {
        let answer = reply.json().unwrap_or_default();
        let (200, Some(messages)) = (reply.status, answer.get("messages").and_then(Value::as_array)) else {
            return Answer::CannotTell(reply.shown());
        };
        let since = text.date - CLOCKS_DIFFER;
        let mut oldest_is_before = false;
        for message in messages {
            let field = |name: &str| message.get(name).and_then(scalar).unwrap_or_default();
            let Ok(created) = DateTime::parse_from_rfc2822(&field("date_created")) else {
                return Answer::CannotTell("the list of messages names no time".to_owned());
            };
            if created < since {
                oldest_is_before = true;
                continue;
            }
            match likeness(Some(&field("body")), text.body) {
                Likeness::Same => {
                    return Answer::Sent { reference: Some(field("sid")).filter(|sid| !sid.is_empty()) };
                }
                Likeness::Unclear => {
                    return Answer::CannotTell("the list shows a message without its whole text".to_owned());
                }
                Likeness::Another => {}
            }
        }
        let more = answer.get("next_page_uri").is_some_and(|uri| !uri.is_null());
        if more && !oldest_is_before {
            return Answer::CannotTell("there are more messages to this number than are read".to_owned());
        }
        Answer::NeverSeen
    }

    fn probe(&self) -> Option<Request> {
        Some(self.logged_in(Request::get(self.url("Balance.json"))))
    }

    fn balance(&self, reply: &Reply) -> Result<Option<String>, String> {
        let answer = reply.json().unwrap_or_default();
        let field = |name: &str| answer.get(name).and_then(scalar);
        match (reply.status, field("balance")) {
            (200, Some(balance)) => {
                Ok(Some(format!("{balance} {}", field("currency").unwrap_or_default()).trim_end().to_owned()))
            }
            (200, None) => Err(format!("no balance in the answer: {}", reply.shown())),
            _ => Err(match self.verdict(reply) {
                Outcome::Refused(text) => text,
                _ => reply.shown(),
            }),
        }
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.0.secret.clone(), Secret::new(format!("{}:{}", self.user(), self.0.secret.expose()))]
    }
}

/// `SM` or `MM` and 32 hexadecimal digits.
fn is_message_sid(sid: &str) -> bool {
    sid.len() == 34
        && (sid.starts_with("SM") || sid.starts_with("MM"))
        && sid[2..].bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What one of Twilio's codes means.
fn by_code(code: &str, text: &str, reply: &Reply) -> Outcome {
    let said = |meaning: &str| format!("{meaning} (code {code}): {text}");
    match code {
        "20003" => Outcome::Refused(said("log-in refused")),
        "20005" | "10001" | "90010" | "30002" => Outcome::Refused(said("account not active: credit or suspension")),
        "21211" | "21612" | "21614" | "21610" | "21608" => Outcome::Rejected(said("number not reached")),
        "21212" | "21606" | "21401" => Outcome::Refused(said("sender not allowed")),
        "21408" => Outcome::Refused(said("country not enabled")),
        "20429" => Outcome::NotSent { problem: said("too many requests"), wait: reply.retry_after, server: true },
        "21611" => {
            Outcome::NotSent { problem: said("the sender's queue is full"), wait: reply.retry_after, server: true }
        }
        _ if reply.status == 429 => {
            Outcome::NotSent { problem: said("too many requests"), wait: reply.retry_after, server: true }
        }
        _ if reply.status >= 400 => Outcome::Refused(said("refused")),
        // Taken, and failed for a reason that is not known: it may come yet.
        _ => Outcome::Unknown(said("taken with an error")),
    }
}
