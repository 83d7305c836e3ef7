use super::Session;
use crate::port::store::Change;
use crate::rates::Rated;
use crate::rules::Watching;
use actix::Context;
use msnp::ErrorCode;
use msnp::command::{Rea, ReaReply};

impl Session {
    /// `REA`: renames me, which all who see me hear, or changes the name that I have for a contact,
    /// which nobody hears.
    pub(super) fn rea(&mut self, rea: Rea, ctx: &mut Context<Session>) {
        let Rea { trid, handle, name } = rea;
        let Some(contact) = self.link.node().directory.find(&handle) else {
            return self.error(trid, ErrorCode::NotOnList);
        };
        let oneself = self.account() == Some(contact);
        let node = self.link.node();
        let most = node.settings().renames_per_minute;
        if oneself && !node.rates.admit(contact, Rated::Renames, most) {
            return self.error(trid, ErrorCode::TooRapid);
        }
        let change = if oneself {
            Change::RenameSelf(name.clone())
        } else {
            Change::RenameContact { contact, name: name.clone() }
        };
        self.edit(trid, change, ctx, move |session, edited, ctx| {
            let version = edited.changed.version;
            session.emit(&ReaReply { trid, version, handle, name }.into());
            if oneself {
                session.show(Watching::NewName, ctx);
            }
        });
    }
}
