//! Kannel's `sendsms`, on the practice's own computer or at a service that speaks its language.
//!
//! Everything stands in the query of a GET, as Kannel reads no form. It trusts its client: an empty
//! text is sent, characters outside its alphabet become question marks, and what is longer than
//! `max-messages` parts is cut off, each with a 202. So the text is looked at here first, and one
//! that the GSM alphabet cannot write goes as UCS-2, named UTF-8, since Kannel would take it for
//! UTF-16. The same status stands for a wrong password and for an unreachable network, so the
//! words of the answer decide. There is no way to ask for a message afterwards.

use super::line::{Reply, Request};
use super::{Gateway, Outcome, Text, by_status};
use crate::encode;
use crate::segments::{self, Encoding};
use crate::settings::{self, Secret};

/// The longest time of validity that is told, in minutes: a week.
const MAX_VALIDITY: u64 = 7 * 24 * 60;

/// A Kannel.
pub(super) struct Kannel(pub(super) settings::Kannel);

impl Kannel {
    fn url(&self, fields: &[(&str, &str)]) -> String {
        let mut all = vec![("username", self.0.user.as_str()), ("password", self.0.password.expose())];
        all.extend_from_slice(fields);
        format!("{}?{}", self.0.base_url.as_str(), encode::form(&all))
    }
}

impl Gateway for Kannel {
    fn request(&self, text: &Text<'_>) -> Result<Request, String> {
        let counted = segments::count(text.body);
        let max = self.0.max_messages as usize;
        if counted.segments > max {
            return Err(format!(
                "the text has {} parts, and the gateway would cut it off after {max} (`max_messages`)",
                counted.segments
            ));
        }
        let validity = text.minutes().min(MAX_VALIDITY).to_string();
        let coding = if counted.encoding == Encoding::Ucs2 { "2" } else { "0" };
        let mut fields = Vec::new();
        if let Some(from) = &self.0.from {
            fields.push(("from", from.as_str()));
        }
        if let Some(smsc) = &self.0.smsc {
            fields.push(("smsc", smsc));
        }
        fields.extend([
            ("to", text.to),
            ("validity", &validity),
            ("coding", coding),
            ("charset", "UTF-8"),
            ("text", text.body),
        ]);
        Ok(Request::get(self.url(&fields)))
    }

    fn verdict(&self, reply: &Reply) -> Outcome {
        let body = reply.body.trim();
        let said = || reply.shown();
        match reply.status {
            200..=299 if ["0:", "3:", "Sent."].iter().any(|start| body.starts_with(start)) => {
                Outcome::Accepted { reference: None, reply: body.to_owned() }
            }
            403 if body.starts_with("Authorization failed") => Outcome::Refused(format!("log-in refused: {}", said())),
            // The usual cause is a connection to the network that is down or was stopped, which is
            // no reason to write to everybody by another channel.
            403 if body.starts_with("Not routable") => {
                Outcome::Refused(format!("no connection of the gateway takes the message: {}", said()))
            }
            403 => Outcome::Refused(said()),
            // Numbers come here checked, so this one stands on a list of the gateway.
            400 if body.starts_with("Number(s) has/have been denied") => Outcome::Rejected(said()),
            503 => Outcome::NotSent { problem: said(), wait: reply.retry_after, server: true },
            _ => by_status(reply),
        }
    }

    fn probe(&self) -> Option<Request> {
        // Without a number: it is refused after the log-in was looked at, and sends nothing.
        Some(Request::get(self.url(&[])))
    }

    fn balance(&self, reply: &Reply) -> Result<Option<String>, String> {
        match (reply.status, reply.body.trim()) {
            (400, body) if body.starts_with("Missing receiver") => Ok(None),
            _ => Err(match self.verdict(reply) {
                Outcome::Refused(text) => text,
                _ => reply.shown(),
            }),
        }
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.0.password.clone()]
    }
}
