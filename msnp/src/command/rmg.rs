//! `RMG`: removes a group of the forward list. Since MSNP7; [the wiki](crate#sources) documents it.

use super::syn::parse_list_version;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, GroupId, ListVersion, TrId};

/// `RMG trid group`. A number that is not a [`GroupId`] closes the connection (the wiki).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rmg {
    /// Transaction ID.
    pub trid: TrId,
    /// The number of the group.
    pub group: GroupId,
}

/// `RMG trid version group`. Contacts in no other group are removed from the forward list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RmgReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The list version after the change.
    pub version: ListVersion,
    /// The number of the group.
    pub group: GroupId,
}

impl<'a> Command<'a> for Rmg {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Rmg, DecodeError> {
        let trid = words.trid()?;
        Ok(Rmg { trid, group: words.parse("group", GroupId::parse)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Rmg).trid(self.trid).group(self.group).end()
    }
}

impl<'a> Command<'a> for RmgReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<RmgReply, DecodeError> {
        let trid = words.trid()?;
        let version = words.parse("list version", parse_list_version)?;
        Ok(RmgReply { trid, version, group: words.parse("group", GroupId::parse)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Rmg)
            .trid(self.trid)
            .number(self.version.value())
            .group(self.group)
            .end()
    }
}
