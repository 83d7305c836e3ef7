//! `IRO`: who is in the conversation already, told to him who joins (the draft §8.5).

use super::nln::principal;
use super::{Command, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words, number};
use crate::types::{Dialect, FriendlyName, Handle, TrId};

/// `IRO t index count handle name`. He who joins is not among them (`Quirk::CountsParticipants`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Iro {
    /// The transaction ID of the `ANS`.
    pub trid: TrId,
    /// The place, from 1.
    pub index: u32,
    /// How many there are.
    pub count: u32,
    /// His user handle.
    pub handle: Handle,
    /// His name when he joined.
    pub name: FriendlyName,
}

impl<'a> Command<'a> for Iro {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Iro, DecodeError> {
        let trid = words.trid()?;
        let index = words.parse("index", number)?;
        let count = words.parse("count", number)?;
        let (handle, name) = principal(words)?;
        Ok(Iro { trid, index, count, handle, name })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, "IRO")
            .trid(self.trid)
            .number(self.index)
            .number(self.count)
            .handle(&self.handle)
            .name(&self.name)
            .end()
    }
}
