//! Records a message by hand: what the contract has other software do with two INSERTs.

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::{Doing, Store};
use crate::model::Channel;
use crate::zone::stored_instant;

/// A message by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByHand<'a> {
    /// Who got it.
    pub customer_id: i64,
    /// How it went.
    pub channel: Channel,
    /// The address or number as typed; empty if nobody noted it.
    pub address: &'a str,
    /// What was said.
    pub note: &'a str,
    /// When.
    pub at: DateTime<Utc>,
    /// The appointments that it was about. Each is recorded with its present start.
    pub appointments: &'a [i64],
}

impl Store {
    /// Records a message by hand; returns its id.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn record_by_hand(&self, message: &ByHand<'_>) -> anyhow::Result<i64> {
        let write = || -> rusqlite::Result<i64> {
            let id = self.connection.query_row(
                "INSERT INTO message (kind, customer_id, channel, address, body, state, sent_at)
                 VALUES ('manual', ?1, ?2, ?3, ?4, 'sent', ?5) RETURNING id",
                params![
                    message.customer_id,
                    message.channel.word(),
                    message.address,
                    message.note,
                    stored_instant(message.at)
                ],
                |row| row.get(0),
            )?;
            let mut cover = self
                .connection
                .prepare_cached("INSERT INTO message_appointment (message_id, appointment_id) VALUES (?1, ?2)")?;
            for appointment in message.appointments {
                cover.execute([id, *appointment])?;
            }
            Ok(id)
        };
        write().doing(self, "recording a message by hand")
    }
}
