//! Writes a prepared message as an e-mail.
//!
//! The same message gives the same bytes however often it is written: the date, the Message-ID and
//! the boundary between its parts come from the message, none from a clock or from chance. So a
//! mail that has to be repeated can be recognised as the same one.
//!
//! Whatever goes into a header is freed of control characters first and encoded by the mail
//! library, so that no name, subject or language can add a header of its own. Addresses are ASCII by
//! their type, so that every server understands them and a header never has to encode one.

use std::time::SystemTime;

use lettre::Message;
use lettre::address::Envelope;
use lettre::message::header::{ContentDisposition, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};

use super::{Address, Attachment, Prepared, one_line};
use crate::contact::EmailAddress;
use crate::settings::Smtp;

/// Who writes the e-mails of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The name, if one is set.
    pub name: Option<String>,
    /// The address.
    pub address: EmailAddress,
    /// Where answers go; `None` leaves it to the message.
    pub reply_to: Option<EmailAddress>,
}

impl From<&Smtp> for Sender {
    fn from(settings: &Smtp) -> Self {
        Self { name: settings.from_name.clone(), address: settings.from.clone(), reply_to: settings.reply_to.clone() }
    }
}

/// An e-mail, ready for the wire or a file.
pub struct Email {
    /// The sender, for the envelope.
    pub(super) from: lettre::Address,
    /// The recipient, for the envelope.
    pub(super) to: lettre::Address,
    /// Headers and body, every line ending in CR LF.
    pub bytes: Vec<u8>,
}

/// Writes `message` as an e-mail from `sender`.
///
/// # Errors
/// A sentence fragment that says why no e-mail can be made of it: an address that a mail cannot
/// bear, or a message for another channel.
pub fn compose(message: &Prepared, sender: &Sender) -> Result<Email, String> {
    let Address::Email(address) = &message.address else {
        return Err(format!("a message by {} is no e-mail", message.address.channel()));
    };
    let to = envelope_address(address).map_err(|problem| format!("the address cannot be used: {problem}"))?;
    let from = envelope_address(&sender.address)
        .map_err(|problem| format!("the sender's address cannot be used: {problem}"))?;
    let token = token(&message.reference);

    let name = |name: &Option<String>| name.as_deref().map(one_line).filter(|name| !name.is_empty());
    let mut builder = Message::builder()
        // Otherwise the library reads it out of the headers.
        .envelope(Envelope::new(Some(from.clone()), vec![to.clone()]).map_err(|error| error.to_string())?)
        .from(Mailbox::new(name(&sender.name), from.clone()))
        .to(Mailbox::new(name(&message.recipient_name), to.clone()));
    // A branch's address that no mail can bear must not keep the message from the customer.
    let reply_to = sender.reply_to.as_ref().or(message.reply_to.as_ref()).and_then(|to| envelope_address(to).ok());
    if let Some(address) = reply_to {
        builder = builder.reply_to(Mailbox::new(None, address));
    }
    if let Some(subject) = &message.subject {
        builder = builder.subject(one_line(subject));
    }
    builder = builder
        .date(SystemTime::from(message.date))
        .message_id(Some(format!("<{token}@{}>", from.domain())))
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    let language: String = message.language.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    if !language.is_empty() {
        builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Content-Language"), language));
    }

    // The library ends each part with a line break of its own.
    let text = SinglePart::plain(with_crlf(message.body.trim_end_matches(['\r', '\n'])));
    let mail = if message.attachments.is_empty() {
        builder.singlepart(text)
    } else {
        // "=_" never occurs in quoted-printable, and in plain text only if somebody knew the reference.
        let parts = MultiPart::mixed().boundary(format!("=_{token}")).singlepart(text);
        builder.multipart(message.attachments.iter().map(attached).fold(parts, MultiPart::singlepart))
    };
    let mail = mail.map_err(|error| format!("no mail can be made of it: {error}"))?;
    Ok(Email { from, to, bytes: mail.formatted() })
}

fn attached(attachment: &Attachment) -> SinglePart {
    let name = one_line(&attachment.name);
    // Some readers know only the older place of the name, in the type; it takes plain names as they are.
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let named = plain.then(|| format!("{}; name=\"{name}\"", attachment.content_type));
    let content_type = named
        .into_iter()
        .chain([attachment.content_type.clone()])
        .find_map(|text| ContentType::parse(&text).ok())
        .unwrap_or(ContentType::TEXT_PLAIN);
    SinglePart::builder()
        .header(content_type)
        .header(ContentDisposition::attachment(&name))
        .body(with_crlf(&attachment.content))
}

/// `text` with every line ending in CR LF. The library would see to it too, but by moving the whole
/// rest of the text for each line.
fn with_crlf(text: &str) -> String {
    if !text.contains('\r') {
        return text.replace('\n', "\r\n");
    }
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}

/// The address as the library wants it.
fn envelope_address(address: &EmailAddress) -> Result<lettre::Address, String> {
    address.expose().parse().map_err(|error: lettre::address::AddressError| error.to_string().to_lowercase())
}

/// `reference` as it may stand in a Message-ID, a boundary or the name of a file. The ledger makes
/// references of such characters only; any other is replaced rather than trusted.
pub(super) fn token(reference: &str) -> String {
    // A boundary has at most 70 characters, of which two are ours.
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    reference.trim_start_matches('.').chars().map(safe).take(68).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::Kind;

    pub(crate) fn message() -> Prepared {
        Prepared {
            id: 17,
            kind: Kind::Reminder,
            address: Address::Email(EmailAddress::parse("anna.beispiel@example.de").unwrap()),
            recipient_name: Some("Anna Müller".to_owned()),
            subject: Some("Ihr Termin am Mittwoch".to_owned()),
            body: "Guten Tag Anna Müller,\n\nbis morgen, 10:00 Uhr.\n".to_owned(),
            language: "de".to_owned(),
            attachments: Vec::new(),
            reference: "17.3f6c1a".to_owned(),
            date: DateTime::from_timestamp(1_773_165_600, 0).unwrap(),
            reply_to: Some(EmailAddress::parse("hamburg@example.de").unwrap()),
            expires: DateTime::from_timestamp(1_773_219_600, 0).unwrap(),
        }
    }

    pub(crate) fn sender() -> Sender {
        Sender {
            name: Some("Optik Muster".to_owned()),
            address: EmailAddress::parse("termine@example.de").unwrap(),
            reply_to: None,
        }
    }

    fn written(message: &Prepared) -> String {
        let bytes = compose(message, &sender()).unwrap().bytes;
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "every line ends in CR LF");
        text.replace("\r\n", "\n")
    }

    #[test]
    fn a_reminder_as_it_is_sent() {
        insta::assert_snapshot!(written(&message()), @r#"
        From: "Optik Muster" <termine@example.de>
        To: =?utf-8?b?QW5uYSBNw7xsbGVy?= <anna.beispiel@example.de>
        Reply-To: hamburg@example.de
        Subject: Ihr Termin am Mittwoch
        Date: Tue, 10 Mar 2026 18:00:00 +0000
        Message-ID: <17.3f6c1a@example.de>
        Auto-Submitted: auto-generated
        Content-Language: de
        MIME-Version: 1.0
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        Guten Tag Anna M=C3=BCller,

        bis morgen, 10:00 Uhr.
        "#);
    }

    #[test]
    fn a_confirmation_with_a_calendar_file() {
        let mut message = message();
        message.subject = Some("Terminbestätigung – Optik Muster".to_owned());
        message.body = "Ihre Termine:\n.\nbis bald".to_owned();
        message.attachments = vec![Attachment {
            name: "termine.ics".to_owned(),
            content_type: "text/calendar; charset=utf-8; method=PUBLISH".to_owned(),
            content: "BEGIN:VCALENDAR\r\nSUMMARY:Termin Köln\r\nEND:VCALENDAR\r\n".to_owned(),
        }];
        insta::assert_snapshot!(written(&message), @r#"
        From: "Optik Muster" <termine@example.de>
        To: =?utf-8?b?QW5uYSBNw7xsbGVy?= <anna.beispiel@example.de>
        Reply-To: hamburg@example.de
        Subject: =?utf-8?b?VGVybWluYmVzdMOkdGlndW5nIOKAkw==?= Optik Muster
        Date: Tue, 10 Mar 2026 18:00:00 +0000
        Message-ID: <17.3f6c1a@example.de>
        Auto-Submitted: auto-generated
        Content-Language: de
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="=_17.3f6c1a"

        --=_17.3f6c1a
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 7bit

        Ihre Termine:
        .
        bis bald
        --=_17.3f6c1a
        Content-Type: text/calendar; charset=utf-8; method=PUBLISH;
         name="termine.ics"
        Content-Disposition: attachment; filename="termine.ics"
        Content-Transfer-Encoding: quoted-printable

        BEGIN:VCALENDAR
        SUMMARY:Termin K=C3=B6ln
        END:VCALENDAR

        --=_17.3f6c1a--
        "#);
    }

    #[test]
    fn a_message_is_written_the_same_each_time() {
        let mut message = message();
        message.attachments.push(Attachment {
            name: "termine.ics".to_owned(),
            content_type: "text/calendar".to_owned(),
            content: String::new(),
        });
        assert_eq!(written(&message), written(&message));
    }

    #[test]
    fn no_text_can_add_a_header() {
        let evil = "x\r\nBcc: all@example.de\r\n\r\nbody\u{0}\u{85}\u{2028}";
        let mut message = message();
        message.recipient_name = Some(evil.to_owned());
        message.subject = Some(evil.to_owned());
        message.language = evil.to_owned();
        message.reference = evil.to_owned();
        message.attachments = vec![Attachment {
            name: evil.to_owned(),
            content_type: evil.to_owned(),
            content: "BEGIN:VCALENDAR".to_owned(),
        }];
        let text = written(&message);
        let (headers, body) = text.split_once("\n\n").unwrap();
        let names: Vec<_> =
            headers.lines().filter(|line| !line.starts_with(' ')).filter_map(|line| line.split(':').next()).collect();
        assert_eq!(
            names,
            [
                "From",
                "To",
                "Reply-To",
                "Subject",
                "Date",
                "Message-ID",
                "Auto-Submitted",
                "Content-Language",
                "MIME-Version",
                "Content-Type"
            ]
        );
        assert!(!body.lines().any(|line| line.starts_with("Bcc")), "{body}");
    }

    #[test]
    fn answers_go_to_the_interfaces_address_before_the_branchs() {
        let reply_to = |sender: &Sender, message: &Prepared| {
            let text = String::from_utf8(compose(message, sender).unwrap().bytes).unwrap();
            text.lines().find_map(|line| line.strip_prefix("Reply-To: ")).map(|line| line.trim().to_owned())
        };
        let with = Sender { reply_to: EmailAddress::parse("praxis@example.de").ok(), ..sender() };
        assert_eq!(reply_to(&with, &message()).unwrap(), "praxis@example.de");
        assert_eq!(reply_to(&sender(), &message()).unwrap(), "hamburg@example.de");
        assert_eq!(reply_to(&sender(), &Prepared { reply_to: None, ..message() }), None);
    }

    #[test]
    fn a_domain_with_umlauts_is_written_in_ascii() {
        let mut message = message();
        message.address = Address::Email(EmailAddress::parse("info@müller.example.de").unwrap());
        let email = compose(&message, &sender()).unwrap();
        assert_eq!(email.to.to_string(), "info@xn--mller-kva.example.de");
    }

    #[test]
    fn a_message_for_another_channel_is_no_email() {
        let message = Prepared { address: Address::Phone("030 23125 001".to_owned()), ..message() };
        assert_eq!(compose(&message, &sender()).err().unwrap(), "a message by phone is no e-mail");
    }
}
