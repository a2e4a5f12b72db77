//! Postfix itself, as it stands behind many a practice's provider: it refuses what is sent out of turn.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Command;

use super::practice::{EVENING, Practice};
use super::server::{Server, free_ports, installed};

/// A running Postfix with a queue of its own, which takes mails for `example.de` and drops them.
struct Postfix {
    port: u16,
    server: Server,
    _folder: tempfile::TempDir,
}

impl Postfix {
    /// Starts one with more `settings`; `None` where it is not installed, or not started by root.
    fn start(settings: &str) -> Option<Self> {
        let master = installed("Postfix", &["/usr/lib/postfix/sbin/master", "/usr/libexec/postfix/master"])?;
        if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
            eprintln!("left out: only root can start Postfix");
            return None;
        }
        let [port] = free_ports();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        // Its parts work for other users.
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        std::fs::create_dir(folder.path().join("queue")).unwrap();
        std::fs::write(folder.path().join("main.cf"), main_settings(path, settings)).unwrap();
        std::fs::write(folder.path().join("master.cf"), services(port)).unwrap();
        let check = Command::new("/usr/sbin/postfix").args(["-c", path, "check"]).output().unwrap();
        assert!(check.status.success(), "{check:?}");
        let mut server = Server::start_talking(Command::new(master).args(["-c", path, "-s"]));
        server.wait_for_port(port);
        // The connection by which that was seen is one of those that it counts.
        server.wait_for(" disconnect from ");
        Some(Self { port, server, _folder: folder })
    }

    /// What it says until it has delivered so many mails and all connections are closed.
    fn says_until(&self, delivered: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let number = |lines: &[String], words: &str| lines.iter().filter(|line| line.contains(words)).count();
        while number(&lines, "status=sent") < delivered
            || number(&lines, " connect from ") > number(&lines, " disconnect from ")
        {
            lines.push(self.server.wait_for(""));
        }
        lines
    }
}

fn main_settings(folder: &str, more: &str) -> String {
    format!(
        "compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = /dev/stdout
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.de
mydestination = example.de
local_recipient_maps =
local_transport = discard:
alias_maps =
{more}
"
    )
}

/// Those of its services that a mail to be dropped goes through.
fn services(port: u16) -> String {
    format!(
        "127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"
    )
}

/// The address of a customer.
fn address(id: i64) -> String {
    format!("kundin{id}@example.de")
}

/// Makes Postfix refuse these.
fn refusing(addresses: &[String]) -> String {
    let entries: Vec<_> =
        addresses.iter().map(|address| format!("{{{address} = 550 5.1.1 no such mailbox}}")).collect();
    format!(
        "smtpd_recipient_restrictions = check_recipient_access inline:{{{}}}, permit_mynetworks, reject",
        entries.join(", ")
    )
}

/// A practice that reminds so many customers by e-mail, numbered from 101 on.
fn practice(customers: i64, postfix: &Postfix) -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().mail_by_port(postfix.port).setting(2, "connections", "4").sql(&format!(
        "WITH RECURSIVE number (id) AS (SELECT 101 UNION ALL SELECT id + 1 FROM number WHERE id < 100 + {customers})
         INSERT INTO customer (id, first_name, last_name, email)
         SELECT id, 'Renate', 'Weiß', 'kundin' || id || '@example.de' FROM number;
         INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
         SELECT id, 1, id, 1, '2026-03-11 09:30', '2026-03-11 10:00' FROM customer WHERE id > 100;"
    ));
    practice
}

/// How many messages by e-mail are in which state.
fn states(practice: &Practice) -> String {
    practice.query("SELECT state, count(*) FROM message WHERE channel = 'email' GROUP BY state")
}

/// How many mails Postfix has delivered, and to how many addresses.
fn delivered(log: &[String]) -> (usize, usize) {
    let delivered = log.iter().filter(|line| line.contains("status=sent"));
    let recipients: Vec<_> = delivered.filter_map(|line| line.split_once("to=<")?.1.split_once('>')).collect();
    (recipients.len(), recipients.iter().map(|(recipient, _)| recipient).collect::<BTreeSet<_>>().len())
}

#[test]
fn a_real_mail_server_takes_every_mail_once_though_the_next_one_is_announced_before_its_turn() {
    let gone: Vec<_> = (101..=300).step_by(10).map(address).collect();
    // After the answer to a mail, and behind its text.
    for pipelining in ["\"message\"", "\"next\""] {
        let Some(postfix) = Postfix::start(&refusing(&gone)) else { return };
        let practice = practice(200, &postfix);
        practice.setting(2, "pipelining", pipelining);
        let printed = practice.pass(EVENING);
        assert_eq!(printed.status, 1, "{printed}");
        assert_eq!(states(&practice), "failed|20\nsent|180");

        let log = postfix.says_until(180);
        assert_eq!(delivered(&log), (180, 180));
        let complaints: Vec<_> = log
            .iter()
            .filter(|line| ["warning", "improper", "lost connection"].iter().any(|word| line.contains(word)))
            .collect();
        assert!(complaints.is_empty(), "{pipelining}: {complaints:#?}");
    }
}

#[test]
fn a_server_that_takes_fewer_connections_at_once_gets_every_mail_over_those() {
    let limit = "smtpd_client_connection_count_limit = 2\nsmtpd_client_event_limit_exceptions =";
    let Some(postfix) = Postfix::start(limit) else { return };
    let practice = practice(40, &postfix);
    let printed = practice.pass(EVENING);
    assert_eq!(printed.status, 0, "{printed}");
    assert_eq!(states(&practice), "sent|40");
    let said = "2 instead of 4: “the server takes no connection: 421 4.7.0 mail.example.de Error: too many connections";
    assert!(printed.words().contains(said), "{printed}");
}

#[test]
fn addresses_that_are_gone_one_after_another_cost_their_connections_and_nobody_else() {
    let gone: Vec<_> = (101..=140).map(address).collect();
    let settings = format!("smtpd_error_sleep_time = 0\nsmtpd_hard_error_limit = 5\n{}", refusing(&gone));
    let Some(postfix) = Postfix::start(&settings) else { return };
    let practice = practice(100, &postfix);
    let printed = practice.pass(EVENING);
    assert_eq!(printed.status, 1, "{printed}");
    assert_eq!(states(&practice), "failed|40\nsent|60");
    let log = postfix.says_until(60);
    assert!(log.iter().any(|line| line.contains("too many errors")), "{log:#?}");
    assert_eq!(delivered(&log), (60, 60));
}
