//! What explanations look up beyond the histories and the passes: a customer's appointments, and messages to
//! others at the same address.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::params;

use super::{Doing, Store};
use crate::zone::stored_instant;

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
}
