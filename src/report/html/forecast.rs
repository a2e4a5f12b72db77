//! The page of a forecast: what would go out, pass by pass and branch by branch. It names no customer.

use maud::{Markup, html};

use super::super::forecast::{Forecast, Stretch, Volume, stretches};
use super::super::words::forecast::{COLUMNS, Column, branch, column, head, nothing, summary, title, when};
use super::super::words::{self, Label, label};
use super::{HOLE, clean, framed};

/// A forecast as a page.
#[must_use]
pub fn forecast(forecast: &Forecast) -> String {
    let lang = forecast.lang();
    let title = title(lang, forecast);
    let points = forecast.points();
    let notes = forecast.notes();
    let most = forecast.passes().iter().map(|pass| pass.volume().sum()).max().unwrap_or_default();
    let branches = forecast.by_branch();
    let most_of_branch = branches.iter().map(|(_, _, volume)| volume.sum()).max().unwrap_or_default();
    let body = html! {
        header {
            h1 { (title) }
            @for line in head(lang, forecast).iter().skip(1) { p { bdi { (line) } } }
        }
        main {
            section #to-do .urgent[!points.is_empty()] .calm[points.is_empty()] {
                h2 { (words::to_do(lang)) }
                @if points.is_empty() { p { (label(lang, Label::NothingToDo)) } }
                @else { ul { @for point in &points { li dir="auto" { (point) } } } }
            }
            @if !notes.is_empty() {
                section { h2 { (words::notes(lang)) } ul { @for note in &notes { li dir="auto" { (note) } } } }
            }
            section {
                h2 { (column(lang, Column::ByPass)) }
                @for line in summary(lang, forecast) { p { (line) } }
                table.numbers {
                    (titles(forecast, Column::Pass))
                    tbody {
                        @for stretch in stretches(forecast.passes()) {
                            @match stretch {
                                Stretch::One(pass) => {
                                    (row(forecast, &when(lang, forecast.zone(), pass.at, pass.at), &pass.volume(), most))
                                },
                                Stretch::Nothing { first, last, passes } => tr.nothing {
                                    th scope="row" { (when(lang, forecast.zone(), first.at, last.at)) }
                                    td colspan=(COLUMNS.len()) { (nothing(lang, first.result, passes)) }
                                },
                            }
                        }
                    }
                }
            }
            @if !branches.is_empty() {
                section {
                    h2 { (column(lang, Column::ByBranch)) }
                    table.numbers {
                        (titles(forecast, Column::Branch))
                        tbody {
                            @for (id, known, volume) in &branches {
                                (row(forecast, &branch(lang, *id, *known), volume, most_of_branch))
                            }
                        }
                    }
                }
            }
        }
    };
    let whole = framed(lang, &title, None).0;
    let (above, below) = whole.split_once(HOLE.0).unwrap_or((&whole, ""));
    format!("{above}{}{below}", clean(&body.0))
}

fn titles(forecast: &Forecast, first: Column) -> Markup {
    let lang = forecast.lang();
    html! {
        thead { tr {
            th scope="col" { (column(lang, first)) }
            @for title in COLUMNS { th scope="col" { (column(lang, title)) } }
        } }
    }
}

/// A row of numbers, that of all messages with a bar beside it.
fn row(forecast: &Forecast, name: &str, volume: &Volume, most: usize) -> Markup {
    let lang = forecast.lang();
    html! {
        tr {
            th scope="row" { bdi { (name) } }
            @for title in COLUMNS {
                @let number = title.number(volume);
                // Where there is no room for columns the title stands before the number.
                td.none[number == 0] data-title=(column(lang, title)) {
                    @if title == Column::Messages {
                        svg.amount viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
                            rect.bar width=(number * 100 / most.max(1)) height="10" {}
                        }
                    }
                    (number)
                }
            }
        }
    }
}
