use super::Session;
use super::burst::Burst;
use crate::connection::ConnectionActor;
use crate::connection::Context;
use crate::message::Load;
use crate::port::store::Detail;
use msnp::List;
use msnp::command::Lst;

impl Session {
    /// `LST`: returns one list.
    pub(super) fn lst(&mut self, lst: &Lst, ctx: &mut Context<Session>) {
        let Some(account_ref) = self.account_ref() else { return };
        let (trid, list) = (lst.trid, lst.list);
        let loaded = self.link.node().accounts.send(Load { account_ref, detail: Detail::Names });
        self.ask(ctx, loaded, move |session, loaded, _| {
            let Some(mut roster) = session.ok_or_reply(trid, loaded) else { return };
            if list == List::Reverse {
                session.reverse_list_version = Some(roster.version);
            }
            roster.version = session.version_to_send(roster.version);
            let directory = &session.link.node().directory;
            session.burst = Some(Box::new(Burst::list(trid, roster, list, directory)));
        });
    }
}
