use super::Session;
use crate::port::store::Change;
use crate::rules::NameChange;
use actix::Context;
use msnp::command::{Blp, BlpReply};

impl Session {
    /// `BLP`: who may see and call me if he is on no list. Whoever sees a difference is told.
    pub(super) fn blp(&mut self, blp: &Blp, ctx: &mut Context<Session>) {
        let (trid, privacy) = (blp.trid, blp.privacy);
        let strict = self.link.node().settings().refuse_repeated;
        let change = Change::SetPrivacy { privacy, strict };
        self.edit(trid, change, ctx, move |session, edited, ctx| {
            session.emit(&BlpReply { trid, version: edited.changed.version, privacy }.into());
            if session.privacy != privacy {
                session.privacy = privacy;
                session.show(NameChange::Unchanged, ctx);
            }
        });
    }
}
