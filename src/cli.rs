//! The command line: what can be typed, and nothing of what it does.

use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

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

    /// Print nothing if nothing needs a person (exit status 0)
    #[arg(long)]
    pub quiet: bool,

    /// Write the report as a page, too, for a browser; a file that is there is replaced
    #[arg(long, value_name = "FILE", value_parser = possibly_empty_path())]
    pub html: Option<PathBuf>,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The database
    #[arg(long, value_name = "FILE", env = "TERMINBOTE_DB", global = true, value_parser = possibly_empty_path())]
    pub db: Option<PathBuf>,

    /// The instant of the pass, of the message to record, or at which tasks, histories, complaints or the chain are
    /// looked at, instead of now: 2026-03-10T19:00 in the chain's zone, or with an offset or Z as in RFC 3339
    #[arg(long, value_name = "TIME", global = true)]
    pub at: Option<String>,

    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text, global = true)]
    pub format: Format,

    /// The language of what staff read; the default is that of the locale
    #[arg(long, value_enum, global = true)]
    pub lang: Option<Language>,
}

/// What to do instead of a pass.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Make the database, or bring an older one up to date
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
        #[arg(value_name = "ID")]
        id: i64,
        /// What became of it
        #[arg(value_enum)]
        fate: SettledFate,
    },
    /// Show what customers were told, when, how, and what became of it
    ///
    /// The history of a customer, an appointment, an address or a time, with messages that failed or
    /// were withdrawn. Addresses are masked in the text; JSON is complete.
    History(History),
    /// Record a call, a letter or another message by hand
    ///
    /// So that no reminder follows on its heels, and that the histories have it.
    Record(Record),
    /// Check the configuration, the texts and the data, and log in everywhere; send nothing
    Check(Check),
    /// Say why an appointment was or was not told of: each rule, the record, the passes
    Explain(Explain),
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
            Self::History(_) => "history",
            Self::Record(_) => "record",
            Self::Check(_) => "check",
            Self::Explain(_) => "explain",
            Self::Demo => "demo",
        }
    }
}

/// What to explain.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub struct Explain {
    /// The number of an appointment
    #[arg(long, value_name = "ID")]
    pub appointment: Option<i64>,

    /// The number of a customer: all of their appointments from four weeks ago on, in short
    #[arg(long, value_name = "ID")]
    pub customer: Option<i64>,
}

/// Which history to show.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("which").args(["customer", "appointment", "address", "from", "to"]).required(true).multiple(true))]
pub struct History {
    /// The messages to this customer
    #[arg(long, value_name = "ID", conflicts_with_all = ["appointment", "address"])]
    pub customer: Option<i64>,

    /// The messages about this appointment
    #[arg(long, value_name = "ID", conflicts_with = "address")]
    pub appointment: Option<i64>,

    /// The messages to this e-mail address, telephone number or postal address, however it is written
    #[arg(long)]
    pub address: Option<String>,

    /// Only messages from this day or time on: 2026-03-10, or as --at
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,

    /// Only messages to the end of this day, or before this time
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,

    /// Show addresses in full, also in the text
    #[arg(long)]
    pub full: bool,
}

/// The message by hand to record.
#[derive(Debug, Clone, Args)]
pub struct Record {
    /// The appointments that it was about, all of one customer
    #[arg(long, value_name = "ID", num_args = 1.., required_unless_present = "customer")]
    pub appointment: Vec<i64>,

    /// How it went
    #[arg(long, value_enum)]
    pub channel: RecordedChannel,

    /// The customer; needed for a message that was about no appointment
    #[arg(long, value_name = "ID")]
    pub customer: Option<i64>,

    /// The address or number that was used
    #[arg(long)]
    pub address: Option<String>,

    /// What was said
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
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
        #[arg(required = true, value_name = "ID")]
        ids: Vec<i64>,
    },
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SettledFate {
    /// It arrived
    Sent,
    /// It did not arrive; the next channel takes its place
    Failed,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
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

const AFTER_HELP: &str = "\
Exit status: 0 complete; 1 something needs a person; 2 wrong usage; 65 not a
database of terminbote; 66 no such database; 74 the database cannot be read or
written; 75 another pass is running; 78 configuration error.

First steps: terminbote demo
";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_definitions_are_sound() {
        Cli::command().debug_assert();
    }
}
