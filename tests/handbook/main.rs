//! The handbook says what the program does: its tables are written from the program's own types.
//!
//! `TERMINBOTE_WRITE_HANDBOOK=1 cargo test --test handbook` writes them anew.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod settings;

use std::path::PathBuf;

/// The handbook, with the part between the marks of that name.
struct Handbook {
    path: PathBuf,
    text: String,
}

impl Handbook {
    fn open() -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/handbuch.md");
        let text = std::fs::read_to_string(&path).expect("the handbook");
        Self { path, text }
    }

    /// Makes sure that the part called `name` is `wanted`, or writes it if asked to.
    fn has_part(&self, name: &str, wanted: &str) {
        let (begin, end) = (format!("<!-- {name}: Anfang -->\n"), format!("<!-- {name}: Ende -->"));
        let (before, rest) = self.text.split_once(&begin).expect(&begin);
        let (part, after) = rest.split_once(&end).expect(&end);
        if std::env::var_os("TERMINBOTE_WRITE_HANDBOOK").is_some() {
            std::fs::write(&self.path, format!("{before}{begin}{wanted}{end}{after}")).expect("writing the handbook");
        } else {
            assert_eq!(part, wanted, "write it anew: TERMINBOTE_WRITE_HANDBOOK=1 cargo test --test handbook");
        }
    }
}

/// The words in quotes in the part of a source file that begins with `begin` and ends with `end`.
fn quoted<'s>(source: &'s str, begin: &str, end: &str) -> Vec<&'s str> {
    let part = source.split_once(begin).expect(begin).1.split_once(end).expect(end).0;
    part.split('"').skip(1).step_by(2).collect()
}

#[test]
fn the_handbook_says_what_to_do_about_every_warning() {
    let handbook = Handbook::open();
    let codes = quoted(include_str!("../../src/report/mod.rs"), "pub const fn code(&self)", "\n    }\n");
    assert!(codes.len() > 10, "{codes:?}");
    for code in codes {
        assert!(handbook.text.contains(&format!("\n| `{code}` |")), "{code}");
    }
}

#[test]
fn the_handbook_explains_every_reason_state_and_exit_status() {
    let handbook = Handbook::open();
    let reasons = terminbote::rules::reason::ReasonKind::ALL.iter().map(|reason| reason.word());
    let states = terminbote::model::State::ALL.iter().map(|state| state.word());
    for word in reasons.chain(states).filter(|word| *word != "sending") {
        assert!(handbook.text.contains(&format!("`{word}`")), "{word}");
    }
    for status in [0, 1, 2, 65, 66, 74, 75, 78] {
        assert!(handbook.text.contains(&format!("\n| {status} |")), "{status}");
    }
}
