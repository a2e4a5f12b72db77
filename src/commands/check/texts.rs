//! Tries the texts in use on the longest and oddest names: made-up ones, and the chain's own.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;

use super::Checking;
use crate::model::{Branch, Channel, Customer, DocumentTemplate};
use crate::pass::Setup;
use crate::report::Warning;
use crate::report::check::{Area, Matter, SmsCost};
use crate::segments::{self, Segments};
use crate::settings::Sms;
use crate::template::{self, AppointmentFacts, Facts};

/// A text in use and the channels that use it.
type InUse<'s> = BTreeMap<&'s str, BTreeSet<Channel>>;

impl Checking<'_> {
    /// Renders every version of every text in use, and counts the customers without one of theirs.
    pub(super) fn texts(&mut self, setup: &Setup) -> anyhow::Result<()> {
        let in_use = in_use(setup);
        let names = Names::new(setup, self.store.longest_customer()?);
        for (name, channels) in &in_use {
            for text in setup.texts.versions(name) {
                // What is wrong with it whoever gets it is among the warnings already.
                if setup.texts.fault(text).is_none() {
                    for matter in self.text(setup, text, &names, channels) {
                        self.find(Area::Texts, matter);
                    }
                }
            }
        }
        let mut without: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
        for (language, customers) in self.store.languages()? {
            if same_language(&language, &setup.chain.settings.language) {
                continue;
            }
            for name in in_use.keys() {
                let chosen = setup.texts.choose(name, Some(&language));
                if chosen.is_ok_and(|text| text.language.is_none()) {
                    let (count, names) = without.entry(language.clone()).or_default();
                    *count = customers;
                    names.push((*name).to_owned());
                }
            }
        }
        for (language, (customers, names)) in without {
            self.find(Area::Texts, Matter::NoOwnVersion { language, customers, names });
        }
        Ok(())
    }

    /// Tries one version.
    fn text(&self, setup: &Setup, text: &DocumentTemplate, names: &Names, channels: &BTreeSet<Channel>) -> Vec<Matter> {
        let default_language = &setup.chain.settings.language;
        let start = self.zone.local(self.clock.at()) + Duration::days(1);
        let mut typical: Option<Segments> = None;
        let mut longest: Option<Segments> = None;
        let mut has_subject = true;
        let mut words = BTreeSet::new();
        let most = self.sms.values().map(|sms| sms.max_segments).min().unwrap_or(3);
        for Situation { customer, branch, count, is_typical, is_moved } in names.situations() {
            let appointments: Vec<_> = (0..count)
                .map(|number| {
                    let start = start + Duration::days(number);
                    AppointmentFacts {
                        id: number + 1,
                        branch,
                        start,
                        end: start + Duration::minutes(30),
                        moved_from: is_moved.then(|| start - Duration::hours(1)),
                        type_name: LONG_TYPE,
                    }
                })
                .collect();
            let calendar_attached = setup
                .chain
                .settings
                .confirmation
                .as_ref()
                .is_some_and(|confirmation| confirmation.attach_ics && confirmation.document_template == text.name);
            let facts = Facts { customer, branch, appointments, calendar_attached };
            let rendered = match template::render(text, &facts, default_language) {
                Ok(rendered) => rendered,
                Err(fault) => return vec![Matter::Warning(Warning::TextUnusable { fault: fault.to_string() })],
            };
            has_subject &= rendered.subject.is_some();
            if is_typical {
                let parts = rendered.subject.iter().chain([&rendered.body]);
                words.extend(parts.flat_map(|part| in_single_braces(part)));
            }
            let costs = self.cost(&rendered.body);
            let worst = if is_typical { &mut typical } else { &mut longest };
            *worst = worst.iter().copied().chain([costs]).max_by_key(|cost| (cost.segments, cost.units));
        }
        let sms = typical.zip(longest).filter(|_| channels.contains(&Channel::Sms));
        let sms = sms.map(|(typical, longest)| SmsCost { typical, longest, most });
        let (name, language) = (text.name.clone(), text.language.clone());
        let without_subject = (channels.contains(&Channel::Email) && !has_subject)
            .then(|| Matter::NoSubject { name: name.clone(), language: language.clone() });
        let single_braces = (!words.is_empty()).then(|| Matter::SingleBraces {
            name: name.clone(),
            language: language.clone(),
            words: words.into_iter().collect(),
        });
        [Matter::Text { name, language, sms }].into_iter().chain(without_subject).chain(single_braces).collect()
    }

    /// What a text costs by the SMS interface by which it costs most.
    fn cost(&self, body: &str) -> Segments {
        let written = |sms: &Sms| {
            if sms.replace_typography { segments::count(&segments::economical(body)) } else { segments::count(body) }
        };
        let most = self.sms.values().map(written).max_by_key(|cost| (cost.segments, cost.units));
        // Without any interface: as the settings are if nobody sets them.
        most.unwrap_or_else(|| segments::count(&segments::economical(body)))
    }
}

/// Names in braces that a finished message still has: `{Vorname}`.
fn in_single_braces(text: &str) -> Vec<String> {
    let name = |rest: &str| {
        let (inside, _) = rest.split_once('}')?;
        let is_name = |character: char| character.is_alphanumeric() || " _.-".contains(character);
        let starts = inside.trim_start().starts_with(char::is_alphabetic);
        (starts && inside.chars().all(is_name)).then(|| format!("{{{inside}}}"))
    };
    text.split('{').skip(1).filter_map(name).collect()
}

fn in_use(setup: &Setup) -> InUse<'_> {
    let chain = &setup.chain;
    let mut in_use = InUse::new();
    if let Some(confirmation) = &chain.settings.confirmation {
        in_use.entry(&confirmation.document_template).or_default().insert(Channel::Email);
    }
    for (channel, name) in chain.contact_template.iter().flat_map(|template| &template.channels) {
        in_use.entry(name).or_default().insert(*channel);
    }
    in_use
}

/// Whether two tags name the same language, whatever the country.
fn same_language(one: &str, other: &str) -> bool {
    let primary = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    primary(one) == primary(other)
}

const LONG_TYPE: &str = "Anpassung und Erstberatung für zwei Hörsysteme";

/// What a text is tried with.
struct Situation<'n> {
    customer: &'n Customer,
    branch: &'n Branch,
    /// How many appointments.
    count: i64,
    /// Whether nothing about it is odd.
    is_typical: bool,
    /// Whether the customer has been told of other starts.
    is_moved: bool,
}

/// The names that texts are tried with.
struct Names {
    ordinary: Customer,
    /// Long, strange and missing ones, and the chain's own longest.
    odd_customers: Vec<Customer>,
    /// The chain's own.
    branches: Vec<Branch>,
    odd_branches: Vec<Branch>,
}

impl Names {
    fn new(setup: &Setup, longest: Option<Customer>) -> Self {
        let nameless = Customer {
            id: 0,
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
        let named = |salutation: &str, first: &str, last: &str| Customer {
            salutation: Some(salutation.to_owned()),
            first_name: Some(first.to_owned()),
            last_name: Some(last.to_owned()),
            street: Some("An der alten Mühle hinter dem großen Weiher 112 b".to_owned()),
            postcode: Some("20095".to_owned()),
            city: Some("Schmedeswurtherwesterdeich".to_owned()),
            ..nameless.clone()
        };
        let bare = |name: &str| Branch {
            id: 0,
            code: "X".to_owned(),
            name: name.to_owned(),
            street: None,
            postcode: None,
            city: None,
            phone: None,
            email: None,
        };
        let long_branch = Branch {
            street: Some("Straße des Siebzehnten Juni 135–137, Hinterhaus".to_owned()),
            postcode: Some("10623".to_owned()),
            city: Some("Berlin-Charlottenburg".to_owned()),
            phone: Some("030 23125 001".to_owned()),
            email: Some("praxis@example.de".to_owned()),
            ..bare("Hörakustik & Augenoptik Müller-Lüdenscheidt am Großen Markt")
        };
        let mut odd_customers = vec![
            named(
                "Frau Prof. Dr. Dr. h. c.",
                "Maria Magdalena Franziska-Katharina",
                "Freifrau von Schnarrenberger-Leutheusser zu Donnersmarck",
            ),
            named("Herr", "Björn 😀", "O’Łukasz „Łuki“ Çelik"),
            nameless.clone(),
        ];
        odd_customers.extend(longest);
        let branches = setup.chain.branches.values().filter_map(|row| row.as_ref().ok()).cloned().collect();
        Self {
            ordinary: named("Frau", "Erika", "Muster"),
            odd_customers,
            branches,
            odd_branches: vec![long_branch, bare("Praxis 👂")],
        }
    }

    fn situations(&self) -> Vec<Situation<'_>> {
        let made_up = self.branches.is_empty().then(|| self.odd_branches.first()).flatten();
        let ordinary = self.branches.iter().chain(made_up).map(|branch| Situation {
            customer: &self.ordinary,
            branch,
            count: 1,
            is_typical: true,
            is_moved: false,
        });
        // The chain's branches cost most where their name is longest.
        let longest = self.branches.iter().max_by_key(|branch| branch.name.chars().count());
        let odd = self.odd_customers.iter().flat_map(move |customer| {
            let branches = self.odd_branches.iter().chain(longest);
            branches.flat_map(move |branch| {
                let odd = |(count, is_moved)| Situation { customer, branch, count, is_typical: false, is_moved };
                [(1, false), (1, true), (3, false), (3, true)].map(odd)
            })
        });
        ordinary.chain(odd).collect()
    }
}
