//! One half of a pass on its way through the appointments in reach: read in order of start, decided some
//! customers at a time, and written once no earlier message can come.

use std::collections::{BTreeSet, VecDeque};

use chrono::{DateTime, Utc};

use super::source::Source;
use super::urgency::Choice;
use super::waiting::Waiting;
use super::work::{Work, Written};
use super::{Phase, Setup, compose};
use crate::model::{BadData, Kind};
use crate::rules::confirmation::reserved;
use crate::rules::{CustomerRow, Decision, Skipped};
use crate::store::InReach;

/// One half of a pass on its way through the appointments in reach.
pub(super) struct Reading<'r> {
    pub(super) setup: &'r Setup,
    pub(super) phase: &'r Phase<'r>,
    pub(super) at: DateTime<Utc>,
    pub(super) in_reach: VecDeque<InReach>,
    pub(super) seen: BTreeSet<i64>,
    /// Who gets a message once more in this pass.
    pub(super) repeated: BTreeSet<i64>,
    pub(super) waiting: Waiting,
    /// Rule D6.
    pub(super) reserved: BTreeSet<i64>,
    /// What is made of what is decided.
    pub(super) choice: Choice,
}

/// Messages of which no earlier one can come, and what was found on the way to them.
pub(super) struct Portion {
    pub(super) written: Vec<Written>,
    pub(super) noted: Vec<Noted>,
}

/// What is said of a customer without a message, or beside it.
pub(super) struct Noted {
    pub(super) skipped: Vec<Skipped>,
    pub(super) bad: Vec<BadData>,
    /// Their id and name, if it can be understood.
    pub(super) name: Option<(i64, String)>,
}

impl Reading<'_> {
    pub(super) fn is_over(&self) -> bool {
        self.in_reach.is_empty() && self.waiting.is_empty()
    }

    /// Reads up to `most` customers, decides about them, and writes what can go out. `data_version` is
    /// the state of the database if another connection has asked for it.
    pub(super) fn next(
        &mut self,
        source: &Source<'_>,
        data_version: Option<i64>,
        most: usize,
    ) -> anyhow::Result<Portion> {
        let Self { setup, phase, at, .. } = *self;
        let mut noted = Vec::new();
        source.reading(data_version, |store, data_version| {
            let loader = phase.loader(&setup.chain, at);
            let mut cases = 0;
            while cases < most {
                let Some(of) = self.in_reach.pop_front() else { break };
                if of.customer_id.is_some_and(|id| !self.seen.insert(id)) {
                    continue;
                }
                cases += 1;
                let case = source.case(store, &loader, &of)?;
                let decided = phase.decide(&setup.chain, at, &case);
                if matches!(phase, Phase::Reminders(..)) {
                    self.reserved.extend(reserved(decided.message.as_ref(), &decided.skipped));
                }
                // What has been noted before the choice is not noted again.
                let is_known = matches!(self.choice, Choice::Of(_));
                if !(is_known || decided.skipped.is_empty() && decided.bad.is_empty()) {
                    let name = if decided.skipped.is_empty() { None } else { name(&case.customer) };
                    noted.push(Noted { skipped: decided.skipped, bad: decided.bad, name });
                }
                // D2: who gets a confirmation once more gets another one in the next pass and not in this.
                // A reminder could come too late then; how close it may follow, E3 says.
                let waits = |decision: &Decision| {
                    decision.kind == Kind::Confirmation && self.repeated.contains(&decision.customer_id)
                };
                let decided = decided.message.filter(|decision| !waits(decision));
                if let Some(decision) = decided {
                    let work = Work { decision, case, of, data_version, repeats: None };
                    self.choice.take(&setup.chain, &mut self.waiting, work);
                }
            }
            Ok(())
        })?;
        // Nobody whose first appointment is still to be read can come before this start.
        let frontier = self.in_reach.front().map(|next| next.start);
        let ready = self.waiting.take_before(frontier, most);
        let written = ready.into_iter().map(|work| {
            let composed = match &work.repeats {
                Some(message) => Ok(compose::again(message)),
                None => compose::compose(setup, &work.decision, &work.case, at),
            };
            Written { work, composed }
        });
        Ok(Portion { written: written.collect(), noted })
    }
}

/// What a customer is called; `None` where that cannot be told from the row.
fn name(customer: &CustomerRow) -> Option<(i64, String)> {
    let CustomerRow::Known(customer) = customer else { return None };
    Some((customer.id, customer.full_name()?))
}
