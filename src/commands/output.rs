//! Standard output, on which the report goes. A reader who goes away, or a disk that is full, must
//! not stop a pass that is sending.

use std::io::{self, BufWriter, Stdout, Write};

use crate::exit::{ExitStatus, Stop};

/// Standard output that remembers the first failure and goes on.
#[derive(Debug)]
pub(super) struct Output {
    stdout: BufWriter<Stdout>,
    failed: Option<io::Error>,
}

impl Output {
    pub(super) fn new() -> Self {
        Self { stdout: BufWriter::new(io::stdout()), failed: None }
    }

    /// Writes what is left, and tells if something could not be written. A reader who has seen
    /// enough is no failure.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        let flushed = self.stdout.flush();
        match self.failed.or(flushed.err()) {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Stop::new(ExitStatus::Unusable, format!("writing the report: {error}")).into())
            }
            _ => Ok(()),
        }
    }
}

/// Prints one line.
pub(super) fn line(text: &str) -> anyhow::Result<()> {
    let mut output = Output::new();
    writeln!(output, "{text}")?;
    output.finish()
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failed.is_none()
            && let Err(error) = self.stdout.write_all(bytes)
        {
            self.failed = Some(error);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failed.is_none() {
            self.failed = self.stdout.flush().err();
        }
        Ok(())
    }
}
