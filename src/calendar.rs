//! The calendar file that goes with a confirmation (rules, chapter H).
//!
//! iCalendar (RFC 5545), published rather than sent as an invitation: nobody is asked to answer.
//! An appointment keeps its UID in every message, so that a moved one replaces the entry in the
//! customer's calendar instead of standing beside it; SEQUENCE tells which is newer.
//!
//! Times are in UTC. That says the same instant to every calendar, in the weeks of the clock
//! changes too, and needs no table of the zone that a reader might take differently from us.
//!
//! The crate that writes the file lets the last piece of a folded line grow to 76 octets, and it
//! leaves a bare carriage return in a text. So values are cleaned before and lines folded anew
//! after it. The guarantee: lines end in CRLF and have at most 75 octets, no character is cut in
//! two, and no value can add a line.

use chrono::{DateTime, NaiveDateTime, Utc};
use icalendar::{Calendar, Component as _, Event, EventLike as _, Property};

use crate::zone::Zone;

/// The longest line in octets, its CRLF not counted (RFC 5545, section 3.1).
const LONGEST_LINE: usize = 75;

/// The media type of the file, for the header of its part in an e-mail.
pub const CONTENT_TYPE: &str = "text/calendar; charset=utf-8; method=PUBLISH";

/// One appointment in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The appointment's id, which makes the UID.
    pub appointment_id: i64,
    /// When the customer is to be there. Local time.
    pub start: NaiveDateTime,
    /// When it ends. Local time.
    pub end: NaiveDateTime,
    /// How many starts the customer was told before this one.
    pub sequence: u32,
    /// The title.
    pub summary: String,
    /// The branch's address; an empty one is left out.
    pub location: String,
}

/// The file with all `entries`, in their order.
///
/// `identity` tells this chain's appointments from every other's. `stamp` is the instant of the
/// pass, so that the same pass always writes the same file. `language` is that of the texts.
#[must_use]
pub fn calendar(entries: &[Entry], identity: &str, zone: Zone, stamp: DateTime<Utc>, language: &str) -> String {
    let language: String = language.chars().take_while(char::is_ascii_alphabetic).collect();
    let mut calendar = Calendar::empty();
    calendar
        .append_property(Property::new("VERSION", "2.0"))
        .append_property(Property::new("PRODID", format!("-//terminbote//terminbote//{}", language.to_uppercase())))
        .append_property(Property::new("CALSCALE", "GREGORIAN"))
        .append_property(Property::new("METHOD", "PUBLISH"));
    for entry in entries {
        calendar.push(event(entry, identity, zone, stamp));
    }
    refold(&calendar.to_string())
}

fn event(entry: &Entry, identity: &str, zone: Zone, stamp: DateTime<Utc>) -> Event {
    let start = zone.instant(entry.start);
    let mut event = Event::new();
    event
        .uid(&format!("terminbote-{}@{}", entry.appointment_id, clean(identity)))
        .sequence(entry.sequence)
        .timestamp(stamp)
        .starts(start)
        .summary(&clean(&entry.summary));
    if let Some(end) = end_of(entry, start, zone) {
        event.ends(end);
    }
    let location = clean(&entry.location);
    if !location.is_empty() {
        event.location(&location);
    }
    event.done()
}

/// When an entry ends; `None` where it does not end after its start, as when a customer is to come
/// later than the calendar's end. RFC 5545 wants DTEND left out then, not equal.
fn end_of(entry: &Entry, start: DateTime<Utc>, zone: Zone) -> Option<DateTime<Utc>> {
    let length = entry.end - entry.start;
    let end = zone.instant(entry.end);
    if length <= chrono::Duration::zero() {
        None
    } else if end > start {
        Some(end)
    } else {
        // The start lies in the hour that does not exist and so has moved past the end.
        Some(start + length)
    }
}

/// A text for a value: line breaks of every kind as `\n`, which the crate escapes, and no other
/// control characters, which a value must not have.
fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{85}', '\u{2028}', '\u{2029}'], "\n");
    let text: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    text.trim().to_owned()
}

/// Folds the lines anew, none longer than [`LONGEST_LINE`] octets.
fn refold(folded: &str) -> String {
    let mut result = String::with_capacity(folded.len() + folded.len() / LONGEST_LINE * 3);
    for line in folded.replace("\r\n ", "").split_terminator("\r\n") {
        let mut length = 0;
        for c in line.chars() {
            if length + c.len_utf8() > LONGEST_LINE {
                result.push_str("\r\n ");
                // The blank in front counts.
                length = 1;
            }
            result.push(c);
            length += c.len_utf8();
        }
        result.push_str("\r\n");
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::{parse_stored, parse_stored_instant};

    const IDENTITY: &str = "0b6f0c1e-7a52-4d7e-9c58-3f1b2a9d4e60";

    fn entry(id: i64, start: &str, end: &str) -> Entry {
        Entry {
            appointment_id: id,
            start: parse_stored(start).unwrap(),
            end: parse_stored(end).unwrap(),
            sequence: 0,
            summary: "Termin Praxis am Markt".into(),
            location: "Marktstraße 12, 10115 Berlin".into(),
        }
    }

    fn written(entries: &[Entry]) -> String {
        let stamp = parse_stored_instant("2026-03-09T18:00:00Z").unwrap();
        calendar(entries, IDENTITY, Zone::default(), stamp, "de-AT")
    }

    /// The file as a reader sees it: lines unfolded, without the carriage returns.
    fn unfolded(entries: &[Entry]) -> String {
        let file = written(entries);
        assert_eq!(file.matches('\n').count(), file.matches("\r\n").count());
        assert_eq!(file.matches('\r').count(), file.matches("\r\n").count());
        assert!(file.ends_with("\r\n"));
        for line in file.split("\r\n") {
            assert!(line.len() <= LONGEST_LINE, "{} octets: {line}", line.len());
        }
        file.replace("\r\n ", "").replace("\r\n", "\n")
    }

    fn lines_of(entry: Entry, names: &[&str]) -> String {
        let file = unfolded(&[entry]);
        let wanted = |line: &&str| names.iter().any(|name| line.split([':', ';']).next() == Some(*name));
        file.lines().filter(wanted).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn two_appointments_make_one_published_file() {
        let moved = Entry { sequence: 2, ..entry(4712, "2026-03-12 10:45", "2026-03-12 11:10") };
        insta::assert_snapshot!(unfolded(&[entry(4711, "2026-03-10 10:30", "2026-03-10 10:55"), moved]), @r"
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//terminbote//terminbote//DE
        CALSCALE:GREGORIAN
        METHOD:PUBLISH
        BEGIN:VEVENT
        DTEND:20260310T095500Z
        DTSTAMP:20260309T180000Z
        DTSTART:20260310T093000Z
        LOCATION:Marktstraße 12\, 10115 Berlin
        SEQUENCE:0
        SUMMARY:Termin Praxis am Markt
        UID:terminbote-4711@0b6f0c1e-7a52-4d7e-9c58-3f1b2a9d4e60
        END:VEVENT
        BEGIN:VEVENT
        DTEND:20260312T101000Z
        DTSTAMP:20260309T180000Z
        DTSTART:20260312T094500Z
        LOCATION:Marktstraße 12\, 10115 Berlin
        SEQUENCE:2
        SUMMARY:Termin Praxis am Markt
        UID:terminbote-4712@0b6f0c1e-7a52-4d7e-9c58-3f1b2a9d4e60
        END:VEVENT
        END:VCALENDAR
        ");
    }

    #[test]
    fn the_same_pass_writes_the_same_file() {
        let entries = [entry(1, "2026-03-10 10:30", "2026-03-10 10:55")];
        assert_eq!(written(&entries), written(&entries));
    }

    #[test]
    fn an_hour_on_the_wall_is_the_right_instant_in_the_weeks_of_the_clock_changes() {
        let times = |day: &str, start: &str, end: &str| {
            let entry = entry(1, &format!("{day} {start}"), &format!("{day} {end}"));
            format!("{day} {start}: {}", lines_of(entry, &["DTSTART", "DTEND"]).replace('\n', " "))
        };
        let all = [
            times("2026-03-28", "09:00", "09:30"),
            times("2026-03-29", "01:30", "03:30"),
            times("2026-03-29", "02:30", "03:00"),
            times("2026-03-29", "09:00", "09:30"),
            times("2026-10-24", "09:00", "09:30"),
            times("2026-10-25", "02:30", "02:45"),
            times("2026-10-25", "02:30", "03:00"),
            times("2026-10-25", "09:00", "09:30"),
        ];
        insta::assert_snapshot!(all.join("\n"), @"
        2026-03-28 09:00: DTEND:20260328T083000Z DTSTART:20260328T080000Z
        2026-03-29 01:30: DTEND:20260329T013000Z DTSTART:20260329T003000Z
        2026-03-29 02:30: DTEND:20260329T020000Z DTSTART:20260329T013000Z
        2026-03-29 09:00: DTEND:20260329T073000Z DTSTART:20260329T070000Z
        2026-10-24 09:00: DTEND:20261024T073000Z DTSTART:20261024T070000Z
        2026-10-25 02:30: DTEND:20261025T004500Z DTSTART:20261025T003000Z
        2026-10-25 02:30: DTEND:20261025T020000Z DTSTART:20261025T003000Z
        2026-10-25 09:00: DTEND:20261025T083000Z DTSTART:20261025T080000Z
        ");
    }

    #[test]
    fn an_entry_never_ends_before_or_at_its_start() {
        for end in ["2026-03-10 10:30", "2026-03-10 10:00"] {
            let lines = lines_of(entry(1, "2026-03-10 10:30", end), &["DTSTART", "DTEND"]);
            assert_eq!(lines, "DTSTART:20260310T093000Z");
        }
    }

    #[test]
    fn values_are_escaped_and_cannot_add_a_line() {
        let hostile = Entry {
            summary: "A, B; C\\n D: \"E\"\r\nEND:VEVENT\rX:1\u{0}\u{7}\tä\u{2028}F".into(),
            location: " \r\n".into(),
            ..entry(1, "2026-03-10 10:30", "2026-03-10 10:55")
        };
        insta::assert_snapshot!(unfolded(&[hostile]), @r#"
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//terminbote//terminbote//DE
        CALSCALE:GREGORIAN
        METHOD:PUBLISH
        BEGIN:VEVENT
        DTEND:20260310T095500Z
        DTSTAMP:20260309T180000Z
        DTSTART:20260310T093000Z
        SEQUENCE:0
        SUMMARY:A\, B\; C\\n D: "E"\nEND:VEVENT\nX:1ä\nF
        UID:terminbote-1@0b6f0c1e-7a52-4d7e-9c58-3f1b2a9d4e60
        END:VEVENT
        END:VCALENDAR
        "#);
    }

    #[test]
    fn lines_of_every_length_are_folded_at_75_octets_between_characters() {
        for filler in ["a", "ä", "€", "🙂", " b", "ä ", ",", "\\"] {
            for count in 0..200 {
                let summary = format!("x{}x", filler.repeat(count));
                let long = Entry { summary: summary.clone(), ..entry(1, "2026-03-10 10:30", "2026-03-10 10:55") };
                let escaped = summary.replace('\\', "\\\\").replace(',', "\\,");
                assert_eq!(lines_of(long, &["SUMMARY"]), format!("SUMMARY:{escaped}"));
            }
        }
    }

    #[test]
    fn a_long_german_address_is_folded_so() {
        let long = Entry {
            location: "Praxisgemeinschaft für Ergotherapie, Große Würzburger Straße 112–114, 10115 Berlin".into(),
            ..entry(1, "2026-03-10 10:30", "2026-03-10 10:55")
        };
        let file = written(&[long]);
        let (_, from) = file.split_once("LOCATION").unwrap();
        let (folded, _) = from.split_once("SEQUENCE").unwrap();
        assert_eq!(
            folded,
            ":Praxisgemeinschaft für Ergotherapie\\, Große Würzburger Straße \r\n 112–114\\, 10115 Berlin\r\n"
        );
    }
}
