//! What the database holds, as read: branches, customers, appointments, texts and interfaces; and, of the
//! record, messages, passes and what may be purged.
//!
//! Nothing here decides anything; the rules do. A row that could not be understood is a
//! [`BadData`], so that one bad row can be named without stopping the rest.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use crate::zone::stored;

/// Declares an enum whose values are stored as fixed words in the database and in the report.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every value, in the order of its declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands for the value in the database and in the JSON report.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value that `word` stands for; `None` for any other word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.word() == word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// A way to reach a customer.
    Channel {
        /// An e-mail.
        Email = "email",
        /// A text message to a mobile telephone.
        Sms = "sms",
        /// A letter, written and posted by staff.
        Letter = "letter",
        /// A call, made by staff.
        Phone = "phone",
    }
}

words! {
    /// How a pass went as a whole.
    PassResult {
        /// It looked at the appointments.
        Complete = "complete",
        /// It is quiet time (rule A3).
        Quiet = "quiet",
        /// The service may not be used now or here (rule A2).
        Inactive = "inactive",
    }
}

words! {
    /// What a message is for.
    Kind {
        /// Confirms the appointments of the months ahead (rules, chapter D).
        Confirmation = "confirmation",
        /// Reminds of appointments that are near (rules, chapter E).
        Reminder = "reminder",
        /// Written or said by a person, recorded by other software.
        Manual = "manual",
    }
}

words! {
    /// The status of an appointment.
    Status {
        /// Offered, not yet agreed.
        Proposed = "proposed",
        /// Booked.
        Booked = "booked",
        /// Confirmed by the customer.
        Confirmed = "confirmed",
        /// The customer is here.
        Arrived = "arrived",
        /// Over.
        Completed = "completed",
        /// Cancelled (Storniert).
        Cancelled = "cancelled",
        /// The customer did not come (Geplatzt).
        NoShow = "no_show",
    }
}

words! {
    /// What became of a message, as the ledger has it.
    State {
        /// Claimed: written down before the hand-over, not settled yet.
        Sending = "sending",
        /// Taken by the mail server or the gateway.
        Sent = "sent",
        /// Given to staff as a task.
        HandedOver = "handed_over",
        /// Perhaps sent: nobody answered whether it arrived.
        Uncertain = "uncertain",
        /// Rejected for good at this address.
        Failed = "failed",
        /// Certainly not sent; a later pass decides anew.
        Deferred = "deferred",
        /// Seen to be unwanted just before the hand-over, and not sent.
        Withdrawn = "withdrawn",
    }
}

impl State {
    /// Whether a message in this state counts as told (rule C2). One whose hand-over was begun and
    /// never settled counts as well, since it may have arrived.
    #[must_use]
    pub const fn counts(self) -> bool {
        match self {
            Self::Sending | Self::Sent | Self::HandedOver | Self::Uncertain => true,
            Self::Failed | Self::Deferred | Self::Withdrawn => false,
        }
    }

    /// Whether a message can go from this state to `next`. The database refuses every other way; both
    /// are drawn in the README.
    #[must_use]
    pub const fn leads_to(self, next: Self) -> bool {
        match self {
            Self::Sending => !matches!(next, Self::Sending),
            Self::Deferred => matches!(next, Self::Sending | Self::Withdrawn),
            Self::Uncertain => matches!(next, Self::Sending | Self::Sent | Self::Failed | Self::Deferred),
            Self::Sent | Self::HandedOver => matches!(next, Self::Failed),
            Self::Failed | Self::Withdrawn => false,
        }
    }
}

words! {
    /// The format of a document template.
    Format {
        /// Plain text, the only one that can be sent.
        PlainText = "plain_text",
        /// HTML.
        Html = "html",
        /// `OpenDocument` text.
        Odt = "odt",
    }
}

words! {
    /// What an interface is for.
    InterfaceKind {
        /// The service itself: when and of what customers are notified.
        AppointmentNotification = "appointment_notification",
        /// A mail server.
        Smtp = "smtp",
        /// An SMS gateway.
        Sms = "sms",
    }
}

/// A value in a row that cannot be understood, with the place where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BadData {
    /// The table.
    pub table: &'static str,
    /// The row's id.
    pub row: i64,
    /// The column.
    pub column: &'static str,
    /// What is wrong with the value.
    pub problem: Problem,
}

impl fmt::Display for BadData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, {}: {}", self.table, self.row, self.column, self.problem)
    }
}

/// What is wrong with a value. It prints as a fragment of a sentence in English; for people there
/// are words in `report::words`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Problem {
    /// The bytes of a text are none in UTF-8.
    #[error("bytes that are no UTF-8 text; write the value again in UTF-8")]
    NotUtf8,
    /// It is NULL.
    #[error("nothing where {needed} is needed")]
    Missing {
        /// What would be right.
        needed: Needed,
    },
    /// It is stored as something else.
    #[error("{found} where {needed} is needed")]
    WrongKind {
        /// As what it is stored.
        found: Found,
        /// What would be right.
        needed: Needed,
    },
    /// It is neither 0 nor 1.
    #[error("{found} where 0 or 1 is needed")]
    NoFlag {
        /// The number.
        found: i64,
    },
    /// It is none of the words that stand there.
    #[error("\"{word}\" is no known word")]
    UnknownWord {
        /// The word.
        word: String,
    },
    /// It is no local time.
    #[error("\"{text}\" where a time such as 2026-03-10 19:00 is needed")]
    NoTime {
        /// What is there.
        text: String,
    },
    /// It is no date.
    #[error("\"{text}\" where a date such as 2026-03-10 is needed")]
    NoDate {
        /// What is there.
        text: String,
    },
    /// It is no instant in UTC.
    #[error("\"{text}\" where an instant such as 2026-03-10T18:00:00Z is needed")]
    NoInstant {
        /// What is there.
        text: String,
    },
    /// The appointment ends before it starts.
    #[error("{} is before its start, {}", stored(*.end), stored(*.start))]
    EndBeforeStart {
        /// When it ends, local.
        end: NaiveDateTime,
        /// The later one of its starts, local.
        start: NaiveDateTime,
    },
    /// It names a row that is not there.
    #[error("there is no {table} {id}")]
    NoSuchRow {
        /// The table.
        table: &'static str,
        /// The row's id.
        id: i64,
    },
    /// The database did not give it.
    #[error("{error}")]
    Unreadable {
        /// The database's words, in English.
        error: String,
    },
}

/// What a value needs to be. It prints in English, with its article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needed {
    /// A text.
    Text,
    /// A whole number.
    WholeNumber,
    /// A local time.
    Time,
}

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "a text",
            Self::WholeNumber => "a whole number",
            Self::Time => "a time",
        })
    }
}

/// As what a value is stored. It prints as the database calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found {
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Real,
    /// A text.
    Text,
    /// Bytes.
    Blob,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Integer => "Integer",
            Self::Real => "Real",
            Self::Text => "Text",
            Self::Blob => "Blob",
        })
    }
}

/// A branch (Filiale).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Its id.
    pub id: i64,
    /// Its code (Filialkürzel), unique in the chain.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Street and number.
    pub street: Option<String>,
    /// Postcode.
    pub postcode: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// Telephone number, as a customer would dial it.
    pub phone: Option<String>,
    /// E-mail address, where answers go.
    pub email: Option<String>,
}

/// What a customer prefers (the mark in the home address).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preference {
    /// To be reached by this channel.
    By(Channel),
    /// No messages at all (keine Nachricht).
    NoMessages,
}

/// One of the up to three telephone numbers of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// 1 to 3; the lowest is tried first.
    pub position: i64,
    /// The number as somebody typed it.
    pub number: String,
    /// Whether text messages may go there.
    pub sms_allowed: bool,
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Their id.
    pub id: i64,
    /// "Frau", "Herr Dr.", or whatever the practice writes.
    pub salutation: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The language in which they want to be written to, such as `de` or `en`.
    pub language: Option<String>,
    /// The preferred contact; `None` leaves the order to the contact template.
    pub preferred_contact: Option<Preference>,
    /// Whether they have died.
    pub deceased: bool,
    /// E-mail address, as typed.
    pub email: Option<String>,
    /// Street and number of the home address.
    pub street: Option<String>,
    /// Postcode of the home address.
    pub postcode: Option<String>,
    /// Town of the home address.
    pub city: Option<String>,
    /// Telephone numbers, by position.
    pub phones: Vec<Phone>,
}

impl Customer {
    /// First and last name in one line, as a header and a report need them; `None` without any.
    #[must_use]
    pub fn full_name(&self) -> Option<String> {
        full_name([self.first_name.as_deref(), self.last_name.as_deref()])
    }

    /// The home address in one line, as a letter needs it; `None` if a part of it is missing.
    #[must_use]
    pub fn postal_address(&self) -> Option<String> {
        let filled =
            |part: &Option<String>| part.as_deref().map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned);
        let (street, postcode, city) = (filled(&self.street)?, filled(&self.postcode)?, filled(&self.city)?);
        Some(format!("{street}, {postcode} {city}"))
    }
}

/// The parts of a name in one line; `None` if nothing is in them.
pub(crate) fn full_name(parts: [Option<&str>; 2]) -> Option<String> {
    let words: Vec<&str> = parts.into_iter().flatten().flat_map(str::split_whitespace).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// A type of appointment (Termintyp).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppointmentType {
    /// Its id.
    pub id: i64,
    /// Its name. It can be health data, so that no text names it unless the chain wants it.
    pub name: String,
    /// Whether customers may be notified of such appointments (rule B1).
    pub auto_notify: bool,
}

/// An appointment. Its times are wall-clock times in the chain's zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// Its id.
    pub id: i64,
    /// The branch where it takes place.
    pub branch_id: i64,
    /// The customer; a blocked slot or a group has none.
    pub customer_id: Option<i64>,
    /// Its type.
    pub type_id: i64,
    /// Its status.
    pub status: Status,
    /// Whether it is a group appointment.
    pub is_group: bool,
    /// When it starts in the practice's calendar.
    pub starts_at: NaiveDateTime,
    /// When it ends.
    pub ends_at: NaiveDateTime,
    /// When the customer is to be there, if that differs.
    pub customer_starts_at: Option<NaiveDateTime>,
}

impl Appointment {
    /// The start in the words of the rules: the customer's, else the calendar's. Local time.
    #[must_use]
    pub fn start(&self) -> NaiveDateTime {
        self.customer_starts_at.unwrap_or(self.starts_at)
    }
}

/// A document template in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentTemplate {
    /// Its id.
    pub id: i64,
    /// Its name, shared by its languages.
    pub name: String,
    /// Its language; `None` serves every language without its own.
    pub language: Option<String>,
    /// Its format.
    pub format: Format,
    /// The subject, for e-mails and letters.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
}

/// A contact template (Kontaktvorlage): which channels, in which order, with which texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactTemplate {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The channels in order of position, each with the name of its document template.
    pub channels: Vec<(Channel, String)>,
}

/// A row of the table `interface`, its settings still as text.
#[derive(Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its id.
    pub id: i64,
    /// What it is for.
    pub kind: InterfaceKind,
    /// The branch that it serves; `None` serves the chain.
    pub branch_id: Option<i64>,
    /// The one computer that may use it; `None` allows any.
    pub workstation: Option<String>,
    /// Whether it is set up for use on the server.
    pub server_side: bool,
    /// The first local day on which it may be used; `None` means at once.
    pub start_date: Option<NaiveDate>,
    /// The settings as stored. They may hold secrets, so that they are never printed.
    pub settings: String,
}

impl fmt::Debug for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interface").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A message in the record, as far as the rules need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The message's id.
    pub message_id: i64,
    /// What it was for.
    pub kind: Kind,
    /// How it went; `None` where other software recorded something else.
    pub channel: Option<Channel>,
    /// The address that was used, as recorded.
    pub address: String,
    /// What became of it.
    pub state: State,
    /// When it was sent: the instant of its pass, or of the message by hand (rule C2).
    pub sent_at: DateTime<Utc>,
    /// The pass that wrote it; `None` of a message by hand.
    pub pass_id: Option<i64>,
    /// The appointments that it covered.
    pub covers: Vec<Stated>,
}

/// What staff have told a customer by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToldByHand {
    /// The message.
    pub message_id: i64,
    /// How it was told.
    pub channel: Channel,
    /// When.
    pub at: DateTime<Utc>,
}

/// What a message stated of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated {
    /// The appointment.
    pub appointment_id: i64,
    /// Its start, local; `None` if that was not known.
    pub start: Option<NaiveDateTime>,
    /// The number of changed starts told by then (rule H), of automatic messages.
    pub sequence: Option<u32>,
}

/// A message of the record with everything that is known of it, as the histories show it (rule G1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The message's id.
    pub message_id: i64,
    /// What it was for.
    pub kind: Kind,
    /// Who it was for.
    pub customer_id: i64,
    /// Their name, if they are still there.
    pub customer_name: Option<String>,
    /// How it went.
    pub channel: Channel,
    /// The full address, as recorded.
    pub address: String,
    /// Its subject.
    pub subject: Option<String>,
    /// Its text.
    pub body: String,
    /// The language of the text.
    pub language: Option<String>,
    /// The calendar file that went with it.
    pub calendar: Option<String>,
    /// What became of it.
    pub state: State,
    /// The instant of its pass, or of the message by hand (rule C2).
    pub sent_at: DateTime<Utc>,
    /// When its fate was known.
    pub settled_at: Option<DateTime<Utc>>,
    /// When staff closed the task.
    pub done_at: Option<DateTime<Utc>>,
    /// What went wrong, if anything.
    pub error: Option<String>,
    /// The pass.
    pub pass_id: Option<i64>,
    /// The interface that handed it over.
    pub interface_id: Option<i64>,
    /// How often it was repeated (rule G3).
    pub repeats: i64,
    /// Our own name for it: the part of the Message-ID before the `@`, or the reference at the gateway.
    pub reference: Option<String>,
    /// The server's name for it.
    pub server_reference: Option<String>,
    /// The server's answer.
    pub reply: Option<String>,
    /// What it covered.
    pub covers: Vec<Stated>,
    /// When text and address were taken out of the record.
    pub purged_at: Option<DateTime<Utc>>,
}

/// How many rows, and from when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many.
    pub rows: usize,
    /// The oldest and the newest instant; `None` if there are no rows.
    pub range: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Tally {
    /// Counts a row; one whose instant cannot be understood only by its number.
    pub fn count(&mut self, at: Option<DateTime<Utc>>) {
        self.rows += 1;
        if let Some(at) = at {
            let (oldest, newest) = self.range.unwrap_or((at, at));
            self.range = Some((oldest.min(at), newest.max(at)));
        }
    }
}

/// What would be taken out, and what would not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Purgeable {
    /// The messages, by id.
    pub ids: Vec<i64>,
    /// How many of each kind; a kind that cannot be understood has no name.
    pub messages: BTreeMap<Option<Kind>, Tally>,
    /// The messages that are left alone since their fate is open.
    pub unsettled: Vec<i64>,
    /// How many are left alone since their appointment is not past.
    pub needed: usize,
    /// Recorded changes, by the table that was changed.
    pub changes: BTreeMap<String, Tally>,
}

/// A message of a recorded pass, as the record has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedMessage {
    /// Its id.
    pub id: i64,
    /// How it went.
    pub channel: Channel,
    /// The full address.
    pub address: String,
    /// What came of it in that pass.
    pub state: State,
    /// What went wrong.
    pub error: Option<String>,
    /// Its state now; `None` if it has been deleted.
    pub now: Option<State>,
    /// What has gone wrong by now.
    pub now_error: Option<String>,
}

/// A value, or a whole row, that is another one than at an instant of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The table.
    pub table: &'static str,
    /// The id of the row.
    pub row: i64,
    /// The rest of its key where that has two columns, else 0.
    pub part: i64,
    /// The column; `None` if the row is new (it has no `then`) or gone (it has no `now`).
    pub column: Option<&'static str>,
    /// The value then.
    pub then: Option<String>,
    /// The value now.
    pub now: Option<String>,
}

/// A real pass that is looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayedPass {
    /// Its id.
    pub id: i64,
    /// Its instant, if that can be understood.
    pub at: Option<chrono::DateTime<chrono::Utc>>,
    /// How many messages it was to send at most.
    pub limit: Option<usize>,
    /// The computer.
    pub host: String,
    /// The program's version.
    pub version: String,
    /// When it ended, if it did.
    pub finished_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Its exit status, if it ended.
    pub exit_status: Option<i64>,
    /// Secrets that it could not read, and why.
    pub secrets_missing: std::collections::BTreeMap<String, String>,
}

/// A real pass, by the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedPass {
    /// Its id.
    pub id: i64,
    /// Its instant.
    pub at: DateTime<Utc>,
    /// When it came to its end; `None` if it did not.
    pub finished_at: Option<DateTime<Utc>>,
    /// How it went; `None` if it never finished.
    pub result: Option<PassResult>,
    /// Its exit status.
    pub exit_status: Option<i64>,
    /// Messages that failed in it, …
    pub failed: i64,
    /// … became uncertain, …
    pub uncertain: i64,
    /// … and were deferred.
    pub deferred: i64,
    /// Messages that its limit has left for the next one.
    pub over_limit: i64,
    /// The computer on which it ran.
    pub host: String,
    /// The mark of its process there.
    pub process: Option<String>,
}
