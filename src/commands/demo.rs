//! A fictional chain in a folder, and a pass over it that sends into files.

use std::fs::DirBuilder;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context;

use super::output::Output;
use super::page::PassPage;
use crate::cli::{Common, Format};
use crate::clock::Clock;
use crate::exit::{ExitStatus, Stop};
use crate::host::Host;
use crate::pass::{Pass, PassIdentity, PassLock, Sending, service_zone};
use crate::report::Both;
use crate::report::words::Lang;
use crate::store::{self, Store};
use crate::zone::parse_time;

const FOLDER: &str = "demo";
const DATABASE: &str = "demo/terminbote.db";
const PAGE: &str = "demo/report.html";
/// In the last 90 minutes before the night rest of the demo, so that the next morning is looked at.
const AT: &str = "2026-03-10T19:00";
/// The demo's chain is always the same, down to its calendar files.
const IDENTITY: &str = "demo";

pub(super) fn run(common: &Common, clock: Clock) -> anyhow::Result<ExitStatus> {
    if common.db.as_deref().is_some_and(|db| db != Path::new(DATABASE)) {
        return Err(Stop::usage(format!(
            "the demo makes a database of its own, {DATABASE}; leave --db and TERMINBOTE_DB out"
        ))
        .into());
    }
    let lang = super::language(common);
    let path = Path::new(DATABASE);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(FOLDER)
        .with_context(|| format!("making the folder {FOLDER}"))?;
    let alone = || PassLock::take(path, clock.time_of_day().fixed_offset());
    if store::init(path, IDENTITY, alone)?.before == 0 {
        Store::open(path)?.fill_for_demo(include_str!("../../examples/demo.sql"))?;
    }
    let store = Store::open(path)?;
    let interfaces = store.interfaces()?;
    let zone = service_zone(&interfaces);
    let at = parse_time(AT, zone).context("reading the instant of the demo")?;
    let clock = Arc::new(clock.set_to(at));
    let signal = AtomicBool::new(false);
    let identity = PassIdentity { path, host: "demo", process: None, version: env!("CARGO_PKG_VERSION"), zone };
    let mut sending = Sending::new(&store, Arc::clone(&clock), &signal, identity, true);
    let surroundings = Host::new(store.folder());
    let pass = Pass { store: &store, clock: &clock, workstation: "demo", surroundings: &surroundings, limit: None };
    let mut page = PassPage::create(Path::new(PAGE), path, lang)?;
    let mut output = Output::new();
    let report = super::pass::printer(common.format, &mut output, lang);
    let status = pass.run(&mut sending, &mut Both(report, Some(&mut page)))?;
    let sent_nothing = store.messages_of_newest_pass()? == 0;
    if common.format == Format::Text {
        if sent_nothing {
            writeln!(output, "\n{}", nothing_twice(lang))?;
        }
        writeln!(output, "{}", where_to_look(lang))?;
    }
    output.finish()?;
    // A page without messages shows nothing to look at; the first one stays.
    if !sent_nothing || !Path::new(PAGE).exists() {
        page.put_in_place()?;
    }
    Ok(status)
}

fn nothing_twice(lang: Lang) -> &'static str {
    match lang {
        Lang::De => "Alles war schon gesendet; nichts wurde ein zweites Mal gesendet.",
        Lang::En => "All had been sent already; nothing was sent a second time.",
    }
}

fn where_to_look(lang: Lang) -> &'static str {
    match lang {
        Lang::De => {
            "\nDas war ein Durchlauf für Dienstag, 10. März 2026, 19:00 Uhr.\n\
             Wo Sie nachsehen können:\n  \
             demo/report.html   der Bericht als Seite für den Browser\n  \
             demo/mail/         die E-Mails; jedes Mailprogramm öffnet sie\n  \
             demo/sms/          die SMS\n  \
             demo/terminbote.db die Datenbank (sqlite3 demo/terminbote.db)\n\n\
             Und zum Weitermachen:\n  \
             terminbote --db demo/terminbote.db tasks --at 2026-03-10T19:00\n  \
             terminbote --db demo/terminbote.db --at 2026-03-11T08:00 --dry-run\n  \
             terminbote demo          (noch einmal: es wird nichts doppelt gesendet)"
        }
        Lang::En => {
            "\nThat was a pass for Tuesday, 10 March 2026, 19:00. Where to look:\n  \
             demo/report.html   the report as a page for a browser\n  \
             demo/mail/         the e-mails; every mail program opens them\n  \
             demo/sms/          the SMS\n  \
             demo/terminbote.db the database (sqlite3 demo/terminbote.db)\n\n\
             And to go on:\n  \
             terminbote --db demo/terminbote.db tasks --at 2026-03-10T19:00\n  \
             terminbote --db demo/terminbote.db --at 2026-03-11T08:00 --dry-run\n  \
             terminbote demo          (once more: nothing is sent twice)"
        }
    }
}
