//! What the practice's software pays for what the database keeps by itself: the record of changes and
//! what has not been told yet.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::NaiveDate;
use clap::Args;
use rusqlite::{Connection, OpenFlags};
use terminbote::store;

use super::processor_time;

#[derive(Debug, Args)]
pub(crate) struct Write {
    /// How many appointments are written by each
    #[arg(long, default_value_t = 100_000)]
    appointments: u32,
    /// How often, in turn with and without; the median counts
    #[arg(long, default_value_t = 5)]
    times: u32,
    /// The folder of the databases, which go at the end
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// Half an hour for each, over a hundred days from the day on from which `untold` is kept; a date that
/// does not exist would not compile.
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 3, 11).expect("a date");
const CUSTOMERS: u32 = 20_000;

/// What the software does, in this order, each in one transaction. `sync.sql` is the statement of
/// `examples/sync.sql`, from an export with the same rows.
const WRITES: [(&str, &str); 7] = [
    ("insert", "INSERT INTO appointment (COLUMNS) SELECT COLUMNS FROM export.appointment"),
    (
        "insert, numbered by the table",
        "INSERT INTO appointment (branch_id, customer_id, type_id, starts_at, ends_at)
         SELECT branch_id, customer_id, type_id, starts_at, ends_at FROM export.appointment",
    ),
    ("move", "UPDATE appointment SET starts_at = strftime('%Y-%m-%d %H:%M', starts_at, '+30 minutes'),
              ends_at = strftime('%Y-%m-%d %H:%M', ends_at, '+30 minutes') WHERE id <= (SELECT max(id) FROM export.appointment)"),
    ("sync.sql, every row moved", SYNC),
    ("sync.sql, nothing changed", SYNC),
    ("REPLACE, nothing changed", "REPLACE INTO appointment (COLUMNS) SELECT COLUMNS FROM export.appointment"),
    ("cancel", "UPDATE appointment SET status = 'cancelled' WHERE id <= (SELECT max(id) FROM export.appointment)"),
];

const SYNC: &str = "INSERT INTO appointment (COLUMNS) SELECT COLUMNS FROM export.appointment WHERE true
    ON CONFLICT (id) DO UPDATE SET
        branch_id = excluded.branch_id, customer_id = excluded.customer_id, type_id = excluded.type_id,
        status = excluded.status, is_group = excluded.is_group, starts_at = excluded.starts_at,
        ends_at = excluded.ends_at, customer_starts_at = excluded.customer_starts_at, note = excluded.note
    WHERE (branch_id, customer_id, type_id, status, is_group, starts_at, ends_at, customer_starts_at, note)
        IS NOT (
            excluded.branch_id, excluded.customer_id, excluded.type_id, excluded.status, excluded.is_group,
            excluded.starts_at, excluded.ends_at, excluded.customer_starts_at, excluded.note
        )";

const COLUMNS: &str =
    "id, branch_id, customer_id, type_id, status, is_group, starts_at, ends_at, customer_starts_at, note";

/// What one of the writes cost.
#[derive(Clone, Copy)]
struct Paid {
    seconds: f64,
    bytes: i64,
}

impl Write {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let folder = match &self.folder {
            Some(folder) => tempfile::tempdir_in(folder)?,
            None => tempfile::tempdir()?,
        };
        let export = folder.path().join("export.db");
        self.export(&export)?;
        let (mut with, mut without) = (BTreeMap::<_, Vec<Paid>>::new(), BTreeMap::<_, Vec<Paid>>::new());
        for round in 0..self.times.max(1) {
            for (plain, paid) in [(false, &mut with), (true, &mut without)] {
                let path = folder.path().join(format!("{round}-{plain}.db"));
                for (write, cost) in Self::writes(&path, &export, plain)? {
                    paid.entry(write).or_default().push(cost);
                }
                std::fs::remove_file(path)?;
            }
        }
        for (what, _) in WRITES {
            let (with, without) = (median(&with[what]), median(&without[what]));
            println!(
                "{}",
                serde_json::json!({
                    "bench": "write", "what": what, "appointments": self.appointments,
                    "processor_seconds": with.seconds, "plain_processor_seconds": without.seconds,
                    "factor": with.seconds / without.seconds, "bytes": with.bytes, "plain_bytes": without.bytes,
                })
            );
        }
        Ok(())
    }

    /// The practice's own database: some customers with half an hour each, again and again.
    fn export(&self, path: &Path) -> anyhow::Result<()> {
        let mut connection =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        let transaction = connection.transaction()?;
        transaction.execute_batch(
            "CREATE TABLE appointment (id INTEGER PRIMARY KEY, branch_id, customer_id, type_id, status, is_group,
                 starts_at, ends_at, customer_starts_at, note)",
        )?;
        {
            let mut insert = transaction.prepare(
                "INSERT INTO appointment VALUES (?1, 1 + ?1 % 50, 1 + ?1 * 7919 % ?2, 1 + ?1 % 10, 'booked', 0,
                     strftime('%Y-%m-%d %H:%M', ?3, ?4), strftime('%Y-%m-%d %H:%M', ?3, ?4, '+30 minutes'), NULL, NULL)",
            )?;
            let day = FIRST_DAY.to_string();
            for id in 0..self.appointments {
                insert.execute(rusqlite::params![id, CUSTOMERS, day, format!("{} minutes", id / 20 % 4800 * 30)])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// All writes over a new database; `plain` without our indexes and triggers.
    fn writes(path: &Path, export: &Path, plain: bool) -> anyhow::Result<Vec<(&'static str, Paid)>> {
        store::init(path, "bench", || Ok(()))?;
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        if plain {
            let names: Vec<String> = connection
                .prepare("SELECT type || ' ' || name FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL")?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            for name in names {
                connection.execute_batch(&format!("DROP {name}"))?;
            }
        }
        // As sync.sql does; and a customer is another one's row all the same.
        connection.execute_batch(&format!(
            "PRAGMA foreign_keys = OFF;
             UPDATE untold_since SET start = '{FIRST_DAY}';
             WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {CUSTOMERS})
             INSERT INTO customer (id, last_name, email)
             SELECT n, 'Muster-' || n, CASE WHEN n % 10 < 6 THEN 'kunde' || n || '@example.de' END FROM number",
        ))?;
        connection.execute("ATTACH ?1 AS export", [export.to_str().context("the folder's name is no text")?])?;
        let mut paid = Vec::new();
        for (what, sql) in WRITES {
            let before = i64::try_from(path.metadata()?.len())?;
            let began = processor_time()?;
            connection.execute_batch(&format!("BEGIN IMMEDIATE; {}; COMMIT", sql.replace("COLUMNS", COLUMNS)))?;
            let seconds = processor_time()?.saturating_sub(began).as_secs_f64();
            paid.push((what, Paid { seconds, bytes: i64::try_from(path.metadata()?.len())? - before }));
        }
        Ok(paid)
    }
}

fn median(paid: &[Paid]) -> Paid {
    let mut paid = paid.to_vec();
    paid.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
    paid[paid.len() / 2]
}
