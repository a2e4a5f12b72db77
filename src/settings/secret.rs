//! Secrets: where they stand, and the type that they never leave.

use std::fmt;
use std::path::{Path, PathBuf};

use super::fields::Fields;

/// A password, key or token. It prints as stars; only [`Secret::expose`] gives it away.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Where a secret stands: in the settings, or in a file or an environment variable named there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// In the settings, under `secrets`.
    Here(Secret),
    /// In the file of this name, as it stands in the settings; blank space at its end does not belong
    /// to the secret.
    File(PathBuf),
    /// In this environment variable.
    Variable(String),
}

impl SecretSource {
    /// The name of what it stands in outside the settings: a path or a variable.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Here(_) => None,
            Self::File(path) => Some(path.display().to_string()),
            Self::Variable(name) => Some(format!("${name}")),
        }
    }
}

/// What settings refer to outside themselves: the folder that relative paths start from, and
/// secrets in files and environment variables.
pub trait Surroundings {
    /// The folder of the database, from which relative paths in settings start.
    fn folder(&self) -> &Path;

    /// The secret itself.
    ///
    /// # Errors
    /// A sentence fragment that says which file or variable cannot be read, and why.
    fn secret(&self, source: &SecretSource) -> Result<Secret, String>;
}

impl Fields<'_> {
    /// The secret `name` of an object of secrets: from the key of that name, or from what the keys
    /// with `_file` or `_env` behind it name. `None` if there is none, or if it cannot be read,
    /// which leaves a fault.
    pub(super) fn secret(
        &mut self,
        [name, file, variable]: [&'static str; 3],
        surroundings: &dyn Surroundings,
    ) -> Option<Secret> {
        let here = self.text(name).map(|text| SecretSource::Here(Secret::new(text)));
        let in_file = self.text(file).map(|path| SecretSource::File(PathBuf::from(path)));
        let in_variable = self.text(variable).map(|name| SecretSource::Variable(name.to_owned()));
        let mut sources = [(name, here), (file, in_file), (variable, in_variable)]
            .into_iter()
            .filter_map(|(key, source)| source.map(|source| (key, source)));
        let (key, source) = sources.next()?;
        if let Some((second, _)) = sources.next() {
            self.fault(second, format!("given beside `{key}`; one of them is needed, not both"));
            return None;
        }
        match surroundings.secret(&source) {
            Ok(secret) => Some(secret),
            Err(problem) => {
                self.fault(key, problem);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_stars() {
        assert_eq!(format!("{:?}", SecretSource::Here(Secret::new("hunter2"))), "Here(***)");
    }
}
