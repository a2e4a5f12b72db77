//! One message as the customer sees it: SMS as bubbles, the e-mail with its header, the letter as a
//! letter, the call as a note for staff.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::super::attention::{branch_name, capital, customer};
use super::super::words::{self, Label, Lang, Noun, count, label, moment, say};
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
                @match message.channel {
                    Channel::Email => (email(lang, heading, message, &name, &address)),
                    Channel::Sms => (sms(lang, message, &address)),
                    Channel::Letter => (letter(heading.branches.get(&message.branch_id), message, &name, &address)),
                    Channel::Phone => (call(lang, message, &name, &address)),
                }
            }
            @if let Some(error) = &message.error {
                p.error { (words::reply(lang, error)) }
            }
        }
    }
}

/// The language of a message's text, if it can be one (BCP 47).
fn language(message: &MessageReport) -> Option<&str> {
    message.language.as_deref().filter(|tag| tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
}

fn text(message: &MessageReport) -> Markup {
    html! { div.text lang=[language(message)] dir="auto" { (message.body.trim_end()) } }
}

fn email(lang: Lang, heading: &Heading, message: &MessageReport, name: &str, address: &str) -> Markup {
    let sender = message.interface_id.and_then(|id| heading.senders.get(&id));
    html! {
        div.sheet {
            dl {
                @if let Some(sender) = sender {
                    div { dt { (label(lang, Label::From)) } dd { bdi { (sender) } } }
                }
                div { dt { (label(lang, Label::To)) } dd { bdi { (name) } " <" bdi { (address) } ">" } }
                @if let Some(subject) = &message.subject {
                    div { dt { (label(lang, Label::Subject)) }
                        dd.subject lang=[language(message)] { bdi { (subject) } } }
                }
                @for file in &message.attachments {
                    div { dt { (label(lang, Label::Attachment)) } dd { (attachment(lang, &file.name, file.bytes)) } }
                }
            }
            (text(message))
        }
    }
}

fn attachment(lang: Lang, name: &str, bytes: usize) -> String {
    say!(lang, "{name} ({bytes} Byte)", "{name} ({bytes} bytes)")
}

fn sms(lang: Lang, message: &MessageReport, address: &str) -> Markup {
    let parts = segments::parts(&message.body);
    let of = parts.len();
    html! {
        p.to { (label(lang, Label::To)) " " bdi { (address) } }
        ol.bubbles lang=[language(message)] {
            @for (number, part) in (1..).zip(parts) {
                li dir="auto" { (part) @if of > 1 { span.part { (number) "/" (of) } } }
            }
        }
        @if let Some(segments) = message.sms_segments {
            p.length { (count(lang, segments, Noun::Segment)) }
        }
    }
}

fn letter(branch: Option<&Branch>, message: &MessageReport, name: &str, address: &str) -> Markup {
    html! {
        div.sheet.paper {
            @if let Some(branch) = branch { p.sender { bdi { (sender_line(branch)) } } }
            p.envelope {
                bdi { (name) }
                @for line in address.split(',').map(str::trim).filter(|line| !line.is_empty()) { br; bdi { (line) } }
            }
            @if let Some(subject) = &message.subject { p.subject lang=[language(message)] { bdi { (subject) } } }
            (text(message))
        }
    }
}

/// Name and address of a branch in one line, as above the window of an envelope.
fn sender_line(branch: &Branch) -> String {
    let place = [&branch.postcode, &branch.city].into_iter().flatten().map(|part| part.trim()).collect::<Vec<_>>();
    let parts = [branch.name.trim(), branch.street.as_deref().unwrap_or_default().trim(), &place.join(" ")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn call(lang: Lang, message: &MessageReport, name: &str, address: &str) -> Markup {
    html! {
        div.sheet.note {
            p.to { strong { (label(lang, Label::Call)) ":" } " " bdi { (name) } ", " bdi { (address) } }
            (text(message))
        }
    }
}

/// The branches by name, for choosing one.
pub(super) fn by_name(branches: &BTreeMap<i64, Branch>) -> Vec<i64> {
    let mut ids: Vec<_> =
        branches.values().map(|branch| (branch.name.to_lowercase(), &branch.code, branch.id)).collect();
    ids.sort();
    ids.into_iter().map(|(.., id)| id).collect()
}
