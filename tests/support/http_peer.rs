//! An HTTP server on this computer that does what a test's script says, one act for each request,
//! and keeps what it was sent. It never sleeps: where it shall keep silent, it waits for the client
//! to give up.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

use super::tls::server_config;

/// What the server does with one request.
#[derive(Debug, Clone)]
pub enum Act {
    /// Sends these bytes, and keeps the connection.
    Answer(Vec<u8>),
    /// Sends these bytes, which are not a whole answer, and waits until the client closes.
    Stall(Vec<u8>),
    /// Sends these bytes one by one, twenty a second, as long as anybody reads them.
    Drip(Vec<u8>),
    /// Sends these bytes and closes.
    Close(Vec<u8>),
    /// Takes the connection and closes it without reading.
    CloseUnread,
}

impl Act {
    /// An answer with a status and a body.
    pub fn reply(status: u16, body: &str) -> Self {
        Self::reply_with(status, &[], body)
    }

    /// An answer with a status, further headers and a body.
    pub fn reply_with(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let headers: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = if status == 204 { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        Self::Answer(format!("HTTP/1.1 {status} Status\r\n{}{length}\r\n{body}", headers.concat()).into_bytes())
    }

    /// No answer at all.
    pub fn silence() -> Self {
        Self::Stall(Vec::new())
    }
}

#[derive(Default)]
struct Seen {
    requests: Vec<String>,
    connections: usize,
    closed: usize,
}

/// The server. It serves one connection after the other.
pub struct HttpPeer {
    address: SocketAddr,
    scheme: &'static str,
    seen: Arc<Mutex<Seen>>,
    closing: Arc<Condvar>,
    script: Arc<Mutex<VecDeque<Act>>>,
    thread: Option<JoinHandle<()>>,
}

impl HttpPeer {
    /// Starts a server that goes through `script` and then takes no connection any more.
    pub fn playing(script: impl IntoIterator<Item = Act>) -> Self {
        Self::start(script.into_iter().collect(), None)
    }

    /// The same behind TLS, with the certificate of `tests/support/tls`, which names `localhost`.
    pub fn playing_behind_tls(script: impl IntoIterator<Item = Act>) -> Self {
        Self::start(script.into_iter().collect(), Some(server_config()))
    }

    fn start(script: VecDeque<Act>, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let seen = Arc::new(Mutex::new(Seen::default()));
        let closing = Arc::new(Condvar::new());
        let script = Arc::new(Mutex::new(script));
        let thread = std::thread::spawn({
            let (seen, closing, script) = (Arc::clone(&seen), Arc::clone(&closing), Arc::clone(&script));
            move || {
                while !script.lock().unwrap().is_empty() {
                    let Ok((stream, _)) = listener.accept() else { return };
                    match &tls {
                        None => serve(stream, &seen, &script),
                        Some(config) => {
                            let tls = rustls::ServerConnection::new(Arc::clone(config)).unwrap();
                            serve(rustls::StreamOwned::new(tls, stream), &seen, &script);
                        }
                    }
                    seen.lock().unwrap().closed += 1;
                    closing.notify_all();
                }
            }
        });
        Self { address, scheme, seen, closing, script, thread: Some(thread) }
    }

    /// The address of the server, such as `http://127.0.0.1:4711`, or `https://localhost:4711`: the
    /// certificate names no number.
    pub fn url(&self) -> String {
        match self.scheme {
            "https" => format!("https://localhost:{}", self.address.port()),
            scheme => format!("{scheme}://{}", self.address),
        }
    }

    /// The requests so far, as they came over the wire, with plain line ends, `HOST` for the
    /// server's name and `VERSION` for ours.
    pub fn requests(&self) -> Vec<String> {
        let host = self.address.to_string();
        let plain = |request: &String| {
            let plain = request.replace("\r\n", "\n").replace(&host, "HOST");
            plain.replace(concat!("terminbote/", env!("CARGO_PKG_VERSION")), "terminbote/VERSION")
        };
        let seen = self.seen.lock().unwrap();
        seen.requests.iter().map(plain).collect()
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    /// Waits until the server has closed so many connections.
    pub fn wait_until_closed(&self, connections: usize) {
        let seen = self.seen.lock().unwrap();
        drop(self.closing.wait_while(seen, |seen| seen.closed < connections).unwrap());
    }
}

impl Drop for HttpPeer {
    fn drop(&mut self) {
        self.script.lock().unwrap().clear();
        // Wakes it up, if it still waits for somebody.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// An address at which nobody listens.
pub fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn serve(mut stream: impl Read + Write, seen: &Mutex<Seen>, script: &Mutex<VecDeque<Act>>) {
    {
        let mut script = script.lock().unwrap();
        match script.front() {
            None => return,
            Some(Act::CloseUnread) => {
                script.pop_front();
                seen.lock().unwrap().connections += 1;
                return;
            }
            Some(_) => seen.lock().unwrap().connections += 1,
        }
    }
    while let Some(request) = read_request(&mut stream) {
        seen.lock().unwrap().requests.push(request);
        let Some(act) = script.lock().unwrap().pop_front() else { return };
        match act {
            Act::Answer(bytes) => {
                if stream.write_all(&bytes).is_err() {
                    return;
                }
            }
            Act::Stall(bytes) => {
                let _ = stream.write_all(&bytes);
                let _ = std::io::copy(&mut stream, &mut std::io::sink());
                return;
            }
            Act::Drip(bytes) => {
                for byte in bytes {
                    if stream.write_all(&[byte]).is_err() {
                        return;
                    }
                    std::thread::sleep(std::time::Duration::from_millis(50));
                }
            }
            Act::Close(bytes) => {
                let _ = stream.write_all(&bytes);
                return;
            }
            Act::CloseUnread => return,
        }
        if script.lock().unwrap().is_empty() {
            return;
        }
    }
}

/// One request with its body; `None` at the end of the connection.
fn read_request(stream: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let mut one = [0_u8; 1];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut one).ok()? == 0 {
            return None;
        }
        bytes.push(one[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    bytes.extend(body);
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
