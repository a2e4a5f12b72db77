//! A forecast for people: at most 80 columns, a table by pass and one by branch.

use super::{Forecast, ForetoldPass, Volume};
use crate::report::lines::{Page, clean, width};
use crate::report::words;
use crate::report::words::forecast::{COLUMNS, Column, branch, column, head, nothing, summary, when};

/// The columns of the first cell of a row.
const LABEL: usize = 24;

/// A forecast as text.
#[must_use]
pub fn text(forecast: &Forecast) -> String {
    let lang = forecast.lang;
    let mut page = Page::default();
    for line in head(lang, forecast) {
        page.line(0, &line);
    }
    for (title, points) in [(words::to_do(lang), forecast.points()), (words::notes(lang), forecast.notes())] {
        if !points.is_empty() {
            page.title(title);
            for point in points {
                page.item(0, &point);
            }
        }
    }
    page.title(column(lang, Column::ByPass));
    titles(&mut page, forecast, Column::Pass);
    for stretch in stretches(&forecast.passes) {
        match stretch {
            Stretch::One(pass) => {
                row(&mut page, &when(lang, forecast.zone, pass.at, pass.at), &pass.volume());
            }
            Stretch::Nothing { first, last, passes } => {
                let when = when(lang, forecast.zone, first.at, last.at);
                page.line(0, &format!("{when}: {}", nothing(lang, first.result, passes)));
            }
        }
    }
    let branches = forecast.by_branch();
    if !branches.is_empty() {
        page.title(column(lang, Column::ByBranch));
        titles(&mut page, forecast, Column::Branch);
        for (id, known, volume) in &branches {
            row(&mut page, &branch(lang, *id, *known), volume);
        }
    }
    page.gap();
    for line in summary(lang, forecast) {
        page.line(0, &line);
    }
    page.text().to_owned()
}

/// What stands in one row.
pub(in crate::report) enum Stretch<'f> {
    /// A pass that would send something.
    One(&'f ForetoldPass),
    /// Passes beside one another, each of the same result, that would send nothing.
    Nothing { first: &'f ForetoldPass, last: &'f ForetoldPass, passes: usize },
}

/// The passes row by row.
pub(in crate::report) fn stretches(passes: &[ForetoldPass]) -> Vec<Stretch<'_>> {
    let mut stretches: Vec<Stretch<'_>> = Vec::new();
    for pass in passes {
        let is_empty = pass.volume().sum() == 0;
        match stretches.last_mut() {
            _ if !is_empty => stretches.push(Stretch::One(pass)),
            Some(Stretch::Nothing { first, last, passes }) if first.result == pass.result => {
                *last = pass;
                *passes += 1;
            }
            _ => stretches.push(Stretch::Nothing { first: pass, last: pass, passes: 1 }),
        }
    }
    stretches
}

/// How wide the columns behind the first are.
const WIDTHS: [usize; COLUMNS.len()] = [12, 9, 8, 11, 8, 8];

fn titles(page: &mut Page, forecast: &Forecast, first: Column) {
    let mut line = cell(column(forecast.lang, first));
    for (title, wide) in COLUMNS.into_iter().zip(WIDTHS) {
        line.push_str(&right(column(forecast.lang, title), wide));
    }
    page.verbatim(&line);
}

fn row(page: &mut Page, label: &str, volume: &Volume) {
    let mut line = cell(label);
    for (column, wide) in COLUMNS.into_iter().zip(WIDTHS) {
        line.push_str(&right(&column.number(volume).to_string(), wide));
    }
    page.verbatim(&line);
}

/// The first cell of a row, cut to its columns.
fn cell(label: &str) -> String {
    let label = clean(label);
    let mut cut = String::new();
    if width(&label) <= LABEL {
        cut = label;
    } else {
        for c in label.chars() {
            if width(&cut) + width(c.encode_utf8(&mut [0; 4])) >= LABEL {
                break;
            }
            cut.push(c);
        }
        cut.push('…');
    }
    let gap = LABEL.saturating_sub(width(&cut));
    cut + &" ".repeat(gap)
}

fn right(text: &str, wide: usize) -> String {
    " ".repeat(wide.saturating_sub(width(text))) + text
}
