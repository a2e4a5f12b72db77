//! Why an appointment was or was not told of: every rule with its facts, what the record has, what
//! each pass made of it, and when the next one would tell of it.

mod view;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use chrono::{DateTime, Duration, NaiveDateTime, Utc};

use self::view::View;
use super::output::Output;
use super::page::PageFile;
use crate::cli::{Common, Explain, Format};
use crate::clock::Clock;
use crate::exit::{ExitStatus, Stop};
use crate::host;
use crate::model::{Appointment, Entry, Kind, PassResult, RecordedPass, Told};
use crate::pass::service_zone;
use crate::report::explain::{
    AppointmentReport, CustomerReport, Deleted, HalfReport, Next, PassGroup, PassVerdict, Report, Shown, json, text,
};
use crate::report::html;
use crate::rules::CustomerRow;
use crate::rules::channel::{self, Errand};
use crate::rules::explain::{Explanation, Fact, Rule, Step, Verdict};
use crate::rules::forecast::forecast;
use crate::rules::rhythm::{next_pass, rhythm};
use crate::rules::window::ConfirmationWindow;
use crate::store::{Search, Store, Whose};
use crate::zone::{Zone, stored_instant};

/// How far before a start a pass can look at it for a reminder: 99 hours, one more, and a night.
const REMINDER_REACH: Duration = Duration::hours(99 + 1 + 24);
/// How far before a start a pass can look at it for a confirmation: two quarters.
const CONFIRMATION_REACH: Duration = Duration::days(6 * 31);
/// From how many passes the rhythm is read.
const RHYTHM_OF: Duration = Duration::days(3);
/// What counts as the same day.
const SAME_DAY: Duration = Duration::hours(24);
/// From how long ago on a customer's appointments are listed.
const SHOWN_FROM: Duration = Duration::weeks(4);

pub(super) fn run(common: &Common, command: &Explain, clock: &Clock) -> anyhow::Result<ExitStatus> {
    super::instant(common, Zone::default())?;
    let path = super::database(common)?;
    let page = common.html.as_deref().map(|page| PageFile::create(page, path)).transpose()?;
    let store = Store::open_read_only(path)?;
    let zone = service_zone(&store.interfaces()?);
    let at = super::instant(common, zone)?.unwrap_or(clock.at());
    let looking = Looking { path, store: &store, zone, at, clock, workstation: &host::workstation() };
    let report = match (command.appointment, command.customer) {
        (Some(id), _) => looking.at_appointment(id)?,
        (None, Some(id)) => looking.at_customer(id)?,
        // clap asks for one of them.
        (None, None) => return Err(Stop::usage("name an appointment or a customer").into()),
    };
    let lang = super::language(common);
    let printed = match common.format {
        Format::Text => text(&report, lang),
        Format::Json => json(&report, lang),
    };
    store.finish_reading()?;
    let mut output = Output::new();
    output.write_all(printed.as_bytes())?;
    output.finish()?;
    if let Some(mut page) = page {
        let written = page.write_all(html::explain(&report, lang).as_bytes());
        page.put_in_place(written)?;
    }
    Ok(ExitStatus::Complete)
}

/// Who looks, and when at.
struct Looking<'a> {
    path: &'a Path,
    /// All that is recorded until today.
    store: &'a Store,
    zone: Zone,
    at: DateTime<Utc>,
    clock: &'a Clock,
    workstation: &'a str,
}

impl Looking<'_> {
    fn view(&self, at: DateTime<Utc>, workstation: &str) -> anyhow::Result<View> {
        View::open(self.path, at, self.clock.time_of_day(), workstation)
    }

    /// The messages of a history; those that cannot be understood are named on standard error.
    fn messages(&self, whose: Whose) -> anyhow::Result<Vec<Entry>> {
        let mut messages = Vec::new();
        for listed in self.store.history(&Search::all(whose))? {
            match self.store.entry(listed.id)? {
                Some(Ok(message)) => messages.push(message),
                Some(Err(bad)) => super::name_bad_row(&bad),
                None => {}
            }
        }
        Ok(messages)
    }

    /// What went to the addresses of `messages` within a day of them, to other customers.
    fn others(&self, messages: &[Entry]) -> anyhow::Result<Vec<Entry>> {
        let mut ids = BTreeSet::new();
        for message in messages.iter().filter(|message| !message.address.is_empty()) {
            let (from, until) = (message.sent_at - SAME_DAY, message.sent_at + SAME_DAY);
            ids.extend(self.store.others_at(&message.address, message.customer_id, from, until)?);
        }
        let own: BTreeSet<i64> = messages.iter().map(|message| message.message_id).collect();
        let mut others = Vec::new();
        for id in ids.difference(&own) {
            others.extend(self.store.entry(*id)?.and_then(Result::ok));
        }
        Ok(others)
    }

    fn at_appointment(&self, id: i64) -> anyhow::Result<Report> {
        let view = self.view(self.at, self.workstation)?;
        let about = view.explained(id)?;
        let messages = self.messages(Whose::Appointment(id))?;
        match about {
            Some(about) => Ok(Report::Appointment(Box::new(self.appointment(&view, &about, messages)?))),
            None if messages.is_empty() => Err(self.no_such_appointment(id)?.into()),
            None => Ok(Report::Deleted(Deleted { zone: self.zone, at: self.at, id, messages })),
        }
    }

    fn appointment(&self, view: &View, about: &view::About, messages: Vec<Entry>) -> anyhow::Result<AppointmentReport> {
        let start = about.row.start;
        let mut starts: Vec<NaiveDateTime> = messages
            .iter()
            .flat_map(|message| &message.covers)
            .filter(|stated| stated.appointment_id == about.row.id)
            .filter_map(|stated| stated.start)
            .chain(start)
            .collect();
        starts.sort_unstable();
        starts.dedup();
        let passes = self.passes(about.row.id, &starts, &messages)?;
        // A pass that has died may have told of it; what else it looked at is not known.
        let told = |kind: Kind, stated: Option<NaiveDateTime>| {
            let of_pass = messages.iter().filter(|message| message.kind == kind && message.pass_id.is_some());
            let states = |message: &&Entry| {
                let mut covers = message.covers.iter().filter(|covered| covered.appointment_id == about.row.id);
                stated.is_none() || covers.any(|covered| covered.start == stated)
            };
            of_pass.filter(states).map(|message| message.sent_at).min()
        };
        let reached = passes.iter().find(|group| group.reached).map(|group| group.from);
        let first_reminder = reached.into_iter().chain(told(Kind::Reminder, None)).min();
        let confirmation = self.half(view, about, Kind::Confirmation)?;
        let first_confirmation = if confirmation.is_not_set_up() {
            None
        } else {
            let looked_at = self.first_confirmation(about.row.id, start)?;
            looked_at.into_iter().chain(told(Kind::Confirmation, start)).min()
        };
        let pass = self.store.passes(self.at, self.at)?.pop();
        Ok(AppointmentReport {
            zone: self.zone,
            at: self.at,
            shown: view.shown(about)?,
            general: about.explanation.general.clone(),
            reminder: self.half(view, about, Kind::Reminder)?,
            confirmation,
            others: self.others(&messages)?,
            messages,
            pass,
            passes: passes.into_iter().filter(|group| group.reached || group.message_id.is_some()).collect(),
            first_reminder,
            first_confirmation,
            about_the_past: view.about_the_past(),
        })
    }

    fn half(&self, view: &View, about: &view::About, kind: Kind) -> anyhow::Result<HalfReport> {
        let half = match kind {
            Kind::Confirmation => &about.explanation.confirmation,
            Kind::Reminder | Kind::Manual => &about.explanation.reminder,
        };
        Ok(HalfReport {
            steps: half.steps.clone(),
            stop: about.explanation.stop(kind).cloned(),
            message: half.message.clone(),
            next: self.next(view, about, kind)?,
        })
    }

    /// When the next pass would send a message of this kind.
    fn next(&self, view: &View, about: &view::About, kind: Kind) -> anyhow::Result<Next> {
        let (Some(setup), Ok(appointment)) = (&view.setup, &about.row.content) else { return Ok(Next::Unknown) };
        let (chain, quiet) = (&setup.chain, &setup.quiet);
        let start = self.zone.instant(appointment.start());
        if start <= self.at {
            return Ok(Next::Begun);
        }
        if !chain.sends(kind) {
            return Ok(Next::NotSetUp);
        }
        let recent: Vec<_> = self.store.passes(self.at - RHYTHM_OF, self.at)?.iter().map(|pass| pass.at).collect();
        let minute = rhythm(&recent, self.zone);
        let first = next_pass(self.at, minute.unwrap_or(0), self.zone);
        let forecast = forecast(chain, quiet, first, &about.case, appointment);
        let found = if kind == Kind::Confirmation { forecast.confirmation } else { forecast.reminder };
        if let Some(at) = found {
            return Ok(Next::At { at, known_rhythm: minute.is_some() });
        }
        // The last pass before it begins tells why.
        let minute = minute.unwrap_or(0);
        let before = |at: DateTime<Utc>| next_pass(at - Duration::hours(1) - Duration::seconds(1), minute, self.zone);
        let mut last = before(start);
        while last > self.at && quiet.is_quiet(last) {
            last = before(last);
        }
        let Some(explanation) = view.explain_at(last, about).filter(|_| last > self.at) else {
            return Ok(Next::NoPassLeft { minute });
        };
        // What stops it now is the better reason if it still holds then.
        let stops = explanation.stops(kind);
        let now = about.explanation.stop(kind);
        let step = now.filter(|now| stops.contains(now)).or_else(|| stops.first().copied());
        Ok(step.map_or(Next::NoPassLeft { minute }, |step| Next::Never { step: step.clone(), last }))
    }

    /// What each recorded pass made of an appointment that could reach it for a reminder, those that
    /// came to the same in one group.
    fn passes(&self, id: i64, starts: &[NaiveDateTime], messages: &[Entry]) -> anyhow::Result<Vec<PassGroup>> {
        let mut passes: Vec<RecordedPass> = Vec::new();
        for start in starts {
            let start = self.zone.instant(*start);
            passes.extend(self.store.passes(start - REMINDER_REACH, start)?);
        }
        for message in messages {
            passes.extend(self.store.passes(message.sent_at, message.sent_at)?);
        }
        passes.sort_by_key(|pass| (pass.at, pass.id));
        passes.dedup_by_key(|pass| pass.id);
        let mut groups: Vec<PassGroup> = Vec::new();
        for pass in &passes {
            let group = self.pass(id, pass, messages)?;
            match groups.last_mut() {
                Some(last) if last.joins(&group) => {
                    last.until = group.until;
                    last.passes += 1;
                }
                _ => groups.push(group),
            }
        }
        Ok(groups)
    }

    fn pass(&self, id: i64, pass: &RecordedPass, messages: &[Entry]) -> anyhow::Result<PassGroup> {
        let sent = messages.iter().rev().find(|message| message.pass_id == Some(pass.id));
        let mut reached = false;
        let verdict = match pass.result {
            Some(PassResult::Complete) => {
                let about = self.view(pass.at, &pass.host)?.explained(id)?;
                match about {
                    None => PassVerdict::NotThere,
                    Some(about) => {
                        reached = reaches(&about.explanation);
                        match about.explanation.stop(Kind::Reminder) {
                            Some(step) => PassVerdict::Stopped(step.clone()),
                            None if sent.is_none() && pass.over_limit > 0 => PassVerdict::OverLimit,
                            None => PassVerdict::Reminds,
                        }
                    }
                }
            }
            Some(PassResult::Quiet) => PassVerdict::Quiet,
            Some(PassResult::Inactive) => PassVerdict::Inactive,
            None => PassVerdict::Unfinished,
        };
        let has_left_some = pass.deferred + pass.uncertain > 0;
        let then = match pass.finished_at.filter(|_| sent.is_none() && reached && has_left_some) {
            Some(end) => self.left_behind(id, pass, end)?,
            None => None,
        };
        Ok(PassGroup {
            then,
            from: pass.at,
            until: pass.at,
            passes: 1,
            pass_id: pass.id,
            reached,
            verdict,
            message_id: sent.map(|message| message.message_id),
            deferred: pass.deferred,
            exit_status: pass.exit_status,
        })
    }

    /// What a pass had made of a message whose row a later one has used again.
    fn left_behind(&self, id: i64, pass: &RecordedPass, end: DateTime<Utc>) -> anyhow::Result<Option<Entry>> {
        let view = self.view(end + Duration::seconds(1), &pass.host)?;
        let listed = view.store.history(&Search::all(Whose::Appointment(id)))?;
        for listed in listed.iter().rev() {
            match view.store.entry(listed.id)? {
                Some(Ok(message)) if message.pass_id == Some(pass.id) => return Ok(Some(message)),
                _ => {}
            }
        }
        Ok(None)
    }

    /// The first recorded pass whose dates of confirmation had the start, when the appointment was there.
    fn first_confirmation(&self, id: i64, start: Option<NaiveDateTime>) -> anyhow::Result<Option<DateTime<Utc>>> {
        let Some(start) = start else { return Ok(None) };
        let end = self.zone.instant(start);
        let mut passes = self.store.passes(end - CONFIRMATION_REACH, end)?;
        passes.retain(|pass| {
            pass.result == Some(PassResult::Complete)
                && ConfirmationWindow::new(self.zone.date(pass.at)).contains(start.date())
        });
        // Entered once, it is there in every later pass.
        let (mut from, mut to) = (0, passes.len());
        while from < to {
            let middle = usize::midpoint(from, to);
            let is_there =
                passes.get(middle).map(|pass| self.starts_at(id, pass)).transpose()?.flatten() == Some(start);
            if is_there { to = middle } else { from = middle + 1 }
        }
        Ok(passes.get(from).map(|pass| pass.at))
    }

    /// The start that an appointment had when a pass looked at it.
    fn starts_at(&self, id: i64, pass: &RecordedPass) -> anyhow::Result<Option<NaiveDateTime>> {
        let view = self.view(pass.at, &pass.host)?;
        Ok(view.store.one_appointment(id)?.and_then(|row| row.start))
    }

    fn at_customer(&self, id: i64) -> anyhow::Result<Report> {
        let view = self.view(self.at, self.workstation)?;
        let messages = self.messages(Whose::Customer(id))?;
        let customer = match view.store.one_customer(id)? {
            CustomerRow::Gone(_) | CustomerRow::None if messages.is_empty() => {
                return Err(self.no_such_customer(id)?.into());
            }
            customer => customer,
        };
        let mut appointments = Vec::new();
        let mut addresses = Vec::new();
        // The next one, or the last if none is ahead: its branch says which interfaces there are.
        let mut next = None;
        for appointment in view.store.appointments_of(id, self.zone.date(self.at - SHOWN_FROM))? {
            let Some(about) = view.explained(appointment)? else { continue };
            if let Ok(appointment) = &about.row.content
                && next.as_ref().is_none_or(|next: &Appointment| self.zone.instant(next.start()) <= self.at)
            {
                next = Some(appointment.clone());
            }
            appointments.push((
                view.shown(&about)?,
                self.half(&view, &about, Kind::Reminder)?,
                self.half(&view, &about, Kind::Confirmation)?,
            ));
        }
        if let (CustomerRow::Known(customer), Some(setup)) = (&customer, &view.setup) {
            let channels: Vec<_> = crate::model::Channel::ALL.iter().map(|channel| (*channel, String::new())).collect();
            let none: [Told; 0] = [];
            let errand = Errand { customer, covers: next.as_slice(), told: &none };
            addresses = channel::attempts(&setup.chain, errand, &channels)
                .map(|(channel, attempt)| match attempt {
                    Ok(route) => Fact::Usable { route, taken: false },
                    Err(obstacle) => Fact::Blocked { channel, obstacle },
                })
                .collect();
        }
        Ok(Report::Customer(Box::new(CustomerReport {
            zone: self.zone,
            at: self.at,
            id,
            customer,
            addresses,
            stop: view.chain_steps.iter().find(|step| step.verdict == Verdict::Stops).cloned(),
            appointments,
            others: self.others(&messages)?,
            messages,
            about_the_past: view.about_the_past(),
        })))
    }

    fn no_such_appointment(&self, id: i64) -> anyhow::Result<Stop> {
        let at = stored_instant(self.at);
        let hint = if self.store.one_appointment(id)?.is_some() {
            format!("; it has been entered since: leave out --at, or name a later instant than {at}")
        } else if matches!(self.store.one_customer(id)?, CustomerRow::Known(_)) {
            format!("; there is a customer {id}: `terminbote explain --customer {id}` lists their appointments")
        } else {
            "; `terminbote explain --customer ID` lists the appointments of a customer".to_owned()
        };
        Ok(Stop::usage(format!("there is no appointment {id}, and no message ever named it{hint}")))
    }

    fn no_such_customer(&self, id: i64) -> anyhow::Result<Stop> {
        let hint = match self.store.one_appointment(id)?.map(|row| row.content) {
            Some(Ok(appointment)) => match appointment.customer_id {
                Some(customer) => format!("; there is an appointment {id}, of customer {customer}"),
                None => format!("; there is an appointment {id}, which has no customer"),
            },
            Some(Err(_)) => format!("; there is an appointment {id}"),
            None => String::new(),
        };
        Ok(Stop::usage(format!("there is no customer {id}, and no message ever went to one of that number{hint}")))
    }
}

/// Whether the window of a reminder had the appointment.
fn reaches(explanation: &Explanation) -> bool {
    let reached = |step: &Step| match (step.rule, &step.fact) {
        (Rule::E1, Fact::Regular { reaches, .. }) => *reaches,
        (Rule::E2, Fact::LookAhead { applies, reaches, .. }) => *applies && *reaches,
        (Rule::E6, Fact::Combining { taken_in, .. }) => *taken_in,
        _ => false,
    };
    explanation.reminder.steps.iter().any(reached)
}

impl Shown {
    /// An appointment of which nothing but its id is known.
    pub(super) fn only(id: i64) -> Self {
        Self { id, start: None, status: None, branch: None, customer_id: None, customer_name: None }
    }
}
