//! The file of a page. It holds people's data, so that only its owner may read it, and it is there
//! as a whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::exit::{ExitStatus, Stop};
use crate::regular::{self, belongs_to};
use crate::report::html::HtmlPrinter;
use crate::report::words::Lang;
use crate::report::{Closing, Heading, MessageReport, Printer};

/// A page that is being written.
pub(super) struct PageFile {
    out: BufWriter<NamedTempFile>,
    /// As it was typed.
    shown: String,
    path: PathBuf,
}

impl PageFile {
    /// Makes a temporary file beside the page.
    ///
    /// # Errors
    /// 74 if there can be no such file, 2 if it is the database, or a file that is no page.
    pub(super) fn create(path: &Path, database: &Path) -> Result<Self, Stop> {
        let shown = super::shown(path);
        let stop = |problem: &str| {
            Stop::new(ExitStatus::Unusable, format!("the page \"{shown}\" (--html) cannot be written: {problem}"))
        };
        if path.file_name().is_none() {
            return Err(stop("this names no file"));
        }
        // What is there is replaced; behind a link, the file that it points to.
        let path = match path.canonicalize() {
            _ if belongs_to(path, database) => {
                let message = format!("--html names the database or a file of it, {shown}; name another file");
                return Err(Stop::usage(message));
            }
            Ok(path) if path.is_file() && is_page(&path) => path,
            Ok(path) if path.is_file() => {
                let message = format!(
                    "--html names {shown}, a file that is no page and would be lost; name another one, or delete it first"
                );
                return Err(Stop::usage(message));
            }
            Ok(_) => return Err(stop("there is something of this name that is no file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => path.to_owned(),
            Err(error) => return Err(stop(&error.to_string())),
        };
        let folder = folder(&path);
        let made = tempfile::Builder::new().prefix(".terminbote-").suffix(".html").tempfile_in(folder);
        let file = made.map_err(|error| {
            let folder = folder.display();
            stop(&match error.kind() {
                io::ErrorKind::NotFound => format!("there is no folder \"{folder}\""),
                kind => format!("{} (folder \"{folder}\")", io::Error::from(kind)),
            })
        })?;
        Ok(Self { out: BufWriter::new(file), shown, path })
    }

    /// Puts the page in its place, if it was `written`.
    ///
    /// # Errors
    /// 74 if it could not be written.
    pub(super) fn put_in_place(self, written: io::Result<()>) -> anyhow::Result<()> {
        let Self { out, shown, path } = self;
        let persist = || {
            let page = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            page.as_file().sync_all()?;
            page.persist(path).map_err(|error| error.error)?;
            Ok(())
        };
        written.and_then(|()| persist()).map_err(|error: io::Error| {
            Stop::new(ExitStatus::Unusable, format!("writing the page \"{shown}\" (--html): {error}")).into()
        })
    }
}

/// Whether nothing is lost if this file is replaced: an earlier page, or nothing.
fn is_page(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = regular::open(path).and_then(|file| file.take(PAGE.len() as u64).read_to_end(&mut start));
    read.is_ok() && (start.is_empty() || start.eq_ignore_ascii_case(PAGE))
}

/// How a page begins.
const PAGE: &[u8] = b"<!DOCTYPE html>";

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl Write for PageFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The page of a pass. A disk that is full must not stop a pass that is sending, so that the first
/// failure is remembered until the end.
pub(super) struct PassPage {
    printer: HtmlPrinter<PageFile, Spool>,
    failed: Option<io::Error>,
    is_whole: bool,
}

impl PassPage {
    /// Makes the temporary files beside the page.
    ///
    /// # Errors
    /// As [`PageFile::create`].
    pub(super) fn create(path: &Path, database: &Path, lang: Lang) -> Result<Self, Stop> {
        let page = PageFile::create(path, database)?;
        let spool = tempfile::tempfile_in(folder(&page.path)).map_err(|error| {
            let shown = &page.shown;
            Stop::new(ExitStatus::Unusable, format!("the page \"{shown}\" (--html) cannot be written: {error}"))
        })?;
        Ok(Self { printer: HtmlPrinter::new(page, Spool(BufWriter::new(spool)), lang), failed: None, is_whole: false })
    }

    /// Puts the page in its place; nothing of a pass that broke off takes that of an earlier one.
    ///
    /// # Errors
    /// 74 if it could not be written.
    pub(super) fn put_in_place(self) -> anyhow::Result<()> {
        if !self.is_whole {
            return Ok(());
        }
        self.printer.into_inner().put_in_place(self.failed.map_or(Ok(()), Err))
    }

    fn note(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            self.failed.get_or_insert(error);
        }
    }
}

impl Printer for PassPage {
    fn begin(&mut self, heading: &Heading) -> io::Result<()> {
        let result = self.printer.begin(heading);
        self.note(result);
        Ok(())
    }

    fn message(&mut self, message: &MessageReport) -> io::Result<()> {
        if self.failed.is_none() {
            let result = self.printer.message(message);
            self.note(result);
        }
        Ok(())
    }

    fn finish(&mut self, closing: &Closing) -> io::Result<()> {
        self.is_whole = true;
        if self.failed.is_none() {
            let result = self.printer.finish(closing);
            self.note(result);
        }
        Ok(())
    }
}

/// A file that is first written and then read, neither in small pieces.
struct Spool(BufWriter<File>);

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Read for Spool {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.get_mut().read(bytes)
    }
}

impl Seek for Spool {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}
