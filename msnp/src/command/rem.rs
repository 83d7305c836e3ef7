//! `REM`: removes a user from a list ([the draft](crate#sources) §7.6).

use super::add::{has_groups, read_editable_list, read_group, read_handle};
use super::syn::parse_list_version;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, GroupId, Handle, List, ListVersion, TrId};

/// `REM trid list handle [group]`. In dialects without groups, further words are ignored: Gaim of
/// 2000 repeats the handle (`Quirk::RepeatsHandle`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rem {
    /// Transaction ID.
    pub trid: TrId,
    /// The list. Never the reverse list.
    pub list: List,
    /// The user handle to remove.
    pub handle: Handle,
    /// The group to remove the contact from (`Quirk::MovesByRemThenAdd`, `Quirk::RemovesByGroup`).
    /// If it is `None`, the contact is removed from the list. Forward list only, since MSNP7. A
    /// number that is not a [`GroupId`] closes the connection.
    pub group: Option<GroupId>,
}

/// `REM trid list version handle [group]`: the reply. With the list `RL`: a notice that another
/// user removed the recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RemReply {
    /// Transaction ID; [`TrId::SERVER`] for a notice.
    pub trid: TrId,
    /// The list.
    pub list: List,
    /// The list version after the change.
    pub version: ListVersion,
    /// The user handle that was removed.
    pub handle: Handle,
    /// The group that the contact was removed from. Forward list only, since MSNP7.
    pub group: Option<GroupId>,
}

impl<'a> Command<'a> for Rem {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        context: DecodeContext,
    ) -> Result<Rem, DecodeError> {
        let (trid, list) = (words.trid()?, read_editable_list(words)?);
        let handle = read_handle(words)?;
        Ok(Rem { trid, list, handle, group: read_group(words, list, context.dialect)? })
    }

    fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Rem)
            .trid(self.trid)
            .word(self.list.as_str())
            .handle(&self.handle)
            .optional_group(self.group.filter(|_| has_groups(self.list, dialect)))
            .end()
    }
}

impl<'a> Command<'a> for RemReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        context: DecodeContext,
    ) -> Result<RemReply, DecodeError> {
        let trid = words.trid()?;
        let list = words.parse("list", List::parse)?;
        let version = words.parse("list version", parse_list_version)?;
        let handle = read_handle(words)?;
        Ok(RemReply {
            trid,
            list,
            version,
            handle,
            group: read_group(words, list, context.dialect)?,
        })
    }

    fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Rem)
            .trid(self.trid)
            .word(self.list.as_str())
            .number(self.version.value())
            .handle(&self.handle)
            .optional_group(self.group.filter(|_| has_groups(self.list, dialect)))
            .end()
    }
}
