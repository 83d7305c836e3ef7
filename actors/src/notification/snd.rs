use super::Session;
use msnp::ErrorCode;
use msnp::command::{Snd, SndReply};

impl Session {
    /// `SND`: says that an invitation was mailed; none is. A number is a hit of the last search in the
    /// member directory: whoever it is does not become known to the client.
    pub(super) fn snd(&mut self, snd: &Snd) {
        let called = self.link.label();
        if let Some(index) = snd.hit() {
            let directory = &self.link.node().directory;
            // After a restore the number may be somebody else's.
            let is_current = self.known().is_some_and(|known| directory.is_current(known));
            let hit = self.hits.get(index).filter(|_| is_current);
            let hit = hit.filter(|account| directory.contains(*account));
            let Some(hit) = hit.and_then(|account| directory.principal(account)) else {
                return self.error(snd.trid, ErrorCode::InvalidParameter);
            };
            log::info!("{called} invites {}, who is a hit: no mail is sent", hit.handle);
        } else {
            log::info!("{called} invites {}: no mail is sent", snd.target);
        }
        self.emit(&SndReply { trid: snd.trid }.into());
    }
}
