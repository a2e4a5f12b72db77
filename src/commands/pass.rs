//! One notification pass, real or dry.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context;

use super::output::Output;
use super::page::PageFile;
use super::progress::Progress;
use crate::cli::{Cli, Format};
use crate::clock::Clock;
use crate::exit::ExitStatus;
use crate::host::{self, Host};
use crate::pass::{Dispatch, Pass, PassIdentity, Sending, Showing, service_zone};
use crate::report::json::JsonPrinter;
use crate::report::text::TextPrinter;
use crate::report::words::Lang;
use crate::report::{Both, Printer};
use crate::store::Store;
use crate::zone::Zone;

pub(super) fn run(cli: &Cli, clock: Clock) -> anyhow::Result<ExitStatus> {
    // A nonsense time is wrong whatever the zone, and needs no database to say so.
    super::instant(&cli.common, Zone::default())?;
    let lang = super::language(&cli.common);
    let path = super::database(&cli.common)?;
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
    let store = if cli.dry_run && clock.at() < clock.time_of_day() { store.as_of(clock.at()) } else { store };
    let process = host::this_process();
    let mut sending;
    let mut showing = Showing;
    let dispatch: &mut dyn Dispatch = if cli.dry_run {
        &mut showing
    } else {
        for number in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
            signal_hook::flag::register(number, Arc::clone(&signal)).context("listening for signals")?;
        }
        let identity = PassIdentity {
            path,
            host: &workstation,
            process: process.as_deref(),
            version: env!("CARGO_PKG_VERSION"),
            zone,
        };
        sending = Sending::new(&store, Arc::clone(&clock), &signal, identity, cli.common.at.is_some());
        &mut sending
    };
    let pass = Pass { store: &store, clock: &clock, workstation: &workstation, surroundings: &surroundings };
    let mut page = cli.html.as_deref().map(|page| PageFile::create(page, path, lang)).transpose()?;
    let mut output = Output::new();
    let status = if cli.quiet {
        let mut report = Vec::new();
        let status = pass.run(dispatch, &mut Both(printer(cli.common.format, &mut report, lang), page.as_mut()))?;
        if status != ExitStatus::Complete {
            output.write_all(&report)?;
        }
        status
    } else {
        let report = Both(printer(cli.common.format, &mut output, lang), page.as_mut());
        if io::stderr().is_terminal() {
            // A person is waiting; under cron standard error is no terminal.
            pass.run(dispatch, &mut Progress::new(Box::new(report), io::stderr(), Arc::clone(&clock), lang))?
        } else {
            pass.run(dispatch, &mut { report })?
        }
    };
    store.finish_reading()?;
    output.finish()?;
    if let Some(page) = page {
        page.finish()?;
    }
    Ok(status)
}

/// The printer of a format.
pub(super) fn printer<'w>(format: Format, writer: &'w mut dyn Write, lang: Lang) -> Box<dyn Printer + 'w> {
    match format {
        Format::Text => Box::new(TextPrinter::new(writer, lang)),
        Format::Json => Box::new(JsonPrinter::new(writer, lang)),
    }
}
