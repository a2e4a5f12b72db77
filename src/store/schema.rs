//! Makes the tables and brings older ones up to date, after a copy, and all at once.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::{APPLICATION_ID, Store, changes, connect, copy, unusable};
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
    // Messages that follow another on its connection.
    Step { sql: &[include_str!("../../sql/following.sql")], triggers: Some(changes::triggers) },
    // Which of several messages is the newest.
    Step { sql: &[include_str!("../../sql/told_order.sql")], triggers: None },
];

/// The version that this program works with.
pub(super) const VERSION: i32 = 6;
const _: () = assert!(STEPS.len() == VERSION as usize, "every version has its step");

/// What [`init`] found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initialised {
    /// The version before; 0 if there were no tables.
    pub before: i32,
    /// The version now.
    pub after: i32,
    /// A copy of the file as it was before, if it was of an older version.
    pub copy: Option<PathBuf>,
}

/// Makes a database at `path`, or brings an older one up to date; the tables of a present one are not
/// touched.
/// `identity` is the chain's own random name, used if it has none yet. `alone` makes sure that no pass
/// runs while older tables are changed; what it returns is kept as long.
///
/// # Errors
/// As [`Stop`]: 65 if the file belongs to another program or a newer version, 74 if it cannot be
/// made, copied or written, and whatever `alone` returns. The tables are then as they were.
pub fn init<G>(path: &Path, identity: &str, alone: impl FnOnce() -> anyhow::Result<G>) -> anyhow::Result<Initialised> {
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
    // See the module `store` for why it is not WAL.
    let prepare = |connection: &Connection| {
        let before = version(connection, path)?;
        connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(())).map_err(in_tables(path))?;
        anyhow::Ok(before)
    };
    let (mut guard, mut copy, mut alone) = (None, None, Some(alone));
    // A large pass has a log as long as it runs.
    let has_log = connection.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
    if has_log.is_ok_and(|mode| mode == "wal")
        && let Some(alone) = alone.take()
    {
        guard = Some(alone()?);
    }
    let mut before = prepare(&connection)?;
    if before > 0 && before < VERSION {
        if let Some(alone) = alone.take() {
            guard = Some(alone()?);
        }
        // Somebody else may have done it meanwhile.
        before = prepare(&connection)?;
        if before < VERSION {
            copy = Some(copy::of_version(&connection, path, before)?);
        }
    }
    if before < VERSION {
        before = migrate(&mut connection, identity).map_err(in_tables(path))?;
    }
    drop(guard);
    Ok(Initialised { before, after: VERSION, copy })
}

fn in_tables(path: &Path) -> impl Fn(rusqlite::Error) -> anyhow::Error {
    move |error| match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Stop::new(
            ExitStatus::Unusable,
            format!(
                "making the tables in {}: {error}; make room on the disk, then run it again; nothing was changed",
                path.display()
            ),
        )
        .into(),
        _ => unusable(path, "making the tables in", &error),
    }
}

/// The version of the tables; 0 if there are none.
fn version(connection: &Connection, path: &Path) -> anyhow::Result<i32> {
    let pragma = |name: &str| -> anyhow::Result<i32> {
        connection.pragma_query_value(None, name, |row| row.get(0)).map_err(in_tables(path))
    };
    let (version, application) = (pragma("user_version")?, pragma("application_id")?);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(in_tables(path))?;
    if application != APPLICATION_ID && (application != 0 || tables > 0) {
        return Err(Stop::new(
            ExitStatus::NotOurs,
            format!("{} belongs to another program; name another file", path.display()),
        )
        .into());
    }
    if version > VERSION {
        return Err(Stop::new(
            ExitStatus::NotOurs,
            format!(
                "{} has tables of version {version}, made by a newer terminbote; this program knows {VERSION}: install that one",
                path.display()
            ),
        )
        .into());
    }
    Ok(version)
}

/// Runs the steps that are missing, all of them or none; returns the version before them.
fn migrate(connection: &mut Connection, identity: &str) -> rusqlite::Result<i32> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another call may have made them since the file was looked at.
    let before = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if before == VERSION {
        return Ok(before);
    }
    for (_, step) in (1..).zip(STEPS).filter(|(version, _)| *version > before) {
        for sql in step.sql {
            transaction.execute_batch(sql)?;
        }
        if let Some(triggers) = step.triggers {
            transaction.execute_batch(&triggers())?;
        }
        // Later steps note in this row since when they hold.
        transaction
            .execute("INSERT INTO chain (id, identity) VALUES (1, ?1) ON CONFLICT (id) DO NOTHING", [identity])?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(before)
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
