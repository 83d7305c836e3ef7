use super::Session;
use crate::connection::ConnectionActor;
use crate::connection::Context;
use crate::message::Invitable;
use msnp::command::{Ims, ImsReply};

impl Session {
    /// `IMS`: sets whether the user takes part in conversations. WebTV turned it off while the
    /// television was on.
    pub(super) fn ims(&mut self, ims: &Ims, ctx: &mut Context<Session>) {
        let Some(account) = self.account() else { return };
        let (trid, on) = (ims.trid, ims.on);
        let invitable = Invitable { account, session: self.link.id(), on };
        let set = self.link.node().registry.send(invitable);
        self.ask(ctx, set, move |session, _, _| {
            session.invitable = on;
            session.emit(&ImsReply { trid, on }.into());
        });
    }
}
