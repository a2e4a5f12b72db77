//! The clock of a pass: its instant, plus the time elapsed since it began (rule A4).
//!
//! `main` makes the one clock of the program; everything else is given it.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// The clock of a pass.
pub struct Clock {
    at: DateTime<Utc>,
    elapsed: Box<dyn Fn() -> Duration + Send + Sync>,
}

impl Clock {
    /// A clock that shows `at`, cut to whole seconds, when `elapsed` is zero.
    pub fn new(at: DateTime<Utc>, elapsed: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self { at: at.trunc_subsecs(0), elapsed: Box::new(elapsed) }
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

    /// What the clock shows now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        // An elapsed time beyond what a date can hold cannot happen to a running program.
        TimeDelta::from_std(self.elapsed()).map_or(self.at, |elapsed| self.at + elapsed)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("at", &self.at).finish_non_exhaustive()
    }
}
