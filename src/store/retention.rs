//! Takes texts and addresses out of the record and keeps the proof: when, what for, by which channel,
//! with what outcome, in which pass, about which appointment at which start, and a keyed hash of the
//! address.
//!
//! What may still matter for a decision is left alone: messages whose fate is open, and those that
//! tell of a dead address (rule F7) or are a task for staff while their appointment is not past. It
//! happens in short transactions, since the practice's software writes all the time.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use rusqlite::{OptionalExtension, named_params, params};

use super::cells::Cells;
use super::{Doing, Store};
use crate::contact::{AddressKey, Readings};
use crate::exit::{ExitStatus, Stop};
use crate::model::{Kind, Purgeable, State};
use crate::zone::{stored, stored_instant};

/// What is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purge {
    /// Messages and changes before this instant; `None` takes those of any age.
    pub before: Option<DateTime<Utc>>,
    /// Those of this customer; `None` takes those of all.
    pub customer_id: Option<i64>,
    /// Messages about appointments that start after this local time are kept if they tell of a dead
    /// address or are a task.
    pub needed_from: NaiveDateTime,
    /// Whether messages of unknown fate are purged as well, and so never repeated.
    pub unsettled_too: bool,
}

const MESSAGES: &str = include_str!("../../sql/purgeable.sql");

impl Store {
    /// What a purge would take out.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn purgeable(&self, purge: &Purge) -> anyhow::Result<Purgeable> {
        let doing = "looking for what is to be purged";
        let mut found = Purgeable::default();
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare(&format!("{MESSAGES} ORDER BY message.id"))?;
            let mut rows = statement.query(named_params! {
                ":before": purge.before.map(stored_instant),
                ":customer_id": purge.customer_id,
                ":needed_from": stored(purge.needed_from),
            })?;
            while let Some(row) = rows.next()? {
                let id = row.get("id")?;
                let verdict: String = row.get("verdict")?;
                match verdict.as_str() {
                    "needed" => found.needed += 1,
                    "unsettled" if !purge.unsettled_too => found.unsettled.push(id),
                    _ => {
                        let cells = Cells::new(row, "message", id);
                        let kind = cells.word("kind", Kind::from_word).ok();
                        found.messages.entry(kind).or_default().count(cells.instant("sent_at").ok());
                        found.ids.push(id);
                    }
                }
            }
            Ok(())
        };
        read().doing(self, doing)?;
        let ids = serde_json::to_string(&found.ids)?;
        let mut read = || -> rusqlite::Result<()> {
            let sql = format!("SELECT seq, table_name, at FROM change WHERE {CHANGES}");
            let mut statement = self.connection.prepare(&sql)?;
            let before = purge.before.map(stored_instant);
            let mut rows = statement.query(named_params! {
                ":before": before, ":customer_id": purge.customer_id, ":after": 0, ":ids": ids,
            })?;
            while let Some(row) = rows.next()? {
                let at = Cells::new(row, "change", row.get("seq")?).instant("at").ok();
                found.changes.entry(row.get("table_name")?).or_default().count(at);
            }
            Ok(())
        };
        read().doing(self, doing)?;
        Ok(found)
    }

    /// The key of the addresses that were taken out; `None` if there was no purge yet.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn address_key(&self) -> anyhow::Result<Option<AddressKey>> {
        self.connection
            .query_row("SELECT address_key FROM retention WHERE id = 1", [], |row| row.get::<_, Vec<u8>>(0))
            .optional()
            .map(|key| key.map(|bytes| AddressKey::new(&bytes)))
            .doing(self, "reading the key of the addresses")
    }

    /// Gets ready to purge: notes that traces may be left behind until [`Store::erase_traces`], and
    /// returns the key, made of `random` bytes if there is none yet.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn begin_purge(&self, random: &[u8; AddressKey::LENGTH]) -> anyhow::Result<AddressKey> {
        let doing = "beginning to purge";
        // What is deleted is overwritten with zeros, in its page and in free ones.
        self.connection
            .pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))
            .and_then(|()| {
                self.connection.execute(
                    "INSERT INTO retention (id, address_key, traces) VALUES (1, ?1, 1)
                     ON CONFLICT (id) DO UPDATE SET traces = 1 WHERE traces = 0",
                    [random],
                )
            })
            .doing(self, doing)?;
        self.address_key()?.ok_or_else(|| anyhow::anyhow!("{doing}: the table retention has no row"))
    }

    /// Takes text and address out of some of the messages that [`Store::purgeable`] has found, in one
    /// short transaction; returns how many of them it still held for.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn purge_messages(
        &self,
        purge: &Purge,
        ids: &[i64],
        key: &AddressKey,
        country_codes: &BTreeSet<String>,
        at: DateTime<Utc>,
    ) -> anyhow::Result<usize> {
        let doing = "taking out the text of a message";
        self.transaction(|| {
            let mut purged = 0;
            let last_change: i64 = self
                .connection
                .query_row("SELECT coalesce(max(seq), 0) FROM change", [], |row| row.get(0))
                .doing(self, doing)?;
            for id in ids {
                let now = self.address_to_purge(purge, *id).doing(self, doing)?;
                let Some((address, state)) = now else { continue };
                let readings = Readings::of(&address, country_codes);
                let hashes = key.hashes(&readings).collect::<Vec<_>>().join(" ");
                let hash = (!address.trim().is_empty()).then_some(hashes);
                self.take_out(*id, state, hash.as_deref(), at).doing(self, doing)?;
                purged += 1;
            }
            // The statements above have been recorded with the very values that they took out.
            self.connection
                .execute("DELETE FROM change WHERE seq > ?1 AND table_name = 'message'", [last_change])
                .doing(self, doing)?;
            Ok(purged)
        })
    }

    /// Address and state of a message from which they are still to be taken out.
    fn address_to_purge(&self, purge: &Purge, id: i64) -> rusqlite::Result<Option<(String, Option<State>)>> {
        self.connection
            .prepare_cached(&format!("{MESSAGES} AND message.id = :id"))?
            .query_row(
                named_params! {
                    ":before": purge.before.map(stored_instant),
                    ":customer_id": purge.customer_id,
                    ":needed_from": stored(purge.needed_from),
                    ":id": id,
                },
                |row| {
                    let verdict: String = row.get("verdict")?;
                    let holds = verdict == "purge" || verdict == "unsettled" && purge.unsettled_too;
                    let cells = Cells::new(row, "message", id);
                    // What is no text cannot be found by typing it either.
                    let address = cells.text("address").unwrap_or_default();
                    Ok(holds.then_some((address, cells.word("state", State::from_word).ok())))
                },
            )
            .optional()
            .map(Option::flatten)
    }

    fn take_out(&self, id: i64, state: Option<State>, hash: Option<&str>, at: DateTime<Utc>) -> rusqlite::Result<()> {
        // A message without a text must never go out again.
        match state {
            Some(State::Deferred) => {
                self.connection.execute("UPDATE message SET state = 'withdrawn' WHERE id = ?1", [id])?;
            }
            Some(State::Sending | State::Uncertain) => {
                self.connection.execute("UPDATE message SET repeats = max(repeats, 1) WHERE id = ?1", [id])?;
            }
            _ => {}
        }
        self.connection
            .prepare_cached(
                "UPDATE message SET address = '', subject = NULL, body = '', calendar = NULL, error = NULL,
                 reply = NULL, server_reference = NULL, address_hash = ?2, purged_at = ?3 WHERE id = ?1",
            )?
            .execute(params![id, hash, stored_instant(at)])?;
        Ok(())
    }

    /// Takes the old values out of some recorded changes after the number `after`, in one short
    /// transaction; returns the number of the last one, or `None` if there are no more.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn purge_changes(&self, purge: &Purge, after: i64) -> anyhow::Result<Option<i64>> {
        let doing = "taking out the old values of changes";
        let sql = format!(
            "UPDATE change SET old = {WITHOUT_VALUES}
             WHERE seq IN (SELECT seq FROM change WHERE {CHANGES} ORDER BY seq LIMIT 500) RETURNING seq"
        );
        self.transaction(|| {
            let before = purge.before.map(stored_instant);
            let values = named_params! {
                ":before": before, ":customer_id": purge.customer_id, ":after": after, ":ids": "[]",
            };
            let numbers = || -> rusqlite::Result<Vec<i64>> {
                self.connection.prepare_cached(&sql)?.query_map(values, |row| row.get(0))?.collect()
            };
            Ok(numbers().doing(self, doing)?.into_iter().max())
        })
    }

    /// Whether bytes of what was taken out may still stand in unused parts of the file.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn has_traces(&self) -> anyhow::Result<bool> {
        self.connection
            .query_row("SELECT traces FROM retention WHERE id = 1", [], |row| row.get(0))
            .optional()
            .map(|traces| traces.unwrap_or(false))
            .doing(self, "looking for traces")
    }

    /// Writes the whole file anew, so that nothing of what was taken out stays in it: pages that were
    /// torn apart long ago may have left pieces behind. Others wait meanwhile.
    ///
    /// # Errors
    /// 74 if it cannot be written, or another program is in the way.
    pub fn erase_traces(&self) -> anyhow::Result<()> {
        let doing = "writing the file anew to erase what was taken out";
        self.connection.execute_batch("VACUUM").doing(self, doing)?;
        // In the log of a file that somebody has switched to WAL, the old pages would stay.
        let busy: bool =
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).doing(self, doing)?;
        if busy {
            let message = format!("{doing}: another program reads its log; run the command again later");
            return Err(Stop::new(ExitStatus::Unusable, message).into());
        }
        self.connection.execute("UPDATE retention SET traces = 0 WHERE traces = 1", []).map(|_| ()).doing(self, doing)
    }

    /// How many rows the practice's own tables have of a customer: telephone numbers, appointments,
    /// and of these those after `now` (local).
    ///
    /// # Errors
    /// 74 if they cannot be read.
    pub fn rows_of_customer(&self, customer_id: i64, now: NaiveDateTime) -> anyhow::Result<(usize, usize, usize)> {
        self.connection
            .query_row(
                "SELECT (SELECT count(*) FROM customer_phone WHERE customer_id = ?1),
                 (SELECT count(*) FROM appointment WHERE customer_id = ?1),
                 (SELECT count(*) FROM appointment WHERE customer_id = ?1 AND start > ?2)",
                params![customer_id, stored(now)],
                |row| {
                    let number = |index| row.get(index).map(|rows: i64| usize::try_from(rows).unwrap_or_default());
                    Ok((number(0)?, number(1)?, number(2)?))
                },
            )
            .doing(self, "counting the rows of a customer")
    }
}

/// Which changes still have values to be taken out: all before an instant; those of a customer, their
/// numbers, messages and the appointments that are or were theirs; and those of messages whose text is
/// taken out.
const CHANGES: &str = "old IS NOT NULL AND seq > :after AND (
        at < :before
        OR table_name IN ('customer', 'customer_phone') AND row_id = :customer_id
        OR table_name = 'appointment' AND (
            json_extract(old, '$.customer_id') = :customer_id
            OR row_id IN (SELECT id FROM appointment WHERE customer_id = :customer_id)
        )
        OR table_name = 'message' AND (
            json_extract(old, '$.customer_id') = :customer_id
            OR row_id IN (SELECT id FROM message WHERE purged_at IS NOT NULL)
            OR row_id IN (SELECT value FROM json_each(:ids))
        ) AND concat(
            json_extract(old, '$.address'), json_extract(old, '$.subject'), json_extract(old, '$.body'),
            json_extract(old, '$.error'), json_extract(old, '$.reply')
        ) <> ''
    )";

/// What is left of the old values: of a message, whatever is no text and no address, since its state
/// then may still be asked for; it bears the mark of a purged one.
const WITHOUT_VALUES: &str = "CASE WHEN table_name = 'message' AND at >= coalesce(:before, at) THEN json_set(
        old, '$.address', '', '$.subject', NULL, '$.body', '', '$.calendar', NULL, '$.error', NULL, '$.reply', NULL,
        '$.server_reference', NULL,
        '$.purged_at', (SELECT purged_at FROM message WHERE id = row_id),
        '$.address_hash', (SELECT address_hash FROM message WHERE id = row_id)) END";
