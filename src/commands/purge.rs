//! Takes texts and addresses out of the record (retention), and says what it has done.

use std::io::Write;
use std::time::Duration;

use chrono::{DateTime, Days, Months, NaiveTime, Utc};

use super::history::country_codes;
use super::output::Output;
use crate::cli::{self, Common, Format};
use crate::clock::Clock;
use crate::contact::AddressKey;
use crate::exit::{ExitStatus, Stop};
use crate::pass::{PassLock, service_zone};
use crate::report::purge::{PurgeReport, Remains, Scope, purged, purged_json};
use crate::rules::CustomerRow;
use crate::store::{InterfaceRow, Purge, Search, Store, Whose};
use crate::zone::Zone;

/// How many messages are changed in one transaction, and how long other writers have in between.
const PORTION: usize = 200;
const PAUSE: Duration = Duration::from_millis(20);

/// How far the local clock and the instants may disagree, and more.
const MARGIN: chrono::Duration = chrono::Duration::days(1);

pub(super) fn run(common: &Common, asked: &cli::Purge, dry_run: bool, clock: Clock) -> anyhow::Result<ExitStatus> {
    let path = super::database(common)?;
    let dry_run = dry_run || asked.dry_run;
    let store = if dry_run { Store::open_read_only(path)? } else { Store::open(path)? };
    let interfaces = store.interfaces()?;
    let zone = service_zone(&interfaces);
    let clock = match super::instant(common, zone)? {
        Some(at) if at > clock.time_of_day() => {
            return Err(Stop::usage("--at lies in the future; an age is reckoned from now, or from earlier").into());
        }
        Some(at) => clock.set_to(at),
        None => clock,
    };
    let now = clock.at();
    let (scope, purge) = match (&asked.older_than, asked.customer) {
        (Some(age), _) => {
            let before = before(age, now, zone)?;
            let needed_from = zone.local(before) - MARGIN;
            let purge = Purge { before: Some(before), customer_id: None, needed_from, unsettled_too: false };
            (Scope::OlderThan(before), purge)
        }
        (None, id) => {
            let id = id.unwrap_or_default();
            let name = store.customer_names([id])?.remove(&id);
            let needed_from = zone.local(now) - MARGIN;
            let unsettled_too = asked.unsettled;
            let purge = Purge { before: None, customer_id: Some(id), needed_from, unsettled_too };
            (Scope::Customer { id, name }, purge)
        }
    };
    // Taken before looking: no pass shall begin to hand over what is being purged.
    let _lock = if dry_run { None } else { Some(PassLock::take(path, zone.with_offset(clock.time_of_day()))?) };
    let found = store.purgeable(&purge)?;
    let remains = match purge.customer_id {
        Some(id) => Some(remains(&store, id, zone, now)?),
        None => None,
    };
    if let Some(id) = purge.customer_id {
        let record = store.history(&Search::all(Whose::Customer(id)))?;
        let is_known =
            !record.is_empty() || !found.changes.is_empty() || remains.is_some_and(|remains| remains.customer);
        if !is_known {
            return Err(Stop::usage(format!("there is no customer {id}, and no message to one of that id")).into());
        }
        if !found.unsettled.is_empty() {
            let ids = found.unsettled.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            return Err(Stop::usage(format!(
                "it is not known what became of message {ids}; say so first with `terminbote settle ID sent` or `failed`, \
                 or add --unsettled: then it is never repeated"
            ))
            .into());
        }
    }
    let mut report = PurgeReport { dry_run, scope, zone, found, remains, traces: false };
    let erased = if dry_run {
        Ok(())
    } else {
        take_out(&store, &purge, &mut report, &interfaces, now)?;
        if asked.no_vacuum { Ok(()) } else { erase(&store) }
    };
    report.traces = store.has_traces()?;
    let text = match common.format {
        Format::Text => purged(super::language(common), &report),
        Format::Json => purged_json(&report),
    };
    store.finish_reading()?;
    let mut output = Output::new();
    output.write_all(text.as_bytes())?;
    output.finish()?;
    erased.map(|()| ExitStatus::Complete)
}

fn take_out(
    store: &Store,
    purge: &Purge,
    report: &mut PurgeReport,
    interfaces: &[InterfaceRow],
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    if report.found.ids.is_empty() && report.found.changes.is_empty() {
        return Ok(());
    }
    // 122 random bits in each.
    let mut random = [0; AddressKey::LENGTH];
    for half in random.chunks_mut(16) {
        half.copy_from_slice(uuid::Uuid::new_v4().as_bytes());
    }
    let key = store.begin_purge(&random)?;
    let codes = country_codes(interfaces);
    for portion in report.found.ids.chunks(PORTION) {
        store.purge_messages(purge, portion, &key, &codes, now)?;
        std::thread::sleep(PAUSE);
    }
    let mut last = 0;
    while let Some(number) = store.purge_changes(purge, last)? {
        last = number;
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

/// Erases the traces of this purge, and of one that was broken off.
fn erase(store: &Store) -> anyhow::Result<()> {
    if store.has_traces()? { store.erase_traces() } else { Ok(()) }
}

fn remains(store: &Store, id: i64, zone: Zone, now: DateTime<Utc>) -> anyhow::Result<Remains> {
    let (phones, appointments, ahead) = store.rows_of_customer(id, zone.local(now))?;
    let customer = !matches!(store.one_customer(id)?, CustomerRow::Gone(_));
    Ok(Remains { customer, phones, appointments, ahead })
}

/// The instant before which something is older than an age such as `24m`: a local midnight.
fn before(age: &str, now: DateTime<Utc>, zone: Zone) -> Result<DateTime<Utc>, Stop> {
    let wrong = || {
        Stop::usage(format!(
            "--older-than \"{age}\" is no age; write a number and d, w, m or y for days, weeks, months or years, such as 24m"
        ))
    };
    let text = age.trim();
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let number = &text[..text.len() - unit.len_utf8()];
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let number: u32 = number.parse().map_err(|_| wrong())?;
    if number == 0 {
        return Err(Stop::usage("--older-than 0 would take out everything; the least is 1d"));
    }
    let today = zone.date(now);
    let day = match unit {
        'd' => today.checked_sub_days(Days::new(number.into())),
        'w' => today.checked_sub_days(Days::new(u64::from(number) * 7)),
        'm' => today.checked_sub_months(Months::new(number)),
        'y' => number.checked_mul(12).and_then(|months| today.checked_sub_months(Months::new(months))),
        _ => return Err(wrong()),
    };
    let too_old = || Stop::usage(format!("--older-than \"{age}\" reaches back further than any message"));
    let day = day.filter(|day| *day >= chrono::NaiveDate::default()).ok_or_else(too_old)?;
    Ok(zone.instant(day.and_time(NaiveTime::MIN)))
}
