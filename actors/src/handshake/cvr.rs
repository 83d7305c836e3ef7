use super::Handshake;
use msnp::command::{Cvr, CvrReply, Recommendation};

/// `CVR`: every client is as it should be.
pub(crate) fn cvr<C: Handshake>(connection: &mut C, cvr: &Cvr) {
    let dialect = connection.dialect();
    let link = connection.link();
    if let Some(version) = cvr.client.version() {
        log::debug!("connection {} is a client of version {version}", link.id());
    }
    let answer = Recommendation::as_you_are(&cvr.client, &link.node().settings.site);
    if let Some(recommendation) = answer {
        link.emit(&CvrReply { trid: cvr.trid, recommendation }.into(), dialect);
    }
}
