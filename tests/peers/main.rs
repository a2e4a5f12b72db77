//! Servers and parsers that nobody here wrote: they take what the program sends, and read it.
//!
//! A test runs where its peer is installed (Debian: `postfix`, with `smtp-sink`, `kannel` and
//! `kannel-extras`, `chromium`; `requirements.txt` beside this file in `target/peers/venv`), says so where it is
//! not, and fails for want of it where `TERMINBOTE_REQUIRE_PEERS=1` is set. Every server listens on
//! a free port of this computer only, and ends with its test.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod browser;
mod kannel;
mod login;
mod mails;
mod page;
mod postfix;
#[path = "../cli/practice.rs"]
#[allow(dead_code, reason = "the tests of the command line use the rest")]
mod practice;
mod server;
mod sink;
