//! Which secrets a pass could read: that is part of what it decided from, but no secret is recorded.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use crate::settings::{Secret, SecretSource, Surroundings};
use crate::store::Store;

/// Notes which secrets cannot be read, so that a replay need not read any.
pub(super) struct Noting<'a> {
    host: &'a dyn Surroundings,
    missing: RefCell<BTreeMap<String, String>>,
}

impl<'a> Noting<'a> {
    pub(super) fn new(host: &'a dyn Surroundings) -> Self {
        Self { host, missing: RefCell::default() }
    }

    pub(super) fn into_missing(self) -> BTreeMap<String, String> {
        self.missing.into_inner()
    }
}

impl Surroundings for Noting<'_> {
    fn folder(&self) -> &Path {
        self.host.folder()
    }

    fn secret(&self, source: &SecretSource) -> Result<Secret, String> {
        self.host.secret(source).inspect_err(|problem| {
            self.missing.borrow_mut().extend(source.name().map(|name| (name, problem.clone())));
        })
    }
}

/// Secrets as a recorded pass found them, there or not.
#[derive(Debug)]
pub struct RecordedSecrets<'a> {
    folder: &'a Path,
    missing: BTreeMap<String, String>,
}

impl<'a> RecordedSecrets<'a> {
    /// What the pass could read by whose marks `store` is seen. None is the secret itself.
    #[must_use]
    pub fn of(store: &'a Store) -> Self {
        let missing = store.replayed_pass().map(|pass| pass.secrets_missing.clone());
        Self { folder: store.folder(), missing: missing.unwrap_or_default() }
    }
}

impl Surroundings for RecordedSecrets<'_> {
    fn folder(&self) -> &Path {
        self.folder
    }

    fn secret(&self, source: &SecretSource) -> Result<Secret, String> {
        match source.name().and_then(|name| self.missing.get(&name)) {
            Some(problem) => Err(problem.clone()),
            None => Ok(Secret::new("not recorded")),
        }
    }
}
