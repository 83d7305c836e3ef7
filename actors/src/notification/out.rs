use super::Session;
use crate::end::EndReason;

impl Session {
    /// `OUT`: signs off and leaves the conversations of this session. If the connection is lost
    /// instead, the conversations stay open.
    pub(super) fn out(&mut self) {
        if let Some(signed_in) = &mut self.signed_in {
            signed_in.leave_conversations();
        }
        self.link.close(EndReason::Left);
    }
}
