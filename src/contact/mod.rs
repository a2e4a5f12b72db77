//! E-mail addresses and telephone numbers: parsed once, masked wherever they are shown.

mod email;
mod mask;
mod phone;

pub use email::EmailAddress;
pub use mask::mask_addresses;
pub use phone::PhoneNumber;

use crate::model::Channel;

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
