//! A portion of messages on its way through the ledger: claimed, decided again if their customer
//! may have changed, handed over, settled.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};

use super::Sending;
use super::board::{Board, Item, Resting, Troubles};
use super::courier::{Ended, Leaving};
use super::line::Next;
use super::prepared::{prepare, reference};
use crate::cause::Cause;
use crate::delivery::{NOT_IN_THIS_PASS, Outcome};
use crate::model::{Channel, Kind, State, Stated, Told};
use crate::pass::compose::{self, Composed, compose};
use crate::pass::phase::Phase;
use crate::pass::{Setup, Work};
use crate::report::{Deferral, Fate, MessageReport, Warning};
use crate::rules::channel::{Errand, route};
use crate::rules::reason::Reason;
use crate::rules::{Decision, Skipped};
use crate::store::{Claim, Claiming, Settlement};

/// What claims look at.
pub(super) struct Desk<'d> {
    pub(super) setup: &'d Setup,
    pub(super) phases: &'d [Phase<'d>],
    pub(super) at: DateTime<Utc>,
}

impl Desk<'_> {
    /// The half of the pass to which messages of this kind belong.
    pub(super) fn phase(&self, kind: Kind) -> anyhow::Result<&Phase<'_>> {
        self.phases
            .iter()
            .find(|phase| phase.kind() == kind)
            .with_context(|| format!("no {kind} is decided in this pass"))
    }
}

/// What has become of a hand-over, as the ledger is to have it.
pub(super) enum Entry {
    /// The message is settled.
    Settled(Settlement),
    /// The repetition of this message certainly did not leave.
    NotRepeated(i64),
}

impl Sending<'_> {
    /// Whether the first appointment that a message covers has begun.
    pub(super) fn has_begun(&self, desk: &Desk<'_>, item: &Item) -> bool {
        desk.setup.chain.settings.zone.instant(item.work.decision.first().start()) <= self.clock.now()
    }

    /// Claims a message; one that has been told by somebody else is withdrawn.
    pub(super) fn claim_in_ledger(
        &mut self,
        desk: &Desk<'_>,
        board: &mut Board,
        item: Item,
        follows: Option<i64>,
    ) -> anyhow::Result<Option<(Item, i64)>> {
        let claiming = Claiming { follows, ..self.claiming(desk, &item, item.composed.as_ref().ok()) };
        match self.store.claim(&claiming)? {
            Claim::Ours(id) => Ok(Some((item, id))),
            Claim::Taken => {
                self.withdraw(desk, board, &item, &Cause::ToldByAnotherPass)?;
                Ok(None)
            }
        }
    }

    pub(super) fn claim_one(
        &mut self,
        desk: &Desk<'_>,
        board: &mut Board,
        leaving: &mut Vec<Leaving>,
        item: Item,
        data_version: i64,
    ) -> anyhow::Result<()> {
        let Some(item) = self.look_again(desk, board, item, data_version)? else { return Ok(()) };
        let interface_id = item.work.decision.route.interface_id;
        let out = self.line(interface_id).and_then(|line| line.out.clone());
        match (&item.composed, self.stopped, out) {
            (_, Some(why), _) => return self.defer(desk, board, &item, why, &cause_of(why).to_string()),
            (Err(fault), None, _) => return self.defer(desk, board, &item, Deferral::Text, fault),
            (Ok(_), None, Some(problem)) => return self.defer(desk, board, &item, Deferral::Server, &problem),
            (Ok(_), None, None) => {}
        }
        let claimed = match &item.work.repeats {
            Some(message) if self.store.claim_repeat(self.pass_id, message.id, self.clock.now())? => {
                let id = message.id;
                Some((item, id))
            }
            Some(_) => None,
            None => self.claim_in_ledger(desk, board, item, None)?,
        };
        let Some((item, id)) = claimed else { return Ok(()) };
        let Some(interface_id) = interface_id else {
            // A task for staff is handed over by being written down.
            let settlement = Settlement {
                id,
                state: State::HandedOver,
                error: None,
                reply: None,
                references: (None, None),
                at: self.clock.now(),
            };
            self.store.settle(&settlement, State::Sending, Some(self.pass_id))?;
            board.close(item.place, report(&item, Some(id), State::HandedOver, None, None));
            return Ok(());
        };
        let Ok(composed) = &item.composed else { return Ok(()) };
        let message = Arc::new(prepare(desk.setup, desk.at, &item.work, composed, id));
        self.tickets += 1;
        let ticket = self.tickets;
        if let Some(line) = self.lines.get_mut(&interface_id) {
            let courier = line.reserve((ticket, id), interface_id, self.clock.elapsed(), &self.results.0);
            leaving.push(Leaving::new(interface_id, courier, ticket, message));
        }
        board.flying.insert(ticket, (item, id));
        Ok(())
    }

    /// Decides again about a customer who may have changed; withdraws what is not wanted any more.
    /// What is decided instead takes its place.
    pub(super) fn look_again(
        &mut self,
        desk: &Desk<'_>,
        board: &mut Board,
        mut item: Item,
        data_version: i64,
    ) -> anyhow::Result<Option<Item>> {
        let chain = &desk.setup.chain;
        if self.has_begun(desk, &item) {
            self.withdraw(desk, board, &item, &Cause::Begun)?;
            return Ok(None);
        }
        if item.work.data_version == data_version {
            return Ok(Some(item));
        }
        let phase = desk.phase(item.work.decision.kind)?;
        let covers = item.work.repeats.as_ref().map_or(&[][..], |message| &message.covers);
        let loader = phase.loader(chain, desk.at).reaching(covers);
        let case = self.store.case(&loader, &item.work.of)?;
        item.work.data_version = data_version;
        if case == item.work.case {
            return Ok(Some(item));
        }
        if let Some(message) = item.work.repeats.clone() {
            let again = crate::rules::repeat::repeat(
                chain,
                &case,
                (message.id, message.kind),
                &message.address,
                &message.covers,
                // What this pass has reminded of stands in the ledger by now.
                None,
                desk.at,
            );
            // What may not be repeated stays uncertain.
            return Ok(again.map(|decision| {
                item.work = Work { decision, case, ..item.work };
                item
            }));
        }
        let decided = phase.decide(chain, desk.at, &case);
        let same = decided.message.as_ref().is_some_and(|now| now.covers == item.work.decision.covers);
        if same {
            let waited_for = item.work.decision.route.interface_id;
            if let Some(decision) = decided.message {
                item.composed = compose(desk.setup, &decision, &case, desk.at);
                item.work = Work { decision, case, ..item.work };
            }
            // It may go another way by now, and then it waits there.
            let interface_id = item.work.decision.route.interface_id;
            if interface_id == waited_for && item.composed.is_ok() {
                return Ok(Some(item));
            }
            board.waiting.entry(interface_id).or_default().push_front(item);
            return Ok(None);
        }
        let why = why_withdrawn(&item.work.decision, &decided.skipped);
        let next = decided.message.map(|decision| {
            let composed = compose(desk.setup, &decision, &case, desk.at);
            let work = Work { decision, case, of: item.work.of.clone(), data_version, repeats: None };
            Item { place: (item.place.0, item.place.1 + 1), work, composed, tries: 0, troubles: Troubles::default() }
        });
        self.withdraw(desk, board, &item, &why)?;
        if let Some(next) = next {
            board.waiting.entry(next.work.decision.route.interface_id).or_default().push_front(next);
        }
        Ok(None)
    }

    /// Writes down what has become of messages. It must be in one transaction; what is written is
    /// still in the list, in case that is not committed.
    pub(super) fn write_outcomes(&self) -> anyhow::Result<()> {
        for entry in &self.unwritten {
            match entry {
                Entry::Settled(settlement) => self.store.settle(settlement, State::Sending, Some(self.pass_id))?,
                Entry::NotRepeated(id) => self.store.release_repeat(self.pass_id, *id)?,
            }
        }
        Ok(())
    }

    /// Takes note of the end of a hand-over: what is to be written down, and what follows from it.
    pub(super) fn take_note(&mut self, desk: &Desk<'_>, board: &mut Board, ended: &Ended) {
        let Some((mut item, id)) = board.flying.remove(&ended.ticket) else { return };
        let (elapsed, left) = (self.clock.elapsed(), self.time_left(desk.setup));
        let line = self.lines.get_mut(&ended.interface_id);
        let outcome = match &ended.outcome {
            Outcome::NotSent { problem, wait: None, server: true }
                if line.as_ref().is_some_and(|line| item.troubles.one_more(line.taken)) =>
            {
                Outcome::NotSent { problem: problem.clone(), wait: Some(NOT_IN_THIS_PASS), server: false }
            }
            outcome => outcome.clone(),
        };
        let next = line.map_or(Next::Done, |line| line.ended(ended.ticket, &outcome, elapsed, left));
        let repeated = item.work.repeats.is_some();
        let state = match &outcome {
            Outcome::Accepted { .. } => State::Sent,
            // The first time it may have arrived, whatever happened this time.
            Outcome::Declined(_) | Outcome::Refused(_) | Outcome::NotSent { .. } if repeated => State::Uncertain,
            Outcome::Rejected(_) | Outcome::Declined(_) => State::Failed,
            Outcome::Refused(_) | Outcome::NotSent { .. } => State::Deferred,
            Outcome::Unknown(_) => State::Uncertain,
        };
        let error = match &outcome {
            Outcome::Accepted { .. } => None,
            other => Some(other.problem().to_owned()),
        };
        // Otherwise the server's words stand in the error, if it has said any.
        let (reply, theirs) = match &outcome {
            Outcome::Accepted { reference, reply } => (Some(reply.clone()), reference.clone()),
            _ => (None, None),
        };
        self.unwritten.push(if matches!(outcome, Outcome::Refused(_) | Outcome::NotSent { .. }) && repeated {
            Entry::NotRepeated(id)
        } else {
            Entry::Settled(Settlement {
                id,
                state,
                error: error.clone(),
                reply,
                references: (Some(reference(id, &desk.setup.identity)), theirs),
                at: self.clock.now(),
            })
        });
        if let Next::LeftAlone { refused, problem } = &next {
            let (interface_id, refused, problem) = (ended.interface_id, *refused, problem.clone());
            log::warn!(interface_id, refused; "server left alone");
            self.warnings.push(Warning::InterfaceTrouble { interface_id, refused, problem });
        }
        match next {
            // The others first: it may be about this message.
            Next::Again => {
                log::warn!(interface_id = ended.interface_id; "server in trouble, tried again later");
                board.waiting.entry(Some(ended.interface_id)).or_default().push_back(item);
                return;
            }
            Next::Fewer => {
                log::warn!(interface_id = ended.interface_id; "server takes fewer connections");
                board.waiting.entry(Some(ended.interface_id)).or_default().push_front(item);
                return;
            }
            Next::Done | Next::LeftAlone { .. } => {}
        }
        let deferral = (state == State::Deferred).then_some(Deferral::Server);
        if state == State::Failed
            && let Some(next) = by_the_next_channel(desk, &item, id)
        {
            board.waiting.entry(next.work.decision.route.interface_id).or_default().push_front(next);
        }
        let report = report(&item, Some(id), state, deferral, error);
        if let Outcome::NotSent { server: false, wait, .. } = outcome
            && let Some(rest) = item.rest(wait).filter(|rest| *rest < left && self.is_ahead(desk, &item, *rest))
        {
            item.tries += 1;
            let (kind, channel) = (report.kind.word(), report.channel.word());
            log::info!(message_id = id, kind, channel; "message tried again later");
            board.resting.push(Resting { due: elapsed + rest, item, report });
            return;
        }
        board.close(item.place, report);
    }

    /// Whether the message can still be of use after a while.
    fn is_ahead(&self, desk: &Desk<'_>, item: &Item, after: Duration) -> bool {
        let start = desk.setup.chain.settings.zone.instant(item.work.decision.first().start());
        (start - self.clock.now()).to_std().is_ok_and(|left| after < left)
    }

    fn defer(
        &mut self,
        desk: &Desk<'_>,
        board: &mut Board,
        item: &Item,
        why: Deferral,
        error: &str,
    ) -> anyhow::Result<()> {
        if let Some(message) = &item.work.repeats {
            // It stays what it is, and stands in the report all the same.
            let report = report(item, Some(message.id), State::Uncertain, Some(why), Some(error.to_owned()));
            board.close(item.place, report);
            return Ok(());
        }
        let id = match self.store.defer(&self.claiming(desk, item, item.composed.as_ref().ok()), error)? {
            Claim::Ours(id) => Some(id),
            Claim::Taken => None,
        };
        board.close(item.place, report(item, id, State::Deferred, Some(why), Some(error.to_owned())));
        Ok(())
    }

    fn withdraw(&mut self, desk: &Desk<'_>, board: &mut Board, item: &Item, why: &Cause) -> anyhow::Result<()> {
        if item.work.repeats.is_some() {
            return Ok(());
        }
        let why = why.to_string();
        let claiming = self.claiming(desk, item, item.composed.as_ref().ok());
        let id = match self.store.withdraw(&claiming, &why)? {
            Claim::Ours(id) => Some(id),
            Claim::Taken => None,
        };
        board.close(item.place, report(item, id, State::Withdrawn, None, Some(why)));
        Ok(())
    }

    fn claiming<'c>(&self, desk: &Desk<'_>, item: &'c Item, composed: Option<&'c Composed>) -> Claiming<'c> {
        let decision = &item.work.decision;
        Claiming {
            pass_id: Some(self.pass_id),
            at: desk.at,
            written_at: self.clock.now(),
            claimed_at: self.time_of_others(),
            kind: decision.kind,
            customer_id: decision.customer_id,
            channel: decision.route.address.channel(),
            address: decision.route.address.expose(),
            interface_id: decision.route.interface_id,
            subject: composed.and_then(|composed| composed.subject.as_deref()),
            body: composed.map_or("", |composed| &composed.body),
            language: composed.map(|composed| composed.language.as_str()),
            calendar: composed.and_then(|composed| composed.calendar.as_deref()),
            covers: compose::covered(decision, &item.work.case, desk.at),
            follows: None,
        }
    }
}

/// Rule F6: the message by the next channel, after `item` was rejected for good as message `id`.
fn by_the_next_channel(desk: &Desk<'_>, item: &Item, id: i64) -> Option<Item> {
    let Work { decision, case, .. } = &item.work;
    let covered = compose::covered(decision, case, desk.at).into_iter().map(|covered| Stated {
        appointment_id: covered.appointment_id,
        start: Some(covered.start),
        sequence: Some(covered.sequence),
    });
    let mut case = case.clone();
    case.told.retain(|told| told.message_id != id);
    case.told.push(Told {
        message_id: id,
        kind: decision.kind,
        channel: Some(decision.route.address.channel()),
        address: decision.route.address.expose().to_owned(),
        state: State::Failed,
        sent_at: desk.at,
        pass_id: None,
        covers: covered.collect(),
    });
    let chain = &desk.setup.chain;
    let channels = match desk.phase(decision.kind).ok()? {
        Phase::Reminders(..) => chain.contact_template.as_ref().map(|template| template.channels.clone())?,
        Phase::Confirmations(settings, ..) => vec![(Channel::Email, settings.document_template.clone())],
    };
    let errand = Errand { customer: compose::customer(&case)?, covers: &decision.covers, told: &case.told };
    let next = Decision { route: route(chain, errand, &channels).ok()?, ..decision.clone() };
    let composed = compose(desk.setup, &next, &case, desk.at);
    let work =
        Work { decision: next, case, repeats: None, of: item.work.of.clone(), data_version: item.work.data_version };
    Some(Item { place: (item.place.0, item.place.1 + 1), work, composed, tries: 0, troubles: Troubles::default() })
}

fn why_withdrawn(decision: &Decision, skipped: &[Skipped]) -> Cause {
    let reason = decision
        .covers
        .iter()
        .find_map(|appointment| skipped.iter().find(|skipped| skipped.appointment_id == appointment.id));
    match reason.map(|skipped| &skipped.reason) {
        Some(Reason::Cancelled | Reason::NoShow) => Cause::Cancelled,
        Some(Reason::Deceased) => Cause::Deceased,
        Some(Reason::NoMessagesWanted) => Cause::NoMessagesWanted,
        Some(Reason::RecentMessage { message_id, .. } | Reason::AlreadyReminded { message_id, .. }) => {
            Cause::ToldBy { message_id: *message_id }
        }
        Some(other) => Cause::NotDue { reason: other.kind() },
        None => Cause::Changed,
    }
}

const fn cause_of(why: Deferral) -> Cause {
    match why {
        Deferral::TimeUp => Cause::TimeOver,
        Deferral::Signal => Cause::AskedToEnd,
        Deferral::Text => Cause::TextUnusable,
        Deferral::Server => Cause::ServerInTrouble,
    }
}

fn report(
    item: &Item,
    id: Option<i64>,
    state: State,
    deferral: Option<Deferral>,
    error: Option<String>,
) -> MessageReport {
    let composed = item.composed.as_ref();
    compose::report(&item.work.decision, &item.work.case, composed, id, Fate::Settled(state), deferral, error)
}
