//! What a pass decides: pure functions over what was read and one instant, no clock and no I/O.
//!
//! The chapters of the rules are the files: [`interface`] (A1, A2, F4), [`quiet`] (A3),
//! [`eligibility`] (B), [`told`] (C), [`confirmation`] (D), [`window`], [`reminder`] and [`schedule`]
//! (E), [`channel`] and [`task`] (F), [`repeat`] (G3). Every appointment that is looked at ends in a [`Decision`] or in one closed
//! [`reason::Reason`] with its facts. [`explain`] asks every rule about one appointment;
//! [`forecast`] and [`foretold`] are about the passes to come, which run in a [`rhythm`].

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::contact::Address;
use crate::model::{Appointment, AppointmentType, BadData, Branch, ContactTemplate, Customer, Kind, Told};
use crate::settings::Notification;

pub mod channel;
pub mod confirmation;
pub mod eligibility;
pub mod explain;
pub mod forecast;
pub mod foretold;
pub mod interface;
pub mod quiet;
pub mod reason;
pub mod reminder;
pub mod repeat;
pub mod rhythm;
pub mod schedule;
pub mod task;
pub mod told;
pub mod window;

/// What a pass knows of the whole chain, read once.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The settings of the service.
    pub settings: Notification,
    /// Branches by id.
    pub branches: BTreeMap<i64, Result<Branch, BadData>>,
    /// Types of appointments by id.
    pub types: BTreeMap<i64, Result<AppointmentType, BadData>>,
    /// The contact template that the reminder uses, with every channel, also one whose text is missing.
    pub contact_template: Option<ContactTemplate>,
    /// The mail servers and gateways.
    pub outlets: interface::Outlets,
}

impl Chain {
    /// The branch of that id, if there is one that can be understood.
    #[must_use]
    pub fn branch(&self, id: i64) -> Option<&Branch> {
        self.branches.get(&id).and_then(|row| row.as_ref().ok())
    }

    /// Whether messages of this kind are sent at all.
    #[must_use]
    pub const fn sends(&self, kind: Kind) -> bool {
        match kind {
            Kind::Confirmation => self.settings.confirmation.is_some(),
            Kind::Reminder => self.settings.reminder.is_some(),
            Kind::Manual => false,
        }
    }
}

/// The customer that an appointment names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerRow {
    /// The appointment names none.
    None,
    /// The appointment names one that is not there.
    Gone(i64),
    /// The row, or the record about this customer, cannot be understood.
    Bad(i64, BadData),
    /// Here it is.
    Known(Customer),
}

impl CustomerRow {
    /// The id that the appointment names.
    #[must_use]
    pub const fn id(&self) -> Option<i64> {
        match self {
            Self::None => None,
            Self::Gone(id) | Self::Bad(id, _) => Some(*id),
            Self::Known(customer) => Some(customer.id),
        }
    }
}

/// An appointment that was read, or why it could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppointmentRow {
    /// Its id.
    pub id: i64,
    /// Its start, if that much can be understood.
    pub start: Option<NaiveDateTime>,
    /// The appointment.
    pub content: Result<Appointment, BadData>,
}

/// One customer with everything that is needed to decide about them, or one appointment that has
/// no customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The customer.
    pub customer: CustomerRow,
    /// Their appointments from now on, as far as the windows reach, in any order.
    pub appointments: Vec<AppointmentRow>,
    /// The record of messages to them, in any order.
    pub told: Vec<Told>,
    /// The present starts of all appointments that the record covers and that still exist,
    /// whoever has them now.
    pub starts: BTreeMap<i64, NaiveDateTime>,
}

/// How a message reaches its customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The address.
    pub address: Address,
    /// The interface that hands it over; tasks for staff have none.
    pub interface_id: Option<i64>,
    /// The name of the document template.
    pub document_template: String,
}

/// A message that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What it is for.
    pub kind: Kind,
    /// Who gets it.
    pub customer_id: i64,
    /// The appointments that it covers, in order of start, then id; at least one.
    pub covers: Vec<Appointment>,
    /// How it goes.
    pub route: Route,
}

impl Decision {
    /// The first appointment that it covers.
    #[must_use]
    pub fn first(&self) -> &Appointment {
        // `covers` is never empty: a decision is only made about at least one appointment.
        &self.covers[0]
    }
}

/// An appointment in the reminder window that is not reminded in this pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The appointment.
    pub appointment_id: i64,
    /// Its start, if that can be understood.
    pub start: Option<NaiveDateTime>,
    /// Its branch, if that can be understood.
    pub branch_id: Option<i64>,
    /// Its customer.
    pub customer_id: Option<i64>,
    /// The first reason that applies.
    pub reason: reason::Reason,
}

/// Cuts an instant to the full minute: minutes count, seconds do not (rule E3).
pub(crate) fn full_minute(at: DateTime<Utc>) -> DateTime<Utc> {
    use chrono::DurationRound;
    // Truncating to a minute fails only for instants centuries away.
    at.duration_trunc(chrono::Duration::minutes(1)).unwrap_or(at)
}

/// Appointments in order of start, then id.
fn in_order(mut appointments: Vec<Appointment>, zone: crate::zone::Zone) -> Vec<Appointment> {
    appointments.sort_by_key(|appointment| (zone.instant(appointment.start()), appointment.id));
    appointments
}
