use crate::connection::Link;
use msnp::command::{Inf, InfReply};

/// `INF`: MD5 is the one package.
pub(crate) fn inf(link: &mut Link, inf: &Inf) {
    link.emit(&InfReply { trid: inf.trid }.into());
}
