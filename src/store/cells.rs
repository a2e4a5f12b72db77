//! Reads the values of a row and says exactly which one cannot be understood.

use std::cell::Cell;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Row, Statement};

use crate::model::{BadData, Found, Needed, Problem, full_name};
use crate::zone;

/// The values of one row of `table`, by column.
pub(super) struct Cells<'r, 's> {
    row: &'r Row<'s>,
    table: &'static str,
    id: i64,
    /// The column after the one that was read last: nearly always the next one that is wanted.
    next: Cell<usize>,
}

impl<'r, 's> Cells<'r, 's> {
    /// The row `id` of `table`.
    pub(super) const fn new(row: &'r Row<'s>, table: &'static str, id: i64) -> Self {
        Self { row, table, id, next: Cell::new(0) }
    }

    pub(super) fn bad(&self, column: &'static str, problem: Problem) -> BadData {
        BadData { table: self.table, row: self.id, column, problem }
    }

    fn value(&self, column: &'static str) -> Result<ValueRef<'r>, BadData> {
        let statement: &Statement<'_> = self.row.as_ref();
        let next = self.next.get();
        let index = match statement.column_name(next) {
            Ok(name) if name == column => Ok(next),
            _ => statement.column_index(column),
        };
        index
            .and_then(|index| {
                self.next.set(index + 1);
                self.row.get_ref(index)
            })
            .map_err(|error| self.bad(column, Problem::Unreadable { error: error.to_string() }))
    }

    fn wrong_kind(&self, column: &'static str, value: ValueRef<'_>, needed: Needed) -> BadData {
        let found = match value.data_type() {
            Type::Null => return self.missing(column, needed),
            Type::Integer => Found::Integer,
            Type::Real => Found::Real,
            Type::Text => Found::Text,
            Type::Blob => Found::Blob,
        };
        self.bad(column, Problem::WrongKind { found, needed })
    }

    fn missing(&self, column: &'static str, needed: Needed) -> BadData {
        self.bad(column, Problem::Missing { needed })
    }

    /// The customer's name in one line. What cannot be understood is left out.
    pub(super) fn full_name(&self) -> Option<String> {
        let [first, last] = ["first_name", "last_name"].map(|column| self.optional_text(column).ok().flatten());
        full_name([first.as_deref(), last.as_deref()])
    }

    /// A text, or NULL.
    pub(super) fn optional_text(&self, column: &'static str) -> Result<Option<String>, BadData> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Some(text.to_owned())),
                Err(_) => Err(self.bad(column, Problem::NotUtf8)),
            },
            other => Err(self.wrong_kind(column, other, Needed::Text)),
        }
    }

    /// A text.
    pub(super) fn text(&self, column: &'static str) -> Result<String, BadData> {
        self.optional_text(column)?.ok_or_else(|| self.missing(column, Needed::Text))
    }

    /// A whole number, or NULL.
    pub(super) fn optional_integer(&self, column: &'static str) -> Result<Option<i64>, BadData> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(number) => Ok(Some(number)),
            other => Err(self.wrong_kind(column, other, Needed::WholeNumber)),
        }
    }

    /// A whole number.
    pub(super) fn integer(&self, column: &'static str) -> Result<i64, BadData> {
        self.optional_integer(column)?.ok_or_else(|| self.missing(column, Needed::WholeNumber))
    }

    /// 0 or 1.
    pub(super) fn flag(&self, column: &'static str) -> Result<bool, BadData> {
        match self.integer(column)? {
            0 => Ok(false),
            1 => Ok(true),
            found => Err(self.bad(column, Problem::NoFlag { found })),
        }
    }

    /// One of the words that `read` knows.
    pub(super) fn word<T>(&self, column: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<T, BadData> {
        let word = self.text(column)?;
        read(&word).ok_or_else(|| self.bad(column, Problem::UnknownWord { word }))
    }

    /// A local time, or NULL.
    pub(super) fn optional_time(&self, column: &'static str) -> Result<Option<NaiveDateTime>, BadData> {
        let Some(text) = self.optional_text(column)? else { return Ok(None) };
        match zone::parse_stored(&text) {
            Some(time) => Ok(Some(time)),
            None => Err(self.bad(column, Problem::NoTime { text })),
        }
    }

    /// A local time.
    pub(super) fn time(&self, column: &'static str) -> Result<NaiveDateTime, BadData> {
        self.optional_time(column)?.ok_or_else(|| self.missing(column, Needed::Time))
    }

    /// A date, or NULL.
    pub(super) fn optional_date(&self, column: &'static str) -> Result<Option<NaiveDate>, BadData> {
        let Some(text) = self.optional_text(column)? else { return Ok(None) };
        match NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
            Ok(date) => Ok(Some(date)),
            Err(_) => Err(self.bad(column, Problem::NoDate { text })),
        }
    }

    /// An instant, or NULL.
    pub(super) fn optional_instant(&self, column: &'static str) -> Result<Option<DateTime<Utc>>, BadData> {
        let Some(text) = self.optional_text(column)? else { return Ok(None) };
        match zone::parse_stored_instant(&text) {
            Some(instant) => Ok(Some(instant)),
            None => Err(self.bad(column, Problem::NoInstant { text })),
        }
    }

    /// An instant.
    pub(super) fn instant(&self, column: &'static str) -> Result<DateTime<Utc>, BadData> {
        self.optional_instant(column)?.ok_or_else(|| self.missing(column, Needed::Text))
    }
}
