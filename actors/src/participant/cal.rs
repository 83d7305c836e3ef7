use super::Participant;
use crate::connection::Served;
use crate::message::Call;
use actix::Context;
use msnp::ErrorCode;
use msnp::command::{Cal, CalReply};

impl Participant {
    /// `CAL`: invites somebody.
    pub(super) fn cal(&mut self, cal: Cal, ctx: &mut Context<Participant>) {
        // What he said before must not come after.
        self.send_draft();
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
                Err(code) => participant.error(trid, code),
            }
        });
    }
}
