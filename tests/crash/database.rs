//! The database in trouble: locked, not writable, full, replaced, and busy with somebody else.

use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::faults::{STATES, mails_to, one_reminder};
use super::house::{
    Balance, CUSTOMERS, House, LATER, LATER_STILL, MANY_CUSTOMERS, Running, Setup, full_practice, practice_of,
};
use super::practice::{EVENING, Practice, printed};
use super::support::smtp_peer::SmtpPeer;
use super::trap::{Point, Spring};

const SETUP: Setup = Setup { connections: 4, can_be_asked: true };

#[test]
fn a_database_that_stays_locked_ends_the_pass_before_anything_is_sent() {
    let house = House::new(&full_practice(), SETUP);
    let others = house.practice.connection();
    others.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let pass = house.quiet_pass(EVENING);
    assert_eq!(pass.status, 74, "{pass}");
    assert!(pass.stderr.contains("another program keeps it locked"), "{pass}");
    assert_eq!(house.mail.taken().len() + house.texts.taken().len(), 0);
    others.execute_batch("ROLLBACK").unwrap();
    assert_eq!(house.quiet_pass(LATER).status, 0);
    assert_eq!(Balance::of(&house, 0), Balance::default());
}

/// Locks the database while messages are under way, until the pass has ended; `meanwhile` sees it run.
fn stays_locked(meanwhile: impl FnOnce(&Running)) {
    let house = House::new(&full_practice(), SETUP);
    let pass = house.start(EVENING, Spring::Hold(Point::FinalDot), true);
    pass.trap.wait_until_held(4);
    let others = house.practice.connection();
    others.busy_timeout(Duration::from_secs(10)).unwrap();
    others.execute_batch("BEGIN EXCLUSIVE").unwrap();
    pass.trap.open();
    meanwhile(&pass);
    let pass = pass.finish();
    assert_eq!(pass.status, 74, "{pass}");
    assert!(pass.stderr.contains("another program keeps it locked"), "{pass}");
    others.execute_batch("ROLLBACK").unwrap();
    house.come_to_rest();
    let next = house.quiet_pass(LATER);
    assert_eq!(next.status, 1, "{next}");
    let balance = Balance::of(&house, 4);
    assert!(balance.problems.is_empty() && balance.lost == 0 && balance.repeated == 4, "{balance:?}");
}

#[test]
fn a_database_that_stays_locked_while_messages_are_under_way_leaves_those_uncertain() {
    // Otherwise it would wait for five minutes.
    stays_locked(|pass| pass.signal("TERM"));
}

#[test]
fn a_database_that_stays_locked_for_five_minutes_ends_the_pass_as_well() {
    if std::env::var_os("TERMINBOTE_PATIENT").is_none() {
        eprintln!("left out: it takes more than five minutes; TERMINBOTE_PATIENT=1 runs it, as .ci/full does");
        return;
    }
    stays_locked(|_| ());
}

#[test]
fn a_database_that_is_locked_for_long_while_messages_are_under_way_gets_their_outcomes_all_the_same() {
    for customers in [CUSTOMERS, MANY_CUSTOMERS] {
        let house = House::new(&practice_of(customers), SETUP);
        let pass = house.start(EVENING, Spring::Hold(Point::FinalDot), true);
        pass.trap.wait_until_held(4);
        let others = house.practice.connection();
        others.busy_timeout(Duration::from_secs(10)).unwrap();
        others.execute_batch("BEGIN EXCLUSIVE").unwrap();
        pass.trap.open();
        std::thread::sleep(Duration::from_secs(12));
        others.execute_batch("ROLLBACK").unwrap();
        let pass = pass.finish();
        house.come_to_rest();
        assert_eq!(pass.status, 0, "{pass}");
        assert_eq!(Balance::of(&house, 0), Balance::default());
    }
}

/// Runs a pass as somebody who is not root, to whom rights mean something.
fn pass_of_nobody(practice: &Practice) -> super::practice::Printed {
    let mut command = practice.command(&["--at", EVENING, "--lang", "en"]);
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        // The folders above the program may be closed to others.
        let program = practice.path("program");
        std::fs::copy(command.get_program(), &program).unwrap();
        let mut other = Command::new(program);
        other.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        other.args(command.get_args()).current_dir(practice.folder()).uid(65534).gid(65534);
        command = other;
    }
    // A test beside this one may be starting a program while the copy is written, and keeps it open until
    // that has begun.
    let output = loop {
        match command.output() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => std::thread::yield_now(),
            output => break output.unwrap(),
        }
    };
    printed(output)
}

#[test]
fn a_database_that_may_not_be_written_ends_the_pass_before_anything_is_sent() {
    let mode = |practice: &Practice, name: &str, mode: u32| {
        std::fs::set_permissions(practice.path(name), PermissionsExt::from_mode(mode)).unwrap();
    };
    for (folder, file, words) in [
        (0o777, 0o444, "termine.db: attempt to write a readonly database; the file and its folder must be writable"),
        (0o555, 0o666, "writing termine.db.lock: Permission denied"),
    ] {
        let practice = one_reminder();
        let peer = SmtpPeer::polite();
        mails_to(&practice, peer.port(), "{}");
        mode(&practice, "termine.db", file);
        mode(&practice, ".", folder);
        let printed = pass_of_nobody(&practice);
        mode(&practice, ".", 0o755);
        assert_eq!(printed.status, 74, "{printed}");
        assert!(printed.stderr.contains(words), "{printed}");
        assert_eq!((peer.connections(), practice.query("SELECT count(*) FROM message").as_str()), (0, "0"));
    }
}

/// Runs a pass over the practice's database on a disk of its own, on which there is room for so many
/// more bytes; then everything is back in its place. `None` where no disk can be made.
fn pass_on_a_small_disk(house: &House, room: u64) -> Option<super::practice::Printed> {
    let script = "mkdir disk && mount -t tmpfs -o size=$SIZE tmpfs disk || exit 99
        mv termine.db disk && ln -s disk/termine.db termine.db && cd disk
        \"$@\"; status=$?
        cd .. && rm termine.db && cp disk/termine.db* . && exit $status";
    let pass = house.practice.command(&["--at", EVENING, "--lang", "en"]);
    let size = house.practice.path("termine.db").metadata().unwrap().len() + room;
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", script, "sh"]).arg(pass.get_program()).args(pass.get_args());
    command.envs(pass.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("SIZE", size.to_string());
    let printed = printed(command.current_dir(house.practice.folder()).output().ok()?);
    let made = printed.status != 99 && !printed.stderr.starts_with("unshare:");
    made.then_some(printed)
}

#[test]
fn a_full_disk_ends_the_pass_and_the_next_one_goes_on_where_it_stopped() {
    // Room for a lock and nothing else, for a small journal, for some messages, for most of them.
    on_full_disks(CUSTOMERS, &[4, 16, 32, 48, 64, 96]);
}

/// A log is two files, of which one grows with every commit.
#[test]
fn a_full_disk_ends_a_large_pass_as_well() {
    on_full_disks(MANY_CUSTOMERS, &[4, 16, 32, 40, 48, 64, 96, 160, 256, 384]);
}

fn on_full_disks(customers: usize, rooms: &[u64]) {
    let template = practice_of(customers);
    let mut ended_between = 0;
    for room in rooms {
        let house = House::new(&template, SETUP);
        let Some(printed) = pass_on_a_small_disk(&house, room * 1024) else {
            assert!(std::env::var_os("TERMINBOTE_REQUIRE_TOOLS").is_none(), "no file system can be mounted here");
            eprintln!("left out: no file system can be mounted here");
            return;
        };
        house.come_to_rest();
        let sent = house.mail.taken().len() + house.texts.taken().len();
        assert_eq!(printed.status, 74, "{room}: {printed}");
        assert!(printed.stderr.contains("make room on the disk"), "{room}: {printed}");
        ended_between += usize::from(sent > 0);
        let next = house.quiet_pass(LATER);
        assert!(!house.has_log(), "{room}: the next pass has left a log behind");
        let balance = Balance::of(&house, 4);
        assert!(balance.problems.is_empty() && balance.lost == 0, "{room}: {balance:?}\n{next}");
    }
    assert!(ended_between > 0, "the disk was full before anything was sent, each time");
}

#[test]
fn a_disk_that_takes_no_more_ends_the_pass_and_the_next_one_goes_on_where_it_stopped() {
    let template = full_practice();
    // The database grows by some pages in a pass; at each of these lengths a write fails.
    for kilobytes in [0, 8, 24, 40] {
        let house = House::new(&template, SETUP);
        let length = house.practice.path("termine.db").metadata().unwrap().len() / 1024 + kilobytes;
        let pass = house.practice.command(&["--at", EVENING, "--lang", "en"]);
        // The shell counts in blocks of 512 bytes or of 1024; too little is as good as too much.
        let script = format!("trap '' XFSZ; ulimit -f {length}; exec \"$0\" \"$@\"");
        let mut limited = Command::new("bash");
        limited.args(["-c", &script]).arg(pass.get_program()).args(pass.get_args());
        limited.env_clear().envs(pass.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let printed = printed(limited.current_dir(house.practice.folder()).output().unwrap());
        house.come_to_rest();
        assert_eq!(printed.status, 74, "{kilobytes}: {printed}");
        let next = house.quiet_pass(LATER);
        let balance = Balance::of(&house, 4);
        assert!(balance.problems.is_empty() && balance.lost == 0, "{kilobytes}: {balance:?}\n{next}");
    }
}

#[test]
fn a_database_that_is_replaced_during_a_pass_ends_it() {
    let house = House::new(&full_practice(), SETUP);
    let path = house.practice.path("termine.db");
    std::fs::copy(&path, house.practice.path("restored.db")).unwrap();
    let pass = house.start(EVENING, Spring::Hold(Point::FinalDot), true);
    pass.trap.wait_until_held(4);
    let texts_before = house.texts.taken().len();
    std::fs::rename(house.practice.path("restored.db"), &path).unwrap();
    pass.trap.open();
    let pass = pass.finish();
    house.come_to_rest();
    assert_eq!(pass.status, 74, "{pass}");
    assert!(pass.stderr.contains("another file has taken its place"), "{pass}");
    // Only what was under way at that moment has gone out, and nothing can be recorded of it.
    assert_eq!(house.mail.taken().len(), 4);
    assert!(house.texts.taken().len() <= texts_before + 4);
    assert_eq!(house.practice.query("SELECT count(*) FROM message"), "0");
}

#[test]
fn a_clock_that_was_set_back_repeats_nothing() {
    let house = House::new(&full_practice(), SETUP);
    assert_eq!(house.quiet_pass(EVENING).status, 0);
    for earlier in ["2026-03-10T18:45", "2026-03-10T12:00", "2026-03-09T19:00", EVENING, LATER] {
        let pass = house.quiet_pass(earlier);
        assert_eq!(pass.status, 0, "{earlier}: {pass}");
        assert_eq!(house.mail.taken().len() + house.texts.taken().len(), CUSTOMERS, "{earlier}: {pass}");
    }
    assert_eq!(Balance::of(&house, 0), Balance::default());
}

#[test]
fn the_practices_own_software_writes_all_the_time_and_nobody_starves() {
    let house = House::new(&full_practice(), SETUP);
    let over = Arc::new(AtomicBool::new(false));
    let writer = std::thread::spawn({
        let (connection, over) = (house.practice.connection(), Arc::clone(&over));
        move || {
            connection.busy_timeout(Duration::from_secs(10)).unwrap();
            let mut written = 0;
            while !over.load(Ordering::SeqCst) {
                // Each customer in turn, so that every message is looked at again.
                let sql = format!(
                    "UPDATE appointment SET note = 'Notiz {written}' WHERE id = {};
                     UPDATE customer SET first_name = 'Vorname {written}' WHERE id = {};",
                    written % CUSTOMERS + 1,
                    written % CUSTOMERS + 1
                );
                connection.execute_batch(&format!("BEGIN IMMEDIATE; {sql} COMMIT;")).unwrap();
                written += 1;
            }
            written
        }
    });
    let pass = house.quiet_pass(EVENING);
    over.store(true, Ordering::SeqCst);
    let written = writer.join().unwrap();
    assert_eq!(pass.status, 0, "{pass}");
    assert!(written > CUSTOMERS, "only {written} changes were written beside the pass");
    println!("{written} changes were written beside the pass");
    let balance = Balance::of(&house, 0);
    assert_eq!(balance, Balance::default());
    // The pass has not left anything to the next one for want of a lock.
    assert_eq!(house.practice.query("SELECT result, deferred, uncertain FROM pass"), "complete|0|0");
    assert_eq!(house.quiet_pass(LATER_STILL).status, 0);
    assert_eq!(house.practice.query(STATES).lines().count(), CUSTOMERS);
}
