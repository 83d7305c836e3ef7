//! Numbered texts: a receiver knows which bytes must come next, and so notices every error of content or
//! order.

use super::{DIALECT, FrameBuffer};
use crate::error::BenchError;
use crate::rig::Principal;
use msnp::command::{Acknowledgement, Message, Msg, Payload};
use msnp::{Request, TrId};

/// The headers before the text, as clients of the time send them.
const HEADERS: &[u8] = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n";

/// How many digits the number of a text has.
const DIGITS: usize = 10;

/// How many bytes an error shows.
const MAX_SHOWN: usize = 200;

/// Returns a payload whose text has this many bytes and begins with the number 0.
fn payload(text_length: usize) -> Vec<u8> {
    let mut payload = HEADERS.to_vec();
    let filler = (b'a'..=b'z').cycle().take(text_length.saturating_sub(DIGITS));
    payload.extend_from_slice(&[b'0'; DIGITS]);
    payload.extend(filler);
    payload
}

/// A complete command whose text begins with a number.
#[derive(Debug)]
struct NumberedCommand {
    bytes: Vec<u8>,
    /// The position of the first digit.
    digits_at: usize,
    number: u64,
}

impl NumberedCommand {
    /// Wraps a command whose text begins with the number 0.
    fn new(bytes: Vec<u8>, payload_length: usize) -> NumberedCommand {
        let digits_at = bytes.len() - payload_length + HEADERS.len();
        NumberedCommand { bytes, digits_at, number: 0 }
    }

    fn increment(&mut self) {
        self.number += 1;
        let mut rest = self.number;
        let digits =
            self.bytes.get_mut(self.digits_at..self.digits_at + DIGITS).unwrap_or_default();
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
    }
}

/// The texts that a member sends.
#[derive(Debug)]
pub(super) struct Outgoing(NumberedCommand);

impl Outgoing {
    /// Creates texts of this many bytes: at least the ten digits of the number.
    pub(super) fn new(text_length: usize) -> Result<Outgoing, BenchError> {
        let payload = payload(text_length);
        let message = Msg {
            trid: TrId::new(9),
            acknowledgement: Acknowledgement::Negative,
            payload: Payload::new(&payload)
                .ok_or_else(|| BenchError::wrong("a text of this size fits into no message"))?,
        };
        let mut frame = FrameBuffer::default();
        // The buffer has room for every command.
        let _ = Request::from(message).encode(DIALECT, &mut frame);
        Ok(Outgoing(NumberedCommand::new(frame.to_vec(), payload.len())))
    }

    /// Appends the next text.
    pub(super) fn write(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.bytes);
        self.0.increment();
    }
}

/// The complete texts at the beginning of some input.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CompleteTexts {
    /// The number of texts.
    pub(super) texts: usize,
    /// The number of bytes of their commands.
    pub(super) bytes: usize,
}

/// The texts that a member receives from another.
#[derive(Debug)]
pub(super) struct Incoming(NumberedCommand);

impl Incoming {
    /// Expects the texts of this member, of this many bytes.
    pub(super) fn new(sender: &Principal, text_length: usize) -> Result<Incoming, BenchError> {
        let payload = payload(text_length);
        let (mut prefix, mut frame) = (FrameBuffer::default(), FrameBuffer::default());
        Message::write_prefix(&sender.handle, &sender.name, &mut prefix)
            .and_then(|()| Message::relay(&prefix, &payload, &mut frame))
            .map_err(|_| BenchError::wrong("a text of this size fits into no message"))?;
        Ok(Incoming(NumberedCommand::new(frame.to_vec(), payload.len())))
    }

    /// Checks every byte of the input. Returns the complete texts at its beginning; an incomplete one may
    /// follow.
    pub(super) fn check(&mut self, received: &[u8]) -> Result<CompleteTexts, BenchError> {
        let mut complete = CompleteTexts::default();
        loop {
            let rest = received.get(complete.bytes..).unwrap_or_default();
            let expected = &self.0.bytes;
            let compared = rest.len().min(expected.len());
            if rest.get(..compared) != expected.get(..compared) {
                let show = |bytes: &[u8]| {
                    bytes
                        .iter()
                        .take(MAX_SHOWN)
                        .flat_map(|byte| byte.escape_ascii())
                        .map(char::from)
                        .collect::<String>()
                };
                let message = format!("expected `{}`, got `{}`", show(expected), show(rest));
                return Err(BenchError::wrong(message));
            }
            if compared < expected.len() {
                return Ok(complete);
            }
            complete.bytes += compared;
            complete.texts += 1;
            self.0.increment();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivered(numbers: impl Iterator<Item = u64>) -> Vec<u8> {
        let text = |number: u64| {
            let head = "MSG user1@example.com user1 74\r\nMIME-Version: 1.0\r\n\
                        Content-Type: text/plain; charset=UTF-8\r\n\r\n";
            format!("{head}{number:010}ab").into_bytes()
        };
        numbers.flat_map(text).collect()
    }

    fn incoming() -> Incoming {
        Incoming::new(&Principal::numbered(1).unwrap(), 12).unwrap()
    }

    #[test]
    fn a_text_is_a_message_with_its_number() {
        let mut outgoing = Outgoing::new(12).unwrap();
        let mut out = Vec::new();
        outgoing.write(&mut out);
        out.clear();
        outgoing.write(&mut out);
        let expected = b"MSG 9 N 74\r\nMIME-Version: 1.0\r\n\
                         Content-Type: text/plain; charset=UTF-8\r\n\r\n0000000001ab";
        assert_eq!(out.escape_ascii().to_string(), expected.escape_ascii().to_string());
    }

    #[test]
    fn texts_in_order_are_counted_and_the_rest_is_left() {
        let bytes = delivered(0..13);
        let one = bytes.len() / 13;
        let mut incoming = incoming();
        let complete = |texts: usize| CompleteTexts { texts, bytes: texts * one };
        assert_eq!(incoming.check(&bytes[..one - 1]).unwrap(), complete(0));
        assert_eq!(incoming.check(&bytes[..12 * one + 5]).unwrap(), complete(12));
        assert_eq!(incoming.check(&bytes[12 * one..]).unwrap(), complete(1));
        assert_eq!(incoming.check(&[]).unwrap(), complete(0));
    }

    #[test]
    fn one_out_of_order_or_with_another_byte_is_wrong() {
        assert!(incoming().check(&delivered([0, 2].into_iter())).is_err());
        let mut bytes = delivered(0..1);
        *bytes.last_mut().unwrap() = b'x';
        assert!(incoming().check(&bytes).is_err());
        assert!(incoming().check(b"NAK 9\r\n").is_err());
    }

    #[test]
    fn a_text_has_a_maximum_length() {
        assert!(Outgoing::new(1600).is_ok());
        assert!(Outgoing::new(1700).is_err());
    }
}
