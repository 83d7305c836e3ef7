//! Texts with a number in each. So a receiver knows each byte, and the order.

use super::{DIALECT, FrameBuffer};
use crate::error::BenchError;
use crate::rig::Principal;
use msnp::command::{Acknowledgement, Message, Msg, Payload};
use msnp::{Request, TrId};

/// The headers before the text, as clients of the time send them.
const HEADERS: &[u8] = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n";

/// Digits of a number.
const DIGITS: usize = 10;

/// Bytes that an error shows.
const SHOWN: usize = 200;

/// Returns a payload whose text has this many bytes and begins with the number 0.
fn payload(text_length: usize) -> Vec<u8> {
    let mut payload = HEADERS.to_vec();
    let filler = (b'a'..=b'z').cycle().take(text_length.saturating_sub(DIGITS));
    payload.extend_from_slice(&[b'0'; DIGITS]);
    payload.extend(filler);
    payload
}

/// A complete command that contains an increasing number.
#[derive(Debug)]
struct Numbered {
    bytes: Vec<u8>,
    /// The position of the digits.
    at: usize,
    number: u64,
}

impl Numbered {
    fn new(bytes: Vec<u8>, payload_length: usize) -> Numbered {
        let at = bytes.len() - payload_length + HEADERS.len();
        Numbered { bytes, at, number: 0 }
    }

    fn step(&mut self) {
        self.number += 1;
        let mut rest = self.number;
        let digits = self.bytes.get_mut(self.at..self.at + DIGITS).unwrap_or_default();
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
    }
}

/// The texts that a member sends.
#[derive(Debug)]
pub(super) struct Outgoing(Numbered);

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
        // It fits.
        let _ = Request::from(message).encode(DIALECT, &mut frame);
        Ok(Outgoing(Numbered::new(frame.to_vec(), payload.len())))
    }

    /// Appends the next text.
    pub(super) fn write(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.bytes);
        self.0.step();
    }
}

/// The texts that a member receives from another.
#[derive(Debug)]
pub(super) struct Incoming(Numbered);

impl Incoming {
    /// Expects the texts of this member.
    pub(super) fn from(sender: &Principal, text_length: usize) -> Result<Incoming, BenchError> {
        let payload = payload(text_length);
        let (mut beginning, mut frame) = (FrameBuffer::default(), FrameBuffer::default());
        Message::write_prefix(&sender.handle, &sender.name, &mut beginning)
            .and_then(|()| Message::relay(&beginning, &payload, &mut frame))
            .map_err(|_| BenchError::wrong("a text of this size fits into no message"))?;
        Ok(Incoming(Numbered::new(frame.to_vec(), payload.len())))
    }

    /// Checks the input. Returns the number of complete texts at its beginning, and their length. Each
    /// byte is checked, also those of an incomplete text.
    pub(super) fn take(&mut self, received: &[u8]) -> Result<(usize, usize), BenchError> {
        let (mut texts, mut used) = (0, 0);
        loop {
            let rest = received.get(used..).unwrap_or_default();
            let expected = &self.0.bytes;
            let compared = rest.len().min(expected.len());
            if rest.get(..compared) != expected.get(..compared) {
                let show = |bytes: &[u8]| {
                    bytes
                        .iter()
                        .take(SHOWN)
                        .flat_map(|byte| byte.escape_ascii())
                        .map(char::from)
                        .collect::<String>()
                };
                let words = format!("expected `{}`, got `{}`", show(expected), show(rest));
                return Err(BenchError::wrong(words));
            }
            if compared < expected.len() {
                return Ok((texts, used));
            }
            used += compared;
            texts += 1;
            self.0.step();
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
        Incoming::from(&Principal::numbered(1).unwrap(), 12).unwrap()
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
        assert_eq!(incoming.take(&bytes[..one - 1]).unwrap(), (0, 0));
        assert_eq!(incoming.take(&bytes[..12 * one + 5]).unwrap(), (12, 12 * one));
        assert_eq!(incoming.take(&bytes[12 * one..]).unwrap(), (1, one));
        assert_eq!(incoming.take(&[]).unwrap(), (0, 0));
    }

    #[test]
    fn one_out_of_order_or_with_another_byte_is_wrong() {
        assert!(incoming().take(&delivered([0, 2].into_iter())).is_err());
        let mut bytes = delivered(0..1);
        *bytes.last_mut().unwrap() = b'x';
        assert!(incoming().take(&bytes).is_err());
        assert!(incoming().take(b"NAK 9\r\n").is_err());
    }

    #[test]
    fn a_text_has_a_maximum_length() {
        assert!(Outgoing::new(1600).is_ok());
        assert!(Outgoing::new(1700).is_err());
    }
}
