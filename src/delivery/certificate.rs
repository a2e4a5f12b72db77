//! Words for a server's certificate that is not the right one.
//!
//! Mail servers and gateways have it in common: nothing is sent, nothing would change if it were
//! tried again, and a person has to know what to do.

use std::error::Error;
use std::io;

use rustls::CertificateError;

/// What is wrong with the certificate that ended a handshake with `error`; `None` if it was
/// something else.
pub(super) fn certificate_problem(error: &(dyn Error + 'static)) -> Option<String> {
    // An error of the encryption travels inside one of the connection.
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    let error = match inner {
        Some(inner) => inner.downcast_ref(),
        None => error.downcast_ref(),
    };
    let Some(rustls::Error::InvalidCertificate(problem)) = error else { return None };
    let problem = match problem {
        CertificateError::UnknownIssuer => {
            "nobody who is trusted here has signed it (`ca_file` can name who is)".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet (is the clock of this computer right?)".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is made for another name than the one in the settings".to_owned()
        }
        other => other.to_string(),
    };
    Some(format!("the server's certificate is not valid: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_faults_have_words_and_any_other_error_is_none() {
        let problem = |error: CertificateError| {
            let error = rustls::Error::InvalidCertificate(error);
            let wrapped = io::Error::new(io::ErrorKind::InvalidData, error.clone());
            assert_eq!(certificate_problem(&wrapped), certificate_problem(&error));
            certificate_problem(&error).unwrap()
        };
        let start = "the server's certificate is not valid: ";
        for (error, words) in [
            (CertificateError::UnknownIssuer, "nobody who is trusted here has signed it (`ca_file` can name who is)"),
            (CertificateError::Expired, "it has expired"),
            (CertificateError::NotValidYet, "it is not valid yet (is the clock of this computer right?)"),
            (CertificateError::NotValidForName, "it is made for another name than the one in the settings"),
            (CertificateError::Revoked, "Revoked"),
        ] {
            assert_eq!(problem(error), format!("{start}{words}"));
        }
        assert_eq!(certificate_problem(&rustls::Error::DecryptError), None);
        assert_eq!(certificate_problem(&io::Error::from(io::ErrorKind::TimedOut)), None);
    }
}
