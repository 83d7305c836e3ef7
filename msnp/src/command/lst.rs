//! `LST`: the entries of a list, during `SYN` or on request (`Quirk::ListsAfterEveryRem`).

use super::add::has_groups;
use super::nln::read_handle_and_name;
use super::syn::parse_list_version;
use super::{Command, CommandName, DecodeContext, DecodeError, Event};
use crate::line::{Line, Sink, SinkFullError, Words, number};
use crate::types::{
    Dialect, ErrorCode, FriendlyName, GroupId, GroupIds, Handle, List, ListForm, ListVersion,
    Membership, TrId,
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

/// One line of the lists, in the form of the dialect ([`Dialect::list_form`]). Nothing is written in a
/// dialect that has the other form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LstReply {
    /// A line of one list.
    List(ListLine),
    /// A line for one contact.
    Contact(ContactLine),
}

/// `LST trid list version index count handle name [groups]` for each entry. An empty list is
/// `LST trid list version 0 0` (`Quirk::WaitsForLastReverseLine`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ListLine {
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

/// `LST handle name lists {groups}`: a contact with all lists that it is on, as its [`Membership`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ContactLine {
    /// The user handle of the contact.
    pub handle: Handle,
    /// The name that the owner of the lists sees.
    pub name: FriendlyName,
    /// The lists.
    pub membership: Membership,
    /// The groups of a contact on the forward list. No group is written as `0`. Others have none.
    pub groups: GroupIds,
}

impl From<ListLine> for Event<'_> {
    fn from(line: ListLine) -> Self {
        Event::Lst(LstReply::List(line))
    }
}

impl From<ContactLine> for Event<'_> {
    fn from(line: ContactLine) -> Self {
        Event::Lst(LstReply::Contact(line))
    }
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
        match context.dialect.list_form() {
            ListForm::PerList => ListLine::decode(words, context.dialect).map(LstReply::List),
            ListForm::PerContact => ContactLine::decode(words).map(LstReply::Contact),
        }
    }

    fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        match (self, dialect.list_form()) {
            (LstReply::List(line), ListForm::PerList) => line.encode(dialect, out),
            (LstReply::Contact(line), ListForm::PerContact) => line.encode(out),
            _ => Ok(()),
        }
    }
}

impl ListLine {
    fn decode(words: &mut Words<'_>, dialect: Dialect) -> Result<ListLine, DecodeError> {
        let trid = words.trid()?;
        let list = words.parse("list", List::parse)?;
        let version = words.parse("list version", parse_list_version)?;
        let index = words.parse("index", number)?;
        let count = words.parse("count", number)?;
        if count == 0 {
            return Ok(ListLine { trid, list, version, entry: None });
        }
        let (handle, name) = read_handle_and_name(words)?;
        let groups = match words.next() {
            _ if !has_groups(list, dialect) => GroupIds::NONE,
            Some(word) => GroupIds::parse(word).ok_or(DecodeError::malformed("groups"))?,
            None => GroupIds::from(GroupId::ZERO),
        };
        let entry = Some(LstEntry { index, count, handle, name, groups });
        Ok(ListLine { trid, list, version, entry })
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

impl ContactLine {
    fn decode(words: &mut Words<'_>) -> Result<ContactLine, DecodeError> {
        let (handle, name) = read_handle_and_name(words)?;
        let membership = words.parse("lists", Membership::parse)?;
        let groups = match words.next().filter(|_| membership.contains(List::Forward)) {
            Some(word) => GroupIds::parse(word).ok_or(DecodeError::malformed("groups"))?,
            None => GroupIds::NONE,
        };
        Ok(ContactLine { handle, name, membership, groups })
    }

    fn encode(&self, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let line = Line::new(out, CommandName::Lst)
            .handle(&self.handle)
            .name(&self.name)
            .number(self.membership.bits().into());
        match self.membership.contains(List::Forward) {
            true => line.word(&self.groups.text()).end(),
            false => line.end(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{self, Origin};
    use crate::gate::Server;

    fn decode(line: &[u8]) -> Result<ContactLine, DecodeError> {
        let scan = frame::next(line, Origin::Server, Server::Notification).unwrap();
        ContactLine::decode(&mut scan.frame.unwrap().words)
    }

    fn bob(lists: &[List], groups: GroupIds) -> ContactLine {
        ContactLine {
            handle: Handle::new("bob@example.com").unwrap(),
            name: FriendlyName::new("Bob B.").unwrap(),
            membership: lists.iter().fold(Membership::NONE, |on, list| on.with(*list)),
            groups,
        }
    }

    #[test]
    fn a_contact_is_read_as_it_was_written() {
        use List::{Allow, Block, Forward, Reverse};
        let group = |number| GroupId::new(number).unwrap();
        let (zero, some) = (GroupIds::from(GroupId::ZERO), GroupIds::from(group(1)));
        for (line, contact) in [
            ("LST bob@example.com Bob%20B. 11 0\r\n", bob(&[Forward, Allow, Reverse], zero)),
            ("LST bob@example.com Bob%20B. 1 1,3\r\n", bob(&[Forward], some.with(group(3)))),
            ("LST bob@example.com Bob%20B. 8\r\n", bob(&[Reverse], GroupIds::NONE)),
            ("LST bob@example.com Bob%20B. 12\r\n", bob(&[Block, Reverse], GroupIds::NONE)),
            ("LST bob@example.com Bob%20B. 0\r\n", bob(&[], GroupIds::NONE)),
        ] {
            let mut bytes = heapless::Vec::<u8, 64>::new();
            contact.encode(&mut bytes).unwrap();
            assert_eq!(bytes, line.as_bytes());
            assert_eq!(decode(line.as_bytes()), Ok(contact));
        }
    }

    #[test]
    fn no_group_is_group_0_and_other_lists_have_no_groups() {
        let group = GroupIds::from(GroupId::ZERO);
        let mut bytes = heapless::Vec::<u8, 128>::new();
        bob(&[List::Forward], GroupIds::NONE).encode(&mut bytes).unwrap();
        bob(&[List::Allow], group).encode(&mut bytes).unwrap();
        assert_eq!(bytes, b"LST bob@example.com Bob%20B. 1 0\r\nLST bob@example.com Bob%20B. 2\r\n");
        let with_groups = decode(b"LST bob@example.com Bob%20B. 2 0\r\n").unwrap();
        assert_eq!(with_groups.groups, GroupIds::NONE);
        let without = decode(b"LST bob@example.com Bob%20B. 1\r\n").unwrap();
        assert_eq!(without.groups, GroupIds::NONE);
    }

    #[test]
    fn a_line_that_is_not_for_a_contact_is_refused() {
        for (line, what) in [
            ("LST\r\n", "handle"),
            ("LST bob Bob 1 0\r\n", "handle"),
            ("LST bob@example.com\r\n", "name"),
            ("LST bob@example.com Bob\r\n", "lists"),
            ("LST bob@example.com Bob 16\r\n", "lists"),
            ("LST bob@example.com Bob FL 0\r\n", "lists"),
            ("LST bob@example.com Bob 1 30\r\n", "groups"),
            ("LST bob@example.com Bob 3 x\r\n", "groups"),
        ] {
            assert_eq!(decode(line.as_bytes()), Err(DecodeError::malformed(what)), "{line}");
        }
    }

    #[test]
    fn a_dialect_gets_its_own_form_only() {
        let mut bytes = heapless::Vec::<u8, 64>::new();
        let line = Event::from(bob(&[List::Forward], GroupIds::NONE));
        for dialect in Dialect::ALL {
            bytes.clear();
            line.encode(dialect, &mut bytes).unwrap();
            assert_eq!(bytes.is_empty(), dialect.list_form() == ListForm::PerList);
        }
    }
}
