use proptest::prelude::*;

use super::super::fixtures::{
    at, bad_data, branch, heading, planned, print, reasons, reminder, settled, skipped, start, warnings,
};
use super::super::lines::{WIDTH, width};
use super::super::{Warning, words::Lang};
use super::*;
use crate::model::{Channel, Kind};
use crate::rules::reason::{Obstacle, Unusable};

fn report(lang: Lang, heading: &Heading, messages: Vec<MessageReport>, closing: Closing) -> String {
    let text = print(|out| TextPrinter::new(out, lang), |printer| printer.out, heading, messages, closing);
    for line in text.lines() {
        assert!(width(line) <= WIDTH, "wider than {WIDTH}: {line}");
    }
    text
}

fn complete(dry_run: bool) -> Heading {
    heading(PassResult::Complete, dry_run)
}

fn everything() -> Closing {
    let mut rows: Vec<_> = (34..).zip(reasons()).map(|(id, reason)| skipped(id * 10, reason)).collect();
    rows.push(skipped(
        600,
        Reason::RecentMessage {
            message_id: 14,
            kind: Kind::Manual,
            at: at("2026-03-10 18:00"),
            until: at("2026-03-11 18:00"),
        },
    ));
    rows.push(skipped(
        110,
        Reason::Unreachable {
            obstacles: vec![
                (Channel::Email, Obstacle::RejectedBefore { message_id: 111 }),
                (Channel::Sms, Obstacle::SmsNotAllowed),
            ],
            by_hand: None,
        },
    ));
    rows.push(skipped(610, Reason::Cancelled));
    Closing {
        skipped: rows,
        names: [(45, "Kurt Still".to_owned()), (11, "Emil Fall".to_owned())].into(),
        warnings: vec![
            Warning::InterfaceTrouble { interface_id: 2, refused: false, problem: "451 try again later".to_owned() },
            Warning::SeveralInterfaces { channel: Channel::Sms, ids: vec![3, 5] },
            Warning::TextUnusable { fault: "text `Terminerinnerung`, line 3: unknown `branhc`".to_owned() },
        ],
        totals: super::super::Totals::default(),
        replay: None,
    }
}

#[test]
fn a_dry_run_shows_every_message_in_full_in_german() {
    insta::assert_snapshot!(report(Lang::De, &complete(true), planned(), Closing::default()), @"
    Probelauf der Terminbenachrichtigung, Di., 10.03.2026, 19:00 (Europe/Berlin)
    Nur zur Ansicht: Es wurde nichts gesendet und nichts gespeichert.
    Erinnerungen: Termine vor Mi., 11.03.2026, 20:00 (vorausschauend)
    Bestätigungen: Termine von Mi., 11.03.2026 bis Di., 30.06.2026

    Berlin-Mitte (B)
    ----------------
      Geplant: 1 E-Mail

      Bestätigung per E-Mail an Anna Beispiel: anna@example.de
        Termine: Do., 12.03.2026, 08:00 (70); Di., 30.06.2026, 17:15 (71)
        Betreff: Ihre Termine
        Anhang: termine.ics (text/calendar, 1234 Byte)
        | Guten Tag Frau Beispiel,
        |
        | wir bestätigen Ihre Termine.
        |   12.03. um 8:00 Uhr

    Hamburg (HH)
    ------------
      Geplant: 1 SMS, 1 Brief, 1 Anruf

      Erinnerung per SMS an Bernd Muster: +4915228817386
        Termin: Mi., 11.03.2026, 10:30 (80)
        Länge: 2 SMS-Teile
        | Ihr Termin: Mittwoch, 10:30 Uhr.

      Erinnerung per Brief an Kunde 9: Musterweg 1, 20095 Hamburg
        Termin: Mi., 11.03.2026, 10:30 (90)
        Betreff: Ihr Termin
        | Ihr Termin: Mittwoch, 10:30 Uhr.

      Erinnerung per Telefon an Carla Probe: 030 23125 001
        Termin: Mi., 11.03.2026, 10:30 (100)
        | Ihr Termin: Mittwoch, 10:30 Uhr.

    Zusammen: 4 Nachrichten (4 geplant).
    ");
}

#[test]
fn a_dry_run_shows_every_message_in_full_in_english() {
    insta::assert_snapshot!(report(Lang::En, &complete(true), planned(), Closing::default()), @"
    Dry run of the appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    For viewing only: nothing was sent and nothing was stored.
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)
    Confirmations: appointments from Wed 11 Mar 2026 to Tue 30 Jun 2026

    Berlin-Mitte (B)
    ----------------
      Planned: 1 e-mail

      Confirmation by e-mail to Anna Beispiel: anna@example.de
        Appointments: Thu 12 Mar 2026, 08:00 (70); Tue 30 Jun 2026, 17:15 (71)
        Subject: Ihre Termine
        Attached: termine.ics (text/calendar, 1234 bytes)
        | Guten Tag Frau Beispiel,
        |
        | wir bestätigen Ihre Termine.
        |   12.03. um 8:00 Uhr

    Hamburg (HH)
    ------------
      Planned: 1 text message, 1 letter, 1 call

      Reminder by text message to Bernd Muster: +4915228817386
        Appointment: Wed 11 Mar 2026, 10:30 (80)
        Length: 2 parts
        | Ihr Termin: Mittwoch, 10:30 Uhr.

      Reminder by letter to customer 9: Musterweg 1, 20095 Hamburg
        Appointment: Wed 11 Mar 2026, 10:30 (90)
        Subject: Ihr Termin
        | Ihr Termin: Mittwoch, 10:30 Uhr.

      Reminder by telephone to Carla Probe: 030 23125 001
        Appointment: Wed 11 Mar 2026, 10:30 (100)
        | Ihr Termin: Mittwoch, 10:30 Uhr.

    In all: 4 messages (4 planned).
    ");
}

#[test]
fn a_real_pass_puts_what_needs_somebody_first_in_german() {
    insta::assert_snapshot!(report(Lang::De, &complete(false), settled(), everything()), @"
    Terminbenachrichtigung, Di., 10.03.2026, 19:00 (Europe/Berlin)
    Erinnerungen: Termine vor Mi., 11.03.2026, 20:00 (vorausschauend)
    Bestätigungen: Termine von Mi., 11.03.2026 bis Di., 30.06.2026

    Was zu tun ist
    --------------
    - Ein Text kann nicht benutzt werden: „text `Terminerinnerung`, line 3: unknown
      `branhc`“. Nachrichten, die ihn brauchen, sind zurückgestellt, bis er
      berichtigt ist (Tabelle document_template).
    - Mit dem Server der Schnittstelle 2 gab es Schwierigkeiten: „451 try again
      later“. Was nicht hinausging, bleibt fällig. Hält es an, prüfen Sie Netz und
      Server (Tabelle interface).
    - Termin 340 wird nicht erinnert. Tabelle customer, Zeile 34, Spalte email ist
      nicht zu verstehen: der Text ist nicht als UTF-8 gespeichert und muss neu
      eingetragen werden. Bitte berichtigen.
    - 2 Nachrichten wurden endgültig abgelehnt; wen das betrifft, steht bei der
      Filiale.
    - Bei 1 Nachricht ist ungewiss, ob der Kunde etwas bekam; wen das betrifft,
      steht bei der Filiale.
    - 1 Nachricht ist zurückgestellt, weil der Server nicht zu erreichen war oder
      vorerst nichts annahm; ein späterer Lauf entscheidet neu, solange der Termin
      noch bevorsteht. „451 try again later“

    Hinweise
    --------
    - Für SMS gibt es mehrere Schnittstellen gleichen Ranges (3, 5); benutzt wird 3.
      Löschen Sie, was nicht gebraucht wird (Tabelle interface).
    - 1 Nachricht ist zurückgestellt, weil die Ruhezeit oder die erlaubte Dauer
      (max_minutes) erreicht war; ein späterer Lauf entscheidet neu, solange der
      Termin noch bevorsteht.

    Hamburg (HH)
    ------------
      Gesendet: 1 E-Mail, 2 SMS
        - Mi., 11.03.2026, 10:30: Anna Beispiel, E-Mail an a***@e***.de
        - Do., 12.03.2026, 08:00: Bo Ott, SMS an +49 152 *** 86, Bestätigung
        - Mi., 11.03.2026, 10:30: Doris Test, SMS an +49 152 *** 86
      Für die Mitarbeiter: 1 Anruf; Text und Adresse oder Nummer zeigt „terminbote
        tasks“
      Zurückgestellt: 2 Nachrichten
        - Mi., 11.03.2026, 10:30: Gero Fall, E-Mail an g***@e***.de
        - Mi., 11.03.2026, 10:30: Hanna Fall, E-Mail an h***@e***.de
      Zurückgezogen: 1 Nachricht (kurz vor der Übergabe storniert, verschoben oder
        nicht mehr erwünscht)
      Bitte anrufen oder anders verständigen:
        - Mi., 11.03.2026, 09:15: Kurt Still
          E-Mail: keine Adresse eingetragen
          SMS: keine Nummer ist für SMS freigegeben
          Brief: Straße, Postleitzahl oder Ort fehlt
          Telefon: die Nummer ist falsch: sie hat zu wenige Ziffern für eine Nummer
            mit +49
          E-Mail: für diesen Termin dort schon abgelehnt (Nachricht 5)
          SMS: keine Mobilnummer
          Brief: für diese Filiale ist keine Schnittstelle benutzbar
          Schon von Hand verständigt: per Telefon, Di., 10.03.2026, 14:00, Nachricht
            14
        - Mi., 11.03.2026, 09:15: Emil Fall
          E-Mail: an e***@e***.de abgelehnt: „550 mailbox full“
          SMS: keine Nummer ist für SMS freigegeben
      Ungewiss, ob etwas ankam; fragen Sie im Zweifel nach:
        - Mi., 11.03.2026, 10:30: Fe Ott, E-Mail an f***@e***.de, Nachricht 112: „no
          answer“
      Adresse oder Nummer bitte berichtigen:
        - Mi., 11.03.2026, 10:30: Doris Test
          E-Mail: an d***@e***.de abgelehnt: „550 d***@e***.de unknown“
          stattdessen per SMS: gesendet
      Nicht erinnert:
        - vor Kurzem benachrichtigt, darum bis zum Beginn keine Erinnerung mehr: 1
          Termin (600 Kunde 60)
        - Gruppentermin: 1 Termin
        - Kunde verstorben: 1 Termin (410 Kunde 41)
        - Kunde wünscht keine Nachrichten: 1 Termin (420 Kunde 42)
        - Termintyp nicht für Benachrichtigungen erlaubt: 1 Termin
        - geplatzt: 1 Termin
        - kein Kunde eingetragen: 1 Termin
        - schon erinnert: 1 Termin
        - storniert: 2 Termine
        - vor Kurzem benachrichtigt: 1 Termin (440 Kunde 44, wieder ab Di.,
          10.03.2026, 20:00)
        - über der Höchstzahl, wartet auf den nächsten Lauf: 1 Termin

    Vom Filialfilter ausgelassen: B (1 Termin)

    Zusammen: 10 Nachrichten (3 gesendet, 1 den Mitarbeitern übergeben, 1 ungewiss,
      2 abgelehnt, 2 zurückgestellt, 1 zurückgezogen); 16 Termine ausgelassen.
    ");
}

#[test]
fn a_real_pass_puts_what_needs_somebody_first_in_english() {
    insta::assert_snapshot!(report(Lang::En, &complete(false), settled(), everything()), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)
    Confirmations: appointments from Wed 11 Mar 2026 to Tue 30 Jun 2026

    What needs doing
    ----------------
    - A text cannot be used: “text `Terminerinnerung`, line 3: unknown `branhc`”.
      Messages that need it are postponed until it is corrected (table
      document_template).
    - There was trouble with the server of interface 2: “451 try again later”. What
      did not go out stays due. If it goes on, check the network and the server
      (table interface).
    - Appointment 340 is not reminded. Table customer, row 34, column email cannot
      be understood: the text is not stored as UTF-8 and must be entered again.
      Please correct it.
    - 2 messages were rejected for good; each branch below says whom that concerns.
    - For 1 message nobody knows whether anything arrived; each branch below says
      whom that concerns.
    - 1 message is postponed since the server could not be reached or refused for
      now; a later pass decides anew while the appointment is still ahead. “451 try
      again later”

    Notes
    -----
    - For text messages there are several interfaces of the same rank (3, 5); 3 is
      used. Delete what is not needed (table interface).
    - 1 message is postponed since quiet time, or the time allowed (max_minutes),
      was reached; a later pass decides anew while the appointment is still ahead.

    Hamburg (HH)
    ------------
      Sent: 1 e-mail, 2 text messages
        - Wed 11 Mar 2026, 10:30: Anna Beispiel, e-mail to a***@e***.de
        - Thu 12 Mar 2026, 08:00: Bo Ott, text message to +49 152 *** 86,
          confirmation
        - Wed 11 Mar 2026, 10:30: Doris Test, text message to +49 152 *** 86
      For staff: 1 call; “terminbote tasks” shows text and address or number
      Postponed: 2 messages
        - Wed 11 Mar 2026, 10:30: Gero Fall, e-mail to g***@e***.de
        - Wed 11 Mar 2026, 10:30: Hanna Fall, e-mail to h***@e***.de
      Withdrawn: 1 message (cancelled, moved or no longer wanted just before the
        hand-over)
      Please ring, or let them know in another way:
        - Wed 11 Mar 2026, 09:15: Kurt Still
          e-mail: no address entered
          text message: no number is marked as allowed for text messages
          letter: street, postcode or town is missing
          telephone: the number is wrong: it has too few digits for a number of +49
          e-mail: rejected there before for this appointment (message 5)
          text message: no mobile number
          letter: no interface can be used for this branch
          Told by hand already: by telephone, Tue 10 Mar 2026, 14:00, message 14
        - Wed 11 Mar 2026, 09:15: Emil Fall
          e-mail: rejected at e***@e***.de: “550 mailbox full”
          text message: no number is marked as allowed for text messages
      Nobody knows whether these arrived; if in doubt, ask:
        - Wed 11 Mar 2026, 10:30: Fe Ott, e-mail to f***@e***.de, message 112: “no
          answer”
      Please correct the address or number:
        - Wed 11 Mar 2026, 10:30: Doris Test
          e-mail: rejected at d***@e***.de: “550 d***@e***.de unknown”
          instead by text message: sent
      Not reminded:
        - had a message a short while ago, so no reminder before it starts: 1
          appointment (600 customer 60)
        - already reminded: 1 appointment
        - cancelled: 2 appointments
        - customer did not come: 1 appointment
        - customer has died: 1 appointment (410 customer 41)
        - customer wants no messages: 1 appointment (420 customer 42)
        - group appointment: 1 appointment
        - had a message a short while ago: 1 appointment (440 customer 44, again
          from Tue 10 Mar 2026, 20:00)
        - no customer entered: 1 appointment
        - over the limit, waits for the next pass: 1 appointment
        - type not allowed for messages: 1 appointment

    Left out by the branch filter: B (1 appointment)

    In all: 10 messages (3 sent, 1 handed to staff, 1 uncertain, 2 rejected, 2
      postponed, 1 withdrawn); 16 appointments passed over.
    ");
}

#[test]
fn a_quiet_pass_is_two_lines() {
    let quiet = |lang| report(lang, &heading(PassResult::Quiet, false), Vec::new(), Closing::default());
    insta::assert_snapshot!(quiet(Lang::De), @"
    Terminbenachrichtigung, Di., 10.03.2026, 19:00 (Europe/Berlin)
    Es ist Ruhezeit bis Mi., 11.03.2026, 06:00; gesendet wurde nichts.
    ");
    insta::assert_snapshot!(quiet(Lang::En), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    It is quiet time until Wed 11 Mar 2026, 06:00; nothing was sent.
    ");
}

#[test]
fn an_inactive_pass_says_why_for_each_interface() {
    let inactive = |lang| {
        let warnings = vec![
            Warning::ServiceUnusable {
                interface_id: 1,
                cause: Unusable::OtherWorkstation { workstation: "EMPFANG".to_owned() },
            },
            Warning::ServiceUnusable { interface_id: 4, cause: Unusable::NotServerSide },
        ];
        let closing = Closing { warnings, ..Closing::default() };
        report(lang, &heading(PassResult::Inactive, false), Vec::new(), closing)
    };
    insta::assert_snapshot!(inactive(Lang::De), @"
    Terminbenachrichtigung, Di., 10.03.2026, 19:00 (Europe/Berlin)
    Die Terminbenachrichtigung ist nicht in Betrieb; gesendet wurde nichts.

    Was zu tun ist
    --------------
    - Schnittstelle 4 (Terminbenachrichtigung) wird nicht benutzt, weil sie nicht
      als serverseitig eingerichtet ist. Setzen Sie bei ihr die Verwendung auf
      „Serverseitig“ (Spalte server_side auf 1).

    Hinweise
    --------
    - Schnittstelle 1 (Terminbenachrichtigung) wird nicht benutzt, weil sie an den
      Rechner „EMPFANG“ gebunden ist. Soll dieser Rechner sie benutzen, ändern oder
      leeren Sie die Spalte workstation.
    ");
    insta::assert_snapshot!(inactive(Lang::En), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    The appointment notification is not in operation; nothing was sent.

    What needs doing
    ----------------
    - Interface 4 (appointment notification) is not used since it is not set up for
      use on the server. Set it to be used on the server (column server_side to 1).

    Notes
    -----
    - Interface 1 (appointment notification) is not used since it is bound to the
      computer “EMPFANG”. If this computer is to use it, change or empty the column
      workstation.
    ");
}

#[test]
fn a_pass_with_nothing_due_says_so() {
    insta::assert_snapshot!(report(Lang::En, &complete(false), Vec::new(), Closing::default()), @"
    Appointment reminders, Tue 10 Mar 2026, 19:00 (Europe/Berlin)
    Reminders: appointments before Wed 11 Mar 2026, 20:00 (looking ahead)
    Confirmations: appointments from Wed 11 Mar 2026 to Tue 30 Jun 2026

    In all: no messages.
    ");
}

#[test]
fn every_warning_fits_the_page_in_both_languages() {
    for lang in Lang::ALL {
        for warning in warnings() {
            let closing = Closing { warnings: vec![warning], ..Closing::default() };
            report(lang, &complete(false), Vec::new(), closing);
        }
    }
}

#[test]
fn one_is_singular_and_two_are_plural() {
    let failed = |number: i64| {
        let fate = Fate::Settled(State::Failed);
        (1..=number).map(|id| reminder(id, "Anna Beispiel", Channel::Email, "anna@example.de", fate)).collect()
    };
    let one = report(Lang::De, &complete(false), failed(1), Closing::default());
    assert!(one.contains("1 Nachricht wurde endgültig abgelehnt"), "{one}");
    assert!(one.contains("Zusammen: 1 Nachricht (1 abgelehnt)."), "{one}");
    let two = report(Lang::De, &complete(false), failed(2), Closing::default());
    assert!(two.contains("2 Nachrichten wurden endgültig abgelehnt"), "{two}");
    let one = report(Lang::En, &complete(false), failed(1), Closing::default());
    assert!(one.contains("1 message was rejected for good"), "{one}");
    let two = report(Lang::En, &complete(false), failed(2), Closing::default());
    assert!(two.contains("2 messages were rejected for good"), "{two}");
}

#[test]
fn escape_sequences_and_line_breaks_of_a_name_or_text_do_not_reach_the_terminal() {
    let mut message = reminder(7, "Anna\u{1b}[2J\nBeispiel\u{202e}", Channel::Sms, "+4915228817386", Fate::Planned);
    message.body = "Hallo\u{1b}]0;x\u{7}\n\u{9b}31mWelt".to_owned();
    let text = report(Lang::En, &complete(true), vec![message], Closing::default());
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    assert!(text.contains("Anna\u{fffd}[2J Beispiel\u{fffd}"), "{text:?}");
}

#[test]
fn a_real_pass_shows_no_full_address() {
    for lang in Lang::ALL {
        let text = report(lang, &complete(false), settled(), everything());
        for message in settled() {
            assert!(!text.contains(&message.address), "{} in {text}", message.address);
        }
    }
}

#[test]
fn a_large_pass_makes_a_short_report() {
    let fate = Fate::Settled(State::Sent);
    let messages = (1..=5000).map(|id| reminder(id, "Anna Beispiel", Channel::Email, "anna@example.de", fate));
    let text = report(Lang::De, &complete(false), messages.collect(), Closing::default());
    assert!(text.contains("Gesendet: 5000 E-Mails"), "{text}");
    assert!(text.contains("… und noch 4980"), "{text}");
    assert!(text.lines().count() < 40, "{text}");
}

#[test]
fn a_long_list_of_unreachable_customers_ends_and_says_where_the_rest_is() {
    let row =
        |id| skipped(id, Reason::Unreachable { obstacles: vec![(Channel::Email, Obstacle::NoAddress)], by_hand: None });
    let closing = Closing { skipped: (0..150).map(row).collect(), ..Closing::default() };
    let text = report(Lang::De, &complete(false), Vec::new(), closing);
    assert_eq!(text.matches("keine Adresse eingetragen").count(), 100, "{text}");
    assert!(text.contains("… und noch 50; alle zeigt ein Probelauf"), "{text}");
}

#[test]
fn bad_rows_beyond_number_stand_in_a_list_that_ends() {
    let row = |id| skipped(id, Reason::BadData(bad_data()));
    let closing = Closing { skipped: (0..150).map(row).collect(), ..Closing::default() };
    let text = report(Lang::En, &complete(false), Vec::new(), closing);
    assert_eq!(text.matches("is not reminded").count(), 100, "{text}");
    assert!(text.contains("… and 50 more"), "{text}");
}

#[test]
fn a_rejected_confirmation_asks_for_the_address_and_not_for_a_call() {
    let failed = Fate::Settled(State::Failed);
    let message = MessageReport {
        kind: Kind::Confirmation,
        ..reminder(7, "Anna Beispiel", Channel::Email, "anna@example.de", failed)
    };
    let text = report(Lang::En, &complete(false), vec![message], Closing::default());
    assert!(text.contains("Please correct the address") && !text.contains("Please ring"), "{text}");
}

#[test]
fn a_second_message_that_leaves_an_appointment_out_still_asks_for_a_call() {
    let failed = MessageReport {
        appointments: vec![(70, start("2026-03-11 10:30")), (71, start("2026-03-11 14:00"))],
        ..reminder(7, "Anna Beispiel", Channel::Email, "anna@example.de", Fate::Settled(State::Failed))
    };
    let second = reminder(7, "Anna Beispiel", Channel::Sms, "+4915228817386", Fate::Settled(State::Sent));
    let text = report(Lang::En, &complete(false), vec![failed, second], Closing::default());
    assert!(text.contains("Please ring"), "{text}");
    assert!(text.contains("Wed 11 Mar 2026, 10:30: Anna Beispiel, 2 appointments\n"), "{text}");
}

#[test]
fn an_appointment_is_not_named_twice_if_its_message_failed_and_no_channel_is_left() {
    let text = report(Lang::En, &complete(false), settled(), everything());
    assert_eq!(text.matches("Emil Fall").count(), 1, "{text}");
}

#[test]
fn bad_data_stands_at_the_top_with_its_place() {
    let closing = Closing { skipped: vec![skipped(340, Reason::BadData(bad_data()))], ..Closing::default() };
    let text = report(Lang::De, &complete(false), Vec::new(), closing).replace('\n', " ");
    assert!(text.contains("Tabelle customer, Zeile 34, Spalte email"), "{text}");
}

proptest! {
    #[test]
    fn no_line_is_wider_than_the_page(
        name in "\\PC{0,120}", address in "\\PC{0,120}", body in "(?s).{0,300}", error in "\\PC{0,200}",
        word in "[a-zß]{60,100}", which in 0..State::ALL.len(), dry_run: bool, german: bool,
    ) {
        let lang = if german { Lang::De } else { Lang::En };
        let mut heading = complete(dry_run);
        heading.branches.extend([branch(3, &name, &word)]);
        let fate = if dry_run { Fate::Planned } else { Fate::Settled(State::ALL[which]) };
        let message = MessageReport {
            branch_id: 3,
            body,
            subject: Some(word.clone()),
            error: Some(error.clone()),
            appointments: vec![(1, start("2026-03-11 10:30")); 9],
            ..reminder(7, &format!("{name} {word}"), Channel::Email, &address, fate)
        };
        let mut closing = everything();
        closing.names.insert(45, word.clone());
        closing.warnings.push(Warning::TextUnusable { fault: error });
        closing.warnings.push(Warning::UnknownBranchCode { code: word });
        let text = report(lang, &heading, vec![message], closing);
        prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
    }
}
