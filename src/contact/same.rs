//! Whether two spellings mean the same address: for looking something up in the record, where an
//! address stands as it was typed or as a server took it.
//!
//! Letter case does not matter, also before an `@`, where only the address's own server knows
//! whether it does: whoever asks about somebody wants to find them. A number without a country
//! code is read in the plan of each code that the chain uses. A postal address is its letters and
//! digits; blanks and punctuation do not matter.

use std::collections::BTreeSet;

use super::email::EmailAddress;
use super::phone::PhoneNumber;
use super::{is_blank, is_joint};

/// What an address can mean: two spellings are the same address if one reading of each is equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readings(BTreeSet<String>);

impl Readings {
    /// Reads an e-mail address, a telephone number or a postal address in one line, in any spelling.
    /// `country_codes` (such as `+49`) are those in whose plans a number without one may stand.
    #[must_use]
    pub fn of(text: &str, country_codes: &BTreeSet<String>) -> Self {
        let text = text.trim();
        if text.contains('@') {
            let address = EmailAddress::parse(text).map_or_else(|_| text.to_owned(), |read| read.expose().to_owned());
            return Self(BTreeSet::from([address.to_lowercase()]));
        }
        let is_sign = |c: char| is_blank(c) || is_joint(c) || matches!(c, '+' | '(' | ')' | '/');
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if digits.is_empty() || !text.chars().all(|c| c.is_ascii_digit() || is_sign(c)) {
            let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            return Self(BTreeSet::from([words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")]));
        }
        let read = |text: &str| -> BTreeSet<String> {
            let numbers = country_codes.iter().filter_map(|code| PhoneNumber::parse(text, code).ok());
            numbers.map(|number| number.expose().to_owned()).collect()
        };
        let mut numbers = read(text);
        if numbers.is_empty() {
            // As gateways write them: the country code without its plus.
            numbers = read(&format!("+{digits}"));
        }
        Self(if numbers.is_empty() { BTreeSet::from([digits]) } else { numbers })
    }

    /// Whether a text is an address as it stands: an e-mail address or a number that can be understood, or words and
    /// digits, as a postal address has both. `country_codes` as for [`Readings::of`].
    #[must_use]
    pub fn is_whole(text: &str, country_codes: &BTreeSet<String>) -> bool {
        if text.contains('@') {
            return EmailAddress::parse(text.trim()).is_ok();
        }
        let has_digit = text.contains(|c: char| c.is_ascii_digit());
        let readings = Self::of(text, country_codes);
        has_digit && readings.expose().any(|reading| reading.starts_with('+') || reading.contains(char::is_alphabetic))
    }

    /// Whether both can mean the same address.
    #[must_use]
    pub fn meet(&self, other: &Self) -> bool {
        !self.0.is_disjoint(&other.0)
    }

    /// The readings in full, one of each address that is meant.
    pub fn expose(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        let codes = ["+49", "+43"].map(str::to_owned).into();
        Readings::of(one, &codes).meet(&Readings::of(other, &codes))
    }

    #[test]
    fn one_address_in_many_spellings_is_the_same() {
        for (one, other) in [
            ("renate@example.de", " Renate@EXAMPLE.de"),
            ("info@straße.example", "info@xn--strae-oqa.example"),
            ("+4915228817386", "0152 28817386"),
            ("+4915228817386", "0152/288-173-86"),
            ("+4915228817386", "0049 (0)152 28817386"),
            ("+4915228817386", "4915228817386"),
            ("Gartenweg 3, 20095 Hamburg", "gartenweg 3  20095 HAMBURG"),
            ("12 34", "1234"),
            ("kein@", "KEIN@"),
        ] {
            assert!(same(one, other), "{one} and {other}");
        }
    }

    #[test]
    fn what_cannot_be_an_address_as_it_stands_is_known() {
        let codes = ["+49"].map(str::to_owned).into();
        for (text, whole) in [
            ("renate@example.de", true),
            ("0152 28817386", true),
            ("4915228817386", true),
            ("Gartenweg 3, 20095 Hamburg", true),
            ("renate@", false),
            ("renate@example", false),
            ("0152", false),
            ("Gartenweg", false),
            ("xx", false),
        ] {
            assert_eq!(Readings::is_whole(text, &codes), whole, "{text}");
        }
    }

    #[test]
    fn different_addresses_are_not() {
        for (one, other) in [
            ("renate@example.de", "renate@example.com"),
            ("+4915228817386", "+4915228817387"),
            ("+4915228817386", "+4315228817386"),
            ("Gartenweg 3, 20095 Hamburg", "Gartenweg 32, 0095 Hamburg"),
            ("renate@example.de", "4915228817386"),
        ] {
            assert!(!same(one, other), "{one} and {other}");
        }
    }
}
