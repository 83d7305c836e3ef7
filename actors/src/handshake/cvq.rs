use crate::connection::Link;
use crate::end::EndReason;
use msnp::command::{Cvq, CvqReply, Recommendation};

/// `CVQ`: answers the version query of a client without a supported dialect, then closes.
pub(crate) fn cvq(link: &mut Link, cvq: &Cvq) {
    let answer = Recommendation::no_upgrade(&cvq.client, &link.node().settings().site);
    if let Some(recommendation) = answer {
        link.emit(&CvqReply { trid: cvq.trid, recommendation }.into());
    }
    link.close(EndReason::VersionQueried);
}
