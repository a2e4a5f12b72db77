//! Writes text so that it survives inside a URL, a form, an XML or JSON document, or a log-in.
//!
//! Each function takes any text and returns text that its surroundings cannot take for syntax.

/// `text` percent-encoded: everything but letters, digits and `-._~`, so that it fits any part of a
/// URL and any field of a form. A blank becomes `%20`, a plus `%2B`.
pub(crate) fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => {
                encoded.push('%');
                for digit in [byte >> 4, byte & 15] {
                    encoded.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
                }
            }
        }
    }
    encoded
}

/// The fields of a form or a query, in their order.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{}={}", percent(name), percent(value))).collect();
    fields.join("&")
}

/// `text` in base64 with padding.
pub(crate) fn base64(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::with_capacity(text.len().div_ceil(3) * 4);
    for chunk in text.as_bytes().chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for sextet in 0..4 {
            if sextet <= chunk.len() {
                // Six bits always fit an index of the 64 letters.
                let index = (bits >> (18 - 6 * sextet) & 63) as usize;
                encoded.push(char::from(ALPHABET[index]));
            } else {
                encoded.push('=');
            }
        }
    }
    encoded
}

/// The value of the header `Authorization` for a log-in by name and password.
pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", base64(&format!("{user}:{password}")))
}

/// `text` as the content of an XML element or attribute.
pub(crate) fn xml(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => encoded.push_str("&amp;"),
            '<' => encoded.push_str("&lt;"),
            '>' => encoded.push_str("&gt;"),
            '"' => encoded.push_str("&quot;"),
            '\'' => encoded.push_str("&apos;"),
            c => encoded.push(c),
        }
    }
    encoded
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
    }

    #[test]
    fn base64_pads_as_in_rfc_4648() {
        for (text, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")]
        {
            assert_eq!(base64(text), encoded, "{text}");
        }
    }
}
