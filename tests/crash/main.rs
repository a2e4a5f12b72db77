//! Nothing is lost and nothing comes twice: the real program is killed, disturbed and overtaken
//! while it hands over messages to servers in this process, and then the ledger is compared with
//! what they took.
//!
//! `TERMINBOTE_CRASH_ROUNDS=20` kills it that often at each named point, and ten times as often at
//! random ones; `TERMINBOTE_CRASH_SEED` repeats what a run has printed. `TERMINBOTE_PATIENT=1` waits for five
//! minutes with a locked database.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod database;
mod faults;
mod house;
mod kills;
mod overlap;
mod peers;
#[path = "../cli/practice.rs"]
#[allow(dead_code, reason = "the tests of the command line use the rest")]
mod practice;
mod signals;
#[path = "../support/mod.rs"]
mod support;
mod trace;
mod trap;
