use super::Session;
use crate::port::store::Change;
use crate::rules::Watching;
use actix::Context;
use msnp::command::{Rem, RemReply};
use msnp::{ErrorCode, List};

impl Session {
    /// `REM`: takes somebody off a list.
    pub(super) fn rem(&mut self, rem: Rem, ctx: &mut Context<Session>) {
        let Rem { trid, list, handle, .. } = rem;
        let Some(contact) = self.link.node().directory.find(&handle) else {
            return self.error(trid, ErrorCode::NotOnList);
        };
        let change = Change::Remove { list, contact, group: None };
        self.edit(trid, change, ctx, move |session, edited, ctx| {
            let version = edited.changed.version;
            session.contacts.remove(contact, list);
            session.emit(&RemReply { trid, list, version, handle, group: None }.into());
            if list != List::Forward {
                session.show(Watching::SameName, ctx);
            }
        });
    }
}
