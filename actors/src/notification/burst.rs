//! Replies of many lines, produced line by line as output space frees: a full `SYN` is larger than
//! an output buffer.

use super::numbers;
use crate::directory::Directory;
use crate::port::store::{AccountId, ListEntry, Roster};
use crate::rules::{Membership, Presence};
use msnp::command::{BlpReply, ContactLine, GtcReply, Iln, ListLine, LsgReply, LstEntry, PrpReply};
use msnp::{
    CommandName, Dialect, Event, FriendlyName, Handle, List, ListForm, PhoneKind, Property, TrId,
    gate,
};
use std::collections::BTreeSet;

/// The rest of a reply of many lines.
pub(super) struct Burst {
    trid: TrId,
    kind: Kind,
}

#[expect(clippy::large_enum_variant, reason = "a session boxes its burst")]
enum Kind {
    /// Settings and lists of an account.
    Account(AccountLines),
    /// `ILN` for each visible contact.
    Presences(std::vec::IntoIter<(AccountId, Presence)>),
}

struct AccountLines {
    roster: Roster,
    /// The contacts still to be sent, if the dialect has a line for each of them.
    contacts: std::vec::IntoIter<(ListEntry, Membership)>,
    /// The parts still to be sent, the next one last.
    parts: heapless::Vec<Part, 8>,
    /// How many lines of the current part were sent. In a list, telephone numbers are not counted.
    sent: usize,
    /// The contact whose telephone numbers are being sent, and how many lines of them remain.
    numbers: Option<(ListEntry, usize)>,
    /// Whether the telephone numbers of contacts are sent.
    with_numbers: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    AddNotice,
    Privacy,
    Properties,
    Groups,
    List(List),
    Contacts,
}

/// The parts in the order of a `SYN`, with a line for each entry of each list. The reverse list is
/// last: Gaim signs on only after it.
const PER_LIST: &[Part] = &[
    Part::AddNotice,
    Part::Privacy,
    Part::Properties,
    Part::Groups,
    Part::List(List::Forward),
    Part::List(List::Allow),
    Part::List(List::Block),
    Part::List(List::Reverse),
];

/// The parts in the order of a `SYN`, with a line for each contact. Groups come before the contacts
/// that are in them.
const PER_CONTACT: &[Part] =
    &[Part::AddNotice, Part::Privacy, Part::Properties, Part::Groups, Part::Contacts];

impl Burst {
    /// The full reply to `SYN`, for a client that has another list version: all parts that exist in
    /// its dialect.
    pub(super) fn synchronisation(
        trid: TrId,
        dialect: Dialect,
        roster: Roster,
        directory: &Directory,
    ) -> Burst {
        let form = dialect.list_form();
        Burst::synchronisation_in(form, trid, dialect, roster, directory)
    }

    fn synchronisation_in(
        form: ListForm,
        trid: TrId,
        dialect: Dialect,
        roster: Roster,
        directory: &Directory,
    ) -> Burst {
        let is_in_dialect = |part: &Part| match part {
            Part::Properties => gate::has_event(CommandName::Prp, dialect),
            Part::Groups => gate::has_event(CommandName::Lsg, dialect),
            Part::AddNotice | Part::Privacy | Part::List(_) | Part::Contacts => true,
        };
        let parts = match form {
            ListForm::PerList => PER_LIST,
            ListForm::PerContact => PER_CONTACT,
        };
        let parts = parts.iter().copied().rev().filter(is_in_dialect).collect();
        let with_numbers = gate::has_event(CommandName::Bpr, dialect);
        Burst::account(trid, roster, parts, with_numbers, directory)
    }

    /// The reply to `LST`: one list.
    pub(super) fn list(trid: TrId, roster: Roster, list: List, directory: &Directory) -> Burst {
        let parts = std::iter::once(Part::List(list)).collect();
        let with_numbers = false;
        Burst::account(trid, roster, parts, with_numbers, directory)
    }

    /// The reply to `LSG`: all groups.
    pub(super) fn groups(trid: TrId, roster: Roster, directory: &Directory) -> Burst {
        let parts = std::iter::once(Part::Groups).collect();
        let with_numbers = false;
        Burst::account(trid, roster, parts, with_numbers, directory)
    }

    fn account(
        trid: TrId,
        mut roster: Roster,
        parts: heapless::Vec<Part, 8>,
        with_numbers: bool,
        directory: &Directory,
    ) -> Burst {
        // Each line contains the number of lines, so entries without a line are dropped first.
        for list in &mut roster.lists {
            list.retain(|entry| directory.contains(entry.contact));
        }
        let contacts =
            if parts.contains(&Part::Contacts) { take_contacts(&mut roster) } else { Vec::new() };
        let contacts = contacts.into_iter();
        let account =
            AccountLines { roster, contacts, parts, sent: 0, numbers: None, with_numbers };
        Burst { trid, kind: Kind::Account(account) }
    }

    /// `ILN` for the contacts that are visible when a user comes online.
    pub(super) fn visible_contacts(trid: TrId, seen: Vec<(AccountId, Presence)>) -> Burst {
        Burst { trid, kind: Kind::Presences(seen.into_iter()) }
    }

    /// Returns the next line, or `None` at the end.
    pub(super) fn next(&mut self, directory: &Directory) -> Option<Event<'static>> {
        let trid = self.trid;
        match &mut self.kind {
            Kind::Presences(seen) => seen.find_map(|(contact, presence)| {
                let contact = directory.principal(contact)?;
                let state = presence.state;
                Some(Iln { trid, state, handle: contact.handle, name: contact.name }.into())
            }),
            Kind::Account(account) => account.next(trid, directory),
        }
    }
}

impl AccountLines {
    fn next(&mut self, trid: TrId, directory: &Directory) -> Option<Event<'static>> {
        if let Some(line) = self.next_number(directory) {
            return Some(line);
        }
        let part = *self.parts.last()?;
        let version = self.roster.version;
        match part {
            Part::AddNotice => {
                self.finish_part();
                Some(GtcReply { trid, version, add_notice: self.roster.add_notice }.into())
            }
            Part::Privacy => {
                self.finish_part();
                Some(BlpReply { trid, version, privacy: self.roster.privacy }.into())
            }
            Part::Properties => Some(self.next_property(trid).into()),
            Part::Groups => self.next_group(trid).map(Event::from),
            Part::List(list) => Some(self.next_entry(trid, list, directory).into()),
            Part::Contacts => self.next_contact(directory).map(Event::from),
        }
    }

    /// Moves on to the next part.
    fn finish_part(&mut self) {
        self.parts.pop();
        self.sent = 0;
    }

    /// Counts one more line of a part that has `count` lines, and moves on to the next part after
    /// the last line. An empty part has one line all the same. Returns the line's number, from 1.
    fn advance(&mut self, count: usize) -> u32 {
        self.sent += 1;
        let index = u32::try_from(self.sent).unwrap_or(u32::MAX);
        if self.sent >= count {
            self.finish_part();
        }
        index
    }

    /// The user's own telephone numbers, then the two flags that state that there are no pagers.
    fn next_property(&mut self, trid: TrId) -> PrpReply {
        let property = match PhoneKind::ALL.get(self.sent) {
            Some(phone) => Property::Phone(*phone, self.roster.numbers.get(*phone).cloned()),
            None if self.sent == PhoneKind::ALL.len() => Property::MayPage(false),
            None => Property::MobileEnabled(false),
        };
        self.advance(PhoneKind::ALL.len() + 2);
        PrpReply { trid, version: self.roster.version, property }
    }

    fn next_group(&mut self, trid: TrId) -> Option<LsgReply> {
        let Some((group, name)) = self.roster.groups.get(self.sent).cloned() else {
            self.finish_part();
            return None;
        };
        let count = self.roster.groups.len();
        let index = self.advance(count);
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Some(LsgReply { trid, version: self.roster.version, index, count, group, name })
    }

    fn next_entry(&mut self, trid: TrId, list: List, directory: &Directory) -> ListLine {
        let entries = self.roster.list(list);
        let (entry, count) = (entries.get(self.sent).cloned(), entries.len());
        let index = self.advance(count);
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let line = entry.as_ref().and_then(|entry| list_entry(entry, index, count, directory));
        if self.with_numbers && list == List::Forward {
            self.numbers = entry.map(|entry| (entry, numbers::LINES));
        }
        ListLine { trid, list, version: self.roster.version, entry: line }
    }

    fn next_contact(&mut self, directory: &Directory) -> Option<ContactLine> {
        let Some((entry, membership)) = self.contacts.next() else {
            self.finish_part();
            return None;
        };
        let (handle, name) = handle_and_name(&entry, directory)?;
        let groups = entry.groups;
        if self.with_numbers && membership.contains(List::Forward) {
            self.numbers = Some((entry, numbers::LINES));
        }
        Some(ContactLine { handle, name, membership, groups })
    }

    fn next_number(&mut self, directory: &Directory) -> Option<Event<'static>> {
        let version = self.roster.version;
        let (entry, left) = self.numbers.as_mut().filter(|(_, left)| *left > 0)?;
        let index = numbers::LINES - *left;
        *left -= 1;
        let line = numbers::line(directory, entry.contact, version, &entry.numbers, index);
        line.map(Event::from)
    }
}

fn list_entry(
    entry: &ListEntry,
    index: u32,
    count: u32,
    directory: &Directory,
) -> Option<LstEntry> {
    let (handle, name) = handle_and_name(entry, directory)?;
    Some(LstEntry { index, count, handle, name, groups: entry.groups })
}

/// Returns the handle of a contact, and the name that the owner of the list sees.
fn handle_and_name(entry: &ListEntry, directory: &Directory) -> Option<(Handle, FriendlyName)> {
    let contact = directory.principal(entry.contact)?;
    let given = entry.name.as_ref().and_then(|name| FriendlyName::new(name).ok());
    Some((contact.handle, given.unwrap_or(contact.name)))
}

/// Takes the contacts out of the lists: each contact once, with the lists they are on. Those on the
/// forward list come first, in its order.
fn take_contacts(roster: &mut Roster) -> Vec<(ListEntry, Membership)> {
    let memberships = roster.memberships();
    let entries = std::mem::take(&mut roster.lists).into_iter().flatten();
    let mut known = BTreeSet::new();
    let unique = entries.filter(|entry| known.insert(entry.contact));
    let with_lists = |entry: ListEntry| {
        let found = memberships.binary_search_by_key(&entry.contact, |(contact, _)| *contact);
        let lists = found.ok().and_then(|index| memberships.get(index)).map(|(_, lists)| *lists);
        (entry, lists.unwrap_or(Membership::NONE))
    };
    unique.map(with_lists).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::PhoneNumbers;
    use crate::port::store::Principal;
    use msnp::command::LstReply;
    use msnp::{AddNotice, GroupId, GroupIds, GroupName, ListVersion, Privacy};

    const BOB: AccountId = AccountId(2);
    const CAROL: AccountId = AccountId(3);
    const DAVE: AccountId = AccountId(4);
    const REMOVED: AccountId = AccountId(5);

    fn directory() -> Directory {
        let directory = Directory::default();
        for (account, name) in [(BOB, "bob"), (CAROL, "carol"), (DAVE, "dave")] {
            let handle = Handle::new(&format!("{name}@example.com")).unwrap();
            directory.put(account, &Principal { handle, name: FriendlyName::new(name).unwrap() });
        }
        directory
    }

    fn entry(contact: AccountId, name: Option<&str>, groups: GroupIds) -> ListEntry {
        let (name, numbers) = (name.map(Into::into), PhoneNumbers::default());
        ListEntry { contact, name, groups, numbers }
    }

    fn roster() -> Roster {
        let groups = GroupIds::from(GroupId::ZERO);
        let plain = |contact| entry(contact, None, GroupIds::NONE);
        Roster {
            version: ListVersion::new(7).unwrap(),
            add_notice: AddNotice::Ask,
            privacy: Privacy::AllowOthers,
            groups: vec![(GroupId::ZERO, GroupName::new("~").unwrap())],
            numbers: PhoneNumbers::default(),
            lists: [
                vec![
                    entry(CAROL, None, groups),
                    entry(REMOVED, None, groups),
                    entry(BOB, Some("Bobby"), groups),
                ],
                vec![plain(BOB), plain(DAVE)],
                vec![plain(REMOVED)],
                vec![plain(BOB), plain(CAROL), plain(DAVE)],
            ],
        }
    }

    fn lines(form: ListForm, dialect: Dialect, roster: Roster) -> Vec<Event<'static>> {
        let (trid, directory) = (TrId::new(5), directory());
        let mut burst = Burst::synchronisation_in(form, trid, dialect, roster, &directory);
        std::iter::from_fn(|| burst.next(&directory)).collect()
    }

    fn contact(line: &Event<'static>) -> Option<(String, String, u8, GroupIds)> {
        let Event::Lst(LstReply::Contact(line)) = line else { return None };
        let (handle, name) = (line.handle.to_string(), line.name.to_string());
        Some((handle, name, line.membership.bits(), line.groups))
    }

    #[test]
    fn each_contact_has_one_line_with_all_its_lists() {
        let lines = lines(ListForm::PerContact, Dialect::Msnp7, roster());
        let contacts: Vec<_> = lines.iter().filter_map(contact).collect();
        let of = |name: &str, shown: &str, lists, groups| {
            (format!("{name}@example.com"), shown.to_owned(), lists, groups)
        };
        let (zero, none) = (GroupIds::from(GroupId::ZERO), GroupIds::NONE);
        let expected = [
            of("carol", "carol", 9, zero),
            of("bob", "Bobby", 11, zero),
            of("dave", "dave", 10, none),
        ];
        assert_eq!(contacts, expected);
        // Only those on the forward list have numbers, each behind its line.
        let names: Vec<_> = lines.iter().map(|line| line.name().unwrap().as_str()).collect();
        let before = ["GTC", "BLP", "PRP", "PRP", "PRP", "PRP", "PRP", "LSG"];
        let with_numbers = ["LST", "BPR", "BPR", "BPR", "BPR"];
        assert_eq!(names, [&before[..], &with_numbers, &with_numbers, &["LST"]].concat());
    }

    #[test]
    fn without_contacts_there_is_no_line() {
        let roster = Roster { lists: Default::default(), ..roster() };
        let lines = lines(ListForm::PerContact, Dialect::Msnp4, roster);
        let names: Vec<_> = lines.iter().map(|line| line.name().unwrap().as_str()).collect();
        assert_eq!(names, ["GTC", "BLP"]);
    }

    #[test]
    fn the_dialect_decides_the_form_of_the_lists() {
        let (trid, directory) = (TrId::new(5), directory());
        for dialect in Dialect::ALL {
            let mut burst = Burst::synchronisation(trid, dialect, roster(), &directory);
            let lines = std::iter::from_fn(|| burst.next(&directory));
            let forms = lines.filter_map(|line| match line {
                Event::Lst(LstReply::List(_)) => Some(ListForm::PerList),
                Event::Lst(LstReply::Contact(_)) => Some(ListForm::PerContact),
                _ => None,
            });
            assert!(forms.into_iter().all(|form| form == dialect.list_form()), "{dialect}");
        }
    }
}
