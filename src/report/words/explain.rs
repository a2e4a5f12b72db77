//! The words of explanations: what each rule found, for somebody who has to answer a complaint.

use chrono::{DateTime, Utc};

use super::{
    Lang, by_channel, channel, count, date, fate, kind, moment, no_channel, obstacle, quoted, reason, say, unusable,
};
use crate::contact::mask_stored;
use crate::model::{Channel, Kind, State, Status};
use crate::report::Fate;
use crate::report::words::Noun;
use crate::rules::explain::{Fact, Mention, Verdict};
use crate::zone::Zone;

/// The status of an appointment.
#[must_use]
pub const fn status(lang: Lang, status: Status) -> &'static str {
    match status {
        Status::Proposed => lang.pick("vorgeschlagen", "proposed"),
        Status::Booked => lang.pick("gebucht", "booked"),
        Status::Confirmed => lang.pick("bestätigt", "confirmed"),
        Status::Arrived => lang.pick("eingetroffen", "arrived"),
        Status::Completed => lang.pick("erledigt", "completed"),
        Status::Cancelled => lang.pick("storniert", "cancelled"),
        Status::NoShow => lang.pick("geplatzt", "no-show"),
    }
}

/// What a rule says to the question whether the message may go out.
#[must_use]
pub const fn verdict(lang: Lang, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passes => lang.pick("ja", "yes"),
        Verdict::Stops => lang.pick("NEIN", "NO"),
        Verdict::Notes => "-",
    }
}

/// A channel at the beginning of a sentence about an address.
const fn title(lang: Lang, by: Channel) -> &'static str {
    match by {
        Channel::Email => lang.pick("E-Mail", "E-mail"),
        Channel::Sms => lang.pick("SMS", "Text message"),
        Channel::Letter => lang.pick("Brief", "Letter"),
        Channel::Phone => lang.pick("Anruf", "Call"),
    }
}

fn instant(lang: Lang, zone: Zone, at: DateTime<Utc>) -> String {
    moment(lang, zone.local(at))
}

/// A message of the record in a few words: `Nachricht 812 von Hand am Di., 10.03.2026, 12:00`.
fn mention(lang: Lang, zone: Zone, message: &Mention) -> String {
    let (what, at) = (kind(lang, message.kind), instant(lang, zone, message.at));
    let became = match (message.kind, message.state) {
        (_, State::Sent) | (Kind::Manual, State::HandedOver) => String::new(),
        (_, state) => format!(", {}", fate(lang, Fate::Settled(state))),
    };
    match message.message_id {
        Some(id) => say!(lang, "Nachricht {id} ({what}, {at}{became})", "message {id} ({what}, {at}{became})"),
        None => say!(lang, "eine geplante {what}, {at}", "a planned {what}, {at}"),
    }
}

fn mentions(lang: Lang, zone: Zone, messages: &[Mention]) -> String {
    messages.iter().map(|message| mention(lang, zone, message)).collect::<Vec<_>>().join("; ")
}

fn ids(ids: &[i64]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn codes(lang: Lang, codes: &[String]) -> String {
    quoted(lang, &codes.join(","))
}

/// What a rule found, in sentences. Addresses are masked.
#[must_use]
pub fn fact(lang: Lang, zone: Zone, fact: &Fact) -> String {
    match fact {
        Fact::Faulty(_) | Fact::Inactive { .. } | Fact::InForce | Fact::Quiet { .. } | Fact::NotQuiet { .. } => {
            chapter_a(lang, zone, fact)
        }
        Fact::Against(why) => reason(lang, zone, why),
        Fact::CustomerAndType { .. }
        | Fact::NoGroup
        | Fact::CountingStatus(_)
        | Fact::BranchSelected { .. }
        | Fact::BranchLeftOut { .. }
        | Fact::Ahead { .. }
        | Fact::Begun { .. }
        | Fact::Wanted { .. } => chapter_b(lang, fact),
        Fact::Notified { .. }
        | Fact::ToldOtherStart { .. }
        | Fact::NeverTold
        | Fact::Counting(_)
        | Fact::NotCounting(_)
        | Fact::Live(_)
        | Fact::NotLive(_) => chapter_c(lang, zone, fact),
        Fact::NotSetUp(_)
        | Fact::Regular { .. }
        | Fact::LookAhead { .. }
        | Fact::NotHeldBack { .. }
        | Fact::NotReminded
        | Fact::Together { .. }
        | Fact::Combining { .. }
        | Fact::ConfirmedDates { .. }
        | Fact::LeftToReminder
        | Fact::NoReminderInTheWay
        | Fact::Calendar { .. } => chapters_d_and_e(lang, zone, fact),
        Fact::Template { .. }
        | Fact::Preferred { .. }
        | Fact::NoPreference
        | Fact::Usable { .. }
        | Fact::Blocked { .. }
        | Fact::Unreachable(_)
        | Fact::Text { .. }
        | Fact::TextFault(_) => chapter_f(lang, fact),
    }
}

fn chapter_a(lang: Lang, zone: Zone, fact: &Fact) -> String {
    match fact {
        Fact::Faulty(fault) => {
            let fault = quoted(lang, fault);
            say!(
                lang,
                "Jeder Lauf endet mit einem Fehler in den Einstellungen, bevor er etwas sendet: {fault}.",
                "Every pass stops with a configuration error before it sends anything: {fault}.",
            )
        }
        Fact::Inactive { interface_id, cause } => {
            let (why, todo) = unusable(lang, cause);
            say!(
                lang,
                "Die Terminbenachrichtigung (Schnittstelle {interface_id}) ist nicht in Betrieb, {why}. {todo}",
                "The appointment notification (interface {interface_id}) is not in operation {why}. {todo}",
            )
        }
        Fact::InForce => lang
            .pick("Die Terminbenachrichtigung ist in Betrieb.", "The appointment notification is in operation.")
            .into(),
        Fact::Quiet { until } => {
            let until = instant(lang, zone, *until);
            say!(
                lang,
                "Es ist Ruhezeit bis {until}; ein Lauf sendet nichts.",
                "It is quiet time until {until}; a pass sends nothing.",
            )
        }
        Fact::NotQuiet { from } => {
            let from = instant(lang, zone, *from);
            say!(lang, "Keine Ruhezeit; die nächste beginnt {from}.", "No quiet time; the next one begins {from}.")
        }
        _ => String::new(),
    }
}

fn chapter_b(lang: Lang, fact: &Fact) -> String {
    match fact {
        Fact::CustomerAndType { customer_id, type_id } => say!(
            lang,
            "Kunde {customer_id} ist eingetragen; der Termintyp {type_id} ist für automatische Benachrichtigungen erlaubt.",
            "Customer {customer_id} is entered; appointments of type {type_id} are allowed for automatic messages.",
        ),
        Fact::NoGroup => lang.pick("Es ist kein Gruppentermin.", "It is no group appointment.").to_owned(),
        Fact::CountingStatus(is) => {
            let is = status(lang, *is);
            say!(lang, "Der Status ist „{is}“; das zählt.", "The status is “{is}”, which counts.")
        }
        Fact::BranchSelected { code, filter } if filter.is_empty() => say!(
            lang,
            "Ohne Filialfilter ist jede Filiale dabei, auch {code}.",
            "Without a branch filter every branch is in, {code} too.",
        ),
        Fact::BranchSelected { code, filter } => {
            let filter = codes(lang, filter);
            say!(
                lang,
                "Der Filialfilter {filter} enthält die Filiale {code}.",
                "The branch filter {filter} has the branch {code}.",
            )
        }
        Fact::BranchLeftOut { code, filter } => {
            let filter = codes(lang, filter);
            say!(
                lang,
                "Der Filialfilter {filter} (branch_filter) enthält die Filiale {code} nicht.",
                "The branch filter {filter} (branch_filter) does not have the branch {code}.",
            )
        }
        Fact::Ahead { start } => {
            let start = moment(lang, *start);
            say!(lang, "Er beginnt erst {start}.", "It is still to come: {start}.")
        }
        Fact::Begun { start } => {
            let start = moment(lang, *start);
            say!(lang, "Er hat schon begonnen: {start}.", "It has begun already: {start}.")
        }
        Fact::Wanted { preferred: Some(by) } => {
            let by = by_channel(lang, *by);
            say!(
                lang,
                "Der Kunde wünscht Nachrichten, am liebsten {by}.",
                "The customer wants messages, preferably {by}.",
            )
        }
        Fact::Wanted { preferred: None } => lang
            .pick("Der Kunde hat nichts gegen Nachrichten.", "The customer has nothing against messages.")
            .to_owned(),
        _ => String::new(),
    }
}

fn chapter_c(lang: Lang, zone: Zone, fact: &Fact) -> String {
    match fact {
        Fact::Notified { message } => {
            let message = mention(lang, zone, message);
            say!(
                lang,
                "Der Kunde kennt diesen Beginn durch {message}.",
                "The customer has been told this start by {message}.",
            )
        }
        Fact::ToldOtherStart { message, start } => {
            let (message, start) = (mention(lang, zone, message), moment(lang, *start));
            say!(
                lang,
                "Zuletzt wurde dem Kunden ein anderer Beginn genannt, {start}: {message}. Der jetzige gilt als nicht \
                 mitgeteilt.",
                "The customer was last told another start, {start}: {message}. The present one counts as not told.",
            )
        }
        Fact::NeverTold => lang
            .pick(
                "Diesem Kunden wurde von dem Termin noch nichts gesagt.",
                "This customer has not been told of the appointment yet.",
            )
            .to_owned(),
        Fact::Counting(messages) => {
            let messages = mentions(lang, zone, messages);
            say!(lang, "Es zählt: {messages}.", "These count: {messages}.")
        }
        Fact::NotCounting(messages) => {
            let messages = mentions(lang, zone, messages);
            say!(lang, "Es zählt nicht: {messages}.", "These do not count: {messages}.")
        }
        Fact::Live(messages) => {
            let messages = numbers(lang, messages);
            say!(lang, "Noch gültig: {messages}.", "Still true: {messages}.")
        }
        Fact::NotLive(messages) => {
            let messages = numbers(lang, messages);
            say!(
                lang,
                "Überholt, weil alle darin genannten Termine verschoben oder gelöscht sind: {messages}.",
                "Out of date, since every appointment in it has been moved or deleted: {messages}.",
            )
        }
        _ => String::new(),
    }
}

fn numbers(lang: Lang, messages: &[Mention]) -> String {
    let ids = ids(&messages.iter().filter_map(|message| message.message_id).collect::<Vec<_>>());
    match messages.len() {
        1 => say!(lang, "Nachricht {ids}", "message {ids}"),
        _ => say!(lang, "Nachrichten {ids}", "messages {ids}"),
    }
}

fn hours(lang: Lang, number: u32) -> String {
    match (number, lang) {
        (1, Lang::De) => "1 Stunde".to_owned(),
        (1, Lang::En) => "1 hour".to_owned(),
        (_, Lang::De) => format!("{number} Stunden"),
        (_, Lang::En) => format!("{number} hours"),
    }
}

#[expect(clippy::too_many_lines, reason = "one sentence for each fact")]
fn chapters_d_and_e(lang: Lang, zone: Zone, fact: &Fact) -> String {
    match fact {
        Fact::NotSetUp(Kind::Confirmation) => lang
            .pick("Terminbestätigungen sind nicht eingerichtet.", "Confirmations are not set up.")
            .to_owned(),
        Fact::NotSetUp(_) => {
            lang.pick("Terminerinnerungen sind nicht eingerichtet.", "Reminders are not set up.").to_owned()
        }
        Fact::Regular { hours: x, until, reaches } => {
            let (x, until) = (hours(lang, *x), instant(lang, zone, *until));
            match (reaches, lang) {
                (true, Lang::De) => format!("Das Fenster ({x} vor dem Termin) reicht bis vor {until}; er liegt darin."),
                (true, Lang::En) => format!("The window ({x} before) reaches up to {until}; it is inside."),
                (false, Lang::De) => {
                    format!("Das Fenster ({x} vor dem Termin) reicht bis vor {until}; er liegt nicht darin.")
                }
                (false, Lang::En) => format!("The window ({x} before) reaches up to {until}; it is not inside."),
            }
        }
        Fact::LookAhead { begins, until, applies: false, .. } => {
            let (begins, until) = (instant(lang, zone, *begins), instant(lang, zone, *until));
            say!(
                lang,
                "Noch keine Vorausschau über die Ruhezeit: Sie beginnt {begins} und reicht bis vor {until}.",
                "No look past quiet time yet: it begins {begins} and reaches up to {until}.",
            )
        }
        Fact::LookAhead { until, applies: true, reaches, .. } => {
            let until = instant(lang, zone, *until);
            match (reaches, lang) {
                (true, Lang::De) => format!("Die Vorausschau über die Ruhezeit reicht bis vor {until}; er liegt darin."),
                (true, Lang::En) => format!("The look past quiet time reaches up to {until}; it is inside."),
                (false, Lang::De) => {
                    format!("Die Vorausschau über die Ruhezeit reicht bis vor {until}; er liegt nicht darin.")
                }
                (false, Lang::En) => format!("The look past quiet time reaches up to {until}; it is not inside."),
            }
        }
        Fact::NotHeldBack { hours: m } => {
            let m = hours(lang, *m);
            say!(
                lang,
                "Keine Nachricht der letzten {m} hält die Erinnerung zurück.",
                "No message of the last {m} holds the reminder back.",
            )
        }
        Fact::NotReminded => lang
            .pick("An diesen Beginn wurde noch nicht erinnert.", "No reminder has stated this start yet.")
            .to_owned(),
        Fact::Together { others } if others.is_empty() => {
            lang.pick("Die Nachricht nennt nur diesen Termin.", "The message is about this appointment only.").to_owned()
        }
        Fact::Together { others } => {
            let ids = ids(others);
            match (others.len(), lang) {
                (1, Lang::De) => format!("Dieselbe Nachricht nennt auch den Termin {ids}."),
                (_, Lang::De) => format!("Dieselbe Nachricht nennt auch die Termine {ids}."),
                (1, Lang::En) => format!("The same message is about appointment {ids} too."),
                (_, Lang::En) => format!("The same message is about the appointments {ids} too."),
            }
        }
        Fact::Combining { taken_in: true, .. } => lang
            .pick(
                "Die Termine eines Datums werden zusammengefasst; deshalb kommt er in die Nachricht zu einem anderen \
                 Termin desselben Tages.",
                "The appointments of a date are combined, so that it goes into the message about another one of that day.",
            )
            .to_owned(),
        Fact::Combining { on: true, .. } => lang
            .pick("Die Termine eines Datums werden zusammengefasst.", "The appointments of a date are combined.")
            .to_owned(),
        Fact::Combining { on: false, .. } => lang
            .pick(
                "Die Termine eines Datums werden nicht zusammengefasst.",
                "The appointments of a date are not combined.",
            )
            .to_owned(),
        Fact::ConfirmedDates { from, to } => {
            let (from, to) = (date(lang, *from), date(lang, *to));
            say!(
                lang,
                "Bestätigt werden Termine von {from} bis {to}.",
                "Appointments from {from} to {to} are confirmed.",
            )
        }
        Fact::LeftToReminder => lang
            .pick(
                "Im selben Lauf wird an ihn erinnert, oder die Erinnerung wird zurückgehalten (E3); dann wird er nicht \
                 bestätigt.",
                "The same pass reminds of it, or holds the reminder back (E3); then it is not confirmed.",
            )
            .to_owned(),
        Fact::NoReminderInTheWay => lang
            .pick("Keine Erinnerung desselben Laufs geht vor.", "No reminder of the same pass goes first.")
            .to_owned(),
        Fact::Calendar { attached: true } => {
            lang.pick("Eine Kalenderdatei wird angehängt.", "A calendar file is attached.").to_owned()
        }
        Fact::Calendar { attached: false } => {
            lang.pick("Ohne Kalenderdatei.", "Without a calendar file.").to_owned()
        }
        _ => String::new(),
    }
}

fn chapter_f(lang: Lang, fact: &Fact) -> String {
    match fact {
        Fact::Template { name, channels } => {
            let name = quoted(lang, name);
            let channels = channels.iter().map(|by| channel(lang, *by)).collect::<Vec<_>>().join(", ");
            say!(lang, "Die Kontaktvorlage {name} nennt: {channels}.", "The contact template {name} has: {channels}.",)
        }
        Fact::Preferred { channel: by, in_template: true } => {
            let by = by_channel(lang, *by);
            say!(lang, "Zuerst wird es {by} versucht, wie gewünscht.", "Tried first {by}, as preferred.")
        }
        Fact::Preferred { channel: by, in_template: false } => {
            let by = by_channel(lang, *by);
            say!(
                lang,
                "Gewünscht ist {by}, was die Kontaktvorlage nicht nennt; es gilt ihre Reihenfolge.",
                "Preferred is {by}, which the contact template does not have; its order holds.",
            )
        }
        Fact::NoPreference => lang
            .pick(
                "Der Kunde bevorzugt nichts; es gilt die Reihenfolge der Kontaktvorlage.",
                "The customer prefers nothing; the order of the contact template holds.",
            )
            .to_owned(),
        Fact::Usable { route, taken } => {
            let by = route.address.channel();
            let (title, address) = (title(lang, by), mask_stored(by, route.address.expose()));
            match (taken, lang) {
                (true, Lang::De) => format!("{title} an {address} ist benutzbar und wird genommen."),
                (true, Lang::En) => format!("{title} to {address} can be used and is taken."),
                (false, Lang::De) => format!("{title} an {address} ist benutzbar."),
                (false, Lang::En) => format!("{title} to {address} can be used."),
            }
        }
        Fact::Blocked { channel: by, obstacle: why } => {
            let (title, why) = (title(lang, *by), obstacle(lang, *by, why));
            say!(lang, "{title}: nicht benutzbar, {why}.", "{title}: cannot be used, {why}.")
        }
        Fact::Unreachable(obstacles) if obstacles.is_empty() => {
            let why = no_channel(lang);
            say!(lang, "Der Kunde ist nicht zu erreichen: {why}.", "The customer cannot be reached: {why}.")
        }
        Fact::Unreachable(obstacles) => {
            let each: Vec<_> = obstacles
                .iter()
                .map(|(by, why)| format!("{}: {}", title(lang, *by), obstacle(lang, *by, why)))
                .collect();
            let each = each.join("; ");
            say!(lang, "Der Kunde ist nicht zu erreichen. {each}.", "The customer cannot be reached. {each}.")
        }
        Fact::Text { name } => {
            let name = quoted(lang, name);
            say!(lang, "Der Text {name} ist in Ordnung.", "The text {name} is in order.")
        }
        Fact::TextFault(fault) => {
            let fault = quoted(lang, fault);
            say!(
                lang,
                "Der Text kann nicht benutzt werden: {fault}. Die Nachricht bleibt zurückgestellt, bis er berichtigt ist.",
                "The text cannot be used: {fault}. The message is postponed until it is corrected.",
            )
        }
        _ => String::new(),
    }
}

/// `1 Lauf`, `8 Läufe`.
#[must_use]
pub fn passes(lang: Lang, number: usize) -> String {
    match (number, lang) {
        (1, Lang::De) => "1 Lauf".to_owned(),
        (1, Lang::En) => "1 pass".to_owned(),
        (_, Lang::De) => format!("{number} Läufe"),
        (_, Lang::En) => format!("{number} passes"),
    }
}

/// What a pass deferred, and what its exit status tells of the reason.
#[must_use]
pub fn deferred(lang: Lang, number: i64, exit_status: Option<i64>) -> String {
    let messages = count(lang, usize::try_from(number).unwrap_or_default(), Noun::Message);
    let why = match exit_status {
        Some(0) => lang.pick("Ruhezeit oder erlaubte Dauer erreicht", "quiet time, or the time allowed, was reached"),
        _ => lang.pick(
            "Schwierigkeiten mit einem Server, oder ein Text, der nicht benutzt werden kann",
            "trouble with a server, or a text that cannot be used",
        ),
    };
    say!(lang, "der Lauf hat {messages} zurückgestellt ({why})", "the pass postponed {messages} ({why})")
}
