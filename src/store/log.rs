//! A log (WAL) for the time of many small commits, each of which then costs one flush to disk instead of
//! several.

use rusqlite::OpenFlags;

use super::{Store, connect, file_of, keep_pages};

/// How many pages are kept in memory by a connection that writes much: 12 MiB. After a commit `SQLite`
/// may look for pages that are gone, through a table as large as its cache.
const WRITER_PAGES: i64 = 3_000;

impl Store {
    /// Switches to a log. Where another program is in the way, all goes on as before. Returns whether
    /// there is a log now.
    pub fn begin_many_commits(&self) -> bool {
        let switched = self.switch_journal("WAL");
        let _ = self.connection.pragma_update(None, "cache_size", WRITER_PAGES);
        switched.is_ok_and(|mode| mode == "wal")
    }

    /// A second connection of the same program, for reading ahead while this one writes; only of use
    /// while there is a log. `None` if there can be none.
    #[must_use]
    pub fn reader(&self) -> Option<Self> {
        let connection = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        let file = file_of(&self.path).ok().filter(|file| *file == self.file)?;
        keep_pages(&connection);
        Some(Self { connection, path: self.path.clone(), file, past: None, still: None })
    }

    /// Puts the log back into the file and removes it, so that readers leave no trace again. Where
    /// another program is in the way, the log stays until the next time.
    pub fn end_many_commits(&self) {
        let _ = self.switch_journal("DELETE");
    }

    /// Asks for a journal of this kind; returns the one that there is.
    fn switch_journal(&self, mode: &str) -> rusqlite::Result<String> {
        self.connection.pragma_update_and_check(None, "journal_mode", mode, |row| row.get(0))
    }
}
