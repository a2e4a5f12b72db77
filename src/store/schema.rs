//! Makes the tables and brings older ones up to date, step by step.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{APPLICATION_ID, Store, changes, connect, unusable};
use crate::exit::{ExitStatus, Stop};

/// One step brings the tables from the version before to its own, which is its place in the list.
struct Step {
    sql: &'static [&'static str],
    /// Triggers that are alike for many tables.
    triggers: Option<fn() -> String>,
}

const STEPS: &[Step] = &[
    Step { sql: &[include_str!("../../sql/schema.sql"), include_str!("../../sql/texts.sql")], triggers: None },
    // One file for each subject.
    Step {
        sql: &[
            include_str!("../../sql/ledger.sql"),
            include_str!("../../sql/changes.sql"),
            include_str!("../../sql/pass_warning.sql"),
            include_str!("../../sql/retention.sql"),
            include_str!("../../sql/untold.sql"),
        ],
        triggers: None,
    },
    // What writers and the ledger pay: triggers and checks alone.
    Step {
        sql: &[include_str!("../../sql/untold_triggers.sql"), include_str!("../../sql/ledger_checks.sql")],
        triggers: Some(changes::triggers),
    },
    // How many messages a pass was to send.
    Step { sql: &[include_str!("../../sql/pass_limit.sql")], triggers: None },
];

/// The version that this program works with.
pub(super) const VERSION: i32 = 4;
const _: () = assert!(STEPS.len() == VERSION as usize, "every version has its step");

/// What [`init`] found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Initialised {
    /// The version before; 0 if there were no tables.
    pub before: i32,
    /// The version now.
    pub after: i32,
}

/// Makes a database at `path`, or brings an older one up to date; a present one is not touched.
/// `identity` is the chain's own random name, used if it has none yet.
///
/// # Errors
/// As [`Stop`]: 65 if the file belongs to another program or a newer version, 74 if it cannot be
/// made or written.
pub fn init(path: &Path, identity: &str) -> anyhow::Result<Initialised> {
    // The file is made here and not by SQLite, so that nobody else can ever read it.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => {
            let advice = match error.kind() {
                std::io::ErrorKind::NotFound => "; make its folder first, with mode 0700",
                _ => "",
            };
            let message = format!("making the database {}: {error}{advice}", path.display());
            return Err(Stop::new(ExitStatus::Unusable, message).into());
        }
    }
    if !path.is_file() {
        return Err(Stop::new(ExitStatus::Unusable, format!("{} is not a file", path.display())).into());
    }
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    migrate(&mut connection, identity)
        .map_err(|error| match error.downcast::<rusqlite::Error>() {
            Ok(error) => unusable(path, "making the tables in", &error),
            Err(other) => other,
        })
        .with_context(|| format!("preparing {}", path.display()))
}

fn migrate(connection: &mut Connection, identity: &str) -> anyhow::Result<Initialised> {
    let pragma = |connection: &Connection, name: &str| -> rusqlite::Result<i32> {
        connection.pragma_query_value(None, name, |row| row.get(0))
    };
    let before = pragma(connection, "user_version")?;
    let application = pragma(connection, "application_id")?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (application != 0 || tables > 0) {
        return Err(Stop::new(ExitStatus::NotOurs, "the file belongs to another program; name another file").into());
    }
    if before > VERSION {
        return Err(Stop::new(
            ExitStatus::NotOurs,
            format!("the tables are of version {before}, made by a newer terminbote; this program knows {VERSION}"),
        )
        .into());
    }
    // See the module `store` for why it is not WAL.
    connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    for (version, step) in (1..).zip(STEPS).filter(|(version, _)| *version > before) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for sql in step.sql {
            transaction.execute_batch(sql)?;
        }
        if let Some(triggers) = step.triggers {
            transaction.execute_batch(&triggers())?;
        }
        transaction
            .execute("INSERT INTO chain (id, identity) VALUES (1, ?1) ON CONFLICT (id) DO NOTHING", [identity])?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(Initialised { before, after: VERSION })
}

impl Store {
    /// The chain's random identity.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn identity(&self) -> anyhow::Result<String> {
        use super::Doing;
        self.connection
            .query_row("SELECT identity FROM chain WHERE id = 1", [], |row| row.get(0))
            .doing(self, "reading the chain's identity")
    }
}
