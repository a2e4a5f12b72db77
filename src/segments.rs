//! How many messages a text becomes when it goes out as SMS, and how to make it fewer.
//!
//! 3GPP TS 23.038 knows two ways to write a text. In the GSM 7 bit default alphabet (6.2.1) a
//! message holds 160 septets; signs of its extension table (6.2.1.1), such as `€`, cost two, an
//! escape and a code. One sign outside of both turns the whole text into UCS-2, where a message
//! holds 70 units of 16 bits. A longer text is cut into parts, each with a header of six octets
//! that tells the telephone their order (TS 23.040, 9.2.3.24.1), which leaves 153 septets or 67
//! units. Neither an escape and its code nor the two units of an emoji may be torn apart, so that
//! a part can end one short.
//!
//! [`count`] tells what is billed. [`economical`] replaces what word processors put into texts,
//! but only where that saves a message: nobody should lose typography for nothing. National
//! shift tables are not used, since gateways do not.

use std::borrow::Cow;

/// How a text is written on the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// The GSM 7 bit default alphabet with its extension table.
    Gsm7,
    /// UTF-16, for everything else.
    Ucs2,
}

impl Encoding {
    /// How many units a message holds that is alone.
    #[must_use]
    pub const fn single(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// How many units each part of a longer text holds.
    #[must_use]
    pub const fn part(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// What a character costs in this encoding; `None` if it cannot be written in it.
    fn cost(self, c: char) -> Option<usize> {
        match self {
            Self::Gsm7 => septets(c),
            Self::Ucs2 => Some(c.len_utf16()),
        }
    }
}

/// What a text costs as SMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Segments {
    /// How it is written.
    pub encoding: Encoding,
    /// Septets or UTF-16 units of the text itself, without headers or padding.
    pub units: usize,
    /// How many messages it becomes, that is, how many are billed; none for an empty text.
    pub segments: usize,
}

/// Counts the messages that `text` becomes.
#[must_use]
pub fn count(text: &str) -> Segments {
    let encoding = encoding(text);
    let units = text.chars().filter_map(|c| encoding.cost(c)).sum();
    Segments { encoding, units, segments: cut(text, encoding, units).count() }
}

/// The messages that `text` becomes, each with its part of the text.
#[must_use]
pub fn parts(text: &str) -> Vec<&str> {
    let encoding = encoding(text);
    let units = text.chars().filter_map(|c| encoding.cost(c)).sum();
    cut(text, encoding, units).collect()
}

fn encoding(text: &str) -> Encoding {
    if text.chars().all(|c| septets(c).is_some()) { Encoding::Gsm7 } else { Encoding::Ucs2 }
}

/// Cuts a text of so many units.
fn cut(mut text: &str, encoding: Encoding, units: usize) -> impl Iterator<Item = &str> {
    let room = if units <= encoding.single() { encoding.single() } else { encoding.part() };
    std::iter::from_fn(move || {
        let mut used = 0;
        let end = text.char_indices().find_map(|(index, c)| {
            used += encoding.cost(c).unwrap_or_default();
            (used > room).then_some(index)
        });
        // A character costs at most two units, so that every part takes one at least.
        let (part, rest) = text.split_at(end.unwrap_or(text.len()));
        text = rest;
        Some(part).filter(|part| !part.is_empty())
    })
}

/// What a character costs in the GSM alphabet; `None` if it is not in it.
const fn septets(c: char) -> Option<usize> {
    match c {
        '\n'
        | '\r'
        | ' '..='Z'
        | 'a'..='z'
        | '_'
        | '¡'
        | '£'
        | '¤'
        | '¥'
        | '§'
        | '¿'
        | 'Ä'
        | 'Å'
        | 'Æ'
        | 'Ç'
        | 'É'
        | 'Ñ'
        | 'Ö'
        | 'Ø'
        | 'Ü'
        | 'ß'
        | 'à'
        | 'ä'
        | 'å'
        | 'æ'
        | 'è'
        | 'é'
        | 'ì'
        | 'ñ'
        | 'ò'
        | 'ö'
        | 'ø'
        | 'ù'
        | 'ü'
        | 'Γ'
        | 'Δ'
        | 'Θ'
        | 'Λ'
        | 'Ξ'
        | 'Π'
        | 'Σ'
        | 'Φ'
        | 'Ψ'
        | 'Ω' => Some(1),
        '\u{c}' | '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' => Some(2),
        _ => None,
    }
}

/// `text` in the signs of a typewriter: straight quotes, hyphens, plain blanks, three dots for an
/// ellipsis, `SS` for a capital sharp s, and letters in one piece instead of a letter and its
/// accent. It reads the same; everything else stays.
#[must_use]
pub fn plain_typography(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '„' | '“' | '”' | '‟' | '«' | '»' | '″' => plain.push('"'),
            '‚' | '‘' | '’' | '‛' | '‹' | '›' | '′' | '´' | '`' => plain.push('\''),
            '‐' | '\u{2011}' | '‒' | '–' | '—' | '―' | '\u{2212}' => plain.push('-'),
            '…' => plain.push_str("..."),
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\t' => plain.push(' '),
            // A soft hyphen, a zero-width blank, a word joiner, a byte order mark: all unseen. The
            // joiners U+200C and U+200D stay, because emoji and some scripts need them.
            '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' => {}
            '\u{2028}' | '\u{2029}' => plain.push('\n'),
            'ẞ' => plain.push_str("SS"),
            'ﬁ' => plain.push_str("fi"),
            'ﬂ' => plain.push_str("fl"),
            // The Ohm and Ångström signs are these letters in all but their code (Unicode NFC).
            '\u{2126}' => plain.push('Ω'),
            '\u{212b}' => plain.push('Å'),
            '\u{300}'..='\u{328}' => match plain.chars().next_back().and_then(|base| composed(base, c)) {
                Some(letter) => {
                    plain.pop();
                    plain.push(letter);
                }
                None => plain.push(c),
            },
            _ => plain.push(c),
        }
    }
    plain
}

/// A letter and the combining mark after it as one character, as Unicode's NFC has it; the ones of
/// the languages of Europe. File systems and PDF files give such pairs away.
fn composed(base: char, mark: char) -> Option<char> {
    let (bases, letters) = match mark {
        '\u{300}' => ("aeiouAEIOU", "àèìòùÀÈÌÒÙ"),
        '\u{301}' => ("aeiouyAEIOUYcnszCNSZ", "áéíóúýÁÉÍÓÚÝćńśźĆŃŚŹ"),
        '\u{302}' => ("aeiouAEIOU", "âêîôûÂÊÎÔÛ"),
        '\u{303}' => ("anoANO", "ãñõÃÑÕ"),
        '\u{306}' => ("agAG", "ăğĂĞ"),
        '\u{307}' => ("zZI", "żŻİ"),
        '\u{308}' => ("aeiouyAEIOUY", "äëïöüÿÄËÏÖÜŸ"),
        '\u{30a}' => ("auAU", "åůÅŮ"),
        '\u{30b}' => ("ouOU", "őűŐŰ"),
        '\u{30c}' => ("cdenrstzCDENRSTZ", "čďěňřšťžČĎĚŇŘŠŤŽ"),
        '\u{327}' => ("csCS", "çşÇŞ"),
        '\u{328}' => ("aeAE", "ąęĄĘ"),
        _ => return None,
    };
    let index = bases.chars().position(|candidate| candidate == base)?;
    letters.chars().nth(index)
}

/// The text to send: in [`plain_typography`] if, and only if, that saves a message.
#[must_use]
pub fn economical(text: &str) -> Cow<'_, str> {
    let plain = plain_typography(text);
    if count(&plain).segments < count(text).segments { Cow::Owned(plain) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The default alphabet in the order of its codes, without the escape.
    const DEFAULT: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                           ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    const EXTENSION: &str = "\u{c}^{}\\[~]|€";

    #[test]
    fn the_alphabet_is_that_of_the_standard() {
        assert_eq!(DEFAULT.chars().count(), 127);
        for c in '\0'..=char::MAX {
            let expected = match c {
                _ if DEFAULT.contains(c) => Some(1),
                _ if EXTENSION.contains(c) => Some(2),
                _ => None,
            };
            assert_eq!(septets(c), expected, "{c:?}");
        }
    }

    #[test]
    fn texts_cost_as_many_messages_as_gateways_bill() {
        #[track_caller]
        fn case(text: &str, encoding: Encoding, units: usize, segments: usize) {
            assert_eq!(count(text), Segments { encoding, units, segments }, "{text:?}");
        }
        use Encoding::{Gsm7, Ucs2};
        case("", Gsm7, 0, 0);
        case("a", Gsm7, 1, 1);
        case(&"a".repeat(160), Gsm7, 160, 1);
        case(&"a".repeat(161), Gsm7, 161, 2);
        case(&"a".repeat(306), Gsm7, 306, 2);
        case(&"a".repeat(307), Gsm7, 307, 3);
        case(&"a".repeat(459), Gsm7, 459, 3);
        case(&"a".repeat(460), Gsm7, 460, 4);
        case(&"a".repeat(612), Gsm7, 612, 4);
        case(&"a".repeat(613), Gsm7, 613, 5);
        case(&"ä".repeat(160), Gsm7, 160, 1);
        case(&"ä".repeat(161), Gsm7, 161, 2);
        case(&"€".repeat(80), Gsm7, 160, 1);
        case(&"€".repeat(81), Gsm7, 162, 2);
        // 76 pairs fill 152 of 153 septets, and no pair may be torn apart.
        case(&"€".repeat(152), Gsm7, 304, 2);
        case(&"€".repeat(153), Gsm7, 306, 3);
        case(&format!("{}€{}", "a".repeat(152), "a".repeat(151)), Gsm7, 305, 2);
        case(&format!("{}€{}", "a".repeat(152), "a".repeat(152)), Gsm7, 306, 3);
        case(&format!("{}€", "a".repeat(159)), Gsm7, 161, 2);
        case(&"ж".repeat(70), Ucs2, 70, 1);
        case(&"ж".repeat(71), Ucs2, 71, 2);
        case(&"ж".repeat(134), Ucs2, 134, 2);
        case(&"ж".repeat(135), Ucs2, 135, 3);
        case(&"ж".repeat(201), Ucs2, 201, 3);
        case(&"ж".repeat(202), Ucs2, 202, 4);
        case(&"ж".repeat(268), Ucs2, 268, 4);
        case(&"ж".repeat(269), Ucs2, 269, 5);
        case(&"😀".repeat(35), Ucs2, 70, 1);
        case(&"😀".repeat(36), Ucs2, 72, 2);
        // 33 pairs fill 66 of 67 units.
        case(&"😀".repeat(66), Ucs2, 132, 2);
        case(&"😀".repeat(67), Ucs2, 134, 3);
        case("Grüße aus der Straße, §5: é è à ñ Ñ Å", Gsm7, 37, 1);
        case("\u{1b}", Ucs2, 1, 1);
        for c in "çáíóúâêîôûëÀÈẞ°\u{a0}„“”‘’–…`".chars() {
            case(&c.to_string(), Ucs2, 1, 1);
        }
    }

    #[test]
    fn what_word_processors_write_becomes_plain() {
        #[track_caller]
        fn case(text: &str, plain: &str) {
            assert_eq!(plain_typography(text), plain);
            assert_eq!(plain_typography(plain), plain, "a second time changes nothing");
        }
        case("„Guten Tag“, «hallo» ”so”", "\"Guten Tag\", \"hallo\" \"so\"");
        case("‚halb‘ geht’s ‹so›", "'halb' geht's 'so'");
        case("9–12 Uhr — bis 1‑2", "9-12 Uhr - bis 1-2");
        case("bald…", "bald...");
        case("5\u{a0}€, 10\u{202f}000, a\u{2009}b", "5 €, 10 000, a b");
        case("Ter\u{ad}min\u{200b}", "Termin");
        case("STRAẞE", "STRASSE");
        case("u\u{308}ber A\u{308}rzte, Jose\u{301}, Franc\u{327}ois", "über Ärzte, José, François");
        case("q\u{308} \u{308}", "q\u{308} \u{308}");
        case("Grüße, 20 € [ok] 👩\u{200d}⚕ ж °", "Grüße, 20 € [ok] 👩\u{200d}⚕ ж °");
        case("", "");
    }

    #[test]
    fn typography_is_given_up_only_for_a_message_less() {
        let short = "Ihr Termin – morgen";
        assert!(matches!(economical(short), Cow::Borrowed(text) if text == short));
        let long = format!("Ihr Termin – morgen {}", "a".repeat(60));
        assert_eq!(economical(&long), long.replace('–', "-"));
        // A letter outside of the alphabet keeps the text in UCS-2, quotes or not.
        let foreign = format!("„Ç, ç“ {}", "a".repeat(100));
        assert!(matches!(economical(&foreign), Cow::Borrowed(_)));
        assert!(matches!(economical(""), Cow::Borrowed("")));
    }

    /// Cuts a text into parts character by character, in another way than [`count`] does.
    fn costs(text: &str, encoding: Encoding) -> Vec<usize> {
        let mut parts = vec![0];
        for c in text.chars() {
            let cost = encoding.cost(c).unwrap();
            match parts.last_mut() {
                Some(last) if *last + cost <= encoding.part() => *last += cost,
                _ => parts.push(cost),
            }
        }
        parts
    }

    proptest! {
        #[test]
        fn parts_hold_the_text_and_waste_at_most_a_unit_each(
            text in prop_oneof!["[a-zäß€\\[\\]]{0,700}", "[a-zж😀“]{0,400}", any::<String>()]
        ) {
            let Segments { encoding, units, segments } = count(&text);
            if units > encoding.single() {
                prop_assert!(segments * encoding.part() >= units);
                prop_assert!((segments - 1) * (encoding.part() - 1) < units);
                let parts = costs(&text, encoding);
                prop_assert_eq!(parts.len(), segments);
                prop_assert_eq!(parts.iter().sum::<usize>(), units);
            } else {
                prop_assert_eq!(segments, usize::from(!text.is_empty()));
            }
            let pieces = parts(&text);
            prop_assert_eq!(pieces.len(), segments);
            prop_assert_eq!(pieces.concat(), text);
        }

        #[test]
        fn the_economical_text_never_costs_more(text in "[a-zäß€„“–… \u{a0}ж\u{308}]{0,300}") {
            prop_assert!(count(&economical(&text)).segments <= count(&text).segments);
        }

        #[test]
        fn plain_typography_is_final(text in any::<String>()) {
            let plain = plain_typography(&text);
            prop_assert_eq!(plain_typography(&plain), plain);
        }
    }
}
