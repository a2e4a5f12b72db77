//! A day as a strip: quiet time and windows as bands, the messages of each hour as a bar.
//!
//! Places are shares of the day in percent, so that the strip is as wide as the page and its
//! letters keep their size. They stand in attributes of SVG, since the page's policy admits no
//! style in the text.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use maud::{Markup, html};

use super::super::Heading;
use super::super::words::{self, Label, Lang, label};
use crate::rules::quiet::MAINTENANCE;
use crate::settings::NightRest;

/// The minutes of a day.
const DAY: u32 = 24 * 60;
/// How high the tallest bar is, in pixels.
const TALLEST: usize = 64;

/// What begins in an hour.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Hour {
    /// Messages whose first appointment it is.
    pub(super) messages: usize,
    /// Appointments that are not reminded.
    pub(super) skipped: usize,
}

/// What begins when, by date and hour.
pub(super) type Hours = BTreeMap<(NaiveDate, u32), Hour>;

/// The dates that have something to show, in order.
pub(super) fn dates(heading: &Heading, hours: &Hours) -> Vec<NaiveDate> {
    let from = heading.at.date_naive();
    let window = heading.reminder_window.map(|(until, _)| until.naive_local());
    // Until midnight is not yet the next day.
    let to = window.map_or(from, |until| (until - chrono::TimeDelta::seconds(1)).date());
    let mut dates: Vec<_> = from.iter_days().take_while(|date| *date <= to).collect();
    dates.extend(hours.keys().map(|(date, _)| *date));
    dates.sort_unstable();
    dates.dedup();
    dates
}

/// The strip of one date; `most` is the highest sum of any hour of the page.
pub(super) fn strip(lang: Lang, heading: &Heading, date: NaiveDate, hours: &Hours, most: usize) -> Markup {
    let of_day = || hours.range((date, 0)..=(date, 23)).map(|((_, hour), what)| (*hour, *what));
    let messages = of_day().map(|(_, what)| what.messages).sum();
    let skipped = of_day().map(|(_, what)| what.skipped).sum();
    let at = heading.at.naive_local();
    html! {
        svg.strip role="img" aria-label=(words::strip(lang, messages, skipped)) {
            @for stretch in rest(heading.night_rest) { (band("rest", 0, TALLEST, stretch)) }
            @for stretch in turns(MAINTENANCE.0, MAINTENANCE.1) { (band("maintenance", 0, TALLEST, stretch)) }
            @if let Some(stretch) = regular(heading, date) { (band("window", TALLEST + 2, 6, stretch)) }
            @if let Some(stretch) = look_ahead(heading, date) { (band("ahead", TALLEST + 2, 6, stretch)) }
            line.axis x1="0" y1="64.5" x2="100%" y2="64.5" {}
            @for hour in (0..=24).step_by(3) {
                line.axis x1=(share(hour * 60)) y1="64" x2=(share(hour * 60)) y2="74" {}
                text.hour.minor[hour % 6 != 0].first[hour == 0].last[hour == 24]
                    x=(share(hour * 60)) y="88" { (hour) }
            }
            @for (hour, what) in of_day() {
                @let (low, high) = (height(what.messages, most), height(what.messages + what.skipped, most));
                rect.bar x=(share(hour * 60 + 6)) y=(TALLEST - low) width=(share(48)) height=(low) {}
                rect.left x=(share(hour * 60 + 6)) y=(TALLEST - high) width=(share(48)) height=(high - low) {}
            }
            @if at.date() == date {
                line.now x1=(share(minute(at.time()))) y1="0" x2=(share(minute(at.time()))) y2="76" {}
            }
        }
    }
}

fn band(class: &str, y: usize, height: usize, (from, to): (u32, u32)) -> Markup {
    html! { rect.(class) x=(share(from)) y=(y) width=(share(to - from)) height=(height) {} }
}

/// What the colours mean, with the times.
pub(super) fn legend(lang: Lang, heading: &Heading) -> Markup {
    let night_rest = heading.night_rest.filter(|rest| rest.start != rest.end);
    let maintenance = words::span(lang, time(MAINTENANCE.0), time(MAINTENANCE.1));
    let at = words::moment(lang, heading.at.naive_local());
    html! {
        ul.legend {
            li { (swatch("bar")) (label(lang, Label::Messages)) }
            li { (swatch("left")) (label(lang, Label::Unreminded)) }
            @if let Some((until, look_ahead)) = heading.reminder_window {
                @let regular = heading.regular_until.filter(|_| look_ahead).unwrap_or(until);
                li { (swatch("window")) (label(lang, Label::ReminderWindow)) ": " (words::before(lang, regular.naive_local())) }
                @if regular < until {
                    li { (swatch("ahead")) (label(lang, Label::LookAhead)) ": " (words::before(lang, until.naive_local())) }
                }
            }
            @if let Some(rest) = night_rest {
                li { (swatch("rest")) (label(lang, Label::NightRest)) ", " (words::span(lang, rest.start, rest.end)) }
            }
            li { (swatch("maintenance")) (label(lang, Label::Maintenance)) ", " (maintenance) }
            li { (swatch("now")) (label(lang, Label::Now)) ": " (at) }
        }
    }
}

fn swatch(class: &str) -> Markup {
    html! {
        svg.swatch aria-hidden="true" {
            @if class == "now" { line.now x1="6" y1="0" x2="6" y2="12" {} } @else { rect.(class) width="12" height="12" {} }
        }
    }
}

/// The share of a day, in percent.
fn share(minutes: u32) -> String {
    format!("{:.2}%", f64::from(minutes) * 100.0 / f64::from(DAY))
}

/// How high a bar is; one for a single message can still be seen.
fn height(number: usize, most: usize) -> usize {
    (number * TALLEST).div_ceil(most.max(1))
}

fn minute(time: NaiveTime) -> u32 {
    time.num_seconds_from_midnight() / 60
}

fn time(minute: u32) -> NaiveTime {
    NaiveTime::from_num_seconds_from_midnight_opt(minute % DAY * 60, 0).unwrap_or_default()
}

fn rest(night_rest: Option<NightRest>) -> Vec<(u32, u32)> {
    night_rest.map_or_else(Vec::new, |rest| turns(minute(rest.start), minute(rest.end)))
}

/// The stretches that a time of day takes of each day; it may pass midnight.
fn turns(start: u32, end: u32) -> Vec<(u32, u32)> {
    match start.cmp(&end) {
        std::cmp::Ordering::Less => vec![(start, end)],
        std::cmp::Ordering::Equal => Vec::new(),
        std::cmp::Ordering::Greater => vec![(0, end), (start, DAY)],
    }
}

/// The part of a date that lies in `[from, to)`, if any.
fn part(date: NaiveDate, from: NaiveDateTime, to: NaiveDateTime) -> Option<(u32, u32)> {
    let day = date.and_time(NaiveTime::MIN);
    let next = day.checked_add_days(Days::new(1))?;
    let (from, to) = (from.max(day), to.min(next));
    let minutes = |at: NaiveDateTime| u32::try_from((at - day).num_minutes()).unwrap_or_default();
    (from < to).then(|| (minutes(from), minutes(to)))
}

fn regular(heading: &Heading, date: NaiveDate) -> Option<(u32, u32)> {
    let (until, look_ahead) = heading.reminder_window?;
    let regular = heading.regular_until.filter(|_| look_ahead).unwrap_or(until);
    part(date, heading.at.naive_local(), regular.naive_local())
}

fn look_ahead(heading: &Heading, date: NaiveDate) -> Option<(u32, u32)> {
    let (until, _) = heading.reminder_window.filter(|(_, look_ahead)| *look_ahead)?;
    part(date, heading.regular_until?.naive_local(), until.naive_local())
}
