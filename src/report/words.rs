//! The words for people, in German and English.
//!
//! Everything that a report says stands here: what happened, and what to do about it, for someone
//! who runs a branch. Every match is exhaustive, so that a new reason or warning does not compile
//! without its words. Tables, rows and settings are named as they are called in the database;
//! fragments that come from elsewhere (a fault in the settings, a server's reply) are English and
//! stand in quotation marks. Addresses inside servers' replies are masked.

pub mod explain;
mod faults;
pub mod forecast;
mod page;
mod pass;
pub(super) mod past;
mod warnings;

use chrono::{NaiveDate, NaiveDateTime};

pub(super) use self::faults::address_fault;
pub(crate) use self::faults::bad_problem;
pub use self::page::{Label, before, hour, label, messages, points, span, strip};
pub use self::pass::{instead, notes, pass_lines, pass_name, pass_title, to_do};
pub(super) use self::warnings::no_other_interface;
pub use self::warnings::{bad_data, unusable, warning};
use super::{Deferral, Fate, PassResult, Totals};
use crate::cause::Cause;
use crate::contact::mask_addresses;
use crate::model::{Channel, Kind, State, ToldByHand};
use crate::rules::reason::{Obstacle, Reason, ReasonKind};
use crate::rules::task::TaskState;
use crate::zone::Zone;

/// The language of what staff read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// German.
    De,
    /// English.
    En,
}

/// A sentence with facts in it, German and English.
macro_rules! say {
    ($lang:expr, $de:literal, $en:literal $(,)?) => {
        match $lang {
            Lang::De => format!($de),
            Lang::En => format!($en),
        }
    };
}
pub(crate) use say;

impl Lang {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::De, Self::En];

    /// The language of a tag such as `de`, `de-AT`, or a locale such as `de_DE.UTF-8`; `None` for
    /// one that there are no words for.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_', '.', '@']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "de" => Some(Self::De),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// One of two texts.
    pub(crate) const fn pick(self, de: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::De => de,
            Self::En => en,
        }
    }
}

/// Something that can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    /// A message by any channel.
    Message,
    /// An appointment.
    Appointment,
    /// A message by this channel.
    By(Channel),
    /// One of the parts in which a text message is sent and paid.
    Segment,
    /// A task for staff.
    Task,
}

/// A number and its noun: `1 message`, `2 messages`, `no messages`.
#[must_use]
pub fn count(lang: Lang, number: usize, noun: Noun) -> String {
    let (one, many) = match (lang, noun) {
        (Lang::De, Noun::Message) => ("Nachricht", "Nachrichten"),
        (Lang::En, Noun::Message) => ("message", "messages"),
        (Lang::De, Noun::Appointment) => ("Termin", "Termine"),
        (Lang::En, Noun::Appointment) => ("appointment", "appointments"),
        (Lang::De, Noun::By(Channel::Email)) => ("E-Mail", "E-Mails"),
        (Lang::En, Noun::By(Channel::Email)) => ("e-mail", "e-mails"),
        (Lang::De, Noun::By(Channel::Sms)) => ("SMS", "SMS"),
        (Lang::En, Noun::By(Channel::Sms)) => ("text message", "text messages"),
        (Lang::De, Noun::By(Channel::Letter)) => ("Brief", "Briefe"),
        (Lang::En, Noun::By(Channel::Letter)) => ("letter", "letters"),
        (Lang::De, Noun::By(Channel::Phone)) => ("Anruf", "Anrufe"),
        (Lang::En, Noun::By(Channel::Phone)) => ("call", "calls"),
        (Lang::De, Noun::Segment) => ("SMS-Teil", "SMS-Teile"),
        (Lang::En, Noun::Segment) => ("part", "parts"),
        (Lang::De, Noun::Task) => ("Aufgabe", "Aufgaben"),
        (Lang::En, Noun::Task) => ("task", "tasks"),
    };
    match number {
        0 => format!("{} {many}", lang.pick("keine", "no")),
        1 => format!("1 {one}"),
        _ => format!("{number} {many}"),
    }
}

/// How far passes have come: `17 messages`; of several, which one it is and how many messages there are so
/// far: `pass 3 of 24: 17 messages`.
#[must_use]
pub fn progress(lang: Lang, (pass, of): (usize, usize), messages: usize) -> String {
    let messages = count(lang, messages, Noun::Message);
    match (of, lang) {
        (..=1, _) => messages,
        (_, Lang::De) => format!("Lauf {pass} von {of}: {messages}"),
        (_, Lang::En) => format!("pass {pass} of {of}: {messages}"),
    }
}

/// A date with its weekday: `Mi., 11.03.2026`, `Wed 11 Mar 2026`.
#[must_use]
pub fn date(lang: Lang, date: NaiveDate) -> String {
    match lang {
        Lang::De => date.format_localized("%a., %d.%m.%Y", chrono::Locale::de_DE).to_string(),
        Lang::En => date.format("%a %-d %b %Y").to_string(),
    }
}

/// A date with its weekday, and the time: `Mi., 11.03.2026, 10:30`, `Wed 11 Mar 2026, 10:30`.
#[must_use]
pub fn moment(lang: Lang, at: NaiveDateTime) -> String {
    format!("{}, {}", date(lang, at.date()), at.format("%H:%M"))
}

/// A fragment from elsewhere, in quotation marks.
#[must_use]
pub fn quoted(lang: Lang, fragment: &str) -> String {
    let fragment = fragment.trim();
    say!(lang, "„{fragment}“", "“{fragment}”")
}

/// A cause of our own, as it stands behind a colon.
fn cause(lang: Lang, cause: &Cause) -> String {
    let german = match cause {
        Cause::NotDue { reason } => {
            let reason = reason_title(lang, *reason);
            return say!(lang, "inzwischen nicht mehr fällig: {reason}", "it is not due any more: {reason}");
        }
        Cause::TooLate { problem } => {
            let before =
                Cause::of_sentence(problem).map_or_else(|| problem.clone(), |before| self::cause(lang, &before));
            return say!(
                lang,
                "der Termin begann, bevor sie gesendet werden konnte: {before}",
                "the appointment began before it could be sent: {before}",
            );
        }
        _ if lang == Lang::En => return cause.to_string(),
        Cause::ToldBy { message_id } => return format!("Nachricht {message_id} ging inzwischen an den Kunden"),
        Cause::NotDueInPass { pass_id } => return format!("bei Lauf {pass_id} nicht mehr fällig"),
        Cause::TimeOver => "die Zeit zum Senden war um",
        Cause::AskedToEnd => "das Programm wurde von außen beendet",
        Cause::TextUnusable => "ihr Text kann nicht benutzt werden",
        Cause::ServerInTrouble => "der Server war gestört",
        Cause::TurnNotCome => "sie war bis zuletzt nicht an der Reihe",
        Cause::PassEnded => "der Lauf endete vor der Übergabe",
        Cause::DiedBefore => "das Programm brach vor der Übergabe ab",
        Cause::DiedWhile => "das Programm brach während der Übergabe ab",
        Cause::NeverSeen => "der SMS-Anbieter hat sie nie gesehen",
        Cause::SettledByHand => "von Hand als gescheitert festgehalten",
        Cause::BackupRestored => "vor einer Rücksicherung gesendet oder nicht, das weiß niemand",
        Cause::Begun => "der Termin hatte inzwischen begonnen",
        Cause::ToldByAnotherPass => "ein anderer Lauf hat es inzwischen mitgeteilt",
        Cause::Cancelled => "der Termin wurde inzwischen abgesagt",
        Cause::Deceased => "der Kunde ist inzwischen als verstorben vermerkt",
        Cause::NoMessagesWanted => "der Kunde wünscht inzwischen keine Nachrichten",
        Cause::Changed => "der Termin wurde inzwischen geändert",
    };
    german.to_owned()
}

/// Why something became of a message: our own cause in words, else a server's reply with addresses masked,
/// cut to a length that a report can bear, in quotation marks.
#[must_use]
pub fn reply(lang: Lang, text: &str) -> String {
    const LONGEST: usize = 200;
    if let Some(own) = Cause::of_sentence(text) {
        return cause(lang, &own);
    }
    let text = mask_addresses(text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => quoted(lang, &format!("{} …", text.get(..end).unwrap_or_default())),
        None => quoted(lang, &text),
    }
}

/// What a message is for.
#[must_use]
pub const fn kind(lang: Lang, kind: Kind) -> &'static str {
    match kind {
        Kind::Confirmation => lang.pick("Bestätigung", "confirmation"),
        Kind::Reminder => lang.pick("Erinnerung", "reminder"),
        Kind::Manual => lang.pick("Nachricht von Hand", "message by hand"),
    }
}

/// A channel as the title of something that is said about it.
#[must_use]
pub const fn channel(lang: Lang, channel: Channel) -> &'static str {
    match channel {
        Channel::Email => lang.pick("E-Mail", "e-mail"),
        Channel::Sms => lang.pick("SMS", "text message"),
        Channel::Letter => lang.pick("Brief", "letter"),
        Channel::Phone => lang.pick("Telefon", "telephone"),
    }
}

/// How a message goes: `per E-Mail`, `by e-mail`.
#[must_use]
pub const fn by_channel(lang: Lang, channel: Channel) -> &'static str {
    match channel {
        Channel::Email => lang.pick("per E-Mail", "by e-mail"),
        Channel::Sms => lang.pick("per SMS", "by text message"),
        Channel::Letter => lang.pick("per Brief", "by letter"),
        Channel::Phone => lang.pick("per Telefon", "by telephone"),
    }
}

/// Messages by this channel.
const fn messages_by(lang: Lang, channel: Channel) -> &'static str {
    match channel {
        Channel::Email => lang.pick("E-Mails", "e-mails"),
        Channel::Sms => lang.pick("SMS", "text messages"),
        Channel::Letter => lang.pick("Briefe", "letters"),
        Channel::Phone => lang.pick("Anrufe", "calls"),
    }
}

/// What became of a message.
#[must_use]
pub const fn fate(lang: Lang, fate: Fate) -> &'static str {
    match fate {
        Fate::Planned => lang.pick("geplant", "planned"),
        Fate::Settled(State::Sending) => lang.pick("nicht zu Ende gebracht", "not brought to an end"),
        Fate::Settled(State::Sent) => lang.pick("gesendet", "sent"),
        Fate::Settled(State::HandedOver) => lang.pick("den Mitarbeitern übergeben", "handed to staff"),
        Fate::Settled(State::Uncertain) => lang.pick("ungewiss", "uncertain"),
        Fate::Settled(State::Failed) => lang.pick("abgelehnt", "rejected"),
        Fate::Settled(State::Deferred) => lang.pick("zurückgestellt", "postponed"),
        Fate::Settled(State::Withdrawn) => lang.pick("zurückgezogen", "withdrawn"),
    }
}

/// Why a message was deferred, after "since".
#[must_use]
pub const fn deferral(lang: Lang, why: Deferral) -> &'static str {
    match why {
        Deferral::TimeUp => lang.pick(
            "weil die Ruhezeit oder die erlaubte Dauer (max_minutes) erreicht war",
            "since quiet time, or the time allowed (max_minutes), was reached",
        ),
        Deferral::Text => lang.pick("weil ihr Text nicht benutzt werden kann", "since the text cannot be used"),
        Deferral::Server => lang.pick(
            "weil der Server nicht zu erreichen war oder vorerst nichts annahm",
            "since the server could not be reached or refused for now",
        ),
        Deferral::Signal => {
            lang.pick("weil das Programm von außen beendet wurde", "since the program was asked to end")
        }
    }
}

/// How a pass went.
#[must_use]
pub const fn result(lang: Lang, result: PassResult) -> &'static str {
    match result {
        PassResult::Complete => lang.pick("abgeschlossen", "complete"),
        PassResult::Quiet => lang.pick("Ruhezeit", "quiet time"),
        PassResult::Inactive => lang.pick("nicht in Betrieb", "not in operation"),
    }
}

/// What a task is to staff.
#[must_use]
pub const fn task_state(lang: Lang, state: TaskState) -> &'static str {
    match state {
        TaskState::Open => lang.pick("offen", "open"),
        TaskState::Withdrawn => lang.pick("zurückgezogen", "withdrawn"),
        TaskState::Missed => lang.pick("versäumt", "missed"),
    }
}

/// The reason in a few words, without its facts, as the title of a group.
#[must_use]
pub const fn reason_title(lang: Lang, reason: ReasonKind) -> &'static str {
    match reason {
        ReasonKind::BadData => lang.pick("Angaben nicht zu verstehen", "data that cannot be understood"),
        ReasonKind::NoCustomer => lang.pick("kein Kunde eingetragen", "no customer entered"),
        ReasonKind::Group => lang.pick("Gruppentermin", "group appointment"),
        ReasonKind::Cancelled => lang.pick("storniert", "cancelled"),
        ReasonKind::NoShow => lang.pick("geplatzt", "customer did not come"),
        ReasonKind::TypeNotAllowed => {
            lang.pick("Termintyp nicht für Benachrichtigungen erlaubt", "type not allowed for messages")
        }
        ReasonKind::BranchNotSelected => lang.pick("vom Filialfilter ausgelassen", "left out by the branch filter"),
        ReasonKind::Deceased => lang.pick("Kunde verstorben", "customer has died"),
        ReasonKind::NoMessagesWanted => lang.pick("Kunde wünscht keine Nachrichten", "customer wants no messages"),
        ReasonKind::AlreadyReminded => lang.pick("schon erinnert", "already reminded"),
        ReasonKind::RecentMessage => lang.pick("vor Kurzem benachrichtigt", "had a message a short while ago"),
        ReasonKind::Unreachable => lang.pick("nicht zu erreichen", "cannot be reached"),
        ReasonKind::OverLimit => {
            lang.pick("über der Höchstzahl, wartet auf den nächsten Lauf", "over the limit, waits for the next pass")
        }
    }
}

/// Why an appointment gets no reminder, with the facts and what can be done.
#[must_use]
pub fn reason(lang: Lang, zone: Zone, reason: &Reason) -> String {
    match reason {
        Reason::BadData(bad) => bad_data(lang, bad),
        Reason::NoCustomer => lang.pick("Im Termin ist kein Kunde eingetragen.", "No customer is entered.").to_owned(),
        Reason::Group => lang
            .pick(
                "Es ist ein Gruppentermin; für solche werden keine Nachrichten gesendet.",
                "It is a group appointment; no messages are sent for those.",
            )
            .to_owned(),
        Reason::Cancelled => lang.pick("Der Termin ist storniert.", "The appointment is cancelled.").to_owned(),
        Reason::NoShow => {
            lang.pick("Der Termin ist geplatzt.", "The customer did not come to the appointment.").to_owned()
        }
        Reason::TypeNotAllowed { type_id } => say!(
            lang,
            "Der Termintyp {type_id} ist nicht für automatische Benachrichtigungen erlaubt (Tabelle appointment_type, \
             Spalte auto_notify).",
            "Appointments of type {type_id} are not allowed for automatic messages (table appointment_type, column \
             auto_notify).",
        ),
        Reason::BranchNotSelected { code } => say!(
            lang,
            "Der Filialfilter (branch_filter) lässt die Filiale {code} aus.",
            "The branch filter (branch_filter) leaves out the branch {code}.",
        ),
        Reason::Deceased => lang.pick("Der Kunde ist verstorben.", "The customer has died.").to_owned(),
        Reason::NoMessagesWanted => {
            lang.pick("Der Kunde wünscht keine Nachrichten.", "The customer wants no messages.").to_owned()
        }
        Reason::AlreadyReminded { message_id, at } => {
            let at = moment(lang, zone.local(*at));
            say!(
                lang,
                "An diesen Beginn wurde schon erinnert: {at} (Nachricht {message_id}).",
                "A reminder has stated this start already: {at} (message {message_id}).",
            )
        }
        Reason::RecentMessage { message_id, kind: for_what, at, until } => {
            let (at, until) = (moment(lang, zone.local(*at)), moment(lang, zone.local(*until)));
            let what = kind(lang, *for_what);
            say!(
                lang,
                "Der Kunde hatte vor Kurzem eine Nachricht ({what}, {at}, Nachricht {message_id}); eine Erinnerung \
                 ist erst ab {until} möglich.",
                "The customer had a message a short while ago ({what}, {at}, message {message_id}); a reminder is \
                 possible from {until}.",
            )
        }
        Reason::OverLimit { limit } => say!(
            lang,
            "Dieser Lauf sollte höchstens {limit} Nachrichten senden (--limit), und andere waren dringender. Die Erinnerung \
             bleibt für den nächsten Lauf.",
            "This pass was to send {limit} messages at most (--limit), and others were more urgent. The reminder is left for \
             the next pass.",
        ),
        Reason::Unreachable { obstacles, by_hand } => {
            let start = lang.pick("Der Kunde ist nicht zu erreichen", "The customer cannot be reached");
            let each: Vec<_> = obstacles
                .iter()
                .map(|(by, why)| format!("{}: {}", channel(lang, *by), obstacle(lang, *by, why)))
                .collect();
            let why = if each.is_empty() {
                format!("{start}: {}.", no_channel(lang))
            } else {
                format!("{start}. {}.", each.join("; "))
            };
            match by_hand {
                Some(told) => format!("{why} {}.", told_by_hand(lang, zone, *told)),
                None => why,
            }
        }
    }
}

/// What staff have told a customer, without a full stop.
pub(super) fn told_by_hand(lang: Lang, zone: Zone, told: ToldByHand) -> String {
    let (by, at, id) = (by_channel(lang, told.channel), moment(lang, zone.local(told.at)), told.message_id);
    say!(
        lang,
        "Schon von Hand verständigt: {by}, {at}, Nachricht {id}",
        "Told by hand already: {by}, {at}, message {id}"
    )
}

/// What stands in the place of obstacles if no channel was tried.
pub(crate) const fn no_channel(lang: Lang) -> &'static str {
    lang.pick("die Kontaktvorlage nennt keinen benutzbaren Weg", "the contact template names no usable channel")
}

/// Why a channel cannot be used for a customer.
#[must_use]
pub fn obstacle(lang: Lang, channel: Channel, obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::NoAddress => match channel {
            Channel::Email => lang.pick("keine Adresse eingetragen", "no address entered"),
            Channel::Letter => lang.pick("keine Anschrift eingetragen", "no postal address entered"),
            Channel::Sms | Channel::Phone => lang.pick("keine Nummer eingetragen", "no number entered"),
        }
        .to_owned(),
        Obstacle::Invalid(fault) => faults::address_fault(lang, fault),
        Obstacle::SmsNotAllowed => {
            lang.pick("keine Nummer ist für SMS freigegeben", "no number is marked as allowed for text messages").into()
        }
        Obstacle::NotMobile => lang.pick("keine Mobilnummer", "no mobile number").to_owned(),
        Obstacle::PostalAddressIncomplete => {
            lang.pick("Straße, Postleitzahl oder Ort fehlt", "street, postcode or town is missing").to_owned()
        }
        Obstacle::RejectedBefore { message_id } => say!(
            lang,
            "für diesen Termin dort schon abgelehnt (Nachricht {message_id})",
            "rejected there before for this appointment (message {message_id})",
        ),
        Obstacle::NoInterface => lang
            .pick("für diese Filiale ist keine Schnittstelle benutzbar", "no interface can be used for this branch")
            .to_owned(),
    }
}

/// The counts of a pass in one line.
#[must_use]
pub fn totals(lang: Lang, totals: &Totals) -> String {
    let fates = std::iter::once((Fate::Planned, totals.planned))
        .chain(State::ALL.iter().map(|state| (Fate::Settled(*state), totals.of(*state))))
        .filter(|(_, number)| *number > 0)
        .map(|(became, number)| format!("{number} {}", fate(lang, became)))
        .collect::<Vec<_>>()
        .join(", ");
    let fates = if fates.is_empty() { fates } else { format!(" ({fates})") };
    let messages = count(lang, totals.messages, Noun::Message);
    let skipped = match (totals.skipped, lang) {
        (0, _) => String::new(),
        (number, Lang::De) => format!("; {} ausgelassen", count(lang, number, Noun::Appointment)),
        (number, Lang::En) => format!("; {} passed over", count(lang, number, Noun::Appointment)),
    };
    say!(lang, "Zusammen: {messages}{fates}{skipped}.", "In all: {messages}{fates}{skipped}.")
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{day, obstacles, reasons, start};
    use super::*;

    /// Asserts that both languages say something, and not the same.
    #[track_caller]
    pub(super) fn both(words: impl Fn(Lang) -> String) {
        let (german, english) = (words(Lang::De), words(Lang::En));
        assert!(!german.trim().is_empty() && !english.trim().is_empty());
        assert_ne!(german, english);
    }

    #[test]
    fn the_language_of_a_locale_is_read() {
        for (tag, lang) in [
            ("de", Some(Lang::De)),
            ("de_DE.UTF-8", Some(Lang::De)),
            ("DE-at", Some(Lang::De)),
            ("en_GB", Some(Lang::En)),
            ("en", Some(Lang::En)),
            ("C.UTF-8", None),
            ("POSIX", None),
            ("den", None),
            ("", None),
        ] {
            assert_eq!(Lang::from_tag(tag), lang, "{tag}");
        }
    }

    #[test]
    fn dates_and_times_have_their_weekday_in_the_language() {
        assert_eq!(moment(Lang::De, start("2026-03-11 10:30")), "Mi., 11.03.2026, 10:30");
        assert_eq!(moment(Lang::En, start("2026-03-11 10:30")), "Wed 11 Mar 2026, 10:30");
        assert_eq!(date(Lang::De, day("2026-12-05")), "Sa., 05.12.2026");
        assert_eq!(date(Lang::En, day("2026-12-05")), "Sat 5 Dec 2026");
    }

    #[test]
    fn numbers_agree_with_their_nouns() {
        let nouns = [Noun::Message, Noun::Appointment, Noun::Segment, Noun::Task]
            .into_iter()
            .chain(Channel::ALL.iter().map(|channel| Noun::By(*channel)));
        let table: Vec<_> = nouns
            .flat_map(|noun| Lang::ALL.map(|lang| [0, 1, 2].map(|number| count(lang, number, noun)).join(", ")))
            .collect();
        insta::assert_snapshot!(table.join("\n"), @"
        keine Nachrichten, 1 Nachricht, 2 Nachrichten
        no messages, 1 message, 2 messages
        keine Termine, 1 Termin, 2 Termine
        no appointments, 1 appointment, 2 appointments
        keine SMS-Teile, 1 SMS-Teil, 2 SMS-Teile
        no parts, 1 part, 2 parts
        keine Aufgaben, 1 Aufgabe, 2 Aufgaben
        no tasks, 1 task, 2 tasks
        keine E-Mails, 1 E-Mail, 2 E-Mails
        no e-mails, 1 e-mail, 2 e-mails
        keine SMS, 1 SMS, 2 SMS
        no text messages, 1 text message, 2 text messages
        keine Briefe, 1 Brief, 2 Briefe
        no letters, 1 letter, 2 letters
        keine Anrufe, 1 Anruf, 2 Anrufe
        no calls, 1 call, 2 calls
        ");
    }

    #[test]
    fn an_endless_reply_is_cut_after_its_addresses_are_masked() {
        let text = reply(Lang::En, &format!("550 anna@example.de {}", "no ".repeat(1000)));
        assert!(text.chars().count() <= 204 && text.ends_with("…”"), "{text}");
        assert!(!text.contains("anna@example.de"), "{text}");
        assert_eq!(reply(Lang::De, "550 no"), "„550 no“");
    }

    #[test]
    fn every_reason_has_words_in_both_languages() {
        let zone = Zone::default();
        // A reason that is added must be added to the list that is walked here.
        let words: std::collections::BTreeSet<_> = reasons().iter().map(Reason::word).collect();
        assert_eq!(words.len(), ReasonKind::ALL.len());
        for why in reasons() {
            both(|lang| reason(lang, zone, &why));
            both(|lang| reason_title(lang, why.kind()).to_owned());
        }
        both(|lang| reason(lang, zone, &Reason::Unreachable { obstacles: Vec::new(), by_hand: None }));
    }

    #[test]
    fn every_obstacle_has_words_in_both_languages_for_every_channel() {
        for why in obstacles() {
            for by in Channel::ALL {
                both(|lang| obstacle(lang, *by, &why));
            }
        }
    }

    #[test]
    fn every_closed_list_has_words_in_both_languages() {
        for state in State::ALL {
            both(|lang| fate(lang, Fate::Settled(*state)).to_owned());
        }
        both(|lang| fate(lang, Fate::Planned).to_owned());
        for why in [Deferral::TimeUp, Deferral::Text, Deferral::Server, Deferral::Signal] {
            both(|lang| deferral(lang, why).to_owned());
        }
        for what in Kind::ALL {
            both(|lang| kind(lang, *what).to_owned());
        }
        for by in Channel::ALL {
            both(|lang| channel(lang, *by).to_owned());
            both(|lang| by_channel(lang, *by).to_owned());
        }
        for state in [TaskState::Open, TaskState::Withdrawn, TaskState::Missed] {
            both(|lang| task_state(lang, state).to_owned());
        }
        for end in [PassResult::Complete, PassResult::Quiet, PassResult::Inactive] {
            both(|lang| result(lang, end).to_owned());
        }
    }

    #[test]
    fn the_reasons_read_in_both_languages() {
        let texts =
            |lang| reasons().iter().map(|why| reason(lang, Zone::default(), why)).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(texts(Lang::De), @"
        Tabelle customer, Zeile 34, Spalte email ist nicht zu verstehen: der Text ist nicht als UTF-8 gespeichert und muss neu eingetragen werden. Bitte berichtigen.
        Im Termin ist kein Kunde eingetragen.
        Es ist ein Gruppentermin; für solche werden keine Nachrichten gesendet.
        Der Termin ist storniert.
        Der Termin ist geplatzt.
        Der Termintyp 3 ist nicht für automatische Benachrichtigungen erlaubt (Tabelle appointment_type, Spalte auto_notify).
        Der Filialfilter (branch_filter) lässt die Filiale B aus.
        Der Kunde ist verstorben.
        Der Kunde wünscht keine Nachrichten.
        An diesen Beginn wurde schon erinnert: Di., 10.03.2026, 10:00 (Nachricht 12).
        Der Kunde hatte vor Kurzem eine Nachricht (Nachricht von Hand, Di., 10.03.2026, 14:00, Nachricht 13); eine Erinnerung ist erst ab Di., 10.03.2026, 20:00 möglich.
        Der Kunde ist nicht zu erreichen. E-Mail: keine Adresse eingetragen; SMS: keine Nummer ist für SMS freigegeben; Brief: Straße, Postleitzahl oder Ort fehlt; Telefon: die Nummer ist falsch: sie hat zu wenige Ziffern für eine Nummer mit +49; E-Mail: für diesen Termin dort schon abgelehnt (Nachricht 5); SMS: keine Mobilnummer; Brief: für diese Filiale ist keine Schnittstelle benutzbar. Schon von Hand verständigt: per Telefon, Di., 10.03.2026, 14:00, Nachricht 14.
        Dieser Lauf sollte höchstens 500 Nachrichten senden (--limit), und andere waren dringender. Die Erinnerung bleibt für den nächsten Lauf.
        ");
        insta::assert_snapshot!(texts(Lang::En), @"
        Table customer, row 34, column email cannot be understood: the text is not stored as UTF-8 and must be entered again. Please correct it.
        No customer is entered.
        It is a group appointment; no messages are sent for those.
        The appointment is cancelled.
        The customer did not come to the appointment.
        Appointments of type 3 are not allowed for automatic messages (table appointment_type, column auto_notify).
        The branch filter (branch_filter) leaves out the branch B.
        The customer has died.
        The customer wants no messages.
        A reminder has stated this start already: Tue 10 Mar 2026, 10:00 (message 12).
        The customer had a message a short while ago (message by hand, Tue 10 Mar 2026, 14:00, message 13); a reminder is possible from Tue 10 Mar 2026, 20:00.
        The customer cannot be reached. e-mail: no address entered; text message: no number is marked as allowed for text messages; letter: street, postcode or town is missing; telephone: the number is wrong: it has too few digits for a number of +49; e-mail: rejected there before for this appointment (message 5); text message: no mobile number; letter: no interface can be used for this branch. Told by hand already: by telephone, Tue 10 Mar 2026, 14:00, message 14.
        This pass was to send 500 messages at most (--limit), and others were more urgent. The reminder is left for the next pass.
        ");
    }
}
