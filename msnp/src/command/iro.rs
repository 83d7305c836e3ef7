//! `IRO`: a participant of the conversation, sent to a user who joins ([the draft](crate#sources)
//! §8.5).

use super::nln::read_handle_and_name;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words, number};
use crate::types::{Dialect, FriendlyName, Handle, TrId};

/// `IRO trid index count handle name`. The user who joins is not listed
/// (`Quirk::CountsParticipants`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Iro {
    /// The transaction ID of the `ANS`.
    pub trid: TrId,
    /// The position in the list, from 1.
    pub index: u32,
    /// The number of participants.
    pub count: u32,
    /// The participant's user handle.
    pub handle: Handle,
    /// The participant's friendly name when they joined.
    pub name: FriendlyName,
}

impl<'a> Command<'a> for Iro {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Iro, DecodeError> {
        let trid = words.trid()?;
        let index = words.parse("index", number)?;
        let count = words.parse("count", number)?;
        let (handle, name) = read_handle_and_name(words)?;
        Ok(Iro { trid, index, count, handle, name })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Iro)
            .trid(self.trid)
            .number(self.index)
            .number(self.count)
            .handle(&self.handle)
            .name(&self.name)
            .end()
    }
}
