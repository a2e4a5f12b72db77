//! The trap into which a running pass walks: the peers know how far the dialogue has come, and
//! spring it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Child;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::house::keep_log;

/// A place in the dialogue with one of the peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Point {
    /// The mail server has been connected to.
    Connected,
    /// EHLO was heard.
    Hello,
    /// MAIL was heard, and not answered.
    Mail,
    /// Half of the message has come.
    HalfOfData,
    /// The final dot has come, and was not answered.
    FinalDot,
    /// The answer to the message was written; nobody has settled it.
    MailAnswered,
    /// The headers of a request to the gateway have come.
    Headers,
    /// The whole request has come, and was not answered.
    Body,
    /// The answer of the gateway was written; nobody has settled it.
    TextAnswered,
}

/// When the program is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spring {
    Never,
    /// At a point, when it has been reached so often before.
    At(Point, usize),
    /// When so many bytes have come, on all connections to all peers together.
    AfterBytes(u64),
    /// Not at all: whoever reaches this point is held there until the trap is opened.
    Hold(Point),
}

/// What happens to a running pass.
pub(crate) struct Trap {
    spring: Spring,
    /// Whether what the killed program has written, and nobody has read yet, still arrives: it does
    /// if only the program dies, and does not if the computer or its line goes with it.
    rest_arrives: bool,
    database: PathBuf,
    child: Mutex<Option<Child>>,
    started: Condvar,
    reached: AtomicUsize,
    received: AtomicU64,
    sprung: AtomicBool,
    holding: Mutex<Holding>,
    changed: Condvar,
}

#[derive(Default)]
struct Holding {
    open: bool,
    held: usize,
}

impl Trap {
    pub(crate) fn new(database: PathBuf, spring: Spring, rest_arrives: bool) -> Arc<Self> {
        Arc::new(Self {
            spring,
            rest_arrives,
            database,
            child: Mutex::new(None),
            started: Condvar::new(),
            reached: AtomicUsize::new(0),
            received: AtomicU64::new(0),
            sprung: AtomicBool::new(false),
            holding: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// Names the program that is to walk into it.
    pub(crate) fn wait_for(&self, child: Child) {
        *self.child.lock().unwrap() = Some(child);
        self.started.notify_all();
    }

    /// Waits for the end of the program; its exit status, none if it was killed.
    pub(crate) fn end(&self) -> Option<i32> {
        self.child.lock().unwrap().as_mut().unwrap().wait().unwrap().code()
    }

    /// The program's process id.
    pub(crate) fn process(&self) -> u32 {
        self.child.lock().unwrap().as_ref().unwrap().id()
    }

    /// Ends the program at once, and lets everybody go who is held.
    pub(crate) fn give_up(&self) {
        if let Some(child) = self.child.lock().unwrap().as_mut() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
        self.open();
    }

    /// Waits until so many connections are held.
    pub(crate) fn wait_until_held(&self, connections: usize) {
        let waiting = |holding: &mut Holding| holding.held < connections;
        let limit = Duration::from_secs(30);
        let (holding, _) = self.changed.wait_timeout_while(self.holding.lock().unwrap(), limit, waiting).unwrap();
        assert!(holding.held >= connections, "only {} of {connections} connections came so far", holding.held);
    }

    /// Lets everybody go on, for good.
    pub(crate) fn open(&self) {
        self.holding.lock().unwrap().open = true;
        self.changed.notify_all();
    }

    pub(crate) fn has_sprung(&self) -> bool {
        self.sprung.load(Ordering::SeqCst)
    }

    /// How many bytes have come.
    pub(crate) fn received(&self) -> u64 {
        self.received.load(Ordering::SeqCst)
    }

    fn kill(&self) {
        if self.sprung.swap(true, Ordering::SeqCst) {
            return;
        }
        let mut child = self.started.wait_while(self.child.lock().unwrap(), |child| child.is_none()).unwrap();
        child.as_mut().unwrap().kill().unwrap();
    }

    fn is_due(&self, point: Point) -> bool {
        match self.spring {
            Spring::At(where_, before) if where_ == point => {
                self.reached.fetch_add(1, Ordering::SeqCst) == before && !self.has_sprung()
            }
            _ => false,
        }
    }

    /// Says that a point has been reached.
    pub(crate) fn reach(&self, point: Point) {
        if self.is_due(point) {
            self.kill();
        }
        if self.spring == Spring::Hold(point) {
            let mut holding = self.holding.lock().unwrap();
            holding.held += 1;
            self.changed.notify_all();
            drop(self.changed.wait_while(holding, |holding| !holding.open).unwrap());
        }
    }

    /// Writes an answer after which a message would be settled. If this is the point at which the
    /// program dies, then it has read the answer, and cannot settle anything: somebody else is
    /// writing into the database.
    pub(crate) fn answer(&self, point: Point, stream: &mut TcpStream, answer: &[u8]) -> std::io::Result<()> {
        if !self.is_due(point) {
            return stream.write_all(answer);
        }
        let others = Connection::open_with_flags(&self.database, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
        others.busy_timeout(Duration::from_secs(10)).unwrap();
        keep_log(&others);
        others.execute_batch("BEGIN IMMEDIATE").unwrap();
        stream.write_all(answer)?;
        wait_until_read(stream);
        self.kill();
        // Its locks end with it, before anybody else can write.
        drop(others);
        Ok(())
    }

    /// Reads some bytes, not beyond the one at which the program dies; none after its death if
    /// nothing more arrives.
    pub(crate) fn read(&self, stream: &mut TcpStream, bytes: &mut [u8]) -> std::io::Result<usize> {
        let most = match self.spring {
            Spring::AfterBytes(after) => after.saturating_sub(self.received()).clamp(1, 256),
            _ => 256,
        };
        let most = bytes.len().min(usize::try_from(most).unwrap());
        let read = stream.read(&mut bytes[..most])?;
        if self.has_sprung() && !self.rest_arrives {
            return Ok(0);
        }
        let received = self.received.fetch_add(read as u64, Ordering::SeqCst) + read as u64;
        if matches!(self.spring, Spring::AfterBytes(after) if received >= after) {
            self.kill();
        }
        Ok(read)
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        self.give_up();
    }
}

/// Waits until the other side of a connection over loopback has read all that was written to it, by
/// the system's own table of connections.
fn wait_until_read(stream: &TcpStream) {
    let (theirs, ours) = (stream.peer_addr().unwrap().port(), stream.local_addr().unwrap().port());
    for _ in 0..10_000 {
        let Ok(table) = std::fs::read_to_string("/proc/net/tcp") else { return };
        // Number, local address, remote address, state, queues (to be sent, to be read).
        let unread = table.lines().find_map(|line| {
            let columns: Vec<_> = line.split_whitespace().collect();
            let port = |column: &str| u16::from_str_radix(column.rsplit_once(':')?.1, 16).ok();
            let is_theirs = columns.len() > 4 && port(columns[1]) == Some(theirs) && port(columns[2]) == Some(ours);
            is_theirs.then(|| !columns[4].ends_with(":00000000"))
        });
        if unread != Some(true) {
            return;
        }
        std::thread::yield_now();
    }
}
