//! What statements cost, by `SQLite`'s own counters.

use std::collections::HashMap;
use std::time::Duration;

use rusqlite::StatementStatus;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use super::{Doing, Store};

/// A statement that has ended, and what this run of it cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Its text.
    pub sql: String,
    /// The operations of `SQLite`'s virtual machine, triggers included: a measure of the work that no
    /// other load on the computer changes.
    pub vm_steps: u32,
    /// The rows that were stepped over without an index.
    pub full_scan_steps: u32,
    /// How many times rows had to be sorted.
    pub sorts: u32,
    /// How long it took.
    pub took: Duration,
}

const COUNTERS: [StatementStatus; 3] = [StatementStatus::VmStep, StatementStatus::FullscanStep, StatementStatus::Sort];

impl Store {
    /// Tells `observer` of every statement that ends from now on.
    ///
    /// # Errors
    /// 74 if it cannot be set up.
    pub fn observe(&mut self, mut observer: impl FnMut(Ran) + Send + 'static) -> anyhow::Result<()> {
        // SQLite adds up over all runs of a prepared statement, which is kept for the next one.
        let mut before: HashMap<String, [u32; 3]> = HashMap::new();
        let told = self.connection.trace_v2(
            TraceEventCodes::SQLITE_TRACE_PROFILE,
            Some(move |event: TraceEvent<'_>| {
                let TraceEvent::Profile(statement, took) = event else { return };
                let sql = statement.sql().into_owned();
                // The counters are unsigned, and start again at zero when they are full.
                let now = COUNTERS.map(|counter| statement.get_status(counter).cast_unsigned());
                let is_first_run = statement.get_status(StatementStatus::Run) <= 1;
                let before = before.insert(sql.clone(), now).filter(|_| !is_first_run).unwrap_or_default();
                let [vm_steps, full_scan_steps, sorts] =
                    std::array::from_fn(|index| now[index].wrapping_sub(before[index]));
                observer(Ran { sql, vm_steps, full_scan_steps, sorts, took });
            }),
        );
        told.doing(self, "observing statements")
    }
}
