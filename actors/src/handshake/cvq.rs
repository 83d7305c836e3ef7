use crate::connection::Link;
use crate::end::EndReason;
use msnp::command::{Cvq, CvqReply, Recommendation};

/// `CVQ`: the version query of a client that speaks no dialect of this server; answered once.
pub(crate) fn cvq(link: &mut Link, cvq: &Cvq) {
    let answer = Recommendation::no_upgrade(&cvq.client, &link.node().settings().site);
    if let Some(recommendation) = answer {
        link.emit(&CvqReply { trid: cvq.trid, recommendation }.into());
    }
    link.close(EndReason::VersionQueried);
}
