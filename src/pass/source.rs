//! Where the plan of a pass is read: the database as it was at the pass's mark.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Phase;
use crate::model::State;
use crate::rules::foretold::Foretold;
use crate::rules::{Case, Chain};
use crate::store::{CaseLoader, InReach, NotBegun, PassMark, Store};

/// The database of a plan.
#[derive(Debug)]
pub(super) struct Source<'p> {
    store: &'p Store,
    mark: Option<PassMark>,
    /// The newest message that is known to be the pass's own.
    known: Cell<i64>,
    /// A second look at it, once others have changed something.
    then: OnceCell<Store>,
    /// What a forecast adds to the record.
    foretold: Arc<Foretold>,
    /// Messages that a real pass would first take for deferred.
    not_begun: NotBegun,
}

/// The number of no state of the database: whatever was read then is looked at again.
const NO_VERSION: i64 = i64::MIN;

impl<'p> Source<'p> {
    /// Reads `store`, of a real pass as it was at its mark.
    pub(super) fn new(store: &'p Store, mark: Option<PassMark>) -> Self {
        let known = Cell::new(mark.as_ref().map_or(0, |mark| mark.last_message));
        Self { store, mark, known, then: OnceCell::new(), foretold: Arc::default(), not_begun: NotBegun::default() }
    }

    /// The same, with what earlier passes of a forecast would have told.
    pub(super) fn after(self, foretold: Arc<Foretold>) -> Self {
        Self { foretold, ..self }
    }

    /// The same, taking these messages for deferred, as a real pass has them when it begins.
    pub(super) fn deferring(self, not_begun: NotBegun) -> Self {
        Self { not_begun, ..self }
    }

    /// The appointments in reach of a half of the pass, as `store` has them.
    pub(super) fn in_reach(
        &self,
        store: &Store,
        phase: &Phase<'_>,
        chain: &Chain,
        at: DateTime<Utc>,
    ) -> anyhow::Result<Vec<InReach>> {
        let mut in_reach = phase.in_reach(store, chain, at)?;
        if let Phase::Confirmations(_, window, _) = phase {
            let again = store.in_reach_of((window.from, window.to), &self.not_begun.appointments)?;
            if !again.is_empty() {
                in_reach.extend(again);
                in_reach.sort_by_key(InReach::order);
                in_reach.dedup();
            }
            in_reach
                .retain(|of| of.customer_id.is_none_or(|id| !self.foretold.has_told(of.appointment_id, id, of.start)));
        }
        Ok(in_reach)
    }

    /// A case, as `store` has it.
    pub(super) fn case(&self, store: &Store, loader: &CaseLoader, of: &InReach) -> anyhow::Result<Case> {
        let mut case = store.case(loader, of)?;
        for told in case.told.iter_mut().filter(|told| self.not_begun.messages.contains(&told.message_id)) {
            told.state = State::Deferred;
        }
        for told in of.customer_id.iter().flat_map(|id| self.foretold.to(*id)) {
            // Also those that have gone by since, which the case does not reach back to: nothing has moved them.
            let covered = told.covers.iter().filter_map(|stated| Some((stated.appointment_id, stated.start?)));
            for (appointment_id, start) in covered {
                case.starts.entry(appointment_id).or_insert(start);
            }
            case.told.push(told.clone());
        }
        Ok(case)
    }

    /// Whether a message of unknown fate may still be repeated.
    pub(super) fn may_repeat(&self, message_id: i64) -> bool {
        !self.foretold.has_repeated(message_id)
    }

    /// Up to where a recorded pass sees the database.
    pub(super) const fn mark(&self) -> Option<&PassMark> {
        self.mark.as_ref()
    }

    /// Runs `work` over one unchanging view of the database, and the state of the present that it
    /// can be taken for: `data_version`, if another connection has asked for it. As long as nobody
    /// else has changed anything, the view is the database itself.
    ///
    /// # Errors
    /// 74 if the database cannot be read, and whatever `work` returns.
    pub(super) fn reading<T>(
        &self,
        data_version: Option<i64>,
        mut work: impl FnMut(&Store, i64) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let mut present = || work(self.store, data_version.map_or_else(|| self.store.data_version(), Ok)?);
        let Some(mark) = &self.mark else { return self.store.reading(present) };
        if self.then.get().is_none() {
            let done = self.store.reading(|| match self.store.is_as_marked(mark, self.known.get())? {
                Some(newest) => {
                    self.known.set(newest);
                    present().map(Some)
                }
                None => Ok(None),
            })?;
            if let Some(done) = done {
                return Ok(done);
            }
        }
        let then = if let Some(then) = self.then.get() {
            then
        } else {
            let then = self.store.at_mark(mark)?;
            self.then.get_or_init(|| then)
        };
        then.reading(|| work(then, NO_VERSION))
    }
}
