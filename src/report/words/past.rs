//! The words of a look at the past: what became of a message, and what has changed since.

use super::{Lang, channel, fate, quoted, reply, say};
use crate::model::{RecordedMessage, Since};
use crate::report::{Fate, Replay};

/// What the record has of a message.
pub(in crate::report) fn recorded(lang: Lang, message: &RecordedMessage) -> String {
    let (id, by, address) = (message.id, channel(lang, message.channel), &message.address);
    let outcome = fate(lang, Fate::Settled(message.state));
    let mut text = say!(
        lang,
        "Im Verlauf: Nachricht {id}, {by} an {address}: {outcome}",
        "In the record: message {id}, {by} to {address}: {outcome}",
    );
    let with_error = |text: String, error: &Option<String>| match error {
        Some(error) => format!("{text} ({})", reply(lang, error)),
        None => text,
    };
    text = with_error(text, &message.error);
    match message.now {
        Some(now) if now == message.state => {}
        Some(now) => {
            let now = fate(lang, Fate::Settled(now));
            let now = say!(lang, "; inzwischen {now}", "; meanwhile {now}");
            text.push_str(&with_error(now, &message.now_error));
        }
        None => text.push_str(lang.pick("; inzwischen gelöscht", "; meanwhile deleted")),
    }
    text
}

/// What has changed since in one value, or with a whole row.
pub(in crate::report) fn since(lang: Lang, since: &Since) -> String {
    let part = if since.part == 0 { String::new() } else { format!("/{}", since.part) };
    let row = format!("{} {}{part}", since.table, since.row);
    let Some(column) = since.column else {
        return match since.now {
            Some(_) => say!(lang, "Seitdem neu: {row}", "New since: {row}"),
            None => say!(lang, "Seitdem gelöscht: {row}", "Deleted since: {row}"),
        };
    };
    // Texts and settings are too long for a line, and settings have secrets.
    if matches!(column, "body" | "settings") {
        return say!(lang, "Seitdem geändert: {row}, {column}", "Changed since: {row}, {column}");
    }
    let shown = |value: &Option<String>| match value {
        Some(value) => quoted(lang, value),
        None => lang.pick("leer", "empty").to_owned(),
    };
    let (then, now) = (shown(&since.then), shown(&since.now));
    say!(
        lang,
        "Seitdem geändert: {row}, {column}: damals {then}, jetzt {now}",
        "Changed since: {row}, {column}: {then} then, {now} now",
    )
}

/// What is to be said of a recorded pass as a whole.
pub(in crate::report) fn replay(lang: Lang, replay: &Replay) -> Vec<String> {
    let (id, host, version) = (replay.pass.id, &replay.pass.host, &replay.pass.version);
    let mut points = vec![say!(
        lang,
        "Das ist der Lauf {id} vom Rechner {host} (Programmversion {version}), mit den Daten, die er sah. Was aus den \
         Nachrichten wurde, steht bei jeder.",
        "This is pass {id} of the computer {host} (program version {version}), with the data that it saw. What became \
         of the messages stands beside each.",
    )];
    if !replay.unplanned.is_empty() {
        let ids: Vec<_> = replay.unplanned.iter().map(ToString::to_string).collect();
        let ids = ids.join(", ");
        let why = if replay.is_limited {
            lang.pick(
                "Dieser Probelauf zeigt nur die eiligsten (--limit).",
                "This dry run shows only the most urgent ones (--limit).",
            )
        } else {
            lang.pick(
                "Eine andere Programmversion kann anders entscheiden, oder es fehlen alte Werte.",
                "Another version of the program may decide otherwise, or old values are missing.",
            )
        };
        points.push(say!(
            lang,
            "Der Verlauf hat von diesem Lauf auch Nachrichten, die hier nicht entstehen ({ids}). {why}",
            "The record also has messages of this pass that do not come about here ({ids}). {why}",
        ));
    }
    points.extend(replay.since.iter().map(|change| since(lang, change)));
    points
}
