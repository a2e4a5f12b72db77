use std::io::Cursor;

use super::super::fixtures::{
    at, bad_data, branch, heading, planned, print, reasons, reminder, settled, skipped, start,
};
use super::super::words::Lang;
use super::super::{Closing, Deferral, Fate, Heading, MessageReport, PassResult, Printer, Warning};
use super::message::card;
use super::*;
use crate::model::{Channel, Kind, State};
use crate::rules::reason::{Obstacle, Reason};
use crate::zone::Zone;

fn report(lang: Lang, heading: &Heading, messages: Vec<MessageReport>, closing: Closing) -> String {
    let make = |out| HtmlPrinter::new(out, Cursor::new(Vec::new()), lang);
    print(make, HtmlPrinter::into_inner, heading, messages, closing)
}

fn complete(dry_run: bool) -> Heading {
    heading(PassResult::Complete, dry_run)
}

/// Elements that begin a line where a page is read as text.
const BLOCKS: [&str; 13] =
    ["article", "body", "details", "div class=\"s", "dl", "h1", "h2", "h3", "li", "meta", "section", "tr", "title"];

/// A page without its style, script and drawings, each block on a line of its own.
fn readable(page: &str) -> String {
    let mut page = page.replace(STYLE, "…").replace(SCRIPT, "…").replace(&hash(STYLE), "STYLE");
    page = page.replace(&hash(SCRIPT), "SCRIPT");
    while let Some((before, rest)) = page.split_once("<svg") {
        page = format!("{before}[drawing]{}", rest.split_once("</svg>").map_or("", |(_, rest)| rest));
    }
    BLOCKS.iter().fold(page, |page, block| page.replace(&format!("<{block}"), &format!("\n<{block}")))
}

/// What stands between the tags, without the head.
fn words(page: &str) -> String {
    let page = readable(page);
    let body = page.split_once("<body>").map_or(page.as_str(), |(_, body)| body);
    let line = |line: &str| {
        let texts = line.split('<').map(|piece| piece.rsplit('>').next().unwrap_or_default().trim());
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    };
    body.lines().map(line).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_channel_has_its_card() {
    let heading = complete(true);
    let cards: Vec<_> = planned().iter().map(|message| readable(&card(Lang::De, &heading, message).0)).collect();
    insta::assert_snapshot!(cards.join("\n"), @r#"

    <article class="card sms planned" data-branch="1"><header><h5><bdi>Bernd Muster</bdi></h5><p class="fate">Geplant</p><p>Mi., 11.03.2026, 10:30 <span class="id">(80)</span><br>Per SMS, <bdi>Hamburg (HH)</bdi></p></header><p class="to">An <bdi>+4915228817386</bdi></p><ol class="bubbles" lang="de">
    <li dir="auto">Ihr Termin: Mittwoch, 10:30 Uhr.</li></ol><p class="length">2 SMS-Teile</p></article>

    <article class="card letter planned" data-branch="1"><header><h5><bdi>Kunde 9</bdi></h5><p class="fate">Geplant</p><p>Mi., 11.03.2026, 10:30 <span class="id">(90)</span><br>Per Brief, <bdi>Hamburg (HH)</bdi></p></header>
    <div class="sheet paper"><p class="sender"><bdi>Hamburg</bdi></p><p class="envelope"><bdi>Kunde 9</bdi><br><bdi>Musterweg 1</bdi><br><bdi>20095 Hamburg</bdi></p><p class="subject"><bdi lang="de">Ihr Termin</bdi></p><div class="text" lang="de" dir="auto">Ihr Termin: Mittwoch, 10:30 Uhr.</div></div></article>

    <article class="card phone planned" data-branch="1"><header><h5><bdi>Carla Probe</bdi></h5><p class="fate">Geplant</p><p>Mi., 11.03.2026, 10:30 <span class="id">(100)</span><br>Per Telefon, <bdi>Hamburg (HH)</bdi></p></header>
    <div class="sheet note"><p class="to"><strong>Anruf durch die Mitarbeiter:</strong> <bdi>Carla Probe</bdi>, <bdi>030 23125 001</bdi></p><div class="text" lang="de" dir="auto">Ihr Termin: Mittwoch, 10:30 Uhr.</div></div></article>

    <article class="card email planned" data-branch="2"><header><h5><bdi>Anna Beispiel</bdi></h5><p class="fate">Geplant</p><p>Do., 12.03.2026, 08:00 <span class="id">(70)</span><br>Di., 30.06.2026, 17:15 <span class="id">(71)</span><br>Per E-Mail, <bdi>Berlin-Mitte (B)</bdi></p></header>
    <div class="sheet">
    <dl><div><dt>Von</dt><dd><bdi>Optik Muster &lt;termine@example.de&gt;</bdi></dd></div><div><dt>An</dt><dd><bdi>Anna Beispiel</bdi> &lt;<bdi>anna@example.de</bdi>&gt;</dd></div><div><dt>Betreff</dt><dd class="subject"><bdi lang="de">Ihre Termine</bdi></dd></div><div><dt>Anhang</dt><dd>termine.ics (1234 Byte)</dd></div></dl><div class="text" lang="de" dir="auto">Guten Tag Frau Beispiel,

    wir bestätigen Ihre Termine.
      12.03. um 8:00 Uhr</div></div></article>
    "#);
}

#[test]
fn a_tiny_pass_is_a_whole_page() {
    let page = report(Lang::De, &complete(true), planned().into_iter().take(1).collect(), Closing::default());
    insta::assert_snapshot!(readable(&page), @r##"
    <!DOCTYPE html><html lang="de"><head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'STYLE'; script-src 'SCRIPT'; base-uri 'none'; form-action 'none'">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex">
    <title>Probelauf der Terminbenachrichtigung, Di., 10.03.2026, 19:00</title><style>…</style></head>
    <body><header>
    <h1>Probelauf der Terminbenachrichtigung, Di., 10.03.2026, 19:00 (Europe/Berlin)</h1><p>Nur zur Ansicht: Es wurde nichts gesendet und nichts gespeichert.</p><p>Erinnerungen: Termine vor Mi., 11.03.2026, 20:00 (vorausschauend)</p><p>Bestätigungen: Termine von Mi., 11.03.2026 bis Di., 30.06.2026</p><p><strong>Zusammen: 1 Nachricht (1 geplant).</strong></p><nav aria-label="Inhalt"><ul>
    <li><a href="#to-do">Was zu tun ist</a></li>
    <li><a href="#reminders">Erinnerungen</a></li>
    <li><a href="#confirmations">Bestätigungen</a></li>
    <li><a href="#branches">Filialen</a></li></ul></nav></header><div id="filter" role="search" aria-label="Auswahl" hidden><label>Filiale <select><option value="">alle Filialen</option><option value="2">Berlin-Mitte (B)</option><option value="1">Hamburg (HH)</option></select></label><label>Suche <input type="search"></label><output data-words="{n} von {all} gezeigt"></output></div><main>
    <section class="calm" id="to-do">
    <h2>Was zu tun ist</h2><p>Es ist nichts zu tun.</p></section>
    <section id="reminders">
    <h2>Erinnerungen</h2><ul class="legend">
    <li>[drawing]Nachrichten je Stunde</li>
    <li>[drawing]Termine ohne Erinnerung</li>
    <li>[drawing]daran wird jetzt erinnert: Beginn vor Mi., 11.03.2026, 20:00</li>
    <li>[drawing]Nachtruhe, 20:00 bis 06:00</li>
    <li>[drawing]Wartungsfenster, 23:00 bis 04:00</li>
    <li>[drawing]dieser Lauf: Di., 10.03.2026, 19:00</li></ul>
    <h3>Di., 10.03.2026</h3>[drawing]
    <h3>Mi., 11.03.2026</h3>[drawing]
    <details open><summary><h4>10 bis 11 Uhr</h4> <span class="number">1 SMS</span></summary><div class="cards">
    <article class="card sms planned" data-branch="1"><header><h5><bdi>Bernd Muster</bdi></h5><p class="fate">Geplant</p><p>Mi., 11.03.2026, 10:30 <span class="id">(80)</span><br>Per SMS, <bdi>Hamburg (HH)</bdi></p></header><p class="to">An <bdi>+4915228817386</bdi></p><ol class="bubbles" lang="de">
    <li dir="auto">Ihr Termin: Mittwoch, 10:30 Uhr.</li></ol><p class="length">2 SMS-Teile</p></article></div></details></section>
    <section id="confirmations">
    <h2>Bestätigungen</h2><p>Keine.</p></section>
    <section id="branches">
    <h2>Filialen</h2><table><thead>
    <tr><th scope="col">Filiale</th><th scope="col">Nachrichten</th><th scope="col">Nicht erinnert</th></tr></thead><tbody>
    <tr><th scope="row"><bdi>Berlin-Mitte (B)</bdi></th><td>–</td><td>0</td></tr>
    <tr><th scope="row"><bdi>Hamburg (HH)</bdi></th><td>1 SMS</td><td>0</td></tr></tbody></table></section></main><footer><p>Diese Seite enthält Angaben über Kunden. Bewahren Sie sie so auf wie die Kundenkartei.</p></footer><script>…</script></body></html>
    "##);
}

#[test]
fn a_day_is_drawn_with_its_quiet_time_its_windows_and_its_messages() {
    let mut heading = complete(true);
    heading.regular_until = Some(Zone::default().with_offset(at("2026-03-11 02:00")));
    let hours = [((start("2026-03-11 08:00").date(), 8), day::Hour { messages: 3, skipped: 1 })].into();
    let strip = day::strip(Lang::En, &heading, start("2026-03-11 08:00").date(), &hours, 8).0;
    let shapes = strip.replace("></rect>", ">").replace("></line>", ">").replace('<', "\n<");
    insta::assert_snapshot!(shapes.lines().filter(|line| line.contains("rect") || line.contains("svg")).collect::<Vec<_>>().join("\n"), @r#"
    <svg class="strip" role="img" aria-label="Time line of the day: 3 messages, 1 appointment without a reminder">
    <rect class="rest" x="0.00%" y="0" width="25.00%" height="64">
    <rect class="rest" x="83.33%" y="0" width="16.67%" height="64">
    <rect class="maintenance" x="0.00%" y="0" width="16.67%" height="64">
    <rect class="maintenance" x="95.83%" y="0" width="4.17%" height="64">
    <rect class="window" x="0.00%" y="66" width="8.33%" height="6">
    <rect class="ahead" x="8.33%" y="66" width="75.00%" height="6">
    <rect class="bar" x="33.75%" y="40" width="3.33%" height="24">
    <rect class="left" x="33.75%" y="32" width="3.33%" height="8">
    </svg>
    "#);
}

#[test]
fn a_real_pass_says_first_what_needs_a_person_and_masks_addresses() {
    let rows = vec![
        skipped(340, Reason::Cancelled),
        skipped(450, Reason::Unreachable { obstacles: vec![(Channel::Email, Obstacle::NoAddress)], by_hand: None }),
        skipped(460, Reason::BadData(bad_data())),
    ];
    let names = [(45, "Kurt Still".to_owned())].into();
    let closing = Closing { skipped: rows, names, ..Closing::default() };
    let page = report(Lang::En, &complete(false), settled(), closing);
    insta::assert_snapshot!(words(&page), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin) Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead) Confirmations: appointments from Wed 11 Mar 2026 to Tue 30 Jun 2026 In all: 10 messages (3 sent, 1 handed to staff, 1 uncertain, 2 rejected, 2 postponed, 1 withdrawn); 3 appointments passed over.
    What needs doing
    Reminders
    Confirmations
    Not reminded
    Branches Branch all branches Berlin-Mitte (B) Hamburg (HH) Search
    What needs doing
    Appointment 460 is not reminded. Table customer, row 34, column email cannot be understood: the text is not stored as UTF-8 and must be entered again. Please correct it.
    2 messages were rejected for good; each branch below says whom that concerns.
    For 1 message nobody knows whether anything arrived; each branch below says whom that concerns.
    1 message is postponed since the server could not be reached or refused for now; a later pass decides anew while the appointment is still ahead. “451 try again later”
    Hamburg (HH) 4 points Please ring, or let them know in another way
    Wed 11 Mar 2026, 09:15: Kurt Still e-mail: no address entered
    Wed 11 Mar 2026, 10:30: Emil Fall e-mail: rejected at e***@e***.de: “550 mailbox full” Nobody knows whether these arrived; if in doubt, ask
    Wed 11 Mar 2026, 10:30: Fe Ott, e-mail to f***@e***.de, message 112: “no answer” Please correct the address or number
    Wed 11 Mar 2026, 10:30: Doris Test e-mail: rejected at d***@e***.de: “550 d***@e***.de unknown” instead by text message: sent
    Notes
    1 message is postponed since quiet time, or the time allowed (max_minutes), was reached; a later pass decides anew while the appointment is still ahead.
    Reminders
    [drawing]messages in each hour
    [drawing]appointments without a reminder
    [drawing]is reminded of now: starts before Wed 11 Mar 2026, 20:00
    [drawing]night rest, 20:00 to 06:00
    [drawing]maintenance window, 23:00 to 04:00
    [drawing]this pass: Tue 10 Mar 2026, 19:00
    Tue 10 Mar 2026 [drawing]
    Wed 11 Mar 2026 [drawing]
    10:00 to 11:00 7 e-mails, 1 text message, 1 call
    Anna Beispiel Sent Wed 11 Mar 2026, 10:30 (70) By e-mail, Hamburg (HH)
    To Anna Beispiel &lt; a***@e***.de &gt; Ihr Termin: Mittwoch, 10:30 Uhr.
    Carla Probe Handed to staff Wed 11 Mar 2026, 10:30 (90) By telephone, Hamburg (HH)
    Call by staff: Carla Probe , 030 *** 01 Ihr Termin: Mittwoch, 10:30 Uhr.
    Doris Test Rejected Wed 11 Mar 2026, 10:30 (100) By e-mail, Hamburg (HH)
    To Doris Test &lt; d***@e***.de &gt; Ihr Termin: Mittwoch, 10:30 Uhr. “550 d***@e***.de unknown”
    Doris Test Sent Wed 11 Mar 2026, 10:30 (100) By text message, Hamburg (HH) To +49 152 *** 86
    Ihr Termin: Mittwoch, 10:30 Uhr. 1 part
    Emil Fall Rejected Wed 11 Mar 2026, 10:30 (110) By e-mail, Hamburg (HH)
    To Emil Fall &lt; e***@e***.de &gt; Ihr Termin: Mittwoch, 10:30 Uhr. “550 mailbox full”
    Fe Ott Uncertain Wed 11 Mar 2026, 10:30 (120) By e-mail, Hamburg (HH)
    To Fe Ott &lt; f***@e***.de &gt; Ihr Termin: Mittwoch, 10:30 Uhr. “no answer”
    Gero Fall Postponed Wed 11 Mar 2026, 10:30 (130) By e-mail, Hamburg (HH)
    To Gero Fall &lt; g***@e***.de &gt; Ihr Termin: Mittwoch, 10:30 Uhr. “451 try again later”
    Hanna Fall Postponed Wed 11 Mar 2026, 10:30 (140) By e-mail, Hamburg (HH)
    To Hanna Fall &lt; h***@e***.de &gt; Ihr Termin: Mittwoch, 10:30 Uhr.
    Ida Fall Withdrawn Wed 11 Mar 2026, 10:30 (150) By e-mail, Hamburg (HH)
    To Ida Fall &lt; i***@e***.de &gt; Ihr Termin: Mittwoch, 10:30 Uhr.
    Confirmations
    Thu 12 Mar 2026 1 text message
    Bo Ott Sent Thu 12 Mar 2026, 08:00 (80) By text message, Hamburg (HH) To +49 152 *** 86
    Ihr Termin: Mittwoch, 10:30 Uhr. 1 part
    Not reminded
    Cannot be reached 1 appointment
    Start Who Why not
    Wed 11 Mar 2026, 09:15 Kurt Still (450) Hamburg (HH) The customer cannot be reached. e-mail: no address entered.
    Data that cannot be understood 1 appointment
    Start Who Why not
    Wed 11 Mar 2026, 09:15 customer 46 (460) Hamburg (HH) Table customer, row 34, column email cannot be understood: the text is not stored as UTF-8 and must be entered again. Please correct it.
    Cancelled 1 appointment
    Start Who Why not
    Wed 11 Mar 2026, 09:15 customer 34 (340) Hamburg (HH) The appointment is cancelled.
    Branches
    Branch Messages Not reminded
    Berlin-Mitte (B) – 0
    Hamburg (HH) 7 e-mails, 2 text messages, 1 call 3 This page holds data about customers. Keep it as you keep their files. …
    ");
    for message in settled() {
        assert!(!page.contains(&message.address), "{}", message.address);
    }
}

#[test]
fn a_dry_run_shows_addresses_but_for_what_would_not_be_sent() {
    let deferred = MessageReport {
        deferral: Some(Deferral::Text),
        body: String::new(),
        ..reminder(11, "Emil Fall", Channel::Email, "emil@example.de", Fate::Settled(State::Deferred))
    };
    let mut messages = planned();
    messages.push(deferred);
    let page = report(Lang::De, &complete(true), messages, Closing::default());
    assert!(page.contains("anna@example.de") && page.contains("+4915228817386"), "{page}");
    assert!(!page.contains("emil@example.de"), "{page}");
    assert!(page.contains("Der Text konnte nicht erstellt werden."), "{page}");
}

#[test]
fn a_dry_run_before_the_first_pass_says_what_that_one_would_send() {
    let heading = Heading { before_the_first: true, ..complete(true) };
    let page = words(&report(Lang::De, &heading, planned(), Closing::default()));
    let top = page.lines().find(|line| line.contains("Es hat noch kein Lauf gesendet."));
    insta::assert_snapshot!(top.unwrap_or(&page), @"Probelauf der Terminbenachrichtigung, Di., 10.03.2026, 19:00 (Europe/Berlin) Nur zur Ansicht: Es wurde nichts gesendet und nichts gespeichert. Erinnerungen: Termine vor Mi., 11.03.2026, 20:00 (vorausschauend) Bestätigungen: Termine von Mi., 11.03.2026 bis Di., 30.06.2026 Zusammen: 4 Nachrichten (4 geplant). Es hat noch kein Lauf gesendet. Der erste, Di., 10.03.2026, 19:00, würde senden: 4 Nachrichten: 1 E-Mail, 1 SMS (2 SMS-Teile), 1 Brief, 1 Anruf.");
}

#[test]
fn a_quiet_and_an_inactive_pass_have_a_page_that_says_so() {
    for lang in Lang::ALL {
        for result in [PassResult::Quiet, PassResult::Inactive] {
            let page = report(lang, &heading(result, false), Vec::new(), Closing::default());
            assert!(!page.contains("<svg") && !page.contains("id=\"filter\""), "{page}");
        }
    }
    let page = report(Lang::De, &heading(PassResult::Quiet, false), Vec::new(), Closing::default());
    insta::assert_snapshot!(words(&page), @"
    Terminbenachrichtigung, Di., 10.03.2026, 19:00 (Europe/Berlin) Es ist Ruhezeit bis Mi., 11.03.2026, 06:00; gesendet wurde nichts.
    Was zu tun ist Es ist nichts zu tun. Diese Seite enthält Angaben über Kunden. Bewahren Sie sie so auf wie die Kundenkartei. …
    ");
}

/// What somebody with ill intent, or a program with a fault, writes into a database.
const HOSTILE: &str =
    "<script>alert(1)</script>\"'&amp;<!---->\u{0}\u{1b}[31m\u{202e}\u{2066}\r\n</title></style></details>";

#[test]
fn nothing_from_the_data_becomes_markup() {
    let hostile = || HOSTILE.to_owned();
    let mut heading = complete(true);
    heading.branches.extend([branch(3, HOSTILE, HOSTILE)]);
    heading.senders.insert(2, hostile());
    let mut messages = Vec::new();
    for fate in
        [Fate::Planned, Fate::Settled(State::Failed), Fate::Settled(State::Uncertain), Fate::Settled(State::Deferred)]
    {
        for channel in Channel::ALL {
            messages.push(MessageReport {
                kind: if *channel == Channel::Email { Kind::Confirmation } else { Kind::Reminder },
                branch_id: 3,
                interface_id: Some(2),
                subject: Some(hostile()),
                body: hostile(),
                language: Some(hostile()),
                error: Some(hostile()),
                attachments: vec![super::super::AttachmentReport {
                    name: hostile(),
                    content_type: hostile(),
                    bytes: 1,
                }],
                ..reminder(7, HOSTILE, *channel, HOSTILE, fate)
            });
        }
    }
    let closing = Closing {
        skipped: reasons()
            .into_iter()
            .map(|reason| skipped(340, reason))
            .chain([skipped(350, Reason::BranchNotSelected { code: hostile() })])
            .collect(),
        names: [(34, hostile())].into(),
        warnings: vec![Warning::TextUnusable { fault: hostile() }, Warning::UnknownBranchCode { code: hostile() }],
        ..Closing::default()
    };
    let page = report(Lang::De, &heading, messages, closing);
    assert_eq!((page.matches("<script").count(), page.matches("</script").count()), (1, 1), "one script, ours");
    assert_eq!((page.matches("</style").count(), page.matches("</title").count()), (1, 1));
    assert!(!page.contains("<!--"), "a hole is left");
    assert!(!page.contains(|c: char| c != '\n'
        && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c))));
    let (opened, closed) = (page.matches("<details").count(), page.matches("</details>").count());
    assert_eq!(opened, closed);
    assert!(page.matches("&lt;script&gt;").count() > 30, "it is shown for what it is");
}

#[test]
fn the_policy_admits_this_style_and_this_script_and_nothing_else() {
    let page = report(Lang::De, &complete(true), planned(), Closing::default());
    let style = page.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).expect("a style").0;
    let script = page.split_once("<script>").and_then(|(_, rest)| rest.split_once("</script>")).expect("a script").0;
    for text in [style, script] {
        assert!(page.contains(&format!("'{}'", hash(text))), "not admitted: {text}");
    }
    assert!(
        !page.contains(" style=") && !page.contains("http:") && !page.contains("https:") && !page.contains("src="),
        "{page}"
    );
    // RFC 6234, 8.5: the digest of "abc".
    assert_eq!(hash("abc"), "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

#[test]
fn cards_stand_by_hour_whatever_their_order() {
    let message = |id, time: &str| MessageReport {
        appointments: vec![(id * 10, start(time))],
        ..reminder(id, &format!("Name{id}"), Channel::Sms, "+4915228817386", Fate::Planned)
    };
    let messages = vec![
        message(1, "2026-03-11 10:30"),
        message(2, "2026-03-11 08:00"),
        message(3, "2026-03-11 10:45"),
        message(4, "2026-03-10 19:30"),
    ];
    let page = report(Lang::En, &complete(true), messages, Closing::default());
    let order: Vec<_> = words(&page)
        .lines()
        .filter(|line| line.starts_with("Name") || line.contains(":00 to "))
        .map(str::to_owned)
        .collect();
    insta::assert_snapshot!(order.join("\n"), @"
    [drawing]night rest, 20:00 to 06:00
    [drawing]maintenance window, 23:00 to 04:00
    19:00 to 20:00 1 text message
    Name4 Planned Tue 10 Mar 2026, 19:30 (40) By text message, Hamburg (HH) To +4915228817386
    8:00 to 9:00 1 text message
    Name2 Planned Wed 11 Mar 2026, 08:00 (20) By text message, Hamburg (HH) To +4915228817386
    10:00 to 11:00 2 text messages
    Name1 Planned Wed 11 Mar 2026, 10:30 (10) By text message, Hamburg (HH) To +4915228817386
    Name3 Planned Wed 11 Mar 2026, 10:45 (30) By text message, Hamburg (HH) To +4915228817386
    ");
}

#[test]
fn cards_wait_in_the_spool_and_only_their_place_is_kept() {
    let heading = complete(true);
    let mut printer = HtmlPrinter::new(Vec::new(), Cursor::new(Vec::new()), Lang::De);
    printer.begin(&heading).expect("memory takes everything");
    let message = reminder(7, "Anna Beispiel", Channel::Sms, "+4915228817386", Fate::Planned);
    for _ in 0..1000 {
        printer.message(&message).expect("memory takes everything");
    }
    assert!(printer.places().eq([1]), "one stretch for messages of the same hour in a row");
    printer.finish(&Closing::default()).expect("memory takes everything");
    let page = String::from_utf8(printer.into_inner()).expect("UTF-8");
    assert_eq!(page.matches("<article").count(), 1000);
}

#[test]
fn a_large_pass_is_folded_up() {
    let message = |id: i64| reminder(id, "Anna Beispiel", Channel::Sms, "+4915228817386", Fate::Planned);
    let page = |number| report(Lang::De, &complete(true), (0..number).map(message).collect(), Closing::default());
    assert!(page(40).contains("<details open>"));
    assert!(!page(41).contains("<details open>"));
}

#[test]
fn an_sms_of_several_parts_is_several_bubbles() {
    let message = MessageReport {
        body: format!("{}{}", "a".repeat(153), "b".repeat(100)),
        sms_segments: Some(2),
        ..reminder(8, "Bernd Muster", Channel::Sms, "+4915228817386", Fate::Planned)
    };
    let text = card(Lang::De, &complete(true), &message).0;
    assert!(text.contains(&format!("{}<span class=\"part\">1/2</span>", "a".repeat(153))), "{text}");
    assert!(text.contains("2 SMS-Teile"), "{text}");
}

#[test]
fn who_begins_before_the_next_chance_stands_before_who_does_not() {
    let recent = |until| Reason::RecentMessage {
        message_id: 13,
        kind: Kind::Manual,
        at: at("2026-03-10 14:00"),
        until: Zone::default().instant(start(until)),
    };
    let rows = vec![skipped(340, recent("2026-03-10 20:00")), skipped(350, recent("2026-03-11 20:00"))];
    let page = report(Lang::De, &complete(true), Vec::new(), Closing { skipped: rows, ..Closing::default() });
    let late = page.find("darum bis zum Beginn keine Erinnerung mehr").expect("the group");
    assert!(late < page.find("<h3>Vor Kurzem benachrichtigt</h3>").expect("the other"), "{page}");
}

#[test]
fn controls_go_and_line_breaks_stay() {
    assert_eq!(clean("a\r\nb\tc\u{0}\u{85}\u{feff}d"), "a\nb\tc\u{fffd}\u{fffd}\u{fffd}d");
    assert!(matches!(clean("Grüße, עברית 👩\u{200d}⚕"), Cow::Borrowed(_)));
}
