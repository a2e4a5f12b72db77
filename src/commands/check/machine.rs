//! What the computer must offer: the right to write, a free lock, a clock that is right, room.
//!
//! Nothing is written to find out, and no lock is taken, which could turn away a pass that begins
//! at this very moment.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use chrono::{Datelike, Duration};
use rustix::fs::{Access, AtFlags, CWD, accessat, statvfs};

use super::Checking;
use super::rights;
use crate::pass::lock_path;
use crate::report::check::{Area, Matter, PassState};

/// Years that a clock which is right can show to this program.
const PLAUSIBLE_YEARS: std::ops::RangeInclusive<i32> = 2025..=2099;

/// A pass is due every hour; after this time nobody can call it a slow one.
const LONG_AGO: Duration = Duration::hours(26);

/// A clock may be this much behind the one that made the record.
const SLACK: Duration = Duration::minutes(5);

impl Checking<'_> {
    /// Looks at file, lock, clock, record and disk.
    pub(super) fn machine(&mut self, path: &Path) -> anyhow::Result<()> {
        self.find(Area::Machine, Matter::FileWritable(is_writable(path, Access::WRITE_OK)));
        let folder = is_writable(self.store.folder(), Access::WRITE_OK | Access::EXEC_OK);
        self.find(Area::Machine, Matter::FolderWritable(folder));
        let lock = lock_path(path);
        if lock.exists() && !is_writable(&lock, Access::READ_OK | Access::WRITE_OK) {
            self.find(Area::Machine, Matter::LockUnusable { lock: lock.display().to_string() });
        }
        let confidential = rights::of_database(path).into_iter().chain(self.surroundings.files_of_secrets());
        let open = confidential.filter(|file| rights::is_open_to_all(file)).map(|file| file.display().to_string());
        self.find(Area::Machine, Matter::OpenToAll(open.collect()));
        self.find(Area::Machine, Matter::Journal(self.store.journal_mode()?));
        self.find(
            Area::Machine,
            match holder(path) {
                Some(since) => Matter::LockHeld { since },
                None => Matter::LockFree,
            },
        );
        let now = self.clock.at();
        let local = self.zone.with_offset(now);
        if PLAUSIBLE_YEARS.contains(&local.year()) {
            let change = self.zone.next_change(now).map(|(at, by)| (self.zone.with_offset(at), by.num_minutes()));
            self.find(Area::Machine, Matter::Clock { zone: self.zone, now: local, change });
        } else {
            self.find(Area::Machine, Matter::ClockWrong(local));
        }
        let matter = match self.store.last_pass()? {
            None => Matter::NoPass,
            Some(pass) => {
                let state = if pass.at > now + SLACK {
                    PassState::InFuture
                } else if pass.at < now - LONG_AGO {
                    PassState::LongAgo
                } else {
                    match pass.exit_status.filter(|_| pass.finished) {
                        Some(status) => PassState::Ended(status),
                        None => PassState::Unfinished,
                    }
                };
                Matter::LastPass { at: self.zone.with_offset(pass.at), state }
            }
        };
        self.find(Area::Machine, matter);
        if let Ok(disk) = statvfs(self.store.folder()) {
            let megabytes = disk.f_bavail.saturating_mul(disk.f_frsize) / 1_000_000;
            self.find(Area::Machine, Matter::Disk { megabytes });
        }
        Ok(())
    }
}

/// Whether this user has the right, as the operating system would decide it.
fn is_writable(path: &Path, access: Access) -> bool {
    accessat(CWD, path, access, AtFlags::EACCESS).is_ok()
}

/// What the lock of the passes over `path` says of its holder; `None` if nobody holds it.
fn holder(path: &Path) -> Option<String> {
    let lock = lock_path(path);
    let inode = fs::metadata(&lock).ok()?.ino();
    // The kernel's list of locks; it is read instead of trying the lock.
    let locks = fs::read_to_string("/proc/locks").ok()?;
    is_locked(&locks, inode).then(|| fs::read_to_string(&lock).unwrap_or_default().trim().to_owned())
}

/// Whether the file of that inode is locked, by the kernel's list. The device is not compared: on a
/// file system in layers it is another one than that of the file.
fn is_locked(locks: &str, inode: u64) -> bool {
    let suffix = format!(":{inode}");
    locks.lines().any(|line| {
        let mut words = line.split_whitespace();
        // A line that begins with `->` is of somebody who waits.
        words.nth(1) == Some("FLOCK") && words.nth(3).is_some_and(|file| file.ends_with(&suffix))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_found_in_the_kernels_list_by_its_file() {
        let locks = "1: FLOCK  ADVISORY  WRITE 13343 fe:00:10021780 0 EOF\n\
                     2: POSIX  ADVISORY  WRITE 13343 fe:00:4711 0 EOF\n\
                     2: -> FLOCK  ADVISORY  WRITE 13344 fe:00:4712 0 EOF\n";
        assert!(is_locked(locks, 10_021_780));
        for other in [21_780, 4711, 4712, 1] {
            assert!(!is_locked(locks, other), "{other}");
        }
    }
}
