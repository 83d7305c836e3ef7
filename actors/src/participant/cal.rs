use super::Participant;
use crate::connection::Served;
use crate::message::Call;
use actix::Context;
use msnp::ErrorCode;
use msnp::command::{Cal, CalReply};
use tokio::time::Instant;

impl Participant {
    /// `CAL`: invites somebody. Of one who only finds out who can be called, no more calls are
    /// looked at for a while.
    pub(super) fn cal(&mut self, cal: Cal, ctx: &mut Context<Participant>) {
        // What he said before must not come after.
        self.send_draft();
        let most = self.link.node().settings().failing_calls_per_minute;
        if self.failed_calls.is_full(most, Instant::now()) {
            return self.error(cal.trid, ErrorCode::TooActive);
        }
        let Some(seat) = &self.seat else { return };
        let call = Call { member: seat.member, callee: cal.handle };
        let answer = seat.switchboard.send(call);
        let trid = cal.trid;
        self.ask(ctx, answer, move |participant, answer, _| {
            match answer.unwrap_or(Err(ErrorCode::SwitchboardFailed)) {
                Ok(session) => {
                    if let Some(seat) = &mut participant.seat {
                        seat.session = Some(session);
                    }
                    participant.emit(&CalReply { trid, session }.into());
                }
                Err(code) => {
                    participant.failed_calls.count(Instant::now());
                    participant.error(trid, code);
                }
            }
        });
    }
}
