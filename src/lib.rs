//! terminbote reminds the customers of a chain of practices of their appointments.
//!
//! The way of one pass: [`store`] reads the chain and its customers, [`rules`] decide who gets
//! which message, [`template`] and [`calendar`] write it, the ledger in [`store`] writes it down,
//! [`delivery`] hands it over, and [`report`] tells what became of it. [`pass`] is the loop that
//! leads through all of them; [`commands`] are what the command line offers.

pub mod calendar;
pub mod cause;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod contact;
pub mod delivery;
mod encode;
pub mod exit;
pub mod host;
mod language;
pub mod model;
pub mod pass;
mod regular;
pub mod report;
pub mod rules;
pub mod segments;
pub mod settings;
pub mod store;
pub mod template;
pub mod zone;

// `Cargo.toml` says why.
#[cfg(target_arch = "x86_64")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
