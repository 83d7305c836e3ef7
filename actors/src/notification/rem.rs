use super::Session;
use crate::connection::Context;
use crate::port::store::{Change, Changed, ForwardChange};
use msnp::command::{Rem, RemReply};
use msnp::{ErrorCode, List};

impl Session {
    /// `REM`: removes a contact from a list.
    pub(super) fn rem(&mut self, rem: Rem, ctx: &mut Context<Session>) {
        let Rem { trid, list, handle, group } = rem;
        let Some(contact) = self.link.node().directory.find(&handle) else {
            return self.error(trid, ErrorCode::NotOnList);
        };
        let change = Change::Remove { list, contact, group };
        self.edit(trid, change, ctx, move |session, edited, ctx| {
            let Changed { version, forward, .. } = edited.changed;
            // A contact that is removed from one of several groups stays on the forward list.
            if list != List::Forward || forward == ForwardChange::Removed {
                session.contacts.remove(contact, list);
            }
            session.emit(&RemReply { trid, list, version, handle, group }.into());
            if list != List::Forward {
                session.republish(ctx);
            }
        });
    }
}
