//! E-mail addresses: one mailbox, as a mail server takes it, and nothing else.
//!
//! What RFC 5322 allows and nobody has is refused, since at a front desk it is a slip of the
//! fingers: display names and angle brackets, quotes, comments, IP addresses, domains without a
//! dot. So is an umlaut before the `@`, which only servers with SMTPUTF8 (RFC 6531) would take and
//! German providers do not give out. A domain with umlauts is turned into its ASCII form
//! (`xn--…`, IDNA), which every server takes.
//!
//! Guarantee: what is accepted is a single line of printable ASCII with exactly one `@` and is
//! accepted by the mail library too. The address is never part of an error.

use std::fmt;

use email_address::{Error, Options};

use super::{is_invisible, is_line_break};

/// The longest address that fits into an SMTP path of 256 octets (RFC 5321, 4.5.3.1.3).
const MAX_LENGTH: usize = 254;

/// A valid e-mail address. It prints masked.
///
/// The domain is kept in lower case and in ASCII, so that two spellings of one address are equal.
/// The part before the `@` stays as typed: only its own server knows whether letter case matters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

/// What is wrong with an e-mail address. It prints as what is said of the address, in English and
/// without it; for people there are words in `report::words`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailFault {
    /// There is nothing, or blanks only.
    #[error("is empty")]
    Empty,
    /// A line ends in it.
    #[error("contains a line break")]
    LineBreak,
    /// There is a blank in it.
    #[error("contains a blank")]
    Blank,
    /// There is a control character in it.
    #[error("contains a control character")]
    ControlCharacter,
    /// There is a sign in it that nobody sees.
    #[error("contains an invisible sign")]
    InvisibleSign,
    /// There is a comma or semicolon in it.
    #[error("contains a comma or semicolon, as if it were several addresses")]
    Several,
    /// There is a `<` or `>` in it.
    #[error("contains angle brackets; only the address itself is wanted")]
    AngleBracket,
    /// There is a `"` or `\` in it.
    #[error("contains a quotation mark or backslash")]
    QuotationMark,
    /// There is a bracket or colon in it.
    #[error("contains a bracket or colon")]
    Bracket,
    /// There is no `@`.
    #[error("has no @")]
    NoAt,
    /// There is more than one `@`.
    #[error("has two @ signs")]
    TwoAts,
    /// It begins with the `@`.
    #[error("has nothing before the @")]
    NothingBefore,
    /// It ends with the `@`.
    #[error("has nothing after the @")]
    NothingAfter,
    /// Before the `@` there is a sign beyond ASCII.
    #[error("has an umlaut or another sign before the @ that mail servers do not take")]
    Umlaut,
    /// Before the `@` there is a sign where it may not be.
    #[error("has a dot or another sign before the @ where none may be")]
    MisplacedSign,
    /// Its last sign is a dot.
    #[error("ends with a dot")]
    EndsWithDot,
    /// Its domain has one label only.
    #[error("has no dot after the @")]
    NoDotAfter,
    /// Its domain cannot be one.
    #[error("has no valid domain after the @")]
    Domain,
    /// It, or a part of it, is longer than may be.
    #[error("is too long")]
    TooLong,
    /// It is none for another reason.
    #[error("is no e-mail address")]
    NoAddress,
}

impl EmailAddress {
    /// Reads an address as somebody typed it; blanks around it are ignored.
    ///
    /// # Errors
    /// What is wrong, without the address itself.
    pub fn parse(text: &str) -> Result<Self, EmailFault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmailFault::Empty);
        }
        if let Some(fault) = text.chars().find_map(foreign_to_any_address) {
            return Err(fault);
        }
        let Some((local, domain)) = text.split_once('@') else {
            return Err(EmailFault::NoAt);
        };
        if domain.contains('@') {
            return Err(EmailFault::TwoAts);
        }
        if local.is_empty() {
            return Err(EmailFault::NothingBefore);
        }
        if !local.is_ascii() {
            return Err(EmailFault::Umlaut);
        }
        let domain = ascii_domain(domain)?;
        let address = format!("{local}@{domain}");
        if address.len() > MAX_LENGTH {
            return Err(EmailFault::TooLong);
        }
        let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
        email_address::EmailAddress::parse_with_options(&address, options).map_err(|error| fault_of(&error))?;
        Ok(Self(address))
    }

    /// The full address.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// What is wrong with an address that contains `c`, if no address may contain it.
fn foreign_to_any_address(c: char) -> Option<EmailFault> {
    match c {
        _ if is_line_break(c) => Some(EmailFault::LineBreak),
        _ if c.is_whitespace() => Some(EmailFault::Blank),
        _ if c.is_control() => Some(EmailFault::ControlCharacter),
        _ if is_invisible(c) => Some(EmailFault::InvisibleSign),
        ',' | ';' => Some(EmailFault::Several),
        '<' | '>' => Some(EmailFault::AngleBracket),
        '"' | '\\' => Some(EmailFault::QuotationMark),
        '(' | ')' | '[' | ']' | ':' => Some(EmailFault::Bracket),
        _ => None,
    }
}

/// The domain as DNS has it: lower case, ASCII, at least two labels of letters, digits and inner
/// hyphens, the last of which is no number.
fn ascii_domain(domain: &str) -> Result<String, EmailFault> {
    if domain.is_empty() {
        return Err(EmailFault::NothingAfter);
    }
    if domain.ends_with('.') {
        return Err(EmailFault::EndsWithDot);
    }
    let domain = idna::domain_to_ascii(domain).map_err(|_| EmailFault::Domain)?.to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let Some((_, top)) = domain.rsplit_once('.') else {
        return Err(EmailFault::NoDotAfter);
    };
    // No top-level domain has one letter, and one that begins with a digit would be an IP address.
    let is_top = top.len() >= 2 && top.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_top && domain.split('.').all(is_label) { Ok(domain) } else { Err(EmailFault::Domain) }
}

/// What the parser found wrong in an address that has passed our own look at it.
const fn fault_of(error: &Error) -> EmailFault {
    match error {
        Error::LocalPartTooLong | Error::DomainTooLong | Error::SubDomainTooLong => EmailFault::TooLong,
        Error::InvalidCharacter => EmailFault::MisplacedSign,
        _ => EmailFault::NoAddress,
    }
}

/// `local@domain` with all but the first letters and the top-level domain hidden, enough for a
/// branch to recognise it. The asterisks are always three, so that they do not tell the length.
pub(super) fn masked(local: &str, domain: &str) -> String {
    let first = |text: &str| text.chars().find(|c| c.is_alphanumeric()).map(String::from).unwrap_or_default();
    // What is no top-level domain may be anything, such as another address.
    let is_top = |top: &str| top.chars().all(|c| c.is_alphanumeric() || c == '-');
    let top = match domain.rsplit_once('.') {
        Some((_, top)) if is_top(top) => format!(".{top}"),
        _ => String::new(),
    };
    format!("{}***@{}***{top}", first(local), first(domain))
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (local, domain) = self.0.split_once('@').unwrap_or_default();
        f.write_str(&masked(local, domain))
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_that_people_have_are_accepted_here_and_by_the_mail_library() {
        #[track_caller]
        fn case(typed: &str, exposed: &str) {
            let address = EmailAddress::parse(typed).unwrap();
            assert_eq!(address.expose(), exposed);
            let parsed: lettre::Address = exposed.parse().unwrap();
            assert_eq!(parsed.to_string(), exposed);
        }
        case("anna.muster@example.de", "anna.muster@example.de");
        case("  anna.muster@example.de\t", "anna.muster@example.de");
        case("\u{a0}anna.muster@example.de\r\n", "anna.muster@example.de");
        case("Anna.Muster@EXAMPLE.De", "Anna.Muster@example.de");
        case("a@b.de", "a@b.de");
        case("anna+termin@example.de", "anna+termin@example.de");
        case("anna_muster-2@example.de", "anna_muster-2@example.de");
        case("o'neill@example.com", "o'neill@example.com");
        case("4711@example.de", "4711@example.de");
        case("anna@mail.praxis.example.de", "anna@mail.praxis.example.de");
        case("anna@1und1.example", "anna@1und1.example");
        case("anna@ab--cd.example", "anna@ab--cd.example");
        case("anna@müller.example", "anna@xn--mller-kva.example");
        case("anna@xn--mller-kva.example", "anna@xn--mller-kva.example");
        case("anna@mu\u{308}ller.example", "anna@xn--mller-kva.example");
        case("anna@straße.example", "anna@xn--strae-oqa.example");
        case("anna@example.xn--p1ai", "anna@example.xn--p1ai");
        let longest_local = "a".repeat(64);
        case(&format!("{longest_local}@example.de"), &format!("{longest_local}@example.de"));
    }

    #[test]
    fn anything_else_is_refused_with_words_that_do_not_repeat_it() {
        #[track_caller]
        fn case(typed: &str, problem: &str) {
            let refused = EmailAddress::parse(typed).map_err(|fault| fault.to_string());
            assert_eq!(refused, Err(problem.to_owned()), "{typed:?}");
        }
        case("", "is empty");
        case("  \t ", "is empty");
        case("anna.muster", "has no @");
        case("anna.muster.example.de", "has no @");
        case("anna@muster@example.de", "has two @ signs");
        case("anna@@example.de", "has two @ signs");
        case("@example.de", "has nothing before the @");
        case("anna@", "has nothing after the @");
        case("anna@localhost", "has no dot after the @");
        case("anna@example.", "ends with a dot");
        case("anna@example.de.", "ends with a dot");
        case("anna@.de", "has no valid domain after the @");
        case("anna@example..de", "has no valid domain after the @");
        case("anna@-example.de", "has no valid domain after the @");
        case("anna@example-.de", "has no valid domain after the @");
        case("anna@exam_ple.de", "has no valid domain after the @");
        case("anna@exam!ple.de", "has no valid domain after the @");
        case("anna@example.d", "has no valid domain after the @");
        case("anna@203.0.113.25", "has no valid domain after the @");
        case("anna@[203.0.113.25]", "contains a bracket or colon");
        case(&format!("anna@{}.de", "a".repeat(64)), "has no valid domain after the @");
        case(&format!("{}@example.de", "a".repeat(65)), "is too long");
        case(&format!("a@{}de", "abcdefg.".repeat(40)), "is too long");
        case(".anna@example.de", "has a dot or another sign before the @ where none may be");
        case("anna.@example.de", "has a dot or another sign before the @ where none may be");
        case("anna..muster@example.de", "has a dot or another sign before the @ where none may be");
        case("anna muster@example.de", "contains a blank");
        case("anna@example.de petra@example.de", "contains a blank");
        case("anna\u{a0}@example.de", "contains a blank");
        case("anna@example.de,petra@example.de", "contains a comma or semicolon, as if it were several addresses");
        case("anna@example.de;", "contains a comma or semicolon, as if it were several addresses");
        case("Anna<anna@example.de>", "contains angle brackets; only the address itself is wanted");
        case("<anna@example.de>", "contains angle brackets; only the address itself is wanted");
        case("mailto:anna@example.de", "contains a bracket or colon");
        case("anna(zu_hause)@example.de", "contains a bracket or colon");
        case("\"anna\"@example.de", "contains a quotation mark or backslash");
        case("anna@example.de\r\nBcc:x@example.net", "contains a line break");
        case("anna\n@example.de", "contains a line break");
        case("anna\u{2028}@example.de", "contains a line break");
        case("anna\0@example.de", "contains a control character");
        case("anna@exam\u{ad}ple.de", "contains an invisible sign");
        case("anna\u{200b}@example.de", "contains an invisible sign");
        case("müller@example.de", "has an umlaut or another sign before the @ that mail servers do not take");
    }

    #[test]
    fn two_spellings_of_one_address_are_equal_and_two_mailboxes_are_not() {
        let parse = |text| EmailAddress::parse(text).unwrap();
        assert_eq!(parse("anna@EXAMPLE.de"), parse(" anna@example.DE "));
        assert_eq!(parse("anna@MÜLLER.example"), parse("anna@xn--mller-kva.example"));
        assert_ne!(parse("anna@example.de"), parse("Anna@example.de"));
    }

    #[test]
    fn it_prints_masked() {
        let address = EmailAddress::parse("anna.muster@mail.example.de").unwrap();
        assert_eq!(address.to_string(), "a***@m***.de");
        assert_eq!(format!("{address:?}"), "EmailAddress(a***@m***.de)");
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_one_line_that_the_mail_library_accepts(
            text in "[a-zA-Z0-9.+'_äß\"<> \n@-]{1,12}@[a-zA-Z0-9.äß@ \r-]{1,12}(\\.de|\\.example)?"
        ) {
            if let Ok(address) = EmailAddress::parse(&text) {
                let exposed = address.expose();
                prop_assert!(exposed.bytes().all(|b| b.is_ascii_graphic()));
                prop_assert_eq!(exposed.matches('@').count(), 1);
                prop_assert!(exposed.parse::<lettre::Address>().is_ok());
                prop_assert_eq!(EmailAddress::parse(exposed), Ok(address.clone()));
            }
        }

        #[test]
        fn no_text_makes_it_panic_or_repeats_itself_in_the_error(text in any::<String>()) {
            if let Err(fault) = EmailAddress::parse(&format!("{text}4711")) {
                prop_assert!(!fault.to_string().contains("4711"));
            }
        }
    }
}
