use super::Handshake;
use crate::end::EndReason;
use msnp::command::{Cvq, CvqReply, Recommendation};

/// `CVQ`: the version query of a client that speaks no dialect of this server; answered once.
pub(crate) fn cvq<C: Handshake>(connection: &mut C, cvq: &Cvq) {
    let dialect = connection.dialect();
    let link = connection.link();
    let answer = Recommendation::as_you_are(&cvq.client, &link.node().settings.site);
    if let Some(recommendation) = answer {
        link.emit(&CvqReply { trid: cvq.trid, recommendation }.into(), dialect);
    }
    link.close(EndReason::VersionQueried);
}
