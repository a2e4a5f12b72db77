//! The dispatch after a restored backup: what a pass would have sent is written down as uncertain, and
//! nothing is sent.

use chrono::{DateTime, Utc};

use super::compose;
use super::{Beginning, Begun, Dispatch, Setup, Written};
use crate::model::State;
use crate::pass::phase::Phase;
use crate::report::{Deferral, Fate, MessageReport};
use crate::store::{Claim, Claiming, Store};

/// Writes messages down that an earlier pass may have sent, of which the record knows nothing.
#[derive(Debug)]
pub struct Restoring<'a> {
    store: &'a Store,
    now: DateTime<Utc>,
}

impl<'a> Restoring<'a> {
    /// Writes into `store`, with `now` as the instant at which it was written.
    #[must_use]
    pub const fn new(store: &'a Store, now: DateTime<Utc>) -> Self {
        Self { store, now }
    }

    fn write_down(&self, Written { work, composed }: &Written, at: DateTime<Utc>) -> anyhow::Result<Option<i64>> {
        let (decision, composed) = (&work.decision, composed.as_ref().ok());
        let message = Claiming {
            pass_id: None,
            at,
            written_at: self.now,
            claimed_at: self.now,
            kind: decision.kind,
            customer_id: decision.customer_id,
            channel: decision.route.address.channel(),
            address: decision.route.address.expose(),
            // No gateway is asked about it: it cannot know the number that the message has here.
            interface_id: None,
            subject: composed.and_then(|composed| composed.subject.as_deref()),
            body: composed.map_or("", |composed| &composed.body),
            language: composed.map(|composed| composed.language.as_str()),
            calendar: composed.and_then(|composed| composed.calendar.as_deref()),
            covers: compose::covered(decision, &work.case, at),
            follows: None,
        };
        Ok(match self.store.record_as_uncertain(&message)? {
            Claim::Ours(id) => Some(id),
            Claim::Taken => None,
        })
    }
}

impl Dispatch for Restoring<'_> {
    fn is_dry_run(&self) -> bool {
        false
    }

    fn begin(&mut self, _beginning: &Beginning<'_>) -> anyhow::Result<Begun> {
        Ok(Begun::default())
    }

    fn dispatch(
        &mut self,
        _setup: &Setup,
        _phases: &[Phase<'_>],
        at: DateTime<Utc>,
        portion: Vec<Written>,
        _so_far: &mut dyn FnMut(usize),
    ) -> anyhow::Result<Vec<MessageReport>> {
        self.store.transaction(|| {
            let mut reports = Vec::new();
            for written in &portion {
                let (decision, case, composed) =
                    (&written.work.decision, &written.work.case, written.composed.as_ref());
                // One of unknown fate is in the record already; one without a text was sent by nobody.
                if written.work.repeats.is_some() {
                    continue;
                }
                reports.push(match composed {
                    Ok(_) => {
                        let id = self.write_down(written, at)?;
                        compose::report(decision, case, composed, id, Fate::Settled(State::Uncertain), None, None)
                    }
                    Err(fault) => {
                        let fate = Fate::Settled(State::Deferred);
                        compose::report(decision, case, composed, None, fate, Some(Deferral::Text), Some(fault.clone()))
                    }
                });
            }
            Ok(reports)
        })
    }
}
