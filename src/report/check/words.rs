//! The words of `terminbote check`, German and English beside each other: what was found, and what
//! to do about it.

use chrono::{DateTime, FixedOffset};

use super::super::words::{
    self, Lang, Noun, address_fault, bad_problem, by_channel, count, date, forecast, moment, no_other_interface,
    obstacle, quoted, reply, say, unusable, warning,
};
use super::{Area, Counted, InterfaceLine, Lack, Mark, Matter, PassState, ScheduleDay, SmsCost, Target, encoding};
use crate::exit::ExitStatus;
use crate::model::{BadData, Channel, InterfaceKind};
use crate::rules::reason::Obstacle;
use crate::rules::schedule::Stretch;
use crate::segments::Segments;
use crate::settings::{ConfirmationSettings, NightRest, ReminderSettings};
use crate::zone::Zone;

/// A mark before a finding.
pub(super) const fn mark(lang: Lang, mark: Mark) -> &'static str {
    match mark {
        Mark::Ok => "ok",
        Mark::Note => lang.pick("Hinweis", "note"),
        Mark::Person => lang.pick("HANDELN", "ACT"),
    }
}

/// The title of an area.
pub(super) const fn area(lang: Lang, area: Area) -> &'static str {
    match area {
        Area::Interfaces => lang.pick("Schnittstellen", "Interfaces"),
        Area::Service => lang.pick("Einstellungen", "Settings"),
        Area::Schedule => lang.pick("Zeitplan", "Schedule"),
        Area::Texts => lang.pick("Texte", "Texts"),
        Area::Servers => lang.pick("Anmeldung an Servern", "Log-in at servers"),
        Area::Rows => lang.pick("Daten", "Data"),
        Area::Customers => lang.pick("Erreichbarkeit der Kunden", "Whether customers can be reached"),
        Area::Machine => lang.pick("Rechner und Datei", "Computer and file"),
        Area::Tests => lang.pick("Testnachrichten", "Test messages"),
    }
}

/// The last line: how much there is of each mark, and what it comes to.
pub(super) fn summary(lang: Lang, [ok, notes, person]: [usize; 3], status: ExitStatus) -> String {
    let counts = match (lang, notes) {
        (Lang::De, 1) => format!("{ok} in Ordnung, 1 Hinweis, {person} zu erledigen."),
        (Lang::De, _) => format!("{ok} in Ordnung, {notes} Hinweise, {person} zu erledigen."),
        (Lang::En, 1) => format!("{ok} in order, 1 note, {person} to act on."),
        (Lang::En, _) => format!("{ok} in order, {notes} notes, {person} to act on."),
    };
    let stops = match status {
        ExitStatus::Configuration => lang.pick(
            " So wie es jetzt eingestellt ist, bricht jeder Lauf ab.",
            " As it is set up now, every pass stops with an error.",
        ),
        _ => "",
    };
    format!("{counts}{stops}")
}

/// A finding; each further paragraph stands below the first.
#[expect(clippy::too_many_lines, reason = "a list with an arm for each matter")]
pub(super) fn matter(lang: Lang, matter: &Matter) -> Vec<String> {
    let one = |text: String| vec![text];
    let fixed = |de: &'static str, en: &'static str| vec![lang.pick(de, en).to_owned()];
    match matter {
        Matter::Stops(problem) => {
            let problem = quoted(lang, problem);
            one(say!(
                lang,
                "Jeder Lauf bricht ab: {problem}. Bitte berichtigen.",
                "Every pass stops with an error: {problem}. Please correct it.",
            ))
        }
        Matter::Interface(line) => one(interface(lang, line)),
        Matter::NoInterface { bound: true } => {
            fixed("Keine Schnittstelle ist an einen Rechner gebunden.", "No interface is bound to a computer.")
        }
        Matter::NoInterface { bound: false } => fixed(
            "Es gibt keine Schnittstellen. Richten Sie sie ein (Tabelle interface, siehe examples/settings.sql).",
            "There are no interfaces. Set them up (table interface, see examples/settings.sql).",
        ),
        Matter::Warning(matter) => one(warning(lang, matter)),
        Matter::Quiet(rest) => one(quiet(lang, *rest)),
        Matter::Branches { filtered, branches } => one(selected(lang, *filtered, branches)),
        Matter::BranchEmail { code, fault } => {
            let (code, fault) = (quoted(lang, code), address_fault(lang, fault));
            one(say!(
                lang,
                "Filiale {code}, E-Mail: {fault}. Antworten der Kunden gehen an den \
                 Absender statt an die Filiale. Bitte berichtigen (Tabelle branch, Spalte email).",
                "Branch {code}, e-mail: {fault}. Answers of customers go to the sender and not \
                 to the branch. Please correct it (table branch, column email).",
            ))
        }
        Matter::Reminder(settings, channels) => reminder(lang, settings, channels),
        Matter::NoReminder => fixed(
            "Erinnerungen werden nicht gesendet (Einstellung reminder fehlt).",
            "No reminders are sent (there is no setting reminder).",
        ),
        Matter::HoldsBackForGood { min_hours, hours_before } => one(say!(
            lang,
            "Die Stunden vor einer Doppelnachricht ({min_hours}) sind mehr als die Stunden vor dem Termin \
             ({hours_before}): Hat ein Kunde zwei Termine kurz nacheinander, wird an den zweiten nie erinnert. Setzen \
             Sie min_hours_between_messages auf höchstens {hours_before}.",
            "The hours between two messages ({min_hours}) are more than the hours before the appointment \
             ({hours_before}): of two appointments of a customer shortly after one another, the second is never \
             reminded of. Set min_hours_between_messages to {hours_before} at most.",
        )),
        Matter::FirstPass { at, sends } => one(forecast::first_pass(lang, *at, sends)),
        Matter::Reminded { .. }
        | Matter::NotReminded { .. }
        | Matter::BroughtForward { .. }
        | Matter::OnlyBeforeQuietTime { .. }
        | Matter::ByOnePassOnly { .. } => one(schedule(lang, matter)),
        Matter::Confirmation(settings) => one(confirmation(lang, settings)),
        Matter::NoConfirmation => fixed("Bestätigungen werden nicht gesendet.", "No confirmations are sent."),
        Matter::Text { name, language, sms } => one(text(lang, name, language.as_deref(), sms.as_ref())),
        Matter::NoOwnVersion { language, customers, names } => {
            let names = names.iter().map(|name| quoted(lang, name)).collect::<Vec<_>>().join(", ");
            let (who, language) = (people(lang, *customers), quoted(lang, language));
            one(say!(
                lang,
                "Sprache {language} ({who}): Eine eigene Fassung von {names} gibt es nicht; gesendet wird die ohne \
                 Sprache.",
                "Language {language} ({who}): there is no version of its own of {names}; the one without language is \
                 sent.",
            ))
        }
        Matter::SingleBraces { name, language, words } => {
            let (text, words) = (named_text(lang, name, language.as_deref()), words.join(", "));
            one(say!(
                lang,
                "{text} geht mit {words} hinaus, so wie es da steht. Was ausgefüllt werden soll, hat zwei Klammern: \
                 {{{{ customer.first_name }}}} (siehe die Liste der Namen in der README).",
                "{text} goes out with {words} as it stands. What is to be filled in has two braces: \
                 {{{{ customer.first_name }}}} (see the names in the README).",
            ))
        }
        Matter::NoSubject { name, language } => {
            let text = named_text(lang, name, language.as_deref());
            one(say!(
                lang,
                "{text} ergibt, bei manchen Kunden oder bei allen, E-Mails ohne Betreff. Sie gelten leicht als \
                 unerwünscht; tragen Sie einen ein (Tabelle document_template, Spalte subject).",
                "{text} makes e-mails without a subject, for some customers or for all. They are easily taken for junk; \
                 enter one (table document_template, column subject).",
            ))
        }
        Matter::Offline => fixed("Nicht geprüft (--offline).", "Not checked (--offline)."),
        Matter::NoServer => fixed(
            "Es gibt keinen Server und kein Gateway, bei dem man sich anmelden könnte.",
            "There is no server and no gateway to log in to.",
        ),
        Matter::LoggedIn { .. }
        | Matter::NotAsked { .. }
        | Matter::IntoFiles { .. }
        | Matter::FolderUnusable { .. }
        | Matter::LogInFailed { .. } => one(log_in(lang, matter)),
        Matter::RowsUnderstood => fixed(
            "Alle Termine ab heute, Kunden, Nummern und Nachrichten sind zu verstehen.",
            "All appointments from today on, customers, numbers and messages can be understood.",
        ),
        Matter::BadRows { table, rows } => {
            let (number, shown) = (rows.count, rows.first.len());
            let mut lines = vec![match number {
                1 => say!(
                    lang,
                    "Tabelle {table}: 1 Angabe kann kein Lauf verstehen. Bitte berichtigen:",
                    "Table {table}: no pass can understand 1 value. Please correct it:",
                ),
                _ => say!(
                    lang,
                    "Tabelle {table}: {number} Angaben kann kein Lauf verstehen. Bitte berichtigen:",
                    "Table {table}: no pass can understand {number} values. Please correct them:",
                ),
            }];
            lines.extend(rows.first.iter().map(|bad| {
                let BadData { row, column, .. } = bad;
                let problem = bad_problem(lang, bad);
                say!(lang, "Zeile {row}, Spalte {column}: {problem}", "row {row}, column {column}: {problem}")
            }));
            if number > shown {
                let more = number - shown;
                lines.push(say!(lang, "und noch {more}.", "and {more} more."));
            }
            lines
        }
        Matter::NobodyAhead => fixed(
            "Niemand hat einen künftigen Termin, der benachrichtigt werden darf.",
            "Nobody has an appointment ahead that messages may be sent about.",
        ),
        Matter::Reached { customers: 1 } => fixed(
            "Der eine Kunde mit künftigen Terminen ist zu erreichen.",
            "The one customer with appointments ahead can be reached.",
        ),
        Matter::Reached { customers } => one(say!(
            lang,
            "Alle {customers} Kunden mit künftigen Terminen sind zu erreichen.",
            "All {customers} customers with appointments ahead can be reached.",
        )),
        Matter::Unreachable { of, groups } => {
            let number: usize = groups.values().map(|group| group.count).sum();
            let of = people(lang, *of);
            let mut lines = vec![say!(
                lang,
                "Mit künftigen Terminen: {of}; nicht zu erreichen: {number}. Tragen Sie nach, was fehlt:",
                "With appointments ahead: {of}; not to be reached: {number}. Enter what is missing:",
            )];
            lines.extend(groups.iter().map(|(lacks, group)| unreachable(lang, lacks, group)));
            lines
        }
        Matter::WrongEmails { customers } => {
            let (number, ids) = (people(lang, customers.count), ids(lang, customers));
            one(say!(
                lang,
                "Mit künftigen Terminen und einer falschen E-Mail-Adresse: {number} (Nummer {ids}). Erinnert werden sie auf \
                 anderem Weg, bestätigt wird ihnen nichts. Berichtigen Sie die Adressen (Tabelle customer).",
                "With appointments ahead and a wrong e-mail address: {number} (number {ids}). They are reminded another way, \
                 and nothing is confirmed to them. Correct the addresses (table customer).",
            ))
        }
        Matter::FileWritable(true) => fixed("Die Datenbank ist beschreibbar.", "The database can be written."),
        Matter::FileWritable(false) => fixed(
            "Dieser Benutzer darf die Datenbank nicht beschreiben. Geben Sie ihm das Recht dazu, oder lassen Sie \
             terminbote als deren Eigentümer laufen.",
            "This user may not write the database. Grant the right, or run terminbote as its owner.",
        ),
        Matter::FolderWritable(true) => {
            fixed("Der Ordner der Datenbank ist beschreibbar.", "The folder of the database can be written.")
        }
        Matter::FolderWritable(false) => fixed(
            "Dieser Benutzer darf in den Ordner der Datenbank nicht schreiben; Journal und Sperre brauchen das. \
             Geben Sie ihm das Recht dazu.",
            "This user may not write into the folder of the database; journal and lock need that. Grant the right.",
        ),
        Matter::LockUnusable { lock } => {
            let lock = quoted(lang, lock);
            one(say!(
                lang,
                "Die Sperre {lock} gehört einem anderen Benutzer, der schon einmal einen Lauf gestartet hat; dieser hier \
                 kann deshalb keinen machen. Entfernen Sie die Datei, während kein Lauf im Gange ist.",
                "The lock {lock} belongs to another user, who has run a pass before, so that this one can make none. \
                 Remove the file while no pass runs.",
            ))
        }
        Matter::OpenToAll(files) if files.is_empty() => fixed(
            "Datenbank und Dateien mit Passwörtern stehen nicht allen Benutzern dieses Rechners offen.",
            "The database and files of passwords are not open to every user of this computer.",
        ),
        Matter::OpenToAll(files) => {
            let files = files.iter().map(|file| quoted(lang, file)).collect::<Vec<_>>().join(", ");
            one(say!(
                lang,
                "Alle Benutzer dieses Rechners können lesen, was hierin steht: {files}. Nehmen Sie ihnen das Recht dazu \
                 (chmod o-rwx).",
                "Every user of this computer can read what stands in {files}. Take that right away (chmod o-rwx).",
            ))
        }
        Matter::LockFree => fixed("Kein Lauf ist im Gange.", "No pass is running."),
        Matter::LockHeld { since } => {
            let since = quoted(lang, since);
            one(say!(
                lang,
                "Ein Lauf ist gerade im Gange ({since}); andere warten seinetwegen nicht, sie enden mit Status 75.",
                "A pass is running ({since}); another one would not wait for it but end with status 75.",
            ))
        }
        Matter::Journal(word) if word == "delete" => fixed(
            "Das Journal der Datenbank ist richtig eingestellt (journal_mode DELETE).",
            "The journal of the database is set as it should be (journal_mode DELETE).",
        ),
        Matter::Journal(word) => one(say!(
            lang,
            "Ein anderes Programm hat journal_mode auf {word} gestellt. „terminbote init“ stellt es zurück.",
            "Another program has set journal_mode to {word}. `terminbote init` sets it back.",
        )),
        Matter::ClockWrong(at) => {
            let at = date(lang, at.date_naive());
            one(say!(
                lang,
                "Die Uhr dieses Rechners zeigt den {at}. Stellen Sie sie, bevor ein Lauf sendet.",
                "The clock of this computer shows {at}. Set it before a pass sends anything.",
            ))
        }
        Matter::Clock { zone, now, change } => one(clock(lang, *zone, *now, *change)),
        Matter::NoPass => fixed(
            "Es hat noch kein Lauf stattgefunden. Lassen Sie terminbote stündlich aufrufen (siehe examples/crontab).",
            "No pass has run yet. Have terminbote called once an hour (see examples/crontab).",
        ),
        Matter::LastPass { at, state } => one(last_pass(lang, *at, *state)),
        Matter::Disk { megabytes } if *megabytes < 1000 => one(say!(
            lang,
            "Auf der Platte der Datenbank sind nur noch {megabytes} MB frei. Schaffen Sie Platz.",
            "Only {megabytes} MB are left on the disk of the database. Make room.",
        )),
        Matter::Disk { .. } => fixed("Auf der Platte ist genug Platz.", "There is enough room on the disk."),
        Matter::TestTaken { interface_id, address, reply: words } => {
            let words = reply(lang, words);
            one(say!(
                lang,
                "Schnittstelle {interface_id} hat eine Testnachricht an {address} angenommen: {words}.",
                "Interface {interface_id} has taken a test message to {address}: {words}.",
            ))
        }
        Matter::TestFailed { interface_id, address, problem } => {
            let problem = reply(lang, problem);
            one(say!(
                lang,
                "Schnittstelle {interface_id} hat eine Testnachricht an {address} nicht angenommen, oder es ist \
                 ungewiss: {problem}. Prüfen Sie ihre Einstellungen.",
                "Interface {interface_id} has not taken a test message to {address}, or nobody knows: {problem}. \
                 Check its settings.",
            ))
        }
        Matter::TestImpossible { channel, address } => {
            let by = by_channel(lang, *channel);
            one(say!(
                lang,
                "An {address} ging keine Testnachricht: Keine Schnittstelle ist {by} benutzbar.",
                "No test message went to {address}: no interface can be used to send {by}.",
            ))
        }
    }
}

fn kind(lang: Lang, kind: InterfaceKind) -> &'static str {
    match kind {
        InterfaceKind::AppointmentNotification => lang.pick("Terminbenachrichtigung", "appointment notification"),
        InterfaceKind::Smtp => lang.pick("E-Mail (SMTP)", "e-mail (SMTP)"),
        InterfaceKind::Sms => "SMS",
    }
}

fn target(lang: Lang, target: &Target) -> String {
    match target {
        Target::Server { address, encrypted: true } => address.clone(),
        Target::Server { address, encrypted: false } => {
            say!(lang, "{address}, unverschlüsselt", "{address}, not encrypted")
        }
        Target::Gateway { name, host: Some(host) } => format!("{name}, {host}"),
        Target::Gateway { name, host: None } => (*name).to_owned(),
        Target::Folder(path) => say!(lang, "Ordner {path}", "folder {path}"),
    }
}

fn interface(lang: Lang, line: &InterfaceLine) -> String {
    let (id, what) = (line.id, kind(lang, line.kind));
    let branch = match &line.branch {
        None => lang.pick("ganze Kette", "whole chain").to_owned(),
        Some(code) => say!(lang, "Filiale {code}", "branch {code}"),
    };
    let computer = match &line.workstation {
        None => lang.pick("jeder Rechner", "any computer").to_owned(),
        Some(name) => {
            let name = quoted(lang, name);
            say!(lang, "Rechner {name}", "computer {name}")
        }
    };
    let use_ = if line.server_side {
        lang.pick("serverseitig", "on the server")
    } else {
        lang.pick("nicht serverseitig", "not on the server")
    };
    let start = match line.start {
        None => lang.pick("ab sofort", "at once").to_owned(),
        Some(from) => {
            let from = date(lang, from);
            say!(lang, "ab {from}", "from {from}")
        }
    };
    let target = line.target.as_ref().map_or_else(String::new, |to| format!(" ({})", target(lang, to)));
    let head = say!(
        lang,
        "{id}, {what}{target}: {branch}, {computer}, {use_}, {start}.",
        "{id}, {what}{target}: {branch}, {computer}, {use_}, {start}."
    );
    if line.causes.is_empty() {
        return head + lang.pick(" Jetzt benutzbar.", " Can be used now.");
    }
    let causes: Vec<_> = line
        .causes
        .iter()
        .map(|cause| {
            let (why, todo) = unusable(lang, cause);
            say!(lang, "Jetzt nicht benutzbar, {why}. {todo}", "Cannot be used now {why}. {todo}")
        })
        .collect();
    let dead = line.dead.map_or_else(String::new, |channel| no_other_interface(lang, channel));
    format!("{head} {}{dead}", causes.join(" "))
}

fn quiet(lang: Lang, rest: Option<NightRest>) -> String {
    let maintenance =
        lang.pick("immer von 23:00 bis 04:00 (Wartungsfenster)", "always from 23:00 to 04:00 (maintenance window)");
    match rest.filter(|rest| rest.start != rest.end) {
        Some(rest) => {
            let (start, end) = (rest.start.format("%H:%M"), rest.end.format("%H:%M"));
            if rest.is_by_day() {
                return say!(
                    lang,
                    "In der Nachtruhe von {start} bis {end} liegt der Mittag; solange sie dauert, geht nichts hinaus. Sind \
                     Anfang und Ende vertauscht (Einstellung night_rest)?",
                    "Noon lies in the night rest from {start} to {end}, during which nothing goes out. Do start and end stand \
                     in each other's place (setting night_rest)?",
                );
            }
            say!(
                lang,
                "Ruhezeit: Nachtruhe von {start} bis {end}, und {maintenance}.",
                "Quiet time: night rest from {start} to {end}, and {maintenance}.",
            )
        }
        None => say!(
            lang,
            "Ruhezeit: keine Nachtruhe, aber {maintenance}.",
            "Quiet time: no night rest, but {maintenance}.",
        ),
    }
}

fn selected(lang: Lang, filtered: bool, branches: &Counted<(String, String)>) -> String {
    let names: Vec<_> = branches.first.iter().map(|(code, name)| format!("{code} ({name})")).collect();
    let names = names.join(", ");
    let more = match branches.count - branches.first.len() {
        0 => String::new(),
        more => say!(lang, " und noch {more}", " and {more} more"),
    };
    if filtered {
        say!(
            lang,
            "Nur diese Filialen (Filialkürzel-Filter): {names}{more}.",
            "These branches only (branch filter): {names}{more}.",
        )
    } else {
        say!(lang, "Alle Filialen: {names}{more}.", "All branches: {names}{more}.")
    }
}

fn reminder(lang: Lang, settings: &ReminderSettings, channels: &[(Channel, String)]) -> Vec<String> {
    let hours_of = |hours: u32| match hours {
        1 => lang.pick("1 Stunde", "1 hour").to_owned(),
        _ => say!(lang, "{hours} Stunden", "{hours} hours"),
    };
    let (hours, between) = (hours_of(settings.hours_before), hours_of(settings.min_hours_between_messages));
    let combined = if settings.combine_same_day {
        lang.pick("alle Termine eines Tages in einer Nachricht", "all appointments of a day in one message")
    } else {
        lang.pick("Termine eines Tages nicht zusammengefasst", "appointments of a day not combined")
    };
    let first = say!(
        lang,
        "Erinnerung: {hours} vor dem Termin, mindestens {between} zwischen zwei Nachrichten, {combined}.",
        "Reminder: {hours} before the appointment, at least {between} between two messages, {combined}.",
    );
    let order: Vec<_> =
        channels.iter().map(|(by, text)| format!("{} {}", words::channel(lang, *by), quoted(lang, text))).collect();
    let (order, name) = (order.join(", "), quoted(lang, &settings.contact_template));
    if channels.is_empty() {
        return vec![first];
    }
    vec![first, say!(lang, "Kontaktvorlage {name}: {order}.", "Contact template {name}: {order}.")]
}

fn confirmation(lang: Lang, settings: &ConfirmationSettings) -> String {
    let name = quoted(lang, &settings.document_template);
    let file = if settings.attach_ics {
        lang.pick("mit Kalenderdatei", "with a calendar file")
    } else {
        lang.pick("ohne Kalenderdatei", "without a calendar file")
    };
    say!(lang, "Bestätigung per E-Mail: {name}, {file}.", "Confirmation by e-mail: {name}, {file}.")
}

fn text(lang: Lang, name: &str, language: Option<&str>, sms: Option<&SmsCost>) -> String {
    let name = named_text(lang, name, language);
    let Some(cost) = sms else {
        return say!(
            lang,
            "{name} erträgt die längsten und seltsamsten Namen.",
            "{name} bears the longest and oddest names.",
        );
    };
    let parts = |segments: Segments| {
        format!("{} ({})", count(lang, segments.segments, Noun::Segment), encoding(segments.encoding))
    };
    let (typical, longest, most) = (parts(cost.typical), parts(cost.longest), cost.most);
    let told = say!(
        lang,
        "{name} ergibt gewöhnlich {typical}, mit den längsten Namen und drei Terminen {longest}; gewünscht sind \
         höchstens {most}.",
        "{name} usually makes {typical}, with the longest names and three appointments {longest}; wanted are at most \
         {most}.",
    );
    if cost.is_too_long() {
        told + lang.pick(
            " Solche SMS werden gesendet, kosten aber mehr; kürzen Sie den Text.",
            " Such SMS are sent but cost more; shorten the text.",
        )
    } else {
        told
    }
}

/// The version of a text.
fn named_text(lang: Lang, name: &str, language: Option<&str>) -> String {
    let (name, version) = (quoted(lang, name), language.unwrap_or(lang.pick("ohne Sprache", "without language")));
    format!("{name} ({version})")
}

/// A number of customers.
fn people(lang: Lang, number: usize) -> String {
    match number {
        1 => lang.pick("1 Kunde", "1 customer").to_owned(),
        _ => say!(lang, "{number} Kunden", "{number} customers"),
    }
}

fn log_in(lang: Lang, matter: &Matter) -> String {
    match matter {
        Matter::LoggedIn { interface_id, balance: None } => say!(
            lang,
            "Schnittstelle {interface_id}: Die Anmeldung ist gelungen.",
            "Interface {interface_id}: the log-in has succeeded.",
        ),
        Matter::LoggedIn { interface_id, balance: Some(balance) } => {
            let balance = quoted(lang, balance);
            say!(
                lang,
                "Schnittstelle {interface_id}: Die Anmeldung ist gelungen, Guthaben {balance}.",
                "Interface {interface_id}: the log-in has succeeded, balance {balance}.",
            )
        }
        Matter::NotAsked { interface_id } => say!(
            lang,
            "Schnittstelle {interface_id}: Dieses Gateway lässt sich nicht fragen, ohne etwas zu senden. Prüfen Sie \
             es mit --send-test.",
            "Interface {interface_id}: this gateway cannot be asked without sending anything. Try it with --send-test.",
        ),
        Matter::IntoFiles { interface_id } => say!(
            lang,
            "Schnittstelle {interface_id} schreibt Dateien; durch sie erreicht nichts die Kunden.",
            "Interface {interface_id} writes files; nothing reaches customers by it.",
        ),
        Matter::FolderUnusable { interface_id, problem } => {
            let problem = quoted(lang, problem);
            say!(
                lang,
                "Schnittstelle {interface_id} kann ihre Dateien nicht schreiben: {problem}. Legen Sie den Ordner an, oder \
                 geben Sie dem Benutzer von terminbote das Recht dazu (Tabelle interface, Spalte settings, directory).",
                "Interface {interface_id} cannot write its files: {problem}. Make the folder, or allow the user of \
                 terminbote to write into it (table interface, column settings, directory).",
            )
        }
        Matter::LogInFailed { interface_id, problem } => {
            let problem = reply(lang, problem);
            say!(
                lang,
                "Schnittstelle {interface_id}: Die Anmeldung ist misslungen: {problem}. Prüfen Sie Netz, Server, \
                 Benutzer und Kennwort (Tabelle interface, Spalte settings).",
                "Interface {interface_id}: the log-in has failed: {problem}. Check network, server, user and password \
                 (table interface, column settings).",
            )
        }
        _ => String::new(),
    }
}

fn lack(lang: Lang, channel: Channel, lack: Lack) -> String {
    let as_told = match lack {
        Lack::Nothing => Obstacle::NoAddress,
        Lack::SmsNotAllowed => Obstacle::SmsNotAllowed,
        Lack::NotMobile => Obstacle::NotMobile,
        Lack::PostalAddressIncomplete => Obstacle::PostalAddressIncomplete,
        Lack::NoInterface => Obstacle::NoInterface,
        Lack::Wrong => {
            return match channel {
                Channel::Email | Channel::Letter => lang.pick("die Adresse ist falsch", "the address is wrong"),
                Channel::Sms | Channel::Phone => lang.pick("die Nummer ist falsch", "the number is wrong"),
            }
            .to_owned();
        }
        Lack::RejectedBefore => {
            return lang.pick("dort schon abgelehnt", "rejected there before").to_owned();
        }
    };
    obstacle(lang, channel, &as_told)
}

fn unreachable(lang: Lang, lacks: &[(Channel, Lack)], group: &Counted<i64>) -> String {
    let each: Vec<_> =
        lacks.iter().map(|(by, why)| format!("{}: {}", words::channel(lang, *by), lack(lang, *by, *why))).collect();
    let why = if each.is_empty() { words::no_channel(lang).to_owned() } else { each.join("; ") };
    let (number, ids) = (group.count, ids(lang, group));
    match number {
        1 => say!(lang, "1 ({why}): Kunde {ids}.", "1 ({why}): customer {ids}."),
        _ => say!(lang, "{number} ({why}): Kunden {ids}.", "{number} ({why}): customers {ids}."),
    }
}

/// The numbers of those that are named, and how many more there are.
fn ids(lang: Lang, group: &Counted<i64>) -> String {
    let ids = group.first.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match group.count - group.first.len() {
        0 => ids,
        more => say!(lang, "{ids} und noch {more}", "{ids} and {more} more"),
    }
}

fn clock(lang: Lang, zone: Zone, now: DateTime<FixedOffset>, change: Option<(DateTime<FixedOffset>, i64)>) -> String {
    let (zone, now) = (zone.name(), moment(lang, now.naive_local()));
    let change = change.map_or_else(String::new, |(at, minutes)| {
        let at = moment(lang, at.naive_local());
        match (lang, minutes > 0) {
            (Lang::De, true) => format!(" Die nächste Umstellung stellt sie vor, auf {at}."),
            (Lang::De, false) => format!(" Die nächste Umstellung stellt sie zurück, auf {at}."),
            (Lang::En, true) => format!(" It is put forward next to {at}."),
            (Lang::En, false) => format!(" It is put back next to {at}."),
        }
    });
    say!(lang, "Die Uhr in {zone} zeigt {now}.{change}", "The clock in {zone} shows {now}.{change}")
}

/// By which passes appointments are reminded of.
fn schedule(lang: Lang, matter: &Matter) -> String {
    match matter {
        Matter::Reminded { passes_at, learned, changes } => {
            let known = match learned {
                true => lang.pick("wie zuletzt", "as of late"),
                false => lang.pick("angegeben oder angenommen", "given or assumed"),
            };
            let changes = changes.iter().map(|day| date(lang, *day)).collect::<Vec<_>>();
            let days = match &changes[..] {
                [] => String::new(),
                changes => {
                    let changes = changes.join(lang.pick(" und ", " and "));
                    say!(
                        lang,
                        ", auch an den Tagen der Zeitumstellung ({changes})",
                        ", also on the days of clock change ({changes})"
                    )
                }
            };
            say!(
                lang,
                "Läufe zur Minute {passes_at} jeder Stunde ({known}) erinnern an jeden Termin, zu welcher Minute er \
                 auch beginnt{days}.",
                "Passes at minute {passes_at} of every hour ({known}) remind of every appointment, at whatever minute \
                 it starts{days}.",
            )
        }
        Matter::NotReminded { day, passes_at, stretches } => {
            let (day, starts) = (schedule_day(lang, *day), starts(lang, stretches, false));
            say!(
                lang,
                "{day}An Termine {starts} erinnert kein Lauf zur Minute {passes_at}. Lassen Sie terminbote zu einer \
                 anderen Minute laufen (prüfen mit --minute), oder verkürzen Sie die Nachtruhe.",
                "{day}No pass at minute {passes_at} reminds of appointments {starts}. Have terminbote run at another \
                 minute (check it with --minute), or make the night rest shorter.",
            )
        }
        Matter::BroughtForward { stretches } => {
            let starts = starts(lang, stretches, true);
            say!(
                lang,
                "Schon vor der Ruhezeit, also früher als sonst, wird erinnert an Termine {starts}.",
                "Reminded before quiet time, and so earlier than usual, are appointments {starts}.",
            )
        }
        Matter::OnlyBeforeQuietTime { day, stretches } => {
            let (day, starts) = (schedule_day(lang, *day), starts(lang, stretches, false));
            say!(
                lang,
                "{day}Nur vor der Ruhezeit, nach ihr wäre es zu spät, wird erinnert an Termine {starts}. Wer in der \
                 Ruhezeit einen davon bucht, wird nicht erinnert.",
                "{day}Reminded only before quiet time, since after it would be too late, are appointments {starts}. \
                 Who books one of them in quiet time is not reminded.",
            )
        }
        Matter::ByOnePassOnly { day, stretches, better } => {
            let (day, better) = (schedule_day(lang, *day), better_minute(lang, *better));
            match &stretches[..] {
                [first, ..] if stretches.len() > FEW => {
                    let (count, first) = (stretches.len(), starts(lang, &[*first], true));
                    say!(
                        lang,
                        "{day}Zu {count} Zeiten des Tages hängt die Erinnerung an einem einzigen Lauf, so an Termine \
                         {first}: Fällt er aus, wird niemand erinnert.{better} Mit mehr Stunden vor dem Termin \
                         (Einstellung hours_before) holt der nächste Lauf es nach.",
                        "{day}At {count} times of the day a reminder hangs on one pass alone, such as that of \
                         appointments {first}: if it does not run, nobody is reminded.{better} With more hours before \
                         the appointment (setting hours_before) the next pass makes up for it.",
                    )
                }
                few => {
                    let starts = starts(lang, few, true);
                    say!(
                        lang,
                        "{day}Fällt der eine Lauf aus, wird niemand erinnert an Termine {starts}.{better}",
                        "{day}If that one pass does not run, nobody is reminded of appointments {starts}.{better}",
                    )
                }
            }
        }
        _ => String::new(),
    }
}

/// How many stretches of starts are told one by one.
const FEW: usize = 3;

/// That passes at another minute would not all stand alone, if so.
fn better_minute(lang: Lang, better: Option<u32>) -> String {
    better.map_or_else(String::new, |minute| {
        say!(
            lang,
            " Läufe zur Minute {minute} hätten diese Lücke nicht.",
            " Passes at minute {minute} would leave no such gap.",
        )
    })
}

fn schedule_day(lang: Lang, day: ScheduleDay) -> String {
    match day {
        ScheduleDay::Ordinary => String::new(),
        ScheduleDay::ClockChange(day) => {
            let day = date(lang, day);
            say!(lang, "{day} (Zeitumstellung): ", "{day} (clock change): ")
        }
    }
}

/// `from 20:00 to 06:00 (10 hours; pass at 19:00)` or `at 07:00 (pass at 06:00)`, for each stretch.
fn starts(lang: Lang, stretches: &[Stretch], with_pass: bool) -> String {
    let each = stretches.iter().map(|stretch| {
        let (first, last) = (stretch.from.format("%H:%M"), stretch.to.format("%H:%M"));
        let extent = duration(lang, stretch.minutes);
        let pass = stretch.pass.filter(|_| with_pass).map(|pass| {
            let pass = pass.format("%H:%M");
            say!(lang, "Lauf um {pass}", "pass at {pass}")
        });
        match (stretch.minutes, pass) {
            (1, None) => say!(lang, "um {first}", "at {first}"),
            (1, Some(pass)) => say!(lang, "um {first} ({pass})", "at {first} ({pass})"),
            (_, pass) => {
                let details = [Some(extent), pass].into_iter().flatten().collect::<Vec<_>>().join("; ");
                say!(lang, "von {first} bis {last} ({details})", "from {first} to {last} ({details})")
            }
        }
    });
    each.collect::<Vec<_>>().join(lang.pick(" und ", " and "))
}

/// `10 hours`, `5 h 30 min`; of a stretch of starts, to which its last minute belongs as well.
fn duration(lang: Lang, minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => say!(lang, "{minutes} Minuten", "{minutes} minutes"),
        (1, 0) => lang.pick("1 Stunde", "1 hour").to_owned(),
        // From full hour to full hour, both included.
        (hours, 0 | 1) => say!(lang, "{hours} Stunden", "{hours} hours"),
        (hours, minutes) => say!(lang, "{hours} Std. {minutes} Min.", "{hours} h {minutes} min"),
    }
}

fn last_pass(lang: Lang, at: DateTime<FixedOffset>, state: PassState) -> String {
    let at = moment(lang, at.naive_local());
    match state {
        PassState::Ended(0) => say!(lang, "Letzter Lauf: {at}, vollständig.", "Last pass: {at}, complete."),
        PassState::Ended(status) => say!(
            lang,
            "Letzter Lauf: {at}, beendet mit Status {status}; sein Bericht sagt, was zu tun ist.",
            "Last pass: {at}, ended with status {status}; its report says what to do.",
        ),
        PassState::Unfinished => say!(
            lang,
            "Letzter Lauf: {at}; er ist im Gange, oder er wurde abgebrochen. Der nächste räumt auf.",
            "Last pass: {at}; it is running, or it broke off. The next one tidies up.",
        ),
        PassState::LongAgo => say!(
            lang,
            "Letzter Lauf: {at}. Das ist mehr als einen Tag her: Sehen Sie nach, ob terminbote noch stündlich \
             aufgerufen wird.",
            "Last pass: {at}. That is more than a day ago: see whether terminbote is still called once an hour.",
        ),
        PassState::InFuture => say!(
            lang,
            "Letzter Lauf: {at}. Das liegt in der Zukunft: Die Uhr ging vor oder geht nach. Stellen Sie sie richtig.",
            "Last pass: {at}. That lies in the future: the clock was fast, or is slow now. Set it right.",
        ),
    }
}
