//! Exit statuses, as the contract has them.

use std::process::ExitCode;

/// The exit status of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitStatus {
    /// The pass, or the command, is complete.
    Complete,
    /// Something needs a person.
    NeedsPerson,
    /// Wrong usage.
    Usage,
    /// Not a database of ours, or of another version.
    NotOurs,
    /// No such database.
    NoDatabase,
    /// The database cannot be read or written.
    Unusable,
    /// Another pass is running.
    AnotherPass,
    /// Configuration error.
    Configuration,
    /// `status`: no good pass has ended of late (Nagios: CRITICAL).
    NoGoodPass,
    /// `status`: it cannot be told (Nagios: UNKNOWN).
    CannotTell,
}

impl ExitStatus {
    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Complete => 0,
            Self::NeedsPerson => 1,
            Self::Usage | Self::NoGoodPass => 2,
            Self::CannotTell => 3,
            Self::NotOurs => 65,
            Self::NoDatabase => 66,
            Self::Unusable => 74,
            Self::AnotherPass => 75,
            Self::Configuration => 78,
        }
    }

    /// The status that an error asks for: that of the first [`Stop`] in its chain; without one, it
    /// is the outside world that failed.
    #[must_use]
    pub fn of(error: &anyhow::Error) -> Self {
        error.chain().find_map(|cause| cause.downcast_ref::<Stop>()).map_or(Self::Unusable, |stop| stop.status)
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}

/// An error that ends the program with a status of its own.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Stop {
    /// The status.
    pub status: ExitStatus,
    /// What was being done, what is wrong, and what would be right.
    pub message: String,
}

impl Stop {
    /// An error with this status.
    #[must_use]
    pub fn new(status: ExitStatus, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    /// A configuration error (78).
    #[must_use]
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::Configuration, message)
    }

    /// Wrong usage (2).
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::Usage, message)
    }
}
