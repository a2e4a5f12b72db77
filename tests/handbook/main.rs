//! The handbook says what the program does: its tables are written from the program's own types.
//!
//! `TERMINBOTE_WRITE_HANDBOOK=1 cargo test --test handbook` writes them anew.

mod settings;
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]


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
