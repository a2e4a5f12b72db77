//! Builds the situations of the tests so that they read as sentences.
//!
//! A [`Practice`] is a chain with everything that its database would hold. Rows are added by
//! [`Practice::with`]; what a row does not say has a harmless default: customer 7, branch `HH`, a
//! type that may be notified, a status that counts. Every time is local, in the chain's zone.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};
use terminbote::model::{
    Appointment, AppointmentType, BadData, Branch, Channel, ContactTemplate, Customer, Kind, Phone, Preference,
    Problem, State, Stated, Status, Told,
};
use terminbote::rules::interface::{Outlet, Outlets};
use terminbote::rules::quiet::QuietTime;
use terminbote::rules::reason::Unusable;
use terminbote::rules::{AppointmentRow, Case, Chain, CustomerRow};
use terminbote::settings::{ConfirmationSettings, NightRest, Notification, ReminderSettings};
use terminbote::zone::Zone;

/// The customer of every row that names none.
pub(crate) const ANNA: i64 = 7;

/// Reads a local time, with or without seconds.
#[track_caller]
pub(crate) fn local(text: &str) -> NaiveDateTime {
    ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .unwrap_or_else(|| panic!("{text} is no local time"))
}

/// Reads a time of day.
#[track_caller]
pub(crate) fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap_or_else(|_| panic!("{text} is no time of day"))
}

/// Reads an instant in UTC.
#[track_caller]
pub(crate) fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|_| panic!("{text} is no instant"))
}

/// The zone of that name.
#[track_caller]
pub(crate) fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap_or_else(|| panic!("there is no zone {name}"))
}

/// Berlin, where the chain is unless it says otherwise.
pub(crate) fn berlin() -> Zone {
    Zone::default()
}

/// A value that cannot be understood.
pub(crate) fn bad(table: &'static str, row: i64, column: &'static str) -> BadData {
    BadData { table, row, column, problem: Problem::UnknownWord { word: "nonsense".to_owned() } }
}

/// A chain and everything that its database holds.
#[derive(Debug, Clone)]
pub(crate) struct Practice {
    pub(crate) chain: Chain,
    pub(crate) customers: Vec<CustomerRow>,
    pub(crate) appointments: Vec<Booking>,
    pub(crate) messages: Vec<Message>,
}

/// A chain with two branches (`HH` and `B`) and both kinds of servers, that reminds ten hours
/// before, six hours after the last message, by e-mail, else SMS.
pub(crate) fn chain() -> Practice {
    let settings = Notification {
        zone: Zone::default(),
        language: "de".to_owned(),
        night_rest: None,
        branch_filter: Vec::new(),
        max_minutes: 50,
        repeat_uncertain_email: true,
        calendar_summary: None,
        confirmation: None,
        reminder: Some(ReminderSettings {
            hours_before: 10,
            min_hours_between_messages: 6,
            combine_same_day: false,
            contact_template: Notification::CONTACT_TEMPLATE.to_owned(),
        }),
    };
    let kinds = [(1, "Krankengymnastik", true), (2, "Besprechung", false)];
    let practice = Practice {
        chain: Chain {
            settings,
            branches: BTreeMap::new(),
            types: kinds
                .into_iter()
                .map(|(id, name, auto_notify)| (id, Ok(AppointmentType { id, name: name.to_owned(), auto_notify })))
                .collect(),
            contact_template: None,
            outlets: Outlets { smtp: vec![outlet(1)], sms: vec![outlet(2)] },
        },
        customers: Vec::new(),
        appointments: Vec::new(),
        messages: Vec::new(),
    };
    practice.branch(1, "HH").branch(2, "B").contact_template(&[Channel::Email, Channel::Sms])
}

/// A usable mail server or gateway of the whole chain.
pub(crate) fn outlet(id: i64) -> Outlet {
    Outlet { id, branch_id: None, state: Ok(()), country_code: None }
}

/// Says of an outlet what makes it special.
pub(crate) trait OutletSentence {
    fn of_branch(self, id: i64) -> Self;
    fn unusable(self) -> Self;
    fn country_code(self, code: &str) -> Self;
}

impl OutletSentence for Outlet {
    fn of_branch(mut self, id: i64) -> Self {
        self.branch_id = Some(id);
        self
    }

    fn unusable(mut self) -> Self {
        self.state = Err(Unusable::NotServerSide);
        self
    }

    fn country_code(mut self, code: &str) -> Self {
        self.country_code = Some(code.to_owned());
        self
    }
}

impl Practice {
    #[track_caller]
    fn reminder(&mut self) -> &mut ReminderSettings {
        self.chain.settings.reminder.as_mut().expect("a chain that reminds")
    }

    /// The night rest on the local clock.
    #[track_caller]
    pub(crate) fn night_rest(mut self, start: &str, end: &str) -> Self {
        self.chain.settings.night_rest = Some(NightRest { start: time(start), end: time(end) });
        self
    }

    /// x of the rules.
    pub(crate) fn hours_before(mut self, hours: u32) -> Self {
        self.reminder().hours_before = hours;
        self
    }

    /// m of the rules.
    pub(crate) fn hours_between(mut self, hours: u32) -> Self {
        self.reminder().min_hours_between_messages = hours;
        self
    }

    /// Alle Termine für ein Datum zusammenfassen.
    pub(crate) fn combining_dates(mut self) -> Self {
        self.reminder().combine_same_day = true;
        self
    }

    /// Sends confirmations too.
    pub(crate) fn confirming(mut self) -> Self {
        let document_template = "Terminbestätigung".to_owned();
        self.chain.settings.confirmation = Some(ConfirmationSettings { document_template, attach_ics: true });
        self
    }

    /// Sends confirmations and no reminders.
    pub(crate) fn only_confirming(mut self) -> Self {
        self.chain.settings.reminder = None;
        self.confirming()
    }

    pub(crate) fn in_zone(mut self, zone: Zone) -> Self {
        self.chain.settings.zone = zone;
        self
    }

    pub(crate) fn branch_filter(mut self, codes: &[&str]) -> Self {
        self.chain.settings.branch_filter = codes.iter().map(|&code| code.to_owned()).collect();
        self
    }

    pub(crate) fn branch(mut self, id: i64, code: &str) -> Self {
        let branch = Branch {
            id,
            code: code.to_owned(),
            name: format!("Praxis {code}"),
            street: None,
            postcode: None,
            city: None,
            phone: None,
            email: None,
        };
        self.chain.branches.insert(id, Ok(branch));
        self
    }

    /// The contact template's channels, in its order.
    pub(crate) fn contact_template(mut self, channels: &[Channel]) -> Self {
        self.chain.contact_template = Some(ContactTemplate {
            id: 1,
            name: Notification::CONTACT_TEMPLATE.to_owned(),
            channels: channels.iter().map(|channel| (*channel, format!("Erinnerung {channel}"))).collect(),
        });
        self
    }

    /// Exactly these mail servers.
    pub(crate) fn mail_servers(mut self, outlets: impl IntoIterator<Item = Outlet>) -> Self {
        self.chain.outlets.smtp = outlets.into_iter().collect();
        self
    }

    /// Exactly these SMS gateways.
    pub(crate) fn gateways(mut self, outlets: impl IntoIterator<Item = Outlet>) -> Self {
        self.chain.outlets.sms = outlets.into_iter().collect();
        self
    }

    /// Adds a row, in place of one of the same kind and id.
    pub(crate) fn with(mut self, row: impl Row) -> Self {
        row.put(&mut self);
        self
    }

    /// Adds rows.
    pub(crate) fn with_all<R: Row>(self, rows: impl IntoIterator<Item = R>) -> Self {
        rows.into_iter().fold(self, Self::with)
    }

    /// Moves an appointment to another start.
    #[track_caller]
    pub(crate) fn moved(mut self, appointment_id: i64, to: &str) -> Self {
        self.booking(appointment_id).start(local(to));
        self
    }

    /// Changes an appointment in any other way.
    #[track_caller]
    pub(crate) fn changed(mut self, appointment_id: i64, change: impl FnOnce(&mut Appointment)) -> Self {
        change(self.booking(appointment_id).row.content.as_mut().expect("an appointment that can be understood"));
        self
    }

    #[track_caller]
    pub(crate) fn booking(&mut self, appointment_id: i64) -> &mut Booking {
        let of_that_id = |booking: &&mut Booking| booking.row.id == appointment_id;
        self.appointments.iter_mut().find(of_that_id).unwrap_or_else(|| panic!("no appointment {appointment_id}"))
    }

    pub(crate) fn zone(&self) -> Zone {
        self.chain.settings.zone
    }

    pub(crate) fn quiet(&self) -> QuietTime {
        QuietTime::new(self.chain.settings.night_rest, self.zone()).expect("settings that leave an hour")
    }

    /// What the database holds, as the store hands it to the rules: a case for each customer who
    /// has appointments, and one for each appointment without a customer.
    pub(crate) fn cases(&self) -> Vec<Case> {
        let starts: BTreeMap<i64, NaiveDateTime> =
            self.appointments.iter().filter_map(|booking| Some((booking.row.id, booking.row.start?))).collect();
        let mut cases: Vec<Case> = Vec::new();
        for booking in &self.appointments {
            let row = booking.row.clone();
            let of_that_customer =
                |case: &&mut Case| booking.customer_id.is_some() && case.customer.id() == booking.customer_id;
            if let Some(case) = cases.iter_mut().find(of_that_customer) {
                case.appointments.push(row);
                continue;
            }
            let Some(id) = booking.customer_id else {
                let (told, starts) = (Vec::new(), BTreeMap::new());
                cases.push(Case { customer: CustomerRow::None, appointments: vec![row], told, starts });
                continue;
            };
            let known = self.customers.iter().find(|customer| customer.id() == Some(id)).cloned();
            let to_them = self.messages.iter().filter(|message| message.customer_id == id);
            cases.push(Case {
                customer: known.unwrap_or(CustomerRow::Gone(id)),
                appointments: vec![row],
                told: to_them.map(|message| message.told(self.zone(), &starts)).collect(),
                starts: starts.clone(),
            });
        }
        cases
    }
}

/// A row of one of the tables.
pub(crate) trait Row {
    fn put(self, practice: &mut Practice);
}

/// A customer without any address: each must be given.
pub(crate) fn customer(id: i64) -> Customer {
    Customer {
        id,
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
    }
}

/// Anna, who can be reached by e-mail.
pub(crate) fn anna() -> Customer {
    customer(ANNA).email("anna@example.de")
}

/// Says of a customer what makes them special.
pub(crate) trait CustomerSentence {
    fn email(self, address: &str) -> Self;
    fn phone(self, position: i64, number: &str) -> Self;
    fn sms_ok(self) -> Self;
    fn lives_in(self, street: &str, postcode: &str, city: &str) -> Self;
    fn prefers(self, channel: Channel) -> Self;
    fn wants_no_messages(self) -> Self;
    fn deceased(self) -> Self;
}

impl CustomerSentence for Customer {
    fn email(mut self, address: &str) -> Self {
        self.email = Some(address.to_owned());
        self
    }

    /// A number that may not get text messages, unless `sms_ok` follows.
    fn phone(mut self, position: i64, number: &str) -> Self {
        self.phones.push(Phone { position, number: number.to_owned(), sms_allowed: false });
        self
    }

    /// Allows text messages to the number just named.
    #[track_caller]
    fn sms_ok(mut self) -> Self {
        self.phones.last_mut().expect("a number before its mark").sms_allowed = true;
        self
    }

    fn lives_in(mut self, street: &str, postcode: &str, city: &str) -> Self {
        (self.street, self.postcode, self.city) = (Some(street.into()), Some(postcode.into()), Some(city.into()));
        self
    }

    fn prefers(mut self, channel: Channel) -> Self {
        self.preferred_contact = Some(Preference::By(channel));
        self
    }

    fn wants_no_messages(mut self) -> Self {
        self.preferred_contact = Some(Preference::NoMessages);
        self
    }

    fn deceased(mut self) -> Self {
        self.deceased = true;
        self
    }
}

impl Row for CustomerRow {
    fn put(self, practice: &mut Practice) {
        practice.customers.retain(|other| other.id() != self.id());
        practice.customers.push(self);
    }
}

impl Row for Customer {
    fn put(self, practice: &mut Practice) {
        CustomerRow::Known(self).put(practice);
    }
}

/// An appointment and its customer.
#[derive(Debug, Clone)]
pub(crate) struct Booking {
    pub(crate) row: AppointmentRow,
    pub(crate) customer_id: Option<i64>,
}

/// An appointment of Anna at the branch `HH`, with a type that may be notified. Its start must be
/// given.
pub(crate) fn appointment(id: i64) -> Booking {
    let appointment = Appointment {
        id,
        branch_id: 1,
        customer_id: Some(ANNA),
        type_id: 1,
        status: Status::Booked,
        is_group: false,
        starts_at: NaiveDateTime::MIN,
        ends_at: NaiveDateTime::MIN,
        customer_starts_at: None,
    };
    Booking { row: AppointmentRow { id, start: None, content: Ok(appointment) }, customer_id: Some(ANNA) }
}

impl Booking {
    fn change(mut self, change: impl FnOnce(&mut Appointment)) -> Self {
        if let Ok(appointment) = &mut self.row.content {
            change(appointment);
            self.row.start = Some(appointment.start());
        }
        self
    }

    /// Gives it a start in the practice's calendar, which is the customer's too.
    pub(crate) fn start(&mut self, start: NaiveDateTime) {
        if let Ok(appointment) = &mut self.row.content {
            appointment.starts_at = start;
            appointment.customer_starts_at = None;
            appointment.ends_at = start + chrono::Duration::minutes(30);
            self.row.start = Some(appointment.start());
        }
    }

    #[track_caller]
    pub(crate) fn at(mut self, start: &str) -> Self {
        self.start(local(start));
        self
    }

    /// When the customer is to be there, if that differs.
    #[track_caller]
    pub(crate) fn for_the_customer_at(self, start: &str) -> Self {
        self.change(|appointment| appointment.customer_starts_at = Some(local(start)))
    }

    pub(crate) fn of(mut self, customer_id: impl Into<Option<i64>>) -> Self {
        self.customer_id = customer_id.into();
        let customer_id = self.customer_id;
        self.change(|appointment| appointment.customer_id = customer_id)
    }

    #[track_caller]
    pub(crate) fn branch(self, code: &str) -> Self {
        let id = match code {
            "HH" => 1,
            "B" => 2,
            other => panic!("no branch {other}"),
        };
        self.change(|appointment| appointment.branch_id = id)
    }

    pub(crate) fn status(self, status: Status) -> Self {
        self.change(|appointment| appointment.status = status)
    }

    pub(crate) fn group(self) -> Self {
        self.change(|appointment| appointment.is_group = true)
    }

    pub(crate) fn kind(self, type_id: i64) -> Self {
        self.change(|appointment| appointment.type_id = type_id)
    }

    /// Its row cannot be understood, but for its start.
    pub(crate) fn unreadable(mut self) -> Self {
        self.row.content = Err(bad("appointment", self.row.id, "status"));
        self
    }
}

impl Row for Booking {
    fn put(self, practice: &mut Practice) {
        practice.appointments.retain(|other| other.row.id != self.row.id);
        practice.appointments.push(self);
    }
}

/// A message in the record.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) customer_id: i64,
    sent_at: Option<NaiveDateTime>,
    told: Told,
    /// Appointments of which it stated the start that they have now.
    about: Vec<i64>,
}

/// A message to Anna that was sent by e-mail. Its kind and its time must be given.
pub(crate) fn message(id: i64) -> Message {
    let told = Told {
        message_id: id,
        kind: Kind::Reminder,
        channel: Some(Channel::Email),
        address: "anna@example.de".to_owned(),
        state: State::Sent,
        sent_at: DateTime::UNIX_EPOCH,
        pass_id: None,
        covers: Vec::new(),
    };
    Message { customer_id: ANNA, sent_at: None, told, about: Vec::new() }
}

impl Message {
    pub(crate) fn recorded(customer_id: i64, told: Told) -> Self {
        Self { customer_id, sent_at: None, told, about: Vec::new() }
    }

    fn kind(mut self, kind: Kind) -> Self {
        self.told.kind = kind;
        self
    }

    pub(crate) fn by_hand(self) -> Self {
        self.kind(Kind::Manual)
    }

    pub(crate) fn reminder(self) -> Self {
        self.kind(Kind::Reminder)
    }

    pub(crate) fn confirmation(self) -> Self {
        self.kind(Kind::Confirmation)
    }

    #[track_caller]
    pub(crate) fn at(mut self, sent_at: &str) -> Self {
        self.sent_at = Some(local(sent_at));
        self
    }

    pub(crate) fn to(mut self, customer_id: i64) -> Self {
        self.customer_id = customer_id;
        self
    }

    pub(crate) fn by(mut self, channel: Channel, address: &str) -> Self {
        (self.told.channel, self.told.address) = (Some(channel), address.to_owned());
        self
    }

    pub(crate) fn of_pass(mut self, pass_id: i64) -> Self {
        self.told.pass_id = Some(pass_id);
        self
    }

    pub(crate) fn state(mut self, state: State) -> Self {
        self.told.state = state;
        self
    }

    /// It covers an appointment, with the start that it has now.
    pub(crate) fn about(mut self, appointment_id: i64) -> Self {
        self.about.push(appointment_id);
        self
    }

    /// It covers an appointment, with this start.
    #[track_caller]
    pub(crate) fn stating(mut self, appointment_id: i64, start: &str) -> Self {
        self.told.covers.push(Stated { appointment_id, start: Some(local(start)), sequence: None });
        self
    }

    /// Turns around what it covers.
    pub(crate) fn turned_around(mut self) -> Self {
        self.told.covers.reverse();
        self
    }

    /// The start that it stated of an appointment.
    pub(crate) fn stated(&self, appointment_id: i64) -> Option<NaiveDateTime> {
        self.told.covers.iter().find(|stated| stated.appointment_id == appointment_id).and_then(|stated| stated.start)
    }

    /// Whether it was sent, or is said to have been, at a local time or before.
    #[track_caller]
    pub(crate) fn is_until(&self, at: &str) -> bool {
        self.sent_at.is_some_and(|sent_at| sent_at <= local(at))
    }

    fn told(&self, zone: Zone, starts: &BTreeMap<i64, NaiveDateTime>) -> Told {
        let mut told = self.told.clone();
        if let Some(sent_at) = self.sent_at {
            told.sent_at = zone.instant(sent_at);
        }
        let about = |id: &i64| Stated { appointment_id: *id, start: starts.get(id).copied(), sequence: None };
        told.covers.extend(self.about.iter().map(about));
        told
    }
}

impl Row for Message {
    fn put(self, practice: &mut Practice) {
        practice.messages.retain(|other| other.told.message_id != self.told.message_id);
        practice.messages.push(self);
    }
}
