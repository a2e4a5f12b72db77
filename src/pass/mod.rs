//! One pass: load, plan, dispatch, report.
//!
//! The appointments in reach are read in order of start, some customers at a time; what is decided
//! about them waits in a small heap until no earlier message can come, and goes out in portions,
//! in the order of the report. So memory stays bounded, and the first message leaves at once. In a
//! large pass a thread reads and writes the next portion while this one goes out; what has changed
//! since is decided again before its hand-over.
//!
//! The plan of a real pass is made from the database as it was at one moment, its mark, which the
//! record keeps; whatever others change while it runs is looked at right before each hand-over (see
//! [`Sending`]), and not before. So the plan can be made again at any time.
//!
//! A dry run is the same pass with another [`Dispatch`], one that only shows.

mod compose;
mod dispatch;
mod foretelling;
mod lock;
mod notices;
mod phase;
mod reading;
mod recorded;
mod restoring;
mod sending;
mod service;
mod setup;
mod showing;
mod source;
mod urgency;
mod waiting;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::clock::Clock;
use crate::exit::{ExitStatus, Stop};
use crate::host::is_running;
use crate::model::{BadData, Channel, InterfaceKind, Kind, RecordedMessage};
use crate::report::{Beside, Closing, Heading, MessageReport, PassResult, Printer, Replay, Warning};
use crate::rules::quiet::QuietTime;
use crate::rules::reason::Reason;
use crate::rules::repeat::repeat;
use crate::rules::window::{ConfirmationWindow, ReminderWindow};
use crate::rules::{Chain, Skipped};
use crate::settings::{ConfirmationSettings, NightRest, Notification, Sms, Smtp, Surroundings};
use crate::store::{InReach, InterfaceRow, PassMark, Store, Unsettled};
use crate::zone::{Zone, stored_instant};

use self::notices::Notices;
use self::reading::{Noted, Portion, Reading};
use self::recorded::Noting;
use self::source::Source;
use self::urgency::{Choice, Due, choose};
use self::waiting::Waiting;

pub use dispatch::{Beginning, Begun, Dispatch};
pub use foretelling::Foretelling;
pub use lock::{PassLock, lock_path};
pub use phase::Phase;
pub use recorded::RecordedSecrets;
pub use restoring::Restoring;
pub use sending::{PassIdentity, Sending};
pub use service::{
    Service, find as find_service, settings as service_settings, would_be as would_be_service, zone as service_zone,
};
pub use setup::{Setup, Texts};
pub use showing::Showing;
pub use work::{Work, Written};

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
    /// How many messages go out at most, the most urgent ones; the others are left for the next pass.
    pub limit: Option<usize>,
}

impl std::fmt::Debug for dyn Surroundings + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings").field("folder", &self.folder()).finish_non_exhaustive()
    }
}

/// How many customers are read, decided about and handed over at a time.
pub const PORTION: usize = 1024;

impl Pass<'_> {
    /// Runs the pass and writes its report; returns the exit status.
    ///
    /// # Errors
    /// As [`Stop`]: 78 for a configuration error, 74 if the database or the report cannot be
    /// written, 2 for rule A5.
    pub fn run(&self, dispatch: &mut dyn Dispatch, printer: &mut dyn Printer) -> anyhow::Result<ExitStatus> {
        let at = self.clock.at();
        log::info!(at = stored_instant(at), dry_run = dispatch.is_dry_run(), version = env!("CARGO_PKG_VERSION"); "pass begun");
        let recorded = self.store.replayed_pass();
        // A replay is one on the computer of then, and needs no secrets.
        let workstation = recorded.map_or(self.workstation, |pass| pass.host.as_str());
        let then = RecordedSecrets::of(self.store);
        let surroundings = Noting::new(if recorded.is_some() { &then } else { self.surroundings });
        // One view of the chain: what others change meanwhile is for the next pass.
        let (chain_change, settings, found) = self.store.reading(|| {
            let store = self.store;
            Ok((
                store.last_change()?,
                in_force(&store.interfaces()?, &surroundings),
                self.look_at_chain(at, dispatch.switched_on(), workstation, &surroundings)?,
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
            // A recorded pass keeps its own.
            limit: self.limit.or(recorded.filter(|pass| pass.at == Some(at)).and_then(|pass| pass.limit)),
        };
        let (setup, warnings) = match found {
            Found::NothingToDo(zone, result, quiet, warnings) => {
                let mut heading = heading(zone, at, dispatch.is_dry_run(), result);
                if let Some((until, night_rest)) = quiet {
                    heading.quiet_until = Some(zone.with_offset(until));
                    heading.night_rest = night_rest;
                }
                let replay = self.replay(Vec::new())?;
                return finish_without_messages(dispatch, printer, &beginning, &heading, (warnings, replay));
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
        let begun = dispatch.begin(&beginning)?;
        closing.warnings.extend(setup.warnings.iter().cloned().chain(self.about_the_past()).chain(begun.warnings));
        let before_the_first =
            dispatch.is_dry_run() && self.store.newest_pass_with(&[PassResult::Complete], at)?.is_none();
        let heading =
            Heading { before_the_first, ..heading_of(&setup, &beginning, reminders.as_ref(), dispatch.is_dry_run()) };
        printer.begin(&heading)?;
        log_windows(&heading);

        let bad = closing.warnings.iter().filter_map(Warning::bad_data).cloned().collect();
        let source = self.source(dispatch.is_dry_run(), begun.mark)?.after(begun.foretold);
        let mut run = Running {
            pass: self,
            source: &source,
            setup: &setup,
            dispatch,
            printer,
            closing,
            reminders: reminders.clone(),
            reserved: BTreeSet::new(),
            repeated: BTreeSet::new(),
            told_again: BTreeSet::new(),
            bad,
            notices: Notices::default(),
            chosen: None,
            record: self.store.recorded_messages()?,
        };
        let mut unsettled = run.unsettled()?;
        let mut phases: Vec<Phase<'_>> = reminders.into_iter().collect();
        let mut reserved = None;
        if let Some(limit) = beginning.limit {
            let confirmations =
                setup.chain.settings.confirmation.as_ref().map(|settings| (settings, confirmation_window));
            reserved = Some(run.choose(limit, phases.first(), confirmations, &unsettled)?);
        }
        if !phases.is_empty() {
            run.phase(&phases, unsettled.remove(&Kind::Reminder).unwrap_or_default())?;
        }
        if let Some(settings) = &setup.chain.settings.confirmation {
            let reserved = reserved.unwrap_or_else(|| std::mem::take(&mut run.reserved));
            phases.push(Phase::Confirmations(settings, confirmation_window, reserved));
            run.phase(&phases, unsettled.remove(&Kind::Confirmation).unwrap_or_default())?;
        }
        let last = run.dispatch.wait_for_the_rest(&setup, &phases, at, &mut |messages| run.printer.so_far(messages))?;
        run.report(last)?;
        let closing = run.into_closing()?;
        drop(source);
        end(dispatch, printer, PassResult::Complete, closing)
    }

    /// Where the plan is read. What a real pass defers when it begins, a dry run takes for deferred; a
    /// recorded pass has done so.
    fn source(&self, is_dry_run: bool, mark: Option<PassMark>) -> anyhow::Result<Source<'_>> {
        let source = Source::new(self.store, mark);
        if !is_dry_run || self.store.replayed_pass().is_some() {
            return Ok(source);
        }
        Ok(source.deferring(self.store.not_begun(self.workstation, is_running)?))
    }

    /// The recorded pass that is looked at again, of which `unplanned` messages are not planned here.
    fn replay(&self, unplanned: Vec<i64>) -> anyhow::Result<Option<Replay>> {
        let Some(pass) = self.store.replayed_pass().cloned() else { return Ok(None) };
        Ok(Some(Replay { pass, unplanned, is_limited: self.limit.is_some(), since: self.store.chain_changed_since()? }))
    }

    /// What of the past cannot be seen as it was.
    fn about_the_past(&self) -> Vec<Warning> {
        let rows = self.store.purged_values();
        let present = self.store.shows_present_data().then_some(Warning::PresentData);
        present.into_iter().chain((rows > 0).then_some(Warning::PurgedData { rows })).collect()
    }

    /// Reads the chain, as far as this instant needs it.
    fn look_at_chain(
        &self,
        at: DateTime<Utc>,
        switched_on: Option<i64>,
        workstation: &str,
        surroundings: &Noting<'_>,
    ) -> anyhow::Result<Found> {
        let interfaces = self.store.interfaces()?;
        let service = match switched_on {
            Some(id) => service::switched_on(&interfaces, id)?,
            None => service::find(&interfaces, at, workstation)?,
        };
        let (settings, warnings) = match service {
            Service::Inactive(zone, warnings) => {
                return Ok(Found::NothingToDo(zone, PassResult::Inactive, None, warnings));
            }
            Service::Active(settings, warnings) => (*settings, warnings),
        };
        let quiet = QuietTime::new(settings.night_rest, settings.zone)
            .map_err(|error| Stop::configuration(format!("the setting night_rest: {error}")))?;
        if let Some(until) = quiet.until(at) {
            // A3: it ends successfully. What needs a person is told by the first pass after it.
            let warnings = warnings.into_iter().filter(|warning| !warning.needs_person()).collect();
            return Ok(Found::NothingToDo(
                settings.zone,
                PassResult::Quiet,
                Some((until, settings.night_rest)),
                warnings,
            ));
        }
        let setup = Setup::load(self.store, &interfaces, settings, quiet, at, workstation, surroundings)?;
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

/// The heading of a pass that looks at the appointments.
fn heading_of(setup: &Setup, beginning: &Beginning<'_>, reminders: Option<&Phase<'_>>, dry_run: bool) -> Heading {
    let zone = setup.chain.settings.zone;
    let branches = setup.chain.branches.values().filter_map(|row| row.clone().ok());
    let regular_until = match reminders {
        Some(Phase::Reminders(_, window)) => Some(zone.with_offset(window.regular_until)),
        _ => None,
    };
    Heading {
        branches: branches.map(|row| (row.id, row)).collect(),
        night_rest: setup.chain.settings.night_rest,
        senders: setup.smtp.iter().map(|(id, smtp)| (*id, smtp.sender())).collect(),
        reminder_window: beginning.reminder_window.map(|(until, ahead)| (zone.with_offset(until), ahead)),
        regular_until,
        confirmation_window: beginning.confirmation_window,
        ..heading(zone, beginning.at, dry_run, PassResult::Complete)
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
        before_the_first: false,
    }
}

fn finish_without_messages(
    dispatch: &mut dyn Dispatch,
    printer: &mut dyn Printer,
    beginning: &Beginning<'_>,
    heading: &Heading,
    (warnings, replay): (Vec<Warning>, Option<Replay>),
) -> anyhow::Result<ExitStatus> {
    let mut closing = Closing { warnings, replay, ..Closing::default() };
    closing.warnings.extend(dispatch.begin(beginning)?.warnings);
    printer.begin(heading)?;
    end(dispatch, printer, heading.result, closing)
}

/// Ends a pass: its record, then its report, which is told also where it could not be recorded.
fn end(
    dispatch: &mut dyn Dispatch,
    printer: &mut dyn Printer,
    result: PassResult,
    mut closing: Closing,
) -> anyhow::Result<ExitStatus> {
    let recorded = dispatch.finish(result, &mut closing);
    printer.finish(&closing)?;
    recorded?;
    log_end(result, &closing);
    Ok(closing.exit_status())
}

fn log_windows(heading: &Heading) {
    if let Some((until, look_ahead)) = heading.reminder_window {
        log::info!(until = stored_instant(until.to_utc()), look_ahead; "reminder window");
    }
    if let Some((from, to)) = heading.confirmation_window {
        log::info!(from = from.to_string(), to = to.to_string(); "confirmation window");
    }
}

fn log_end(result: PassResult, closing: &Closing) {
    for warning in &closing.warnings {
        let (code, needs_person) = (warning.code(), warning.needs_person());
        match warning.interface_id() {
            Some(interface_id) => log::warn!(code, needs_person, interface_id; "warning"),
            None => log::warn!(code, needs_person; "warning"),
        }
    }
    let (messages, skipped) = (closing.totals.messages, closing.totals.skipped);
    let exit_status = closing.exit_status().code();
    log::info!(result = result.word(), exit_status, messages, skipped; "pass finished");
}

/// A pass that is under way.
struct Running<'r, 'p> {
    pass: &'r Pass<'p>,
    source: &'r Source<'p>,
    setup: &'r Setup,
    dispatch: &'r mut dyn Dispatch,
    printer: &'r mut dyn Printer,
    closing: Closing,
    /// The first half, if there is one.
    reminders: Option<Phase<'r>>,
    /// Rule D6.
    reserved: BTreeSet<i64>,
    /// Messages of unknown fate that this pass repeats.
    repeated: BTreeSet<i64>,
    /// The appointments that those cover.
    told_again: BTreeSet<i64>,
    /// What could not be understood and is told already, as a warning or a reason.
    bad: BTreeSet<BadData>,
    notices: Notices,
    /// What alone goes out.
    chosen: Option<Arc<BTreeSet<urgency::Urgency>>>,
    /// The messages of the recorded pass that this one looks at again, which are still to be planned.
    record: BTreeMap<(Kind, i64), Vec<RecordedMessage>>,
}

impl Running<'_, '_> {
    fn chain(&self) -> &Chain {
        &self.setup.chain
    }

    /// E-mails of unknown fate, by what they are for.
    fn unsettled(&mut self) -> anyhow::Result<BTreeMap<Kind, Vec<Unsettled>>> {
        let mut unsettled = BTreeMap::<_, Vec<_>>::new();
        let rows =
            self.source.reading(None, |store, _| store.unsettled(Channel::Email, self.pass.workstation, is_running))?;
        for row in rows {
            match row {
                Ok(message) if !self.source.may_repeat(message.id) => {}
                Ok(message) => unsettled.entry(message.kind).or_default().push(message),
                Err(bad) => self.warn_of(bad),
            }
        }
        Ok(unsettled)
    }

    /// Decides everything once, chooses what goes out, and notes what is left; returns what rule D6
    /// leaves alone.
    fn choose(
        &mut self,
        limit: usize,
        reminders: Option<&Phase<'_>>,
        confirmations: Option<(&ConfirmationSettings, ConfirmationWindow)>,
        unsettled: &BTreeMap<Kind, Vec<Unsettled>>,
    ) -> anyhow::Result<BTreeSet<i64>> {
        let of = |kind| unsettled.get(&kind).cloned().unwrap_or_default();
        let mut due = match reminders {
            Some(phase) => self.survey(phase, of(Kind::Reminder))?,
            None => Vec::new(),
        };
        let reserved = std::mem::take(&mut self.reserved);
        if let Some((settings, window)) = confirmations {
            let phase = Phase::Confirmations(settings, window, reserved.clone());
            due.append(&mut self.survey(&phase, of(Kind::Confirmation))?);
        }
        let zone = self.chain().settings.zone;
        let chosen = choose(due, limit, |start| match reminders {
            Some(Phase::Reminders(_, window)) => window.contains(zone.instant(start)),
            _ => false,
        });
        let (reminders, confirmations) = (chosen.reminders_left, chosen.confirmations_left);
        if reminders + confirmations > 0 {
            self.closing.warnings.push(Warning::OverLimit { limit, reminders, confirmations });
        }
        self.closing.skipped.extend(chosen.skipped);
        self.chosen = Some(chosen.now);
        Ok(reserved)
    }

    /// Decides one half of the pass without writing anything; returns what is due.
    fn survey(&mut self, phase: &Phase<'_>, unsettled: Vec<Unsettled>) -> anyhow::Result<Vec<Due>> {
        let source = self.source;
        let mut reading = self.begin_reading(phase, unsettled, Choice::Noted(Vec::new()))?;
        while !reading.is_over() {
            for noted in reading.next(source, None, PORTION)?.noted {
                self.note_of_customer(noted);
            }
        }
        self.reserved = reading.reserved;
        Ok(match reading.choice {
            Choice::Noted(due) => due,
            Choice::All | Choice::Of(_) => Vec::new(),
        })
    }

    fn begin_reading<'r>(
        &mut self,
        phase: &'r Phase<'r>,
        unsettled: Vec<Unsettled>,
        mut choice: Choice,
    ) -> anyhow::Result<Reading<'r>>
    where
        Self: 'r,
    {
        let at = self.pass.clock.at();
        let source = self.source;
        let mut waiting = Waiting::default();
        let repeated = self.repeats(phase, unsettled, &mut waiting, &mut choice)?;
        let mut in_reach = source.reading(None, |store, _| source.in_reach(store, phase, self.chain(), at))?;
        if let Some(customers) = choice.customers(phase) {
            in_reach.retain(|of| of.customer_id.is_some_and(|id| customers.contains(&id)));
        }
        Ok(Reading {
            setup: self.setup,
            phase,
            at,
            in_reach: in_reach.into(),
            seen: BTreeSet::new(),
            repeated,
            waiting,
            reserved: std::mem::take(&mut self.reserved),
            choice,
        })
    }

    /// Runs one half of the pass, the last of `phases`.
    fn phase(&mut self, phases: &[Phase<'_>], unsettled: Vec<Unsettled>) -> anyhow::Result<()> {
        let Some(phase) = phases.last() else { return Ok(()) };
        let source = self.source;
        let choice = self.chosen.as_ref().map_or(Choice::All, |chosen| Choice::Of(Arc::clone(chosen)));
        let mut reading = self.begin_reading(phase, unsettled, choice)?;
        while !reading.is_over() {
            if let Some(reader) = self.dispatch.reader()
                && self.read_ahead(phases, &mut reading, reader)?
            {
                break;
            }
            let portion = reading.next(source, None, PORTION)?;
            self.take(phases, portion)?;
        }
        self.reserved = reading.reserved;
        Ok(())
    }

    /// Hands each portion over while a thread reads and writes the next one over a connection of its
    /// own; false if the computer gives no further thread.
    fn read_ahead(&mut self, phases: &[Phase<'_>], reading: &mut Reading<'_>, reader: Store) -> anyhow::Result<bool> {
        let (ask, asked) = channel();
        let (give, given) = channel();
        thread::scope(|scope| {
            let mark = self.source.mark().cloned();
            let ahead = thread::Builder::new().spawn_scoped(scope, move || {
                let source = Source::new(&reader, mark);
                for data_version in asked {
                    if reading.is_over() || give.send(reading.next(&source, Some(data_version), PORTION)).is_err() {
                        break;
                    }
                }
            });
            let Ok(ahead) = ahead else { return Ok(false) };
            let mut hand_over = || -> anyhow::Result<()> {
                // The number is read before the portion is, so that a change in between leads to a second
                // look too many, and never to one too few. If the thread has ended, `recv` tells.
                let _ = ask.send(self.pass.store.data_version()?);
                while let Ok(portion) = given.recv() {
                    let _ = ask.send(self.pass.store.data_version()?);
                    self.take(phases, portion?)?;
                }
                Ok(())
            };
            let result = hand_over();
            drop((ask, given));
            let ended = ahead.join().map_err(|_| anyhow::anyhow!("reading ahead broke off by a fault of terminbote"));
            result.and(ended).map(|()| true)
        })
    }

    /// Rule G3: e-mails of unknown fate that are repeated take their place among the others; returns
    /// the customers who get one.
    fn repeats(
        &mut self,
        phase: &Phase<'_>,
        mut unsettled: Vec<Unsettled>,
        waiting: &mut Waiting,
        choice: &mut Choice,
    ) -> anyhow::Result<BTreeSet<i64>> {
        let at = self.pass.clock.at();
        let loader = phase.loader(self.chain(), at);
        self.source.reading(None, |store, data_version| {
            let mut customers = BTreeSet::new();
            for message in std::mem::take(&mut unsettled) {
                let loader = loader.reaching(&message.covers);
                let of =
                    InReach { start: NaiveDateTime::MIN, appointment_id: 0, customer_id: Some(message.customer_id) };
                let case = self.source.case(store, &loader, &of)?;
                let reminder = match (&self.reminders, phase) {
                    (Some(reminders), Phase::Confirmations(..)) => reminders.decide(self.chain(), at, &case).message,
                    _ => None,
                };
                let of_record = (message.id, message.kind);
                let (address, covers) = (&message.address, &message.covers);
                let again = repeat(self.chain(), &case, of_record, address, covers, reminder.as_ref(), at);
                if let Some(decision) = again {
                    customers.insert(decision.customer_id);
                    let work = Work { decision, case, of, data_version, repeats: Some(message) };
                    choice.take(self.chain(), waiting, work);
                }
            }
            Ok(customers)
        })
    }

    /// What the report ends with, in its order.
    fn into_closing(mut self) -> anyhow::Result<Closing> {
        self.note(Vec::new(), self.pass.store.without_a_time()?);
        let Self { pass, mut closing, told_again, notices, record, .. } = self;
        // They are reminded of once more, although the record has them already.
        closing.skipped.retain(|skipped| !told_again.contains(&skipped.appointment_id));
        closing.replay = pass.replay(record.into_values().flatten().map(|message| message.id).collect())?;
        closing.warnings.extend(notices.into_warnings());
        closing.skipped.sort_by_key(|skipped| (skipped.start, skipped.appointment_id));
        closing.totals.skipped = closing.skipped.len();
        let customers = closing.skipped.iter().filter_map(|skipped| skipped.customer_id);
        let unnamed: BTreeSet<i64> = customers.filter(|id| !closing.names.contains_key(id)).collect();
        closing.names.extend(pass.store.customer_names(unnamed)?);
        Ok(closing)
    }

    fn note_of_customer(&mut self, Noted { skipped, bad, name }: Noted) {
        self.note(skipped, bad);
        self.closing.names.extend(name);
    }

    fn note(&mut self, skipped: Vec<Skipped>, bad: Vec<BadData>) {
        for skipped in skipped {
            if let Reason::BadData(bad) = &skipped.reason {
                self.bad.insert(bad.clone());
            }
            self.closing.skipped.push(skipped);
        }
        for bad in bad {
            self.warn_of(bad);
        }
    }

    /// Warns of a row that cannot be understood, once.
    fn warn_of(&mut self, bad: BadData) {
        if self.bad.insert(bad.clone()) {
            self.closing.warnings.push(Warning::BadData(bad));
        }
    }

    /// Takes note of a portion and hands it over.
    fn take(&mut self, phases: &[Phase<'_>], portion: Portion) -> anyhow::Result<()> {
        for noted in portion.noted {
            self.note_of_customer(noted);
        }
        if portion.written.is_empty() {
            return Ok(());
        }
        log::info!(messages = portion.written.len(); "portion decided");
        let repeats = portion.written.iter().filter_map(|written| written.work.repeats.as_ref());
        self.repeated.extend(repeats.map(|message| message.id));
        let so_far = &mut |messages| self.printer.so_far(messages);
        let messages = self.dispatch.dispatch(self.setup, phases, self.pass.clock.at(), portion.written, so_far)?;
        self.report(messages)
    }

    /// In a look at the past: what became of a message, and what has changed since.
    fn beside(&mut self, message: &MessageReport) -> anyhow::Result<Option<Beside>> {
        if !self.pass.store.looks_back() || self.pass.store.shows_present_data() {
            return Ok(None);
        }
        let record = self.record.remove(&(message.kind, message.customer_id)).unwrap_or_default();
        let appointments = message.appointments.iter().map(|(id, _)| *id);
        let since = self.pass.store.changed_since(message.customer_id, appointments)?;
        Ok(Some(Beside { record, since }))
    }

    fn report(&mut self, messages: Vec<MessageReport>) -> anyhow::Result<()> {
        for mut message in messages {
            message.beside = self.beside(&message)?;
            if message.kind == Kind::Reminder && message.message_id.is_some_and(|id| self.repeated.contains(&id)) {
                self.told_again.extend(message.appointments.iter().map(|(id, _)| *id));
            }
            self.closing.totals.count(&message);
            self.notices.look_at(self.setup, &message);
            self.printer.message(&message)?;
        }
        Ok(())
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
            over_limit: closing.left_by_limit(),
            warnings: closing.warnings.len(),
        }
    }
}
