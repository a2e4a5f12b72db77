//! A practice with many customers and two servers, over which passes run that may be killed.

use std::collections::BTreeMap;
use std::io::Read;
use std::process::{ChildStderr, ChildStdout, Command, Stdio};
use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::peers::{Peer, Taken};
use super::practice::{EVENING, Practice, Printed};
use super::trap::{Spring, Trap};

/// A quarter of an hour after [`EVENING`], and another one.
pub(crate) const LATER: &str = "2026-03-10T19:15";
pub(crate) const LATER_STILL: &str = "2026-03-10T19:30";

/// How the practice sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Setup {
    /// To each of the servers.
    pub(crate) connections: usize,
    /// Whether the gateway can be asked what became of a message. The mail server is told several commands at
    /// once, if this is so or there are several connections; if both, behind the text of a message, too.
    pub(crate) can_be_asked: bool,
}

/// How many customers there are. The odd ones have an e-mail address, the even ones a mobile number.
pub(crate) const CUSTOMERS: usize = 40;

/// So many that the pass keeps its commits in a log.
pub(crate) const MANY_CUSTOMERS: usize = 96;

/// The practice, each customer of which has an appointment tomorrow; its servers are still to be named.
pub(crate) fn full_practice() -> Practice {
    practice_of(CUSTOMERS)
}

/// The same with so many customers, fewer than a hundred.
pub(crate) fn practice_of(customers: usize) -> Practice {
    let practice = Practice::ready();
    // Plain lines, so that what arrives can be compared with the record.
    let filler = "Bitte bringen Sie Ihre Versichertenkarte mit.\n".repeat(40);
    practice.sql(&format!(
        "DELETE FROM customer;
         DELETE FROM customer_phone;
         UPDATE interface SET settings = json_remove(settings, '$.confirmation') WHERE id = 1;
         UPDATE document_template SET body = 'Termin fuer {{{{ customer.name }}}}: {{{{ appointment.time }}}}' || char(10) || '{filler}'
         WHERE name = 'Terminerinnerung E-Mail';
         WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {customers})
         INSERT INTO customer (id, last_name, email)
         SELECT n, 'Nummer ' || n, iif(n % 2, 'kunde' || n || '@example.de', NULL) FROM number;
         INSERT INTO customer_phone (customer_id, position, number, sms_allowed)
         SELECT id, 1, printf('0152 288173%02d', id), 1 FROM customer WHERE id % 2 = 0;
         INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
         SELECT id, 1, id, 1, strftime('%Y-%m-%d %H:%M', '2026-03-11 08:00', (id * 5) || ' minutes'),
             strftime('%Y-%m-%d %H:%M', '2026-03-11 08:10', (id * 5) || ' minutes')
         FROM customer;"
    ));
    practice
}

/// The practice with those customers alone whom it reaches by one channel.
pub(crate) fn practice_by(channel: &str) -> Practice {
    let practice = full_practice();
    let others = i32::from(channel == "email");
    practice.sql(&format!("DELETE FROM appointment WHERE (customer_id + {others}) % 2"));
    practice
}

/// How many customers the practice has.
pub(crate) fn customers_of(practice: &Practice) -> usize {
    practice.query("SELECT count(*) FROM customer").parse().unwrap()
}

/// The settings of a mail server in this process.
pub(crate) fn mail_settings(port: u16, Setup { connections, can_be_asked }: Setup) -> String {
    let pipelining = if connections > 1 && can_be_asked { "next" } else { "message" };
    format!(
        r#"{{"transport": "smtp", "host": "127.0.0.1", "port": {port}, "tls": "none", "connections": {connections},
            "pipelining": "{pipelining}", "from": "Optik Muster <termine@example.de>"}}"#
    )
}

/// The settings of a gateway in this process.
pub(crate) fn gateway_settings(port: u16, setup: Setup) -> String {
    let connections = setup.connections;
    if setup.can_be_asked {
        return format!(
            r#"{{"gateway": "seven", "base_url": "http://127.0.0.1:{port}", "secrets": {{"api_key": "geheim"}},
                "connections": {connections}}}"#
        );
    }
    format!(
        r#"{{"gateway": "http", "url": "http://127.0.0.1:{port}/send", "success": {{"status": [200]}},
            "body": "{{\"to\": {{{{ to|json }}}}, \"text\": {{{{ text|json }}}}, \"reference\": {{{{ reference|json }}}}}}",
            "connections": {connections}}}"#
    )
}

/// The practice with its servers.
pub(crate) struct House {
    pub(crate) practice: Practice,
    pub(crate) customers: usize,
    pub(crate) mail: Peer,
    pub(crate) texts: Peer,
}

/// A pass that runs; it ends with this value.
pub(crate) struct Running {
    pub(crate) trap: Arc<Trap>,
    output: Option<(ChildStdout, ChildStderr)>,
}

impl Running {
    pub(crate) fn start(command: &mut Command, trap: Arc<Trap>) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output = child.stdout.take().zip(child.stderr.take());
        trap.wait_for(child);
        Self { trap, output }
    }

    /// Waits for its end.
    pub(crate) fn finish(mut self) -> Printed {
        let (mut stdout, mut stderr) = self.output.take().unwrap();
        let mut printed = Printed { stdout: String::new(), stderr: String::new(), status: -1 };
        stdout.read_to_string(&mut printed.stdout).unwrap();
        stderr.read_to_string(&mut printed.stderr).unwrap();
        printed.status = self.trap.end().unwrap_or(-1);
        printed
    }

    /// Sends it a signal, by its name.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.trap.process().to_string();
        let status = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &process]).status().unwrap();
        assert!(status.success(), "kill -s {name} {process}: {status}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.trap.give_up();
    }
}

/// The last connection to a database puts its log back into it; this one does not, so that programs find
/// what a killed one has left.
pub(crate) fn keep_log(connection: &Connection) {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
}

/// A message of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) customer: i64,
    pub(crate) is_email: bool,
    pub(crate) address: String,
    pub(crate) state: String,
    pub(crate) body: String,
    pub(crate) repeats: i64,
    pub(crate) reference: Option<String>,
}

impl Row {
    /// Rule C2.
    pub(crate) fn counts(&self) -> bool {
        ["sending", "sent", "handed_over", "uncertain"].contains(&self.state.as_str())
    }
}

impl House {
    pub(crate) fn new(full_practice: &Practice, setup: Setup) -> Self {
        let practice = Practice::copy_of(full_practice);
        let nothing = Trap::new(practice.path("termine.db"), Spring::Never, true);
        let at_once = setup.can_be_asked || setup.connections > 1;
        let (mail, texts) = (Peer::for_mail(&nothing, at_once), Peer::for_texts(&nothing));
        practice.sql(&format!(
            "UPDATE interface SET settings = '{}' WHERE kind = 'smtp'; UPDATE interface SET settings = '{}' WHERE kind = 'sms';",
            mail_settings(mail.port(), setup),
            gateway_settings(texts.port(), setup)
        ));
        let customers = customers_of(&practice);
        Self { practice, customers, mail, texts }
    }

    /// Starts a pass into a trap.
    pub(crate) fn start(&self, at: &str, spring: Spring, rest_arrives: bool) -> Running {
        let trap = Trap::new(self.practice.path("termine.db"), spring, rest_arrives);
        self.mail.set(&trap);
        self.texts.set(&trap);
        Running::start(&mut self.practice.command(&["--at", at, "--lang", "en"]), trap)
    }

    /// A pass into a trap; when this returns, the servers have read all that they will ever read of it.
    pub(crate) fn pass(&self, at: &str, spring: Spring, rest_arrives: bool) -> (Printed, Arc<Trap>) {
        let running = self.start(at, spring, rest_arrives);
        let trap = Arc::clone(&running.trap);
        let printed = running.finish();
        self.come_to_rest();
        (printed, trap)
    }

    pub(crate) fn come_to_rest(&self) {
        self.mail.come_to_rest();
        self.texts.come_to_rest();
    }

    /// A pass that nobody disturbs.
    pub(crate) fn quiet_pass(&self, at: &str) -> Printed {
        self.pass(at, Spring::Never, true).0
    }

    /// Whether the database has a log beside it.
    pub(crate) fn has_log(&self) -> bool {
        ["termine.db-wal", "termine.db-shm"].iter().any(|name| self.practice.path(name).exists())
    }

    pub(crate) fn ledger(&self) -> Vec<Row> {
        let connection = self.practice.connection();
        keep_log(&connection);
        // What follows a message that is being sent was certainly not handed over.
        let sql = "SELECT customer_id, channel = 'email', address,
                       iif(id IN (SELECT id FROM message_not_begun), 'not begun', state), body, repeats, reference
                   FROM message ORDER BY id";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| {
            Ok(Row {
                customer: row.get(0)?,
                is_email: row.get(1)?,
                address: row.get(2)?,
                state: row.get(3)?,
                body: row.get(4)?,
                repeats: row.get(5)?,
                reference: row.get(6)?,
            })
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// What the servers took, by its address without a plus.
    pub(crate) fn taken(&self) -> BTreeMap<String, Vec<Taken>> {
        let mut taken: BTreeMap<String, Vec<Taken>> = BTreeMap::new();
        for one in self.mail.taken().into_iter().chain(self.texts.taken()) {
            taken.entry(one.to.clone()).or_default().push(one);
        }
        taken
    }
}

/// What is wrong between the ledger and what the servers took, and how it came out.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Balance {
    pub(crate) problems: Vec<String>,
    /// Customers who were told nothing, and of whom nobody says that it is uncertain.
    pub(crate) lost: usize,
    /// E-mails that were taken a second time.
    pub(crate) repeated: usize,
    /// Messages that nobody can tell of.
    pub(crate) uncertain: usize,
}

impl Balance {
    /// Compares, after the pass that followed a kill. `in_use` is the number of connections to each
    /// server.
    pub(crate) fn of(house: &House, in_use: usize) -> Self {
        let mut balance = Self::default();
        let (ledger, taken) = (house.ledger(), house.taken());
        for customer in 1..=i64::try_from(house.customers).unwrap() {
            let rows: Vec<&Row> = ledger.iter().filter(|row| row.customer == customer && row.counts()).collect();
            let [row] = rows[..] else {
                balance.lost += 1;
                balance.problems.push(format!("customer {customer} has {} counting messages", rows.len()));
                continue;
            };
            let copies = taken.get(row.address.trim_start_matches('+')).map_or(&[][..], Vec::as_slice);
            balance.look_at(row, copies);
        }
        let uncertain = |email: bool| ledger.iter().filter(|row| row.is_email == email && row.repeats > 0).count();
        if uncertain(true) > in_use || balance.repeated > in_use || balance.uncertain > in_use {
            balance.problems.push(format!("more than {in_use} of unknown fate: {balance:?}"));
        }
        let unknown = taken.values().flatten().find(|one| !ledger.iter().any(|row| is_of(row, one)));
        if let Some(unknown) = unknown {
            let row = ledger.iter().find(|row| row.reference.as_ref() == Some(&unknown.reference));
            balance.problems.push(format!("{unknown:?} was taken, and the ledger does not know it: {row:?}"));
        }
        balance
    }

    fn look_at(&mut self, row: &Row, copies: &[Taken]) {
        match (row.state.as_str(), copies.len()) {
            ("sent", 1) => {}
            ("sent", 2) if row.is_email && row.repeats == 1 => {
                self.repeated += 1;
                if copies[0].whole != copies[1].whole {
                    self.problems.push(format!("the second e-mail to {} is another one", row.address));
                }
            }
            ("uncertain", 0 | 1) if !row.is_email => self.uncertain += 1,
            ("sent", 0) => {
                self.lost += 1;
                self.problems.push(format!("{} counts as told, and nobody took it", row.address));
            }
            (state, taken) => self.problems.push(format!("{} is {state}, and was taken {taken} times", row.address)),
        }
    }
}

/// Whether a server took exactly what the ledger says.
fn is_of(row: &Row, taken: &Taken) -> bool {
    let same_name = row.reference.as_ref().is_none_or(|reference| *reference == taken.reference);
    row.address.trim_start_matches('+') == taken.to && same_name && row.body.trim_end() == taken.text.trim_end()
}

/// Checks that an undisturbed evening works at all; otherwise nothing below means anything.
#[test]
fn an_undisturbed_pass_tells_everybody_once() {
    let template = full_practice();
    for setup in [Setup { connections: 1, can_be_asked: true }, Setup { connections: 4, can_be_asked: false }] {
        let house = House::new(&template, setup);
        let printed = house.quiet_pass(EVENING);
        assert_eq!(printed.status, 0, "{printed}");
        assert_eq!(Balance::of(&house, 0), Balance::default());
        assert_eq!(
            (house.mail.most_connections(), house.texts.most_connections()),
            (setup.connections, setup.connections)
        );
        let again = house.quiet_pass(LATER);
        assert_eq!((again.status, house.mail.taken().len() + house.texts.taken().len()), (0, CUSTOMERS), "{again}");
    }
}
