//! What the program takes from the computer that it runs on: its name, and secrets that settings
//! keep outside the database.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::regular;
use crate::settings::{Secret, SecretSource, Surroundings};

/// The name of this workstation: `TERMINBOTE_WORKSTATION`, else the host name.
#[must_use]
pub fn workstation() -> String {
    env::var("TERMINBOTE_WORKSTATION")
        .ok()
        .filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| gethostname::gethostname().to_string_lossy().into_owned())
}

/// The locale of messages: `LC_ALL`, else `LC_MESSAGES`, else `LANG`, the first that is not empty.
#[must_use]
pub fn locale() -> Option<String> {
    ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
}

/// This process, by a mark that none bears after it, also after the computer was started again; `None` where the system
/// does not tell one.
#[must_use]
pub fn this_process() -> Option<String> {
    mark(&std::process::id().to_string())
}

/// Whether another process than this one runs on this computer and bears `mark`.
#[must_use]
pub fn is_running(mark: &str) -> bool {
    let number = mark.split(' ').next().unwrap_or_default();
    self::mark(number).is_some_and(|running| running == mark) && number != std::process::id().to_string()
}

/// Whether whoever started this process had the signal of this number ignored; false where the system does not
/// tell.
#[must_use]
pub fn ignores(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    // The lowest bit is signal 1.
    signal > 0 && ignored.checked_shr((signal - 1).unsigned_abs()).is_some_and(|mask| mask & 1 == 1)
}

/// Lets this process have as many files and connections open at once as it may, and returns how many that are;
/// `None` if there is no bound.
#[must_use]
pub fn open_files_at_most() -> Option<usize> {
    let limit = getrlimit(Resource::Nofile);
    // If it cannot be raised, the lower one holds.
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).is_ok();
    let most = if raised { limit.maximum } else { limit.current };
    most.and_then(|most| usize::try_from(most).ok())
}

/// Number and start of a process, as Linux tells them, and since when the computer runs: the number alone is given
/// again to others, and after a start of the computer its time may be, too.
fn mark(number: &str) -> Option<String> {
    let stat = fs::read_to_string(Path::new("/proc").join(number).join("stat")).ok()?;
    // After the name in brackets, in which anything may stand: the state and, much later, the start.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let is_dead = matches!(fields.next()?, "Z" | "X");
    let began = fields.nth(18)?;
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    (!is_dead).then(|| format!("{number} {began} {}", boot.trim()).trim_end().to_owned())
}

/// Files and environment variables that settings refer to.
#[derive(Debug)]
pub struct Host {
    folder: PathBuf,
    /// The folder of the credentials that systemd hands to a service.
    credentials: Option<PathBuf>,
}

impl Host {
    /// Relative paths start from `folder`; those of secrets from the folder that
    /// `CREDENTIALS_DIRECTORY` names (systemd.exec(5)), if the file is there.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        let credentials = env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from).filter(|path| path.is_absolute());
        Self { folder: folder.to_owned(), credentials }
    }

    /// Where a file of secrets lies that settings name so.
    #[must_use]
    pub fn file_of_secret(&self, name: &Path) -> PathBuf {
        let handed_over = self.credentials.as_ref().map(|folder| folder.join(name)).filter(|path| path.exists());
        handed_over.unwrap_or_else(|| self.folder.join(name))
    }
}

impl Surroundings for Host {
    fn folder(&self) -> &Path {
        &self.folder
    }

    fn secret(&self, source: &SecretSource) -> Result<Secret, String> {
        match source {
            SecretSource::Here(secret) => Ok(secret.clone()),
            SecretSource::File(name) => {
                let path = self.file_of_secret(name);
                match regular::read(&path) {
                    Ok(text) if !text.trim_end().is_empty() => Ok(Secret::new(text.trim_end())),
                    Ok(_) => Err(format!("the file {} is empty", path.display())),
                    Err(error) => Err(format!("the file {} cannot be read: {error}", path.display())),
                }
            }
            SecretSource::Variable(name) => match env::var(name) {
                Ok(text) if !text.is_empty() => Ok(Secret::new(text)),
                Ok(_) => Err(format!("the environment variable {name} is empty")),
                Err(error) => Err(format!("the environment variable {name} cannot be read: {error}")),
            },
        }
    }
}
