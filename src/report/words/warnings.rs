//! The words for warnings: what is the matter, and what to do about it.

use super::{Lang, Noun, bad_problem, by_channel, count, date, deferral, messages_by, quoted, reply, say};
use crate::model::{BadData, Channel};
use crate::report::{Deferral, Warning};
use crate::rules::reason::Unusable;

/// Why an interface cannot be used, after "since", and what to do if that is not wanted.
#[must_use]
pub fn unusable(lang: Lang, cause: &Unusable) -> (String, &'static str) {
    match cause {
        Unusable::NotServerSide => (
            lang.pick(
                "weil sie nicht als serverseitig eingerichtet ist",
                "since it is not set up for use on the server",
            )
            .to_owned(),
            lang.pick(
                "Setzen Sie bei ihr die Verwendung auf „Serverseitig“ (Spalte server_side auf 1).",
                "Set it to be used on the server (column server_side to 1).",
            ),
        ),
        Unusable::NotStarted { from } => {
            let from = date(lang, *from);
            (
                say!(lang, "weil sie erst ab {from} freigegeben ist", "since it starts only on {from}"),
                lang.pick(
                    "Soll sie früher gelten, ändern Sie ihr Startdatum (Spalte start_date).",
                    "If it is to start earlier, change its start date (column start_date).",
                ),
            )
        }
        Unusable::OtherWorkstation { workstation } => {
            let workstation = quoted(lang, workstation);
            (
                say!(
                    lang,
                    "weil sie an den Rechner {workstation} gebunden ist",
                    "since it is bound to the computer {workstation}",
                ),
                lang.pick(
                    "Soll dieser Rechner sie benutzen, ändern oder leeren Sie die Spalte workstation.",
                    "If this computer is to use it, change or empty the column workstation.",
                ),
            )
        }
        Unusable::Faulty { faults } => {
            let faults = quoted(lang, faults);
            (
                say!(lang, "weil ihre Einstellungen falsch sind: {faults}", "since its settings are wrong: {faults}"),
                lang.pick(
                    "Berichtigen Sie ihre Einstellungen (Spalte settings) oder die Datei oder Variable, die dort \
                     genannt ist.",
                    "Correct its settings (column settings), or the file or variable that is named there.",
                ),
            )
        }
    }
}

/// A value in a row that cannot be understood.
#[must_use]
pub fn bad_data(lang: Lang, bad: &BadData) -> String {
    let problem = bad_problem(lang, bad);
    let BadData { table, row, column, .. } = bad;
    say!(
        lang,
        "Tabelle {table}, Zeile {row}, Spalte {column} ist nicht zu verstehen: {problem}. Bitte berichtigen.",
        "Table {table}, row {row}, column {column} cannot be understood: {problem}. Please correct it.",
    )
}

/// What a look at the past cannot show as it was.
fn about_the_past(lang: Lang, warning: &Warning) -> String {
    match warning {
        Warning::PurgedData { rows } => say!(
            lang,
            "Alte Werte aus der Zeit danach wurden bereinigt (Tabelle change, {rows} Änderungen). Was davon betroffen \
             ist, steht hier so, wie es später war; der Lauf kann damals anders entschieden haben.",
            "Old values from the time after it have been purged (table change, {rows} changes). What that concerns is \
             shown as it was later; the pass may have decided otherwise.",
        ),
        _ => say!(
            lang,
            "Zu diesem Zeitpunkt wurden Änderungen noch nicht aufgezeichnet. Gerechnet wurde mit den Daten von heute, \
             nur ohne die seitdem gesendeten Nachrichten: Was seitdem eingetragen, geändert oder gelöscht wurde, ist \
             hier schon enthalten.",
            "Changes were not recorded yet at that time. This was worked out from the data as they are now, only \
             without the messages sent since: what has been entered, changed or deleted since is already in it.",
        ),
    }
}

/// A warning: what is the matter, and what to do.
#[must_use]
pub fn warning(lang: Lang, warning: &Warning) -> String {
    match warning {
        Warning::BranchWithoutEffect { interface_id } => say!(
            lang,
            "Schnittstelle {interface_id} (Terminbenachrichtigung) nennt eine Filiale. Das hat keine Wirkung: Sie \
             gilt immer für alle Filialen. Zum Einschränken dient der Filialkürzel-Filter (Einstellung branch_filter).",
            "Interface {interface_id} (appointment notification) names a branch. That has no effect: it always holds \
             for all branches. To narrow it down there is the branch filter (setting branch_filter).",
        ),
        Warning::ServiceUnusable { interface_id, cause } => {
            let (why, todo) = unusable(lang, cause);
            let why = sentence(&why);
            say!(
                lang,
                "Schnittstelle {interface_id} (Terminbenachrichtigung) wird nicht benutzt, {why} {todo}",
                "Interface {interface_id} (appointment notification) is not used {why} {todo}",
            )
        }
        Warning::NothingConfigured { interface_id } => nothing_configured(lang, *interface_id),
        Warning::UnknownBranchCode { code } => {
            let code = quoted(lang, code);
            say!(
                lang,
                "Das Filialkürzel {code} im Filialkürzel-Filter (Einstellung branch_filter) gehört zu keiner Filiale; \
                 wer damit gemeint war, bekommt keine Nachrichten. Berichtigen Sie den Filter oder das Kürzel \
                 (Tabelle branch, Spalte code).",
                "The code {code} in the branch filter (setting branch_filter) belongs to no branch; customers of the \
                 branch that was meant get no messages. Correct the filter or the code (table branch, column code).",
            )
        }
        Warning::TextUnusable { fault } => {
            let fault = quoted(lang, fault);
            say!(
                lang,
                "Ein Text kann nicht benutzt werden: {fault}. Nachrichten, die ihn brauchen, sind zurückgestellt, bis \
                 er berichtigt ist (Tabelle document_template).",
                "A text cannot be used: {fault}. Messages that need it are postponed until it is corrected (table \
                 document_template).",
            )
        }
        Warning::CalendarTitleUnusable { fault } => {
            let fault = quoted(lang, fault);
            say!(
                lang,
                "Der Titel für Kalendereinträge kann nicht benutzt werden: {fault}. Bestätigungen sind zurückgestellt, \
                 bis er berichtigt ist (Einstellung calendar_summary, Tabelle interface).",
                "The title of calendar entries cannot be used: {fault}. Confirmations are postponed until it is \
                 corrected (setting calendar_summary, table interface).",
            )
        }
        Warning::BadData(bad) => bad_data(lang, bad),
        Warning::InterfaceUnusable { interface_id, channel, cause, channel_is_dead } => {
            interface_unusable(lang, *interface_id, *channel, cause, *channel_is_dead)
        }
        Warning::InterfaceMissing { channel, branches } => interface_missing(lang, *channel, branches),
        Warning::SeveralInterfaces { channel, ids } => several_interfaces(lang, *channel, ids),
        Warning::InterfaceTrouble { interface_id, refused, problem } => {
            interface_trouble(lang, *interface_id, *refused, problem)
        }
        Warning::FewerConnections { interface_id, connections, wanted, problem } => {
            fewer_connections(lang, *interface_id, (*connections, *wanted), problem)
        }
        Warning::CutShort { why } => cut_short(lang, *why),
        Warning::SharedNumbers { numbers, unlisted } => shared_numbers(lang, numbers, *unlisted),
        Warning::LongText { document_template, segments, most } => {
            let name = quoted(lang, document_template);
            say!(
                lang,
                "Der Text {name} ergibt SMS von bis zu {segments} Teilen, gewünscht sind höchstens {most} (Einstellung \
                 max_segments). Sie werden gesendet, kosten aber mehr; kürzen Sie den Text.",
                "The text {name} makes SMS of up to {segments} segments, wanted are at most {most} (setting \
                 max_segments). They are sent but cost more; shorten the text.",
            )
        }
        Warning::OverLimit { limit, reminders, confirmations } => say!(
            lang,
            "Dieser Lauf sendet höchstens {limit} Nachrichten (--limit), die dringendsten. Für den nächsten bleiben: \
             Erinnerungen {reminders}, Bestätigungen {confirmations}.",
            "This pass sends {limit} messages at most (--limit), the most urgent ones. Left for the next one: reminders \
             {reminders}, confirmations {confirmations}.",
        ),
        Warning::PresentData | Warning::PurgedData { .. } => about_the_past(lang, warning),
        Warning::Interrupted { messages } => {
            let uncertain = count(lang, *messages, Noun::Message);
            say!(
                lang,
                "Ein früherer Lauf brach mitten in der Übergabe ab. Bei {uncertain} war danach ungewiss, was ankam. Eine \
                 E-Mail wiederholt dieser Lauf einmal. Was jetzt noch ungewiss ist, zeigt „terminbote history --state \
                 uncertain“; fragen Sie im Zweifel die Kunden, und entscheiden Sie mit „terminbote settle NUMMER sent“ oder \
                 „failed“.",
                "An earlier pass broke off while it was handing over. For {uncertain} nobody knew afterwards what had arrived. \
                 An e-mail is repeated once, by this pass. What is uncertain still, `terminbote history --state uncertain` shows; \
                 if in doubt ask the customers, and decide by `terminbote settle ID sent` or `failed`.",
            )
        }
        Warning::TooLate { messages } => too_late(lang, *messages),
    }
}

fn interface_unusable(lang: Lang, interface_id: i64, channel: Channel, cause: &Unusable, dead: bool) -> String {
    let (what, (why, todo)) = (messages_by(lang, channel), unusable(lang, cause));
    let why = sentence(&why);
    let dead = if dead { no_other_interface(lang, channel) } else { String::new() };
    say!(
        lang,
        "Schnittstelle {interface_id} (für {what}) wird nicht benutzt, {why}{dead} {todo}",
        "Interface {interface_id} (for {what}) is not used {why}{dead} {todo}",
    )
}

/// What follows if no other interface can be used for a channel, after a sentence about this one.
pub(in crate::report) fn no_other_interface(lang: Lang, channel: Channel) -> String {
    let by = by_channel(lang, channel);
    say!(
        lang,
        " Eine andere gibt es nicht: Zurzeit kann nichts {by} hinausgehen. Erinnerungen gehen, wo es möglich ist, auf \
         dem nächsten Weg hinaus.",
        " There is no other: nothing can go out {by} at present. Reminders go out by the next way where there is one.",
    )
}

/// Messages whose appointments began while they were deferred.
fn too_late(lang: Lang, messages: usize) -> String {
    let messages = count(lang, messages, Noun::Message);
    say!(
        lang,
        "Bei {messages} begann der Termin, bevor gesendet werden konnte. Wen das betrifft und was im Weg stand, sagt \
         die Kundenhistorie (Zustand withdrawn).",
        "For {messages} the appointment began before anything could be sent. Whom that concerns and what was in the way \
         is in the customers' history (state withdrawn).",
    )
}

/// A service that is to neither remind nor confirm.
fn nothing_configured(lang: Lang, interface_id: i64) -> String {
    say!(
        lang,
        "Die Terminbenachrichtigung (Schnittstelle {interface_id}) ist eingerichtet, soll aber weder erinnern noch \
         bestätigen: Kein Kunde bekommt eine Nachricht. Tragen Sie in ihren Einstellungen reminder oder \
         confirmation ein (Tabelle interface, Spalte settings).",
        "The notification service (interface {interface_id}) is set up, but is to neither remind nor confirm: no \
         customer gets a message. Put reminder or confirmation into its settings (table interface, column \
         settings).",
    )
}

fn interface_missing(lang: Lang, channel: Channel, branches: &[String]) -> String {
    let todo = match channel {
        Channel::Email => lang.pick(
            "Richten Sie eine ein (Tabelle interface, kind smtp, serverseitig).",
            "Set one up (table interface, kind smtp, for use on the server).",
        ),
        Channel::Sms => lang.pick(
            "Richten Sie eine ein (Tabelle interface, kind sms, serverseitig).",
            "Set one up (table interface, kind sms, for use on the server).",
        ),
        Channel::Letter | Channel::Phone => {
            lang.pick("Nehmen Sie diesen Weg aus der Kontaktvorlage.", "Take this channel out of the contact template.")
        }
    };
    let (what, codes) = (messages_by(lang, channel), branches.join(", "));
    let place = match (branches.len(), lang) {
        (0, _) => String::new(),
        (1, Lang::De) => format!(" in der Filiale {codes}"),
        (1, Lang::En) => format!(" in the branch {codes}"),
        (_, Lang::De) => format!(" in den Filialen {codes}"),
        (_, Lang::En) => format!(" in the branches {codes}"),
    };
    say!(
        lang,
        "Für {what} gibt es{place} keine Schnittstelle; auf diesem Weg kann nichts hinausgehen. {todo}",
        "For {what} there is no interface{place}; nothing can go out that way. {todo}",
    )
}

fn several_interfaces(lang: Lang, channel: Channel, ids: &[i64]) -> String {
    let what = messages_by(lang, channel);
    let all = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let first = ids.first().copied().unwrap_or_default();
    say!(
        lang,
        "Für {what} gibt es mehrere Schnittstellen gleichen Ranges ({all}); benutzt wird {first}. Löschen \
         Sie, was nicht gebraucht wird (Tabelle interface).",
        "For {what} there are several interfaces of the same rank ({all}); {first} is used. Delete what is \
         not needed (table interface).",
    )
}

fn interface_trouble(lang: Lang, interface_id: i64, refused: bool, problem: &str) -> String {
    let problem = reply(lang, problem);
    if refused {
        say!(
            lang,
            "Der Server der Schnittstelle {interface_id} nimmt nichts von uns an: {problem}. Prüfen Sie Anmeldung, \
             Guthaben und Einstellungen (Tabelle interface). Was nicht hinausging, bleibt fällig.",
            "The server of interface {interface_id} takes nothing from us: {problem}. Check log-in, credit and \
             settings (table interface). What did not go out stays due.",
        )
    } else {
        say!(
            lang,
            "Mit dem Server der Schnittstelle {interface_id} gab es Schwierigkeiten: {problem}. Was nicht \
             hinausging, bleibt fällig. Hält es an, prüfen Sie Netz und Server (Tabelle interface).",
            "There was trouble with the server of interface {interface_id}: {problem}. What did not go out stays \
             due. If it goes on, check the network and the server (table interface).",
        )
    }
}

fn fewer_connections(lang: Lang, interface_id: i64, (connections, wanted): (usize, usize), problem: &str) -> String {
    let problem = reply(lang, problem);
    say!(
        lang,
        "Die Schnittstelle {interface_id} konnte nicht so viele Verbindungen zugleich haben wie \
         eingestellt, {connections} statt {wanted}: {problem}. Es ging mit diesen weiter. Kommt das in jedem Lauf \
         vor, setzen Sie connections auf {connections} (Tabelle interface, Spalte settings).",
        "Interface {interface_id} could not have as many connections at once as are set, {connections} \
         instead of {wanted}: {problem}. The pass went on with these. If it happens in every pass, set connections to \
         {connections} (table interface, column settings).",
    )
}

fn cut_short(lang: Lang, why: Deferral) -> String {
    let why = match why {
        Deferral::Text => lang.pick("weil ein Text nicht benutzt werden kann", "since a text cannot be used"),
        Deferral::Server => {
            lang.pick("weil es Schwierigkeiten mit einem Server gab", "since there was trouble with a server")
        }
        Deferral::TimeUp | Deferral::Signal => deferral(lang, why),
    };
    say!(
        lang,
        "Der Lauf endete, bevor alles übergeben war, {why}. Was übrig ist, bleibt fällig und wird im nächsten Lauf neu \
         entschieden.",
        "The pass ended before everything was handed over, {why}. What is left stays due and is decided anew by the \
         next pass.",
    )
}

fn shared_numbers(lang: Lang, numbers: &[(String, Vec<i64>)], unlisted: usize) -> String {
    let listed = numbers.iter().map(|(number, customers)| {
        let ids: Vec<String> = customers.iter().map(ToString::to_string).collect();
        format!("{number} ({} {})", lang.pick("Kunden", "customers"), ids.join(", "))
    });
    let listed = listed.collect::<Vec<_>>().join(", ");
    let all = numbers.len() + unlisted;
    let unlisted = match (unlisted, lang) {
        (0, _) => String::new(),
        (_, Lang::De) => format!(" und noch {unlisted}"),
        (_, Lang::En) => format!(" and {unlisted} more"),
    };
    let whose = if all == 1 {
        say!(
            lang,
            "Diese Nummer ist mehrfach eingetragen: {listed}.",
            "This number is entered more than once: {listed}.",
        )
    } else {
        say!(
            lang,
            "{all} Nummern sind mehrfach eingetragen: {listed}{unlisted}.",
            "{all} numbers are entered more than once: {listed}{unlisted}.",
        )
    };
    let and_so = lang.pick(
        "Jeder bekommt seine eigene Nachricht; bei Familien ist das richtig, sonst berichtigen Sie die Nummer (Tabelle \
         customer_phone).",
        "Each gets their own message; that is right for families, otherwise correct the number (table customer_phone).",
    );
    format!("{whose} {and_so}")
}

/// A fragment with a full stop.
fn sentence(fragment: &str) -> String {
    format!("{fragment}.")
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures::{causes, warnings};
    use super::super::tests::both;
    use super::*;

    #[test]
    fn every_warning_has_words_in_both_languages() {
        for matter in warnings() {
            both(|lang| warning(lang, &matter));
        }
        for cause in causes() {
            both(|lang| unusable(lang, &cause).0);
            both(|lang| unusable(lang, &cause).1.to_owned());
        }
    }

    #[test]
    fn the_warnings_read_in_german() {
        let texts: Vec<_> = warnings().iter().map(|matter| warning(Lang::De, matter)).collect();
        insta::assert_snapshot!(texts.join("\n"), @"
        Schnittstelle 1 (Terminbenachrichtigung) nennt eine Filiale. Das hat keine Wirkung: Sie gilt immer für alle Filialen. Zum Einschränken dient der Filialkürzel-Filter (Einstellung branch_filter).
        Schnittstelle 1 (Terminbenachrichtigung) wird nicht benutzt, weil sie nicht als serverseitig eingerichtet ist. Setzen Sie bei ihr die Verwendung auf „Serverseitig“ (Spalte server_side auf 1).
        Schnittstelle 1 (Terminbenachrichtigung) wird nicht benutzt, weil sie erst ab Mi., 01.04.2026 freigegeben ist. Soll sie früher gelten, ändern Sie ihr Startdatum (Spalte start_date).
        Schnittstelle 1 (Terminbenachrichtigung) wird nicht benutzt, weil sie an den Rechner „EMPFANG“ gebunden ist. Soll dieser Rechner sie benutzen, ändern oder leeren Sie die Spalte workstation.
        Schnittstelle 1 (Terminbenachrichtigung) wird nicht benutzt, weil ihre Einstellungen falsch sind: „unknown key `hots`“. Berichtigen Sie ihre Einstellungen (Spalte settings) oder die Datei oder Variable, die dort genannt ist.
        Das Filialkürzel „HX“ im Filialkürzel-Filter (Einstellung branch_filter) gehört zu keiner Filiale; wer damit gemeint war, bekommt keine Nachrichten. Berichtigen Sie den Filter oder das Kürzel (Tabelle branch, Spalte code).
        Ein Text kann nicht benutzt werden: „text `Terminerinnerung`, line 3: unknown `branhc`“. Nachrichten, die ihn brauchen, sind zurückgestellt, bis er berichtigt ist (Tabelle document_template).
        Der Titel für Kalendereinträge kann nicht benutzt werden: „unknown `customer`“. Bestätigungen sind zurückgestellt, bis er berichtigt ist (Einstellung calendar_summary, Tabelle interface).
        Schnittstelle 2 (für E-Mails) wird nicht benutzt, weil sie nicht als serverseitig eingerichtet ist. Eine andere gibt es nicht: Zurzeit kann nichts per E-Mail hinausgehen. Erinnerungen gehen, wo es möglich ist, auf dem nächsten Weg hinaus. Setzen Sie bei ihr die Verwendung auf „Serverseitig“ (Spalte server_side auf 1).
        Schnittstelle 2 (für E-Mails) wird nicht benutzt, weil sie erst ab Mi., 01.04.2026 freigegeben ist. Soll sie früher gelten, ändern Sie ihr Startdatum (Spalte start_date).
        Schnittstelle 2 (für E-Mails) wird nicht benutzt, weil sie an den Rechner „EMPFANG“ gebunden ist. Soll dieser Rechner sie benutzen, ändern oder leeren Sie die Spalte workstation.
        Schnittstelle 2 (für E-Mails) wird nicht benutzt, weil ihre Einstellungen falsch sind: „unknown key `hots`“. Eine andere gibt es nicht: Zurzeit kann nichts per E-Mail hinausgehen. Erinnerungen gehen, wo es möglich ist, auf dem nächsten Weg hinaus. Berichtigen Sie ihre Einstellungen (Spalte settings) oder die Datei oder Variable, die dort genannt ist.
        Für SMS gibt es keine Schnittstelle; auf diesem Weg kann nichts hinausgehen. Richten Sie eine ein (Tabelle interface, kind sms, serverseitig).
        Für SMS gibt es in der Filiale B keine Schnittstelle; auf diesem Weg kann nichts hinausgehen. Richten Sie eine ein (Tabelle interface, kind sms, serverseitig).
        Für SMS gibt es in den Filialen B, HH keine Schnittstelle; auf diesem Weg kann nichts hinausgehen. Richten Sie eine ein (Tabelle interface, kind sms, serverseitig).
        Für SMS gibt es mehrere Schnittstellen gleichen Ranges (3, 5); benutzt wird 3. Löschen Sie, was nicht gebraucht wird (Tabelle interface).
        Die Terminbenachrichtigung (Schnittstelle 1) ist eingerichtet, soll aber weder erinnern noch bestätigen: Kein Kunde bekommt eine Nachricht. Tragen Sie in ihren Einstellungen reminder oder confirmation ein (Tabelle interface, Spalte settings).
        Tabelle customer, Zeile 34, Spalte email ist nicht zu verstehen: der Text ist nicht als UTF-8 gespeichert und muss neu eingetragen werden. Bitte berichtigen.
        Der Server der Schnittstelle 2 nimmt nichts von uns an: „535 log-in failed“. Prüfen Sie Anmeldung, Guthaben und Einstellungen (Tabelle interface). Was nicht hinausging, bleibt fällig.
        Mit dem Server der Schnittstelle 2 gab es Schwierigkeiten: „535 log-in failed“. Was nicht hinausging, bleibt fällig. Hält es an, prüfen Sie Netz und Server (Tabelle interface).
        Die Schnittstelle 2 konnte nicht so viele Verbindungen zugleich haben wie eingestellt, 1 statt 4: „the server takes no connection: 421 4.7.0 too many connections“. Es ging mit diesen weiter. Kommt das in jedem Lauf vor, setzen Sie connections auf 1 (Tabelle interface, Spalte settings).
        Der Lauf endete, bevor alles übergeben war, weil die Ruhezeit oder die erlaubte Dauer (max_minutes) erreicht war. Was übrig ist, bleibt fällig und wird im nächsten Lauf neu entschieden.
        Der Lauf endete, bevor alles übergeben war, weil ein Text nicht benutzt werden kann. Was übrig ist, bleibt fällig und wird im nächsten Lauf neu entschieden.
        Der Lauf endete, bevor alles übergeben war, weil es Schwierigkeiten mit einem Server gab. Was übrig ist, bleibt fällig und wird im nächsten Lauf neu entschieden.
        Der Lauf endete, bevor alles übergeben war, weil das Programm von außen beendet wurde. Was übrig ist, bleibt fällig und wird im nächsten Lauf neu entschieden.
        Ein früherer Lauf brach mitten in der Übergabe ab. Bei 1 Nachricht war danach ungewiss, was ankam. Eine E-Mail wiederholt dieser Lauf einmal. Was jetzt noch ungewiss ist, zeigt „terminbote history --state uncertain“; fragen Sie im Zweifel die Kunden, und entscheiden Sie mit „terminbote settle NUMMER sent“ oder „failed“.
        Ein früherer Lauf brach mitten in der Übergabe ab. Bei 2 Nachrichten war danach ungewiss, was ankam. Eine E-Mail wiederholt dieser Lauf einmal. Was jetzt noch ungewiss ist, zeigt „terminbote history --state uncertain“; fragen Sie im Zweifel die Kunden, und entscheiden Sie mit „terminbote settle NUMMER sent“ oder „failed“.
        Bei 2 Nachrichten begann der Termin, bevor gesendet werden konnte. Wen das betrifft und was im Weg stand, sagt die Kundenhistorie (Zustand withdrawn).
        Diese Nummer ist mehrfach eingetragen: +49 152 *** 86 (Kunden 7, 8). Jeder bekommt seine eigene Nachricht; bei Familien ist das richtig, sonst berichtigen Sie die Nummer (Tabelle customer_phone).
        3 Nummern sind mehrfach eingetragen: +49 152 *** 86 (Kunden 7, 8) und noch 2. Jeder bekommt seine eigene Nachricht; bei Familien ist das richtig, sonst berichtigen Sie die Nummer (Tabelle customer_phone).
        Dieser Lauf sendet höchstens 500 Nachrichten (--limit), die dringendsten. Für den nächsten bleiben: Erinnerungen 12, Bestätigungen 3400.
        ");
    }

    #[test]
    fn the_warnings_read_in_english() {
        let texts: Vec<_> = warnings().iter().map(|matter| warning(Lang::En, matter)).collect();
        insta::assert_snapshot!(texts.join("\n"), @"
        Interface 1 (appointment notification) names a branch. That has no effect: it always holds for all branches. To narrow it down there is the branch filter (setting branch_filter).
        Interface 1 (appointment notification) is not used since it is not set up for use on the server. Set it to be used on the server (column server_side to 1).
        Interface 1 (appointment notification) is not used since it starts only on Wed 1 Apr 2026. If it is to start earlier, change its start date (column start_date).
        Interface 1 (appointment notification) is not used since it is bound to the computer “EMPFANG”. If this computer is to use it, change or empty the column workstation.
        Interface 1 (appointment notification) is not used since its settings are wrong: “unknown key `hots`”. Correct its settings (column settings), or the file or variable that is named there.
        The code “HX” in the branch filter (setting branch_filter) belongs to no branch; customers of the branch that was meant get no messages. Correct the filter or the code (table branch, column code).
        A text cannot be used: “text `Terminerinnerung`, line 3: unknown `branhc`”. Messages that need it are postponed until it is corrected (table document_template).
        The title of calendar entries cannot be used: “unknown `customer`”. Confirmations are postponed until it is corrected (setting calendar_summary, table interface).
        Interface 2 (for e-mails) is not used since it is not set up for use on the server. There is no other: nothing can go out by e-mail at present. Reminders go out by the next way where there is one. Set it to be used on the server (column server_side to 1).
        Interface 2 (for e-mails) is not used since it starts only on Wed 1 Apr 2026. If it is to start earlier, change its start date (column start_date).
        Interface 2 (for e-mails) is not used since it is bound to the computer “EMPFANG”. If this computer is to use it, change or empty the column workstation.
        Interface 2 (for e-mails) is not used since its settings are wrong: “unknown key `hots`”. There is no other: nothing can go out by e-mail at present. Reminders go out by the next way where there is one. Correct its settings (column settings), or the file or variable that is named there.
        For text messages there is no interface; nothing can go out that way. Set one up (table interface, kind sms, for use on the server).
        For text messages there is no interface in the branch B; nothing can go out that way. Set one up (table interface, kind sms, for use on the server).
        For text messages there is no interface in the branches B, HH; nothing can go out that way. Set one up (table interface, kind sms, for use on the server).
        For text messages there are several interfaces of the same rank (3, 5); 3 is used. Delete what is not needed (table interface).
        The notification service (interface 1) is set up, but is to neither remind nor confirm: no customer gets a message. Put reminder or confirmation into its settings (table interface, column settings).
        Table customer, row 34, column email cannot be understood: the text is not stored as UTF-8 and must be entered again. Please correct it.
        The server of interface 2 takes nothing from us: “535 log-in failed”. Check log-in, credit and settings (table interface). What did not go out stays due.
        There was trouble with the server of interface 2: “535 log-in failed”. What did not go out stays due. If it goes on, check the network and the server (table interface).
        Interface 2 could not have as many connections at once as are set, 1 instead of 4: “the server takes no connection: 421 4.7.0 too many connections”. The pass went on with these. If it happens in every pass, set connections to 1 (table interface, column settings).
        The pass ended before everything was handed over, since quiet time, or the time allowed (max_minutes), was reached. What is left stays due and is decided anew by the next pass.
        The pass ended before everything was handed over, since a text cannot be used. What is left stays due and is decided anew by the next pass.
        The pass ended before everything was handed over, since there was trouble with a server. What is left stays due and is decided anew by the next pass.
        The pass ended before everything was handed over, since the program was asked to end. What is left stays due and is decided anew by the next pass.
        An earlier pass broke off while it was handing over. For 1 message nobody knew afterwards what had arrived. An e-mail is repeated once, by this pass. What is uncertain still, `terminbote history --state uncertain` shows; if in doubt ask the customers, and decide by `terminbote settle ID sent` or `failed`.
        An earlier pass broke off while it was handing over. For 2 messages nobody knew afterwards what had arrived. An e-mail is repeated once, by this pass. What is uncertain still, `terminbote history --state uncertain` shows; if in doubt ask the customers, and decide by `terminbote settle ID sent` or `failed`.
        For 2 messages the appointment began before anything could be sent. Whom that concerns and what was in the way is in the customers' history (state withdrawn).
        This number is entered more than once: +49 152 *** 86 (customers 7, 8). Each gets their own message; that is right for families, otherwise correct the number (table customer_phone).
        3 numbers are entered more than once: +49 152 *** 86 (customers 7, 8) and 2 more. Each gets their own message; that is right for families, otherwise correct the number (table customer_phone).
        This pass sends 500 messages at most (--limit), the most urgent ones. Left for the next one: reminders 12, confirmations 3400.
        ");
    }
}
