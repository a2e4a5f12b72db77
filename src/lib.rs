//! terminbote reminds the customers of a chain of practices of their appointments.

pub mod clock;
pub mod contact;
pub mod delivery;
pub mod exit;
pub mod model;
pub mod report;
pub mod rules;
pub mod settings;
pub mod store;
pub mod zone;
