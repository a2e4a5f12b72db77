//! Keeps our own secrets out of what servers say, which stands in the record and in reports. It happens
//! before a text is cut short, so that no half of one is left over.

use crate::encode;
use crate::settings::Secret;

/// Secrets in every form in which a server may repeat them.
#[derive(Default)]
pub(super) struct Blot(Vec<String>);

impl Blot {
    pub(super) fn new(secrets: &[Secret]) -> Self {
        let mut blot = Self::default();
        for secret in secrets {
            blot.hide(secret.expose());
        }
        blot
    }

    /// Hides one more.
    pub(super) fn hide(&mut self, secret: &str) {
        if secret.is_empty() {
            return;
        }
        let json = encode::json(secret);
        self.0.extend([
            secret.to_owned(),
            encode::percent(secret),
            encode::percent(secret).to_ascii_lowercase(),
            encode::xml(secret),
            json.trim_matches('"').to_owned(),
            encode::base64(secret),
        ]);
        // The longest first, so that no half of one is left over.
        self.0.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        self.0.dedup();
    }

    /// `text` with stars for every secret.
    pub(super) fn out(&self, text: &str) -> String {
        self.0.iter().fold(
            text.to_owned(),
            |text, form| {
                if text.contains(form.as_str()) { text.replace(form, "***") } else { text }
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_blotted_out_in_every_form() {
        let secret = Secret::new("p&ß \"x");
        let blot = Blot::new(std::slice::from_ref(&secret));
        for form in [
            "p&ß \"x".to_owned(),
            encode::percent("p&ß \"x"),
            encode::percent("p&ß \"x").to_ascii_lowercase(),
            encode::xml("p&ß \"x"),
            encode::json("p&ß \"x"),
            encode::base64("p&ß \"x"),
        ] {
            let shown = blot.out(&format!("you sent {form}!"));
            assert!(shown.contains("***") && !shown.contains(&form), "{form} → {shown}");
        }
    }
}
