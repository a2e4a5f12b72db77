//! A program beside the test: found, started, listened to, and ended with the test.

use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// The first of `places` that is there; `None`, said aloud, where the test has to be left out.
///
/// # Panics
/// If none is there and the environment says that it must be.
#[track_caller]
pub(crate) fn installed(what: &str, places: &[&str]) -> Option<PathBuf> {
    let found = places.iter().map(|place| Path::new(env!("CARGO_MANIFEST_DIR")).join(place)).find(|path| path.exists());
    if found.is_none() {
        let required = std::env::var_os("TERMINBOTE_REQUIRE_PEERS").is_some_and(|value| value == "1");
        assert!(!required, "TERMINBOTE_REQUIRE_PEERS is set, and {what} is not installed");
        eprintln!("left out: {what} is not installed");
    }
    found
}

/// The Python that has what `requirements.txt` lists.
#[track_caller]
pub(crate) fn python() -> Option<PathBuf> {
    installed("the virtual environment of the peers", &["target/peers/venv/bin/python"])
}

/// A file beside these tests.
pub(crate) fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(name)
}

/// A certificate or key of the test servers.
pub(crate) fn tls(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/tls").join(name)
}

/// A running program, and what it says.
pub(crate) struct Server {
    child: Child,
    said: Receiver<String>,
    /// Kept open, since some programs end with it.
    _stdin: Option<ChildStdin>,
}

impl Server {
    /// Starts a program that says on its standard error how it gets on.
    pub(crate) fn start(command: &mut Command) -> Self {
        Self::run(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()))
    }

    /// Starts a program that says on its standard output how it gets on, and ends with its input.
    pub(crate) fn start_talking(command: &mut Command) -> Self {
        Self::run(command.stdin(Stdio::piped()).stdout(Stdio::piped()))
    }

    fn run(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let output: Box<dyn Read + Send> = match (child.stdout.take(), child.stderr.take()) {
            (Some(stdout), _) => Box::new(stdout),
            (None, stderr) => Box::new(stderr.unwrap()),
        };
        let (sender, said) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                // After the test nobody listens; reading goes on, so that the program never blocks.
                let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
            }
        });
        let stdin = child.stdin.take();
        Self { child, said, _stdin: stdin }
    }

    /// The next line of what it says that contains `words`.
    #[track_caller]
    pub(crate) fn wait_for(&self, words: &str) -> String {
        let mut seen = Vec::new();
        loop {
            match self.said.recv_timeout(Duration::from_secs(20)) {
                Ok(line) if line.contains(words) => return line,
                Ok(line) => seen.push(line),
                Err(error) => panic!("no \"{words}\" ({error}) in:\n{}", seen.join("\n")),
            }
        }
    }

    /// Waits until somebody listens at `port`.
    #[track_caller]
    pub(crate) fn wait_for_port(&mut self, port: u16) {
        for _ in 0..2000 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return;
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("ended with {status}: {}", self.said.iter().collect::<Vec<_>>().join("\n"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("nobody listens at port {port}");
    }

    /// Ends it at once, as a fault would.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Free ports below those that the system gives away for outgoing connections, of which a test
/// running beside this one could otherwise get one in between.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    [(); N].map(|()| {
        loop {
            // Other programs of this kind begin elsewhere.
            let step = std::process::id().wrapping_mul(37).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
            let port = 20_000 + u16::try_from(step % 12_000).unwrap();
            if TcpListener::bind(("127.0.0.1", port)).is_ok() {
                return port;
            }
        }
    })
}
