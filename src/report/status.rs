//! What `terminbote status` tells: whether passes still do their work, and what needs a person.
//!
//! The exit status and the first line are as Nagios and Icinga read them from a plugin: one line with
//! figures behind a bar, then as many lines as wanted. Nothing in it is about a customer.

mod words;

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::json_text;
use super::lines::{Page, clean};
use super::words::Lang;
use crate::exit::ExitStatus;
use crate::model::{PassResult, RecordedPass};
use crate::zone::Zone;

/// A pass of the record, as things stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassLine {
    /// What the record says.
    pub record: RecordedPass,
    /// Whether it is still at it.
    pub running: bool,
}

/// Something that a person must see to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Concern {
    /// Every pass stops with this error.
    Stops(String),
    /// The newest pass has broken off.
    BrokeOff(PassLine),
    /// The newest pass warned of it.
    Warned {
        /// The code in the JSON report.
        code: String,
        /// In German.
        de: String,
        /// In English.
        en: String,
    },
    /// Messages of the newest pass that looked at the appointments failed, became uncertain, or were
    /// deferred by trouble.
    Messages {
        /// Failed ones.
        failed: i64,
        /// Uncertain ones.
        uncertain: i64,
        /// Deferred ones.
        deferred: i64,
    },
    /// The newest pass ended with status 1, for what only its report tells.
    SeeReport,
    /// Messages about appointments ahead whose fate is unknown.
    Uncertain(usize),
    /// Tasks that were needed within the last day and that nobody did.
    TasksMissed(usize),
}

impl Concern {
    /// The word in the JSON report.
    fn code(&self) -> &str {
        match self {
            Self::Stops(_) => "configuration_error",
            Self::BrokeOff(_) => "broke_off",
            Self::Warned { code, .. } => code,
            Self::Messages { .. } => "messages",
            Self::SeeReport => "see_report",
            Self::Uncertain(_) => "uncertain",
            Self::TasksMissed(_) => "tasks_missed",
        }
    }
}

/// The next pass that will look at the appointments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextPass {
    /// Its instant, if passes go on in their rhythm.
    pub at: DateTime<Utc>,
    /// The first start that is outside its reminder window, and whether it looks ahead past quiet
    /// time; `None` if there are no reminders.
    pub reminder_window: Option<(DateTime<Utc>, bool)>,
}

/// How things stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReport {
    /// The instant for which it is told.
    pub at: DateTime<Utc>,
    /// The chain's zone.
    pub zone: Zone,
    /// For how long the last good pass may have ended.
    pub max_age: Duration,
    /// The newest pass.
    pub newest: Option<PassLine>,
    /// The newest one that looked at the appointments.
    pub last_complete: Option<PassLine>,
    /// The newest one that did what it was to do.
    pub last_good: Option<PassLine>,
    /// What needs a person.
    pub concerns: Vec<Concern>,
    /// Messages about appointments ahead of unknown fate, and deferred ones.
    pub unsure: (usize, usize),
    /// Tasks open and missed.
    pub tasks: (usize, usize),
    /// Interfaces that were in trouble in the newest pass that looked at the appointments.
    pub in_trouble: Vec<i64>,
    /// The next pass that is not quiet.
    pub next: Option<NextPass>,
}

impl StatusReport {
    /// The exit status: 2 without a good pass within the age, else 1 if something needs a person.
    #[must_use]
    pub fn exit_status(&self) -> ExitStatus {
        if self.age().is_none_or(|age| age > self.max_age) {
            ExitStatus::NoGoodPass
        } else if self.concerns.is_empty() {
            ExitStatus::Complete
        } else {
            ExitStatus::NeedsPerson
        }
    }

    /// The time since the last good pass has ended.
    fn age(&self) -> Option<Duration> {
        self.last_good
            .as_ref()
            .map(|pass| (self.at - pass.record.finished_at.unwrap_or(pass.record.at)).max(Duration::zero()))
    }

    /// For people, and for Nagios: the first line is the summary.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let mut page = Page::default();
        for (mark, paragraph) in words::details(lang, self) {
            page.marked(mark, words::COLUMN, &paragraph);
        }
        let status = self.exit_status();
        format!("{} | {}\n{}", first_line(status, &words::summary(lang, self)), self.figures(), page.text())
    }

    /// Figures that monitoring keeps, as its plugins write them.
    fn figures(&self) -> String {
        let (uncertain, deferred) = self.unsure;
        let (open, missed) = self.tasks;
        let most = self.max_age.num_seconds();
        let age = self.age().map_or_else(|| "U".to_owned(), |age| format!("{}s", age.num_seconds()));
        format!(
            "age={age};;{most};0 needs_person={};0;;0 uncertain={uncertain};;;0 deferred={deferred};;;0 \
             tasks_open={open};;;0 tasks_missed={missed};;;0",
            self.concerns.len()
        )
    }

    /// For programs, as one object.
    #[must_use]
    pub fn json(&self, lang: Lang) -> String {
        let instant = |at: DateTime<Utc>| self.zone.with_offset(at).to_rfc3339_opts(SecondsFormat::Secs, false);
        let pass = |pass: &Option<PassLine>| {
            pass.as_ref().map(|pass| {
                json!({
                    "at": instant(pass.record.at),
                    "finished_at": pass.record.finished_at.map(instant),
                    "result": pass.record.result.map(PassResult::word),
                    "exit_status": pass.record.exit_status,
                    "host": pass.record.host,
                    "running": pass.running,
                })
            })
        };
        let concerns = self
            .concerns
            .iter()
            .map(|concern| json!({"code": concern.code(), "text": words::concern(lang, self.zone, concern)}));
        let next = self.next.map(|next| {
            json!({
                "at": instant(next.at),
                "reminder_window": next.reminder_window.map(|(until, look_ahead)| {
                    json!({"until": instant(until), "look_ahead": look_ahead})
                }),
            })
        });
        let report = json!({
            "at": instant(self.at),
            "status": word(self.exit_status()),
            "exit_status": self.exit_status().code(),
            "summary": words::summary(lang, self),
            "age_seconds": self.age().map(|age| age.num_seconds()),
            "max_age_seconds": self.max_age.num_seconds(),
            "last_pass": pass(&self.newest),
            "last_complete_pass": pass(&self.last_complete),
            "last_good_pass": pass(&self.last_good),
            "needs_person": concerns.collect::<Vec<_>>(),
            "messages": {"uncertain": self.unsure.0, "deferred": self.unsure.1},
            "tasks": {"open": self.tasks.0, "missed": self.tasks.1},
            "interfaces_in_trouble": self.in_trouble,
            "next_pass": next,
        });
        printed(&report)
    }
}

/// What is told if nothing can be told, and why.
#[must_use]
pub fn cannot_tell(lang: Lang, problem: &str) -> String {
    let summary = words::cannot_tell(lang, problem);
    first_line(ExitStatus::CannotTell, &summary) + "\n"
}

/// The same for programs.
#[must_use]
pub fn cannot_tell_json(lang: Lang, problem: &str) -> String {
    let status = ExitStatus::CannotTell;
    printed(&json!({
        "status": word(status),
        "exit_status": status.code(),
        "summary": words::cannot_tell(lang, problem),
    }))
}

/// The word for a status in monitoring, whatever the language.
const fn word(status: ExitStatus) -> &'static str {
    match status {
        ExitStatus::Complete => "ok",
        ExitStatus::NeedsPerson => "warning",
        ExitStatus::NoGoodPass => "critical",
        _ => "unknown",
    }
}

/// The summary in one line, in which the bar is for the figures alone.
fn first_line(status: ExitStatus, summary: &str) -> String {
    format!("TERMINBOTE {}: {}", word(status).to_uppercase(), clean(summary).replace('|', "/"))
}

fn printed(report: &Value) -> String {
    json_text::document(report)
}
