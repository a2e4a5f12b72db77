//! Lines for a terminal: cleaned, wrapped, at most [`WIDTH`] columns.
//!
//! Whatever a page takes passes through here, so that nothing that stands in the data (an escape
//! sequence in a name, a line break in an address) can steer the terminal of whoever reads it, or
//! look like a line of the report. Widths are counted in columns, wide characters as two.

/// The widest line.
pub(super) const WIDTH: usize = 80;

/// What is made of paragraphs, points and titles: text of 80 columns, or a page.
pub(super) trait Lines {
    /// Adds one paragraph.
    fn line(&mut self, indent: usize, text: &str);
    /// Adds one point of a list.
    fn item(&mut self, indent: usize, text: &str);
    /// Adds one paragraph behind a mark, all its lines indented by `column`.
    fn marked(&mut self, mark: &str, column: usize, text: &str);
    /// Adds a title.
    fn title(&mut self, text: &str);
    /// Adds a distance, unless there is one.
    fn gap(&mut self);
}

impl Lines for Page {
    fn line(&mut self, indent: usize, text: &str) {
        Self::line(self, indent, text);
    }

    fn item(&mut self, indent: usize, text: &str) {
        Self::item(self, indent, text);
    }

    fn marked(&mut self, mark: &str, column: usize, text: &str) {
        Self::marked(self, mark, column, text);
    }

    fn title(&mut self, text: &str) {
        Self::title(self, text);
    }

    fn gap(&mut self) {
        Self::gap(self);
    }
}

/// Text that grows line by line.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
}

impl Page {
    /// Adds one paragraph, its lines after the first indented by two more.
    pub(super) fn line(&mut self, indent: usize, text: &str) {
        self.wrapped(&" ".repeat(indent), &" ".repeat(indent + 2), text);
    }

    /// Adds one point of a list.
    pub(super) fn item(&mut self, indent: usize, text: &str) {
        self.wrapped(&format!("{}- ", " ".repeat(indent)), &" ".repeat(indent + 2), text);
    }

    /// Adds one paragraph behind a mark, all its lines indented by `column`.
    pub(super) fn marked(&mut self, mark: &str, column: usize, text: &str) {
        let gap = column.saturating_sub(width(mark));
        self.wrapped(&format!("{mark}{}", " ".repeat(gap)), &" ".repeat(column), text);
    }

    /// Adds a title after an empty line, underlined.
    pub(super) fn title(&mut self, text: &str) {
        self.gap();
        let from = self.text.len();
        self.line(0, text);
        let widest = self.text[from..].lines().map(width).max().unwrap_or_default();
        self.text.push_str(&"-".repeat(widest));
        self.text.push('\n');
    }

    /// Adds a text of several lines as it stands, each behind a bar that no text can imitate.
    pub(super) fn quoted(&mut self, indent: usize, text: &str) {
        let bar = format!("{}| ", " ".repeat(indent));
        for line in text.trim_end().lines() {
            let line = clean(line);
            if width(&bar) + width(&line) <= WIDTH {
                self.text.push_str(format!("{bar}{}", line.trim_end()).trim_end());
                self.text.push('\n');
            } else {
                self.wrapped(&bar, &bar, &line);
            }
        }
    }

    /// Adds one row of a table as it stands; it must not be wider than a line, and clean.
    pub(super) fn verbatim(&mut self, row: &str) {
        self.text.push_str(row.trim_end());
        self.text.push('\n');
    }

    /// Adds an empty line, unless the page has none yet or ends in one.
    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Adds another page.
    pub(super) fn append(&mut self, other: &Self) {
        self.text.push_str(&other.text);
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    fn wrapped(&mut self, first: &str, next: &str, text: &str) {
        let text = clean(text);
        let mut line = first.to_owned();
        let mut used = width(first);
        let mut fresh = true;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            if !fresh && used + 1 + width(word) > WIDTH {
                self.text.push_str(&line);
                self.text.push('\n');
                next.clone_into(&mut line);
                used = width(next);
                fresh = true;
            }
            if !fresh {
                line.push(' ');
                used += 1;
            }
            for c in word.chars() {
                // A word longer than a line is broken where the line ends.
                if used + columns(c) > WIDTH {
                    self.text.push_str(&line);
                    self.text.push('\n');
                    next.clone_into(&mut line);
                    used = width(next);
                }
                line.push(c);
                used += columns(c);
            }
            fresh = false;
        }
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}

/// `text` in one line, with every character replaced that a terminal would obey or that would turn
/// the direction of the rest.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' => ' ',
            c if is_obeyed(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

/// Whether a character is no text: a control, which a terminal would obey, or one that turns the direction of
/// what follows.
pub(super) fn is_obeyed(c: char) -> bool {
    matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}') || c.is_control()
}

/// The columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// The columns that a character takes: two for those of East Asian scripts and for pictures.
const fn columns(c: char) -> usize {
    match c {
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_hangs_and_a_longer_word_is_broken() {
        let mut page = Page::default();
        page.item(2, &format!("{} {}", "word ".repeat(18), "x".repeat(90)));
        let widths: Vec<_> = page.text().lines().map(width).collect();
        assert_eq!(widths, [78, 18, 80, 18]);
        assert!(page.text().lines().skip(1).all(|line| line.starts_with("    ") && !line.starts_with("     ")));
    }

    #[test]
    fn escape_sequences_line_breaks_and_turned_directions_are_taken_out() {
        assert_eq!(clean("a\u{1b}[31mb\nc\u{9b}d\u{202e}e\u{7f}"), "a\u{fffd}[31mb c\u{fffd}d\u{fffd}e\u{fffd}");
    }

    #[test]
    fn a_quoted_text_keeps_its_lines_and_no_bar_is_followed_by_a_stray_blank() {
        let mut page = Page::default();
        page.quoted(2, "Guten Tag,\r\n\r\n  bis morgen.\n\n");
        assert_eq!(page.text(), "  | Guten Tag,\n  |\n  |   bis morgen.\n");
    }

    #[test]
    fn a_wide_character_takes_two_columns() {
        assert_eq!(width("日a"), 3);
    }
}
