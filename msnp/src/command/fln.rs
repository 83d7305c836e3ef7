//! `FLN`: a contact went offline, or is no longer visible ([the draft](crate#sources) §7.7).

use super::add::read_handle;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, Handle};

/// `FLN handle`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Fln {
    /// The contact's user handle.
    pub handle: Handle,
}

impl<'a> Command<'a> for Fln {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Fln, DecodeError> {
        Ok(Fln { handle: read_handle(words)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Fln).handle(&self.handle).end()
    }
}
