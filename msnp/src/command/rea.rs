//! `REA`: changes the user's own name, or the stored name of a contact.

use super::add::read_handle;
use super::syn::parse_list_version;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, ErrorCode, FriendlyName, Handle, ListVersion, RequestedName, TrId};

/// `REA trid handle name`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rea {
    /// Transaction ID.
    pub trid: TrId,
    /// The user's own handle, or one on their lists.
    pub handle: Handle,
    /// The new name. Any name is accepted for a contact.
    pub name: RequestedName,
}

/// `REA trid version handle name`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReaReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The list version after the change.
    pub version: ListVersion,
    /// The handle of the renamed user.
    pub handle: Handle,
    /// The new name.
    pub name: FriendlyName,
}

impl<'a> Command<'a> for Rea {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Rea, DecodeError> {
        let trid = words.trid()?;
        let handle = read_handle(words)?;
        let name =
            words.next().ok_or(DecodeError::invalid("name", ErrorCode::InvalidFriendlyName))?;
        Ok(Rea { trid, handle, name: RequestedName::parse(name) })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let name = self.name.lossy_or_handle(&self.handle);
        Line::new(out, CommandName::Rea).trid(self.trid).handle(&self.handle).name(&name).end()
    }
}

impl<'a> Command<'a> for ReaReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<ReaReply, DecodeError> {
        let trid = words.trid()?;
        let version = words.parse("list version", parse_list_version)?;
        let handle = read_handle(words)?;
        let name = words.parse("name", |word| FriendlyName::parse(word).ok())?;
        Ok(ReaReply { trid, version, handle, name })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Rea)
            .trid(self.trid)
            .number(self.version.value())
            .handle(&self.handle)
            .name(&self.name)
            .end()
    }
}
