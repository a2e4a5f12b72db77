//! `smtp-sink` of Postfix takes the program's mails, and Python's parser and `icalendar` read them.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::mails::{Event, Mail, read};
use super::practice::{EVENING, Practice};
use super::server::{Server, free_ports, installed, python};

/// A running `smtp-sink` and the folder into which it writes.
struct Sink {
    port: u16,
    folder: TempDir,
    _server: Server,
}

impl Sink {
    /// Starts one; `None` where it or what reads its mails is not installed.
    fn start() -> Option<Self> {
        let program = installed("smtp-sink", &["/usr/sbin/smtp-sink", "/usr/bin/smtp-sink"])?;
        python()?;
        let [port] = free_ports();
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
            // It does not work for root itself, but wants to be told for whom.
            command.args(["-u", "nobody"]);
            std::fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        }
        command.args(["-d", "mail.", &format!("127.0.0.1:{port}"), "100"]).current_dir(folder.path());
        let mut server = Server::start(&mut command);
        server.wait_for_port(port);
        Some(Self { port, folder, _server: server })
    }

    /// Makes `practice` send its mails here.
    fn serve(&self, practice: &Practice) {
        practice.sql(&format!(
            r#"UPDATE interface SET settings = '{{"transport": "smtp", "host": "127.0.0.1", "port": {}, "tls": "none",
               "from": "Optik Müller & Söhne <termine@example.de>"}}' WHERE kind = 'smtp'"#,
            self.port
        ));
    }

    fn mails(&self) -> Vec<Mail> {
        read(self.folder.path())
    }
}

/// What every mail of ours must have.
#[track_caller]
fn check_every(mails: &[Mail]) {
    let mut ids = BTreeSet::new();
    for mail in mails {
        assert_eq!(mail.to, [mail.recipient.as_str()]);
        assert_eq!(mail.from, "Optik Müller & Söhne <termine@example.de>");
        assert_eq!(mail.date, "2026-03-10T18:00:00+00:00");
        assert_eq!(mail.auto_submitted, "auto-generated");
        let id = mail.message_id.strip_prefix("<terminbote-").and_then(|id| id.strip_suffix("@example.de>"));
        assert!(id.is_some_and(|id| !id.is_empty()), "{}", mail.message_id);
        assert!(ids.insert(&mail.message_id), "twice: {}", mail.message_id);
        assert_eq!(mail.texts.len(), 1, "{mail:?}");
        for calendar in &mail.calendars {
            assert_eq!((calendar.content_type.as_str(), calendar.charset.as_str()), ("text/calendar", "utf-8"));
            assert_eq!((calendar.method.as_str(), calendar.own_method.as_str()), ("PUBLISH", "PUBLISH"));
            assert!(!calendar.events.is_empty() && Path::new(&calendar.name).extension().is_some_and(|e| e == "ics"));
        }
    }
}

#[test]
fn a_reminder_and_a_confirmation_arrive_as_they_were_meant() {
    let Some(sink) = Sink::start() else { return };
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 09:30").appointment(2, "2026-04-02 14:00");
    sink.serve(&practice);
    let printed = practice.pass(EVENING);
    assert_eq!(printed.status, 0, "{printed}");
    let mails = sink.mails();
    check_every(&mails);
    let chain = practice.query("SELECT DISTINCT state FROM message WHERE channel = 'email'");
    assert_eq!(chain, "sent");

    let (reminders, confirmations): (Vec<_>, Vec<_>) = mails.iter().partition(|mail| mail.calendars.is_empty());
    let ([reminder], [confirmation]) = (&reminders[..], &confirmations[..]) else { panic!("{mails:#?}") };
    for mail in [reminder, confirmation] {
        assert_eq!(mail.recipient, "renate@example.de");
        assert_eq!(mail.to_name, "Renate Weiß");
        assert_eq!(mail.reply_to, "hh@example.de");
        assert_eq!(mail.language, "de");
        assert!(mail.texts[0].contains("Frau Weiß") && mail.texts[0].contains("Hauptstraße 1"), "{}", mail.texts[0]);
    }
    assert_eq!(reminder.subject, "Ihr Termin am Mittwoch, 11.03.2026, um 09:30 Uhr");
    assert!(reminder.texts[0].contains("Mit freundlichen Grüßen"), "{}", reminder.texts[0]);
    let written = practice.query("SELECT subject FROM message WHERE kind = 'confirmation'");
    assert_eq!(confirmation.subject, written);

    let events = &confirmation.calendars[0].events;
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!(
        (event.start.as_str(), event.end.as_str(), event.stamp.as_str()),
        ("2026-04-02T12:00:00+00:00", "2026-04-02T12:30:00+00:00", "2026-03-10T18:00:00+00:00")
    );
    assert!(event.uid.contains('2') && !event.summary.is_empty(), "{event:?}");
}

#[test]
fn a_chains_hostile_names_and_long_texts_survive_the_way() {
    let Some(sink) = Sink::start() else { return };
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 09:30");
    sink.serve(&practice);
    let name = "Weiß, \"Bcc: x@example.de\" <y@example.de>; 🦷";
    let line = "Zeile mit Umlauten äöü, ohne ein Ende, ".repeat(40) + "Ende";
    practice.sql(&format!(
        "UPDATE customer SET last_name = '{name}';
         UPDATE document_template SET body = '.' || char(10) || 'From wem? {line}' || char(10) || '..' || char(10)
             || '{{{{ customer.last_name }}}}' || char(10) || '.' WHERE subject IS NOT NULL;"
    ));
    let printed = practice.pass(EVENING);
    assert_eq!(printed.status, 0, "{printed}");
    let mails = sink.mails();
    check_every(&mails);
    let mail = &mails[0];
    assert_eq!(mail.to, ["renate@example.de"]);
    assert_eq!(mail.to_name, format!("Renate {name}"));
    assert_eq!(mail.texts[0].trim_end(), format!(".\nFrom wem? {line}\n..\n{name}\n."));
}

#[test]
fn the_mails_of_the_demos_chain_are_taken_and_read() {
    let Some(sink) = Sink::start() else { return };
    let practice = Practice::new();
    practice.sql(include_str!("../../examples/demo.sql"));
    sink.serve(&practice);
    // Everything else stays in the folder: the settings of the demo write SMS into files.
    let printed = practice.pass(EVENING);
    assert_eq!(printed.status, 0, "{printed}");
    let mails = sink.mails();
    check_every(&mails);

    let sent = |columns: &str| {
        let order = "state = 'sent' AND channel = 'email' AND pass_id IS NOT NULL ORDER BY address, subject";
        practice.query(&format!("SELECT {columns} FROM message WHERE {order}"))
    };
    let found: Vec<_> = mails.iter().map(|mail| format!("{}|{}", mail.recipient, mail.subject)).collect();
    assert_eq!(found.join("\n"), sent("address, subject"));
    let confirmations = practice.query(
        "SELECT count(*) FROM message WHERE kind = 'confirmation' AND channel = 'email' AND pass_id IS NOT NULL",
    );
    let with_calendar = mails.iter().filter(|mail| !mail.calendars.is_empty()).count();
    assert!(with_calendar > 0, "the demo confirms appointments");
    assert_eq!(with_calendar.to_string(), confirmations);
    let languages: BTreeSet<_> = mails.iter().map(|mail| mail.language.as_str()).collect();
    assert_eq!(languages, BTreeSet::from(["de", "en"]));

    let events: Vec<&Event> =
        mails.iter().flat_map(|mail| &mail.calendars).flat_map(|calendar| &calendar.events).collect();
    let uids: BTreeSet<_> = events.iter().map(|event| &event.uid).collect();
    assert_eq!(uids.len(), events.len(), "no two appointments share an entry in a calendar: {events:#?}");
    let again = practice.pass(EVENING);
    assert_eq!((again.status, sink.mails().len()), (0, mails.len()), "{again}");
}
