//! F3: what became of a task that was handed over to staff.

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::model::{Channel, Status, ToldByHand};
use crate::zone::Zone;

/// A task for staff that is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The id of its message, which is the task's own.
    pub id: i64,
    /// A letter or a call.
    pub channel: Channel,
    /// The address, or the number as stored.
    pub address: String,
    /// The subject of a letter.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
    /// The pass that made it.
    pub sent_at: DateTime<Utc>,
    /// The customer.
    pub customer_id: i64,
    /// Their name, if they are still there.
    pub customer_name: Option<String>,
    /// Whether they want no messages any more, or have died.
    pub unwanted: bool,
    /// The appointments that it covers.
    pub covers: Vec<TaskAppointment>,
    /// The home address, or the telephone numbers, that the customer has now; `None` if nothing can be read of them.
    pub present_addresses: Option<Vec<String>>,
    /// The newest message by hand about one of them since the task was made.
    pub by_hand: Option<ToldByHand>,
}

/// An appointment that a task covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskAppointment {
    /// The appointment.
    pub id: i64,
    /// The start that the text states.
    pub stated: Option<NaiveDateTime>,
    /// What the appointment is now; `None` if it is gone or cannot be understood.
    pub present: Option<Present>,
}

/// An appointment as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// Its branch.
    pub branch_id: i64,
    /// Its customer.
    pub customer_id: Option<i64>,
    /// Its start, local.
    pub start: NaiveDateTime,
    /// Its status.
    pub status: Status,
}

/// What a task is to staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskState {
    /// To be done before the start of its first appointment.
    Open,
    /// Not to be done any more: cancelled, moved, or the customer wants or needs none.
    Withdrawn,
    /// Not done in time.
    Missed,
}

impl Task {
    /// What the task is at `now`.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>, zone: Zone) -> TaskState {
        if self.unwanted || !self.covers.iter().any(|covered| self.stands(covered)) {
            return TaskState::Withdrawn;
        }
        match self.needed_by() {
            Some(start) if zone.instant(start) > now => TaskState::Open,
            _ => TaskState::Missed,
        }
    }

    /// The local time by which it is needed: the first start that it states and that still stands.
    #[must_use]
    pub fn needed_by(&self) -> Option<NaiveDateTime> {
        self.covers.iter().filter(|covered| self.stands(covered)).filter_map(|covered| covered.stated).min()
    }

    /// The appointments that it states and that have been cancelled, moved or deleted since.
    pub fn changed(&self) -> impl Iterator<Item = &TaskAppointment> {
        self.covers.iter().filter(|covered| !self.stands(covered))
    }

    /// The branch of the first appointment that still stands, else of the first that is known.
    #[must_use]
    pub fn branch_id(&self) -> Option<i64> {
        let branch = |covered: &TaskAppointment| covered.present.as_ref().map(|present| present.branch_id);
        self.covers
            .iter()
            .filter(|covered| self.stands(covered))
            .find_map(branch)
            .or_else(|| self.covers.iter().find_map(branch))
    }

    /// What the customer has now instead of the address or number that the task names; `None` if that is still right.
    #[must_use]
    pub fn other_addresses(&self) -> Option<&[String]> {
        let digits = |number: &str| number.chars().filter(char::is_ascii_digit).collect::<String>();
        let is_the_same = |present: &String| match self.channel {
            Channel::Letter => *present == self.address,
            // However it is spelled.
            Channel::Email | Channel::Sms | Channel::Phone => digits(present) == digits(&self.address),
        };
        self.present_addresses.as_deref().filter(|present| !present.iter().any(is_the_same))
    }

    fn stands(&self, covered: &TaskAppointment) -> bool {
        covered.present.as_ref().is_some_and(|present| {
            Some(present.start) == covered.stated
                && present.customer_id == Some(self.customer_id)
                && !matches!(present.status, Status::Cancelled | Status::NoShow)
        })
    }
}
