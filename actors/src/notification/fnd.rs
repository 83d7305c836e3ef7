use super::Session;
use msnp::command::{Fnd, FndReply};
use msnp::{Dialect, ErrorCode};

impl Session {
    /// `FND`: there is no member directory to search, so nothing is found. Later clients are told
    /// that it is off, as the Microsoft servers did in 2003 (hypothetic.org).
    pub(super) fn fnd(&mut self, fnd: &Fnd) {
        if self.link.dialect() < Dialect::Msnp5 {
            self.emit(&FndReply { trid: fnd.trid, hit: None }.into());
        } else {
            self.error(fnd.trid, ErrorCode::CommandDisabled);
        }
    }
}
