//! Looks through whole tables for `terminbote check`: rows that no pass could understand, and what
//! the texts must be able to bear.
//!
//! Every row is read by the same functions as in a pass, so that what is called good here is good
//! there. Rows come one by one, so that a large table needs no large memory.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{OptionalExtension, Row};

use super::cases::{APPOINTMENT, appointment, read_customer, read_phone, read_told};
use super::cells::Cells;
use super::{Doing, Store};
use crate::model::{BadData, Customer};
use crate::rules::CustomerRow;
use crate::zone::parse_stored_instant;

/// The newest real pass in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastPass {
    /// Its instant.
    pub at: DateTime<Utc>,
    /// Whether it came to its end.
    pub finished: bool,
    /// Its exit status, if it came to its end.
    pub exit_status: Option<i64>,
}

impl Store {
    /// Names every value that no pass could understand: in appointments from `today` on (and in
    /// those whose start cannot be understood), in customers with their numbers, and in the record
    /// of messages.
    ///
    /// # Errors
    /// 74 if a table cannot be read.
    pub fn survey(&self, today: NaiveDate, found: &mut dyn FnMut(BadData)) -> anyhow::Result<()> {
        // `strftime` gives NULL, or another text, for whatever is no time as the tables store it.
        let appointments =
            format!("{APPOINTMENT} WHERE start >= '{today}' OR strftime('%Y-%m-%d %H:%M', start) IS NOT start");
        self.each(&appointments, |row| {
            found_in(appointment(row)?.content, found);
            Ok(())
        })?;
        self.each(
            "SELECT id, salutation, first_name, last_name, language, preferred_contact, deceased, email, street,
             postcode, city FROM customer",
            |row| {
                let id = row.get("id")?;
                found_in(read_customer(id, &Cells::new(row, "customer", id)), found);
                Ok(())
            },
        )?;
        self.each("SELECT customer_id, position, number, sms_allowed FROM customer_phone", |row| {
            found_in(read_phone(&Cells::new(row, "customer_phone", row.get("customer_id")?)), found);
            Ok(())
        })?;
        self.each("SELECT id, kind, channel, address, state, sent_at, pass_id FROM message", |row| {
            let id = row.get("id")?;
            found_in(read_told(id, &Cells::new(row, "message", id)), found);
            Ok(())
        })?;
        self.each("SELECT message_id, appointment_id, appointment_start FROM message_appointment", |row| {
            let cells = Cells::new(row, "message_appointment", row.get("message_id")?);
            found_in(cells.integer("appointment_id"), found);
            found_in(cells.optional_time("appointment_start"), found);
            Ok(())
        })
    }

    fn each(&self, sql: &str, mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<()>) -> anyhow::Result<()> {
        let mut look = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                read(row)?;
            }
            Ok(())
        };
        look().doing(self, "looking for rows that cannot be understood")
    }

    /// How many customers have each language, by the language as it is written.
    ///
    /// # Errors
    /// 74 if the table cannot be read.
    pub fn languages(&self) -> anyhow::Result<BTreeMap<String, usize>> {
        let mut languages = BTreeMap::new();
        let sql = "SELECT trim(language) AS language, count(*) AS customers FROM customer
                   WHERE trim(language) <> '' GROUP BY 1";
        self.each(sql, |row| {
            // One that is no UTF-8 is named by the survey.
            if let Ok(language) = Cells::new(row, "customer", 0).text("language") {
                let customers: i64 = row.get("customers")?;
                // There are not more customers than memory has addresses.
                languages.insert(language, usize::try_from(customers).unwrap_or(usize::MAX));
            }
            Ok(())
        })?;
        Ok(languages)
    }

    /// The customer with the longest name, if there is any.
    ///
    /// # Errors
    /// 74 if the table cannot be read.
    pub fn longest_customer(&self) -> anyhow::Result<Option<Customer>> {
        let longest = || -> rusqlite::Result<Option<Customer>> {
            let id: Option<i64> = self
                .connection
                .query_row(
                    "SELECT id FROM customer ORDER BY length(coalesce(salutation, '')) +
                     length(coalesce(first_name, '')) + length(coalesce(last_name, '')) DESC, id LIMIT 1",
                    [],
                    |row| row.get(0),
                )
                .optional()?;
            Ok(match id.map(|id| self.customer(id)).transpose()? {
                Some(CustomerRow::Known(customer)) => Some(customer),
                _ => None,
            })
        };
        longest().doing(self, "looking for the longest name")
    }

    /// The real pass that was made last, if there was one; by a clock that was fast it may not be the newest.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn last_pass(&self) -> anyhow::Result<Option<LastPass>> {
        let read = |row: &Row<'_>| {
            let at: String = row.get("at")?;
            let finished = row.get::<_, Option<String>>("finished_at")?.is_some();
            let exit_status = row.get("exit_status")?;
            Ok(parse_stored_instant(&at).map(|at| LastPass { at, finished, exit_status }))
        };
        self.connection
            .query_row("SELECT at, finished_at, exit_status FROM pass ORDER BY id DESC LIMIT 1", [], read)
            .optional()
            .map(Option::flatten)
            .doing(self, "reading the record of passes")
    }

    /// The instants of the newest real passes, at most `most`, in their order.
    ///
    /// # Errors
    /// 74 if they cannot be read.
    pub fn newest_passes(&self, most: u32) -> anyhow::Result<Vec<DateTime<Utc>>> {
        let read = || -> rusqlite::Result<Vec<String>> {
            self.connection
                .prepare("SELECT at FROM pass ORDER BY at DESC LIMIT ?1")?
                .query_map([most], |row| row.get(0))?
                .collect()
        };
        let stored = read().doing(self, "reading the record of passes")?;
        Ok(stored.iter().rev().filter_map(|at| parse_stored_instant(at)).collect())
    }

    /// The journal that the file uses, in `SQLite`'s word; see the module `store` for why it is to
    /// be `delete`.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn journal_mode(&self) -> anyhow::Result<String> {
        if self.still.is_some() {
            // Opened as a file that nobody changes, its journal is left out of account.
            return Ok("wal".to_owned());
        }
        self.connection
            .pragma_query_value(None, "journal_mode", |row| row.get(0))
            .doing(self, "reading the journal mode")
    }
}

fn found_in<T>(read: Result<T, BadData>, found: &mut dyn FnMut(BadData)) {
    if let Err(bad) = read {
        found(bad);
    }
}
