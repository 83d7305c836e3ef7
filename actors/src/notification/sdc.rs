use super::Session;
use msnp::command::{Sdc, SdcReply};

impl Session {
    /// `SDC`: replies that an invitation was mailed. No mail is sent.
    pub(super) fn sdc(&mut self, sdc: &Sdc) {
        log::info!("session {} invites {}: no mail is sent", self.link.id(), sdc.target);
        self.emit(&SdcReply { trid: sdc.trid }.into());
    }
}
