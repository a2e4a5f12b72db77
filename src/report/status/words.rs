//! The words of `terminbote status`, German and English beside each other.

use chrono::{DateTime, Duration, Utc};

use super::super::words::{Lang, Noun, count, moment, say};
use super::{Concern, NextPass, PassLine, StatusReport};
use crate::exit::ExitStatus;
use crate::model::PassResult;
use crate::zone::Zone;

/// Where the lines begin behind their titles.
pub(super) const COLUMN: usize = 17;

/// How things stand, in one line.
pub(super) fn summary(lang: Lang, report: &StatusReport) -> String {
    let last = match (&report.last_good, report.age()) {
        (Some(pass), Some(age)) => {
            let (age, at) = (time(lang, age), local(lang, report.zone, pass.record.at));
            say!(lang, "letzter guter Lauf vor {age} ({at})", "last good pass {age} ago ({at})")
        }
        _ => lang.pick("noch kein guter Lauf", "no good pass yet").to_owned(),
    };
    match report.exit_status() {
        ExitStatus::NoGoodPass => {
            let most = time(lang, report.max_age);
            let todo = report.concerns.first().map_or_else(
                || {
                    let words = "see whether terminbote still runs once an hour";
                    lang.pick("sehen Sie nach, ob terminbote noch stündlich läuft", words).to_owned()
                },
                |first| concern(lang, report.zone, first),
            );
            say!(lang, "{last}, erlaubt sind {most}; {todo}", "{last}, {most} are allowed; {todo}")
        }
        ExitStatus::NeedsPerson => {
            let first = report.concerns.first().map(|first| concern(lang, report.zone, first)).unwrap_or_default();
            match report.concerns.len() {
                1 => first,
                number => say!(lang, "{number} Dinge zu erledigen: {first}", "{number} things to see to: {first}"),
            }
        }
        _ => match report.next {
            Some(NextPass { at, .. }) => {
                let at = local(lang, report.zone, at);
                say!(lang, "{last}; der nächste, der sendet: {at}", "{last}; the next one that sends: {at}")
            }
            None => last,
        },
    }
}

/// Why nothing can be told.
pub(super) fn cannot_tell(lang: Lang, problem: &str) -> String {
    say!(lang, "nicht festzustellen: {problem}", "cannot tell: {problem}")
}

/// Everything else, each with its title.
pub(super) fn details(lang: Lang, report: &StatusReport) -> Vec<(&'static str, String)> {
    let zone = report.zone;
    let mut lines = Vec::new();
    for concern in &report.concerns {
        lines.push((lang.pick("Zu erledigen:", "Needs a person:"), self::concern(lang, zone, concern)));
    }
    let pass = |pass: &Option<PassLine>| match pass {
        Some(pass) => self::pass(lang, zone, pass),
        None => lang.pick("keiner", "none").to_owned(),
    };
    lines.push((lang.pick("Letzter Lauf:", "Last pass:"), pass(&report.newest)));
    if report.last_complete != report.newest {
        lines.push((lang.pick("Letzter Versand:", "Last sending:"), pass(&report.last_complete)));
    }
    if let Some(next) = report.next {
        let at = local(lang, zone, next.at);
        let reach = next.reminder_window.map_or_else(String::new, |(until, look_ahead)| {
            let until = local(lang, zone, until);
            let why = if look_ahead { lang.pick(" (mit Vorausschau)", " (looking ahead)") } else { "" };
            say!(
                lang,
                "; erinnert an Termine, die vor {until} beginnen{why}",
                "; reminds of appointments that start before {until}{why}",
            )
        });
        lines.push((lang.pick("Nächster:", "Next:"), format!("{at}{reach}")));
    }
    let (uncertain, deferred) = report.unsure;
    lines.push((
        lang.pick("Nachrichten:", "Messages:"),
        say!(
            lang,
            "{uncertain} ungewiss, {deferred} zurückgestellt (zu künftigen Terminen)",
            "{uncertain} of unknown fate, {deferred} deferred (about appointments ahead)",
        ),
    ));
    let (open, missed) = report.tasks;
    lines.push((
        lang.pick("Aufgaben:", "Tasks:"),
        say!(lang, "{open} offen, {missed} versäumt", "{open} open, {missed} missed"),
    ));
    if !report.in_trouble.is_empty() {
        let ids = report.in_trouble.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        lines.push((lang.pick("Gestört:", "In trouble:"), say!(lang, "Schnittstelle {ids}", "interface {ids}")));
    }
    lines
}

/// Something that a person must see to, and what to do.
pub(super) fn concern(lang: Lang, zone: Zone, concern: &Concern) -> String {
    match concern {
        Concern::Stops(problem) => {
            say!(lang, "Jeder Lauf bricht ab: {problem}", "every pass stops with an error: {problem}",)
        }
        Concern::BrokeOff(pass) => {
            let at = local(lang, zone, pass.record.at);
            say!(
                lang,
                "Der Lauf vom {at} ist abgebrochen; der nächste räumt auf, sehen Sie im Protokoll des Rechners nach",
                "the pass of {at} broke off; the next one tidies up, look into the computer's log",
            )
        }
        Concern::Warned { de, en, .. } => match lang {
            Lang::De => de.clone(),
            Lang::En => en.clone(),
        },
        Concern::Messages { failed, uncertain, deferred } => {
            let parts = [
                (*failed, lang.pick("gescheitert", "failed")),
                (*uncertain, lang.pick("ungewiss", "of unknown fate")),
                (*deferred, lang.pick("zurückgestellt", "deferred")),
            ];
            let parts = parts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}"));
            let parts = parts.collect::<Vec<_>>().join(", ");
            say!(
                lang,
                "Nachrichten des letzten Versands: {parts}; sein Bericht nennt sie",
                "messages of the last sending: {parts}; its report names them",
            )
        }
        Concern::SeeReport => lang
            .pick(
                "Der letzte Versand endete mit Status 1; sein Bericht sagt, was zu tun ist",
                "the last sending ended with status 1; its report says what to do",
            )
            .to_owned(),
        Concern::Uncertain(number) => {
            let messages = count(lang, *number, Noun::Message);
            say!(
                lang,
                "{messages} zu künftigen Terminen: ob angekommen, ist ungewiss; „terminbote history --state uncertain“ \
                 zeigt sie, mit „terminbote settle“ festhalten, was daraus wurde",
                "{messages} about appointments ahead may or may not have arrived; `terminbote history --state \
                 uncertain` shows them, say what became of them with `terminbote settle`",
            )
        }
        Concern::TasksMissed(number) => {
            let tasks = count(lang, *number, Noun::Task);
            say!(
                lang,
                "{tasks} seit gestern versäumt (siehe „terminbote tasks“)",
                "{tasks} missed since yesterday (see `terminbote tasks`)",
            )
        }
    }
}

fn pass(lang: Lang, zone: Zone, pass: &PassLine) -> String {
    let (at, host) = (local(lang, zone, pass.record.at), &pass.record.host);
    let how = match (pass.record.result, pass.record.finished_at) {
        (None, _) | (_, None) if pass.running => lang.pick("im Gange", "running").to_owned(),
        (None, _) | (_, None) => lang.pick("abgebrochen", "broke off").to_owned(),
        (Some(result), Some(_)) => {
            let result = match result {
                PassResult::Complete => lang.pick("vollständig", "complete"),
                PassResult::Quiet => lang.pick("Ruhezeit", "quiet time"),
                PassResult::Inactive => lang.pick("nicht in Betrieb", "inactive"),
            };
            match pass.record.exit_status {
                Some(status) if status != 0 => say!(lang, "{result}, Status {status}", "{result}, status {status}"),
                _ => result.to_owned(),
            }
        }
    };
    say!(lang, "{at}, {how} (Rechner {host})", "{at}, {how} (computer {host})")
}

fn local(lang: Lang, zone: Zone, at: DateTime<Utc>) -> String {
    moment(lang, zone.local(at))
}

/// A length of time, to the minute.
fn time(lang: Lang, time: Duration) -> String {
    let (days, hours, minutes) = (time.num_days(), time.num_hours(), time.num_minutes());
    let rest = minutes % 60;
    match (days, hours) {
        (2.., _) => say!(lang, "{days} Tagen", "{days} days"),
        (_, 0) => say!(lang, "{minutes} Min.", "{minutes} min"),
        (..) if rest == 0 => say!(lang, "{hours} Std.", "{hours} h"),
        (..) => say!(lang, "{hours} Std. {rest} Min.", "{hours} h {rest} min"),
    }
}
