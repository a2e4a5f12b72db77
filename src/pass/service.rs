//! Whether there is anything to do at all: chapter A1 and A2 over the interfaces of the service.

use chrono::{DateTime, Utc};

use crate::exit::Stop;
use crate::model::{Interface, InterfaceKind};
use crate::report::Warning;
use crate::rules::interface::usable;
use crate::settings::Notification;
use crate::store::InterfaceRow;
use crate::zone::Zone;

/// The service that governs the chain.
#[derive(Debug)]
pub enum Service {
    /// It is to run, by these settings.
    Active(Box<Notification>, Vec<Warning>),
    /// It may not be used now or here; the warnings say why.
    Inactive(Zone, Vec<Warning>),
}

/// The zone of the service's settings, as far as they can be read; for reading `--at`.
#[must_use]
pub fn zone(interfaces: &[InterfaceRow]) -> Zone {
    settings(interfaces).map_or_else(Zone::default, |settings| settings.zone)
}

/// The service's settings, of the first row that can be read, whether or not it may be used now; for
/// commands that send nothing.
#[must_use]
pub fn settings(interfaces: &[InterfaceRow]) -> Option<Notification> {
    services(interfaces).find_map(|row| Notification::read(&row.settings).ok())
}

/// Finds the one service that governs the chain.
///
/// # Errors
/// A configuration error (78) if there is none, more than one usable, or one with faults.
pub fn find(interfaces: &[InterfaceRow], at: DateTime<Utc>, workstation: &str) -> anyhow::Result<Service> {
    if let Some(bad) = interfaces.iter().find_map(|row| row.as_ref().err()) {
        // Which kind of interface it is may be what cannot be understood.
        if !services(interfaces).any(|_| true) {
            return Err(Stop::configuration(format!("a row cannot be understood: {bad}")).into());
        }
    }
    let mut warnings: Vec<Warning> = services(interfaces)
        .filter(|row| row.branch_id.is_some())
        .map(|row| Warning::BranchWithoutEffect { interface_id: row.id })
        .collect();
    let mut found: Vec<(i64, Notification)> = Vec::new();
    let mut unusable = Vec::new();
    for row in services(interfaces) {
        let settings = Notification::read(&row.settings).map_err(|faults| {
            Stop::configuration(format!("table interface, row {}, column settings: {faults}", row.id))
        });
        // The start date is a local one, so that the zone must be known; without it, faults do not
        // matter where the row may not be used anyway.
        let today = settings.as_ref().map_or_else(|_| Zone::default(), |settings| settings.zone).date(at);
        match usable(row, today, workstation) {
            Ok(()) => found.push((row.id, settings?)),
            Err(cause) => unusable.push(Warning::ServiceUnusable { interface_id: row.id, cause }),
        }
    }
    match found.len() {
        0 if unusable.is_empty() => Err(Stop::configuration(
            "the table interface has no row of the kind appointment_notification; \
             insert one with the settings of the service (see examples/settings.sql)",
        )
        .into()),
        0 => {
            warnings.extend(unusable);
            Ok(Service::Inactive(zone(interfaces), warnings))
        }
        1 => {
            let (interface_id, settings) = found.remove(0);
            if settings.reminder.is_none() && settings.confirmation.is_none() {
                warnings.push(Warning::NothingConfigured { interface_id });
            }
            Ok(Service::Active(Box::new(settings), warnings))
        }
        _ => {
            let ids: Vec<String> = found.iter().map(|(id, _)| id.to_string()).collect();
            Err(Stop::configuration(format!(
                "the table interface has more than one usable row of the kind appointment_notification (rows {}); \
                 one governs the whole chain: delete the others, or take `server_side` from them",
                ids.join(", ")
            ))
            .into())
        }
    }
}

/// The interface that would be the service's if it were in operation: the first whose settings can be read.
#[must_use]
pub fn would_be(interfaces: &[InterfaceRow]) -> Option<&Interface> {
    services(interfaces).find(|row| Notification::read(&row.settings).is_ok())
}

/// The service of an interface as if it were in operation.
///
/// # Errors
/// A configuration error (78) if it is gone or its settings have faults.
pub(super) fn switched_on(interfaces: &[InterfaceRow], interface_id: i64) -> anyhow::Result<Service> {
    let Some(row) = services(interfaces).find(|row| row.id == interface_id) else {
        return Err(Stop::configuration(format!("the row {interface_id} of the table interface is gone")).into());
    };
    let settings = Notification::read(&row.settings).map_err(|faults| {
        Stop::configuration(format!("table interface, row {interface_id}, column settings: {faults}"))
    })?;
    let is_idle = settings.reminder.is_none() && settings.confirmation.is_none();
    let warnings = is_idle.then_some(Warning::NothingConfigured { interface_id });
    Ok(Service::Active(Box::new(settings), warnings.into_iter().collect()))
}

fn services(interfaces: &[InterfaceRow]) -> impl Iterator<Item = &Interface> {
    interfaces
        .iter()
        .filter_map(|row| row.as_ref().ok())
        .filter(|row| row.kind == InterfaceKind::AppointmentNotification)
}
