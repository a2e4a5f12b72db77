//! A history as a page: each message with its proof, and as its customer saw it.

use std::io::{self, Write};

use maud::{Markup, html};

use super::super::history::{HistoryHeading, HistoryPrinter, Sentences};
use super::super::words::{Label, Lang, label};
use super::message::{Sheet, sheet};
use super::outline::Outline;
use super::{HOLE, clean, page};
use crate::model::{Channel, Entry};
use crate::segments;

/// Writes a history as a page.
#[derive(Debug)]
pub struct HistoryHtml<W> {
    out: W,
    lang: Lang,
    sentences: Sentences,
    /// What stands below the messages.
    below: String,
}

impl<W: Write> HistoryHtml<W> {
    /// A printer that writes to `out`, with addresses `in_full` or masked.
    pub fn new(out: W, lang: Lang, in_full: bool) -> Self {
        Self { out, lang, sentences: Sentences::new(lang, in_full), below: String::new() }
    }

    /// Where the page was written.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(clean(text).as_bytes())
    }

    /// A message as its customer saw it.
    fn sheet(&self, entry: &Entry) -> Markup {
        let name = entry.customer_name.as_deref().unwrap_or_default();
        let address = self.sentences.address(entry.channel, &entry.address);
        let calendar = entry.calendar.as_ref().map(|calendar| ("ICS", calendar.len()));
        sheet(
            self.lang,
            &Sheet {
                channel: entry.channel,
                name,
                address: &address,
                sender: None,
                branch: None,
                subject: entry.subject.as_deref(),
                body: &entry.body,
                language: entry.language.as_deref(),
                attachments: calendar.into_iter().collect(),
                segments: (entry.channel == Channel::Sms).then(|| segments::count(&entry.body).segments),
            },
        )
    }
}

impl<W: Write> HistoryPrinter for HistoryHtml<W> {
    fn begin(&mut self, heading: &HistoryHeading) -> io::Result<()> {
        let lang = self.lang;
        let mut outline = Outline::default();
        self.sentences.heading(&mut outline, heading);
        let title = outline.title.clone().unwrap_or_default();
        let whole = page(lang, &title).0;
        let (above, below) = whole.split_once(HOLE.0).unwrap_or((&whole, ""));
        below.clone_into(&mut self.below);
        self.put(above)?;
        let head = html! {
            header { h1 { bdi { (title) } } (outline.sections()) }
            div #filter role="search" aria-label=(label(lang, Label::Filter)) hidden {
                label { (label(lang, Label::Search)) " " input type="search"; }
                output data-words=(label(lang, Label::Shown)) {}
            }
        };
        self.put(&head.0)?;
        self.put("<main>")
    }

    fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        let (mut above, mut below) = (Outline::default(), Outline::default());
        self.sentences.above(&mut above, entry);
        // The title of the whole is that of the message already.
        below.title = Some(String::new());
        self.sentences.below(&mut below, entry);
        let title = above.title.clone().unwrap_or_default();
        let markup = html! {
            section.(entry.channel.word()).(entry.state.word()) data-branch="" {
                h2 { (title) }
                (above.sections())
                @if entry.purged_at.is_none() { div.entry { (self.sheet(entry)) } }
                (below.sections())
            }
        };
        self.put(&markup.0)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.put("</main>")?;
        let below = std::mem::take(&mut self.below);
        self.put(&below)?;
        self.out.flush()
    }
}
