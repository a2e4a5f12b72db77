//! What a purge took out of the record, or would take out, for people and for programs.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::history::who;
use super::json_text;
use super::lines::Page;
use super::words::{self, Lang, Noun, count, moment, say};
use crate::model::{Purgeable, Tally};
use crate::zone::Zone;

/// What a purge was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything before this instant.
    OlderThan(DateTime<Utc>),
    /// Everything of a customer.
    Customer {
        /// The customer.
        id: i64,
        /// Their name, if they are still there.
        name: Option<String>,
    },
}

/// What the practice's own tables still have of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remains {
    /// Whether their row is there.
    pub customer: bool,
    /// How many telephone numbers.
    pub phones: usize,
    /// How many appointments.
    pub appointments: usize,
    /// How many of these are still ahead.
    pub ahead: usize,
}

/// What a purge took out, or would take out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurgeReport {
    /// Whether it only looked.
    pub dry_run: bool,
    /// What it was about.
    pub scope: Scope,
    /// The zone.
    pub zone: Zone,
    /// What was found.
    pub found: Purgeable,
    /// What the practice's own tables still have, of a customer.
    pub remains: Option<Remains>,
    /// Whether bytes of what was taken out may still stand in the file.
    pub traces: bool,
}

/// A purge as text.
#[must_use]
pub fn purged(lang: Lang, report: &PurgeReport) -> String {
    let mut page = Page::default();
    let found = &report.found;
    let messages: usize = found.messages.values().map(|tally| tally.rows).sum();
    let changes: usize = found.changes.values().map(|tally| tally.rows).sum();
    let scope = match &report.scope {
        Scope::OlderThan(before) => {
            let before = moment(lang, report.zone.local(*before));
            say!(lang, "Alles vor {before}", "Everything before {before}")
        }
        Scope::Customer { id, name } => {
            let who = who(lang, *id, name.as_deref());
            say!(lang, "Alles zu {who}", "Everything about {who}")
        }
    };
    page.line(0, &scope);
    if messages + changes == 0 {
        page.line(0, lang.pick("Es gibt nichts zu löschen.", "There is nothing to take out."));
    } else {
        page.gap();
        page.line(
            0,
            if report.dry_run {
                lang.pick(
                    "Gelöscht würden (Probe, nichts wurde geändert):",
                    "Would be taken out (nothing was changed):",
                )
            } else {
                lang.pick("Gelöscht:", "Taken out:")
            },
        );
    }
    if messages > 0 {
        let kinds = found.messages.iter().map(|(kind, tally)| {
            let kind = kind.map_or(lang.pick("unverständlich", "not understood"), |kind| words::kind(lang, kind));
            format!("{kind}: {}", tally.rows)
        });
        let (number, kinds) = (count(lang, messages, Noun::Message), kinds.collect::<Vec<_>>().join(", "));
        let range = range(lang, report.zone, found.messages.values());
        page.item(
            0,
            &say!(
                lang,
                "Text, Betreff, Kalenderdatei, Adresse und Antworten des Servers aus {number} ({kinds}){range}",
                "text, subject, calendar file, address and the server's replies of {number} ({kinds}){range}"
            ),
        );
    }
    if changes > 0 {
        let tables = found.changes.iter().map(|(table, tally)| format!("{table}: {}", tally.rows));
        let tables = tables.collect::<Vec<_>>().join(", ");
        let range = range(lang, report.zone, found.changes.values());
        page.item(
            0,
            &say!(
                lang,
                "alte Werte aus aufgezeichneten Änderungen: {changes} ({tables}){range}",
                "old values of recorded changes: {changes} ({tables}){range}"
            ),
        );
    }
    if messages > 0 {
        page.line(
            0,
            lang.pick(
                "Es bleiben Zeitpunkt, Art, Weg, Ergebnis, Lauf, Termin und Beginn, und statt der Adresse eine Prüfsumme.",
                "What stays is when, what for, how, the outcome, the pass, appointment and start, and a hash in place of \
                 the address.",
            ),
        );
    }
    kept(&mut page, lang, report);
    page.text().to_owned()
}

/// What is left, and what to do about it.
fn kept(page: &mut Page, lang: Lang, report: &PurgeReport) {
    let mut left = Vec::new();
    if !report.found.unsettled.is_empty() {
        let number = count(lang, report.found.unsettled.len(), Noun::Message);
        let ids = report.found.unsettled.iter().take(20).map(ToString::to_string).collect::<Vec<_>>().join(", ");
        left.push(say!(
            lang,
            "{number}, deren Ausgang offen ist (Nummer {ids}): Klärt es der nächste Lauf nicht, sagen Sie mit \
             „terminbote settle“, was daraus wurde",
            "{number} whose fate is open (number {ids}): unless the next pass settles it, say with “terminbote \
             settle” what became of it"
        ));
    }
    if report.found.needed > 0 {
        let number = count(lang, report.found.needed, Noun::Message);
        left.push(say!(
            lang,
            "{number} zu Terminen, die noch nicht lange genug vorbei sind: abgelehnte Adressen und offene Aufgaben",
            "{number} about appointments that are not past long enough: rejected addresses and open tasks"
        ));
    }
    if let Some(Remains { customer, phones, appointments, ahead }) = report.remains {
        if customer {
            left.push(say!(
                lang,
                "die Kundenkarte (Tabelle customer), Telefonnummern: {phones} (Tabelle customer_phone)",
                "the customer's card (table customer), telephone numbers: {phones} (table customer_phone)"
            ));
        }
        if appointments > 0 {
            let number = count(lang, appointments, Noun::Appointment);
            left.push(say!(
                lang,
                "{number} mit Notizen (Tabelle appointment), davon {ahead} noch bevorstehend",
                "{number} with their notes (table appointment), {ahead} of them still ahead"
            ));
        }
    }
    if !left.is_empty() {
        page.gap();
        page.line(0, lang.pick("Es bleibt stehen:", "What is left alone:"));
        for text in &left {
            page.item(0, text);
        }
    }
    if report.remains.is_some_and(|remains| remains.customer || remains.appointments > 0) {
        page.line(
            0,
            lang.pick(
                "Diese Tabellen gehören der Praxissoftware: Löschen Sie dort, sonst kommen die Angaben mit dem nächsten \
                 Abgleich wieder. Solange die Karte da ist, gehen auch Nachrichten an diesen Kunden. Rufen Sie purge \
                 danach noch einmal auf: Was gelöscht wird, steht zunächst in der Aufzeichnung der Änderungen.",
                "These tables belong to the practice's software: delete them there, or the next synchronisation brings \
                 them back. As long as the card is there, messages go to this customer. Call purge once more then: what \
                 is deleted stands in the record of changes at first.",
            ),
        );
    }
    if report.traces {
        page.gap();
        page.line(
            0,
            lang.pick(
                "In unbenutzten Stellen der Datei können noch Reste von Gelöschtem stehen. Ein Aufruf ohne --no-vacuum \
                 schreibt sie neu.",
                "Unused parts of the file may still hold traces of what was taken out. A purge without --no-vacuum \
                 writes it anew.",
            ),
        );
    }
}

/// `, von … bis …`.
fn range<'a>(lang: Lang, zone: Zone, tallies: impl Iterator<Item = &'a Tally>) -> String {
    let Some((oldest, newest)) = whole(tallies) else { return String::new() };
    let [oldest, newest] = [oldest, newest].map(|at| moment(lang, zone.local(at)));
    if oldest == newest {
        return say!(lang, ", vom {oldest}", ", of {oldest}");
    }
    say!(lang, ", von {oldest} bis {newest}", ", from {oldest} to {newest}")
}

fn whole<'a>(tallies: impl Iterator<Item = &'a Tally>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let ranges = tallies.filter_map(|tally| tally.range);
    ranges.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
}

#[derive(Serialize)]
struct ReportRow<'a> {
    dry_run: bool,
    before: Option<String>,
    customer_id: Option<i64>,
    messages: BTreeMap<&'a str, TallyRow>,
    changes: BTreeMap<&'a str, TallyRow>,
    kept: KeptRow<'a>,
    remains: Option<RemainsRow>,
    traces: bool,
}

#[derive(Serialize)]
struct TallyRow {
    rows: usize,
    oldest: Option<String>,
    newest: Option<String>,
}

#[derive(Serialize)]
struct KeptRow<'a> {
    unsettled: &'a [i64],
    needed: usize,
}

#[derive(Serialize)]
struct RemainsRow {
    customer: bool,
    phones: usize,
    appointments: usize,
    appointments_ahead: usize,
}

/// A purge as one JSON object.
#[must_use]
pub fn purged_json(report: &PurgeReport) -> String {
    let instant = |at| report.zone.with_offset(at).to_rfc3339_opts(SecondsFormat::Secs, false);
    let tally = |tally: &Tally| TallyRow {
        rows: tally.rows,
        oldest: tally.range.map(|range| instant(range.0)),
        newest: tally.range.map(|range| instant(range.1)),
    };
    let (before, customer_id) = match &report.scope {
        Scope::OlderThan(before) => (Some(instant(*before)), None),
        Scope::Customer { id, .. } => (None, Some(*id)),
    };
    let messages = report.found.messages.iter();
    let row = ReportRow {
        dry_run: report.dry_run,
        before,
        customer_id,
        messages: messages.map(|(kind, rows)| (kind.map_or("unknown", |kind| kind.word()), tally(rows))).collect(),
        changes: report.found.changes.iter().map(|(table, rows)| (table.as_str(), tally(rows))).collect(),
        kept: KeptRow { unsettled: &report.found.unsettled, needed: report.found.needed },
        remains: report.remains.map(|remains| RemainsRow {
            customer: remains.customer,
            phones: remains.phones,
            appointments: remains.appointments,
            appointments_ahead: remains.ahead,
        }),
        traces: report.traces,
    };
    json_text::document(&row)
}
