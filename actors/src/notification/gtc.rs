use super::Session;
use crate::connection::Context;
use crate::port::store::Change;
use msnp::command::{Gtc, GtcReply};

impl Session {
    /// `GTC`: stores what the client does when another user adds this user. Only clients act on
    /// this setting: the server does not.
    pub(super) fn gtc(&mut self, gtc: &Gtc, ctx: &mut Context<Session>) {
        let (trid, add_notice) = (gtc.trid, gtc.add_notice);
        self.edit(trid, Change::SetAddNotice(add_notice), ctx, move |session, edited, _| {
            session.emit(&GtcReply { trid, version: edited.changed.version, add_notice }.into());
        });
    }
}
