//! Drives the real program, each test in a fresh folder.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod again;
mod ahead;
mod bad_input;
mod bad_rows;
mod changes;
mod check;
mod complaints;
mod cost;
mod disk;
mod dry_run;
mod examples;
mod explain;
mod forecast;
mod history;
mod init;
mod interfaces;
mod large;
mod limit;
mod mail_server;
mod missed;
mod notices;
mod page;
mod passes;
mod practice;
mod purge;
mod record;
mod replay;
mod restored;
mod secrets;
mod sms_gateway;
mod states;
mod status;
mod supply;
#[path = "../support/mod.rs"]
mod support;
mod tasks;
mod texts;
mod time_up;
mod tried_again;
mod unsettled;
mod untold;
mod watching;
mod week;

use support::{http_peer, smtp_peer};
