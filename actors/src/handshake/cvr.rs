use crate::connection::Link;
use msnp::command::{Cvr, CvrReply, Recommendation};

/// `CVR`: answers that the client needs no upgrade.
pub(crate) fn cvr(link: &mut Link, cvr: &Cvr) {
    if let Some(version) = cvr.client.version() {
        log::debug!("{} is a client of version {version}", link.label());
        link.set_client_version(version.as_str());
    }
    let answer = Recommendation::no_upgrade(&cvr.client, &link.node().settings().site);
    if let Some(recommendation) = answer {
        link.emit(&CvrReply { trid: cvr.trid, recommendation }.into());
    }
}
