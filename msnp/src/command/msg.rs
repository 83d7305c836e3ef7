//! `MSG`: a message in a conversation (the draft §8.6), or from the server.
//!
//! The payload is passed on byte for byte: texts, typing notices, invitations to transfer files
//! and much more ride in it.

use super::nln::principal;
use super::{Command, DecodeContext, DecodeError};
use crate::content_type::is_servers_own;
use crate::frame::{MAX_PAYLOAD, MAX_SERVER_PAYLOAD};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, FriendlyName, Handle, TrId};

/// What a sender wants to hear of a message's delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Acknowledgement {
    /// `U`: nothing.
    None,
    /// `N`: a `NAK` if it was not delivered.
    Negative,
    /// `A`: an `ACK` or a `NAK`.
    All,
}

/// `MSG t U|N|A length` and a payload of at most [`MAX_PAYLOAD`] bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Msg<'a> {
    /// Transaction ID.
    pub trid: TrId,
    /// What the sender wants to hear. `u` or `X` closes the connection.
    pub acknowledgement: Acknowledgement,
    /// The message.
    pub payload: Payload<'a>,
}

/// The bytes of a message, at most [`MAX_PAYLOAD`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Payload<'a>(&'a [u8]);

impl<'a> Payload<'a> {
    /// Takes a payload, unless it is too long.
    pub fn new(bytes: &'a [u8]) -> Option<Payload<'a>> {
        (bytes.len() <= MAX_PAYLOAD).then_some(Payload(bytes))
    }

    /// Its bytes.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether its header has a content type that only a server sends: a profile, a notice of mail, a
    /// system message.
    pub fn is_servers_own(self) -> bool {
        is_servers_own(self.0)
    }
}

// What people say to each other is in no log.
secret_in_logs!(Payload<'_>);

/// Who a message comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::large_enum_variant, reason = "no allocation: a name of 387 bytes is inline")]
pub enum Sender {
    /// The server. Handle and name are both `Hotmail` (`Quirk::KnowsServerAsHotmail`).
    Server,
    /// Somebody in the conversation.
    Principal {
        /// His user handle.
        handle: Handle,
        /// His name when he joined.
        name: FriendlyName,
    },
}

/// `MSG handle name length` and a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Message<'a> {
    /// Who it comes from.
    pub sender: Sender,
    /// The message, at most [`MAX_SERVER_PAYLOAD`] bytes.
    pub payload: &'a [u8],
}

const SERVER: &str = "Hotmail";

impl Message<'_> {
    /// Writes how all messages of a participant begin: everything before the length. It is done once
    /// for each participant, and [`Message::relay`] for each message.
    ///
    /// # Errors
    /// [`SinkFullError`] if there is no room; nothing is written then.
    pub fn write_prefix(
        handle: &Handle,
        name: &FriendlyName,
        out: &mut dyn Sink,
    ) -> Result<(), SinkFullError> {
        Line::new(out, "MSG").handle(handle).name(name).pause()
    }

    /// Writes a participant's message, which begins as [`Message::begin`] has it.
    ///
    /// # Errors
    /// [`SinkFullError`] if there is no room, or the payload is too long; nothing is written then.
    pub fn relay(
        beginning: &[u8],
        payload: &[u8],
        out: &mut dyn Sink,
    ) -> Result<(), SinkFullError> {
        if payload.len() > MAX_SERVER_PAYLOAD {
            return Err(SinkFullError);
        }
        Line::resume(out, beginning).payload(payload)
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
        Line::new(out, "MSG").trid(self.trid).word(letter).payload(self.payload.as_bytes())
    }
}

impl<'a> Command<'a> for Message<'a> {
    fn decode(
        words: &mut Words<'a>,
        payload: &'a [u8],
        _: DecodeContext,
    ) -> Result<Message<'a>, DecodeError> {
        if words.clone().next() == Some(SERVER.as_bytes()) {
            words.next();
            words.required("name")?;
            words.required("length")?;
            return Ok(Message { sender: Sender::Server, payload });
        }
        let (handle, name) = principal(words)?;
        words.required("length")?;
        Ok(Message { sender: Sender::Principal { handle, name }, payload })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        if self.payload.len() > MAX_SERVER_PAYLOAD {
            return Err(SinkFullError);
        }
        match &self.sender {
            Sender::Server => Line::new(out, "MSG").word(SERVER).word(SERVER).payload(self.payload),
            Sender::Principal { handle, name } => {
                Line::new(out, "MSG").handle(handle).name(name).payload(self.payload)
            }
        }
    }
}
