//! Standard output, on which the report goes. A reader who goes away, or a disk that is full, must
//! not stop a pass that is sending.

use std::io::{self, BufWriter, Seek, Stdout, Write};

use tempfile::SpooledTempFile;

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

/// How much of a report is kept in memory; the rest waits in a file without a
/// name, which nobody else can open.
const IN_MEMORY: usize = 1 << 20;

/// A report that is kept until the pass has ended: it is printed when that no longer holds up another pass, or not
/// at all if nobody is needed.
pub(super) struct Withheld {
    report: BufWriter<SpooledTempFile>,
    failed: Option<io::Error>,
}

impl Withheld {
    pub(super) fn new() -> Self {
        Self { report: BufWriter::new(SpooledTempFile::new(IN_MEMORY)), failed: None }
    }

    /// Prints it.
    ///
    /// # Errors
    /// 74 if it could not be kept as a whole; what there is of it is printed all the same.
    pub(super) fn print(self, output: &mut Output) -> anyhow::Result<()> {
        let Self { report, mut failed } = self;
        let print = || -> io::Result<()> {
            let mut report = report.into_inner().map_err(io::IntoInnerError::into_error)?;
            report.rewind()?;
            io::copy(&mut report, output).map(|_| ())
        };
        failed = print().err().or(failed);
        match failed {
            Some(error) => {
                let message =
                    format!("keeping the report until the end in {}: {error}", std::env::temp_dir().display());
                Err(Stop::new(ExitStatus::Unusable, message).into())
            }
            None => Ok(()),
        }
    }
}

impl Write for Withheld {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failed.is_none()
            && let Err(error) = self.report.write_all(bytes)
        {
            self.failed = Some(error);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
