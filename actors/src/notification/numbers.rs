//! A contact's telephone numbers, as clients receive them (`BPR`).

use super::Session;
use crate::directory::Directory;
use crate::port::PhoneNumbers;
use crate::port::store::AccountId;
use msnp::command::Bpr;
use msnp::{CommandName, ListVersion, PhoneKind, Property};

/// How many lines all numbers of a contact take.
pub(super) const LINES: usize = PhoneKind::ALL.len() + 1;

/// One of the lines, in the order of yellows111's wiki: the three numbers, as the store returned
/// them for the receiving user, and that the contact cannot be paged.
pub(super) fn line(
    directory: &Directory,
    contact: AccountId,
    version: ListVersion,
    numbers: &PhoneNumbers,
    place: usize,
) -> Option<Bpr> {
    let handle = directory.principal(contact)?.handle;
    let property = match PhoneKind::ALL.get(place) {
        Some(phone) => Property::Phone(*phone, numbers.get(*phone).cloned()),
        None => Property::MayPage(false),
    };
    Some(Bpr { version, handle, property })
}

impl Session {
    /// Sends all numbers of a new contact on the forward list.
    pub(super) fn send_numbers(
        &mut self,
        contact: AccountId,
        version: ListVersion,
        numbers: &PhoneNumbers,
    ) {
        if !self.has_event(CommandName::Bpr) {
            return;
        }
        let node = self.link.node().clone();
        for place in 0..LINES {
            if let Some(line) = line(&node.directory, contact, version, numbers, place) {
                self.emit(&line.into());
            }
        }
    }
}
