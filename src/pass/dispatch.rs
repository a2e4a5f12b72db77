//! What a pass asks of whoever takes its messages: real hand-overs, a dry run, a forecast, a restored record.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::phase::Phase;
use super::setup::Setup;
use super::work::Written;
use crate::report::{Closing, MessageReport, PassResult, Warning};
use crate::rules::foretold::Foretold;
use crate::store::{PassMark, Store};

/// What becomes of decided messages: a real pass hands them over, a dry run shows them.
pub trait Dispatch {
    /// Whether nothing is sent.
    fn is_dry_run(&self) -> bool;

    /// The interface whose service is taken as in operation although it is not; for a forecast before
    /// it is switched on.
    fn switched_on(&self) -> Option<i64> {
        None
    }

    /// Begins the pass; returns what earlier passes left behind.
    ///
    /// # Errors
    /// If its record cannot be written.
    fn begin(&mut self, beginning: &Beginning<'_>) -> anyhow::Result<Begun>;

    /// Gets ready to send by the interfaces of the chain; there is nothing to get ready where nothing is
    /// sent.
    ///
    /// # Errors
    /// If a pass at this instant must not send (rule A5).
    fn prepare(&mut self, _setup: &Setup, _at: DateTime<Utc>) -> anyhow::Result<()> {
        Ok(())
    }

    /// Disposes of a portion of messages, which belong to the last one of the phases so far; returns
    /// what became of them, in the order of decision, a message by a second channel right behind the
    /// one that failed. What comes after a message that is to be tried again is returned later. Where it takes long,
    /// `so_far` hears again and again how many messages of the pass have met their fate.
    ///
    /// # Errors
    /// If the record cannot be written.
    fn dispatch(
        &mut self,
        setup: &Setup,
        phases: &[Phase<'_>],
        at: DateTime<Utc>,
        portion: Vec<Written>,
        so_far: &mut dyn FnMut(usize),
    ) -> anyhow::Result<Vec<MessageReport>>;

    /// A connection of its own to the same database, over which the next portion can be read while this
    /// one goes out; `None` where that would be in the way.
    fn reader(&self) -> Option<Store> {
        None
    }

    /// Waits for the messages that are to be tried again; returns what was held back for them. `so_far` is as above.
    /// Nothing is held back where nothing is sent.
    ///
    /// # Errors
    /// If the record cannot be written.
    fn wait_for_the_rest(
        &mut self,
        _setup: &Setup,
        _phases: &[Phase<'_>],
        _at: DateTime<Utc>,
        _so_far: &mut dyn FnMut(usize),
    ) -> anyhow::Result<Vec<MessageReport>> {
        Ok(Vec::new())
    }

    /// Completes the record; may add warnings about servers. Where nothing is sent there is nothing to add.
    ///
    /// # Errors
    /// If the record cannot be written.
    fn finish(&mut self, _result: PassResult, _closing: &mut Closing) -> anyhow::Result<()> {
        Ok(())
    }
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
    /// How many messages go out at most.
    pub limit: Option<usize>,
}

/// What has come of the beginning of a pass.
#[derive(Debug, Default)]
pub struct Begun {
    /// What earlier passes left behind.
    pub warnings: Vec<Warning>,
    /// Up to where a recorded pass sees the database; a dry run sees all of its store.
    pub mark: Option<PassMark>,
    /// What the passes before this one would have told, in a forecast.
    pub foretold: Arc<Foretold>,
}
