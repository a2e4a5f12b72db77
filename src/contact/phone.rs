//! Telephone numbers: what somebody typed, read strictly, and judged by the numbering plans.
//!
//! Libraries for telephone numbers are made to be helpful: they turn letters into digits, drop a
//! country code that might be one, cut off what follows. Here a slip of the fingers must never
//! become somebody else's number. So the digits are read by this module alone, and the library
//! only says whether the plan has such a number and of what kind. Nothing is guessed:
//!
//! * Digits, one leading `+`, blanks and `( ) / . -` are all that may occur. A `/` may only stand
//!   near the area code, since later on it parts two numbers or two extensions.
//! * A number begins with `+` or `00` and a country code, or with the `0` (in general: the trunk
//!   prefix) of the plan that the settings name. In a plan without trunk prefix, such as Italy's,
//!   the digits are the number.
//! * A `0` after the country code is dropped where the plan has it as trunk prefix, in brackets or
//!   not: `+49 (0)30 …`. In Italy, where it belongs to the number, it stays, and in brackets it is
//!   refused, since nobody knows what is meant.
//! * What could be two different numbers, depending on how it is read, is refused.
//!
//! Guarantee: the number in E.164 has exactly the digits that were typed but for `00`, one trunk
//! prefix, and the country code of the settings. It is never part of an error.

use std::fmt;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType, Region, ValidationError};

use super::{is_blank, is_invisible, is_joint, is_line_break};

/// The most digits of a number, with its country code (ITU-T E.164, 6.2.1).
const MAX_DIGITS: usize = 15;

/// How many digits may stand before a `/`, without the country code: the longest German area code
/// with its 0, such as 033203.
const MAX_AREA: usize = 6;

/// A valid telephone number. It prints masked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber {
    e164: String,
    code: CountryCode,
    mobile: bool,
}

/// What is wrong with a telephone number. It prints as what is said of the number, in English and
/// without it; for people there are words in `report::words`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhoneFault {
    /// There is nothing, or blanks only.
    #[error("is empty")]
    Empty,
    /// There is no digit.
    #[error("has no digits")]
    NoDigits,
    /// A line ends in it.
    #[error("contains a line break")]
    LineBreak,
    /// There is a sign in it that nobody sees.
    #[error("contains an invisible sign")]
    InvisibleSign,
    /// There is a letter in it.
    #[error("contains a letter")]
    Letter,
    /// There is another sign in it that may not be there.
    #[error("contains a sign that no telephone number has")]
    ForeignSign,
    /// A `+` follows something else.
    #[error("has a + that is not at its beginning")]
    LatePlus,
    /// There is a `()` in it.
    #[error("has brackets with nothing in them")]
    EmptyBrackets,
    /// A bracket has no partner.
    #[error("has a bracket that is not closed or not opened")]
    UnpairedBracket,
    /// There is a `/`, `.` or `-` at an end.
    #[error("begins or ends with a sign that joins digits, as if some were missing")]
    LooseEnd,
    /// There is a `/` where no area code ends.
    #[error("has a / after the area code, as if it were two numbers")]
    LateSlash,
    /// More than one zero stands alone in brackets.
    #[error("has a (0) twice")]
    TwoZeros,
    /// A zero in brackets stands elsewhere than after the country code.
    #[error("has a (0) that does not follow the country code")]
    MisplacedZero,
    /// A zero in brackets stands in a number without country code.
    #[error("has a (0) that does not follow a country code")]
    ZeroWithoutCode,
    /// Neither the number nor the settings have a country code.
    #[error("has no country code, nor have the settings a valid one")]
    NoCode,
    /// Its country code is none.
    #[error("begins with a country code that no country has")]
    UnknownCode,
    /// It is a number if a `+` is put before it.
    #[error("begins with a country code, but has no + or 00 before it")]
    NoPlus,
    /// It is one number as it stands, and another without one of its zeros.
    #[error("can be read as a foreign number or as one with a 0 too many; write it with a +")]
    MaybeForeign,
    /// It is one number as it stands, and another with a `+` for its zero.
    #[error("can be read with and without a country code; write it with a +")]
    MaybeWithCode,
    /// There are no digits after the country code.
    #[error("has too few digits")]
    NoneAtAll,
    /// It has more digits than any number in the world.
    #[error("has too many digits")]
    LongerThanAny,
    /// Its plan has no zero that could stand in brackets.
    #[error("has a (0), which numbers of {code} do not have")]
    ZeroInPlan {
        /// The country code of the plan, such as `+49`.
        code: String,
    },
    /// In the plan of the settings only numbers with a country code can be read.
    #[error("has no country code, which numbers of {code} need here")]
    CodeNeeded {
        /// The country code of the plan, such as `+49`.
        code: String,
    },
    /// It begins like no number of the plan of the settings.
    #[error("begins with neither a country code nor a {trunk}")]
    NoPrefix {
        /// What numbers of the plan begin with, such as `0`.
        trunk: String,
    },
    /// Its plan has no numbers as short.
    #[error("has too few digits for a number of {code}")]
    TooShort {
        /// The country code of the plan, such as `+49`.
        code: String,
    },
    /// Its plan has no numbers as long.
    #[error("has too many digits for a number of {code}")]
    TooLong {
        /// The country code of the plan, such as `+49`.
        code: String,
    },
    /// Its plan has no such number.
    #[error("is not in use in the numbering plan of {code}")]
    NotInUse {
        /// The country code of the plan, such as `+49`.
        code: String,
    },
}

impl PhoneNumber {
    /// Reads a number as somebody typed it, in the numbering plan of `country_code` (such as
    /// `+49`) unless it names its own.
    ///
    /// # Errors
    /// What is wrong, without the number itself.
    pub fn parse(text: &str, country_code: &str) -> Result<Self, PhoneFault> {
        let typed = Typed::read(text)?;
        let home = CountryCode::parse(country_code);
        match typed.without_international_prefix() {
            Some(digits) => Self::international(&typed, digits, home.ok()),
            None => Self::national(&typed, home.map_err(|_| PhoneFault::NoCode)?),
        }
    }

    /// Reads `digits` that begin with a country code.
    fn international(typed: &Typed, digits: &str, home: Option<CountryCode>) -> Result<Self, PhoneFault> {
        let code = CountryCode::at_start_of(digits).ok_or(PhoneFault::UnknownCode)?;
        let rest = &digits[code.digits().len()..];
        let before = typed.digits.len() - rest.len();
        typed.check_slashes(before + MAX_AREA)?;
        let has_trunk_zero = code.has_trunk_zero();
        match typed.bracketed_zero {
            Some(at) if at != before => return Err(PhoneFault::MisplacedZero),
            Some(_) if !has_trunk_zero => return Err(PhoneFault::ZeroInPlan { code: code.to_string() }),
            _ => {}
        }
        let national = if has_trunk_zero { rest.strip_prefix('0').unwrap_or(rest) } else { rest };
        let number = Self::judge(code, national)?;
        // `0015…` is an American number, or a German one with a zero too many.
        if let (false, Some(home)) = (typed.plus, home.filter(|home| *home != code && home.has_trunk_zero()))
            && Self::judge(home, digits).is_ok_and(|other| other.mobile)
        {
            return Err(PhoneFault::MaybeForeign);
        }
        Ok(number)
    }

    /// Reads digits without a country code in the plan of `code`.
    fn national(typed: &Typed, code: CountryCode) -> Result<Self, PhoneFault> {
        typed.check_slashes(MAX_AREA)?;
        if typed.bracketed_zero.is_some_and(|at| at > 0) {
            return Err(PhoneFault::ZeroWithoutCode);
        }
        let digits = typed.digits.as_str();
        let Some(trunk) = code.trunk_prefix() else {
            return Err(PhoneFault::CodeNeeded { code: code.to_string() });
        };
        let with_code = |digits: &str| {
            let rest = digits.strip_prefix(code.digits().as_str())?;
            Self::judge(code, rest.strip_prefix(&trunk).unwrap_or(rest)).ok()
        };
        let national = match digits.strip_prefix(&trunk) {
            // In North America a 1 may be written, country code and trunk prefix alike; no number
            // begins with it.
            _ if code.is_north_american() => digits.strip_prefix('1').unwrap_or(digits),
            Some(national) => national,
            None if with_code(digits).is_some() => return Err(PhoneFault::NoPlus),
            None => return Err(PhoneFault::NoPrefix { trunk }),
        };
        // `049 170 …` is a German mobile number with a 0 for its +, or a number in a distant place.
        if with_code(national).is_some_and(|other| other.mobile) {
            return Err(PhoneFault::MaybeWithCode);
        }
        Self::judge(code, national)
    }

    /// Asks the numbering plan of `code` about a number in it, without trunk prefix.
    fn judge(code: CountryCode, national: &str) -> Result<Self, PhoneFault> {
        let e164 = format!("{code}{national}");
        if e164.len() > 1 + MAX_DIGITS {
            return Err(PhoneFault::LongerThanAny);
        }
        let zeros = national.len() - national.trim_start_matches('0').len();
        let number = rlibphonenumber::PhoneNumber {
            country_code: code.0.into(),
            // Only digits come here, and no more of them than fit; none at all is no number.
            national_number: national.parse().map_err(|_| PhoneFault::NoneAtAll)?,
            italian_leading_zero: (zeros > 0).then_some(true),
            number_of_leading_zeros: (zeros > 0).then_some(i32::try_from(zeros).unwrap_or(i32::MAX)),
            ..Default::default()
        };
        if !number.is_valid() {
            return Err(match number.is_possible_with_reason() {
                Err(ValidationError::TooShort) => PhoneFault::TooShort { code: code.to_string() },
                Err(ValidationError::TooLong) => PhoneFault::TooLong { code: code.to_string() },
                _ => PhoneFault::NotInUse { code: code.to_string() },
            });
        }
        let mobile = match number.get_type() {
            PhoneNumberType::Mobile => true,
            PhoneNumberType::FixedLineOrMobile => number.get_region_code().is_some_and(mixes_mobile_and_fixed_lines),
            _ => false,
        };
        Ok(Self { e164, code, mobile })
    }

    /// Whether text messages can go there: the plan has it as a mobile number. Where a plan cannot
    /// tell, as in North America, a number counts as one; elsewhere a doubtful number does not.
    #[must_use]
    pub fn is_mobile(&self) -> bool {
        self.mobile
    }

    /// The full number in E.164, such as `+4915228817386`.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.e164
    }
}

/// Reads a country code as the settings have it (`+49`, `0049` or `49`) and returns it as `+49`.
///
/// # Errors
/// A sentence fragment that says what is wrong.
pub fn parse_country_code(text: &str) -> Result<String, String> {
    CountryCode::parse(text).map(|code| code.to_string())
}

/// The digits that somebody typed, with the signs among them that matter.
struct Typed {
    /// Whether they begin with a `+`.
    plus: bool,
    /// All digits, without the `+`.
    digits: String,
    /// How many digits stand before a zero that is alone in brackets.
    bracketed_zero: Option<usize>,
    /// How many digits stand before each `/`.
    slashes: Vec<usize>,
}

impl Typed {
    fn read(text: &str) -> Result<Self, PhoneFault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PhoneFault::Empty);
        }
        let mut typed = Self { plus: false, digits: String::new(), bracketed_zero: None, slashes: Vec::new() };
        let mut open = None;
        for c in text.chars() {
            let before = typed.digits.len();
            match c {
                '0'..='9' => typed.digits.push(c),
                '+' if before == 0 && !typed.plus => typed.plus = true,
                '+' => return Err(PhoneFault::LatePlus),
                '(' if open.is_none() => open = Some(before),
                ')' => match open.take() {
                    Some(start) if start == before => return Err(PhoneFault::EmptyBrackets),
                    Some(start) if &typed.digits[start..] == "0" => {
                        if typed.bracketed_zero.replace(start).is_some() {
                            return Err(PhoneFault::TwoZeros);
                        }
                    }
                    Some(_) => {}
                    None => return Err(PhoneFault::UnpairedBracket),
                },
                '(' => return Err(PhoneFault::UnpairedBracket),
                '/' => typed.slashes.push(before),
                _ if is_blank(c) || is_joint(c) => {}
                _ if is_line_break(c) => return Err(PhoneFault::LineBreak),
                _ if is_invisible(c) => return Err(PhoneFault::InvisibleSign),
                _ if c.is_alphabetic() => return Err(PhoneFault::Letter),
                _ => return Err(PhoneFault::ForeignSign),
            }
        }
        if open.is_some() {
            return Err(PhoneFault::UnpairedBracket);
        }
        if typed.digits.is_empty() {
            return Err(PhoneFault::NoDigits);
        }
        let ends = |at: Option<char>, allowed: &str| at.is_some_and(|c| c.is_ascii_digit() || allowed.contains(c));
        if !ends(text.chars().next(), "+(") || !ends(text.chars().next_back(), ")") {
            return Err(PhoneFault::LooseEnd);
        }
        Ok(typed)
    }

    /// The digits from the country code on; `None` for a number without one.
    fn without_international_prefix(&self) -> Option<&str> {
        if self.plus { Some(&self.digits) } else { self.digits.strip_prefix("00") }
    }

    fn check_slashes(&self, limit: usize) -> Result<(), PhoneFault> {
        if self.slashes.iter().any(|before| *before > limit) {
            return Err(PhoneFault::LateSlash);
        }
        Ok(())
    }
}

/// The calling code of one or more regions that share a numbering plan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct CountryCode(u16);

impl CountryCode {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text.strip_prefix('+').or_else(|| text.strip_prefix("00")).unwrap_or(text).trim_start();
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err("no country code; one such as +49 is needed".to_owned());
        }
        // Too many digits for a number are too many for a country code.
        match digits.parse().ok().and_then(Self::known) {
            Some(code) if code.digits() == digits => Ok(code),
            _ => Err("not the country code of any country; one such as +49 is needed".to_owned()),
        }
    }

    /// The code, if a region of the world has it. Codes of services, such as +800, are none.
    fn known(code: u16) -> Option<Self> {
        Self(code).region().map(|_| Self(code))
    }

    /// The country code that `digits` begin with. No code is the beginning of another.
    fn at_start_of(digits: &str) -> Option<Self> {
        if digits.starts_with('0') {
            return None;
        }
        (1..=3).find_map(|length| digits.get(..length)?.parse().ok().and_then(Self::known))
    }

    /// The region that gives the plan its trunk prefix.
    fn region(self) -> Option<Region> {
        PHONE_NUMBER_UTIL.get_region_for_country_code(self.0.into()).filter(|region| *region != Region::World)
    }

    fn digits(self) -> String {
        self.0.to_string()
    }

    /// What people write before a number of their own country, such as `0`: what examples in the
    /// plan's national format have more than their numbers. Empty in a plan without it, `None`
    /// where fixed lines and mobile numbers differ in it, or numbers are rewritten: there, only
    /// those with a country code can be read without guessing.
    fn trunk_prefix(self) -> Option<String> {
        let region = self.region()?;
        let prefix_of = |kind| {
            let example = PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(region, kind).ok()?;
            let written = example.format_as(PhoneNumberFormat::National);
            let digits: String = written.chars().filter(char::is_ascii_digit).collect();
            digits.strip_suffix(&example.get_national_significant_number()).map(str::to_owned)
        };
        let prefix = prefix_of(PhoneNumberType::Mobile)?;
        (prefix_of(PhoneNumberType::FixedLine)? == prefix).then_some(prefix)
    }

    fn has_trunk_zero(self) -> bool {
        self.trunk_prefix().is_some_and(|prefix| prefix == "0")
    }

    fn is_north_american(self) -> bool {
        self.0 == 1
    }
}

/// Whether mobile numbers cannot be told from others in the plan of `region`: even its example of
/// a mobile number might be a fixed line.
fn mixes_mobile_and_fixed_lines(region: Region) -> bool {
    PHONE_NUMBER_UTIL
        .get_example_number_for_type_and_region(region, PhoneNumberType::Mobile)
        .is_ok_and(|example| example.get_type() == PhoneNumberType::FixedLineOrMobile)
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

/// What stands for the hidden part of an address.
pub(super) const HIDDEN: &str = "***";

/// The beginning and the last two of `digits`, as long as five stay hidden between them.
pub(super) fn masked(digits: &str) -> String {
    let hidden = 5;
    let tail = digits.len().saturating_sub(hidden).min(2);
    let head = digits.len().saturating_sub(hidden + tail).min(3);
    let (head, tail) = (digits.get(..head), digits.get(digits.len() - tail..));
    [head, Some(HIDDEN), tail].into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.to_string();
        let national = self.e164.get(code.len()..).unwrap_or_default();
        write!(f, "{code} {}", masked(national))
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn right(typed: &str, country_code: &str, exposed: &str, mobile: bool) {
        let number = PhoneNumber::parse(typed, country_code).unwrap_or_else(|problem| panic!("{typed:?} {problem}"));
        assert_eq!((number.expose(), number.is_mobile()), (exposed, mobile), "{typed:?}");
        assert_eq!(PhoneNumber::parse(exposed, country_code), Ok(number), "what was read reads the same again");
    }

    #[track_caller]
    fn wrong(typed: &str, country_code: &str, problem: &str) {
        let refused = PhoneNumber::parse(typed, country_code).map_err(|fault| fault.to_string());
        assert_eq!(refused, Err(problem.to_owned()), "{typed:?}");
    }

    #[test]
    fn german_mobile_numbers_are_read_however_they_are_spelt() {
        for typed in [
            "+4915228817386",
            "004915228817386",
            "015228817386",
            "0152 28817386",
            " 0152  288 173 86\t",
            "0152/28817386",
            "0152 / 288 173 86",
            "0152-28817386",
            "0152.288.17386",
            "(0152) 28817386",
            "(0)152 28817386",
            "0152\u{a0}28\u{202f}81\u{2009}7386",
            "0152\u{2013}28817386",
            "0152\u{2011}2881\u{2010}7386",
            "+49 152 28817386",
            "+ 49 152 28817386",
            "+49 (152) 28817386",
            "+49 (0)152 28817386",
            "+49(0)152/28817386",
            "+49 0152 28817386",
            "(+49) 152 28817386",
            "(0049) 152 28817386",
            "0049 (0) 152 28817386",
            "0049 / 152 / 28817386",
            "00 49 152 28817386",
        ] {
            right(typed, "+49", "+4915228817386", true);
        }
        right("0172 9925904", "49", "+491729925904", true);
        right("0174 9091317", "0049", "+491749091317", true);
        right("0176 04069012", "+49", "+4917604069012", true);
        right("0171 3920012", "+49", "+491713920012", true);
    }

    #[test]
    fn numbers_of_many_countries_are_read_in_their_own_plan() {
        right("030 23125-123", "+49", "+493023125123", false);
        right("(069) 90009 123", "+49", "+496990009123", false);
        right("040/66969-123", "+49", "+494066969123", false);
        right("0221 / 4710 123", "+49", "+492214710123", false);
        right("+49 (0)89 99998-123", "+49", "+498999998123", false);
        right("0800 1234567", "+49", "+498001234567", false);
        right("0664 1234567", "+43", "+436641234567", true);
        right("0664/123 45 67", "+43", "+436641234567", true);
        right("+43 (0)664 1234567", "+49", "+436641234567", true);
        right("0043 664 1234567", "+49", "+436641234567", true);
        right("01 5123456", "+43", "+4315123456", false);
        right("0662 123456", "+43", "+43662123456", false);
        right("079 123 45 67", "+41", "+41791234567", true);
        right("079/123 45 67", "+41", "+41791234567", true);
        right("0041 79 123 45 67", "+49", "+41791234567", true);
        right("+41 (0)44 123 45 67", "+43", "+41441234567", false);
        right("041 712 34 56", "+41", "+41417123456", false);
        right("06 12345678", "+39", "+390612345678", false);
        right("+39 06 12345678", "+49", "+390612345678", false);
        right("347 1234567", "+39", "+393471234567", true);
        right("06 12 34 56 78", "+33", "+33612345678", true);
        right("0033 6 12 34 56 78", "+49", "+33612345678", true);
        right("+33 (0)6 12 34 56 78", "+49", "+33612345678", true);
        right("07400 123456", "+44", "+447400123456", true);
        right("+44 (0)7400 123456", "+49", "+447400123456", true);
        right("020 7946 0123", "+44", "+442079460123", false);
        right("+352 621 123 456", "+49", "+352621123456", true);
    }

    #[test]
    fn a_number_that_the_plan_cannot_tell_from_a_fixed_line_counts_as_mobile() {
        right("(202) 555-0123", "+1", "+12025550123", true);
        right("1-202-555-0123", "+1", "+12025550123", true);
        right("+1 202.555.0123", "+49", "+12025550123", true);
        right("+1 416 555 0123", "+49", "+14165550123", true);
    }

    #[test]
    fn a_slip_never_becomes_the_number_of_somebody_else() {
        let no_beginning = "begins with neither a country code nor a 0";
        let no_plus = "begins with a country code, but has no + or 00 before it";
        let either = "can be read with and without a country code; write it with a +";
        let zeros = "can be read as a foreign number or as one with a 0 too many; write it with a +";
        let joined = "begins or ends with a sign that joins digits, as if some were missing";
        let foreign_sign = "contains a sign that no telephone number has";
        let bracket = "has a bracket that is not closed or not opened";
        let two = "has a / after the area code, as if it were two numbers";
        wrong("", "+49", "is empty");
        wrong(" \u{a0} ", "+49", "is empty");
        wrong("+", "+49", "has no digits");
        wrong("-", "+49", "has no digits");
        wrong("keine", "+49", "contains a letter");
        wrong("0152 2881738O", "+49", "contains a letter");
        wrong("0152 28817386 (Mutter)", "+49", "contains a letter");
        wrong("tel:+4915228817386", "+49", "contains a letter");
        wrong("1.5228817386E10", "+49", "contains a letter");
        wrong("030 23125123 ext. 4", "+49", "contains a letter");
        wrong("0152 28817386, 0152 28895456", "+49", foreign_sign);
        wrong("0152 28817386; 4", "+49", foreign_sign);
        wrong("0152*28817386#", "+49", foreign_sign);
        wrong("0152_28817386", "+49", foreign_sign);
        wrong("0152\t28817386", "+49", foreign_sign);
        wrong("0152 28817386\n0152 28895456", "+49", "contains a line break");
        wrong("\u{202a}0152 28817386", "+49", "contains an invisible sign");
        wrong("\u{ff10}152 28817386", "+49", foreign_sign);
        wrong("\u{660}152 28817386", "+49", foreign_sign);
        wrong("15228817386", "+49", no_beginning);
        wrong("1713920012", "+49", no_beginning);
        wrong("4915228817386", "+49", no_plus);
        wrong("49 172 9925904", "+49", no_plus);
        wrong("49 0172 9925904", "+49", no_plus);
        wrong("43 664 1234567", "+43", no_plus);
        wrong("41 79 123 45 67", "+41", no_plus);
        wrong("049 172 9925904", "+49", either);
        wrong("043 664 1234567", "+43", either);
        wrong("39 347 1234567", "+39", either);
        wrong("001512 3456789", "+49", zeros);
        wrong("+0049 152 28817386", "+49", "begins with a country code that no country has");
        wrong("+999 152 28817386", "+49", "begins with a country code that no country has");
        wrong("+800 1234 5678", "+49", "begins with a country code that no country has");
        wrong("000152 28817386", "+49", "begins with a country code that no country has");
        wrong("0152+28817386", "+49", "has a + that is not at its beginning");
        wrong("++49 152 28817386", "+49", "has a + that is not at its beginning");
        wrong("0+49 152 28817386", "+49", "has a + that is not at its beginning");
        wrong("-0152 28817386", "+49", joined);
        wrong("/28817386", "+49", joined);
        wrong("030 23125-", "+49", joined);
        wrong("(0152 28817386", "+49", bracket);
        wrong("0152) 28817386", "+49", bracket);
        wrong("((0152) 28817386", "+49", bracket);
        wrong("0152 () 28817386", "+49", "has brackets with nothing in them");
        wrong("+49 (0)(0)152 28817386", "+49", "has a (0) twice");
        wrong("0152 (0) 28817386", "+49", "has a (0) that does not follow a country code");
        wrong("+49 152 (0) 28817386", "+49", "has a (0) that does not follow the country code");
        wrong("+39 (0)6 12345678", "+49", "has a (0), which numbers of +39 do not have");
        wrong("030 23125123/124", "+49", two);
        wrong("0152 28817386 / 0152 28895456", "+49", two);
        wrong("+49 30 23125123/24", "+49", two);
        wrong("0152 28817386 0152 28895456", "+49", "has too many digits");
        wrong("0152 28", "+49", "is not in use in the numbering plan of +49");
        wrong("0152 2881738600", "+49", "is not in use in the numbering plan of +49");
        wrong("01", "+49", "has too few digits for a number of +49");
        wrong("0", "+49", "has too few digits");
        wrong("110", "+49", no_beginning);
        wrong("079 123 45 6", "+41", "has too few digits for a number of +41");
        wrong("079 123 45 678", "+41", "is not in use in the numbering plan of +41");
        wrong("6 12345678", "+39", "is not in use in the numbering plan of +39");
        wrong("07700 900123", "+44", "is not in use in the numbering plan of +44");
        wrong("011 49 152 28817386", "+1", "has too many digits");
        wrong("0152 28817386", "praxis", "has no country code, nor have the settings a valid one");
        wrong("11 2345-6789", "+54", "has no country code, which numbers of +54 need here");
    }

    #[test]
    fn a_number_with_its_country_code_needs_none_in_the_settings() {
        right("+49 152 28817386", "", "+4915228817386", true);
        right("0049 152 28817386", "none", "+4915228817386", true);
    }

    #[test]
    fn the_country_code_of_the_settings_is_one_that_a_country_has() {
        #[track_caller]
        fn case(text: &str, result: Result<&str, &str>) {
            assert_eq!(parse_country_code(text), result.map(str::to_owned).map_err(str::to_owned), "{text:?}");
        }
        const NONE: Result<&str, &str> = Err("no country code; one such as +49 is needed");
        const UNKNOWN: Result<&str, &str> = Err("not the country code of any country; one such as +49 is needed");
        case("+49", Ok("+49"));
        case("49", Ok("+49"));
        case("0049", Ok("+49"));
        case(" + 43 ", Ok("+43"));
        case("+41", Ok("+41"));
        case("1", Ok("+1"));
        case("+423", Ok("+423"));
        case("", NONE);
        case("+", NONE);
        case("DE", NONE);
        case("+49 30", NONE);
        case("++49", NONE);
        case("049", UNKNOWN);
        case("+0", UNKNOWN);
        case("+4", UNKNOWN);
        case("+491", UNKNOWN);
        case("+800", UNKNOWN);
        case("+999", UNKNOWN);
        case("4915228817386", UNKNOWN);
    }

    #[test]
    fn spellings_of_one_number_are_equal() {
        assert_eq!(PhoneNumber::parse("0152/28817386", "+49"), PhoneNumber::parse("+49 (0)152 28817386", "+43"));
        assert_ne!(PhoneNumber::parse("0152 28817386", "+49"), PhoneNumber::parse("0152 28895456", "+49"));
    }

    #[test]
    fn it_prints_masked() {
        #[track_caller]
        fn case(typed: &str, masked: &str) {
            let number = PhoneNumber::parse(typed, "+49").unwrap();
            assert_eq!(number.to_string(), masked);
            assert_eq!(format!("{number:?}"), format!("PhoneNumber({masked})"));
        }
        case("0152 28817386", "+49 152 *** 86");
        case("+1 202 555 0123", "+1 202 *** 23");
        case("+43 1 5123456", "+43 1 *** 56");
        case("+41 79 123 45 67", "+41 79 *** 67");
        case("030 110", "+49 ***");
    }

    proptest! {
        #[test]
        fn a_number_is_made_of_the_digits_that_were_typed_and_no_others(
            typed in "(\\+|00|0)?(49|43|41|39|1)?[ (]?(\\(0\\))?[0-9]{2,6}[)/ ]{0,2}[0-9 .-]{2,9}[a-z]?",
            code in prop::sample::select(vec!["+49", "+43", "+41", "+39", "+1"]),
        ) {
            if let Ok(number) = PhoneNumber::parse(&typed, code) {
                let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
                let significant = &number.expose()[number.code.to_string().len()..];
                prop_assert!(digits.ends_with(significant), "{} became {}", typed, number.expose());
                let before = digits.len() - significant.len();
                let own = number.code.digits();
                let allowed = [
                    own.clone(), format!("{own}0"), format!("00{own}"), format!("00{own}0"),
                    String::new(), "0".to_owned(), "1".to_owned(),
                ];
                prop_assert!(allowed.contains(&digits[..before].to_owned()), "{} became {}", typed, number.expose());
            }
        }

        #[test]
        fn no_text_makes_it_panic_or_repeats_itself_in_the_error(text in any::<String>()) {
            if let Err(fault) = PhoneNumber::parse(&format!("{text}4711"), "+49") {
                prop_assert!(!fault.to_string().contains("4711"));
            }
        }
    }
}
