//! The JSON settings of the three kinds of interface, typed.
//!
//! Reading settings finds every fault at once and names its key, so that nobody has to mend them
//! one pass at a time. Nothing here opens a socket or decides when to send.

mod fields;
mod notification;
mod secret;
mod sms;
mod smtp;

pub use fields::{Fault, Faults};
pub use notification::{ConfirmationSettings, NightRest, Notification, ReminderSettings};
pub use secret::{Secret, SecretSource, Surroundings};
pub use sms::{Gateway, Sms};
pub use smtp::{Smtp, SmtpServer, SmtpTransport, Tls};
