//! Reads what belongs to the whole chain: interfaces, branches, types, texts.

use std::collections::BTreeMap;

use super::cells::Cells;
use super::{Doing, Store};
use crate::model::{
    AppointmentType, BadData, Branch, Channel, ContactTemplate, DocumentTemplate, Format, Interface, InterfaceKind,
};

/// A row of the table `interface`, or why it cannot be understood.
pub type InterfaceRow = Result<Interface, BadData>;

impl Store {
    /// Every interface, by id.
    ///
    /// # Errors
    /// 74 if the table cannot be read.
    pub fn interfaces(&self) -> anyhow::Result<Vec<InterfaceRow>> {
        let sql =
            "SELECT id, kind, branch_id, workstation, server_side, start_date, settings FROM interface ORDER BY id";
        self.rows(sql, "interface", |id, cells| {
            Ok(Interface {
                id,
                kind: cells.word("kind", InterfaceKind::from_word)?,
                branch_id: cells.optional_integer("branch_id")?,
                workstation: cells.optional_text("workstation")?.filter(|name| !name.trim().is_empty()),
                server_side: cells.flag("server_side")?,
                start_date: cells.optional_date("start_date")?,
                settings: cells.text("settings")?,
            })
        })
        .map(|rows| rows.into_iter().map(|(_, row)| row).collect())
    }

    /// Every branch, by id.
    ///
    /// # Errors
    /// 74 if the table cannot be read.
    pub fn branches(&self) -> anyhow::Result<BTreeMap<i64, Result<Branch, BadData>>> {
        let sql = "SELECT id, code, name, street, postcode, city, phone, email FROM branch ORDER BY id";
        self.rows(sql, "branch", |id, cells| {
            Ok(Branch {
                id,
                code: cells.text("code")?,
                name: cells.text("name")?,
                street: cells.optional_text("street")?,
                postcode: cells.optional_text("postcode")?,
                city: cells.optional_text("city")?,
                phone: cells.optional_text("phone")?,
                email: cells.optional_text("email")?,
            })
        })
        .map(|rows| rows.into_iter().collect())
    }

    /// Every type of appointment, by id.
    ///
    /// # Errors
    /// 74 if the table cannot be read.
    pub fn types(&self) -> anyhow::Result<BTreeMap<i64, Result<AppointmentType, BadData>>> {
        self.rows("SELECT id, name, auto_notify FROM appointment_type ORDER BY id", "appointment_type", |id, cells| {
            Ok(AppointmentType { id, name: cells.text("name")?, auto_notify: cells.flag("auto_notify")? })
        })
        .map(|rows| rows.into_iter().collect())
    }

    /// Every document template, by id.
    ///
    /// # Errors
    /// 74 if the table cannot be read.
    pub fn document_templates(&self) -> anyhow::Result<Vec<Result<DocumentTemplate, BadData>>> {
        let sql = "SELECT id, name, language, format, subject, body FROM document_template ORDER BY id";
        self.rows(sql, "document_template", |id, cells| {
            Ok(DocumentTemplate {
                id,
                name: cells.text("name")?,
                language: cells.optional_text("language")?.filter(|language| !language.trim().is_empty()),
                format: cells.word("format", Format::from_word)?,
                subject: cells.optional_text("subject")?,
                body: cells.text("body")?,
            })
        })
        .map(|rows| rows.into_iter().map(|(_, row)| row).collect())
    }

    /// The contact template of that name; `None` if there is none.
    ///
    /// # Errors
    /// 74 if the tables cannot be read.
    pub fn contact_template(&self, name: &str) -> anyhow::Result<Option<Result<ContactTemplate, BadData>>> {
        use rusqlite::OptionalExtension;
        let id: Option<i64> = self
            .connection
            .query_row("SELECT id FROM contact_template WHERE name = ?1", [name], |row| row.get(0))
            .optional()
            .doing(self, "reading the table contact_template")?;
        let Some(id) = id else { return Ok(None) };
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT contact_template_id, channel, document_template FROM contact_template_channel
                 WHERE contact_template_id = ?1 ORDER BY position",
            )
            .doing(self, "reading the table contact_template_channel")?;
        let channels = statement
            .query_map([id], |row| {
                let cells = Cells::new(row, "contact_template_channel", id);
                Ok(cells
                    .word("channel", Channel::from_word)
                    .and_then(|channel| Ok((channel, cells.text("document_template")?))))
            })
            .and_then(Iterator::collect::<rusqlite::Result<Result<Vec<_>, BadData>>>)
            .doing(self, "reading the table contact_template_channel")?;
        Ok(Some(channels.map(|channels| ContactTemplate { id, name: name.to_owned(), channels })))
    }

    /// All rows of a small table, each read by `read` or named as bad.
    fn rows<T>(
        &self,
        sql: &str,
        table: &'static str,
        read: impl Fn(i64, &Cells<'_, '_>) -> Result<T, BadData>,
    ) -> anyhow::Result<Vec<(i64, Result<T, BadData>)>> {
        let doing = format!("reading the table {table}");
        let mut statement = self.connection.prepare_cached(sql).doing(self, &doing)?;
        statement
            .query_map([], |row| {
                let id = row.get("id")?;
                Ok((id, read(id, &Cells::new(row, table, id))))
            })
            .and_then(Iterator::collect)
            .doing(self, &doing)
    }
}
