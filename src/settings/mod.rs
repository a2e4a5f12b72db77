//! The JSON settings of the three kinds of interface, typed.
//!
//! Reading settings finds every fault at once and names its key, so that nobody has to mend them
//! one pass at a time. Nothing here opens a socket or decides when to send.

mod base_url;
mod fields;
mod notification;
mod recipe;
mod reference;
mod secret;
mod sms;
mod smtp;
mod trust;

pub use base_url::BaseUrl;
pub use fields::{Fault, Faults, Holds, Key};
pub use notification::{ConfirmationSettings, NightRest, Notification, ReminderSettings};
pub use recipe::{Pattern, Recipe, RenderedRequest, Values};
pub(crate) use recipe::{json_text, scalar};
pub use reference::{Section, reference};
pub use secret::{Secret, SecretSource, Surroundings};
pub use sms::{Gateway, Kannel, Seven, Sipgate, Sms, Smscreator, Twilio, TwilioSender};
pub use smtp::{Login, PasswordMechanism, Pipelining, Proof, Smtp, SmtpServer, SmtpTransport, Tls, TokenCommand};
pub(crate) use trust::{certificates, trusted_roots};
