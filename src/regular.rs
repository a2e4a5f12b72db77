//! Files that somebody names: read only if they are files, so that no pass waits for a pipe, and never
//! written where the database lives.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

/// More than any certificates or password, and a bound for what grows while it is read.
const LARGEST: u64 = 1024 * 1024;

/// `flags` as the standard library takes them.
pub(crate) fn open_flags(flags: OFlags) -> i32 {
    flags.bits().cast_signed()
}

/// Opens a file for reading, at once whatever it is.
///
/// # Errors
/// If it is not there, may not be read, or is no file.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).custom_flags(open_flags(OFlags::NONBLOCK)).open(path)?;
    let kind = file.metadata()?;
    if kind.is_dir() {
        Err(ErrorKind::IsADirectory.into())
    } else if kind.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("it is not a regular file"))
    }
}

/// Reads a small text.
///
/// # Errors
/// As [`open`]; also if it is large, or no text in UTF-8.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
        return Err(io::Error::other("it is larger than a mebibyte"));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is no text in UTF-8"))
}

/// Whether `path` is the database, or a file that it needs beside it.
pub(crate) fn belongs_to(path: &Path, database: &Path) -> bool {
    // What is not there yet has a folder.
    let whole = |path: &Path| {
        path.canonicalize().ok().or_else(|| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            Some(folder.canonicalize().ok()?.join(path.file_name()?))
        })
    };
    let (Some(path), Some(database)) = (whole(path), whole(database)) else { return false };
    ["", ".lock", "-journal", "-wal", "-shm"].iter().any(|suffix| {
        let mut name = database.clone().into_os_string();
        name.push(suffix);
        name == path.as_os_str()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(read(&pipe).unwrap_err().to_string(), "it is not a regular file");
        assert_eq!(read(folder.path()).unwrap_err().kind(), ErrorKind::IsADirectory);
        let large = folder.path().join("large");
        File::create(&large).unwrap().set_len(LARGEST + 1).unwrap();
        assert_eq!(read(&large).unwrap_err().to_string(), "it is larger than a mebibyte");
    }

    #[test]
    fn the_database_and_what_it_needs_beside_it_are_known_by_every_name() {
        let folder = tempfile::tempdir().unwrap();
        let name = |name: &str| folder.path().join(name);
        File::create(name("a.db")).unwrap();
        std::os::unix::fs::symlink(name("a.db"), name("link.db")).unwrap();
        for theirs in ["a.db", "link.db", "a.db.lock", "a.db-journal", "a.db-wal", "a.db-shm"] {
            assert!(belongs_to(&name(theirs), &name("link.db")), "{theirs}");
        }
        assert!(!belongs_to(&name("b.db"), &name("a.db")));
    }
}
