//! Writes text so that it survives inside a URL, a form, an XML or JSON document, or a log-in.
//!
//! Each function takes any text and returns text that its surroundings cannot take for syntax.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but what RFC 3986 (2.3) calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `text` percent-encoded: everything but letters, digits and `-._~`, so that it fits any part of a
/// URL and any field of a form. A blank becomes `%20`, a plus `%2B`.
pub(crate) fn percent(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The fields of a form or a query, in their order.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{}={}", percent(name), percent(value))).collect();
    fields.join("&")
}

/// `text` in base64 with padding.
pub(crate) fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

/// The value of the header `Authorization` for a log-in by name and password.
pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", base64(&format!("{user}:{password}")))
}

/// `text` as the content of an XML element or attribute.
pub(crate) fn xml(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

/// `text` as a JSON string, with its quotes.
pub(crate) fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_keeps_its_surroundings_intact() {
        assert_eq!(percent("a+b c&d=ü%"), "a%2Bb%20c%26d%3D%C3%BC%25");
        assert_eq!(form(&[("to", "+49"), ("text", "ä b")]), "to=%2B49&text=%C3%A4%20b");
        assert_eq!(xml("<a & \"b'>"), "&lt;a &amp; &quot;b&apos;&gt;");
        assert_eq!(json("a\"b\n\\"), r#""a\"b\n\\""#);
        assert_eq!(basic("a", "b"), "Basic YTpi");
        assert_eq!(base64("fo"), "Zm8=");
        assert_eq!(percent("-._~/"), "-._~%2F");
    }
}
