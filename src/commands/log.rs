//! The log of a pass on standard error (`--log`, `-v`): one event a line, and nothing about a person.
//!
//! Events come from this program alone; what the libraries log could hold addresses and log-ins.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;

use chrono::SecondsFormat;
use log::kv::{self, Key, Value, VisitSource};
use log::{Level, LevelFilter, Log, Metadata, Record};
use serde_json::Value as Json;

use crate::cli::LogFormat;
use crate::clock::Clock;
use crate::report::clean;

struct Logger {
    format: LogFormat,
    clock: Clock,
    /// Whether the journal reads along and takes the level off the line, see sd-daemon(3).
    is_journal: bool,
}

/// Logs from now on. Called once a process; a second call changes nothing.
pub(super) fn begin(format: LogFormat, clock: Clock) {
    let logger = Logger { format, clock, is_journal: is_journal() };
    if log::set_boxed_logger(Box::new(logger)).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}

/// Tells an error that ends the program: as an event if the log is one for programs.
pub(super) fn error(format: Option<LogFormat>, error: &anyhow::Error, exit_status: u8) {
    if format == Some(LogFormat::Json) && log::max_level() != LevelFilter::Off {
        log::error!(exit_status, error = format!("{error:#}"); "pass failed");
    } else {
        let level = if is_journal() { prefix(Level::Error) } else { "" };
        // A standard error that nobody reads is no reason to end otherwise.
        let error = format!("{error:#}");
        let lines: Vec<String> = error.split('\n').map(clean).collect();
        let _ = writeln!(io::stderr(), "{level}error: {}", lines.join("\n"));
    }
}

/// Whether standard error goes straight into the journal of systemd, which then names that stream.
fn is_journal() -> bool {
    let named = std::env::var("JOURNAL_STREAM").ok();
    let stderr = std::fs::metadata("/proc/self/fd/2").ok();
    named.zip(stderr).is_some_and(|(named, stderr)| named == format!("{}:{}", stderr.dev(), stderr.ino()))
}

/// The level before a line, as the journal reads it.
const fn prefix(level: Level) -> &'static str {
    match level {
        Level::Error => "<3>",
        Level::Warn => "<4>",
        Level::Info => "<6>",
        Level::Debug | Level::Trace => "<7>",
    }
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with(env!("CARGO_PKG_NAME"))
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let mut facts = Facts(Vec::new());
        // Visiting collects, which cannot fail.
        let _ = record.key_values().visit(&mut facts);
        let mut line = if self.is_journal { prefix(record.level()).to_owned() } else { String::new() };
        let event = record.args().to_string();
        match self.format {
            LogFormat::Json => {
                let time = self.clock.time_of_day().to_rfc3339_opts(SecondsFormat::Millis, true);
                let level = record.level().as_str().to_lowercase();
                let _ = write!(
                    line,
                    r#"{{"time":{},"level":{},"event":{}"#,
                    Json::from(time),
                    Json::from(level),
                    Json::from(event)
                );
                for (key, value) in facts.0 {
                    let _ = write!(line, ",{}:{value}", Json::from(key));
                }
                line.push('}');
            }
            LogFormat::Text => {
                line.push_str(&event);
                for (number, (key, value)) in facts.0.into_iter().enumerate() {
                    let _ = write!(line, "{} {key} {value}", if number == 0 { ":" } else { "," });
                }
            }
        }
        line.push('\n');
        // In one piece, and a reader who has gone away must not stop a pass that is sending.
        let _ = io::stderr().lock().write_all(line.as_bytes());
    }

    fn flush(&self) {}
}

/// The facts of an event, in the order in which it names them.
struct Facts(Vec<(String, Json)>);

impl<'kvs> VisitSource<'kvs> for Facts {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        let json = if let Some(number) = value.to_i64() {
            Json::from(number)
        } else if let Some(flag) = value.to_bool() {
            Json::from(flag)
        } else {
            Json::from(value.to_string())
        };
        self.0.push((key.as_str().to_owned(), json));
        Ok(())
    }
}
