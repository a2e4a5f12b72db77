//! Why an appointment gets no reminder in a pass, with the facts.
//!
//! The reasons are in the order of the contract: the first that applies is the one that is told. The last one
//! is that of a pass with a limit, and no rule's.
//! Their words for people, German and English, are in `report::words`.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};

use crate::contact::AddressFault;
use crate::model::{BadData, Channel, Kind, ToldByHand, words};

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
    /// No channel is usable (F5).
    Unreachable {
        /// The reason for each channel, in the order in which they were tried.
        obstacles: Vec<(Channel, Obstacle)>,
        /// What staff have told the customer of this start already.
        by_hand: Option<ToldByHand>,
    },
    /// A reminder is due and waits for the next pass: others are more urgent, and this one sends only so many.
    OverLimit {
        /// How many messages the pass sends at most.
        limit: usize,
    },
}

words! {
    /// A reason without its facts, in the order of the contract.
    ReasonKind {
        /// [`Reason::BadData`]
        BadData = "bad_data",
        /// [`Reason::NoCustomer`]
        NoCustomer = "no_customer",
        /// [`Reason::Group`]
        Group = "group",
        /// [`Reason::Cancelled`]
        Cancelled = "cancelled",
        /// [`Reason::NoShow`]
        NoShow = "no_show",
        /// [`Reason::TypeNotAllowed`]
        TypeNotAllowed = "type_not_allowed",
        /// [`Reason::BranchNotSelected`]
        BranchNotSelected = "branch_not_selected",
        /// [`Reason::Deceased`]
        Deceased = "deceased",
        /// [`Reason::NoMessagesWanted`]
        NoMessagesWanted = "no_messages_wanted",
        /// [`Reason::AlreadyReminded`]
        AlreadyReminded = "already_reminded",
        /// [`Reason::RecentMessage`]
        RecentMessage = "recent_message",
        /// [`Reason::Unreachable`]
        Unreachable = "unreachable",
        /// [`Reason::OverLimit`]
        OverLimit = "over_limit",
    }
}

impl Reason {
    /// The reason without its facts.
    #[must_use]
    pub const fn kind(&self) -> ReasonKind {
        match self {
            Self::BadData(_) => ReasonKind::BadData,
            Self::NoCustomer => ReasonKind::NoCustomer,
            Self::Group => ReasonKind::Group,
            Self::Cancelled => ReasonKind::Cancelled,
            Self::NoShow => ReasonKind::NoShow,
            Self::TypeNotAllowed { .. } => ReasonKind::TypeNotAllowed,
            Self::BranchNotSelected { .. } => ReasonKind::BranchNotSelected,
            Self::Deceased => ReasonKind::Deceased,
            Self::NoMessagesWanted => ReasonKind::NoMessagesWanted,
            Self::AlreadyReminded { .. } => ReasonKind::AlreadyReminded,
            Self::RecentMessage { .. } => ReasonKind::RecentMessage,
            Self::Unreachable { .. } => ReasonKind::Unreachable,
            Self::OverLimit { .. } => ReasonKind::OverLimit,
        }
    }

    /// The reason's word in the JSON report.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        self.kind().word()
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
