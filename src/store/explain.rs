//! What explanations look up: single rows by id, the record about them, and the passes.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{OptionalExtension, Row, named_params, params};

use super::cases::{APPOINTMENT, appointment};
use super::cells::Cells;
use super::{Doing, Store};
use crate::model::{BadData, Channel, Kind, State, Stated};
use crate::rules::{AppointmentRow, CustomerRow};
use crate::zone::{parse_stored_instant, stored_instant};

/// A message of the record, as people ask about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its id.
    pub id: i64,
    /// What it was for.
    pub kind: Kind,
    /// Who got it.
    pub customer_id: i64,
    /// How it went; `None` where other software recorded something else.
    pub channel: Option<Channel>,
    /// The full address.
    pub address: String,
    /// What became of it.
    pub state: State,
    /// The instant of its pass, or of the message by hand.
    pub sent_at: DateTime<Utc>,
    /// When that was known.
    pub settled_at: Option<DateTime<Utc>>,
    /// What went wrong.
    pub error: Option<String>,
    /// Its pass.
    pub pass_id: Option<i64>,
    /// What it covers.
    pub covers: Vec<Stated>,
}

/// A real pass of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedPass {
    /// Its id.
    pub id: i64,
    /// Its instant.
    pub at: DateTime<Utc>,
    /// Its result, in the record's word; `None` if it never finished.
    pub result: Option<String>,
    /// Its exit status.
    pub exit_status: Option<i64>,
    /// The computer on which it ran.
    pub host: String,
    /// How many of its messages were deferred.
    pub deferred: i64,
}

impl Store {
    /// The appointment of that id; `None` if there is none.
    ///
    /// # Errors
    /// 74 if the table cannot be read.
    pub fn appointment(&self, id: i64) -> anyhow::Result<Option<(AppointmentRow, Option<i64>)>> {
        self.connection
            .prepare_cached(&format!("{APPOINTMENT} WHERE id = ?1"))
            .and_then(|mut statement| {
                statement.query_row([id], |row| Ok((appointment(row)?, row.get("customer_id")?))).optional()
            })
            .doing(self, "reading the table appointment")
    }

    /// The customer of that id.
    ///
    /// # Errors
    /// 74 if the table cannot be read.
    pub fn customer_of(&self, id: i64) -> anyhow::Result<CustomerRow> {
        self.customer(id).doing(self, "reading the table customer")
    }

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

    /// The messages that covered an appointment, in order of their instants.
    ///
    /// # Errors
    /// 74 if the record cannot be read; a message that cannot be understood is named.
    pub fn messages_about(&self, appointment_id: i64) -> anyhow::Result<Vec<Result<Recorded, BadData>>> {
        self.recorded("id IN (SELECT message_id FROM message_appointment WHERE appointment_id = ?1)", appointment_id)
    }

    /// The messages to a customer, in order of their instants.
    ///
    /// # Errors
    /// As [`Store::messages_about`].
    pub fn messages_to(&self, customer_id: i64) -> anyhow::Result<Vec<Result<Recorded, BadData>>> {
        self.recorded("customer_id = ?1", customer_id)
    }

    fn recorded(&self, which: &str, id: i64) -> anyhow::Result<Vec<Result<Recorded, BadData>>> {
        let sql = format!(
            "SELECT id, kind, customer_id, channel, address, state, sent_at, settled_at, error, pass_id FROM message
             WHERE {which} ORDER BY sent_at, id"
        );
        let read = || -> rusqlite::Result<Vec<Result<Recorded, BadData>>> {
            let messages: Vec<Result<Recorded, BadData>> = self
                .connection
                .prepare_cached(&sql)?
                .query_map([id], |row| Ok(read_recorded(row)))?
                .collect::<Result<_, _>>()?;
            messages
                .into_iter()
                .map(|message| match message {
                    Err(bad) => Ok(Err(bad)),
                    Ok(message) => Ok(self.covers(message.id)?.map(|covers| Recorded { covers, ..message })),
                })
                .collect()
        };
        read().doing(self, "reading the record of messages")
    }

    /// The real passes in `[from, until]`, in order of their instants.
    ///
    /// # Errors
    /// 74 if the record cannot be read.
    pub fn passes(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> anyhow::Result<Vec<RecordedPass>> {
        let bounds = named_params! { ":from": stored_instant(from), ":until": stored_instant(until) };
        self.connection
            .prepare_cached(
                "SELECT id, at, result, exit_status, host, deferred FROM pass
                 WHERE at >= :from AND at <= :until ORDER BY at, id",
            )
            .and_then(|mut statement| statement.query_map(bounds, read_pass)?.collect::<rusqlite::Result<Vec<_>>>())
            .map(|passes| passes.into_iter().flatten().collect())
            .doing(self, "reading the record of passes")
    }
}

fn read_recorded(row: &Row<'_>) -> Result<Recorded, BadData> {
    let id = row.get("id").unwrap_or_default();
    let cells = Cells::new(row, "message", id);
    Ok(Recorded {
        id,
        kind: cells.word("kind", Kind::from_word)?,
        customer_id: cells.integer("customer_id")?,
        channel: cells.word("channel", Channel::from_word).ok(),
        address: cells.text("address")?,
        state: cells.word("state", State::from_word)?,
        sent_at: cells.instant("sent_at")?,
        settled_at: cells.instant("settled_at").ok(),
        error: cells.optional_text("error")?.filter(|error| !error.is_empty()),
        pass_id: cells.optional_integer("pass_id")?,
        covers: Vec::new(),
    })
}

/// A pass; `None` if its instant cannot be understood.
fn read_pass(row: &Row<'_>) -> rusqlite::Result<Option<RecordedPass>> {
    let at: String = row.get("at")?;
    let Some(at) = parse_stored_instant(&at) else { return Ok(None) };
    Ok(Some(RecordedPass {
        id: row.get("id")?,
        at,
        result: row.get("result")?,
        exit_status: row.get("exit_status")?,
        host: row.get("host")?,
        deferred: row.get("deferred")?,
    }))
}
