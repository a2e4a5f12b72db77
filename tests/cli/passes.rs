//! Real passes into files: what customers get, what the record says, and what the reports say.

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice};

/// Renate Weiß has an appointment tomorrow, Kai Sommer one in May and no e-mail for the first.
fn two_customers() -> Practice {
    let practice = Practice::ready();
    practice.customer(8, "Kai", "kai@example.de").appointment(4711, "2026-03-11 10:00");
    practice.appointment_of(8, 4712, "2026-05-04 09:30").appointment_of(8, 4713, "2026-05-11 09:30");
    practice
}

#[test]
fn a_reminder_by_mail_is_a_whole_and_proper_mail() {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(4711, "2026-03-11 10:00");
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_snapshot!(practice.contents("mail"), @r#"
    From: "Optik Muster" <termine@example.de>
    To: =?utf-8?b?UmVuYXRlIFdlacOf?= <renate@example.de>
    Reply-To: hh@example.de
    Subject: Ihr Termin am Mittwoch, 11.03.2026, um 10:00 Uhr
    Date: Tue, 10 Mar 2026 18:00:00 +0000
    Message-ID: <terminbote-1-IDENTITY@example.de>
    Auto-Submitted: auto-generated
    Content-Language: de
    MIME-Version: 1.0
    Content-Type: text/plain; charset=utf-8
    Content-Transfer-Encoding: quoted-printable

    Guten Tag Frau Wei=C3=9F,

    wir freuen uns auf Ihren Besuch und m=C3=B6chten Sie an Ihren Termin erinne=
    rn:

    Mittwoch, 11.03.2026, 10:00 Uhr
    Optik Muster, Hauptstra=C3=9Fe 1, 20095 Hamburg

    K=C3=B6nnen Sie den Termin nicht wahrnehmen? Dann sagen Sie uns bitte so fr=
    =C3=BCh wie m=C3=B6glich Bescheid, damit wir einen neuen f=C3=BCr Sie finde=
    n.
    Sie erreichen uns telefonisch unter 040 66969 100 oder per E-Mail an hh@exa=
    mple.de.

    Mit freundlichen Gr=C3=BC=C3=9Fen
    Ihr Team
    Optik Muster
    "#);
    assert_snapshot!(practice.without_identity(&practice.files().join("\n")), @"
    mail/20260310T180000Z-terminbote-1-IDENTITY.eml
    termine.db
    termine.db.lock
    ");
}

#[test]
fn a_reminder_by_sms_is_a_file_with_number_reference_and_text() {
    let practice = Practice::ready();
    practice.sql("UPDATE customer SET preferred_contact = 'sms'").appointment(4711, "2026-03-11 10:00");
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_snapshot!(practice.contents("sms"), @"
    To: +4915228817386
    Date: 2026-03-10T18:00:00Z
    Reference: terminbote-1-IDENTITY

    Guten Tag, wir erinnern an Ihren Termin: Mittwoch, 11.03.2026, 10:00 Uhr. Optik Muster. Verhindert? Bitte Tel. 040 66969 100
    ");
}

#[test]
fn d4_a_confirmation_lists_all_appointments_and_carries_them_as_a_calendar_file() {
    let practice = two_customers();
    practice.sql("UPDATE appointment SET customer_id = NULL WHERE id = 4711");
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_snapshot!(practice.contents("mail"), @r#"
    From: "Optik Muster" <termine@example.de>
    To: "Kai Sommer" <kai@example.de>
    Reply-To: hh@example.de
    Subject: =?utf-8?b?QmVzdMOkdGlndW5n?= Ihrer 2 Termine
    Date: Tue, 10 Mar 2026 18:00:00 +0000
    Message-ID: <terminbote-1-IDENTITY@example.de>
    Auto-Submitted: auto-generated
    Content-Language: de
    MIME-Version: 1.0
    Content-Type: multipart/mixed;
     boundary="=_terminbote-1-IDENTITY"

    --=_terminbote-1-IDENTITY
    Content-Type: text/plain; charset=utf-8
    Content-Transfer-Encoding: quoted-printable

    Guten Tag Kai Sommer,

    gern best=C3=A4tigen wir Ihnen Ihre Termine:

    Montag, 04.05.2026, 09:30 Uhr
    Optik Muster, Hauptstra=C3=9Fe 1, 20095 Hamburg

    Montag, 11.05.2026, 09:30 Uhr
    Optik Muster, Hauptstra=C3=9Fe 1, 20095 Hamburg

    Die angeh=C3=A4ngte Kalenderdatei =C3=BCbernimmt die Termine in Ihren Kalen=
    der, wenn Sie sie =C3=B6ffnen.

    M=C3=B6chten Sie einen der Termine =C3=A4ndern oder absagen? Dann sagen Sie=
     uns bitte rechtzeitig Bescheid.
    Sie erreichen uns telefonisch unter 040 66969 100 oder per E-Mail an hh@exa=
    mple.de.

    Wir freuen uns auf Ihren Besuch.

    Mit freundlichen Gr=C3=BC=C3=9Fen
    Ihr Team
    Optik Muster
    --=_terminbote-1-IDENTITY
    Content-Type: text/calendar; charset=utf-8; method=PUBLISH;
     name="termine.ics"
    Content-Disposition: attachment; filename="termine.ics"
    Content-Transfer-Encoding: quoted-printable

    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//terminbote//terminbote//DE
    CALSCALE:GREGORIAN
    METHOD:PUBLISH
    BEGIN:VEVENT
    DTEND:20260504T080000Z
    DTSTAMP:20260310T180000Z
    DTSTART:20260504T073000Z
    LOCATION:Hauptstra=C3=9Fe 1\, 20095 Hamburg
    SEQUENCE:0
    SUMMARY:Termin Optik Muster
    UID:terminbote-4712@IDENTITY
    END:VEVENT
    BEGIN:VEVENT
    DTEND:20260511T080000Z
    DTSTAMP:20260310T180000Z
    DTSTART:20260511T073000Z
    LOCATION:Hauptstra=C3=9Fe 1\, 20095 Hamburg
    SEQUENCE:0
    SUMMARY:Termin Optik Muster
    UID:terminbote-4713@IDENTITY
    END:VEVENT
    END:VCALENDAR

    --=_terminbote-1-IDENTITY--
    "#);
}

#[test]
fn g1_both_histories_have_every_message() {
    let practice = two_customers();
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_snapshot!(
        practice.query("SELECT customer_id, at, kind, channel, address, subject, substr(body, 1, 20), state, error,
                          message_id FROM customer_history ORDER BY message_id"),
        @"
        7|2026-03-10T18:00:00Z|reminder|email|renate@example.de|Ihr Termin am Mittwoch, 11.03.2026, um 10:00 Uhr|Guten Tag Frau Weiß,|sent||1
        8|2026-03-10T18:00:00Z|confirmation|email|kai@example.de|Bestätigung Ihrer 2 Termine|Guten Tag Kai Sommer|sent||2
        "
    );
    assert_snapshot!(practice.query("SELECT * FROM appointment_history ORDER BY appointment_id"), @"
    4711|2026-03-10T18:00:00Z|reminder|email|renate@example.de|2026-03-11 10:00|sent||1
    4712|2026-03-10T18:00:00Z|confirmation|email|kai@example.de|2026-05-04 09:30|sent||2
    4713|2026-03-10T18:00:00Z|confirmation|email|kai@example.de|2026-05-11 09:30|sent||2
    ");
}

#[test]
fn the_record_of_a_pass_tells_when_where_and_how_many() {
    let practice = two_customers();
    practice.appointment(4714, "2026-03-11 12:00").sql("UPDATE appointment SET type_id = 2 WHERE id = 4714");
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_snapshot!(
        practice.query("SELECT id, at, result, exit_status, host, messages, sent, handed_over, failed, uncertain,
                          deferred, withdrawn, skipped, warnings FROM pass"),
        @"1|2026-03-10T18:00:00Z|complete|0|server|2|2|0|0|0|0|0|1|0"
    );
    assert_eq!(practice.query("SELECT finished_at >= at AND version <> '' FROM pass"), "1");
}

#[test]
fn the_report_as_text_tells_a_branch_what_went_out() {
    let practice = two_customers();
    practice.appointment(4714, "2026-03-11 12:00").sql("UPDATE appointment SET status = 'cancelled' WHERE id = 4714");
    assert_snapshot!(practice.run(&["--at", EVENING, "--lang", "de"]), @"
    Terminbenachrichtigung, Di., 10.03.2026, 19:00 (Europe/Berlin)
    Erinnerungen: Termine vor Mi., 11.03.2026, 20:00 (vorausschauend)
    Bestätigungen: Termine von Mi., 11.03.2026 bis Di., 30.06.2026

    Optik Muster (HH)
    -----------------
      Gesendet: 2 E-Mails
        - Mi., 11.03.2026, 10:00: Renate Weiß, E-Mail an r***@e***.de
        - Mo., 04.05.2026, 09:30: Kai Sommer, E-Mail an k***@e***.de, Bestätigung, 2
          Termine
      Nicht erinnert:
        - storniert: 1 Termin

    Zusammen: 2 Nachrichten (2 gesendet); 1 Termin ausgelassen.
    --- status 0
    ");
}

#[test]
fn the_report_as_json_is_the_object_of_the_contract() {
    let practice = two_customers();
    practice.sql("UPDATE document_template SET body = 'Bis bald!', subject = 'Termin' WHERE language IS NULL");
    practice.appointment(4714, "2026-03-11 12:00").sql("UPDATE appointment SET status = 'cancelled' WHERE id = 4714");
    assert_snapshot!(practice.run(&["--at", EVENING, "--format", "json"]), @r#"
    {"at": "2026-03-10T19:00:00+01:00", "dry_run": false,
    "result": "complete",
    "quiet_until": null,
    "reminder_window": {"until":"2026-03-11T20:00:00+01:00","look_ahead":true},
    "confirmation_window": {"from":"2026-03-11","to":"2026-06-30"},
    "messages": [
      {"kind":"reminder","customer_id":7,"channel":"email","address":"renate@example.de","appointments":[4711],"subject":"Termin","body":"Bis bald!","attachments":[],"sms_segments":null,"outcome":"sent","error":null,"message_id":1,"branch_id":1,"deferral":null},
      {"kind":"confirmation","customer_id":8,"channel":"email","address":"kai@example.de","appointments":[4712,4713],"subject":"Termin","body":"Bis bald!","attachments":[{"name":"termine.ics","content_type":"text/calendar; charset=utf-8; method=PUBLISH","bytes":595}],"sms_segments":null,"outcome":"sent","error":null,"message_id":2,"branch_id":1,"deferral":null}
    ],
    "skipped": [
      {"appointment_id":4714,"kind":"reminder","reason":"cancelled","detail":null,"start":"2026-03-11 12:00","customer_id":7}
    ],
    "warnings": [],
    "totals": {"messages":2,"planned":0,"sent":2,"handed_over":0,"failed":0,"uncertain":0,"deferred":0,"withdrawn":0,"skipped":1}}
    --- status 0
    "#);
}

#[test]
fn a_planned_and_a_real_pass_say_the_same_but_for_what_became_of_the_messages() {
    let practice = two_customers();
    let planned = practice.run(&["--at", EVENING, "--dry-run", "--format", "json"]);
    let real = practice.run(&["--at", EVENING, "--format", "json"]);
    let as_planned = real
        .stdout
        .replace("\"dry_run\": false", "\"dry_run\": true")
        .replace("\"outcome\":\"sent\"", "\"outcome\":\"planned\"")
        .replace("\"message_id\":1,", "\"message_id\":null,")
        .replace("\"message_id\":2,", "\"message_id\":null,")
        .replace("\"planned\":0,\"sent\":2", "\"planned\":2,\"sent\":0");
    // A look back says in a warning what it is.
    let (before, rest) = planned.stdout.split_once("\"warnings\": [").unwrap();
    let (warnings, after) = rest.split_once("],\n\"totals\"").unwrap();
    assert!(warnings.contains("present_data") && warnings.lines().count() == 2, "{warnings}");
    assert_eq!(as_planned, format!("{before}\"warnings\": [],\n\"totals\"{after}"));
}

#[test]
fn d6_who_books_today_for_tomorrow_gets_one_message_and_not_two() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00").appointment(2, "2026-03-25 10:00");
    assert_eq!(practice.pass(EVENING).status, 0);
    assert_snapshot!(practice.ledger(), @"
    1|reminder|7|email|sent|1|2026-03-11 10:00
    2|confirmation|7|email|sent|2|2026-03-25 10:00
    ");
}

#[test]
fn d6_what_e3_holds_back_is_not_confirmed_in_its_place() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00");
    practice.sql(
        "INSERT INTO message (kind, customer_id, channel, address, body, state, sent_at)
         VALUES ('manual', 7, 'phone', '040 66969 100', '…', 'sent', '2026-03-10T15:00:00Z')",
    );
    let (report, status) = practice.json(EVENING);
    assert_eq!((status, report["messages"].as_array().unwrap().len()), (0, 0), "{report}");
    assert_snapshot!(report["skipped"], @r#"[{"appointment_id":1,"customer_id":7,"detail":"until 2026-03-10T22:00+01:00","kind":"reminder","reason":"recent_message","start":"2026-03-11 10:00"}]"#);
    // From 22:00 on it would be allowed; that is in the night rest, so that the morning makes up for it.
    assert_eq!(practice.pass("2026-03-11T06:00").status, 0);
    assert_eq!(practice.query("SELECT kind, state FROM message WHERE id > 1"), "reminder|sent");
}

#[test]
fn d5_a_confirmation_without_an_address_is_not_sent_and_not_listed() {
    let practice = Practice::ready();
    practice.sql("UPDATE customer SET email = NULL").appointment(1, "2026-05-11 10:00");
    let (report, status) = practice.json(EVENING);
    assert_eq!(status, 0);
    assert_eq!(report["messages"].as_array().unwrap().len() + report["skipped"].as_array().unwrap().len(), 0);
}

#[test]
fn f5_who_cannot_be_reached_is_named_with_the_reason_for_each_channel() {
    let practice = Practice::ready();
    practice
        .sql("UPDATE customer SET email = 'renate(at)example.de'; UPDATE customer_phone SET number = '030 23125 001'");
    practice.appointment(1, "2026-03-11 10:00");
    assert_snapshot!(practice.pass(EVENING), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)
    Confirmations: appointments from Wed 11 Mar 2026 to Tue 30 Jun 2026

    Optik Muster (HH)
    -----------------
      Please ring, or let them know in another way:
        - Wed 11 Mar 2026, 10:00: Renate Weiß
          e-mail: the address is wrong: it contains a bracket or colon
          text message: no mobile number

    In all: no messages; 1 appointment passed over.
    --- status 0
    ");
}

#[test]
fn f5_who_cannot_be_reached_and_has_been_told_by_hand_is_named_with_that_message() {
    let practice = Practice::ready();
    practice.sql("UPDATE customer SET email = NULL; DELETE FROM customer_phone");
    practice.appointment(1, "2026-03-11 10:00");
    let record = ["record", "--appointment", "1", "--channel", "phone", "--at", "2026-03-10T12:00"];
    assert_eq!(practice.run(&record).status, 0);
    let report = |lang| practice.run(&["--dry-run", "--at", EVENING, "--lang", lang]).stdout;
    let lines = |text: String| {
        text.lines()
            .skip_while(|line| !line.contains("Optik Muster"))
            .skip(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_snapshot!(lines(report("en")), @"
      Please ring, or let them know in another way:
        - Wed 11 Mar 2026, 10:00: Renate Weiß
          e-mail: no address entered
          text message: no number entered
          Told by hand already: by telephone, Tue 10 Mar 2026, 12:00, message 1

    In all: no messages; 1 appointment passed over.
    No pass has sent anything yet. The first one, Tue 10 Mar 2026, 19:00, would send
      no messages.
    ");
    assert_snapshot!(lines(report("de")), @"
      Bitte anrufen oder anders verständigen:
        - Mi., 11.03.2026, 10:00: Renate Weiß
          E-Mail: keine Adresse eingetragen
          SMS: keine Nummer eingetragen
          Schon von Hand verständigt: per Telefon, Di., 10.03.2026, 12:00, Nachricht
            1

    Zusammen: keine Nachrichten; 1 Termin ausgelassen.
    Es hat noch kein Lauf gesendet. Der erste, Di., 10.03.2026, 19:00, würde senden:
      keine Nachrichten.
    ");
}

#[test]
fn a_pass_over_an_empty_calendar_says_so() {
    assert_snapshot!(Practice::ready().pass(EVENING), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)
    Confirmations: appointments from Wed 11 Mar 2026 to Tue 30 Jun 2026

    In all: no messages.
    --- status 0
    ");
}

#[test]
fn quiet_prints_nothing_unless_something_needs_a_person() {
    let practice = two_customers();
    assert_snapshot!(practice.run(&["--quiet", "--at", EVENING]), @"--- status 0");
    practice.setting(1, "branch_filter", r#""HH, KI""#);
    let printed = practice.run(&["--quiet", "--at", "2026-03-10T19:10"]);
    assert_eq!(printed.status, 1);
    assert!(printed.stdout.contains("“KI”"), "{printed}");
    let json = practice.run(&["--quiet", "--at", "2026-03-10T19:20", "--format", "json"]);
    assert!(serde_json::from_str::<serde_json::Value>(&json.stdout).is_ok(), "{json}");
}

#[test]
fn the_language_of_the_report_is_the_option_else_the_locale_else_english() {
    let first_line = |environment: &[(&str, &str)], arguments: &[&str]| {
        let practice = environment
            .iter()
            .fold(Practice::ready(), |practice, (name, value)| practice.with_environment(name, value));
        let printed = practice.run(&[&["--at", EVENING], arguments].concat());
        assert_eq!(printed.status, 0, "{printed}");
        printed.stdout.lines().next().unwrap().to_owned()
    };
    let (german, english) = (first_line(&[], &["--lang", "de"]), first_line(&[], &["--lang", "en"]));
    assert_snapshot!(format!("{german}\n{english}"), @"
    Terminbenachrichtigung, Di., 10.03.2026, 19:00 (Europe/Berlin)
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    ");
    assert_eq!(first_line(&[], &[]), english);
    assert_eq!(first_line(&[("LANG", "de_DE.UTF-8")], &[]), german);
    assert_eq!(first_line(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "de_AT.UTF-8")], &[]), german);
    assert_eq!(first_line(&[("LANG", "en_US.UTF-8"), ("LC_MESSAGES", "de_CH")], &[]), german);
    assert_eq!(first_line(&[("LC_ALL", ""), ("LANG", "de_DE")], &[]), german);
    assert_eq!(first_line(&[("LANG", "de_DE.UTF-8")], &["--lang", "en"]), english);
    assert_eq!(first_line(&[("LANG", "C.UTF-8")], &[]), english);
    assert_eq!(first_line(&[("LANG", "fr_FR.UTF-8")], &[]), english);
}

#[test]
fn a3_quiet_time_ends_the_pass_and_says_until_when() {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00");
    assert_snapshot!(practice.pass("2026-03-10T20:00"), @"
    Appointment reminders, Tue 10 Mar 2026, 20:00 (Europe/Berlin)
    It is quiet time until Wed 11 Mar 2026, 06:00; nothing was sent.
    --- status 0
    ");
    assert_snapshot!(practice.run(&["--at", "2026-03-11T05:59", "--format", "json", "--lang", "de"]), @r#"
    {"at": "2026-03-11T05:59:00+01:00", "dry_run": false,
    "result": "quiet",
    "quiet_until": "2026-03-11T06:00:00+01:00",
    "reminder_window": null,
    "confirmation_window": null,
    "messages": [],
    "skipped": [],
    "warnings": [],
    "totals": {"messages":0,"planned":0,"sent":0,"handed_over":0,"failed":0,"uncertain":0,"deferred":0,"withdrawn":0,"skipped":0}}
    --- status 0
    "#);
    assert_eq!(practice.query("SELECT result, exit_status, messages FROM pass"), "quiet|0|0\nquiet|0|0");
    assert_eq!(practice.query("SELECT count(*) FROM message"), "0");
}

#[test]
fn a3_quiet_time_ends_the_pass_successfully_also_where_nothing_is_set_up() {
    let practice = Practice::ready();
    practice.sql("UPDATE interface SET settings = json_remove(settings, '$.reminder', '$.confirmation') WHERE id = 1");
    assert_eq!((practice.pass("2026-03-10T20:00").status, practice.pass("2026-03-11T06:00").status), (0, 1));
}

#[test]
fn a3_in_quiet_time_nothing_else_is_read_or_checked() {
    let practice = Practice::ready();
    practice.setting(1, "reminder.contact_template", r#""Gibt es nicht""#);
    assert_eq!(practice.pass("2026-03-10T21:00").status, 0);
    assert_eq!(practice.pass("2026-03-11T06:00").status, 78);
}

#[test]
fn a_report_larger_than_what_is_kept_in_memory_is_printed_whole_if_a_person_is_needed() {
    let practice = Practice::ready();
    // Each message repeats the branch's name; customer 7 has an address that cannot be understood.
    practice.sql(
        "UPDATE branch SET name = hex(zeroblob(5000));
         WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 120)
         INSERT INTO customer (id, email) SELECT 1000 + n, 'kunde' || n || '@example.de' FROM number;
         INSERT INTO appointment (branch_id, customer_id, type_id, starts_at, ends_at)
         SELECT 1, id, 1, '2026-03-11 10:00', '2026-03-11 10:30' FROM customer;
         UPDATE customer SET last_name = CAST(x'ff' AS TEXT) WHERE id = 7",
    );
    let report = practice.run(&["--dry-run", "--at", EVENING, "--format", "json"]);
    assert!(report.stdout.len() > 1 << 20, "{} bytes", report.stdout.len());
    let quiet = practice.run(&["--dry-run", "--at", EVENING, "--format", "json", "--quiet"]);
    assert_eq!((quiet.status, quiet.stdout == report.stdout), (1, true));
}
