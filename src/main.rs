//! The program: it reads the command line and the clock, once each, and leaves the rest to the
//! library.

use std::process::ExitCode;
use std::time::Duration;

use chrono::Utc;
use rustix::time::{ClockId, clock_gettime};
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
    let began = running();
    Clock::new(Utc::now(), move || running().saturating_sub(began))
}

/// Goes on while the computer sleeps, where there is such a clock: after a night's sleep a pass must know that its
/// time is over.
#[cfg(target_os = "linux")]
const RUNNING: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const RUNNING: ClockId = ClockId::Monotonic;

/// A time that only grows.
fn running() -> Duration {
    let time = clock_gettime(RUNNING);
    // Neither is negative for this clock.
    let (seconds, nanoseconds) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.unwrap_or_default(), nanoseconds.unwrap_or_default())
}
