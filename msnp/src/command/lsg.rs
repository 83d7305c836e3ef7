//! `LSG`: the groups of the forward list, during `SYN` or on request. Since MSNP7;
//! [the wiki](crate#sources) documents it.

use super::adg::read_group_name;
use super::syn::parse_list_version;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words, number};
use crate::types::{Dialect, GroupId, GroupName, ListVersion, TrId};

/// `LSG trid`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Lsg {
    /// Transaction ID.
    pub trid: TrId,
}

/// `LSG trid version index count group name 0`, once for each group. Group 0 always exists. The
/// meaning of the `0` at the end is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LsgReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The list version of the account.
    pub version: ListVersion,
    /// The position among the groups, from 1.
    pub index: u32,
    /// The number of groups.
    pub count: u32,
    /// The number of the group.
    pub group: GroupId,
    /// The name of the group.
    pub name: GroupName,
}

impl<'a> Command<'a> for Lsg {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Lsg, DecodeError> {
        Ok(Lsg { trid: words.trid()? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Lsg).trid(self.trid).end()
    }
}

impl<'a> Command<'a> for LsgReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<LsgReply, DecodeError> {
        let trid = words.trid()?;
        let version = words.parse("list version", parse_list_version)?;
        let index = words.parse("index", number)?;
        let count = words.parse("count", number)?;
        let group = words.parse("group", GroupId::parse)?;
        Ok(LsgReply { trid, version, index, count, group, name: read_group_name(words)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Lsg)
            .trid(self.trid)
            .number(self.version.value())
            .number(self.index)
            .number(self.count)
            .group(self.group)
            .encoded(self.name.encoded())
            .number(0)
            .end()
    }
}
