//! The connection to a mail server: bytes out, answers in, each with a deadline.
//!
//! The mail library brings a connection of its own, and its commands, addresses and ways to log in
//! are used here; the connection itself is not, for what it cannot tell or bound:
//! - whether a write failed, so that the end of the message certainly never left, or the answer to
//!   it is missing; both are the same error there;
//! - an end to an answer that comes one byte at a time: its timeout is one for each read, ours is
//!   one for the whole answer;
//! - answers that are not UTF-8, which German servers give: it takes them for a broken connection,
//!   even a 250 to a message or a 550 to an address;
//! - the server's size limit, which it reads and drops;
//! - small writes without delay. It sends the message and its final dot apart, so that each message
//!   waits some 40 ms for the other side to confirm the first of the two.
//!
//! The guarantee: a message is passed on by one write that ends with the final dot. If it fails,
//! the dot has not left, and nothing more is ever written to that connection.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Shutdown, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use rustix::net::{RecvFlags, recv};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::clock::Clock;
use crate::delivery::blot::Blot;
use crate::delivery::certificate::certificate_problem;
use crate::delivery::excerpt;

/// The most bytes of one line of an answer.
const LINE: usize = 4096;
/// The most bytes of one answer, all lines together.
const ANSWER: usize = 1 << 20;
/// From how much of what makes no sense an excerpt is made.
const MOST_SHOWN: usize = 2048;
/// How much of the encryption itself may come between two answers.
const MOST_RECORDS: usize = 16;
/// How long a server that is taken leave of may take to close the connection.
const LEAVE: Duration = Duration::from_millis(250);

/// Why a conversation cannot go on.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The server said no.
    Reply(Reply),
    /// The connection could not be made, or is gone.
    Closed(String),
    /// No answer in time.
    Silent(String),
    /// An answer that makes no sense.
    Garbled(String),
    /// The server's certificate is not the right one, it does not offer what the settings ask for, or they
    /// cannot work.
    Unfit(String),
    /// The message is larger than the server takes.
    Large(String),
}

/// The answer to one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// Its code, from 200 to 599.
    pub(super) code: u16,
    /// Its text: lines joined, control characters removed, cut to what a person can read.
    pub(super) text: String,
}

impl Reply {
    /// The enhanced status (RFC 3463) at the start of the text, if it is one of the code's class.
    pub(super) fn status(&self) -> Option<(u16, u16, u16)> {
        let mut parts = self.text.split_whitespace().next()?.split('.');
        let mut part = || {
            let digits = parts.next().filter(|part| part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit()))?;
            digits.parse().ok()
        };
        let status = (part()?, part()?, part()?);
        (parts.next().is_none() && status.0 == self.code / 100).then_some(status)
    }

    /// The name under which the server keeps the message, where the text tells one in one of the
    /// two usual ways.
    pub(super) fn queue_id(&self) -> Option<String> {
        let rest = ["queued as ", "id="].iter().find_map(|mark| self.text.split_once(mark))?.1;
        let id: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
        (!id.is_empty()).then_some(id)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.text)
    }
}

/// A socket whose reads and writes all end by one deadline.
struct Socket {
    tcp: TcpStream,
    clock: Arc<Clock>,
    deadline: Duration,
    /// Whether the last look came after the deadline.
    late: bool,
    /// The timeouts that the socket has now, for reads and for writes.
    timeouts: [Option<Duration>; 2],
}

impl Socket {
    /// The time that is left, never zero, which would mean for ever. Long times are told in whole
    /// seconds, so that the socket's timeout seldom has to be changed. After the deadline there is one more
    /// look: a process that was stopped for long may find the answer waiting.
    fn left(&mut self) -> io::Result<Option<Duration>> {
        let left = self.deadline.checked_sub(self.clock.elapsed());
        let was_late = std::mem::replace(&mut self.late, left.is_none());
        let left = left.or((!was_late).then_some(Duration::ZERO)).ok_or(ErrorKind::TimedOut)?;
        Ok(Some(match left.as_secs() {
            0 => left.max(Duration::from_millis(1)),
            seconds => Duration::from_secs(seconds + 1),
        }))
    }
}

/// A read that runs into its timeout says that it would block.
fn timed_out(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::WouldBlock { ErrorKind::TimedOut.into() } else { error }
}

impl Read for Socket {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = self.left()?;
        if self.timeouts[0] != left {
            self.tcp.set_read_timeout(left)?;
            self.timeouts[0] = left;
        }
        self.tcp.read(bytes).map_err(timed_out)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.left()?;
        if self.timeouts[1] != left {
            self.tcp.set_write_timeout(left)?;
            self.timeouts[1] = left;
        }
        self.tcp.write(bytes).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

enum Stream {
    Plain(Socket),
    Encrypted(Box<StreamOwned<ClientConnection, Socket>>),
}

impl Stream {
    fn socket(&mut self) -> &mut Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Encrypted(stream) => &mut stream.sock,
        }
    }
}

/// A connection to a mail server.
pub(super) struct Wire {
    stream: Stream,
    timeout: Duration,
    /// What has been read and not been taken as an answer yet.
    read: Vec<u8>,
    /// What no answer may bring into the record.
    blot: Blot,
}

impl Wire {
    /// Connects to `host`, trying each of its addresses.
    pub(super) fn connect(host: &str, port: u16, timeout: Duration, clock: Arc<Clock>) -> Result<Self, Trouble> {
        let unreachable = |error: &io::Error| match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => {
                Trouble::Silent(format!("{host}, port {port}, does not answer"))
            }
            _ => Trouble::Closed(format!("{host}, port {port}: {error}")),
        };
        let addresses = (host, port).to_socket_addrs().map_err(|error| unreachable(&error))?;
        let mut failure = io::Error::new(ErrorKind::NotFound, "the name has no address");
        for address in addresses {
            match TcpStream::connect_timeout(&address, timeout) {
                Ok(tcp) => {
                    // Nothing here is written in pieces, so that there is nothing worth waiting for.
                    tcp.set_nodelay(true).map_err(|error| unreachable(&error))?;
                    let socket = Socket { tcp, clock, deadline: Duration::ZERO, late: false, timeouts: [None; 2] };
                    return Ok(Self {
                        stream: Stream::Plain(socket),
                        timeout,
                        read: Vec::new(),
                        blot: Blot::default(),
                    });
                }
                Err(error) => failure = error,
            }
        }
        Err(unreachable(&failure))
    }

    /// Keeps a secret out of all answers from here on.
    pub(super) fn hide(&mut self, secret: &str) {
        self.blot.hide(secret);
    }

    /// What was read, for people: the start of it, harmless to print.
    fn shown(&self, bytes: &[u8]) -> String {
        format!("\"{}\"", excerpt(&self.blot.out(&decoded(bytes.get(..MOST_SHOWN).unwrap_or(bytes)))))
    }

    /// Our own address on this connection.
    pub(super) fn own_address(&mut self) -> Option<IpAddr> {
        self.stream.socket().tcp.local_addr().ok().map(|address| address.ip())
    }

    /// Encrypts the connection from here on, if the server proves that it is `host`.
    pub(super) fn encrypt(mut self, host: &str, config: Arc<ClientConfig>) -> Result<Self, Trouble> {
        if !self.read.is_empty() {
            // Somebody on the way could have put in an answer that we would take for an encrypted one.
            return Err(Trouble::Garbled("words in the clear after the answer to STARTTLS".to_owned()));
        }
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Trouble::Unfit(format!("`{host}` is no name that a certificate could bear")))?;
        let mut connection = ClientConnection::new(config, name)
            .map_err(|error| Trouble::Unfit(format!("no encryption is possible: {error}")))?;
        self.restart_deadline();
        let Stream::Plain(mut socket) = self.stream else { return Ok(self) };
        while connection.is_handshaking() {
            connection.complete_io(&mut socket).map_err(|error| handshake_trouble(&error, self.timeout))?;
        }
        Ok(Self { stream: Stream::Encrypted(Box::new(StreamOwned::new(connection, socket))), ..self })
    }

    fn restart_deadline(&mut self) {
        let timeout = self.timeout;
        let socket = self.stream.socket();
        socket.deadline = socket.clock.elapsed().saturating_add(timeout);
    }

    /// Sends `command`, which ends with its line break, and waits for the answer to it.
    pub(super) fn ask(&mut self, command: &str) -> Result<Reply, Trouble> {
        self.write(command.as_bytes())?;
        self.answer()
    }

    /// Sends `bytes` by one write. If it fails, its end has not left this computer.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        self.expect_nothing_unread()?;
        self.restart_deadline();
        let written = match &mut self.stream {
            Stream::Plain(socket) => socket.write_all(bytes),
            // Only the flush says whether everything has gone out; what has not stays in the buffer
            // of a connection to which nothing more is written.
            Stream::Encrypted(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        };
        written.map_err(|error| lost(&error, self.timeout))
    }

    /// Makes sure that every answer so far has been taken for what it was.
    fn expect_nothing_unread(&self) -> Result<(), Trouble> {
        if self.read.is_empty() {
            return Ok(());
        }
        Err(Trouble::Garbled(format!("an answer to nothing: {}", self.shown(&self.read))))
    }

    /// Sends `message`, which ends with the final dot, and `ahead` behind it; as [`Wire::write`] if there
    /// is nothing behind it. An error tells that the dot has not left. If it has and what is behind it
    /// has not, that will be seen when its answers are waited for.
    pub(super) fn write_with(&mut self, message: &[u8], ahead: &[u8]) -> Result<(), Trouble> {
        self.expect_nothing_unread()?;
        self.restart_deadline();
        match &mut self.stream {
            Stream::Plain(socket) if !ahead.is_empty() => {
                let mut left = [message, ahead].concat();
                while left.len() > ahead.len() {
                    match socket.write(&left) {
                        Ok(count) => drop(left.drain(..count)),
                        Err(error) if error.kind() == ErrorKind::Interrupted => {}
                        Err(error) => return Err(lost(&error, self.timeout)),
                    }
                }
                let _ = socket.write_all(&left);
            }
            // Whether the dot has left can be told of an encrypted message only if it goes alone.
            _ => {
                self.write(message)?;
                if !ahead.is_empty() {
                    let _ = self.write(ahead);
                }
            }
        }
        Ok(())
    }

    /// Makes sure, before the message itself is sent, that nothing has come that would be taken for
    /// the answer to it, and that the server has not left already.
    pub(super) fn expect_silence(&mut self) -> Result<(), Trouble> {
        let has_closed = || Err(Trouble::Closed("the server has closed the connection".to_owned()));
        let too_early = || Err(Trouble::Garbled("an answer before the message was sent".to_owned()));
        for _ in 0..MOST_RECORDS {
            let tcp = &self.stream.socket().tcp;
            let peeked = recv(tcp, &mut [0], RecvFlags::PEEK | RecvFlags::DONTWAIT).map(|(count, _)| count);
            let has_come = match peeked {
                Ok(0) => return has_closed(),
                Ok(_) => true,
                Err(error) if error.kind() == ErrorKind::WouldBlock => false,
                Err(error) => return Err(lost(&error.into(), self.timeout)),
            };
            let Stream::Encrypted(stream) = &mut self.stream else {
                return if has_come { too_early() } else { Ok(()) };
            };
            // What comes encrypted may be no answer at all, but a part of the encryption itself; its end, too.
            if has_come {
                stream.conn.read_tls(&mut stream.sock).map_err(|error| lost(&error, self.timeout))?;
            }
            match stream.conn.process_new_packets() {
                Ok(state) if state.plaintext_bytes_to_read() > 0 => return too_early(),
                Ok(state) if state.peer_has_closed() => return has_closed(),
                Ok(_) if has_come => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(Trouble::Garbled(error.to_string())),
            }
        }
        too_early()
    }

    /// Waits for an answer.
    pub(super) fn answer(&mut self) -> Result<Reply, Trouble> {
        self.answer_with(|_| ())
    }

    /// Waits for an answer and shows each of its lines, without the code, to `see`.
    pub(super) fn answer_with(&mut self, mut see: impl FnMut(&str)) -> Result<Reply, Trouble> {
        self.restart_deadline();
        let (mut code, mut text, mut total) = (None, String::new(), 0);
        loop {
            let line = self.line()?;
            total += line.len();
            let garbled = || Trouble::Garbled(format!("not an answer of a mail server: {}", self.shown(&line)));
            let (this, last) = code_of(&line).ok_or_else(garbled)?;
            if *code.get_or_insert(this) != this || total > ANSWER {
                return Err(garbled());
            }
            let words = decoded(line.get(4..).unwrap_or_default());
            see(&words);
            text.push(' ');
            text.push_str(&words);
            if last {
                return Ok(Reply { code: this, text: excerpt(&self.blot.out(&text)) });
            }
        }
    }

    /// The next line, without its end.
    fn line(&mut self) -> Result<Vec<u8>, Trouble> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let rest = self.read.split_off(end + 1);
                let mut line = std::mem::replace(&mut self.read, rest);
                while line.last().is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
                    line.pop();
                }
                return Ok(line);
            }
            if self.read.len() > LINE {
                return Err(Trouble::Garbled(format!("a line without an end: {}", self.shown(&self.read))));
            }
            let mut bytes = [0; LINE];
            let count = match &mut self.stream {
                Stream::Plain(socket) => socket.read(&mut bytes),
                Stream::Encrypted(stream) => stream.read(&mut bytes),
            };
            match count {
                Ok(0) => return Err(Trouble::Closed("the server has closed the connection".to_owned())),
                // A read never tells of more bytes than there is room for.
                Ok(count) => self.read.extend_from_slice(bytes.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(lost(&error, self.timeout)),
            }
        }
    }

    /// Confirms what has come, since more is to come. Some servers write each answer by itself and hold a small one
    /// back until the one before is confirmed (RFC 896), which a system without anything to say puts off for 40 ms.
    pub(super) fn confirm(&mut self) {
        #[cfg(target_os = "linux")]
        if self.read.is_empty() {
            // It is about time alone.
            let _ = rustix::net::sockopt::set_tcp_quickack(&self.stream.socket().tcp, true);
        }
    }

    /// Takes leave without waiting for an answer, which could only cost time.
    pub(super) fn quit(&mut self) {
        let _ = self.write(b"QUIT\r\n");
    }

    /// Takes leave of a server that is about to be called again, and waits a moment until it has closed this
    /// connection: as long as it has not, another one may be too many.
    pub(super) fn take_leave(&mut self) {
        // Nothing that it has said or will say matters any more.
        self.read.clear();
        self.quit();
        self.wait_for_the_end();
    }

    /// The same without a word, where any word would be taken for a part of a message.
    pub(super) fn hang_up(&mut self) {
        let _ = self.stream.socket().tcp.shutdown(Shutdown::Write);
        self.wait_for_the_end();
    }

    fn wait_for_the_end(&mut self) {
        let socket = self.stream.socket();
        socket.deadline = socket.clock.elapsed().saturating_add(LEAVE);
        while socket.read(&mut [0; LINE]).is_ok_and(|count| count > 0) {}
    }
}

fn lost(error: &io::Error, timeout: Duration) -> Trouble {
    match error.kind() {
        ErrorKind::TimedOut => Trouble::Silent(format!("no answer within {timeout:?}")),
        ErrorKind::UnexpectedEof => Trouble::Closed("the server has closed the connection".to_owned()),
        _ => Trouble::Closed(error.to_string()),
    }
}

fn handshake_trouble(error: &io::Error, timeout: Duration) -> Trouble {
    if let Some(problem) = certificate_problem(error) {
        return Trouble::Unfit(problem);
    }
    match error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidMessage(_)) => {
            Trouble::Garbled("the server does not speak TLS at this point (is the port right?)".to_owned())
        }
        _ => lost(error, timeout),
    }
}

/// The code of a line, and whether the line is the last of its answer.
fn code_of(line: &[u8]) -> Option<(u16, bool)> {
    let digits = line.get(..3)?;
    let code = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
    let code = code.parse().ok().filter(|code| (200..600).contains(code))?;
    match line.get(3) {
        None | Some(b' ') => Some((code, true)),
        Some(b'-') => Some((code, false)),
        Some(_) => None,
    }
}

/// Text in UTF-8, or else in Latin-1, which knows every byte.
fn decoded(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn status(code: u16, text: &str) -> Option<(u16, u16, u16)> {
        Reply { code, text: text.to_owned() }.status()
    }

    /// A computer that was suspended, or a process that was stopped for long, finds the answer waiting.
    #[test]
    fn an_answer_that_has_come_is_read_also_after_its_time_but_no_other_is_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let tcp = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut server = listener.accept().unwrap().0;
        server.write_all(b"250 ok\r\n").unwrap();
        tcp.peek(&mut [0]).unwrap();
        let hours = std::sync::atomic::AtomicU64::new(0);
        let elapsed = move || Duration::from_secs(3600 * hours.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let clock = Arc::new(Clock::new(chrono::DateTime::UNIX_EPOCH, elapsed));
        let deadline = Duration::from_secs(1);
        let mut socket = Socket { tcp, clock, deadline, late: false, timeouts: [None; 2] };
        assert_eq!(socket.read(&mut [0; 3]).unwrap(), 3, "before the deadline");
        assert_eq!(socket.read(&mut [0; 3]).unwrap(), 3, "after it");
        assert_eq!(socket.read(&mut [0; 3]).unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[test]
    fn a_status_stands_first_and_agrees_with_its_code() {
        assert_eq!(status(550, "5.1.1 no such user"), Some((5, 1, 1)));
        assert_eq!(status(450, "4.2.0"), Some((4, 2, 0)));
        for (code, text) in
            [(550, "4.1.1 x"), (550, "no 5.1.1"), (550, "5.1"), (550, "5.1.1.1"), (550, ""), (550, "5..1")]
        {
            assert_eq!(status(code, text), None, "{text}");
        }
    }

    #[test]
    fn the_servers_own_name_of_a_message_is_found() {
        let id = |text: &str| Reply { code: 250, text: text.to_owned() }.queue_id();
        assert_eq!(id("2.0.0 Ok: queued as 4ZbX1y2z3"), Some("4ZbX1y2z3".to_owned()));
        assert_eq!(id("OK id=1tQ2Ab-0003xy-5F"), Some("1tQ2Ab-0003xy-5F".to_owned()));
        assert_eq!(id("2.0.0 Ok"), None);
    }

    #[test]
    fn a_line_has_a_code_and_says_whether_it_is_the_last() {
        assert_eq!(code_of(b"250 ok"), Some((250, true)));
        assert_eq!(code_of(b"250"), Some((250, true)));
        assert_eq!(code_of(b"250-ok"), Some((250, false)));
        for line in [&b"25"[..], b"hello", b"2500 ok", b"199 x", b"600 x", b"+50 x", b""] {
            assert_eq!(code_of(line), None, "{line:?}");
        }
    }

    #[test]
    fn an_answer_in_latin_1_is_read_all_the_same() {
        assert_eq!(decoded(b"Empf\xe4nger"), "Empfänger");
        assert_eq!(decoded("Empfänger".as_bytes()), "Empfänger");
    }
}
