//! One pass: load, plan, dispatch, report.
//!
//! The appointments in reach are read in order of start, some customers at a time; what is decided
//! about them waits in a small heap until no earlier message can come, and goes out in portions,
//! in the order of the report. So memory stays bounded, and the first message leaves at once.
//!
//! A dry run is the same pass with another [`Dispatch`], one that only shows.

mod compose;
mod lock;
mod notices;
mod phase;
mod sending;
mod service;
mod setup;
mod showing;
mod work;

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::path::Path;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use crate::clock::Clock;
use crate::exit::{ExitStatus, Stop};
use crate::host::is_running;
use crate::model::{BadData, Channel, InterfaceKind, Kind};
use crate::report::{Closing, Heading, MessageReport, PassResult, Printer, Warning};
use crate::rules::confirmation::reserved;
use crate::rules::quiet::QuietTime;
use crate::rules::repeat::repeat;
use crate::rules::window::{ConfirmationWindow, ReminderWindow};
use crate::rules::{Chain, Skipped};
use crate::settings::{NightRest, Notification, Secret, SecretSource, Sms, Smtp, Surroundings};
use crate::store::{InReach, InterfaceRow, PassMark, Store, Unsettled};
use crate::zone::Zone;

use self::notices::Notices;

pub use lock::{PassLock, lock_path};
pub use phase::Phase;
pub use sending::{PassIdentity, Sending};
pub use service::{Service, find as find_service, settings as service_settings, zone as service_zone};
pub use setup::{Setup, Texts};
pub use showing::Showing;
pub use work::Work;

/// What becomes of decided messages: a real pass hands them over, a dry run shows them.
pub trait Dispatch {
    /// Whether nothing is sent.
    fn is_dry_run(&self) -> bool;

    /// Begins the pass; returns what earlier passes left behind.
    ///
    /// # Errors
    /// If its record cannot be written.
    fn begin(&mut self, beginning: &Beginning<'_>) -> anyhow::Result<Begun>;

    /// Gets ready to send by the interfaces of the chain.
    ///
    /// # Errors
    /// If a pass at this instant must not send (rule A5).
    fn prepare(&mut self, setup: &Setup, at: DateTime<Utc>) -> anyhow::Result<()>;

    /// Disposes of a portion of messages, which belong to the last one of the phases so far; returns
    /// what became of them, in the order of decision, a message by a second channel right behind the
    /// one that failed. What comes after a message that is to be tried again is returned later.
    ///
    /// # Errors
    /// If the record cannot be written.
    fn dispatch(
        &mut self,
        setup: &Setup,
        phases: &[Phase<'_>],
        at: DateTime<Utc>,
        portion: Vec<Work>,
    ) -> anyhow::Result<Vec<MessageReport>>;

    /// Waits for the messages that are to be tried again; returns what was held back for them.
    ///
    /// # Errors
    /// If the record cannot be written.
    fn wait_for_the_rest(
        &mut self,
        setup: &Setup,
        phases: &[Phase<'_>],
        at: DateTime<Utc>,
    ) -> anyhow::Result<Vec<MessageReport>>;

    /// Completes the record; may add warnings about servers.
    ///
    /// # Errors
    /// If the record cannot be written.
    fn finish(&mut self, result: PassResult, closing: &mut Closing) -> anyhow::Result<()>;
}

/// What is known of a pass when it begins.
#[derive(Debug, Clone)]
pub struct Beginning<'a> {
    /// Its instant.
    pub at: DateTime<Utc>,
    /// The chain, if anything can be sent.
    pub setup: Option<&'a Setup>,
    /// The last change before the chain was read.
    pub chain_change: i64,
    /// The interfaces in force, as JSON.
    pub settings: String,
    /// Secrets that could not be read, and why.
    pub secrets_missing: BTreeMap<String, String>,
    /// The end of the reminder window, and whether it looks ahead.
    pub reminder_window: Option<(DateTime<Utc>, bool)>,
    /// The confirmation window, both dates inclusive.
    pub confirmation_window: Option<(NaiveDate, NaiveDate)>,
}

/// What has come of the beginning of a pass.
#[derive(Debug, Default)]
pub struct Begun {
    /// What earlier passes left behind.
    pub warnings: Vec<Warning>,
    /// Up to where a recorded pass sees the database; a dry run sees all of its store.
    pub mark: Option<PassMark>,
}

/// What a pass works with.
#[derive(Debug, Clone, Copy)]
pub struct Pass<'a> {
    /// The database.
    pub store: &'a Store,
    /// The clock.
    pub clock: &'a Clock,
    /// The name of this computer.
    pub workstation: &'a str,
    /// What settings refer to.
    pub surroundings: &'a dyn Surroundings,
}

impl std::fmt::Debug for dyn Surroundings + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings").field("folder", &self.folder()).finish_non_exhaustive()
    }
}

/// How many customers are read, decided about and handed over at a time.
const PORTION: usize = 256;

impl Pass<'_> {
    /// Runs the pass and writes its report; returns the exit status.
    ///
    /// # Errors
    /// As [`Stop`]: 78 for a configuration error, 74 if the database or the report cannot be
    /// written, 2 for rule A5.
    pub fn run(&self, dispatch: &mut dyn Dispatch, printer: &mut dyn Printer) -> anyhow::Result<ExitStatus> {
        let at = self.clock.at();
        let surroundings = Noting::new(self.surroundings);
        // One view of the chain: what others change meanwhile is for the next pass.
        let (chain_change, settings, found) = self.store.reading(|| {
            let store = self.store;
            Ok((
                store.last_change()?,
                in_force(&store.interfaces()?, &surroundings),
                self.look_at_chain(at, &surroundings)?,
            ))
        })?;
        let mut beginning = Beginning {
            at,
            setup: None,
            chain_change,
            settings,
            secrets_missing: surroundings.into_missing(),
            reminder_window: None,
            confirmation_window: None,
        };
        let (setup, warnings) = match found {
            Found::NothingToDo(zone, result, quiet, warnings) => {
                let mut heading = heading(zone, at, dispatch.is_dry_run(), result);
                if let Some((until, night_rest)) = quiet {
                    heading.quiet_until = Some(zone.with_offset(until));
                    heading.night_rest = night_rest;
                }
                return finish_without_messages(dispatch, printer, &beginning, &heading, warnings);
            }
            Found::Chain(setup, warnings) => (*setup, warnings),
        };
        let (zone, quiet) = (setup.chain.settings.zone, setup.quiet);
        dispatch.prepare(&setup, at)?;
        let reminders =
            setup.chain.settings.reminder.as_ref().map(|reminder| {
                Phase::Reminders(reminder, ReminderWindow::new(at, reminder.hours_before, &quiet, zone))
            });
        let confirmation_window = ConfirmationWindow::new(zone.date(at));
        if let Some(Phase::Reminders(_, window)) = &reminders {
            beginning.reminder_window = Some((window.until, window.look_ahead));
        }
        if setup.chain.settings.confirmation.is_some() {
            beginning.confirmation_window = Some((confirmation_window.from, confirmation_window.to));
        }
        beginning.setup = Some(&setup);
        let mut closing = Closing { warnings, ..Closing::default() };
        closing.warnings.extend(setup.warnings.iter().cloned());
        if self.store.looks_back() {
            closing.warnings.push(Warning::PresentData);
        }
        let begun = dispatch.begin(&beginning)?;
        closing.warnings.extend(begun.warnings);
        let mut heading = heading(zone, at, dispatch.is_dry_run(), PassResult::Complete);
        heading.branches =
            setup.chain.branches.values().filter_map(|row| row.clone().ok()).map(|row| (row.id, row)).collect();
        heading.night_rest = setup.chain.settings.night_rest;
        heading.senders = setup.smtp.iter().map(|(id, smtp)| (*id, smtp.sender())).collect();
        heading.reminder_window = beginning.reminder_window.map(|(until, ahead)| (zone.with_offset(until), ahead));
        if let Some(Phase::Reminders(_, window)) = &reminders {
            heading.regular_until = Some(zone.with_offset(window.regular_until));
        }
        heading.confirmation_window = beginning.confirmation_window;
        printer.begin(&heading)?;

        let mut run = Running {
            pass: self,
            setup: &setup,
            dispatch,
            printer,
            closing,
            reserved: BTreeSet::new(),
            repeated: BTreeSet::new(),
            notices: Notices::default(),
        };
        let mut unsettled = run.unsettled()?;
        let mut phases: Vec<Phase<'_>> = reminders.into_iter().collect();
        if !phases.is_empty() {
            run.phase(&phases, unsettled.remove(&Kind::Reminder).unwrap_or_default())?;
        }
        if let Some(settings) = &setup.chain.settings.confirmation {
            let reserved = std::mem::take(&mut run.reserved);
            phases.push(Phase::Confirmations(settings, confirmation_window, reserved));
            run.phase(&phases, unsettled.remove(&Kind::Confirmation).unwrap_or_default())?;
        }
        let last = run.dispatch.wait_for_the_rest(&setup, &phases, at)?;
        run.report(last)?;
        run.note(Vec::new(), self.store.without_a_time()?);
        let mut closing = run.closing;
        closing.warnings.extend(run.notices.into_warnings());
        closing.skipped.sort_by_key(|skipped| (skipped.start, skipped.appointment_id));
        closing.totals.skipped = closing.skipped.len();
        closing.names = self.store.customer_names(closing.skipped.iter().filter_map(|skipped| skipped.customer_id))?;
        dispatch.finish(PassResult::Complete, &mut closing)?;
        printer.finish(&closing)?;
        Ok(closing.exit_status())
    }

    /// Reads the chain, as far as this instant needs it.
    fn look_at_chain(&self, at: DateTime<Utc>, surroundings: &Noting<'_>) -> anyhow::Result<Found> {
        let interfaces = self.store.interfaces()?;
        let (settings, warnings) = match service::find(&interfaces, at, self.workstation)? {
            Service::Inactive(zone, warnings) => {
                return Ok(Found::NothingToDo(zone, PassResult::Inactive, None, warnings));
            }
            Service::Active(settings, warnings) => (*settings, warnings),
        };
        let quiet = QuietTime::new(settings.night_rest, settings.zone)
            .map_err(|error| Stop::configuration(format!("the setting night_rest: {error}")))?;
        if let Some(until) = quiet.until(at) {
            return Ok(Found::NothingToDo(
                settings.zone,
                PassResult::Quiet,
                Some((until, settings.night_rest)),
                warnings,
            ));
        }
        let setup = Setup::load(self.store, &interfaces, settings, quiet, at, self.workstation, surroundings)?;
        Ok(Found::Chain(Box::new(setup), warnings))
    }
}

/// The interfaces as JSON, without secrets. Of one with a fault nothing but its row is told, since a
/// secret may stand in the wrong place.
fn in_force(interfaces: &[InterfaceRow], surroundings: &dyn Surroundings) -> String {
    let each = interfaces.iter().filter_map(|row| row.as_ref().ok()).map(|row| {
        let is_good = match row.kind {
            InterfaceKind::AppointmentNotification => Notification::read(&row.settings).is_ok(),
            InterfaceKind::Smtp => Smtp::read(&row.settings, surroundings).is_ok(),
            InterfaceKind::Sms => Sms::read(&row.settings, surroundings).is_ok(),
        };
        let mut settings = serde_json::from_str::<serde_json::Value>(&row.settings).ok().filter(|_| is_good);
        if let Some(serde_json::Value::Object(settings)) = &mut settings {
            settings.remove("secrets");
        }
        serde_json::json!({
            "id": row.id,
            "kind": row.kind.word(),
            "branch_id": row.branch_id,
            "workstation": row.workstation,
            "server_side": row.server_side,
            "start_date": row.start_date.map(|date| date.to_string()),
            "settings": settings,
        })
    });
    each.collect::<serde_json::Value>().to_string()
}

/// What a look at the chain has found.
enum Found {
    /// Quiet until then, for this night rest and the maintenance window; or not in operation.
    NothingToDo(Zone, PassResult, Option<(DateTime<Utc>, Option<NightRest>)>, Vec<Warning>),
    /// The chain.
    Chain(Box<Setup>, Vec<Warning>),
}

/// Notes which secrets cannot be read, so that a replay need not read any.
struct Noting<'a> {
    host: &'a dyn Surroundings,
    missing: RefCell<BTreeMap<String, String>>,
}

impl<'a> Noting<'a> {
    fn new(host: &'a dyn Surroundings) -> Self {
        Self { host, missing: RefCell::default() }
    }

    fn into_missing(self) -> BTreeMap<String, String> {
        self.missing.into_inner()
    }
}

impl Surroundings for Noting<'_> {
    fn folder(&self) -> &Path {
        self.host.folder()
    }

    fn secret(&self, source: &SecretSource) -> Result<Secret, String> {
        self.host.secret(source).inspect_err(|problem| {
            self.missing.borrow_mut().extend(source.name().map(|name| (name, problem.clone())));
        })
    }
}

fn heading(zone: Zone, at: DateTime<Utc>, dry_run: bool, result: PassResult) -> Heading {
    Heading {
        at: zone.with_offset(at),
        zone,
        dry_run,
        result,
        quiet_until: None,
        reminder_window: None,
        regular_until: None,
        night_rest: None,
        senders: BTreeMap::new(),
        confirmation_window: None,
        branches: BTreeMap::new(),
    }
}

fn finish_without_messages(
    dispatch: &mut dyn Dispatch,
    printer: &mut dyn Printer,
    beginning: &Beginning<'_>,
    heading: &Heading,
    warnings: Vec<Warning>,
) -> anyhow::Result<ExitStatus> {
    let mut closing = Closing { warnings, ..Closing::default() };
    closing.warnings.extend(dispatch.begin(beginning)?.warnings);
    printer.begin(heading)?;
    dispatch.finish(heading.result, &mut closing)?;
    printer.finish(&closing)?;
    Ok(closing.exit_status())
}

/// A pass that is under way.
struct Running<'r, 'p> {
    pass: &'r Pass<'p>,
    setup: &'r Setup,
    dispatch: &'r mut dyn Dispatch,
    printer: &'r mut dyn Printer,
    closing: Closing,
    /// Rule D6.
    reserved: BTreeSet<i64>,
    /// Messages of unknown fate that this pass repeats.
    repeated: BTreeSet<i64>,
    notices: Notices,
}

impl Running<'_, '_> {
    fn chain(&self) -> &Chain {
        &self.setup.chain
    }

    /// E-mails of unknown fate, by what they are for.
    fn unsettled(&mut self) -> anyhow::Result<BTreeMap<Kind, Vec<Unsettled>>> {
        let mut unsettled = BTreeMap::<_, Vec<_>>::new();
        for row in self.pass.store.unsettled(Channel::Email, self.pass.workstation, is_running)? {
            match row {
                Ok(message) => unsettled.entry(message.kind).or_default().push(message),
                Err(bad) => setup::add_bad_data(&mut self.closing.warnings, bad),
            }
        }
        Ok(unsettled)
    }

    /// Runs one half of the pass, the last of `phases`.
    fn phase(&mut self, phases: &[Phase<'_>], unsettled: Vec<Unsettled>) -> anyhow::Result<()> {
        let Some(phase) = phases.last() else { return Ok(()) };
        let at = self.pass.clock.at();
        let store = self.pass.store;
        let mut waiting = Waiting::default();
        let repeated = self.repeats(phase, unsettled, &mut waiting)?;
        let mut in_reach: VecDeque<InReach> = phase.in_reach(store, self.chain(), at)?.into();
        let mut seen = BTreeSet::new();
        while !in_reach.is_empty() || !waiting.is_empty() {
            store.reading(|| {
                let data_version = store.data_version()?;
                let loader = phase.loader(self.chain(), at);
                let mut cases = 0;
                while cases < PORTION {
                    let Some(of) = in_reach.pop_front() else { break };
                    if of.customer_id.is_some_and(|id| !seen.insert(id)) {
                        continue;
                    }
                    cases += 1;
                    let case = store.case(&loader, &of)?;
                    let mut decided = phase.decide(self.chain(), at, &case);
                    if matches!(phase, Phase::Reminders(..)) {
                        self.reserved.extend(reserved(decided.message.as_ref(), &decided.skipped));
                    }
                    self.note(std::mem::take(&mut decided.skipped), std::mem::take(&mut decided.bad));
                    // D2, E5: who gets a message once more in this pass gets no other one of its kind.
                    let decided = decided.message.filter(|message| !repeated.contains(&message.customer_id));
                    if let Some(decision) = decided {
                        waiting.push(self.chain(), Work { decision, case, of, data_version, repeats: None });
                    }
                }
                Ok(())
            })?;
            // Nobody whose first appointment is still to be read can come before this start.
            let frontier = in_reach.front().map(|next| next.start);
            let portion = waiting.take_before(frontier);
            self.dispatch_portion(phases, portion)?;
        }
        Ok(())
    }

    /// Rule G3: e-mails of unknown fate that are repeated take their place among the others; returns
    /// the customers who get one.
    fn repeats(
        &mut self,
        phase: &Phase<'_>,
        unsettled: Vec<Unsettled>,
        waiting: &mut Waiting,
    ) -> anyhow::Result<BTreeSet<i64>> {
        let at = self.pass.clock.at();
        let store = self.pass.store;
        let loader = phase.loader(self.chain(), at);
        store.reading(|| {
            let data_version = store.data_version()?;
            let mut customers = BTreeSet::new();
            for message in unsettled {
                let of =
                    InReach { start: NaiveDateTime::MIN, appointment_id: 0, customer_id: Some(message.customer_id) };
                let case = store.case(&loader, &of)?;
                let again = repeat(self.chain(), &case, message.kind, &message.address, &message.covers, at);
                if let Some(decision) = again {
                    customers.insert(decision.customer_id);
                    waiting.push(self.chain(), Work { decision, case, of, data_version, repeats: Some(message) });
                }
            }
            Ok(customers)
        })
    }

    fn note(&mut self, skipped: Vec<Skipped>, bad: Vec<BadData>) {
        self.closing.skipped.extend(skipped);
        for bad in bad {
            let skipped_for_it = self.closing.skipped.iter().any(
                |skipped| matches!(&skipped.reason, crate::rules::reason::Reason::BadData(other) if *other == bad),
            );
            if !skipped_for_it {
                setup::add_bad_data(&mut self.closing.warnings, bad);
            }
        }
    }

    fn dispatch_portion(&mut self, phases: &[Phase<'_>], portion: Vec<Work>) -> anyhow::Result<()> {
        if portion.is_empty() {
            return Ok(());
        }
        self.repeated.extend(portion.iter().filter_map(|work| work.repeats.as_ref()).map(|message| message.id));
        let messages = self.dispatch.dispatch(self.setup, phases, self.pass.clock.at(), portion)?;
        self.report(messages)
    }

    fn report(&mut self, messages: Vec<MessageReport>) -> anyhow::Result<()> {
        for message in messages {
            if message.message_id.is_some_and(|id| self.repeated.contains(&id)) {
                // It reminds of its appointments once more, although the record has them already.
                let again =
                    |skipped: &Skipped| message.appointments.iter().any(|(id, _)| *id == skipped.appointment_id);
                self.closing.skipped.retain(|skipped| !again(skipped));
            }
            self.closing.totals.count(&message);
            self.notices.look_at(self.setup, &message);
            self.printer.message(&message)?;
        }
        Ok(())
    }
}

/// Decided messages that wait until no earlier one can come.
#[derive(Default)]
struct Waiting {
    heap: BinaryHeap<Reverse<Ordered>>,
}

/// A message in the order of the report: first start, customer; a repeated one first.
struct Ordered {
    start: DateTime<Utc>,
    customer_id: i64,
    message_id: Option<i64>,
    work: Work,
}

impl Ordered {
    fn key(&self) -> (DateTime<Utc>, i64, bool, Option<i64>) {
        (self.start, self.customer_id, self.message_id.is_none(), self.message_id)
    }
}

impl PartialEq for Ordered {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    fn push(&mut self, chain: &Chain, work: Work) {
        let start = chain.settings.zone.instant(work.decision.first().start());
        let message_id = work.repeats.as_ref().map(|message| message.id);
        let customer_id = work.decision.customer_id;
        self.heap.push(Reverse(Ordered { start, customer_id, message_id, work }));
    }

    /// Up to a portion of messages whose first start is before `frontier`, in order; any if there
    /// is none.
    fn take_before(&mut self, frontier: Option<NaiveDateTime>) -> Vec<Work> {
        let mut portion = Vec::new();
        while portion.len() < PORTION {
            let ready = self.heap.peek().is_some_and(|Reverse(first)| {
                frontier.is_none_or(|frontier| first.work.decision.first().start() < frontier)
            });
            if !ready {
                break;
            }
            portion.extend(self.heap.pop().map(|Reverse(first)| first.work));
        }
        portion
    }
}

impl From<&Closing> for crate::store::PassCounts {
    fn from(closing: &Closing) -> Self {
        let totals = &closing.totals;
        let mut skipped_by_reason = BTreeMap::new();
        for skipped in &closing.skipped {
            *skipped_by_reason.entry(skipped.reason.word()).or_default() += 1;
        }
        Self {
            messages: totals.messages,
            by_state: totals.settled,
            skipped: totals.skipped,
            skipped_by_reason,
            warnings: closing.warnings.len(),
        }
    }
}
