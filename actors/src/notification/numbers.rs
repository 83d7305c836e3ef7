//! A contact's telephone numbers, as clients receive them (`BPR`).

use super::Session;
use crate::directory::Directory;
use crate::port::PhoneNumbers;
use crate::port::store::AccountId;
use msnp::command::Bpr;
use msnp::{CommandName, ListVersion, PhoneKind, Property};

/// How many `BPR` lines a contact has.
pub(super) const LINES: usize = PhoneKind::ALL.len() + 1;

/// Returns the line with this index, from 0. The order is that of yellows111's wiki: the three
/// numbers, as the store returned them for the receiving user, then that the contact cannot be
/// paged.
pub(super) fn line(
    directory: &Directory,
    contact: AccountId,
    version: ListVersion,
    numbers: &PhoneNumbers,
    index: usize,
) -> Option<Bpr> {
    let handle = directory.principal(contact)?.handle;
    let property = match PhoneKind::ALL.get(index) {
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
        for index in 0..LINES {
            if let Some(line) = line(&node.directory, contact, version, numbers, index) {
                self.emit(&line.into());
            }
        }
    }
}
