//! The commit is on disk before the first byte leaves, by a trace of the system calls.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use super::house::{CUSTOMERS, House, LATER, MANY_CUSTOMERS, Setup, practice_of};
use super::practice::EVENING;
use super::trap::{Point, Spring};

/// One system call. In the trace its beginning and its end have each a place.
struct Call {
    thread: String,
    name: String,
    words: String,
    began: usize,
    ended: usize,
}

/// Reads what `strace -f` has written. A call that others have interrupted stands in two lines.
fn calls(trace: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for (place, line) in trace.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        if rest.starts_with("<... ") {
            let open = calls.iter_mut().rev().find(|call| call.thread == thread && call.ended == usize::MAX);
            if let Some(call) = open {
                call.ended = place;
            }
        } else if let Some((name, words)) = rest.split_once('(') {
            let ended = if rest.ends_with("<unfinished ...>") { usize::MAX } else { place };
            calls.push(Call {
                thread: thread.to_owned(),
                name: name.to_owned(),
                words: words.to_owned(),
                began: place,
                ended,
            });
        }
    }
    calls
}

impl Call {
    fn is_sync_of(&self, path: &str) -> bool {
        ["fsync", "fdatasync"].contains(&self.name.as_str()) && self.words.contains(&format!("<{path}>"))
    }

    fn is_write_to(&self, path: &str) -> bool {
        ["pwrite64", "write"].contains(&self.name.as_str()) && self.words.contains(&format!("<{path}>"))
    }

    /// Whether the row of a message is written here as one that is being sent.
    fn claims(&self, address: &str) -> bool {
        // In a row, its state and the instant of its pass follow each other somewhere behind the address. What it
        // was before may still stand on the same page.
        self.words.match_indices(address).any(|(at, _)| {
            let row = self.words[at..].split_once(&EVENING[..11]);
            row.is_some_and(|(row, _)| row.ends_with("sending"))
        })
    }

    fn is_removal_of(&self, path: &str) -> bool {
        self.name.starts_with("unlink") && self.words.contains(path)
    }

    fn sends(&self, words: &str) -> bool {
        ["sendto", "sendmsg", "write", "writev"].contains(&self.name.as_str())
            && self.words.contains("<TCP:") | self.words.contains("<socket:")
            && self.words.contains(words)
    }
}

/// Checks one message: the line in which its first byte left must come after the commit of its claim.
fn check(calls: &[Call], folder: &str, address: &str, left: usize) {
    let database = format!("{folder}/termine.db");
    let journal = format!("{database}-journal");
    let claim = calls.iter().find(|call| call.is_write_to(&database) && call.claims(address));
    let claim = claim.unwrap_or_else(|| panic!("the claim of {address} was never written")).began;

    let journaled = calls.iter().filter(|call| call.is_write_to(&journal) && call.began < claim).map(|call| call.ended);
    let journaled = journaled.max().expect("a journal is written first");
    let safe = calls.iter().any(|call| call.is_sync_of(&journal) && call.began > journaled && call.ended < claim);
    assert!(safe, "{address}: the journal was not on disk when the database was changed");

    let removed = calls.iter().find(|call| call.is_removal_of(&journal) && call.began > claim).expect("a commit");
    let within = claim..removed.began;
    let written = calls.iter().filter(|call| call.is_write_to(&database) && within.contains(&call.began));
    let written = written.map(|call| call.ended).max().unwrap();
    let synced =
        calls.iter().any(|call| call.is_sync_of(&database) && call.began > written && call.ended < removed.began);
    assert!(synced, "{address}: the database was not on disk when the journal was removed");

    // A journal that is there again after a power failure would undo the claim.
    let committed = calls.iter().find(|call| call.is_sync_of(folder) && call.began > removed.ended);
    let committed = committed.map_or(usize::MAX, |call| call.ended);
    assert!(committed < left, "{address}: the journal's end was not on disk when the first byte left");
}

/// The same where commits go into a log: what was written there must be on disk before.
fn check_in_log(calls: &[Call], folder: &str, address: &str, left: usize) {
    let log = format!("{folder}/termine.db-wal");
    let claim = calls.iter().find(|call| call.is_write_to(&log) && call.claims(address));
    let claim = claim.unwrap_or_else(|| panic!("the claim of {address} was never written")).ended;
    let synced = calls.iter().any(|call| call.is_sync_of(&log) && call.began > claim && call.ended < left);
    assert!(synced, "{address}: the log was not on disk when the first byte left");
    // A log that nobody finds after a power failure would not have happened.
    let found = calls.iter().any(|call| call.is_sync_of(folder) && call.ended < left);
    assert!(found, "{address}: the name of the log was not on disk when the first byte left");
}

/// Checks the texts that went over one connection: between two of them something was flushed, by which the first
/// was settled. Of several connections, any of them may have been flushed for.
fn check_texts(calls: &[Call], folder: &str) -> usize {
    let is_sync = |call: &Call| ["", "-wal"].iter().any(|end| call.is_sync_of(&format!("{folder}/termine.db{end}")));
    let mut last: BTreeMap<&str, &Call> = BTreeMap::new();
    let mut pairs = 0;
    for text in calls.iter().filter(|call| call.sends("Message-ID: <terminbote-")) {
        if let Some(before) = last.insert(&text.thread, text) {
            let synced = calls.iter().any(|call| is_sync(call) && call.began > before.ended && call.ended < text.began);
            assert!(synced, "a text left before what became of the one before it was on disk");
            pairs += 1;
        }
    }
    pairs
}

/// Traces a pass over what an earlier one has left, and returns how many of its messages it has checked.
fn traced(house: &House, at: &str, setup: Setup) -> usize {
    let folder = house.practice.folder().canonicalize().unwrap().display().to_string();
    let pass = house.practice.command(&["--at", at]);
    let mut command = Command::new("strace");
    command
        .args(["-f", "-y", "-s", "5000", "-o", "trace"])
        .args(["-e", "trace=connect,sendto,sendmsg,write,writev,pwrite64,fsync,fdatasync,unlink,unlinkat"])
        .arg(pass.get_program())
        .args(pass.get_args())
        .envs(pass.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .current_dir(house.practice.folder());
    let output = command.output().unwrap();
    // That an earlier pass was killed needs a person.
    assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");

    let trace = std::fs::read_to_string(house.practice.path("trace")).unwrap();
    let calls = calls(&trace);
    let ledger = house.ledger();
    assert!(ledger.iter().all(|row| row.state == "sent") && !ledger.is_empty());
    let (mut greeted, mut mails, mut told) = (BTreeSet::new(), 0, 0);
    for row in &ledger {
        let number = row.address.trim_start_matches('+');
        let words = if row.is_email { format!("RCPT TO:<{number}>") } else { number.to_owned() };
        // The others were told by the pass before.
        let Some(first_told) = calls.iter().find(|call| call.sends(&words)) else { continue };
        // The first byte about it: its MAIL or, with the first message of a connection, the first of all.
        let mut of_this_thread =
            calls.iter().filter(|call| call.thread == first_told.thread && call.began <= first_told.began);
        let first = if greeted.insert(first_told.thread.clone()) {
            of_this_thread.find(|call| call.name == "connect")
        } else if row.is_email {
            of_this_thread.rfind(|call| call.sends("MAIL FROM:"))
        } else {
            Some(first_told)
        };
        let check = if trace.contains("termine.db-wal>") { check_in_log } else { check };
        check(&calls, &folder, &row.address, first.unwrap().began);
        told += 1;
        mails += usize::from(row.is_email);
    }
    assert!(check_texts(&calls, &folder) >= mails - setup.connections.min(mails));
    told
}

fn has_strace() -> bool {
    let there = Command::new("strace").arg("-V").output().is_ok();
    if !there {
        assert!(std::env::var_os("TERMINBOTE_REQUIRE_TOOLS").is_none(), "strace is missing");
        eprintln!("left out: strace is not installed");
    }
    there
}

fn every_setup() -> impl Iterator<Item = (usize, Setup)> {
    [CUSTOMERS, MANY_CUSTOMERS].into_iter().flat_map(|customers| {
        [(1, false), (1, true), (4, false), (4, true)]
            .map(|(connections, can_be_asked)| (customers, Setup { connections, can_be_asked }))
    })
}

#[test]
fn each_claim_is_on_disk_before_the_first_byte_of_its_message_leaves() {
    if !has_strace() {
        return;
    }
    for (customers, setup) in every_setup() {
        let house = House::new(&practice_of(customers), setup);
        assert_eq!(traced(&house, EVENING, setup), customers);
    }
}

/// These have a row already, whose state alone says that they are under way.
#[test]
fn so_is_each_claim_of_a_message_that_an_earlier_pass_has_deferred() {
    if !has_strace() {
        return;
    }
    for (customers, setup) in every_setup() {
        let house = House::new(&practice_of(customers), setup);
        let port = |path: &str, port: &str| {
            house.practice.sql(&format!(
                "UPDATE interface SET settings = replace(settings, '{path}', '{port}') WHERE kind IN ('smtp', 'sms')"
            ));
        };
        // Nothing listens at the port 1.
        let (mail, texts) = (house.mail.port().to_string(), house.texts.port().to_string());
        port(&mail, "1");
        port(&format!("127.0.0.1:{texts}"), "127.0.0.1:1");
        house.practice.pass(EVENING);
        assert_eq!(
            house.practice.query("SELECT state, count(*) FROM message GROUP BY 1"),
            format!("deferred|{customers}")
        );
        house
            .practice
            .sql(&format!("UPDATE interface SET settings = json_set(settings, '$.port', {mail}) WHERE kind = 'smtp'"));
        port("127.0.0.1:1", &format!("127.0.0.1:{texts}"));
        assert_eq!(traced(&house, LATER, setup), customers);
    }
}

/// And of those that are repeated, since nobody knows what became of them, or were claimed by a pass that was killed.
#[test]
fn so_is_each_claim_of_what_a_killed_pass_has_left() {
    if !has_strace() {
        return;
    }
    for (customers, setup) in every_setup() {
        let house = House::new(&practice_of(customers), setup);
        // Text messages that are under way would wait for a person.
        house.practice.sql("DELETE FROM appointment WHERE customer_id % 2 = 0");
        let (_, trap) = house.pass(EVENING, Spring::At(Point::FinalDot, 5), true);
        assert!(trap.has_sprung());
        let told = traced(&house, LATER, setup);
        let repeated = house.ledger().iter().filter(|row| row.repeats == 1).count();
        assert!((1..=setup.connections).contains(&repeated), "{repeated} repeated over {setup:?}");
        assert!(told > repeated && told + 5 <= customers / 2 + setup.connections, "{told} of {customers} by {setup:?}");
    }
}
