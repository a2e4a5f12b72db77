//! A copy of the database beside it, made before its tables are changed.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{beside, connect, length_of, unusable};
use crate::exit::{ExitStatus, Stop};

/// Copies the database at `path`, with tables of `version`, and returns where the copy is: beside it, with
/// the version in its name, for its owner only. One of the same name is replaced. It has that name only once
/// all of it is on disk, so that a copy is whole or is none.
///
/// # Errors
/// As [`Stop`]: 74 if there is no room for it, or it cannot be written. Nothing is left of it then.
pub(super) fn of_version(connection: &Connection, path: &Path, version: i32) -> anyhow::Result<PathBuf> {
    let copy = beside(path, &format!(".version-{version}"));
    let unfinished = beside(&copy, ".part");
    // Before anything is written: a full disk would be in the way of everybody else, too.
    let size = length_of(path);
    if free(path).is_some_and(|free| free < size) {
        return Err(no_room(path, &copy, size).into());
    }
    let written = write(connection, &unfinished).and_then(|()| Ok(fs::rename(&unfinished, &copy)?));
    let written =
        written.and_then(|()| Ok(File::open(copy.parent().filter(named).unwrap_or(Path::new(".")))?.sync_all()?));
    match written {
        Ok(()) => Ok(copy),
        Err(fault) => {
            // What is there of it is of use to nobody; the fault itself is what has to be told.
            let _ = fs::remove_file(&unfinished);
            Err(fault.told(path, &copy, size))
        }
    }
}

fn named(folder: &&Path) -> bool {
    !folder.as_os_str().is_empty()
}

/// Bytes that this user may still write to the disk of the file; `None` if it cannot be told.
fn free(path: &Path) -> Option<u64> {
    rustix::fs::statvfs(path).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn write(connection: &Connection, unfinished: &Path) -> Result<(), Fault> {
    match fs::remove_file(unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(unfinished)?;
    let mut target = connect(unfinished, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(Fault::Other)?;
    // What is not whole is thrown away, so that nothing has to be undone in it; all is flushed once, below.
    target.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")?;
    match Backup::new(connection, &mut target)?.step(-1)? {
        StepResult::Done => {}
        _ => return Err(Fault::Locked),
    }
    target.close().map_err(|(_, error)| error)?;
    Ok(file.sync_all()?)
}

/// What has kept a copy from being made.
enum Fault {
    Database(rusqlite::Error),
    File(io::Error),
    Locked,
    Other(anyhow::Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl Fault {
    fn told(self, path: &Path, copy: &Path, size: u64) -> anyhow::Error {
        let stop = |why: &str| Stop::new(ExitStatus::Unusable, format!("{}: {why}", doing(path, copy)));
        match self {
            Self::Database(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {
                no_room(path, copy, size).into()
            }
            Self::File(error) if error.kind() == io::ErrorKind::StorageFull => no_room(path, copy, size).into(),
            Self::Database(error) => unusable(path, "copying the database", &error),
            Self::File(error) => stop(&format!("{error}; the folder of the database must be writable")).into(),
            Self::Locked => stop("another program keeps it locked: find out which, or try again later").into(),
            Self::Other(error) => error,
        }
    }
}

fn doing(path: &Path, copy: &Path) -> String {
    format!("copying {} to {} before its tables are changed", path.display(), copy.display())
}

fn no_room(path: &Path, copy: &Path, size: u64) -> Stop {
    let mebibytes = size.div_ceil(1024 * 1024);
    let what = format!("{}: there is no room on the disk", doing(path, copy));
    Stop::new(
        ExitStatus::Unusable,
        format!(
            "{what}; make room for {mebibytes} MiB and as much for the change, then run it again; nothing was changed"
        ),
    )
}
