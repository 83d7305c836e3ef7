use crate::port::store::{AccountId, Roster};
use crate::rules::Membership;
use msnp::{List, Privacy};

/// A contact with the lists that it is on, in five bytes.
#[derive(Debug, Clone, Copy)]
struct Contact {
    /// The account number. As a number it would be aligned, and a contact would take eight bytes.
    account: [u8; 4],
    lists: Membership,
}

impl Contact {
    fn new(account: AccountId, lists: Membership) -> Contact {
        Contact { account: account.0.to_ne_bytes(), lists }
    }

    fn account(self) -> AccountId {
        AccountId(u32::from_ne_bytes(self.account))
    }
}

/// A user's forward, allow and block lists. Contacts on the forward list keep its order. The
/// registry keeps the reverse list.
#[derive(Debug, Default)]
pub(super) struct Contacts {
    contacts: Vec<Contact>,
}

impl Contacts {
    pub(super) fn of(roster: &Roster) -> Contacts {
        let memberships = roster.memberships();
        let with_lists = |id: AccountId| {
            let found = memberships.binary_search_by_key(&id, |(contact, _)| *contact).ok();
            let lists = found.and_then(|index| memberships.get(index)).map(|(_, lists)| *lists);
            Contact::new(id, lists.unwrap_or(Membership::NONE).without(List::Reverse))
        };
        let forward = roster.list(List::Forward).iter().map(|entry| with_lists(entry.contact));
        let not_forward = memberships.iter().map(|(id, _)| with_lists(*id)).filter(|contact| {
            !contact.lists.contains(List::Forward) && contact.lists != Membership::NONE
        });
        let mut contacts: Vec<Contact> = forward.chain(not_forward).collect();
        contacts.shrink_to_fit();
        Contacts { contacts }
    }

    fn position(&self, account: AccountId) -> Option<usize> {
        self.contacts.iter().position(|contact| contact.account() == account)
    }

    /// Returns the lists that a contact is on.
    pub(super) fn lists_of(&self, account: AccountId) -> Membership {
        let found = self.contacts.iter().find(|contact| contact.account() == account);
        found.map_or(Membership::NONE, |contact| contact.lists)
    }

    /// Adds a contact to a list. On the forward list it comes last.
    pub(super) fn add(&mut self, account: AccountId, list: List) {
        let lists = self.lists_of(account).with(list);
        if list == List::Forward {
            self.contacts.retain(|contact| contact.account() != account);
        }
        self.set(account, lists);
    }

    /// Changes the lists of a contact without moving it. A new contact comes last.
    fn set(&mut self, account: AccountId, lists: Membership) {
        let index = self.position(account);
        match index.and_then(|index| self.contacts.get_mut(index)) {
            Some(contact) => contact.lists = lists,
            None => self.contacts.push(Contact::new(account, lists)),
        }
    }

    /// Removes a contact from a list.
    pub(super) fn remove(&mut self, account: AccountId, list: List) {
        match self.lists_of(account).without(list) {
            Membership::NONE => self.contacts.retain(|contact| contact.account() != account),
            lists => self.set(account, lists),
        }
    }

    /// Returns the contacts on the forward list, in its order.
    pub(super) fn forward(&self) -> impl Iterator<Item = AccountId> {
        let forward = self.contacts.iter().filter(|contact| contact.lists.contains(List::Forward));
        forward.map(|contact| contact.account())
    }

    /// Returns the contacts to whom a privacy setting does not apply, sorted.
    pub(super) fn exceptions(&self, privacy: Privacy) -> Box<[AccountId]> {
        let list = match privacy {
            Privacy::AllowOthers => List::Block,
            Privacy::BlockOthers => List::Allow,
        };
        let excepted = self.contacts.iter().filter(|contact| contact.lists.contains(list));
        let mut excepted: Vec<AccountId> = excepted.map(|contact| contact.account()).collect();
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
        let before = contacts.contacts.len();
        contacts.remove(AccountId(7), List::Block);
        assert_eq!(contacts.contacts.len(), before - 1);
        assert_eq!(contacts.lists_of(AccountId(8)), Membership::NONE, "only on the reverse list");
    }
}
