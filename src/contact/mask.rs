//! Masks addresses where they are shown: inside running text, such as the replies of servers, and
//! as the record has them.
//!
//! Running text is masked with more zeal than care, because a log file lives longer than anybody
//! thinks: everything around an `@` is an address, and so is everything that could be a telephone
//! number: digits after a `+`, seven and more that begin with a `0`, ten and more in any case,
//! with the blanks and signs that people put between them. What staff need to understand a reply
//! stays: reply codes and enhanced status codes (RFC 3463), dates, times, IP addresses, shorter
//! numbers, and digits in one word with letters, which are ids.
//!
//! An id of ten and more digits is masked too: it cannot be told from a number.
//!
//! Guarantee: masking a second time changes nothing.

use super::{email, is_blank, is_joint, phone};
use crate::model::Channel;

/// `text` with every e-mail address and telephone number in it masked.
#[must_use]
pub fn mask_addresses(text: &str) -> String {
    mask_numbers(&mask_emails(text))
}

/// An address as the record has it, masked by its channel. Of a letter, postcode and town stay.
#[must_use]
pub fn mask_stored(channel: Channel, address: &str) -> String {
    match channel {
        Channel::Email => match address.trim().rsplit_once('@') {
            Some((local, domain)) => email::masked(local, domain),
            None => phone::HIDDEN.to_owned(),
        },
        Channel::Sms | Channel::Phone => mask_number(address),
        Channel::Letter => match address.trim().rsplit_once(',') {
            // Without a postcode at its beginning, the end of the line could be the street.
            Some((_, town)) if town.trim_start().starts_with(|c: char| c.is_ascii_digit()) => {
                let town: String = town.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
                format!("{}, {town}", phone::HIDDEN)
            }
            _ => phone::HIDDEN.to_owned(),
        },
    }
}

/// A number in any spelling, masked.
fn mask_number(text: &str) -> String {
    let text = text.trim();
    // With a country code, it needs no other; without, the digits have to do.
    if text.starts_with('+')
        && let Ok(number) = phone::PhoneNumber::parse(text, "")
    {
        return number.to_string();
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let plus = if text.starts_with('+') { "+" } else { "" };
    format!("{plus}{}", phone::masked(&digits))
}

/// The ways to write an `@` in a URL, in JSON and in HTML.
const AT_SIGNS: [&str; 4] = ["@", "%40", "\\u0040", "&#64;"];

/// Signs that can stand in the part before an `@` without quotes (RFC 5322, 3.2.3).
fn is_local(c: char) -> bool {
    c.is_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c)
}

/// Signs of a domain, and the asterisks of one that is masked already.
fn is_domain(c: char) -> bool {
    c.is_alphanumeric() || ".-_*".contains(c)
}

/// The first `@` in `text`, however it is written: what stands before it and what after it.
fn split_at_sign(text: &str) -> Option<(&str, &str)> {
    let (at, sign) = AT_SIGNS.iter().filter_map(|sign| Some((text.find(sign)?, *sign))).min()?;
    Some((&text[..at], &text[at + sign.len()..]))
}

fn mask_emails(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = split_at_sign(rest) {
        let quoted = before.strip_suffix('"').and_then(|quoted| Some(&quoted[quoted.rfind('"')? + 1..]));
        let local = match quoted {
            Some(local) => local,
            None => {
                before[before.trim_end_matches(is_local).len()..].trim_start_matches(|c: char| !c.is_alphanumeric())
            }
        };
        let quote = if quoted.is_some() { "\"" } else { "" };
        // A full stop after the address belongs to the sentence; an IP address stands in brackets.
        let domain = match after.strip_prefix('[').and_then(|literal| literal.find(']')) {
            Some(end) => &after[..end + 2],
            None => after[..after.len() - after.trim_start_matches(is_domain).len()].trim_end_matches(['.', '-']),
        };
        if [local, domain].iter().all(|part| part.contains(char::is_alphanumeric)) {
            masked.push_str(&before[..before.len() - quote.len() - local.len()]);
            let domain_shown = if domain.starts_with('[') { "" } else { domain };
            // The first @ is the address's own, since only letters and digits are shown before it.
            masked.push_str(&email::masked(local, domain_shown).replacen('@', &format!("{quote}@"), 1));
            rest = &after[domain.len()..];
        } else {
            masked.push_str(&rest[..rest.len() - after.len()]);
            rest = after;
        }
    }
    masked.push_str(rest);
    masked
}

/// Whether `c` can stand between the digits of a telephone number, other than a blank.
fn is_sign(c: char) -> bool {
    is_joint(c) || matches!(c, '(' | ')' | '/')
}

/// The ways to write a `+` in a URL, in JSON and in HTML.
const PLUS_SIGNS: [&str; 4] = ["+", "%2b", "\\u002b", "&#43;"];

/// How long the `+` is with which `text` begins, however it is written.
fn plus_length(text: &str) -> Option<usize> {
    PLUS_SIGNS
        .iter()
        .map(|sign| sign.len())
        .zip(PLUS_SIGNS)
        .find_map(|(length, sign)| text.get(..length)?.eq_ignore_ascii_case(sign).then_some(length))
}

fn mask_numbers(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    let mut previous = '\n';
    let mut after_reply_code = false;
    while let Some(c) = rest.chars().next() {
        let length = if let Some(length) = reply_code(rest, previous) {
            after_reply_code = true;
            masked.push_str(&rest[..length]);
            length
        } else if let Some(length) = other_digits(rest, previous) {
            masked.push_str(&rest[..length]);
            length
        } else if let Some(length) = number_length(rest, after_reply_code) {
            let plus = plus_length(rest).map(|length| ("+", length));
            let (sign, skipped) = plus.unwrap_or_default();
            masked.push_str(&mask_number(&format!("{sign}{}", &rest[skipped..length])));
            length
        } else {
            after_reply_code &= is_blank(c) || is_sign(c);
            masked.push(c);
            c.len_utf8()
        };
        previous = rest[..length].chars().next_back().unwrap_or(previous);
        rest = &rest[length..];
    }
    masked
}

/// The length of an SMTP reply code at the beginning of a line: three digits and a blank or hyphen.
fn reply_code(text: &str, previous: char) -> Option<usize> {
    let starts_line = matches!(previous, '\n' | '\r');
    let [first, second, third, separator, ..] = text.as_bytes() else { return None };
    let is_code = matches!(first, b'2' | b'4' | b'5')
        && second.is_ascii_digit()
        && third.is_ascii_digit()
        && matches!(separator, b' ' | b'-');
    (starts_line && is_code).then_some(3)
}

/// The length of the word of digits at the beginning of `text`, if it is a code, a date, an
/// address of a computer, or a part of an id.
fn other_digits(text: &str, previous: char) -> Option<usize> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) || previous == '+' {
        return None;
    }
    let group = &text[..group_length(text)];
    let next = text[group.len()..].chars().next();
    let is_word = |next: char| next.is_alphanumeric() && is_number(group) && !group.starts_with('0');
    let is_id = previous.is_alphanumeric() || next.is_some_and(is_word);
    (is_id || is_no_number(group)).then_some(group.len())
}

/// Whether digits and the signs between them cannot be a part of a telephone number.
fn is_no_number(group: &str) -> bool {
    is_status_code(group) || is_date(group) || is_ip_address(group)
}

/// The length of the digits at the beginning of `text`, with the signs between them but no blanks.
fn group_length(text: &str) -> usize {
    let end = text.find(|c: char| !c.is_ascii_digit() && !is_sign(c)).unwrap_or(text.len());
    text[..end].trim_end_matches(is_sign).len()
}

/// An enhanced status code: class 2, 4 or 5, subject and detail of up to three digits.
fn is_status_code(group: &str) -> bool {
    let parts: Vec<&str> = group.split('.').collect();
    matches!(parts[..], ["2" | "4" | "5", subject, detail]
        if [subject, detail].iter().all(|part| (1..=3).contains(&part.len()) && is_number(part)))
}

/// A date with `-`, `.` or `/` in it: the year first, or last after day and month in either order.
fn is_date(group: &str) -> bool {
    let within = |part: &str, most: u32| {
        (1..=2).contains(&part.len()) && part.parse().is_ok_and(|value: u32| (1..=most).contains(&value))
    };
    let is_year = |part: &str| part.len() == 4 && is_number(part) && (part.starts_with("19") || part.starts_with("20"));
    ['-', '.', '/'].iter().any(|separator| {
        let parts: Vec<&str> = group.split(*separator).collect();
        match parts[..] {
            [year, month, day] if is_year(year) => within(month, 12) && within(day, 31),
            [day, month, year] if is_year(year) => within(day, 31) && within(month, 31),
            _ => false,
        }
    })
}

/// Four numbers up to 255 without zeros in front, as no telephone number is written.
fn is_ip_address(group: &str) -> bool {
    group.parse::<std::net::Ipv4Addr>().is_ok()
}

fn is_number(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_digit())
}

/// The length of the telephone number with which `text` begins, if it begins with one. After a
/// reply code, which could be the beginning of it, fewer digits make one.
fn number_length(text: &str, after_reply_code: bool) -> Option<usize> {
    let plus = plus_length(text);
    if plus.is_none() && !text.starts_with(|c: char| c.is_ascii_digit() || c == '(') {
        return None;
    }
    let mut end = plus.unwrap_or(0);
    let mut digits = String::new();
    loop {
        let rest = text[end..].trim_start_matches(|c| is_blank(c) || is_sign(c));
        let group = &rest[..group_length(rest)];
        if group.is_empty() || is_no_number(group) {
            break;
        }
        digits.extend(group.chars().filter(char::is_ascii_digit));
        end = text.len() - rest.len() + group.len();
    }
    let least = match plus {
        None if !digits.starts_with('0') && !after_reply_code => 10,
        _ => 7,
    };
    (digits.len() >= least).then_some(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_in_replies_are_masked_and_the_rest_stays() {
        #[track_caller]
        fn case(text: &str, masked: &str) {
            assert_eq!(mask_addresses(text), masked);
            assert_eq!(mask_addresses(masked), masked, "a second time changes nothing");
        }
        case(
            "550 5.1.1 <anna.muster@example.de>: Recipient address rejected",
            "550 5.1.1 <a***@e***.de>: Recipient address rejected",
        );
        case("550-5.1.1 anna@example.de.", "550-5.1.1 a***@e***.de.");
        case("to=<anna@mail.example.co.uk>, relay=none", "to=<a***@m***.uk>, relay=none");
        case("anna@example.de, petra@example.net und x@localhost", "a***@e***.de, p***@e***.net und x***@l***");
        case("bounce+anna=example.de@relay.example rejected", "b***@r***.example rejected");
        case("user 'anna@example.de' unknown", "user 'a***@e***.de' unknown");
        case("<\"anna muster\"@example.de>", "<\"a***\"@e***.de>");
        case("<anna@[203.0.113.25]> from [203.0.113.25]", "<a***@***> from [203.0.113.25]");
        case("email=anna%40example.de&text=x", "e***@e***.de&text=x");
        case("{\"to\":\"anna\\u0040example.de\"}", "{\"to\":\"a***@e***.de\"}");
        case("müller@straße.example", "m***@s***.example");
        case("+4915228817386 is not a mobile", "+49 152 *** 86 is not a mobile");
        case("to=%2B4915228817386&from=Praxis", "to=+49 152 *** 86&from=Praxis");
        case("{\"to\":\"\\u002B4915228817386\"}", "{\"to\":\"+49 152 *** 86\"}");
        case("to=004915228817386", "to=004 *** 86");
        case("to=4915228817386: rejected", "to=491 *** 86: rejected");
        case("Nummer 0152 / 288 173 86 ist falsch", "Nummer 015 *** 86 ist falsch");
        case("(030) 23125-123, (0)30 23125 123", "030 *** 23, 030 *** 23");
        case("550 5.7.1 0152 28817386 unknown", "550 5.7.1 015 *** 86 unknown");
        case("550 4915228817386 unknown", "550 491 *** 86 unknown");
        case("550-4915228 unknown", "550-*** 28 unknown");
        case("Die 015228817386ist falsch", "Die 015 *** 86ist falsch");
        case("152-28817386x is no number", "152 *** 86x is no number");
        case("202 555 0123 unknown", "202 *** 23 unknown");
        case("22.11.2026 0152 28817386 12.11.2026", "22.11.2026 015 *** 86 12.11.2026");
        case("0152 28817386\n0152 28895456", "015 *** 86\n015 *** 56");
        case("", "");
    }

    #[test]
    fn codes_dates_and_ids_are_no_addresses() {
        #[track_caller]
        fn case(text: &str) {
            assert_eq!(mask_addresses(text), text);
        }
        case("250 2.0.0 Ok: queued as 4Bxy3w1Zk9z5");
        case("451 4.7.1 Try again in 300 seconds (error 1234)");
        case("421-4.7.0 too many connections\r\n421 4.7.0 come back later");
        case("2026-11-22 18:50:51 +0100");
        case("2026-11-22T18:50:51.123Z");
        case("(2026-11-22 18:50)");
        case("am 22.11.2026, 14.30 Uhr; 1.2.2026");
        case("connect to 203.0.113.25:587 refused (os error 111)");
        case("status 402, code 900, message 77229318");
        case("550e8400-e29b-41d4-a716-446655440000");
        case("queued as 1234567890AB");
        case("SM0123456789abcdef0123456789abcdef");
        case("2 Nachrichten @ 0,075 EUR");
        case("Grüße, 100 % – „ok“");
    }

    #[test]
    fn stored_addresses_show_enough_to_recognise_them() {
        #[track_caller]
        fn case(channel: Channel, address: &str, masked: &str) {
            assert_eq!(mask_stored(channel, address), masked);
        }
        case(Channel::Email, "anna.muster@example.de", "a***@e***.de");
        case(Channel::Email, "nobody", "***");
        case(Channel::Email, "anna@example.de, Anna Muster", "a***@e***");
        case(Channel::Email, "", "***");
        case(Channel::Sms, "+4915228817386", "+49 152 *** 86");
        case(Channel::Sms, "+00000000000", "+000 *** 00");
        case(Channel::Phone, "030 23125 001", "030 *** 01");
        case(Channel::Phone, "+49 (0)30 23125-001", "+49 302 *** 01");
        case(Channel::Phone, "0152 28817386 (Mutter, Anna)", "015 *** 86");
        case(Channel::Phone, "110", "***");
        case(Channel::Phone, "", "***");
        case(Channel::Letter, "Musterweg 5, 12345 Musterstadt", "***, 12345 Musterstadt");
        case(Channel::Letter, "Musterweg 5, Hinterhaus, 12345 Musterstadt", "***, 12345 Musterstadt");
        case(Channel::Letter, "12345 Musterstadt, Musterweg 5", "***");
        case(Channel::Letter, "Musterweg 5", "***");
        case(Channel::Letter, "", "***");
    }

    /// Addresses as people and gateways write them.
    const SAMPLES: [&str; 16] = [
        "anna.muster@example.de",
        "Petra+Termin@EXAMPLE.net",
        "o'neill@mail.example.com",
        "x@müller.example",
        "anna%40example.de",
        "+4915228817386",
        "+49 (0)152 28817386",
        "%2B4915228817386",
        "004915228817386",
        "4915228817386",
        "015228817386",
        "0152/28817386",
        "(0152) 288 173 86",
        "030 23125-123",
        "+43 664 1234567",
        "(202) 555-0123",
    ];

    proptest! {
        #[test]
        fn no_address_survives_in_a_reply(
            sample in prop::sample::select(SAMPLES.to_vec()),
            before in "([2-5][0-9]{2}[ -])?([245]\\.[0-9]\\.[0-9] )?([A-Za-zäß ,.:;_-]{0,20}[ :;<\"'=(\\[])?",
            after in "([ :;>\"',.)\\]&?!][A-Za-zäß0-9 ,.:;]{0,20})?",
        ) {
            let masked = mask_addresses(&format!("{before}{sample}{after}"));
            prop_assert!(!masked.contains(sample));
            let end: String = sample.chars().filter(char::is_ascii_digit).collect();
            if let Some(end) = end.get(3..) {
                let digits: String = masked.chars().filter(char::is_ascii_digit).collect();
                prop_assert!(!digits.contains(end), "{}", masked);
            }
            for word in ["muster", "etra", "neill", "@example", "ller"] {
                prop_assert!(!masked.contains(word) || before.contains(word) || after.contains(word), "{}", masked);
            }
        }

        #[test]
        fn masking_twice_is_masking_once(text in "[a-z0-9@+%()./ \"äß*:,-]{0,60}") {
            let masked = mask_addresses(&text);
            prop_assert_eq!(mask_addresses(&masked), masked);
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = mask_addresses(&text);
            for channel in Channel::ALL {
                let _ = mask_stored(*channel, &text);
            }
        }
    }
}
