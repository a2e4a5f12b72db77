//! The commit is on disk before the first byte leaves, by a trace of the system calls.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use super::house::{CUSTOMERS, House, MANY_CUSTOMERS, Setup, practice_of};
use super::practice::EVENING;

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
    let claim = calls.iter().find(|call| call.is_write_to(&database) && call.words.contains(address));
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
    let claim = calls.iter().find(|call| call.is_write_to(&log) && call.words.contains(address));
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

fn traced(customers: usize, setup: Setup) {
    let template = practice_of(customers);
    let house = House::new(&template, setup);
    let folder = house.practice.folder().canonicalize().unwrap().display().to_string();
    let pass = house.practice.command(&["--at", EVENING]);
    let mut command = Command::new("strace");
    command
        .args(["-f", "-y", "-s", "5000", "-o", "trace"])
        .args(["-e", "trace=connect,sendto,sendmsg,write,writev,pwrite64,fsync,fdatasync,unlink,unlinkat"])
        .arg(pass.get_program())
        .args(pass.get_args())
        .envs(pass.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .current_dir(house.practice.folder());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");

    let trace = std::fs::read_to_string(house.practice.path("trace")).unwrap();
    let calls = calls(&trace);
    let ledger = house.ledger();
    assert!(ledger.iter().all(|row| row.state == "sent") && !ledger.is_empty());
    let mut greeted = BTreeSet::new();
    for row in &ledger {
        let number = row.address.trim_start_matches('+');
        let told = calls
            .iter()
            .find(|call| call.sends(&if row.is_email { format!("RCPT TO:<{number}>") } else { number.to_owned() }));
        let told = told.unwrap_or_else(|| panic!("{number} was never told to a server"));
        // The first byte about it: its MAIL or, with the first message of a connection, the first of all.
        let mut of_this_thread = calls.iter().filter(|call| call.thread == told.thread && call.began <= told.began);
        let first = if greeted.insert(told.thread.clone()) {
            of_this_thread.find(|call| call.name == "connect")
        } else if row.is_email {
            of_this_thread.rfind(|call| call.sends("MAIL FROM:"))
        } else {
            Some(told)
        };
        let check = if customers < MANY_CUSTOMERS { check } else { check_in_log };
        check(&calls, &folder, &row.address, first.unwrap().began);
    }
    let mails = ledger.iter().filter(|row| row.is_email).count();
    assert!(check_texts(&calls, &folder) >= mails - setup.connections);
}

#[test]
fn each_claim_is_on_disk_before_the_first_byte_of_its_message_leaves() {
    if Command::new("strace").arg("-V").output().is_err() {
        assert!(std::env::var_os("TERMINBOTE_REQUIRE_TOOLS").is_none(), "strace is missing");
        eprintln!("left out: strace is not installed");
        return;
    }
    for customers in [CUSTOMERS, MANY_CUSTOMERS] {
        for connections in [1, 4] {
            for can_be_asked in [false, true] {
                traced(customers, Setup { connections, can_be_asked });
            }
        }
    }
}
