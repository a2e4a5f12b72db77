//! Looks back: the histories of a customer, an appointment, an address or a time (rule G1).
//!
//! First the ids of all messages that belong to a history are read, then the messages one by one,
//! so that a long history needs no large memory, and whoever reads it slowly keeps no writer waiting.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, named_params};

use super::cases::{APPOINTMENT, appointment};
use super::cells::Cells;
use super::{Doing, Store};
use crate::contact::Readings;
use crate::model::{BadData, Channel, Entry, Kind, Problem, State};
use crate::rules::{AppointmentRow, CustomerRow};
use crate::zone::stored_instant;

/// Which messages a history is about.
#[derive(Debug, Clone)]
pub struct Search {
    /// Whose.
    pub whose: Whose,
    /// Only those from this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Only those before this instant.
    pub until: Option<DateTime<Utc>>,
    /// Only those in this state.
    pub state: Option<State>,
}

impl Search {
    /// All messages of `whose`.
    #[must_use]
    pub const fn all(whose: Whose) -> Self {
        Self { whose, from: None, until: None, state: None }
    }
}

/// Whose messages a history is about.
#[derive(Debug, Clone)]
pub enum Whose {
    /// Those to a customer.
    Customer(i64),
    /// Those that covered an appointment.
    Appointment(i64),
    /// Those to an address, in any of its spellings; numbers of the record without a country code
    /// are read in the plans of these.
    Address(Readings, BTreeSet<String>),
    /// All.
    Everyone,
}

/// A message that belongs to a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: i64,
    /// Its instant; `None` if what is stored there is none.
    pub sent_at: Option<DateTime<Utc>>,
    /// Whether it can count as told (rule C2), but for the instant of a message by hand.
    pub counts: bool,
    /// Whether it was by hand.
    pub manual: bool,
}

impl Store {
    /// The messages that belong to a history, by instant, then id.
    ///
    /// # Errors
    /// 74 if they cannot be read.
    pub fn history(&self, search: &Search) -> anyhow::Result<Vec<Listed>> {
        let mut conditions = vec!["(:from IS NULL OR sent_at >= :from)", "(:until IS NULL OR sent_at < :until)"];
        let of = match &search.whose {
            Whose::Customer(id) => {
                conditions.push("customer_id = :of");
                Value::Integer(*id)
            }
            Whose::Appointment(id) => {
                conditions.push("id IN (SELECT message_id FROM message_appointment WHERE appointment_id = :of)");
                Value::Integer(*id)
            }
            Whose::Address(readings, country_codes) => {
                conditions.push(
                    "(purged_at IS NULL AND address IN (SELECT value FROM json_each(:of, '$.addresses'))
                      OR EXISTS (SELECT 1 FROM json_each(:of, '$.hashes') WHERE instr(address_hash, value)))",
                );
                let addresses = self.spellings(readings, country_codes)?;
                let hashes: Vec<String> = self.address_key()?.iter().flat_map(|key| key.hashes(readings)).collect();
                Value::Text(serde_json::json!({ "addresses": addresses, "hashes": hashes }).to_string())
            }
            Whose::Everyone => {
                conditions.push(":of IS NULL");
                Value::Null
            }
        };
        // As a word of the statement, by which SQLite finds unfinished ones in their index.
        let state = search.state.map_or_else(String::new, |state| format!(" AND state = '{}'", state.word()));
        let sql = format!(
            "SELECT id, sent_at, state, kind FROM message WHERE {}{state} ORDER BY sent_at, id",
            conditions.join(" AND ")
        );
        let values = named_params! {
            ":from": search.from.map(stored_instant),
            ":until": search.until.map(stored_instant),
            ":of": of,
        };
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_map(values, listed)?.collect())
            .doing(self, "looking for messages")
    }

    /// Every spelling in the record that can mean the same address.
    fn spellings(&self, readings: &Readings, country_codes: &BTreeSet<String>) -> anyhow::Result<Vec<String>> {
        // Read first and compared afterwards: a reader keeps writers waiting.
        let read = || -> rusqlite::Result<BTreeSet<String>> {
            let mut statement = self.connection.prepare("SELECT address FROM message WHERE purged_at IS NULL")?;
            let mut rows = statement.query([])?;
            let mut addresses = BTreeSet::new();
            while let Some(row) = rows.next()? {
                // What is no text cannot be what somebody typed.
                if let Ok(address) = row.get_ref(0)?.as_str()
                    && !addresses.contains(address)
                {
                    addresses.insert(address.to_owned());
                }
            }
            Ok(addresses)
        };
        let mut addresses = read().doing(self, "looking for an address")?;
        addresses.retain(|address| Readings::of(address, country_codes).meet(readings));
        Ok(addresses.into_iter().collect())
    }

    /// A message with everything that the record knows of it; `None` if it is gone.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn entry(&self, id: i64) -> anyhow::Result<Option<Result<Entry, BadData>>> {
        self.connection
            .prepare_cached(include_str!("../../sql/history_entry.sql"))
            .and_then(|mut statement| {
                statement
                    .query_row([id], |row| {
                        let cells = Cells::new(row, "message", id);
                        Ok(read_entry(id, &cells).and_then(|mut entry| {
                            entry.covers = self
                                .covers(id)
                                .map_err(|error| cells.bad("id", Problem::Unreadable { error: error.to_string() }))??;
                            Ok(entry)
                        }))
                    })
                    .optional()
            })
            .doing(self, "reading a message")
    }

    /// An appointment as it is, wherever it lies; `None` if there is none of that id.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn one_appointment(&self, id: i64) -> anyhow::Result<Option<AppointmentRow>> {
        self.connection
            .prepare_cached(&format!("{APPOINTMENT} WHERE id = ?1"))
            .and_then(|mut statement| statement.query_row([id], appointment).optional())
            .doing(self, "reading an appointment")
    }

    /// A customer as they are.
    ///
    /// # Errors
    /// 74 if they cannot be read.
    pub fn one_customer(&self, id: i64) -> anyhow::Result<CustomerRow> {
        self.customer(id).doing(self, "reading a customer")
    }
}

fn listed(row: &Row<'_>) -> rusqlite::Result<Listed> {
    let id = row.get("id")?;
    let cells = Cells::new(row, "message", id);
    Ok(Listed {
        id,
        sent_at: cells.instant("sent_at").ok(),
        counts: cells.word("state", State::from_word).is_ok_and(State::counts),
        manual: cells.word("kind", Kind::from_word) == Ok(Kind::Manual),
    })
}

fn read_entry(id: i64, cells: &Cells<'_, '_>) -> Result<Entry, BadData> {
    Ok(Entry {
        message_id: id,
        kind: cells.word("kind", Kind::from_word)?,
        customer_id: cells.integer("customer_id")?,
        customer_name: cells.full_name(),
        channel: cells.word("channel", Channel::from_word)?,
        address: cells.text("address")?,
        subject: cells.optional_text("subject")?,
        body: cells.text("body")?,
        language: cells.optional_text("language")?,
        calendar: cells.optional_text("calendar")?,
        state: cells.word("state", State::from_word)?,
        sent_at: cells.instant("sent_at")?,
        settled_at: cells.optional_instant("settled_at")?,
        done_at: cells.optional_instant("done_at")?,
        error: cells.optional_text("error")?,
        pass_id: cells.optional_integer("pass_id")?,
        interface_id: cells.optional_integer("interface_id")?,
        repeats: cells.integer("repeats")?,
        reference: cells.optional_text("reference")?,
        server_reference: cells.optional_text("server_reference")?,
        reply: cells.optional_text("reply")?,
        covers: Vec::new(),
        purged_at: cells.optional_instant("purged_at")?,
    })
}
