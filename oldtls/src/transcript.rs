//! The hashes over all handshake messages so far.

use md5::{Digest, Md5};
use sha1::Sha1;

/// Both hashes: each version uses both.
#[derive(Clone, Default)]
pub(crate) struct Transcript {
    pub(crate) md5: Md5,
    pub(crate) sha1: Sha1,
}

impl Transcript {
    pub(crate) fn add(&mut self, message: &[u8]) {
        self.md5.update(message);
        self.sha1.update(message);
    }
}
