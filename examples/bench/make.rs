//! A large chain: what is ahead is the same for every size, which grows by years gone by.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, ensure};
use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};
use clap::Args;
use rusqlite::{Connection, OpenFlags, Transaction, params};
use terminbote::store;

#[derive(Debug, Args)]
pub(crate) struct Make {
    /// About how many appointments in all
    #[arg(long)]
    appointments: u32,
    /// About how many of them are ahead
    #[arg(long, default_value_t = 80_000)]
    ahead: u32,
    /// How many rooms each branch has
    #[arg(long, default_value_t = 3)]
    rooms: u32,
    /// Nobody has been told anything yet
    #[arg(long)]
    untold: bool,
    /// A new file
    #[arg(long, value_name = "FILE")]
    db: PathBuf,
}

// A date that does not exist would not compile.

/// The present of every chain: Tuesday, 10 March 2026, 12:00 in Berlin.
const NOW: &str = "2026-03-10 12:00";
const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 3, 10).expect("a date");
/// The last day that has been confirmed by then: that of the next quarter.
const CONFIRMED: NaiveDate = NaiveDate::from_ymd_opt(2026, 6, 30).expect("a date");
const NOON: NaiveTime = NaiveTime::from_hms_opt(12, 0, 0).expect("a time");

const BRANCHES: u32 = 50;
const CUSTOMERS: u32 = 1_000_000;
/// How many in a hundred hours of a room are taken, in the past and tomorrow.
const TAKEN: f64 = 0.92;
/// How far ahead appointments are made, in days.
const FURTHEST: u32 = 400;

impl Make {
    #[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        ensure!(!self.db.exists(), "{} exists; name a new file", self.db.display());
        ensure!(self.ahead <= self.appointments, "--ahead is more than --appointments");
        let began = Instant::now();
        store::init(&self.db, "bench", || Ok(()))?;
        let mut connection = Connection::open_with_flags(&self.db, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // What is lost in a crash is made again, and what is made here keeps to the checks.
        connection.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -500000;
             PRAGMA threads = 2; PRAGMA temp_store = FILE",
        )?;
        let transaction = connection.transaction()?;
        let later = put_away_indexes_and_triggers(&transaction)?;
        chain(&transaction)?;
        let mut dice = Dice(0x7465_726d);
        let customers = customers(&transaction, &mut dice)?;
        self.appointments(&transaction, &customers)?;
        let filled = began.elapsed();
        for sql in later {
            transaction.execute_batch(&sql)?;
        }
        let indexed = began.elapsed();
        transaction.execute_batch(
            "UPDATE untold_since SET start = '9999-01-01'; UPDATE untold_since SET start = '2026-03-10'",
        )?;
        transaction.commit()?;
        let count = |table: &str| {
            connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0))
        };
        println!(
            "{}",
            serde_json::json!({
                "bench": "make", "appointments": count("appointment")?, "messages": count("message")?,
                "untold": count("untold")?, "bytes": self.db.metadata()?.len(),
                "seconds": began.elapsed().as_secs_f64(), "seconds_until_filled": filled.as_secs_f64(),
                "seconds_until_indexed": indexed.as_secs_f64(),
            })
        );
        Ok(())
    }

    /// Day by day, from the past into the future.
    fn appointments(&self, to: &Transaction<'_>, customers: &[Reach]) -> anyhow::Result<()> {
        let now = NaiveDateTime::parse_from_str(NOW, "%Y-%m-%d %H:%M")?;
        let gone = self.appointments - self.ahead;
        let a_day: Vec<u32> = (0..=FURTHEST).map(|ahead| self.places(TODAY + Duration::days(ahead.into()))).collect();
        let fades = fading(&a_day, self.ahead).context("so many ahead need more --rooms")?;
        let mut first = TODAY;
        let mut expected = 0.0;
        while expected < f64::from(gone) {
            first -= Duration::days(1);
            expected += TAKEN * f64::from(self.places(first));
        }
        let mut ledger = Ledger::new(to, now, self.untold)?;
        let mut insert = to.prepare(
            "INSERT INTO appointment (id, branch_id, customer_id, type_id, status, is_group, starts_at, ends_at,
             customer_starts_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        let mut id = 0;
        for date in first.iter_days().take_while(|date| *date <= TODAY + Duration::days(FURTHEST.into())) {
            let days = u32::try_from((date - TODAY).num_days().max(0))?;
            let taken = if date < TODAY { TAKEN } else { TAKEN * (-f64::from(days) / fades).exp() };
            // A day is the same however many lie before it.
            let dice = &mut Dice(date.to_epoch_days().unsigned_abs().into());
            for branch in 1..=BRANCHES {
                for start in self.day(date) {
                    if !dice.one_in(taken) {
                        continue;
                    }
                    let is_past = start <= now;
                    id += 1;
                    let customer = 1 + dice.below(CUSTOMERS);
                    let kind = 1 + dice.below(10);
                    let status = match dice.below(100) {
                        0..6 => "cancelled",
                        6..8 if is_past => "no_show",
                        _ if is_past => "completed",
                        _ => "booked",
                    };
                    let is_group = dice.one_in(0.01);
                    let earlier = dice.one_in(0.05).then(|| stored(start - Duration::minutes(10)));
                    let told = stored(start - Duration::minutes(if earlier.is_some() { 10 } else { 0 }));
                    let ends_at = stored(start + Duration::minutes(30));
                    insert.execute(params![
                        id,
                        branch,
                        customer,
                        kind,
                        status,
                        is_group,
                        stored(start),
                        ends_at,
                        earlier
                    ])?;
                    if status != "cancelled" && !is_group && kind <= 9 {
                        ledger.tell(dice, &customers[customer as usize - 1], id, customer, start, &told)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// How many appointments a day has room for in the whole chain.
    fn places(&self, date: NaiveDate) -> u32 {
        BRANCHES * u32::try_from(self.day(date).count()).unwrap_or(u32::MAX)
    }

    /// The half hours of a day in one branch, in order: closed on Sundays, on Wednesday afternoons and
    /// at noon; Saturday mornings only.
    fn day(&self, date: NaiveDate) -> impl Iterator<Item = NaiveDateTime> + use<> {
        let closes = match date.weekday() {
            Weekday::Sun => 16,
            Weekday::Sat | Weekday::Wed => 26,
            _ => 36,
        };
        let rooms = self.rooms;
        (16..closes)
            .filter(|half_hour| !(26..28).contains(half_hour))
            .flat_map(move |half_hour| (0..rooms).map(move |_| half_hour))
            .map(move |half_hour| date.and_time(NaiveTime::MIN) + Duration::minutes(30 * half_hour))
    }
}

/// After how many days a third of the hours is taken that are taken tomorrow, so that `ahead` are
/// taken in all; `None` if there are not so many hours.
fn fading(places: &[u32], ahead: u32) -> Option<f64> {
    let taken = |days: f64| {
        places
            .iter()
            .zip(0_u32..)
            .map(|(places, day)| TAKEN * f64::from(*places) * (-f64::from(day) / days).exp())
            .sum::<f64>()
    };
    let (mut short, mut long) = (0.1, 1e6);
    if taken(long) < f64::from(ahead) {
        return None;
    }
    for _ in 0..100 {
        let middle = f64::midpoint(short, long);
        *(if taken(middle) < f64::from(ahead) { &mut short } else { &mut long }) = middle;
    }
    Some(long)
}

/// How a customer can be written to.
struct Reach {
    email: bool,
    sms: bool,
}

fn customers(to: &Transaction<'_>, dice: &mut Dice) -> anyhow::Result<Vec<Reach>> {
    let mut insert = to.prepare(
        "INSERT INTO customer (id, salutation, first_name, last_name, preferred_contact, deceased, email, street,
         postcode, city) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    let mut phone =
        to.prepare("INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES (?1, 1, ?2, ?3)")?;
    let mut all = Vec::new();
    for id in 1..=CUSTOMERS {
        let (salutation, first_name) =
            [("Frau", "Renate"), ("Herr", "Jonas"), ("Frau", "Ayşe"), ("Herr", "Piotr")][dice.below(4) as usize];
        let (email, phoned, mobile) = (!dice.one_in(0.4), dice.one_in(0.95), dice.one_in(0.7));
        let (deceased, wants_none) = (dice.one_in(0.01), dice.one_in(0.02));
        let preferred = if wants_none { Some("none") } else { dice.one_in(0.2).then_some("sms") };
        insert.execute(params![
            id,
            salutation,
            first_name,
            format!("Muster-{id}"),
            preferred,
            deceased,
            email.then(|| format!("kunde{id}@example.de")),
            format!("Musterweg {}", id % 200),
            format!("{:05}", 10_000 + id % 80_000),
            "Musterstadt",
        ])?;
        if phoned {
            // The numbers set aside for films and books.
            let number =
                if mobile { format!("0152 288173{:02}", id % 100) } else { format!("030 23125 {:03}", id % 1000) };
            phone.execute(params![id, number, mobile])?;
        }
        let wanted = !deceased && !wants_none;
        all.push(Reach { email: email && wanted, sms: phoned && mobile && wanted });
    }
    Ok(all)
}

/// The messages that the chain's customers have had.
struct Ledger<'t> {
    message: rusqlite::Statement<'t>,
    covered: rusqlite::Statement<'t>,
    pass: rusqlite::Statement<'t>,
    now: NaiveDateTime,
    untold: bool,
    id: i64,
    newest_pass: i64,
}

impl<'t> Ledger<'t> {
    fn new(to: &'t Transaction<'_>, now: NaiveDateTime, untold: bool) -> anyhow::Result<Self> {
        Ok(Self {
            message: to.prepare(
                "INSERT INTO message (id, kind, customer_id, channel, address, body, state, sent_at, pass_id,
                 interface_id, claimed_at, settled_at, reference)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'sent', ?7, ?8, ?9, ?7, ?7, ?10)",
            )?,
            covered: to.prepare("INSERT INTO message_appointment VALUES (?1, ?2, ?3, 0, ?4, ?5, 1)")?,
            pass: to.prepare(
                "INSERT INTO pass (id, at, finished_at, result, exit_status, host, version)
                 VALUES (?1, ?2, ?2, 'complete', 0, 'bench', '0.1.0')",
            )?,
            now,
            untold,
            id: 0,
            newest_pass: 0,
        })
    }

    /// What the customer of an appointment has been told of it by now.
    fn tell(
        &mut self,
        dice: &mut Dice,
        reach: &Reach,
        id: i64,
        customer: u32,
        start: NaiveDateTime,
        told: &str,
    ) -> anyhow::Result<()> {
        if self.untold {
            return Ok(());
        }
        // One in three hundred has just been booked.
        let just_booked = start > self.now && dice.one_in(1.0 / 300.0);
        let weeks = Duration::days((7 + dice.below(60)).into());
        if reach.email && !just_booked && start.date() <= CONFIRMED {
            // Booked some weeks before, and a while ago; confirmed within the hour.
            let at = (start - weeks).min(self.now - Duration::days((1 + dice.below(30)).into()));
            self.message("confirmation", "email", id, customer, at, told)?;
        }
        // The pass of 11:00 has reminded of everything before noon of the next day.
        let reminded = start < TODAY.and_time(NOON) + Duration::days(1);
        if (reach.email || reach.sms) && reminded && !just_booked {
            let channel = if reach.sms { "sms" } else { "email" };
            self.message("reminder", channel, id, customer, start - Duration::hours(24), told)?;
        }
        Ok(())
    }

    fn message(
        &mut self,
        kind: &str,
        channel: &str,
        appointment: i64,
        customer: u32,
        at: NaiveDateTime,
        told: &str,
    ) -> anyhow::Result<()> {
        // Local time as if it were UTC: an hour more or less changes nothing here.
        let hour = at.and_utc().timestamp() / 3600;
        let at = format!("{}-{:02}-{:02}T{:02}:00:00Z", at.year(), at.month(), at.day(), at.hour());
        if hour > self.newest_pass {
            self.pass.execute(params![hour, at])?;
            self.newest_pass = hour;
        }
        self.id += 1;
        let (address, interface) = match channel {
            "sms" => (format!("+49152288173{:02}", customer % 100), 3),
            _ => (format!("kunde{customer}@example.de"), 2),
        };
        let body = "Ihr Termin in der Praxis Musterstadt. Können Sie ihn nicht wahrnehmen? Rufen Sie bitte an.";
        let reference = format!("{}.0@bench.terminbote", self.id);
        self.message
            .execute(params![self.id, kind, customer, channel, address, body, at, hour, interface, reference])?;
        self.covered.execute(params![self.id, appointment, told, kind, customer])?;
        Ok(())
    }
}

/// Branches, types, interfaces.
fn chain(to: &Transaction<'_>) -> anyhow::Result<()> {
    for id in 1..=BRANCHES {
        to.execute(
            "INSERT INTO branch (id, code, name, street, postcode, city, phone, email)
             VALUES (?1, ?2, ?3, 'Hauptstraße 1', '20095', 'Hamburg', '040 66969 100', 'praxis@example.de')",
            params![id, format!("F{id}"), format!("Praxis Musterstadt {id}")],
        )?;
    }
    for id in 1..=10 {
        // One type in ten is not told of: breaks, stocktaking.
        to.execute(
            "INSERT INTO appointment_type (id, name, auto_notify) VALUES (?1, ?2, ?3)",
            params![id, format!("Terminart {id}"), id <= 9],
        )?;
    }
    to.execute_batch(
        r#"INSERT INTO interface (id, kind, server_side, settings) VALUES
           (1, 'appointment_notification', 1, '{"night_rest": {"start": "20:00", "end": "06:00"},
               "confirmation": {"document_template": "Terminbestätigung", "attach_ics": true},
               "reminder": {"hours_before": 24, "min_hours_between_messages": 6}}'),
           (2, 'smtp', 1, '{"transport": "file", "directory": "mail", "from": "Praxis Muster <termine@example.de>"}'),
           (3, 'sms', 1, '{"gateway": "file", "directory": "sms"}');"#,
    )?;
    Ok(())
}

/// Drops what would be kept up row by row, and returns how it is made again, as a restored backup does.
fn put_away_indexes_and_triggers(to: &Transaction<'_>) -> anyhow::Result<Vec<String>> {
    let mut made = to.prepare(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('index', 'trigger')
         ORDER BY type = 'trigger'",
    )?;
    let made: Vec<(String, String, String)> =
        made.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<Result<_, _>>()?;
    for (what, name, _) in &made {
        to.execute_batch(&format!("DROP {what} {name}"))?;
    }
    Ok(made.into_iter().map(|(_, _, sql)| sql).collect())
}

/// Five times as fast as a format that is read anew each time.
fn stored(time: NaiveDateTime) -> String {
    let (date, clock) = (time.date(), time.time());
    format!("{}-{:02}-{:02} {:02}:{:02}", date.year(), date.month(), date.day(), clock.hour(), clock.minute())
}

/// The same throws every time (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below `number`.
    fn below(&mut self, number: u32) -> u32 {
        u32::try_from(((self.throw() >> 32) * u64::from(number)) >> 32).unwrap_or_default()
    }

    /// True in so many of all throws.
    fn one_in(&mut self, share: f64) -> bool {
        f64::from(self.below(1 << 30)) < share * f64::from(1_u32 << 30)
    }
}
