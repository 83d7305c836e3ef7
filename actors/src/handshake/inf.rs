use crate::connection::Link;
use msnp::command::{Inf, InfReply};

/// `INF`: answers that MD5 is the only security package.
pub(crate) fn inf(link: &mut Link, inf: &Inf) {
    link.emit(&InfReply { trid: inf.trid }.into());
}
