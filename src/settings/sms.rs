//! The settings of an SMS gateway.
//!
//! Keys that every gateway shares are read first, then those of the gateway that is named; a key
//! of another gateway is unknown. Secrets stand under `secrets` and nowhere else: a file of
//! settings without that object can be shown to anybody.

use std::path::PathBuf;
use std::time::Duration;

use super::base_url::BaseUrl;
use super::fields::{Faults, Fields, Holds, read_object};
use super::recipe::Recipe;
use super::secret::{Secret, Surroundings};
use super::trust::read_ca_file;
use crate::contact::parse_country_code;

/// An SMS interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sms {
    /// Which gateway, and how to talk to it.
    pub gateway: Gateway,
    /// The country code for numbers without one, such as `+49`.
    pub country_code: String,
    /// How many connections may be open at once.
    pub connections: u32,
    /// How many messages a minute the provider takes, if that is limited.
    pub max_per_minute: Option<u32>,
    /// How long one call may take, from the look-up of the host to the last byte of the answer.
    pub timeout: Duration,
    /// In how many parts a text should fit; a longer one is sent all the same, and reported.
    pub max_segments: u32,
    /// Whether typographic quotes, dashes and blanks are replaced where that saves a part.
    pub replace_typography: bool,
    /// The certificates, in PEM, that alone are trusted, instead of those of the system.
    pub ca_pem: Option<String>,
}

/// The gateways that are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gateway {
    /// smscreator.de.
    Smscreator(Smscreator),
    /// seven.io.
    Seven(Seven),
    /// Twilio.
    Twilio(Twilio),
    /// sipgate.
    Sipgate(Sipgate),
    /// The practice's own Kannel, or a service that speaks its language.
    Kannel(Kannel),
    /// Any other, as described in the settings, with the sender's name if there is one.
    Http(Box<Recipe>, Option<String>),
    /// Into a folder, one file a message.
    File(PathBuf),
}

/// smscreator.de.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smscreator {
    /// Where `send.asmx` and `Information.asmx` are.
    pub base_url: BaseUrl,
    /// The account.
    pub user: String,
    /// Its password.
    pub password: Secret,
    /// The sender's name or number.
    pub from: Option<String>,
    /// The gateway's word for the kind of message; `None` chooses `HighQuality` or, for a text of
    /// more than one part, `HighQualityLong`.
    pub sms_type: Option<&'static str>,
}

/// seven.io.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seven {
    /// Where the interface is.
    pub base_url: BaseUrl,
    /// The key.
    pub api_key: Secret,
    /// The sender's name or number.
    pub from: Option<String>,
}

/// Twilio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twilio {
    /// Where the interface is.
    pub base_url: BaseUrl,
    /// The account, `AC…`.
    pub account_sid: String,
    /// An API key, `SK…`, to log in with; `None` means the account itself.
    pub api_key_sid: Option<String>,
    /// The account's token, or the key's secret.
    pub secret: Secret,
    /// Who sends.
    pub sender: TwilioSender,
}

/// Who sends a message at Twilio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TwilioSender {
    /// A number or a name.
    From(String),
    /// A messaging service, `MG…`.
    Service(String),
}

/// sipgate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sipgate {
    /// Where the interface is.
    pub base_url: BaseUrl,
    /// The id of a personal access token, `token-…`.
    pub token_id: String,
    /// The token.
    pub token: Secret,
    /// The SMS extension, such as `s0`; its verified number is the sender.
    pub sms_id: String,
}

/// Kannel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kannel {
    /// Where `sendsms` is.
    pub base_url: BaseUrl,
    /// The user of the group `sendsms-user`.
    pub user: String,
    /// Its password.
    pub password: Secret,
    /// The sender; `None` leaves it to the gateway.
    pub from: Option<String>,
    /// The connection to a network operator; `None` leaves it to the gateway.
    pub smsc: Option<String>,
    /// `max-messages` of that user: what is longer the gateway would cut off without a word.
    pub max_messages: u32,
}

#[derive(Clone, Copy)]
enum Name {
    Smscreator,
    Seven,
    Twilio,
    Sipgate,
    Kannel,
    Http,
    File,
}

impl Sms {
    /// Reads the settings of an interface `sms`.
    ///
    /// # Errors
    /// Every fault, each with its key.
    pub fn read(json: &str, surroundings: &dyn Surroundings) -> Result<Self, Faults> {
        read_object(json, |fields| Self::from_fields(fields, surroundings))
    }

    /// The settings that `fields` give; what is wrong with them is noted there.
    pub(super) fn from_fields(fields: &mut Fields<'_>, surroundings: &dyn Surroundings) -> Option<Self> {
        let name = fields.required_choice(
            "gateway",
            &[
                ("smscreator", Name::Smscreator),
                ("seven", Name::Seven),
                ("twilio", Name::Twilio),
                ("sipgate", Name::Sipgate),
                ("kannel", Name::Kannel),
                ("http", Name::Http),
                ("file", Name::File),
            ],
            "the name of a gateway such as \"seven\"",
        );
        let country_code = fields.text_or("country_code", "+49");
        let country_code =
            parse_country_code(country_code).map_err(|problem| fields.fault("country_code", problem)).ok();
        let connections = fields.integer_or("connections", 1..=64, 4);
        let max_per_minute = fields.integer("max_per_minute", 1..=100_000);
        let timeout_seconds = fields.integer_or("timeout_seconds", 1..=600, 30);
        let max_segments = fields.integer_or("max_segments", 1..=10, 3);
        let replace_typography = fields.flag_or("replace_typography", true);
        let ca_pem = read_ca_file(fields, surroundings);
        for name in SECRETS {
            fields.belongs_under_secrets(name);
        }
        let Some(name) = name else {
            fields.judge_no_other_keys();
            return None;
        };
        let gateway = match name {
            Name::Smscreator => Smscreator::read(fields, surroundings).map(Gateway::Smscreator),
            Name::Seven => Seven::read(fields, surroundings).map(Gateway::Seven),
            Name::Twilio => Twilio::read(fields, surroundings).map(Gateway::Twilio),
            Name::Sipgate => Sipgate::read(fields, surroundings).map(Gateway::Sipgate),
            Name::Kannel => Kannel::read(fields, surroundings, max_segments).map(Gateway::Kannel),
            Name::Http => {
                let from = read_sender(fields, 40, "");
                Recipe::read(fields, surroundings).map(|recipe| Gateway::Http(Box::new(recipe), from))
            }
            Name::File => fields
                .required_text("directory", "a folder")
                .map(|directory| Gateway::File(surroundings.folder().join(directory))),
        };
        Some(Self {
            gateway: gateway?,
            country_code: country_code?,
            connections,
            max_per_minute,
            timeout: Duration::from_secs(timeout_seconds.into()),
            max_segments,
            replace_typography,
            ca_pem,
        })
    }

    /// Whether nothing leaves this computer: files, or an address of its own (rule A5).
    #[must_use]
    pub fn is_local(&self) -> bool {
        match &self.gateway {
            Gateway::File(_) => true,
            gateway => gateway.base_url().is_some_and(BaseUrl::is_loopback),
        }
    }
}

impl Gateway {
    /// The word that stands for it in the settings.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Smscreator(_) => "smscreator",
            Self::Seven(_) => "seven",
            Self::Twilio(_) => "twilio",
            Self::Sipgate(_) => "sipgate",
            Self::Kannel(_) => "kannel",
            Self::Http(..) => "http",
            Self::File(_) => "file",
        }
    }

    /// Where it is; `None` for files.
    #[must_use]
    pub fn base_url(&self) -> Option<&BaseUrl> {
        match self {
            Self::Smscreator(gateway) => Some(&gateway.base_url),
            Self::Seven(gateway) => Some(&gateway.base_url),
            Self::Twilio(gateway) => Some(&gateway.base_url),
            Self::Sipgate(gateway) => Some(&gateway.base_url),
            Self::Kannel(gateway) => Some(&gateway.base_url),
            Self::Http(recipe, _) => Some(recipe.base_url()),
            Self::File(_) => None,
        }
    }
}

impl Smscreator {
    fn read(fields: &mut Fields<'_>, surroundings: &dyn Surroundings) -> Option<Self> {
        let base_url = read_base_url(fields, Some("https://www.smscreator.de/gateway"));
        let user = fields.required_text("user", "the name of the account");
        let from = read_sender(fields, 16, "");
        // `PSTNFixedLine` is left out: it would read a mistyped number's message aloud to a stranger.
        let sms_type = fields.choice(
            "sms_type",
            &[
                ("Standard", "Standard"),
                ("StandardLong", "StandardLong"),
                ("StandardDeliveryNotification", "StandardDeliveryNotification"),
                ("HighQuality", "HighQuality"),
                ("HighQualityLong", "HighQualityLong"),
                ("Flash", "Flash"),
            ],
        );
        let password = read_secret(fields, ["password", "password_file", "password_env"], surroundings);
        Some(Self { base_url: base_url?, user: user?.to_owned(), password: password?, from, sms_type })
    }
}

impl Seven {
    fn read(fields: &mut Fields<'_>, surroundings: &dyn Surroundings) -> Option<Self> {
        let base_url = read_base_url(fields, Some("https://gateway.seven.io/api"));
        let from = read_sender(fields, 16, "/ .-@_!()+$,&");
        let api_key = read_secret(fields, ["api_key", "api_key_file", "api_key_env"], surroundings);
        Some(Self { base_url: base_url?, api_key: api_key?, from })
    }
}

impl Twilio {
    fn read(fields: &mut Fields<'_>, surroundings: &dyn Surroundings) -> Option<Self> {
        let base_url = read_base_url(fields, Some("https://api.twilio.com"));
        let account_sid = fields.required_text("account_sid", "the id of the account, AC and 32 digits");
        let account_sid = account_sid.and_then(|sid| read_sid(fields, "account_sid", "AC", sid));
        let api_key_sid = fields.text("api_key_sid");
        let api_key_sid = api_key_sid.and_then(|sid| read_sid(fields, "api_key_sid", "SK", sid));
        let service = fields.text("messaging_service_sid");
        let service = service.and_then(|sid| read_sid(fields, "messaging_service_sid", "MG", sid));
        let from = read_sender(fields, 15, " -");
        let sender = match (from, service) {
            (Some(from), None) => Some(TwilioSender::From(from)),
            (None, Some(service)) => Some(TwilioSender::Service(service)),
            (Some(_), Some(_)) => {
                fields.fault("messaging_service_sid", "given beside `from`; one of them is needed, not both");
                None
            }
            (None, None) => {
                if !fields.has("from") && !fields.has("messaging_service_sid") {
                    fields.fault("from", "missing; a number, a name, or `messaging_service_sid` is needed");
                }
                None
            }
        };
        let secret = if fields.has("api_key_sid") {
            read_secret(fields, ["api_key_secret", "api_key_secret_file", "api_key_secret_env"], surroundings)
        } else {
            read_secret(fields, ["auth_token", "auth_token_file", "auth_token_env"], surroundings)
        };
        Some(Self { base_url: base_url?, account_sid: account_sid?, api_key_sid, secret: secret?, sender: sender? })
    }
}

impl Sipgate {
    fn read(fields: &mut Fields<'_>, surroundings: &dyn Surroundings) -> Option<Self> {
        let base_url = read_base_url(fields, Some("https://api.sipgate.com/v2"));
        let token_id = fields.required_text("token_id", "the id of a personal access token, token-…");
        let sms_id = fields.required_text("sms_id", "the SMS extension such as \"s0\"");
        if fields.has("from") {
            let _ = fields.possibly_empty_text("from");
            fields.fault("from", "the sender is the verified number of the extension `sms_id`, set at sipgate");
        }
        let token = read_secret(fields, ["token", "token_file", "token_env"], surroundings);
        Some(Self { base_url: base_url?, token_id: token_id?.to_owned(), token: token?, sms_id: sms_id?.to_owned() })
    }
}

impl Kannel {
    fn read(fields: &mut Fields<'_>, surroundings: &dyn Surroundings, max_segments: u32) -> Option<Self> {
        let base_url = read_base_url(fields, None)
            .map(|base| if base.has_path() { base } else { base.with_path("/cgi-bin/sendsms") });
        let user = fields.required_text("user", "the user name of a group sendsms-user");
        let from = read_sender(fields, 20, " -_.");
        let smsc = fields.text("smsc").map(str::to_owned);
        let max_messages = fields.integer_or("max_messages", 1..=10, max_segments);
        let password = read_secret(fields, ["password", "password_file", "password_env"], surroundings);
        Some(Self { base_url: base_url?, user: user?.to_owned(), password: password?, from, smsc, max_messages })
    }
}

fn read_base_url(fields: &mut Fields<'_>, default: Option<&'static str>) -> Option<BaseUrl> {
    let text = match default {
        Some(default) => fields.text_or("base_url", default),
        None => fields.required_text("base_url", "the address of the gateway")?,
    };
    BaseUrl::parse(text).map_err(|problem| fields.fault("base_url", problem)).ok()
}

/// The sender: up to eleven letters and digits and a few `signs`, or a number of up to
/// `max_digits` digits, with or without a plus. Networks drop or change any other.
fn read_sender(fields: &mut Fields<'_>, max_digits: usize, signs: &str) -> Option<String> {
    let from = fields.text("from")?;
    let digits = from.strip_prefix('+').unwrap_or(from);
    let is_number = digits.len() <= max_digits && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = from.len() <= 11 && from.chars().all(|c| c.is_ascii_alphanumeric() || signs.contains(c));
    if !is_number && !is_name {
        let signs = if signs.is_empty() { String::new() } else { format!(" and `{signs}`") };
        fields.fault(
            "from",
            format!(
                "a name of up to 11 letters without umlauts, digits{signs}, or a number of up to {max_digits} digits is needed"
            ),
        );
        return None;
    }
    Some(from.to_owned())
}

/// One of Twilio's ids, which becomes part of an address.
fn read_sid(fields: &Fields<'_>, key: &str, prefix: &str, sid: &str) -> Option<String> {
    if sid.starts_with(prefix) && sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Some(sid.to_owned());
    }
    fields.fault(key, format!("an id that begins with {prefix}, of letters and digits only, is needed"));
    None
}

/// The one secret of a gateway, below `secrets`.
fn read_secret(fields: &mut Fields<'_>, names: [&'static str; 3], surroundings: &dyn Surroundings) -> Option<Secret> {
    let [name, file, variable] = names;
    fields.require("secrets", || Holds::Object, &format!("an object with `{name}`, `{file}` or `{variable}`"));
    fields.object("secrets", |secrets| {
        let secret = secrets.secret(names, surroundings);
        if secret.is_none() && !names.iter().any(|name| secrets.has(name)) {
            secrets.fault(name, format!("missing; the secret itself, or `{file}` or `{variable}` is needed"));
        }
        secret
    })
}

/// What is a secret at some gateway, and is never read beside the other keys, where it might be shown.
const SECRETS: [&str; 15] = [
    "password",
    "password_file",
    "password_env",
    "api_key",
    "api_key_file",
    "api_key_env",
    "api_key_secret",
    "api_key_secret_file",
    "api_key_secret_env",
    "auth_token",
    "auth_token_file",
    "auth_token_env",
    "token",
    "token_file",
    "token_env",
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::secret::SecretSource;
    use super::*;

    struct Here;

    impl Surroundings for Here {
        fn folder(&self) -> &Path {
            Path::new("/var/lib/terminbote")
        }

        fn secret(&self, source: &SecretSource) -> Result<Secret, String> {
            match source {
                SecretSource::Here(secret) => Ok(secret.clone()),
                SecretSource::File(path) if path.ends_with("sms.key") => Ok(Secret::new("from-a-file")),
                SecretSource::Variable(name) if name == "SMS_KEY" => Ok(Secret::new("from-the-environment")),
                SecretSource::File(_) => Err("no such file".to_owned()),
                SecretSource::Variable(_) => Err("the variable is not set".to_owned()),
            }
        }
    }

    fn read(json: &str) -> Sms {
        Sms::read(json, &Here).unwrap()
    }

    #[track_caller]
    fn faults(json: &str) -> String {
        Sms::read(json, &Here).unwrap_err().to_string()
    }

    const SEVEN: &str = r#"{"gateway": "seven", "secrets": {"api_key": "geheim-1"}}"#;

    #[test]
    fn the_shortest_settings_have_their_defaults() {
        let sms = read(SEVEN);
        assert_eq!(
            (sms.country_code.as_str(), sms.connections, sms.max_per_minute, sms.timeout.as_secs(), sms.max_segments),
            ("+49", 4, None, 30, 3)
        );
        assert!(sms.replace_typography && sms.ca_pem.is_none() && !sms.is_local());
        assert_eq!(sms.gateway.base_url().unwrap().as_str(), "https://gateway.seven.io/api");
    }

    #[test]
    fn each_gateway_reads_its_own_keys() {
        for (json, url) in [
            (
                r#"{"gateway": "smscreator", "user": "praxis", "from": "OptikMuster", "sms_type": "StandardLong", "secrets": {"password": "p"}}"#,
                "https://www.smscreator.de/gateway",
            ),
            (
                r#"{"gateway": "twilio", "account_sid": "AC0", "from": "+15005550006", "secrets": {"auth_token": "t"}}"#,
                "https://api.twilio.com",
            ),
            (
                r#"{"gateway": "twilio", "account_sid": "AC0", "api_key_sid": "SK1", "messaging_service_sid": "MG2", "secrets": {"api_key_secret": "t"}}"#,
                "https://api.twilio.com",
            ),
            (
                r#"{"gateway": "sipgate", "token_id": "token-ABC", "sms_id": "s0", "secrets": {"token": "t"}}"#,
                "https://api.sipgate.com/v2",
            ),
            (
                r#"{"gateway": "kannel", "base_url": "http://127.0.0.1:13013", "user": "tester", "smsc": "one", "max_messages": 4, "secrets": {"password": "foobar"}}"#,
                "http://127.0.0.1:13013/cgi-bin/sendsms",
            ),
            (
                r#"{"gateway": "http", "url": "https://sms.example/send", "body": "{\"to\": {{ to|json }}}", "headers": {"Authorization": "Bearer {{ secrets.key }}"}, "success": {"status": [201]}, "secrets": {"key": "k"}}"#,
                "https://sms.example",
            ),
        ] {
            assert_eq!(read(json).gateway.base_url().unwrap().as_str(), url, "{json}");
        }
        let file = read(r#"{"gateway": "file", "directory": "sms"}"#);
        assert_eq!(file.gateway, Gateway::File(PathBuf::from("/var/lib/terminbote/sms")));
        assert!(file.is_local());
    }

    #[test]
    fn the_examples_are_settings() {
        struct AnySecret;

        impl Surroundings for AnySecret {
            fn folder(&self) -> &Path {
                Path::new("/var/lib/terminbote")
            }

            fn secret(&self, _: &SecretSource) -> Result<Secret, String> {
                Ok(Secret::new("geheim"))
            }
        }

        for (name, json) in [
            ("smscreator", include_str!("../../examples/settings/sms-smscreator.json")),
            ("seven", include_str!("../../examples/settings/sms-seven.json")),
            ("twilio", include_str!("../../examples/settings/sms-twilio.json")),
            ("sipgate", include_str!("../../examples/settings/sms-sipgate.json")),
            ("kannel", include_str!("../../examples/settings/sms-kannel.json")),
            ("http", include_str!("../../examples/settings/sms-http.json")),
            ("file", include_str!("../../examples/settings/sms-file.json")),
        ] {
            let sms = Sms::read(json, &AnySecret).unwrap_or_else(|faults| panic!("{name}: {faults}"));
            assert_eq!(sms.gateway.name(), name);
        }
    }

    #[test]
    fn secrets_come_from_the_settings_a_file_or_the_environment() {
        let key = |secrets: &str| {
            let Gateway::Seven(seven) = read(&format!(r#"{{"gateway": "seven", "secrets": {secrets}}}"#)).gateway
            else {
                panic!("another gateway")
            };
            seven.api_key.expose().to_owned()
        };
        assert_eq!(key(r#"{"api_key": "here"}"#), "here");
        assert_eq!(key(r#"{"api_key_file": "sms.key"}"#), "from-a-file");
        assert_eq!(key(r#"{"api_key_env": "SMS_KEY"}"#), "from-the-environment");
    }

    #[test]
    fn no_secret_is_ever_printed() {
        for json in [
            SEVEN,
            r#"{"gateway": "http", "url": "https://sms.example/", "success": {"status": [200]}, "secrets": {"a": "geheim-1"}}"#,
        ] {
            assert!(!format!("{:?}", read(json)).contains("geheim-1"));
        }
        let misplaced = r#"{"gateway": "seven", "api_key": "geheim-1", "base_url": "https://me:geheim-1@sms.example"}"#;
        assert!(!faults(misplaced).contains("geheim-1"));
    }

    #[test]
    fn a_misplaced_secret_is_told_its_place() {
        assert_eq!(
            faults(r#"{"gateway": "seven", "api_key": "geheim-1"}"#),
            "`api_key`: secrets stand under `secrets` only: \"secrets\": {\"api_key\": …}; \
             `secrets`: missing; an object with `api_key`, `api_key_file` or `api_key_env` is needed"
        );
    }

    #[test]
    fn https_is_needed_everywhere_but_on_this_computer() {
        for (url, allowed) in [
            ("https://sms.example", true),
            ("http://127.0.0.1:8080/x", true),
            ("http://[::1]:8080", true),
            ("http://localhost", true),
            ("http://sms.example", false),
            ("http://127.0.0.1.example", false),
            ("http://192.168.0.2", false),
            ("ftp://127.0.0.1", false),
            ("sms.example", false),
            ("", false),
            ("https://sms.example?key=1", false),
            ("https://name:pass@sms.example", false),
        ] {
            assert_eq!(BaseUrl::parse(url).is_ok(), allowed, "{url}");
        }
        assert!(
            read(r#"{"gateway": "seven", "base_url": "http://localhost:1", "secrets": {"api_key": "k"}}"#).is_local()
        );
    }

    #[test]
    fn every_fault_names_its_key() {
        for (json, wanted) in [
            (r#"{"gateway": "smoke"}"#, "`gateway`: \"smoke\" where one of"),
            ("{}", "`gateway`: missing"),
            (r#"{"gateway": "file"}"#, "`directory`: missing"),
            (r#"{"gateway": "file", "directory": "x", "user": "y"}"#, "`user`: unknown key"),
            (
                r#"{"gateway": "file", "directory": "x", "country_code": "+999"}"#,
                "`country_code`: not the country code of any country; one such as +49 is needed",
            ),
            (r#"{"gateway": "file", "directory": "x", "connections": 65}"#, "`connections`: 65 where"),
            (r#"{"gateway": "seven", "secrets": {}}"#, "`secrets.api_key`: missing"),
            (
                r#"{"gateway": "seven", "secrets": {"api_key_env": "X"}}"#,
                "`secrets.api_key_env`: the variable is not set",
            ),
            (
                r#"{"gateway": "seven", "from": "Praxis Müller", "secrets": {"api_key": "k"}}"#,
                "`from`: a name of up to 11",
            ),
            (
                r#"{"gateway": "seven", "from": "Praxis Mueller", "secrets": {"api_key": "k"}}"#,
                "`from`: a name of up to 11",
            ),
            (
                r#"{"gateway": "twilio", "account_sid": "AC/..", "from": "x", "secrets": {"auth_token": "t"}}"#,
                "`account_sid`: an id",
            ),
            (r#"{"gateway": "twilio", "account_sid": "AC0", "secrets": {"auth_token": "t"}}"#, "`from`: missing"),
            (
                r#"{"gateway": "twilio", "account_sid": "AC0", "from": "x", "messaging_service_sid": "MG1", "secrets": {"auth_token": "t"}}"#,
                "`messaging_service_sid`: given beside `from`",
            ),
            (
                r#"{"gateway": "sipgate", "token_id": "t", "sms_id": "s0", "from": "x", "secrets": {"token": "t"}}"#,
                "`from`: the sender is the verified number",
            ),
            (r#"{"gateway": "kannel", "user": "u", "secrets": {"password": "p"}}"#, "`base_url`: missing"),
            (
                r#"{"gateway": "smscreator", "user": "u", "sms_type": "PSTNFixedLine", "secrets": {"password": "p"}}"#,
                "`sms_type`:",
            ),
            (r#"{"gateway": "http", "url": "https://sms.example/"}"#, "`success`: missing"),
            (r#"{"gateway": "http", "url": "https://sms.example/", "success": {}}"#, "`success.status`: one of"),
            (r#"{"gateway": "http", "url": "https://{{ to }}/", "success": {"status": [200]}}"#, "`url`: an address"),
            (
                r#"{"gateway": "http", "url": "https://sms.example/{{ tto }}", "success": {"status": [200]}}"#,
                "`url`: `tto` is unknown here; known are `to`, `from`",
            ),
            (
                r#"{"gateway": "http", "url": "https://sms.example/", "body": "{{ secrets.key }}", "success": {"status": [200]}}"#,
                "`body`: `secrets.key` is unknown here",
            ),
            (
                r#"{"gateway": "http", "url": "https://sms.example/", "body": "{{ to|jason }}", "success": {"status": [200]}}"#,
                "`body` cannot be rendered",
            ),
            (
                r#"{"gateway": "http", "url": "https://sms.example/", "body": "{{ to", "success": {"status": [200]}}"#,
                "`body`: not a valid template",
            ),
            (
                r#"{"gateway": "http", "url": "https://sms.example/", "headers": {"A B": "x"}, "success": {"status": [200]}}"#,
                "`headers.A B`: not a header",
            ),
        ] {
            let found = faults(json);
            assert!(found.contains(wanted), "{json}\n{found}");
        }
    }

    #[test]
    fn a_gateway_that_is_mistyped_is_the_only_fault() {
        let faults =
            Sms::read(r#"{"gateway": "sevn", "from": "Optik", "secrets": {"api_key": "k"}}"#, &Here).unwrap_err();
        insta::assert_snapshot!(faults, @r#"`gateway`: "sevn" where one of "smscreator", "seven", "twilio", "sipgate", "kannel", "http", "file" is needed"#);
    }
}
