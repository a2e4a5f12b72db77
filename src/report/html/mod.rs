//! Pages for people who would rather look than read: one file, in German or English, that needs
//! neither network nor script, fits a telephone and prints well.
//!
//! Everything from the data is escaped by [`maud`], in text and in attributes alike, and no data
//! stand inside a script or style. What a page takes passes through `clean` besides, which takes
//! out what could turn or break the text. Style and script are the same in every page, and its
//! Content-Security-Policy admits these two by their hash and nothing else, so that even a value
//! that got past all this could load and run nothing.

mod day;
mod explain;
mod forecast;
mod history;
mod message;
mod outline;
mod pass;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::lines::is_obeyed;
use super::words::{Label, Lang, label};

pub use explain::explain;
pub use forecast::forecast;
pub use history::HistoryHtml;
pub use pass::HtmlPrinter;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Stands where something else is to be put in. No value from the data can look like it, since
/// `<` in these is escaped.
const HOLE: PreEscaped<&str> = PreEscaped("<!---->");

/// A whole page around a hole, for the eyes of those who may see customers' files.
fn page(lang: Lang, title: &str) -> Markup {
    framed(lang, title, Some(label(lang, Label::Confidential)))
}

/// A whole page around a hole.
fn framed(lang: Lang, title: &str, footer: Option<&str>) -> Markup {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT),
    );
    html! {
        (DOCTYPE)
        html lang=(lang.pick("de", "en")) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (HOLE)
                @if let Some(footer) = footer { footer { p { (footer) } } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

/// The hash of an inline style or script, as a Content-Security-Policy names it (CSP3, 2.3.1).
fn hash(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    format!("sha256-{}", BASE64_STANDARD.encode(digest))
}

/// `text` without characters that are no text, but for tab and line break.
fn clean(text: &str) -> Cow<'_, str> {
    let is_bad = |c: char| !matches!(c, '\t' | '\n') && is_obeyed(c);
    if !text.contains(is_bad) {
        return Cow::Borrowed(text);
    }
    text.replace("\r\n", "\n").replace(is_bad, "\u{fffd}").into()
}
