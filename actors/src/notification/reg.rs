use super::Session;
use crate::connection::Context;
use crate::port::store::Change;
use msnp::command::{Reg, RegReply};

impl Session {
    /// `REG`: renames a group. Group 0 can be renamed too.
    pub(super) fn reg(&mut self, reg: Reg, ctx: &mut Context<Session>) {
        let Reg { trid, group, name } = reg;
        let change = Change::RenameGroup { group, name: name.clone() };
        self.edit(trid, change, ctx, move |session, edited, _| {
            let version = edited.changed.version;
            session.emit(&RegReply { trid, version, group, name }.into());
        });
    }
}
