use super::Session;
use crate::port::store::Change;
use actix::Context;
use msnp::command::{Gtc, GtcReply};

impl Session {
    /// `GTC`: stores the setting. Only clients act on it.
    pub(super) fn gtc(&mut self, gtc: &Gtc, ctx: &mut Context<Session>) {
        let (trid, add_notice) = (gtc.trid, gtc.add_notice);
        self.edit(trid, Change::SetPrompting(add_notice), ctx, move |session, edited, _| {
            session.emit(&GtcReply { trid, version: edited.changed.version, add_notice }.into());
        });
    }
}
