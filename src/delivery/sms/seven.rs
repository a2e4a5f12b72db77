//! seven.io, formerly sms77: a form goes out, JSON or a bare code comes back.
//!
//! The vendor's three lists of codes disagree; where they do, the reading is taken that sends
//! nothing twice. Types wobble between number and text, so every value is compared as a text. The
//! *reload lock* (402: same text to the same number within three minutes) means that the message
//! is already on its way. Our id is the `foreign_id`, by which the journal finds it again.

use serde_json::Value;

use super::line::{Reply, Request};
use super::{Answer, CLOCKS_DIFFER, Gateway, Outcome, Text, by_status};
use crate::delivery::NOT_IN_THIS_PASS;
use crate::settings::{self, Secret, scalar};

/// The longest text, in characters.
const MAX_TEXT: usize = 1520;
/// How long the gateway keeps a message at most if not told otherwise, in minutes.
const DEFAULT_TTL: u64 = 2880;
/// The longest id of ours.
const MAX_ID: usize = 64;
/// How many rows of the journal are read. It lists the messages to one number since the day on
/// which ours was handed over, of which there are a few.
const JOURNAL_ROWS: usize = 100;

/// The gateway seven.io.
pub(super) struct Seven(pub(super) settings::Seven);

impl Seven {
    fn with_key(&self, request: Request) -> Request {
        request.header("X-Api-Key", self.0.api_key.expose()).header("Accept", "application/json")
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.0.base_url.as_str())
    }
}

impl Gateway for Seven {
    fn request(&self, text: &Text<'_>) -> Result<Request, String> {
        let length = text.body.chars().count();
        if length > MAX_TEXT {
            return Err(format!("the text has {length} characters; seven takes {MAX_TEXT}"));
        }
        let ttl = text.minutes().min(DEFAULT_TTL).to_string();
        let id = foreign_id(text.reference);
        let mut fields = vec![("to", text.digits())];
        if let Some(from) = &self.0.from {
            fields.push(("from", from));
        }
        fields.extend([("foreign_id", id.as_str()), ("ttl", &ttl), ("text", text.body)]);
        Ok(self.with_key(Request::form(self.url("sms"), &fields)))
    }

    fn verdict(&self, reply: &Reply) -> Outcome {
        if reply.status != 200 {
            return by_status(reply);
        }
        match reply.json() {
            Some(Value::Object(answer)) => {
                let success = answer.get("success").and_then(scalar).unwrap_or_default();
                // One recipient each time, so there is one entry, and it has the last word.
                let Some(message) = answer.get("messages").and_then(|messages| messages.get(0)) else {
                    return by_code(&success, "", reply);
                };
                let field = |name: &str| message.get(name).and_then(scalar).unwrap_or_default();
                if field("success") == "true" && matches!(success.as_str(), "100" | "101") {
                    let id = Some(field("id")).filter(|id| !id.is_empty());
                    return Outcome::Accepted { reference: id, reply: format!("code {success}") };
                }
                match field("error") {
                    error if error.is_empty() => by_code(&success, "", reply),
                    error => by_code(&error, &field("error_text"), reply),
                }
            }
            Some(code) => by_code(&scalar(&code).unwrap_or_default(), "", reply),
            // A bare code may come without quotes and with what is left of an older interface.
            None => by_code(reply.body.trim(), "", reply),
        }
    }

    fn question(&self, text: &Text<'_>) -> Option<Request> {
        let query = crate::encode::form(&[
            ("to", text.digits()),
            ("date_from", &(text.date - CLOCKS_DIFFER).format("%Y-%m-%d").to_string()),
            ("limit", &JOURNAL_ROWS.to_string()),
        ]);
        Some(self.with_key(Request::get(self.url(&format!("journal/outbound?{query}")))))
    }

    fn answer(&self, text: &Text<'_>, reply: &Reply) -> Answer {
        let (200, Some(Value::Array(rows))) = (reply.status, reply.json()) else {
            return Answer::CannotTell(reply.shown());
        };
        let id = foreign_id(text.reference);
        let ours = |row: &&Value| row.get("foreign_id").and_then(scalar).as_deref() == Some(id.as_str());
        if let Some(row) = rows.iter().find(ours) {
            return Answer::Sent { reference: row.get("id").and_then(scalar) };
        }
        if rows.len() >= JOURNAL_ROWS {
            return Answer::CannotTell("the journal lists more messages to this number than are read".to_owned());
        }
        // Rows without the field would hide ours.
        if rows.iter().any(|row| row.get("foreign_id").is_none()) {
            return Answer::CannotTell("the journal names no foreign_id".to_owned());
        }
        Answer::NeverSeen
    }

    fn probe(&self) -> Option<Request> {
        Some(self.with_key(Request::get(self.url("balance"))))
    }

    fn balance(&self, reply: &Reply) -> Result<Option<String>, String> {
        let answer = reply.json().filter(|_| reply.status == 200);
        let Some(amount) = answer.as_ref().and_then(|answer| answer.get("amount")).and_then(scalar) else {
            return Err(match by_code(reply.body.trim().trim_matches('"'), "", reply) {
                Outcome::Refused(text) => text,
                _ => reply.shown(),
            });
        };
        let currency = answer.as_ref().and_then(|answer| answer.get("currency")).and_then(scalar).unwrap_or_default();
        Ok(Some(format!("{amount} {currency}").trim_end().to_owned()))
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.0.api_key.clone()]
    }
}

/// What a code means. `text` is the gateway's own explanation, if it gave one.
fn by_code(code: &str, text: &str, reply: &Reply) -> Outcome {
    let said = |meaning: &str| match text {
        "" => format!("{meaning} (code {code})"),
        text => format!("{meaning} (code {code}): {text}"),
    };
    match code {
        // The number's own, and not ours.
        "11" => Outcome::NotSent { problem: said("carrier temporarily unavailable"), wait: None, server: false },
        "202" => Outcome::Rejected(said("recipient invalid")),
        "402" => Outcome::Accepted { reference: None, reply: said("just taken before, reload lock") },
        // Counted by day, or by a rate whose length nobody tells: not again in this pass, which
        // lasts a day at the most.
        "403" => Outcome::NotSent {
            problem: said("daily limit for this number"),
            wait: Some(NOT_IN_THIS_PASS),
            server: false,
        },
        "500" => Outcome::Refused(said("no credit")),
        "600" | "700" => Outcome::Unknown(said("the gateway does not know what became of it")),
        "300" | "900" | "902" => Outcome::Refused(said("log-in refused: check the API key")),
        "901" => Outcome::Refused(said("log-in refused: signature or message id")),
        "903" => Outcome::Refused(said("this computer's IP address is not allowed")),
        "201" | "306" => Outcome::Refused(said("sender or country code invalid")),
        "301" | "302" | "303" | "304" | "305" | "400" | "401" => Outcome::Refused(said("request not accepted")),
        // No code at all: three digits are one, anything else is an answer that cannot be read.
        // 100 and 101 without their message say nothing about it.
        code if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()) && !matches!(code, "100" | "101") => {
            Outcome::Refused(said("refused, unknown code"))
        }
        _ => Outcome::Unknown(format!("no verdict in the answer: {}", reply.shown())),
    }
}

/// Our id as this gateway takes it: up to 64 letters, digits and `.-_@`. One that is longer or has
/// other characters is told apart by a checksum at its end.
fn foreign_id(reference: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_@".contains(c);
    if reference.len() <= MAX_ID && reference.chars().all(allowed) {
        return reference.to_owned();
    }
    // FNV-1a: the same on every computer and in every version, which a hasher of the standard
    // library does not promise.
    let checksum = reference
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let start: String = reference.chars().filter(|c| allowed(*c)).take(MAX_ID - 17).collect();
    format!("{start}-{checksum:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_id_fits_and_stays_distinct() {
        assert_eq!(foreign_id("terminbote-7.a@b_c"), "terminbote-7.a@b_c");
        let long = "x".repeat(80);
        let (a, b) = (foreign_id(&format!("{long}1")), foreign_id(&format!("{long}2")));
        assert!(a.len() == MAX_ID && b.len() == MAX_ID && a != b);
        assert_ne!(foreign_id("ä/1"), foreign_id("ö/1"));
        assert!(foreign_id("ä/1").chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
    }
}
