//! What the greeter replies.

use crate::rules::{MINUTE, PerMinute};
use std::time::Duration;
use tokio::time::Instant;

/// How many messages are echoed in a second. Further ones are ignored.
const PER_SECOND: u32 = 2;
const SECOND: Duration = Duration::from_secs(1);

/// The longest text that is echoed, in bytes.
const MAX_ECHO: usize = 1000;

/// How many messages in a row are echoed that contain the greeter's last one. After that the
/// greeter stays silent: the other participant echoes too.
const MAX_REPEATS: u32 = 3;

/// How many messages are answered in a minute, counted from the first. Then [`PAUSE`] is sent once,
/// and nothing for a minute: a bot that answers every message has nothing to answer then.
const PER_MINUTE: u16 = 20;

/// Sent after too many messages.
pub(super) const PAUSE: &str = "That is a lot of messages! Please write again in a minute.";

/// Sent in reply to a message that is too long.
pub(super) const TOO_LONG: &str = "Sorry, that message is too long to echo.";

/// The reply to a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// No reply.
    Nothing,
    /// The same message, byte for byte.
    Echo,
    /// [`TOO_LONG`].
    TooLong,
    /// [`PAUSE`].
    Pause,
}

/// The state of the greeter's replies in one conversation.
pub(super) struct Echo {
    /// The greeter's last text.
    last: Vec<u8>,
    repeats: u32,
    /// The start of the current second, and how many messages may still be echoed in it.
    since: Instant,
    left: u32,
    answered: PerMinute,
    /// When [`PAUSE`] was sent.
    paused_at: Option<Instant>,
}

impl Echo {
    pub(super) fn new() -> Echo {
        let (last, answered) = (Vec::new(), PerMinute::default());
        Echo {
            last,
            repeats: 0,
            since: Instant::now(),
            left: PER_SECOND,
            answered,
            paused_at: None,
        }
    }

    /// Records what the greeter has sent.
    pub(super) fn record_sent(&mut self, text: &[u8]) {
        self.last.clear();
        self.last.extend_from_slice(text);
    }

    /// Decides the reply to a message.
    pub(super) fn reply_to(&mut self, payload: &[u8]) -> Reply {
        let Some(text) = text(payload).filter(|text| !text.is_empty()) else {
            return Reply::Nothing;
        };
        self.repeats = if contains(text, &self.last) { self.repeats + 1 } else { 0 };
        let now = Instant::now();
        let is_paused = self.paused_at.is_some_and(|since| now.duration_since(since) < MINUTE);
        if is_paused || self.repeats > MAX_REPEATS || !self.within_rate() {
            return Reply::Nothing;
        }
        if self.answered.is_full(PER_MINUTE, now) {
            self.paused_at = Some(now);
            return Reply::Pause;
        }
        self.answered.count(now);
        if text.len() > MAX_ECHO { Reply::TooLong } else { Reply::Echo }
    }

    fn within_rate(&mut self) -> bool {
        if self.since.elapsed() >= SECOND {
            (self.since, self.left) = (Instant::now(), PER_SECOND);
        }
        let within_rate = self.left > 0;
        self.left = self.left.saturating_sub(1);
        within_rate
    }
}

/// Whether a text contains another one.
fn contains(text: &[u8], other: &[u8]) -> bool {
    if other.is_empty() {
        return false;
    }
    match (std::str::from_utf8(text), std::str::from_utf8(other)) {
        (Ok(text), Ok(other)) => text.contains(other),
        _ => text == other,
    }
}

/// Returns the text of a message, without headers. Typing notices and invitations have none.
pub(super) fn text(payload: &[u8]) -> Option<&[u8]> {
    let end = payload.windows(4).position(|four| four == b"\r\n\r\n")?;
    let headers = std::str::from_utf8(payload.get(..end)?).ok()?;
    let is_text = headers.split("\r\n").any(|header| {
        let header = header.to_ascii_lowercase();
        let value = header.strip_prefix("content-type:").map(str::trim_start);
        value.is_some_and(|value| value.starts_with("text/plain"))
    });
    payload.get(end + 4..).filter(|_| is_text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Vec<u8> {
        let headers = "MIME-Version: 1.0\r\ncontent-TYPE: Text/Plain; charset=UTF-8\r\n\r\n";
        format!("{headers}{text}").into_bytes()
    }

    fn in_runtime<T>(test: impl FnOnce() -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let _guard = runtime.as_ref().unwrap().enter();
        test()
    }

    #[test]
    fn typing_notices_and_invitations_are_not_texts() {
        assert_eq!(text(&plain("hi")), Some(b"hi".as_slice()));
        for payload in [
            "Content-Type: text/x-msmsgscontrol\r\nTypingUser: a@b.c\r\n\r\n\r\n",
            "Content-Type: text/x-msmsgsinvite; charset=UTF-8\r\n\r\nInvitation-Command: INVITE",
            "MIME-Version: 1.0\r\n\r\nhi",
            "Content-Type: text/plain",
            "",
        ] {
            assert_eq!(text(payload.as_bytes()), None, "{payload}");
        }
    }

    #[test]
    fn a_text_is_echoed_unless_it_is_empty_or_too_long() {
        in_runtime(|| {
            assert_eq!(Echo::new().reply_to(&plain("hi")), Reply::Echo);
            assert_eq!(Echo::new().reply_to(&plain(&"x".repeat(1000))), Reply::Echo);
            assert_eq!(Echo::new().reply_to(&plain(&"x".repeat(1001))), Reply::TooLong);
            assert_eq!(Echo::new().reply_to(&plain("")), Reply::Nothing);
        });
    }

    #[test]
    fn another_echo_is_answered_three_times_at_most() {
        in_runtime(|| {
            let mut echo = Echo::new();
            echo.record_sent(b"Hello");
            for _ in 0..3 {
                echo.left = PER_SECOND;
                assert_eq!(echo.reply_to(&plain("you said: Hello")), Reply::Echo);
            }
            assert_eq!(echo.reply_to(&plain("you said: Hello")), Reply::Nothing);
            assert_eq!(echo.reply_to(&plain("something else")), Reply::Echo);
        });
    }
}
