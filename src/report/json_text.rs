//! Rows as JSON text that a terminal can be shown.
//!
//! JSON itself escapes only the controls of ASCII. What else a terminal may obey (C1, of which U+009B begins a
//! command as ESC does), or what turns the direction of the rest, is escaped here, so that a name in the tables
//! can do no harm on the screen of somebody who looks at a report. For programs it is the same text.

use std::fmt::Write;

use serde::Serialize;

use super::lines::is_obeyed;

/// A document of several lines, with the line break at its end.
pub(super) fn document(value: &impl Serialize) -> String {
    text(serde_json::to_string_pretty(value)) + "\n"
}

/// The same in one line, without the line break.
pub(super) fn line(value: &impl Serialize) -> String {
    text(serde_json::to_string(value))
}

/// What is reported are strings, numbers and flags under fixed keys: there is nothing in them that JSON cannot
/// hold, so that there always is a text.
fn text(json: serde_json::Result<String>) -> String {
    let json = json.unwrap_or_default();
    if !json.contains(needs_escape) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if needs_escape(c) {
            // All of them lie in the basic plane, and stand only within strings.
            let _ = write!(escaped, "\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// The line breaks of a document are its own: those of a text have been escaped.
fn needs_escape(c: char) -> bool {
    c != '\n' && is_obeyed(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_stands_in_a_document_and_programs_read_the_same_text() {
        let text = "a\u{1b}[31m\u{9b}2J\u{7f}\u{202e}b\u{2066}\u{feff}\r\n\tä€\u{1f600}";
        let json = document(&[text]);
        insta::assert_snapshot!(json, @r#"
        [
          "a\u001b[31m\u009b2J\u007f\u202eb\u2066\ufeff\r\n\tä€😀"
        ]
        "#);
        assert!(!json.contains(|c: char| c != '\n' && is_obeyed(c)));
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [text]);
        assert_eq!(serde_json::from_str::<Vec<String>>(&line(&[text])).unwrap(), [text]);
    }
}
