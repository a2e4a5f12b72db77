//! The rules of a pass, chapter by chapter, and what must hold for every chain.
//!
//! The name of a test begins with the rule that it shows. Everything here calls the pure rules with
//! fixed instants; nothing is read, sent or waited for.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what a situation lacks is a fault of its test; allow-in-tests does not reach the builders"
)]

mod a_anything_to_do;
mod b_which_count;
mod c_already_said;
mod clock_change;
mod d_confirmation;
mod e_reminder;
mod explain;
mod f_channel;
mod g_record;
mod night_rests;
mod pass;
mod properties;
mod schedule;
mod simulation;
mod situation;
