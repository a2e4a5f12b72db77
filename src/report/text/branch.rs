//! What a report says about one branch: what went out, whom to ring instead, and who was not
//! reminded.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Fate;
use super::super::lines::Page;
use super::super::words::{self, Lang, Noun, count, moment, say};
use super::part::{Part, TO_SEE_TO, capital, customer, more_in_dry_run, more_in_record};
use crate::model::{Channel, State};
use crate::rules::Skipped;
use crate::rules::reason::{Obstacle, Reason};
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
        let unreachable: Vec<_> = skipped
            .iter()
            .filter_map(|row| match &row.reason {
                Reason::Unreachable(obstacles) => Some((*row, obstacles.as_slice())),
                _ => None,
            })
            .collect();
        self.went_out(page, part);
        let told_below = self.ring(page, part, &unreachable);
        if !part.uncertain.is_empty() {
            page.line(
                2,
                lang.pick(
                    "Ungewiss, ob etwas ankam; fragen Sie im Zweifel nach:",
                    "Nobody knows whether these arrived; if in doubt, ask:",
                ),
            );
            for text in &part.uncertain {
                page.item(4, text);
            }
            if part.uncertain_unlisted > 0 {
                page.item(4, &more_in_record(lang, part.uncertain_unlisted));
            }
        }
        let correct: Vec<_> = part
            .failed
            .iter()
            .filter(|failed| !failed.is_final() && !failed.message_id.is_some_and(|id| told_below.contains(&id)))
            .collect();
        if !correct.is_empty() {
            page.line(2, lang.pick("Adresse oder Nummer bitte berichtigen:", "Please correct the address or number:"));
            for failed in correct {
                page.item(4, &failed.whom);
                page.line(6, &failed.rejected);
                if let Some((channel, became)) = failed.instead {
                    let (by, became) = (words::by_channel(lang, channel), words::fate(lang, became));
                    page.line(6, &say!(lang, "stattdessen {by}: {became}", "instead {by}: {became}"));
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
                if became == State::Deferred && !part.deferred_soon.is_empty() {
                    page.line(
                        4,
                        lang.pick(
                            "Davon beginnen bald; rufen Sie an, wenn der nächste Lauf zu spät kommt:",
                            "Of these, soon to begin; ring them if the next pass comes too late:",
                        ),
                    );
                    for text in &part.deferred_soon {
                        page.item(4, text);
                    }
                }
            }
        }
    }

    /// Whom to ring, since no message reaches them. Returns the rejected messages that are named
    /// here.
    fn ring(&self, page: &mut Page, part: &Part, unreachable: &[(&Skipped, &[(Channel, Obstacle)])]) -> BTreeSet<i64> {
        let lang = self.lang;
        let mut told = BTreeSet::new();
        let mut entries = Vec::<(Option<i64>, String, Vec<String>)>::new();
        for (row, obstacles) in unreachable {
            let whom = self.whom(row);
            let mut why = Vec::new();
            for (channel, obstacle) in *obstacles {
                let rejected = match obstacle {
                    Obstacle::RejectedBefore { message_id } => {
                        part.failed.iter().find(|failed| failed.message_id == Some(*message_id))
                    }
                    _ => None,
                };
                told.extend(rejected.and_then(|failed| failed.message_id));
                why.push(rejected.map_or_else(
                    || format!("{}: {}", words::channel(lang, *channel), words::obstacle(lang, *channel, obstacle)),
                    |failed| failed.rejected.clone(),
                ));
            }
            if why.is_empty() {
                why.push(words::no_channel(lang).to_owned());
            }
            entries.push((row.customer_id, whom, why));
        }
        for failed in part.failed.iter().filter(|failed| failed.is_final()) {
            let id = failed.message_id;
            if id.is_some_and(|id| told.contains(&id)) {
                continue;
            }
            // The same customer may have been tried by several channels, one after the other.
            let customer_id = Some(failed.customer_id);
            match entries.iter_mut().find(|(id, whom, _)| *id == customer_id && *whom == failed.whom) {
                Some((.., why)) => why.push(failed.rejected.clone()),
                None => entries.push((customer_id, failed.whom.clone(), vec![failed.rejected.clone()])),
            }
        }
        if entries.is_empty() {
            return told;
        }
        page.line(
            2,
            lang.pick("Bitte anrufen oder anders verständigen:", "Please ring, or let them know in another way:"),
        );
        let unlisted = entries.len().saturating_sub(TO_SEE_TO) + part.failed_unlisted;
        for (_, whom, why) in entries.iter().take(TO_SEE_TO) {
            page.item(4, whom);
            for text in why {
                page.line(6, text);
            }
        }
        if unlisted > 0 {
            page.item(4, &more_in_dry_run(lang, unlisted));
        }
        told
    }

    /// When, and who.
    fn whom(&self, row: &Skipped) -> String {
        let lang = self.lang;
        let id = row.appointment_id;
        let who = match row.customer_id {
            Some(customer_id) => customer(lang, self.names.get(&customer_id).map(String::as_str), customer_id),
            None => say!(lang, "Termin {id}", "appointment {id}"),
        };
        match row.start {
            Some(start) => format!("{}: {who}", moment(lang, start)),
            None => who,
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
            let mut title = words::reason_title(lang, &row.reason).to_owned();
            // Those that will not be reminded at all come first.
            let mut calm = true;
            let name =
                match &row.reason {
                    // Named at the top, among those to ring, or below the branches.
                    Reason::BadData(_) | Reason::Unreachable(_) | Reason::BranchNotSelected { .. } => continue,
                    Reason::RecentMessage { until, .. } => {
                        if row.start.is_some_and(|start| self.zone.instant(start) <= *until) {
                            calm = false;
                            title.push_str(lang.pick(
                                ", darum bis zum Beginn keine Erinnerung mehr",
                                ", so no reminder before it starts",
                            ));
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
                    | Reason::AlreadyReminded { .. } => None,
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
