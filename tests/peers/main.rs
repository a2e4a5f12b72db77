//! x
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
mod kannel;
