use super::Session;
use crate::connection::ConnectionActor;
use crate::connection::Context;
use crate::limit::rate_limiter::LimitedAction;
use crate::message::Load;
use crate::port::store::{Change, Detail};
use msnp::command::{Prp, PrpReply};
use msnp::{ErrorCode, Property, TrId};

/// How many telephone numbers a user has.
const PHONE_COUNT: u16 = 3;

impl Session {
    /// `PRP`: changes one of the user's telephone numbers. Users who have this user on their
    /// forward list and may see the number are notified.
    pub(super) fn prp(&mut self, prp: Prp, ctx: &mut Context<Session>) {
        let Prp { trid, property } = prp;
        match &property {
            Property::Phone(phone, number) => {
                let Some(account) = self.account() else { return };
                let node = self.link.node();
                // Three changes count as one change of the name: the dialog of the official clients
                // sends all three numbers at once.
                let max = node.settings().limits.renames_per_minute.saturating_mul(PHONE_COUNT);
                if !node.rate_limiter.admit(account, LimitedAction::Numbers, max) {
                    return self.error(trid, ErrorCode::TooRapid);
                }
                let change = Change::SetPhone(*phone, number.clone());
                self.edit(trid, change, ctx, move |session, edited, _| {
                    session
                        .emit(&PrpReply { trid, version: edited.changed.version, property }.into());
                });
            }
            Property::MayPage(_) => self.refuse_paging(trid, ctx),
            // Only a server sends this property: whether there are pagers.
            Property::MobileEnabled(_) => self.error(trid, ErrorCode::NotExpected),
        }
    }

    /// Replies that no one may page the user, whatever the client asked for: this server has no
    /// pagers.
    fn refuse_paging(&mut self, trid: TrId, ctx: &mut Context<Session>) {
        let Some(account_ref) = self.account_ref() else { return };
        let loaded = self.link.node().accounts.send(Load { account_ref, detail: Detail::Lists });
        self.ask(ctx, loaded, move |session, loaded, _| {
            let Some(roster) = session.ok_or_reply(trid, loaded) else { return };
            let version = session.version_to_send(roster.version);
            let property = Property::MayPage(false);
            session.emit(&PrpReply { trid, version, property }.into());
        });
    }
}
