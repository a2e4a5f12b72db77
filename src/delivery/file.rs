//! Writes messages into a folder instead of sending them: one `.eml` for each e-mail, one `.txt`
//! for each text message.
//!
//! A file is named after the date and the reference of its message, so that a folder sorts by time
//! and the same message always has the same name. It is written under another name, brought to the
//! disk and renamed: whoever empties the folder never sees half a message. If a file of that name
//! is there already, the message was handed over before; it stays as it is, and so a hand-over that
//! is repeated gives one file. Only their owner can read folder and files, since they say who is a
//! patient where.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::Access;

use super::email::{Sender, compose, token};
use super::{Address, Carrier, Courier, Outcome, Prepared, Probe, one_line};

/// Writes messages into a folder.
#[derive(Debug, Clone)]
pub struct FileCarrier {
    directory: PathBuf,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Emails(Sender),
    Texts,
}

impl FileCarrier {
    /// Writes e-mails from `sender` into `directory`, which is made when it is first needed.
    pub fn emails(directory: impl Into<PathBuf>, sender: Sender) -> Self {
        Self { directory: directory.into(), content: Content::Emails(sender) }
    }

    /// Writes text messages into `directory`, which is made when it is first needed.
    pub fn texts(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), content: Content::Texts }
    }

    fn write(&self, message: &Prepared) -> Outcome {
        let (ending, bytes) = match (&self.content, &message.address) {
            (Content::Emails(sender), _) => match compose(message, sender) {
                Ok(email) => ("eml", email.bytes),
                Err(problem) => return Outcome::Rejected(problem),
            },
            (Content::Texts, Address::Sms(number)) => ("txt", text_message(message, number.expose()).into_bytes()),
            (Content::Texts, address) => {
                return Outcome::Rejected(format!("a message by {} is no text message", address.channel()));
            }
        };
        let name = format!("{}-{}.{ending}", message.date.format("%Y%m%dT%H%M%SZ"), token(&message.reference));
        match write_once(&self.directory, &name, &bytes) {
            Ok(reply) => Outcome::Accepted { reference: Some(name), reply: reply.to_owned() },
            // The folder is the server here: what keeps one message out keeps out all.
            Err(error) => Outcome::NotSent {
                problem: format!("cannot write `{name}` into `{}`: {error}", self.directory.display()),
                wait: None,
                server: true,
            },
        }
    }
}

impl Carrier for FileCarrier {
    fn courier(&self) -> Box<dyn Courier + '_> {
        Box::new(self)
    }

    /// Looks whether the folder, or the first one above it that is there, may be written into.
    fn probe(&self) -> Result<Probe, String> {
        let there = self.directory.ancestors().find(|folder| folder.as_os_str().is_empty() || folder.exists());
        let folder = there.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(format!("`{}` is no folder", folder.display()));
        }
        rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK)
            .map_err(|error| format!("`{}` cannot be written into: {error}", folder.display()))?;
        Ok(Probe { asked: false, balance: None })
    }
}

impl Courier for &FileCarrier {
    fn hand_over(&mut self, message: &Prepared) -> Outcome {
        self.write(message)
    }
}

/// A text message with a few headers, as a person reads it.
fn text_message(message: &Prepared, number: &str) -> String {
    let body = message.body.trim_end_matches('\n');
    format!(
        "To: {number}\nDate: {}\nReference: {}\n\n{body}\n",
        message.date.format("%Y-%m-%dT%H:%M:%SZ"),
        one_line(&message.reference)
    )
}

/// Writes `bytes` to the file `name` in `directory`, unless it is there already.
fn write_once(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<&'static str> {
    let path = directory.join(name);
    if path.try_exists()? {
        return Ok("there already");
    }
    let mut folders = DirBuilder::new();
    folders.recursive(true);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    folders.mode(0o700);
    options.mode(0o600);
    folders.create(directory)?;
    // A half-written one that a crash has left behind has this very name, and is written anew.
    let unfinished = directory.join(format!(".{name}.part"));
    let written = options.open(&unfinished).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)
    });
    if let Err(error) = written {
        // What is left of it only takes space on a disk that may be full; the first error counts.
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    // The new name is on the disk only with its folder; not every file system can sync one.
    let _ = File::open(directory).and_then(|folder| folder.sync_all());
    Ok("written")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::contact::PhoneNumber;
    use crate::delivery::email::tests::{message, sender};

    fn files(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn an_email_becomes_one_file_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("post/out");
        let outcome = FileCarrier::emails(&out, sender()).courier().hand_over(&message());
        let name = "20260310T180000Z-17.3f6c1a.eml".to_owned();
        assert_eq!(outcome, Outcome::Accepted { reference: Some(name.clone()), reply: "written".to_owned() });
        assert_eq!(files(&out), [name.as_str()]);
        assert_eq!((mode(&out), mode(&out.join(&name))), (0o700, 0o600));
        let written = fs::read(out.join(name)).unwrap();
        assert_eq!(written, compose(&message(), &sender()).unwrap().bytes);
    }

    #[test]
    fn a_text_message_becomes_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut message = message();
        message.address = Address::Sms(PhoneNumber::parse("+4915228817386", "+49").unwrap());
        message.body = "Ihr Termin: morgen, 10:00 Uhr.\nOptik Muster".to_owned();
        FileCarrier::texts(folder.path()).courier().hand_over(&message);
        let written = fs::read_to_string(folder.path().join("20260310T180000Z-17.3f6c1a.txt")).unwrap();
        insta::assert_snapshot!(written, @r"
        To: +4915228817386
        Date: 2026-03-10T18:00:00Z
        Reference: 17.3f6c1a

        Ihr Termin: morgen, 10:00 Uhr.
        Optik Muster
        ");
    }

    #[test]
    fn a_message_that_is_handed_over_again_stays_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let carrier = FileCarrier::emails(folder.path(), sender());
        carrier.courier().hand_over(&message());
        let again = carrier.courier().hand_over(&message());
        assert!(matches!(again, Outcome::Accepted { reply, .. } if reply == "there already"));
        assert_eq!(files(folder.path()).len(), 1);
    }

    #[test]
    fn a_half_written_file_of_a_crash_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".20260310T180000Z-17.3f6c1a.eml.part"), "From: Op").unwrap();
        FileCarrier::emails(folder.path(), sender()).courier().hand_over(&message());
        assert_eq!(files(folder.path()), ["20260310T180000Z-17.3f6c1a.eml"]);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_trouble_with_the_server() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let outcome = FileCarrier::emails(file.join("out"), sender()).courier().hand_over(&message());
        assert!(matches!(outcome, Outcome::NotSent { server: true, .. }), "{outcome:?}");
    }

    #[test]
    fn a_message_for_another_channel_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let outcome = FileCarrier::texts(folder.path()).courier().hand_over(&message());
        assert_eq!(outcome, Outcome::Rejected("a message by email is no text message".to_owned()));
        assert!(files(folder.path()).is_empty());
    }

    #[test]
    fn a_reference_cannot_leave_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let message = Prepared { reference: "../../x/y".to_owned(), ..message() };
        FileCarrier::emails(folder.path(), sender()).courier().hand_over(&message);
        assert_eq!(files(folder.path()), ["20260310T180000Z--..-x-y.eml"]);
    }
}
