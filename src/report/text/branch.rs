//! What a report says about one branch: what went out, whom to ring instead, and who was not
//! reminded.

use std::collections::BTreeMap;

use super::super::Fate;
use super::super::attention::{
    ToRing, begins_before_next_chance, capital, customer, group_title, more_in_dry_run, more_in_record,
};
use super::super::lines::Page;
use super::super::words::{self, Lang, Noun, count, moment, say};
use super::part::Part;
use crate::model::State;
use crate::rules::Skipped;
use crate::rules::reason::Reason;
use crate::zone::Zone;

/// How many appointments are named behind a count.
const NAMED: usize = 10;

/// Prints one branch after the other.
pub(super) struct BranchPrinter<'a> {
    pub(super) lang: Lang,
    pub(super) zone: Zone,
    /// Names of the customers that were not reminded.
    pub(super) names: &'a BTreeMap<i64, String>,
}

impl BranchPrinter<'_> {
    /// Prints what is to be said below the branch's name.
    pub(super) fn print(&self, page: &mut Page, part: &Part, skipped: &[&Skipped]) {
        let lang = self.lang;
        self.went_out(page, part);
        let ring = part.attention.to_ring(lang, self.zone, self.names, skipped);
        self.ring(page, &ring);
        if !part.attention.uncertain.is_empty() {
            page.line(
                2,
                lang.pick(
                    "Ungewiss, ob etwas ankam; fragen Sie im Zweifel nach:",
                    "Nobody knows whether these arrived; if in doubt, ask:",
                ),
            );
            for text in &part.attention.uncertain {
                page.item(4, text);
            }
            if part.attention.uncertain_unlisted > 0 {
                page.item(4, &more_in_record(lang, part.attention.uncertain_unlisted));
            }
        }
        let correct = part.attention.to_correct(&ring);
        if !correct.is_empty() {
            page.line(2, lang.pick("Adresse oder Nummer bitte berichtigen:", "Please correct the address or number:"));
            for failed in correct {
                page.item(4, &failed.whom);
                page.line(6, &failed.rejected);
                if let Some((channel, became)) = failed.instead {
                    page.line(6, &words::instead(lang, channel, became));
                }
            }
        }
        self.not_reminded(page, skipped);
    }

    fn went_out(&self, page: &mut Page, part: &Part) {
        let lang = self.lang;
        if part.planned.sum() > 0 {
            let words = part.planned.words(lang);
            page.line(2, &say!(lang, "Geplant: {words}", "Planned: {words}"));
            page.gap();
            page.append(&part.in_full);
            page.gap();
        }
        if part.sent.sum() > 0 {
            let words = part.sent.words(lang);
            page.line(2, &say!(lang, "Gesendet: {words}", "Sent: {words}"));
            for text in &part.listed {
                page.item(4, text);
            }
            let unlisted = part.sent.sum() - part.listed.len();
            if unlisted > 0 {
                page.item(4, &more_in_record(lang, unlisted));
            }
        }
        if part.handed_over.sum() > 0 {
            let words = part.handed_over.words(lang);
            page.line(
                2,
                &say!(
                    lang,
                    "Für die Mitarbeiter: {words}; Text und Adresse oder Nummer zeigt „terminbote tasks“",
                    "For staff: {words}; “terminbote tasks” shows text and address or number",
                ),
            );
        }
        for (number, became) in
            [(part.deferred, State::Deferred), (part.withdrawn, State::Withdrawn), (part.unsettled, State::Sending)]
        {
            if number > 0 {
                let (title, messages) =
                    (capital(words::fate(lang, Fate::Settled(became))), count(lang, number, Noun::Message));
                let why = match became {
                    State::Withdrawn => lang.pick(
                        " (kurz vor der Übergabe storniert, verschoben oder nicht mehr erwünscht)",
                        " (cancelled, moved or no longer wanted just before the hand-over)",
                    ),
                    _ => "",
                };
                page.line(2, &format!("{title}: {messages}{why}"));
                if became == State::Deferred {
                    self.deferred(page, part);
                }
            }
        }
    }

    /// Who was to get the messages that are postponed.
    fn deferred(&self, page: &mut Page, part: &Part) {
        let lang = self.lang;
        let soon = &part.attention.deferred_soon;
        for text in &part.later {
            page.item(4, text);
        }
        let unlisted = part.deferred - part.later.len() - soon.len();
        if unlisted > 0 {
            page.item(4, &more_in_record(lang, unlisted));
        }
        if !soon.is_empty() {
            page.line(
                4,
                lang.pick(
                    "Davon beginnen bald; rufen Sie an, wenn der nächste Lauf zu spät kommt:",
                    "Of these, soon to begin; ring them if the next pass comes too late:",
                ),
            );
            for text in soon {
                page.item(4, text);
            }
        }
    }

    /// Whom to ring, since no message reaches them.
    fn ring(&self, page: &mut Page, ring: &ToRing) {
        let lang = self.lang;
        if ring.entries.is_empty() {
            return;
        }
        page.line(
            2,
            lang.pick("Bitte anrufen oder anders verständigen:", "Please ring, or let them know in another way:"),
        );
        for entry in &ring.entries {
            page.item(4, &entry.whom);
            for text in &entry.why {
                page.line(6, text);
            }
        }
        if ring.unlisted > 0 {
            page.item(4, &more_in_dry_run(lang, ring.unlisted));
        }
    }

    /// The appointment, and whose it is.
    fn named(&self, row: &Skipped) -> String {
        let name = row.customer_id.map(|id| customer(self.lang, self.names.get(&id).map(String::as_str), id));
        format!("{} {}", row.appointment_id, name.unwrap_or_default()).trim_end().to_owned()
    }

    /// Who is not reminded in this pass, and why.
    fn not_reminded(&self, page: &mut Page, skipped: &[&Skipped]) {
        let lang = self.lang;
        let mut groups = BTreeMap::<(bool, String), (Vec<String>, usize)>::new();
        for row in skipped {
            let title = group_title(lang, self.zone, row);
            // Those that will not be reminded at all come first.
            let mut calm = true;
            let name = match &row.reason {
                // Named at the top, among those to ring, or below the branches.
                Reason::BadData(_) | Reason::Unreachable { .. } | Reason::BranchNotSelected { .. } => continue,
                Reason::RecentMessage { until, .. } => {
                    if begins_before_next_chance(self.zone, row) {
                        calm = false;
                        Some(self.named(row))
                    } else {
                        let (name, until) = (self.named(row), moment(lang, self.zone.local(*until)));
                        Some(say!(lang, "{name}, wieder ab {until}", "{name}, again from {until}"))
                    }
                }
                Reason::Deceased | Reason::NoMessagesWanted => Some(self.named(row)),
                Reason::NoCustomer
                | Reason::Group
                | Reason::Cancelled
                | Reason::NoShow
                | Reason::TypeNotAllowed { .. }
                | Reason::AlreadyReminded { .. }
                | Reason::OverLimit { .. } => None,
            };
            let (names, number) = groups.entry((calm, title)).or_default();
            *number += 1;
            if names.len() < NAMED {
                names.extend(name);
            }
        }
        if groups.is_empty() {
            return;
        }
        page.line(2, lang.pick("Nicht erinnert:", "Not reminded:"));
        for ((_, title), (names, number)) in groups {
            let mut text = format!("{title}: {}", count(lang, number, Noun::Appointment));
            if !names.is_empty() {
                let unlisted = number - names.len();
                let names = names.join("; ");
                let more = if unlisted > 0 {
                    say!(lang, " und noch {unlisted}", " and {unlisted} more")
                } else {
                    String::new()
                };
                text = format!("{text} ({names}{more})");
            }
            page.item(4, &text);
        }
    }
}
