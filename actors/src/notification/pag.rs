use super::Session;
use msnp::ErrorCode;
use msnp::command::Pag;

impl Session {
    /// `PAG`: a page to a mobile telephone. None can be reached from here, and 800 is what the
    /// official clients took for that (yellows111's wiki).
    pub(super) fn pag(&mut self, pag: &Pag) {
        self.error(pag.trid, ErrorCode::TooRapid);
    }
}
