//! What a pass costs that reads and decides, and sends nothing.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::Utc;
use clap::Args;
use terminbote::clock::Clock;
use terminbote::host::Host;
use terminbote::pass::{Pass, Showing, service_zone};
use terminbote::report::json::JsonPrinter;
use terminbote::report::words::Lang;
use terminbote::report::{Closing, Heading, MessageReport, Printer};
use terminbote::store::{Ran, Store};
use terminbote::zone::parse_time;

use super::bare;

#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// A database of `make`
    #[arg(long, value_name = "FILE")]
    db: PathBuf,
    /// The instant of the pass
    #[arg(long, default_value = "2026-03-10T12:00")]
    at: String,
    /// How many passes are timed; the quickest counts
    #[arg(long, default_value_t = 3)]
    times: u32,
    /// Also print, to standard error, the statements that cost most
    #[arg(long)]
    statements: bool,
    /// In turn with Debian's `sqlite3`, which asks for the rows that such a pass has to look at; its
    /// query and plan go to standard error, the median counts
    #[arg(long)]
    beside_sqlite3: bool,
}

/// Takes a report, and notes when its first message came.
struct Watched<P> {
    printer: P,
    began: Instant,
    first: Option<Duration>,
    messages: usize,
    heading: Option<Heading>,
}

impl<P: Printer> Printer for Watched<P> {
    fn begin(&mut self, heading: &Heading) -> io::Result<()> {
        self.heading = Some(heading.clone());
        self.printer.begin(heading)
    }

    fn message(&mut self, message: &MessageReport) -> io::Result<()> {
        self.first.get_or_insert_with(|| self.began.elapsed());
        self.messages += 1;
        self.printer.message(message)
    }

    fn finish(&mut self, closing: &Closing) -> io::Result<()> {
        self.printer.finish(closing)
    }
}

/// One pass.
struct Timed {
    all: Duration,
    first_message: Option<Duration>,
    messages: usize,
    heading: Option<Heading>,
}

impl Plan {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        if self.beside_sqlite3 {
            return self.beside_sqlite3();
        }
        let mut timed: Vec<Timed> = Vec::new();
        for _ in 0..self.times.max(1) {
            timed.push(self.pass(None)?);
        }
        let peak_memory = super::peak_memory();
        let (observer, ran) = mpsc::channel();
        self.pass(Some(observer))?;
        let mut statements: BTreeMap<String, Cost> = BTreeMap::new();
        for ran in ran {
            statements.entry(ran.sql.split_whitespace().collect::<Vec<_>>().join(" ")).or_default().add(&ran);
        }
        let mut all = Cost::default();
        for cost in statements.values() {
            all.include(cost);
        }
        if self.statements {
            let mut dearest: Vec<_> = statements.iter().collect();
            dearest.sort_by_key(|(_, cost)| std::cmp::Reverse(cost.vm_steps));
            for (sql, cost) in dearest.into_iter().take(20) {
                eprintln!(
                    "{:>12} steps {:>8} runs {:>9.3} s  {:.90}",
                    cost.vm_steps,
                    cost.runs,
                    cost.took.as_secs_f64(),
                    sql
                );
            }
        }
        let seconds = |time: Duration| time.as_secs_f64();
        println!(
            "{}",
            serde_json::json!({
                "bench": "plan", "at": self.at, "messages": timed[0].messages,
                "seconds": timed.iter().map(|pass| seconds(pass.all)).fold(f64::INFINITY, f64::min),
                "seconds_of_the_first_run": seconds(timed[0].all),
                "seconds_to_first_message": timed.iter().filter_map(|pass| pass.first_message).min().map(seconds),
                "peak_memory_kib": peak_memory,
                "vm_steps": all.vm_steps, "full_scan_steps": all.full_scan_steps, "sorts": all.sorts,
                "statements": all.runs, "seconds_in_sqlite": seconds(all.took),
            })
        );
        Ok(())
    }

    fn beside_sqlite3(&self) -> anyhow::Result<()> {
        // The first one of each is not counted: it finds the pages of the file elsewhere.
        let sql = bare::query(&self.pass(None)?.heading.context("the pass has no heading")?)?;
        bare::time(&self.db, &sql)?;
        eprintln!("{sql}\n{}", bare::plan(&self.db, &sql)?);
        let (mut passes, mut queries, mut starts) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.times.max(1) {
            passes.push(self.pass(None)?.all);
            queries.push(bare::time(&self.db, &sql)?);
            starts.push(bare::time(&self.db, "SELECT 1;")?);
        }
        let [pass, query, start] = [passes, queries, starts].map(|mut times| {
            times.sort();
            times[times.len() / 2].as_secs_f64()
        });
        println!(
            "{}",
            serde_json::json!({
                "bench": "plan beside sqlite3", "at": self.at, "times": self.times, "seconds": pass,
                "sqlite3_seconds": query, "sqlite3_seconds_to_start": start, "factor": pass / query,
                "factor_without_start": pass / (query - start),
            })
        );
        Ok(())
    }

    /// A pass as the program runs it with `--dry-run`, at an instant that is the present.
    #[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
    fn pass(&self, observer: Option<mpsc::Sender<Ran>>) -> anyhow::Result<Timed> {
        let began = Instant::now();
        let mut store = Store::open_read_only(&self.db)?;
        if let Some(observer) = observer {
            // The other end lives longer.
            store.observe(move |ran| drop(observer.send(ran)))?;
        }
        let interfaces = store.interfaces()?;
        let at = parse_time(&self.at, service_zone(&interfaces)).context("--at is no time")?;
        let clock = Clock::new(Utc::now(), move || began.elapsed()).set_to(at);
        let surroundings = Host::new(store.folder());
        let pass =
            Pass { store: &store, clock: &clock, workstation: "bench", surroundings: &surroundings, limit: None };
        let mut printer =
            Watched { printer: JsonPrinter::new(io::sink(), Lang::En), began, first: None, messages: 0, heading: None };
        pass.run(&mut Showing, &mut printer)?;
        Ok(Timed {
            all: began.elapsed(),
            first_message: printer.first,
            messages: printer.messages,
            heading: printer.heading,
        })
    }
}

/// What statements cost together.
#[derive(Default)]
struct Cost {
    runs: u64,
    vm_steps: u64,
    full_scan_steps: u64,
    sorts: u64,
    took: Duration,
}

impl Cost {
    fn add(&mut self, ran: &Ran) {
        self.runs += 1;
        self.vm_steps += u64::from(ran.vm_steps);
        self.full_scan_steps += u64::from(ran.full_scan_steps);
        self.sorts += u64::from(ran.sorts);
        self.took += ran.took;
    }

    fn include(&mut self, other: &Self) {
        self.runs += other.runs;
        self.vm_steps += other.vm_steps;
        self.full_scan_steps += other.full_scan_steps;
        self.sorts += other.sorts;
        self.took += other.took;
    }
}
