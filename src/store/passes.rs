//! The record of real passes: when, where and by which settings, what each saw, and what came of it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::params;

use super::{Doing, Store};
use crate::model::State;
use crate::zone::stored_instant;

/// What is known of a pass when it begins.
#[derive(Debug)]
pub struct PassBeginning<'a> {
    /// Its instant.
    pub at: DateTime<Utc>,
    /// The computer.
    pub host: &'a str,
    /// The mark of its process.
    pub process: Option<&'a str>,
    /// The program's version.
    pub version: &'a str,
    /// The last change before it read the chain.
    pub chain_change: i64,
    /// The interfaces in force, as JSON, without secrets.
    pub settings: &'a str,
    /// Secrets that could not be read, as [`crate::settings::SecretSource`] names them, and why.
    pub secrets_missing: BTreeMap<String, String>,
    /// The end of the reminder window, and whether it looks ahead.
    pub reminder_window: Option<(DateTime<Utc>, bool)>,
    /// The confirmation window, both dates inclusive.
    pub confirmation_window: Option<(NaiveDate, NaiveDate)>,
    /// How many messages it sends at most.
    pub limit: Option<usize>,
}

/// What a pass saw of the database: nothing that came later is part of its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassMark {
    /// The pass.
    pub pass_id: i64,
    /// The last change before it read interfaces, branches, types and texts.
    pub chain_change: i64,
    /// The last change before it read appointments, customers and messages.
    pub last_change: i64,
    /// The newest message.
    pub last_message: i64,
    /// Messages that somebody else was handing over.
    pub in_flight: Vec<i64>,
}

/// The counts of a pass.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PassCounts {
    /// All messages.
    pub messages: usize,
    /// Messages by state.
    pub by_state: [usize; State::ALL.len()],
    /// Appointments in the reminder window that were not reminded.
    pub skipped: usize,
    /// The same by reason, in the word of the JSON report.
    pub skipped_by_reason: BTreeMap<&'static str, usize>,
    /// Messages that a limit has left for the next pass.
    pub over_limit: usize,
    /// Warnings.
    pub warnings: usize,
}

impl Store {
    /// The number of the last change; 0 if none has been recorded.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn last_change(&self) -> anyhow::Result<i64> {
        self.connection
            .query_row("SELECT coalesce(max(seq), 0) FROM main.change", [], |row| row.get(0))
            .doing(self, "looking for changes")
    }

    /// Begins the record of a pass; returns its id.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn begin_pass(&self, pass: &PassBeginning<'_>) -> anyhow::Result<i64> {
        let missing = (!pass.secrets_missing.is_empty()).then(|| serde_json::json!(pass.secrets_missing).to_string());
        self.connection
            .query_row(
                "INSERT INTO pass (at, host, process, version, chain_change, secrets_missing, reminder_until, look_ahead,
                 confirmation_from, confirmation_to, settings, message_limit)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) RETURNING id",
                params![
                    stored_instant(pass.at),
                    pass.host,
                    pass.process,
                    pass.version,
                    pass.chain_change,
                    missing,
                    pass.reminder_window.map(|(until, _)| stored_instant(until)),
                    pass.reminder_window.map(|(_, look_ahead)| look_ahead),
                    pass.confirmation_window.map(|(from, _)| from.to_string()),
                    pass.confirmation_window.map(|(_, to)| to.to_string()),
                    pass.settings,
                    pass.limit.map(|limit| i64::try_from(limit).unwrap_or(i64::MAX)),
                ],
                |row| row.get(0),
            )
            .doing(self, "beginning the record of the pass")
    }

    /// Records up to which change and message a pass sees the database from now on.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn mark_pass(&self, id: i64) -> anyhow::Result<PassMark> {
        let doing = "beginning the record of the pass";
        // Nobody else can write while the transaction lasts.
        self.transaction(|| {
            let (chain_change, last_change, last_message, in_flight): (i64, i64, i64, String) = self
                .connection
                .query_row(
                    "UPDATE pass SET
                         last_change = (SELECT coalesce(max(seq), 0) FROM change),
                         last_message = (SELECT coalesce(max(id), 0) FROM message),
                         in_flight = (
                             SELECT json_group_array(id) FROM message
                             WHERE state = 'sending'
                         )
                     WHERE id = ?1
                     RETURNING coalesce(chain_change, 0), last_change, last_message, in_flight",
                    [id],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
                )
                .doing(self, doing)?;
            let in_flight = serde_json::from_str(&in_flight).unwrap_or_default();
            Ok(PassMark { pass_id: id, chain_change, last_change, last_message, in_flight })
        })
    }

    /// Completes the record of a pass that took as long as given.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn finish_pass(
        &self,
        id: i64,
        (finished_at, took): (DateTime<Utc>, std::time::Duration),
        result: &str,
        exit_status: u8,
        counts: &PassCounts,
    ) -> anyhow::Result<()> {
        let of = |state: State| -> i64 {
            let index = State::ALL.iter().position(|other| *other == state).unwrap_or_default();
            i64::try_from(counts.by_state[index]).unwrap_or(i64::MAX)
        };
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.connection
            .execute(
                "UPDATE pass SET finished_at = ?2, result = ?3, exit_status = ?4, messages = ?5, sent = ?6,
                 handed_over = ?7, failed = ?8, uncertain = ?9, deferred = ?10, withdrawn = ?11, skipped = ?12,
                 warnings = ?13, took_ms = ?14, skipped_by_reason = ?15, over_limit = ?16 WHERE id = ?1",
                params![
                    id,
                    stored_instant(finished_at),
                    result,
                    exit_status,
                    number(counts.messages),
                    of(State::Sent),
                    of(State::HandedOver),
                    of(State::Failed),
                    of(State::Uncertain),
                    of(State::Deferred),
                    of(State::Withdrawn),
                    number(counts.skipped),
                    number(counts.warnings),
                    i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
                    serde_json::json!(counts.skipped_by_reason).to_string(),
                    number(counts.over_limit),
                ],
            )
            .map(|_| ())
            .doing(self, "completing the record of the pass")
    }
}
