//! `REM`: taking somebody off a list (the draft §7.6).

use super::add::{editable_list, group, handle, has_groups};
use super::syn::version;
use super::{Command, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, GroupId, Handle, List, ListVersion, TrId};

/// `REM t list handle {group}`. Gaim of 2000, which knows no groups, sends the handle once more
/// (`Quirk::RepeatsHandle`): surplus words are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rem {
    /// Transaction ID.
    pub trid: TrId,
    /// The list: never the reverse list.
    pub list: List,
    /// His user handle.
    pub handle: Handle,
    /// On the forward list, since MSNP7: the one group that he is taken out of
    /// (`Quirk::MovesByRemThenAdd`, `Quirk::RemovesByGroup`); none takes him off the list. A number that no group can have
    /// closes the connection.
    pub group: Option<GroupId>,
}

/// `REM t list version handle {group}`: the reply, or, for `RL`, the news that somebody removed me.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RemReply {
    /// Transaction ID; [`TrId::SERVER`] if the server sends it of its own accord.
    pub trid: TrId,
    /// The list.
    pub list: List,
    /// The list version that the change made.
    pub version: ListVersion,
    /// His user handle.
    pub handle: Handle,
    /// On the forward list, since MSNP7: the group that he was taken out of.
    pub group: Option<GroupId>,
}

impl<'a> Command<'a> for Rem {
    fn decode(words: &mut Words<'a>, _: &'a [u8], at: DecodeContext) -> Result<Rem, DecodeError> {
        let (trid, list) = (words.trid()?, editable_list(words)?);
        let handle = handle(words)?;
        Ok(Rem { trid, list, handle, group: group(words, list, at.dialect)? })
    }

    fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, "REM")
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
        at: DecodeContext,
    ) -> Result<RemReply, DecodeError> {
        let trid = words.trid()?;
        let list = words.parse("list", List::parse)?;
        let version = words.parse("list version", version)?;
        let handle = handle(words)?;
        Ok(RemReply { trid, list, version, handle, group: group(words, list, at.dialect)? })
    }

    fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, "REM")
            .trid(self.trid)
            .word(self.list.as_str())
            .number(self.version.value())
            .handle(&self.handle)
            .optional_group(self.group.filter(|_| has_groups(self.list, dialect)))
            .end()
    }
}
