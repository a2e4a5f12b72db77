//! A practice in a folder of its own: its database, and the program run over it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

/// Tuesday, 10 March 2026, 19:00 in Berlin: one hour before the night rest of [`Practice::ready`].
pub(crate) const EVENING: &str = "2026-03-10T19:00";

/// What [`Practice::ready`] puts into a new database.
pub(crate) const READY: &str = r#"
            INSERT INTO branch (id, code, name, street, postcode, city, phone, email)
            VALUES (1, 'HH', 'Optik Muster', 'Hauptstraße 1', '20095', 'Hamburg', '040 66969 100', 'hh@example.de');
            INSERT INTO appointment_type (id, name, auto_notify) VALUES (1, 'Sehtest', 1), (2, 'Werkstatt', 0);
            INSERT INTO customer (id, salutation, first_name, last_name, email, street, postcode, city)
            VALUES (7, 'Frau', 'Renate', 'Weiß', 'renate@example.de', 'Gartenweg 3', '20095', 'Hamburg');
            INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES (7, 1, '0152 28817386', 1);
            INSERT INTO interface (id, kind, server_side, settings) VALUES
            (1, 'appointment_notification', 1, '{"night_rest": {"start": "20:00", "end": "06:00"},
                "confirmation": {"document_template": "Terminbestätigung", "attach_ics": true},
                "reminder": {"hours_before": 24, "min_hours_between_messages": 6}}'),
            (2, 'smtp', 1, '{"transport": "file", "directory": "mail", "from": "Optik Muster <termine@example.de>"}'),
            (3, 'sms', 1, '{"gateway": "file", "directory": "sms"}');
"#;

pub(crate) struct Practice {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

/// What the program printed, and how it ended.
pub(crate) struct Printed {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) status: i32,
}

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.stdout.is_empty() {
            writeln!(f, "{}", self.stdout.trim_end())?;
        }
        if !self.stderr.is_empty() {
            writeln!(f, "--- stderr\n{}", self.stderr.trim_end())?;
        }
        write!(f, "--- status {}", self.status)
    }
}

impl Printed {
    /// The report with one blank between words, wherever its lines break.
    #[allow(dead_code, reason = "not every test binary that includes this uses it")]
    pub(crate) fn words(&self) -> String {
        self.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Practice {
    /// A folder with nothing in it.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    /// A database that has just been made.
    pub(crate) fn new() -> Self {
        Self::empty().with_database()
    }

    /// A database that has just been made, in memory if the system has a folder there: for many
    /// passes, each of which would wait for the disk.
    pub(crate) fn in_memory() -> Self {
        Self::empty_in_memory().with_database()
    }

    /// The database of another practice as it stands, in memory likewise.
    #[allow(dead_code, reason = "not every test binary that includes this uses it")]
    pub(crate) fn copy_of(other: &Self) -> Self {
        let copy = Self::empty_in_memory();
        std::fs::copy(other.path("termine.db"), copy.path("termine.db")).unwrap();
        copy
    }

    pub(crate) fn empty_in_memory() -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        Self { folder, environment: Vec::new() }
    }

    fn with_database(self) -> Self {
        let printed = self.run(&["init"]);
        assert_eq!(printed.status, 0, "{printed}");
        // The tests live in 2026, whatever the date: the database was made at the beginning of it.
        self.sql("UPDATE untold_since SET start = '2026-01-01'");
        self
    }

    /// One branch, one customer with every address, one type; reminders 24 hours ahead with a night
    /// rest from 20:00 to 06:00, confirmations with a calendar file; mail and SMS into folders.
    pub(crate) fn ready() -> Self {
        let practice = Self::new();
        practice.sql(READY);
        practice
    }

    /// Another appointment of customer 7 in branch 1, half an hour long.
    pub(crate) fn appointment(&self, id: i64, start: &str) -> &Self {
        self.sql(&format!(
            "INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
             VALUES ({id}, 1, 7, 1, '{start}', strftime('%Y-%m-%d %H:%M', '{start}', '+30 minutes'))"
        ))
    }

    /// Another customer, with nothing but an e-mail address.
    pub(crate) fn customer(&self, id: i64, first_name: &str, email: &str) -> &Self {
        self.sql(&format!(
            "INSERT INTO customer (id, first_name, last_name, email) VALUES ({id}, '{first_name}', 'Sommer', '{email}')"
        ))
    }

    /// An appointment like those of [`Practice::appointment`], of another customer.
    pub(crate) fn appointment_of(&self, customer: i64, id: i64, start: &str) -> &Self {
        self.appointment(id, start).sql(&format!("UPDATE appointment SET customer_id = {customer} WHERE id = {id}"))
    }

    /// Takes away the confirmations, for tests about reminders.
    pub(crate) fn without_confirmations(&self) -> &Self {
        self.sql("UPDATE interface SET settings = json_remove(settings, '$.confirmation') WHERE id = 1")
    }

    /// Sends e-mail to a server on this computer instead of into files, over one connection.
    pub(crate) fn mail_by_port(&self, port: u16) -> &Self {
        self.sql(&format!(
            r#"UPDATE interface SET settings = json('{{"transport": "smtp", "host": "127.0.0.1", "port": {port},
                 "tls": "none", "connections": 1, "from": "Optik Muster <termine@example.de>"}}') WHERE id = 2"#
        ))
    }

    pub(crate) fn with_environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn connection(&self) -> Connection {
        Connection::open_with_flags(self.path("termine.db"), OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap()
    }

    pub(crate) fn sql(&self, sql: &str) -> &Self {
        self.connection().execute_batch(sql).unwrap();
        self
    }

    /// Changes one setting of an interface, by its path in the JSON; `value` is JSON as well.
    pub(crate) fn setting(&self, interface: i64, path: &str, value: &str) -> &Self {
        self.sql(&format!(
            "UPDATE interface SET settings = json_set(settings, '$.{path}', json('{value}')) WHERE id = {interface}"
        ))
    }

    /// The result of a query, one line a row, columns between bars.
    pub(crate) fn query(&self, sql: &str) -> String {
        let connection = self.connection();
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows = statement
            .query_map([], |row| {
                let cell = |index| row.get::<_, rusqlite::types::Value>(index).map(show);
                Ok((0..columns).map(cell).collect::<Result<Vec<_>, _>>()?.join("|"))
            })
            .unwrap();
        rows.collect::<Result<Vec<_>, _>>().unwrap().join("\n")
    }

    /// What became of the messages so far, one a line.
    pub(crate) fn ledger(&self) -> String {
        self.query(
            "SELECT message.id, message.kind, message.customer_id, channel, state, appointment_id, appointment_start
             FROM message JOIN message_appointment ON message_id = message.id ORDER BY message.id, appointment_id",
        )
    }

    /// A text in which the chain's random identity is replaced.
    pub(crate) fn without_identity(&self, text: &str) -> String {
        text.replace(&self.query("SELECT identity FROM chain"), "IDENTITY")
    }

    /// The content of every file in a folder, in the order of their names, without the identity.
    pub(crate) fn contents(&self, folder: &str) -> String {
        let files = self.files().into_iter().filter(|name| name.starts_with(&format!("{folder}/")));
        let text = |name: String| std::fs::read_to_string(self.path(&name)).unwrap().replace('\r', "");
        self.without_identity(&files.map(text).collect::<Vec<_>>().join("\n"))
    }

    /// A real pass at a local time, and its report as JSON.
    pub(crate) fn json(&self, at: &str) -> (serde_json::Value, i32) {
        let printed = self.run(&["--at", at, "--format", "json"]);
        let report = serde_json::from_str(&printed.stdout);
        (report.unwrap_or_else(|error| panic!("{error}: {printed}")), printed.status)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("terminbote"));
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("TERMINBOTE_DB", "termine.db")
            .env("TERMINBOTE_WORKSTATION", "server")
            .envs(self.environment.iter().cloned())
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    /// Runs the program over the practice's database.
    pub(crate) fn run(&self, arguments: &[&str]) -> Printed {
        printed(self.command(arguments).output().unwrap())
    }

    /// A real pass at a local time.
    pub(crate) fn pass(&self, at: &str) -> Printed {
        self.run(&["--at", at])
    }

    /// The names of all files below the folder.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push(path.strip_prefix(self.folder.path()).unwrap().display().to_string());
                }
            }
        }
        found.sort();
        found
    }
}

pub(crate) fn printed(output: Output) -> Printed {
    Printed {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code().unwrap_or(-1),
    }
}

fn show(value: rusqlite::types::Value) -> String {
    match value {
        rusqlite::types::Value::Null => String::new(),
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Real(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        rusqlite::types::Value::Blob(bytes) => format!("{bytes:?}"),
    }
}
