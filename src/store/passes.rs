//! The record of real passes: when, where and by which settings, what each saw, and what came of it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{OptionalExtension, Row, named_params, params};

use super::{Doing, Store};
use crate::model::{PassResult, RecordedPass, State};
use crate::zone::{parse_stored_instant, stored_instant};

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

/// A pass, as [`recorded_pass`] reads it.
const RECORDED_PASS: &str = "SELECT id, at, finished_at, result, exit_status, failed, uncertain, deferred, over_limit, \
                             host, process FROM pass";

/// A pass; `None` if its instant cannot be understood.
fn recorded_pass(row: &Row<'_>) -> rusqlite::Result<Option<RecordedPass>> {
    let (at, finished_at) = (row.get::<_, String>("at")?, row.get::<_, Option<String>>("finished_at")?);
    let Some(at) = parse_stored_instant(&at) else { return Ok(None) };
    Ok(Some(RecordedPass {
        id: row.get("id")?,
        at,
        finished_at: finished_at.and_then(|at| parse_stored_instant(&at)),
        result: row.get::<_, Option<String>>("result")?.as_deref().and_then(PassResult::from_word),
        exit_status: row.get("exit_status")?,
        failed: row.get("failed")?,
        uncertain: row.get("uncertain")?,
        deferred: row.get("deferred")?,
        over_limit: row.get("over_limit")?,
        host: row.get("host")?,
        process: row.get("process")?,
    }))
}

impl Store {
    /// The real passes in `[from, until]`, in order of their instants.
    ///
    /// # Errors
    /// 74 if the record cannot be read.
    pub fn passes(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> anyhow::Result<Vec<RecordedPass>> {
        let bounds = named_params! { ":from": stored_instant(from), ":until": stored_instant(until) };
        self.connection
            .prepare_cached(&format!("{RECORDED_PASS} WHERE at >= :from AND at <= :until ORDER BY at, id"))
            .and_then(|mut statement| statement.query_map(bounds, recorded_pass)?.collect::<rusqlite::Result<Vec<_>>>())
            .map(|passes| passes.into_iter().flatten().collect())
            .doing(self, "reading the record of passes")
    }

    /// The newest real pass at `until` or before.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn newest_pass_until(&self, until: DateTime<Utc>) -> anyhow::Result<Option<RecordedPass>> {
        self.newest_of("at <= ?1", until)
    }

    /// The newest real pass at `until` or before that ended in one of the results.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn newest_pass_with(
        &self,
        results: &[PassResult],
        until: DateTime<Utc>,
    ) -> anyhow::Result<Option<RecordedPass>> {
        let words: Vec<_> = results.iter().map(|result| format!("'{result}'")).collect();
        self.newest_of(&format!("at <= ?1 AND result IN ({})", words.join(", ")), until)
    }

    fn newest_of(&self, which: &str, until: DateTime<Utc>) -> anyhow::Result<Option<RecordedPass>> {
        let sql = format!("{RECORDED_PASS} WHERE {which} ORDER BY at DESC, id DESC LIMIT 1");
        self.connection
            .query_row(&sql, [stored_instant(until)], recorded_pass)
            .optional()
            .map(Option::flatten)
            .doing(self, "reading the record of passes")
    }

    /// The instant of the newest real pass, if there was one (rule A5).
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn newest_pass(&self) -> anyhow::Result<Option<DateTime<Utc>>> {
        let newest: Option<String> = self
            .connection
            .query_row("SELECT at FROM pass ORDER BY at DESC LIMIT 1", [], |row| row.get(0))
            .optional()
            .doing(self, "reading the record of passes")?;
        Ok(newest.and_then(|text| parse_stored_instant(&text)))
    }

    /// How many messages the newest real pass decided about; 0 if there was none.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn messages_of_newest_pass(&self) -> anyhow::Result<i64> {
        self.connection
            .query_row("SELECT messages FROM pass ORDER BY id DESC LIMIT 1", [], |row| row.get(0))
            .optional()
            .map(Option::unwrap_or_default)
            .doing(self, "reading the record of passes")
    }
}
