//! Chapter F: by which channel, to which address, through which interface.

use super::reason::Obstacle;
use super::{Chain, Route};
use crate::contact::{Address, AddressFault, EmailAddress, PhoneNumber};
use crate::model::{Appointment, Channel, Customer, Preference, State, Told};

/// The message for which a route is sought.
#[derive(Debug, Clone, Copy)]
pub struct Errand<'a> {
    /// Who is to be reached.
    pub customer: &'a Customer,
    /// What the message covers, in order of start. The first one's branch chooses the interface; without any,
    /// only those of the whole chain are there.
    pub covers: &'a [Appointment],
    /// The record of messages to the customer.
    pub told: &'a [Told],
}

/// F2: the first usable channel of `channels` (each with its text), the preferred one first.
///
/// # Errors
/// The obstacle of each channel, in the order in which they were tried (F5).
pub fn route(
    chain: &Chain,
    errand: Errand<'_>,
    channels: &[(Channel, String)],
) -> Result<Route, Vec<(Channel, Obstacle)>> {
    let mut obstacles = Vec::new();
    for (channel, usable) in attempts(chain, errand, channels) {
        match usable {
            Ok(route) => return Ok(route),
            Err(obstacle) => obstacles.push((channel, obstacle)),
        }
    }
    Err(obstacles)
}

/// F2, F3: every channel of `channels` in the order in which they are tried, with the route that
/// it offers or why it cannot be used.
pub fn attempts<'a>(
    chain: &'a Chain,
    errand: Errand<'a>,
    channels: &'a [(Channel, String)],
) -> impl Iterator<Item = (Channel, Result<Route, Obstacle>)> + 'a {
    in_order(errand.customer, channels).map(move |(channel, document_template)| {
        let route = usable(chain, errand, *channel).map(|(address, interface_id)| Route {
            address,
            interface_id,
            document_template: document_template.clone(),
        });
        (*channel, route)
    })
}

/// F2: the preferred channel first if the template has it, then the template's order.
fn in_order<'a>(customer: &Customer, channels: &'a [(Channel, String)]) -> impl Iterator<Item = &'a (Channel, String)> {
    let preferred = match customer.preferred_contact {
        Some(Preference::By(channel)) => Some(channel),
        Some(Preference::NoMessages) | None => None,
    };
    let is_preferred = move |(channel, _): &&(Channel, String)| Some(*channel) == preferred;
    channels.iter().filter(is_preferred).chain(channels.iter().filter(move |entry| !is_preferred(entry)))
}

/// F3, F4, F7: the address and the interface if a channel is usable.
fn usable(chain: &Chain, errand: Errand<'_>, channel: Channel) -> Result<(Address, Option<i64>), Obstacle> {
    let branch_id = errand.covers.first().map_or(0, |first| first.branch_id);
    let interface_id =
        chain.outlets.of(channel).map(|_| chain.outlets.choose(channel, branch_id).map(|outlet| outlet.id));
    let country_code = chain.outlets.country_code(branch_id);
    // The address is looked at first: what the customer lacks helps staff more than what the chain lacks.
    let address = match channel {
        Channel::Email => email(errand, country_code),
        Channel::Sms => sms(errand, country_code),
        Channel::Letter => letter(errand, country_code),
        Channel::Phone => phone(errand, country_code),
    }?;
    match interface_id {
        Some(None) => Err(Obstacle::NoInterface),
        Some(id) => Ok((address, id)),
        None => Ok((address, None)),
    }
}

fn email(errand: Errand<'_>, country_code: &str) -> Result<Address, Obstacle> {
    let text = filled(errand.customer.email.as_deref()).ok_or(Obstacle::NoAddress)?;
    let address = EmailAddress::parse(text).map_err(invalid)?;
    not_rejected_before(errand, country_code, Address::Email(address))
}

fn invalid(fault: impl Into<AddressFault>) -> Obstacle {
    Obstacle::Invalid(fault.into())
}

fn sms(errand: Errand<'_>, country_code: &str) -> Result<Address, Obstacle> {
    if errand.customer.phones.is_empty() {
        return Err(Obstacle::NoAddress);
    }
    first_usable(errand, country_code, errand.customer.phones.iter().filter(|phone| phone.sms_allowed), |text| {
        let number = PhoneNumber::parse(text, country_code).map_err(invalid)?;
        if number.is_mobile() { Ok(Address::Sms(number)) } else { Err(Obstacle::NotMobile) }
    })
    .unwrap_or(Err(Obstacle::SmsNotAllowed))
}

fn phone(errand: Errand<'_>, country_code: &str) -> Result<Address, Obstacle> {
    first_usable(errand, country_code, errand.customer.phones.iter(), |text| {
        PhoneNumber::parse(text, country_code).map_err(invalid)?;
        Ok(Address::Phone(text.to_owned()))
    })
    .unwrap_or(Err(Obstacle::NoAddress))
}

/// The first number that is usable, by position; else the obstacle of the first one. `None` if
/// there are no numbers.
fn first_usable<'a>(
    errand: Errand<'_>,
    country_code: &str,
    phones: impl Iterator<Item = &'a crate::model::Phone>,
    read: impl Fn(&str) -> Result<Address, Obstacle>,
) -> Option<Result<Address, Obstacle>> {
    let mut phones: Vec<_> = phones.collect();
    phones.sort_by_key(|phone| phone.position);
    let mut results = phones
        .iter()
        .map(|phone| read(&phone.number).and_then(|address| not_rejected_before(errand, country_code, address)));
    let first = results.next()?;
    if first.is_ok() {
        return Some(first);
    }
    Some(results.find(Result::is_ok).unwrap_or(first))
}

fn letter(errand: Errand<'_>, country_code: &str) -> Result<Address, Obstacle> {
    let address = errand.customer.postal_address().ok_or(Obstacle::PostalAddressIncomplete)?;
    not_rejected_before(errand, country_code, Address::Letter(address))
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// F7: an address at which a message about one of the same appointments, at the same start, was
/// rejected for good is not usable by the same channel again.
fn not_rejected_before(errand: Errand<'_>, country_code: &str, address: Address) -> Result<Address, Obstacle> {
    let covers_the_same = |message: &Told| {
        message.covers.iter().any(|stated| {
            let same = |appointment: &Appointment| {
                appointment.id == stated.appointment_id && stated.start == Some(appointment.start())
            };
            errand.covers.iter().any(same)
        })
    };
    let rejected = errand
        .told
        .iter()
        .filter(|message| message.state == State::Failed && message.channel == Some(address.channel()))
        .filter(|message| same_address(&address, &message.address, country_code))
        .filter(|message| covers_the_same(message))
        .map(|message| message.message_id)
        .max();
    match rejected {
        Some(message_id) => Err(Obstacle::RejectedBefore { message_id }),
        None => Ok(address),
    }
}

/// Whether a recorded address is this one, however it was spelled then: messages by hand have
/// numbers as somebody typed them.
fn same_address(address: &Address, recorded: &str, country_code: &str) -> bool {
    match address {
        Address::Email(email) => EmailAddress::parse(recorded).is_ok_and(|other| other == *email),
        Address::Sms(number) => PhoneNumber::parse(recorded, country_code).is_ok_and(|other| other == *number),
        Address::Phone(text) => {
            let number = |text| PhoneNumber::parse(text, country_code).ok();
            text == recorded || number(text).is_some_and(|one| number(recorded).is_some_and(|other| one == other))
        }
        Address::Letter(text) => text == recorded,
    }
}
