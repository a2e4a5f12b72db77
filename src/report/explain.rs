//! Explanations: neutral data, then text and JSON.

mod json;
mod text;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::model::{Entry, RecordedPass, Status};
use crate::report::Warning;
use crate::rules::explain::{Fact, Step};
use crate::rules::{CustomerRow, Decision};
use crate::zone::Zone;

pub use self::json::json;
pub use self::text::text;
pub(in crate::report) use self::text::write;

/// What is explained.
#[derive(Debug)]
pub enum Report {
    /// One appointment.
    Appointment(Box<AppointmentReport>),
    /// An appointment that is not there, and of which messages spoke.
    Deleted(Deleted),
    /// A customer.
    Customer(Box<CustomerReport>),
}

/// An appointment, as its heading shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its id.
    pub id: i64,
    /// Its start, local.
    pub start: Option<NaiveDateTime>,
    /// Its status.
    pub status: Option<Status>,
    /// Code and name of its branch.
    pub branch: Option<(String, String)>,
    /// Its customer.
    pub customer_id: Option<i64>,
    /// Their name.
    pub customer_name: Option<String>,
}

/// An appointment, every rule, and the record.
#[derive(Debug)]
pub struct AppointmentReport {
    /// The chain's zone.
    pub zone: Zone,
    /// The instant that is looked at.
    pub at: DateTime<Utc>,
    /// The appointment.
    pub shown: Shown,
    /// Chapters A to C.
    pub general: Vec<Step>,
    /// Chapters E and F.
    pub reminder: HalfReport,
    /// Chapters D and F.
    pub confirmation: HalfReport,
    /// The messages about it.
    pub messages: Vec<Entry>,
    /// Messages to other customers at the same addresses at about the same time, as in families.
    pub others: Vec<Entry>,
    /// The real pass of that very instant.
    pub pass: Option<RecordedPass>,
    /// What the passes made of it.
    pub passes: Vec<PassGroup>,
    /// The first pass whose reminder window had it.
    pub first_reminder: Option<DateTime<Utc>>,
    /// The first pass whose dates of confirmation had it.
    pub first_confirmation: Option<DateTime<Utc>>,
    /// What the data of the past cannot show as it was.
    pub about_the_past: Option<Warning>,
}

/// What the rules say to one kind of message.
#[derive(Debug)]
pub struct HalfReport {
    /// The steps of its own chapters.
    pub steps: Vec<Step>,
    /// The first step that stops it, in all chapters.
    pub stop: Option<Step>,
    /// The message that a pass would send.
    pub message: Option<Decision>,
    /// When a later pass would send one.
    pub next: Next,
}

impl HalfReport {
    /// Whether such messages are not set up at all.
    #[must_use]
    pub fn is_not_set_up(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.fact, Fact::NotSetUp(_)))
    }
}

/// When the next pass would send a message.
#[derive(Debug)]
pub enum Next {
    /// The pass at this instant.
    At {
        /// The instant.
        at: DateTime<Utc>,
        /// Whether the record shows at which minute passes run.
        known_rhythm: bool,
    },
    /// The appointment has begun.
    Begun,
    /// Such messages are not set up.
    NotSetUp,
    /// No pass comes before it begins.
    NoPassLeft {
        /// At which minute of the hour passes run.
        minute: u32,
    },
    /// None will.
    Never {
        /// What stops the last pass before it begins.
        step: Step,
        /// That pass.
        last: DateTime<Utc>,
    },
    /// Too little of the data can be understood.
    Unknown,
}

/// Passes in a row that came to the same.
#[derive(Debug, PartialEq, Eq)]
pub struct PassGroup {
    /// The first.
    pub from: DateTime<Utc>,
    /// The last.
    pub until: DateTime<Utc>,
    /// How many.
    pub passes: usize,
    /// The id of the first.
    pub pass_id: i64,
    /// Whether the reminder window had the appointment.
    pub reached: bool,
    /// What it came to.
    pub verdict: PassVerdict,
    /// The message about the appointment, of any kind.
    pub message_id: Option<i64>,
    /// The message as the pass left it, if a later pass has used its row again.
    pub then: Option<Entry>,
    /// How many messages it deferred.
    pub deferred: i64,
    /// Its exit status.
    pub exit_status: Option<i64>,
}

impl PassGroup {
    /// Whether another pass came to the same.
    #[must_use]
    pub fn joins(&self, next: &Self) -> bool {
        self.message_id.is_none()
            && next.message_id.is_none()
            && self.reached == next.reached
            && self.verdict == next.verdict
            && !matches!(self.verdict, PassVerdict::Reminds)
    }
}

/// What a pass came to, about the reminder.
#[derive(Debug, PartialEq, Eq)]
pub enum PassVerdict {
    /// A rule stopped it.
    Stopped(Step),
    /// The rules say that it reminds.
    Reminds,
    /// So they say, but it sent only the most urgent ones, and not this one.
    OverLimit,
    /// The appointment was not there.
    NotThere,
    /// It was quiet.
    Quiet,
    /// The service was not in operation.
    Inactive,
    /// The pass never came to its end.
    Unfinished,
}

/// An appointment that is not there.
#[derive(Debug)]
pub struct Deleted {
    /// The chain's zone.
    pub zone: Zone,
    /// The instant that is looked at.
    pub at: DateTime<Utc>,
    /// Its id.
    pub id: i64,
    /// What was said of it.
    pub messages: Vec<Entry>,
}

/// A customer and their appointments.
#[derive(Debug)]
pub struct CustomerReport {
    /// The chain's zone.
    pub zone: Zone,
    /// The instant that is looked at.
    pub at: DateTime<Utc>,
    /// The id that was asked for.
    pub id: i64,
    /// The customer.
    pub customer: CustomerRow,
    /// Each channel with its address or what is in its way.
    pub addresses: Vec<Fact>,
    /// What stops the whole chain.
    pub stop: Option<Step>,
    /// Their appointments: what is known, the reminder, the confirmation.
    pub appointments: Vec<(Shown, HalfReport, HalfReport)>,
    /// The messages to them.
    pub messages: Vec<Entry>,
    /// As in [`AppointmentReport`].
    pub others: Vec<Entry>,
    /// As in [`AppointmentReport`].
    pub about_the_past: Option<Warning>,
}
