//! What the greeter says back.

use crate::rules::{MINUTE, PerMinute};
use std::time::Duration;
use tokio::time::Instant;

/// How many texts are said back in a second; what is more is not.
const TEXTS: u32 = 2;
const SECOND: Duration = Duration::from_secs(1);

/// How many bytes of a text are said back at most.
const LONGEST: usize = 1000;

/// How often in a row a text is said back that has in it what the greeter said last: who says back
/// what he hears, as he does, is talked to no longer.
const REPEATS: u32 = 3;

/// How many texts he answers within a minute from the first of them on. Then he says [`REST`], once,
/// and nothing for a minute: a robot that answers each of his texts has nothing to answer then.
const IN_A_MINUTE: u16 = 20;

/// What is said when there were too many.
pub(super) const REST: &str = "I need a rest now. Write again in a minute.";

/// What is said about a text that is too long.
pub(super) const TOO_LONG: &str = "That is too long for me to say it back.";

/// What is said to a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing.
    Nothing,
    /// The same, byte for byte.
    Same,
    /// That it is too long.
    TooLong,
    /// That there were too many.
    Rest,
}

/// What a conversation has heard of the greeter so far.
pub(super) struct Echo {
    /// The text that he said last.
    last: Vec<u8>,
    repeats: u32,
    /// The second that is running, and how many texts are left in it.
    since: Instant,
    left: u32,
    answered: PerMinute,
    /// When he said that he needs a rest.
    rest: Option<Instant>,
}

impl Echo {
    pub(super) fn new() -> Echo {
        let (last, answered) = (Vec::new(), PerMinute::default());
        Echo { last, repeats: 0, since: Instant::now(), left: TEXTS, answered, rest: None }
    }

    /// The greeter has said this.
    pub(super) fn received(&mut self, text: &[u8]) {
        self.last.clear();
        self.last.extend_from_slice(text);
    }

    /// What he says to a payload.
    pub(super) fn answer(&mut self, payload: &[u8]) -> Answer {
        let Some(text) = text(payload).filter(|text| !text.is_empty()) else {
            return Answer::Nothing;
        };
        self.repeats = if has(text, &self.last) { self.repeats + 1 } else { 0 };
        let now = Instant::now();
        let rests = self.rest.is_some_and(|since| now.duration_since(since) < MINUTE);
        if rests || self.repeats > REPEATS || !self.is_in_time() {
            return Answer::Nothing;
        }
        if self.answered.is_full(IN_A_MINUTE, now) {
            self.rest = Some(now);
            return Answer::Rest;
        }
        self.answered.count(now);
        if text.len() > LONGEST { Answer::TooLong } else { Answer::Same }
    }

    fn is_in_time(&mut self) -> bool {
        if self.since.elapsed() >= SECOND {
            (self.since, self.left) = (Instant::now(), TEXTS);
        }
        let is_in_time = self.left > 0;
        self.left = self.left.saturating_sub(1);
        is_in_time
    }
}

/// Whether a text has another one in it.
fn has(text: &[u8], other: &[u8]) -> bool {
    if other.is_empty() {
        return false;
    }
    match (std::str::from_utf8(text), std::str::from_utf8(other)) {
        (Ok(text), Ok(other)) => text.contains(other),
        _ => text == other,
    }
}

/// What stands behind the headers of a message that is a text: typing notices and invitations are
/// none.
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

    fn in_time<T>(play: impl FnOnce() -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let _guard = runtime.as_ref().unwrap().enter();
        play()
    }

    #[test]
    fn only_texts_are_texts() {
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
    fn a_text_is_said_back_unless_it_is_empty_or_too_long() {
        in_time(|| {
            assert_eq!(Echo::new().answer(&plain("hi")), Answer::Same);
            assert_eq!(Echo::new().answer(&plain(&"x".repeat(1000))), Answer::Same);
            assert_eq!(Echo::new().answer(&plain(&"x".repeat(1001))), Answer::TooLong);
            assert_eq!(Echo::new().answer(&plain("")), Answer::Nothing);
        });
    }

    #[test]
    fn who_says_back_what_he_hears_is_talked_to_no_longer() {
        in_time(|| {
            let mut echo = Echo::new();
            echo.received(b"Hello");
            for _ in 0..3 {
                echo.left = TEXTS;
                assert_eq!(echo.answer(&plain("you said: Hello")), Answer::Same);
            }
            assert_eq!(echo.answer(&plain("you said: Hello")), Answer::Nothing);
            assert_eq!(echo.answer(&plain("something else")), Answer::Same);
        });
    }
}
