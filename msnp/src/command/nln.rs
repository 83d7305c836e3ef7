//! `NLN`: a contact came online, or changed their state or name ([the draft](crate#sources) §7.7).

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, FriendlyName, Handle, State};

/// `NLN state handle name`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Nln {
    /// The contact's state. Never hidden or offline.
    pub state: State,
    /// The contact's user handle.
    pub handle: Handle,
    /// The contact's friendly name.
    pub name: FriendlyName,
}

impl<'a> Command<'a> for Nln {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Nln, DecodeError> {
        let state = words.parse("state", State::parse)?;
        let (handle, name) = read_handle_and_name(words)?;
        Ok(Nln { state, handle, name })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Nln)
            .word(self.state.as_str())
            .handle(&self.handle)
            .name(&self.name)
            .end()
    }
}

/// Reads a handle and a friendly name.
pub(super) fn read_handle_and_name(
    words: &mut Words<'_>,
) -> Result<(Handle, FriendlyName), DecodeError> {
    let handle = words.parse("handle", |word| Handle::parse(word).ok())?;
    let name = words.parse("name", |word| FriendlyName::parse(word).ok())?;
    Ok((handle, name))
}
