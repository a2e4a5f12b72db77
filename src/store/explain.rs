//! What explanations look up beyond the histories: a customer's appointments, and the passes.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Row, named_params, params};

use super::{Doing, Store};
use crate::zone::{parse_stored_instant, stored_instant};

/// A real pass of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassRow {
    /// Its id.
    pub id: i64,
    /// Its instant.
    pub at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Its result, in the record's word; `None` if it never finished.
    pub result: Option<String>,
    /// Its exit status.
    pub exit_status: Option<i64>,
    /// The computer on which it ran.
    pub host: String,
    /// How many of its messages were deferred.
    pub deferred: i64,
    /// Messages that its limit has left for the next one.
    pub over_limit: i64,
}

impl Store {
    /// The ids of a customer's appointments from a local date on, in order of start.
    ///
    /// # Errors
    /// 74 if the table cannot be read.
    pub fn appointments_of(&self, customer_id: i64, from: NaiveDate) -> anyhow::Result<Vec<i64>> {
        self.connection
            .prepare_cached("SELECT id FROM appointment WHERE customer_id = ?1 AND start >= ?2 ORDER BY start, id")
            .and_then(|mut statement| {
                statement.query_map(params![customer_id, from.to_string()], |row| row.get(0))?.collect()
            })
            .doing(self, "reading the table appointment")
    }

    /// The ids of messages to other customers at one address, sent in `[from, until]`.
    ///
    /// # Errors
    /// 74 if the record cannot be read.
    pub fn others_at(
        &self,
        address: &str,
        customer_id: i64,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> anyhow::Result<Vec<i64>> {
        let values = params![address, customer_id, stored_instant(from), stored_instant(until)];
        self.connection
            .prepare_cached(
                "SELECT id FROM message WHERE address = ?1 AND customer_id <> ?2 AND sent_at >= ?3 AND sent_at <= ?4
                 ORDER BY sent_at, id",
            )
            .and_then(|mut statement| statement.query_map(values, |row| row.get(0))?.collect())
            .doing(self, "looking for other messages to an address")
    }

    /// The real passes in `[from, until]`, in order of their instants.
    ///
    /// # Errors
    /// 74 if the record cannot be read.
    pub fn passes(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> anyhow::Result<Vec<PassRow>> {
        let bounds = named_params! { ":from": stored_instant(from), ":until": stored_instant(until) };
        self.connection
            .prepare_cached(
                "SELECT id, at, finished_at, result, exit_status, host, deferred, over_limit FROM pass
                 WHERE at >= :from AND at <= :until ORDER BY at, id",
            )
            .and_then(|mut statement| statement.query_map(bounds, read_pass)?.collect::<rusqlite::Result<Vec<_>>>())
            .map(|passes| passes.into_iter().flatten().collect())
            .doing(self, "reading the record of passes")
    }
}

/// A pass; `None` if its instant cannot be understood.
fn read_pass(row: &Row<'_>) -> rusqlite::Result<Option<PassRow>> {
    let at: String = row.get("at")?;
    let Some(at) = parse_stored_instant(&at) else { return Ok(None) };
    Ok(Some(PassRow {
        id: row.get("id")?,
        at,
        finished_at: row.get::<_, Option<String>>("finished_at")?.as_deref().and_then(parse_stored_instant),
        result: row.get("result")?,
        exit_status: row.get("exit_status")?,
        host: row.get("host")?,
        deferred: row.get("deferred")?,
        over_limit: row.get("over_limit")?,
    }))
}
