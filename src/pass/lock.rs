//! Keeps a second pass from running beside the first.
//!
//! The operating system holds the lock for the process, so that a lock of a dead process blocks
//! nobody. Should somebody remove it, the ledger still lets nothing be claimed twice, and a pass that
//! runs on this computer is known by its process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{DateTime, FixedOffset};
use rustix::fs::OFlags;

use crate::exit::{ExitStatus, Stop};
use crate::regular::open_flags;

/// The lock of a running pass; it ends with this value.
#[derive(Debug)]
pub struct PassLock {
    _file: File,
}

impl PassLock {
    /// Takes the lock of the passes over the database at `path`, noting since when.
    ///
    /// # Errors
    /// As [`Stop`]: 75 if another pass runs, 74 if the file beside the database cannot be written.
    pub fn take(path: &Path, now: DateTime<FixedOffset>) -> anyhow::Result<Self> {
        let lock = lock_path(path);
        let doing = || format!("writing {}; the folder of the database must be writable", lock.display());
        let stop = |error: std::io::Error| {
            let owner = lock.metadata().map(|file| file.uid());
            let advice = match error.kind() {
                ErrorKind::StorageFull => "make room on the disk".to_owned(),
                _ if lock.is_symlink() => "it is a link, which is not followed; remove it".to_owned(),
                kind => match owner {
                    Ok(owner) if kind == ErrorKind::PermissionDenied => format!(
                        "it belongs to the user with the number {owner}, who ran a pass before: remove it while no pass \
                         runs"
                    ),
                    _ => "the folder of the database must be writable".to_owned(),
                },
            };
            Stop::new(ExitStatus::Unusable, format!("writing {}: {error}; {advice}", lock.display()))
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            // Whoever may write into the folder could lead us to another file.
            .custom_flags(open_flags(OFlags::NOFOLLOW | OFlags::NONBLOCK))
            .open(&lock)
            .map_err(stop)?;
        if !file.metadata().map_err(stop)?.is_file() {
            return Err(stop(std::io::Error::other("it is not a regular file")).into());
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut since = String::new();
                file.read_to_string(&mut since).with_context(doing)?;
                return Err(Stop::new(
                    ExitStatus::AnotherPass,
                    format!("another pass over {} is running: {}", path.display(), since.trim()),
                )
                .into());
            }
            Err(TryLockError::Error(error)) => return Err(stop(error).into()),
        }
        // Whoever may write the database may run a pass: the group that shares it as well, and its owner also
        // after a pass by root. Only who owns the file may do this; for others it is as the owner left it.
        let (database, ours) = (path.metadata().with_context(doing)?, file.metadata().with_context(doing)?);
        let mode = database.permissions().mode() & 0o666;
        if ours.permissions().mode() & 0o777 != mode {
            let _ = file.set_permissions(PermissionsExt::from_mode(mode));
        }
        // A file that has another name as well may be somebody else's.
        if (ours.uid(), ours.gid()) != (database.uid(), database.gid()) && ours.nlink() == 1 {
            let _ = fchown(&file, Some(database.uid()), Some(database.gid()))
                .or_else(|_| fchown(&file, None, Some(database.gid())));
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(stop)?;
        write!(file, "process {} since {}", std::process::id(), now.format("%Y-%m-%d %H:%M:%S %:z")).map_err(stop)?;
        Ok(Self { _file: file })
    }
}

/// The file whose lock keeps a second pass out: beside the database file itself, so that one that is
/// also reached by a symbolic link has one lock.
#[must_use]
pub fn lock_path(path: &Path) -> PathBuf {
    let file = if path.is_symlink() { path.canonicalize().ok() } else { None };
    let mut name = file.unwrap_or_else(|| path.to_owned()).into_os_string();
    name.push(".lock");
    name.into()
}
