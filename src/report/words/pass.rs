//! The words of a pass: what stands at its head, and what only its page says.

use super::{Lang, by_channel, date, fate, moment, say};
use crate::model::Channel;
use crate::report::{Fate, Heading, PassResult};

/// What a report of a pass is, and when the pass was.
#[must_use]
pub fn pass_title(lang: Lang, heading: &Heading) -> String {
    format!("{} ({})", pass_name(lang, heading), heading.zone.name())
}

/// The same, short enough for the title of a page.
#[must_use]
pub fn pass_name(lang: Lang, heading: &Heading) -> String {
    let at = moment(lang, heading.at.naive_local());
    if heading.dry_run {
        say!(lang, "Probelauf der Terminbenachrichtigung, {at}", "Dry run of the appointment reminders, {at}")
    } else {
        say!(lang, "Terminbenachrichtigung, {at}", "Appointment reminders, {at}")
    }
}

/// How a pass went as a whole, and what it looked at, one sentence a line.
#[must_use]
pub fn pass_lines(lang: Lang, heading: &Heading) -> Vec<String> {
    let later = lang.pick(
        "Was die nächsten Läufe senden würden, sagt `--dry-run --hours 48`.",
        "What the next passes would send is told by `--dry-run --hours 48`.",
    );
    let later = heading.dry_run.then(|| later.to_owned());
    match heading.result {
        PassResult::Quiet => {
            let until = heading.quiet_until.map(|until| moment(lang, until.naive_local()));
            vec![match (lang, until) {
                (Lang::De, Some(until)) => format!("Es ist Ruhezeit bis {until}; gesendet wurde nichts."),
                (Lang::En, Some(until)) => format!("It is quiet time until {until}; nothing was sent."),
                (Lang::De, None) => "Es ist Ruhezeit; gesendet wurde nichts.".to_owned(),
                (Lang::En, None) => "It is quiet time; nothing was sent.".to_owned(),
            }]
            .into_iter()
            .chain(later)
            .collect()
        }
        PassResult::Inactive => vec![
            lang.pick(
                "Die Terminbenachrichtigung ist nicht in Betrieb; gesendet wurde nichts.",
                "The appointment notification is not in operation; nothing was sent.",
            )
            .to_owned(),
        ]
        .into_iter()
        .chain(later)
        .collect(),
        PassResult::Complete => {
            let for_viewing = lang.pick(
                "Nur zur Ansicht: Es wurde nichts gesendet und nichts gespeichert.",
                "For viewing only: nothing was sent and nothing was stored.",
            );
            let mut lines: Vec<_> = heading.dry_run.then(|| for_viewing.to_owned()).into_iter().collect();
            if let Some((until, look_ahead)) = heading.reminder_window {
                let until = moment(lang, until.naive_local());
                let ahead = if look_ahead { lang.pick(" (vorausschauend)", " (looking ahead)") } else { "" };
                lines.push(say!(
                    lang,
                    "Erinnerungen: Termine vor {until}{ahead}",
                    "Reminders: appointments before {until}{ahead}"
                ));
            }
            if let Some((from, to)) = heading.confirmation_window {
                let (from, to) = (date(lang, from), date(lang, to));
                lines.push(say!(
                    lang,
                    "Bestätigungen: Termine von {from} bis {to}",
                    "Confirmations: appointments from {from} to {to}",
                ));
            }
            lines
        }
    }
}

/// The title of what somebody must see to.
#[must_use]
pub const fn to_do(lang: Lang) -> &'static str {
    lang.pick("Was zu tun ist", "What needs doing")
}

/// The title of what is good to know.
#[must_use]
pub const fn notes(lang: Lang) -> &'static str {
    lang.pick("Hinweise", "Notes")
}

/// What became of the message that followed a rejected one by another channel.
#[must_use]
pub fn instead(lang: Lang, channel: Channel, became: Fate) -> String {
    let (by, became) = (by_channel(lang, channel), fate(lang, became));
    say!(lang, "stattdessen {by}: {became}", "instead {by}: {became}")
}
