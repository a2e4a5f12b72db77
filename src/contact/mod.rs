//! E-mail addresses and telephone numbers: parsed once, masked wherever they are shown.

mod email;
mod mask;
mod phone;

pub use email::EmailAddress;
pub use mask::mask_addresses;
pub use phone::PhoneNumber;
