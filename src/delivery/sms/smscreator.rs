//! smscreator.de: a form goes to `SendSimpleSMS`, and XML with two nested verdicts comes back.
//!
//! Every refusal comes with status 200, so only two `Ok` make an accepted message: the outer
//! `StatusCode` of the call and the inner `Status` of the job. `SendMobileOrFixlineSMS` is never
//! used: it reads the text aloud to whoever answers a mistyped number. Our id is the caption, by
//! which the job can be asked for afterwards; the time of validity cannot be told.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::line::{Reply, Request};
use super::{Answer, Gateway, Outcome, Text, by_status};
use crate::settings::Secret;
use crate::{segments, settings};

/// The gateway smscreator.de.
pub(super) struct Smscreator(pub(super) settings::Smscreator);

impl Smscreator {
    fn call(&self, operation: &str, fields: &[(&str, &str)]) -> Request {
        let mut all = vec![("User", self.0.user.as_str()), ("Password", self.0.password.expose())];
        all.extend_from_slice(fields);
        Request::form(format!("{}/{operation}", self.0.base_url.as_str()), &all)
    }
}

impl Gateway for Smscreator {
    fn request(&self, text: &Text<'_>) -> Result<Request, String> {
        let sms_type = self
            .0
            .sms_type
            .unwrap_or_else(|| if segments::count(text.body).segments > 1 { "HighQualityLong" } else { "HighQuality" });
        Ok(self.call(
            "send.asmx/SendSimpleSMS",
            &[
                ("Caption", text.reference),
                ("Sender", self.0.from.as_deref().unwrap_or_default()),
                ("Recipient", &format!("00{}", text.digits())),
                ("SMSText", text.body),
                ("SmsTyp", sms_type),
                ("SendDate", ""),
            ],
        ))
    }

    fn verdict(&self, reply: &Reply) -> Outcome {
        if reply.status == 500 {
            // An .asmx service answers so when it fails in the middle, and also to a call that it
            // could not read, for which it has fixed words; only then has nothing been done.
            let unread = ["Missing parameter", "Cannot convert", "Request format is", "unable to read request"];
            return if unread.iter().any(|words| reply.body.contains(words)) {
                Outcome::Refused(format!("request not understood: {}", reply.shown()))
            } else {
                Outcome::Unknown(reply.shown())
            };
        }
        if reply.status != 200 {
            return by_status(reply);
        }
        let (leaves, _) = leaves(&reply.body);
        let status = find(&leaves, "Status");
        match (find(&leaves, "StatusCode"), status) {
            (Some("Ok"), Some("Ok")) => Outcome::Accepted {
                reference: find(&leaves, "JobId").filter(|id| !id.is_empty()).map(str::to_owned),
                reply: "Ok".to_owned(),
            },
            (Some("Ok"), Some(word)) => inner(word),
            (Some(word @ ("InvalidUser" | "AccountLocked" | "IPLock")), _) => {
                Outcome::Refused(format!("log-in refused: {word}"))
            }
            // Nobody says whether the job was stored by then.
            (Some("DatabaseError"), _) => Outcome::Unknown("DatabaseError".to_owned()),
            (Some(word), _) if !word.is_empty() && word != "Ok" && word != "None" => {
                Outcome::Refused(format!("refused: {word}"))
            }
            _ => Outcome::Unknown(format!("no verdict in the answer: {}", reply.shown())),
        }
    }

    fn question(&self, text: &Text<'_>) -> Option<Request> {
        // It looks back seven days unless told otherwise, which outlasts every reminder.
        Some(self.call("Information.asmx/QueryJobInfoByJobCaption", &[("Caption", text.reference)]))
    }

    fn answer(&self, text: &Text<'_>, reply: &Reply) -> Answer {
        let (leaves, is_whole) = leaves(&reply.body);
        let is_whole = is_whole && reply.cut.is_none();
        if reply.status != 200 || find(&leaves, "StatusCode") != Some("Ok") || !is_whole {
            return Answer::CannotTell(reply.shown());
        }
        // The caption is a filter, which may let longer ones pass too, so ours must be there whole.
        if leaves.iter().any(|(_, value)| value == text.reference) {
            return Answer::Sent { reference: find(&leaves, "Id").map(str::to_owned) };
        }
        let others = leaves.iter().any(|(name, value)| name != "StatusCode" && !value.is_empty());
        if others { Answer::CannotTell(reply.shown()) } else { Answer::NeverSeen }
    }

    fn probe(&self) -> Option<Request> {
        Some(self.call("Information.asmx/QueryAccountBalance", &[]))
    }

    fn balance(&self, reply: &Reply) -> Result<Option<String>, String> {
        let (leaves, _) = leaves(&reply.body);
        match find(&leaves, "StatusCode") {
            Some("Ok") if reply.status == 200 => Ok(find(&leaves, "Value").map(|value| format!("{value} SMSCredits"))),
            Some(word) if reply.status == 200 => Err(format!("log-in refused: {word}")),
            _ => Err(reply.shown()),
        }
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.0.password.clone()]
    }
}

/// The inner verdict, about the job.
fn inner(word: &str) -> Outcome {
    match word {
        "" | "None" => Outcome::Unknown(format!("no verdict about the message: \"{word}\"")),
        // The list of words that is known ends in the middle. One that speaks of the recipient is
        // about this number; any other may be about credit.
        word if word.contains("Recipient") => Outcome::Rejected(word.to_owned()),
        word => Outcome::Refused(format!("refused: {word}")),
    }
}

fn find<'a>(leaves: &'a [(String, String)], name: &str) -> Option<&'a str> {
    leaves.iter().find(|(leaf, _)| leaf == name).map(|(_, value)| value.as_str())
}

/// The elements of an XML document that hold text or nothing, by their names without prefix, in
/// order, and whether it is a whole document. What follows a fault in it is left out.
fn leaves(xml: &str) -> (Vec<(String, String)>, bool) {
    let name = |tag: &BytesStart<'_>| tag.local_name().as_ref().to_owned();
    let mut reader = Reader::from_str(xml);
    let mut leaves = Vec::new();
    let mut open: Option<(String, String)> = None;
    let mut depth = 0_usize;
    loop {
        let text = match reader.read_event() {
            Ok(Event::Start(tag)) => {
                open = Some((name(&tag), String::new()));
                depth += 1;
                continue;
            }
            Ok(Event::End(_)) => {
                leaves.extend(open.take().map(|(name, text)| (name, text.trim().to_owned())));
                // An end without its start is a fault before this.
                depth = depth.saturating_sub(1);
                continue;
            }
            Ok(Event::Empty(tag)) => {
                leaves.push((name(&tag), String::new()));
                open = None;
                continue;
            }
            Ok(Event::Text(text)) => text.xml10_content().into_owned(),
            Ok(Event::CData(text)) => text.xml10_content().into_owned(),
            Ok(Event::GeneralRef(reference)) => resolved(&reference),
            Ok(Event::Eof) => return (leaves, depth == 0),
            Err(_) => return (leaves, false),
            Ok(_) => continue,
        };
        if let Some((_, whole)) = &mut open {
            whole.push_str(&text);
        }
    }
}

/// What `&lt;` or `&#228;` stands for; a name that XML does not know stands for itself.
fn resolved(reference: &BytesRef<'_>) -> String {
    match reference.resolve_char_ref() {
        Ok(Some(c)) => c.to_string(),
        _ => resolve_predefined_entity(reference).map_or_else(|| format!("&{};", &**reference), str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_by_their_local_names() {
        let xml = r#"<?xml version="1.0"?><s:Envelope xmlns:s="x"><s:Body><a:Status i="1"> A &amp;lt; B&#228; </a:Status><Empty/><![CDATA[x]]></s:Body></s:Envelope>"#;
        let found = [("Status".to_owned(), "A &lt; Bä".to_owned()), ("Empty".to_owned(), String::new())];
        assert_eq!(leaves(xml), (found.to_vec(), true));
        assert_eq!(leaves("no xml"), (Vec::new(), true));
    }

    #[test]
    fn half_a_document_is_known_as_such() {
        for xml in ["<R><Status>Ok</Status>", "<R><Status>Ok</Status><JobInfo", "<R><Status>Ok</R>"] {
            assert!(!leaves(xml).1, "{xml}");
        }
    }
}
