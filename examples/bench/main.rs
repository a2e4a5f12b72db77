//! Measures the program: each command prints one line of JSON.
//!
//! `cargo run --release --example bench -- send --messages 20000 --connections 4 --smtp 127.0.0.1:2525`
//! sends reminders to a mail server, with the ledger and every guarantee, into which a database is
//! made first that is not measured. With `--reply-after-ms 50` instead of `--smtp` it goes to a server
//! of its own that waits before each reply.
//!
//! `… make --appointments 1000000 --db /tmp/bench.db` makes a chain of fifty branches with that many
//! appointments, and `… plan --at 2026-03-10T12:00 --db /tmp/bench.db` measures what a pass over it
//! reads and decides, without sending. `… write` tells what writers of appointments pay. `docs/performance.md` says what to compare the figures with.

mod bare;
mod make;
mod peer;
mod plan;
mod write;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chrono::Utc;
use clap::{Parser, Subcommand};
use rusqlite::{Connection, OpenFlags, params};
use terminbote::clock::Clock;
use terminbote::exit::ExitStatus;
use terminbote::host::Host;
use terminbote::pass::{Pass, PassIdentity, Sending, service_zone};
use terminbote::report::json::JsonPrinter;
use terminbote::report::words::Lang;
use terminbote::store::{self, Store};
use terminbote::zone::parse_time;

#[derive(Debug, Parser)]
struct Bench {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sends reminders to a mail server
    Send {
        /// How many
        #[arg(long, default_value_t = 20_000)]
        messages: u32,
        /// Over how many connections at once
        #[arg(long, default_value_t = 4)]
        connections: u32,
        /// The mail server, on this computer
        #[arg(long, value_name = "HOST:PORT", required_unless_present = "reply_after_ms")]
        smtp: Option<String>,
        /// Starts a mail server of its own instead, which waits so long before each reply
        #[arg(long, value_name = "N", conflicts_with = "smtp")]
        reply_after_ms: Option<u64>,
        /// The setting of the same name: `message`, `next` or `off`
        #[arg(long, default_value = "message")]
        pipelining: String,
    },
    /// Makes a database of a large chain
    Make(make::Make),
    /// Runs a pass that sends nothing over such a database
    Plan(plan::Plan),
    /// Writes as the practice's software does, with and without our indexes and triggers
    Write(write::Write),
}

/// One hour before the night rest of nobody: the whole next day is in the window.
const AT: &str = "2026-03-10T12:00";

fn main() -> anyhow::Result<()> {
    match Bench::parse().command {
        Command::Send { messages, connections, smtp, reply_after_ms, pipelining } => {
            let smtp = match (smtp, reply_after_ms) {
                (Some(smtp), _) => smtp,
                (None, wait) => peer::start(Duration::from_millis(wait.unwrap_or_default()))?.to_string(),
            };
            send(messages, connections, &smtp, reply_after_ms, &pipelining)
        }
        Command::Make(make) => make.run(),
        Command::Plan(plan) => plan.run(),
        Command::Write(write) => write.run(),
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn send(
    messages: u32,
    connections: u32,
    smtp: &str,
    reply_after_ms: Option<u64>,
    pipelining: &str,
) -> anyhow::Result<()> {
    let (host, port) = smtp.rsplit_once(':').context("--smtp needs HOST:PORT")?;
    let port: u16 = port.parse().context("--smtp needs a port")?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bench.db");
    store::init(&path, "bench", || Ok(()))?;
    fill(
        &path,
        messages,
        &serde_json::json!({
            "transport": "smtp", "host": host, "port": port, "tls": "none", "connections": connections,
            "pipelining": pipelining,
            "from": "Optik Muster <termine@example.de>",
        }),
    )?;

    let store = Store::open(&path)?;
    let interfaces = store.interfaces()?;
    let zone = service_zone(&interfaces);
    let at = parse_time(AT, zone).context("reading the instant")?;
    let began = Instant::now();
    let clock = Arc::new(Clock::new(Utc::now(), move || began.elapsed()).set_to(at));
    let signal = AtomicBool::new(false);
    let identity = PassIdentity { path: &path, host: "bench", process: None, version: env!("CARGO_PKG_VERSION"), zone };
    let mut sending = Sending::new(&store, Arc::clone(&clock), &signal, identity, true);
    let surroundings = Host::new(store.folder());
    let pass = Pass { store: &store, clock: &clock, workstation: "bench", surroundings: &surroundings, limit: None };
    let status = pass.run(&mut sending, &mut JsonPrinter::new(io::sink(), Lang::En))?;
    let seconds = began.elapsed().as_secs_f64();
    ensure!(status == ExitStatus::Complete, "the pass ended with status {}", status.code());
    println!(
        "{}",
        serde_json::json!({
            "bench": "send", "messages": messages, "connections": connections, "pipelining": pipelining,
            "reply_after_ms": reply_after_ms, "seconds": seconds, "messages_per_second": f64::from(messages) / seconds, "peak_memory_kib": peak_memory(),
        })
    );
    Ok(())
}

/// One branch and as many customers as messages, each with an appointment in the window.
fn fill(path: &Path, messages: u32, smtp: &serde_json::Value) -> anyhow::Result<()> {
    let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(
        r#"INSERT INTO branch (id, code, name, street, postcode, city, phone, email)
           VALUES (1, 'HH', 'Optik Muster', 'Hauptstraße 1', '20095', 'Hamburg', '040 66969 100', 'hh@example.de');
           INSERT INTO appointment_type (id, name, auto_notify) VALUES (1, 'Sehtest', 1);
           INSERT INTO interface (kind, server_side, settings) VALUES ('appointment_notification', 1,
               '{"max_minutes": 600, "reminder": {"hours_before": 24, "min_hours_between_messages": 6}}');
           DELETE FROM contact_template_channel WHERE channel <> 'email';
           -- As in a database that was set up before that day: what is told is taken out of `untold`.
           UPDATE untold_since SET start = '2026-03-10';"#,
    )?;
    transaction
        .execute("INSERT INTO interface (kind, server_side, settings) VALUES ('smtp', 1, ?1)", [smtp.to_string()])?;
    {
        let mut customer = transaction.prepare(
            "INSERT INTO customer (id, salutation, first_name, last_name, email) VALUES (?1, 'Frau', 'Renate', ?2, ?3)",
        )?;
        let mut appointment = transaction.prepare(
            "INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at) VALUES (?1, 1, ?1, 1, ?2, ?3)",
        )?;
        for id in 1..=messages {
            customer.execute(params![id, format!("Weiß-{id}"), format!("kundin{id}@example.de")])?;
            let (hour, minute) = (8 + id % 4, id / 4 % 60);
            appointment.execute(params![
                id,
                format!("2026-03-11 {hour:02}:{minute:02}"),
                format!("2026-03-11 {:02}:{minute:02}", hour + 1)
            ])?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// The most memory that this process has used so far, in KiB; `None` where the system does not say.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// How long a processor has worked for this thread so far, which no other load changes much.
fn processor_time() -> anyhow::Result<Duration> {
    let path = "/proc/thread-self/schedstat";
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {path}"))?;
    let nanoseconds = text.split_whitespace().next().and_then(|word| word.parse().ok());
    nanoseconds.map(Duration::from_nanos).with_context(|| format!("{path} has no number"))
}
