//! The words of a forecast.

use chrono::{DateTime, NaiveDateTime, Utc};

use super::{Lang, Noun, count, moment, say, unusable};
use crate::model::{Branch, Channel, Kind};
use crate::report::forecast::{Forecast, Rhythm, Volume};
use crate::report::{PassResult, Warning};
use crate::zone::Zone;

/// The title of a table or of one of its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The table by pass.
    ByPass,
    /// The table by branch.
    ByBranch,
    /// When a pass is.
    Pass,
    /// A branch.
    Branch,
    /// All messages.
    Messages,
    /// Messages by a channel.
    By(Channel),
    /// The parts of text messages.
    Segments,
}

/// The columns of numbers, in their order.
pub const COLUMNS: [Column; 6] = [
    Column::Messages,
    Column::By(Channel::Email),
    Column::By(Channel::Sms),
    Column::Segments,
    Column::By(Channel::Letter),
    Column::By(Channel::Phone),
];

impl Column {
    /// The number in this column; that of all messages where it has none of its own.
    #[must_use]
    pub fn number(self, volume: &Volume) -> usize {
        match self {
            Self::By(channel) => volume.by(channel),
            Self::Segments => volume.sms_segments,
            Self::ByPass | Self::ByBranch | Self::Pass | Self::Branch | Self::Messages => volume.sum(),
        }
    }
}

/// The title of a table or column.
#[must_use]
pub const fn column(lang: Lang, column: Column) -> &'static str {
    match column {
        Column::ByPass => lang.pick("Nach Lauf", "By pass"),
        Column::ByBranch => lang.pick("Nach Filiale", "By branch"),
        Column::Pass => lang.pick("Lauf", "Pass"),
        Column::Branch => lang.pick("Filiale", "Branch"),
        Column::Messages => lang.pick("Nachrichten", "Messages"),
        Column::By(Channel::Email) => lang.pick("E-Mail", "E-mail"),
        Column::By(Channel::Sms) => "SMS",
        Column::By(Channel::Letter) => lang.pick("Brief", "Letter"),
        Column::By(Channel::Phone) => lang.pick("Anruf", "Call"),
        Column::Segments => lang.pick("SMS-Teile", "SMS parts"),
    }
}

/// What this is.
#[must_use]
pub fn title(lang: Lang, forecast: &Forecast) -> String {
    let zone = forecast.zone().name();
    say!(lang, "Vorschau der Terminbenachrichtigung ({zone})", "Forecast of the appointment reminders ({zone})")
}

/// What this is, of when, and on what it rests.
#[must_use]
pub fn head(lang: Lang, forecast: &Forecast) -> Vec<String> {
    let mut lines = vec![
        title(lang, forecast),
        lang.pick(
            "Nur zur Ansicht: Es wurde nichts gesendet und nichts gespeichert.",
            "For viewing only: nothing was sent and nothing was stored.",
        )
        .to_owned(),
    ];
    lines.extend(span(lang, forecast));
    lines.push(
        lang.pick(
            "Jeder Lauf rechnet mit dem, was die Läufe vor ihm senden würden; die Daten bleiben, wie sie sind.",
            "Each pass reckons with what those before it would send; the data stay as they are.",
        )
        .to_owned(),
    );
    lines.extend(not_in_operation(lang, forecast.not_in_operation()));
    if let Some(pass) = forecast.first_pass().filter(|_| !forecast.sent_before()) {
        lines.push(first_pass(lang, forecast.zone().local(pass.at), &pass.volume()));
        if pass.left > 0 {
            let left = count(lang, pass.left, Noun::Message);
            lines.push(say!(
                lang,
                "Für die Läufe danach ließe er liegen: {left}.",
                "It would leave for later ones: {left}."
            ));
        }
    }
    lines
}

fn span(lang: Lang, forecast: &Forecast) -> Option<String> {
    let zone = forecast.zone();
    let (first, last) = (forecast.passes().first()?, forecast.passes().last()?);
    let (from, to) = (moment(lang, zone.local(first.at)), moment(lang, zone.local(last.at)));
    let passes = super::explain::passes(lang, forecast.passes().len());
    let minute = zone.local(first.at).format("%M");
    let rhythm = match forecast.rhythm() {
        Rhythm::Recorded => say!(
            lang,
            "{passes}, stündlich zur Minute {minute} wie die letzten",
            "{passes}, hourly at minute {minute} as the last ones"
        ),
        Rhythm::Asked | Rhythm::FromNow => say!(lang, "{passes}, stündlich", "{passes}, hourly"),
    };
    Some(say!(lang, "Von {from} bis {to}: {rhythm}.", "From {from} to {to}: {rhythm}."))
}

/// That the service is taken as in operation, and why it is not.
fn not_in_operation(lang: Lang, why: &[Warning]) -> Option<String> {
    let causes = why.iter().filter_map(|warning| match warning {
        Warning::ServiceUnusable { cause, .. } => Some(unusable(lang, cause).0),
        _ => None,
    });
    let causes = causes.collect::<Vec<_>>().join("; ");
    (!causes.is_empty()).then(|| {
        say!(
            lang,
            "Die Terminbenachrichtigung ist nicht in Betrieb, {causes}. Gerechnet ist, als wäre sie es.",
            "The appointment notification is not in operation, {causes}. This is as if it were."
        )
    })
}

/// What the very first pass, at that local time, would send, for someone who is about to switch it on.
#[must_use]
pub fn first_pass(lang: Lang, at: NaiveDateTime, sends: &Volume) -> String {
    let (at, volume) = (moment(lang, at), volume(lang, sends));
    say!(
        lang,
        "Es hat noch kein Lauf gesendet. Der erste, {at}, würde senden: {volume}.",
        "No pass has sent anything yet. The first one, {at}, would send {volume}."
    )
}

/// Messages in numbers, in one phrase.
#[must_use]
pub fn volume(lang: Lang, volume: &Volume) -> String {
    let mut phrase = count(lang, volume.sum(), Noun::Message);
    let each = Channel::ALL.iter().map(|channel| (*channel, volume.by(*channel))).filter(|(_, number)| *number > 0);
    let each = each.map(|(channel, number)| match channel {
        Channel::Sms => {
            let segments = count(lang, volume.sms_segments, Noun::Segment);
            format!("{} ({segments})", count(lang, number, Noun::By(channel)))
        }
        _ => count(lang, number, Noun::By(channel)),
    });
    let each = each.collect::<Vec<_>>().join(", ");
    if !each.is_empty() {
        phrase.push_str(": ");
        phrase.push_str(&each);
    }
    phrase
}

/// One instant, or the first and the last of several.
#[must_use]
pub fn when(lang: Lang, zone: Zone, first: DateTime<Utc>, last: DateTime<Utc>) -> String {
    let (from, to) = (zone.local(first), zone.local(last));
    if first == last {
        return moment(lang, from);
    }
    let to = if from.date() == to.date() { to.format("%H:%M").to_string() } else { moment(lang, to) };
    let from = moment(lang, from);
    say!(lang, "{from} bis {to}", "{from} to {to}")
}

/// A branch, its code first, since a narrow column has no room for more.
#[must_use]
pub fn branch(lang: Lang, id: i64, branch: Option<&Branch>) -> String {
    match branch {
        Some(Branch { code, name, .. }) => format!("{code} {name}").trim().to_owned(),
        None => say!(lang, "Filiale {id}", "Branch {id}"),
    }
}

/// Why passes would send nothing.
#[must_use]
pub fn nothing(lang: Lang, result: PassResult, passes: usize) -> String {
    let why = match result {
        PassResult::Quiet => lang.pick("Ruhezeit", "quiet time"),
        PassResult::Inactive => lang.pick("nicht in Betrieb", "not in operation"),
        PassResult::Complete => lang.pick("nichts zu senden", "nothing to send"),
    };
    if passes == 1 { why.to_owned() } else { format!("{why} ({})", super::explain::passes(lang, passes)) }
}

/// All that would be sent, and to whom nothing can be.
#[must_use]
pub fn summary(lang: Lang, forecast: &Forecast) -> Vec<String> {
    let total = forecast.total();
    let all = volume(lang, &total);
    let (reminders, confirmations) = (total.of_kind(Kind::Reminder), total.of_kind(Kind::Confirmation));
    let mut lines = vec![if total.sum() == 0 {
        lang.pick("Zusammen: keine Nachrichten.", "In all: no messages.").to_owned()
    } else {
        say!(
            lang,
            "Zusammen: {all}. Davon Erinnerungen {reminders}, Bestätigungen {confirmations}.",
            "In all: {all}. Of these reminders {reminders}, confirmations {confirmations}."
        )
    }];
    lines.extend(over_the_limit(lang, forecast));
    let unreachable = forecast.unreachable();
    if unreachable > 0 {
        let appointments = count(lang, unreachable, Noun::Appointment);
        lines.push(say!(
            lang,
            "Auf keinem Weg erreichbar: {appointments}; terminbote check nennt die Kunden.",
            "Reachable by no channel: {appointments}; terminbote check names the customers."
        ));
    }
    lines
}

/// How long a limit leaves something for the next pass.
fn over_the_limit(lang: Lang, forecast: &Forecast) -> Vec<String> {
    let left: Vec<usize> =
        forecast.passes().iter().filter(|pass| pass.result == PassResult::Complete).map(|pass| pass.left).collect();
    if left.iter().all(|left| *left == 0) {
        return Vec::new();
    }
    let mut lines = Vec::new();
    if let Some(before) = left.iter().position(|left| *left == 0) {
        let passes = before + 1;
        lines.push(say!(
            lang,
            "Sendende Läufe, bis zum ersten Mal nichts liegen bleibt (--limit): {passes}.",
            "Passes that send until nothing is left for the first time (--limit): {passes}."
        ));
    }
    if let Some(left) = left.last().filter(|left| **left > 0) {
        let left = count(lang, *left, Noun::Message);
        lines.push(say!(
            lang,
            "Nach dem letzten Lauf bleiben liegen (--limit): {left}.",
            "Left after the last pass (--limit): {left}."
        ));
    }
    lines
}
