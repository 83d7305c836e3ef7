use super::Session;
use msnp::ErrorCode;
use msnp::command::Pag;

impl Session {
    /// `PAG`: a page to a mobile telephone. This server reaches none, and the official clients
    /// expect error 800 for that (yellows111's wiki).
    pub(super) fn pag(&mut self, pag: &Pag) {
        self.error(pag.trid, ErrorCode::TooRapid);
    }
}
