//! The chain as a pass at some instant would see it.

use std::path::Path;

use chrono::{DateTime, Duration, Utc};

use crate::exit::Stop;
use crate::host::Host;
use crate::pass::{RecordedSecrets, Service, Setup, find_service, service_zone};
use crate::report::Warning;
use crate::report::explain::Shown;
use crate::rules::explain::{Explanation, Fact, Half, Rule, Step, Verdict, explain};
use crate::rules::quiet::QuietTime;
use crate::rules::window::ConfirmationWindow;
use crate::rules::{AppointmentRow, Case, CustomerRow};
use crate::settings::Surroundings;
use crate::store::{CaseLoader, InReach, Store};
use crate::zone::Zone;

/// The database at an instant, and the chain as it was then.
pub(super) struct View {
    pub(super) store: Store,
    at: DateTime<Utc>,
    zone: Zone,
    /// Rules A1 and A2.
    pub(super) chain_steps: Vec<Step>,
    /// `None` if the chain has no settings to decide by.
    pub(super) setup: Option<Setup>,
}

/// One appointment with everything that is known about it, and what the rules say.
pub(super) struct About {
    pub(super) row: AppointmentRow,
    pub(super) case: Case,
    pub(super) explanation: Explanation,
}

impl View {
    /// Opens the database as it was at `at`, if that is before `now`.
    pub(super) fn open(path: &Path, at: DateTime<Utc>, now: DateTime<Utc>, workstation: &str) -> anyhow::Result<Self> {
        let store = Store::open_read_only(path)?;
        let store = if at < now { store.as_of(at)? } else { store };
        let interfaces = store.interfaces()?;
        let mut view = Self { at, zone: service_zone(&interfaces), chain_steps: Vec::new(), setup: None, store };
        let settings = match find_service(&interfaces, at, workstation) {
            Ok(Service::Active(settings, _)) => *settings,
            Ok(Service::Inactive(_, warnings)) => {
                for warning in warnings {
                    if let Warning::ServiceUnusable { interface_id, cause } = warning {
                        view.stop(Rule::A2, Fact::Inactive { interface_id, cause });
                    }
                }
                return Ok(view);
            }
            Err(error) => {
                view.stop(Rule::A1, Fact::Faulty(configuration(error)?));
                return Ok(view);
            }
        };
        view.zone = settings.zone;
        let quiet = match QuietTime::new(settings.night_rest, settings.zone) {
            Ok(quiet) => quiet,
            Err(error) => {
                view.stop(Rule::A3, Fact::Faulty(format!("the setting night_rest: {error}")));
                return Ok(view);
            }
        };
        let host = Host::new(view.store.folder());
        let then = RecordedSecrets::of(&view.store);
        let surroundings: &dyn Surroundings = if view.store.replayed_pass().is_some() { &then } else { &host };
        let (setup, stops) = Setup::gather(&view.store, &interfaces, settings, quiet, at, workstation, surroundings)?;
        if stops.is_empty() {
            view.chain_steps.push(Step { rule: Rule::A2, verdict: Verdict::Passes, fact: Fact::InForce });
        }
        for stop in stops {
            view.stop(Rule::A1, Fact::Faulty(stop.message));
        }
        view.setup = Some(setup);
        Ok(view)
    }

    /// What of the past cannot be seen as it was.
    pub(super) fn about_the_past(&self) -> Option<Warning> {
        if self.store.shows_present_data() {
            return Some(Warning::PresentData);
        }
        let rows = self.store.purged_values();
        (rows > 0).then_some(Warning::PurgedData { rows })
    }

    fn stop(&mut self, rule: Rule, fact: Fact) {
        self.chain_steps.push(Step { rule, verdict: Verdict::Stops, fact });
    }

    /// An appointment and what every rule says of it; `None` if there was none of that id.
    pub(super) fn explained(&self, id: i64) -> anyhow::Result<Option<About>> {
        let Some(row) = self.store.one_appointment(id)? else { return Ok(None) };
        let customer_id = row.content.as_ref().ok().and_then(|appointment| appointment.customer_id);
        let start = row.start.map_or(self.at, |start| self.zone.instant(start));
        // Far enough for every message about it, and for what a pass before it would combine with it.
        let to = [
            self.zone.date(start) + Duration::days(1),
            self.zone.date(self.at) + Duration::days(7),
            ConfirmationWindow::new(self.zone.date(self.at)).to,
        ];
        let loader = CaseLoader {
            now: self.at.min(start),
            zone: self.zone,
            to: to.into_iter().max().unwrap_or_else(|| self.zone.date(self.at)),
        };
        let of = InReach { start: row.start.unwrap_or_default(), appointment_id: id, customer_id };
        let case = self.store.case(&loader, &of)?;
        let nothing = Half { steps: Vec::new(), message: None };
        let explanation = Explanation { general: Vec::new(), reminder: nothing.clone(), confirmation: nothing };
        let mut about = About { row, case, explanation };
        about.explanation = self
            .explain_at(self.at, &about)
            .unwrap_or_else(|| Explanation { general: self.chain_steps.clone(), ..about.explanation.clone() });
        Ok(Some(about))
    }

    /// What the rules would say at another instant, of the same data; `None` without settings.
    pub(super) fn explain_at(&self, at: DateTime<Utc>, about: &About) -> Option<Explanation> {
        let setup = self.setup.as_ref()?;
        let mut explanation = explain(&setup.chain, &setup.quiet, at, &about.case, &about.row);
        explanation.general.splice(0..0, self.chain_steps.iter().cloned());
        if let CustomerRow::Known(customer) = &about.case.customer {
            let language = customer.language.as_deref();
            check_text(setup, Rule::F8, language, &mut explanation.reminder);
            check_text(setup, Rule::D3, language, &mut explanation.confirmation);
        }
        Some(explanation)
    }

    /// What is shown of an appointment above everything else.
    pub(super) fn shown(&self, about: &About) -> anyhow::Result<Shown> {
        let mut shown = Shown::only(about.row.id);
        shown.start = about.row.start;
        shown.customer_id = about.case.customer.id();
        if let Ok(appointment) = &about.row.content {
            shown.status = Some(appointment.status);
            let branch = self.store.branches()?.remove(&appointment.branch_id);
            shown.branch = branch.and_then(Result::ok).map(|branch| (branch.code, branch.name));
        }
        if let CustomerRow::Known(customer) = &about.case.customer {
            shown.customer_name = customer.full_name();
        }
        Ok(shown)
    }
}

/// F8: whether the text can be used that the message needs.
fn check_text(setup: &Setup, rule: Rule, language: Option<&str>, half: &mut Half) {
    let taken = half.steps.iter().find_map(|step| match &step.fact {
        Fact::Usable { route, taken: true } => Some(route.document_template.clone()),
        _ => None,
    });
    let Some(name) = taken else { return };
    let step = match setup.texts.choose(&name, language) {
        Ok(_) => Step { rule, verdict: Verdict::Passes, fact: Fact::Text { name } },
        Err(fault) => Step { rule, verdict: Verdict::Stops, fact: Fact::TextFault(fault) },
    };
    match half.steps.iter_mut().find(|step| step.rule == rule) {
        Some(place) => *place = step,
        None => half.steps.push(step),
    }
}

/// A configuration error is an answer; any other error is none.
fn configuration(error: anyhow::Error) -> anyhow::Result<String> {
    error.downcast::<Stop>().map(|stop| stop.message)
}
