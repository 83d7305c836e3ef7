//! `LST`: the entries of a list, during `SYN` or on request (`Quirk::ListsAfterEveryRem`).

use super::add::has_groups;
use super::syn::parse_list_version;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words, number};
use crate::types::{
    Dialect, ErrorCode, FriendlyName, GroupId, GroupIds, Handle, List, ListVersion, TrId,
};

/// `LST trid list`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Lst {
    /// Transaction ID.
    pub trid: TrId,
    /// The list.
    pub list: List,
}

/// `LST trid list version index count handle name [groups]` for each entry. An empty list is
/// `LST trid list version 0 0` (`Quirk::WaitsForLastReverseLine`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LstReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The list.
    pub list: List,
    /// The list version of the account.
    pub version: ListVersion,
    /// The entry, or `None` if the list is empty.
    pub entry: Option<LstEntry>,
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LstEntry {
    /// The position in the list, from 1.
    pub index: u32,
    /// The number of entries of the list.
    pub count: u32,
    /// The user handle of the entry.
    pub handle: Handle,
    /// The name that the owner of the list sees.
    pub name: FriendlyName,
    /// The groups of the contact. Forward list only, since MSNP7. A contact without a group is sent
    /// as one in group 0.
    pub groups: GroupIds,
}

impl<'a> Command<'a> for Lst {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Lst, DecodeError> {
        let trid = words.trid()?;
        let list = List::parse(words.required("list")?)
            .ok_or(DecodeError::invalid("list", ErrorCode::InvalidParameter))?;
        Ok(Lst { trid, list })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Lst).trid(self.trid).word(self.list.as_str()).end()
    }
}

impl<'a> Command<'a> for LstReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        context: DecodeContext,
    ) -> Result<LstReply, DecodeError> {
        let trid = words.trid()?;
        let list = words.parse("list", List::parse)?;
        let version = words.parse("list version", parse_list_version)?;
        let index = words.parse("index", number)?;
        let count = words.parse("count", number)?;
        if count == 0 {
            return Ok(LstReply { trid, list, version, entry: None });
        }
        let handle = words.parse("handle", |word| Handle::parse(word).ok())?;
        let name = words.parse("name", |word| FriendlyName::parse(word).ok())?;
        let groups = if has_groups(list, context.dialect) {
            match words.next() {
                Some(word) => GroupIds::parse(word).ok_or(DecodeError::malformed("groups"))?,
                None => GroupIds::from(GroupId::ZERO),
            }
        } else {
            GroupIds::NONE
        };
        let entry = Some(LstEntry { index, count, handle, name, groups });
        Ok(LstReply { trid, list, version, entry })
    }

    fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let line = Line::new(out, CommandName::Lst)
            .trid(self.trid)
            .word(self.list.as_str())
            .number(self.version.value());
        match &self.entry {
            Some(entry) => {
                let line = line
                    .number(entry.index)
                    .number(entry.count)
                    .handle(&entry.handle)
                    .name(&entry.name);
                match has_groups(self.list, dialect) {
                    true => line.word(&entry.groups.text()).end(),
                    false => line.end(),
                }
            }
            None => line.number(0).number(0).end(),
        }
    }
}
