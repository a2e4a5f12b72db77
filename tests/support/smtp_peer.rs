//! A mail server for tests, in the same process, that does what a script says.
//!
//! It listens on a free port of this computer and answers politely, except where the script wants
//! something else: another answer, silence, nonsense, a hurried end. What it was told and what it
//! took can be asked afterwards. Unit tests and integration tests share it.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::{ServerConnection, StreamOwned};

use super::tls::server_config;

/// What the peer has to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Greeting,
    Ehlo,
    Starttls,
    Auth,
    Mail,
    Rcpt,
    Rset,
    Data,
    /// The message with its final dot has been read.
    Content,
    Quit,
    Other,
}

/// One thing to answer.
#[derive(Debug)]
pub struct Step<'a> {
    pub stage: Stage,
    /// The command, or the message.
    pub line: &'a str,
    /// How often this stage was reached before, on all connections together.
    pub before: usize,
}

/// What the peer does.
#[derive(Debug, Clone)]
pub enum Act {
    /// The usual.
    Polite,
    /// Answers with this line.
    Say(String),
    /// Sends these bytes as they are.
    Bytes(Vec<u8>),
    /// Answers one byte at a time.
    Drip(String),
    /// Answers with this line and closes the connection.
    SayAndClose(String),
    /// Answers with this line and ends the encryption, but not the connection.
    SayAndEndEncryption(String),
    /// Says nothing until the other side goes.
    Hang,
    /// Closes the connection.
    Close,
}

impl Act {
    pub fn say(line: &str) -> Self {
        Self::Say(line.to_owned())
    }
}

/// How the peer encrypts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    None,
    Starttls,
    Implicit,
}

/// A message that was read up to its final dot, whatever was answered then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub from: String,
    pub to: Vec<String>,
    pub content: String,
}

type Script = dyn Fn(&Step<'_>) -> Act + Send + Sync;

struct Shared {
    script: Box<Script>,
    encryption: Encryption,
    offers: Vec<String>,
    stop: AtomicBool,
    connections: AtomicUsize,
    reached: Mutex<BTreeMap<Stage, usize>>,
    commands: Mutex<Vec<String>>,
    taken: Mutex<Vec<Taken>>,
}

/// A running peer; it stops listening when it is dropped.
pub struct SmtpPeer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl SmtpPeer {
    /// A peer that always takes everything.
    pub fn polite() -> Self {
        Self::new(|_| Act::Polite)
    }

    /// A peer that does `act` at `stage`, and is polite otherwise.
    pub fn at(stage: Stage, act: Act) -> Self {
        Self::new(move |step| if step.stage == stage { act.clone() } else { Act::Polite })
    }

    /// A peer with a script.
    pub fn new(script: impl Fn(&Step<'_>) -> Act + Send + Sync + 'static) -> Self {
        Self::with(Encryption::None, &["SIZE 1000000", "8BITMIME", "AUTH PLAIN LOGIN XOAUTH2"], script)
    }

    /// A peer with a script that encrypts, and offers the given extensions.
    pub fn with(
        encryption: Encryption,
        offers: &[&str],
        script: impl Fn(&Step<'_>) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            script: Box::new(script),
            encryption,
            offers: offers.iter().map(ToString::to_string).collect(),
            stop: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            reached: Mutex::default(),
            commands: Mutex::default(),
            taken: Mutex::default(),
        });
        let for_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if for_thread.stop.load(Ordering::SeqCst) {
                    break;
                }
                for_thread.connections.fetch_add(1, Ordering::SeqCst);
                let shared = Arc::clone(&for_thread);
                // The other side may go at any moment; what it has told until then is kept.
                thread::spawn(move || stream.and_then(|stream| shared.talk(stream)));
            }
        });
        Self { address, shared }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// The commands that were heard, in order.
    pub fn commands(&self) -> Vec<String> {
        self.shared.commands.lock().unwrap().clone()
    }

    /// The messages that were read up to their final dots.
    pub fn taken(&self) -> Vec<Taken> {
        self.shared.taken.lock().unwrap().clone()
    }
}

impl Drop for SmtpPeer {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        drop(TcpStream::connect(self.address));
    }
}

trait Line: Read + Write + Send {
    /// Says something and, where it is encrypted, by the same write that nothing more will come.
    fn say_last(&mut self, text: &str) -> io::Result<()>;
}

impl Line for TcpStream {
    fn say_last(&mut self, text: &str) -> io::Result<()> {
        self.write_all(text.as_bytes())
    }
}

impl Line for StreamOwned<ServerConnection, TcpStream> {
    fn say_last(&mut self, text: &str) -> io::Result<()> {
        self.conn.writer().write_all(text.as_bytes())?;
        self.conn.send_close_notify();
        self.flush()
    }
}

impl Shared {
    fn talk(&self, tcp: TcpStream) -> io::Result<()> {
        tcp.set_nodelay(true)?;
        let mut plain = Some(tcp.try_clone()?);
        let mut stream: Box<dyn Line> = Box::new(tcp);
        if self.encryption == Encryption::Implicit {
            stream = Box::new(encrypted(plain.take().unwrap())?);
        }
        let mut envelope = Taken { from: String::new(), to: Vec::new(), content: String::new() };
        if !self.act(&mut *stream, Stage::Greeting, "")? {
            return Ok(());
        }
        loop {
            let Some(line) = read_line(&mut *stream)? else { return Ok(()) };
            let line = line.trim_end().to_owned();
            self.commands.lock().unwrap().push(line.clone());
            let upper = line.to_ascii_uppercase();
            let stage = match upper.split([' ', ':']).next().unwrap_or_default() {
                "EHLO" => Stage::Ehlo,
                "STARTTLS" => Stage::Starttls,
                "AUTH" => Stage::Auth,
                "MAIL" => Stage::Mail,
                "RCPT" => Stage::Rcpt,
                "RSET" => Stage::Rset,
                "DATA" => Stage::Data,
                "QUIT" => Stage::Quit,
                _ => Stage::Other,
            };
            let path = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            match stage {
                Stage::Mail => envelope = Taken { from: path, to: Vec::new(), content: String::new() },
                Stage::Rcpt => envelope.to.push(path),
                _ => {}
            }
            if !self.act(&mut *stream, stage, &line)? || stage == Stage::Quit {
                return Ok(());
            }
            if stage == Stage::Starttls
                && let Some(tcp) = plain.take()
            {
                stream = Box::new(encrypted(tcp)?);
            }
            if stage == Stage::Data {
                envelope.content.clear();
                loop {
                    let Some(line) = read_line(&mut *stream)? else { return Ok(()) };
                    if line == ".\r\n" {
                        break;
                    }
                    envelope.content.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                self.taken.lock().unwrap().push(envelope.clone());
                if !self.act(&mut *stream, Stage::Content, &envelope.content)? {
                    return Ok(());
                }
            }
        }
    }

    /// Does what the script wants; `false` if the conversation is over.
    fn act(&self, stream: &mut dyn Line, stage: Stage, line: &str) -> io::Result<bool> {
        let before = {
            let mut reached = self.reached.lock().unwrap();
            let count = reached.entry(stage).or_default();
            *count += 1;
            *count - 1
        };
        match (self.script)(&Step { stage, line, before }) {
            Act::Polite => stream.write_all(self.polite_answer(stage).as_bytes())?,
            Act::Say(text) => {
                stream.write_all(format!("{text}\r\n").as_bytes())?;
                stream.flush()?;
                // A DATA that was refused is followed by no message.
                return if stage == Stage::Data && !text.starts_with('3') { self.rest(stream) } else { Ok(true) };
            }
            Act::Bytes(bytes) => stream.write_all(&bytes)?,
            Act::Drip(text) => {
                for byte in format!("{text}\r\n").bytes() {
                    stream.write_all(&[byte])?;
                    stream.flush()?;
                    thread::sleep(Duration::from_millis(1));
                }
            }
            Act::SayAndClose(text) => {
                stream.write_all(format!("{text}\r\n").as_bytes())?;
                stream.flush()?;
                return Ok(false);
            }
            Act::SayAndEndEncryption(text) => {
                stream.say_last(&format!("{text}\r\n"))?;
                while stream.read(&mut [0; 1024])? > 0 {}
                return Ok(false);
            }
            Act::Hang => {
                while stream.read(&mut [0; 1024])? > 0 {}
                return Ok(false);
            }
            Act::Close => return Ok(false),
        }
        stream.flush()?;
        Ok(true)
    }

    /// Goes on with commands after a DATA that was refused, politely.
    fn rest(&self, stream: &mut dyn Line) -> io::Result<bool> {
        while let Some(line) = read_line(stream)? {
            let line = line.trim_end().to_owned();
            self.commands.lock().unwrap().push(line);
            stream.write_all(b"250 2.0.0 Ok\r\n")?;
            stream.flush()?;
        }
        Ok(false)
    }

    fn polite_answer(&self, stage: Stage) -> String {
        match stage {
            Stage::Greeting => "220 mail.example.de ESMTP\r\n".to_owned(),
            Stage::Ehlo => {
                let starttls = (self.encryption == Encryption::Starttls).then(|| "STARTTLS".to_owned());
                let offers = self.offers.iter().cloned().chain(starttls);
                let lines: Vec<_> = std::iter::once("mail.example.de".to_owned()).chain(offers).collect();
                format!("250-{}\r\n250 HELP\r\n", lines.join("\r\n250-"))
            }
            Stage::Starttls => "220 2.0.0 Ready\r\n".to_owned(),
            Stage::Auth => "235 2.7.0 Welcome\r\n".to_owned(),
            Stage::Data => "354 End with a dot\r\n".to_owned(),
            Stage::Content => "250 2.0.0 Ok: queued as 4ZbX1y2z3\r\n".to_owned(),
            Stage::Quit => "221 2.0.0 Bye\r\n".to_owned(),
            Stage::Mail | Stage::Rcpt | Stage::Rset | Stage::Other => "250 2.0.0 Ok\r\n".to_owned(),
        }
    }
}

/// Reads up to a line feed, byte by byte, so that nothing behind it is lost to an encryption that follows.
fn read_line(stream: &mut dyn Line) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let mut byte = [0];
    while stream.read(&mut byte)? == 1 {
        line.push(byte[0]);
        if byte[0] == b'\n' {
            return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
        }
    }
    Ok(None)
}

fn encrypted(tcp: TcpStream) -> io::Result<StreamOwned<ServerConnection, TcpStream>> {
    let connection = ServerConnection::new(server_config()).map_err(io::Error::other)?;
    Ok(StreamOwned::new(connection, tcp))
}
