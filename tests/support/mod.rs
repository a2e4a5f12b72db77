//! What tests inside and outside the library share: servers in this very process that do what a
//! script says, and the certificates of all test servers.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test binary that includes it uses a part of it")]

pub mod http_peer;
pub mod smtp_peer;
pub mod tls;
