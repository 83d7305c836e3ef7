//! `REG`: renames a group of the forward list. Since MSNP7; [the wiki](crate#sources) documents it.

use super::adg::read_group_name;
use super::syn::parse_list_version;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, GroupId, GroupName, ListVersion, TrId};

/// `REG trid group name 0`. A number that is not a [`GroupId`] closes the connection (the wiki).
/// The meaning of the `0` at the end is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Reg {
    /// Transaction ID.
    pub trid: TrId,
    /// The number of the group. Group 0 can be renamed too.
    pub group: GroupId,
    /// The new name.
    pub name: GroupName,
}

/// `REG trid version group name 0`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RegReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The list version after the change.
    pub version: ListVersion,
    /// The number of the group.
    pub group: GroupId,
    /// The new name.
    pub name: GroupName,
}

impl<'a> Command<'a> for Reg {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Reg, DecodeError> {
        let trid = words.trid()?;
        let group = words.parse("group", GroupId::parse)?;
        Ok(Reg { trid, group, name: read_group_name(words)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Reg)
            .trid(self.trid)
            .group(self.group)
            .encoded(self.name.encoded())
            .number(0)
            .end()
    }
}

impl<'a> Command<'a> for RegReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<RegReply, DecodeError> {
        let trid = words.trid()?;
        let version = words.parse("list version", parse_list_version)?;
        let group = words.parse("group", GroupId::parse)?;
        Ok(RegReply { trid, version, group, name: read_group_name(words)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Reg)
            .trid(self.trid)
            .number(self.version.value())
            .group(self.group)
            .encoded(self.name.encoded())
            .number(0)
            .end()
    }
}
