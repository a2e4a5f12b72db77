//! A gateway that this program does not know, described in the settings: what to send, and how to
//! read the answer.
//!
//! Everything that can be wrong is found when the settings are read: templates are compiled and
//! tried with an example, so that a misspelt variable is a named fault of a key rather than a
//! surprise at night. Whatever a variable holds, the filters `url`, `json`, `xml` and `base64` keep
//! it from being read as syntax. Host and scheme stand outside the templates, so that no customer's
//! data can send a message elsewhere.

use std::collections::BTreeMap;

use minijinja::{Environment, UndefinedBehavior, context};
use serde_json::Value;

use super::base_url::BaseUrl;
use super::fields::{Fields, Holds};
use super::secret::{Secret, SecretSource, Surroundings};
use crate::encode;

/// How to talk to a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// `GET`, `POST` or `PUT`.
    pub method: &'static str,
    /// A template for the address; scheme and host stand in it as they are.
    pub url: String,
    /// Headers, name and template.
    pub headers: Vec<(String, String)>,
    /// A template for the body; `None` sends none.
    pub body: Option<String>,
    /// The media type of the body.
    pub content_type: String,
    /// Answers that mean: this number is not reached, now or later.
    pub rejected: Option<Pattern>,
    /// Answers that mean: log-in, credit or configuration is wrong.
    pub refused: Option<Pattern>,
    /// Answers that mean: not taken now, try again.
    pub not_sent: Option<Pattern>,
    /// Answers that mean: taken. The others are looked at first.
    pub success: Pattern,
    /// A JSON pointer to the gateway's id of the message.
    pub id: Option<String>,
    base_url: BaseUrl,
    secrets: Vec<(String, Secret)>,
}

/// What the templates of a [`Recipe`] may use.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    /// The number in E.164, such as `+4915228817386`.
    pub to: &'a str,
    /// The sender, empty if none is set.
    pub from: &'a str,
    /// The text.
    pub text: &'a str,
    /// Our id of the message.
    pub reference: &'a str,
    /// For how many minutes the message is of use, at least 1.
    pub validity_minutes: u64,
}

/// A request made of a [`Recipe`]. It holds secrets and therefore does not print.
pub struct RenderedRequest {
    /// The address.
    pub url: String,
    /// Headers, name and value.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
}

/// What an answer looks like. All conditions that are given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pattern {
    /// The HTTP status is one of these; an empty list means any from 200 to 299 for `success`, and
    /// any at all elsewhere.
    pub status: Vec<u16>,
    /// The body contains this text.
    pub contains: Option<String>,
    /// The JSON body has this value at this pointer; numbers and truth values compare as written.
    pub value: Option<(String, String)>,
}

impl Pattern {
    /// Whether an answer looks like this.
    #[must_use]
    pub fn matches(&self, status: u16, body: &str) -> bool {
        (self.status.is_empty() || self.status.contains(&status))
            && self.contains.as_deref().is_none_or(|text| body.contains(text))
            && self
                .value
                .as_ref()
                .is_none_or(|(pointer, wanted)| json_text(body, pointer).as_deref() == Some(wanted.as_str()))
    }
}

/// The text, number or truth value at `pointer` of the JSON document `body`, as a text.
#[must_use]
pub(crate) fn json_text(body: &str, pointer: &str) -> Option<String> {
    let document: Value = serde_json::from_str(body).ok()?;
    scalar(document.pointer(pointer)?)
}

/// A JSON text, number or truth value, as a text: gateways change between `7` and `"7"`.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

impl Recipe {
    const VARIABLES: [&str; 5] = ["to", "from", "text", "reference", "validity_minutes"];

    /// Reads the keys of the gateway `http`.
    pub(super) fn read(fields: &mut Fields<'_>, surroundings: &dyn Surroundings) -> Option<Self> {
        let method =
            fields.choice_or_first("method", &[("POST", "POST"), ("GET", "GET"), ("PUT", "PUT")]).unwrap_or("POST");
        let url = fields.required_text("url", "the address of the gateway, a template");
        let base_url =
            url.and_then(|url| BaseUrl::parse(literal_start(url)).map_err(|problem| fields.fault("url", problem)).ok());
        let headers = fields.texts("headers").unwrap_or_default();
        let body = fields.text("body").map(str::to_owned);
        let content_type = fields.text_or("content_type", "application/json").to_owned();
        fields.require(
            "success",
            || Holds::Object,
            "what an answer that took the message looks like, {\"status\": [200]},",
        );
        let success = Pattern::read(fields, "success");
        let rejected = Pattern::read(fields, "rejected");
        let refused = Pattern::read(fields, "refused");
        let not_sent = Pattern::read(fields, "not_sent");
        let id = fields.text("id").map(str::to_owned);
        if id.as_ref().is_some_and(|id| !id.starts_with('/')) {
            fields.fault("id", "a JSON pointer such as \"/messages/0/id\" is needed");
        }
        let secrets = read_secrets(fields, surroundings);
        let recipe = Self {
            method,
            url: url?.to_owned(),
            headers,
            body,
            content_type,
            rejected,
            refused,
            not_sent,
            success: success?,
            id,
            base_url: base_url?,
            secrets,
        };
        recipe.check(fields);
        Some(recipe)
    }

    /// The scheme and host, for the rule of loopback addresses.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    /// The secrets that must not be seen anywhere.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.secrets.iter().map(|(_, secret)| secret)
    }

    /// The request for one message.
    ///
    /// # Errors
    /// A sentence fragment that names the key whose template cannot be rendered.
    pub fn render(&self, values: &Values<'_>) -> Result<RenderedRequest, String> {
        let secrets: BTreeMap<String, String> =
            self.secrets.iter().map(|(name, secret)| (name.clone(), secret.expose().to_owned())).collect();
        let context = context! {
            to => values.to,
            from => values.from,
            text => values.text,
            reference => values.reference,
            validity_minutes => values.validity_minutes,
            secrets => secrets,
        };
        let environment = environment();
        let render = |key: &str, template: &str| {
            environment
                .template_from_str(template)
                .and_then(|template| template.render(&context))
                .map_err(|error| format!("`{key}` cannot be rendered: {error}"))
        };
        Ok(RenderedRequest {
            url: render("url", &self.url)?,
            headers: self
                .headers
                .iter()
                .map(|(name, value)| Ok((name.clone(), render(&format!("headers.{name}"), value)?)))
                .collect::<Result<_, String>>()?,
            body: self.body.as_ref().map(|body| render("body", body)).transpose()?,
        })
    }

    /// Notes a fault for each template that is broken or uses what nobody gives it.
    fn check(&self, fields: &Fields<'_>) {
        let headers = self.headers.iter().map(|(name, value)| (format!("headers.{name}"), value));
        let url = std::iter::once(("url".to_owned(), &self.url));
        let body = self.body.iter().map(|body| ("body".to_owned(), body));
        let environment = environment();
        let mut sound = true;
        for (key, template) in url.chain(headers).chain(body) {
            match environment.template_from_str(template) {
                Ok(template) => {
                    for name in template.undeclared_variables(true) {
                        let known = match name.strip_prefix("secrets.") {
                            Some(secret) => self.secrets.iter().any(|(name, _)| name == secret),
                            None => Self::VARIABLES.contains(&name.as_str()),
                        };
                        if !known {
                            sound = false;
                            fields.fault(&key, self.unknown(&name));
                        }
                    }
                }
                Err(error) => {
                    sound = false;
                    fields.fault(&key, format!("not a valid template: {error}"));
                }
            }
        }
        let example =
            Values { to: "+4915228817386", from: "Praxis", text: "Text", reference: "example-1", validity_minutes: 60 };
        if !sound {
            return;
        }
        match self.render(&example) {
            Err(problem) => fields.fault("", problem),
            Ok(request) => {
                for (name, value) in &request.headers {
                    let name_is_sound = !name.is_empty()
                        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
                    if !name_is_sound || value.chars().any(char::is_control) {
                        fields.fault(&format!("headers.{name}"), "not a header that HTTP allows");
                    }
                }
            }
        }
    }

    fn unknown(&self, name: &str) -> String {
        let secrets: Vec<_> = self.secrets.iter().map(|(name, _)| format!("`secrets.{name}`")).collect();
        let known: Vec<_> = Self::VARIABLES.iter().map(|name| format!("`{name}`")).chain(secrets).collect();
        format!("`{name}` is unknown here; known are {}", known.join(", "))
    }
}

impl Pattern {
    fn read(fields: &mut Fields<'_>, key: &'static str) -> Option<Self> {
        fields.object(key, |fields| {
            let status = fields.integers("status", 100..=599).unwrap_or_default();
            let contains = fields.text("contains").map(str::to_owned);
            let pointer = fields.text("pointer").map(str::to_owned);
            let equals = fields.possibly_empty_text("equals").map(str::to_owned);
            if pointer.as_ref().is_some_and(|pointer| !pointer.starts_with('/')) {
                fields.fault("pointer", "a JSON pointer such as \"/success\" is needed");
            }
            match (&pointer, &equals) {
                (Some(_), None) if !fields.has("equals") => fields.fault("equals", "missing beside `pointer`"),
                (None, Some(_)) if !fields.has("pointer") => fields.fault("pointer", "missing beside `equals`"),
                _ => {}
            }
            // What nothing is asked of would match every answer.
            if !["status", "contains", "pointer"].iter().any(|key| fields.has(key)) {
                fields.fault("status", "one of `status`, `contains`, `pointer` is needed");
            }
            let mut status: Vec<u16> = status.into_iter().filter_map(|status| u16::try_from(status).ok()).collect();
            if status.is_empty() && key == "success" {
                status = (200..300).collect();
            }
            Some(Self { status, contains, value: pointer.zip(equals) })
        })
    }
}

/// The start of a template up to the first thing in braces, or up to the path, whichever is first,
/// so that scheme and host are read as they stand.
fn literal_start(url: &str) -> &str {
    let template = [url.find("{{"), url.find("{%"), url.find("{#")].into_iter().flatten().min();
    let start = url.find("://").map_or(0, |at| at + 3);
    let path = url[start..].find(['/', '?', '#']).map(|at| start + at);
    match (path, template) {
        (Some(path), Some(template)) if template < path => "",
        (Some(path), _) => &url[..path],
        // Without a slash behind the host, whatever is put in would become part of its name.
        (None, Some(_)) => "",
        (None, None) => url,
    }
}

fn read_secrets(fields: &mut Fields<'_>, surroundings: &dyn Surroundings) -> Vec<(String, Secret)> {
    let mut secrets: Vec<(String, Secret)> = Vec::new();
    for (key, text) in fields.texts("secrets").unwrap_or_default() {
        let (name, source) = if let Some(name) = key.strip_suffix("_file") {
            (name, SecretSource::File(text.into()))
        } else if let Some(name) = key.strip_suffix("_env") {
            (name, SecretSource::Variable(text))
        } else {
            (key.as_str(), SecretSource::Here(Secret::new(text)))
        };
        let path = format!("secrets.{key}");
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            fields.fault(&path, "letters, digits and `_` are needed, so that a template can name it");
        } else if secrets.iter().any(|(other, _)| other == name) {
            fields.fault(&path, format!("`{name}` is given twice; one of them is needed, not both"));
        } else {
            match surroundings.secret(&source) {
                Ok(secret) => secrets.push((name.to_owned(), secret)),
                Err(problem) => fields.fault(&path, problem),
            }
        }
    }
    secrets
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("url", |text: String| encode::percent(&text));
    environment.add_filter("json", |text: String| encode::json(&text));
    environment.add_filter("xml", |text: String| encode::xml(&text));
    environment.add_filter("base64", |text: String| encode::base64(&text));
    environment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_read_as_it_stands() {
        for (url, start) in [
            ("https://sms.example/send?to={{ to }}", "https://sms.example"),
            ("https://sms.example", "https://sms.example"),
            ("https://{{ to }}/send", ""),
            ("https://sms.example{{ to }}", ""),
            ("{{ to }}", ""),
        ] {
            assert_eq!(literal_start(url), start, "{url}");
        }
    }

    #[test]
    fn a_pattern_wants_all_of_its_conditions() {
        let pattern = Pattern {
            status: vec![200, 201],
            contains: Some("messages".to_owned()),
            value: Some(("/messages/0/ok".to_owned(), "true".to_owned())),
        };
        assert!(pattern.matches(200, r#"{"messages": [{"ok": true}]}"#));
        assert!(pattern.matches(200, r#"{"messages": [{"ok": "true"}]}"#));
        assert!(!pattern.matches(202, r#"{"messages": [{"ok": true}]}"#));
        assert!(!pattern.matches(200, r#"{"messages": [{"ok": false}]}"#));
        assert!(!pattern.matches(200, "<html>messages"));
    }
}
