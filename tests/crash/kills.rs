//! Kills at every step.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::house::{
    Balance, CUSTOMERS, House, LATER, LATER_STILL, MANY_CUSTOMERS, Setup, customers_of, full_practice, practice_by,
    practice_of,
};
use super::practice::{EVENING, Practice};
use super::trap::{Point, Spring};

/// The named points, and their names in the table.
const POINTS: [(Point, bool, &str); 11] = [
    (Point::Connected, true, "mail: claimed, before the greeting"),
    (Point::Hello, true, "mail: claimed, at EHLO"),
    (Point::Mail, true, "mail: at MAIL, before its answer"),
    (Point::HalfOfData, false, "mail: inside DATA, the rest lost"),
    (Point::HalfOfData, true, "mail: inside DATA, the rest arrives"),
    (Point::FinalDot, true, "mail: after the final dot, no answer"),
    (Point::MailAnswered, true, "mail: answered, before settling"),
    (Point::Headers, false, "SMS: after the headers, the rest lost"),
    (Point::Headers, true, "SMS: after the headers, the rest arrives"),
    (Point::Body, true, "SMS: after the body, no answer"),
    (Point::TextAnswered, true, "SMS: answered, before settling"),
];

const RANDOM: &str = "anywhere, after a random number of bytes";

/// Random numbers that a seed repeats (`SplitMix64`).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// One kill and what follows.
struct Round {
    name: &'static str,
    seed: u64,
    setup: Setup,
    spring: Spring,
    rest_arrives: bool,
}

/// A line of the table.
#[derive(Default)]
struct Line {
    rounds: usize,
    kills: usize,
    in_flight: usize,
    lost: usize,
    repeated: usize,
    uncertain: usize,
    /// How often the database had a log when the program was killed.
    logs: usize,
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

/// How many bytes come in an undisturbed pass.
fn bytes_of_a_pass(template: &Practice, setup: Setup) -> u64 {
    let house = House::new(template, setup);
    house.pass(EVENING, Spring::Never, true).1.received()
}

fn plan(template: &Practice, rounds: u64, base: u64) -> Vec<Round> {
    let setups = [(1, true), (4, false), (1, false), (4, true)]
        .map(|(connections, can_be_asked)| Setup { connections, can_be_asked });
    let customers = customers_of(template);
    let mut planned = Vec::new();
    for (point, rest_arrives, name) in POINTS {
        for round in 0..rounds {
            let seed = base.wrapping_add(planned.len() as u64);
            let setup = setups[usize::try_from(round % 4).unwrap()];
            let often = match point {
                Point::Connected | Point::Hello => setup.connections as u64,
                _ => customers as u64 / 2,
            };
            let before = usize::try_from(Random(seed).below(often)).unwrap();
            planned.push(Round { name, seed, setup, spring: Spring::At(point, before), rest_arrives });
        }
    }
    let bytes = setups.map(|setup| bytes_of_a_pass(template, setup));
    let random_rounds = if rounds < 20 { 4 + rounds * 2 } else { rounds * 10 };
    for round in 0..random_rounds {
        let seed = base.wrapping_add(planned.len() as u64);
        let mut random = Random(seed);
        let which = usize::try_from(round % 4).unwrap();
        // With the very last bytes it takes its leave, and may be gone before they are read.
        let spring = Spring::AfterBytes(1 + random.below(bytes[which] - 200));
        let rest_arrives = random.below(2) == 0;
        planned.push(Round { name: RANDOM, seed, setup: setups[which], spring, rest_arrives });
    }
    planned
}

/// Kills a pass, lets the next one run to its end, and compares; then another one has nothing to do.
fn play(template: &Practice, round: &Round, line: &mut Line) -> Vec<String> {
    let house = House::new(template, round.setup);
    let (killed, trap) = house.pass(EVENING, round.spring, round.rest_arrives);
    line.rounds += 1;
    line.kills += usize::from(trap.has_sprung() && killed.status == -1);
    let in_flight =
        |email: bool| house.ledger().iter().filter(|row| row.state == "sending" && row.is_email == email).count();
    let (mails, texts) = (in_flight(true), in_flight(false));
    line.in_flight += mails + texts;
    let mut problems = Vec::new();
    if mails.max(texts) > round.setup.connections {
        problems.push(format!("{mails} mails and {texts} SMS were under way at once"));
    }
    line.logs += usize::from(house.has_log());
    problems.extend(what_a_dry_run_gets_wrong(&house));
    let next = house.quiet_pass(LATER);
    if house.has_log() {
        problems.push("the next pass has left a log behind".to_owned());
    }
    let balance = Balance::of(&house, round.setup.connections);
    // Somebody has to look after a message that was under way.
    let expected = i32::from(mails + texts > 0);
    if next.status != expected {
        problems.push(format!("the next pass ended with {}: {next}", next.status));
    }
    line.lost += balance.lost;
    line.repeated += balance.repeated;
    line.uncertain += balance.uncertain;
    problems.extend(balance.problems);
    if round.setup.can_be_asked && balance.uncertain > 0 {
        problems.push("the gateway knows, and yet it is uncertain".to_owned());
    }
    let before = house.taken();
    let last = house.quiet_pass(LATER_STILL);
    if house.taken() != before {
        problems.push(format!("the pass after the next one has sent something: {last}"));
    }
    problems.into_iter().map(|problem| format!("{} (seed {}): {problem}", round.name, round.seed)).collect()
}

/// A look at what a killed pass has left must see what the next pass will: who was not told, and the
/// mails that were under way.
fn what_a_dry_run_gets_wrong(house: &House) -> Option<String> {
    let ledger = house.ledger();
    let dry_run = house.practice.run(&["--at", LATER, "--dry-run", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&dry_run.stdout).unwrap_or_default();
    let planned: Option<BTreeSet<i64>> =
        report["messages"].as_array().map(|all| all.iter().filter_map(|one| one["customer_id"].as_i64()).collect());
    let told = |customer: i64| ledger.iter().any(|row| row.customer == customer && row.counts());
    let under_way = ledger.iter().filter(|row| row.is_email && row.state == "sending").map(|row| row.customer);
    let not_told = (1..=i64::try_from(house.customers).unwrap()).filter(|customer| !told(*customer));
    let due: BTreeSet<i64> = not_told.chain(under_way).collect();
    (planned.as_ref() != Some(&due)).then(|| format!("a dry run plans {planned:?} and not {due:?}: {dry_run}"))
}

#[test]
fn a_pass_killed_anywhere_loses_nothing_and_repeats_only_e_mails_that_were_under_way() {
    let rounds = number("TERMINBOTE_CRASH_ROUNDS").unwrap_or(3);
    let logs = kill(&full_practice(), rounds);
    assert_eq!(logs, 0, "a small pass has a log");
}

/// From so many messages on a pass keeps its commits in a log beside the database, which the next one
/// and a look at it have to read.
#[test]
fn a_large_pass_killed_anywhere_loses_nothing_and_leaves_its_log_to_the_next_one() {
    let rounds = number("TERMINBOTE_CRASH_ROUNDS").unwrap_or(1);
    let logs = kill(&practice_of(MANY_CUSTOMERS), rounds);
    assert!(logs > 0, "no pass had a log");
}

/// Plays all rounds over a practice; returns how often the database had a log when the program was
/// killed.
fn kill(template: &Practice, rounds: u64) -> usize {
    let base = number("TERMINBOTE_CRASH_SEED").unwrap_or_else(|| RandomState::new().hash_one(0) >> 16);
    println!("TERMINBOTE_CRASH_SEED={base}");
    let planned = plan(template, rounds, base);
    let next = AtomicUsize::new(0);
    let table: Mutex<BTreeMap<&str, Line>> = Mutex::default();
    let problems: Mutex<Vec<String>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(round) = planned.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let mut line = Line::default();
                    let found = play(template, round, &mut line);
                    problems.lock().unwrap().extend(found);
                    table.lock().unwrap().entry(round.name).or_default().add(&line);
                }
            });
        }
    });
    let table = table.into_inner().unwrap();
    println!("{} customers:\n{}", customers_of(template), shown(&table));
    let problems = problems.into_inner().unwrap();
    assert!(problems.is_empty(), "with the seed {base}:\n{}", problems.join("\n"));
    for (name, line) in &table {
        assert_eq!(line.kills, line.rounds, "{name}: some rounds came to no kill");
    }
    table.values().map(|line| line.logs).sum()
}

/// Rule G3: once.
#[test]
fn an_e_mail_whose_repetition_is_killed_as_well_waits_for_a_person() {
    let house = House::new(&practice_by("email"), Setup { connections: 1, can_be_asked: true });
    house.pass(EVENING, Spring::At(Point::FinalDot, 7), true);
    house.pass(LATER, Spring::At(Point::FinalDot, 0), true);
    let id = waits_for_a_person(&house);
    let reference = house.practice.query(&format!("SELECT 'terminbote-{id}-' || identity FROM chain"));
    let copies: Vec<_> = house.mail.taken().into_iter().filter(|taken| taken.reference == reference).collect();
    assert!(copies.len() == 2 && copies[0] == copies[1], "{copies:?}");
    // Everybody else was told once.
    assert_eq!((house.taken().len(), house.mail.taken().len()), (CUSTOMERS / 2, CUSTOMERS / 2 + 1));
}

/// Rule G3: a gateway that has never seen a message a second time may list nothing at all.
#[test]
fn a_text_message_that_never_came_and_is_killed_again_waits_for_a_person() {
    let house = House::new(&practice_by("sms"), Setup { connections: 1, can_be_asked: true });
    house.pass(EVENING, Spring::At(Point::Headers, 7), false);
    // The first thing that it hears is the question.
    house.pass(LATER, Spring::At(Point::Headers, 1), false);
    let id = waits_for_a_person(&house);
    let customer = house.practice.query(&format!("SELECT substr(address, 2) FROM message WHERE id = {id}"));
    assert!(!house.taken().contains_key(&customer), "{:?}", house.taken());
    assert_eq!((house.taken().len(), house.texts.taken().len()), (CUSTOMERS / 2 - 1, CUSTOMERS / 2 - 1));
}

/// After two kills at the same message no further pass touches it, until a person says what became of it;
/// its id.
fn waits_for_a_person(house: &House) -> String {
    let states = || house.practice.query("SELECT id, state, repeats FROM message WHERE repeats > 0");
    let id = states().split('|').next().unwrap().to_owned();
    assert_eq!(states(), format!("{id}|sending|1"));
    let third = house.quiet_pass(LATER_STILL);
    assert_eq!((third.status, states()), (1, format!("{id}|uncertain|1")), "{third}");
    let fourth = house.quiet_pass("2026-03-10T19:45");
    assert_eq!(states(), format!("{id}|uncertain|1"), "{fourth}");
    let settled = house.practice.run(&["settle", &id, "sent"]);
    assert_eq!((settled.status, states()), (0, format!("{id}|sent|1")), "{settled}");
    id
}

impl Line {
    fn add(&mut self, other: &Self) {
        self.rounds += other.rounds;
        self.kills += other.kills;
        self.in_flight += other.in_flight;
        self.lost += other.lost;
        self.repeated += other.repeated;
        self.uncertain += other.uncertain;
        self.logs += other.logs;
    }
}

fn shown(table: &BTreeMap<&str, Line>) -> String {
    let mut text =
        "| point | kills | under way | lost | repeated | uncertain |\n|---|---|---|---|---|---|\n".to_owned();
    for name in POINTS.iter().map(|(_, _, name)| *name).chain([RANDOM]) {
        let Line { kills, in_flight, lost, repeated, uncertain, .. } = &table[name];
        writeln!(text, "| {name} | {kills} | {in_flight} | {lost} | {repeated} | {uncertain} |").unwrap();
    }
    text
}
