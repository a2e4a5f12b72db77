//! What passes that died, or could not write any more, leave behind: messages that were being handed
//! over, of which nobody knows what became, and others that were claimed and not begun.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::{named_params, params};

use super::cells::Cells;
use super::{Doing, Store};
use crate::cause::Cause;
use crate::model::{BadData, Channel, Kind, Problem, Stated};
use crate::zone::stored_instant;

/// What passes that died had claimed and not begun to hand over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotBegun {
    /// The messages.
    pub messages: BTreeSet<i64>,
    /// The appointments that they cover.
    pub appointments: BTreeSet<i64>,
}

/// A message whose fate is unknown (rule G3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsettled {
    /// The message.
    pub id: i64,
    /// What it is for.
    pub kind: Kind,
    /// Who it is for.
    pub customer_id: i64,
    /// The interface that handed it over.
    pub interface_id: Option<i64>,
    /// The full address.
    pub address: String,
    /// Its subject.
    pub subject: Option<String>,
    /// Its text.
    pub body: String,
    /// The language of the text.
    pub language: Option<String>,
    /// The calendar file that goes with it.
    pub calendar: Option<String>,
    /// The instant of its pass.
    pub sent_at: DateTime<Utc>,
    /// When it was claimed, which is just before its hand-over unless it followed others; the instant of
    /// its pass if that is not known.
    pub claimed_at: DateTime<Utc>,
    /// How often it was repeated after its fate had become unknown.
    pub repeats: i64,
    /// What it covers.
    pub covers: Vec<Stated>,
}

impl Store {
    /// Makes uncertain what a pass that died had begun to hand over; returns how many. A pass on this
    /// computer whose process `is_running` still settles them itself, and messages by hand are not
    /// ours to settle.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn settle_interrupted(&self, host: &str, is_running: impl Fn(&str) -> bool) -> anyhow::Result<usize> {
        // Each pass once; DISTINCT would go through the messages of all passes.
        let passes = || -> rusqlite::Result<BTreeSet<(Option<i64>, Option<String>)>> {
            let mut statement = self.connection.prepare_cached(
                "SELECT message.pass_id, pass.process
                 FROM message LEFT JOIN pass ON pass.id = message.pass_id AND pass.host = ?1
                 WHERE message.state = 'sending' AND message.kind <> 'manual'",
            )?;
            statement.query_map([host], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        let doing = "settling what an earlier pass left behind";
        let mut settled = 0;
        for (pass_id, process) in passes().doing(self, doing)? {
            if process.is_some_and(|process| is_running(&process)) {
                continue;
            }
            // First those whose turn had not come: this pass decides about them anew, and counts them then.
            self.connection
                .execute(
                    "UPDATE message
                     SET state = 'deferred', error = ?2
                     WHERE id IN (SELECT id FROM message_not_begun WHERE +pass_id IS ?1)",
                    params![pass_id, Cause::DiedBefore.to_string()],
                )
                .doing(self, doing)?;
            settled += self
                .connection
                .execute(
                    "UPDATE message
                     SET state = 'uncertain', error = ?2
                     WHERE state = 'sending' AND kind <> 'manual' AND +pass_id IS ?1",
                    params![pass_id, Cause::DiedWhile.to_string()],
                )
                .doing(self, doing)?;
        }
        Ok(settled)
    }

    /// How many messages of unknown fate are of passes before `pass_id` that could not end, and so have told nobody.
    /// Once a later pass has looked at the appointments and ended, it has told of them. A pass on this computer whose
    /// process `is_running` tells of its own.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn uncertain_of_unended(
        &self,
        pass_id: i64,
        host: &str,
        is_running: impl Fn(&str) -> bool,
    ) -> anyhow::Result<usize> {
        let read = || -> rusqlite::Result<usize> {
            let mut statement = self.connection.prepare_cached(
                "SELECT iif(host = ?2, process, NULL), (
                     SELECT count(*) FROM message
                     WHERE pass_id = pass.id AND state = 'uncertain' AND kind <> 'manual'
                 )
                 FROM pass
                 WHERE id < ?1 AND id > (SELECT coalesce(max(id), 0) FROM pass WHERE result = 'complete')",
            )?;
            let mut messages = 0;
            let mut rows = statement.query(params![pass_id, host])?;
            while let Some(row) = rows.next()? {
                let process: Option<String> = row.get(0)?;
                if !process.is_some_and(|process| is_running(&process)) {
                    messages += usize::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
                }
            }
            Ok(messages)
        };
        read().doing(self, "reading what earlier passes left behind")
    }

    /// Sees to it that nothing is repeated that was on its way, or of unknown fate, when a backup was made: the passes
    /// since then, of which this record knows nothing, have settled or repeated it. Returns how many messages are
    /// thereby left to a person.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn repeat_nothing(&self, at: DateTime<Utc>) -> anyhow::Result<usize> {
        let update = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
            self.connection.execute(sql, values).doing(self, "settling what was on its way in the backup")
        };
        let (at, error) = (stored_instant(at), Cause::BackupRestored.to_string());
        let unsettled = update(
            "UPDATE message SET state = 'uncertain', error = ?1, repeats = 1, settled_at = ?2
             WHERE state = 'sending' AND kind <> 'manual'",
            &[&error, &at],
        )?;
        let unrepeated = update(
            "UPDATE message SET repeats = 1, error = ?1
             WHERE state = 'uncertain' AND repeats = 0 AND kind <> 'manual'",
            &[&error],
        )?;
        Ok(unsettled + unrepeated)
    }

    /// Whether the interface by which a message was handed over has not been changed since its pass began, as far as
    /// the record of changes tells: a password in a file or a variable leaves no trace there.
    ///
    /// # Errors
    /// 74 if that cannot be read.
    pub fn went_by_the_same_interface(&self, id: i64) -> anyhow::Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT 1 FROM message JOIN pass ON pass.id = message.pass_id
                 WHERE message.id = ?1 AND NOT EXISTS (
                     SELECT 1 FROM change
                     WHERE seq > pass.chain_change AND table_name = 'interface' AND row_id = message.interface_id
                 )",
            )
            .and_then(|mut statement| statement.exists([id]))
            .doing(self, "looking for changes of an interface")
    }

    /// What passes that died had claimed and not begun to hand over: the messages, and the appointments
    /// that they cover. A pass on this computer whose process `is_running` still hands them over.
    ///
    /// # Errors
    /// 74 if they cannot be read.
    pub fn not_begun(&self, host: &str, is_running: impl Fn(&str) -> bool) -> anyhow::Result<NotBegun> {
        let read = || -> rusqlite::Result<NotBegun> {
            let mut found = NotBegun::default();
            let mut statement = self.connection.prepare_cached(
                "SELECT message_not_begun.id, pass.process
                 FROM message_not_begun
                 LEFT JOIN pass ON pass.id = message_not_begun.pass_id AND pass.host = ?1",
            )?;
            let mut rows = statement.query([host])?;
            while let Some(row) = rows.next()? {
                let process: Option<String> = row.get("process")?;
                if !process.is_some_and(|process| is_running(&process)) {
                    found.messages.insert(row.get("id")?);
                }
            }
            for id in &found.messages {
                let covers = self.covers(*id)?.unwrap_or_default();
                found.appointments.extend(covers.iter().map(|stated| stated.appointment_id));
            }
            Ok(found)
        };
        read().doing(self, "reading what an earlier pass left behind")
    }

    /// Defers what a pass has claimed and not begun to hand over; nothing of it may be on its way.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn defer_not_begun(&self, pass_id: i64) -> anyhow::Result<()> {
        self.connection
            .execute(
                "UPDATE message SET state = 'deferred', error = ?2
                 WHERE state = 'sending' AND kind <> 'manual' AND repeats = 0 AND +pass_id = ?1",
                params![pass_id, Cause::PassEnded.to_string()],
            )
            .map(|_| ())
            .doing(self, "settling what was not handed over")
    }

    /// The messages of unknown fate by `channel` that have not been repeated yet, by id. What a dead
    /// pass left as begun is among them, but not what one on this computer, whose process
    /// `is_running`, is handing over.
    ///
    /// # Errors
    /// 74 if they cannot be read.
    pub fn unsettled(
        &self,
        channel: Channel,
        host: &str,
        is_running: impl Fn(&str) -> bool,
    ) -> anyhow::Result<Vec<Result<Unsettled, BadData>>> {
        let read = || -> rusqlite::Result<Vec<Option<(i64, _)>>> {
            let mut statement = self.connection.prepare_cached(include_str!("../../sql/unsettled.sql"))?;
            let values = named_params! {
                ":as_marked": self.sees_a_mark(),
                ":channel": channel.word(),
                ":host": host,
            };
            let rows = statement.query_map(values, |row| {
                let process: Option<String> = row.get("process")?;
                if process.is_some_and(|process| is_running(&process)) {
                    return Ok(None);
                }
                let id = row.get("id")?;
                let cells = Cells::new(row, "message", id);
                let message = read_unsettled(id, &cells).and_then(|mut message| {
                    message.covers = self
                        .covers(id)
                        .map_err(|error| cells.bad("id", Problem::Unreadable { error: error.to_string() }))??;
                    Ok(message)
                });
                Ok(Some((id, message)))
            })?;
            rows.collect()
        };
        let mut found: Vec<_> = read().doing(self, "reading messages of unknown fate")?.into_iter().flatten().collect();
        // The index has them by state.
        found.sort_by_key(|(id, _)| *id);
        Ok(found.into_iter().map(|(_, message)| message).collect())
    }
}

fn read_unsettled(id: i64, cells: &Cells<'_, '_>) -> Result<Unsettled, BadData> {
    let sent_at = cells.instant("sent_at")?;
    Ok(Unsettled {
        id,
        kind: cells.word("kind", Kind::from_word)?,
        customer_id: cells.integer("customer_id")?,
        interface_id: cells.optional_integer("interface_id")?,
        address: cells.text("address")?,
        subject: cells.optional_text("subject")?,
        body: cells.text("body")?,
        language: cells.optional_text("language")?,
        calendar: cells.optional_text("calendar")?,
        sent_at,
        claimed_at: cells.optional_instant("claimed_at")?.unwrap_or(sent_at),
        repeats: cells.integer("repeats")?,
        covers: Vec::new(),
    })
}
