//! The letters to write and the calls to make.

use std::io::Write;

use chrono::Duration;

use super::output::{self, Output};
use crate::cli::{Common, Format, TaskCommand};
use crate::clock::Clock;
use crate::exit::{ExitStatus, Stop};
use crate::pass::service_zone;
use crate::report::tasks;
use crate::report::words::Lang;
use crate::rules::task::TaskState;
use crate::store::Store;

/// For how long tasks are listed that were withdrawn or missed.
const SHOWN_FOR: Duration = Duration::days(30);

pub(super) fn run(common: &Common, command: Option<&TaskCommand>, clock: &Clock) -> anyhow::Result<ExitStatus> {
    match command {
        None => list(common, clock),
        Some(TaskCommand::Done { ids }) => done(common, ids, clock),
    }
}

fn list(common: &Common, clock: &Clock) -> anyhow::Result<ExitStatus> {
    let store = Store::open_read_only(super::database(common)?)?;
    let zone = service_zone(&store.interfaces()?);
    let now = super::instant(common, zone)?.unwrap_or(clock.at());
    let mut bad = Vec::new();
    let mut listed = Vec::new();
    for row in store.tasks(now)? {
        match row {
            Ok(task) if task.sent_at > now => {}
            Ok(task) => {
                let state = task.state(now, zone);
                if state == TaskState::Open || task.sent_at > now - SHOWN_FOR {
                    listed.push((task, state));
                }
            }
            Err(data) => bad.push(data),
        }
    }
    let branches = store.branches()?.into_values().filter_map(Result::ok).map(|branch| (branch.id, branch)).collect();
    let text = match common.format {
        Format::Text => tasks::tasks(&listed, &branches, zone, super::language(common)),
        Format::Json => tasks::tasks_json(&listed, &branches, zone),
    };
    store.finish_reading()?;
    let mut output = Output::new();
    output.write_all(text.as_bytes())?;
    output.finish()?;
    bad.iter().for_each(super::name_bad_row);
    Ok(if bad.is_empty() { ExitStatus::Complete } else { ExitStatus::NeedsPerson })
}

fn done(common: &Common, ids: &[i64], clock: &Clock) -> anyhow::Result<ExitStatus> {
    let store = Store::open(super::database(common)?)?;
    let lang = super::language(common);
    let missing = store.transaction(|| {
        let mut missing = Vec::new();
        for id in ids {
            if store.close_task(*id, clock.at())?.is_none() {
                missing.push(id.to_string());
            }
        }
        Ok(missing)
    })?;
    for id in ids.iter().filter(|id| !missing.contains(&id.to_string())) {
        output::line(&match lang {
            Lang::De => format!("Aufgabe {id} ist erledigt."),
            Lang::En => format!("Task {id} is done."),
        })?;
    }
    if missing.is_empty() {
        return Ok(ExitStatus::Complete);
    }
    Err(Stop::usage(format!(
        "there is no task {}; `terminbote tasks` lists them with their numbers",
        missing.join(", ")
    ))
    .into())
}
