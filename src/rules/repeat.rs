//! G3: whether an e-mail of unknown fate may be repeated.

use chrono::{DateTime, Utc};

use super::eligibility::{eligible, is_ahead};
use super::told::last_told;
use super::{Case, Chain, CustomerRow, Decision, Route, in_order};
use crate::contact::{Address, EmailAddress};
use crate::model::{Channel, Kind, Stated};

/// The message to repeat, if everything that it says still holds: every appointment that it covers
/// is still ahead at the start that it stated and may be told of, no later message has stated another, its address is
/// still the customer's, and a mail server is usable. A reminder that has stated the same start of some of what an
/// uncertain confirmation covers does not keep the others from being confirmed; one that leaves nothing to tell does.
/// `message_id`, `covers` and `address` are those of the record; `reminder` is what this very pass reminds the
/// customer of.
#[must_use]
pub fn repeat(
    chain: &Chain,
    case: &Case,
    (message_id, kind): (i64, Kind),
    address: &str,
    covers: &[Stated],
    reminder: Option<&Decision>,
    now: DateTime<Utc>,
) -> Option<Decision> {
    if !chain.settings.repeat_uncertain_email || covers.is_empty() {
        return None;
    }
    let CustomerRow::Known(customer) = &case.customer else { return None };
    let address = EmailAddress::parse(address).ok()?;
    // An address that has been corrected was somebody else's, or nobody's.
    if !customer.email.as_deref().is_some_and(|email| EmailAddress::parse(email.trim()).is_ok_and(|now| now == address))
    {
        return None;
    }
    let still_true = |stated: &Stated| {
        let row = case.appointments.iter().find(|row| row.id == stated.appointment_id)?;
        let appointment = eligible(chain, &case.customer, row).ok()?.appointment;
        let last = last_told(&case.told, appointment, now);
        let is_last = last.is_none_or(|(message, _)| message.message_id == message_id);
        let is_reminded = kind == Kind::Confirmation
            && last.is_some_and(|(message, start)| message.kind == Kind::Reminder && Some(start) == stated.start);
        let is_reminded_now = reminder.is_some_and(|now| now.covers.iter().any(|told| told.id == appointment.id));
        let holds = Some(appointment.start()) == stated.start
            && (is_last || is_reminded)
            && is_ahead(chain.settings.zone.instant(appointment.start()), now);
        holds.then(|| (appointment.clone(), is_last && !is_reminded_now))
    };
    let covers = covers.iter().map(still_true).collect::<Option<Vec<_>>>()?;
    if !covers.iter().any(|(_, is_untold)| *is_untold) {
        return None;
    }
    let covers = in_order(covers.into_iter().map(|(appointment, _)| appointment).collect(), chain.settings.zone);
    let outlet = chain.outlets.choose(Channel::Email, covers.first()?.branch_id)?;
    Some(Decision {
        kind,
        customer_id: customer.id,
        covers,
        route: Route {
            address: Address::Email(address),
            interface_id: Some(outlet.id),
            document_template: String::new(),
        },
    })
}
