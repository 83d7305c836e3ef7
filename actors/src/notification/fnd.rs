use super::Session;
use msnp::command::{Fnd, FndReply};

impl Session {
    /// `FND`: there is no member directory to search, so nothing is found.
    pub(super) fn fnd(&mut self, fnd: &Fnd) {
        self.emit(&FndReply { trid: fnd.trid }.into());
    }
}
