use super::Session;
use msnp::ErrorCode;
use msnp::command::{Snd, SndReply};

impl Session {
    /// `SND`: replies that an invitation was mailed. No mail is sent. If the target is a number, it
    /// is a hit of the last search in the member directory. The client does not learn whose account
    /// it is.
    pub(super) fn snd(&mut self, snd: &Snd) {
        let label = self.link.label();
        if let Some(index) = snd.hit() {
            let directory = &self.link.node().directory;
            // After a restore the id may belong to a different account.
            let is_current =
                self.account_ref().is_some_and(|account_ref| directory.is_current(account_ref));
            let hit = self.hits.get(index).filter(|_| is_current);
            let hit = hit.filter(|account| directory.contains(*account));
            let Some(hit) = hit.and_then(|account| directory.principal(account)) else {
                return self.error(snd.trid, ErrorCode::InvalidParameter);
            };
            log::info!("{label} invites {}, a search hit: no mail is sent", hit.handle);
        } else {
            log::info!("{label} invites {}: no mail is sent", snd.target);
        }
        self.emit(&SndReply { trid: snd.trid }.into());
    }
}
