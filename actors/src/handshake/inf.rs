use super::Handshake;
use msnp::command::{Inf, InfReply};

/// `INF`: MD5 is the one package.
pub(crate) fn inf<C: Handshake>(connection: &mut C, inf: &Inf) {
    let dialect = connection.dialect();
    connection.link().emit(&InfReply { trid: inf.trid }.into(), dialect);
}
