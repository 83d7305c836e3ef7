//! `JOI`: somebody joined the conversation (the draft §8.5).

use super::nln::principal;
use super::{Command, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, FriendlyName, Handle};

/// `JOI handle name`. It is not sent to him who joins, whatever the draft says: no client of 2000 to 2003 expects it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Joi {
    /// His user handle.
    pub handle: Handle,
    /// His friendly name.
    pub name: FriendlyName,
}

impl<'a> Command<'a> for Joi {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Joi, DecodeError> {
        let (handle, name) = principal(words)?;
        Ok(Joi { handle, name })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, "JOI").handle(&self.handle).name(&self.name).end()
    }
}
