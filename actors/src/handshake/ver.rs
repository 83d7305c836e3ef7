use super::Handshake;
use crate::end::EndReason;
use msnp::command::Ver;
use msnp::{Event, Phase};

/// `VER`: agrees on the client's favourite of the dialects that are spoken here.
pub(crate) fn ver<C: Handshake>(connection: &mut C, ver: &Ver) {
    let reply = ver.answer();
    let dialect = connection.dialect();
    match reply.dialect() {
        Some(agreed) => connection.agree(agreed, Phase::Versioned),
        None if reply.cvr0 => connection.agree(dialect, Phase::QueryOnly),
        None => {}
    }
    let agreed = connection.phase() != Phase::Fresh;
    if reply.agreed.is_empty() {
        let peer = connection.link().facts().peer;
        let offered = ver.unknown.as_ref().map_or("another dialect", |word| word.as_str());
        log::warn!("{peer} refused: the client offers {offered}; this server speaks MSNP2");
    }
    connection.link().emit(&Event::Ver(reply), dialect);
    if !agreed {
        connection.link().close(EndReason::NoDialect);
    }
}
