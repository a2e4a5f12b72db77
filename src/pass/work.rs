//! One message on its way through a pass.

use super::compose::Composed;
use crate::rules::{Case, Decision};
use crate::store::{InReach, Unsettled};

/// A message that has been decided, with what it was decided from.
#[derive(Debug, Clone)]
pub struct Work {
    /// The message.
    pub decision: Decision,
    /// The customer as read.
    pub case: Case,
    /// Where the case can be read again.
    pub of: InReach,
    /// The state of the database when the case was read.
    pub data_version: i64,
    /// The message of unknown fate that this one repeats (rule G3).
    pub repeats: Option<Unsettled>,
}

/// A message that has been decided and written.
#[derive(Debug, Clone)]
pub struct Written {
    /// What was decided.
    pub work: Work,
    /// Its words, or why there can be none (F8).
    pub(super) composed: Result<Composed, String>,
}
