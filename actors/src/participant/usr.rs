use super::{Entry, Participant};
use crate::connection::Context;
use crate::end::EndReason;
use msnp::command::{Usr, UsrReply};

impl Participant {
    /// `USR`: starts a conversation.
    pub(super) fn usr(&mut self, usr: Usr, ctx: &mut Context<Participant>) {
        let Usr::Switchboard { trid, handle, cookie } = usr else {
            return self.link.close(EndReason::command_for_other_server());
        };
        let entry = Entry { handle, cookie, join: None };
        self.enter(trid, entry, ctx, |participant, trid, _| {
            if let Some(principal) = participant.principal() {
                let (handle, name) = (principal.handle.clone(), principal.name.clone());
                participant.emit(&UsrReply::Ok { trid, handle, name, verified: None }.into());
            }
        });
    }
}
