//! The words that only pages say, below the titles of a report.

use chrono::{NaiveDateTime, NaiveTime, Timelike};

use super::{Lang, Noun, count, say};

/// A word or sentence of a page without facts in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Nothing needs a person.
    NothingToDo,
    /// Whom to ring.
    Ring,
    /// Messages of unknown fate.
    Ask,
    /// Addresses to correct.
    Correct,
    /// Deferred ones that begin soon.
    Soon,
    /// The title of the reminders.
    Reminders,
    /// The title of the confirmations.
    Confirmations,
    /// There are no messages of this kind.
    NoMessages,
    /// The title of those not reminded.
    NotReminded,
    /// The night rest.
    NightRest,
    /// The maintenance window.
    Maintenance,
    /// The reminder window.
    ReminderWindow,
    /// What the look-ahead adds to it.
    LookAhead,
    /// The instant of the pass.
    Now,
    /// Messages, in the legend.
    Messages,
    /// Appointments that are not reminded, in the legend.
    Unreminded,
    /// Whom an e-mail is from.
    From,
    /// Whom a message goes to.
    To,
    /// The subject.
    Subject,
    /// The attachment.
    Attachment,
    /// The sheet of a call.
    Call,
    /// A text that could not be written.
    NoText,
    /// A column: when an appointment starts.
    Start,
    /// A column: who.
    Who,
    /// A column: why.
    Why,
    /// A branch.
    Branch,
    /// The title of the table of branches.
    Branches,
    /// Every branch.
    AllBranches,
    /// The search.
    Search,
    /// The filter as a whole.
    Filter,
    /// How many are shown, `{n}` of `{all}`.
    Shown,
    /// The way to the sections.
    Contents,
    /// Whose eyes the page is for.
    Confidential,
}

/// The words for a label.
#[must_use]
pub const fn label(lang: Lang, label: Label) -> &'static str {
    match label {
        Label::NothingToDo => lang.pick("Es ist nichts zu tun.", "Nothing needs doing."),
        Label::Ring => {
            lang.pick("Bitte anrufen oder anders verständigen", "Please ring, or let them know in another way")
        }
        Label::Ask => lang.pick(
            "Ungewiss, ob etwas ankam; fragen Sie im Zweifel nach",
            "Nobody knows whether these arrived; if in doubt, ask",
        ),
        Label::Correct => lang.pick("Adresse oder Nummer bitte berichtigen", "Please correct the address or number"),
        Label::Soon => lang.pick(
            "Zurückgestellt und bald so weit; rufen Sie an, wenn der nächste Lauf zu spät kommt",
            "Postponed and soon to begin; ring them if the next pass comes too late",
        ),
        Label::Reminders => lang.pick("Erinnerungen", "Reminders"),
        Label::Confirmations => lang.pick("Bestätigungen", "Confirmations"),
        Label::NoMessages => lang.pick("Keine.", "None."),
        Label::NotReminded => lang.pick("Nicht erinnert", "Not reminded"),
        Label::NightRest => lang.pick("Nachtruhe", "night rest"),
        Label::Maintenance => lang.pick("Wartungsfenster", "maintenance window"),
        Label::ReminderWindow => lang.pick("daran wird jetzt erinnert", "is reminded of now"),
        Label::LookAhead => lang.pick("vorausschauend", "looking ahead"),
        Label::Now => lang.pick("dieser Lauf", "this pass"),
        Label::Messages => lang.pick("Nachrichten je Stunde", "messages in each hour"),
        Label::Unreminded => lang.pick("Termine ohne Erinnerung", "appointments without a reminder"),
        Label::From => lang.pick("Von", "From"),
        Label::To => lang.pick("An", "To"),
        Label::Subject => lang.pick("Betreff", "Subject"),
        Label::Attachment => lang.pick("Anhang", "Attached"),
        Label::Call => lang.pick("Anruf durch die Mitarbeiter", "Call by staff"),
        Label::NoText => lang.pick("Der Text konnte nicht erstellt werden.", "The text could not be written."),
        Label::Start => lang.pick("Beginn", "Start"),
        Label::Who => lang.pick("Wer", "Who"),
        Label::Why => lang.pick("Warum nicht", "Why not"),
        Label::Branch => lang.pick("Filiale", "Branch"),
        Label::Branches => lang.pick("Filialen", "Branches"),
        Label::AllBranches => lang.pick("alle Filialen", "all branches"),
        Label::Search => lang.pick("Suche", "Search"),
        Label::Filter => lang.pick("Auswahl", "Filter"),
        Label::Shown => lang.pick("{n} von {all} gezeigt", "{n} of {all} shown"),
        Label::Contents => lang.pick("Inhalt", "Contents"),
        Label::Confidential => lang.pick(
            "Diese Seite enthält Angaben über Kunden. Bewahren Sie sie so auf wie die Kundenkartei.",
            "This page holds data about customers. Keep it as you keep their files.",
        ),
    }
}

/// Messages, as the head of a column.
#[must_use]
pub const fn messages(lang: Lang) -> &'static str {
    lang.pick("Nachrichten", "Messages")
}

/// How many things there are to see to.
#[must_use]
pub fn points(lang: Lang, number: usize) -> String {
    match number {
        1 => lang.pick("1 Punkt", "1 point").to_owned(),
        _ => say!(lang, "{number} Punkte", "{number} points"),
    }
}

/// A time of day from one to another.
#[must_use]
pub fn span(lang: Lang, from: NaiveTime, to: NaiveTime) -> String {
    let (from, to) = (from.format("%H:%M"), to.format("%H:%M"));
    say!(lang, "{from} bis {to}", "{from} to {to}")
}

/// An hour of the day as the title of what begins in it.
#[must_use]
pub fn hour(lang: Lang, hour: u32) -> String {
    let next = NaiveTime::from_hms_opt(hour, 0, 0).map_or(0, |time| (time.hour() + 1) % 24);
    say!(lang, "{hour} bis {next} Uhr", "{hour}:00 to {next}:00")
}

/// What a strip shows to those who cannot see it.
#[must_use]
pub fn strip(lang: Lang, messages: usize, skipped: usize) -> String {
    let (messages, skipped) = (count(lang, messages, Noun::Message), count(lang, skipped, Noun::Appointment));
    say!(
        lang,
        "Zeitleiste des Tages: {messages}, {skipped} ohne Erinnerung",
        "Time line of the day: {messages}, {skipped} without a reminder",
    )
}

/// Every start before a moment.
#[must_use]
pub fn before(lang: Lang, until: NaiveDateTime) -> String {
    let until = super::moment(lang, until);
    say!(lang, "Beginn vor {until}", "starts before {until}")
}
