//! `JOI`: a user joined the conversation ([the draft](crate#sources) §8.5).

use super::nln::read_handle_and_name;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, FriendlyName, Handle};

/// `JOI handle name`, sent to the other participants. In the draft, the user who joins gets it too.
/// No client of 2000 to 2003 expects that.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Joi {
    /// The user handle of the user who joined.
    pub handle: Handle,
    /// Their friendly name.
    pub name: FriendlyName,
}

impl<'a> Command<'a> for Joi {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Joi, DecodeError> {
        let (handle, name) = read_handle_and_name(words)?;
        Ok(Joi { handle, name })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Joi).handle(&self.handle).name(&self.name).end()
    }
}
