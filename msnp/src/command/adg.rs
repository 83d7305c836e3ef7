//! `ADG`: creates a group of the forward list. Since MSNP7; [the wiki](crate#sources) documents it.

use super::syn::parse_list_version;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, ErrorCode, GroupId, GroupName, ListVersion, TextError, TrId};

/// `ADG trid name 0`. The meaning of the `0` is unknown. A client may leave it out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Adg {
    /// Transaction ID.
    pub trid: TrId,
    /// The name of the group.
    pub name: GroupName,
}

/// `ADG trid version name group 0`. The name comes before the number of the group
/// (`Quirk::GroupNameBeforeNumber`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AdgReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The list version after the change.
    pub version: ListVersion,
    /// The name of the group.
    pub name: GroupName,
    /// The number of the new group.
    pub group: GroupId,
}

impl<'a> Command<'a> for Adg {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Adg, DecodeError> {
        let trid = words.trid()?;
        Ok(Adg { trid, name: read_group_name(words)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Adg)
            .trid(self.trid)
            .encoded(self.name.encoded())
            .number(0)
            .end()
    }
}

impl<'a> Command<'a> for AdgReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<AdgReply, DecodeError> {
        let trid = words.trid()?;
        let version = words.parse("list version", parse_list_version)?;
        let name = read_group_name(words)?;
        Ok(AdgReply { trid, version, name, group: words.parse("group", GroupId::parse)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Adg)
            .trid(self.trid)
            .number(self.version.value())
            .encoded(self.name.encoded())
            .group(self.group)
            .number(0)
            .end()
    }
}

/// Reads a group name. A name that is too long is error 229; one of more than
/// [`GroupName::MAX_WORD`] bytes closes the connection (the wiki).
pub(super) fn read_group_name(words: &mut Words<'_>) -> Result<GroupName, DecodeError> {
    let word = words.required("group name")?;
    if word.len() > GroupName::MAX_WORD {
        return Err(DecodeError::malformed("group name: far too long"));
    }
    GroupName::parse(word).map_err(|error| match error {
        TextError::TooLong => {
            DecodeError::invalid("group name: too long", ErrorCode::GroupNameTooLong)
        }
        _ => DecodeError::invalid("group name", ErrorCode::InvalidParameter),
    })
}
