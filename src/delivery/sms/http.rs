//! Any other gateway, as its settings describe it.
//!
//! The patterns for what went wrong are looked at before the one for success: a gateway that
//! answers everything with 200 is then described by the words of its refusals. What no pattern
//! knows is judged by its status, as carefully as with any other gateway.

use super::line::{Reply, Request};
use super::{Gateway, Outcome, Text, by_status};
use crate::settings::{Pattern, Recipe, Secret, Values, json_text};

/// A gateway that its settings describe, and the sender's name.
pub(super) struct Http(pub(super) Box<Recipe>, pub(super) Option<String>);

impl Gateway for Http {
    fn request(&self, text: &Text<'_>) -> Result<Request, String> {
        let rendered = self.0.render(&Values {
            to: text.to,
            from: self.1.as_deref().unwrap_or_default(),
            text: text.body,
            reference: text.reference,
            validity_minutes: text.minutes(),
        })?;
        let mut request =
            Request { method: self.0.method, url: rendered.url, headers: rendered.headers, body: rendered.body };
        let named = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
        if request.body.is_some() && !named {
            request = request.header("Content-Type", self.0.content_type.as_str());
        }
        Ok(request)
    }

    fn verdict(&self, reply: &Reply) -> Outcome {
        let is = |pattern: &Option<Pattern>| {
            pattern.as_ref().is_some_and(|pattern| pattern.matches(reply.status, &reply.body))
        };
        if is(&self.0.rejected) {
            Outcome::Rejected(reply.shown())
        } else if is(&self.0.refused) {
            Outcome::Refused(reply.shown())
        } else if is(&self.0.not_sent) {
            Outcome::NotSent { problem: reply.shown(), wait: reply.retry_after, server: true }
        } else if self.0.success.matches(reply.status, &reply.body) {
            let reference = self.0.id.as_ref().and_then(|pointer| json_text(&reply.body, pointer));
            Outcome::Accepted { reference, reply: reply.shown() }
        } else {
            by_status(reply)
        }
    }

    fn secrets(&self) -> Vec<Secret> {
        self.0.secrets().cloned().collect()
    }
}
