//! Why an appointment gets no reminder in a pass, with the facts.
//!
//! The reasons are in the order of the contract: the first that applies is the one that is told. The last one
//! is that of a pass with a limit, and no rule's.
//! Their words for people, German and English, are in `report::words`.

use chrono::{DateTime, NaiveDate, Utc};

use crate::contact::AddressFault;
use crate::model::{BadData, Channel, Kind};

/// Why an appointment gets no reminder in this pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Something in this row, its customer or its type cannot be understood.
    BadData(BadData),
    /// It has no customer (B1).
    NoCustomer,
    /// It is a group appointment (B2).
    Group,
    /// It is cancelled (B3).
    Cancelled,
    /// The customer did not come (B3).
    NoShow,
    /// Its type does not allow automatic messages (B1).
    TypeNotAllowed {
        /// The type.
        type_id: i64,
    },
    /// The branch filter leaves its branch out (B4).
    BranchNotSelected {
        /// The branch's code.
        code: String,
    },
    /// The customer has died (B6).
    Deceased,
    /// The customer wants no messages (B6).
    NoMessagesWanted,
    /// A reminder has stated this start already (E4).
    AlreadyReminded {
        /// The reminder.
        message_id: i64,
        /// When it was sent.
        at: DateTime<Utc>,
    },
    /// The customer had a message a short while ago (E3).
    RecentMessage {
        /// The message that holds the appointment back longest.
        message_id: i64,
        /// What it was for.
        kind: Kind,
        /// When it was sent.
        at: DateTime<Utc>,
        /// From when on a reminder may be sent.
        until: DateTime<Utc>,
    },
    /// No channel is usable (F5): the reason for each, in the order in which they were tried.
    Unreachable(Vec<(Channel, Obstacle)>),
    /// A reminder is due and waits for the next pass: others are more urgent, and this one sends only so many.
    OverLimit {
        /// How many messages the pass sends at most.
        limit: usize,
    },
}

impl Reason {
    /// The words of all reasons, in the order of the contract.
    pub const WORDS: [&'static str; 13] = [
        "bad_data",
        "no_customer",
        "group",
        "cancelled",
        "no_show",
        "type_not_allowed",
        "branch_not_selected",
        "deceased",
        "no_messages_wanted",
        "already_reminded",
        "recent_message",
        "unreachable",
        "over_limit",
    ];

    /// The reason's word in the JSON report.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::BadData(_) => "bad_data",
            Self::NoCustomer => "no_customer",
            Self::Group => "group",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
            Self::TypeNotAllowed { .. } => "type_not_allowed",
            Self::BranchNotSelected { .. } => "branch_not_selected",
            Self::Deceased => "deceased",
            Self::NoMessagesWanted => "no_messages_wanted",
            Self::AlreadyReminded { .. } => "already_reminded",
            Self::RecentMessage { .. } => "recent_message",
            Self::Unreachable(_) => "unreachable",
            Self::OverLimit { .. } => "over_limit",
        }
    }
}

/// Why a channel cannot be used for a message (F3, F7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// The customer has no e-mail address, or no telephone number.
    NoAddress,
    /// The address or number is wrong.
    Invalid(AddressFault),
    /// There are numbers, but none may get text messages.
    SmsNotAllowed,
    /// The number is valid, but no mobile one.
    NotMobile,
    /// Street, postcode or city is missing.
    PostalAddressIncomplete,
    /// It was rejected for good there before (F7).
    RejectedBefore {
        /// The message that was rejected.
        message_id: i64,
    },
    /// No interface is usable for this branch (F4).
    NoInterface,
}

/// Why an interface cannot be used now (A2, F4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// It is not set up for use on the server.
    NotServerSide,
    /// Its start date is still to come.
    NotStarted {
        /// The start date.
        from: NaiveDate,
    },
    /// It is bound to another computer.
    OtherWorkstation {
        /// The computer to which it is bound.
        workstation: String,
    },
    /// Its settings are wrong.
    Faulty {
        /// The faults, in English, in one line.
        faults: String,
    },
}
