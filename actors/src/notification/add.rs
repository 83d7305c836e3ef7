use super::Session;
use crate::connection::Served;
use crate::message::Listed;
use crate::port::store::{AccountId, Change, Changed};
use crate::rules::Watching;
use actix::Context;
use msnp::command::{Add, AddReply, Iln};
use msnp::{ErrorCode, FriendlyName, List, TrId};

impl Session {
    /// `ADD`: puts somebody on a list.
    pub(super) fn add(&mut self, add: Add, ctx: &mut Context<Session>) {
        let node = self.link.node();
        let Add { trid, list, handle, name } = add;
        let Some(contact) = node.directory.find(&handle) else {
            return self.error(trid, ErrorCode::InvalidUser);
        };
        let limit = node.settings.list_entries;
        let shown = name.clone().unwrap_or_else(|| FriendlyName::from_handle(&handle));
        let change = Change::Add { list, contact, name, limit };
        self.edit(trid, change, ctx, move |session, changed, ctx| {
            let version = changed.version;
            session.contacts.add(contact, list);
            session.emit(&AddReply { trid, list, version, handle, name: shown }.into());
            match list {
                List::Forward => session.added(trid, contact, changed, ctx),
                _ => session.show(Watching::SameName, ctx),
            }
        });
    }

    /// The contact is told; the answer says how he is seen.
    fn added(
        &mut self,
        trid: TrId,
        contact: AccountId,
        changed: Changed,
        ctx: &mut Context<Session>,
    ) {
        let Some((owner, version)) = self.account.zip(changed.contact_version) else { return };
        let listed = Listed { owner, contact, version, added: true };
        let sight = self.link.node().registry.send(listed);
        self.ask(ctx, sight, move |session, sight, _| {
            let principal = session.link.node().directory.principal(contact);
            // Presence is told from the first CHG on, which looks at all contacts.
            let seen = sight.ok().flatten().filter(|_| session.live);
            if let (Some(state), Some(seen)) = (seen, principal) {
                session.emit(&Iln { trid, state, handle: seen.handle, name: seen.name }.into());
            }
        });
    }
}
