//! An explanation as a page: the sentences of the text, the rules as tables.

use maud::html;

use super::super::explain::{Report, write};
use super::super::words::Lang;
use super::outline::Outline;
use super::{HOLE, clean, page};

/// An explanation as a page; addresses are masked.
#[must_use]
pub fn explain(report: &Report, lang: Lang) -> String {
    let mut outline = Outline::default();
    write(&mut outline, report, lang);
    let title = outline.title.clone().unwrap_or_default();
    let content = html! { header { h1 { (title) } } main { (outline.sections()) } };
    let whole = page(lang, &title).0.replacen(HOLE.0, &content.0, 1);
    clean(&whole).into_owned()
}
