//! Every setting with its range and default.

use std::fmt::Write;

use terminbote::model::InterfaceKind;
use terminbote::settings::{Holds, Key, Section, reference};

use super::Handbook;

/// What each key is for: the kind of interface, the way to send it belongs to (empty: all), the key.
const MEANINGS: &[(&str, &str, &str, &str)] = &[
    ("appointment_notification", "", "timezone", "Die Zeitzone aller Termine, ein Name der IANA-Liste"),
    (
        "appointment_notification",
        "",
        "language",
        "Die Sprache der Texte, die keine eigene nennen: für die Namen von Tagen und Monaten",
    ),
    (
        "appointment_notification",
        "",
        "night_rest",
        "Die Nachtruhe. Fehlt sie, wird nur zwischen 23 und 4 Uhr nichts gesendet",
    ),
    ("appointment_notification", "", "night_rest.start", "Beginn: ab dieser Uhrzeit wird nichts gesendet"),
    ("appointment_notification", "", "night_rest.end", "Ende: ab dieser Uhrzeit wird wieder gesendet"),
    (
        "appointment_notification",
        "",
        "branch_filter",
        "Filialkürzel, durch Komma getrennt; leer oder weggelassen: alle Filialen",
    ),
    ("appointment_notification", "", "max_minutes", "Nach so vielen Minuten überlässt ein Lauf den Rest dem nächsten"),
    (
        "appointment_notification",
        "",
        "repeat_uncertain_email",
        "Ob eine E-Mail, von der niemand weiß, ob sie ankam, einmal wiederholt wird (mit derselben Kennung, so dass Mailprogramme sie nur einmal zeigen)",
    ),
    (
        "appointment_notification",
        "",
        "calendar_summary",
        "Titel des Kalendereintrags, eine Vorlage. Ohne sie: „Termin“ und der Name der Filiale. Die Art des Termins kann eine Gesundheitsangabe sein",
    ),
    ("appointment_notification", "", "confirmation", "Terminbestätigung. Fehlt das Objekt, wird nichts bestätigt"),
    (
        "appointment_notification",
        "",
        "confirmation.document_template",
        "Name der Dokumentvorlage; ihr Format muss `plain_text` sein",
    ),
    ("appointment_notification", "", "confirmation.attach_ics", "Ob die Termine als Kalenderdatei angehängt werden"),
    ("appointment_notification", "", "reminder", "Terminerinnerung. Fehlt das Objekt, wird niemand erinnert"),
    ("appointment_notification", "", "reminder.hours_before", "Stunden vor dem Termin"),
    (
        "appointment_notification",
        "",
        "reminder.min_hours_between_messages",
        "Mindeststunden zwischen zwei Nachrichten an denselben Kunden; kleiner als `hours_before`",
    ),
    ("appointment_notification", "", "reminder.combine_same_day", "Ob eine Nachricht alle Termine eines Tages nennt"),
    (
        "appointment_notification",
        "",
        "reminder.contact_template",
        "Name der Kontaktvorlage: Kanäle und Texte in ihrer Reihenfolge",
    ),
    ("smtp", "", "transport", "Wohin E-Mails gehen: zu einem Mailserver oder in Dateien"),
    ("smtp", "", "from", "Absender, etwa `Optik Muster <termine@example.de>`"),
    ("smtp", "", "reply_to", "Wohin Antworten gehen. Ohne Angabe: an die Adresse der Filiale des ersten Termins"),
    ("smtp", "smtp", "host", "Der Mailserver: Name oder Adresse, ohne Port"),
    (
        "smtp",
        "smtp",
        "tls",
        "`required`: STARTTLS, sonst wird nichts gesendet; `implicit`: verschlüsselt vom ersten Byte an; `none`: gar nicht, nur auf demselben Rechner oder mit `allow_plaintext`",
    ),
    ("smtp", "smtp", "port", "Ohne Angabe 587 bei `required`, 465 bei `implicit`, 25 bei `none`"),
    (
        "smtp",
        "smtp",
        "allow_plaintext",
        "Erlaubt `none` auch zu einem anderen Rechner. Dann kann unterwegs jeder mitlesen",
    ),
    ("smtp", "smtp", "user", "Benutzername der Anmeldung. Ohne `user` und `secrets` wird keine Anmeldung versucht"),
    ("smtp", "smtp", "auth", "Art der Anmeldung. Ohne Angabe: was der Server anbietet"),
    (
        "smtp",
        "smtp",
        "token_command",
        "Für `xoauth2`: der Befehl, der ein Zugangstoken ausgibt, etwa `[\"/usr/local/bin/token\", \"termine\"]`",
    ),
    ("smtp", "smtp", "secrets", "Das Passwort, auf eine von drei Arten:"),
    ("smtp", "smtp", "secrets.password", "das Passwort selbst (jeder, der die Datenbank lesen darf, liest es mit)"),
    (
        "smtp",
        "smtp",
        "secrets.password_file",
        "Name einer Datei, in der nur das Passwort steht (empfohlen, siehe „Passwörter“)",
    ),
    ("smtp", "smtp", "secrets.password_env", "Name einer Umgebungsvariablen"),
    ("smtp", "smtp", "ca_file", "Zertifikate (PEM), denen statt denen des Systems vertraut wird"),
    ("smtp", "smtp", "timeout_seconds", "Sekunden, die auf jede Antwort gewartet wird"),
    (
        "smtp",
        "smtp",
        "pipelining",
        "Was der Server, wenn er es anbietet, auf einmal gesagt bekommt: alles vor dem Text einer E-Mail; bei `next` auch das der nächsten, bevor er geantwortet hat (nur für einen eigenen Server, der es verträgt); bei `off` ein Befehl nach dem anderen",
    ),
    ("smtp", "smtp", "connections", "Verbindungen zugleich"),
    (
        "smtp",
        "smtp",
        "max_per_minute",
        "Höchstzahl der E-Mails je Minute, wenn der Anbieter eine Grenze hat. Ohne Angabe: keine",
    ),
    ("smtp", "file", "directory", "Ordner, in den jede E-Mail als `.eml`-Datei geschrieben wird"),
    ("sms", "", "gateway", "Der Anbieter, oder `file`: eine Datei je SMS"),
    ("sms", "", "country_code", "Ländervorwahl für Nummern ohne eine"),
    ("sms", "", "connections", "Verbindungen zugleich"),
    (
        "sms",
        "",
        "max_per_minute",
        "Höchstzahl der SMS je Minute, wenn der Anbieter eine Grenze hat. Ohne Angabe: keine",
    ),
    ("sms", "", "timeout_seconds", "Sekunden, die ein Aufruf dauern darf"),
    (
        "sms",
        "",
        "max_segments",
        "In so viele Teile soll ein Text passen; ein längerer geht trotzdem hinaus, mit einer Warnung",
    ),
    (
        "sms",
        "",
        "replace_typography",
        "Ob typografische Anführungszeichen und Striche durch einfache ersetzt werden, wo das einen Teil spart",
    ),
    ("sms", "", "ca_file", "Zertifikate (PEM), denen statt denen des Systems vertraut wird"),
    ("sms", "*", "base_url", "Adresse des Anbieters; nur für einen eigenen Zugang zu ändern"),
    ("sms", "*", "from", "Absender: ein Name von höchstens 11 Zeichen ohne Umlaute, oder eine Nummer"),
    ("sms", "*", "secrets", "Das Geheimnis, auf eine von drei Arten:"),
    ("sms", "smscreator", "user", "Kundennummer oder Benutzername"),
    ("sms", "smscreator", "sms_type", "Art der SMS beim Anbieter. Ohne Angabe wählt er"),
    ("sms", "twilio", "account_sid", "Kennung des Kontos, `AC` und 32 Zeichen"),
    (
        "sms",
        "twilio",
        "api_key_sid",
        "Kennung eines API-Schlüssels, `SK…`; dann gehört `api_key_secret` statt `auth_token` unter `secrets`",
    ),
    ("sms", "twilio", "messaging_service_sid", "Kennung eines Messaging Service, `MG…`, statt `from`"),
    ("sms", "sipgate", "token_id", "Kennung des persönlichen Zugangstokens"),
    ("sms", "sipgate", "sms_id", "Die SMS-Erweiterung, meist `s0`; ihr ist der Absender zugeordnet"),
    ("sms", "kannel", "base_url", "Adresse von Kannels `sendsms`, etwa `http://127.0.0.1:13013`"),
    ("sms", "kannel", "user", "Benutzername einer Gruppe `sendsms-user`"),
    ("sms", "kannel", "smsc", "Name des SMSC, über den gesendet wird"),
    ("sms", "kannel", "max_messages", "So viele Teile darf Kannel senden. Ohne Angabe: `max_segments`"),
    ("sms", "http", "method", "Methode der Anfrage"),
    ("sms", "http", "url", "Adresse, eine Vorlage: sie kennt `to`, `from`, `text`, `reference`, `validity_minutes`"),
    ("sms", "http", "headers", "Kopfzeilen, jede eine Vorlage"),
    ("sms", "http", "body", "Inhalt der Anfrage, eine Vorlage"),
    ("sms", "http", "content_type", "Art des Inhalts"),
    ("sms", "http", "success", "Woran man erkennt, dass die SMS angenommen ist"),
    ("sms", "http", "rejected", "… dass diese Nummer abgelehnt ist; der nächste Kanal folgt"),
    ("sms", "http", "refused", "… dass der Zugang abgelehnt ist; alles bleibt fällig"),
    ("sms", "http", "not_sent", "… dass sicher nichts gesendet wurde; es wird später erneut versucht"),
    ("sms", "http", "id", "Wo in einer JSON-Antwort die Kennung steht, etwa `/messages/0/id`"),
    (
        "sms",
        "http",
        "secrets",
        "Beliebige Namen; eine Vorlage nennt sie `secrets.name`. Mit `_file` oder `_env` dahinter: Datei oder Umgebungsvariable",
    ),
    ("sms", "file", "directory", "Ordner, in den jede SMS als Datei geschrieben wird"),
];

/// The parts of a pattern and of a secret mean the same wherever they stand.
const ENDINGS: &[(&str, &str)] = &[
    (".status", "Statuszahlen der Antwort"),
    (".contains", "ein Text, der in der Antwort steht"),
    (".pointer", "eine Stelle in einer JSON-Antwort, etwa `/success` …"),
    (".equals", "… und was dort steht"),
    ("_file", "Name einer Datei, in der nur das Geheimnis steht (empfohlen)"),
    ("_env", "Name einer Umgebungsvariablen"),
];

fn meaning(section: &Section, key: &Key) -> &'static str {
    let (kind, way) = (section.kind.word(), section.way.unwrap_or_default());
    let exact = |wanted: &str| {
        MEANINGS.iter().find(|(k, w, path, _)| *k == kind && *w == wanted && *path == key.path).map(|row| row.3)
    };
    let by_ending = || ENDINGS.iter().find(|(ending, _)| key.path.ends_with(ending)).map(|row| row.1);
    let secret = || key.path.starts_with("secrets.").then_some("das Geheimnis selbst");
    exact(way)
        .or_else(|| exact("*"))
        .or_else(by_ending)
        .or_else(secret)
        .unwrap_or_else(|| panic!("what is {kind} {way} {} for?", key.path))
}

fn values(holds: &Holds) -> String {
    match holds {
        Holds::Text => "Text".to_owned(),
        Holds::Flag => "`true`, `false`".to_owned(),
        Holds::Number(range) => format!("{} bis {}", range.start(), range.end()),
        Holds::Numbers(range) => format!("Liste, {} bis {}", range.start(), range.end()),
        Holds::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Holds::Time => "`\"00:00\"` bis `\"23:59\"`".to_owned(),
        Holds::Words => "Liste".to_owned(),
        Holds::Object => "Objekt".to_owned(),
    }
}

fn table(section: &Section) -> String {
    let mut table = "| Schlüssel | Werte | ohne Angabe | Bedeutung |\n|---|---|---|---|\n".to_owned();
    for key in &section.keys {
        let default = match (&key.default, key.required) {
            (Some(default), _) => format!("`{default}`"),
            (None, true) => "muss angegeben sein".to_owned(),
            (None, false) => "–".to_owned(),
        };
        writeln!(table, "| `{}` | {} | {default} | {} |", key.path, values(&key.holds), meaning(section, key)).unwrap();
    }
    table
}

#[test]
fn the_handbook_has_every_setting_as_the_program_reads_it() {
    let mut text = String::new();
    for section in reference() {
        let heading = match (section.kind, section.way) {
            (InterfaceKind::AppointmentNotification, _) => "#### Der Dienst: `appointment_notification`".to_owned(),
            (InterfaceKind::Smtp, None) => "#### E-Mail: `smtp`".to_owned(),
            (InterfaceKind::Smtp, Some(way)) => format!("Dazu bei `\"transport\": \"{way}\"`:"),
            (InterfaceKind::Sms, None) => "#### SMS: `sms`".to_owned(),
            (InterfaceKind::Sms, Some(way)) => format!("Dazu bei `\"gateway\": \"{way}\"`:"),
        };
        write!(text, "{heading}\n\n{}\n", table(&section)).unwrap();
    }
    Handbook::open().has_part("Einstellungen", &text);
}

#[test]
fn every_meaning_belongs_to_a_setting_that_there_is() {
    let sections = reference();
    for (kind, way, path, _) in MEANINGS {
        let known = sections.iter().any(|section| {
            section.kind.word() == *kind
                && (*way == "*" || section.way.unwrap_or_default() == *way)
                && section.keys.iter().any(|key| key.path == *path)
        });
        assert!(known, "{kind} {way} {path}");
    }
}

/// The README's tables are written by hand, in English.
#[test]
fn the_readme_names_every_setting() {
    let readme = include_str!("../../README.md");
    for section in reference() {
        for key in section.keys {
            let last = key.path.rsplit('.').next().unwrap();
            let secret =
                key.path.starts_with("secrets.") || matches!(last, "status" | "contains" | "pointer" | "equals");
            let object = matches!(key.holds, Holds::Object);
            let named = [&key.path, last].map(|name| readme.contains(&format!("`{name}`")));
            assert!(secret || object || named.contains(&true), "{}", key.path);
        }
    }
}
