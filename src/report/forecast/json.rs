//! A forecast for programs: one object, one line for each pass, branch and warning.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::{Forecast, Volume};
use crate::model::{Channel, Kind};
use crate::report::json::{WarningRow, warning};
use crate::report::json_text;
use crate::zone::Zone;

/// Messages in numbers.
#[derive(Serialize)]
pub(in crate::report) struct Numbers {
    messages: usize,
    reminders: usize,
    confirmations: usize,
    email: usize,
    sms: usize,
    sms_segments: usize,
    letter: usize,
    phone: usize,
}

impl From<&Volume> for Numbers {
    fn from(volume: &Volume) -> Self {
        Self {
            messages: volume.sum(),
            reminders: volume.of_kind(Kind::Reminder),
            confirmations: volume.of_kind(Kind::Confirmation),
            email: volume.by(Channel::Email),
            sms: volume.by(Channel::Sms),
            sms_segments: volume.sms_segments,
            letter: volume.by(Channel::Letter),
            phone: volume.by(Channel::Phone),
        }
    }
}

#[derive(Serialize)]
struct BranchRow<'a> {
    branch_id: i64,
    code: Option<&'a str>,
    #[serde(flatten)]
    numbers: Numbers,
}

#[derive(Serialize)]
struct PassRow<'a> {
    at: String,
    result: &'static str,
    #[serde(flatten)]
    numbers: Numbers,
    deferred: usize,
    left: usize,
    branches: Vec<BranchRow<'a>>,
}

#[derive(Serialize)]
struct Totals {
    #[serde(flatten)]
    numbers: Numbers,
    deferred: usize,
    unreachable: usize,
}

fn instant(zone: Zone, at: DateTime<Utc>) -> String {
    zone.with_offset(at).to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// A forecast as JSON. `first_pass` is that of the first pass which would look at the appointments.
#[must_use]
pub fn json(forecast: &Forecast) -> String {
    let zone = forecast.zone;
    let code = |id: i64| forecast.branches.get(&id).map(|branch| branch.code.as_str());
    let passes: Vec<PassRow<'_>> = forecast
        .passes
        .iter()
        .map(|pass| PassRow {
            at: instant(zone, pass.at),
            result: pass.result.word(),
            numbers: Numbers::from(&pass.volume()),
            deferred: pass.deferred,
            left: pass.left,
            branches: pass
                .by_branch
                .iter()
                .map(|(id, volume)| BranchRow { branch_id: *id, code: code(*id), numbers: volume.into() })
                .collect(),
        })
        .collect();
    let branches = forecast.by_branch();
    let branches: Vec<_> = branches
        .iter()
        .map(|(id, _, volume)| BranchRow { branch_id: *id, code: code(*id), numbers: volume.into() })
        .collect();
    let warnings: Vec<WarningRow> = forecast.closing.warnings.iter().map(|row| warning(row, forecast.lang)).collect();
    let totals = Totals {
        numbers: Numbers::from(&forecast.total()),
        deferred: forecast.unwritten.len(),
        unreachable: forecast.unreachable.len(),
    };
    let fields = [
        ("forecast", json_text::line(&true)),
        ("dry_run", json_text::line(&true)),
        ("from", json_text::line(&forecast.passes.first().map(|pass| instant(zone, pass.at)))),
        ("to", json_text::line(&forecast.passes.last().map(|pass| instant(zone, pass.at)))),
        ("hours", json_text::line(&forecast.passes.len())),
        ("rhythm", json_text::line(&forecast.rhythm.word())),
        ("sent_before", json_text::line(&forecast.sent_before)),
        ("as_if_in_operation", json_text::line(&!forecast.not_in_operation.is_empty())),
        ("first_pass", json_text::line(&forecast.first_pass().map(|pass| instant(zone, pass.at)))),
        ("passes", list(&passes)),
        ("branches", list(&branches)),
        ("warnings", list(&warnings)),
        ("totals", json_text::line(&totals)),
    ];
    let fields: Vec<String> = fields.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
    format!("{{{}}}\n", fields.join(",\n"))
}

/// One line for each value.
fn list(values: &[impl Serialize]) -> String {
    if values.is_empty() {
        return "[]".to_owned();
    }
    format!("[\n  {}\n]", values.iter().map(json_text::line).collect::<Vec<_>>().join(",\n  "))
}
