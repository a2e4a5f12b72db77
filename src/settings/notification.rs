//! The settings of the interface `appointment_notification`: the mask of the manual.

use chrono::{Duration, NaiveTime};

use super::fields::{Faults, Fields, read_object};
use crate::language::is_known;
use crate::zone::Zone;

/// The night rest, on the local clock, `[start, end)`; it may pass midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NightRest {
    /// Start Nachtruhe: from this time on nothing is sent.
    pub start: NaiveTime,
    /// Ende Nachtruhe: from this time on messages are sent again. Equal to `start`: no night rest.
    pub end: NaiveTime,
}

impl NightRest {
    /// Whether noon lies in it: start and end are likely to stand in each other's place.
    #[must_use]
    pub fn is_by_day(self) -> bool {
        let noon = NaiveTime::MIN + Duration::hours(12);
        if self.start <= self.end {
            (self.start..self.end).contains(&noon)
        } else {
            noon >= self.start || noon < self.end
        }
    }
}

/// Terminbestätigung (E-Mail).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationSettings {
    /// Dokumentvorlage: the name of the text.
    pub document_template: String,
    /// Termine als ICS Datei anhängen.
    pub attach_ics: bool,
}

/// Terminerinnerung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReminderSettings {
    /// Stunden vor Termin, 1 to 99.
    pub hours_before: u32,
    /// Min. Stunden vor Doppelnachricht, 1 to 99.
    pub min_hours_between_messages: u32,
    /// Alle Termine für ein Datum zusammenfassen.
    pub combine_same_day: bool,
    /// Kontaktvorlage: the name of the contact template.
    pub contact_template: String,
}

/// The settings of the whole service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The chain's time zone.
    pub zone: Zone,
    /// The language of texts that name none themselves, for the names of days and months.
    pub language: String,
    /// The night rest, if any.
    pub night_rest: Option<NightRest>,
    /// Filialkürzel Filter: the codes, blanks around them removed; empty selects every branch.
    pub branch_filter: Vec<String>,
    /// How many minutes a pass may last before it leaves the rest to the next one (rule A4).
    pub max_minutes: u32,
    /// Whether the next pass repeats an e-mail whose fate is unknown, once (rule G3).
    pub repeat_uncertain_email: bool,
    /// A template for the title of an entry in the calendar file; `None` names the branch only.
    pub calendar_summary: Option<String>,
    /// Confirmations, if wanted.
    pub confirmation: Option<ConfirmationSettings>,
    /// Reminders, if wanted.
    pub reminder: Option<ReminderSettings>,
}

impl Notification {
    /// The name of the contact template if none is set.
    pub const CONTACT_TEMPLATE: &str = "Terminerinnerung";

    /// Reads the settings of an interface `appointment_notification`.
    ///
    /// # Errors
    /// Every fault, each with its key.
    pub fn read(json: &str) -> Result<Self, Faults> {
        read_object(json, Self::from_fields)
    }

    /// The settings that `fields` give; what is wrong with them is noted there.
    pub(super) fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let zone = read_zone(fields);
        let language = read_language(fields);
        let night_rest = fields.object("night_rest", |rest| {
            let (start, end) = (rest.required_time("start"), rest.required_time("end"));
            Some(NightRest { start: start?, end: end? })
        });
        let branch_filter = fields.branch_codes();
        let max_minutes = fields.integer_or("max_minutes", 1..=1440, 50);
        let repeat_uncertain_email = fields.flag_or("repeat_uncertain_email", true);
        let calendar_summary = fields.text("calendar_summary").map(str::to_owned);
        let confirmation = fields.object("confirmation", |confirmation| {
            let name = confirmation.required_text("document_template", "the name of a document template");
            let attach_ics = confirmation.flag_or("attach_ics", false);
            Some(ConfirmationSettings { document_template: name?.to_owned(), attach_ics })
        });
        let reminder = fields.object("reminder", |reminder| {
            let hours_before = reminder.required_integer("hours_before", 1..=99);
            let min_hours = reminder.required_integer("min_hours_between_messages", 1..=99);
            let combine_same_day = reminder.flag_or("combine_same_day", false);
            let contact_template = reminder.text_or("contact_template", Self::CONTACT_TEMPLATE);
            Some(ReminderSettings {
                hours_before: hours_before?,
                min_hours_between_messages: min_hours?,
                combine_same_day,
                contact_template: contact_template.to_owned(),
            })
        });
        Some(Self {
            zone: zone?,
            language,
            night_rest,
            branch_filter,
            max_minutes,
            repeat_uncertain_email,
            calendar_summary,
            confirmation,
            reminder,
        })
    }
}

fn read_zone(fields: &mut Fields<'_>) -> Option<Zone> {
    let name = fields.text_or("timezone", Zone::DEFAULT);
    let zone = Zone::named(name);
    if zone.is_none() {
        fields
            .fault("timezone", format!("\"{name}\" where a zone of the IANA list such as \"Europe/Berlin\" is needed"));
    }
    zone
}

fn read_language(fields: &mut Fields<'_>) -> String {
    let language = fields.text_or("language", "de");
    let is_tag = language.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !is_tag || !is_known(language) {
        fields.fault("language", format!("\"{language}\" where a language tag such as \"de\" is needed"));
    }
    language.to_owned()
}

impl Fields<'_> {
    /// The branch filter: codes between commas, blanks around them ignored, letter case kept (B4).
    fn branch_codes(&mut self) -> Vec<String> {
        // An empty filter is how a mask stores "all branches", so it is no fault.
        let text = self.possibly_empty_text("branch_filter").unwrap_or_default();
        text.split(',').map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned).collect()
    }
}
