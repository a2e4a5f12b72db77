//! What customers were told (rule G1).

use std::collections::BTreeSet;

use anyhow::Context;
use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};

use super::output::Output;
use super::page::PageFile;
use crate::cli::{Common, Format, History};
use crate::clock::Clock;
use crate::contact::Readings;
use crate::exit::{ExitStatus, Stop};
use crate::model::InterfaceKind;
use crate::pass::service_zone;
use crate::report::history::{About, HistoryHeading, HistoryJson, HistoryPrinter, HistoryText};
use crate::report::html::HistoryHtml;
use crate::rules::CustomerRow;
use crate::rules::interface::Outlets;
use crate::store::{InterfaceRow, Listed, Search, Store, Whose};
use crate::zone::{Zone, parse_time};

/// What is being done to the file of `--html`.
const WRITING: &str = "writing the page (--html)";

pub(super) fn run(common: &Common, asked: &History, clock: &Clock) -> anyhow::Result<ExitStatus> {
    let path = super::database(common)?;
    let page = common.html.as_deref().map(|page| PageFile::create(page, path)).transpose()?;
    let store = Store::open_read_only(path)?;
    let interfaces = store.interfaces()?;
    let zone = service_zone(&interfaces);
    let at = super::instant(common, zone)?.filter(|at| *at < clock.at());
    let store = match at {
        Some(at) => store.as_of(at)?,
        None => store,
    };
    let search = search(asked, &interfaces, zone)?;
    let listed = store.history(&search)?;
    let heading = HistoryHeading {
        about: about(&store, &interfaces, asked, !listed.is_empty())?,
        zone,
        from: search.from,
        until: search.until,
        state: search.state,
        at,
        messages: listed.len(),
        // Of some messages alone it would not be the last one.
        last_notification: last_notification(&listed, at.unwrap_or(clock.at())).filter(|_| search.state.is_none()),
    };
    let lang = super::language(common);
    let mut page = page.map(|page| HistoryHtml::new(page, lang, asked.full));
    let mut output = Output::new();
    let bad = match common.format {
        Format::Text => {
            let mut printer = HistoryText::new(&mut output, lang, asked.full);
            print(&store, &heading, &listed, &mut printer, page.as_mut())?
        }
        Format::Json => print(&store, &heading, &listed, &mut HistoryJson::new(&mut output), page.as_mut())?,
    };
    store.finish_reading()?;
    output.finish()?;
    if let Some(page) = page {
        page.into_inner().put_in_place(Ok(()))?;
    }
    Ok(if bad { ExitStatus::NeedsPerson } else { ExitStatus::Complete })
}

/// Prints a history; returns whether something in it could not be understood.
fn print(
    store: &Store,
    heading: &HistoryHeading,
    listed: &[Listed],
    printer: &mut dyn HistoryPrinter,
    mut page: Option<&mut HistoryHtml<PageFile>>,
) -> anyhow::Result<bool> {
    let mut bad = false;
    printer.begin(heading)?;
    if let Some(page) = &mut page {
        page.begin(heading).context(WRITING)?;
    }
    for message in listed {
        match store.entry(message.id)? {
            // Somebody has just deleted it.
            None => {}
            Some(Ok(entry)) => {
                printer.entry(&entry)?;
                if let Some(page) = &mut page {
                    page.entry(&entry).context(WRITING)?;
                }
            }
            Some(Err(data)) => {
                super::name_bad_row(&data);
                bad = true;
            }
        }
    }
    printer.finish()?;
    if let Some(page) = &mut page {
        page.finish().context(WRITING)?;
    }
    Ok(bad)
}

/// G1: the newest counting message; one by hand counts from its instant on (C2).
fn last_notification(listed: &[Listed], now: DateTime<Utc>) -> Option<(DateTime<Utc>, i64)> {
    let mut newest = listed.iter().rev().filter(|message| message.counts);
    newest.find_map(|message| Some((message.sent_at.filter(|at| !message.manual || *at <= now)?, message.id)))
}

fn search(asked: &History, interfaces: &[InterfaceRow], zone: Zone) -> anyhow::Result<Search> {
    let from = asked.from.as_deref().map(|text| bound("--from", text, zone, Duration::zero())).transpose()?;
    let until = asked.to.as_deref().map(|text| bound("--to", text, zone, Duration::days(1))).transpose()?;
    if from.zip(until).is_some_and(|(from, until)| from >= until) {
        return Err(Stop::usage("--from lies after --to; swap them").into());
    }
    let whose = match (asked.customer, asked.appointment, super::text(asked.address.as_deref())) {
        (Some(id), _, _) => Whose::Customer(id),
        (_, Some(id), _) => Whose::Appointment(id),
        (_, _, Some(address)) => {
            if !address.contains(char::is_alphanumeric) {
                return Err(
                    Stop::usage("--address is empty; name an e-mail address, a number or a postal address").into()
                );
            }
            if address.contains('*') {
                let message = "--address is masked, as reports show it; name the whole address, or ask for its \
                               customer with --customer ID";
                return Err(Stop::usage(message).into());
            }
            let country_codes = country_codes(interfaces);
            Whose::Address(Readings::of(&address, &country_codes), country_codes)
        }
        (None, None, None) => Whose::Everyone,
    };
    Ok(Search { whose, from, until, state: asked.state })
}

/// A day or a time; a day means its beginning and `days` more.
fn bound(option: &str, text: &str, zone: Zone, days: Duration) -> Result<DateTime<Utc>, Stop> {
    let day = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok();
    day.and_then(|day| Some(zone.instant(day.checked_add_signed(days)?.and_time(NaiveTime::MIN))))
        .or_else(|| parse_time(text, zone))
        .ok_or_else(|| {
            Stop::usage(format!(
                "{option} \"{text}\" is neither a day nor a time; write 2026-03-10, or 2026-03-10T19:00 in the chain's zone"
            ))
        })
}

/// The country codes in whose plans a number of this chain may stand: those of its SMS interfaces.
pub(super) fn country_codes(interfaces: &[InterfaceRow]) -> BTreeSet<String> {
    let codes: BTreeSet<String> = interfaces
        .iter()
        .filter_map(|row| row.as_ref().ok())
        .filter(|row| row.kind == InterfaceKind::Sms)
        .filter_map(|row| {
            // The plan holds also while a fault in other settings makes the gateway unusable.
            let settings: serde_json::Value = serde_json::from_str(&row.settings).ok()?;
            let code = settings.get("country_code").and_then(serde_json::Value::as_str);
            Some(code.unwrap_or(Outlets::COUNTRY_CODE).to_owned())
        })
        .collect();
    if codes.is_empty() { BTreeSet::from([Outlets::COUNTRY_CODE.to_owned()]) } else { codes }
}

fn about(store: &Store, interfaces: &[InterfaceRow], asked: &History, has_messages: bool) -> anyhow::Result<About> {
    let name_of = |id: i64| anyhow::Ok(store.customer_names([id])?.remove(&id));
    if let Some(id) = asked.customer {
        if !has_messages && matches!(store.one_customer(id)?, CustomerRow::Gone(_)) {
            return Err(Stop::usage(format!("there is no customer {id}, and no message to one of that id")).into());
        }
        return Ok(About::Customer { id, name: name_of(id)? });
    }
    if let Some(id) = asked.appointment {
        let row = store.one_appointment(id)?;
        if row.is_none() && !has_messages {
            return Err(
                Stop::usage(format!("there is no appointment {id}, and no message about one of that id")).into()
            );
        }
        let appointment = row.as_ref().and_then(|row| row.content.as_ref().ok());
        let customer = appointment.as_ref().and_then(|appointment| appointment.customer_id);
        return Ok(About::Appointment {
            id,
            gone: row.is_none(),
            now: appointment.map(|appointment| (appointment.start(), appointment.status)),
            customer: customer.map(|id| anyhow::Ok((id, name_of(id)?))).transpose()?,
        });
    }
    Ok(match super::text(asked.address.as_deref()) {
        Some(text) => {
            let is_whole = Readings::is_whole(&text, &country_codes(interfaces));
            About::Address { text, is_whole }
        }
        None => About::Everyone,
    })
}
