use super::Session;
use crate::connection::Context;
use crate::port::store::Change;
use msnp::command::{Blp, BlpReply};

impl Session {
    /// `BLP`: sets whether users on neither the allow nor the block list may see and call this
    /// user. Anyone who sees a difference is notified.
    pub(super) fn blp(&mut self, blp: &Blp, ctx: &mut Context<Session>) {
        let (trid, privacy) = (blp.trid, blp.privacy);
        let strict = self.link.node().settings().refuse_repeated_settings;
        let change = Change::SetPrivacy { privacy, strict };
        self.edit(trid, change, ctx, move |session, edited, ctx| {
            session.emit(&BlpReply { trid, version: edited.changed.version, privacy }.into());
            if session.privacy != privacy {
                session.privacy = privacy;
                session.republish(ctx);
            }
        });
    }
}
