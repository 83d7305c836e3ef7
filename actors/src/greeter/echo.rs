//! What the greeter replies.

use crate::rules::{MINUTE, PerMinute};
use std::time::Duration;
use tokio::time::Instant;

/// The maximum number of messages that are echoed in a second. Further ones are ignored.
const PER_SECOND: u32 = 2;
const SECOND: Duration = Duration::from_secs(1);

/// The maximum length of a text that is echoed, in bytes.
const MAX_ECHO: usize = 1000;

/// The maximum number of consecutive echoes of messages that contain the greeter's last message.
/// The other side is then probably a bot that echoes as well.
const MAX_REPEATS: u32 = 3;

/// The maximum number of messages that are answered in a minute. The minute starts with the first
/// message. The next message is answered with [`PAUSE_TEXT`], and nothing is sent for a minute. The
/// silence ends a loop with a bot that answers every message.
const PER_MINUTE: u16 = 20;

/// Sent after too many messages.
pub(super) const PAUSE_TEXT: &str = "That is a lot of messages! Please write again in a minute.";

/// Sent in reply to a message that is too long.
pub(super) const TOO_LONG_TEXT: &str = "Sorry, that message is too long to echo.";

/// The reply to a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// No reply.
    Nothing,
    /// The same message, byte for byte.
    Echo,
    /// [`TOO_LONG_TEXT`].
    TooLong,
    /// [`PAUSE_TEXT`].
    Pause,
}

/// The state of the greeter's replies in one conversation.
pub(super) struct EchoState {
    /// The greeter's last text.
    last_text: Vec<u8>,
    /// The number of consecutive messages that contained `last_text`.
    repeats: u32,
    /// The start of the current second.
    second_start: Instant,
    /// How many more messages may be echoed in the current second.
    left_in_second: u32,
    answered: PerMinute,
    /// When [`PAUSE_TEXT`] was sent.
    paused_at: Option<Instant>,
}

impl EchoState {
    pub(super) fn new() -> EchoState {
        EchoState {
            last_text: Vec::new(),
            repeats: 0,
            second_start: Instant::now(),
            left_in_second: PER_SECOND,
            answered: PerMinute::default(),
            paused_at: None,
        }
    }

    /// Records what the greeter has sent.
    pub(super) fn record_sent(&mut self, text: &[u8]) {
        self.last_text.clear();
        self.last_text.extend_from_slice(text);
    }

    /// Decides the reply to a message.
    pub(super) fn reply_to(&mut self, payload: &[u8]) -> Reply {
        let Some(text) = text_body(payload).filter(|text| !text.is_empty()) else {
            return Reply::Nothing;
        };
        self.repeats = if contains(text, &self.last_text) { self.repeats + 1 } else { 0 };
        let now = Instant::now();
        let is_paused = self.paused_at.is_some_and(|since| now.duration_since(since) < MINUTE);
        if is_paused || self.repeats > MAX_REPEATS || !self.take_slot() {
            return Reply::Nothing;
        }
        if self.answered.is_full(PER_MINUTE, now) {
            self.paused_at = Some(now);
            return Reply::Pause;
        }
        self.answered.count(now);
        if text.len() > MAX_ECHO { Reply::TooLong } else { Reply::Echo }
    }

    /// Counts a message in the current second. Returns `false` if it is one too many.
    fn take_slot(&mut self) -> bool {
        if self.second_start.elapsed() >= SECOND {
            (self.second_start, self.left_in_second) = (Instant::now(), PER_SECOND);
        }
        let has_slot = self.left_in_second > 0;
        self.left_in_second = self.left_in_second.saturating_sub(1);
        has_slot
    }
}

/// Returns whether a text contains another one. An empty text is never contained.
fn contains(text: &[u8], other: &[u8]) -> bool {
    if other.is_empty() {
        return false;
    }
    match (std::str::from_utf8(text), std::str::from_utf8(other)) {
        (Ok(text), Ok(other)) => text.contains(other),
        _ => text == other,
    }
}

/// Returns the body of a text message. `None` for other messages, such as typing notices and
/// invitations.
pub(super) fn text_body(payload: &[u8]) -> Option<&[u8]> {
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
        assert_eq!(text_body(&plain("hi")), Some(b"hi".as_slice()));
        for payload in [
            "Content-Type: text/x-msmsgscontrol\r\nTypingUser: a@b.c\r\n\r\n\r\n",
            "Content-Type: text/x-msmsgsinvite; charset=UTF-8\r\n\r\nInvitation-Command: INVITE",
            "MIME-Version: 1.0\r\n\r\nhi",
            "Content-Type: text/plain",
            "",
        ] {
            assert_eq!(text_body(payload.as_bytes()), None, "{payload}");
        }
    }

    #[test]
    fn a_text_is_echoed_unless_it_is_empty_or_too_long() {
        in_runtime(|| {
            assert_eq!(EchoState::new().reply_to(&plain("hi")), Reply::Echo);
            assert_eq!(EchoState::new().reply_to(&plain(&"x".repeat(1000))), Reply::Echo);
            assert_eq!(EchoState::new().reply_to(&plain(&"x".repeat(1001))), Reply::TooLong);
            assert_eq!(EchoState::new().reply_to(&plain("")), Reply::Nothing);
        });
    }

    #[test]
    fn a_bot_that_echoes_is_answered_at_most_three_times() {
        in_runtime(|| {
            let mut echo = EchoState::new();
            echo.record_sent(b"Hello");
            for _ in 0..3 {
                echo.left_in_second = PER_SECOND;
                assert_eq!(echo.reply_to(&plain("you said: Hello")), Reply::Echo);
            }
            assert_eq!(echo.reply_to(&plain("you said: Hello")), Reply::Nothing);
            assert_eq!(echo.reply_to(&plain("something else")), Reply::Echo);
        });
    }
}
