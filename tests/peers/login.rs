//! A mail server with encryption and log-in: `aiosmtpd`, with the certificates of the test servers.

use std::process::Command;

use tempfile::TempDir;

use super::mails::{Mail, read};
use super::practice::{EVENING, Practice, Printed};
use super::server::{Server, beside, python, tls};

const PASSWORD: &str = "Möwe 17";

/// A running server and the folder with what it took.
struct MailServer {
    port: u16,
    folder: TempDir,
    _server: Server,
}

impl MailServer {
    /// Starts one in a mode of `mail_server.py`; `None` where that is not installed.
    fn start(mode: &str) -> Option<Self> {
        let python = python()?;
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start_talking(
            Command::new(python)
                .arg(beside("mail_server.py"))
                .arg(mode)
                .args([tls("server.pem"), tls("server.key")])
                .arg(folder.path()),
        );
        let port = server.wait_for("port ").trim_start_matches("port ").parse().unwrap();
        Some(Self { port, folder, _server: server })
    }

    fn taken(&self) -> Vec<Mail> {
        read(self.folder.path())
    }

    /// A pass of a practice with one reminder due, which sends mail here with these settings.
    fn pass(&self, encryption: &str, ca_file: Option<&str>, password: &str) -> (Practice, Printed) {
        let practice = Practice::ready();
        practice.appointment(1, "2026-03-11 09:30");
        let mut settings = serde_json::json!({
            "transport": "smtp", "host": "localhost", "port": self.port, "tls": encryption,
            "from": "Optik Muster <termine@example.de>", "user": "termine", "secrets": {"password": password}
        });
        if let Some(file) = ca_file {
            settings["ca_file"] = tls(file).to_str().unwrap().into();
        }
        // An SMS instead of the mail would hide what becomes of it.
        practice.sql(&format!("UPDATE interface SET settings = '{settings}' WHERE kind = 'smtp'"));
        practice.sql("DELETE FROM customer_phone");
        let printed = practice.pass(EVENING);
        (practice, printed)
    }

    /// Checks that nothing was sent, that the message waits for `why`, and that somebody is told.
    #[track_caller]
    fn takes_nothing(&self, encryption: &str, ca_file: Option<&str>, password: &str, why: &str) {
        let (practice, printed) = self.pass(encryption, ca_file, password);
        assert_eq!(printed.status, 1, "{printed}");
        let messages = practice.query("SELECT state, error FROM message");
        assert!(messages.starts_with("deferred|") && messages.contains(why), "{messages}");
        let report = printed.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(report.contains(why), "{printed}");
        assert!(!format!("{printed}{messages}").contains(password), "the password is nobody's business");
        assert_eq!(self.taken().len(), 0);
    }

    #[track_caller]
    fn takes_a_mail(&self, encryption: &str) {
        let (practice, printed) = self.pass(encryption, Some("ca.pem"), PASSWORD);
        assert_eq!(printed.status, 0, "{printed}");
        assert_eq!(practice.query("SELECT kind, state FROM message"), "reminder|sent");
        let mails = self.taken();
        let [mail] = &mails[..] else { panic!("{mails:?}") };
        assert_eq!(mail.recipient, "renate@example.de");
        assert_eq!(mail.subject, "Ihr Termin am Mittwoch, 11.03.2026, um 09:30 Uhr");
        assert!(mail.texts[0].contains("Grüßen"), "{mail:?}");
    }
}

#[test]
fn after_starttls_and_log_in_a_mail_is_sent() {
    let Some(server) = MailServer::start("starttls") else { return };
    server.takes_a_mail("required");
}

#[test]
fn over_tls_from_the_first_byte_and_log_in_a_mail_is_sent() {
    let Some(server) = MailServer::start("implicit") else { return };
    server.takes_a_mail("implicit");
}

#[test]
fn a_wrong_password_defers_the_message_and_names_the_servers_answer() {
    for (mode, encryption) in [("starttls", "required"), ("implicit", "implicit")] {
        let Some(server) = MailServer::start(mode) else { return };
        server.takes_nothing(encryption, Some("ca.pem"), "Möwe 18", "log-in refused: 535 5.7.8");
    }
}

#[test]
fn a_certificate_of_an_authority_that_nobody_knows_stops_everything() {
    for (mode, encryption) in [("starttls", "required"), ("implicit", "implicit")] {
        let Some(server) = MailServer::start(mode) else { return };
        for ca_file in [None, Some("other-ca.pem")] {
            server.takes_nothing(
                encryption,
                ca_file,
                PASSWORD,
                "the server's certificate is not valid: nobody who is trusted here has signed it",
            );
        }
    }
}

#[test]
fn without_starttls_nothing_is_sent_where_it_is_required() {
    let Some(server) = MailServer::start("plain") else { return };
    server.takes_nothing("required", Some("ca.pem"), PASSWORD, "offers no STARTTLS");
}
