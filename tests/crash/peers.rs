//! A mail server and an SMS gateway that take everything, remember it, and tell the [`Trap`] how
//! far the dialogue has come.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::trap::{Point, Trap};

/// A message that a peer has read to its end, whatever was answered then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Our name for it.
    pub(crate) reference: String,
    pub(crate) to: String,
    pub(crate) text: String,
    /// All of it, as it came.
    pub(crate) whole: String,
}

#[derive(Default)]
struct Seen {
    taken: Vec<Taken>,
    accepted: BTreeSet<SocketAddr>,
    open: usize,
    most_open: usize,
}

struct Shared {
    dialogue: fn(&mut Conversation<'_>) -> io::Result<()>,
    /// What the pass that runs now may walk into; nothing listens any more without one.
    trap: Mutex<Option<Arc<Trap>>>,
    seen: Mutex<Seen>,
    changed: Condvar,
}

/// A server in this process; it stops listening when it is dropped.
pub(crate) struct Peer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Peer {
    /// A mail server, which may offer to be told several commands at once.
    pub(crate) fn for_mail(trap: &Arc<Trap>, at_once: bool) -> Self {
        Self::start(
            trap,
            if at_once { |with| mail_dialogue(with, "250-PIPELINING\r\n") } else { |with| mail_dialogue(with, "") },
        )
    }

    /// A gateway: the one called seven, and one that an interface `http` describes, which cannot be
    /// asked what became of a message.
    pub(crate) fn for_texts(trap: &Arc<Trap>) -> Self {
        Self::start(trap, gateway_dialogue)
    }

    fn start(trap: &Arc<Trap>, dialogue: fn(&mut Conversation<'_>) -> io::Result<()>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let trap = Mutex::new(Some(Arc::clone(trap)));
        let shared = Arc::new(Shared { dialogue, trap, seen: Mutex::default(), changed: Condvar::new() });
        std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    let Some(trap) = shared.trap.lock().unwrap().clone() else { return };
                    {
                        let mut seen = shared.seen.lock().unwrap();
                        seen.accepted.extend(stream.peer_addr());
                        seen.open += 1;
                        seen.most_open = seen.most_open.max(seen.open);
                    }
                    let shared = Arc::clone(&shared);
                    std::thread::spawn(move || {
                        // The other side may go at any moment; what it has told until then is kept.
                        let _ = shared.converse(stream, &trap);
                        shared.seen.lock().unwrap().open -= 1;
                        shared.changed.notify_all();
                    });
                }
            }
        });
        Self { address, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Sets another trap, for the next pass.
    pub(crate) fn set(&self, trap: &Arc<Trap>) {
        *self.shared.trap.lock().unwrap() = Some(Arc::clone(trap));
    }

    /// Waits until everything that has been written to it was read, and all its connections have
    /// ended.
    pub(crate) fn come_to_rest(&self) {
        // Connections are taken in order, so that after this one there is none of before.
        let last = TcpStream::connect(self.address).unwrap();
        let address = last.local_addr().unwrap();
        let accepted = |seen: &mut Seen| !seen.accepted.contains(&address);
        drop(self.shared.changed.wait_while(self.shared.seen.lock().unwrap(), accepted).unwrap());
        drop(last);
        let still_open = |seen: &mut Seen| seen.open > 0;
        drop(self.shared.changed.wait_while(self.shared.seen.lock().unwrap(), still_open).unwrap());
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.shared.seen.lock().unwrap().taken.clone()
    }

    /// How many connections there were at the same time.
    pub(crate) fn most_connections(&self) -> usize {
        self.shared.seen.lock().unwrap().most_open
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        *self.shared.trap.lock().unwrap() = None;
        // Wakes the thread that waits for a connection.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn converse(&self, stream: TcpStream, trap: &Trap) -> io::Result<()> {
        self.changed.notify_all();
        stream.set_nodelay(true)?;
        let mut conversation = Conversation { shared: self, trap, stream, unread: Vec::new() };
        (self.dialogue)(&mut conversation)
    }
}

struct Conversation<'a> {
    shared: &'a Shared,
    trap: &'a Trap,
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Conversation<'_> {
    fn fill(&mut self) -> io::Result<()> {
        let mut bytes = [0; 256];
        match self.trap.read(&mut self.stream, &mut bytes)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                self.unread.extend_from_slice(&bytes[..read]);
                Ok(())
            }
        }
    }

    /// All bytes up to and with `end`.
    fn until(&mut self, end: &[u8]) -> io::Result<String> {
        let mut seen = 0;
        loop {
            let found = self.unread[seen..].windows(end.len()).position(|window| window == end);
            if let Some(place) = found {
                let rest = self.unread.split_off(seen + place + end.len());
                return Ok(text(std::mem::replace(&mut self.unread, rest)));
            }
            seen = (self.unread.len() + 1).saturating_sub(end.len());
            self.fill()?;
        }
    }

    /// Waits for so many bytes, and leaves them to be read.
    fn at_least(&mut self, count: usize) -> io::Result<()> {
        while self.unread.len() < count {
            self.fill()?;
        }
        Ok(())
    }

    fn exactly(&mut self, count: usize) -> io::Result<String> {
        self.at_least(count)?;
        let rest = self.unread.split_off(count);
        Ok(text(std::mem::replace(&mut self.unread, rest)))
    }

    fn say(&mut self, words: &str) -> io::Result<()> {
        self.stream.write_all(words.as_bytes())
    }

    fn answer(&mut self, point: Point, words: &str) -> io::Result<()> {
        self.trap.answer(point, &mut self.stream, words.as_bytes())
    }

    fn take(&self, taken: Taken) {
        self.shared.seen.lock().unwrap().taken.push(taken);
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn mail_dialogue(with: &mut Conversation<'_>, offers: &str) -> io::Result<()> {
    with.trap.reach(Point::Connected);
    with.say("220 mail.example.de ESMTP\r\n")?;
    let (mut to, mut size) = (String::new(), 0);
    loop {
        let line = with.until(b"\r\n")?;
        match line.get(..4).unwrap_or_default() {
            "EHLO" => {
                with.trap.reach(Point::Hello);
                with.say(&format!("250-mail.example.de\r\n{offers}250 SIZE 10000000\r\n"))?;
            }
            "MAIL" => {
                with.trap.reach(Point::Mail);
                size = line.trim_end().rsplit_once("SIZE=").map_or(0, |(_, size)| size.parse().unwrap());
                with.say("250 2.1.0 Ok\r\n")?;
            }
            "RCPT" => {
                line.split(['<', '>']).nth(1).unwrap_or_default().clone_into(&mut to);
                with.say("250 2.1.5 Ok\r\n")?;
            }
            "DATA" => {
                with.say("354 End with a dot\r\n")?;
                with.at_least(size / 2)?;
                with.trap.reach(Point::HalfOfData);
                let whole = with.until(b"\r\n.\r\n")?;
                with.take(mail(&to, whole));
                with.trap.reach(Point::FinalDot);
                with.answer(Point::MailAnswered, "250 2.0.0 Ok: queued as 4ZbX1\r\n")?;
            }
            "QUIT" => return with.say("221 2.0.0 Bye\r\n"),
            _ => with.say("250 2.0.0 Ok\r\n")?,
        }
    }
}

/// A mail as it came, its final dot included.
fn mail(to: &str, whole: String) -> Taken {
    let message_id = whole.lines().find_map(|line| line.strip_prefix("Message-ID: <")).unwrap_or_default();
    let reference = message_id.split('@').next().unwrap_or_default().to_owned();
    let body = whole.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    let text = body.strip_suffix(".\r\n").unwrap_or_default().trim_end().replace("\r\n", "\n");
    Taken { reference, to: to.to_owned(), text, whole }
}

fn gateway_dialogue(with: &mut Conversation<'_>) -> io::Result<()> {
    loop {
        let head = with.until(b"\r\n\r\n")?;
        with.trap.reach(Point::Headers);
        let lower = head.to_ascii_lowercase();
        let length = lower.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let body = with.exactly(length.unwrap_or(0))?;
        let path = head.split(' ').nth(1).unwrap_or_default();
        if let Some(query) = path.strip_prefix("/journal/outbound?") {
            let number = field(query, "to");
            let taken = with.shared.seen.lock().unwrap().taken.clone();
            let rows: Vec<Value> = taken
                .iter()
                .filter(|taken| taken.to == number)
                .map(|taken| json!({"id": "77", "to": taken.to, "foreign_id": taken.reference}))
                .collect();
            with.say(&http(&Value::Array(rows).to_string()))?;
            continue;
        }
        let taken = if path == "/sms" {
            Taken {
                reference: field(&body, "foreign_id"),
                to: field(&body, "to"),
                text: field(&body, "text"),
                whole: body,
            }
        } else {
            let told: Value = serde_json::from_str(&body).unwrap();
            let field = |name: &str| told[name].as_str().unwrap().to_owned();
            Taken {
                reference: field("reference"),
                to: field("to").trim_start_matches('+').to_owned(),
                text: field("text"),
                whole: body,
            }
        };
        with.take(taken);
        with.trap.reach(Point::Body);
        let answer = json!({"success": "100", "messages": [{"success": true, "id": "77"}]});
        with.answer(Point::TextAnswered, &http(&answer.to_string()))?;
    }
}

fn http(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// One field of a form.
fn field(form: &str, name: &str) -> String {
    let value = form.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let value = value.unwrap_or_default().replace('+', " ");
    percent_decode_str(&value).decode_utf8().unwrap().into_owned()
}
