//! Drives the real program, each test in a fresh folder.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod bad_input;
mod check;
mod dry_run;
mod init;
mod passes;
mod practice;
