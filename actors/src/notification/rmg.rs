use super::Session;
use crate::connection::Context;
use crate::port::store::{Change, Changed};
use msnp::List;
use msnp::command::{Rmg, RmgReply};

impl Session {
    /// `RMG`: removes a group, and the contacts that are in no other group.
    pub(super) fn rmg(&mut self, rmg: &Rmg, ctx: &mut Context<Session>) {
        let (trid, group) = (rmg.trid, rmg.group);
        self.edit(trid, Change::RemoveGroup(group), ctx, move |session, edited, _| {
            let Changed { version, contacts, .. } = edited.changed;
            for (contact, _) in contacts {
                session.contacts.remove(contact, List::Forward);
            }
            session.emit(&RmgReply { trid, version, group }.into());
        });
    }
}
