//! One notification pass, real or dry.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::metrics;
use super::output::{Output, Withheld};
use super::page::PassPage;
use super::progress::{self, Progress};
use crate::cli::{Cli, Format};
use crate::clock::Clock;
use crate::exit::{ExitStatus, Stop};
use crate::host::{self, Host};
use crate::pass::{Dispatch, Pass, PassIdentity, Sending, Showing, service_zone};
use crate::regular::belongs_to;
use crate::report::json::JsonPrinter;
use crate::report::metrics::{Counting, Counts};
use crate::report::text::TextPrinter;
use crate::report::words::Lang;
use crate::report::{Both, Printer};
use crate::store::Store;
use crate::zone::Zone;

pub(super) fn run(cli: &Cli, clock: &Clock) -> anyhow::Result<ExitStatus> {
    if let Some(format) = cli.log_format() {
        super::log::begin(format, clock.clone());
    }
    let mut counts = Counts::default();
    let outcome = pass(cli, clock.clone(), &mut counts);
    let Some(file) = &cli.metrics else { return outcome };
    let status = outcome.as_ref().map_or_else(ExitStatus::of, |status| *status);
    // The figures of the pass that is running are not to be overwritten, nor those of the last one by a
    // typing mistake.
    if matches!(status, ExitStatus::AnotherPass | ExitStatus::Usage) {
        return outcome;
    }
    match (outcome, metrics::write(cli, file, &counts, clock, status)) {
        (outcome, Ok(())) => outcome,
        (Ok(_), Err(error)) => Err(error),
        (Err(error), Err(other)) => {
            super::tell(cli, &other);
            Err(error)
        }
    }
}

fn pass(cli: &Cli, clock: Clock, counts: &mut Counts) -> anyhow::Result<ExitStatus> {
    // A nonsense time is wrong whatever the zone, and needs no database to say so.
    super::instant(&cli.common, Zone::default())?;
    let lang = super::language(&cli.common);
    let path = super::database(&cli.common)?;
    if let Some(metrics) = cli.metrics.as_deref().filter(|metrics| belongs_to(metrics, path)) {
        let metrics = metrics.display();
        return Err(
            Stop::usage(format!("--metrics names the database or a file of it, {metrics}; name another file")).into()
        );
    }
    let store = if cli.dry_run { Store::open_read_only(path)? } else { Store::open(path)? };
    let interfaces = store.interfaces()?;
    let zone = service_zone(&interfaces);
    let clock = match super::instant(&cli.common, zone)? {
        Some(at) => clock.set_to(at),
        None => clock,
    };
    let clock = Arc::new(clock);
    let workstation = host::workstation();
    let surroundings = Host::new(store.folder());
    let signal = Arc::new(AtomicBool::new(false));
    // Without `--at` it is now, and all of the record is seen, also what is of this very second.
    let looks_back = cli.dry_run && cli.common.at.is_some() && clock.at() < clock.time_of_day();
    let store = if looks_back { store.as_of(clock.at())? } else { store };
    let process = host::this_process();
    let mut sending = None;
    let mut showing = Showing;
    let dispatch: &mut dyn Dispatch = if cli.dry_run {
        &mut showing
    } else {
        // With `nohup`, a terminal that is closed is to be nothing.
        let hangup = (!host::ignores(SIGHUP)).then_some(SIGHUP);
        for number in [SIGTERM, SIGINT].into_iter().chain(hangup) {
            signal_hook::flag::register(number, Arc::clone(&signal)).context("listening for signals")?;
        }
        let identity = PassIdentity {
            path,
            host: &workstation,
            process: process.as_deref(),
            version: env!("CARGO_PKG_VERSION"),
            zone,
        };
        sending.insert(Sending::new(&store, Arc::clone(&clock), &signal, identity, cli.common.at.is_some()))
    };
    let pass = Pass {
        store: &store,
        clock: &clock,
        workstation: &workstation,
        surroundings: &surroundings,
        limit: cli.limit.map(limit),
    };
    let mut page = cli.common.html.as_deref().map(|page| PassPage::create(page, path, lang)).transpose()?;
    let mut output = Output::new();
    let mut kept = (cli.quiet || !cli.dry_run).then(Withheld::new);
    let writer: &mut dyn Write = match &mut kept {
        Some(kept) => kept,
        None => &mut output,
    };
    let report = Both(printer(cli.common.format, writer, lang), page.as_mut());
    // A log says the same and more.
    let terminal = progress::terminal().filter(|_| !cli.quiet && cli.log_format().is_none());
    let mut report = Progress::new(report, terminal, Clock::clone(&clock), lang, 1);
    let ran = pass.run(dispatch, &mut Counting::new(&mut report, counts));
    drop(report);
    // Whoever is slow to read the report, or does not read it at all, keeps no other pass from running.
    drop(sending);
    // The page is wanted also where the report cannot be written, and the other way round.
    let page = page.map_or(Ok(()), PassPage::put_in_place);
    let kept = match kept {
        Some(kept) if !(cli.quiet && matches!(ran, Ok(ExitStatus::Complete))) => kept.print(&mut output),
        _ => Ok(()),
    };
    let printed = output.finish().and(kept);
    let status = ran?;
    store.finish_reading()?;
    printed.and(page)?;
    Ok(status)
}

/// `--limit` as a number of messages.
pub(super) fn limit(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// The printer of a format.
pub(super) fn printer<'w>(format: Format, writer: &'w mut dyn Write, lang: Lang) -> Box<dyn Printer + 'w> {
    match format {
        Format::Text => Box::new(TextPrinter::new(writer, lang)),
        Format::Json => Box::new(JsonPrinter::new(writer, lang)),
    }
}
