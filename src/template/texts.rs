//! The texts that `init` puts in, as customers get them.

use rusqlite::Connection;

use super::samples::{full_customer, other_branch, sample_branch, sample_facts, sparse_branch, sparse_customer};
use super::*;

const TABLES: &str = "
    CREATE TABLE document_template (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, language TEXT, format TEXT NOT NULL, subject TEXT,
        body TEXT NOT NULL, UNIQUE (name, language)
    ) STRICT;
    CREATE TABLE contact_template (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE contact_template_channel (
        contact_template_id INTEGER NOT NULL, position INTEGER NOT NULL, channel TEXT NOT NULL,
        document_template TEXT NOT NULL, PRIMARY KEY (contact_template_id, position)
    ) STRICT;";

/// A database with `before` in its tables, then filled `times` times.
fn filled(before: &str, times: usize) -> Connection {
    let database = Connection::open_in_memory().unwrap();
    database.execute_batch(TABLES).unwrap();
    database.execute_batch(before).unwrap();
    for _ in 0..times {
        database.execute_batch(include_str!("../../sql/texts.sql")).unwrap();
    }
    database
}

fn texts(database: &Connection) -> Vec<DocumentTemplate> {
    let mut query = database
        .prepare("SELECT id, name, language, format, subject, body FROM document_template ORDER BY id")
        .unwrap();
    let rows = query.query_map((), |row| {
        Ok(DocumentTemplate {
            id: row.get(0)?,
            name: row.get(1)?,
            language: row.get(2)?,
            format: Format::from_word(&row.get::<_, String>(3)?).unwrap(),
            subject: row.get(4)?,
            body: row.get(5)?,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn channels(database: &Connection) -> Vec<String> {
    let mut query = database
        .prepare(
            "SELECT c.name || ' ' || position || ' ' || channel || ' ' || document_template
             FROM contact_template c LEFT JOIN contact_template_channel ON contact_template_id = c.id ORDER BY 1",
        )
        .unwrap();
    let rows = query.query_map((), |row| row.get(0));
    rows.unwrap().map(Result::unwrap).collect()
}

/// The text of `name` as a customer gets it, with one appointment and with three.
fn shown(name: &str, language: &str, calendar_attached: bool) -> String {
    let texts = texts(&filled("", 1));
    let text = choose(&texts, name, Some(language)).unwrap();
    let (customer, mitte, nord) = (full_customer(), sample_branch(), other_branch());
    let of = |branches: &[&crate::model::Branch]| {
        let facts = Facts { calendar_attached, ..sample_facts(&customer, branches) };
        let Rendered { subject, body, language } = render(text, &facts, "de").unwrap();
        let subject = subject.map(|subject| format!(" {subject}")).unwrap_or_default();
        format!("[{language}]{subject}\n\n{body}")
    };
    format!("{}\n\n--------\n\n{}", of(&[&mitte]), of(&[&mitte, &nord, &mitte]))
}

#[test]
fn a_moved_appointment_is_called_one_in_every_text() {
    let texts = texts(&filled("", 1));
    let (customer, mitte) = (full_customer(), sample_branch());
    // One of another start than was told; and two, of which the second alone is.
    let lines = texts.iter().flat_map(|text| {
        [(0, vec![&mitte]), (1, vec![&mitte, &mitte])].map(|(moved, branches)| {
            let written = |moved_from| {
                let mut facts = sample_facts(&customer, &branches);
                facts.appointments[moved].moved_from = moved_from;
                let Rendered { subject, body, .. } = render(text, &facts, "de").unwrap();
                format!("{}\n{body}", subject.unwrap_or_default())
            };
            let (before, after) = (written(None), written(crate::zone::parse_stored("2026-03-09 16:15")));
            let changed = after.lines().filter(|line| !before.lines().any(|other| other == *line));
            format!("{} {}\n{}\n", text.name, branches.len(), changed.collect::<Vec<_>>().join("\n"))
        })
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"
    Terminerinnerung E-Mail 1
    Dienstag, 10.03.2026, 10:30 Uhr (verlegt, bisher Mo, 09.03., 16:15 Uhr)

    Terminerinnerung E-Mail 2
    Donnerstag, 12.03.2026, 10:45 Uhr (verlegt, bisher Mo, 09.03., 16:15 Uhr)

    Terminerinnerung E-Mail 1
    Tuesday, 10 March 2026, 10:30 (moved from Mon 9 Mar, 16:15)

    Terminerinnerung E-Mail 2
    Thursday, 12 March 2026, 10:45 (moved from Mon 9 Mar, 16:15)

    Terminerinnerung SMS 1
    Guten Tag, Ihr Termin ist verlegt: Dienstag, 10.03.2026, 10:30 Uhr. Praxis am Markt. Verhindert? Bitte Tel. 030 23125 001

    Terminerinnerung SMS 2
    Guten Tag, wir erinnern an Ihre Termine: Di 10.03.2026, 10:30 Uhr; Do 12.03.2026, 10:45 Uhr (verlegt). Praxis am Markt. Verhindert? Bitte Tel. 030 23125 001

    Terminerinnerung SMS 1
    Hello, your appointment has been moved: Tuesday, 10 March 2026, 10:30. Praxis am Markt. Unable to come? Please call 030 23125 001

    Terminerinnerung SMS 2
    Hello, a reminder of your appointments: Tue 10 March 2026, 10:30; Thu 12 March 2026, 10:45 (moved). Praxis am Markt. Unable to come? Please call 030 23125 001

    Terminerinnerung Brief 1
    Dienstag, den 10. März 2026, um 10:30 Uhr (verlegt, bisher Mo, 09.03., 16:15 Uhr)

    Terminerinnerung Brief 2
    Donnerstag, den 12. März 2026, um 10:45 Uhr (verlegt, bisher Mo, 09.03., 16:15 Uhr)

    Terminerinnerung Brief 1
    Tuesday, 10 March 2026, at 10:30 (moved from Mon 9 Mar, 16:15)

    Terminerinnerung Brief 2
    Thursday, 12 March 2026, at 10:45 (moved from Mon 9 Mar, 16:15)

    Terminerinnerung Telefon 1
    Dienstag, 10. März, um 10:30 Uhr, verlegt von Montag, 9. März, 16:15 Uhr, Praxis am Markt, Marktstraße 12, 10115 Berlin.

    Terminerinnerung Telefon 2
    Donnerstag, 12. März, um 10:45 Uhr, verlegt von Montag, 9. März, 16:15 Uhr, Praxis am Markt, Marktstraße 12, 10115 Berlin.

    Terminerinnerung Telefon 1
    Tuesday, 10 March, at 10:30, moved from Monday, 9 March, 16:15, Praxis am Markt, Marktstraße 12, 10115 Berlin.

    Terminerinnerung Telefon 2
    Thursday, 12 March, at 10:45, moved from Monday, 9 March, 16:15, Praxis am Markt, Marktstraße 12, 10115 Berlin.

    Terminbestätigung 1
    Ihr Termin ist verlegt auf Dienstag, 10.03.2026
    Dienstag, 10.03.2026, 10:30 Uhr (verlegt, bisher Mo, 09.03., 16:15 Uhr)

    Terminbestätigung 2
    Donnerstag, 12.03.2026, 10:45 Uhr (verlegt, bisher Mo, 09.03., 16:15 Uhr)

    Terminbestätigung 1
    Your appointment has been moved to Tuesday, 10 March 2026
    Tuesday, 10 March 2026, 10:30 (moved from Mon 9 Mar, 16:15)

    Terminbestätigung 2
    Thursday, 12 March 2026, 10:45 (moved from Mon 9 Mar, 16:15)
    ");
}

#[test]
fn the_reminder_by_email_in_german() {
    insta::assert_snapshot!(shown("Terminerinnerung E-Mail", "de", false), @"
    [de] Ihr Termin am Dienstag, 10.03.2026, um 10:30 Uhr

    Guten Tag Frau Weiß,

    wir freuen uns auf Ihren Besuch und möchten Sie an Ihren Termin erinnern:

    Dienstag, 10.03.2026, 10:30 Uhr
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    Können Sie den Termin nicht wahrnehmen? Dann sagen Sie uns bitte so früh wie möglich Bescheid, damit wir einen neuen für Sie finden.
    Sie erreichen uns telefonisch unter 030 23125 001 oder per E-Mail an markt@example.de.

    Mit freundlichen Grüßen
    Ihr Team
    Praxis am Markt

    --------

    [de] Ihre Termine ab Dienstag, 10.03.2026

    Guten Tag Frau Weiß,

    wir freuen uns auf Ihren Besuch und möchten Sie an Ihre Termine erinnern:

    Dienstag, 10.03.2026, 10:30 Uhr
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    Donnerstag, 12.03.2026, 10:45 Uhr
    Praxis Nord, Nordring 5, 10115 Berlin

    Samstag, 14.03.2026, 11:00 Uhr
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    Können Sie einen der Termine nicht wahrnehmen? Dann sagen Sie uns bitte so früh wie möglich Bescheid, damit wir einen neuen für Sie finden.
    Sie erreichen uns telefonisch unter 030 23125 001 oder per E-Mail an markt@example.de.

    Mit freundlichen Grüßen
    Ihr Team
    Praxis am Markt
    ");
}

#[test]
fn the_reminder_by_email_in_english() {
    insta::assert_snapshot!(shown("Terminerinnerung E-Mail", "en", false), @"
    [en] Your appointment on Tuesday, 10 March 2026, at 10:30

    Dear Renate Weiß,

    We look forward to your visit and would like to remind you of your appointment:

    Tuesday, 10 March 2026, 10:30
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    If you are unable to come, please let us know as early as you can, so that we can find another time for you.
    You can call us on 030 23125 001 or write to markt@example.de.

    Kind regards
    Your team
    Praxis am Markt

    --------

    [en] Your appointments from Tuesday, 10 March 2026

    Dear Renate Weiß,

    We look forward to your visit and would like to remind you of your appointments:

    Tuesday, 10 March 2026, 10:30
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    Thursday, 12 March 2026, 10:45
    Praxis Nord, Nordring 5, 10115 Berlin

    Saturday, 14 March 2026, 11:00
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    If you are unable to come to one of them, please let us know as early as you can, so that we can find another time for you.
    You can call us on 030 23125 001 or write to markt@example.de.

    Kind regards
    Your team
    Praxis am Markt
    ");
}

#[test]
fn the_reminder_by_sms_in_german() {
    insta::assert_snapshot!(shown("Terminerinnerung SMS", "de", false), @"
    [de]

    Guten Tag, wir erinnern an Ihren Termin: Dienstag, 10.03.2026, 10:30 Uhr. Praxis am Markt. Verhindert? Bitte Tel. 030 23125 001

    --------

    [de]

    Guten Tag, wir erinnern an Ihre Termine: Di 10.03.2026, 10:30 Uhr; Do 12.03.2026, 10:45 Uhr (Praxis Nord); Sa 14.03.2026, 11:00 Uhr. Praxis am Markt. Verhindert? Bitte Tel. 030 23125 001
    ");
}

#[test]
fn the_reminder_by_sms_in_english() {
    insta::assert_snapshot!(shown("Terminerinnerung SMS", "en", false), @"
    [en]

    Hello, a reminder of your appointment: Tuesday, 10 March 2026, 10:30. Praxis am Markt. Unable to come? Please call 030 23125 001

    --------

    [en]

    Hello, a reminder of your appointments: Tue 10 March 2026, 10:30; Thu 12 March 2026, 10:45 (Praxis Nord); Sat 14 March 2026, 11:00. Praxis am Markt. Unable to come? Please call 030 23125 001
    ");
}

#[test]
fn the_reminder_by_letter_in_german() {
    insta::assert_snapshot!(shown("Terminerinnerung Brief", "de", false), @"
    [de] Ihr Termin am Dienstag, 10.03.2026

    Guten Tag Frau Weiß,

    mit diesem Brief möchten wir Sie an Ihren Termin bei uns erinnern:

    Dienstag, den 10. März 2026, um 10:30 Uhr
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    Sollten Sie den Termin nicht wahrnehmen können, geben Sie uns bitte rechtzeitig Bescheid, gern telefonisch unter 030 23125 001. Wir finden dann gemeinsam einen neuen.

    Wir freuen uns auf Ihren Besuch.

    Mit freundlichen Grüßen
    Ihr Team
    Praxis am Markt

    --------

    [de] Ihre Termine ab Dienstag, 10.03.2026

    Guten Tag Frau Weiß,

    mit diesem Brief möchten wir Sie an Ihre Termine bei uns erinnern:

    Dienstag, den 10. März 2026, um 10:30 Uhr
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    Donnerstag, den 12. März 2026, um 10:45 Uhr
    Praxis Nord, Nordring 5, 10115 Berlin

    Samstag, den 14. März 2026, um 11:00 Uhr
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    Sollten Sie einen der Termine nicht wahrnehmen können, geben Sie uns bitte rechtzeitig Bescheid, gern telefonisch unter 030 23125 001. Wir finden dann gemeinsam einen neuen.

    Wir freuen uns auf Ihren Besuch.

    Mit freundlichen Grüßen
    Ihr Team
    Praxis am Markt
    ");
}

#[test]
fn the_reminder_by_letter_in_english() {
    insta::assert_snapshot!(shown("Terminerinnerung Brief", "en", false), @"
    [en] Your appointment on Tuesday, 10 March 2026

    Dear Renate Weiß,

    With this letter we would like to remind you of your appointment with us:

    Tuesday, 10 March 2026, at 10:30
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    If you are unable to come, please let us know in good time, by telephone on 030 23125 001 if you like. We will gladly find another time together.

    We look forward to your visit.

    Kind regards
    Your team
    Praxis am Markt

    --------

    [en] Your appointments from Tuesday, 10 March 2026

    Dear Renate Weiß,

    With this letter we would like to remind you of your appointments with us:

    Tuesday, 10 March 2026, at 10:30
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    Thursday, 12 March 2026, at 10:45
    Praxis Nord, Nordring 5, 10115 Berlin

    Saturday, 14 March 2026, at 11:00
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    If you are unable to come to one of them, please let us know in good time, by telephone on 030 23125 001 if you like. We will gladly find another time together.

    We look forward to your visit.

    Kind regards
    Your team
    Praxis am Markt
    ");
}

#[test]
fn the_reminder_by_phone_in_german() {
    insta::assert_snapshot!(shown("Terminerinnerung Telefon", "de", false), @"
    [de]

    „Guten Tag, hier ist Praxis am Markt. Spreche ich mit Renate Weiß?“

    Nur wenn ja, sonst bitte ohne Angaben zum Termin um Rückruf bitten:

    „Ich möchte Sie an Ihren Termin bei uns erinnern:
    Dienstag, 10. März, um 10:30 Uhr, Praxis am Markt, Marktstraße 12, 10115 Berlin.
    Passt Ihnen das? Wir freuen uns auf Sie.“

    --------

    [de]

    „Guten Tag, hier ist Praxis am Markt. Spreche ich mit Renate Weiß?“

    Nur wenn ja, sonst bitte ohne Angaben zum Termin um Rückruf bitten:

    „Ich möchte Sie an Ihre Termine bei uns erinnern:
    Dienstag, 10. März, um 10:30 Uhr, Praxis am Markt, Marktstraße 12, 10115 Berlin.
    Donnerstag, 12. März, um 10:45 Uhr, Praxis Nord, Nordring 5, 10115 Berlin.
    Samstag, 14. März, um 11:00 Uhr, Praxis am Markt, Marktstraße 12, 10115 Berlin.
    Passen Ihnen alle Termine? Wir freuen uns auf Sie.“
    ");
}

#[test]
fn the_reminder_by_phone_in_english() {
    insta::assert_snapshot!(shown("Terminerinnerung Telefon", "en", false), @"
    [en]

    “Hello, this is Praxis am Markt. Am I speaking to Renate Weiß?”

    Only if so; otherwise please ask for a call back without saying anything about the appointment:

    “I would like to remind you of your appointment with us:
    Tuesday, 10 March, at 10:30, Praxis am Markt, Marktstraße 12, 10115 Berlin.
    Does that suit you? We look forward to seeing you.”

    --------

    [en]

    “Hello, this is Praxis am Markt. Am I speaking to Renate Weiß?”

    Only if so; otherwise please ask for a call back without saying anything about the appointment:

    “I would like to remind you of your appointments with us:
    Tuesday, 10 March, at 10:30, Praxis am Markt, Marktstraße 12, 10115 Berlin.
    Thursday, 12 March, at 10:45, Praxis Nord, Nordring 5, 10115 Berlin.
    Saturday, 14 March, at 11:00, Praxis am Markt, Marktstraße 12, 10115 Berlin.
    Do all of these suit you? We look forward to seeing you.”
    ");
}

#[test]
fn the_confirmation_in_german() {
    insta::assert_snapshot!(shown("Terminbestätigung", "de", true), @"
    [de] Bestätigung Ihres Termins am Dienstag, 10.03.2026

    Guten Tag Frau Weiß,

    gern bestätigen wir Ihnen Ihren Termin:

    Dienstag, 10.03.2026, 10:30 Uhr
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    Die angehängte Kalenderdatei übernimmt den Termin in Ihren Kalender, wenn Sie sie öffnen.

    Möchten Sie den Termin ändern oder absagen? Dann sagen Sie uns bitte rechtzeitig Bescheid.
    Sie erreichen uns telefonisch unter 030 23125 001 oder per E-Mail an markt@example.de.

    Wir freuen uns auf Ihren Besuch.

    Mit freundlichen Grüßen
    Ihr Team
    Praxis am Markt

    --------

    [de] Bestätigung Ihrer 3 Termine

    Guten Tag Frau Weiß,

    gern bestätigen wir Ihnen Ihre Termine:

    Dienstag, 10.03.2026, 10:30 Uhr
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    Donnerstag, 12.03.2026, 10:45 Uhr
    Praxis Nord, Nordring 5, 10115 Berlin

    Samstag, 14.03.2026, 11:00 Uhr
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    Die angehängte Kalenderdatei übernimmt die Termine in Ihren Kalender, wenn Sie sie öffnen.

    Möchten Sie einen der Termine ändern oder absagen? Dann sagen Sie uns bitte rechtzeitig Bescheid.
    Sie erreichen uns telefonisch unter 030 23125 001 oder per E-Mail an markt@example.de.

    Wir freuen uns auf Ihren Besuch.

    Mit freundlichen Grüßen
    Ihr Team
    Praxis am Markt
    ");
}

#[test]
fn the_confirmation_in_english() {
    insta::assert_snapshot!(shown("Terminbestätigung", "en", true), @"
    [en] Confirmation of your appointment on Tuesday, 10 March 2026

    Dear Renate Weiß,

    We are pleased to confirm your appointment:

    Tuesday, 10 March 2026, 10:30
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    The attached calendar file adds the appointment to your calendar when you open it.

    If you would like to change or cancel it, please let us know in good time.
    You can call us on 030 23125 001 or write to markt@example.de.

    We look forward to your visit.

    Kind regards
    Your team
    Praxis am Markt

    --------

    [en] Confirmation of your 3 appointments

    Dear Renate Weiß,

    We are pleased to confirm your appointments:

    Tuesday, 10 March 2026, 10:30
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    Thursday, 12 March 2026, 10:45
    Praxis Nord, Nordring 5, 10115 Berlin

    Saturday, 14 March 2026, 11:00
    Praxis am Markt, Marktstraße 12, 10115 Berlin

    The attached calendar file adds the appointments to your calendar when you open it.

    If you would like to change or cancel one of them, please let us know in good time.
    You can call us on 030 23125 001 or write to markt@example.de.

    We look forward to your visit.

    Kind regards
    Your team
    Praxis am Markt
    ");
}

#[test]
fn a_confirmation_without_a_calendar_file_does_not_mention_one() {
    assert!(!shown("Terminbestätigung", "de", false).contains("Kalender"));
    assert!(!shown("Terminbestätigung", "en", false).contains("calendar"));
}

#[test]
fn nothing_is_left_open_where_the_practice_knows_only_the_appointment() {
    let texts = texts(&filled("", 1));
    let (customer, branch) = (sparse_customer(), sparse_branch());
    let text = choose(&texts, "Terminerinnerung E-Mail", None).unwrap();
    let rendered = render(text, &sample_facts(&customer, &[&branch]), "de").unwrap();
    insta::assert_snapshot!(rendered.body, @"
    Guten Tag,

    wir freuen uns auf Ihren Besuch und möchten Sie an Ihren Termin erinnern:

    Dienstag, 10.03.2026, 10:30 Uhr
    Praxis am Markt

    Können Sie den Termin nicht wahrnehmen? Dann sagen Sie uns bitte so früh wie möglich Bescheid, damit wir einen neuen für Sie finden.

    Mit freundlichen Grüßen
    Ihr Team
    Praxis am Markt
    ");
}

#[test]
fn every_text_is_without_fault_in_its_languages_and_names_no_type() {
    let texts = texts(&filled("", 1));
    assert_eq!(texts.len(), 10);
    let (customer, branch) = (full_customer(), sample_branch());
    for text in &texts {
        assert_eq!(check(text, "de"), [], "{} {:?}", text.name, text.language);
        assert!(!text.body.contains("type") && !text.subject.as_deref().unwrap_or_default().contains("type"));
        let rendered = render(text, &sample_facts(&customer, &[&branch, &branch]), "de").unwrap();
        assert!(!rendered.body.contains("\n\n\n"), "{}", rendered.body);
        assert!(choose(&texts, &text.name, None).is_some_and(|text| text.language.is_none()), "rule F8");
    }
}

#[test]
fn a_text_message_is_one_segment_for_usual_names() {
    // What a usual name needs of the GSM alphabet; each counts once.
    let of_gsm = |c: char| c.is_ascii_alphanumeric() || " .,:;?()/+-äöüÄÖÜßé".contains(c);
    let texts = texts(&filled("", 1));
    let customer = full_customer();
    let mut branch = sample_branch();
    branch.name = "Praxis für Ergotherapie Ö".into();
    assert_eq!(branch.name.chars().count(), 25);
    branch.phone = Some("+49 30 23125 00123".into());
    for language in ["de", "en"] {
        let text = choose(&texts, "Terminerinnerung SMS", Some(language)).unwrap();
        let mut facts = sample_facts(&customer, &[&branch]);
        // A Thursday, and a Wednesday in September: the longest names.
        for day in [chrono::Duration::days(2), chrono::Duration::days(190)] {
            facts.appointments[0].start += day;
            let body = render(text, &facts, "de").unwrap().body;
            assert!(body.chars().all(of_gsm), "{body}");
            assert!(body.chars().count() <= 160, "{} characters: {body}", body.chars().count());
        }
    }
}

#[test]
fn filling_twice_changes_nothing() {
    let (once, twice) = (filled("", 1), filled("", 2));
    assert_eq!(texts(&once), texts(&twice));
    assert_eq!(channels(&once), channels(&twice));
    assert_eq!(
        channels(&twice),
        ["Terminerinnerung 1 email Terminerinnerung E-Mail", "Terminerinnerung 2 sms Terminerinnerung SMS"]
    );
}

#[test]
fn what_the_practice_has_written_stays_as_it_is() {
    let own = "
        INSERT INTO document_template (id, name, language, format, subject, body)
            VALUES (70, 'Terminerinnerung SMS', NULL, 'plain_text', NULL, 'Unser Text'),
                   (71, 'Terminerinnerung SMS', 'en', 'plain_text', NULL, 'Our text');
        INSERT INTO contact_template (id, name) VALUES (5, 'Terminerinnerung');
        INSERT INTO contact_template_channel VALUES (5, 1, 'sms', 'Terminerinnerung SMS');";
    let database = filled(own, 2);
    let texts = texts(&database);
    assert_eq!(texts.len(), 10);
    assert_eq!(choose(&texts, "Terminerinnerung SMS", None).unwrap().body, "Unser Text");
    assert_eq!(choose(&texts, "Terminerinnerung SMS", Some("en")).unwrap().body, "Our text");
    assert_eq!(channels(&database), ["Terminerinnerung 1 sms Terminerinnerung SMS"]);
}
