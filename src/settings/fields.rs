//! Reads the keys of a JSON object one by one and collects what is wrong with them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use chrono::NaiveTime;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value};

/// One fault in the settings: the key, with the keys above it, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The key, such as `reminder.hours_before`; empty for the settings as a whole.
    pub key: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() { f.write_str(&self.problem) } else { write!(f, "`{}`: {}", self.key, self.problem) }
    }
}

/// All faults of one settings object, at least one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

/// What a key of the settings may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// A text.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number within the range.
    Number(RangeInclusive<u32>),
    /// A list of whole numbers within the range.
    Numbers(RangeInclusive<u32>),
    /// One of these words.
    Choice(Vec<String>),
    /// A time of day, `HH:MM`.
    Time,
    /// A list of words.
    Words,
    /// An object whose keys are described on their own, or are free.
    Object,
}

/// A key of the settings, as the program reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key, with the keys above it, such as `reminder.hours_before`.
    pub path: String,
    /// What it may hold.
    pub holds: Holds,
    /// Whether it must be there, if the object around it is.
    pub required: bool,
    /// What holds if it is left out, where that is one value.
    pub default: Option<String>,
}

/// The keys that `read` asks for in settings that say no more than `json`, in the order of asking.
pub(super) fn keys_of<T>(json: &Value, read: impl FnOnce(&mut Fields<'_>) -> Option<T>) -> Vec<Key> {
    let (faults, asked) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
    let mut fields = Fields::new(String::new(), json.as_object().unwrap_or(&EMPTY), &faults);
    fields.asked = Some(&asked);
    read(&mut fields);
    asked.into_inner()
}

static EMPTY: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

/// Reads `json` with `read` and returns its value, or every fault that was found.
///
/// # Errors
/// The faults: JSON that is broken or no object, keys that are unknown or missing, values of the
/// wrong kind or out of range.
pub(super) fn read_object<T>(json: &str, read: impl FnOnce(&mut Fields<'_>) -> Option<T>) -> Result<T, Faults> {
    let whole = |problem: String| Faults(vec![Fault { key: String::new(), problem }]);
    let Unambiguous(value) = serde_json::from_str(json).map_err(|error| match error.classify() {
        Category::Data => whole(error.to_string()),
        _ => whole(format!("not valid JSON: {error}")),
    })?;
    let Value::Object(map) = &value else {
        return Err(whole(format!("{} where a JSON object in braces is needed", kind_of(&value))));
    };
    let faults = RefCell::new(Vec::new());
    let mut fields = Fields::new(String::new(), map, &faults);
    let result = read(&mut fields);
    fields.refuse_unknown();
    let mut faults = faults.into_inner();
    match result {
        Some(value) if faults.is_empty() => Ok(value),
        _ => {
            if faults.is_empty() {
                faults.push(Fault { key: String::new(), problem: "incomplete".to_owned() });
            }
            Err(Faults(faults))
        }
    }
}

/// A JSON value in which no key stands twice. Of two, nobody could tell which one is meant.
struct Unambiguous(Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
                let mut values = Vec::new();
                while let Some(Unambiguous(value)) = list.next_element()? {
                    values.push(value);
                }
                Ok(values.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
                let mut map = Map::new();
                while let Some((key, Unambiguous(value))) = object.next_entry::<String, _>()? {
                    if map.contains_key(&key) {
                        return Err(A::Error::custom(format!("the key `{key}` stands twice")));
                    }
                    map.insert(key, value);
                }
                Ok(map.into())
            }
        }

        deserializer.deserialize_any(Reader).map(Self)
    }
}

/// The keys of one JSON object that is being read. Each getter returns `None` where the key is
/// absent (or null) or wrong; a wrong one has left a fault, so that reading can go on.
pub(super) struct Fields<'a> {
    path: String,
    map: &'a Map<String, Value>,
    known: BTreeSet<&'static str>,
    misplaced: BTreeSet<&'static str>,
    faults: &'a RefCell<Vec<Fault>>,
    /// Whether it cannot be told which keys belong here.
    undecided: bool,
    /// Where it is written down what is asked for, if somebody wants to know.
    asked: Option<&'a RefCell<Vec<Key>>>,
}

impl<'a> Fields<'a> {
    fn new(path: String, map: &'a Map<String, Value>, faults: &'a RefCell<Vec<Fault>>) -> Self {
        Self { path, map, known: BTreeSet::new(), misplaced: BTreeSet::new(), faults, undecided: false, asked: None }
    }

    /// The value of `key`, which may hold `holds`, or is `default` if it is left out.
    fn ask(
        &mut self,
        key: &'static str,
        holds: impl FnOnce() -> Holds,
        default: Option<&dyn fmt::Display>,
    ) -> Option<&'a Value> {
        self.known.insert(key);
        if let Some(asked) = self.asked {
            let path = self.path_of(key);
            let mut asked = asked.borrow_mut();
            if let Some(known) = asked.iter_mut().find(|known| known.path == path) {
                // Called required just before.
                known.holds = holds();
            } else {
                let default = default.map(ToString::to_string);
                asked.push(Key { path, holds: holds(), required: false, default });
            }
        }
        self.map.get(key).filter(|value| !value.is_null())
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Notes that the value of `key` is wrong.
    pub(super) fn fault(&self, key: &str, problem: impl Into<String>) {
        self.faults.borrow_mut().push(Fault { key: self.path_of(key), problem: problem.into() });
    }

    /// Whether `key` is there and not null.
    pub(super) fn has(&self, key: &str) -> bool {
        self.map.get(key).is_some_and(|value| !value.is_null())
    }

    /// The key that decides which others belong here is wrong: to say so of each would bury the cause.
    pub(super) fn judge_no_other_keys(&mut self) {
        self.undecided = true;
    }

    /// `value` by `get`, or a fault that `wanted` is needed.
    fn typed<T>(
        &self,
        key: &str,
        value: &'a Value,
        wanted: &str,
        get: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let typed = get(value);
        if typed.is_none() {
            self.fault(key, format!("{} where {wanted} is needed", kind_of(value)));
        }
        typed
    }

    /// A text, which may be empty.
    pub(super) fn possibly_empty_text(&mut self, key: &'static str) -> Option<&'a str> {
        let value = self.ask(key, || Holds::Text, None)?;
        self.typed(key, value, "a text in quotes", Value::as_str)
    }

    /// A text that is not empty.
    pub(super) fn text(&mut self, key: &'static str) -> Option<&'a str> {
        let text = self.possibly_empty_text(key)?;
        self.not_empty(key, text)
    }

    /// A text that is not empty, or `default` if there is none or if it is wrong.
    pub(super) fn text_or(&mut self, key: &'static str, default: &'a str) -> &'a str {
        let value = self.ask(key, || Holds::Text, Some(&default));
        let text = value.and_then(|value| self.typed(key, value, "a text in quotes", Value::as_str));
        text.and_then(|text| self.not_empty(key, text)).unwrap_or(default)
    }

    fn not_empty(&self, key: &str, text: &'a str) -> Option<&'a str> {
        if text.trim().is_empty() {
            self.fault(key, "empty; leave the key out, or give it a value");
            return None;
        }
        Some(text)
    }

    /// A text that must be there; `example` tells what it looks like.
    pub(super) fn required_text(&mut self, key: &'static str, example: &str) -> Option<&'a str> {
        self.require(key, || Holds::Text, example)?;
        self.text(key)
    }

    /// `true` or `false`; `default` if it is left out or wrong.
    pub(super) fn flag_or(&mut self, key: &'static str, default: bool) -> bool {
        let value = self.ask(key, || Holds::Flag, Some(&default));
        value.and_then(|value| self.typed(key, value, "true or false", Value::as_bool)).unwrap_or(default)
    }

    /// A whole number within `range`.
    pub(super) fn integer(&mut self, key: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        let value = self.ask(key, || Holds::Number(range.clone()), None)?;
        self.within(key, value, &range)
    }

    /// A whole number within `range`; `default` if it is left out or wrong.
    pub(super) fn integer_or(&mut self, key: &'static str, range: RangeInclusive<u32>, default: u32) -> u32 {
        let value = self.ask(key, || Holds::Number(range.clone()), Some(&default));
        value.and_then(|value| self.within(key, value, &range)).unwrap_or(default)
    }

    fn within(&self, key: &str, value: &Value, range: &RangeInclusive<u32>) -> Option<u32> {
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        let number =
            value.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|number| range.contains(number));
        if number.is_none() {
            let found = if value.is_number() { value.to_string() } else { kind_of(value).to_owned() };
            self.fault(key, format!("{found} where {wanted} is needed"));
        }
        number
    }

    /// A whole number within `range` that must be there.
    pub(super) fn required_integer(&mut self, key: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        let example = format!("a whole number from {} to {}", range.start(), range.end());
        self.require(key, || Holds::Number(range.clone()), &example)?;
        self.integer(key, range)
    }

    /// One of the words of `choices`.
    pub(super) fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let words = || Holds::Choice(choices.iter().map(|(word, _)| (*word).to_owned()).collect());
        let value = self.ask(key, words, None)?;
        self.chosen(key, value, choices)
    }

    /// One of the words of `choices`, which must be there; `example` tells what it looks like.
    pub(super) fn required_choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
        example: &str,
    ) -> Option<T> {
        self.require(key, || Holds::Text, example)?;
        self.choice(key, choices)
    }

    /// One of the words of `choices`; the first if it is left out, and nothing if it is wrong.
    pub(super) fn choice_or_first<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let words = || Holds::Choice(choices.iter().map(|(word, _)| (*word).to_owned()).collect());
        let (first, choice) = choices.first()?;
        match self.ask(key, words, Some(first)) {
            Some(value) => self.chosen(key, value, choices),
            None => Some(*choice),
        }
    }

    fn chosen<T: Copy>(&self, key: &str, value: &'a Value, choices: &[(&str, T)]) -> Option<T> {
        let text = self.typed(key, value, "a text in quotes", Value::as_str)?;
        let text = self.not_empty(key, text)?;
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<_> = choices.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            self.fault(key, format!("\"{text}\" where one of {} is needed", words.join(", ")));
        }
        found
    }

    /// A time of day, `HH:MM` from 00:00 to 23:59.
    pub(super) fn required_time(&mut self, key: &'static str) -> Option<NaiveTime> {
        self.require(key, || Holds::Time, "a time such as \"20:00\"")?;
        let value = self.ask(key, || Holds::Time, None)?;
        let text = self.typed(key, value, "a text in quotes", Value::as_str)?;
        let text = self.not_empty(key, text)?;
        let time = (text.len() == 5).then(|| NaiveTime::parse_from_str(text, "%H:%M").ok()).flatten();
        if time.is_none() {
            self.fault(key, format!("\"{text}\" where a time from \"00:00\" to \"23:59\" is needed"));
        }
        time
    }

    /// An object below `key`, read by `read`. Unknown keys in it are faults.
    pub(super) fn object<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        let value = self.ask(key, || Holds::Object, None);
        let map = match value {
            Some(value) => self.typed(key, value, "an object in braces", Value::as_object)?,
            None if self.asked.is_some() => &EMPTY,
            None => return None,
        };
        let mut fields = Fields::new(self.path_of(key), map, self.faults);
        fields.asked = self.asked;
        let result = read(&mut fields);
        fields.refuse_unknown();
        result
    }

    /// The texts of an object below `key` whose keys are free, in the order of the keys.
    pub(super) fn texts(&mut self, key: &'static str) -> Option<Vec<(String, String)>> {
        let value = self.ask(key, || Holds::Object, None)?;
        let map = self.typed(key, value, "an object in braces", Value::as_object)?;
        let mut texts = Vec::new();
        for (name, value) in map {
            match value.as_str() {
                Some(text) => texts.push((name.clone(), text.to_owned())),
                None => {
                    self.fault(
                        &format!("{key}.{name}"),
                        format!("{} where a text in quotes is needed", kind_of(value)),
                    );
                }
            }
        }
        Some(texts)
    }

    /// The words of a list below `key`, at least one.
    pub(super) fn words(&mut self, key: &'static str, example: &str) -> Option<Vec<String>> {
        let wanted = format!("a list of words such as {example}");
        let value = self.ask(key, || Holds::Words, None)?;
        let list = self.typed(key, value, &wanted, Value::as_array)?;
        let words: Option<Vec<_>> = list.iter().map(|value| value.as_str().map(str::to_owned)).collect();
        let words = words.filter(|words| words.first().is_some_and(|first| !first.trim().is_empty()));
        if words.is_none() {
            self.fault(key, format!("{wanted} is needed"));
        }
        words
    }

    /// Refuses the secret `key` where it stands, beside the other settings, and says where it belongs.
    pub(super) fn belongs_under_secrets(&mut self, key: &'static str) {
        if self.has(key) {
            self.misplaced.insert(key);
            self.fault(key, format!("secrets stand under `secrets` only: \"secrets\": {{\"{key}\": …}}"));
        }
    }

    /// The numbers of a list below `key`, each within `range`.
    pub(super) fn integers(&mut self, key: &'static str, range: RangeInclusive<u32>) -> Option<Vec<u32>> {
        let value = self.ask(key, || Holds::Numbers(range.clone()), None)?;
        let list = self.typed(key, value, "a list of whole numbers in brackets", Value::as_array)?;
        let numbers: Option<Vec<u32>> = list
            .iter()
            .map(|value| value.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| range.contains(n)))
            .collect();
        if numbers.is_none() {
            self.fault(key, format!("a list of whole numbers from {} to {} is needed", range.start(), range.end()));
        }
        numbers
    }

    /// Notes a fault if `key` is absent.
    pub(super) fn require(&mut self, key: &'static str, holds: impl FnOnce() -> Holds, example: &str) -> Option<()> {
        let there = self.ask(key, holds, None).is_some();
        if let Some(asked) = self.asked {
            let path = self.path_of(key);
            asked.borrow_mut().iter_mut().filter(|known| known.path == path).for_each(|known| known.required = true);
        }
        if there {
            return Some(());
        }
        self.fault(key, format!("missing; {example} is needed"));
        None
    }

    /// Notes a fault for every key that nobody has asked for.
    fn refuse_unknown(&self) {
        for key in self.map.keys().filter(|_| !self.undecided) {
            if self.known.contains(key.as_str()) || self.misplaced.contains(key.as_str()) {
                continue;
            }
            let nearest = self
                .known
                .iter()
                .map(|known| (strsim::damerau_levenshtein(key, known), *known))
                .min()
                .filter(|(distance, known)| *distance <= 1 + known.len() / 4);
            let known: Vec<_> = self.known.iter().map(|known| format!("`{known}`")).collect();
            self.fault(
                key,
                match nearest {
                    Some((_, nearest)) => format!("unknown key; did you mean `{nearest}`?"),
                    None => format!("unknown key; known here are {}", known.join(", ")),
                },
            );
        }
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
