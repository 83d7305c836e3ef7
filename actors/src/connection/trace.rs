//! What a principal's connections say and hear, shown to an operator as it goes by.
//!
//! Whatever proves who somebody is, is masked, and of what people say to each other only the
//! headers and the length are shown.

use super::ConnectionId;
use crate::port::store::AccountId;
use msnp::frame::{self, Origin};
use msnp::{Frame, Handle, Server};
use std::cell::{Cell, RefCell};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// How many principals are traced at a time.
const TRACES: usize = 4;

/// How many lines wait for the operator's terminal. Further ones are left out, and counted.
const LINES: usize = 256;

/// What stands in the place of a secret.
const MASK: &[u8] = b"***";

struct Traced {
    account: AccountId,
    to: Sender<String>,
    left_out: Cell<u64>,
}

/// The traces of an arbiter.
#[derive(Default)]
pub struct Traces {
    list: RefCell<heapless::Vec<Traced, TRACES>>,
}

/// One trace, for whoever shows it. It ends when this is dropped.
pub struct Trace {
    lines: Receiver<String>,
}

impl Trace {
    /// The next line.
    pub async fn next(&mut self) -> Option<String> {
        self.lines.recv().await
    }
}

/// Whose connection it is, and to which server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tapped {
    /// Nobody's, as long as nobody has claimed it.
    pub(super) account: Option<AccountId>,
    pub(super) id: ConnectionId,
    pub(super) server: Server,
}

impl Traces {
    /// Begins to trace a principal; nothing, if there are as many traces as there may be.
    pub fn begin(&self, account: AccountId) -> Option<Trace> {
        let mut list = self.list.borrow_mut();
        list.retain(|traced| !traced.to.is_closed());
        let (to, lines) = channel(LINES);
        list.push(Traced { account, to, left_out: Cell::new(0) }).ok()?;
        Some(Trace { lines })
    }

    /// Whether anybody is traced.
    pub(super) fn is_idle(&self) -> bool {
        self.list.borrow().is_empty()
    }

    /// Shows what a client says.
    pub(super) fn said(&self, tapped: Tapped, frame: &Frame<'_>) {
        self.show(tapped, "<<", frame);
    }

    /// Shows what a client hears: whole commands.
    pub(super) fn heard(&self, tapped: Tapped, mut bytes: &[u8]) {
        while let Ok(scan) = frame::next(bytes, Origin::Server, tapped.server) {
            let Some(frame) = scan.frame else { return };
            self.show(tapped, ">>", &frame);
            bytes = bytes.get(scan.used..).unwrap_or_default();
        }
    }

    fn show(&self, tapped: Tapped, direction: &str, frame: &Frame<'_>) {
        let mut list = self.list.borrow_mut();
        list.retain(|traced| !traced.to.is_closed());
        for traced in list.iter().filter(|traced| Some(traced.account) == tapped.account) {
            let left_out = traced.left_out.take();
            if left_out > 0 {
                let words = format!("({left_out} lines are left out: the terminal is too slow)");
                if traced.to.try_send(words).is_err() {
                    traced.left_out.set(left_out + 1);
                    continue;
                }
            }
            let line = format!("{} {direction} {}", name(tapped), in_words(frame, tapped.server));
            if traced.to.try_send(line).is_err() {
                traced.left_out.set(1);
            }
        }
    }
}

fn name(tapped: Tapped) -> String {
    let server = match tapped.server {
        Server::Dispatch => "DS",
        Server::Notification => "NS",
        Server::Switchboard => "SB",
    };
    format!("{server} {}", tapped.id)
}

/// A command as an operator may see it.
fn in_words(frame: &Frame<'_>, server: Server) -> String {
    if frame.name.len() != 3 || !frame.name.iter().all(u8::is_ascii_uppercase) {
        // It may be anything: the text of a message whose length was wrong, or a cookie.
        return "what is no command".to_owned();
    }
    let words: Vec<&[u8]> = frame.words.clone().collect();
    let secret = secret(frame.name, &words, server);
    let shown = words.iter().enumerate().map(|(place, word)| {
        let shown = if Some(place) == secret { MASK } else { word };
        format!(" {}", shown.escape_ascii())
    });
    let line: String = shown.collect();
    format!("{}{line}{}", frame.name.escape_ascii(), payload(frame.payload))
}

/// Who a client says that its user is.
pub(super) fn claims(frame: &Frame<'_>, server: Server) -> Option<Handle> {
    let mut words = frame.words.clone();
    let word = match frame.name {
        b"USR" if server != Server::Switchboard => {
            let begins = words.nth(2).is_some_and(|word| word.eq_ignore_ascii_case(b"I"));
            words.next().filter(|_| begins)
        }
        b"USR" | b"ANS" => words.nth(1),
        _ => None,
    };
    Handle::new(std::str::from_utf8(word?).ok()?).ok()
}

/// Which word proves who somebody is.
fn secret(name: &[u8], words: &[&[u8]], server: Server) -> Option<usize> {
    match name {
        // The challenge as well: with it and the digest a password can be guessed.
        b"USR" if server != Server::Switchboard => {
            let answers = words.get(2).is_some_and(|word| word.eq_ignore_ascii_case(b"S"));
            answers.then_some(3)
        }
        b"USR" | b"ANS" if words.get(1) == Some(&b"OK".as_slice()) => None,
        b"USR" | b"ANS" => Some(2),
        b"XFR" => words.iter().position(|word| *word == b"CKI").map(|place| place + 1),
        b"RNG" => Some(3),
        _ => None,
    }
}

/// The headers of a payload, and how long its body is.
fn payload(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return String::new();
    }
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let headers = end.and_then(|end| bytes.get(..end)).unwrap_or_default();
    let body = bytes.len() - end.map_or(0, |end| end + 4);
    let headers: String = headers
        .split(|byte| *byte == b'\n')
        .filter(|header| !header.is_empty())
        .map(|header| format!(" | {}", header.trim_ascii().escape_ascii()))
        .collect();
    format!("{headers} | {body} bytes of body")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(server: Server, origin: Origin, bytes: &[u8]) -> String {
        let scan = frame::next(bytes, origin, server).unwrap();
        in_words(&scan.frame.unwrap(), server)
    }

    #[test]
    fn what_proves_who_somebody_is_is_masked() {
        use Origin::{Client, Server as From};
        use Server::{Notification, Switchboard};
        for (server, origin, line, expected) in [
            (Notification, Client, "USR 6 MD5 I alice@x.org", "USR 6 MD5 I alice@x.org"),
            (Notification, Client, "USR 7 MD5 S 0123456789", "USR 7 MD5 S ***"),
            (Switchboard, Client, "USR 1 alice@x.org 17262740.1", "USR 1 alice@x.org ***"),
            (
                Switchboard,
                Client,
                "ANS 1 alice@x.org 1726.1 11752013",
                "ANS 1 alice@x.org *** 11752013",
            ),
            (
                Notification,
                From,
                "XFR 10 SB 192.0.2.1:1865 CKI 17.2",
                "XFR 10 SB 192.0.2.1:1865 CKI ***",
            ),
            (
                Notification,
                From,
                "RNG 11752013 192.0.2.1:1865 CKI 849102291.520491932 bob@x.org Bob",
                "RNG 11752013 192.0.2.1:1865 CKI *** bob@x.org Bob",
            ),
            (Notification, Client, "hunter2 is my password", "what is no command"),
        ] {
            assert_eq!(shown(server, origin, format!("{line}\r\n").as_bytes()), expected);
        }
    }

    #[test]
    fn of_a_message_only_the_headers_are_shown() {
        let message =
            b"MSG 4 N 55\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nsecret ta";
        assert_eq!(
            shown(Server::Switchboard, Origin::Client, message),
            "MSG 4 N 55 | MIME-Version: 1.0 | Content-Type: text/plain | 8 bytes of body"
        );
        let no_headers = b"MSG 4 N 6\r\nsecret";
        assert_eq!(
            shown(Server::Switchboard, Origin::Client, no_headers),
            "MSG 4 N 6 | 6 bytes of body"
        );
    }

    #[test]
    fn a_slow_terminal_misses_lines_and_hears_how_many() {
        let traces = Traces::default();
        let mut trace = traces.begin(AccountId(1)).unwrap();
        let tapped = Tapped {
            account: Some(AccountId(1)),
            id: ConnectionId(7),
            server: Server::Notification,
        };
        for _ in 0..LINES + 3 {
            traces.heard(tapped, b"QNG\r\n");
        }
        for _ in 0..LINES {
            assert_eq!(trace.lines.try_recv().unwrap(), "NS 7 >> QNG");
        }
        traces.heard(tapped, b"QNG\r\n");
        let words = trace.lines.try_recv().unwrap();
        assert!(words.starts_with("(3 lines are left out"), "{words}");
        assert_eq!(trace.lines.try_recv().unwrap(), "NS 7 >> QNG");
        drop(trace);
        traces.heard(tapped, b"QNG\r\n");
        assert!(traces.is_idle());
    }
}
