//! `BYE`: a participant left the conversation ([the draft](crate#sources) §8.7). A client may send
//! it to leave.

use super::add::read_handle;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, Handle};

/// `BYE [handle]`: Gaim of 2003 sends it to leave a conversation (`Quirk::LeavesWithBye`). Other
/// clients send `OUT`, or just close the connection. The words of the line are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Leave;

/// `BYE handle [1]`. The `1` stands for [`idle`](Bye::idle).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bye {
    /// The participant who left.
    pub handle: Handle,
    /// Whether the conversation was closed because it was idle. Gaim 0.63 shows this to its user.
    pub idle: bool,
}

impl<'a> Command<'a> for Leave {
    fn decode(_: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Leave, DecodeError> {
        Ok(Leave)
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Bye).end()
    }
}

impl<'a> Command<'a> for Bye {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Bye, DecodeError> {
        let handle = read_handle(words)?;
        Ok(Bye { handle, idle: words.next() == Some(b"1") })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Bye)
            .handle(&self.handle)
            .optional(self.idle.then_some("1"))
            .end()
    }
}
