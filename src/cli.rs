//! The command line: what can be typed, and nothing of what it does.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use chrono::Duration;
use clap::builder::{OsStringValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Arg, ArgGroup, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::model::State;

/// Reminds the customers of a chain of practices of their appointments.
///
/// Without a command it makes one notification pass: it sends what is due now, records it and
/// prints a report. cron calls it once an hour.
#[derive(Debug, Clone, Parser)]
#[command(name = "terminbote", version, max_term_width = 80, disable_help_subcommand = true, after_help = AFTER_HELP)]
pub struct Cli {
    /// What to do instead of a pass.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Options of every command.
    #[command(flatten)]
    pub common: Common,

    /// Send and record nothing; show what a pass would send, in full
    #[arg(long)]
    pub dry_run: bool,

    /// With --dry-run: foretell this many hourly passes, each seeing what those before it would have sent,
    /// in numbers by pass, channel and branch. They run at the minute of the last ones; the first is at
    /// --at, if it is given
    #[arg(long, value_name = "N", value_parser = whole_number(1..=336))]
    pub hours: Option<u32>,

    /// Send at most this many messages, the most urgent ones: whose appointment begins first, reminders before
    /// confirmations. The others are counted and left for the next pass
    #[arg(long, value_name = "N", value_parser = whole_number(1..=u32::MAX))]
    pub limit: Option<u32>,

    /// Print nothing if nothing needs a person (exit status 0)
    #[arg(long)]
    pub quiet: bool,

    /// Write the figures of the pass for Prometheus into this file, which the textfile collector of its
    /// node exporter reads; its name must end in .prom
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run", value_parser = metrics_file)]
    pub metrics: Option<PathBuf>,

    /// Log the way of the pass on standard error, one event a line, nothing about a person
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub log: Option<LogFormat>,

    /// The same as --log text
    #[arg(short, long, conflicts_with = "log")]
    pub verbose: bool,
}

impl Cli {
    /// Reads the command line; ends the program if it asks for help or cannot be understood.
    #[must_use]
    pub fn read() -> Self {
        let matches = Self::definition().get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut Self::definition()).exit())
    }

    /// All that can be typed. The help of a command leaves out the options for which it has no use.
    #[must_use]
    pub fn definition() -> clap::Command {
        let mut definition = Self::command();
        // Only now the commands have the options that they all share.
        definition.build();
        hide_unused(&mut definition, "");
        definition
    }

    /// How the way of a pass is logged; `None` if it is not.
    #[must_use]
    pub const fn log_format(&self) -> Option<LogFormat> {
        if self.verbose { Some(LogFormat::Text) } else { self.log }
    }
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The database
    #[arg(long, value_name = "FILE", env = "TERMINBOTE_DB", global = true, value_parser = possibly_empty_path())]
    pub db: Option<PathBuf>,

    /// The instant of the pass, of the message to record, from which an age is reckoned, or at which tasks, histories,
    /// complaints, the chain or the status are looked at, instead of now: 2026-03-10T19:00 in the chain's zone, or
    /// with an offset or Z as in RFC 3339
    #[arg(long, value_name = "TIME", global = true)]
    pub at: Option<String>,

    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text, global = true)]
    pub format: Format,

    /// Write a page for a browser, too, of a pass, an explanation or a history; a file that is there is replaced
    #[arg(long, value_name = "FILE", global = true, value_parser = possibly_empty_path())]
    pub html: Option<PathBuf>,

    /// The language of what staff read; the default is that of the locale
    #[arg(long, value_enum, global = true)]
    pub lang: Option<Language>,
}

/// The options of [`Common`] for which a command has no use.
const UNUSED: [(&str, &[&str]); 10] = [
    ("init", &["at", "format", "html"]),
    ("tasks", &["html"]),
    ("tasks done", &["at", "format", "html"]),
    ("settle", &["at", "format", "html"]),
    ("record", &["html"]),
    ("purge", &["html"]),
    ("restored", &["html"]),
    ("check", &["html"]),
    ("status", &["html"]),
    ("demo", &["at", "db", "html"]),
];

/// The options for which a command, as it is typed, has no use.
fn unused(command: &str) -> &'static [&'static str] {
    UNUSED.iter().find(|(name, _)| *name == command).map_or(&[], |(_, options)| *options)
}

/// Leaves out of the help of each command below `path` what that one has no use for.
fn hide_unused(definition: &mut clap::Command, path: &str) {
    for command in definition.get_subcommands_mut() {
        let name = format!("{path}{}", command.get_name());
        let unused = unused(&name);
        let hide = |arg: Arg| if unused.contains(&arg.get_id().as_str()) { arg.hide(true) } else { arg };
        *command = std::mem::take(command).mut_args(hide);
        hide_unused(command, &format!("{name} "));
    }
}

/// What to do instead of a pass.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Make the database, or bring an older one up to date
    ///
    /// Before the tables of an older one are changed, the file is copied to FILE.version-N, with N their
    /// version. The change is made all at once or not at all, and not while a pass runs (exit status 75).
    Init,
    /// List the letters to write and the calls to make, or close one
    ///
    /// Lists every task that is open, and those of the last 30 days that were withdrawn or missed.
    Tasks {
        /// What to do with a task.
        #[command(subcommand)]
        command: Option<TaskCommand>,
    },
    /// Say what became of a message whose fate is unknown, or that came back later
    Settle {
        /// The number of the message, as the report gives it
        #[arg(value_name = "ID", value_parser = id)]
        id: i64,
        /// What became of it
        #[arg(value_enum)]
        fate: SettledFate,
    },
    /// Show what customers were told, when, how, and what became of it
    ///
    /// The history of a customer, an appointment or an address, of a time or a state, with messages that failed or
    /// were withdrawn. Addresses are masked in the text; JSON is complete.
    History(History),
    /// Record a call, a letter or another message by hand
    ///
    /// So that no reminder follows on its heels, and that the histories have it.
    Record(Record),
    /// Take texts and addresses out of old messages, or of those to one customer, and keep the proof
    ///
    /// What is left of a message is when it went, what for, by which channel, with what outcome, in which
    /// pass, about which appointment, and a keyed hash of its address. Nothing becomes due again. The file
    /// is written anew at the end, so that nothing stays in it; other programs wait meanwhile.
    Purge(Purge),
    /// After a restored backup: record what went out since then as uncertain, and send nothing
    ///
    /// The record of a backup does not know what was sent after it. What the hourly passes since then would
    /// have sent, by the data of now, is written down as uncertain and never sent once more. Run it before the
    /// first pass; exit status 1 if anything was written down.
    Restored {
        /// The instant of the backup, in the chain's zone: 2026-03-10T03:00; the default is the newest pass
        /// that the backup knows
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
    },
    /// Check the configuration, the texts and the data, and log in everywhere; send nothing
    Check(Check),
    /// Say why an appointment was or was not told of: each rule, the record, the passes
    Explain(Explain),
    /// Tell whether passes still do their work, for Nagios, Icinga and the like
    ///
    /// The first line is the summary. Exit status: 0 all is well; 1 something needs a person; 2 no good
    /// pass has ended of late, so that nothing may be sent any more; 3 it cannot be told.
    Status {
        /// For how long the last good pass may have ended: 90m, 2h, 1h30m, 1day
        #[arg(long, value_name = "AGE", default_value = "90m", value_parser = age)]
        max_age: Duration,
    },
    /// Make a fictional chain in the folder demo/ and a pass that sends into files there
    Demo,
}

impl Command {
    /// The command's name, as it is typed.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Tasks { command: None } => "tasks",
            Self::Tasks { command: Some(TaskCommand::Done { .. }) } => "tasks done",
            Self::Settle { .. } => "settle",
            Self::Restored { .. } => "restored",
            Self::History(_) => "history",
            Self::Record(_) => "record",
            Self::Purge(_) => "purge",
            Self::Check(_) => "check",
            Self::Explain(_) => "explain",
            Self::Status { .. } => "status",
            Self::Demo => "demo",
        }
    }

    /// Whether it has a use for an option of [`Common`], as it is typed without its dashes.
    #[must_use]
    pub fn has_use_for(&self, option: &str) -> bool {
        !unused(self.name()).contains(&option)
    }
}

/// What to explain.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub struct Explain {
    /// The number of an appointment
    #[arg(long, value_name = "ID", value_parser = id)]
    pub appointment: Option<i64>,

    /// The number of a customer: all of their appointments from four weeks ago on, in short
    #[arg(long, value_name = "ID", value_parser = id)]
    pub customer: Option<i64>,
}

/// Which history to show.
#[derive(Debug, Clone, Args)]
#[command(override_usage = "\
    terminbote history --customer <ID> [OPTIONS]\n       \
    terminbote history --appointment <ID> [OPTIONS]\n       \
    terminbote history --address <ADDRESS> [OPTIONS]\n       \
    terminbote history [--from <TIME>] [--to <TIME>] [--state <STATE>] [OPTIONS]")]
#[command(group = ArgGroup::new("which").args(["customer", "appointment", "address", "from", "to", "state"]).required(true).multiple(true))]
pub struct History {
    /// The messages to this customer
    #[arg(long, value_name = "ID", conflicts_with_all = ["appointment", "address"], value_parser = id)]
    pub customer: Option<i64>,

    /// The messages about this appointment
    #[arg(long, value_name = "ID", conflicts_with = "address", value_parser = id)]
    pub appointment: Option<i64>,

    /// The messages to this e-mail address, telephone number or postal address, however it is written
    #[arg(long, num_args = 1..)]
    pub address: Option<Vec<String>>,

    /// Only messages from this day or time on: 2026-03-10, or as --at
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,

    /// Only messages to the end of this day, or before this time
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,

    /// Only messages in this state
    #[arg(long, value_name = "STATE", value_parser = state())]
    pub state: Option<State>,

    /// Show addresses in full, also in the text
    #[arg(long)]
    pub full: bool,
}

/// The message by hand to record.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("about").args(["appointment", "customer"]).required(true).multiple(true))]
pub struct Record {
    /// The appointments that it was about, all of one customer
    #[arg(long, value_name = "ID", num_args = 1.., value_parser = id)]
    pub appointment: Vec<i64>,

    /// How it went
    #[arg(long, value_enum)]
    pub channel: RecordedChannel,

    /// The customer; needed for a message that was about no appointment
    #[arg(long, value_name = "ID", value_parser = id)]
    pub customer: Option<i64>,

    /// The address or number that was used
    #[arg(long, num_args = 1..)]
    pub address: Option<Vec<String>>,

    /// What was said
    #[arg(long, value_name = "TEXT", num_args = 1..)]
    pub note: Option<Vec<String>>,
}

/// What to take out.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("what").args(["older_than", "customer"]).required(true))]
pub struct Purge {
    /// From messages and recorded changes older than this: 90d, 8w, 24m or 2y
    #[arg(long, value_name = "AGE")]
    pub older_than: Option<String>,

    /// From all messages to this customer, and all recorded changes of their rows
    #[arg(long, value_name = "ID", value_parser = id)]
    pub customer: Option<i64>,

    /// Only say what would be taken out
    #[arg(long)]
    pub dry_run: bool,

    /// Also from messages of unknown fate; they are never repeated then
    #[arg(long, requires = "customer", conflicts_with = "older_than")]
    pub unsettled: bool,

    /// Do not write the file anew: bytes of what was taken out may stay in it until a purge without this
    #[arg(long)]
    pub no_vacuum: bool,
}

/// How a message by hand went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RecordedChannel {
    /// A call
    Phone,
    /// A letter
    Letter,
    /// An e-mail
    Email,
    /// A text message
    Sms,
}

/// What to check.
#[derive(Debug, Clone, Args)]
pub struct Check {
    /// Show only the interfaces, and of these only those that are bound to a computer
    #[arg(long, conflicts_with_all = ["offline", "send_test"])]
    pub workstations: bool,

    /// Do not log in to mail servers and gateways
    #[arg(long, conflicts_with = "send_test")]
    pub offline: bool,

    /// Prove the schedule for passes at this minute of every hour; the default is the minute at which
    /// most of the last passes ran
    #[arg(long, value_name = "M", value_parser = whole_number(0..=59), conflicts_with = "workstations")]
    pub minute: Option<u32>,

    /// Send a test message to this e-mail address or mobile number by each interface that can be
    /// used; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub send_test: Vec<String>,
}

/// What to do with a task.
#[derive(Debug, Clone, Subcommand)]
pub enum TaskCommand {
    /// Close tasks that are done
    Done {
        /// The numbers of the tasks, as `terminbote tasks` lists them
        #[arg(required = true, value_name = "ID", value_parser = id)]
        ids: Vec<i64>,
    },
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SettledFate {
    /// It arrived
    Sent,
    /// It did not arrive; the next channel takes its place, for this address is no good
    Failed,
    /// It was never sent, whatever the address is like; it is still due
    Deferred,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// How to log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// For programs, one object a line
    Json,
}

/// A language of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// German
    De,
    /// English
    En,
}

/// An empty variable is one that nobody has set, which the program itself says better.
fn possibly_empty_path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

fn whole_number(range: RangeInclusive<u32>) -> impl Fn(&str) -> Result<u32, String> + Clone {
    move |text| {
        text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| match (range.start(), *range.end()) {
            (from, u32::MAX) => format!("a whole number from {from} on is needed"),
            (from, to) => format!("a whole number from {from} to {to} is needed"),
        })
    }
}

fn state() -> impl TypedValueParser<Value = State> {
    let words = PossibleValuesParser::new(State::ALL.iter().map(|state| state.word()));
    words.try_map(|word| State::from_word(&word).ok_or("no known state"))
}

/// The number of a row.
fn id(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| "a number is needed, such as 4711".to_owned())
}

/// The name under which the node exporter finds the file.
fn metrics_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.extension().is_some_and(|extension| extension == "prom") {
        Ok(path)
    } else {
        Err("its name must end in .prom, since the node exporter reads no others".to_owned())
    }
}

/// A length of time of at least a minute, so that no unit is forgotten unnoticed.
fn age(text: &str) -> Result<Duration, String> {
    let problem = || "write a number with its unit, such as 90m or 2h".to_owned();
    let age = Duration::from_std(humantime::parse_duration(text).map_err(|_| problem())?).map_err(|_| problem())?;
    if age < Duration::minutes(1) || age > Duration::days(366) {
        return Err("it must be between 1m and 366days".to_owned());
    }
    Ok(age)
}

const AFTER_HELP: &str = "\
Exit status: 0 complete; 1 something needs a person; 2 wrong usage; 65 not a
database of terminbote; 66 no such database; 74 the database cannot be read or
written; 75 another pass is running; 78 configuration error.

First steps: terminbote demo
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_are_sound() {
        Cli::definition().debug_assert();
    }

    #[test]
    fn the_help_of_a_command_lists_what_it_has_a_use_for() {
        let definition = Cli::definition();
        let listed = |command: &str| -> Vec<String> {
            let command = definition.find_subcommand(command).unwrap();
            let visible = command.get_arguments().filter(|arg| !arg.is_hide_set());
            visible.map(|arg| arg.get_id().to_string()).collect()
        };
        assert_eq!(listed("settle"), ["id", "fate", "db", "lang", "help"]);
        assert_eq!(listed("explain"), ["appointment", "customer", "db", "at", "format", "html", "lang", "help"]);
    }
}
