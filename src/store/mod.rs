//! The database. Nothing else in the program knows SQL.
//!
//! It is kept in a rollback journal (`journal_mode = DELETE`), not in WAL: only so can a reader
//! look at it without leaving a file beside it, also while another process writes, and still see
//! everything that has been committed. The price is that a reader and a committing writer wait for
//! each other, so that no transaction here is ever held while a message is on its way. A pass that
//! sends has a log as long as it lasts; a reader beside it uses the files that are there anyway.

mod by_hand;
mod cases;
mod cells;
mod chain;
mod changes;
mod copy;
mod cost;
mod explain;
mod history;
mod ledger;
mod left_behind;
mod log;
mod passes;
mod past;
mod retention;
mod schema;
mod since;
mod standing;
mod survey;
mod tasks;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::exit::{ExitStatus, Stop};
use crate::regular;

pub use by_hand::ByHand;
pub use cases::{CaseLoader, ConfirmationReach, InReach};
pub use chain::InterfaceRow;
pub use cost::Ran;
pub use history::{Listed, Search, Whose};
pub use ledger::{Claim, Claiming, Covered, Settlement};
pub use left_behind::{NotBegun, Unsettled};
pub use passes::{PassBeginning, PassCounts, PassMark};
pub use retention::Purge;
pub use schema::init;
pub use standing::{RecordedWarning, Unsure};
pub use survey::LastPass;

/// How often a statement looks whether another program has finished its transaction: for ten
/// seconds in all. `SQLite`'s own way is to wait for a tenth of a second in between, and so to miss
/// the moments between the changes of a program that writes all the time.
const BUSY_LOOKS: i32 = 10_000;
const BUSY_PAUSE: Duration = Duration::from_millis(1);

fn wait_for_others(looks: i32) -> bool {
    let goes_on = looks < BUSY_LOOKS;
    if goes_on {
        std::thread::sleep(BUSY_PAUSE);
    }
    goes_on
}

/// `PRAGMA application_id`: the letters "tmbt".
const APPLICATION_ID: i32 = 0x746d_6274;

/// An open database of ours.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// Device and number of the file that was opened.
    file: (u64, u64),
    /// The instant of the past at which it is looked at.
    past: Option<past::Past>,
    /// What the file looked like when it was opened as one that nobody changes.
    still: Option<Stillness>,
}

/// The marks by which a change of the file would be noticed.
#[derive(Debug, PartialEq, Eq)]
struct Stillness {
    length: u64,
    modified: Option<std::time::SystemTime>,
    wal: bool,
}

impl Stillness {
    fn of(path: &Path) -> std::io::Result<Self> {
        let file = fs::metadata(path)?;
        Ok(Self { length: file.len(), modified: file.modified().ok(), wal: length_of(&beside(path, "-wal")) > 0 })
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn length_of(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}

/// How many pages are kept in memory: 16 MiB. The upper parts of all B-trees of a large database find
/// room in it, so that a look costs one page of the file and not three.
const CACHE_PAGES: i64 = 4_000;

impl Store {
    /// Opens a database of ours for reading and writing.
    ///
    /// # Errors
    /// As [`Stop`]: 66 if there is none, 65 if it is not ours or of another version, 74 if it
    /// cannot be read.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        check_header(path)?;
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // FULL leaves the removal of the journal to the file system: after a power failure it can be
        // there again, and undo a commit on which a message has already gone out.
        connection
            .execute_batch("PRAGMA synchronous = EXTRA")
            .map_err(|error| unusable(path, "reading the database", &error))?;
        Self::checked(Self { connection, path: path.to_owned(), file: file_of(path)?, past: None, still: None })
    }

    /// Opens a database of ours for reading only, without leaving a trace beside it.
    ///
    /// # Errors
    /// As [`Store::open`]; also 74 if the file is in WAL mode and cannot be read without making
    /// new files.
    pub fn open_read_only(path: &Path) -> anyhow::Result<Self> {
        let wal_mode = check_header(path)?;
        let store = if wal_mode && length_of(&beside(path, "-wal")) == 0 {
            // Somebody has switched the file to WAL, and nothing waits in a log: all of it is in
            // the file, which can be read as one that nobody changes. Whether that stayed true is
            // checked by `finish_reading`.
            let still = Stillness::of(path).with_context(|| format!("looking at {}", path.display()))?;
            let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)?;
            Self { connection, path: path.to_owned(), file: file_of(path)?, past: None, still: Some(still) }
        } else if wal_mode && !beside(path, "-shm").exists() {
            return Err(Stop::new(
                ExitStatus::Unusable,
                format!(
                    "reading {}: another program has switched it to WAL mode and left a log behind, which cannot be \
                     read without making new files; run `terminbote init --db {}` once, which mends that",
                    path.display(),
                    path.display()
                ),
            )
            .into());
        } else {
            let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            Self { connection, path: path.to_owned(), file: file_of(path)?, past: None, still: None }
        };
        Self::checked(store)
    }

    /// Makes sure that the name still leads to the file that was opened. `SQLite` itself looks in a
    /// rollback journal, but not in a log.
    fn is_in_its_place(&self) -> anyhow::Result<()> {
        if file_of(&self.path)? == self.file {
            return Ok(());
        }
        let path = self.path.display();
        Err(Stop::new(ExitStatus::Unusable, format!("writing in the database {path}{REPLACED}")).into())
    }

    /// Makes sure that what was read was true to the end.
    ///
    /// # Errors
    /// 74 if the file was read as one that nobody changes, and somebody has.
    pub fn finish_reading(&self) -> anyhow::Result<()> {
        match &self.still {
            Some(still) if *still != Stillness::of(&self.path)? => Err(Stop::new(
                ExitStatus::Unusable,
                format!("{} was changed while it was being read; run the command again", self.path.display()),
            )
            .into()),
            _ => Ok(()),
        }
    }

    /// Puts the demo's chain into a database that has just been made.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn fill_for_demo(&self, sql: &str) -> anyhow::Result<()> {
        self.transaction(|| self.connection.execute_batch(sql).doing(self, "writing the demo's chain"))
    }

    /// Runs `work` over one unchanging view of the database; no other program can commit a change
    /// while it lasts, so that it must be short.
    ///
    /// # Errors
    /// 74 if the database cannot be read, and whatever `work` returns.
    pub fn reading<T>(&self, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        self.run("BEGIN").doing(self, "beginning to read")?;
        let result = self.catch_up().and_then(|()| work());
        // Nothing was written, so that there is nothing to lose; but what has been undone in the view
        // of the past stays. After some errors SQLite has ended it by itself, and that error is the one to
        // tell.
        let ended = if self.connection.is_autocommit() { Ok(()) } else { self.run("COMMIT") };
        let value = result?;
        ended.doing(self, "ending to read")?;
        Ok(value)
    }

    /// Runs a statement without values that comes again and again.
    fn run(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(|_| ())
    }

    /// The folder of the database, from which relative paths in settings start.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// Refuses what is not ours, or of another version.
    fn checked(store: Self) -> anyhow::Result<Self> {
        let pragma = |name: &str| -> anyhow::Result<i32> {
            store
                .connection
                .pragma_query_value(None, name, |row| row.get(0))
                .map_err(|error| unusable(&store.path, "reading the database", &error))
        };
        let (application, version) = (pragma("application_id")?, pragma("user_version")?);
        let path = store.path.display();
        let refused = if application != APPLICATION_ID {
            Some(format!("{path} is not a database of terminbote; make one with `terminbote init --db FILE`"))
        } else if version > schema::VERSION {
            Some(format!(
                "{path} was made by a newer terminbote (tables of version {version}; this program knows {}): \
                 install that version",
                schema::VERSION
            ))
        } else if version < schema::VERSION {
            Some(format!(
                "{path} has the tables of version {version}, this program needs {}: \
                 run `terminbote init --db {path}`, which makes a copy of the file first",
                schema::VERSION
            ))
        } else {
            None
        };
        if let Some(message) = refused {
            return Err(Stop::new(ExitStatus::NotOurs, message).into());
        }
        keep_pages(&store.connection);
        Ok(store)
    }
}

fn keep_pages(connection: &Connection) {
    // With fewer of them it goes on all the same.
    let _ = connection.pragma_update(None, "cache_size", CACHE_PAGES);
}

/// Looks at the first bytes of the file; returns whether it is in WAL mode.
fn check_header(path: &Path) -> anyhow::Result<bool> {
    let mut header = [0; 20];
    let read = regular::open(path).and_then(|file| file.take(20).read(&mut header));
    match read {
        Ok(20) if header.starts_with(b"SQLite format 3\0") => Ok(header[18] == 2 || header[19] == 2),
        Ok(_) => Err(Stop::new(
            ExitStatus::NotOurs,
            format!("{} is not a database; make one with `terminbote init --db FILE`", path.display()),
        )
        .into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Stop::new(
            ExitStatus::NoDatabase,
            format!(
                "there is no database {}; check the path, or make one with `terminbote init --db FILE`",
                path.display()
            ),
        )
        .into()),
        Err(error) => {
            Err(Stop::new(ExitStatus::Unusable, format!("opening the database {}: {error}", path.display())).into())
        }
    }
}

/// Opens the file by its flags; as one that nobody changes if they allow a URI.
fn connect(path: &Path, flags: OpenFlags) -> anyhow::Result<Connection> {
    let name = if flags.contains(OpenFlags::SQLITE_OPEN_URI) { immutable_uri(path)? } else { path.to_owned() };
    let mut connection = Connection::open_with_flags(name, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| unusable(path, "opening the database", &error))?;
    connection.busy_handler(Some(wait_for_others)).map_err(|error| unusable(path, "opening the database", &error))?;
    // Otherwise a statement with a partial index in reach is planned anew for each value given to it.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(|error| unusable(path, "opening the database", &error))?;
    // A pass runs a dozen statements again and again.
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn immutable_uri(path: &Path) -> anyhow::Result<PathBuf> {
    use std::fmt::Write;
    use std::os::unix::ffi::OsStrExt;

    let path = path.canonicalize().with_context(|| format!("finding {}", path.display()))?;
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => uri.push(char::from(*byte)),
            other => write!(uri, "%{other:02X}")?,
        }
    }
    uri.push_str("?immutable=1");
    Ok(uri.into())
}

const MAKE_ROOM: &str =
    "; make room on the disk; a pass goes on where this one stopped, anything else has to be run again";

const NO_ROOM_OR_NO_NUMBER: &str = "; make room on the disk, a pass goes on where this one stopped, anything else has to \
                                    be run again; if there is room, look into the table sqlite_sequence for a number \
                                    as large as 9223372036854775807, behind which there is none";

/// Whether the file system of the database has no room left to speak of.
fn is_full(path: &Path) -> bool {
    rustix::fs::statvfs(path).is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < 64 * 1024)
}

const REPLACED: &str = "; another file has taken its place during the pass: what was being sent at that moment stands in \
                        neither record, see the log of the mail server and the gateway before the next pass sends it \
                        again";

/// Device and number of a file, by which it is known under every name.
fn file_of(path: &Path) -> anyhow::Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let file = fs::metadata(path)
        .map_err(|error| Stop::new(ExitStatus::Unusable, format!("looking at {}: {error}", path.display())))?;
    Ok((file.dev(), file.ino()))
}

/// What a failed statement means to the one who must act (74).
fn unusable(path: &Path, doing: &str, error: &rusqlite::Error) -> anyhow::Error {
    // 776: a journal of a writer that died must be rolled back, which a reader may not do.
    let extended = error.sqlite_error().map(|error| error.extended_code);
    let hot = extended == Some(776);
    // 1032: SQLite looks before it writes whether the name still leads to the open file.
    let replaced = extended == Some(1032);
    let advice = match error.sqlite_error_code() {
        _ if hot => {
            "; another program died in the middle of a change, and looking without writing cannot undo that: \
             run a real pass or `terminbote init` once"
        }
        _ if replaced => REPLACED,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "; another program keeps it locked: find out which, or try again later"
        }
        // A log has a file beside it that SQLite cannot let grow, and that is told as any other trouble.
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) if is_full(path) => MAKE_ROOM,
        // SQLite says the same where a number as large as can be was used for a row.
        Some(ErrorCode::DiskFull) => NO_ROOM_OR_NO_NUMBER,
        Some(ErrorCode::SystemIoFailure) => {
            "; the disk or its file system is in trouble, or a limit for this user is reached: look into the system's log"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            "; the file and its folder must be writable for the user that runs terminbote"
        }
        Some(ErrorCode::NotADatabase) => "; name another file, or restore this one from a backup if it was one",
        Some(ErrorCode::DatabaseCorrupt) => {
            "; the file is damaged: restore it from a backup, then run `terminbote restored` before the next pass"
        }
        _ => "",
    };
    let status = if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
        ExitStatus::NotOurs
    } else {
        ExitStatus::Unusable
    };
    Stop::new(status, format!("{doing} {}: {error}{advice}", path.display())).into()
}

/// Says what was being done when a statement failed.
trait Doing<T> {
    /// Turns a failed statement into a [`Stop`] that says what was being done.
    fn doing(self, store: &Store, what: &str) -> anyhow::Result<T>;
}

impl<T> Doing<T> for rusqlite::Result<T> {
    fn doing(self, store: &Store, what: &str) -> anyhow::Result<T> {
        self.map_err(|error| unusable(&store.path, &format!("{what} in the database"), &error))
    }
}
