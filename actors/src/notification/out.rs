use super::Session;
use crate::cookies::end_conversations;
use crate::end::EndReason;

impl Session {
    /// `OUT`: signs off and leaves the conversations of this session. If the connection is lost
    /// instead, the conversations stay open.
    pub(super) fn out(&mut self) {
        if self.signed_in.is_some() {
            let (node, session) = (self.link.node().clone(), self.link.id());
            actix_rt::spawn(end_conversations(node, session, EndReason::Left));
        }
        self.link.close(EndReason::Left);
    }
}
