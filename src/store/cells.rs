//! Reads the values of a row and says exactly which one cannot be understood.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::model::BadData;
use crate::zone;

/// The values of one row of `table`, by column.
pub(super) struct Cells<'r, 's> {
    row: &'r Row<'s>,
    table: &'static str,
    id: i64,
}

impl<'r, 's> Cells<'r, 's> {
    /// The row `id` of `table`.
    pub(super) const fn new(row: &'r Row<'s>, table: &'static str, id: i64) -> Self {
        Self { row, table, id }
    }

    pub(super) fn bad(&self, column: &'static str, problem: impl Into<String>) -> BadData {
        BadData { table: self.table, row: self.id, column, problem: problem.into() }
    }

    fn value(&self, column: &'static str) -> Result<ValueRef<'r>, BadData> {
        self.row.get_ref(column).map_err(|error| self.bad(column, error.to_string()))
    }

    /// A text, or NULL.
    pub(super) fn optional_text(&self, column: &'static str) -> Result<Option<String>, BadData> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Some(text.to_owned())),
                Err(_) => Err(self.bad(column, "bytes that are no UTF-8 text; write the value again in UTF-8")),
            },
            other => Err(self.bad(column, format!("{} where a text is needed", other.data_type()))),
        }
    }

    /// A text.
    pub(super) fn text(&self, column: &'static str) -> Result<String, BadData> {
        self.optional_text(column)?.ok_or_else(|| self.bad(column, "nothing where a text is needed"))
    }

    /// A whole number, or NULL.
    pub(super) fn optional_integer(&self, column: &'static str) -> Result<Option<i64>, BadData> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(number) => Ok(Some(number)),
            other => Err(self.bad(column, format!("{} where a whole number is needed", other.data_type()))),
        }
    }

    /// A whole number.
    pub(super) fn integer(&self, column: &'static str) -> Result<i64, BadData> {
        self.optional_integer(column)?.ok_or_else(|| self.bad(column, "nothing where a whole number is needed"))
    }

    /// 0 or 1.
    pub(super) fn flag(&self, column: &'static str) -> Result<bool, BadData> {
        match self.integer(column)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.bad(column, format!("{other} where 0 or 1 is needed"))),
        }
    }

    /// One of the words that `read` knows.
    pub(super) fn word<T>(&self, column: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<T, BadData> {
        let word = self.text(column)?;
        read(&word).ok_or_else(|| self.bad(column, format!("\"{word}\" is no known word")))
    }

    /// A local time, or NULL.
    pub(super) fn optional_time(&self, column: &'static str) -> Result<Option<NaiveDateTime>, BadData> {
        let Some(text) = self.optional_text(column)? else { return Ok(None) };
        match zone::parse_stored(&text) {
            Some(time) => Ok(Some(time)),
            None => Err(self.bad(column, format!("\"{text}\" where a time such as 2026-03-10 19:00 is needed"))),
        }
    }

    /// A local time.
    pub(super) fn time(&self, column: &'static str) -> Result<NaiveDateTime, BadData> {
        self.optional_time(column)?.ok_or_else(|| self.bad(column, "nothing where a time is needed"))
    }

    /// A date, or NULL.
    pub(super) fn optional_date(&self, column: &'static str) -> Result<Option<NaiveDate>, BadData> {
        let Some(text) = self.optional_text(column)? else { return Ok(None) };
        match NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
            Ok(date) => Ok(Some(date)),
            Err(_) => Err(self.bad(column, format!("\"{text}\" where a date such as 2026-03-10 is needed"))),
        }
    }

    /// An instant.
    pub(super) fn instant(&self, column: &'static str) -> Result<DateTime<Utc>, BadData> {
        let text = self.text(column)?;
        zone::parse_stored_instant(&text).ok_or_else(|| {
            self.bad(column, format!("\"{text}\" where an instant such as 2026-03-10T18:00:00Z is needed"))
        })
    }
}
