//! Reads what belongs to the whole chain and finds what is wrong with it before the first message.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::exit::Stop;
use crate::model::{
    BadData, Branch, Channel, ContactTemplate, DocumentTemplate, Format, Interface, InterfaceKind, Problem,
};
use crate::report::Warning;
use crate::rules::Chain;
use crate::rules::interface::{Outlet, Outlets, usable};
use crate::rules::quiet::QuietTime;
use crate::rules::reason::Unusable;
use crate::settings::{Faults, Notification, Sms, Smtp, Surroundings};
use crate::store::{InterfaceRow, Store};
use crate::template;

/// Everything that a pass knows about the chain.
#[derive(Debug)]
pub struct Setup {
    /// What the rules need.
    pub chain: Chain,
    /// The quiet time.
    pub quiet: QuietTime,
    /// The texts.
    pub texts: Texts,
    /// The settings of usable mail servers, by interface.
    pub smtp: BTreeMap<i64, Smtp>,
    /// The settings of usable gateways, by interface.
    pub sms: BTreeMap<i64, Sms>,
    /// The chain's random identity.
    pub identity: String,
    /// What is wrong.
    pub warnings: Vec<Warning>,
}

/// The texts of the chain, and which of them cannot be used.
#[derive(Debug, Default)]
pub struct Texts {
    templates: Vec<DocumentTemplate>,
    /// Rows that cannot be understood, by id; which text they are is not known.
    unreadable: Vec<i64>,
    /// By name and language of a version; a name without any version has none to name.
    faulty: BTreeMap<(String, Option<String>), String>,
    /// What is wrong with the title of calendar entries.
    summary_fault: Option<String>,
    /// What renders them.
    pub(super) engines: template::Engines,
}

impl Texts {
    /// The version of a text for a customer's language (F8).
    ///
    /// # Errors
    /// Why it cannot be used, as a fragment that names it.
    pub fn choose(&self, name: &str, language: Option<&str>) -> Result<&DocumentTemplate, String> {
        let Some(text) = template::choose(&self.templates, name, language) else {
            return Err(self.missing(name));
        };
        match self.faulty.get(&(text.name.clone(), text.language.clone())) {
            Some(fault) => Err(fault.clone()),
            None => Ok(text),
        }
    }

    /// The versions of a text, by id.
    pub fn versions<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t DocumentTemplate> {
        self.templates.iter().filter(move |text| text.name == name)
    }

    /// What is wrong with a version of a text in use, if anything.
    #[must_use]
    pub fn fault(&self, text: &DocumentTemplate) -> Option<&str> {
        self.faulty.get(&(text.name.clone(), text.language.clone())).map(String::as_str)
    }

    /// What is wrong with the title of calendar entries, if anything.
    #[must_use]
    pub fn summary_fault(&self) -> Option<&str> {
        self.summary_fault.as_deref()
    }

    /// Says that there is no version of a text that fits, unless it is one that cannot be understood.
    fn missing(&self, name: &str) -> String {
        let missing = missing_text(name, &self.templates);
        match self.unreadable.as_slice() {
            [] => missing,
            [row] => format!("{missing} (unless it is row {row}, which cannot be understood)"),
            rows => {
                let rows = rows.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                format!("{missing} (unless it is one of the rows {rows}, which cannot be understood)")
            }
        }
    }
}

fn missing_text(name: &str, templates: &[DocumentTemplate]) -> String {
    if templates.iter().any(|text| text.name == name) {
        return format!(
            "document template `{name}`: there is no version without language, for customers of other languages"
        );
    }
    let nearest = templates
        .iter()
        .map(|text| (strsim::damerau_levenshtein(name, &text.name), &text.name))
        .min()
        .filter(|(distance, known)| *distance <= 2 + known.chars().count() / 4);
    match nearest {
        Some((_, nearest)) => format!("there is no document template `{name}`; did you mean `{nearest}`?"),
        None => format!("there is no document template `{name}`"),
    }
}

impl Setup {
    /// Reads the chain for a pass.
    ///
    /// # Errors
    /// A configuration error (78) for a branch filter that selects nothing, a missing contact
    /// template, or D3; 74 if the database cannot be read.
    pub fn load(
        store: &Store,
        interfaces: &[InterfaceRow],
        settings: Notification,
        quiet: QuietTime,
        at: DateTime<Utc>,
        workstation: &str,
        surroundings: &dyn Surroundings,
    ) -> anyhow::Result<Self> {
        let (setup, stops) = Self::gather(store, interfaces, settings, quiet, at, workstation, surroundings)?;
        match stops.into_iter().next() {
            Some(stop) => Err(stop.into()),
            None => Ok(setup),
        }
    }

    /// Reads the chain as far as it can be read, and everything that would stop a pass over it.
    ///
    /// # Errors
    /// 74 if the database cannot be read.
    pub fn gather(
        store: &Store,
        interfaces: &[InterfaceRow],
        settings: Notification,
        quiet: QuietTime,
        at: DateTime<Utc>,
        workstation: &str,
        surroundings: &dyn Surroundings,
    ) -> anyhow::Result<(Self, Vec<Stop>)> {
        let (mut warnings, mut stops) = (Vec::new(), Vec::new());
        let branches = store.branches()?;
        let codes = branches.values().filter_map(|row| row.as_ref().ok()).map(|row| &row.code);
        stops.extend(check_branch_filter(&settings, codes, &mut warnings).err());
        let contact_template = match &settings.reminder {
            None => None,
            Some(reminder) => {
                contact_template(store, &reminder.contact_template)?.map_err(|stop| stops.push(stop)).ok()
            }
        };
        let texts = texts(store, &settings, contact_template.as_ref(), &mut warnings, &mut stops)?;
        let today = settings.zone.date(at);
        let mut smtp = BTreeMap::new();
        let mut sms = BTreeMap::new();
        let mut outlets = Outlets::default();
        for row in interfaces {
            match row {
                Err(bad) => warnings.push(Warning::BadData(bad.clone())),
                Ok(row) => {
                    warnings.extend(no_such_branch(row, &branches).map(Warning::BadData));
                    let state = usable(row, today, workstation);
                    match row.kind {
                        InterfaceKind::AppointmentNotification => {}
                        InterfaceKind::Smtp => {
                            let read = Smtp::read(&row.settings, surroundings);
                            outlets.smtp.push(outlet(row, state, read, &mut smtp, |_| None));
                        }
                        InterfaceKind::Sms => {
                            let read = Sms::read(&row.settings, surroundings);
                            let country_code = |sms: &Sms| Some(sms.country_code.clone());
                            outlets.sms.push(outlet(row, state, read, &mut sms, country_code));
                        }
                    }
                }
            }
        }
        let chain = Chain { settings, branches, types: store.types()?, contact_template, outlets };
        warnings.extend(interface_warnings(&chain));
        Ok((Self { chain, quiet, texts, smtp, sms, identity: store.identity()?, warnings }, stops))
    }

    /// Whether everything that the pass would use writes files or talks to this computer (A5).
    #[must_use]
    pub fn is_local(&self) -> bool {
        let in_use = channels_in_use(&self.chain);
        let smtp = !in_use.contains(&Channel::Email) || self.smtp.values().all(Smtp::is_local);
        let sms = !in_use.contains(&Channel::Sms) || self.sms.values().all(Sms::is_local);
        smtp && sms
    }
}

/// The fault of an interface for a branch that does not exist: nobody is ever written to by it.
fn no_such_branch(row: &Interface, branches: &BTreeMap<i64, Result<Branch, BadData>>) -> Option<BadData> {
    let id =
        row.branch_id.filter(|id| row.kind != InterfaceKind::AppointmentNotification && !branches.contains_key(id))?;
    let problem = Problem::NoSuchRow { table: "branch", id };
    Some(BadData { table: "interface", row: row.id, column: "branch_id", problem })
}

/// Keeps the settings of an interface that may be used; a fault in them makes it unusable (F4).
fn outlet<T>(
    row: &Interface,
    state: Result<(), Unusable>,
    settings: Result<T, Faults>,
    kept: &mut BTreeMap<i64, T>,
    country_code: impl Fn(&T) -> Option<String>,
) -> Outlet {
    let country_code = settings.as_ref().ok().and_then(country_code);
    let state = state.and_then(|()| match settings {
        Ok(settings) => {
            kept.insert(row.id, settings);
            Ok(())
        }
        Err(faults) => Err(Unusable::Faulty { faults: faults.to_string() }),
    });
    Outlet { id: row.id, branch_id: row.branch_id, state, country_code }
}

/// B4: codes that no branch bears.
fn check_branch_filter<'a>(
    settings: &Notification,
    codes: impl Iterator<Item = &'a String>,
    warnings: &mut Vec<Warning>,
) -> Result<(), Stop> {
    let codes: BTreeSet<&String> = codes.collect();
    let unknown: Vec<&String> = settings.branch_filter.iter().filter(|code| !codes.contains(code)).collect();
    if !unknown.is_empty() && unknown.len() == settings.branch_filter.len() {
        let known: Vec<String> = codes.iter().take(10).map(|code| format!("\"{code}\"")).collect();
        return Err(Stop::configuration(format!(
            "the setting branch_filter (\"{}\") names no branch of the table branch, so that nobody would be notified; \
             codes there are {}{}",
            settings.branch_filter.join(","),
            if known.is_empty() { "none".to_owned() } else { known.join(", ") },
            if codes.len() > known.len() { ", …" } else { "" },
        )));
    }
    warnings.extend(unknown.into_iter().map(|code| Warning::UnknownBranchCode { code: code.clone() }));
    Ok(())
}

fn contact_template(store: &Store, name: &str) -> anyhow::Result<Result<ContactTemplate, Stop>> {
    Ok(match store.contact_template(name)? {
        Some(Ok(template)) if template.channels.is_empty() => Err(Stop::configuration(format!(
            "the contact template `{name}` has no channel: insert at least one into contact_template_channel"
        ))),
        Some(Ok(template)) => Ok(template),
        Some(Err(bad)) => Err(Stop::configuration(format!("a row cannot be understood: {bad}"))),
        None => Err(Stop::configuration(format!(
            "the setting reminder.contact_template names `{name}`, but there is no such row in the table contact_template"
        ))),
    })
}

/// Reads the texts and checks those in use, D3 and F8.
fn texts(
    store: &Store,
    settings: &Notification,
    contact_template: Option<&ContactTemplate>,
    warnings: &mut Vec<Warning>,
    stops: &mut Vec<Stop>,
) -> anyhow::Result<Texts> {
    let mut texts = Texts::default();
    for row in store.document_templates()? {
        match row {
            Ok(text) => texts.templates.push(text),
            Err(bad) => {
                texts.unreadable.push(bad.row);
                warnings.push(Warning::BadData(bad));
            }
        }
    }
    let mut names: BTreeSet<&str> = BTreeSet::new();
    if let Some(confirmation) = &settings.confirmation {
        let name = confirmation.document_template.as_str();
        let mut versions = texts.templates.iter().filter(|text| text.name == name).peekable();
        if versions.peek().is_none() {
            let missing = texts.missing(name);
            stops.push(Stop::configuration(format!("the setting confirmation.document_template: {missing}")));
        } else if let Some(text) = versions.find(|text| text.format != Format::PlainText) {
            stops.push(Stop::configuration(format!(
                "the setting confirmation.document_template names `{name}`, whose row {} of the table document_template \
                 has the format {}; only plain_text can be sent",
                text.id, text.format
            )));
        } else {
            names.insert(name);
        }
        if confirmation.attach_ics {
            let template = settings.calendar_summary.as_deref();
            let faults =
                template.map_or_else(Vec::new, |template| template::check_summary(template, &settings.language));
            texts.summary_fault = faults.first().map(ToString::to_string);
            let unusable = |fault: &template::TextFault| Warning::CalendarTitleUnusable { fault: fault.to_string() };
            warnings.extend(faults.iter().map(unusable));
        }
    }
    names.extend(contact_template.iter().flat_map(|template| &template.channels).map(|(_, name)| name.as_str()));
    for name in names {
        if template::choose(&texts.templates, name, None).is_none() {
            warnings.push(Warning::TextUnusable { fault: texts.missing(name) });
        }
        for text in texts.templates.iter().filter(|text| text.name == name) {
            let faults = template::check(text, &settings.language);
            if let Some(first) = faults.first() {
                texts.faulty.insert((text.name.clone(), text.language.clone()), first.to_string());
            }
            warnings.extend(faults.iter().map(|fault| Warning::TextUnusable { fault: fault.to_string() }));
        }
    }
    Ok(texts)
}

/// The channels that the contact template and the confirmation use.
fn channels_in_use(chain: &Chain) -> BTreeSet<Channel> {
    let mut channels: BTreeSet<Channel> =
        chain.contact_template.iter().flat_map(|template| &template.channels).map(|(channel, _)| *channel).collect();
    if chain.settings.confirmation.is_some() {
        channels.insert(Channel::Email);
    }
    channels
}

/// F4: channels in use that nothing serves, and choices among several of the same rank.
fn interface_warnings(chain: &Chain) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for channel in channels_in_use(chain) {
        let Some(outlets) = chain.outlets.of(channel) else { continue };
        let channel_is_dead = outlets.iter().all(|outlet| outlet.state.is_err());
        if outlets.is_empty() {
            warnings.push(Warning::InterfaceMissing { channel, branches: Vec::new() });
        }
        for outlet in outlets {
            if let Err(cause) = &outlet.state {
                let interface_id = outlet.id;
                warnings.push(Warning::InterfaceUnusable {
                    interface_id,
                    channel,
                    cause: cause.clone(),
                    channel_is_dead,
                });
            }
        }
        if !channel_is_dead {
            let filter = &chain.settings.branch_filter;
            let without: Vec<String> = chain
                .branches
                .values()
                .filter_map(|row| row.as_ref().ok())
                .filter(|branch| filter.is_empty() || filter.contains(&branch.code))
                .filter(|branch| chain.outlets.choose(channel, branch.id).is_none())
                .map(|branch| branch.code.clone())
                .collect();
            if !without.is_empty() {
                warnings.push(Warning::InterfaceMissing { channel, branches: without });
            }
        }
        warnings.extend(
            chain.outlets.rivals(channel).into_iter().map(|(_, ids)| Warning::SeveralInterfaces { channel, ids }),
        );
    }
    warnings
}
