use super::Session;
use crate::connection::Context;
use crate::edit::Edited;
use crate::port::store::{AccountId, Change, ForwardChange};
use crate::rules::{Presence, is_repeated, undo_mojibake};
use msnp::command::{Add, AddReply, Iln};
use msnp::{ErrorCode, FriendlyName, List, TrId};

impl Session {
    /// `ADD`: adds a contact to a list.
    pub(super) fn add(&mut self, add: Add, ctx: &mut Context<Session>) {
        let node = self.link.node();
        let Add { trid, list, handle, name, group } = add;
        let Some(contact) = node.directory.find(&handle) else {
            return self.error(trid, ErrorCode::InvalidUser);
        };
        let limit = node.settings().list_entries;
        if node.settings().refuse_repeated_settings
            && is_repeated(self.contacts.lists_of(contact), list)
        {
            return self.error(trid, ErrorCode::AlreadyThere);
        }
        let current = node.directory.principal(contact);
        let name = name.map(|name| match &current {
            Some(current) => undo_mojibake(name, &current.name),
            None => name,
        });
        let reply_name = name.clone().unwrap_or_else(|| FriendlyName::from_handle(&handle));
        let change = Change::Add { list, contact, name, limit, group };
        self.edit(trid, change, ctx, move |session, edited, ctx| {
            let Edited { changed, contact_presence } = edited;
            let version = changed.version;
            let name = reply_name;
            session.emit(&AddReply { trid, list, version, handle, name, group }.into());
            match (list, changed.forward) {
                // The contact was on the list already and is now in one more group.
                (List::Forward, ForwardChange::Unchanged | ForwardChange::Removed) => {}
                (List::Forward, ForwardChange::Added) => {
                    session.contacts.add(contact, list);
                    session.send_numbers(contact, version, &changed.numbers);
                    session.send_iln(trid, contact, contact_presence);
                }
                (List::Allow | List::Block | List::Reverse, _) => {
                    session.contacts.add(contact, list);
                    session.republish(ctx);
                }
            }
        });
    }

    /// Sends `ILN` for a new contact who is visible. Before the first `CHG` nothing is sent: the
    /// reply to that `CHG` covers all contacts.
    fn send_iln(&mut self, trid: TrId, contact: AccountId, contact_presence: Option<Presence>) {
        let principal = self.link.node().directory.principal(contact);
        if let (true, Some(presence), Some(principal)) =
            (self.came_online, contact_presence, principal)
        {
            let state = presence.state;
            self.emit(&Iln { trid, state, handle: principal.handle, name: principal.name }.into());
        }
    }
}
