//! Texts: a document template and the facts of one message make a subject and a body.
//!
//! Values in, text out; no clock, no file. A template is plain text with `{{ name }}` for values
//! and `{% if … %}`, `{% for … %}` for choices. Nothing is escaped, since nothing but plain text is
//! sent, and a value is never read as a template. A name that does not exist is an error rather
//! than a gap in a letter, and [`check()`] finds it before the first message goes out.
//!
//! Three liberties are taken with what the engine gives, so that authors need not know it: a line
//! that holds nothing but `{% … %}` leaves no empty line behind, blanks at the ends of lines and of
//! the whole are cut off, and only texts and numbers can be printed.
//!
//! A fault says where it stands and what would be right. It never quotes a value, so that no name
//! of a customer gets into a log.

mod check;
mod facts;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod texts;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, escape_formatter};

pub use check::{check, check_summary};
pub use facts::{AppointmentFacts, Facts, address_line};

use crate::language::{Language, normal_tag, primary};
use crate::model::{DocumentTemplate, Format};
use crate::zone::parse_stored;
use facts::{Anything, Misses, Scope, message_values, one_line, suggestion, summary_values};

/// The most that one text may grow to, in bytes. A loop gone wrong stops here.
const LONGEST: usize = 64 * 1024;

/// How many steps the engine takes for one text, far more than the longest confirmation needs.
const STEPS: u64 = 200_000;

/// The filters that are worth knowing; the engine has a few more.
const FILTERS: &[&str] = &[
    "capitalize",
    "datetime",
    "default",
    "first",
    "groupby",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "rejectattr",
    "replace",
    "selectattr",
    "sort",
    "title",
    "trim",
    "unique",
    "upper",
];

/// The part of a text that a fault stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The document template as a whole.
    Whole,
    /// The subject.
    Subject,
    /// The body.
    Body,
    /// The title of an entry in a calendar file, which is a setting and no document template.
    Summary,
}

/// Something that is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub struct TextFault {
    /// The name of the document template; empty for [`Part::Summary`].
    pub name: String,
    /// The language of the document template, if it has one.
    pub language: Option<String>,
    /// Where in the template it stands.
    pub part: Part,
    /// The line, from 1, if the part has several.
    pub line: Option<usize>,
    /// What is wrong and what would be right, as a fragment of a sentence in English.
    pub problem: String,
}

impl fmt::Display for TextFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.part == Part::Summary {
            f.write_str("calendar summary")?;
        } else {
            write!(f, "document template `{}`", self.name)?;
        }
        if let Some(language) = &self.language {
            write!(f, " ({language})")?;
        }
        match self.part {
            Part::Whole | Part::Summary => {}
            Part::Subject => f.write_str(", subject")?,
            Part::Body => f.write_str(", body")?,
        }
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl TextFault {
    fn of(text: &DocumentTemplate, part: Part, fault: Fault) -> Self {
        let language = own_language(text).map(str::to_owned);
        Self { name: text.name.clone(), language, part, line: fault.line, problem: fault.problem }
    }

    fn of_summary(fault: Fault) -> Self {
        Self { name: String::new(), language: None, part: Part::Summary, line: fault.line, problem: fault.problem }
    }
}

/// A fault in one piece of template text, not yet knowing which.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Fault {
    line: Option<usize>,
    problem: String,
}

impl Fault {
    fn whole(problem: impl Into<String>) -> Self {
        Self { line: None, problem: problem.into() }
    }
}

/// A text as the customer gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The subject in one line; `None` if the template has none or it came out empty.
    pub subject: Option<String>,
    /// The body, lines ended by `\n`, without blank lines at either end. Never empty.
    pub body: String,
    /// The language of the text: the template's, else the chain's.
    pub language: String,
}

/// The document template of `name` for a customer of `language` (rule F8): the one of the same
/// language, else of the same language without its country, else the one without language.
///
/// Letter case and the sign between the parts (`de-AT`, `de_at`) make no difference.
#[must_use]
pub fn choose<'t>(texts: &'t [DocumentTemplate], name: &str, language: Option<&str>) -> Option<&'t DocumentTemplate> {
    let find = |wanted: Option<&str>| {
        texts.iter().find(|text| text.name == name && own_language(text).map(normal_tag).as_deref() == wanted)
    };
    let wanted = language.map(normal_tag).filter(|tag| !tag.is_empty());
    wanted.as_deref().and_then(|tag| find(Some(tag)).or_else(|| find(Some(primary(tag))))).or_else(|| find(None))
}

/// The subject and the body of a message.
///
/// `default_language` is the language in which the chain writes the texts that have none.
///
/// # Errors
/// The first fault that stands in the way. Its words hold nothing of the facts.
pub fn render(text: &DocumentTemplate, facts: &Facts<'_>, default_language: &str) -> Result<Rendered, TextFault> {
    Engines::default().render(text, facts, default_language)
}

/// The template engines of a pass, one for each language. They keep what they have understood of a
/// text, so that each is read once and not once for each message.
#[derive(Default)]
pub struct Engines {
    by_languages: Mutex<BTreeMap<(String, String), Arc<Engine>>>,
}

impl fmt::Debug for Engines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engines").finish_non_exhaustive()
    }
}

impl Engines {
    fn of(&self, tag: &str, default_language: &str) -> Arc<Engine> {
        // Whatever a thread that broke off has left is whole.
        let mut engines = self.by_languages.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (tag.to_owned(), default_language.to_owned());
        let engine = engines.entry(key).or_insert_with(|| Arc::new(Engine::new(Language::of(tag, default_language))));
        Arc::clone(engine)
    }

    /// As [`render()`].
    ///
    /// # Errors
    /// As [`render()`].
    pub fn render(
        &self,
        text: &DocumentTemplate,
        facts: &Facts<'_>,
        default_language: &str,
    ) -> Result<Rendered, TextFault> {
        let fault = |part| move |fault| TextFault::of(text, part, fault);
        if let Some(problem) = format_problem(text) {
            return Err(fault(Part::Whole)(Fault::whole(problem)));
        }
        let tag = own_language(text).unwrap_or(default_language);
        let engine = self.of(tag, default_language);
        let misses = Arc::default();
        let values = message_values(facts, &engine.language, &misses)
            .ok_or_else(|| fault(Part::Whole)(Fault::whole("there is no appointment to write about")))?;
        let fill = |source: &str| engine.fill(source, &values, &misses, Scope::Message, Detail::Hidden);
        let subject = text.subject.as_deref().map(&fill).transpose().map_err(fault(Part::Subject))?;
        let body = tidy(&fill(&text.body).map_err(fault(Part::Body))?);
        if body.is_empty() {
            return Err(fault(Part::Body)(Fault::whole(EMPTY)));
        }
        let subject = subject.map(|subject| one_line(&subject)).filter(|subject| !subject.is_empty());
        Ok(Rendered { subject, body, language: tag.to_owned() })
    }

    /// The title of an appointment in a calendar file.
    ///
    /// `template` is the chain's own, in which `branch` and `appointment` are known; without one it is
    /// "Termin" or "Appointment" and the branch's name: the type of an appointment can be health data.
    ///
    /// # Errors
    /// The fault that stands in the way. Its words hold nothing of the facts.
    pub fn summary(
        &self,
        template: Option<&str>,
        appointment: &AppointmentFacts<'_>,
        language: &str,
        default_language: &str,
    ) -> Result<String, TextFault> {
        let source = template.unwrap_or_else(|| default_summary(language, default_language));
        let engine = self.of(language, default_language);
        let misses = Arc::default();
        let values = summary_values(appointment, &engine.language, &misses);
        let filled = engine.fill(source, &values, &misses, Scope::Summary, Detail::Hidden);
        let title = one_line(&filled.map_err(TextFault::of_summary)?);
        if title.is_empty() { Err(TextFault::of_summary(Fault::whole(EMPTY))) } else { Ok(title) }
    }
}

const GERMAN_SUMMARY: &str = "Termin {{ branch.name }}";
const ENGLISH_SUMMARY: &str = "Appointment {{ branch.name }}";

fn default_summary(language: &str, default_language: &str) -> &'static str {
    let (language, default_language) = (normal_tag(language), normal_tag(default_language));
    match (primary(&language), primary(&default_language)) {
        ("de", _) => GERMAN_SUMMARY,
        (other, "de") if other != "en" => GERMAN_SUMMARY,
        _ => ENGLISH_SUMMARY,
    }
}

const EMPTY: &str = "nothing is left of the text, and an empty one cannot be sent";

fn format_problem(text: &DocumentTemplate) -> Option<String> {
    (text.format != Format::PlainText)
        .then(|| format!("its format is `{}`, and only `{}` can be sent", text.format, Format::PlainText))
}

/// The language that a document template bears; a blank one is none.
fn own_language(text: &DocumentTemplate) -> Option<&str> {
    text.language.as_deref().map(str::trim).filter(|tag| !tag.is_empty())
}

/// Whether the engine's own words about a fault may be shown. They can quote values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// The values are a customer's.
    Hidden,
    /// The values are made up.
    Shown,
}

/// The template engine for one language.
struct Engine {
    language: Language,
    environment: Environment<'static>,
}

impl Engine {
    fn new(language: Language) -> Self {
        let mut environment = engine(&language);
        // A text is its own name, under which it is kept once it was understood.
        environment.set_loader(|source| Ok(Some(close_up_tags(source))));
        Self { language, environment }
    }

    /// Fills one piece of template text with values.
    fn fill(
        &self,
        source: &str,
        values: &Value,
        misses: &Arc<Misses>,
        scope: Scope,
        detail: Detail,
    ) -> Result<String, Fault> {
        if let Some(fault) = too_long(source) {
            return Err(fault);
        }
        let mut output = Limited { text: Vec::new(), full: false };
        let filled = self
            .environment
            .get_template(source)
            .and_then(|template| template.render_captured_to(values.clone(), &mut output).map(|_| ()));
        match filled {
            Ok(()) => match misses.take() {
                // A filter has swallowed the error.
                Some(miss) => Err(Fault::whole(miss.problem(scope))),
                None => String::from_utf8(output.text).map_err(|_| Fault::whole("the text is not valid UTF-8")),
            },
            Err(_) if output.full => Err(Fault::whole(format!("the text grows beyond {LONGEST} bytes"))),
            Err(error) => {
                let line = error.line().filter(|_| source.trim_end().contains(['\n', '\r']));
                Err(Fault { line, problem: describe(&error, misses, scope, detail) })
            }
        }
    }
}

/// A template that is longer than any text would take the engine apart, one level for each word.
fn too_long(source: &str) -> Option<Fault> {
    (source.len() > LONGEST).then(|| Fault::whole(format!("it is longer than {LONGEST} bytes")))
}

/// The template engine, set up for plain text in `language`.
fn engine<'s>(language: &Language) -> Environment<'s> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| AutoEscape::None);
    engine.set_fuel(Some(STEPS));
    // It would print every value there is.
    engine.remove_global("debug");
    engine.remove_filter("pprint");
    engine.set_formatter(|out, state, value| match value.kind() {
        ValueKind::String | ValueKind::Number | ValueKind::Undefined => escape_formatter(out, state, value),
        _ if value.downcast_object_ref::<Anything>().is_some() => Ok(()),
        _ => Err(author_error("only texts and numbers can be printed; name one value, such as `customer.name`")),
    });
    let language = language.clone();
    engine.add_filter("datetime", move |at: &Value, pattern: &str| {
        let at = at.as_str().and_then(parse_stored).ok_or_else(|| {
            author_error("`datetime` is for the `start` and the `end` of an appointment, such as `appointment.start`")
        })?;
        language.format(at, pattern).map_err(author_error)
    });
    engine
}

/// A fault in our own words, which quote the template at most and never a value.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct InOurWords(String);

fn author_error(problem: impl Into<String>) -> Error {
    Error::from(ErrorKind::InvalidOperation).with_source(InOurWords(problem.into()))
}

/// What is wrong, in words that hold no value unless `detail` allows it.
fn describe(error: &Error, misses: &Misses, scope: Scope, detail: Detail) -> String {
    if let Some(miss) = misses.take() {
        return miss.problem(scope);
    }
    if let Some(InOurWords(problem)) = std::error::Error::source(error).and_then(|source| source.downcast_ref()) {
        return problem.clone();
    }
    let kind = error.kind();
    // These quote the template only.
    let quotable = matches!(
        kind,
        ErrorKind::SyntaxError
            | ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction
            | ErrorKind::UnknownMethod
            | ErrorKind::MissingArgument
            | ErrorKind::TooManyArguments
    );
    let words = error.detail().filter(|_| quotable || detail == Detail::Shown);
    match (kind, words) {
        (ErrorKind::UnknownFilter, Some(words)) => {
            let name = words.strip_prefix("filter ").and_then(|rest| rest.strip_suffix(" is unknown"));
            name.map_or_else(
                || words.to_owned(),
                |name| format!("unknown filter `{name}`; {}", suggestion(name, FILTERS)),
            )
        }
        (ErrorKind::OutOfFuel, _) => format!("it takes more than {STEPS} steps; its loops run too often"),
        (ErrorKind::UndefinedError, None) => "it uses a value that is not there".to_owned(),
        (_, Some(words)) => format!("{kind}: {words}"),
        (_, None) => kind.to_string(),
    }
}

/// Collects a text and refuses to grow beyond [`LONGEST`].
struct Limited {
    text: Vec<u8>,
    full: bool,
}

impl io::Write for Limited {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if self.text.len() + more.len() > LONGEST {
            self.full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.text.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Makes lines that hold nothing but `{% … %}` or `{# … #}` vanish from the result: their line
/// break moves into the last tag, where it means nothing, so that the numbers of lines stay right.
///
/// The engine's own way (`trim_blocks`) takes the line break after every tag, also after the one
/// at the end of a line of text, and so glues that line to the next.
fn close_up_tags(source: &str) -> String {
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    let mut result = String::with_capacity(source.len());
    for line in source.split_inclusive('\n') {
        match line.strip_suffix('\n').map(str::trim).filter(|line| is_tags_only(line)) {
            Some(tags) => {
                // `-%}`, `+%}` and `%}` end a tag; a sign belongs to the brace behind it.
                let end = tags.len() - 2;
                let end = if tags[..end].ends_with(['-', '+']) { end - 1 } else { end };
                let (tag, close) = tags.split_at(end);
                result.extend([tag, "\n", close]);
            }
            None => result.push_str(line),
        }
    }
    result
}

/// Whether `line`, without blanks at its ends, is one tag or comment or several, each complete.
fn is_tags_only(line: &str) -> bool {
    let mut rest = line;
    while !rest.is_empty() {
        let close = match rest.get(..2) {
            Some("{%") => "%}",
            Some("{#") => "#}",
            _ => return false,
        };
        let Some(end) = rest[2..].find(close) else { return false };
        rest = rest[2 + end + 2..].trim_start();
    }
    !line.is_empty()
}

/// Cuts off blanks at the ends of lines, and blank lines at both ends of the whole. Control characters, which a
/// template may have brought along, go.
fn tidy(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::samples::{full_customer, other_branch, sample_branch, sample_facts, sparse_branch, sparse_customer};
    use super::*;

    fn text(subject: Option<&str>, body: &str) -> DocumentTemplate {
        DocumentTemplate {
            id: 1,
            name: "Test".into(),
            language: None,
            format: Format::PlainText,
            subject: subject.map(str::to_owned),
            body: body.into(),
        }
    }

    fn in_language(language: &str, body: &str) -> DocumentTemplate {
        DocumentTemplate { language: Some(language.into()), ..text(None, body) }
    }

    fn body_of(body: &str) -> String {
        let (customer, branch) = (full_customer(), sample_branch());
        render(&text(None, body), &sample_facts(&customer, &[&branch]), "de").unwrap().body
    }

    fn fault_of(body: &str) -> String {
        let (customer, branch) = (full_customer(), sample_branch());
        render(&text(None, body), &sample_facts(&customer, &[&branch]), "de").unwrap_err().to_string()
    }

    const EVERYTHING: &str = "\
{{ customer.salutation }}|{{ customer.first_name }}|{{ customer.last_name }}|{{ customer.name }}
{{ customer.street }}|{{ customer.postcode }}|{{ customer.city }}
{{ branch.name }}|{{ branch.code }}|{{ branch.street }}|{{ branch.postcode }}|{{ branch.city }}
{{ branch.address }}|{{ branch.phone }}|{{ branch.email }}
{% for a in appointments %}
{{ a.id }}|{{ a.weekday }}|{{ a.date }}|{{ a.day }}|{{ a.month }}|{{ a.year }}|{{ a.time }}|{{ a.end_time }}|{{ a.type }}
{{ a.start }}|{{ a.end }}|{{ a.start | datetime('%A, %-d. %B %Y') }}|{{ a.branch.name }}
{% endfor %}
{{ appointment.id }}|{% if calendar_attached %}mit{% else %}ohne{% endif %} Kalender";

    #[test]
    fn every_name_has_its_value_in_german() {
        let (customer, mitte, nord) = (full_customer(), sample_branch(), other_branch());
        let rendered = render(&text(None, EVERYTHING), &sample_facts(&customer, &[&mitte, &nord]), "de").unwrap();
        insta::assert_snapshot!(rendered.body, @"
        Frau|Renate|Weiß|Renate Weiß
        Gartenweg 3|10115|Berlin
        Praxis am Markt|M|Marktstraße 12|10115|Berlin
        Marktstraße 12, 10115 Berlin|030 23125 001|markt@example.de
        4711|Dienstag|10.03.2026|10|März|2026|10:30|10:55|Krankengymnastik
        2026-03-10 10:30|2026-03-10 10:55|Dienstag, 10. März 2026|Praxis am Markt
        4712|Donnerstag|12.03.2026|12|März|2026|10:45|11:10|Krankengymnastik
        2026-03-12 10:45|2026-03-12 11:10|Donnerstag, 12. März 2026|Praxis Nord
        4711|ohne Kalender
        ");
    }

    #[test]
    fn every_name_has_its_value_in_english() {
        let (customer, mitte) = (full_customer(), sample_branch());
        let rendered = render(&in_language("en", EVERYTHING), &sample_facts(&customer, &[&mitte]), "de").unwrap();
        assert_eq!(rendered.language, "en");
        insta::assert_snapshot!(rendered.body, @"
        Frau|Renate|Weiß|Renate Weiß
        Gartenweg 3|10115|Berlin
        Praxis am Markt|M|Marktstraße 12|10115|Berlin
        Marktstraße 12, 10115 Berlin|030 23125 001|markt@example.de
        4711|Tuesday|10 March 2026|10|March|2026|10:30|10:55|Krankengymnastik
        2026-03-10 10:30|2026-03-10 10:55|Tuesday, 10. March 2026|Praxis am Markt
        4711|ohne Kalender
        ");
    }

    #[test]
    fn a_missing_column_is_an_empty_text() {
        let (customer, branch) = (sparse_customer(), sparse_branch());
        let body = format!("{EVERYTHING}\n{{% if customer.salutation %}}nie{{% else %}}keine Anrede{{% endif %}}");
        let rendered = render(&text(Some("{{ customer.name }}"), &body), &sample_facts(&customer, &[&branch]), "de");
        let rendered = rendered.unwrap();
        assert_eq!(rendered.subject, None);
        insta::assert_snapshot!(rendered.body, @"
        |||
        ||
        Praxis am Markt|M|||
        ||
        4711|Dienstag|10.03.2026|10|März|2026|10:30|10:55|Krankengymnastik
        2026-03-10 10:30|2026-03-10 10:55|Dienstag, 10. März 2026|Praxis am Markt
        4711|ohne Kalender
        keine Anrede
        ");
    }

    #[test]
    fn control_characters_of_a_template_do_not_go_out() {
        assert_eq!(tidy("Bis\u{0} bald!\u{1b}[31m\n\tIhr\u{7} Team \n"), "Bis bald![31m\n\tIhr Team");
    }

    #[test]
    fn a_text_that_would_never_end_is_a_fault_of_that_text() {
        let endless = "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}Bis bald!";
        let deep = format!("{{{{ {}1 }}}}", "not ".repeat(50_000));
        let faults: Vec<_> = [endless, &deep].iter().flat_map(|body| check(&text(None, body), "de")).collect();
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(faults.join("\n"), @"
        document template `Test`, body: it takes more than 200000 steps; its loops run too often
        document template `Test`, body: it is longer than 65536 bytes
        ");
    }

    #[test]
    fn a_hostile_name_is_printed_as_it_stands_and_in_one_line() {
        let mut customer = full_customer();
        customer.first_name = Some("<script>alert('{{ branch.phone }}')</script>".into());
        customer.last_name = Some("{{ customer }}{% for x in appointments %}\r\nBcc: alle@example.de\u{0}".into());
        let branch = sample_branch();
        let template =
            text(Some("Termin\r\nfür {{ customer.name }}\n"), "Guten Tag {{ customer.name }},\n\nbis bald & <3");
        let rendered = render(&template, &sample_facts(&customer, &[&branch]), "de").unwrap();
        insta::assert_snapshot!(rendered.subject.unwrap(), @"Termin für <script>alert('{{ branch.phone }}')</script> {{ customer }}{% for x in appointments %} Bcc: alle@example.de");
        insta::assert_snapshot!(rendered.body, @"
        Guten Tag <script>alert('{{ branch.phone }}')</script> {{ customer }}{% for x in appointments %} Bcc: alle@example.de,

        bis bald & <3
        ");
    }

    #[test]
    fn a_line_of_tags_leaves_no_line_behind_and_other_lines_stay_apart() {
        let body = "  {% if true %}  \nGuten Tag{% if customer.name %} {{ customer.name }}{% endif %}\n\
                    {# Bemerkung #}\nzweite\n{% endif %}{% if true -%}\n\n   dritte{% endif %}\r\nvierte  \n\n";
        assert_eq!(body_of(body), "Guten Tag Renate Weiß\nzweite\ndritte\nvierte");
    }

    #[test]
    fn the_engine_never_adds_or_takes_a_line_break_of_the_text() {
        assert_eq!(body_of("a\n\n{% for a in appointments %}\nb\n\n{% endfor %}\nc\n"), "a\n\nb\n\nc");
        assert_eq!(body_of("{% set x = \"%}\" %}\n{{ x }}"), "%}");
        assert_eq!(body_of("a\n{# b -#}\n\n  c\n{% raw %}\n{{ d }}\n{% endraw %}\ne"), "a\nc\n{{ d }}\ne");
    }

    #[test]
    fn faults_say_where_they_stand_and_quote_no_value() {
        let bodies = [
            "Hallo\n{{ customer.frist_name }}",
            "{% for a in appointments %}\n{{ a.datee }}\n{% endfor %}",
            "{{ kunde }}",
            "{{ a.b.c }}",
            "{{ customer.title | default('') }}",
            "{% if customer.titel is defined %}x{% endif %}",
            "{{ customer }}",
            "{{ appointments }}",
            "{{ customer.name | uper }}",
            "\n\n{{ appointment.start | datetime('%Q') }}",
            "{{ customer.name | datetime('%A') }}",
            "{{ customer.name / 3 }}",
            "{{ customer.name | int }}",
            "{{ customer.name.foo() }}",
            "{{ appointments[7].date }}",
            "{{ foo(1) }}",
            "a\nb {% if customer.name %}",
            "a\n{{ customer.name",
            "{{ debug() }}",
            "{{ appointments | map(attribute='tiem') | list | length }}",
            "{{ appointments | sort(attribute='tiem') | length }}",
            "{% if false %}x{% endif %}",
            "{% for i in range(90000) %}{{ customer.name }}{% endfor %}",
        ];
        let faults = bodies.map(fault_of).join("\n");
        assert!(!faults.contains("Renate") && !faults.contains("Weiß"), "{faults}");
        insta::assert_snapshot!(faults, @"
        document template `Test`, body, line 2: unknown name `frist_name` of a customer; did you mean `first_name`? known are `salutation`, `first_name`, `last_name`, `name`, `street`, `postcode`, `city`
        document template `Test`, body, line 2: unknown name `datee` of an appointment; did you mean `date`? known are `id`, `date`, `weekday`, `day`, `month`, `year`, `time`, `end_time`, `start`, `end`, `moved_from`, `branch`, `type`
        document template `Test`, body: unknown name `kunde`; known are `customer`, `branch`, `appointments`, `appointment`, `calendar_attached`
        document template `Test`, body: unknown name `a`; known are `customer`, `branch`, `appointments`, `appointment`, `calendar_attached`
        document template `Test`, body: unknown name `title` of a customer; known are `salutation`, `first_name`, `last_name`, `name`, `street`, `postcode`, `city`
        document template `Test`, body: unknown name `titel` of a customer; known are `salutation`, `first_name`, `last_name`, `name`, `street`, `postcode`, `city`
        document template `Test`, body: only texts and numbers can be printed; name one value, such as `customer.name`
        document template `Test`, body: only texts and numbers can be printed; name one value, such as `customer.name`
        document template `Test`, body: unknown filter `uper`; did you mean `upper`? known are `capitalize`, `datetime`, `default`, `first`, `groupby`, `join`, `last`, `length`, `list`, `lower`, `map`, `rejectattr`, `replace`, `selectattr`, `sort`, `title`, `trim`, `unique`, `upper`
        document template `Test`, body, line 3: `%Q` is no pattern for a date; such a pattern is `%A, %-d. %B %Y`, and a percent sign is `%%`
        document template `Test`, body: `datetime` is for the `start` and the `end` of an appointment, such as `appointment.start`
        document template `Test`, body: invalid operation
        document template `Test`, body: invalid operation
        document template `Test`, body: unknown method: string has no method named foo
        document template `Test`, body: it uses a value that is not there
        document template `Test`, body: unknown name `foo`; known are `customer`, `branch`, `appointments`, `appointment`, `calendar_attached`
        document template `Test`, body, line 2: syntax error: unexpected end of input, expected end of block
        document template `Test`, body, line 2: syntax error: unexpected end of input, expected end of variable block
        document template `Test`, body: unknown name `debug`; known are `customer`, `branch`, `appointments`, `appointment`, `calendar_attached`
        document template `Test`, body: unknown name `tiem` of an appointment; did you mean `time`? known are `id`, `date`, `weekday`, `day`, `month`, `year`, `time`, `end_time`, `start`, `end`, `moved_from`, `branch`, `type`
        document template `Test`, body: unknown name `tiem` of an appointment; did you mean `time`? known are `id`, `date`, `weekday`, `day`, `month`, `year`, `time`, `end_time`, `start`, `end`, `moved_from`, `branch`, `type`
        document template `Test`, body: nothing is left of the text, and an empty one cannot be sent
        document template `Test`, body: the text grows beyond 65536 bytes
        ");
    }

    #[test]
    fn only_plain_text_is_rendered() {
        let (customer, branch) = (full_customer(), sample_branch());
        let html = DocumentTemplate { format: Format::Html, ..text(None, "x") };
        let fault = render(&html, &sample_facts(&customer, &[&branch]), "de").unwrap_err();
        assert_eq!(
            fault.to_string(),
            "document template `Test`: its format is `html`, and only `plain_text` can be sent"
        );
        let nothing = Facts { appointments: vec![], ..sample_facts(&customer, &[&branch]) };
        assert!(render(&text(None, "x"), &nothing, "de").is_err());
    }

    #[test]
    fn the_text_follows_the_language_then_its_first_part_then_the_one_without() {
        let texts: Vec<_> = [None, Some("en"), Some("de-AT"), Some("pt_BR")]
            .into_iter()
            .map(|language| DocumentTemplate { language: language.map(str::to_owned), ..text(None, "x") })
            .collect();
        let chosen = |language| choose(&texts, "Test", language).unwrap().language.as_deref();
        assert_eq!(chosen(Some("EN")), Some("en"));
        assert_eq!(chosen(Some("en_GB")), Some("en"));
        assert_eq!(chosen(Some("de_at")), Some("de-AT"));
        assert_eq!(chosen(Some("pt-br")), Some("pt_BR"));
        for without in [None, Some(""), Some("de"), Some("fr"), Some("english")] {
            assert_eq!(chosen(without), None, "{without:?}");
        }
        assert_eq!(choose(&texts, "test", None), None);
        assert_eq!(choose(&texts[1..], "Test", Some("de")), None);
    }

    #[test]
    fn the_title_in_a_calendar_names_the_branch_and_never_the_type() {
        let (customer, branch) = (full_customer(), sample_branch());
        let facts = sample_facts(&customer, &[&branch]);
        let title =
            |template, language| Engines::default().summary(template, &facts.appointments[0], language, "de").unwrap();
        assert_eq!(title(None, "de-CH"), "Termin Praxis am Markt");
        assert_eq!(title(None, "en"), "Appointment Praxis am Markt");
        assert_eq!(title(None, "tr"), "Termin Praxis am Markt");
        assert_eq!(title(Some("{{ appointment.type }},\n{{ branch.city }}"), "de"), "Krankengymnastik, Berlin");
        let fault = |template| {
            Engines::default().summary(Some(template), &facts.appointments[0], "de", "de").unwrap_err().to_string()
        };
        assert_eq!(
            fault("{{ customer.name }}"),
            "calendar summary: unknown name `customer`; known are `branch`, `appointment`"
        );
        assert_eq!(fault(" "), "calendar summary: nothing is left of the text, and an empty one cannot be sent");
    }
}
