//! A mail server that takes everything, and waits before each of its replies as one far away does.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Starts one in this process; it ends with it.
pub(crate) fn start(wait: Duration) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // The other side may go at any moment.
            thread::spawn(move || talk(&stream, wait));
        }
    });
    Ok(address)
}

fn talk(stream: &TcpStream, wait: Duration) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut read = BufReader::new(stream);
    let reply = |words: &str| {
        thread::sleep(wait);
        (&mut &*stream).write_all(words.as_bytes())
    };
    reply("220 localhost ESMTP\r\n")?;
    let mut line = String::new();
    loop {
        line.clear();
        if read.read_line(&mut line)? == 0 {
            return Ok(());
        }
        match line.get(..4).unwrap_or_default() {
            "EHLO" => reply("250-localhost\r\n250 PIPELINING\r\n")?,
            "DATA" => {
                reply("354 End with a dot\r\n")?;
                while line != ".\r\n" {
                    line.clear();
                    if read.read_line(&mut line)? == 0 {
                        return Ok(());
                    }
                }
                reply("250 2.0.0 Ok\r\n")?;
            }
            "QUIT" => return reply("221 2.0.0 Bye\r\n"),
            _ => reply("250 2.0.0 Ok\r\n")?,
        }
    }
}
