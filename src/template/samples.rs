//! Rows for the tests of this module.

use chrono::Duration;

use super::{AppointmentFacts, Facts};
use crate::model::{Branch, Customer};
use crate::zone::parse_stored;

pub(super) fn sparse_customer() -> Customer {
    Customer {
        id: 7,
        salutation: None,
        first_name: None,
        last_name: None,
        language: None,
        preferred_contact: None,
        deceased: false,
        email: None,
        street: None,
        postcode: None,
        city: None,
        phones: vec![],
    }
}

pub(super) fn full_customer() -> Customer {
    Customer {
        salutation: Some("Frau".into()),
        first_name: Some("Renate".into()),
        last_name: Some("Weiß".into()),
        street: Some("Gartenweg 3".into()),
        postcode: Some("10115".into()),
        city: Some("Berlin".into()),
        ..sparse_customer()
    }
}

pub(super) fn sparse_branch() -> Branch {
    Branch {
        id: 1,
        code: "M".into(),
        name: "Praxis am Markt".into(),
        street: None,
        postcode: None,
        city: None,
        phone: None,
        email: None,
    }
}

pub(super) fn sample_branch() -> Branch {
    Branch {
        street: Some("Marktstraße 12".into()),
        postcode: Some("10115".into()),
        city: Some("Berlin".into()),
        phone: Some("030 23125 001".into()),
        email: Some("markt@example.de".into()),
        ..sparse_branch()
    }
}

pub(super) fn other_branch() -> Branch {
    Branch {
        id: 2,
        code: "N".into(),
        name: "Praxis Nord".into(),
        street: Some("Nordring 5".into()),
        phone: Some("030 23125 002".into()),
        ..sample_branch()
    }
}

/// One appointment for each branch, from Tuesday, 10 March 2026, 10:30, each two days and a
/// quarter of an hour after the one before.
pub(super) fn sample_facts<'a>(customer: &'a Customer, branches: &[&'a Branch]) -> Facts<'a> {
    let mut start = parse_stored("2026-03-10 10:30").unwrap();
    let mut appointments = Vec::new();
    for (id, branch) in (4711..).zip(branches) {
        let end = start + Duration::minutes(25);
        let type_name = "Krankengymnastik";
        appointments.push(AppointmentFacts { id, branch, start, end, moved_from: None, type_name });
        start += Duration::days(2) + Duration::minutes(15);
    }
    Facts { customer, branch: branches[0], appointments, calendar_attached: false }
}
