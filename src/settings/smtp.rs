//! The settings of a mail server.
//!
//! Whatever could let a password or a customer's name travel in the clear has to be asked for by
//! name: encryption is required unless the server is this computer or `allow_plaintext` is set.
//! Files that the settings name are read here, so that what is wrong with them is a fault with its
//! key and not a surprise at night. No `Debug` of these types shows a secret.

use std::fmt;
use std::path::PathBuf;

use rustls::pki_types::ServerName;

use super::base_url::is_loopback;
use super::fields::{Faults, Fields, read_object};
use super::secret::{Secret, Surroundings};
use super::trust::read_ca_file;
use crate::contact::EmailAddress;

/// An SMTP interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smtp {
    /// Where the messages go.
    pub transport: SmtpTransport,
    /// The sender's name, if one is set.
    pub from_name: Option<String>,
    /// The sender's address.
    pub from: EmailAddress,
    /// Where answers go; `None` means to the branch.
    pub reply_to: Option<EmailAddress>,
    /// How many connections may be open at once.
    pub connections: u32,
    /// How many messages a minute the provider allows, if it sets a limit.
    pub max_per_minute: Option<u32>,
}

/// How e-mails leave the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmtpTransport {
    /// To a server.
    Server(SmtpServer),
    /// Into a folder, one `.eml` a message.
    Directory(PathBuf),
}

/// A mail server and how to talk to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpServer {
    /// Name or address; an IPv6 address without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// How to log in, if the server wants that.
    pub login: Option<Login>,
    /// The certificates, in PEM, that alone are trusted, instead of those of the system.
    pub ca_pem: Option<String>,
    /// How many seconds each answer may take.
    pub timeout_seconds: u32,
    /// What is said without waiting for the answers in between.
    pub pipelining: Pipelining,
}

/// What a server that offers PIPELINING (RFC 2920) is told at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pipelining {
    /// All that comes before the text of a message; of the next one as soon as the present one is answered.
    Message,
    /// The same, and behind the text also what comes before that of the next message.
    Next,
    /// One command at a time.
    Off,
}

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// STARTTLS, or nothing is sent.
    Required,
    /// From the first byte.
    Implicit,
    /// Not at all.
    None,
}

/// Who logs in, and how that is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user name.
    pub user: String,
    /// The proof.
    pub proof: Proof,
}

/// What proves to a server that a user is who they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A password.
    Password {
        /// The password itself.
        password: Secret,
        /// How it is told; `None` leaves the choice to what the server offers, PLAIN first.
        how: Option<PasswordMechanism>,
    },
    /// A token that a command fetches, for XOAUTH2.
    Token(TokenCommand),
}

/// How a password is told to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMechanism {
    /// AUTH PLAIN.
    Plain,
    /// AUTH LOGIN.
    Login,
}

/// A command that prints an access token on the first line of its output. It is run without a
/// shell. Its arguments may be secret, so that only its name is ever shown.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenCommand {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
}

impl fmt::Debug for TokenCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCommand").field("program", &self.program).finish_non_exhaustive()
    }
}

/// Connections at once, if the settings do not say.
const CONNECTIONS: u32 = 4;

/// What the key `auth` may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Auth {
    Password(PasswordMechanism),
    Xoauth2,
}

impl Smtp {
    /// Whom e-mails are from, name and address as people read them: neither quoted nor encoded.
    #[must_use]
    pub fn sender(&self) -> String {
        let address = self.from.expose();
        self.from_name.as_ref().map_or_else(|| address.to_owned(), |name| format!("{name} <{address}>"))
    }

    /// Reads the settings of an interface `smtp`.
    ///
    /// # Errors
    /// Every fault, each with its key.
    pub fn read(json: &str, surroundings: &dyn Surroundings) -> Result<Self, Faults> {
        read_object(json, |fields| Self::from_fields(fields, surroundings))
    }

    /// The settings that `fields` give; what is wrong with them is noted there.
    pub(super) fn from_fields(fields: &mut Fields<'_>, surroundings: &dyn Surroundings) -> Option<Self> {
        let transports = [("smtp", false), ("file", true)];
        let into_files = fields.required_choice("transport", &transports, "\"smtp\" or \"file\"");
        let sender = read_sender(fields);
        let reply_to = fields.address("reply_to");
        // If the word is wrong, the other keys tell what was meant, so that they are not called unknown.
        let files = into_files.unwrap_or_else(|| fields.has("directory"));
        let transport = if files {
            let directory = fields.required_text("directory", "a folder");
            directory.map(|path| SmtpTransport::Directory(surroundings.folder().join(path)))
        } else {
            read_server(fields, surroundings).map(SmtpTransport::Server)
        };
        let (connections, max_per_minute) = if files {
            (CONNECTIONS, None)
        } else {
            (fields.integer_or("connections", 1..=64, CONNECTIONS), fields.integer("max_per_minute", 1..=100_000))
        };
        into_files?;
        let (from_name, from) = sender?;
        Some(Self { transport: transport?, from_name, from, reply_to, connections, max_per_minute })
    }

    /// Whether all that it would send stays on this computer (rule A5): it writes files, or its
    /// server is a loopback address. No name is looked up to find out.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match &self.transport {
            SmtpTransport::Directory(_) => true,
            SmtpTransport::Server(server) => is_loopback(&server.host),
        }
    }
}

fn read_server(fields: &mut Fields<'_>, surroundings: &dyn Surroundings) -> Option<SmtpServer> {
    let host = read_host(fields);
    let choices = [("required", Tls::Required), ("implicit", Tls::Implicit), ("none", Tls::None)];
    let tls = fields.choice_or_first("tls", &choices);
    let tls_is_wrong = tls.is_none();
    let tls = tls.unwrap_or(Tls::Required);
    let default_port = match tls {
        Tls::Required => 587,
        Tls::Implicit => 465,
        Tls::None => 25,
    };
    let port = fields.integer("port", 1..=u32::from(u16::MAX));
    // The range above is that of a port.
    let port = port.map_or(default_port, |port| u16::try_from(port).unwrap_or(default_port));
    let allow_plaintext = fields.flag_or("allow_plaintext", false);
    if tls == Tls::None && !allow_plaintext && host.as_deref().is_some_and(|host| !is_loopback(host)) {
        fields.fault(
            "tls",
            "\"none\" lets everyone on the way read log-in and messages; it is for a server on this computer, \
             or needs `allow_plaintext`: true",
        );
    }
    let login = read_login(fields, surroundings);
    let ca_pem = read_ca_file(fields, surroundings);
    let timeout_seconds = fields.integer_or("timeout_seconds", 1..=300, 30);
    let choices = [("message", Pipelining::Message), ("next", Pipelining::Next), ("off", Pipelining::Off)];
    let pipelining = fields.choice_or_first("pipelining", &choices);
    if tls_is_wrong {
        return None;
    }
    Some(SmtpServer { host: host?, port, tls, login: login.ok()?, ca_pem, timeout_seconds, pipelining: pipelining? })
}

fn read_host(fields: &mut Fields<'_>) -> Option<String> {
    let text = fields.required_text("host", "the name of the mail server")?.trim();
    let host = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    if ServerName::try_from(host).is_ok() {
        return Some(host.to_owned());
    }
    // The text is not shown: an URL in its place may hold a password.
    fields.fault(
        "host",
        "a name such as \"mail.example.de\" or an address is needed, alone (the port has a key of its own, `port`)",
    );
    None
}

/// What could not be read; its fault has been noted.
struct Noted;

/// The log-in, if one is wanted.
fn read_login(fields: &mut Fields<'_>, surroundings: &dyn Surroundings) -> Result<Option<Login>, Noted> {
    let user = fields.text("user").map(str::to_owned);
    let auth = fields.choice(
        "auth",
        &[
            ("plain", Auth::Password(PasswordMechanism::Plain)),
            ("login", Auth::Password(PasswordMechanism::Login)),
            ("xoauth2", Auth::Xoauth2),
        ],
    );
    let token = fields.words("token_command", "[\"/usr/local/bin/token\", \"termine\"]");
    for key in ["password", "password_file", "password_env"] {
        fields.belongs_under_secrets(key);
    }
    let password =
        fields.object("secrets", |secrets| secrets.secret(["password", "password_file", "password_env"], surroundings));
    if ["user", "auth", "token_command", "secrets"].iter().all(|key| !fields.has(key)) {
        return Ok(None);
    }
    if !fields.has("user") {
        fields.fault("user", "missing; a log-in needs a user name");
    }
    // Where a key is there and its value missing, its own fault has been noted.
    let faulty = |key: &str, read: bool| fields.has(key) && !read;
    if faulty("auth", auth.is_some())
        || faulty("token_command", token.is_some())
        || faulty("secrets", password.is_some())
    {
        return Err(Noted);
    }
    let proof = match (auth, token, password) {
        (_, Some(_), Some(_)) => {
            fields.fault("token_command", "given beside a password; one of them is needed, not both");
            return Err(Noted);
        }
        (Some(Auth::Password(_)), Some(_), None) => {
            fields.fault("auth", "a `token_command` goes with \"xoauth2\"");
            return Err(Noted);
        }
        (Some(Auth::Xoauth2), None, _) => {
            fields.fault("token_command", "missing; \"xoauth2\" needs the command that prints a token");
            return Err(Noted);
        }
        (None | Some(Auth::Xoauth2), Some(words), None) => {
            let mut words = words.into_iter();
            // `words` has at least one: the reader has seen to that.
            Proof::Token(TokenCommand { program: words.next().ok_or(Noted)?, arguments: words.collect() })
        }
        (None, None, Some(password)) => Proof::Password { password, how: None },
        (Some(Auth::Password(how)), None, Some(password)) => Proof::Password { password, how: Some(how) },
        (None | Some(Auth::Password(_)), None, None) => {
            fields.fault("secrets", "missing; a log-in needs `password`, `password_file` or `password_env` there");
            return Err(Noted);
        }
    };
    Ok(Some(Login { user: user.ok_or(Noted)?, proof }))
}

/// The sender: `Optik Muster <termine@example.de>`, or the address alone. The name is taken as it
/// stands, since practices put dots and umlauts in it that a mail header would have to quote.
fn read_sender(fields: &mut Fields<'_>) -> Option<(Option<String>, EmailAddress)> {
    let text = fields.required_text("from", "a sender such as \"Optik Muster <termine@example.de>\"")?.trim();
    let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (without_quotes(name.trim()).trim(), address),
        None => ("", text),
    };
    if name.contains(char::is_control) {
        fields.fault("from", "a line break or other control character in the name");
        return None;
    }
    let address = fields.parse_address("from", address)?;
    Some(((!name.is_empty()).then(|| name.to_owned()), address))
}

/// A name that stands in quotation marks as a whole, without them; any other as it is.
fn without_quotes(name: &str) -> &str {
    let inner = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('"')).unwrap_or(name)
}

impl Fields<'_> {
    /// An e-mail address below `key`.
    fn address(&mut self, key: &'static str) -> Option<EmailAddress> {
        let text = self.text(key)?;
        self.parse_address(key, text)
    }

    fn parse_address(&mut self, key: &str, text: &str) -> Option<EmailAddress> {
        EmailAddress::parse(text)
            .inspect_err(|problem| {
                self.fault(key, format!("an e-mail address such as \"termine@example.de\" is needed ({problem})"));
            })
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::settings::SecretSource;

    struct Here(PathBuf);

    impl Surroundings for Here {
        fn folder(&self) -> &Path {
            &self.0
        }

        fn secret(&self, source: &SecretSource) -> Result<Secret, String> {
            match source {
                SecretSource::Here(secret) => Ok(secret.clone()),
                SecretSource::File(path) if path == Path::new("pass") => Ok(Secret::new("from a file")),
                SecretSource::File(_) => Err("no such file".to_owned()),
                SecretSource::Variable(_) => Ok(Secret::new("from a variable")),
            }
        }
    }

    fn read(json: &str) -> Result<Smtp, Faults> {
        Smtp::read(json, &Here(PathBuf::from("/srv/termine")))
    }

    /// The settings of a server with `more` keys.
    fn server(more: &str) -> Result<SmtpServer, String> {
        let json = format!(r#"{{"transport":"smtp","host":"mail.example.de","from":"a@example.de"{more}}}"#);
        match read(&json).map_err(|faults| faults.to_string())?.transport {
            SmtpTransport::Server(server) => Ok(server),
            SmtpTransport::Directory(_) => Err("a directory".to_owned()),
        }
    }

    #[track_caller]
    fn fault(more: &str, expected: &str) {
        assert_eq!(server(more).unwrap_err(), expected, "{more}");
    }

    #[test]
    fn a_server_needs_a_host_and_a_sender_and_has_defaults_for_the_rest() {
        let smtp = read(r#"{"transport":"smtp","host":"mail.example.de","from":"a@example.de"}"#).unwrap();
        assert_eq!((smtp.connections, smtp.max_per_minute, smtp.from_name, smtp.reply_to), (4, None, None, None));
        let server = server("").unwrap();
        let SmtpServer { port, tls, login, ca_pem, timeout_seconds, .. } = server;
        assert_eq!((port, tls, login, ca_pem, timeout_seconds), (587, Tls::Required, None, None, 30));
        assert_eq!(
            read("{}").unwrap_err().to_string(),
            "`transport`: missing; \"smtp\" or \"file\" is needed; `from`: missing; a sender such as \"Optik Muster \
             <termine@example.de>\" is needed; `host`: missing; the name of the mail server is needed"
        );
    }

    #[test]
    fn the_port_follows_the_encryption() {
        assert_eq!(server(r#","tls":"implicit""#).unwrap().port, 465);
        assert_eq!(server(r#","tls":"none","allow_plaintext":true"#).unwrap().port, 25);
        assert_eq!(server(r#","tls":"implicit","port":4650"#).unwrap().port, 4650);
        fault(r#","port":0"#, "`port`: 0 where a whole number from 1 to 65535 is needed");
        fault(r#","tls":"starttls""#, r#"`tls`: "starttls" where one of "required", "implicit", "none" is needed"#);
    }

    #[test]
    fn plaintext_is_for_this_computer_or_has_to_be_allowed() {
        fault(
            r#","tls":"none""#,
            "`tls`: \"none\" lets everyone on the way read log-in and messages; it is for a server on this \
             computer, or needs `allow_plaintext`: true",
        );
        for host in ["localhost", "LOCALHOST.", "127.0.0.1", "127.3.2.1", "::1", "[::1]"] {
            let json = format!(r#"{{"transport":"smtp","host":"{host}","tls":"none","from":"a@example.de"}}"#);
            assert!(read(&json).unwrap().is_local(), "{host}");
        }
        for host in ["mail.example.de", "mail.localhost", "localhost.example.de", "192.0.2.1"] {
            let json = format!(r#"{{"transport":"smtp","host":"{host}","from":"a@example.de"}}"#);
            assert!(!read(&json).unwrap().is_local(), "{host}");
        }
    }

    #[test]
    fn a_host_with_a_port_or_a_path_is_no_host() {
        for host in ["mail.example.de:587", "smtp://termine:hunter2@mail.example.de", "mail example", "a\\r\\nb"] {
            let json = format!(r#"{{"transport":"smtp","host":"{host}","from":"a@example.de"}}"#);
            let fault = read(&json).unwrap_err().to_string();
            assert!(fault.contains("(the port has a key of its own, `port`)"), "{fault}");
            assert!(!fault.contains("hunter2"), "{fault}");
        }
    }

    #[test]
    fn the_sender_is_an_address_with_or_without_a_name() {
        let sender = |from: &str| {
            let json = serde_json::json!({"transport": "file", "directory": "out", "from": from});
            read(&json.to_string())
                .map(|smtp| (smtp.from_name.unwrap_or_default(), smtp.from.expose().to_owned()))
                .map_err(|faults| faults.0[0].key.clone())
        };
        let ok = |name: &str| Ok((name.to_owned(), "termine@example.de".to_owned()));
        assert_eq!(sender("Optik Muster <termine@example.de>"), ok("Optik Muster"));
        assert_eq!(sender("Praxis Dr. Müller, Köln <termine@example.de>"), ok("Praxis Dr. Müller, Köln"));
        assert_eq!(sender("\"Muster, Optik\" <termine@example.de>"), ok("Muster, Optik"));
        assert_eq!(sender("Hör \"Welt\" <termine@example.de>"), ok("Hör \"Welt\""));
        assert_eq!(sender("\"Hör\" und \"Seh\" <termine@example.de>"), ok("\"Hör\" und \"Seh\""));
        assert_eq!(sender(" termine@example.de "), ok(""));
        for wrong in ["Optik Muster", "a@b@example.de", "Optik\nBcc: x@example.de <a@example.de>", "ö@example.de"] {
            assert_eq!(sender(wrong), Err("from".to_owned()), "{wrong}");
        }
    }

    #[test]
    fn a_password_stands_under_secrets_in_a_file_or_in_a_variable() {
        let password = |more: &str| match server(more).unwrap().login.unwrap() {
            Login { user, proof: Proof::Password { password, how } } => (user, password.expose().to_owned(), how),
            Login { proof: Proof::Token(_), .. } => unreachable!(),
        };
        let user = || "termine".to_owned();
        assert_eq!(
            password(r#","user":"termine","secrets":{"password":"hunter2"}"#),
            (user(), "hunter2".to_owned(), None)
        );
        assert_eq!(
            password(r#","user":"termine","auth":"login","secrets":{"password_file":"pass"}"#),
            (user(), "from a file".to_owned(), Some(PasswordMechanism::Login))
        );
        assert_eq!(
            password(r#","user":"termine","auth":"plain","secrets":{"password_env":"P"}"#),
            (user(), "from a variable".to_owned(), Some(PasswordMechanism::Plain))
        );
        fault(r#","user":"termine","secrets":{"password_file":"gone"}"#, "`secrets.password_file`: no such file");
    }

    #[test]
    fn a_password_beside_the_other_keys_is_refused_with_the_place_where_it_belongs() {
        fault(
            r#","user":"termine","password":"hunter2","secrets":{"password_env":"P"}"#,
            "`password`: secrets stand under `secrets` only: \"secrets\": {\"password\": …}",
        );
    }

    #[test]
    fn half_a_log_in_is_a_fault() {
        fault(r#","secrets":{"password":"x"}"#, "`user`: missing; a log-in needs a user name");
        let no_proof = "`secrets`: missing; a log-in needs `password`, `password_file` or `password_env` there";
        fault(r#","user":"termine""#, no_proof);
        fault(r#","user":"termine","auth":"plain""#, no_proof);
        fault(
            r#","user":"termine","auth":"xoauth2","secrets":{"password":"x"}"#,
            "`token_command`: missing; \"xoauth2\" needs the command that prints a token",
        );
        fault(
            r#","user":"termine","auth":"plain","token_command":["t"]"#,
            "`auth`: a `token_command` goes with \"xoauth2\"",
        );
        fault(
            r#","user":"termine","token_command":["t"],"secrets":{"password":"x"}"#,
            "`token_command`: given beside a password; one of them is needed, not both",
        );
        fault(
            r#","user":"termine","token_command":"get token""#,
            "`token_command`: a text where a list of words such as [\"/usr/local/bin/token\", \"termine\"] is needed",
        );
    }

    #[test]
    fn a_token_command_means_xoauth2_and_its_arguments_are_not_shown() {
        let server = server(r#","user":"termine","token_command":["/bin/token","hunter2"]"#).unwrap();
        let shown = format!("{server:?}");
        assert!(shown.contains("/bin/token") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn no_debug_shows_the_password() {
        let server = server(r#","user":"termine","secrets":{"password":"hunter2"}"#).unwrap();
        assert!(!format!("{server:?}").contains("hunter2"));
    }

    #[test]
    fn files_need_a_folder_which_starts_at_the_databases() {
        let smtp = read(r#"{"transport":"file","directory":"out","from":"a@example.de"}"#).unwrap();
        assert_eq!(smtp.transport, SmtpTransport::Directory(PathBuf::from("/srv/termine/out")));
        assert!(smtp.is_local());
        let fault = read(r#"{"transport":"file","directory":"out","from":"a@example.de","host":"h"}"#).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "`host`: unknown key; known here are `directory`, `from`, `reply_to`, `transport`"
        );
    }
}
