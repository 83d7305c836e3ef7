use super::Session;
use msnp::command::{Snd, SndReply};

impl Session {
    /// `SND`: says that an invitation was mailed; none is.
    pub(super) fn snd(&mut self, snd: &Snd) {
        log::info!("{} invites {}: no mail is sent", self.link.called(), snd.target);
        self.emit(&SndReply { trid: snd.trid }.into());
    }
}
