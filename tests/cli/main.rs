//! Drives the real program, each test in a fresh folder.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod again;
mod bad_input;
mod bad_rows;
mod disk;
mod dry_run;
mod examples;
#[path = "../support/http_peer.rs"]
#[allow(dead_code, unreachable_pub, reason = "each test binary that includes it uses a part of it")]
mod http_peer;
mod init;
mod interfaces;
mod mail_server;
mod passes;
mod practice;
mod secrets;
mod sms_gateway;
#[path = "../support/smtp_peer.rs"]
mod smtp_peer;
mod tasks;
mod texts;
mod unsettled;
