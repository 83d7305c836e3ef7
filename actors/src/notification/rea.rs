use super::Session;
use crate::connection::ConnectionActor;
use crate::connection::Context;
use crate::limit::rate_limiter::LimitedAction;
use crate::message::Load;
use crate::port::store::{AccountId, Change, Detail, Principal};
use crate::rules::undo_mojibake;
use msnp::command::{Rea, ReaReply, Rejection, RejectionReason};
use msnp::gate::Refusal;
use msnp::{ErrorCode, FriendlyName, Handle, RequestedName, TrId};

impl Session {
    /// `REA`: with the user's own handle, renames the user and notifies everyone who sees them.
    /// With a contact's handle, changes the name of that contact on the user's list. No one is
    /// notified of that.
    pub(super) fn rea(&mut self, rea: Rea, ctx: &mut Context<Session>) {
        let Rea { trid, handle, name } = rea;
        let directory = &self.link.node().directory;
        let contact = directory.find(&handle);
        let current = contact.and_then(|contact| directory.principal(contact));
        let (Some(contact), Some(current)) = (contact, current) else {
            return self.error(trid, ErrorCode::NotOnList);
        };
        if self.account() == Some(contact) {
            return self.rename_self(trid, contact, name, current, ctx);
        }
        let name = undo_mojibake(name.lossy_or_handle(&handle), &current.name);
        let change = Change::RenameContact { contact, name: name.clone() };
        self.edit(trid, change, ctx, move |session, edited, _| {
            let version = edited.changed.version;
            session.emit(&ReaReply { trid, version, handle, name }.into());
        });
    }

    fn rename_self(
        &mut self,
        trid: TrId,
        account: AccountId,
        name: RequestedName,
        current: Principal,
        ctx: &mut Context<Session>,
    ) {
        let Principal { handle, name: current_name } = current;
        // A client that misreads the encoding sends the user's own name back garbled.
        let is_misread = name
            .lossy()
            .is_some_and(|read| *read != current_name && read.is_mojibake_of(&current_name));
        let name = match name.strict() {
            _ if is_misread => None,
            Ok(name) => Some(name),
            Err(_) => {
                let refusal = Refusal::Reply(ErrorCode::InvalidFriendlyName);
                let reason = RejectionReason::Parameter("name");
                return self.reject(b"REA", Rejection { reason, refusal, trid: Some(trid) });
            }
        };
        let node = self.link.node();
        let max = node.settings().limits.renames_per_minute;
        if !node.rate_limiter.admit(account, LimitedAction::Renames, max) {
            return self.error(trid, ErrorCode::TooRapid);
        }
        let Some(name) = name else { return self.keep_name(trid, handle, current_name, ctx) };
        self.edit(trid, Change::RenameSelf(name.clone()), ctx, move |session, edited, _| {
            let version = edited.changed.version;
            session.emit(&ReaReply { trid, version, handle, name }.into());
        });
    }

    /// Replies with the name that the user has. Nothing changes, not even the list version.
    fn keep_name(
        &mut self,
        trid: TrId,
        handle: Handle,
        name: FriendlyName,
        ctx: &mut Context<Session>,
    ) {
        let Some(account_ref) = self.account_ref() else { return };
        let loaded = self.link.node().accounts.send(Load { account_ref, detail: Detail::Lists });
        self.ask(ctx, loaded, move |session, loaded, _| {
            let Some(roster) = session.ok_or_reply(trid, loaded) else { return };
            let version = session.version_to_send(roster.version);
            session.emit(&ReaReply { trid, version, handle, name }.into());
        });
    }
}
