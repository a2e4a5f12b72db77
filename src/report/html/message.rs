//! One message as the customer sees it: SMS as bubbles, the e-mail with its header, the letter as a
//! letter, the call as a note for staff.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::super::attention::{branch_name, capital, customer};
use super::super::words::{self, Label, Lang, Noun, count, label, moment, past, say};
use super::super::{Fate, Heading, MessageReport};
use crate::contact::mask_stored;
use crate::model::{Branch, Channel, Kind, State};
use crate::segments;

/// The card of a message. Addresses are masked, except those of the messages that a dry run would
/// send.
pub(super) fn card(lang: Lang, heading: &Heading, message: &MessageReport) -> Markup {
    let name = customer(lang, message.customer_name.as_deref(), message.customer_id);
    let address = match message.fate {
        Fate::Planned => message.address.clone(),
        Fate::Settled(_) => mask_stored(message.channel, &message.address),
    };
    let by = capital(words::by_channel(lang, message.channel));
    html! {
        article.card.(message.channel.word()).(message.fate.word()) data-branch=(message.branch_id) {
            header {
                h5 { bdi { (name) } }
                p.fate { (capital(words::fate(lang, message.fate))) }
                p {
                    @for (number, (id, start)) in message.appointments.iter().enumerate() {
                        @if number > 0 { br; }
                        (moment(lang, *start)) " " span.id { "(" (id) ")" }
                    }
                    br;
                    (by)
                    @if message.kind == Kind::Manual { ", " (words::kind(lang, message.kind)) }
                    ", " bdi { (branch_name(lang, &heading.branches, Some(message.branch_id))) }
                }
            }
            @if message.body.is_empty() && message.fate == Fate::Settled(State::Deferred) {
                p.none { (label(lang, Label::NoText)) }
            } @else {
                (sheet(lang, &Sheet {
                    channel: message.channel,
                    name: &name,
                    address: &address,
                    sender: message.interface_id.and_then(|id| heading.senders.get(&id)).map(String::as_str),
                    branch: heading.branches.get(&message.branch_id),
                    subject: message.subject.as_deref(),
                    body: &message.body,
                    language: message.language.as_deref(),
                    attachments: message.attachments.iter().map(|file| (file.name.as_str(), file.bytes)).collect(),
                    segments: message.sms_segments,
                }))
            }
            @if let Some(error) = &message.error {
                p.error { (words::reply(lang, error)) }
            }
            @if let Some(beside) = message.beside.as_ref().filter(|beside| !beside.is_empty()) {
                ul.since {
                    @for recorded in &beside.record { li { (past::recorded(lang, recorded)) } }
                    @for change in &beside.since { li { (past::since(lang, change)) } }
                }
            }
        }
    }
}

/// What the customer sees of a message.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    pub(super) channel: Channel,
    pub(super) name: &'a str,
    /// As it may be shown.
    pub(super) address: &'a str,
    pub(super) sender: Option<&'a str>,
    pub(super) branch: Option<&'a Branch>,
    pub(super) subject: Option<&'a str>,
    pub(super) body: &'a str,
    pub(super) language: Option<&'a str>,
    /// Name and size of each.
    pub(super) attachments: Vec<(&'a str, usize)>,
    pub(super) segments: Option<usize>,
}

impl Sheet<'_> {
    /// The language of the text, if it can be one (BCP 47).
    fn language(&self) -> Option<&str> {
        self.language.filter(|tag| !tag.is_empty() && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
    }

    fn text(&self) -> Markup {
        html! { div.text lang=[self.language()] dir="auto" { (self.body.trim_end()) } }
    }

    fn subject(&self) -> Markup {
        html! { @if let Some(subject) = self.subject { bdi lang=[self.language()] { (subject) } } }
    }
}

/// A message as its customer sees it.
pub(super) fn sheet(lang: Lang, sheet: &Sheet<'_>) -> Markup {
    match sheet.channel {
        Channel::Email => email(lang, sheet),
        Channel::Sms => sms(lang, sheet),
        Channel::Letter => letter(sheet),
        Channel::Phone => call(lang, sheet),
    }
}

fn email(lang: Lang, sheet: &Sheet<'_>) -> Markup {
    html! {
        div.sheet {
            dl {
                @if let Some(sender) = sheet.sender {
                    div { dt { (label(lang, Label::From)) } dd { bdi { (sender) } } }
                }
                div { dt { (label(lang, Label::To)) } dd { bdi { (sheet.name) } " <" bdi { (sheet.address) } ">" } }
                @if sheet.subject.is_some() {
                    div { dt { (label(lang, Label::Subject)) } dd.subject { (sheet.subject()) } }
                }
                @for (name, bytes) in &sheet.attachments {
                    div { dt { (label(lang, Label::Attachment)) } dd { (attachment(lang, name, *bytes)) } }
                }
            }
            (sheet.text())
        }
    }
}

fn attachment(lang: Lang, name: &str, bytes: usize) -> String {
    say!(lang, "{name} ({bytes} Byte)", "{name} ({bytes} bytes)")
}

fn sms(lang: Lang, sheet: &Sheet<'_>) -> Markup {
    let parts = segments::parts(sheet.body);
    let of = parts.len();
    html! {
        p.to { (label(lang, Label::To)) " " bdi { (sheet.address) } }
        ol.bubbles lang=[sheet.language()] {
            @for (number, part) in (1..).zip(parts) {
                li dir="auto" { (part) @if of > 1 { span.part { (number) "/" (of) } } }
            }
        }
        @if let Some(segments) = sheet.segments {
            p.length { (count(lang, segments, Noun::Segment)) }
        }
    }
}

fn letter(sheet: &Sheet<'_>) -> Markup {
    html! {
        div.sheet.paper {
            @if let Some(branch) = sheet.branch { p.sender { bdi { (sender_line(branch)) } } }
            p.envelope {
                bdi { (sheet.name) }
                @for line in sheet.address.split(',').map(str::trim).filter(|line| !line.is_empty()) {
                    br; bdi { (line) }
                }
            }
            @if sheet.subject.is_some() { p.subject { (sheet.subject()) } }
            (sheet.text())
        }
    }
}

fn call(lang: Lang, sheet: &Sheet<'_>) -> Markup {
    html! {
        div.sheet.note {
            p.to { strong { (label(lang, Label::Call)) ":" } " " bdi { (sheet.name) } ", " bdi { (sheet.address) } }
            (sheet.text())
        }
    }
}

/// Name and address of a branch in one line, as above the window of an envelope.
fn sender_line(branch: &Branch) -> String {
    let place = [&branch.postcode, &branch.city].into_iter().flatten().map(|part| part.trim()).collect::<Vec<_>>();
    let parts = [branch.name.trim(), branch.street.as_deref().unwrap_or_default().trim(), &place.join(" ")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// The branches by name, for choosing one.
pub(super) fn by_name(branches: &BTreeMap<i64, Branch>) -> Vec<i64> {
    let mut ids: Vec<_> =
        branches.values().map(|branch| (branch.name.to_lowercase(), &branch.code, branch.id)).collect();
    ids.sort();
    ids.into_iter().map(|(.., id)| id).collect()
}
