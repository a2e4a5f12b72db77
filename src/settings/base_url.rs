//! The address of a gateway.

use std::fmt;
use std::net::IpAddr;

/// The address of an interface: `https`, or `http` on this computer; no log-in, query or fragment
/// in it, and no slash at its end.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// A sentence fragment that says what is wrong. It does not repeat the address, which may hold
    /// a secret.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wanted = "an address such as \"https://sms.example/api\" is needed";
        let text = text.strip_suffix('/').unwrap_or(text);
        let uri: ureq::http::Uri = text.parse().map_err(|_| wanted.to_owned())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(wanted.to_owned());
        };
        if authority.as_str().contains('@') {
            return Err("a log-in has no place in an address; secrets stand under `secrets`".to_owned());
        }
        if uri.query().is_some() || text.contains('#') {
            return Err("no `?` and no `#` may stand in it".to_owned());
        }
        let base = Self(text.to_owned());
        match scheme {
            "https" => Ok(base),
            "http" if base.is_loopback() => Ok(base),
            "http" => {
                Err("https is needed; http is allowed to this computer only (127.0.0.1, ::1, localhost)".to_owned())
            }
            _ => Err(wanted.to_owned()),
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, and the port where one is given, as people know it.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }

    /// Whether it leads to this very computer.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let Ok(uri) = self.0.parse::<ureq::http::Uri>() else { return false };
        is_loopback(uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']'))
    }

    /// The same address with `path` behind it.
    pub(super) fn with_path(self, path: &str) -> Self {
        Self(self.0 + path)
    }

    /// Whether anything stands behind the host.
    pub(super) fn has_path(&self) -> bool {
        self.0.split_once("://").is_some_and(|(_, rest)| rest.contains('/'))
    }
}

/// Whether `host` is a loopback address, or the one name that resolvers know without asking anybody. Others
/// that end in `.localhost` should mean this computer as well (RFC 6761, 6.3), but some resolvers ask.
pub(super) fn is_loopback(host: &str) -> bool {
    let name = host.trim_end_matches('.');
    name.parse::<IpAddr>().map_or(name.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
