//! Whether passes still do their work: the plugin for Nagios, Icinga and whoever asks from a script.

use std::io::Write;

use chrono::{DateTime, Duration, Utc};

use super::output::Output;
use super::standing::{Standing, usual_minute};
use crate::cli::{Common, Format};
use crate::clock::Clock;
use crate::exit::ExitStatus;
use crate::host::{self, is_running};
use crate::model::{PassResult, RecordedPass};
use crate::pass::{Service, find_service, service_zone};
use crate::report::status::{self, Concern, NextPass, PassLine, StatusReport};
use crate::rules::quiet::QuietTime;
use crate::rules::schedule::next_awake_pass;
use crate::rules::window::ReminderWindow;
use crate::settings::Notification;
use crate::store::Store;
use crate::zone::Zone;

/// For how long a task that nobody did needs a person.
const MISSED_OF_LATE: Duration = Duration::days(1);

pub(super) fn run(common: &Common, max_age: Duration, clock: &Clock) -> anyhow::Result<ExitStatus> {
    let lang = super::language(common);
    let (text, exit_status) = match read(common, max_age, clock) {
        Ok(report) => {
            let text = match common.format {
                Format::Text => report.text(lang),
                Format::Json => report.json(lang),
            };
            (text, report.exit_status())
        }
        // Monitoring reads standard output, and the errors of other commands are no status of a service.
        Err(error) => {
            let problem = format!("{error:#}");
            let text = match common.format {
                Format::Text => status::cannot_tell(lang, &problem),
                Format::Json => status::cannot_tell_json(lang, &problem),
            };
            (text, ExitStatus::CannotTell)
        }
    };
    let mut output = Output::new();
    output.write_all(text.as_bytes())?;
    output.finish()?;
    Ok(exit_status)
}

fn read(common: &Common, max_age: Duration, clock: &Clock) -> anyhow::Result<StatusReport> {
    let store = Store::open_read_only(super::database(common)?)?;
    let interfaces = store.interfaces()?;
    let zone = service_zone(&interfaces);
    let now = super::instant(common, zone)?.unwrap_or(clock.at());
    let workstation = host::workstation();
    let standing = Standing::read(&store, &interfaces, now, zone, &workstation)?;
    let newest = store.newest_pass_until(now)?;
    let last_complete = store.newest_pass_with(&[PassResult::Complete], now)?;
    let mut concerns = Vec::new();
    let mut next = None;
    match find_service(&interfaces, now, &workstation) {
        Err(stop) => concerns.push(Concern::Stops(stop.to_string())),
        Ok(Service::Inactive(..)) => {}
        Ok(Service::Active(settings, _)) => match QuietTime::new(settings.night_rest, zone) {
            Err(error) => concerns.push(Concern::Stops(format!("the setting night_rest: {error}"))),
            Ok(quiet) => {
                let minute = usual_minute(&store, zone)?.unwrap_or_default();
                next = next_awake_pass(now, minute, &quiet, zone).map(|at| next_window(at, &settings, &quiet, zone));
            }
        },
    }
    if let Some(pass) = newest.as_ref().filter(|pass| pass.finished_at.is_none() && !runs(pass, &workstation)) {
        concerns.push(Concern::BrokeOff(line(pass, &workstation)));
    }
    let mut in_trouble = Vec::new();
    // A quiet pass looks at nothing, so that what the last sending warned of still holds.
    for pass in [&last_complete, &newest.clone().filter(|newest| newest.result != Some(PassResult::Complete))] {
        let Some(pass) = pass else { continue };
        let warnings = store.recorded_warnings(pass.id)?;
        let before = concerns.len();
        for warning in warnings {
            if warning.code == "interface_trouble" || warning.code == "interface_refused" {
                in_trouble.extend(warning.interface_id);
            }
            if warning.needs_person {
                let (code, de, en) = (warning.code, warning.text_de, warning.text_en);
                concerns.push(Concern::Warned { code, de, en });
            }
        }
        if pass.exit_status == Some(1) {
            let (failed, uncertain, deferred) = (pass.failed, pass.uncertain, pass.deferred);
            if failed + uncertain + deferred > 0 {
                concerns.push(Concern::Messages { failed, uncertain, deferred });
            } else if concerns.len() == before {
                concerns.push(Concern::SeeReport);
            }
        }
    }
    if standing.unsure.uncertain > 0 {
        concerns.push(Concern::Uncertain(standing.unsure.uncertain));
    }
    let missed_of_late = standing.tasks_missed.iter().filter(|needed| **needed > now - MISSED_OF_LATE).count();
    if missed_of_late > 0 {
        concerns.push(Concern::TasksMissed(missed_of_late));
    }
    store.finish_reading()?;
    let line = |pass: Option<RecordedPass>| pass.map(|pass| line(&pass, &workstation));
    Ok(StatusReport {
        at: now,
        zone,
        max_age,
        newest: line(newest),
        last_complete: line(last_complete),
        last_good: line(standing.last_good),
        concerns,
        unsure: (standing.unsure.uncertain, standing.unsure.deferred),
        tasks: (standing.tasks_open, standing.tasks_missed.len()),
        in_trouble,
        next,
    })
}

fn next_window(at: DateTime<Utc>, settings: &Notification, quiet: &QuietTime, zone: Zone) -> NextPass {
    let window = settings.reminder.as_ref().map(|reminder| {
        let window = ReminderWindow::new(at, reminder.hours_before, quiet, zone);
        (window.until, window.look_ahead)
    });
    NextPass { at, reminder_window: window }
}

/// Whether a pass that has not ended is still at it. What another computer does cannot be seen from
/// here; there it counts as running, and its age tells the rest.
fn runs(pass: &RecordedPass, workstation: &str) -> bool {
    pass.finished_at.is_none() && (pass.host != workstation || pass.process.as_deref().is_some_and(is_running))
}

fn line(pass: &RecordedPass, workstation: &str) -> PassLine {
    PassLine { record: pass.clone(), running: runs(pass, workstation) }
}
