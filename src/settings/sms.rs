//! The settings of an SMS gateway.

use std::path::PathBuf;

use super::fields::{Faults, read_object};
use super::secret::Surroundings;

/// An SMS interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sms {
    /// Which gateway, and how to talk to it.
    pub gateway: Gateway,
    /// The country code for numbers without one, such as `+49`.
    pub country_code: String,
    pub replace_typography: bool,
    /// How many connections may be open at once.
    pub connections: u32,
}

/// The gateways that are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gateway {
    /// Into a folder, one file a message.
    File(PathBuf),
}

impl Sms {
    pub fn is_local(&self) -> bool {
        true
    }
    /// Reads the settings of an interface `sms`.
    ///
    /// # Errors
    /// Every fault, each with its key.
    pub fn read(json: &str, surroundings: &dyn Surroundings) -> Result<Self, Faults> {
        let _ = surroundings;
        read_object(json, |fields| {
            let gateway = fields.required_text("gateway", "the name of a gateway");
            let directory = fields.required_text("directory", "a folder");
            let country_code = fields.text("country_code").unwrap_or("+49").to_owned();
            gateway?;
            Some(Self {
                gateway: Gateway::File(PathBuf::from(directory?)),
                country_code,
                connections: 4,
                replace_typography: true,
            })
        })
    }
}
