//! One appointment, every rule: what each of them finds, in the order of the rules.
//!
//! Nothing is decided here. Every step calls the function by which a pass decides, so that the
//! steps and the pass cannot disagree; a property test holds the two against each other.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Utc};

use super::channel::{self, Errand};
use super::confirmation;
use super::eligibility::{self, Understood, understood};
use super::quiet::QuietTime;
use super::reason::{Obstacle, Reason, Unusable};
use super::reminder::{self, Reminders};
use super::window::{ConfirmationWindow, LookAhead, ReminderWindow};
use super::{AppointmentRow, Case, Chain, CustomerRow, Decision, Route, in_order, told};
use crate::model::{Appointment, Channel, Kind, Preference, State, Status, Told};
use crate::settings::ReminderSettings;

/// A rule, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Which settings govern the chain.
    A1,
    /// Whether they are in force.
    A2,
    /// Quiet time.
    A3,
    /// Whether the rows can be understood, before any rule of chapter B.
    B,
    /// Customer and type.
    B1,
    /// Group appointments.
    B2,
    /// The status.
    B3,
    /// The branch filter.
    B4,
    /// Whether it is still to come.
    B5,
    /// What the customer wants.
    B6,
    /// What the customer has been told of it.
    C1,
    /// Which messages count.
    C2,
    /// Which messages are live.
    C3,
    /// What is confirmed.
    D1,
    /// One e-mail for all.
    D2,
    /// The text of a confirmation.
    D3,
    /// The calendar file.
    D4,
    /// How a confirmation goes.
    D5,
    /// Reminders first.
    D6,
    /// The regular window.
    E1,
    /// The look-ahead.
    E2,
    /// No double message.
    E3,
    /// One reminder for each start.
    E4,
    /// One message for each customer.
    E5,
    /// The appointments of a date together.
    E6,
    /// The contact template.
    F1,
    /// The order of the channels.
    F2,
    /// Whether an address can be used.
    F3,
    /// Whether an interface can be used.
    F4,
    /// Nothing can be used.
    F5,
    /// Where a message was rejected before.
    F7,
    /// Whether the text can be used.
    F8,
}

impl Rule {
    /// The number, as in the rules.
    #[must_use]
    pub const fn number(self) -> &'static str {
        match self {
            Self::A1 => "A1",
            Self::A2 => "A2",
            Self::A3 => "A3",
            Self::B => "B",
            Self::B1 => "B1",
            Self::B2 => "B2",
            Self::B3 => "B3",
            Self::B4 => "B4",
            Self::B5 => "B5",
            Self::B6 => "B6",
            Self::C1 => "C1",
            Self::C2 => "C2",
            Self::C3 => "C3",
            Self::D1 => "D1",
            Self::D2 => "D2",
            Self::D3 => "D3",
            Self::D4 => "D4",
            Self::D5 => "D5",
            Self::D6 => "D6",
            Self::E1 => "E1",
            Self::E2 => "E2",
            Self::E3 => "E3",
            Self::E4 => "E4",
            Self::E5 => "E5",
            Self::E6 => "E6",
            Self::F1 => "F1",
            Self::F2 => "F2",
            Self::F3 => "F3",
            Self::F4 => "F4",
            Self::F5 => "F5",
            Self::F7 => "F7",
            Self::F8 => "F8",
        }
    }
}

/// What follows from a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The rule lets the message go out.
    Passes,
    /// The rule stops it.
    Stops,
    /// The rule decides nothing here; the fact is good to know.
    Notes,
}

impl Verdict {
    /// The word in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Stops => "stops",
            Self::Notes => "notes",
        }
    }
}

/// What one rule finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The rule.
    pub rule: Rule,
    /// What follows.
    pub verdict: Verdict,
    /// Its facts.
    pub fact: Fact,
}

/// A message of the record, in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    /// Its id; one that is only planned has none.
    pub message_id: Option<i64>,
    /// What it was for.
    pub kind: Kind,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// What became of it.
    pub state: State,
}

impl Mention {
    fn of(message: &Told) -> Self {
        Self { message_id: Some(message.message_id), kind: message.kind, at: message.sent_at, state: message.state }
    }
}

/// The facts of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A configuration error, with which every pass stops; in English.
    Faulty(String),
    /// The service may not be used.
    Inactive {
        /// The row of the table `interface`.
        interface_id: i64,
        /// Why.
        cause: Unusable,
    },
    /// The service is in force.
    InForce,
    /// It is quiet.
    Quiet {
        /// Until then.
        until: DateTime<Utc>,
    },
    /// It is not quiet.
    NotQuiet {
        /// From then on it is.
        from: DateTime<Utc>,
    },
    /// A rule speaks against it.
    Against(Reason),
    /// It has this customer, and a type that may be notified.
    CustomerAndType {
        /// The customer.
        customer_id: i64,
        /// The type.
        type_id: i64,
    },
    /// It is no group appointment.
    NoGroup,
    /// A status that counts.
    CountingStatus(Status),
    /// The branch is selected.
    BranchSelected {
        /// Its code.
        code: String,
        /// The filter; empty if every branch is.
        filter: Vec<String>,
    },
    /// It is still to come.
    Ahead {
        /// Its start, local.
        start: NaiveDateTime,
    },
    /// It has begun.
    Begun {
        /// Its start, local.
        start: NaiveDateTime,
    },
    /// The customer may be written to.
    Wanted {
        /// What they prefer.
        preferred: Option<Channel>,
    },
    /// The customer has been told of it.
    Notified {
        /// The newest message that counts.
        message: Mention,
    },
    /// The customer was told another start last.
    ToldOtherStart {
        /// The newest message that counts.
        message: Mention,
        /// What it stated, local.
        start: NaiveDateTime,
    },
    /// The customer has not been told of it.
    NeverTold,
    /// Messages that count.
    Counting(Vec<Mention>),
    /// Messages that do not.
    NotCounting(Vec<Mention>),
    /// Messages that are live.
    Live(Vec<Mention>),
    /// Messages that no longer are, since everything that they stated has been moved.
    NotLive(Vec<Mention>),
    /// This kind of message is not set up.
    NotSetUp(Kind),
    /// The regular window.
    Regular {
        /// x.
        hours: u32,
        /// The first start that it does not reach.
        until: DateTime<Utc>,
        /// Whether it reaches this appointment.
        reaches: bool,
    },
    /// The look-ahead.
    LookAhead {
        /// From when on it applies.
        begins: DateTime<Utc>,
        /// The first start that it does not reach.
        until: DateTime<Utc>,
        /// Whether it applies now.
        applies: bool,
        /// Whether it would reach this appointment.
        reaches: bool,
    },
    /// No message of the last hours holds it back.
    NotHeldBack {
        /// m.
        hours: u32,
    },
    /// No reminder has stated this start.
    NotReminded,
    /// The message covers these as well.
    Together {
        /// Other appointments of the customer, in order.
        others: Vec<i64>,
    },
    /// Whether the appointments of a date are combined.
    Combining {
        /// The option.
        on: bool,
        /// Whether this appointment is taken in by it, though not due itself.
        taken_in: bool,
    },
    /// The dates that are confirmed, both inclusive.
    ConfirmedDates {
        /// The first.
        from: NaiveDate,
        /// The last.
        to: NaiveDate,
    },
    /// It is left to the reminder of the same pass, or to one that is held back.
    LeftToReminder,
    /// No reminder is in the way.
    NoReminderInTheWay,
    /// Whether a calendar file goes with it.
    Calendar {
        /// It does.
        attached: bool,
    },
    /// The channels of the contact template, in order.
    Template {
        /// Its name.
        name: String,
        /// Its channels.
        channels: Vec<Channel>,
    },
    /// The channel that the customer prefers.
    Preferred {
        /// The channel.
        channel: Channel,
        /// Whether the template has it, so that it is tried first.
        in_template: bool,
    },
    /// Without a preferred channel the template's order holds.
    NoPreference,
    /// A channel can be used.
    Usable {
        /// The address and the interface.
        route: Route,
        /// Whether it is the first one, which is taken.
        taken: bool,
    },
    /// A channel cannot be used.
    Blocked {
        /// The channel.
        channel: Channel,
        /// Why.
        obstacle: Obstacle,
    },
    /// The text that is used.
    Text {
        /// Its name.
        name: String,
    },
    /// No channel can be used: the obstacle of each, in the order in which they were tried.
    Unreachable(Vec<(Channel, Obstacle)>),
    /// The text cannot be used, in English; it names the text.
    TextFault(String),
}

/// What a pass would decide, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Half {
    /// What the rules of this half find.
    pub steps: Vec<Step>,
    /// The message that the pass would send and that covers the appointment.
    pub message: Option<Decision>,
}

/// Every rule over one appointment at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Chapters A3, B and C, which hold for both kinds of messages.
    pub general: Vec<Step>,
    /// Chapters E and F.
    pub reminder: Half,
    /// Chapters D and F.
    pub confirmation: Half,
}

impl Explanation {
    /// The rules that stop a message of this kind; the first is the reason that a report would name.
    #[must_use]
    pub fn stops(&self, kind: Kind) -> Vec<&Step> {
        let half = if kind == Kind::Confirmation { &self.confirmation } else { &self.reminder };
        let mut stops: Vec<&Step> =
            self.general.iter().chain(&half.steps).filter(|step| step.verdict == Verdict::Stops).collect();
        stops.sort_by_key(|step| step.place());
        stops
    }

    /// The reason that a report would name.
    #[must_use]
    pub fn stop(&self, kind: Kind) -> Option<&Step> {
        self.stops(kind).first().copied()
    }
}

impl Step {
    /// Reports name the first reason in the order of the contract, which differs from that of the
    /// rules twice: a type that is not allowed comes after the status, and a reminder that was sent
    /// before one that is held back.
    fn place(&self) -> Rule {
        match (self.rule, &self.fact) {
            (Rule::B1, Fact::Against(Reason::TypeNotAllowed { .. })) => Rule::B3,
            (Rule::E4, _) => Rule::E3,
            (Rule::E3, _) => Rule::E4,
            (rule, _) => rule,
        }
    }
}

/// Lists what each rule finds about the appointment `row` of `case` at `now`.
#[must_use]
pub fn explain(chain: &Chain, quiet: &QuietTime, now: DateTime<Utc>, case: &Case, row: &AppointmentRow) -> Explanation {
    let mut general = Steps::default();
    match quiet.until(now) {
        Some(until) => general.add(Rule::A3, Verdict::Stops, Fact::Quiet { until }),
        None => general.add(Rule::A3, Verdict::Passes, Fact::NotQuiet { from: quiet.next(now).start }),
    }
    let rows = match understood(chain, &case.customer, row) {
        Ok(rows) => rows,
        Err(reason) => {
            general.add(Rule::B, Verdict::Stops, Fact::Against(reason));
            let nothing = Half { steps: Vec::new(), message: None };
            return Explanation { general: general.0, reminder: nothing.clone(), confirmation: nothing };
        }
    };
    chapter_b(chain, now, case, &rows, &mut general);
    chapter_c(chain, now, case, rows.appointment, &mut general);
    // In quiet time no pass decides anything.
    let awake = !quiet.is_quiet(now);
    let window =
        |settings: &ReminderSettings| ReminderWindow::new(now, settings.hours_before, quiet, chain.settings.zone);
    let decided = chain.settings.reminder.as_ref().filter(|_| awake).map(|settings| {
        let window = window(settings);
        (reminder::covers(chain, settings, &window, case), reminder::decide(chain, settings, &window, case))
    });
    let reserved: BTreeSet<i64> = decided
        .iter()
        .flat_map(|(_, decided)| confirmation::reserved(decided.message.as_ref(), &decided.skipped))
        .collect();
    let reminder = chapter_e(chain, quiet, now, case, rows.appointment, decided.unwrap_or_default());
    let confirmation = chapter_d(chain, awake, now, case, rows.appointment, &reserved);
    Explanation { general: general.0, reminder, confirmation }
}

#[derive(Default)]
struct Steps(Vec<Step>);

impl Steps {
    fn add(&mut self, rule: Rule, verdict: Verdict, fact: Fact) {
        self.0.push(Step { rule, verdict, fact });
    }

    /// A rule that either passes, with this fact, or is against it.
    fn ask<T>(&mut self, rule: Rule, answer: Result<T, Reason>, fact: Fact) -> Option<T> {
        match answer {
            Ok(value) => {
                self.add(rule, Verdict::Passes, fact);
                Some(value)
            }
            Err(reason) => {
                self.add(rule, Verdict::Stops, Fact::Against(reason));
                None
            }
        }
    }
}

fn chapter_b(chain: &Chain, now: DateTime<Utc>, case: &Case, rows: &Understood<'_, '_>, steps: &mut Steps) {
    let Understood { appointment, kind, branch } = *rows;
    let customer = eligibility::has_customer(&case.customer);
    let fact = Fact::CustomerAndType { customer_id: case.customer.id().unwrap_or_default(), type_id: kind.id };
    match &customer {
        Err(reason) => steps.add(Rule::B1, Verdict::Stops, Fact::Against(reason.clone())),
        Ok(_) => {
            steps.ask(Rule::B1, eligibility::has_allowed_type(kind), fact);
        }
    }
    steps.ask(Rule::B2, eligibility::is_no_group(appointment), Fact::NoGroup);
    let status = Fact::CountingStatus(appointment.status);
    steps.ask(Rule::B3, eligibility::has_status_that_counts(appointment), status);
    let filter = &chain.settings.branch_filter;
    let selected = Fact::BranchSelected { code: branch.code.clone(), filter: filter.clone() };
    steps.ask(Rule::B4, eligibility::is_selected(filter, branch), selected);
    let start = appointment.start();
    if eligibility::is_ahead(chain.settings.zone.instant(start), now) {
        steps.add(Rule::B5, Verdict::Passes, Fact::Ahead { start });
    } else {
        steps.add(Rule::B5, Verdict::Stops, Fact::Begun { start });
    }
    if let Ok(customer) = customer {
        let wanted = eligibility::is_alive(customer).and_then(|()| eligibility::wants_messages(customer));
        steps.ask(Rule::B6, wanted, Fact::Wanted { preferred: preferred(customer.preferred_contact) });
    }
}

fn chapter_c(chain: &Chain, now: DateTime<Utc>, case: &Case, appointment: &Appointment, steps: &mut Steps) {
    steps.add(
        Rule::C1,
        Verdict::Notes,
        match told::last_told(&case.told, appointment, now) {
            None => Fact::NeverTold,
            Some((message, start)) if start == appointment.start() => Fact::Notified { message: Mention::of(message) },
            Some((message, start)) => Fact::ToldOtherStart { message: Mention::of(message), start },
        },
    );
    // What the two kinds of messages look at: what covered this appointment, and what is younger
    // than any distance between two messages can be.
    let hours = chain.settings.reminder.as_ref().map_or(0, |settings| settings.min_hours_between_messages);
    let recent = now - Duration::hours(i64::from(hours) + 1);
    let mut about: Vec<&Told> = case
        .told
        .iter()
        .filter(|message| {
            message.sent_at >= recent || message.covers.iter().any(|stated| stated.appointment_id == appointment.id)
        })
        .collect();
    about.sort_by_key(|message| (message.sent_at, message.message_id));
    let mentions = |messages: &[&Told]| messages.iter().map(|message| Mention::of(message)).collect::<Vec<_>>();
    let (counting, others): (Vec<&Told>, Vec<&Told>) = about.into_iter().partition(|told| told::counts(told, now));
    if !counting.is_empty() {
        steps.add(Rule::C2, Verdict::Notes, Fact::Counting(mentions(&counting)));
    }
    if !others.is_empty() {
        steps.add(Rule::C2, Verdict::Notes, Fact::NotCounting(mentions(&others)));
    }
    let (live, dead): (Vec<&Told>, Vec<&Told>) =
        counting.into_iter().partition(|message| told::is_live(message, &case.starts));
    if !live.is_empty() {
        steps.add(Rule::C3, Verdict::Notes, Fact::Live(mentions(&live)));
    }
    if !dead.is_empty() {
        steps.add(Rule::C3, Verdict::Notes, Fact::NotLive(mentions(&dead)));
    }
}

fn chapter_e(
    chain: &Chain,
    quiet: &QuietTime,
    now: DateTime<Utc>,
    case: &Case,
    appointment: &Appointment,
    (covers, decided): (Vec<Appointment>, Reminders),
) -> Half {
    let mut steps = Steps::default();
    let Some(settings) = &chain.settings.reminder else {
        steps.add(Rule::E1, Verdict::Stops, Fact::NotSetUp(Kind::Reminder));
        return Half { steps: steps.0, message: None };
    };
    let zone = chain.settings.zone;
    let start = zone.instant(appointment.start());
    let is_covered = covers.iter().any(|covered| covered.id == appointment.id);
    let message = decided.message.filter(|_| is_covered);
    let (hours, m) = (settings.hours_before, settings.min_hours_between_messages);
    let held_back = told::not_held_back(&case.told, &case.starts, appointment, m, now);
    let until = ReminderWindow::regular(now, hours, zone);
    let in_regular = now < start && start < until;
    // In quiet time no pass has a window.
    let window = (!quiet.is_quiet(now)).then(|| ReminderWindow::new(now, hours, quiet, zone));
    let inside = window.is_some_and(|window| window.contains(start));
    // E6: taken in by an appointment of the same date, though this one alone would not be reminded of.
    let taken_in = is_covered && (!inside || held_back.is_err());
    let unless_taken_in = if taken_in { Verdict::Notes } else { Verdict::Stops };
    let by_e1 = match (inside, in_regular) {
        (true, true) => Verdict::Passes,
        // E2 lets it in. What has begun is stopped by B5, and in quiet time A3 stops everything.
        (true, false) => Verdict::Notes,
        (false, _) if start <= now || window.is_none() => Verdict::Notes,
        (false, _) => unless_taken_in,
    };
    steps.add(Rule::E1, by_e1, Fact::Regular { hours, until, reaches: in_regular });
    if let Some(window) = window {
        let ahead = LookAhead::new(now, hours, quiet);
        let (applies, reaches) = (window.look_ahead, now < start && start < ahead.until);
        let by_e2 = if inside && !in_regular { Verdict::Passes } else { Verdict::Notes };
        steps.add(Rule::E2, by_e2, Fact::LookAhead { begins: ahead.begins, until: ahead.until, applies, reaches });
    }
    match held_back {
        Ok(()) => steps.add(Rule::E3, Verdict::Passes, Fact::NotHeldBack { hours: m }),
        Err(reason) => steps.add(Rule::E3, unless_taken_in, Fact::Against(reason)),
    }
    steps.ask(Rule::E4, told::not_reminded(&case.told, appointment, now), Fact::NotReminded);
    together(Rule::E5, message.as_ref(), appointment, &mut steps);
    steps.add(Rule::E6, Verdict::Notes, Fact::Combining { on: settings.combine_same_day, taken_in });
    if let Some(template) = &chain.contact_template {
        let channels = template.channels.iter().map(|(channel, _)| *channel).collect();
        steps.add(Rule::F1, Verdict::Notes, Fact::Template { name: template.name.clone(), channels });
        let covers = if is_covered { covers } else { vec![appointment.clone()] };
        chapter_f(chain, case, &covers, &template.channels, Rule::F3, &mut steps);
    }
    Half { steps: steps.0, message }
}

fn chapter_d(
    chain: &Chain,
    awake: bool,
    now: DateTime<Utc>,
    case: &Case,
    appointment: &Appointment,
    reserved: &BTreeSet<i64>,
) -> Half {
    let mut steps = Steps::default();
    let Some(settings) = &chain.settings.confirmation else {
        steps.add(Rule::D1, Verdict::Stops, Fact::NotSetUp(Kind::Confirmation));
        return Half { steps: steps.0, message: None };
    };
    let window = ConfirmationWindow::new(chain.settings.zone.date(now));
    let inside = window.contains(appointment.start().date());
    let dates = Fact::ConfirmedDates { from: window.from, to: window.to };
    steps.add(Rule::D1, if inside { Verdict::Passes } else { Verdict::Stops }, dates);
    if let Some(message) = told::notified(&case.told, appointment, now) {
        steps.add(Rule::D1, Verdict::Stops, Fact::Notified { message: Mention::of(message) });
    }
    let message = Some(confirmation::decide(chain, settings, &window, now, case, reserved))
        .filter(|_| awake)
        .and_then(|decided| decided.message)
        .filter(|message| message.covers.iter().any(|covered| covered.id == appointment.id));
    together(Rule::D2, message.as_ref(), appointment, &mut steps);
    steps.add(Rule::D3, Verdict::Notes, Fact::Text { name: settings.document_template.clone() });
    steps.add(Rule::D4, Verdict::Notes, Fact::Calendar { attached: settings.attach_ics });
    let (candidates, _) = confirmation::candidates(chain, &window, now, case, reserved);
    let is_covered = candidates.iter().any(|covered| covered.id == appointment.id);
    let covers = if is_covered { candidates } else { vec![appointment.clone()] };
    let channels = [(Channel::Email, settings.document_template.clone())];
    chapter_f(chain, case, &covers, &channels, Rule::D5, &mut steps);
    if reserved.contains(&appointment.id) {
        steps.add(Rule::D6, Verdict::Stops, Fact::LeftToReminder);
    } else {
        steps.add(Rule::D6, Verdict::Passes, Fact::NoReminderInTheWay);
    }
    Half { steps: steps.0, message }
}

fn together(rule: Rule, message: Option<&Decision>, appointment: &Appointment, steps: &mut Steps) {
    if let Some(message) = message {
        let others = message.covers.iter().map(|covered| covered.id).filter(|id| *id != appointment.id).collect();
        steps.add(rule, Verdict::Notes, Fact::Together { others });
    }
}

/// The channels, one by one; `usable` is the rule under which a usable one is told.
fn chapter_f(
    chain: &Chain,
    case: &Case,
    covers: &[Appointment],
    channels: &[(Channel, String)],
    usable: Rule,
    steps: &mut Steps,
) {
    let CustomerRow::Known(customer) = &case.customer else { return };
    if usable == Rule::F3 {
        let fact = match preferred(customer.preferred_contact) {
            Some(channel) => {
                Fact::Preferred { channel, in_template: channels.iter().any(|(other, _)| *other == channel) }
            }
            None => Fact::NoPreference,
        };
        steps.add(Rule::F2, Verdict::Notes, fact);
    }
    let covers = in_order(covers.to_vec(), chain.settings.zone);
    let mut taken = false;
    let mut obstacles = Vec::new();
    for (channel, attempt) in channel::attempts(chain, Errand { customer, covers: &covers, told: &case.told }, channels)
    {
        match attempt {
            Ok(route) => {
                let first = !std::mem::replace(&mut taken, true);
                let verdict = if first { Verdict::Passes } else { Verdict::Notes };
                steps.add(usable, verdict, Fact::Usable { route, taken: first });
            }
            Err(obstacle) => {
                let rule = match (usable, &obstacle) {
                    (Rule::D5, _) => Rule::D5,
                    (_, Obstacle::NoInterface) => Rule::F4,
                    (_, Obstacle::RejectedBefore { .. }) => Rule::F7,
                    _ => Rule::F3,
                };
                steps.add(rule, Verdict::Notes, Fact::Blocked { channel, obstacle: obstacle.clone() });
                obstacles.push((channel, obstacle));
            }
        }
    }
    if !taken {
        let rule = if usable == Rule::D5 { Rule::D5 } else { Rule::F5 };
        steps.add(rule, Verdict::Stops, Fact::Unreachable(obstacles));
    }
}

const fn preferred(preference: Option<Preference>) -> Option<Channel> {
    match preference {
        Some(Preference::By(channel)) => Some(channel),
        Some(Preference::NoMessages) | None => None,
    }
}
