//! E-mail addresses and telephone numbers: parsed once, masked wherever they are shown.

mod email;
mod keyed;
mod mask;
mod phone;
mod same;

pub use email::{EmailAddress, EmailFault};
pub use keyed::AddressKey;
pub use mask::{mask_addresses, mask_stored};
pub use phone::{PhoneFault, PhoneNumber, parse_country_code};
pub use same::Readings;

use crate::model::Channel;

/// What is wrong with an address or a number. It prints as what is said of it, in English and
/// without it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// Of an e-mail address.
    #[error(transparent)]
    Email(#[from] EmailFault),
    /// Of a telephone number.
    #[error(transparent)]
    Phone(#[from] PhoneFault),
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// An e-mail address.
    Email(EmailAddress),
    /// A mobile number, for a text message.
    Sms(PhoneNumber),
    /// Street, postcode and city, in one line, for staff.
    Letter(String),
    /// A number as stored, for staff to dial.
    Phone(String),
}

impl Address {
    /// The channel that such an address belongs to.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Sms(_) => Channel::Sms,
            Self::Letter(_) => Channel::Letter,
            Self::Phone(_) => Channel::Phone,
        }
    }

    /// The full address, for the record, the JSON report and the hand-over. Letters in one line,
    /// numbers for calls as stored, numbers for text messages in E.164.
    #[must_use]
    pub fn expose(&self) -> &str {
        match self {
            Self::Email(address) => address.expose(),
            Self::Sms(number) => number.expose(),
            Self::Letter(text) | Self::Phone(text) => text,
        }
    }
}

/// Whether `c` takes no room on a screen, so that nobody sees it in an address: soft hyphens,
/// zero-width blanks and joiners, marks of the writing direction.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Whether `c` ends a line in any of the programs that an address may have come from.
fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether `c` is a blank that people put into telephone numbers. A tab is none: it parts columns.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}')
}

/// Whether `c` joins the digits of telephone numbers: a hyphen in any form, a dash, a full stop.
fn is_joint(c: char) -> bool {
    matches!(c, '.' | '-' | '\u{2010}' | '\u{2011}' | '\u{2013}')
}
