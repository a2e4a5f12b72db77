//! The report of a pass: neutral data first, then printers that compute nothing.
//!
//! A report is written as the pass goes: a [`Heading`], every [`MessageReport`] in the order of
//! decision, and a [`Closing`]. A [`Printer`] takes them one by one, so that a large pass needs no
//! large memory.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime};

use crate::exit::ExitStatus;
use crate::model::{BadData, Branch, Channel, Kind, RecordedMessage, ReplayedPass, Since, State};
use crate::rules::Skipped;
use crate::rules::reason::{Reason, Unusable};
use crate::settings::NightRest;
use crate::zone::Zone;

mod attention;
pub mod check;
pub mod explain;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod forecast;
pub mod history;
pub mod html;
pub mod json;
mod json_text;
mod lines;
pub mod metrics;
pub mod purge;
pub mod record;
pub mod restored;
pub mod status;
mod tally;
pub mod tasks;
pub mod text;
pub mod words;

pub(crate) use lines::clean;

pub use crate::model::PassResult;

/// What is known before the first message.
#[derive(Debug, Clone)]
pub struct Heading {
    /// The instant of the pass, with the zone's offset.
    pub at: DateTime<FixedOffset>,
    /// The zone.
    pub zone: Zone,
    /// Whether nothing is sent.
    pub dry_run: bool,
    /// How the pass goes.
    pub result: PassResult,
    /// When quiet time ends, if it is quiet.
    pub quiet_until: Option<DateTime<FixedOffset>>,
    /// The end of the reminder window, and whether it looks ahead past quiet time.
    pub reminder_window: Option<(DateTime<FixedOffset>, bool)>,
    /// The end that the reminder window has without looking ahead.
    pub regular_until: Option<DateTime<FixedOffset>>,
    /// The night rest of the settings.
    pub night_rest: Option<NightRest>,
    /// The confirmation window, both dates inclusive.
    pub confirmation_window: Option<(NaiveDate, NaiveDate)>,
    /// Whom e-mails by an interface are from, name and address as people read them.
    pub senders: BTreeMap<i64, String>,
    /// The branches, for reports by branch.
    pub branches: BTreeMap<i64, Branch>,
    /// Whether it is a dry run and no pass has looked at the appointments before.
    pub before_the_first: bool,
}

/// What became of a message, as reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It would be sent (dry run only).
    Planned,
    /// It is in this state.
    Settled(State),
}

impl Fate {
    /// The word in the JSON report.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Settled(state) => state.word(),
        }
    }
}

/// Why a message was deferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deferral {
    /// Quiet time or `max_minutes` was reached (rule A4).
    TimeUp,
    /// Its text cannot be rendered (rule F8).
    Text,
    /// The server was in trouble.
    Server,
    /// The program was asked to end.
    Signal,
}

/// An attachment, as reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentReport {
    /// The file's name.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// Its size.
    pub bytes: usize,
}

/// One message of the pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageReport {
    /// Its id in the ledger; a message that is only planned has none.
    pub message_id: Option<i64>,
    /// What it is for.
    pub kind: Kind,
    /// Who gets it.
    pub customer_id: i64,
    /// Their name.
    pub customer_name: Option<String>,
    /// The branch of the first appointment.
    pub branch_id: i64,
    /// How it goes.
    pub channel: Channel,
    /// The full address.
    pub address: String,
    /// The interface that hands it over; tasks for staff have none.
    pub interface_id: Option<i64>,
    /// The name of its text; a repeated message has none.
    pub document_template: Option<String>,
    /// The appointments that it covers, each with its start.
    pub appointments: Vec<(i64, NaiveDateTime)>,
    /// Its subject.
    pub subject: Option<String>,
    /// Its text; empty if it could not be rendered.
    pub body: String,
    /// The language of the text, as the text names it.
    pub language: Option<String>,
    /// What goes with it.
    pub attachments: Vec<AttachmentReport>,
    /// The segments of an SMS.
    pub sms_segments: Option<usize>,
    /// What became of it.
    pub fate: Fate,
    /// Why it was deferred.
    pub deferral: Option<Deferral>,
    /// What went wrong.
    pub error: Option<String>,
    /// In a look at the past: what stands beside it.
    pub beside: Option<Beside>,
}

/// What the record has beside a message that would have been sent at an instant of the past.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beside {
    /// What became of it in the recorded pass; more than one by further channels, or decided anew.
    pub record: Vec<RecordedMessage>,
    /// What has changed since in its appointments and its customer.
    pub since: Vec<Since>,
}

impl Beside {
    /// Whether there is nothing to say.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.record.is_empty() && self.since.is_empty()
    }
}

/// A look at a recorded pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// The pass.
    pub pass: ReplayedPass,
    /// Messages that the record has of it and that are not among those planned here.
    pub unplanned: Vec<i64>,
    /// Whether this look shows a limited number of messages only.
    pub is_limited: bool,
    /// What has changed since in interfaces, branches, types and texts.
    pub since: Vec<Since>,
}

/// Something that the operator should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// An interface `appointment_notification` has a branch, which has no effect (A1).
    BranchWithoutEffect {
        /// The interface.
        interface_id: i64,
    },
    /// The service itself may not be used (A2).
    ServiceUnusable {
        /// The interface.
        interface_id: i64,
        /// Why.
        cause: Unusable,
    },
    /// The service is to neither remind nor confirm, so that no pass does anything.
    NothingConfigured {
        /// The interface.
        interface_id: i64,
    },
    /// A code in the branch filter that no branch bears (B4).
    UnknownBranchCode {
        /// The code.
        code: String,
    },
    /// A text that cannot be used (F8); the fragment names text, line and what would be right.
    TextUnusable {
        /// The fault.
        fault: String,
    },
    /// The setting for the titles in calendar files cannot be used; confirmations are deferred (F8).
    CalendarTitleUnusable {
        /// The fault.
        fault: String,
    },
    /// A channel that is in use has no usable interface (F4): this one may not be used.
    InterfaceUnusable {
        /// The interface.
        interface_id: i64,
        /// The channel that it would serve.
        channel: Channel,
        /// Why it may not be used.
        cause: Unusable,
        /// Whether the channel is left without any.
        channel_is_dead: bool,
    },
    /// A channel that is in use has no interface at all (F4).
    InterfaceMissing {
        /// The channel.
        channel: Channel,
        /// The codes of the branches that are left without; empty for all of them.
        branches: Vec<String>,
    },
    /// Several usable interfaces of the same rank (F4).
    SeveralInterfaces {
        /// The channel.
        channel: Channel,
        /// Their ids; the first is used.
        ids: Vec<i64>,
    },
    /// A row that could not be understood, outside the reminder window.
    BadData(BadData),
    /// A server or gateway that would take nothing, or was in trouble.
    InterfaceTrouble {
        /// The interface.
        interface_id: i64,
        /// Whether it refused us, rather than being in trouble.
        refused: bool,
        /// What it said.
        problem: String,
    },
    /// A server takes fewer connections at once than the settings say.
    FewerConnections {
        /// The interface.
        interface_id: i64,
        /// How many it has taken.
        connections: usize,
        /// The setting `connections`.
        wanted: usize,
        /// What became of one more.
        problem: String,
    },
    /// The pass ended before everything was handed over (A4), or was asked to.
    CutShort {
        /// Why.
        why: Deferral,
    },
    /// Several customers are reached by one number, as in families; each gets their own message.
    SharedNumbers {
        /// The numbers, masked, with the customers of each, by id.
        numbers: Vec<(String, Vec<i64>)>,
        /// How many more such numbers there are.
        unlisted: usize,
    },
    /// An SMS is longer than wanted; it is sent all the same.
    LongText {
        /// The name of its text.
        document_template: String,
        /// The segments of the longest one.
        segments: usize,
        /// The setting `max_segments`.
        most: u32,
    },
    /// A dry run of the past, from data as they are now.
    PresentData,
    /// Old values that a look at the past needs have been purged.
    PurgedData {
        /// How many.
        rows: usize,
    },
    /// A pass with a limit has left messages for the next one.
    OverLimit {
        /// How many messages it sends at most.
        limit: usize,
        /// Reminders that are left.
        reminders: usize,
        /// Confirmations that are left.
        confirmations: usize,
    },
    /// An earlier pass ended in the middle of hand-overs.
    Interrupted {
        /// How many messages are uncertain for that.
        messages: usize,
    },
    /// Messages were deferred for so long that their appointments have begun.
    TooLate {
        /// How many.
        messages: usize,
    },
}

impl Warning {
    /// The code in the JSON report.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BranchWithoutEffect { .. } => "branch_without_effect",
            Self::ServiceUnusable { cause, .. } | Self::InterfaceUnusable { cause, .. } => match cause {
                Unusable::NotServerSide => "interface_not_server_side",
                Unusable::NotStarted { .. } => "interface_not_started",
                Unusable::OtherWorkstation { .. } => "interface_other_workstation",
                Unusable::Faulty { .. } => "interface_faulty",
            },
            Self::NothingConfigured { .. } => "nothing_configured",
            Self::UnknownBranchCode { .. } => "branch_code_unknown",
            Self::TextUnusable { .. } | Self::CalendarTitleUnusable { .. } => "text_unusable",
            Self::InterfaceMissing { .. } => "interface_missing",
            Self::SeveralInterfaces { .. } => "several_interfaces",
            Self::BadData(_) => "bad_data",
            Self::InterfaceTrouble { refused: true, .. } => "interface_refused",
            Self::InterfaceTrouble { refused: false, .. } => "interface_trouble",
            Self::FewerConnections { .. } => "fewer_connections",
            Self::CutShort { .. } => "cut_short",
            Self::Interrupted { .. } => "interrupted",
            Self::TooLate { .. } => "too_late",
            Self::SharedNumbers { .. } => "shared_number",
            Self::LongText { .. } => "long_text",
            Self::OverLimit { .. } => "over_limit",
            Self::PresentData => "present_data",
            Self::PurgedData { .. } => "purged_data",
        }
    }

    /// The interface that it is about, if it is one alone.
    #[must_use]
    pub const fn interface_id(&self) -> Option<i64> {
        match self {
            Self::BranchWithoutEffect { interface_id }
            | Self::ServiceUnusable { interface_id, .. }
            | Self::InterfaceUnusable { interface_id, .. }
            | Self::InterfaceTrouble { interface_id, .. }
            | Self::FewerConnections { interface_id, .. } => Some(*interface_id),
            _ => None,
        }
    }

    /// The value that could not be understood, if it is about one.
    #[must_use]
    pub const fn bad_data(&self) -> Option<&BadData> {
        match self {
            Self::BadData(bad) => Some(bad),
            _ => None,
        }
    }

    /// Whether a person must act (exit status 1).
    #[must_use]
    pub const fn needs_person(&self) -> bool {
        match self {
            Self::BranchWithoutEffect { .. }
            | Self::SeveralInterfaces { .. }
            | Self::SharedNumbers { .. }
            | Self::LongText { .. }
            | Self::FewerConnections { .. }
            | Self::OverLimit { .. }
            | Self::PresentData
            | Self::PurgedData { .. } => false,
            // A2: only this one is a mistake; the others are wanted.
            Self::ServiceUnusable { cause, .. } => matches!(cause, Unusable::NotServerSide | Unusable::Faulty { .. }),
            Self::InterfaceUnusable { cause, channel_is_dead, .. } => {
                *channel_is_dead || matches!(cause, Unusable::Faulty { .. })
            }
            Self::CutShort { why } => !matches!(why, Deferral::TimeUp),
            Self::NothingConfigured { .. }
            | Self::UnknownBranchCode { .. }
            | Self::TextUnusable { .. }
            | Self::CalendarTitleUnusable { .. }
            | Self::InterfaceMissing { .. }
            | Self::BadData(_)
            | Self::InterfaceTrouble { .. }
            | Self::Interrupted { .. }
            | Self::TooLate { .. } => true,
        }
    }
}

/// What is known after the last message.
#[derive(Debug, Clone, Default)]
pub struct Closing {
    /// Appointments in the reminder window that were not reminded, by start, then id.
    pub skipped: Vec<Skipped>,
    /// Names of the customers in `skipped`.
    pub names: BTreeMap<i64, String>,
    /// Warnings.
    pub warnings: Vec<Warning>,
    /// The counts.
    pub totals: Totals,
    /// The recorded pass that this looks at again.
    pub replay: Option<Replay>,
}

/// The counts of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// All messages.
    pub messages: usize,
    /// Planned ones.
    pub planned: usize,
    /// Settled ones, in the order of [`State::ALL`].
    pub settled: [usize; State::ALL.len()],
    /// Appointments in `skipped`.
    pub skipped: usize,
    /// Whether one of the messages needs a person.
    pub needs_person: bool,
}

impl Totals {
    /// Counts a message.
    pub fn count(&mut self, message: &MessageReport) {
        self.messages += 1;
        match message.fate {
            Fate::Planned => self.planned += 1,
            Fate::Settled(state) => {
                for (other, count) in State::ALL.iter().zip(&mut self.settled) {
                    *count += usize::from(*other == state);
                }
            }
        }
        self.needs_person |= match message.fate {
            Fate::Settled(State::Failed | State::Uncertain) => true,
            Fate::Settled(State::Deferred) => message.deferral != Some(Deferral::TimeUp),
            _ => false,
        };
    }

    /// The number of messages in a state.
    #[must_use]
    pub fn of(&self, state: State) -> usize {
        State::ALL.iter().zip(self.settled).find(|(other, _)| **other == state).map_or(0, |(_, count)| count)
    }
}

impl Closing {
    /// How many messages a limit has left for the next pass.
    #[must_use]
    pub fn left_by_limit(&self) -> usize {
        let left = self.warnings.iter().filter_map(|warning| match warning {
            Warning::OverLimit { reminders, confirmations, .. } => Some(reminders + confirmations),
            _ => None,
        });
        left.sum()
    }

    /// The exit status of the contract: 1 if something needs a person.
    #[must_use]
    pub fn exit_status(&self) -> ExitStatus {
        let needs_person = self.totals.needs_person
            || self.warnings.iter().any(Warning::needs_person)
            || self.skipped.iter().any(|skipped| matches!(skipped.reason, Reason::BadData(_)));
        if needs_person { ExitStatus::NeedsPerson } else { ExitStatus::Complete }
    }
}

/// Takes a report part by part and writes it.
pub trait Printer {
    /// Takes what is known before the first message.
    ///
    /// # Errors
    /// If it cannot be written.
    fn begin(&mut self, heading: &Heading) -> std::io::Result<()>;

    /// Takes a message.
    ///
    /// # Errors
    /// If it cannot be written.
    fn message(&mut self, message: &MessageReport) -> std::io::Result<()>;

    /// Takes what is known after the last message.
    ///
    /// # Errors
    /// If it cannot be written.
    fn finish(&mut self, closing: &Closing) -> std::io::Result<()>;

    /// Hears how many messages of the pass have met their fate so far, again and again while they go out. They are
    /// taken later, many at a time. Of no matter to a report; for whoever shows a person how far a pass has come.
    fn so_far(&mut self, messages: usize) {
        let _ = messages;
    }
}

/// Two printers that take the same report.
#[derive(Debug)]
pub struct Both<A, B>(pub A, pub B);

impl<A: Printer, B: Printer> Printer for Both<A, B> {
    fn begin(&mut self, heading: &Heading) -> std::io::Result<()> {
        self.0.begin(heading)?;
        self.1.begin(heading)
    }

    fn message(&mut self, message: &MessageReport) -> std::io::Result<()> {
        self.0.message(message)?;
        self.1.message(message)
    }

    fn finish(&mut self, closing: &Closing) -> std::io::Result<()> {
        self.0.finish(closing)?;
        self.1.finish(closing)
    }

    fn so_far(&mut self, messages: usize) {
        self.0.so_far(messages);
        self.1.so_far(messages);
    }
}

impl<P: Printer + ?Sized> Printer for Box<P> {
    fn begin(&mut self, heading: &Heading) -> std::io::Result<()> {
        (**self).begin(heading)
    }

    fn message(&mut self, message: &MessageReport) -> std::io::Result<()> {
        (**self).message(message)
    }

    fn finish(&mut self, closing: &Closing) -> std::io::Result<()> {
        (**self).finish(closing)
    }

    fn so_far(&mut self, messages: usize) {
        (**self).so_far(messages);
    }
}

/// A printer that may be missing.
impl<P: Printer> Printer for Option<&mut P> {
    fn begin(&mut self, heading: &Heading) -> std::io::Result<()> {
        self.as_mut().map_or(Ok(()), |printer| printer.begin(heading))
    }

    fn message(&mut self, message: &MessageReport) -> std::io::Result<()> {
        self.as_mut().map_or(Ok(()), |printer| printer.message(message))
    }

    fn finish(&mut self, closing: &Closing) -> std::io::Result<()> {
        self.as_mut().map_or(Ok(()), |printer| printer.finish(closing))
    }

    fn so_far(&mut self, messages: usize) {
        if let Some(printer) = self {
            printer.so_far(messages);
        }
    }
}
