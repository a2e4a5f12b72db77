//! The clock of a pass: its instant, plus the time elapsed since it began (rule A4).
//!
//! `main` makes the one clock of the program; everything else is given it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// The clock of a pass. A clone shows the same time.
#[derive(Clone)]
pub struct Clock {
    started: DateTime<Utc>,
    at: DateTime<Utc>,
    elapsed: Arc<dyn Fn() -> Duration + Send + Sync>,
}

impl Clock {
    /// The clock of a program that started at `started`.
    pub fn new(started: DateTime<Utc>, elapsed: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        let started = started.trunc_subsecs(0);
        Self { started, at: started, elapsed: Arc::new(elapsed) }
    }

    /// The same clock, showing `at` when the program started (`--at`).
    #[must_use]
    pub fn set_to(self, at: DateTime<Utc>) -> Self {
        Self { at: at.trunc_subsecs(0), ..self }
    }

    /// The instant of the pass, for which everything is decided.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The time since the pass began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        (self.elapsed)()
    }

    /// What the clock of the pass shows now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.later(self.at)
    }

    /// The time of day, whatever the instant of the pass (rule A5).
    #[must_use]
    pub fn time_of_day(&self) -> DateTime<Utc> {
        self.later(self.started)
    }

    fn later(&self, than: DateTime<Utc>) -> DateTime<Utc> {
        // An elapsed time beyond what a date can hold cannot happen to a running program.
        TimeDelta::from_std(self.elapsed()).map_or(than, |elapsed| than + elapsed)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("at", &self.at).finish_non_exhaustive()
    }
}
