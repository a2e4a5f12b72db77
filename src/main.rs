//! The program: it reads the command line and the clock, once each, and leaves the rest to the
//! library.

use std::process::ExitCode;
use std::time::Instant;

use chrono::Utc;
use terminbote::cli::Cli;
use terminbote::clock::Clock;
use terminbote::commands;
use terminbote::exit::ExitStatus;

fn main() -> ExitCode {
    let cli = Cli::read();
    let status = commands::run(&cli, the_one_clock()).unwrap_or_else(|error| {
        commands::tell(&cli, &error);
        ExitStatus::of(&error)
    });
    status.into()
}

#[expect(clippy::disallowed_methods, reason = "this is the one clock")]
fn the_one_clock() -> Clock {
    let began = Instant::now();
    Clock::new(Utc::now(), move || began.elapsed())
}
