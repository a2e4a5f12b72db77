//! One HTTP connection to a gateway, and the one fact on which everything else depends: whether
//! anything of a request was written before it broke.
//!
//! A broken call is *unsent* only if it is proved: the connection, with its TLS handshake, was never
//! finished, or no byte of the request was handed to it. That is observed where the bytes pass, by
//! a wrapper round the transport, and not concluded from the kind of an error. A byte that was
//! handed over, even to a connection that the gateway has closed meanwhile, may have arrived.
//!
//! No redirects: they would carry the customer's data and our secrets to an address that nobody
//! has set. No byte of an answer is trusted: its size is limited, and [`Exchange::shown`], through
//! which every text for people goes, removes control characters and blots out our own secrets
//! wherever an answer or an error repeats them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::DateTime;
use rustls::pki_types::CertificateDer;
use ureq::config::Config;
use ureq::http;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport};

use crate::contact::mask_addresses;
use crate::delivery::blot::Blot;
use crate::delivery::certificate::certificate_problem;
use crate::delivery::excerpt;
use crate::encode;
use crate::settings::{BaseUrl, Secret, certificates};

/// More of an answer than this is not read. A verdict has a few hundred bytes; a page of the
/// list of messages sent a few hundred kilobytes.
const MAX_ANSWER: u64 = 1 << 20;

/// Servers commonly close a connection that was idle for five seconds. One that is closed in the
/// very moment in which it is used again would leave a message uncertain, so we are earlier.
const MAX_IDLE: Duration = Duration::from_secs(4);

/// A request, complete but for what the connection itself adds. It holds secrets and does not print.
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<String>,
}

impl Request {
    /// A question in the address.
    pub(super) fn get(url: String) -> Self {
        Self { method: "GET", url, headers: Vec::new(), body: None }
    }

    /// A form.
    pub(super) fn form(url: String, fields: &[(&str, &str)]) -> Self {
        Self { method: "POST", url, headers: Vec::new(), body: Some(encode::form(fields)) }
            .header("Content-Type", "application/x-www-form-urlencoded")
    }

    /// A JSON document.
    pub(super) fn json(url: String, document: &serde_json::Value) -> Self {
        Self { method: "POST", url, headers: Vec::new(), body: Some(document.to_string()) }
            .header("Content-Type", "application/json")
    }

    /// The same with one more header.
    pub(super) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// How long the server asks us to wait.
    pub(super) retry_after: Option<Duration>,
    pub(super) body: String,
    /// Why the body is not complete, if it is not.
    pub(super) cut: Option<String>,
}

impl Reply {
    /// The answer for people: status and text in one line.
    pub(super) fn shown(&self) -> String {
        let text = excerpt(&without_tags(&self.body));
        let cut = self.cut.as_ref().map(|problem| format!(" ({problem})")).unwrap_or_default();
        if text.is_empty() {
            format!("HTTP {}, no text{cut}", self.status)
        } else {
            format!("HTTP {}: {text}{cut}", self.status)
        }
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_str(&self.body).ok()
    }

    /// Whether the body is a page for people rather than an answer for a program, as firewalls
    /// and hotels put in the way.
    pub(super) fn is_page(&self) -> bool {
        let start = self.body.trim_start();
        start.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("<html"))
            || start.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype"))
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Broken {
    /// Nothing of the request has left us.
    Unsent(String),
    /// The request can never leave us: our settings, or the gateway's certificate, make it impossible.
    Unsendable(String),
    /// Something has left us, and no answer came.
    Unanswered(String),
}

impl Broken {
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Unsent(text) | Self::Unsendable(text) | Self::Unanswered(text) => text,
        }
    }
}

/// What all connections to one gateway have in common.
pub(super) struct Exchange {
    base: BaseUrl,
    timeout: Duration,
    certificates: Option<Vec<Certificate<'static>>>,
    blot: Blot,
}

impl Exchange {
    /// Prepares connections to `base`, which trust the certificates in `ca_pem` alone if it is
    /// there, else those of the system.
    pub(super) fn new(base: BaseUrl, timeout: Duration, ca_pem: Option<&str>, secrets: &[Secret]) -> Self {
        // The settings have been read with these certificates in them; one that could not be read
        // now would be one less that is trusted.
        let certificate = |der: CertificateDer<'_>| Certificate::from_der(&der).to_owned();
        let certificates = ca_pem.map(|pem| certificates(pem).flatten().map(certificate).collect());
        Self { base, timeout, certificates, blot: Blot::new(secrets) }
    }

    /// A connection of its own. It connects when it is first needed.
    pub(super) fn line(&self) -> Line<'_> {
        let written = Arc::new(AtomicBool::new(false));
        let roots = match &self.certificates {
            Some(certificates) => RootCerts::new_with_certs(certificates),
            None => RootCerts::PlatformVerifier,
        };
        let mut config = Config::builder()
            .user_agent(concat!("terminbote/", env!("CARGO_PKG_VERSION")))
            .timeout_global(Some(self.timeout))
            .http_status_as_error(false)
            .https_only(!self.base.is_loopback())
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(1)
            .max_idle_connections_per_host(1)
            .max_idle_age(MAX_IDLE)
            .tls_config(TlsConfig::builder().root_certs(roots).build());
        if self.base.is_loopback() {
            // This computer is not reached by way of another one.
            config = config.proxy(None);
        }
        let gateway = self.base.host().to_owned();
        let connector = DefaultConnector::default().chain(Watch { gateway, written: Arc::clone(&written) });
        let agent = ureq::Agent::with_parts(config.build(), connector, DefaultResolver::default());
        Line { exchange: self, agent, written }
    }

    /// `text` in one line, without our secrets and with people's addresses masked.
    pub(super) fn shown(&self, text: &str) -> String {
        mask_addresses(&excerpt(&self.blot(text)))
    }

    /// `text` without our secrets.
    pub(super) fn blot(&self, text: &str) -> String {
        self.blot.out(text)
    }
}

/// One connection, kept from request to request.
pub(super) struct Line<'a> {
    exchange: &'a Exchange,
    agent: ureq::Agent,
    written: Arc<AtomicBool>,
}

impl Line<'_> {
    /// Sends a request and waits for the whole answer.
    pub(super) fn call(&mut self, request: &Request) -> Result<Reply, Broken> {
        self.written.store(false, Ordering::Relaxed);
        let mut builder = http::Request::builder().method(request.method).uri(&request.url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let answer = match &request.body {
            Some(body) => builder.body(body.as_str()).map(|request| self.agent.run(request)),
            None => builder.body(()).map(|request| self.agent.run(request)),
        };
        let response = match answer {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(self.broken(&error)),
            Err(error) => return Err(Broken::Unsendable(format!("no valid request: {error}"))),
        };
        let (parts, mut body) = response.into_parts();
        let mut reply =
            Reply { status: parts.status.as_u16(), retry_after: retry_after(&parts.headers), ..Reply::default() };
        let mut bytes = Vec::new();
        let read = body.with_config().limit(MAX_ANSWER).reader();
        if let Err(error) = std::io::Read::read_to_end(&mut { read }, &mut bytes) {
            let problem = match ureq::Error::from(error) {
                ureq::Error::Timeout(_) => format!("the rest did not come within {:?}", self.exchange.timeout),
                ureq::Error::BodyExceedsLimit(_) => "the rest was not read".to_owned(),
                error => format!("the rest did not come: {}", plain(&error)),
            };
            reply.cut = Some(problem);
        }
        reply.body = self.exchange.blot(&String::from_utf8_lossy(&bytes));
        Ok(reply)
    }

    fn broken(&self, error: &ureq::Error) -> Broken {
        let host = self.exchange.base.host();
        let (written, timeout) = (self.written.load(Ordering::Relaxed), self.exchange.timeout);
        let certificate = match error {
            ureq::Error::Io(error) => certificate_problem(error),
            ureq::Error::Rustls(error) => certificate_problem(error),
            _ => None,
        };
        if let Some(problem) = certificate.filter(|_| !written) {
            return Broken::Unsendable(format!("no connection to {host}: {problem}"));
        }
        let text = match error {
            ureq::Error::Timeout(_) if written => format!("no answer from {host} within {timeout:?}"),
            ureq::Error::Timeout(_) => format!("no connection to {host} within {timeout:?}"),
            ureq::Error::HostNotFound => format!("{host} cannot be found: check the name and the network"),
            error if written => format!("no answer from {host}: {}", plain(error)),
            error => format!("no connection to {host}: {}", plain(error)),
        };
        match error {
            // These come before any connection is made, and would come again for every message.
            ureq::Error::Http(_) | ureq::Error::BadUri(_) | ureq::Error::RequireHttpsOnly(_) if !written => {
                Broken::Unsendable(text)
            }
            _ if written => Broken::Unanswered(text),
            _ => Broken::Unsent(text),
        }
    }
}

/// An error without the words that its library puts before it.
fn plain(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Rustls(error) => error.to_string(),
        // Their texts hold the whole address, with whatever stands in it.
        ureq::Error::BadUri(_) | ureq::Error::RequireHttpsOnly(_) => "no valid https address".to_owned(),
        error => error.to_string(),
    }
}

/// The header `Retry-After`, in seconds or as an instant. An instant is compared with the server's
/// own clock, the header `Date`, since ours may differ.
fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let after = text("Retry-After")?;
    if let Ok(seconds) = after.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let (until, now) = (DateTime::parse_from_rfc2822(after).ok()?, DateTime::parse_from_rfc2822(text("Date")?).ok()?);
    (until - now).to_std().ok()
}

/// `text` without what stands in angle brackets, if it is a page or a document.
fn without_tags(text: &str) -> String {
    if !text.trim_start().starts_with('<') {
        return text.to_owned();
    }
    let mut outside = String::new();
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '<' => depth = 1,
            '>' => {
                depth = 0;
                outside.push(' ');
            }
            c if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    outside
}

/// Puts a [`Watched`] round the connection to the gateway, and not round the one to a proxy.
struct Watch {
    gateway: String,
    written: Arc<AtomicBool>,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

impl Connector<Box<dyn Transport>> for Watch {
    type Out = Box<dyn Transport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<Box<dyn Transport>>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        let is_gateway =
            details.uri.authority().is_some_and(|authority| authority.as_str().eq_ignore_ascii_case(&self.gateway));
        Ok(chained.map(|inner| -> Box<dyn Transport> {
            if is_gateway { Box::new(Watched { inner, written: Arc::clone(&self.written) }) } else { inner }
        }))
    }
}

/// A connection that notes when something is about to be written to it. Any TLS handshake is over
/// by then: it belongs to connecting.
struct Watched {
    inner: Box<dyn Transport>,
    written: Arc<AtomicBool>,
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watched")
    }
}

impl Transport for Watched {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.written.store(true, Ordering::Relaxed);
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> http::HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_wait_is_read_as_seconds_or_by_the_servers_own_clock() {
        let seconds = |pairs: &[(&'static str, &'static str)]| retry_after(&headers(pairs)).map(|wait| wait.as_secs());
        let date = ("Date", "Tue, 10 Mar 2026 18:00:00 GMT");
        assert_eq!(seconds(&[]), None);
        assert_eq!(seconds(&[("Retry-After", "17")]), Some(17));
        assert_eq!(seconds(&[("Retry-After", "Tue, 10 Mar 2026 18:01:30 GMT"), date]), Some(90));
        assert_eq!(seconds(&[("Retry-After", "Tue, 10 Mar 2026 17:00:00 GMT"), date]), None);
        assert_eq!(seconds(&[("Retry-After", "Tue, 10 Mar 2026 18:01:30 GMT")]), None);
        assert_eq!(seconds(&[("Retry-After", "soon"), date]), None);
        assert_eq!(seconds(&[("Retry-After", "-1")]), None);
    }

    #[test]
    fn an_answer_is_shown_without_its_tags() {
        let page =
            Reply { status: 502, body: "<html><h1>Bad Gateway</h1>\n<p>nginx</p>".to_owned(), ..Reply::default() };
        assert_eq!(page.shown(), "HTTP 502: Bad Gateway nginx");
        assert!(page.is_page());
        assert_eq!(Reply { status: 204, ..Reply::default() }.shown(), "HTTP 204, no text");
    }
}
