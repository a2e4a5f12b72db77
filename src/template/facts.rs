//! What a text may say: the facts of one message as values for the template engine.
//!
//! Every name is always there: a column that is empty in the database is an empty text, so that
//! `{% if customer.salutation %}` works. Any other name is an error that says what would be right.
//! Values are data and never templates, and they are one line each: line breaks and other control
//! characters become blanks, so that no name can add a line to a text or a header to an e-mail.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{Datelike as _, NaiveDateTime};
use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind};

use crate::language::Language;
use crate::model::{Branch, Customer};
use crate::zone::stored;

/// What one message is about.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// To whom it goes.
    pub customer: &'a Customer,
    /// The branch of the first appointment.
    pub branch: &'a Branch,
    /// The appointments in order of their start, at least one.
    pub appointments: Vec<AppointmentFacts<'a>>,
    /// Whether a calendar file goes with the message.
    pub calendar_attached: bool,
}

/// What a text may say about one appointment.
#[derive(Debug, Clone)]
pub struct AppointmentFacts<'a> {
    /// Its id.
    pub id: i64,
    /// The branch where it takes place.
    pub branch: &'a Branch,
    /// When the customer is to be there. Local time.
    pub start: NaiveDateTime,
    /// When it ends. Local time.
    pub end: NaiveDateTime,
    /// The start that the customer was told of last, if that was another one. Local time.
    pub moved_from: Option<NaiveDateTime>,
    /// The name of its type.
    pub type_name: &'a str,
}

/// The address of a branch in one line: `Hauptstraße 12, 10115 Berlin`.
#[must_use]
pub fn address_line(branch: &Branch) -> String {
    let town = joined([branch.postcode.as_deref(), branch.city.as_deref()], " ");
    joined([branch.street.as_deref(), Some(&town)], ", ")
}

/// A value in one line: control characters and line breaks of every kind become blanks, runs of
/// blanks one blank, and none stands at either end.
pub(super) fn one_line(value: &str) -> String {
    value.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).fold(
        String::with_capacity(value.len()),
        |mut line, word| {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            line
        },
    )
}

fn joined<const N: usize>(parts: [Option<&str>; N], between: &str) -> String {
    let parts: Vec<String> =
        parts.into_iter().flatten().map(one_line).filter(|part: &String| !part.is_empty()).collect();
    parts.join(between)
}

/// What a group of values is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Noun {
    Message,
    Customer,
    Branch,
    Appointment,
}

/// Names that the engine itself provides and that must not be taken for misspelt facts.
pub(super) const ENGINE_NAMES: &[&str] = &["range", "dict", "namespace"];

const MESSAGE: &[&str] = &["customer", "branch", "appointments", "appointment", "calendar_attached"];
const SUMMARY: &[&str] = &["branch", "appointment"];
const CUSTOMER: &[&str] = &["salutation", "first_name", "last_name", "name", "street", "postcode", "city"];
const BRANCH: &[&str] = &["name", "code", "street", "postcode", "city", "address", "phone", "email"];
const APPOINTMENT: &[&str] = &[
    "id",
    "date",
    "weekday",
    "day",
    "month",
    "year",
    "time",
    "end_time",
    "start",
    "end",
    "moved_from",
    "branch",
    "type",
];

impl Noun {
    /// The names in such a group.
    pub(super) fn names(self, scope: Scope) -> &'static [&'static str] {
        match (self, scope) {
            (Self::Message, Scope::Message) => MESSAGE,
            (Self::Message, Scope::Summary) => SUMMARY,
            (Self::Customer, _) => CUSTOMER,
            (Self::Branch, _) => BRANCH,
            (Self::Appointment, _) => APPOINTMENT,
        }
    }

    /// The group that stands under `name` in this one; `None` if `name` is a single value.
    pub(super) fn group(self, name: &str) -> Option<Self> {
        match (self, name) {
            (Self::Message, "customer") => Some(Self::Customer),
            (Self::Message | Self::Appointment, "branch") => Some(Self::Branch),
            (Self::Message, "appointment") => Some(Self::Appointment),
            _ => None,
        }
    }
}

/// Which names there are at the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// A document template.
    Message,
    /// The title of an entry in a calendar file.
    Summary,
}

/// A name that a text used and that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Miss {
    pub(super) noun: Noun,
    pub(super) name: String,
}

impl Miss {
    /// What is wrong and what would be right.
    pub(super) fn problem(&self, scope: Scope) -> String {
        let names = self.noun.names(scope);
        let of = match self.noun {
            Noun::Message => "",
            Noun::Customer => " of a customer",
            Noun::Branch => " of a branch",
            Noun::Appointment => " of an appointment",
        };
        format!("unknown name `{}`{of}; {}", self.name, suggestion(&self.name, names))
    }
}

/// "did you mean …", if there is a name near to `name`, and all names that there are.
pub(super) fn suggestion(name: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(&name.to_lowercase(), candidate), candidate))
        .filter(|(likeness, _)| *likeness >= 0.5)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    let known = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match nearest {
        Some((_, nearest)) => format!("did you mean `{nearest}`? known are {known}"),
        None => format!("known are {known}"),
    }
}

/// The unknown names that a text has asked for.
#[derive(Debug, Default)]
pub(super) struct Misses(Mutex<MissState>);

#[derive(Debug, Default)]
struct MissState {
    forgiven: BTreeSet<Miss>,
    last: Option<Miss>,
}

impl Misses {
    fn state(&self) -> std::sync::MutexGuard<'_, MissState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the name over which rendering stopped.
    pub(super) fn take(&self) -> Option<Miss> {
        self.state().last.take()
    }

    /// Lets `miss` pass from now on, so that the next one can be found.
    pub(super) fn forgive(&self, miss: Miss) {
        self.state().forgiven.insert(miss);
    }

    fn answer(&self, noun: Noun, name: &str) -> Value {
        let miss = Miss { noun, name: name.to_owned() };
        let mut state = self.state();
        if state.forgiven.contains(&miss) {
            return if noun == Noun::Message { Value::from_object(Anything) } else { Value::from("") };
        }
        state.last = Some(miss);
        // A value that holds an error stops the engine at once, where one that is merely undefined
        // would be hidden by `default` or `is defined`.
        Value::from(Error::from(ErrorKind::UndefinedError))
    }
}

/// What stands in for an unknown name that was forgiven: whatever is asked of it, it has.
#[derive(Debug)]
pub(super) struct Anything;

impl Object for Anything {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, _key: &Value) -> Option<Value> {
        Some(Value::from_dyn_object(Arc::clone(self)))
    }
}

/// Values under one name.
struct Group {
    noun: Noun,
    names: &'static [&'static str],
    values: Vec<Value>,
    misses: Arc<Misses>,
}

impl Group {
    fn value<const N: usize>(
        noun: Noun,
        names: &'static [&'static str],
        values: [Value; N],
        misses: &Arc<Misses>,
    ) -> Value {
        debug_assert_eq!(names.len(), N);
        Value::from_object(Self { noun, names, values: values.into(), misses: Arc::clone(misses) })
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group").field("noun", &self.noun).finish_non_exhaustive()
    }
}

impl Object for Group {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        // Not a map: a text that walks over all values of a customer is a mistake.
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        if let Some(index) = self.names.iter().position(|known| *known == name) {
            return self.values.get(index).cloned();
        }
        let of_engine = self.noun == Noun::Message && ENGINE_NAMES.contains(&name);
        (!of_engine).then(|| self.misses.answer(self.noun, name))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

fn text(value: Option<&str>) -> Value {
    Value::from(one_line(value.unwrap_or_default()))
}

fn branch_value(branch: &Branch, misses: &Arc<Misses>) -> Value {
    let values = [
        text(Some(&branch.name)),
        text(Some(&branch.code)),
        text(branch.street.as_deref()),
        text(branch.postcode.as_deref()),
        text(branch.city.as_deref()),
        Value::from(address_line(branch)),
        text(branch.phone.as_deref()),
        text(branch.email.as_deref()),
    ];
    Group::value(Noun::Branch, BRANCH, values, misses)
}

fn customer_value(customer: &Customer, misses: &Arc<Misses>) -> Value {
    let values = [
        text(customer.salutation.as_deref()),
        text(customer.first_name.as_deref()),
        text(customer.last_name.as_deref()),
        Value::from(joined([customer.first_name.as_deref(), customer.last_name.as_deref()], " ")),
        text(customer.street.as_deref()),
        text(customer.postcode.as_deref()),
        text(customer.city.as_deref()),
    ];
    Group::value(Noun::Customer, CUSTOMER, values, misses)
}

fn appointment_value(appointment: &AppointmentFacts<'_>, language: &Language, misses: &Arc<Misses>) -> Value {
    let date = appointment.start.date();
    let values = [
        Value::from(appointment.id),
        Value::from(language.date(date)),
        Value::from(language.weekday(date)),
        Value::from(date.day()),
        Value::from(language.month(date)),
        Value::from(date.year()),
        Value::from(appointment.start.format("%H:%M").to_string()),
        Value::from(appointment.end.format("%H:%M").to_string()),
        Value::from(stored(appointment.start)),
        Value::from(stored(appointment.end)),
        Value::from(appointment.moved_from.map(stored).unwrap_or_default()),
        branch_value(appointment.branch, misses),
        text(Some(appointment.type_name)),
    ];
    Group::value(Noun::Appointment, APPOINTMENT, values, misses)
}

/// The values for a document template; `None` if there is no appointment to write about.
pub(super) fn message_values(facts: &Facts<'_>, language: &Language, misses: &Arc<Misses>) -> Option<Value> {
    let appointments: Vec<Value> =
        facts.appointments.iter().map(|appointment| appointment_value(appointment, language, misses)).collect();
    let first = appointments.first()?.clone();
    let values = [
        customer_value(facts.customer, misses),
        branch_value(facts.branch, misses),
        Value::from(appointments),
        first,
        Value::from(facts.calendar_attached),
    ];
    Some(Group::value(Noun::Message, MESSAGE, values, misses))
}

/// The values for the title of an entry in a calendar file.
pub(super) fn summary_values(appointment: &AppointmentFacts<'_>, language: &Language, misses: &Arc<Misses>) -> Value {
    let values = [branch_value(appointment.branch, misses), appointment_value(appointment, language, misses)];
    Group::value(Noun::Message, SUMMARY, values, misses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_line_without_control_characters() {
        assert_eq!(
            one_line(" Anna\r\nBcc: x@example.de\u{2028}\t\u{0}\u{7f}\u{85} Berta "),
            "Anna Bcc: x@example.de Berta"
        );
        assert_eq!(one_line("\n \t"), "");
    }

    #[test]
    fn an_address_leaves_out_what_is_missing() {
        let branch = |street: &str, postcode: &str, city: &str| {
            let filled = |value: &str| (!value.is_empty()).then(|| value.to_owned());
            address_line(&Branch {
                id: 1,
                code: "M".into(),
                name: "Mitte".into(),
                street: filled(street),
                postcode: filled(postcode),
                city: filled(city),
                phone: None,
                email: None,
            })
        };
        assert_eq!(branch("Hauptstraße 12", "10115", "Berlin"), "Hauptstraße 12, 10115 Berlin");
        assert_eq!(branch("Hauptstraße 12", "", "Berlin"), "Hauptstraße 12, Berlin");
        assert_eq!(branch("", "10115", " "), "10115");
        assert_eq!(branch("", "", ""), "");
    }
}
