use super::{Membership, Participant};
use crate::connection::ConnectionActor;
use crate::connection::Context;
use crate::limit::rate_limiter::LimitedAction;
use msnp::ErrorCode;
use msnp::command::{Cal, CalReply};

impl Participant {
    /// `CAL`: invites a user. A caller with too many failed calls gets an error for a while, so
    /// that no one can probe who is online.
    pub(super) fn cal(&mut self, cal: Cal, ctx: &mut Context<Participant>) {
        // Messages that the caller sent before the call must arrive before it.
        self.send_draft();
        let Some(membership) = &self.membership else { return };
        let seat = &membership.seat;
        let node = self.link.node();
        let max = node.settings().limits.failing_calls_per_minute;
        if node.rate_limiter.has_reached(seat.account(), LimitedAction::FailingCalls, max) {
            return self.error(cal.trid, ErrorCode::TooActive);
        }
        let answer = seat.call(cal.handle);
        let trid = cal.trid;
        self.ask(ctx, answer, move |participant, answer, _| match answer {
            Ok(session) => participant.emit(&CalReply { trid, session }.into()),
            Err(code) => {
                participant.count_failed_call();
                participant.error(trid, code);
            }
        });
    }

    /// Counts a failed call of this caller.
    pub(super) fn count_failed_call(&mut self) {
        if let Some(Membership { seat, .. }) = self.membership.as_deref() {
            self.link.node().rate_limiter.count(seat.account(), LimitedAction::FailingCalls);
        }
    }
}
