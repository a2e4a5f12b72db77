//! A line that tells a person at a terminal how far a long pass has come.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::report::words::{Lang, Noun, count};
use crate::report::{Closing, Heading, MessageReport, Printer};

/// For so long nobody wants to be told anything.
const PATIENCE: Duration = Duration::from_secs(2);

/// Hands a report on to a printer, and tells on `terminal` how many messages it has seen.
pub(super) struct Progress<'w, W> {
    report: Box<dyn Printer + 'w>,
    terminal: W,
    clock: Arc<Clock>,
    lang: Lang,
    messages: usize,
    told_at: Option<Duration>,
}

impl<'w, W: Write> Progress<'w, W> {
    pub(super) fn new(report: Box<dyn Printer + 'w>, terminal: W, clock: Arc<Clock>, lang: Lang) -> Self {
        Self { report, terminal, clock, lang, messages: 0, told_at: None }
    }

    /// A terminal that cannot be written to must not stop the pass, so that failures are ignored.
    fn tell(&mut self) {
        let elapsed = self.clock.elapsed();
        let due = self.told_at.map_or(PATIENCE, |told_at| told_at + Duration::from_millis(200));
        if elapsed >= due {
            self.told_at = Some(elapsed);
            let messages = count(self.lang, self.messages, Noun::Message);
            let _ = write!(self.terminal, "\r{messages} …").and_then(|()| self.terminal.flush());
        }
    }

    fn clear(&mut self) {
        if self.told_at.is_some() {
            // Back to the first column, and the line is empty.
            let _ = write!(self.terminal, "\r\x1b[K").and_then(|()| self.terminal.flush());
        }
    }
}

impl<W: Write> Printer for Progress<'_, W> {
    fn begin(&mut self, heading: &Heading) -> io::Result<()> {
        self.report.begin(heading)
    }

    fn message(&mut self, message: &MessageReport) -> io::Result<()> {
        self.messages += 1;
        self.tell();
        self.report.message(message)
    }

    fn finish(&mut self, closing: &Closing) -> io::Result<()> {
        self.clear();
        self.report.finish(closing)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::model::{Channel, Kind, State};
    use crate::report::Fate;

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

    fn message() -> MessageReport {
        MessageReport {
            message_id: None,
            kind: Kind::Reminder,
            customer_id: 7,
            customer_name: None,
            branch_id: 1,
            channel: Channel::Email,
            address: "anna@example.de".to_owned(),
            interface_id: None,
            document_template: None,
            appointments: Vec::new(),
            subject: None,
            body: String::new(),
            language: None,
            attachments: Vec::new(),
            sms_segments: None,
            fate: Fate::Settled(State::Sent),
            deferral: None,
            error: None,
            beside: None,
        }
    }

    /// What stands on the terminal after messages at these milliseconds of the pass.
    fn terminal(times: &[u64]) -> String {
        let time = Arc::new(AtomicU64::new(0));
        let clock = {
            let time = Arc::clone(&time);
            Arc::new(Clock::new(chrono::DateTime::UNIX_EPOCH, move || {
                Duration::from_millis(time.load(Ordering::Relaxed))
            }))
        };
        let mut written = Vec::new();
        let mut progress = Progress::new(Box::new(Nowhere), &mut written, clock, Lang::En);
        for at in times {
            time.store(*at, Ordering::Relaxed);
            progress.message(&message()).unwrap();
        }
        progress.finish(&Closing::default()).unwrap();
        String::from_utf8(written).unwrap()
    }

    #[test]
    fn a_short_pass_tells_nothing() {
        assert_eq!(terminal(&[0, 500, 1999]), "");
    }

    #[test]
    fn a_long_pass_tells_how_far_it_has_come_and_clears_the_line_at_the_end() {
        assert_eq!(terminal(&[0, 2000, 2100, 2200]), "\r2 messages …\r4 messages …\r\x1b[K");
    }
}
