use super::Session;
use super::burst::Burst;
use crate::connection::ConnectionActor;
use crate::connection::Context;
use crate::message::Load;
use crate::port::store::Detail;
use msnp::command::{CommandName, Syn, SynReply};

impl Session {
    /// `SYN`: brings the client's lists up to date. The client has them if its version is equal
    /// to ours. A higher version comes from another server.
    pub(super) fn syn(&mut self, syn: &Syn, ctx: &mut Context<Session>) {
        let Some(account_ref) = self.account_ref() else { return };
        let (trid, client_version) = (syn.trid, syn.version);
        let detail = if self.has_event(CommandName::Bpr) { Detail::Numbers } else { Detail::Names };
        let loaded = self.link.node().accounts.send(Load { account_ref, detail });
        self.ask(ctx, loaded, move |session, loaded, _| {
            let Some(roster) = session.ok_or_reply(trid, loaded) else { return };
            let version = roster.version;
            session.synced_version = Some(version);
            session.reverse_list_version = Some(version);
            session.latest_sent_version = Some(version);
            session.withheld = None;
            session.emit(&SynReply { trid, version }.into());
            if version.value() != client_version {
                let (node, dialect) = (session.link.node(), session.link.dialect());
                let burst = Burst::synchronisation(trid, dialect, roster, &node.directory);
                session.burst = Some(Box::new(burst));
            }
        });
    }
}
