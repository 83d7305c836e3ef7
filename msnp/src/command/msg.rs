//! `MSG`: a message in a conversation ([the draft](crate#sources) §8.6), or from the server.
//!
//! The payload is relayed byte for byte. It carries texts, typing notices, file transfer
//! invitations and more.

use super::nln::read_handle_and_name;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::content_type::has_reserved_content_type;
use crate::frame::{MAX_PAYLOAD, MAX_SERVER_PAYLOAD};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, FriendlyName, Handle, TrId};

/// Which delivery reports the sender of a message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Acknowledgement {
    /// `U`: none.
    None,
    /// `N`: a `NAK` if the message was not delivered.
    Negative,
    /// `A`: an `ACK` or a `NAK`.
    All,
}

/// `MSG trid U|N|A length` and a payload of at most [`MAX_PAYLOAD`] bytes: a message that a client
/// sends. The other participants receive it as a [`Message`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Msg<'a> {
    /// Transaction ID.
    pub trid: TrId,
    /// The delivery reports that the sender asks for. Any other word, such as `u` or `X`, closes
    /// the connection.
    pub acknowledgement: Acknowledgement,
    /// The message.
    pub payload: Payload<'a>,
}

/// The bytes of a message, at most [`MAX_PAYLOAD`]. Its `Debug` form leaves them out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Payload<'a>(&'a [u8]);

impl<'a> Payload<'a> {
    /// Returns the payload, or `None` if it has more than [`MAX_PAYLOAD`] bytes.
    pub fn new(bytes: &'a [u8]) -> Option<Payload<'a>> {
        (bytes.len() <= MAX_PAYLOAD).then_some(Payload(bytes))
    }

    /// Returns the bytes.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether the header has a content type that is reserved for servers: a profile, a mail
    /// notice, a system message.
    pub fn has_reserved_content_type(self) -> bool {
        has_reserved_content_type(self.0)
    }
}

// Messages are never logged.
secret_in_logs!(Payload<'_>);

/// The sender of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::large_enum_variant, reason = "no allocation: a name of 387 bytes is inline")]
pub enum Sender {
    /// The server. Handle and name are both `Hotmail` (`Quirk::KnowsServerAsHotmail`).
    Server,
    /// A participant of the conversation.
    Principal {
        /// The participant's user handle.
        handle: Handle,
        /// The participant's friendly name when they joined.
        name: FriendlyName,
    },
}

/// `MSG handle name length` and a payload: a message that a client receives.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Message<'a> {
    /// The sender.
    pub sender: Sender,
    /// The message, at most [`MAX_SERVER_PAYLOAD`] bytes.
    pub payload: &'a [u8],
}

/// The handle and the name in messages of the server.
const SERVER_NAME: &str = "Hotmail";

impl Message<'_> {
    /// Writes the prefix that all messages of a participant have in common: everything before the
    /// length. Write it once for each participant, and pass it to [`Message::relay`] with each of
    /// their messages.
    ///
    /// # Errors
    /// [`SinkFullError`] if it does not fit; nothing is written then.
    pub fn write_prefix(
        handle: &Handle,
        name: &FriendlyName,
        out: &mut dyn Sink,
    ) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Msg).handle(handle).name(name).end_prefix()
    }

    /// Writes a participant's message: a copy of `prefix`, which [`Message::write_prefix`] wrote, and
    /// the payload with its length.
    ///
    /// # Errors
    /// [`SinkFullError`] if it does not fit, or if the payload has more than [`MAX_SERVER_PAYLOAD`]
    /// bytes; nothing is written then.
    pub fn relay(prefix: &[u8], payload: &[u8], out: &mut dyn Sink) -> Result<(), SinkFullError> {
        if payload.len() > MAX_SERVER_PAYLOAD {
            return Err(SinkFullError);
        }
        Line::from_prefix(out, prefix).payload(payload)
    }
}

impl<'a> Command<'a> for Msg<'a> {
    fn decode(
        words: &mut Words<'a>,
        payload: &'a [u8],
        _: DecodeContext,
    ) -> Result<Msg<'a>, DecodeError> {
        let trid = words.trid()?;
        let acknowledgement = match words.required("acknowledgement type")? {
            b"U" => Acknowledgement::None,
            b"N" => Acknowledgement::Negative,
            b"A" => Acknowledgement::All,
            _ => return Err(DecodeError::malformed("acknowledgement type")),
        };
        words.required("length")?;
        let payload = Payload::new(payload).ok_or(DecodeError::malformed("payload"))?;
        Ok(Msg { trid, acknowledgement, payload })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let letter = match self.acknowledgement {
            Acknowledgement::None => "U",
            Acknowledgement::Negative => "N",
            Acknowledgement::All => "A",
        };
        Line::new(out, CommandName::Msg)
            .trid(self.trid)
            .word(letter)
            .payload(self.payload.as_bytes())
    }
}

impl<'a> Command<'a> for Message<'a> {
    fn decode(
        words: &mut Words<'a>,
        payload: &'a [u8],
        _: DecodeContext,
    ) -> Result<Message<'a>, DecodeError> {
        let is_from_server = words.clone().next() == Some(SERVER_NAME.as_bytes());
        if is_from_server {
            words.required("handle")?;
            words.required("name")?;
            words.required("length")?;
            return Ok(Message { sender: Sender::Server, payload });
        }
        let (handle, name) = read_handle_and_name(words)?;
        words.required("length")?;
        Ok(Message { sender: Sender::Principal { handle, name }, payload })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        if self.payload.len() > MAX_SERVER_PAYLOAD {
            return Err(SinkFullError);
        }
        match &self.sender {
            Sender::Server => {
                let line = Line::new(out, CommandName::Msg);
                line.word(SERVER_NAME).word(SERVER_NAME).payload(self.payload)
            }
            Sender::Principal { handle, name } => {
                Line::new(out, CommandName::Msg).handle(handle).name(name).payload(self.payload)
            }
        }
    }
}
