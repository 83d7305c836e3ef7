//! A client that keeps nothing of what it has received.

use futures::FutureExt;
use msnp::Server;
use msnp::frame::{self, Origin};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// Long enough for every actor to become idle: virtual time passes only when nothing else can
/// happen.
pub(crate) const MOMENT: Duration = Duration::from_millis(1);

/// The longest time until a reply: the longest wait after failed sign-ins.
const MAX_RETRIES: usize = 10;

/// The client's end of a connection.
pub(crate) struct Client {
    server: Server,
    stream: DuplexStream,
    unread: Vec<u8>,
    /// Whether it has stopped reading for good.
    pub(crate) deaf: bool,
    pub(crate) ended: bool,
    trid: u32,
}

impl Client {
    pub(crate) fn new(server: Server, stream: DuplexStream) -> Client {
        Client { server, stream, unread: Vec::new(), deaf: false, ended: false, trid: 0 }
    }

    /// The next transaction ID.
    pub(crate) fn trid(&mut self) -> u32 {
        self.trid += 1;
        self.trid
    }

    /// Writes what fits. A client whose output does not fit gives up.
    pub(crate) fn write_raw(&mut self, bytes: &[u8]) {
        let written = self.stream.write_all(bytes).now_or_never();
        self.ended |= !matches!(written, Some(Ok(())));
    }

    /// Sends a line. `#` stands for the transaction ID.
    pub(crate) fn send(&mut self, line: &str) {
        let trid = self.trid().to_string();
        self.write_raw((line.replacen('#', &trid, 1) + "\r\n").as_bytes());
    }

    /// Sends a line with a payload.
    pub(crate) fn send_with_payload(&mut self, line: &str, payload: &str) {
        let trid = self.trid().to_string();
        let line = line.replacen('#', &trid, 1);
        self.write_raw(format!("{line} {}\r\n{payload}", payload.len()).as_bytes());
    }

    /// Returns the first line of each event that has arrived.
    pub(crate) fn receive(&mut self) -> Vec<String> {
        let mut bytes = [0; 4096];
        while !self.deaf && !self.ended {
            match self.stream.read(&mut bytes).now_or_never() {
                Some(Ok(count)) if count > 0 => self.unread.extend_from_slice(&bytes[..count]),
                Some(_) => self.ended = true,
                None => break,
            }
        }
        let (mut lines, mut used) = (Vec::new(), 0);
        while let Ok(scan) = frame::next(&self.unread[used..], Origin::Server, self.server)
            && scan.frame.is_some()
        {
            let whole = String::from_utf8_lossy(&self.unread[used..used + scan.consumed]);
            lines.extend(whole.lines().next().map(str::to_owned));
            used += scan.consumed;
        }
        self.unread.drain(..used);
        lines
    }

    /// Sends a line and returns what arrives then.
    pub(crate) async fn request(&mut self, line: &str) -> Vec<String> {
        self.send(line);
        for wait in std::iter::once(MOMENT).chain([Duration::from_secs(1); MAX_RETRIES]) {
            tokio::time::sleep(wait).await;
            let received = self.receive();
            if !received.is_empty() || self.ended {
                return received;
            }
        }
        Vec::new()
    }
}
