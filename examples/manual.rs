//! Writes the man pages and the completions for bash, zsh and fish into a folder, from the definitions
//! of the command line: `cargo run --example manual -- FOLDER`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use terminbote::cli::Cli;
use terminbote::exit::ExitStatus;

/// When the pages were last revised.
const REVISED: &str = "2026-11-22";

fn main() -> io::Result<()> {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return Err(io::Error::other("name the folder into which man pages and completions are written"));
    };
    let (man, completions) = (folder.join("man"), folder.join("completions"));
    fs::create_dir_all(&man)?;
    fs::create_dir_all(&completions)?;
    let command = Cli::definition();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut command.clone(), "terminbote", &completions)?;
    }
    main_page(&man, &command)?;
    further_pages(&man, &command)
}

fn page(command: &Command) -> Man {
    Man::new(command.clone())
        .date(REVISED)
        .manual("terminbote")
        .source(format!("terminbote {}", env!("CARGO_PKG_VERSION")))
}

/// One page for each command and the commands below it.
fn further_pages(folder: &Path, command: &Command) -> io::Result<()> {
    for command in command.get_subcommands() {
        let name = command.get_display_name().unwrap_or(command.get_name());
        let mut text = Vec::new();
        let page = page(command);
        page.render_title(&mut text)?;
        page.render_name_section(&mut text)?;
        page.render_synopsis_section(&mut text)?;
        page.render_description_section(&mut text)?;
        page.render_options_section(&mut text)?;
        if command.has_subcommands() {
            page.render_subcommands_section(&mut text)?;
        }
        section(&mut text, "SEE ALSO", &[("", "terminbote(1)")])?;
        write(&folder.join(format!("{name}.1")), text)?;
        further_pages(folder, command)?;
    }
    Ok(())
}

fn main_page(folder: &Path, command: &Command) -> io::Result<()> {
    let mut text = Vec::new();
    let page = page(command);
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    page.render_subcommands_section(&mut text)?;
    let statuses: Vec<(String, &str)> =
        STATUSES.iter().map(|(status, what)| (status.code().to_string(), *what)).collect();
    let statuses: Vec<(&str, &str)> = statuses.iter().map(|(code, what)| (code.as_str(), *what)).collect();
    section(&mut text, "EXIT STATUS", &statuses)?;
    section(&mut text, "ENVIRONMENT", ENVIRONMENT)?;
    section(&mut text, "FILES", FILES)?;
    section(&mut text, "EXAMPLES", EXAMPLES)?;
    let mut others: Vec<String> = command
        .get_subcommands()
        .map(|command| format!("{}(1)", command.get_display_name().unwrap_or(command.get_name())))
        .collect();
    others.extend(["crontab(5)", "sqlite3(1)", "systemd.timer(5)"].map(str::to_owned));
    section(&mut text, "SEE ALSO", &[("", &others.join(", "))])?;
    write(&folder.join("terminbote.1"), text)
}

const STATUSES: &[(ExitStatus, &str)] = &[
    (ExitStatus::Complete, "The pass is complete: also if it is quiet time, or nothing was due."),
    (ExitStatus::NeedsPerson, "Something needs a person; the report says what."),
    (ExitStatus::Usage, "Wrong usage. Of status: no good pass has ended of late."),
    (ExitStatus::CannotTell, "Of status alone: it cannot be told."),
    (ExitStatus::NotOurs, "Not a database of terminbote, or one of another version."),
    (ExitStatus::NoDatabase, "There is no such database."),
    (ExitStatus::Unusable, "The database, the report or the metrics cannot be read or written."),
    (ExitStatus::AnotherPass, "Another pass is running."),
    (ExitStatus::Configuration, "Configuration error."),
];

const ENVIRONMENT: &[(&str, &str)] = &[
    ("TERMINBOTE_DB", "The database, unless --db names it."),
    (
        "TERMINBOTE_WORKSTATION",
        "The name of this computer, to which interfaces can be bound, instead of the host name.",
    ),
    (
        "LC_ALL, LC_MESSAGES, LANG",
        "The language of what staff read, unless --lang names it: the first that is not empty counts.",
    ),
    (
        "JOURNAL_STREAM",
        "Set by systemd. If it names standard error, each line of the log begins with its level, as in sd-daemon(3).",
    ),
];

const FILES: &[(&str, &str)] = &[
    ("FILE", "The database (SQLite). Its folder must be writable, too."),
    ("FILE.lock", "Keeps two passes from running at once. It is never removed, and says who held it last."),
    (
        "FILE-journal, FILE-wal, FILE-shm",
        "Beside the database while it is written. They belong to it: never delete or copy one without the others.",
    ),
];

const EXAMPLES: &[(&str, &str)] = &[
    ("terminbote demo", "A fictional chain in the folder demo/, and a pass that sends into files."),
    ("terminbote --db termine.db --dry-run", "What a pass would send now, without a trace."),
    (
        "terminbote --db termine.db --dry-run --at 2026-03-10T19:00",
        "What a pass at that time decided, or would decide.",
    ),
    (
        "terminbote --db termine.db check --offline",
        "Whether settings, texts and data are fit, and whether hourly passes remind of every start.",
    ),
    (
        "7 * * * *  terminbote --db /var/lib/terminbote/terminbote.db --quiet",
        "The line in crontab(5): a pass in each hour, and a mail only if something needs a person.",
    ),
];

/// A section of paragraphs, each behind its term; without a term, as plain text.
fn section(text: &mut Vec<u8>, title: &str, entries: &[(&str, &str)]) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    for (term, what) in entries {
        if !term.is_empty() {
            roff.control("TP", []);
            roff.text([bold(*term)]);
        }
        roff.text([roman(*what)]);
    }
    // The preamble for quotation marks stands once, at the top of the page.
    text.write_all(roff.to_roff().as_bytes())
}

/// Writes a page. What stands in it as an empty line between two line breaks is a vertical space, which
/// `mandoc -T lint` wants to see as one.
fn write(file: &Path, text: Vec<u8>) -> io::Result<()> {
    let text = String::from_utf8(text).map_err(io::Error::other)?;
    fs::write(file, text.replace(".br\n\n.br\n", ".sp\n"))
}
