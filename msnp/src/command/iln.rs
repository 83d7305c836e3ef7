//! `ILN`: a contact's state, sent in reply to `CHG` or `ADD` ([the draft](crate#sources) §7.7).

use super::nln::read_handle_and_name;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, FriendlyName, Handle, State, TrId};

/// `ILN trid state handle name`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Iln {
    /// The transaction ID of the `CHG` or `ADD`.
    pub trid: TrId,
    /// The contact's state. Never hidden or offline.
    pub state: State,
    /// The contact's user handle.
    pub handle: Handle,
    /// The contact's friendly name.
    pub name: FriendlyName,
}

impl<'a> Command<'a> for Iln {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Iln, DecodeError> {
        let trid = words.trid()?;
        let state = words.parse("state", State::parse)?;
        let (handle, name) = read_handle_and_name(words)?;
        Ok(Iln { trid, state, handle, name })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Iln)
            .trid(self.trid)
            .word(self.state.as_str())
            .handle(&self.handle)
            .name(&self.name)
            .end()
    }
}
