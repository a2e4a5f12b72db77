//! Chapter B: which appointments count at all.

use chrono::{DateTime, Utc};

use super::reason::Reason;
use super::{AppointmentRow, Chain, CustomerRow};
use crate::model::{Appointment, BadData, Customer, Preference, Problem, Status};

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
    // B1
    let CustomerRow::Known(customer) = customer else { return Err(Reason::NoCustomer) };
    // B2
    if appointment.is_group {
        return Err(Reason::Group);
    }
    // B3
    match appointment.status {
        Status::Cancelled => return Err(Reason::Cancelled),
        Status::NoShow => return Err(Reason::NoShow),
        Status::Proposed | Status::Booked | Status::Confirmed | Status::Arrived | Status::Completed => {}
    }
    // B1
    if !kind.auto_notify {
        return Err(Reason::TypeNotAllowed { type_id: kind.id });
    }
    // B4
    let filter = &chain.settings.branch_filter;
    if !filter.is_empty() && !filter.contains(&branch.code) {
        return Err(Reason::BranchNotSelected { code: branch.code.clone() });
    }
    // B6
    if customer.deceased {
        return Err(Reason::Deceased);
    }
    if customer.preferred_contact == Some(Preference::NoMessages) {
        return Err(Reason::NoMessagesWanted);
    }
    Ok(Eligible { appointment, customer })
}

/// B5: whether a start is still to come.
#[must_use]
pub fn is_ahead(start: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    start > now
}
