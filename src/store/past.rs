//! The database as it was: what has been recorded as changed since is undone in the view, never in
//! the file (rules, chapter I).
//!
//! For each table of which something has changed since, the rows as they were go into a temporary
//! table in memory, and a temporary view takes the table's name: the rows that are still as they
//! were, and those. A temporary view goes before a table of the same name, so that every query of
//! the store sees the past and none has to know of it; a query that must see the present says
//! `main.`. Views over two tables would have to be made anew for each row of a join, so that
//! queries which are to be fast look at one table at a time.
//!
//! A pass that was recorded is seen by its own marks, everything else by instants.

use std::cell::Cell;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::changes::{TABLES, Table};
use super::{Doing, PassMark, Store, connect};
use crate::model::ReplayedPass;
use crate::zone::{parse_stored_instant, stored_instant};

/// What is seen of the past.
#[derive(Debug)]
pub(super) struct Past {
    /// The last changes that are seen: of the chain, and of everything else.
    chain: i64,
    cases: i64,
    messages: Messages,
    pass: Option<ReplayedPass>,
    /// Whether changes were not recorded yet, so that the data are those of the present.
    present_data: bool,
    /// Up to which change everything has been undone.
    caught_up: Cell<i64>,
    /// How many rows cannot be shown as they were, since their old values have been purged.
    lost: Cell<usize>,
}

/// Which messages are seen.
#[derive(Debug)]
enum Messages {
    /// Up to this one; the state of these was `sending`.
    UpTo(i64, Vec<i64>),
    /// Those of passes before this instant, and by hand up to it.
    Until(DateTime<Utc>),
}

impl Store {
    /// The same database as it was at `at`: as a real pass of that instant saw it if there was one
    /// (the first of several), else without what has changed since, messages of passes from `at` on,
    /// and messages by hand after it. See [`Store::shows_present_data`] for what was too early.
    ///
    /// # Errors
    /// 74 if the database cannot be read.
    pub fn as_of(self, at: DateTime<Utc>) -> anyhow::Result<Self> {
        let pass = self
            .connection
            .query_row(
                "SELECT id FROM pass WHERE at = ?1 AND chain_change IS NOT NULL ORDER BY last_change IS NULL, id LIMIT 1",
                [stored_instant(at)],
                |row| row.get(0),
            )
            .optional()
            .doing(&self, "reading the record of passes")?;
        match pass {
            Some(pass) => self.seen_by(pass),
            None => self.at_instant(at),
        }
    }

    /// The same database as a recorded pass saw it.
    ///
    /// # Errors
    /// 74 if the database cannot be read.
    pub fn seen_by(self, pass: i64) -> anyhow::Result<Self> {
        let (at, marks, pass) = self
            .connection
            .query_row(
                "SELECT at, coalesce(chain_change, 0) AS chain_change, last_change, last_message, in_flight, id, host,
                 version, finished_at, exit_status, secrets_missing, message_limit FROM pass WHERE id = ?1",
                [pass],
                |row| {
                    let marks: (i64, Option<i64>, Option<i64>, Option<String>) = (
                        row.get("chain_change")?,
                        row.get("last_change")?,
                        row.get("last_message")?,
                        row.get("in_flight")?,
                    );
                    let instant = |text: Option<String>| text.and_then(|text| parse_stored_instant(&text));
                    let missing: Option<String> = row.get("secrets_missing")?;
                    let pass = ReplayedPass {
                        id: row.get("id")?,
                        at: instant(row.get("at")?),
                        limit: row
                            .get::<_, Option<i64>>("message_limit")?
                            .and_then(|limit| usize::try_from(limit).ok()),
                        host: row.get("host")?,
                        version: row.get("version")?,
                        finished_at: instant(row.get("finished_at")?),
                        exit_status: row.get("exit_status")?,
                        secrets_missing: missing.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
                    };
                    Ok((row.get::<_, String>("at")?, marks, pass))
                },
            )
            .doing(&self, "reading the record of passes")?;
        let (chain, cases, last_message, in_flight) = marks;
        let messages = match last_message {
            Some(id) => {
                let in_flight = in_flight.and_then(|text| serde_json::from_str(&text).ok());
                Messages::UpTo(id, in_flight.unwrap_or_default())
            }
            // A quiet pass looked at no message.
            None => Messages::Until(parse_stored_instant(&at).unwrap_or_default()),
        };
        self.looking_back(Past {
            chain,
            cases: cases.unwrap_or(chain),
            messages,
            pass: Some(pass),
            present_data: false,
            caught_up: Cell::new(0),
            lost: Cell::new(0),
        })
    }

    /// The same database as it was at an instant at which no pass was recorded.
    fn at_instant(self, at: DateTime<Utc>) -> anyhow::Result<Self> {
        let doing = "looking for changes";
        let since: Option<String> = self
            .connection
            .query_row("SELECT changes_since FROM chain WHERE id = 1", [], |row| row.get(0))
            .optional()
            .doing(&self, doing)?
            .flatten();
        let is_recorded = since.as_deref().and_then(parse_stored_instant).is_some_and(|since| since <= at);
        // The newest of those at or before that instant: a clock that was wrong for a while leaves
        // instants that are out of order.
        let last = self
            .connection
            .query_row("SELECT seq FROM change WHERE at <= ?1 ORDER BY seq DESC LIMIT 1", [stored_instant(at)], |row| {
                row.get(0)
            })
            .optional()
            .doing(&self, doing)?;
        let last = if is_recorded { last.unwrap_or(0) } else { i64::MAX };
        self.looking_back(Past {
            chain: last,
            cases: last,
            messages: Messages::Until(at),
            pass: None,
            present_data: !is_recorded,
            caught_up: Cell::new(0),
            lost: Cell::new(0),
        })
    }

    /// A second look at the database of a pass that is under way, as it was at its mark.
    ///
    /// # Errors
    /// 74 if the database cannot be opened or read.
    pub(crate) fn at_mark(&self, mark: &PassMark) -> anyhow::Result<Self> {
        // The file is not looked into by any other way: whoever closes it gives up the locks of
        // this whole process.
        let connection = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let store = Self { connection, path: self.path.clone(), file: self.file, past: None, still: None };
        store.looking_back(Past {
            chain: mark.chain_change,
            cases: mark.last_change,
            messages: Messages::UpTo(mark.last_message, mark.in_flight.clone()),
            pass: None,
            present_data: false,
            caught_up: Cell::new(0),
            lost: Cell::new(0),
        })
    }

    /// Whether nothing that a plan is made of has changed since a pass took its mark, but for what it
    /// has written itself: the newest message then, or `None`. Messages up to `known` are its own.
    pub(crate) fn is_as_marked(&self, mark: &PassMark, known: i64) -> anyhow::Result<Option<i64>> {
        let look = || -> rusqlite::Result<Option<i64>> {
            let is_same: bool = self
                .connection
                .prepare_cached(include_str!("../../sql/is_as_marked.sql"))?
                .query_row([mark.last_change, mark.pass_id], |row| row.get(0))?;
            let (newest, others): (i64, bool) = self
                .connection
                .prepare_cached(
                    "SELECT coalesce(max(id), ?1), coalesce(max(pass_id IS NOT ?2), 0) FROM main.message WHERE id > ?1",
                )?
                .query_row([known, mark.pass_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok((is_same && !others).then_some(newest))
        };
        look().doing(self, "looking for changes")
    }

    /// Whether the database is seen as it was at an instant of the past.
    #[must_use]
    pub const fn looks_back(&self) -> bool {
        self.past.is_some()
    }

    /// Whether the record is seen up to the mark of a pass, which had settled what dead ones left.
    pub(super) fn sees_a_mark(&self) -> bool {
        self.past.as_ref().is_some_and(|past| matches!(past.messages, Messages::UpTo(..)))
    }

    /// The real pass by whose marks the past is seen.
    #[must_use]
    pub fn replayed_pass(&self) -> Option<&ReplayedPass> {
        self.past.as_ref().and_then(|past| past.pass.as_ref())
    }

    /// Whether changes were not recorded yet at the instant of the past, so that the data are those
    /// of the present, but for the messages.
    #[must_use]
    pub fn shows_present_data(&self) -> bool {
        self.past.as_ref().is_some_and(|past| past.present_data)
    }

    /// How many rows cannot be seen as they were, since their old values have been purged; they are
    /// seen as they are, or as the oldest values that are left.
    #[must_use]
    pub fn purged_values(&self) -> usize {
        self.past.as_ref().map_or(0, |past| past.lost.get())
    }

    fn looking_back(mut self, past: Past) -> anyhow::Result<Self> {
        past.caught_up.set(past.chain.min(past.cases));
        let begun = past.begin(&self.connection);
        begun.doing(&self, "looking at the past")?;
        self.past = Some(past);
        self.reading(|| Ok(()))?;
        Ok(self)
    }

    /// Undoes what has changed since it was last looked at; within a transaction.
    pub(super) fn catch_up(&self) -> anyhow::Result<()> {
        match &self.past {
            Some(past) => past.catch_up(&self.connection).doing(self, "looking at the past"),
            None => Ok(()),
        }
    }

    /// The appointments about which a message was written that is not seen or was another one, into
    /// the temporary table `touched`.
    pub(super) fn touch(&self) -> rusqlite::Result<()> {
        let Some(past) = &self.past else { return Ok(()) };
        let unseen = format!(
            "SELECT appointment_id FROM main.message_appointment
             WHERE message_id IN (SELECT id FROM main.message WHERE NOT ({}))",
            past.messages.seen()
        );
        self.connection.execute(&format!("INSERT OR IGNORE INTO temp.touched {unseen}"), [])?;
        self.connection.execute_batch(
            "INSERT OR IGNORE INTO temp.touched SELECT row_part FROM temp.undone_message_appointment;
             INSERT OR IGNORE INTO temp.touched SELECT appointment_id FROM main.message_appointment
             WHERE message_id IN (SELECT row_id FROM temp.undone_message)",
        )
    }
}

impl Messages {
    /// Whether a row of the table `message` is seen.
    fn seen(&self) -> String {
        match self {
            Self::UpTo(id, _) => format!("id <= {id}"),
            Self::Until(at) => {
                let at = stored_instant(*at);
                format!("(sent_at < '{at}' OR sent_at = '{at}' AND kind = 'manual')")
            }
        }
    }
}

impl Past {
    /// Makes what is there from the beginning: the record of messages as it was.
    fn begin(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(
            "PRAGMA temp_store = MEMORY;
             CREATE TEMP TABLE touched (appointment_id INTEGER PRIMARY KEY);",
        )?;
        for table in TABLES.iter().filter(|table| ["message", "message_appointment"].contains(&table.name)) {
            self.undo_table(connection, table)?;
        }
        if let Messages::UpTo(_, in_flight) = &self.messages
            && !in_flight.is_empty()
        {
            // Seen as recorded before anything that was recorded later.
            let list = serde_json::json!(in_flight).to_string();
            let columns: Vec<_> = columns_of(connection, "message")?.into_iter().map(|(name, _)| name).collect();
            let values: Vec<_> = columns
                .iter()
                .map(|name| if name == "state" { "'sending'".to_owned() } else { name.clone() })
                .collect();
            connection.execute(
                &format!(
                    "INSERT INTO temp.undone_message (row_id, row_part, existed, {}) SELECT id, 0, 1, {}
                     FROM main.message WHERE id IN (SELECT value FROM json_each(?1))",
                    columns.join(", "),
                    values.join(", ")
                ),
                [list],
            )?;
        }
        // The views of the database look at the past as well.
        let views: Vec<String> = connection
            .prepare("SELECT sql FROM main.sqlite_schema WHERE type = 'view'")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for view in views {
            connection.execute_batch(&view.replacen("CREATE VIEW", "CREATE TEMP VIEW", 1))?;
        }
        Ok(())
    }

    fn catch_up(&self, connection: &Connection) -> rusqlite::Result<()> {
        let from = self.caught_up.get();
        let newest: i64 =
            connection.query_row("SELECT coalesce(max(seq), 0) FROM main.change", [], |row| row.get(0))?;
        if newest <= from {
            return Ok(());
        }
        let changed: BTreeSet<String> = connection
            .prepare("SELECT DISTINCT table_name FROM main.change WHERE seq > ?1")?
            .query_map([from], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for table in TABLES.iter().filter(|table| changed.contains(table.name)) {
            let mark = if table.of_chain { self.chain } else { self.cases };
            if newest <= mark {
                continue;
            }
            if !Self::has_undone(connection, table.name)? {
                self.undo_table(connection, table)?;
            }
            self.undo(connection, table, from.max(mark))?;
        }
        self.caught_up.set(newest);
        Ok(())
    }

    fn has_undone(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
        connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM temp.sqlite_schema WHERE name = 'undone_' || ?1)",
            [table],
            |row| row.get(0),
        )
    }

    /// Makes the table of the rows as they were, and the view that takes the place of the table.
    fn undo_table(&self, connection: &Connection, table: &Table) -> rusqlite::Result<()> {
        let name = table.name;
        let columns = columns_of(connection, name)?;
        let typed: Vec<_> = columns.iter().map(|(column, kind)| format!("{column} {kind}")).collect();
        let start = if name == "appointment" {
            ", start TEXT GENERATED ALWAYS AS (coalesce(customer_starts_at, starts_at)) VIRTUAL"
        } else {
            ""
        };
        connection.execute_batch(&format!(
            "CREATE TEMP TABLE undone_{name} (
                 row_id INTEGER NOT NULL, row_part INTEGER NOT NULL, existed INTEGER NOT NULL, {}{start},
                 PRIMARY KEY (row_id, row_part)
             )",
            typed.join(", ")
        ))?;
        let key = table.key.join(", ");
        for (number, index) in [key.as_str()].iter().chain(table.indexes).enumerate() {
            connection
                .execute_batch(&format!("CREATE INDEX temp.undone_{name}_{number} ON undone_{name} ({index})"))?;
        }
        let mut names: Vec<String> = columns.into_iter().map(|(column, _)| column).collect();
        let mut seen = String::new();
        match name {
            "appointment" => names.push("start".to_owned()),
            "message" => seen = format!(" AND {}", self.messages.seen()),
            "message_appointment" => {
                for column in names.iter_mut().filter(|column| *column == "counts") {
                    "coalesce((SELECT state IN ('sending', 'sent', 'handed_over', 'uncertain') FROM message \
                     WHERE message.id = message_id), 0) AS counts"
                        .clone_into(column);
                }
            }
            _ => {}
        }
        let names = names.join(", ");
        let key = table.key_of("present.");
        connection.execute_batch(&format!(
            "CREATE TEMP VIEW {name} AS
             SELECT {names} FROM main.{name} AS present
             WHERE NOT EXISTS (
                 SELECT 1 FROM temp.undone_{name} AS undone WHERE (undone.row_id, undone.row_part) = ({key})
             ){seen}
             UNION ALL
             SELECT {names} FROM temp.undone_{name} WHERE existed = 1{seen}"
        ))
    }

    /// Takes the rows as they were before their first change after `from`.
    fn undo(&self, connection: &Connection, table: &Table, from: i64) -> rusqlite::Result<()> {
        let name = table.name;
        let columns = columns_of(connection, name)?;
        let values: Vec<_> = columns
            .iter()
            .map(|(column, _)| match (name, column.as_str()) {
                ("interface", "settings") => SETTINGS.to_owned(),
                _ => format!("json_extract(old, '$.{column}')"),
            })
            .collect();
        let columns: Vec<_> = columns.iter().map(|(column, _)| column.as_str()).collect();
        // In the order of the changes, so that the first one of a row is the one that is kept.
        connection.execute(
            &format!(
                "INSERT OR IGNORE INTO temp.undone_{name} (row_id, row_part, existed, {})
                 SELECT row_id, row_part, what <> 'insert', {}
                 FROM main.change WHERE seq > ?1 AND table_name = ?2 AND (what = 'insert' OR old IS NOT NULL)
                 ORDER BY seq",
                columns.join(", "),
                values.join(", ")
            ),
            params![from, name],
        )?;
        let lost: i64 = connection.query_row(
            "SELECT count(*) FROM main.change
             WHERE seq > ?1 AND table_name = ?2 AND what <> 'insert' AND old IS NULL",
            params![from, name],
            |row| row.get(0),
        )?;
        self.lost.set(self.lost.get() + usize::try_from(lost).unwrap_or(usize::MAX));
        Ok(())
    }
}

/// The settings of an interface with something in the place of each secret, which is not recorded:
/// what could be read then is good. What was no object of secrets is none.
const SETTINGS: &str = "CASE json_type(old, '$.secrets')
    WHEN 'array' THEN json_set(json_extract(old, '$.settings'), '$.secrets', json((
        SELECT json_group_object(
            CASE
                WHEN value LIKE '%\\_file' ESCAPE '\\' THEN substr(value, 1, length(value) - 5)
                WHEN value LIKE '%\\_env' ESCAPE '\\' THEN substr(value, 1, length(value) - 4)
                ELSE value
            END,
            'not recorded'
        )
        FROM json_each(old, '$.secrets')
    )))
    WHEN 'integer' THEN json_set(json_extract(old, '$.settings'), '$.secrets', 0)
    ELSE json_extract(old, '$.settings') END";

/// The columns of a table that are stored, with their types.
fn columns_of(connection: &Connection, table: &str) -> rusqlite::Result<Vec<(String, String)>> {
    connection
        .prepare("SELECT name, type FROM pragma_table_info(?1, 'main')")?
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
