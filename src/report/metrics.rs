//! The figures of a pass in the text format of Prometheus, for the textfile collector of its
//! node exporter. They are all gauges: of the newest pass, and of how things stand after it. Nothing
//! in them is about a customer.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::io;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Closing, Fate, Heading, MessageReport, PassResult, Printer};
use crate::model::{Channel, Kind, State};
use crate::rules::reason::ReasonKind;

/// What a message has become by the end of its pass.
const OUTCOMES: [State; 6] =
    [State::Sent, State::HandedOver, State::Uncertain, State::Failed, State::Deferred, State::Withdrawn];

/// What automatic messages are for, and how they can go.
const WAYS: [(Kind, Channel); 5] = [
    (Kind::Confirmation, Channel::Email),
    (Kind::Reminder, Channel::Email),
    (Kind::Reminder, Channel::Sms),
    (Kind::Reminder, Channel::Letter),
    (Kind::Reminder, Channel::Phone),
];

/// What is counted while a pass goes.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    at: Option<DateTime<Utc>>,
    result: Option<PassResult>,
    messages: BTreeMap<(Kind, Channel, State), usize>,
    segments: usize,
    skipped: BTreeMap<&'static str, usize>,
    warnings: [usize; 2],
    /// Whether the pass came to its end.
    finished: bool,
}

/// Hands a report on to a printer, and counts.
pub struct Counting<'p> {
    report: &'p mut dyn Printer,
    counts: &'p mut Counts,
}

impl<'p> Counting<'p> {
    /// Counts what passes through to `report`.
    pub fn new(report: &'p mut dyn Printer, counts: &'p mut Counts) -> Self {
        Self { report, counts }
    }
}

impl fmt::Debug for Counting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counting").field("counts", &self.counts).finish_non_exhaustive()
    }
}

impl Printer for Counting<'_> {
    fn begin(&mut self, heading: &Heading) -> io::Result<()> {
        self.counts.at = Some(heading.at.to_utc());
        self.counts.result = Some(heading.result);
        self.report.begin(heading)
    }

    fn message(&mut self, message: &MessageReport) -> io::Result<()> {
        if let Fate::Settled(state) = message.fate {
            *self.counts.messages.entry((message.kind, message.channel, state)).or_default() += 1;
            if matches!(state, State::Sent | State::Uncertain) {
                self.counts.segments += message.sms_segments.unwrap_or_default();
            }
        }
        self.report.message(message)
    }

    fn finish(&mut self, closing: &Closing) -> io::Result<()> {
        for skipped in &closing.skipped {
            *self.counts.skipped.entry(skipped.reason.word()).or_default() += 1;
        }
        for warning in &closing.warnings {
            self.counts.warnings[usize::from(warning.needs_person())] += 1;
        }
        self.counts.finished = true;
        self.report.finish(closing)
    }

    fn so_far(&mut self, messages: usize) {
        self.report.so_far(messages);
    }
}

/// How things stand after a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// When the last good pass ended; `None` if there was none.
    pub last_good: Option<DateTime<Utc>>,
    /// Messages about appointments ahead of unknown fate.
    pub uncertain: usize,
    /// Deferred ones.
    pub deferred: usize,
    /// Tasks to be done.
    pub tasks_open: usize,
    /// Tasks that nobody did in time.
    pub tasks_missed: usize,
}

/// The figures of a pass.
#[derive(Debug)]
pub struct Metrics<'a> {
    /// What was counted.
    pub counts: &'a Counts,
    /// When the program started, for a pass that did not come as far as to begin its report.
    pub started: DateTime<Utc>,
    /// How long the pass took.
    pub duration: Duration,
    /// Its exit status.
    pub exit_status: u8,
    /// How things stand; `None` if the database cannot be read.
    pub standing: Option<Standing>,
}

impl Metrics<'_> {
    /// The figures, one a line, each of a kind below its help.
    #[must_use]
    pub fn text(&self) -> String {
        let counts = self.counts;
        let mut text = Exposition::default();
        text.head("build_info", "The version of the program, with the value 1.");
        text.labelled("build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
        text.head("last_pass_timestamp_seconds", "When the newest pass began.");
        text.value("last_pass_timestamp_seconds", counts.at.unwrap_or(self.started).timestamp());
        text.head("last_pass_duration_seconds", "How long the newest pass took.");
        text.value("last_pass_duration_seconds", format_args!("{:.3}", self.duration.as_secs_f64()));
        text.head(
            "last_pass_exit_status",
            "The exit status of the newest pass: 0 complete, 1 needs a person, else an error.",
        );
        text.value("last_pass_exit_status", self.exit_status);
        text.head("last_pass_result", "How the newest pass went, with the value 1 for what holds.");
        let result = counts.result.filter(|_| counts.finished).map_or("failed", PassResult::word);
        for word in [PassResult::Complete.word(), PassResult::Quiet.word(), PassResult::Inactive.word(), "failed"] {
            text.labelled("last_pass_result", &[("result", word)], u8::from(word == result));
        }
        text.head("last_pass_messages", "Messages of the newest pass.");
        for (kind, channel) in WAYS {
            for outcome in OUTCOMES {
                let labels = [("kind", kind.word()), ("channel", channel.word()), ("outcome", outcome.word())];
                let number = counts.messages.get(&(kind, channel, outcome)).copied().unwrap_or_default();
                text.labelled("last_pass_messages", &labels, number);
            }
        }
        text.head("last_pass_sms_segments", "Parts of text messages that the newest pass has sent, as they are paid.");
        text.value("last_pass_sms_segments", counts.segments);
        text.head(
            "last_pass_skipped_appointments",
            "Appointments of the reminder window that got no reminder in the newest pass.",
        );
        for word in ReasonKind::ALL.iter().copied().map(ReasonKind::word) {
            text.labelled(
                "last_pass_skipped_appointments",
                &[("reason", word)],
                counts.skipped.get(word).copied().unwrap_or_default(),
            );
        }
        text.head("last_pass_warnings", "Warnings of the newest pass.");
        for (needs_person, number) in ["no", "yes"].into_iter().zip(counts.warnings) {
            text.labelled("last_pass_warnings", &[("needs_person", needs_person)], number);
        }
        if let Some(standing) = &self.standing {
            text.standing(standing);
        }
        text.0
    }
}

/// Text that grows line by line.
#[derive(Default)]
struct Exposition(String);

impl Exposition {
    fn standing(&mut self, standing: &Standing) {
        if let Some(at) = standing.last_good {
            self.head("last_good_pass_timestamp_seconds", "When the last pass ended that did what it was to do.");
            self.value("last_good_pass_timestamp_seconds", at.timestamp());
        }
        self.head("unsettled_messages", "Messages about appointments ahead that have met no fate.");
        self.labelled("unsettled_messages", &[("state", "uncertain")], standing.uncertain);
        self.labelled("unsettled_messages", &[("state", "deferred")], standing.deferred);
        self.head("tasks", "Letters and calls that are not done.");
        self.labelled("tasks", &[("state", "open")], standing.tasks_open);
        self.labelled("tasks", &[("state", "missed")], standing.tasks_missed);
    }

    fn head(&mut self, name: &str, help: &str) {
        // A string takes whatever is written to it.
        let _ = write!(self.0, "# HELP terminbote_{name} {help}\n# TYPE terminbote_{name} gauge\n");
    }

    fn value(&mut self, name: &str, value: impl fmt::Display) {
        let _ = writeln!(self.0, "terminbote_{name} {value}");
    }

    fn labelled(&mut self, name: &str, labels: &[(&str, &str)], value: impl fmt::Display) {
        // All labels are our own words, so that none needs an escape.
        let labels: Vec<_> = labels.iter().map(|(label, word)| format!("{label}=\"{word}\"")).collect();
        let _ = writeln!(self.0, "terminbote_{name}{{{}}} {value}", labels.join(","));
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::reasons;
    use super::*;
    use crate::rules::reason::Reason;

    #[test]
    fn every_reason_has_its_figure() {
        let kinds: Vec<_> = reasons().iter().map(Reason::kind).collect();
        assert!(ReasonKind::ALL.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    }
}
