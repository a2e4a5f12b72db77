//! A forecast: the passes to come, one after the other, each in numbers.
//!
//! It is made of the reports of these passes, as a dry run makes them; nobody's name or address is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::AddAssign;

use chrono::{DateTime, Utc};

use super::attention::{self, Deferred, defer};
use super::words::Lang;
use super::{Closing, Fate, Heading, MessageReport, PassResult, Printer, Warning};
use crate::exit::ExitStatus;
use crate::model::{Branch, Channel, Kind, State};
use crate::rules::reason::Reason;
use crate::zone::Zone;

mod json;
mod text;

pub(super) use json::Numbers;
pub use json::json;
pub use text::text;
pub(super) use text::{Stretch, stretches};

/// The kinds of which messages are foretold.
const KINDS: [Kind; 2] = [Kind::Reminder, Kind::Confirmation];

/// Messages in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Volume {
    /// By kind, then channel.
    messages: [[usize; Channel::ALL.len()]; KINDS.len()],
    /// In how many parts the text messages are sent and paid.
    pub sms_segments: usize,
}

impl Volume {
    /// Counts a message.
    pub fn add(&mut self, message: &MessageReport) {
        for (kind, row) in KINDS.iter().zip(&mut self.messages) {
            for (channel, number) in Channel::ALL.iter().zip(row) {
                *number += usize::from((*kind, *channel) == (message.kind, message.channel));
            }
        }
        self.sms_segments += message.sms_segments.unwrap_or_default();
    }

    /// All messages.
    #[must_use]
    pub fn sum(&self) -> usize {
        self.messages.iter().flatten().sum()
    }

    /// Those of a kind.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> usize {
        let rows = KINDS.iter().zip(&self.messages).filter(|(other, _)| **other == kind);
        rows.flat_map(|(_, row)| row).sum()
    }

    /// Those by a channel.
    #[must_use]
    pub fn by(&self, channel: Channel) -> usize {
        let column = Channel::ALL.iter().position(|other| *other == channel);
        column.map_or(0, |column| self.messages.iter().filter_map(|row| row.get(column)).sum())
    }
}

impl AddAssign<&Self> for Volume {
    fn add_assign(&mut self, other: &Self) {
        for (number, more) in self.messages.iter_mut().flatten().zip(other.messages.iter().flatten()) {
            *number += more;
        }
        self.sms_segments += other.sms_segments;
    }
}

impl<'v> std::iter::Sum<&'v Self> for Volume {
    fn sum<I: Iterator<Item = &'v Self>>(volumes: I) -> Self {
        let mut sum = Self::default();
        volumes.for_each(|volume| sum += volume);
        sum
    }
}

/// A pass to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForetoldPass {
    /// Its instant.
    pub at: DateTime<Utc>,
    /// Whether it would look at the appointments.
    pub result: PassResult,
    /// What it would send, by the branch of the first appointment.
    pub by_branch: BTreeMap<i64, Volume>,
    /// Messages of which the text cannot be written.
    pub deferred: usize,
    /// Messages that a limit leaves for the next pass.
    pub left: usize,
}

impl ForetoldPass {
    /// What it would send.
    #[must_use]
    pub fn volume(&self) -> Volume {
        self.by_branch.values().sum()
    }
}

/// From what the instants of the passes are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// The minute of the hour at which most of the last passes ran.
    Recorded,
    /// The first pass is one at the instant that was asked for.
    Asked,
    /// There has been no pass: as if one ran now.
    FromNow,
}

impl Rhythm {
    /// The word in JSON.
    const fn word(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Asked => "at",
            Self::FromNow => "now",
        }
    }
}

/// Passes to come.
#[derive(Debug)]
pub struct Forecast {
    lang: Lang,
    zone: Zone,
    rhythm: Rhythm,
    /// Whether there has been a pass that looked at the appointments.
    sent_before: bool,
    /// Why the service is not in operation, if it is taken as if it were.
    not_in_operation: Vec<Warning>,
    passes: Vec<ForetoldPass>,
    branches: BTreeMap<i64, Branch>,
    deferred: Vec<Deferred>,
    /// Whose message cannot be written, so that each is counted once.
    unwritten: BTreeSet<(Kind, i64)>,
    /// Appointments that no channel reaches.
    unreachable: BTreeSet<i64>,
    /// What is wrong, each once.
    closing: Closing,
}

impl Forecast {
    /// A forecast without a pass yet.
    #[must_use]
    pub fn new(lang: Lang, zone: Zone, rhythm: Rhythm, sent_before: bool, not_in_operation: Vec<Warning>) -> Self {
        Self {
            lang,
            zone,
            rhythm,
            sent_before,
            closing: Closing { warnings: not_in_operation.clone(), ..Closing::default() },
            not_in_operation,
            passes: Vec::new(),
            branches: BTreeMap::new(),
            deferred: Vec::new(),
            unwritten: BTreeSet::new(),
            unreachable: BTreeSet::new(),
        }
    }

    /// The language of its words.
    #[must_use]
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// What somebody must see to.
    pub(super) fn points(&self) -> Vec<String> {
        attention::points(self.lang, &self.closing, &self.deferred)
    }

    /// What is good to know.
    pub(super) fn notes(&self) -> Vec<String> {
        attention::notes(self.lang, &self.closing, &self.deferred)
    }

    /// The zone of the chain.
    #[must_use]
    pub const fn zone(&self) -> Zone {
        self.zone
    }

    /// From what the instants of the passes are known.
    #[must_use]
    pub const fn rhythm(&self) -> Rhythm {
        self.rhythm
    }

    /// Whether there has been a pass that looked at the appointments.
    #[must_use]
    pub const fn sent_before(&self) -> bool {
        self.sent_before
    }

    /// Why the service is not in operation, if it is taken as if it were.
    #[must_use]
    pub fn not_in_operation(&self) -> &[Warning] {
        &self.not_in_operation
    }

    /// How many appointments would be due and can be told by no channel.
    #[must_use]
    pub fn unreachable(&self) -> usize {
        self.unreachable.len()
    }

    /// The passes, by instant.
    #[must_use]
    pub fn passes(&self) -> &[ForetoldPass] {
        &self.passes
    }

    /// The first pass that would look at the appointments.
    #[must_use]
    pub fn first_pass(&self) -> Option<&ForetoldPass> {
        self.passes.iter().find(|pass| pass.result == PassResult::Complete)
    }

    /// All that would be sent.
    #[must_use]
    pub fn total(&self) -> Volume {
        self.passes.iter().flat_map(|pass| pass.by_branch.values()).sum()
    }

    /// What would be sent, by branch: those that can be understood by code, then the others by number.
    #[must_use]
    pub fn by_branch(&self) -> Vec<(i64, Option<&Branch>, Volume)> {
        let mut volumes = BTreeMap::<i64, Volume>::new();
        for (id, volume) in self.passes.iter().flat_map(|pass| &pass.by_branch) {
            *volumes.entry(*id).or_default() += volume;
        }
        let mut rows: Vec<_> = volumes.into_iter().map(|(id, volume)| (id, self.branches.get(&id), volume)).collect();
        rows.sort_by_key(|(id, branch, _)| (branch.is_none(), branch.map(|branch| branch.code.clone()), *id));
        rows
    }

    /// 1 if something needs a person, as in a dry run of one of the passes.
    #[must_use]
    pub fn exit_status(&self) -> ExitStatus {
        self.closing.exit_status()
    }

    fn warn(&mut self, warning: &Warning) {
        // Of customers only numbers are told, and there is no end to those who share a telephone. What a
        // limit leaves stands with its pass.
        if matches!(warning, Warning::SharedNumbers { .. } | Warning::OverLimit { .. })
            || self.closing.warnings.contains(warning)
        {
            return;
        }
        // Of the same text the longest message is told.
        if let Warning::LongText { document_template, segments, .. } = warning {
            let same = self.closing.warnings.iter_mut().find_map(|other| match other {
                Warning::LongText { document_template: of, segments, .. } if of == document_template => Some(segments),
                _ => None,
            });
            if let Some(longest) = same {
                *longest = (*longest).max(*segments);
                return;
            }
        }
        self.closing.warnings.push(warning.clone());
    }
}

/// Takes the reports of the passes, one after the other.
impl Printer for Forecast {
    fn begin(&mut self, heading: &Heading) -> io::Result<()> {
        let (at, result) = (heading.at.to_utc(), heading.result);
        self.passes.push(ForetoldPass { at, result, by_branch: BTreeMap::new(), deferred: 0, left: 0 });
        self.branches.extend(heading.branches.clone());
        Ok(())
    }

    fn message(&mut self, message: &MessageReport) -> io::Result<()> {
        let Some(pass) = self.passes.last_mut() else { return Ok(()) };
        let key = (message.kind, message.customer_id);
        match message.fate {
            Fate::Planned => {
                pass.by_branch.entry(message.branch_id).or_default().add(message);
                // Another text, or another channel.
                self.unwritten.remove(&key);
            }
            Fate::Settled(State::Deferred) => {
                pass.deferred += 1;
                if self.unwritten.insert(key) {
                    defer(&mut self.deferred, self.lang, message);
                }
            }
            Fate::Settled(_) => {}
        }
        Ok(())
    }

    fn finish(&mut self, closing: &Closing) -> io::Result<()> {
        for warning in &closing.warnings {
            self.warn(warning);
        }
        if let Some(pass) = self.passes.last_mut() {
            pass.left = closing.left_by_limit();
        }
        for row in &closing.skipped {
            match &row.reason {
                Reason::Unreachable { .. } => {
                    self.unreachable.insert(row.appointment_id);
                }
                Reason::BadData(_) if !self.closing.skipped.contains(row) => self.closing.skipped.push(row.clone()),
                _ => {}
            }
        }
        self.closing.totals.needs_person |= closing.totals.needs_person;
        Ok(())
    }
}
