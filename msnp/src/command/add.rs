//! `ADD`: adds a user to a list ([the draft](crate#sources) §7.6).

use super::syn::parse_list_version;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, ErrorCode, FriendlyName, GroupId, Handle, List, ListVersion, TrId};

/// `ADD trid list handle [name [group]]`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Add {
    /// Transaction ID.
    pub trid: TrId,
    /// The list. Never the reverse list.
    pub list: List,
    /// The user handle to add.
    pub handle: Handle,
    /// The name to show for the contact, decoded by [`FriendlyName::parse_lossy`]. Gaim sends the
    /// handle (`Quirk::SendsHandleAsName`). `None` if the name is missing or has no visible
    /// character: that is no error.
    pub name: Option<FriendlyName>,
    /// The group to add the contact to. Forward list only, since MSNP7, and optional
    /// (`Quirk::AddsWithoutGroup`). A number that is not a [`GroupId`] closes the connection.
    pub group: Option<GroupId>,
}

/// `ADD trid list version handle name [group]`: the reply. With the list `RL`: a notice that
/// another user added the recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AddReply {
    /// Transaction ID; [`TrId::SERVER`] for a notice.
    pub trid: TrId,
    /// The list.
    pub list: List,
    /// The list version after the change.
    pub version: ListVersion,
    /// The user handle that was added.
    pub handle: Handle,
    /// The friendly name of the added user.
    pub name: FriendlyName,
    /// The group that the contact was added to. Forward list only, since MSNP7.
    pub group: Option<GroupId>,
}

impl<'a> Command<'a> for Add {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        context: DecodeContext,
    ) -> Result<Add, DecodeError> {
        let trid = words.trid()?;
        let list = read_editable_list(words)?;
        let handle = read_handle(words)?;
        // Every name is accepted. Some clients rename or move a contact by `REM` and then `ADD`: if
        // that `ADD` were refused, the contact would be lost.
        let name = words.next().and_then(FriendlyName::parse_lossy);
        Ok(Add { trid, list, handle, name, group: read_group(words, list, context.dialect)? })
    }

    fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let group = self.group.filter(|_| has_groups(self.list, dialect));
        let line = Line::new(out, CommandName::Add)
            .trid(self.trid)
            .word(self.list.as_str())
            .handle(&self.handle);
        let line = match &self.name {
            Some(name) => line.name(name),
            // The group is the word after the name, so the handle takes the place of the name.
            None if group.is_some() => line.handle(&self.handle),
            None => line,
        };
        line.optional_group(group).end()
    }
}

impl<'a> Command<'a> for AddReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        context: DecodeContext,
    ) -> Result<AddReply, DecodeError> {
        let trid = words.trid()?;
        let list = words.parse("list", List::parse)?;
        let version = words.parse("list version", parse_list_version)?;
        let handle = read_handle(words)?;
        let name = words.parse("name", |word| FriendlyName::parse(word).ok())?;
        let group = read_group(words, list, context.dialect)?;
        Ok(AddReply { trid, list, version, handle, name, group })
    }

    fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Add)
            .trid(self.trid)
            .word(self.list.as_str())
            .number(self.version.value())
            .handle(&self.handle)
            .name(&self.name)
            .optional_group(self.group.filter(|_| has_groups(self.list, dialect)))
            .end()
    }
}

/// Whether entries of this list have groups: only on the forward list, since MSNP7.
pub(super) fn has_groups(list: List, dialect: Dialect) -> bool {
    list == List::Forward && dialect >= Dialect::Msnp7
}

/// Reads the optional group at the end of a line. Where there are no groups, further words are
/// ignored.
pub(super) fn read_group(
    words: &mut Words<'_>,
    list: List,
    dialect: Dialect,
) -> Result<Option<GroupId>, DecodeError> {
    if !has_groups(list, dialect) {
        return Ok(None);
    }
    let group = |word| GroupId::parse(word).ok_or(DecodeError::malformed("group"));
    words.next().map(group).transpose()
}

/// Reads a list that a client may change. `RL` closes the connection; an unknown list is error 201.
pub(super) fn read_editable_list(words: &mut Words<'_>) -> Result<List, DecodeError> {
    match List::parse(words.required("list")?) {
        Some(List::Reverse) => Err(DecodeError::malformed("list: only the server changes RL")),
        Some(list) => Ok(list),
        None => Err(DecodeError::invalid("list", ErrorCode::InvalidParameter)),
    }
}

/// Reads a handle. An illegal one is error 201.
pub(super) fn read_handle(words: &mut Words<'_>) -> Result<Handle, DecodeError> {
    Handle::parse(words.required("handle")?)
        .map_err(|_| DecodeError::invalid("handle", ErrorCode::InvalidParameter))
}
