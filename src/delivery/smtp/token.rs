//! Fetches an access token for XOAUTH2.
//!
//! The settings name a command, which is run without a shell for each connection: tokens are short
//! lived, and commands of that kind keep their own cache. Neither its arguments nor what it prints
//! is ever shown. A command that cannot be started needs a person; one that fails or takes too long
//! may succeed later.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::wire::Trouble;
use crate::settings::{Secret, TokenCommand};

/// More than any token, and a bound for a command that prints without end.
const LONGEST: u64 = 64 * 1024;

/// The first line that `command` prints, within `timeout`.
pub(super) fn fetch(command: &TokenCommand, timeout: Duration) -> Result<Secret, Trouble> {
    let name = &command.program;
    let mut child = Command::new(name)
        .args(&command.arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| Trouble::Unfit(format!("the token command `{name}` cannot be started: {error}")))?;
    let failed = |why: &str| Trouble::Closed(format!("the token command `{name}` {why}"));
    let output = child.stdout.take().ok_or_else(|| failed("has no output"))?;
    let (sender, receiver) = mpsc::channel();
    // A pipe has no timeout, so that another thread waits for the line.
    let waiting = thread::Builder::new().spawn(move || {
        let mut line = Vec::new();
        let mut output = BufReader::new(output);
        let read = output.by_ref().take(LONGEST).read_until(b'\n', &mut line);
        // Nobody listens any more after the timeout.
        let _ = sender.send(read.map(|_| line));
        // A command that prints more must not die of nobody reading it.
        let _ = io::copy(&mut output, &mut io::sink());
    });
    if let Err(error) = waiting {
        end(&mut child);
        return Err(failed(&format!("cannot be listened to: {error}")));
    }
    let line = receiver.recv_timeout(timeout);
    let mut status = child.try_wait().ok().flatten();
    // A command usually ends right after its last word; one that stays for longer is not waited for.
    for _ in 0..if line.is_ok() { 50 } else { 0 } {
        if status.is_some() {
            break;
        }
        thread::sleep(Duration::from_millis(10));
        status = child.try_wait().ok().flatten();
    }
    if status.is_none() {
        end(&mut child);
    }
    let line = line.map_err(|_| Trouble::Silent(format!("the token command `{name}` took longer than {timeout:?}")))?;
    let line = line.map_err(|error| failed(&error.to_string()))?;
    if let Some(status) = status.filter(|status| !status.success()) {
        return Err(failed(&format!("ended with {status}")));
    }
    let token = String::from_utf8(line).map_err(|_| failed("printed something that is not text"))?;
    let token = token.trim();
    if token.is_empty() || token.contains(char::is_control) {
        Err(failed("printed no token"))
    } else {
        Ok(Secret::new(token))
    }
}

fn end(child: &mut Child) {
    // Both fail only if it has ended by itself in between.
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Result<String, Trouble> {
        let arguments = vec!["-c".to_owned(), script.to_owned()];
        let command = TokenCommand { program: "/bin/sh".to_owned(), arguments };
        fetch(&command, Duration::from_millis(300)).map(|token| token.expose().to_owned())
    }

    #[test]
    fn the_first_line_is_the_token() {
        assert_eq!(shell("echo ya29.abc; echo more").unwrap(), "ya29.abc");
        assert_eq!(shell("printf ya29.abc").unwrap(), "ya29.abc");
    }

    #[test]
    fn a_command_that_fails_says_so_without_its_arguments() {
        for script in ["exit 3 # hunter2", "echo x; exit 3 # hunter2", "exec sleep 5 # hunter2", "echo; # hunter2"] {
            let trouble = format!("{:?}", shell(script).unwrap_err());
            assert!(trouble.contains("/bin/sh") && !trouble.contains("hunter2"), "{trouble}");
        }
    }

    #[test]
    fn a_command_that_is_not_there_needs_a_person() {
        let command = TokenCommand { program: "/gone/token".to_owned(), arguments: Vec::new() };
        assert!(matches!(fetch(&command, Duration::from_secs(1)), Err(Trouble::Unfit(_))));
    }
}
