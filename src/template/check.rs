//! Finds what is wrong with a text before the first message goes out.
//!
//! A text is rendered with made-up facts: every column filled and every optional one empty, one
//! appointment and three, with a calendar file and without. Each unknown name that stops it is
//! noted and forgiven, and the text rendered again, so that all of them are found and not only the
//! first. Branches that none of these reach are covered by a look at the names in the source.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{Duration, NaiveDate, NaiveDateTime};
use minijinja::value::Value;

use super::facts::{AppointmentFacts, ENGINE_NAMES, Facts, Miss, Misses, Noun, Scope, message_values, summary_values};
use super::{
    Detail, EMPTY, Engine, Fault, Part, TextFault, close_up_tags, describe, engine, format_problem, one_line,
    own_language, tidy, too_long,
};
use crate::language::Language;
use crate::model::{Branch, Customer, DocumentTemplate};

/// The most faults that are looked for in one piece of template text.
const MOST: usize = 50;

/// Everything that is wrong with a document template, by part and line; empty if it can be sent.
#[must_use]
pub fn check(text: &DocumentTemplate, default_language: &str) -> Vec<TextFault> {
    if let Some(problem) = format_problem(text) {
        return vec![TextFault::of(text, Part::Whole, Fault::whole(problem))];
    }
    let language = Language::of(own_language(text).unwrap_or(default_language), default_language);
    let samples = Samples::new();
    let mut faults = Vec::new();
    for (part, source) in [(Part::Subject, text.subject.as_deref()), (Part::Body, Some(text.body.as_str()))] {
        let Some(source) = source else { continue };
        let misses = Arc::new(Misses::default());
        let values: Vec<Value> =
            samples.facts().iter().filter_map(|facts| message_values(facts, &language, &misses)).collect();
        let mut found = find(source, &values, &language, &misses, Scope::Message);
        let is_empty = |values| {
            fill_sample(source, values, &language, &misses, Scope::Message).is_some_and(|text| tidy(&text).is_empty())
        };
        if part == Part::Body && found.is_empty() && values.iter().any(is_empty) {
            found.insert(Fault::whole(EMPTY));
        }
        faults.extend(found.into_iter().map(|fault| TextFault::of(text, part, fault)));
    }
    faults
}

/// Everything that is wrong with the setting for the titles in calendar files.
#[must_use]
pub fn check_summary(template: &str, default_language: &str) -> Vec<TextFault> {
    let language = Language::of(default_language, default_language);
    let samples = Samples::new();
    let misses = Arc::new(Misses::default());
    let values: Vec<Value> = samples
        .facts()
        .iter()
        .filter_map(|facts| facts.appointments.first())
        .map(|appointment| summary_values(appointment, &language, &misses))
        .collect();
    let mut found = find(template, &values, &language, &misses, Scope::Summary);
    let is_empty = |values| {
        fill_sample(template, values, &language, &misses, Scope::Summary).is_some_and(|text| one_line(&text).is_empty())
    };
    if found.is_empty() && values.iter().any(is_empty) {
        found.insert(Fault::whole(EMPTY));
    }
    found.into_iter().map(TextFault::of_summary).collect()
}

fn fill_sample(
    source: &str,
    values: &Value,
    language: &Language,
    misses: &Arc<Misses>,
    scope: Scope,
) -> Option<String> {
    Engine::new(language.clone()).fill(source, values, misses, scope, Detail::Shown).ok()
}

/// The faults of one piece of template text, by line.
fn find(source: &str, values: &[Value], language: &Language, misses: &Arc<Misses>, scope: Scope) -> BTreeSet<Fault> {
    if let Some(fault) = too_long(source) {
        return BTreeSet::from([fault]);
    }
    let source = close_up_tags(source);
    let several_lines = source.trim_end().contains('\n');
    let engine = engine(language);
    let mut faults = BTreeSet::new();
    let template = match engine.template_from_str(&source) {
        Ok(template) => template,
        Err(error) => {
            let line = error.line().filter(|_| several_lines);
            faults.insert(Fault { line, problem: describe(&error, misses, scope, Detail::Shown) });
            return faults;
        }
    };
    let mut unknown = BTreeSet::new();
    let mut lines_forgiven = BTreeSet::new();
    for values in values {
        // Each round finds a name that was not forgiven yet, or is the last one.
        while faults.len() < MOST {
            let error = template.render(values.clone()).err();
            let error_line = error.as_ref().and_then(minijinja::Error::line);
            let line = error_line.filter(|_| several_lines);
            // Without an error too: a filter may have swallowed it.
            let Some(miss) = misses.take() else {
                // What fails where a name was forgiven most likely fails for want of its value.
                if let Some(error) = error.filter(|_| !lines_forgiven.contains(&error_line)) {
                    faults.insert(Fault { line, problem: describe(&error, misses, scope, Detail::Shown) });
                }
                break;
            };
            lines_forgiven.insert(error_line);
            faults.insert(Fault { line, problem: miss.problem(scope) });
            misses.forgive(miss.clone());
            unknown.insert(miss);
        }
    }
    for path in template.undeclared_variables(true) {
        if let Some(miss) = unknown_in(&path, scope)
            && unknown.insert(miss.clone())
        {
            let line = line_of(&source, &path).filter(|_| several_lines);
            faults.insert(Fault { line, problem: miss.problem(scope) });
        }
    }
    faults
}

/// The first part of a path such as `customer.frist_name` that does not exist.
fn unknown_in(path: &str, scope: Scope) -> Option<Miss> {
    let mut noun = Noun::Message;
    for name in path.split('.') {
        if noun == Noun::Message && ENGINE_NAMES.contains(&name) {
            return None;
        }
        if !noun.names(scope).contains(&name) {
            return Some(Miss { noun, name: name.to_owned() });
        }
        // What follows a single value is a method, which rendering has tried.
        noun = noun.group(name)?;
    }
    None
}

/// The line on which `path` stands for the first time as a whole word.
fn line_of(source: &str, path: &str) -> Option<usize> {
    let of_a_name = |c: char| c.is_alphanumeric() || c == '_';
    let stands_alone = |line: &str| {
        line.match_indices(path).any(|(at, _)| {
            !line[..at].ends_with(|c| of_a_name(c) || c == '.') && !line[at + path.len()..].starts_with(of_a_name)
        })
    };
    source.lines().position(stands_alone).map(|index| index + 1)
}

/// Made-up rows to try texts with.
struct Samples {
    customers: [Customer; 2],
    branches: [Branch; 2],
    start: NaiveDateTime,
}

impl Samples {
    fn new() -> Self {
        let filled = |value: &str| Some(value.to_owned());
        let empty_customer = Customer {
            id: 1,
            salutation: None,
            first_name: None,
            last_name: None,
            language: None,
            preferred_contact: None,
            deceased: false,
            email: None,
            street: None,
            postcode: None,
            city: None,
            phones: Vec::new(),
        };
        let full_customer = Customer {
            salutation: filled("Frau"),
            first_name: filled("Erika"),
            last_name: filled("Muster"),
            street: filled("Gartenweg 3"),
            postcode: filled("10115"),
            city: filled("Berlin"),
            ..empty_customer.clone()
        };
        let empty_branch = Branch {
            id: 1,
            code: "M".to_owned(),
            name: "Praxis".to_owned(),
            street: None,
            postcode: None,
            city: None,
            phone: None,
            email: None,
        };
        let full_branch = Branch {
            street: filled("Hauptstraße 12"),
            postcode: filled("10115"),
            city: filled("Berlin"),
            phone: filled("030 23125 001"),
            email: filled("praxis@example.de"),
            ..empty_branch.clone()
        };
        let start = NaiveDate::default().and_time(chrono::NaiveTime::MIN) + Duration::hours(10);
        Self { customers: [full_customer, empty_customer], branches: [full_branch, empty_branch], start }
    }

    fn facts(&self) -> Vec<Facts<'_>> {
        let mut all = Vec::new();
        for (customer, branch) in self.customers.iter().zip(&self.branches) {
            // Everything new, or moved by an hour.
            for (count, moved) in [(1, false), (1, true), (3, false), (3, true)] {
                let appointments: Vec<AppointmentFacts<'_>> = (0..count)
                    .map(|day| {
                        let start = self.start + Duration::days(day);
                        let end = start + Duration::minutes(30);
                        let moved_from = moved.then(|| start - Duration::hours(1));
                        AppointmentFacts { id: day + 1, branch, start, end, moved_from, type_name: "Termin" }
                    })
                    .collect();
                for calendar_attached in [false, true] {
                    all.push(Facts { customer, branch, appointments: appointments.clone(), calendar_attached });
                }
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Format;

    fn faults(subject: Option<&str>, body: &str) -> String {
        let text = DocumentTemplate {
            id: 1,
            name: "Probe".into(),
            language: Some("de".into()),
            format: Format::PlainText,
            subject: subject.map(str::to_owned),
            body: body.into(),
        };
        check(&text, "de").iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn all_unknown_names_are_found_at_once_each_with_its_line() {
        let body = "Guten Tag {{ customer.frist_name }},\n\
                    {% for a in appointments %}\n\
                    {{ a.datee }} um {{ a.tiem }} in {{ a.branch.adress }}\n\
                    {% if a.id == 99 %}{{ branch.fon }}{% endif %}\n\
                    {% endfor %}\n\
                    {% if not customer.salutation %}\n\
                    {{ customer.nachname }}\n\
                    {% endif %}\n\
                    {{ bransch.name }}";
        insta::assert_snapshot!(faults(Some("{{ apointment.date }}"), body), @"
        document template `Probe` (de), subject: unknown name `apointment`; did you mean `appointment`? known are `customer`, `branch`, `appointments`, `appointment`, `calendar_attached`
        document template `Probe` (de), body, line 1: unknown name `frist_name` of a customer; did you mean `first_name`? known are `salutation`, `first_name`, `last_name`, `name`, `street`, `postcode`, `city`
        document template `Probe` (de), body, line 3: unknown name `adress` of a branch; did you mean `address`? known are `name`, `code`, `street`, `postcode`, `city`, `address`, `phone`, `email`
        document template `Probe` (de), body, line 3: unknown name `datee` of an appointment; did you mean `date`? known are `id`, `date`, `weekday`, `day`, `month`, `year`, `time`, `end_time`, `start`, `end`, `moved_from`, `branch`, `type`
        document template `Probe` (de), body, line 3: unknown name `tiem` of an appointment; did you mean `time`? known are `id`, `date`, `weekday`, `day`, `month`, `year`, `time`, `end_time`, `start`, `end`, `moved_from`, `branch`, `type`
        document template `Probe` (de), body, line 4: unknown name `fon` of a branch; known are `name`, `code`, `street`, `postcode`, `city`, `address`, `phone`, `email`
        document template `Probe` (de), body, line 7: unknown name `nachname` of a customer; did you mean `last_name`? known are `salutation`, `first_name`, `last_name`, `name`, `street`, `postcode`, `city`
        document template `Probe` (de), body, line 9: unknown name `bransch`; did you mean `branch`? known are `customer`, `branch`, `appointments`, `appointment`, `calendar_attached`
        ");
    }

    #[test]
    fn a_fault_that_needs_several_appointments_or_none_of_the_columns_is_found() {
        insta::assert_snapshot!(faults(None, "x {% if appointments | length > 1 %}{{ nein }}{% endif %}"), @"document template `Probe` (de), body: unknown name `nein`; known are `customer`, `branch`, `appointments`, `appointment`, `calendar_attached`");
        insta::assert_snapshot!(faults(None, "x\n{% if not branch.phone %}{{ 'a' | datetime('%Y') }}{% endif %}"), @"document template `Probe` (de), body, line 2: `datetime` is for the `start` and the `end` of an appointment, such as `appointment.start`");
        insta::assert_snapshot!(faults(None, "{{ customer.name }}"), @"document template `Probe` (de), body: nothing is left of the text, and an empty one cannot be sent");
        insta::assert_snapshot!(faults(None, "x {{ branch.phone | replace('0') }}"), @"document template `Probe` (de), body: missing argument");
    }

    #[test]
    fn what_follows_from_an_unknown_name_is_not_reported_as_well() {
        insta::assert_snapshot!(faults(None, "{{ a.b.c | datetime('%A') }}{{ appointment.strat | datetime('%A') }}"), @"
        document template `Probe` (de), body: unknown name `a`; known are `customer`, `branch`, `appointments`, `appointment`, `calendar_attached`
        document template `Probe` (de), body: unknown name `strat` of an appointment; did you mean `start`? known are `id`, `date`, `weekday`, `day`, `month`, `year`, `time`, `end_time`, `start`, `end`, `moved_from`, `branch`, `type`
        ");
    }

    #[test]
    fn broken_syntax_is_one_fault_with_its_line() {
        insta::assert_snapshot!(faults(None, "eins\nzwei\n{% if branch.phone %}drei"), @"document template `Probe` (de), body, line 3: syntax error: unexpected end of input, expected end of block");
        insta::assert_snapshot!(faults(None, "eins {{ branch.phone }\nzwei"), @"document template `Probe` (de), body, line 1: syntax error: unexpected `}`, expected end of variable block");
    }

    #[test]
    fn names_of_the_engine_and_of_the_author_are_no_faults() {
        let body = "{% set n = namespace(count=0) %}{% for i in range(3) %}{% set n.count = n.count + i %}{% endfor %}\n\
                    {% for a in appointments %}{{ loop.index }}. {{ a.start | datetime('%x') | length }} {{ n.count }}\n\
                    {% endfor %}{{ appointments | map(attribute='time') | join(', ') }}";
        assert_eq!(faults(None, body), "");
    }

    #[test]
    fn a_text_with_endless_unknown_names_is_given_up() {
        let found = faults(None, "{% for i in range(90000) %}{{ customer['x' ~ i] }}{% endfor %}");
        assert_eq!(found.lines().count(), MOST);
    }

    proptest::proptest! {
        #[test]
        fn no_text_whatever_breaks_the_check(pieces in proptest::collection::vec(PIECE, 0..12)) {
            let text = pieces.concat();
            let _ = faults(Some(&text), &text);
            proptest::prop_assert_eq!(close_up_tags(&text).matches('\n').count(), text.matches('\n').count());
        }
    }

    const PIECE: &str = r#"(\{\{ | ?-?\}\}|\{% | ?-?%\}|\{#|-?#\}|\n|ä|"|if |for a in appointments|endif|endfor|raw|endraw|customer\.|name|a\.date| \| |datetime\('|%Y|'\)|set x = )"#;

    #[test]
    fn a_summary_is_checked_in_the_same_way() {
        let found = |template| check_summary(template, "de").iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(found("Termin {{ branch.name }}, {{ appointment.time }}"), [""; 0]);
        insta::assert_snapshot!(found("{{ customer.name }} {{ branch.nam }}").join("\n"), @"
        calendar summary: unknown name `customer`; known are `branch`, `appointment`
        calendar summary: unknown name `nam` of a branch; did you mean `name`? known are `name`, `code`, `street`, `postcode`, `city`, `address`, `phone`, `email`
        ");
        insta::assert_snapshot!(found("{{ branch.phone }}").join("\n"), @"calendar summary: nothing is left of the text, and an empty one cannot be sent");
    }
}
