use super::Session;
use super::burst::Burst;
use crate::connection::ConnectionActor;
use crate::connection::Context;
use crate::message::Load;
use crate::port::store::Detail;
use msnp::command::Lsg;

impl Session {
    /// `LSG`: returns the groups.
    pub(super) fn lsg(&mut self, lsg: &Lsg, ctx: &mut Context<Session>) {
        let Some(account_ref) = self.account_ref() else { return };
        let trid = lsg.trid;
        let loaded = self.link.node().accounts.send(Load { account_ref, detail: Detail::Lists });
        self.ask(ctx, loaded, move |session, loaded, _| {
            let Some(mut roster) = session.ok_or_reply(trid, loaded) else { return };
            roster.version = session.version_to_send(roster.version);
            let directory = &session.link.node().directory;
            session.burst = Some(Box::new(Burst::groups(trid, roster, directory)));
        });
    }
}
