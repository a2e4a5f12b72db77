//! A page that is made line by line, as the text is.

use maud::{Markup, html};

use super::super::lines::Lines;

/// Sections with their paragraphs, lists and rules. The first line is the title of the whole.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) title: Option<String>,
    sections: Vec<Section>,
}

#[derive(Debug, Default)]
struct Section {
    title: Option<String>,
    blocks: Vec<Block>,
}

#[derive(Debug)]
enum Block {
    Line(usize, String),
    List(Vec<String>),
    /// Mark and text of each.
    Marked(Vec<(String, String)>),
}

impl Outline {
    fn blocks(&mut self) -> &mut Vec<Block> {
        if self.sections.is_empty() {
            self.sections.push(Section::default());
        }
        let last = self.sections.len() - 1;
        &mut self.sections[last].blocks
    }

    /// Everything but the title of the whole.
    pub(super) fn sections(&self) -> Markup {
        html! {
            @for section in &self.sections {
                @match &section.title {
                    Some(title) => section { h2 { (title) } @for block in &section.blocks { (block.markup()) } },
                    None => @for block in &section.blocks { (block.markup()) },
                }
            }
        }
    }
}

impl Block {
    fn markup(&self) -> Markup {
        html! {
            @match self {
                Self::Line(indent, text) => p.indented[*indent > 0] dir="auto" { (text) },
                Self::List(items) => ul { @for item in items { li dir="auto" { (item) } } },
                Self::Marked(rows) => {
                    table.rules {
                        tbody {
                            @for (mark, text) in rows {
                                @let (rule, verdict) = mark.split_once(' ').unwrap_or((mark, ""));
                                // What stands out in the text by its capitals stands out here, too.
                                @let stops = verdict.chars().any(char::is_uppercase);
                                tr.stops[stops] { th scope="row" { (rule) } td { (verdict.trim()) } td { (text) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

impl Lines for Outline {
    fn line(&mut self, indent: usize, text: &str) {
        if self.title.is_none() {
            self.title = Some(text.to_owned());
        } else {
            self.blocks().push(Block::Line(indent, text.to_owned()));
        }
    }

    fn item(&mut self, _indent: usize, text: &str) {
        match self.blocks().last_mut() {
            Some(Block::List(items)) => items.push(text.to_owned()),
            _ => self.blocks().push(Block::List(vec![text.to_owned()])),
        }
    }

    fn marked(&mut self, mark: &str, _column: usize, text: &str) {
        let row = (mark.to_owned(), text.to_owned());
        match self.blocks().last_mut() {
            Some(Block::Marked(rows)) => rows.push(row),
            _ => self.blocks().push(Block::Marked(vec![row])),
        }
    }

    fn title(&mut self, text: &str) {
        self.sections.push(Section { title: Some(text.to_owned()), blocks: Vec::new() });
    }

    fn gap(&mut self) {}
}
