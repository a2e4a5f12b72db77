//! What the passes to come would send.

use std::io::{Stderr, Write};

use chrono::{DateTime, Duration, Utc};

use super::output::Output;
use super::page::PageFile;
use super::pass::limit;
use super::progress::{self, Progress};
use super::standing::usual_minute;
use crate::cli::{Cli, Format};
use crate::clock::Clock;
use crate::exit::{ExitStatus, Stop};
use crate::host::{self, Host};
use crate::pass::{Foretelling, Pass, Service, find_service, service_zone, would_be_service};
use crate::report::forecast::{Forecast, Rhythm, json, text};
use crate::report::words::Lang;
use crate::report::{PassResult, html};
use crate::rules::rhythm::next_pass;
use crate::store::Store;
use crate::zone::Zone;

pub(super) fn run(cli: &Cli, clock: &Clock) -> anyhow::Result<ExitStatus> {
    let hours = cli.hours.unwrap_or(1);
    if !cli.dry_run {
        return Err(Stop::usage(format!(
            "--hours {hours} foretells what coming passes would send, and sends nothing; add --dry-run"
        ))
        .into());
    }
    if let Some(format) = cli.log_format() {
        super::log::begin(format, clock.clone());
    }
    // A nonsense time is wrong whatever the zone, and needs no database to say so.
    super::instant(&cli.common, Zone::default())?;
    let lang = super::language(&cli.common);
    let path = super::database(&cli.common)?;
    let store = Store::open_read_only(path)?;
    let page = cli.common.html.as_deref().map(|page| PageFile::create(page, path)).transpose()?;
    let zone = service_zone(&store.interfaces()?);
    let now = clock.time_of_day();
    let asked = super::instant(&cli.common, zone)?;
    let store = match asked.filter(|at| *at < now) {
        Some(at) => store.as_of(at)?,
        None => store,
    };
    let (first, rhythm) = match (asked, usual_minute(&store, zone)?) {
        (Some(at), _) => (at, Rhythm::Asked),
        (None, Some(minute)) => (next_pass(now, minute, zone), Rhythm::Recorded),
        (None, None) => (clock.at(), Rhythm::FromNow),
    };
    let forecast = foretell(
        &store,
        clock,
        lang,
        Hours { first, number: hours, rhythm, limit: cli.limit.map(limit) },
        Until::TheEnd,
        // A log says the same and more.
        progress::terminal().filter(|_| cli.log_format().is_none() && !cli.quiet),
    )?;
    store.finish_reading()?;
    // Each is wanted also where the other cannot be written.
    let page = page.map_or(Ok(()), |mut page| {
        let written = page.write_all(html::forecast(&forecast).as_bytes());
        page.put_in_place(written)
    });
    let status = forecast.exit_status();
    if cli.quiet && status == ExitStatus::Complete {
        page?;
        return Ok(status);
    }
    let printed = match cli.common.format {
        Format::Text => text(&forecast),
        Format::Json => json(&forecast),
    };
    let mut output = Output::new();
    output.write_all(printed.as_bytes())?;
    output.finish().and(page)?;
    Ok(status)
}

/// Hourly passes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hours {
    /// The instant of the first.
    pub(super) first: DateTime<Utc>,
    /// How many.
    pub(super) number: u32,
    /// From what the instant is known.
    pub(super) rhythm: Rhythm,
    /// How many messages each sends at most.
    pub(super) limit: Option<usize>,
}

/// How far a forecast goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// To the last pass.
    TheEnd,
    /// To the first pass that looks at the appointments.
    TheFirstThatLooks,
}

/// Foretells passes. A service that is not in operation in any of them
/// is taken as if it were. If it takes long, `terminal` hears how far it has come.
pub(super) fn foretell(
    store: &Store,
    clock: &Clock,
    lang: Lang,
    Hours { first, number, rhythm, limit }: Hours,
    until: Until,
    terminal: Option<Stderr>,
) -> anyhow::Result<Forecast> {
    let instants: Vec<_> = (0..number).map(|hour| first + Duration::hours(hour.into())).collect();
    let (interfaces, last) = (store.interfaces()?, instants.last().copied().unwrap_or(first));
    let (mut workstation, mut switched_on, mut why) = (host::workstation(), None, Vec::new());
    // The start date may come meanwhile; nothing else changes.
    if let Service::Inactive(_, warnings) = find_service(&interfaces, last, &workstation)?
        && let Some(row) = would_be_service(&interfaces)
    {
        switched_on = Some(row.id);
        why = warnings;
        // On the computer to which it is bound, as the mail server and the gateway may be.
        workstation = row.workstation.clone().unwrap_or(workstation);
    }
    let zone = service_zone(&interfaces);
    let sent_before = store.newest_pass_with(&[PassResult::Complete], first)?.is_some();
    let mut forecast = Forecast::new(lang, zone, rhythm, sent_before, why);
    let (surroundings, mut dispatch) = (Host::new(store.folder()), Foretelling::with_service(switched_on));
    let passes = if until == Until::TheEnd { instants.len() } else { 1 };
    let mut progress = Progress::new(Some(&mut forecast), terminal, clock.clone(), lang, passes);
    for at in instants {
        let clock = clock.clone().set_to(at);
        let pass = Pass { store, clock: &clock, workstation: &workstation, surroundings: &surroundings, limit };
        pass.run(&mut dispatch, &mut progress)?;
        if until == Until::TheFirstThatLooks
            && progress.report.as_ref().and_then(|forecast| forecast.first_pass()).is_some()
        {
            break;
        }
    }
    drop(progress);
    Ok(forecast)
}
