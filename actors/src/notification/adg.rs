use super::Session;
use crate::connection::Context;
use crate::port::store::{Change, Changed};
use msnp::ErrorCode;
use msnp::command::{Adg, AdgReply};

impl Session {
    /// `ADG`: creates a group with the smallest free number.
    pub(super) fn adg(&mut self, adg: Adg, ctx: &mut Context<Session>) {
        let Adg { trid, name } = adg;
        self.edit(trid, Change::AddGroup(name.clone()), ctx, move |session, edited, _| {
            let Changed { version, group, .. } = edited.changed;
            match group {
                Some(group) => session.emit(&AdgReply { trid, version, name, group }.into()),
                None => session.error(trid, ErrorCode::InternalError),
            }
        });
    }
}
