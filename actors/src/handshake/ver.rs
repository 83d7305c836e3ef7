use crate::connection::Link;
use crate::end::EndReason;
use msnp::command::Ver;
use msnp::{Dialect, Phase};
use std::fmt::Display;

/// `VER`: agrees on the dialect that the client prefers among the supported ones.
pub(crate) fn ver(link: &mut Link, ver: &Ver) {
    let reply = ver.reply(link.node().settings().ver_reply);
    let agreed = reply.dialect();
    if agreed.is_none() {
        let peer = link.peer_info().peer;
        let supported = Dialect::supported_range();
        let unknown =
            ver.unknown.as_ref().map_or("an unknown protocol version", |word| word.as_str());
        let offered: &dyn Display = if ver.later.is_empty() { &unknown } else { &ver.later };
        log::warn!("{peer} refused: the client offers {offered}; this server supports {supported}");
    }
    let offers_version_query = reply.cvr0;
    link.emit(&reply.into());
    match agreed {
        Some(dialect) => {
            link.set_dialect(dialect);
            link.set_phase(Phase::Versioned);
        }
        None if offers_version_query => {
            link.set_offered_versions(ver.later);
            link.set_phase(Phase::QueryOnly);
        }
        None => link.close(EndReason::NoDialect(ver.later)),
    }
}
