//! The dispatch of a dry run: it shows what would be sent, and touches nothing.

use chrono::{DateTime, Utc};

use super::compose;
use super::{Beginning, Begun, Dispatch, Setup, Written};
use crate::model::State;
use crate::pass::phase::Phase;
use crate::report::{Deferral, Fate, MessageReport};

/// Shows messages.
#[derive(Debug, Default)]
pub struct Showing;

impl Dispatch for Showing {
    fn is_dry_run(&self) -> bool {
        true
    }

    fn begin(&mut self, _beginning: &Beginning<'_>) -> anyhow::Result<Begun> {
        Ok(Begun::default())
    }

    fn dispatch(
        &mut self,
        _setup: &Setup,
        _phases: &[Phase<'_>],
        _at: DateTime<Utc>,
        portion: Vec<Written>,
        _so_far: &mut dyn FnMut(usize),
    ) -> anyhow::Result<Vec<MessageReport>> {
        Ok(portion.iter().map(show).collect())
    }
}

pub(super) fn show(Written { work, composed }: &Written) -> MessageReport {
    let (decision, case) = (&work.decision, &work.case);
    let id = work.repeats.as_ref().map(|message| message.id);
    match composed {
        Ok(_) => compose::report(decision, case, composed.as_ref(), id, Fate::Planned, None, None),
        Err(fault) => {
            let fate = Fate::Settled(State::Deferred);
            compose::report(decision, case, composed.as_ref(), id, fate, Some(Deferral::Text), Some(fault.clone()))
        }
    }
}
