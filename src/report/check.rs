//! What `terminbote check` has found: neutral data first, then text and JSON that compute nothing.
//!
//! Each [`Matter`] is one thing that was looked at. It knows its own [`Mark`]; the exit status
//! follows from the marks alone. What is well is said too, so that a short list cannot be mistaken
//! for a check that looked at nothing. No matter holds a secret, and addresses of people are in
//! none of them but masked: customers are named by their ids.

mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat};
use serde::Serialize;
use serde_json::{Value, json};

use super::Warning;
use super::forecast::{Numbers, Volume};
use super::json_text;
use super::lines::Page;
use super::words::{Lang, moment, say};
use crate::contact::AddressFault;
use crate::exit::ExitStatus;
use crate::model::{BadData, Channel, InterfaceKind};
use crate::rules::reason::{Obstacle, Unusable};
use crate::rules::schedule::Stretch;
use crate::segments::{Encoding, Segments};
use crate::settings::{ConfirmationSettings, NightRest, ReminderSettings};
use crate::zone::{Zone, stored};

/// How many rows of a table, and how many customers of a group, are named; the rest is counted.
pub const NAMED: usize = 20;

/// How many customers of a group are named.
pub const CUSTOMERS_NAMED: usize = 10;

/// What a finding means to whoever reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// All is well.
    Ok,
    /// Worth knowing; nobody has to act.
    Note,
    /// Somebody has to act.
    Person,
}

impl Mark {
    /// Every mark.
    pub const ALL: [Self; 3] = [Self::Ok, Self::Note, Self::Person];

    /// The word in the JSON report.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Person => "needs_person",
        }
    }
}

/// What was looked at; a chapter of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// The rows of the table `interface`.
    Interfaces,
    /// The settings of the service.
    Service,
    /// Whether hourly passes remind of every start.
    Schedule,
    /// The texts in use.
    Texts,
    /// Mail servers and gateways.
    Servers,
    /// Rows that no pass could understand.
    Rows,
    /// Whether customers can be reached.
    Customers,
    /// File, clock, zone, disk.
    Machine,
    /// Test messages.
    Tests,
}

impl Area {
    /// Every area, in the order of the report.
    pub const ALL: [Self; 9] = [
        Self::Interfaces,
        Self::Service,
        Self::Schedule,
        Self::Texts,
        Self::Servers,
        Self::Rows,
        Self::Customers,
        Self::Machine,
        Self::Tests,
    ];

    /// The word in the JSON report.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Interfaces => "interfaces",
            Self::Service => "service",
            Self::Schedule => "schedule",
            Self::Texts => "texts",
            Self::Servers => "servers",
            Self::Rows => "rows",
            Self::Customers => "customers",
            Self::Machine => "machine",
            Self::Tests => "tests",
        }
    }
}

/// Where an interface leads. Never a log-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To a mail server.
    Server {
        /// Host and port.
        address: String,
        /// Whether the connection is encrypted.
        encrypted: bool,
    },
    /// To an SMS gateway.
    Gateway {
        /// Its name in the settings.
        name: &'static str,
        /// Its host.
        host: Option<String>,
    },
    /// Into a folder of this computer.
    Folder(String),
}

/// A row of the table `interface`, as the mask shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceLine {
    /// Its id.
    pub id: i64,
    /// What it is for.
    pub kind: InterfaceKind,
    /// The branch that it serves, by its code or, if there is none of that id, its id.
    pub branch: Option<String>,
    /// The computer to which it is bound.
    pub workstation: Option<String>,
    /// Whether it is set up for use on the server.
    pub server_side: bool,
    /// The first day on which it may be used.
    pub start: Option<NaiveDate>,
    /// Where it leads; `None` for the service itself, and where the settings do not say.
    pub target: Option<Target>,
    /// Everything that keeps it from being used now.
    pub causes: Vec<Unusable>,
    /// The channel that is left without any usable interface.
    pub dead: Option<Channel>,
}

/// Why a channel cannot be used for a customer, as far as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// No address or number.
    Nothing,
    /// A wrong one.
    Wrong,
    /// Numbers, but none allowed for text messages.
    SmsNotAllowed,
    /// No mobile number.
    NotMobile,
    /// Part of the postal address is missing.
    PostalAddressIncomplete,
    /// Rejected there before.
    RejectedBefore,
    /// No interface.
    NoInterface,
}

impl From<&Obstacle> for Lack {
    fn from(obstacle: &Obstacle) -> Self {
        match obstacle {
            Obstacle::NoAddress => Self::Nothing,
            Obstacle::Invalid(_) => Self::Wrong,
            Obstacle::SmsNotAllowed => Self::SmsNotAllowed,
            Obstacle::NotMobile => Self::NotMobile,
            Obstacle::PostalAddressIncomplete => Self::PostalAddressIncomplete,
            Obstacle::RejectedBefore { .. } => Self::RejectedBefore,
            Obstacle::NoInterface => Self::NoInterface,
        }
    }
}

/// Something and how often, with the first of it by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted<T> {
    /// All of them.
    pub count: usize,
    /// The first of them.
    pub first: Vec<T>,
    most: usize,
}

impl<T> Counted<T> {
    /// None yet; at most `most` are to be named.
    #[must_use]
    pub const fn naming(most: usize) -> Self {
        Self { count: 0, first: Vec::new(), most }
    }

    /// Counts one more.
    pub fn push(&mut self, one: T) {
        self.count += 1;
        if self.first.len() < self.most {
            self.first.push(one);
        }
    }
}

/// What a text message costs: with an ordinary name, and at its longest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsCost {
    /// One appointment, an ordinary name, the chain's own branches.
    pub typical: Segments,
    /// Three appointments, the longest and oddest names.
    pub longest: Segments,
    /// The setting `max_segments`.
    pub most: u32,
}

/// One thing that was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matter {
    /// A configuration error that stops every pass, in the words of the pass.
    Stops(String),
    /// An interface.
    Interface(InterfaceLine),
    /// No interface is there to list.
    NoInterface {
        /// Whether only those bound to a computer were asked for.
        bound: bool,
    },
    /// What a pass would warn of as well.
    Warning(Warning),
    /// The quiet time: the night rest beside the maintenance window.
    Quiet(Option<NightRest>),
    /// The branches that are notified, each with its code and name; all of them without a filter.
    Branches {
        /// Whether a filter is set.
        filtered: bool,
        /// Code and name.
        branches: Counted<(String, String)>,
    },
    /// The e-mail address of a branch cannot be one, so that answers do not go there.
    BranchEmail {
        /// The branch's code.
        code: String,
        /// What is wrong with its address.
        fault: AddressFault,
    },
    /// The reminder, with the channels of its contact template.
    Reminder(ReminderSettings, Vec<(Channel, String)>),
    /// No reminder is wanted.
    NoReminder,
    /// m is greater than x (rule E3).
    HoldsBackForGood {
        /// m.
        min_hours: u32,
        /// x.
        hours_before: u32,
    },
    /// Passes at this minute of every hour remind of every start of a day.
    Reminded {
        /// The minute.
        passes_at: u32,
        /// Whether it was learned from the record.
        learned: bool,
        /// The days of clock change that were looked at beside an ordinary one.
        changes: Vec<NaiveDate>,
    },
    /// No pass has looked at the appointments yet: what the first one would send.
    FirstPass {
        /// Its instant, local.
        at: NaiveDateTime,
        /// What it would send.
        sends: Volume,
    },
    /// Starts of which no pass reminds.
    NotReminded {
        /// On which day.
        day: ScheduleDay,
        /// The minute at which passes run.
        passes_at: u32,
        /// The starts.
        stretches: Vec<Stretch>,
    },
    /// Starts of which a pass before quiet time reminds, more than x hours ahead.
    BroughtForward {
        /// The starts.
        stretches: Vec<Stretch>,
    },
    /// Starts of which no pass after quiet time could remind.
    OnlyBeforeQuietTime {
        /// On which day.
        day: ScheduleDay,
        /// The starts.
        stretches: Vec<Stretch>,
    },
    /// Starts of which nobody is reminded if one pass does not run.
    ByOnePassOnly {
        /// On which day.
        day: ScheduleDay,
        /// The starts.
        stretches: Vec<Stretch>,
        /// A minute for the passes at which there would be none of them.
        better: Option<u32>,
    },
    /// The confirmation.
    Confirmation(ConfirmationSettings),
    /// No confirmation is wanted.
    NoConfirmation,
    /// A version of a text in use that bears everything that was tried.
    Text {
        /// Its name.
        name: String,
        /// Its language; `None` is for every language without its own.
        language: Option<String>,
        /// What it costs as SMS, if it is one.
        sms: Option<SmsCost>,
    },
    /// A version of a text for e-mails that has no subject, or none for some customers.
    NoSubject {
        /// Its name.
        name: String,
        /// Its language; `None` is for every language without its own.
        language: Option<String>,
    },
    /// A version of a text that goes out with words in single braces, as other programs have them filled in.
    SingleBraces {
        /// Its name.
        name: String,
        /// Its language; `None` is for every language without its own.
        language: Option<String>,
        /// What stands in braces, with them.
        words: Vec<String>,
    },
    /// Customers whose language has no version of its own.
    NoOwnVersion {
        /// The language.
        language: String,
        /// How many customers have it.
        customers: usize,
        /// The texts.
        names: Vec<String>,
    },
    /// Log-ins were left out (`--offline`).
    Offline,
    /// There is no server or gateway that could be asked.
    NoServer,
    /// A server or gateway was asked.
    LoggedIn {
        /// The interface.
        interface_id: i64,
        /// What is left on the account, in the server's words.
        balance: Option<String>,
    },
    /// A gateway cannot be asked without sending.
    NotAsked {
        /// The interface.
        interface_id: i64,
    },
    /// An interface writes files, so that nothing reaches anybody by it.
    IntoFiles {
        /// The interface.
        interface_id: i64,
    },
    /// The folder of an interface cannot be written into.
    FolderUnusable {
        /// The interface.
        interface_id: i64,
        /// What is wrong.
        problem: String,
    },
    /// A log-in failed.
    LogInFailed {
        /// The interface.
        interface_id: i64,
        /// What happened.
        problem: String,
    },
    /// Every row was understood.
    RowsUnderstood,
    /// Rows of one table that cannot be understood.
    BadRows {
        /// The table.
        table: &'static str,
        /// The rows.
        rows: Counted<BadData>,
    },
    /// Nobody has an appointment ahead that counts.
    NobodyAhead,
    /// Everybody with an appointment ahead can be reached.
    Reached {
        /// How many they are.
        customers: usize,
    },
    /// Customers with an appointment ahead whom nothing can reach.
    Unreachable {
        /// How many customers have an appointment ahead.
        of: usize,
        /// The customers, by what each channel lacks.
        groups: BTreeMap<Vec<(Channel, Lack)>, Counted<i64>>,
    },
    /// Customers with an appointment ahead whose e-mail address is wrong, though something else may reach them.
    WrongEmails {
        /// The customers.
        customers: Counted<i64>,
    },
    /// Whether the file can be written.
    FileWritable(bool),
    /// Whether its folder can be written.
    FolderWritable(bool),
    /// The lock of the passes belongs to another user.
    LockUnusable {
        /// The file.
        lock: String,
    },
    /// Which of the files with people's data or secrets every user of this computer can read.
    OpenToAll(Vec<String>),
    /// The lock of the passes is free.
    LockFree,
    /// A pass is running, or another program holds its lock.
    LockHeld {
        /// What the lock says of itself.
        since: String,
    },
    /// The journal, in `SQLite`'s word.
    Journal(String),
    /// The clock shows a year that cannot be.
    ClockWrong(DateTime<FixedOffset>),
    /// The clock and the zone, and when the clock is changed next, by how many minutes.
    Clock {
        /// The zone.
        zone: Zone,
        /// What the clock shows there.
        now: DateTime<FixedOffset>,
        /// The next change.
        change: Option<(DateTime<FixedOffset>, i64)>,
    },
    /// No pass has run yet.
    NoPass,
    /// The newest pass.
    LastPass {
        /// Its instant.
        at: DateTime<FixedOffset>,
        /// How it looks from now.
        state: PassState,
    },
    /// The room on the disk.
    Disk {
        /// What is free, in megabytes.
        megabytes: u64,
    },
    /// A test message was taken.
    TestTaken {
        /// The interface.
        interface_id: i64,
        /// The address, masked.
        address: String,
        /// What the server answered.
        reply: String,
    },
    /// A test message was not taken, or nobody knows.
    TestFailed {
        /// The interface.
        interface_id: i64,
        /// The address, masked.
        address: String,
        /// What happened.
        problem: String,
    },
    /// There is no usable interface for a test message.
    TestImpossible {
        /// The channel.
        channel: Channel,
        /// The address, masked.
        address: String,
    },
}

/// A day for which the schedule is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleDay {
    /// One like most.
    Ordinary,
    /// One on which the clock is changed.
    ClockChange(NaiveDate),
}

/// How the newest pass looks from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassState {
    /// It ended with this exit status not long ago.
    Ended(i64),
    /// It has not ended.
    Unfinished,
    /// It was more than a day ago.
    LongAgo,
    /// It lies in the future.
    InFuture,
}

impl Matter {
    /// What it means to whoever reads it.
    #[must_use]
    pub fn mark(&self) -> Mark {
        match self {
            Self::Interface(line) => line.mark(),
            Self::Quiet(Some(rest)) if rest.is_by_day() => Mark::Person,
            Self::Warning(warning) if warning.needs_person() => Mark::Person,
            Self::Text { sms: Some(cost), .. } if cost.is_too_long() => Mark::Note,
            Self::Journal(word) if word != "delete" => Mark::Note,
            Self::Disk { megabytes } if *megabytes < 100 => Mark::Person,
            Self::Disk { megabytes } if *megabytes < 1000 => Mark::Note,
            Self::OpenToAll(files) if files.is_empty() => Mark::Ok,
            Self::Stops(_)
            | Self::OpenToAll(_)
            | Self::NoInterface { bound: false }
            | Self::FileWritable(false)
            | Self::FolderWritable(false)
            | Self::LockUnusable { .. }
            | Self::LastPass { state: PassState::InFuture | PassState::LongAgo, .. }
            | Self::FolderUnusable { .. }
            | Self::BranchEmail { .. }
            | Self::LogInFailed { .. }
            | Self::NotReminded { .. }
            | Self::BadRows { .. }
            | Self::ClockWrong(_)
            | Self::TestFailed { .. }
            | Self::TestImpossible { .. } => Mark::Person,
            Self::Warning(_)
            | Self::NoReminder
            | Self::HoldsBackForGood { .. }
            | Self::ByOnePassOnly { .. }
            | Self::NoSubject { .. }
            | Self::SingleBraces { .. }
            | Self::NoOwnVersion { .. }
            | Self::Offline
            | Self::NoServer
            | Self::NotAsked { .. }
            | Self::IntoFiles { .. }
            | Self::NobodyAhead
            | Self::Unreachable { .. }
            | Self::WrongEmails { .. }
            | Self::LockHeld { .. }
            | Self::NoPass
            | Self::LastPass { state: PassState::Unfinished, .. } => Mark::Note,
            Self::NoInterface { bound: true }
            | Self::Quiet(_)
            | Self::Branches { .. }
            | Self::Reminder(..)
            | Self::Reminded { .. }
            | Self::FirstPass { .. }
            | Self::BroughtForward { .. }
            | Self::OnlyBeforeQuietTime { .. }
            | Self::Confirmation(_)
            | Self::NoConfirmation
            | Self::Text { .. }
            | Self::LoggedIn { .. }
            | Self::RowsUnderstood
            | Self::Reached { .. }
            | Self::FileWritable(true)
            | Self::FolderWritable(true)
            | Self::LockFree
            | Self::Journal(_)
            | Self::Clock { .. }
            | Self::LastPass { .. }
            | Self::Disk { .. }
            | Self::TestTaken { .. } => Mark::Ok,
        }
    }

    /// Its name in the JSON report.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Stops(_) => "configuration_error",
            Self::Interface(_) => "interface",
            Self::NoInterface { .. } => "no_interface",
            Self::Warning(warning) => warning.code(),
            Self::Quiet(_) => "quiet_time",
            Self::Branches { .. } => "branches",
            Self::BranchEmail { .. } => "branch_email",
            Self::Reminder(..) => "reminder",
            Self::NoReminder => "no_reminder",
            Self::HoldsBackForGood { .. } => "holds_back_for_good",
            Self::Reminded { .. } => "reminded",
            Self::FirstPass { .. } => "first_pass",
            Self::NotReminded { .. } => "not_reminded",
            Self::BroughtForward { .. } => "brought_forward",
            Self::OnlyBeforeQuietTime { .. } => "only_before_quiet_time",
            Self::ByOnePassOnly { .. } => "by_one_pass_only",
            Self::Confirmation(_) => "confirmation",
            Self::NoConfirmation => "no_confirmation",
            Self::Text { .. } => "text",
            Self::NoSubject { .. } => "no_subject",
            Self::SingleBraces { .. } => "single_braces",
            Self::NoOwnVersion { .. } => "no_own_version",
            Self::Offline => "offline",
            Self::NoServer => "no_server",
            Self::LoggedIn { .. } => "logged_in",
            Self::NotAsked { .. } => "not_asked",
            Self::IntoFiles { .. } => "into_files",
            Self::FolderUnusable { .. } => "folder_unusable",
            Self::LogInFailed { .. } => "log_in_failed",
            Self::RowsUnderstood => "rows_understood",
            Self::BadRows { .. } => "bad_rows",
            Self::NobodyAhead => "nobody_ahead",
            Self::Reached { .. } => "reached",
            Self::Unreachable { .. } => "unreachable",
            Self::WrongEmails { .. } => "wrong_emails",
            Self::FileWritable(_) => "file_writable",
            Self::FolderWritable(_) => "folder_writable",
            Self::LockUnusable { .. } => "lock_unusable",
            Self::OpenToAll(_) => "open_to_all",
            Self::LockFree => "lock_free",
            Self::LockHeld { .. } => "lock_held",
            Self::Journal(_) => "journal",
            Self::ClockWrong(_) => "clock_wrong",
            Self::Clock { .. } => "clock",
            Self::NoPass => "no_pass",
            Self::LastPass { .. } => "last_pass",
            Self::Disk { .. } => "disk",
            Self::TestTaken { .. } => "test_taken",
            Self::TestFailed { .. } => "test_failed",
            Self::TestImpossible { .. } => "test_impossible",
        }
    }

    /// Its facts for programs, where the words alone would have to be taken apart.
    fn facts(&self) -> Option<Value> {
        Some(match self {
            Self::Interface(line) => line.facts(),
            Self::Text { name, language, sms } => json!({
                "document_template": name,
                "language": language,
                "typical_segments": sms.as_ref().map(|cost| cost.typical.segments),
                "longest_segments": sms.as_ref().map(|cost| cost.longest.segments),
                "max_segments": sms.as_ref().map(|cost| cost.most),
            }),
            Self::NoSubject { name, language } => json!({"document_template": name, "language": language}),
            Self::SingleBraces { name, language, words } => {
                json!({"document_template": name, "language": language, "words": words})
            }
            Self::NoOwnVersion { language, customers, names } => {
                json!({"language": language, "customers": customers, "document_templates": names})
            }
            Self::BadRows { table, rows } => json!({
                "table": table,
                "count": rows.count,
                "rows": rows.first.iter().map(|bad| json!({"row": bad.row, "column": bad.column})).collect::<Vec<_>>(),
            }),
            Self::Reached { customers } => json!({"customers": customers}),
            Self::Unreachable { of, groups } => json!({
                "of": of,
                "count": groups.values().map(|group| group.count).sum::<usize>(),
                "customers": groups.values().flat_map(|group| &group.first).collect::<Vec<_>>(),
            }),
            Self::WrongEmails { customers } => json!({"count": customers.count, "customers": customers.first}),
            Self::LoggedIn { interface_id, balance } => json!({"interface_id": interface_id, "balance": balance}),
            Self::NotAsked { interface_id }
            | Self::IntoFiles { interface_id }
            | Self::FolderUnusable { interface_id, .. }
            | Self::LogInFailed { interface_id, .. }
            | Self::TestTaken { interface_id, .. }
            | Self::TestFailed { interface_id, .. } => json!({"interface_id": interface_id}),
            Self::Reminded { passes_at, learned, changes } => json!({
                "minute": passes_at,
                "learned": learned,
                "clock_changes": changes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            }),
            Self::FirstPass { at, sends } => json!({"at": stored(*at), "sends": Numbers::from(sends)}),
            Self::BroughtForward { stretches } => starts(ScheduleDay::Ordinary, stretches),
            Self::NotReminded { day, stretches, .. }
            | Self::OnlyBeforeQuietTime { day, stretches }
            | Self::ByOnePassOnly { day, stretches, .. } => starts(*day, stretches),
            Self::OpenToAll(files) => json!({"files": files}),
            Self::Disk { megabytes } => json!({"free_megabytes": megabytes}),
            _ => return None,
        })
    }
}

fn starts(day: ScheduleDay, stretches: &[Stretch]) -> Value {
    let time = |time: NaiveTime| time.format("%H:%M").to_string();
    let stretches = stretches.iter().map(|stretch| {
        json!({
            "from": time(stretch.from),
            "to": time(stretch.to),
            "minutes": stretch.minutes,
            "pass": stretch.pass.map(time),
        })
    });
    let date = match day {
        ScheduleDay::Ordinary => None,
        ScheduleDay::ClockChange(date) => Some(date.to_string()),
    };
    json!({"clock_change": date, "starts": stretches.collect::<Vec<_>>()})
}

impl SmsCost {
    /// Whether the longest one has more segments than are wanted.
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        u32::try_from(self.longest.segments).map_or(true, |segments| segments > self.most)
    }
}

impl InterfaceLine {
    /// A service that is not server-side is a mistake (A2), and so is a fault in the settings (F4).
    /// Otherwise an interface may rest as long as another one serves its channel.
    fn mark(&self) -> Mark {
        let mistake = |cause: &Unusable| match cause {
            Unusable::Faulty { .. } => true,
            Unusable::NotServerSide => self.kind == InterfaceKind::AppointmentNotification,
            Unusable::NotStarted { .. } | Unusable::OtherWorkstation { .. } => false,
        };
        if self.causes.is_empty() {
            Mark::Ok
        } else if self.dead.is_some() || self.causes.iter().any(mistake) {
            Mark::Person
        } else {
            Mark::Note
        }
    }

    fn facts(&self) -> Value {
        let (target, host) = match &self.target {
            None => (None, None),
            Some(Target::Server { address, .. }) => (Some("server"), Some(address.as_str())),
            Some(Target::Gateway { name, host }) => (Some(*name), host.as_deref()),
            Some(Target::Folder(path)) => (Some("file"), Some(path.as_str())),
        };
        json!({
            "interface_id": self.id,
            "kind": self.kind.word(),
            "branch": self.branch,
            "workstation": self.workstation,
            "server_side": self.server_side,
            "start_date": self.start.map(|start| start.to_string()),
            "target": target,
            "host": host,
            "usable": self.causes.is_empty(),
        })
    }
}

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// The instant for which it was looked.
    pub at: DateTime<FixedOffset>,
    /// The zone.
    pub zone: Zone,
    /// The name of this computer.
    pub workstation: String,
    /// The findings, by area.
    pub findings: Vec<(Area, Matter)>,
}

impl CheckReport {
    /// The exit status: 78 if a pass would stop, 1 if somebody has to act, else 0.
    #[must_use]
    pub fn exit_status(&self) -> ExitStatus {
        if self.findings.iter().any(|(_, matter)| matches!(matter, Matter::Stops(_))) {
            ExitStatus::Configuration
        } else if self.count(Mark::Person) > 0 {
            ExitStatus::NeedsPerson
        } else {
            ExitStatus::Complete
        }
    }

    fn count(&self, mark: Mark) -> usize {
        self.findings.iter().filter(|(_, matter)| matter.mark() == mark).count()
    }

    /// The findings for people, at most 80 columns.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let column = Mark::ALL.map(|mark| words::mark(lang, mark).len()).into_iter().max().unwrap_or_default() + 1;
        let mut page = Page::default();
        let (at, zone, workstation) = (moment(lang, self.at.naive_local()), self.zone.name(), &self.workstation);
        page.line(
            0,
            &say!(
                lang,
                "Prüfung der Terminbenachrichtigung, {at} ({zone}), Rechner {workstation}",
                "Check of the appointment reminders, {at} ({zone}), computer {workstation}",
            ),
        );
        for area in Area::ALL {
            let mut matters = self.findings.iter().filter(|(of, _)| *of == area).map(|(_, matter)| matter).peekable();
            if matters.peek().is_some() {
                page.title(words::area(lang, area));
            }
            for matter in matters {
                let mark = words::mark(lang, matter.mark());
                for (number, paragraph) in words::matter(lang, matter).iter().enumerate() {
                    page.marked(if number == 0 { mark } else { "" }, column, paragraph);
                }
            }
        }
        page.gap();
        page.line(0, &words::summary(lang, Mark::ALL.map(|mark| self.count(mark)), self.exit_status()));
        page.text().to_owned()
    }

    /// The findings for programs, as one object.
    #[must_use]
    pub fn json(&self, lang: Lang) -> String {
        let findings = self.findings.iter().map(|(area, matter)| FindingRow {
            area: area.word(),
            mark: matter.mark().word(),
            code: matter.code(),
            text: words::matter(lang, matter).join(" "),
            facts: matter.facts(),
        });
        let report = ReportRow {
            at: self.at.to_rfc3339_opts(SecondsFormat::Secs, false),
            zone: self.zone.name(),
            workstation: &self.workstation,
            exit_status: self.exit_status().code(),
            ok: self.count(Mark::Ok),
            notes: self.count(Mark::Note),
            needs_person: self.count(Mark::Person),
            findings: findings.collect(),
        };
        json_text::document(&report)
    }
}

#[derive(Serialize)]
struct ReportRow<'a> {
    at: String,
    zone: &'static str,
    workstation: &'a str,
    exit_status: u8,
    ok: usize,
    notes: usize,
    needs_person: usize,
    findings: Vec<FindingRow>,
}

#[derive(Serialize)]
struct FindingRow {
    area: &'static str,
    mark: &'static str,
    code: &'static str,
    text: String,
    facts: Option<Value>,
}

/// The name of an encoding, as providers write it.
const fn encoding(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Gsm7 => "GSM-7",
        Encoding::Ucs2 => "UCS-2",
    }
}

#[cfg(test)]
mod tests;
