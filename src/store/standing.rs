//! How things stand, for `terminbote status` and the metrics: what the newest passes warned of, and the
//! messages that have met no fate.

use chrono::NaiveDateTime;
use rusqlite::params;

use super::{Doing, Store};
use crate::zone::stored;

/// How many warnings of one pass are kept; its report has them all.
const KEPT: usize = 100;

/// A warning as a pass records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedWarning {
    /// Its code in the JSON report.
    pub code: String,
    /// Whether a person must act.
    pub needs_person: bool,
    /// The interface that it is about.
    pub interface_id: Option<i64>,
    /// What it says in German.
    pub text_de: String,
    /// What it says in English.
    pub text_en: String,
}

/// Messages about appointments ahead that nobody can rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unsure {
    /// Of unknown fate.
    pub uncertain: usize,
    /// Not sent yet.
    pub deferred: usize,
}

impl Store {
    /// Records what a pass warned of. `complete`: it looked at the appointments, so that what earlier
    /// ones warned of is out of date.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn record_warnings(&self, pass_id: i64, complete: bool, warnings: &[RecordedWarning]) -> anyhow::Result<()> {
        let write = || -> rusqlite::Result<()> {
            if complete {
                self.connection.prepare_cached("DELETE FROM pass_warning")?.execute([])?;
            }
            let mut statement = self.connection.prepare_cached(
                "INSERT INTO pass_warning (pass_id, place, code, needs_person, interface_id, text_de, text_en)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?;
            for (place, warning) in (1_i64..).zip(warnings.iter().take(KEPT)) {
                let RecordedWarning { code, needs_person, interface_id, text_de, text_en } = warning;
                statement.execute(params![pass_id, place, code, needs_person, interface_id, text_de, text_en])?;
            }
            Ok(())
        };
        write().doing(self, "recording what the pass warns of")
    }

    /// What a pass warned of; empty also for passes before the newest that looked at the appointments.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn recorded_warnings(&self, pass_id: i64) -> anyhow::Result<Vec<RecordedWarning>> {
        let read = || -> rusqlite::Result<Vec<RecordedWarning>> {
            self.connection
                .prepare(
                    "SELECT code, needs_person, interface_id, text_de, text_en FROM pass_warning
                     WHERE pass_id = ?1 ORDER BY place",
                )?
                .query_map([pass_id], |row| {
                    Ok(RecordedWarning {
                        code: row.get(0)?,
                        needs_person: row.get(1)?,
                        interface_id: row.get(2)?,
                        text_de: row.get(3)?,
                        text_en: row.get(4)?,
                    })
                })?
                .collect()
        };
        read().doing(self, "reading what a pass warned of")
    }

    /// How many messages about appointments that start after the local time `now` are of unknown fate,
    /// or deferred. What a dead pass had begun to hand over is of unknown fate, but not what one on
    /// this computer, whose process `is_running`, is handing over.
    ///
    /// # Errors
    /// 74 if they cannot be read.
    pub fn unsure(&self, now: NaiveDateTime, host: &str, is_running: impl Fn(&str) -> bool) -> anyhow::Result<Unsure> {
        let mut unsure = Unsure::default();
        let mut count = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare(include_str!("../../sql/unsure.sql"))?;
            let mut rows = statement.query([host, &stored(now)])?;
            while let Some(row) = rows.next()? {
                let process: Option<String> = row.get("process")?;
                let messages = usize::try_from(row.get::<_, i64>("messages")?).unwrap_or_default();
                match row.get::<_, String>("state")?.as_str() {
                    "deferred" => unsure.deferred += messages,
                    _ if process.is_some_and(|process| is_running(&process)) => {}
                    _ if row.get("not_begun")? => unsure.deferred += messages,
                    _ => unsure.uncertain += messages,
                }
            }
            Ok(())
        };
        count().doing(self, "counting messages of unknown fate")?;
        Ok(unsure)
    }
}
