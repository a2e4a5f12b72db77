//! Who else can read what is confidential: people's data, and secrets.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::host::Host;
use crate::settings::{Secret, SecretSource, Surroundings};

/// The database with the files beside it that hold the same data: journal, log, and copies that `init` has made.
pub(super) fn of_database(path: &Path) -> Vec<PathBuf> {
    let target = if path.is_symlink() { path.canonicalize().ok() } else { None };
    let database = target.as_deref().unwrap_or(path);
    let Some(name) = database.file_name().map(|name| name.to_string_lossy().into_owned()) else { return Vec::new() };
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beside = fs::read_dir(folder.unwrap_or(Path::new("."))).into_iter().flatten().flatten();
    let beside = beside.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let holds_data = |file: &String| {
        file.strip_prefix(&name)
            .is_some_and(|rest| ["", "-journal", "-wal"].contains(&rest) || rest.starts_with(".version-"))
    };
    let mut files: Vec<String> = beside.filter(holds_data).collect();
    files.sort();
    files.into_iter().map(|file| database.with_file_name(file)).collect()
}

/// Whether any user of this computer can read the file: it allows that, and so does each folder on the way.
pub(super) fn is_open_to_all(file: &Path) -> bool {
    let allows = |path: &Path, bits: u32| fs::metadata(path).is_ok_and(|found| found.permissions().mode() & bits != 0);
    let Ok(file) = file.canonicalize() else { return false };
    allows(&file, 0o004) && file.ancestors().skip(1).all(|folder| allows(folder, 0o001))
}

/// What settings refer to on this computer; keeps in mind which files of secrets were asked for.
#[derive(Debug)]
pub(super) struct SecretFiles<'a> {
    host: &'a Host,
    files: RefCell<BTreeSet<PathBuf>>,
}

impl<'a> SecretFiles<'a> {
    pub(super) fn new(host: &'a Host) -> Self {
        Self { host, files: RefCell::default() }
    }

    /// Those files, where they lie.
    pub(super) fn files_of_secrets(&self) -> BTreeSet<PathBuf> {
        self.files.borrow().clone()
    }
}

impl Surroundings for SecretFiles<'_> {
    fn folder(&self) -> &Path {
        self.host.folder()
    }

    fn secret(&self, source: &SecretSource) -> Result<Secret, String> {
        if let SecretSource::File(name) = source {
            self.files.borrow_mut().insert(self.host.file_of_secret(name));
        }
        self.host.secret(source)
    }
}
