//! Every key of the settings, as the program reads it: what the handbook tells cannot go stale.

use std::path::Path;

use serde_json::json;

use super::fields::{Fields, Key, keys_of};
use super::secret::{Secret, SecretSource, Surroundings};
use super::{Notification, Sms, Smtp};
use crate::model::InterfaceKind;

/// The settings of one kind of interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The kind.
    pub kind: InterfaceKind,
    /// The way to send that these keys belong to: a `transport` or a `gateway`. `None` for the keys of
    /// all of them.
    pub way: Option<&'static str>,
    /// The keys, in the order in which they are read.
    pub keys: Vec<Key>,
}

/// All sections: first the keys that each way to send has, then those of its own.
#[must_use]
pub fn reference() -> Vec<Section> {
    let service = Section {
        kind: InterfaceKind::AppointmentNotification,
        way: None,
        keys: keys_of(&json!({}), Notification::from_fields),
    };
    let smtp = |fields: &mut Fields<'_>| Smtp::from_fields(fields, &Nowhere);
    let sms = |fields: &mut Fields<'_>| Sms::from_fields(fields, &Nowhere);
    let by_mail = ["smtp", "file"].map(|way| (way, keys_of(&json!({"transport": way}), smtp)));
    let by_sms = ["smscreator", "seven", "twilio", "sipgate", "kannel", "http", "file"]
        .map(|way| (way, keys_of(&json!({"gateway": way}), sms)));
    let mut sections = vec![service];
    sections.extend(in_common_first(InterfaceKind::Smtp, &by_mail));
    sections.extend(in_common_first(InterfaceKind::Sms, &by_sms));
    sections
}

fn in_common_first(kind: InterfaceKind, ways: &[(&'static str, Vec<Key>)]) -> Vec<Section> {
    let is_common = |key: &Key| ways.iter().all(|(_, keys)| keys.contains(key));
    let (_, first) = &ways[0];
    let common = Section { kind, way: None, keys: first.iter().filter(|key| is_common(key)).cloned().collect() };
    let own = ways.iter().map(|(way, keys)| Section {
        kind,
        way: Some(way),
        keys: keys.iter().filter(|key| !is_common(key)).cloned().collect(),
    });
    std::iter::once(common).chain(own).collect()
}

/// There is nothing that settings could refer to.
struct Nowhere;

impl Surroundings for Nowhere {
    fn folder(&self) -> &Path {
        Path::new("")
    }

    fn secret(&self, _source: &SecretSource) -> Result<Secret, String> {
        Ok(Secret::new(""))
    }
}
