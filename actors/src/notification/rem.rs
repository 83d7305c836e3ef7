use super::Session;
use crate::connection::Served;
use crate::message::Listed;
use crate::port::store::Change;
use crate::rules::Watching;
use actix::Context;
use msnp::command::{Rem, RemReply};
use msnp::{ErrorCode, List};

impl Session {
    /// `REM`: takes somebody off a list.
    pub(super) fn rem(&mut self, rem: Rem, ctx: &mut Context<Session>) {
        let Rem { trid, list, handle } = rem;
        let Some(contact) = self.link.node().directory.find(&handle) else {
            return self.error(trid, ErrorCode::NotOnList);
        };
        self.edit(trid, Change::Remove { list, contact }, ctx, move |session, changed, ctx| {
            let version = changed.version;
            session.contacts.remove(contact, list);
            session.emit(&RemReply { trid, list, version, handle }.into());
            if list != List::Forward {
                return session.show(Watching::SameName, ctx);
            }
            let Some((owner, version)) = session.account.zip(changed.contact_version) else {
                return;
            };
            let listed = Listed { owner, contact, version, added: false };
            let told = session.link.node().registry.send(listed);
            session.ask(ctx, told, |_, _, _| {});
        });
    }
}
