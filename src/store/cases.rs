//! Reads customers with everything that is needed to decide about them, one case at a time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Utc};
use rusqlite::{OptionalExtension, Row, named_params, params};

use super::cells::Cells;
use super::{Doing, Store};
use crate::model::{
    Appointment, BadData, Channel, Customer, Kind, Phone, Preference, Problem, State, Stated, Status, Told,
};
use crate::rules::{AppointmentRow, Case, CustomerRow};
use crate::zone::{LARGEST_CLOCK_CHANGE, Zone, stored, stored_instant};

/// An appointment within reach of a window, before anything is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InReach {
    /// Its start; the earliest possible time if it cannot be understood.
    pub start: NaiveDateTime,
    /// Its id.
    pub appointment_id: i64,
    /// Its customer.
    pub customer_id: Option<i64>,
}

impl InReach {
    /// By start, then id.
    #[must_use]
    pub const fn order(&self) -> (NaiveDateTime, i64) {
        (self.start, self.appointment_id)
    }
}

/// The appointments that the confirmation has to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationReach {
    /// The first local date.
    pub from: NaiveDate,
    /// The last local date.
    pub to: NaiveDate,
    /// Types of which nothing is told.
    pub types_left_out: Vec<i64>,
    /// Branches of which nothing is told.
    pub branches_left_out: Vec<i64>,
}

impl ConfirmationReach {
    fn bounds(&self) -> (String, String) {
        bounds(self.from, self.to)
    }
}

/// The first day and the one after the last, as the tables store them.
fn bounds(from: NaiveDate, to: NaiveDate) -> (String, String) {
    (from.to_string(), (to + Duration::days(1)).to_string())
}

/// How far the appointments and messages of a case reach.
#[derive(Debug, Clone, Copy)]
pub struct CaseLoader {
    /// The instant of the pass.
    pub now: DateTime<Utc>,
    /// The chain's zone.
    pub zone: Zone,
    /// The last local date whose appointments are read.
    pub to: NaiveDate,
}

impl CaseLoader {
    /// The same, but far enough for the starts that a message stated: the windows may have become smaller
    /// since.
    #[must_use]
    pub fn reaching(self, covers: &[Stated]) -> Self {
        let last = covers.iter().filter_map(|stated| stated.start).map(|start| start.date()).max();
        Self { to: last.map_or(self.to, |last| self.to.max(last)), ..self }
    }
}

/// The record about which every case must know, whatever it covers: no minimum distance between
/// two messages is longer (rule E3: 99 hours).
const RECENT: Duration = Duration::hours(100);

impl Store {
    /// The names of customers, for reports to staff. What cannot be understood has no name.
    ///
    /// # Errors
    /// 74 if they cannot be read.
    pub fn customer_names(&self, ids: impl IntoIterator<Item = i64>) -> anyhow::Result<BTreeMap<i64, String>> {
        let mut names = BTreeMap::new();
        let sql = "SELECT first_name, last_name FROM customer WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql).doing(self, "reading names of customers")?;
        for id in ids {
            let name = statement
                .query_row([id], |row| Ok(Cells::new(row, "customer", id).full_name()))
                .optional()
                .doing(self, "reading names of customers")?;
            names.extend(name.flatten().map(|name| (id, name)));
        }
        Ok(names)
    }

    /// Every appointment whose start may lie in `(now, until)`, by start, then id.
    ///
    /// # Errors
    /// 74 if the table cannot be read.
    pub fn in_reminder_reach(
        &self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        zone: Zone,
    ) -> anyhow::Result<Vec<InReach>> {
        let sql = "SELECT start, id, customer_id FROM appointment WHERE start >= ?1 AND start <= ?2 ORDER BY start, id";
        // Local times jump where the clock is changed; the rules look at the instants.
        let bounds = [zone.local(now) - LARGEST_CLOCK_CHANGE, zone.local(until) + LARGEST_CLOCK_CHANGE].map(stored);
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map(bounds, in_reach)?.collect())
            .doing(self, "looking for appointments to remind of")
    }

    /// Every appointment of the range whose customer may not have been told its present start, by
    /// start, then id; maybe without those of the types and branches that are left out.
    ///
    /// # Errors
    /// 74 if the tables cannot be read.
    pub fn in_confirmation_reach(&self, reach: &ConfirmationReach, now: DateTime<Utc>) -> anyhow::Result<Vec<InReach>> {
        let read = || {
            if self.looks_back() {
                self.touch()?;
                self.untold_by_the_record(include_str!("../../sql/confirmation_candidates_then.sql"), reach, now)
            } else if self.is_untold_kept(reach.from)? {
                self.untold(reach, now)
            } else {
                self.untold_by_the_record(include_str!("../../sql/confirmation_candidates.sql"), reach, now)
            }
        };
        read().doing(self, "looking for appointments to confirm")
    }

    /// Those of `appointments` that start on these local dates, both inclusive, by start, then id.
    ///
    /// # Errors
    /// 74 if the table cannot be read.
    pub fn in_reach_of(
        &self,
        (from, to): (NaiveDate, NaiveDate),
        appointments: &BTreeSet<i64>,
    ) -> anyhow::Result<Vec<InReach>> {
        if appointments.is_empty() {
            return Ok(Vec::new());
        }
        let (from, until) = bounds(from, to);
        let read = || -> rusqlite::Result<Vec<InReach>> {
            let mut statement = self.connection.prepare_cached(
                "SELECT start, id, customer_id FROM appointment WHERE id = ?1 AND start >= ?2 AND start < ?3",
            )?;
            let found =
                appointments.iter().map(|id| statement.query_row(params![id, from, until], in_reach).optional());
            let mut found: Vec<InReach> = found.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect();
            found.sort_by_key(InReach::order);
            Ok(found)
        };
        read().doing(self, "looking for appointments to confirm")
    }

    /// Whether the table `untold`, which knows nothing but the present, holds what has to be looked at
    /// from that day on.
    fn is_untold_kept(&self, from: NaiveDate) -> rusqlite::Result<bool> {
        self.connection.prepare_cached("SELECT 1 FROM untold_since WHERE start <= ?1")?.exists([from.to_string()])
    }

    fn untold(&self, reach: &ConfirmationReach, now: DateTime<Utc>) -> rusqlite::Result<Vec<InReach>> {
        let (from, until) = reach.bounds();
        let json = |ids: &[i64]| serde_json::Value::from(ids).to_string();
        let mut found: Vec<InReach> = self
            .connection
            .prepare_cached(include_str!("../../sql/untold_candidates.sql"))?
            .query_map(
                named_params! {
                    ":from": from,
                    ":until": until,
                    ":types_left_out": json(&reach.types_left_out),
                    ":branches_left_out": json(&reach.branches_left_out),
                },
                in_reach,
            )?
            .collect::<Result<_, _>>()?;
        let by_hand: Vec<InReach> = self
            .connection
            .prepare_cached(include_str!("../../sql/told_by_hand_later.sql"))?
            .query_map(named_params! { ":from": from, ":until": until, ":now": stored_instant(now) }, in_reach)?
            .collect::<Result<_, _>>()?;
        if !by_hand.is_empty() {
            found.extend(by_hand);
            found.sort_by_key(InReach::order);
            found.dedup();
        }
        Ok(found)
    }

    fn untold_by_the_record(
        &self,
        sql: &str,
        reach: &ConfirmationReach,
        now: DateTime<Utc>,
    ) -> rusqlite::Result<Vec<InReach>> {
        let (from, until) = reach.bounds();
        self.connection
            .prepare_cached(sql)?
            .query_map(named_params! { ":from": from, ":until": until, ":now": stored_instant(now) }, in_reach)?
            .collect()
    }

    /// Forgets what the table `untold` holds of the days before `today`, a local date.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn forget_untold_before(&self, today: NaiveDate) -> anyhow::Result<()> {
        self.connection
            .execute("UPDATE untold_since SET start = ?1 WHERE start < ?1", [today.to_string()])
            .map(|_| ())
            .doing(self, "forgetting the days gone by")
    }

    /// What is wrong with appointments whose start is no time, so that no window finds them.
    ///
    /// # Errors
    /// 74 if the table cannot be read.
    pub fn without_a_time(&self) -> anyhow::Result<Vec<BadData>> {
        let read = || -> rusqlite::Result<Vec<Option<BadData>>> {
            self.connection
                .prepare_cached(
                    "SELECT id, starts_at, customer_starts_at FROM appointment
                     WHERE strftime('%Y-%m-%d %H:%M', start) IS NOT start ORDER BY id",
                )?
                .query_map([], |row| {
                    let cells = Cells::new(row, "appointment", row.get("id")?);
                    Ok(cells.time("starts_at").err().or_else(|| cells.optional_time("customer_starts_at").err()))
                })?
                .collect()
        };
        let found = read().doing(self, "looking for appointments without a time")?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The case of a customer, or of one appointment that has no customer.
    ///
    /// # Errors
    /// 74 if the tables cannot be read; what cannot be understood in them is part of the case.
    pub fn case(&self, reach: &CaseLoader, of: &InReach) -> anyhow::Result<Case> {
        match of.customer_id {
            None => self.case_without_customer(of.appointment_id),
            Some(customer_id) => self.case_of_customer(reach, customer_id),
        }
        .doing(self, "reading an appointment with its customer")
    }

    fn case_without_customer(&self, appointment_id: i64) -> rusqlite::Result<Case> {
        let appointments = self
            .connection
            .prepare_cached(&format!("{APPOINTMENT} WHERE id = ?1"))?
            .query_map([appointment_id], appointment)?
            .collect::<Result<_, _>>()?;
        Ok(Case { customer: CustomerRow::None, appointments, told: Vec::new(), starts: BTreeMap::new() })
    }

    fn case_of_customer(&self, reach: &CaseLoader, customer_id: i64) -> rusqlite::Result<Case> {
        let from = stored(reach.zone.local(reach.now) - LARGEST_CLOCK_CHANGE);
        let until = (reach.to + Duration::days(1)).to_string();
        let appointments: Vec<AppointmentRow> = self
            .connection
            .prepare_cached(&format!("{APPOINTMENT} WHERE customer_id = ?1 AND start >= ?2 AND start < ?3"))?
            .query_map(params![customer_id, from, until], appointment)?
            .collect::<Result<_, _>>()?;
        let mut customer = self.customer(customer_id)?;
        let told = match self.told(customer_id, &appointments, reach.now)? {
            Ok(told) => told,
            // What was said to them is not certain, so nothing may be said.
            Err(bad) => {
                customer = CustomerRow::Bad(customer_id, bad);
                Vec::new()
            }
        };
        let mut starts: BTreeMap<i64, NaiveDateTime> =
            appointments.iter().filter_map(|row| Some((row.id, row.start?))).collect();
        let mut start_of = self.connection.prepare_cached("SELECT start FROM appointment WHERE id = ?1")?;
        for id in told.iter().flat_map(|told| &told.covers).map(|stated| stated.appointment_id) {
            if let std::collections::btree_map::Entry::Vacant(entry) = starts.entry(id) {
                let start =
                    start_of.query_map([id], |row| Ok(Cells::new(row, "appointment", id).time("start").ok()))?;
                if let Some(start) = start.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().next() {
                    entry.insert(start);
                }
            }
        }
        Ok(Case { customer, appointments, told, starts })
    }

    pub(super) fn customer(&self, customer_id: i64) -> rusqlite::Result<CustomerRow> {
        let mut statement = self.connection.prepare_cached(
            "SELECT salutation, first_name, last_name, language, preferred_contact, deceased, email, street, postcode,
             city FROM customer WHERE id = ?1",
        )?;
        let mut rows = statement.query_map([customer_id], |row| {
            let cells = Cells::new(row, "customer", customer_id);
            Ok(read_customer(customer_id, &cells))
        })?;
        match rows.next().transpose()? {
            None => Ok(CustomerRow::Gone(customer_id)),
            Some(Err(bad)) => Ok(CustomerRow::Bad(customer_id, bad)),
            Some(Ok(mut customer)) => {
                let phones: Result<Vec<Phone>, BadData> = self
                    .connection
                    .prepare_cached("SELECT position, number, sms_allowed FROM customer_phone WHERE customer_id = ?1 ORDER BY position")?
                    .query_map([customer_id], |row| {
                        let cells = Cells::new(row, "customer_phone", customer_id);
                        Ok(read_phone(&cells))
                    })?
                    .collect::<rusqlite::Result<_>>()?;
                match phones {
                    Ok(phones) => {
                        customer.phones = phones;
                        Ok(CustomerRow::Known(customer))
                    }
                    Err(bad) => Ok(CustomerRow::Bad(customer_id, bad)),
                }
            }
        }
    }

    /// The messages to a customer that cover one of `appointments` or are recent.
    fn told(
        &self,
        customer_id: i64,
        appointments: &[AppointmentRow],
        now: DateTime<Utc>,
    ) -> rusqlite::Result<Result<Vec<Told>, BadData>> {
        let mut ids: BTreeSet<i64> = self
            .connection
            .prepare_cached("SELECT id FROM message WHERE customer_id = ?1 AND sent_at >= ?2")?
            .query_map(params![customer_id, stored_instant(now - RECENT)], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut covering =
            self.connection.prepare_cached("SELECT message_id FROM message_appointment WHERE appointment_id = ?1")?;
        for appointment in appointments {
            for id in covering.query_map([appointment.id], |row| row.get(0))? {
                ids.insert(id?);
            }
        }
        let mut message = self.connection.prepare_cached(
            "SELECT kind, channel, address, state, sent_at, pass_id FROM message WHERE id = ?1 AND customer_id = ?2",
        )?;
        let mut told = Vec::new();
        for id in ids {
            let read = message
                .query_map(params![id, customer_id], |row| Ok(read_told(id, &Cells::new(row, "message", id))))?
                .next()
                .transpose()?;
            match read {
                // To another customer who had the appointment before.
                None => {}
                Some(Err(bad)) => return Ok(Err(bad)),
                Some(Ok(mut message)) => match self.covers(id)? {
                    Ok(covers) => {
                        message.covers = covers;
                        told.push(message);
                    }
                    Err(bad) => return Ok(Err(bad)),
                },
            }
        }
        Ok(Ok(told))
    }

    /// What a message covers, each with the start that it stated.
    pub(super) fn covers(&self, message_id: i64) -> rusqlite::Result<Result<Vec<Stated>, BadData>> {
        self.connection
            .prepare_cached(
                "SELECT appointment_id, appointment_start, sequence FROM message_appointment WHERE message_id = ?1
                 ORDER BY appointment_id",
            )?
            .query_map([message_id], |row| {
                let cells = Cells::new(row, "message_appointment", message_id);
                Ok(read_stated(&cells))
            })?
            .collect()
    }
}

pub(super) const APPOINTMENT: &str = "SELECT id, start, branch_id, customer_id, type_id, status, is_group, starts_at, \
                           ends_at, customer_starts_at FROM appointment";

fn in_reach(row: &Row<'_>) -> rusqlite::Result<InReach> {
    let id = row.get("id")?;
    let start = Cells::new(row, "appointment", id).time("start").unwrap_or(NaiveDateTime::MIN);
    Ok(InReach { start, appointment_id: id, customer_id: row.get("customer_id")? })
}

pub(super) fn appointment(row: &Row<'_>) -> rusqlite::Result<AppointmentRow> {
    let id = row.get(0)?;
    let cells = Cells::new(row, "appointment", id);
    Ok(AppointmentRow { id, start: cells.time("start").ok(), content: read_appointment(id, &cells) })
}

fn read_appointment(id: i64, cells: &Cells<'_, '_>) -> Result<Appointment, BadData> {
    let appointment = Appointment {
        id,
        branch_id: cells.integer("branch_id")?,
        customer_id: cells.optional_integer("customer_id")?,
        type_id: cells.integer("type_id")?,
        status: cells.word("status", Status::from_word)?,
        is_group: cells.flag("is_group")?,
        starts_at: cells.time("starts_at")?,
        ends_at: cells.time("ends_at")?,
        customer_starts_at: cells.optional_time("customer_starts_at")?,
    };
    let start = appointment.starts_at.max(appointment.start());
    if appointment.ends_at < start {
        return Err(cells.bad("ends_at", Problem::EndBeforeStart { end: appointment.ends_at, start }));
    }
    Ok(appointment)
}

pub(super) fn read_customer(id: i64, cells: &Cells<'_, '_>) -> Result<Customer, BadData> {
    let preferred_contact = match cells.optional_text("preferred_contact")?.as_deref() {
        None => None,
        Some("none") => Some(Preference::NoMessages),
        Some(word) => match Channel::from_word(word) {
            Some(channel) => Some(Preference::By(channel)),
            None => return Err(cells.bad("preferred_contact", Problem::UnknownWord { word: word.to_owned() })),
        },
    };
    Ok(Customer {
        id,
        salutation: cells.optional_text("salutation")?,
        first_name: cells.optional_text("first_name")?,
        last_name: cells.optional_text("last_name")?,
        language: cells.optional_text("language")?,
        preferred_contact,
        deceased: cells.flag("deceased")?,
        email: cells.optional_text("email")?,
        street: cells.optional_text("street")?,
        postcode: cells.optional_text("postcode")?,
        city: cells.optional_text("city")?,
        phones: Vec::new(),
    })
}

pub(super) fn read_phone(cells: &Cells<'_, '_>) -> Result<Phone, BadData> {
    Ok(Phone {
        position: cells.integer("position")?,
        number: cells.text("number")?,
        sms_allowed: cells.flag("sms_allowed")?,
    })
}

fn read_stated(cells: &Cells<'_, '_>) -> Result<Stated, BadData> {
    Ok(Stated {
        appointment_id: cells.integer("appointment_id")?,
        start: cells.optional_time("appointment_start")?,
        sequence: cells.optional_integer("sequence")?.and_then(|number| u32::try_from(number).ok()),
    })
}

pub(super) fn read_told(id: i64, cells: &Cells<'_, '_>) -> Result<Told, BadData> {
    Ok(Told {
        message_id: id,
        kind: cells.word("kind", Kind::from_word)?,
        channel: cells.word("channel", Channel::from_word).ok(),
        address: cells.text("address")?,
        state: cells.word("state", State::from_word)?,
        sent_at: cells.instant("sent_at")?,
        pass_id: cells.optional_integer("pass_id")?,
        covers: Vec::new(),
    })
}
