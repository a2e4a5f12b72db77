//! The words for what is wrong with an address, a number or a value in the database.

use super::{Lang, moment, quoted};
use crate::contact::{AddressFault, EmailFault, PhoneFault, mask_addresses};
use crate::model::{BadData, Found, Needed, Problem};

/// What is wrong with an address or a number, as a sentence without its full stop.
pub(in crate::report) fn address_fault(lang: Lang, fault: &AddressFault) -> String {
    match (lang, fault) {
        (Lang::De, AddressFault::Email(fault)) => format!("die Adresse ist falsch: sie {}", german_email(*fault)),
        (Lang::De, AddressFault::Phone(fault)) => format!("die Nummer ist falsch: sie {}", german_phone(fault)),
        (Lang::En, AddressFault::Email(fault)) => format!("the address is wrong: it {fault}"),
        (Lang::En, AddressFault::Phone(fault)) => format!("the number is wrong: it {fault}"),
    }
}

/// What is said of the address in German, after "sie".
const fn german_email(fault: EmailFault) -> &'static str {
    match fault {
        EmailFault::Empty => "ist leer",
        EmailFault::LineBreak => "enthält einen Zeilenumbruch",
        EmailFault::Blank => "enthält ein Leerzeichen",
        EmailFault::ControlCharacter => "enthält ein Steuerzeichen (bitte neu eintippen)",
        EmailFault::InvisibleSign => "enthält ein unsichtbares Zeichen (bitte neu eintippen)",
        EmailFault::Several => "enthält ein Komma oder Semikolon, als wären es mehrere Adressen",
        EmailFault::AngleBracket => "enthält spitze Klammern (bitte nur die Adresse selbst eintragen)",
        EmailFault::QuotationMark => "enthält ein Anführungszeichen oder einen umgekehrten Schrägstrich",
        EmailFault::Bracket => "enthält eine Klammer oder einen Doppelpunkt",
        EmailFault::NoAt => "enthält kein @",
        EmailFault::TwoAts => "enthält mehr als ein @",
        EmailFault::NothingBefore => "hat nichts vor dem @",
        EmailFault::NothingAfter => "hat nichts nach dem @",
        EmailFault::Umlaut => "hat vor dem @ einen Umlaut oder ein anderes Zeichen, das Mailserver nicht annehmen",
        EmailFault::MisplacedSign => "hat vor dem @ einen Punkt oder ein anderes Zeichen an falscher Stelle",
        EmailFault::EndsWithDot => "endet mit einem Punkt",
        EmailFault::NoDotAfter => "hat nach dem @ keinen Punkt",
        EmailFault::Domain => "hat nach dem @ keinen gültigen Domainnamen",
        EmailFault::TooLong => "ist zu lang",
        EmailFault::NoAddress => "ist keine E-Mail-Adresse",
    }
}

/// What is said of the number in German, after "sie".
fn german_phone(fault: &PhoneFault) -> String {
    match fault {
        PhoneFault::Empty => "ist leer",
        PhoneFault::NoDigits => "enthält keine Ziffern",
        PhoneFault::LineBreak => "enthält einen Zeilenumbruch",
        PhoneFault::InvisibleSign => "enthält ein unsichtbares Zeichen (bitte neu eintippen)",
        PhoneFault::Letter => "enthält einen Buchstaben",
        PhoneFault::ForeignSign => "enthält ein Zeichen, das in keiner Telefonnummer vorkommt",
        PhoneFault::LatePlus => "enthält ein +, das nicht am Anfang steht",
        PhoneFault::EmptyBrackets => "enthält Klammern, in denen nichts steht",
        PhoneFault::UnpairedBracket => "enthält eine Klammer ohne Gegenstück",
        PhoneFault::LooseEnd => "beginnt oder endet mit einem Trennzeichen, als fehlten Ziffern",
        PhoneFault::LateSlash => "enthält nach der Vorwahl einen Schrägstrich, als wären es zwei Nummern",
        PhoneFault::TwoZeros => "enthält zweimal (0)",
        PhoneFault::MisplacedZero => "enthält eine (0), die nicht gleich nach der Ländervorwahl steht",
        PhoneFault::ZeroWithoutCode => "enthält eine (0), vor der keine Ländervorwahl steht",
        PhoneFault::NoCode => "hat keine Ländervorwahl, und auch in den Einstellungen steht keine gültige",
        PhoneFault::UnknownCode => "beginnt mit einer Ländervorwahl, die es nicht gibt",
        PhoneFault::NoPlus => "beginnt mit einer Ländervorwahl, hat davor aber weder + noch 00",
        PhoneFault::MaybeForeign => {
            "kann eine ausländische Nummer sein oder eine mit einer 0 zu viel (bitte mit + schreiben)"
        }
        PhoneFault::MaybeWithCode => "lässt sich mit und ohne Ländervorwahl lesen (bitte mit + schreiben)",
        PhoneFault::NoneAtAll => "hat zu wenige Ziffern",
        PhoneFault::LongerThanAny => "hat zu viele Ziffern",
        PhoneFault::ZeroInPlan { code } => return format!("enthält eine (0), die es in Nummern mit {code} nicht gibt"),
        PhoneFault::CodeNeeded { code } => {
            return format!("hat keine Ländervorwahl, und Nummern mit {code} brauchen hier eine");
        }
        PhoneFault::NoPrefix { trunk } => {
            return format!("beginnt weder mit einer Ländervorwahl noch mit einer {trunk}");
        }
        PhoneFault::TooShort { code } => return format!("hat zu wenige Ziffern für eine Nummer mit {code}"),
        PhoneFault::TooLong { code } => return format!("hat zu viele Ziffern für eine Nummer mit {code}"),
        PhoneFault::NotInUse { code } => return format!("ist unter {code} nicht vergeben"),
    }
    .to_owned()
}

/// What is wrong with a value that cannot be understood.
pub(crate) fn bad_problem(lang: Lang, bad: &BadData) -> String {
    let problem = match lang {
        Lang::De => german_problem(&bad.problem),
        Lang::En => english_problem(&bad.problem),
    };
    // Times and dates look like telephone numbers, and it is they that are quoted here as a rule;
    // an address by e-mail gets here only if the columns were mixed up.
    if problem.contains('@') { mask_addresses(&problem) } else { problem }
}

fn german_problem(problem: &Problem) -> String {
    let text = |text: &str| quoted(Lang::De, text);
    match problem {
        Problem::NotUtf8 => "der Text ist nicht als UTF-8 gespeichert und muss neu eingetragen werden".to_owned(),
        Problem::Missing { needed } => format!("dort steht nichts, nötig ist {}", german_needed(*needed)),
        Problem::WrongKind { found, needed } => {
            format!("{}, nötig ist {}", german_found(*found), german_needed(*needed))
        }
        Problem::NoFlag { found } => format!("dort steht {found}, nötig ist 0 oder 1"),
        Problem::UnknownWord { word } => format!("{} ist dort kein bekanntes Wort", text(word)),
        Problem::NoTime { text: found } => {
            format!("dort steht {}, nötig ist ein Datum mit Uhrzeit wie 2026-03-10 19:00", text(found))
        }
        Problem::NoDate { text: found } => format!("dort steht {}, nötig ist ein Datum wie 2026-03-10", text(found)),
        Problem::NoInstant { text: found } => {
            format!("dort steht {}, nötig ist ein Zeitpunkt wie 2026-03-10T18:00:00Z", text(found))
        }
        Problem::EndBeforeStart { end, start } => {
            let (end, start) = (moment(Lang::De, *end), moment(Lang::De, *start));
            format!("das Ende ({end}) liegt vor dem Beginn ({start})")
        }
        Problem::NoSuchRow { table, id } => format!("in der Tabelle {table} gibt es keine Zeile {id}"),
        Problem::Unreadable { error } => format!("die Datenbank meldet {}", text(error)),
    }
}

fn english_problem(problem: &Problem) -> String {
    let text = |text: &str| quoted(Lang::En, text);
    match problem {
        Problem::NotUtf8 => "the text is not stored as UTF-8 and must be entered again".to_owned(),
        Problem::Missing { needed } => format!("there is nothing where {needed} is needed"),
        Problem::WrongKind { found, needed } => format!("there is {} where {needed} is needed", english_found(*found)),
        Problem::NoFlag { found } => format!("there is {found} where 0 or 1 is needed"),
        Problem::UnknownWord { word } => format!("{} is no known word there", text(word)),
        Problem::NoTime { text: found } => {
            format!("there is {} where a date with a time such as 2026-03-10 19:00 is needed", text(found))
        }
        Problem::NoDate { text: found } => {
            format!("there is {} where a date such as 2026-03-10 is needed", text(found))
        }
        Problem::NoInstant { text: found } => {
            format!("there is {} where an instant such as 2026-03-10T18:00:00Z is needed", text(found))
        }
        Problem::EndBeforeStart { end, start } => {
            let (end, start) = (moment(Lang::En, *end), moment(Lang::En, *start));
            format!("the end ({end}) is before the start ({start})")
        }
        Problem::NoSuchRow { table, id } => format!("there is no row {id} in the table {table}"),
        Problem::Unreadable { error } => format!("the database says {}", text(error)),
    }
}

const fn german_needed(needed: Needed) -> &'static str {
    match needed {
        Needed::Text => "ein Text",
        Needed::WholeNumber => "eine ganze Zahl",
        Needed::Time => "ein Datum mit Uhrzeit",
    }
}

const fn german_found(found: Found) -> &'static str {
    match found {
        Found::Integer => "dort steht eine ganze Zahl",
        Found::Real => "dort steht eine Kommazahl",
        Found::Text => "dort steht ein Text",
        Found::Blob => "dort stehen Binärdaten",
    }
}

const fn english_found(found: Found) -> &'static str {
    match found {
        Found::Integer => "a whole number",
        Found::Real => "a number with a fraction",
        Found::Text => "a text",
        Found::Blob => "binary data",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::mem::discriminant;

    use super::super::super::fixtures::start;
    use super::*;

    fn email_faults() -> Vec<EmailFault> {
        use EmailFault as F;
        vec![
            F::Empty,
            F::LineBreak,
            F::Blank,
            F::ControlCharacter,
            F::InvisibleSign,
            F::Several,
            F::AngleBracket,
            F::QuotationMark,
            F::Bracket,
            F::NoAt,
            F::TwoAts,
            F::NothingBefore,
            F::NothingAfter,
            F::Umlaut,
            F::MisplacedSign,
            F::EndsWithDot,
            F::NoDotAfter,
            F::Domain,
            F::TooLong,
            F::NoAddress,
        ]
    }

    fn phone_faults() -> Vec<PhoneFault> {
        use PhoneFault as F;
        let code = || "+49".to_owned();
        vec![
            F::Empty,
            F::NoDigits,
            F::LineBreak,
            F::InvisibleSign,
            F::Letter,
            F::ForeignSign,
            F::LatePlus,
            F::EmptyBrackets,
            F::UnpairedBracket,
            F::LooseEnd,
            F::LateSlash,
            F::TwoZeros,
            F::MisplacedZero,
            F::ZeroWithoutCode,
            F::NoCode,
            F::UnknownCode,
            F::NoPlus,
            F::MaybeForeign,
            F::MaybeWithCode,
            F::NoneAtAll,
            F::LongerThanAny,
            F::ZeroInPlan { code: code() },
            F::CodeNeeded { code: code() },
            F::NoPrefix { trunk: "0".to_owned() },
            F::TooShort { code: code() },
            F::TooLong { code: code() },
            F::NotInUse { code: code() },
        ]
    }

    fn problems() -> Vec<Problem> {
        let text = || "morgen".to_owned();
        let mut problems = vec![
            Problem::NotUtf8,
            Problem::NoFlag { found: 7 },
            Problem::UnknownWord { word: "offen".to_owned() },
            Problem::NoTime { text: text() },
            Problem::NoDate { text: text() },
            Problem::NoInstant { text: text() },
            Problem::EndBeforeStart { end: start("2026-03-10 09:00"), start: start("2026-03-10 10:00") },
            Problem::NoSuchRow { table: "customer", id: 9 },
            Problem::Unreadable { error: "no such column".to_owned() },
        ];
        problems.extend([Needed::Text, Needed::WholeNumber, Needed::Time].map(|needed| Problem::Missing { needed }));
        problems.extend(
            [Found::Integer, Found::Real, Found::Blob].map(|found| Problem::WrongKind { found, needed: Needed::Text }),
        );
        problems.push(Problem::WrongKind { found: Found::Text, needed: Needed::WholeNumber });
        problems
    }

    /// German words that are not the English ones, each of them once.
    fn told_apart(words: impl Fn(Lang) -> Vec<String>) {
        let [german, english] = Lang::ALL.map(words);
        for (german, english) in german.iter().zip(&english) {
            assert_ne!(german, english);
        }
        for words in [german, english] {
            assert_eq!(words.iter().collect::<HashSet<_>>().len(), words.len(), "{words:?}");
        }
    }

    #[test]
    fn every_fault_of_an_address_has_words_of_its_own_in_both_languages() {
        // A fault that is added must be added to the list that is walked here.
        assert_eq!(email_faults().iter().map(discriminant).collect::<HashSet<_>>().len(), 20);
        assert_eq!(phone_faults().iter().map(discriminant).collect::<HashSet<_>>().len(), 27);
        told_apart(|lang| email_faults().into_iter().map(|fault| address_fault(lang, &fault.into())).collect());
        told_apart(|lang| phone_faults().into_iter().map(|fault| address_fault(lang, &fault.into())).collect());
    }

    #[test]
    fn every_problem_of_a_value_has_words_of_its_own_in_both_languages() {
        assert_eq!(problems().iter().map(discriminant).collect::<HashSet<_>>().len(), 11);
        let bad = |problem| BadData { table: "appointment", row: 3, column: "starts_at", problem };
        told_apart(|lang| problems().into_iter().map(|problem| bad_problem(lang, &bad(problem))).collect());
    }

    #[test]
    fn an_address_in_the_wrong_column_is_masked() {
        let problem = Problem::NoTime { text: "anna@example.de".to_owned() };
        let bad = BadData { table: "appointment", row: 3, column: "starts_at", problem };
        for lang in Lang::ALL {
            let words = bad_problem(lang, &bad);
            assert!(words.contains("a***@e***.de") && !words.contains("anna"), "{words}");
        }
    }

    #[test]
    fn the_faults_of_addresses_read_in_german() {
        let emails = email_faults().into_iter().map(AddressFault::from);
        let phones = phone_faults().into_iter().map(AddressFault::from);
        let texts: Vec<_> = emails.chain(phones).map(|fault| address_fault(Lang::De, &fault)).collect();
        insta::assert_snapshot!(texts.join("\n"), @"
        die Adresse ist falsch: sie ist leer
        die Adresse ist falsch: sie enthält einen Zeilenumbruch
        die Adresse ist falsch: sie enthält ein Leerzeichen
        die Adresse ist falsch: sie enthält ein Steuerzeichen (bitte neu eintippen)
        die Adresse ist falsch: sie enthält ein unsichtbares Zeichen (bitte neu eintippen)
        die Adresse ist falsch: sie enthält ein Komma oder Semikolon, als wären es mehrere Adressen
        die Adresse ist falsch: sie enthält spitze Klammern (bitte nur die Adresse selbst eintragen)
        die Adresse ist falsch: sie enthält ein Anführungszeichen oder einen umgekehrten Schrägstrich
        die Adresse ist falsch: sie enthält eine Klammer oder einen Doppelpunkt
        die Adresse ist falsch: sie enthält kein @
        die Adresse ist falsch: sie enthält mehr als ein @
        die Adresse ist falsch: sie hat nichts vor dem @
        die Adresse ist falsch: sie hat nichts nach dem @
        die Adresse ist falsch: sie hat vor dem @ einen Umlaut oder ein anderes Zeichen, das Mailserver nicht annehmen
        die Adresse ist falsch: sie hat vor dem @ einen Punkt oder ein anderes Zeichen an falscher Stelle
        die Adresse ist falsch: sie endet mit einem Punkt
        die Adresse ist falsch: sie hat nach dem @ keinen Punkt
        die Adresse ist falsch: sie hat nach dem @ keinen gültigen Domainnamen
        die Adresse ist falsch: sie ist zu lang
        die Adresse ist falsch: sie ist keine E-Mail-Adresse
        die Nummer ist falsch: sie ist leer
        die Nummer ist falsch: sie enthält keine Ziffern
        die Nummer ist falsch: sie enthält einen Zeilenumbruch
        die Nummer ist falsch: sie enthält ein unsichtbares Zeichen (bitte neu eintippen)
        die Nummer ist falsch: sie enthält einen Buchstaben
        die Nummer ist falsch: sie enthält ein Zeichen, das in keiner Telefonnummer vorkommt
        die Nummer ist falsch: sie enthält ein +, das nicht am Anfang steht
        die Nummer ist falsch: sie enthält Klammern, in denen nichts steht
        die Nummer ist falsch: sie enthält eine Klammer ohne Gegenstück
        die Nummer ist falsch: sie beginnt oder endet mit einem Trennzeichen, als fehlten Ziffern
        die Nummer ist falsch: sie enthält nach der Vorwahl einen Schrägstrich, als wären es zwei Nummern
        die Nummer ist falsch: sie enthält zweimal (0)
        die Nummer ist falsch: sie enthält eine (0), die nicht gleich nach der Ländervorwahl steht
        die Nummer ist falsch: sie enthält eine (0), vor der keine Ländervorwahl steht
        die Nummer ist falsch: sie hat keine Ländervorwahl, und auch in den Einstellungen steht keine gültige
        die Nummer ist falsch: sie beginnt mit einer Ländervorwahl, die es nicht gibt
        die Nummer ist falsch: sie beginnt mit einer Ländervorwahl, hat davor aber weder + noch 00
        die Nummer ist falsch: sie kann eine ausländische Nummer sein oder eine mit einer 0 zu viel (bitte mit + schreiben)
        die Nummer ist falsch: sie lässt sich mit und ohne Ländervorwahl lesen (bitte mit + schreiben)
        die Nummer ist falsch: sie hat zu wenige Ziffern
        die Nummer ist falsch: sie hat zu viele Ziffern
        die Nummer ist falsch: sie enthält eine (0), die es in Nummern mit +49 nicht gibt
        die Nummer ist falsch: sie hat keine Ländervorwahl, und Nummern mit +49 brauchen hier eine
        die Nummer ist falsch: sie beginnt weder mit einer Ländervorwahl noch mit einer 0
        die Nummer ist falsch: sie hat zu wenige Ziffern für eine Nummer mit +49
        die Nummer ist falsch: sie hat zu viele Ziffern für eine Nummer mit +49
        die Nummer ist falsch: sie ist unter +49 nicht vergeben
        ");
    }

    #[test]
    fn the_problems_read_in_both_languages() {
        let texts = |lang| {
            let bad = |problem| BadData { table: "appointment", row: 3, column: "starts_at", problem };
            problems().into_iter().map(|problem| bad_problem(lang, &bad(problem))).collect::<Vec<_>>().join("\n")
        };
        insta::assert_snapshot!(texts(Lang::De), @"
        der Text ist nicht als UTF-8 gespeichert und muss neu eingetragen werden
        dort steht 7, nötig ist 0 oder 1
        „offen“ ist dort kein bekanntes Wort
        dort steht „morgen“, nötig ist ein Datum mit Uhrzeit wie 2026-03-10 19:00
        dort steht „morgen“, nötig ist ein Datum wie 2026-03-10
        dort steht „morgen“, nötig ist ein Zeitpunkt wie 2026-03-10T18:00:00Z
        das Ende (Di., 10.03.2026, 09:00) liegt vor dem Beginn (Di., 10.03.2026, 10:00)
        in der Tabelle customer gibt es keine Zeile 9
        die Datenbank meldet „no such column“
        dort steht nichts, nötig ist ein Text
        dort steht nichts, nötig ist eine ganze Zahl
        dort steht nichts, nötig ist ein Datum mit Uhrzeit
        dort steht eine ganze Zahl, nötig ist ein Text
        dort steht eine Kommazahl, nötig ist ein Text
        dort stehen Binärdaten, nötig ist ein Text
        dort steht ein Text, nötig ist eine ganze Zahl
        ");
        insta::assert_snapshot!(texts(Lang::En), @"
        the text is not stored as UTF-8 and must be entered again
        there is 7 where 0 or 1 is needed
        “offen” is no known word there
        there is “morgen” where a date with a time such as 2026-03-10 19:00 is needed
        there is “morgen” where a date such as 2026-03-10 is needed
        there is “morgen” where an instant such as 2026-03-10T18:00:00Z is needed
        the end (Tue 10 Mar 2026, 09:00) is before the start (Tue 10 Mar 2026, 10:00)
        there is no row 9 in the table customer
        the database says “no such column”
        there is nothing where a text is needed
        there is nothing where a whole number is needed
        there is nothing where a time is needed
        there is a whole number where a text is needed
        there is a number with a fraction where a text is needed
        there is binary data where a text is needed
        there is a text where a whole number is needed
        ");
        let texts = problems().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(texts, @r#"
        bytes that are no UTF-8 text; write the value again in UTF-8
        7 where 0 or 1 is needed
        "offen" is no known word
        "morgen" where a time such as 2026-03-10 19:00 is needed
        "morgen" where a date such as 2026-03-10 is needed
        "morgen" where an instant such as 2026-03-10T18:00:00Z is needed
        2026-03-10 09:00 is before its start, 2026-03-10 10:00
        there is no customer 9
        no such column
        nothing where a text is needed
        nothing where a whole number is needed
        nothing where a time is needed
        Integer where a text is needed
        Real where a text is needed
        Blob where a text is needed
        Text where a whole number is needed
        "#);
    }
}
