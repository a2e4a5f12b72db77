//! terminbote reminds the customers of a chain of practices of their appointments.

pub mod clock;
pub mod contact;
pub mod delivery;
pub mod model;
pub mod settings;
pub mod zone;
