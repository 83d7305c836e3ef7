use crate::port::store::{AccountId, Roster};
use crate::rules::Membership;
use msnp::{List, Privacy};

/// A user's forward, allow and block lists: five bytes per contact. Contacts on the forward list
/// keep its order. The registry keeps the reverse list.
#[derive(Debug, Default)]
pub(super) struct Contacts {
    contacts: Vec<AccountId>,
    /// The lists of each contact. Stored apart from the ids, since a pair would take eight bytes.
    memberships: Vec<Membership>,
}

impl Contacts {
    pub(super) fn of(roster: &Roster) -> Contacts {
        let stored = roster.memberships();
        let with_lists = |id: AccountId| {
            let found = stored.binary_search_by_key(&id, |(contact, _)| *contact).ok();
            let lists = found.and_then(|index| stored.get(index)).map(|(_, lists)| *lists);
            (id, lists.unwrap_or(Membership::NONE).without(List::Reverse))
        };
        let forward = roster.list(List::Forward).iter().map(|entry| with_lists(entry.contact));
        let not_forward = stored.iter().map(|(id, _)| with_lists(*id));
        let not_forward = not_forward
            .filter(|(_, lists)| !lists.contains(List::Forward) && *lists != Membership::NONE);
        let (mut contacts, mut memberships): (Vec<_>, Vec<_>) = forward.chain(not_forward).unzip();
        contacts.shrink_to_fit();
        memberships.shrink_to_fit();
        Contacts { contacts, memberships }
    }

    fn entries(&self) -> impl Iterator<Item = (AccountId, Membership)> {
        self.contacts.iter().copied().zip(self.memberships.iter().copied())
    }

    fn take(&mut self, contact: AccountId) -> Option<Membership> {
        let place = self.contacts.iter().position(|other| *other == contact)?;
        self.contacts.remove(place);
        Some(self.memberships.remove(place))
    }

    /// The lists that a contact is on.
    pub(super) fn lists_of(&self, contact: AccountId) -> Membership {
        let found = self.entries().find(|(other, _)| *other == contact);
        found.map_or(Membership::NONE, |(_, lists)| lists)
    }

    /// Changes the lists of a known contact without moving it. Returns whether the contact is
    /// known.
    fn set(&mut self, contact: AccountId, lists: Membership) -> bool {
        let place = self.contacts.iter().position(|other| *other == contact);
        let entry = place.and_then(|place| self.memberships.get_mut(place));
        entry.map(|entry| *entry = lists).is_some()
    }

    /// Adds a contact to a list. On the forward list it comes last.
    pub(super) fn add(&mut self, contact: AccountId, list: List) {
        let lists = self.lists_of(contact).with(list);
        if list == List::Forward {
            self.take(contact);
        }
        if !self.set(contact, lists) {
            self.contacts.push(contact);
            self.memberships.push(lists);
        }
    }

    /// Removes a contact from a list.
    pub(super) fn remove(&mut self, contact: AccountId, list: List) {
        match self.lists_of(contact).without(list) {
            Membership::NONE => drop(self.take(contact)),
            lists => drop(self.set(contact, lists)),
        }
    }

    /// The forward list, in its order.
    pub(super) fn forward(&self) -> impl Iterator<Item = AccountId> {
        self.entries()
            .filter(|(_, lists)| lists.contains(List::Forward))
            .map(|(contact, _)| contact)
    }

    /// The contacts to whom a privacy setting does not apply, sorted.
    pub(super) fn exceptions(&self, privacy: Privacy) -> Box<[AccountId]> {
        let list = match privacy {
            Privacy::AllowOthers => List::Block,
            Privacy::BlockOthers => List::Allow,
        };
        let excepted = self.entries().filter(|(_, lists)| lists.contains(list));
        let mut excepted: Vec<AccountId> = excepted.map(|(contact, _)| contact).collect();
        excepted.sort_unstable();
        excepted.into_boxed_slice()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::PhoneNumbers;
    use crate::port::store::ListEntry;
    use msnp::{AddNotice, GroupIds, ListVersion};

    fn ids(contacts: impl Iterator<Item = AccountId>) -> Vec<u32> {
        contacts.map(|contact| contact.0).collect()
    }

    fn contacts() -> Contacts {
        let list = |ids: &[u32]| {
            let listed = |id: &u32| ListEntry {
                contact: AccountId(*id),
                name: None,
                groups: GroupIds::NONE,
                numbers: PhoneNumbers::default(),
            };
            ids.iter().map(listed).collect()
        };
        Contacts::of(&Roster {
            version: ListVersion::new(1).unwrap(),
            add_notice: AddNotice::Ask,
            privacy: Privacy::AllowOthers,
            groups: Vec::new(),
            numbers: PhoneNumbers::default(),
            lists: [list(&[9, 2]), list(&[2, 5]), list(&[7, 3]), list(&[9, 8])],
        })
    }

    #[test]
    fn the_forward_list_keeps_its_order() {
        let mut contacts = contacts();
        assert_eq!(ids(contacts.forward()), [9, 2]);
        contacts.add(AccountId(5), List::Forward);
        contacts.remove(AccountId(9), List::Forward);
        contacts.add(AccountId(9), List::Forward);
        assert_eq!(ids(contacts.forward()), [2, 5, 9]);
        assert!(contacts.lists_of(AccountId(5)).contains(List::Allow));
    }

    #[test]
    fn exceptions_follow_the_setting() {
        let contacts = contacts();
        assert_eq!(*contacts.exceptions(Privacy::AllowOthers), [AccountId(3), AccountId(7)]);
        assert_eq!(*contacts.exceptions(Privacy::BlockOthers), [AccountId(2), AccountId(5)]);
    }

    #[test]
    fn a_contact_on_no_list_is_dropped() {
        let mut contacts = contacts();
        let before = contacts.entries().count();
        contacts.remove(AccountId(7), List::Block);
        assert_eq!(contacts.entries().count(), before - 1);
        assert_eq!(contacts.lists_of(AccountId(8)), Membership::NONE, "only on the reverse list");
    }
}
