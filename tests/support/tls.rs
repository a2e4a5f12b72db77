//! The certificates of the test servers (`tls/README.md`).

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The certificate authority that has signed the servers' certificate, in PEM.
pub const CA: &str = include_str!("tls/ca.pem");
/// Another one, which has not.
pub const OTHER_CA: &str = include_str!("tls/other-ca.pem");

/// How a server encrypts that calls itself `localhost` or `mail.example.de`.
pub fn server_config() -> Arc<ServerConfig> {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    Arc::new(config)
}
