//! What was written down after a restored backup, for people and for programs.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::MessageReport;
use super::attention::line;
use super::json_text;
use super::lines::Page;
use super::words::{self, Lang, Noun, moment, say};
use crate::model::Channel;
use crate::zone::Zone;

/// What the passes since a backup would have sent, and is now in the record as uncertain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The zone.
    pub zone: Zone,
    /// The instant of the backup.
    pub since: DateTime<Utc>,
    /// The newest pass that the backup knows, if it was long before that.
    pub long_before: Option<DateTime<Utc>>,
    /// How many messages were being sent in the backup, or of unknown fate, and are left to a person.
    pub left: usize,
    /// How many passes since then would have sent anything, had something been due.
    pub passes: usize,
    /// How many would have found the service not in operation.
    pub inactive: usize,
    /// Each message, with its id and the instant of its pass.
    pub messages: Vec<(i64, DateTime<Utc>, MessageReport)>,
}

/// What was written down, as text.
#[must_use]
pub fn restored(lang: Lang, restored: &Restored) -> String {
    let since = moment(lang, restored.zone.local(restored.since));
    let (messages, passes) = (words::count(lang, restored.messages.len(), Noun::Message), restored.passes);
    let mut page = Page::default();
    page.line(
        0,
        &say!(lang, "Sicherung von {since}; es wurde nichts gesendet.", "Backup of {since}; nothing was sent."),
    );
    page.line(
        0,
        &say!(
            lang,
            "Läufe seither, außerhalb der Ruhezeit: {passes}. Als ungewiss festgehalten: {messages}.",
            "Passes since then, outside quiet time: {passes}. Written down as uncertain: {messages}."
        ),
    );
    if let Some(newest) = restored.long_before {
        let newest = moment(lang, restored.zone.local(newest));
        page.line(
            0,
            &say!(
                lang,
                "Achtung: Der letzte Lauf, den diese Sicherung kennt, ist vom {newest}. Liefen danach noch Läufe, ist die \
                 Sicherung älter als angegeben, und es fehlt, was sie sendeten: Dann `terminbote restored` ohne --since ausführen.",
                "Caution: the newest pass that this backup knows is of {newest}. If passes ran after it, the backup is older \
                 than you said, and what they sent is missing: run `terminbote restored` without --since then."
            ),
        );
    }
    if restored.inactive > 0 {
        let inactive = restored.inactive;
        page.line(
            0,
            &say!(
                lang,
                "Achtung: Bei {inactive} weiteren Läufen war der Dienst nach seinen jetzigen Einstellungen nicht in Betrieb; was \
                 sie sendeten, fehlt. War er es damals, dann diese Einstellungen wiederherstellen (`terminbote check` sagt, \
                 woran es liegt) und `terminbote restored` noch einmal ausführen.",
                "Caution: at {inactive} more passes the service was not in operation by its present settings; what they sent is \
                 missing. If it was at that time, put those settings back (`terminbote check` says why), and run \
                 `terminbote restored` once more."
            ),
        );
    }
    if restored.left > 0 {
        let left = words::count(lang, restored.left, Noun::Message);
        page.line(
            0,
            &say!(
                lang,
                "In der Sicherung unterwegs oder ungewiss, und jetzt ebenfalls als ungewiss festgehalten: {left}. Welche, \
                 sagt `terminbote history --state uncertain`; auch davon wird keine noch einmal gesendet.",
                "On its way in the backup, or uncertain, and now written down as uncertain as well: {left}. `terminbote \
                 history --state uncertain` tells which; none of them is sent once more either."
            ),
        );
    }
    for (id, at, message) in &restored.messages {
        let (message, at) = (line(lang, message), moment(lang, restored.zone.local(*at)));
        page.line(2, &say!(lang, "Nachricht {id}: {message}; Lauf {at}", "message {id}: {message}; pass {at}"));
    }
    if !restored.messages.is_empty() {
        page.line(
            0,
            lang.pick(
                "Keine davon wird noch einmal gesendet. Vergleichen Sie mit den Listen des Mailservers und des SMS-Anbieters: \
                 `terminbote settle NUMMER deferred` für jede, die sicher nicht hinausging; ist ihr Termin noch fällig, sendet sie der \
                 nächste Lauf. `terminbote settle NUMMER sent` für jede, die hinausging.",
                "None of them is sent once more. Compare with the lists of the mail server and the gateway: `terminbote settle \
                 ID deferred` for each that certainly did not go out; the next pass sends it if its appointment is still due. \
                 `terminbote settle ID sent` for each that did.",
            ),
        );
    }
    let is_a_task = |message: &MessageReport| matches!(message.channel, Channel::Letter | Channel::Phone);
    if restored.messages.iter().any(|(_, _, message)| is_a_task(message)) {
        page.line(
            0,
            lang.pick(
                "Briefe und Anrufe stehen in keiner solchen Liste, und ihre Aufgaben sind nicht mehr da: Fragen Sie die Filiale. \
                 `terminbote settle NUMMER deferred` macht wieder eine Aufgabe daraus, wenn der Termin noch fällig ist.",
                "Letters and calls are in no such list, and their tasks are gone: ask the branch. `terminbote settle ID \
                 deferred` makes a task of one again, if its appointment is still due.",
            ),
        );
    }
    page.text().to_owned()
}

/// What was written down, as JSON.
#[must_use]
pub fn restored_json(restored: &Restored) -> String {
    #[derive(Serialize)]
    struct Row {
        message_id: i64,
        at: String,
        kind: &'static str,
        channel: &'static str,
        customer_id: i64,
        address: String,
    }
    #[derive(Serialize)]
    struct Document {
        since: String,
        passes: usize,
        inactive: usize,
        left_in_backup: usize,
        messages: Vec<Row>,
    }
    let show = |at: DateTime<Utc>| restored.zone.with_offset(at).to_rfc3339_opts(SecondsFormat::Secs, false);
    let messages = restored.messages.iter().map(|(id, at, message)| Row {
        message_id: *id,
        at: show(*at),
        kind: message.kind.word(),
        channel: message.channel.word(),
        customer_id: message.customer_id,
        address: message.address.clone(),
    });
    let document = Document {
        since: show(restored.since),
        passes: restored.passes,
        inactive: restored.inactive,
        left_in_backup: restored.left,
        messages: messages.collect(),
    };
    json_text::document(&document)
}
