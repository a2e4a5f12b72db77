//! A line that tells a person at a terminal how far a long pass has come.

use std::io::{self, IsTerminal, Stderr, Write};
use std::time::Duration;

use crate::clock::Clock;
use crate::report::words::{Lang, progress};
use crate::report::{Closing, Heading, MessageReport, Printer};

/// For so long nobody wants to be told anything.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where progress is told: standard error if a person may be looking at it. Under cron it is no terminal.
pub(super) fn terminal() -> Option<Stderr> {
    Some(io::stderr()).filter(IsTerminal::is_terminal)
}

/// Hands the reports of one pass or several on to a printer, and tells on a terminal how far they have come.
pub(super) struct Progress<P, W: Write> {
    pub(super) report: P,
    terminal: Option<W>,
    clock: Clock,
    lang: Lang,
    /// How many passes there will be, and how many have begun.
    passes: usize,
    begun: usize,
    /// The messages that were reported, and those that have met their fate, if the pass tells.
    reported: usize,
    settled: usize,
    told_at: Option<Duration>,
}

impl<P, W: Write> Progress<P, W> {
    /// Tells of so many passes; nothing if there is no `terminal`.
    pub(super) const fn new(report: P, terminal: Option<W>, clock: Clock, lang: Lang, passes: usize) -> Self {
        Self { report, terminal, clock, lang, passes, begun: 0, reported: 0, settled: 0, told_at: None }
    }

    /// A terminal that cannot be written to must not stop the pass, so that failures are ignored.
    fn tell(&mut self) {
        let Some(terminal) = &mut self.terminal else { return };
        let elapsed = self.clock.elapsed();
        let due = self.told_at.map_or(PATIENCE, |told_at| told_at + Duration::from_millis(200));
        if elapsed >= due {
            self.told_at = Some(elapsed);
            let progress = progress(self.lang, (self.begun, self.passes), self.reported.max(self.settled));
            let _ = write!(terminal, "\r{progress} …\x1b[K").and_then(|()| terminal.flush());
        }
    }

    fn clear(&mut self) {
        if let (Some(terminal), Some(_)) = (&mut self.terminal, self.told_at.take()) {
            // Back to the first column, and the line is empty.
            let _ = write!(terminal, "\r\x1b[K").and_then(|()| terminal.flush());
        }
    }
}

impl<P: Printer, W: Write> Printer for Progress<P, W> {
    fn begin(&mut self, heading: &Heading) -> io::Result<()> {
        self.begun += 1;
        self.tell();
        self.report.begin(heading)
    }

    fn message(&mut self, message: &MessageReport) -> io::Result<()> {
        self.reported += 1;
        self.tell();
        self.report.message(message)
    }

    fn so_far(&mut self, messages: usize) {
        self.settled = messages;
        self.tell();
        self.report.so_far(messages);
    }

    fn finish(&mut self, closing: &Closing) -> io::Result<()> {
        if self.begun == self.passes {
            self.clear();
        }
        self.report.finish(closing)
    }
}

impl<P, W: Write> Drop for Progress<P, W> {
    /// Not all of the passes may have been wanted.
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::model::Channel;
    use crate::report::fixtures::{heading, reminder};
    use crate::report::{Fate, PassResult};

    /// A report that nobody reads.
    struct Nowhere;

    impl Printer for Nowhere {
        fn begin(&mut self, _heading: &Heading) -> io::Result<()> {
            Ok(())
        }

        fn message(&mut self, _message: &MessageReport) -> io::Result<()> {
            Ok(())
        }

        fn finish(&mut self, _closing: &Closing) -> io::Result<()> {
            Ok(())
        }
    }

    /// A clock, and its milliseconds.
    fn clock() -> (Arc<AtomicU64>, Clock) {
        let time = Arc::new(AtomicU64::new(0));
        let read = Arc::clone(&time);
        let elapsed = move || Duration::from_millis(read.load(Ordering::Relaxed));
        (time, Clock::new(chrono::DateTime::UNIX_EPOCH, elapsed))
    }

    /// What stands on the terminal after so many passes, in which messages come at these milliseconds.
    fn terminal(passes: usize, times: &[&[u64]]) -> String {
        let (time, clock) = clock();
        let message = reminder(7, "Anna Beispiel", Channel::Email, "anna@example.de", Fate::Planned);
        let mut written = Vec::new();
        let mut progress = Progress::new(Nowhere, Some(&mut written), clock, Lang::En, passes);
        for times in times {
            progress.begin(&heading(PassResult::Complete, true)).unwrap();
            for at in *times {
                time.store(*at, Ordering::Relaxed);
                progress.message(&message).unwrap();
            }
            progress.finish(&Closing::default()).unwrap();
        }
        drop(progress);
        String::from_utf8(written).unwrap()
    }

    #[test]
    fn a_short_pass_tells_nothing() {
        assert_eq!(terminal(1, &[&[0, 500, 1999]]), "");
    }

    #[test]
    fn a_long_pass_tells_how_far_it_has_come_and_clears_the_line_at_the_end() {
        assert_eq!(terminal(1, &[&[0, 2000, 2100, 2200]]), "\r2 messages …\x1b[K\r4 messages …\x1b[K\r\x1b[K");
    }

    #[test]
    fn it_tells_what_has_gone_out_before_that_is_reported() {
        let (time, clock) = clock();
        let mut written = Vec::new();
        let mut progress = Progress::new(Nowhere, Some(&mut written), clock, Lang::En, 1);
        progress.begin(&heading(PassResult::Complete, false)).unwrap();
        for (at, messages) in [(1000, 3), (2000, 3), (2100, 5), (2300, 12)] {
            time.store(at, Ordering::Relaxed);
            progress.so_far(messages);
        }
        drop(progress);
        let written = String::from_utf8(written).unwrap();
        assert_eq!(written, "\r3 messages …\x1b[K\r12 messages …\x1b[K\r\x1b[K");
    }

    #[test]
    fn of_several_passes_it_tells_which_one_it_is_and_clears_the_line_after_the_last_that_was_wanted() {
        assert_eq!(
            terminal(24, &[&[0, 2000], &[2100, 2200], &[]]),
            "\rpass 1 of 24: 2 messages …\x1b[K\rpass 2 of 24: 4 messages …\x1b[K\r\x1b[K"
        );
    }
}
