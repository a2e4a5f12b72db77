//! Chapter B: which appointments count at all.

use chrono::{DateTime, Utc};

use super::reason::Reason;
use super::{AppointmentRow, Chain, CustomerRow};
use crate::model::{Appointment, AppointmentType, BadData, Branch, Customer, Preference, Problem, Status};

/// An appointment that may be told of, and its customer.
#[derive(Debug, Clone, Copy)]
pub struct Eligible<'a> {
    /// The appointment.
    pub appointment: &'a Appointment,
    /// Its customer.
    pub customer: &'a Customer,
}

/// Whether an appointment counts, by every rule of the chapter but B5 (the window looks at starts).
///
/// # Errors
/// The first reason against it, in the order of the contract.
pub fn eligible<'a>(chain: &Chain, customer: &'a CustomerRow, row: &'a AppointmentRow) -> Result<Eligible<'a>, Reason> {
    let Understood { appointment, kind, branch } = understood(chain, customer, row)?;
    let customer = has_customer(customer)?;
    is_no_group(appointment)?;
    has_status_that_counts(appointment)?;
    has_allowed_type(kind)?;
    is_selected(&chain.settings.branch_filter, branch)?;
    is_alive(customer)?;
    wants_messages(customer)?;
    Ok(Eligible { appointment, customer })
}

/// An appointment whose row, customer, type and branch can all be understood.
#[derive(Debug, Clone, Copy)]
pub struct Understood<'a, 'c> {
    /// The appointment.
    pub appointment: &'a Appointment,
    /// Its type.
    pub kind: &'c AppointmentType,
    /// Its branch.
    pub branch: &'c Branch,
}

/// What is needed to look at an appointment at all.
///
/// # Errors
/// The value that cannot be understood, or the row that is not there.
pub fn understood<'a, 'c>(
    chain: &'c Chain,
    customer: &CustomerRow,
    row: &'a AppointmentRow,
) -> Result<Understood<'a, 'c>, Reason> {
    let gone = |column, table, id| {
        let problem = Problem::NoSuchRow { table, id };
        Reason::BadData(BadData { table: "appointment", row: row.id, column, problem })
    };
    let appointment = row.content.as_ref().map_err(|bad| Reason::BadData(bad.clone()))?;
    match customer {
        CustomerRow::Gone(id) => return Err(gone("customer_id", "customer", *id)),
        CustomerRow::Bad(_, bad) => return Err(Reason::BadData(bad.clone())),
        CustomerRow::None | CustomerRow::Known(_) => {}
    }
    let kind = match chain.types.get(&appointment.type_id) {
        Some(Ok(kind)) => kind,
        Some(Err(bad)) => return Err(Reason::BadData(bad.clone())),
        None => return Err(gone("type_id", "appointment_type", appointment.type_id)),
    };
    let branch = match chain.branches.get(&appointment.branch_id) {
        Some(Ok(branch)) => branch,
        Some(Err(bad)) => return Err(Reason::BadData(bad.clone())),
        None => return Err(gone("branch_id", "branch", appointment.branch_id)),
    };
    Ok(Understood { appointment, kind, branch })
}

/// B1: the appointment has a customer.
///
/// # Errors
/// It has none.
pub fn has_customer(customer: &CustomerRow) -> Result<&Customer, Reason> {
    match customer {
        CustomerRow::Known(customer) => Ok(customer),
        CustomerRow::None | CustomerRow::Gone(_) | CustomerRow::Bad(..) => Err(Reason::NoCustomer),
    }
}

/// B1: its type has `auto_notify`.
///
/// # Errors
/// It has not.
pub const fn has_allowed_type(kind: &AppointmentType) -> Result<(), Reason> {
    if kind.auto_notify { Ok(()) } else { Err(Reason::TypeNotAllowed { type_id: kind.id }) }
}

/// B2: it is no group appointment.
///
/// # Errors
/// It is one.
pub const fn is_no_group(appointment: &Appointment) -> Result<(), Reason> {
    if appointment.is_group { Err(Reason::Group) } else { Ok(()) }
}

/// B3: its status is neither cancelled nor no-show.
///
/// # Errors
/// It is one of them.
pub const fn has_status_that_counts(appointment: &Appointment) -> Result<(), Reason> {
    match appointment.status {
        Status::Cancelled => Err(Reason::Cancelled),
        Status::NoShow => Err(Reason::NoShow),
        Status::Proposed | Status::Booked | Status::Confirmed | Status::Arrived | Status::Completed => Ok(()),
    }
}

/// B4: its branch is in the filter; an empty one selects every branch.
///
/// # Errors
/// It is not.
pub fn is_selected(filter: &[String], branch: &Branch) -> Result<(), Reason> {
    if filter.is_empty() || filter.contains(&branch.code) {
        Ok(())
    } else {
        Err(Reason::BranchNotSelected { code: branch.code.clone() })
    }
}

/// B6: the customer is not marked deceased.
///
/// # Errors
/// They are.
pub const fn is_alive(customer: &Customer) -> Result<(), Reason> {
    if customer.deceased { Err(Reason::Deceased) } else { Ok(()) }
}

/// B6: the customer does not want no messages.
///
/// # Errors
/// They want none.
pub const fn wants_messages(customer: &Customer) -> Result<(), Reason> {
    match customer.preferred_contact {
        Some(Preference::NoMessages) => Err(Reason::NoMessagesWanted),
        Some(Preference::By(_)) | None => Ok(()),
    }
}

/// B5: whether a start is still to come.
#[must_use]
pub fn is_ahead(start: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    start > now
}
