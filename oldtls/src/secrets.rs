//! The secrets of a connection, and what is made from them: keys, and the proofs of the handshake.

use crate::suite::MacHash;
use crate::transcript::Transcript;
use crate::{Suite, Version};
use heapless::Vec;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;
use zeroize::Zeroizing;

/// Length of a premaster secret and of a master secret in bytes.
pub(crate) const SECRET_LEN: usize = 48;

/// Keys for both directions: at most 2 × (20 + 24 + 8) bytes, and 2 × (20 + 16 + 16) with AES.
const KEY_BLOCK_LEN: usize = 104;

/// The longest proof: an MD5 and a SHA-1 hash.
const MAX_PROOF: usize = 36;

/// The random bytes of both sides.
#[derive(Clone, Copy)]
pub(crate) struct Randoms {
    pub(crate) client: [u8; 32],
    pub(crate) server: [u8; 32],
}

/// A side of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
}

/// The keys of one direction.
#[derive(Default)]
pub(crate) struct DirectionKeys {
    pub(crate) mac: Zeroizing<Vec<u8, 20>>,
    pub(crate) key: Zeroizing<Vec<u8, 24>>,
    pub(crate) iv: Vec<u8, 16>,
}

/// The keys of both directions.
pub(crate) struct Keys {
    pub(crate) client: DirectionKeys,
    pub(crate) server: DirectionKeys,
}

/// The content of the message `Finished`.
pub(crate) type FinishedProof = Vec<u8, MAX_PROOF>;

/// The master secret of a connection.
pub(crate) struct MasterSecret {
    version: Version,
    secret: Zeroizing<[u8; SECRET_LEN]>,
}

impl MasterSecret {
    pub(crate) fn new(
        version: Version,
        premaster: &[u8; SECRET_LEN],
        randoms: Randoms,
    ) -> MasterSecret {
        let mut secret = Zeroizing::new([0; SECRET_LEN]);
        let Randoms { client, server } = randoms;
        match version {
            Version::Ssl3 => expand_ssl3(premaster, [&client, &server], secret.as_mut_slice()),
            Version::Tls1 => {
                let seed = [b"master secret".as_slice(), &client, &server];
                expand_tls1(premaster, &seed, secret.as_mut_slice());
            }
        }
        MasterSecret { version, secret }
    }

    /// Returns the keys for a suite.
    pub(crate) fn keys(&self, suite: Suite, randoms: Randoms) -> Keys {
        let mut block = Zeroizing::new([0; KEY_BLOCK_LEN]);
        let Randoms { client, server } = randoms;
        match self.version {
            Version::Ssl3 => {
                expand_ssl3(&self.secret, [&server, &client], block.as_mut_slice());
            }
            Version::Tls1 => {
                let seed = [b"key expansion".as_slice(), &server, &client];
                expand_tls1(self.secret.as_slice(), &seed, block.as_mut_slice());
            }
        }
        let (mac_len, key_len, iv_len) =
            (suite.mac_hash().len(), suite.key_len(), suite.block_len());
        let mut bytes = block.iter().copied();
        let mut keys = Keys { client: DirectionKeys::default(), server: DirectionKeys::default() };
        keys.client.mac.extend(bytes.by_ref().take(mac_len));
        keys.server.mac.extend(bytes.by_ref().take(mac_len));
        keys.client.key.extend(bytes.by_ref().take(key_len));
        keys.server.key.extend(bytes.by_ref().take(key_len));
        keys.client.iv.extend(bytes.by_ref().take(iv_len));
        keys.server.iv.extend(bytes.by_ref().take(iv_len));
        keys
    }

    /// Returns the proof that a side has seen these handshake messages.
    pub(crate) fn proof(&self, side: Side, transcript: &Transcript) -> FinishedProof {
        let mut proof = FinishedProof::new();
        match self.version {
            Version::Ssl3 => {
                let sender = match side {
                    Side::Client => b"CLNT",
                    Side::Server => b"SRVR",
                };
                let secret = self.secret.as_slice();
                let md5 = finish_ssl3(transcript.md5.clone(), sender, secret, MacHash::Md5);
                let sha1 = finish_ssl3(transcript.sha1.clone(), sender, secret, MacHash::Sha1);
                proof.extend(md5);
                proof.extend(sha1);
            }
            Version::Tls1 => {
                let label = match side {
                    Side::Client => b"client finished".as_slice(),
                    Side::Server => b"server finished".as_slice(),
                };
                let md5 = transcript.md5.clone().finalize();
                let sha1 = transcript.sha1.clone().finalize();
                let mut bytes = [0; 12];
                let seed = [label, md5.as_slice(), sha1.as_slice()];
                expand_tls1(self.secret.as_slice(), &seed, &mut bytes);
                proof.extend(bytes);
            }
        }
        proof
    }
}

/// Returns the padding of SSL 3.0's message authentication codes, for the inner and the outer hash.
pub(crate) fn pads(hash: MacHash) -> (&'static [u8], &'static [u8]) {
    match hash {
        MacHash::Md5 => (&[0x36; 48], &[0x5C; 48]),
        MacHash::Sha1 => (&[0x36; 40], &[0x5C; 40]),
    }
}

fn finish_ssl3<D: Digest>(
    mut inner: D,
    sender: &[u8; 4],
    secret: &[u8],
    hash: MacHash,
) -> impl IntoIterator<Item = u8> {
    let (inner_pad, outer_pad) = pads(hash);
    inner.update(sender);
    inner.update(secret);
    inner.update(inner_pad);
    D::new().chain_update(secret).chain_update(outer_pad).chain_update(inner.finalize()).finalize()
}

/// Fills `out` as SSL 3.0 does: the n-th 16 bytes are an MD5 hash over the secret and a SHA-1 hash,
/// whose input begins with the n-th letter, n times.
fn expand_ssl3(secret: &[u8; SECRET_LEN], seed: [&[u8; 32]; 2], out: &mut [u8]) {
    for (count, (letter, chunk)) in (b'A'..=b'Z').zip(out.chunks_mut(16)).enumerate() {
        let mut inner = Sha1::new();
        for _ in 0..=count {
            inner.update([letter]);
        }
        inner.update(secret);
        seed.iter().for_each(|part| inner.update(part));
        let block = Md5::new().chain_update(secret).chain_update(inner.finalize()).finalize();
        chunk.iter_mut().zip(block).for_each(|(to, from)| *to = from);
    }
}

/// Fills `out` with the pseudorandom function of TLS 1.0.
fn expand_tls1(secret: &[u8], seed: &[&[u8]], out: &mut [u8]) {
    out.fill(0);
    // Both halves have the middle byte if the length is odd.
    let half = secret.len().div_ceil(2);
    let first = secret.get(..half).unwrap_or_default();
    let second = secret.get(secret.len() - half..).unwrap_or_default();
    xor_expansion::<Hmac<Md5>>(first, seed, out);
    xor_expansion::<Hmac<Sha1>>(second, seed, out);
}

/// Combines `out` with the expansion by one hash function (`P_hash`).
fn xor_expansion<M: Mac + KeyInit + Clone>(secret: &[u8], seed: &[&[u8]], out: &mut [u8]) {
    // The key of an HMAC may have any length.
    let Ok(keyed) = <M as KeyInit>::new_from_slice(secret) else { return };
    let mut state = keyed.clone();
    seed.iter().for_each(|part| state.update(part));
    let mut state = state.finalize().into_bytes();
    let mut rest = out;
    while !rest.is_empty() {
        let mut block = keyed.clone();
        block.update(&state);
        seed.iter().for_each(|part| block.update(part));
        let block = block.finalize().into_bytes();
        let len = block.len().min(rest.len());
        let (chunk, after) = core::mem::take(&mut rest).split_at_mut(len);
        chunk.iter_mut().zip(block).for_each(|(to, from)| *to ^= from);
        rest = after;
        let mut next = keyed.clone();
        next.update(&state);
        state = next.finalize().into_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vector that was published by B. de Weger on the mailing list of the TLS working group.
    #[test]
    fn the_pseudorandom_function_of_tls_1_0_is_the_published_one() {
        let mut bytes = [0; 104];
        expand_tls1(&[0xAB; 48], &[b"PRF Testvector", &[0xCD; 64]], &mut bytes);
        let start = [0xD3, 0xD4, 0xD1, 0xE3, 0x49, 0xB5, 0xD5, 0x15, 0x04, 0x46, 0x66, 0xD5];
        assert_eq!(bytes[..12], start);
        let end = [0x8F, 0x1A, 0xFB, 0xC6, 0x55, 0xA8, 0xC9, 0xA0, 0x13];
        assert_eq!(bytes[95..], end);
    }
}
