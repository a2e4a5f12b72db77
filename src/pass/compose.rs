//! From a decision to the words: text, attachments and the names in the header.

use chrono::{DateTime, Utc};

use super::setup::Setup;
use crate::calendar;
use crate::contact::{Address, EmailAddress};
use crate::delivery::Attachment;
use crate::model::{Appointment, Channel, Customer, Kind};
use crate::report::{AttachmentReport, Deferral, Fate, MessageReport};
use crate::rules::{Case, CustomerRow, Decision, told};
use crate::segments;
use crate::store::Covered;
use crate::template::{self, AppointmentFacts, Facts};

/// A message in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Composed {
    /// The subject; SMS have none.
    pub(super) subject: Option<String>,
    /// The text.
    pub(super) body: String,
    /// The language of the text.
    pub(super) language: String,
    /// The calendar file.
    pub(super) calendar: Option<String>,
}

impl Composed {
    /// The calendar file as an attachment, if there is one.
    #[must_use]
    pub(super) fn attachments(&self) -> Vec<Attachment> {
        let name = if self.language.starts_with("de") { "termine.ics" } else { "appointments.ics" };
        self.calendar
            .iter()
            .map(|content| Attachment {
                name: name.to_owned(),
                content_type: calendar::CONTENT_TYPE.to_owned(),
                content: content.clone(),
            })
            .collect()
    }
}

/// Writes the message of a decision about `case`.
///
/// # Errors
/// Why it cannot be written (F8), as a fragment that names the text.
pub(super) fn compose(setup: &Setup, decision: &Decision, case: &Case, at: DateTime<Utc>) -> Result<Composed, String> {
    let chain = &setup.chain;
    let settings = &chain.settings;
    let customer = customer(case).ok_or("there is no customer")?;
    let text = setup.texts.choose(&decision.route.document_template, customer.language.as_deref())?;
    let facts_of = |appointment: &Appointment| -> Option<AppointmentFacts<'_>> {
        Some(AppointmentFacts {
            id: appointment.id,
            branch: chain.branch(appointment.branch_id)?,
            start: appointment.start(),
            end: appointment.ends_at,
            moved_from: told::moved_from(&case.told, appointment, at),
            type_name: chain.types.get(&appointment.type_id)?.as_ref().ok()?.name.as_str(),
        })
    };
    // Rule B: an appointment of which branch or type cannot be understood is never covered.
    let appointments: Vec<_> = decision.covers.iter().filter_map(facts_of).collect();
    let branch = chain.branch(decision.first().branch_id).ok_or("there is no such branch")?;
    let calendar_attached = decision.kind == Kind::Confirmation
        && settings.confirmation.as_ref().is_some_and(|confirmation| confirmation.attach_ics);
    let facts = Facts { customer, branch, appointments, calendar_attached };
    let rendered = setup.texts.engines.render(text, &facts, &settings.language).map_err(|fault| fault.to_string())?;
    let channel = decision.route.address.channel();
    let calendar = if calendar_attached {
        if let Some(fault) = setup.texts.summary_fault() {
            return Err(fault.to_owned());
        }
        let entries = facts.appointments.iter().zip(&decision.covers).map(|(facts, appointment)| {
            let template = settings.calendar_summary.as_deref();
            Ok(calendar::Entry {
                appointment_id: appointment.id,
                start: appointment.start(),
                end: appointment.ends_at,
                sequence: told::sequence(&case.told, appointment, at),
                summary: setup.texts.engines.summary(template, facts, &rendered.language, &settings.language)?,
                location: template::address_line(facts.branch),
            })
        });
        let entries: Vec<_> = entries.collect::<Result<_, template::TextFault>>().map_err(|fault| fault.to_string())?;
        Some(calendar::calendar(&entries, &setup.identity, settings.zone, at, &rendered.language))
    } else {
        None
    };
    let body = match decision.route.interface_id.filter(|_| channel == Channel::Sms).and_then(|id| setup.sms.get(&id)) {
        Some(sms) if sms.replace_typography => segments::economical(&rendered.body).into_owned(),
        _ => rendered.body,
    };
    Ok(Composed {
        subject: rendered.subject.filter(|_| matches!(channel, Channel::Email | Channel::Letter)),
        body,
        language: rendered.language,
        calendar,
    })
}

/// The customer of a case that can be written to.
#[must_use]
pub(super) fn customer(case: &Case) -> Option<&Customer> {
    match &case.customer {
        CustomerRow::Known(customer) => Some(customer),
        CustomerRow::None | CustomerRow::Gone(_) | CustomerRow::Bad(..) => None,
    }
}

/// Where answers to a message go: the address of the first appointment's branch.
#[must_use]
pub(super) fn reply_to(setup: &Setup, decision: &Decision) -> Option<EmailAddress> {
    let branch = setup.chain.branch(decision.first().branch_id)?;
    branch.email.as_deref().and_then(|email| EmailAddress::parse(email).ok())
}

/// What the ledger notes of each appointment that a decision covers.
#[must_use]
pub(super) fn covered(decision: &Decision, case: &Case, at: DateTime<Utc>) -> Vec<Covered> {
    decision
        .covers
        .iter()
        .map(|appointment| Covered {
            appointment_id: appointment.id,
            start: appointment.start(),
            sequence: told::sequence(&case.told, appointment, at),
        })
        .collect()
}

/// A message as it is reported.
#[must_use]
pub(super) fn report(
    decision: &Decision,
    case: &Case,
    composed: Result<&Composed, &String>,
    message_id: Option<i64>,
    fate: Fate,
    deferral: Option<Deferral>,
    error: Option<String>,
) -> MessageReport {
    let channel = decision.route.address.channel();
    let language = composed.ok().map(|composed| composed.language.clone()).filter(|language| !language.is_empty());
    let (subject, body, attachments) = composed.map_or_else(
        |_| (None, String::new(), Vec::new()),
        |composed| (composed.subject.clone(), composed.body.clone(), composed.attachments()),
    );
    MessageReport {
        message_id,
        kind: decision.kind,
        customer_id: decision.customer_id,
        customer_name: customer(case).and_then(Customer::full_name),
        branch_id: decision.first().branch_id,
        channel,
        address: decision.route.address.expose().to_owned(),
        interface_id: decision.route.interface_id,
        document_template: Some(decision.route.document_template.clone()).filter(|name| !name.is_empty()),
        appointments: decision.covers.iter().map(|appointment| (appointment.id, appointment.start())).collect(),
        subject,
        sms_segments: matches!((&decision.route.address, composed), (Address::Sms(_), Ok(_)))
            .then(|| segments::count(&body).segments),
        body,
        language,
        attachments: attachments
            .into_iter()
            .map(|attachment| AttachmentReport {
                name: attachment.name,
                content_type: attachment.content_type,
                bytes: attachment.content.len(),
            })
            .collect(),
        fate,
        deferral,
        error,
        beside: None,
    }
}

/// The words of a message of unknown fate, as they were written down.
#[must_use]
pub(super) fn again(message: &crate::store::Unsettled) -> Composed {
    Composed {
        subject: message.subject.clone(),
        body: message.body.clone(),
        language: message.language.clone().unwrap_or_default(),
        calendar: message.calendar.clone(),
    }
}
