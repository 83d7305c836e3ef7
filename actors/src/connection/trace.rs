//! Live traces: the commands of a principal's connections, shown to an operator.
//!
//! A valid command is shown in decoded form. Of an invalid one, only the name is shown. Credentials
//! and telephone numbers are masked. Of messages, only some headers and the length are shown. Names
//! of principals and groups are shown.

use super::ConnectionId;
use super::slot::Slot;
use crate::port::store::AccountId;
use msnp::command::{CommandName, DecodeContext};
use msnp::frame::{self, MAX_FRAME, Origin};
use msnp::{Dialect, Event, Frame, Handle, Request, Server, SinkFullError};
use std::cell::{Cell, RefCell};
use std::ops::Range;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::Instant;

/// The maximum number of traces at once.
const MAX_TRACES: usize = 4;

/// How many lines wait for the operator's terminal. Further ones are dropped and counted.
const MAX_LINES: usize = 256;

/// Replaces a secret.
const MASK: &[u8] = b"***";

/// The start of a payload that has headers.
const FIRST_HEADER: &[u8] = b"MIME-Version:";

/// The headers whose values are shown.
const PLAIN_HEADERS: [&[u8]; 3] = [b"MIME-Version", b"Content-Type", b"TypingUser"];

/// An encoded command.
type Encoded = heapless::Vec<u8, MAX_FRAME>;

struct Subscriber {
    account: AccountId,
    to: Sender<TracedLine>,
    dropped: Cell<u64>,
}

/// The traces of an arbiter.
#[derive(Default)]
pub struct Traces {
    subscribers: RefCell<heapless::Vec<Subscriber, MAX_TRACES>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedLine {
    pub at: Instant,
    pub text: String,
}

impl TracedLine {
    fn now(text: String) -> TracedLine {
        TracedLine { at: Instant::now(), text }
    }
}

/// The receiving end of a trace. Dropping it ends the trace.
pub struct Trace {
    lines: Receiver<TracedLine>,
}

impl Trace {
    /// Waits for the next line.
    pub async fn next(&mut self) -> Option<TracedLine> {
        self.lines.recv().await
    }
}

/// The connection of a traced command.
#[derive(Debug, Clone, Copy)]
pub(super) struct TraceTarget {
    /// The account that the client has named, if any.
    pub(super) account: Option<AccountId>,
    pub(super) id: ConnectionId,
    pub(super) server: Server,
    pub(super) dialect: Dialect,
}

impl TraceTarget {
    pub(super) fn of(slot: &Slot) -> TraceTarget {
        let account = slot.claimed.get().map(|account_ref| account_ref.account);
        TraceTarget { account, id: slot.id, server: slot.server, dialect: slot.dialect.get() }
    }
}

impl Traces {
    /// Starts a trace of a principal. Returns `None` if there are too many traces.
    pub fn begin(&self, account: AccountId) -> Option<Trace> {
        let mut subscribers = self.subscribers.borrow_mut();
        subscribers.retain(|subscriber| !subscriber.to.is_closed());
        let (to, lines) = channel(MAX_LINES);
        subscribers.push(Subscriber { account, to, dropped: Cell::new(0) }).ok()?;
        Some(Trace { lines })
    }

    /// Returns whether there is no trace.
    pub(super) fn is_idle(&self) -> bool {
        self.subscribers.borrow().is_empty()
    }

    /// Traces a command of a client: the frame, and the request if it is a valid one.
    pub(super) fn received(
        &self,
        target: TraceTarget,
        frame: &Frame<'_>,
        request: Option<&Request<'_>>,
    ) {
        self.show(target, "<<", || render_received(frame, request, target.dialect));
    }

    /// Traces commands to a client. `bytes` holds whole commands.
    pub(super) fn sent(&self, target: TraceTarget, mut bytes: &[u8]) {
        let at = DecodeContext { server: target.server, dialect: target.dialect };
        while let Ok(scan) = frame::next(bytes, Origin::Server, target.server) {
            let Some(frame) = scan.frame else { return };
            self.show(target, ">>", || render_sent(&frame, at));
            bytes = bytes.get(scan.consumed..).unwrap_or_default();
        }
    }

    fn show(&self, target: TraceTarget, direction: &str, render: impl Fn() -> String) {
        let mut subscribers = self.subscribers.borrow_mut();
        subscribers.retain(|subscriber| !subscriber.to.is_closed());
        for subscriber in subscribers.iter() {
            if Some(subscriber.account) != target.account {
                continue;
            }
            let dropped = subscriber.dropped.take();
            if dropped > 0 {
                let lines = if dropped == 1 { "line is" } else { "lines are" };
                let words = format!("({dropped} {lines} left out: the terminal is too slow)");
                if subscriber.to.try_send(TracedLine::now(words)).is_err() {
                    subscriber.dropped.set(dropped + 1);
                    continue;
                }
            }
            let words = format!("{} {direction} {}", target_label(target), render());
            let line = TracedLine::now(words);
            if subscriber.to.try_send(line).is_err() {
                subscriber.dropped.set(1);
            }
        }
    }
}

fn target_label(target: TraceTarget) -> String {
    let server = match target.server {
        Server::Dispatch => "DS",
        Server::Notification => "NS",
        Server::Switchboard => "SB",
    };
    format!("{server} {}", target.id)
}

/// Renders a command of a client from its decoded form. Words that were not decoded are left out: they
/// may be part of a message whose length was wrong, or a cookie.
fn render_received(frame: &Frame<'_>, request: Option<&Request<'_>>, dialect: Dialect) -> String {
    let Some(request) = request else { return render_unknown(frame) };
    render_decoded(frame, request.secret_words(), |line| request.encode(dialect, line))
}

/// Renders a command to a client.
fn render_sent(frame: &Frame<'_>, at: DecodeContext) -> String {
    let Ok(event) = Event::decode(frame, at) else { return render_unknown(frame) };
    render_decoded(frame, event.secret_words(), |line| event.encode(at.dialect, line))
}

/// Renders a valid command, which `encode` encodes again. So only words that were decoded are
/// shown. Those in the range `secret` are masked; the command name is word 0.
fn render_decoded(
    frame: &Frame<'_>,
    secret: Range<usize>,
    encode: impl FnOnce(&mut Encoded) -> Result<(), SinkFullError>,
) -> String {
    let mut bytes = Encoded::new();
    if encode(&mut bytes).is_err() {
        return render_unknown(frame);
    }
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut words: Vec<String> = Vec::new();
    for (index, word) in line.trim_ascii_end().split(|byte| *byte == b' ').enumerate() {
        let shown = if secret.contains(&index) { MASK } else { word };
        words.push(shown.escape_ascii().to_string());
    }
    let undecoded = (frame.words.clone().count() + 1).saturating_sub(words.len());
    let more = match undecoded {
        0 => String::new(),
        count => format!(" (further words: {count})"),
    };
    format!("{}{more}{}", words.join(" "), render_payload(frame.payload))
}

/// Renders an invalid command: its name, if it is a known one, and the number of its words.
fn render_unknown(frame: &Frame<'_>) -> String {
    let Some(name) = frame.command else { return "not a command".to_owned() };
    let count = frame.words.clone().count();
    format!("{name} (not accepted, words: {count}){}", render_payload(frame.payload))
}

/// Returns the handle that a client names as its user.
pub(super) fn claimed_handle(frame: &Frame<'_>, server: Server) -> Option<Handle> {
    let mut words = frame.words.clone();
    let word = match frame.command? {
        CommandName::Usr if server != Server::Switchboard => {
            let is_initial = words.nth(2).is_some_and(|word| word.eq_ignore_ascii_case(b"I"));
            words.next().filter(|_| is_initial)
        }
        CommandName::Usr | CommandName::Ans => words.nth(1),
        _ => None,
    };
    Handle::new(std::str::from_utf8(word?).ok()?).ok()
}

/// Renders the headers of a payload and the length of its body. A payload without the first header is
/// all body.
fn render_payload(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return String::new();
    }
    let has_headers = bytes
        .get(..FIRST_HEADER.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(FIRST_HEADER));
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").filter(|_| has_headers);
    let headers = end.and_then(|end| bytes.get(..end)).unwrap_or_default();
    let body_length = bytes.len() - end.map_or(0, |end| end + 4);
    let rendered_headers: String = headers
        .split(|byte| *byte == b'\n')
        .filter(|header| !header.is_empty())
        .map(|header| format!(" | {}", render_header(header)))
        .collect();
    let unit = if body_length == 1 { "byte" } else { "bytes" };
    format!("{rendered_headers} | {body_length} {unit} of body")
}

/// Renders a header. The value is masked unless the header is known to contain no text of users.
fn render_header(line: &[u8]) -> String {
    let mut parts = line.splitn(2, |byte| *byte == b':');
    let (name, value) = (parts.next().unwrap_or_default(), parts.next());
    let has_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    let Some(value) = value.filter(|_| has_name) else { return MASK.escape_ascii().to_string() };
    let is_plain = PLAIN_HEADERS.iter().any(|plain| name.eq_ignore_ascii_case(plain));
    let value = if is_plain { value.trim_ascii() } else { MASK };
    format!("{}: {}", name.escape_ascii(), value.escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    use Server::{Dispatch, Notification, Switchboard};
    use msnp::Phase::{self, Fresh, SignedIn, Versioned};

    fn render_request_at(at: DecodeContext, phase: Phase, bytes: &[u8]) -> String {
        let frame = frame::next(bytes, Origin::Client, at.server).unwrap().frame.unwrap();
        render_received(&frame, Request::decode(&frame, phase, at).ok().as_ref(), at.dialect)
    }

    fn render_request(server: Server, phase: Phase, bytes: &[u8]) -> String {
        render_request_at(DecodeContext { server, dialect: Dialect::Msnp2 }, phase, bytes)
    }

    fn render_event_at(at: DecodeContext, bytes: &[u8]) -> String {
        let frame = frame::next(bytes, Origin::Server, at.server).unwrap().frame.unwrap();
        render_sent(&frame, at)
    }

    fn render_event(server: Server, bytes: &[u8]) -> String {
        render_event_at(DecodeContext { server, dialect: Dialect::Msnp2 }, bytes)
    }

    #[test]
    fn credentials_are_masked() {
        let digest = "USR 7 MD5 S 0dc38e0c96e5ef37eb9451a0b2d5aaf9";
        for (server, line, expected) in [
            (Notification, "USR 6 MD5 I alice@x.org", "USR 6 MD5 I alice@x.org"),
            (Notification, digest, "USR 7 MD5 S ***"),
            (Switchboard, "USR 1 alice@x.org 17262740.1", "USR 1 alice@x.org ***"),
            (Switchboard, "ANS 1 alice@x.org 1726.1 11752013", "ANS 1 alice@x.org *** ***"),
        ] {
            assert_eq!(render_request(server, Fresh, format!("{line}\r\n").as_bytes()), expected);
        }
        for (line, expected) in [
            ("USR 6 MD5 S 1013928519.693957190", "USR 6 MD5 S ***"),
            ("USR 7 OK alice@x.org Alice", "USR 7 OK alice@x.org Alice"),
            ("XFR 10 SB 192.0.2.1:1865 CKI 17.2", "XFR 10 SB 192.0.2.1:1865 CKI ***"),
            (
                "RNG 11752013 192.0.2.1:1865 CKI 849102291.520491932 bob@x.org Bob",
                "RNG 11752013 192.0.2.1:1865 CKI *** bob@x.org Bob",
            ),
            ("ILN 8 NLN bob@x.org Bob%20B.", "ILN 8 NLN bob@x.org Bob%20B."),
            ("911 7", "911 7"),
        ] {
            assert_eq!(render_event(Notification, format!("{line}\r\n").as_bytes()), expected);
        }
    }

    #[test]
    fn no_word_of_an_invalid_command_is_shown() {
        for (server, phase, line, expected) in [
            (Switchboard, SignedIn, "LOL my hunter2 is", "not a command"),
            (Notification, SignedIn, "hunter2 is my password", "not a command"),
            (Notification, SignedIn, "PWD hunter2", "not a command"),
            (Switchboard, Fresh, "CKI hunter2", "not a command"),
            (Switchboard, Fresh, "USR alice@x.org 17.1", "USR (not accepted, words: 2)"),
            (Switchboard, Fresh, "USR 1 MD5 S 17.1", "USR (not accepted, words: 4)"),
            (Switchboard, SignedIn, "USR 1 alice@x.org 17.1", "USR (not accepted, words: 3)"),
            (Switchboard, Fresh, "ANS alice@x.org 17.1 117", "ANS (not accepted, words: 3)"),
            (Switchboard, Fresh, "ANS 1 OK 17.1 117", "ANS (not accepted, words: 4)"),
            (Switchboard, Fresh, "ANS 1 OK 17.1", "ANS (not accepted, words: 3)"),
            (Notification, Fresh, "USR 1 alice@x.org 17.1", "USR (not accepted, words: 3)"),
            (Notification, Fresh, "ANS 1 alice@x.org 17.1 117", "ANS (not accepted, words: 4)"),
            (Notification, Versioned, "USR MD5 S hunter2", "USR (not accepted, words: 3)"),
            (Notification, Versioned, "USR 1 MD5 S hunter2", "USR (not accepted, words: 4)"),
            (Notification, Versioned, "USR 1 MD5 SS hunter2", "USR (not accepted, words: 4)"),
            (Dispatch, Fresh, "USR 1 alice@x.org 17.1", "USR (not accepted, words: 3)"),
            (Switchboard, SignedIn, "XFR 1 SB x cki 17.1", "XFR (not accepted, words: 5)"),
            (Notification, SignedIn, "XFR 1 SB x cki 17.1", "XFR 1 SB (further words: 3)"),
            (Switchboard, SignedIn, "OUT of here, hunter2", "OUT (further words: 3)"),
        ] {
            assert_eq!(render_request(server, phase, format!("{line}\r\n").as_bytes()), expected);
        }
    }

    #[test]
    fn only_plain_headers_of_a_message_are_shown() {
        for (payload, expected) in [
            (
                "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nsecret ta",
                "MSG 4 N 56 | MIME-Version: 1.0 | Content-Type: text/plain | 9 bytes of body",
            ),
            (
                "MIME-Version: 1.0\r\nTypingUser: alice@x.org\r\n\r\n\r\n",
                "MSG 4 N 48 | MIME-Version: 1.0 | TypingUser: alice@x.org | 2 bytes of body",
            ),
            (
                "MIME-Version: 1.0\r\nX-My: secret\r\nmy secret: 1\r\nsecret\r\n\r\n",
                "MSG 4 N 57 | MIME-Version: 1.0 | X-My: *** | *** | *** | 0 bytes of body",
            ),
            ("MIME-Version: secret", "MSG 4 N 20 | 20 bytes of body"),
            ("my: secret\r\n\r\nsecret", "MSG 4 N 20 | 20 bytes of body"),
            ("secret", "MSG 4 N 6 | 6 bytes of body"),
        ] {
            let message = format!("MSG 4 N {}\r\n{payload}", payload.len());
            assert_eq!(render_request(Switchboard, SignedIn, message.as_bytes()), expected);
        }
        let refused = render_request(Switchboard, SignedIn, b"MSG 1 X 6\r\nsecret");
        assert_eq!(refused, "MSG (not accepted, words: 3) | 6 bytes of body");
        let relayed = b"MSG bob@x.org Bob 27\r\nMIME-Version: 1.0\r\n\r\nsecret";
        assert_eq!(
            render_event(Switchboard, relayed),
            "MSG bob@x.org Bob 27 | MIME-Version: 1.0 | 6 bytes of body"
        );
    }

    #[test]
    fn commands_of_later_dialects_are_shown_without_numbers_and_digests() {
        let at = DecodeContext { server: Notification, dialect: Dialect::Msnp7 };
        for (line, expected) in [
            ("PRP 5 PHH 555%200100\r\n", "PRP 5 PHH ***"),
            ("PRP 5 PHH\r\n", "PRP 5 PHH"),
            ("PRP 5 MOB Y\r\n", "PRP 5 MOB Y"),
            ("ADG 6 Friends 0\r\n", "ADG 6 Friends 0"),
            ("ADD 7 FL bob@x.org Bob 1\r\n", "ADD 7 FL bob@x.org Bob 1"),
            (
                "QRY 8 msmsgs@msnmsgr.com 32\r\n8f2f5a91b72102cd28355e9fc9000d6e",
                "QRY 8 msmsgs@msnmsgr.com 32 | 32 bytes of body",
            ),
            (
                "SDC 9 bob@x.org 0x0409 MSMSGS MSMSGS X X Al 6\r\nsecret",
                "SDC 9 bob@x.org 0x0409 MSMSGS MSMSGS X X X 6 | 6 bytes of body",
            ),
        ] {
            assert_eq!(render_request_at(at, SignedIn, line.as_bytes()), expected);
        }
        for (line, expected) in [
            ("CHL 0 15570131571988941333", "CHL 0 ***"),
            ("PRP 5 12 PHW 555%200100", "PRP 5 12 PHW ***"),
            ("PRP 5 12 MBE N", "PRP 5 12 MBE N"),
            ("BPR 12 bob@x.org PHM 1", "BPR 12 bob@x.org PHM ***"),
            ("BPR 12 bob@x.org PHM", "BPR 12 bob@x.org PHM"),
            ("BPR 12 bob@x.org MOB N", "BPR 12 bob@x.org MOB N"),
            ("LSG 5 12 1 1 0 ~ 0", "LSG 5 12 1 1 0 ~ 0"),
            ("LST 5 FL 12 1 1 bob@x.org Bob 0,1", "LST 5 FL 12 1 1 bob@x.org Bob 0,1"),
            ("IMS 6 0 OFF", "IMS 6 0 OFF"),
        ] {
            assert_eq!(render_event_at(at, format!("{line}\r\n").as_bytes()), expected);
        }
    }

    #[test]
    fn only_the_name_of_a_command_of_another_dialect_is_shown() {
        let rendered = render_event(Notification, b"BPR 12 bob@x.org PHM 1\r\n");
        assert_eq!(rendered, "BPR (not accepted, words: 4)");
        let rendered = render_request(Notification, SignedIn, b"PRP 5 PHH 1\r\n");
        assert_eq!(rendered, "PRP (not accepted, words: 3)");
    }

    #[test]
    fn a_slow_terminal_misses_lines_and_gets_their_number() {
        let traces = Traces::default();
        let mut trace = traces.begin(AccountId(1)).unwrap();
        let target = TraceTarget {
            account: Some(AccountId(1)),
            id: ConnectionId(7),
            server: Notification,
            dialect: Dialect::Msnp2,
        };
        for _ in 0..MAX_LINES + 3 {
            traces.sent(target, b"QNG\r\n");
        }
        for _ in 0..MAX_LINES {
            assert_eq!(trace.lines.try_recv().unwrap().text, "NS 7 >> QNG");
        }
        traces.sent(target, b"QNG\r\n");
        let words = trace.lines.try_recv().unwrap().text;
        assert!(words.starts_with("(3 lines are left out"), "{words}");
        assert_eq!(trace.lines.try_recv().unwrap().text, "NS 7 >> QNG");
        drop(trace);
        traces.sent(target, b"QNG\r\n");
        assert!(traces.is_idle());
    }

    #[test]
    fn four_accounts_are_traced_at_a_time() {
        let traces = Traces::default();
        let mut running: Vec<_> = (1..=4).map(|number| traces.begin(AccountId(number))).collect();
        assert!(running.iter().all(Option::is_some));
        assert!(traces.begin(AccountId(5)).is_none());
        running.pop();
        assert!(traces.begin(AccountId(5)).is_some());
    }
}
