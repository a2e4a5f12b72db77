//! The certificates that an interface trusts instead of those of the system.
//!
//! The file is read with the settings that name it, so that a bad one is a fault of its key: the
//! interface is unusable from the start (rule F4), and not at the first message. Whoever connects
//! later gets the text of the file, which is then known to hold certificates.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};

use super::fields::Fields;
use super::secret::Surroundings;
use crate::regular;

/// The text of the file that the key `ca_file` names; `None` means the certificates of the system.
/// What is wrong with it is noted as a fault, which makes all the settings unusable.
pub(super) fn read_ca_file(fields: &mut Fields<'_>, surroundings: &dyn Surroundings) -> Option<String> {
    let path = surroundings.folder().join(fields.text("ca_file")?);
    let read = regular::read(&path).map_err(|error| error.to_string());
    read.and_then(|pem| trusted_roots(&pem).map(|_| pem))
        .map_err(|problem| fields.fault("ca_file", format!("{}: {problem}", path.display())))
        .ok()
}

/// The certificates in `pem`, one by one.
pub(crate) fn certificates(pem: &str) -> impl Iterator<Item = Result<CertificateDer<'static>, pem::Error>> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
}

/// The certificates in `pem`, at least one, as the roots of all trust.
///
/// # Errors
/// A sentence fragment that says what is wrong with them.
pub(crate) fn trusted_roots(pem: &str) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem) {
        let certificate = certificate.map_err(|error| format!("no valid PEM: {error}"))?;
        roots.add(certificate).map_err(|error| format!("a certificate that cannot be used: {error}"))?;
    }
    if roots.is_empty() { Err("no certificate in PEM form in it".to_owned()) } else { Ok(roots) }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::super::{Faults, Secret, SecretSource, Sms, Smtp};
    use super::*;

    struct Folder(PathBuf);

    impl Surroundings for Folder {
        fn folder(&self) -> &Path {
            &self.0
        }

        fn secret(&self, _: &SecretSource) -> Result<Secret, String> {
            Ok(Secret::new("geheim"))
        }
    }

    #[test]
    fn f4_a_ca_file_is_read_with_the_settings_and_must_hold_a_certificate() {
        let folder = Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/tls"));
        let smtp = |file: &str| {
            let json = serde_json::json!({
                "transport": "smtp", "host": "mail.example.de", "from": "a@example.de", "ca_file": file
            });
            Smtp::read(&json.to_string(), &folder).err()
        };
        let sms = |file: &str| {
            let json = serde_json::json!({"gateway": "seven", "secrets": {"api_key": "k"}, "ca_file": file});
            Sms::read(&json.to_string(), &folder).map(|sms| assert!(sms.ca_pem.is_some())).err()
        };
        assert_eq!((smtp("ca.pem"), sms("ca.pem")), (None, None));
        for (file, problem) in [
            ("server.key", "server.key: no certificate in PEM form in it"),
            ("gone.pem", "gone.pem: No such file or directory"),
            ("", "empty; leave the key out"),
        ] {
            for Faults(faults) in [smtp(file), sms(file)].into_iter().flatten() {
                assert_eq!((faults.len(), faults[0].key.as_str()), (1, "ca_file"));
                assert!(faults[0].problem.contains(problem), "{}", faults[0]);
            }
            assert!(smtp(file).is_some() && sms(file).is_some(), "{file}");
        }
    }
}
