//! Writes the figures of a pass for monitoring (`--metrics`).

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::standing::Standing;
use crate::cli::Cli;
use crate::clock::Clock;
use crate::exit::{ExitStatus, Stop};
use crate::host;
use crate::pass::service_zone;
use crate::report::metrics::{self, Counts, Metrics};
use crate::store::Store;

/// Writes the figures of a pass that has ended with `exit_status`.
///
/// # Errors
/// 74 if the file cannot be written.
pub(super) fn write(
    cli: &Cli,
    file: &Path,
    counts: &Counts,
    clock: &Clock,
    exit_status: ExitStatus,
) -> anyhow::Result<()> {
    let metrics = Metrics {
        counts,
        started: clock.at(),
        duration: clock.elapsed(),
        exit_status: exit_status.code(),
        // Why it cannot be read is what the pass itself says.
        standing: standing(cli, clock).ok(),
    };
    replace(file, &metrics.text()).map_err(|error| {
        let file = file.display();
        let message = format!(
            "writing the metrics {file}: {error}; its folder must be there and writable for the user that runs terminbote"
        );
        Stop::new(ExitStatus::Unusable, message).into()
    })
}

fn standing(cli: &Cli, clock: &Clock) -> anyhow::Result<metrics::Standing> {
    let store = Store::open_read_only(super::database(&cli.common)?)?;
    let interfaces = store.interfaces()?;
    let zone = service_zone(&interfaces);
    let now = super::instant(&cli.common, zone)?.map_or_else(|| clock.now(), |at| at + clock.elapsed());
    let standing = Standing::read(&store, &interfaces, now, zone, &host::workstation())?;
    store.finish_reading()?;
    Ok(metrics::Standing {
        last_good: standing.last_good.map(|pass| pass.finished_at.unwrap_or(pass.at)),
        uncertain: standing.unsure.uncertain,
        deferred: standing.unsure.deferred,
        tasks_open: standing.tasks_open,
        tasks_missed: standing.tasks_missed.len(),
    })
}

/// Puts a file in the place of another in one step, so that nobody ever reads half of it. Everybody may
/// read it: the collector runs as a user of its own.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    // The collector takes only names that end in .prom.
    let mut new = file.as_os_str().to_owned();
    new.push(".new");
    let new = Path::new(&new);
    match fs::remove_file(new) {
        // What a pass has left that died at this very moment.
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut open = fs::OpenOptions::new().write(true).create_new(true).mode(0o644).open(new)?;
    // Whatever the umask says.
    open.set_permissions(fs::Permissions::from_mode(0o644))?;
    let written = open.write_all(text.as_bytes()).and_then(|()| open.sync_all()).and_then(|()| fs::rename(new, file));
    if written.is_err() {
        let _ = fs::remove_file(new);
    }
    written
}
