//! What has become of a pass that is looked at again: its messages in the record, and what has changed
//! since in the rows that it used.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params, params_from_iter};

use super::changes::{TABLES, Table};
use super::{Doing, Store};
use crate::model::{Channel, Kind, RecordedMessage, Since, State};

/// A message with what it is for and whom.
type Keyed = ((Kind, i64), RecordedMessage);

impl Store {
    /// The messages of the pass by whose marks the past is seen, by what they are for and customer, in
    /// the order of their numbers; nothing if there is no such pass.
    ///
    /// # Errors
    /// 74 if they cannot be read.
    pub fn recorded_messages(&self) -> anyhow::Result<BTreeMap<(Kind, i64), Vec<RecordedMessage>>> {
        let mut messages = BTreeMap::<_, Vec<_>>::new();
        let Some(pass) = self.replayed_pass() else { return Ok(messages) };
        let read = || -> rusqlite::Result<Vec<Option<Keyed>>> {
            self.connection
                .prepare(include_str!("../../sql/recorded_messages.sql"))?
                .query_map([pass.id], |row| {
                    let word = |column: &str| row.get::<_, Option<String>>(column);
                    let state = |column: &str| -> rusqlite::Result<Option<State>> {
                        Ok(word(column)?.as_deref().and_then(State::from_word))
                    };
                    let kind = word("kind")?.as_deref().and_then(Kind::from_word);
                    let channel = word("channel")?.as_deref().and_then(Channel::from_word);
                    let (id, customer_id) = (row.get("id")?, row.get("customer_id")?);
                    let (address, error) = (word("address")?.unwrap_or_default(), word("error")?);
                    let (then, now, now_error) = (state("then_state")?, state("now_state")?, word("now_error")?);
                    Ok(kind.zip(channel).zip(then.or(now)).map(|((kind, channel), state)| {
                        ((kind, customer_id), RecordedMessage { id, channel, address, state, error, now, now_error })
                    }))
                })?
                .collect()
        };
        for (key, message) in read().doing(self, "reading the messages of the pass")?.into_iter().flatten() {
            messages.entry(key).or_default().push(message);
        }
        Ok(messages)
    }

    /// What has changed since in a customer, their telephone numbers, and appointments.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn changed_since(
        &self,
        customer_id: i64,
        appointments: impl IntoIterator<Item = i64>,
    ) -> anyhow::Result<Vec<Since>> {
        let mut since = Vec::new();
        if self.looks_back() {
            let doing = "looking for what has changed since";
            for id in appointments {
                self.differences("appointment", Some(id), &mut since).doing(self, doing)?;
            }
            for table in ["customer", "customer_phone"] {
                self.differences(table, Some(customer_id), &mut since).doing(self, doing)?;
            }
        }
        Ok(since)
    }

    /// What has changed since in interfaces, branches, types and texts.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn chain_changed_since(&self) -> anyhow::Result<Vec<Since>> {
        let mut since = Vec::new();
        if self.looks_back() {
            for table in TABLES.iter().filter(|table| table.of_chain) {
                self.differences(table.name, None, &mut since).doing(self, "looking for what has changed since")?;
            }
        }
        Ok(since)
    }

    /// Adds how the rows of a table, or those of one id, differ between then and now.
    fn differences(&self, name: &'static str, id: Option<i64>, since: &mut Vec<Since>) -> rusqlite::Result<()> {
        let Some(table) = TABLES.iter().find(|table| table.name == name) else { return Ok(()) };
        if !self.has_undone(name)? {
            return Ok(());
        }
        let columns = table.columns.join(", ");
        let of_id = if id.is_some() { "WHERE row_id = ?" } else { "" };
        let rows: Vec<(i64, i64, Option<Vec<Value>>)> = self
            .connection
            .prepare_cached(&format!(
                "SELECT row_id, row_part, existed, {columns} FROM temp.undone_{name} {of_id}
                 ORDER BY row_id, row_part"
            ))?
            .query_map(params_from_iter(id), |row| {
                let existed: bool = row.get("existed")?;
                let values = (0..table.columns.len()).map(|column| row.get(column + 3)).collect::<Result<_, _>>()?;
                Ok((row.get(0)?, row.get(1)?, existed.then_some(values)))
            })?
            .collect::<Result<_, _>>()?;
        for (row, part, then) in rows {
            let now = self.present_values(table, &columns, row, part)?;
            since.extend(differences(table, (row, part), then, now));
        }
        Ok(())
    }

    fn present_values(
        &self,
        table: &Table,
        columns: &str,
        row: i64,
        part: i64,
    ) -> rusqlite::Result<Option<Vec<Value>>> {
        let keys: Vec<String> = table.key.iter().map(|column| format!("{column} = ?")).collect();
        let sql = format!("SELECT {columns} FROM main.{} WHERE {}", table.name, keys.join(" AND "));
        self.connection
            .prepare_cached(&sql)?
            .query_row(params_from_iter([row, part].iter().take(table.key.len())), |row| {
                (0..table.columns.len()).map(|column| row.get(column)).collect()
            })
            .optional()
    }

    fn has_undone(&self, table: &str) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM temp.sqlite_schema WHERE name = 'undone_' || ?1)")?
            .query_row(params![table], |row| row.get(0))
    }
}

/// How one row differs; once as a whole where it is new or gone.
fn differences(
    table: &Table,
    (row, part): (i64, i64),
    then: Option<Vec<Value>>,
    now: Option<Vec<Value>>,
) -> Vec<Since> {
    let of = |column, then, now| Since { table: table.name, row, part, column, then, now };
    match (then, now) {
        (None, None) => Vec::new(),
        (None, Some(_)) => vec![of(None, None, Some(String::new()))],
        (Some(_), None) => vec![of(None, Some(String::new()), None)],
        (Some(then), Some(now)) => table
            .columns
            .iter()
            .zip(then.into_iter().zip(now))
            .filter_map(|(column, (then, now))| {
                if *column == "settings" {
                    // Their secrets are not for showing.
                    return (without_secrets(&then) != without_secrets(&now)).then(|| of(Some(*column), None, None));
                }
                (then != now).then(|| of(Some(*column), shown(then), shown(now)))
            })
            .collect(),
    }
}

fn without_secrets(settings: &Value) -> Option<serde_json::Value> {
    let Value::Text(text) = settings else { return None };
    let mut settings: serde_json::Value = serde_json::from_str(text).ok()?;
    settings.as_object_mut()?.remove("secrets");
    Some(settings)
}

fn shown(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Integer(number) => Some(number.to_string()),
        Value::Real(number) => Some(number.to_string()),
        Value::Text(text) => Some(text),
        Value::Blob(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
    }
}
