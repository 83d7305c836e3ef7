use super::Session;
use msnp::command::{Png, Qng};

impl Session {
    /// `PNG`: confirms that the connection is alive.
    pub(super) fn png(&mut self, Png: Png) {
        self.emit(&Qng.into());
    }
}
