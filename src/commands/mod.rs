//! What the command line offers, a file for each command; `log`, `output`, `page`, `progress` and `standing` are
//! shared by several.

mod check;
mod demo;
mod explain;
mod forecast;
mod history;
mod init;
mod log;
mod metrics;
mod output;
mod page;
mod pass;
mod progress;
mod purge;
mod record;
mod restored;
mod settle;
mod standing;
mod status;
mod tasks;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::cli::{Cli, Command, Common, Format, Language};
use crate::clock::Clock;
use crate::exit::{ExitStatus, Stop};
use crate::model::BadData;
use crate::report::clean;
use crate::report::words::{self, Lang};
use crate::zone::{Zone, parse_time};

/// Runs what the command line asks for; returns the exit status.
///
/// # Errors
/// What went wrong, to be printed; [`ExitStatus::of`] tells its status.
pub fn run(cli: &Cli, clock: Clock) -> anyhow::Result<ExitStatus> {
    if let Some(command) = &cli.command
        && let Some(option) = misplaced(cli, command)
    {
        let name = command.name();
        return Err(Stop::usage(format!("--{option} does not go with `{name}`; leave one of them out")).into());
    }
    match &cli.command {
        None if cli.hours.is_some() => forecast::run(cli, &clock),
        None => pass::run(cli, &clock),
        Some(Command::Init) => init::run(database(&cli.common)?, language(&cli.common), &clock),
        Some(Command::Tasks { command }) => tasks::run(&cli.common, command.as_ref(), &clock),
        Some(Command::Settle { id, fate }) => settle::run(&cli.common, *id, *fate, &clock),
        Some(Command::History(asked)) => history::run(&cli.common, asked, &clock),
        Some(Command::Record(message)) => record::run(&cli.common, message, &clock),
        Some(Command::Restored { since }) => restored::run(&cli.common, since.as_deref(), &clock),
        Some(Command::Purge(asked)) => purge::run(&cli.common, asked, cli.dry_run, clock),
        Some(Command::Check(check)) => check::run(&cli.common, check, clock),
        Some(Command::Explain(explain)) => explain::run(&cli.common, explain, &clock),
        Some(Command::Status { max_age }) => status::run(&cli.common, *max_age, &clock),
        Some(Command::Demo) => demo::run(&cli.common, clock),
    }
}

/// Tells the error that ends the program on standard error, in the format of the log.
pub fn tell(cli: &Cli, error: &anyhow::Error) {
    log::error(cli.log_format(), error, ExitStatus::of(error).code());
}

/// Names a row that cannot be understood on standard error, and goes on.
fn name_bad_row(bad: &BadData) {
    let BadData { table, row, column, .. } = bad;
    let problem = clean(&words::bad_problem(Lang::En, bad));
    // A standard error that nobody reads is no reason to end.
    let _ = writeln!(
        io::stderr(),
        "error: table {table}, row {row}, column {column} cannot be understood: {problem}; correct it"
    );
}

/// An option that was given and does not go with the command.
fn misplaced(cli: &Cli, command: &Command) -> Option<&'static str> {
    let of_all = [
        (cli.common.at.is_some(), "at"),
        (cli.common.format == Format::Json, "format"),
        (cli.common.html.is_some(), "html"),
    ];
    let of_passes = [
        (cli.dry_run && !matches!(command, Command::Purge(_)), "dry-run"),
        (cli.hours.is_some(), "hours"),
        (cli.limit.is_some(), "limit"),
        (cli.quiet, "quiet"),
        (cli.metrics.is_some(), "metrics"),
        (cli.log.is_some(), "log"),
        (cli.verbose, "verbose"),
    ];
    let unused = of_all.into_iter().filter(|(_, option)| !command.has_use_for(option));
    unused.chain(of_passes).find_map(|(given, option)| given.then_some(option))
}

/// The instant of `--at`, in the zone of the chain.
fn instant(common: &Common, zone: Zone) -> Result<Option<DateTime<Utc>>, Stop> {
    let Some(text) = &common.at else { return Ok(None) };
    match parse_time(text, zone) {
        Some(at) => Ok(Some(at)),
        None => Err(Stop::usage(format!(
            "--at \"{text}\" is no time; write 2026-03-10T19:00 (in the chain's zone) or 2026-03-10T19:00:00+01:00"
        ))),
    }
}

/// The database that was named.
fn database(common: &Common) -> Result<&Path, Stop> {
    common
        .db
        .as_deref()
        .filter(|path| !path.as_os_str().is_empty())
        .ok_or_else(|| Stop::usage("no database is named; give --db FILE, or set TERMINBOTE_DB"))
}

/// The language of staff: `--lang`, else the locale's, else English.
fn language(common: &Common) -> Lang {
    match common.lang {
        Some(Language::De) => Lang::De,
        Some(Language::En) => Lang::En,
        None => crate::host::locale().and_then(|locale| Lang::from_tag(&locale)).unwrap_or(Lang::En),
    }
}

/// A text whose quotes may have been forgotten, so that it came in pieces.
fn text(pieces: Option<&[String]>) -> Option<String> {
    pieces.map(|pieces| pieces.join(" "))
}

/// A path for people: as it was typed.
fn shown(path: &Path) -> String {
    PathBuf::from(path).display().to_string()
}
