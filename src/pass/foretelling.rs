//! The dispatch of a forecast: it shows what would be sent, and remembers it for the passes after.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::showing::show;
use super::{Beginning, Begun, Dispatch, Setup, Written};
use crate::pass::phase::Phase;
use crate::report::{Closing, MessageReport, PassResult};
use crate::rules::foretold::Foretold;

/// Shows the messages of passes to come, one pass after the other, as if every hand-over of those before
/// had been accepted.
#[derive(Debug, Default)]
pub struct Foretelling {
    foretold: Arc<Foretold>,
    /// What the pass under way would send. It does not see that itself: nor does a real one, which plans
    /// from its mark.
    new: Foretold,
    switched_on: Option<i64>,
}

impl Foretelling {
    /// Takes the service of this interface as in operation, whatever keeps it from being used.
    #[must_use]
    pub fn with_service(switched_on: Option<i64>) -> Self {
        Self { switched_on, ..Self::default() }
    }
}

impl Dispatch for Foretelling {
    fn is_dry_run(&self) -> bool {
        true
    }

    fn switched_on(&self) -> Option<i64> {
        self.switched_on
    }

    fn begin(&mut self, _beginning: &Beginning<'_>) -> anyhow::Result<Begun> {
        Ok(Begun { foretold: Arc::clone(&self.foretold), ..Begun::default() })
    }

    fn dispatch(
        &mut self,
        _setup: &Setup,
        _phases: &[Phase<'_>],
        at: DateTime<Utc>,
        portion: Vec<Written>,
        _so_far: &mut dyn FnMut(usize),
    ) -> anyhow::Result<Vec<MessageReport>> {
        for Written { work, .. } in portion.iter().filter(|written| written.composed.is_ok()) {
            match &work.repeats {
                Some(message) => self.new.repeat(message.id),
                None => self.new.add(&work.case, &work.decision, at),
            }
        }
        Ok(portion.iter().map(show).collect())
    }

    fn finish(&mut self, _result: PassResult, _closing: &mut Closing) -> anyhow::Result<()> {
        Arc::make_mut(&mut self.foretold).absorb(std::mem::take(&mut self.new));
        Ok(())
    }
}
