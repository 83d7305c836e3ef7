use super::Session;
use msnp::command::{Png, Qng};

impl Session {
    /// `PNG`: yes, the server is there.
    pub(super) fn png(&mut self, Png: Png) {
        self.emit(&Qng.into());
    }
}
