//! The protection of records: message authentication codes (here *codes*), and encryption.

use crate::record::ContentType;
use crate::secrets::{DirectionKeys, pads};
use crate::suite::MacHash;
use crate::{Suite, TlsError, Version};
use aes::Aes128;
use cbc::cipher::array::{Array, ArraySize};
use cbc::cipher::{
    BlockModeDecrypt, BlockModeEncrypt, BlockSizeUser, KeyInit, KeyIvInit, StreamCipher,
};
use des::TdesEde3;
use heapless::Vec;
use hmac::{Hmac, Mac};
use md5::{Digest, Md5};
use rc4::Rc4;
use sha1::Sha1;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

/// A message authentication code.
type Code = Vec<u8, 20>;

/// Makes the codes of one direction.
struct CodeMaker {
    version: Version,
    hash: MacHash,
    key: Zeroizing<Vec<u8, 20>>,
    /// The number of records so far.
    count: u64,
}

impl CodeMaker {
    /// Returns the code of the next record, whose header has this type and version.
    fn next(&mut self, kind: ContentType, version: [u8; 2], data: &[u8]) -> Code {
        let count = self.count.to_be_bytes();
        self.count = self.count.wrapping_add(1);
        // A record is shorter than 2¹⁶ bytes.
        let len = u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes();
        let ssl3 = [count.as_slice(), &[kind.number()], &len, data];
        let tls1 = [count.as_slice(), &[kind.number()], &version, &len, data];
        let to_code = |bytes: &[u8]| bytes.iter().copied().collect();
        match (self.version, self.hash) {
            (Version::Ssl3, MacHash::Md5) => {
                to_code(&ssl3_code::<Md5>(&self.key, self.hash, &ssl3))
            }
            (Version::Ssl3, MacHash::Sha1) => {
                to_code(&ssl3_code::<Sha1>(&self.key, self.hash, &ssl3))
            }
            (Version::Tls1, MacHash::Md5) => hmac::<Hmac<Md5>>(&self.key, &tls1),
            (Version::Tls1, MacHash::Sha1) => hmac::<Hmac<Sha1>>(&self.key, &tls1),
        }
    }
}

fn ssl3_code<D: Digest>(key: &[u8], hash: MacHash, parts: &[&[u8]]) -> Array<u8, D::OutputSize> {
    let (inner_pad, outer_pad) = pads(hash);
    let mut inner = D::new().chain_update(key).chain_update(inner_pad);
    parts.iter().for_each(|part| inner.update(part));
    D::new().chain_update(key).chain_update(outer_pad).chain_update(inner.finalize()).finalize()
}

fn hmac<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Code {
    // The key of an HMAC may have any length.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Code::new() };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().iter().copied().collect()
}

enum Encryptor {
    Rc4(Rc4),
    TripleDes(cbc::Encryptor<TdesEde3>),
    Aes128(cbc::Encryptor<Aes128>),
}

enum Decryptor {
    Rc4(Rc4),
    TripleDes(cbc::Decryptor<TdesEde3>),
    Aes128(cbc::Decryptor<Aes128>),
}

/// Protects the records of one direction.
pub(crate) struct Sealer {
    suite: Suite,
    codes: CodeMaker,
    encryptor: Encryptor,
}

impl Sealer {
    /// Returns `None` if the lengths of the keys do not fit the suite.
    pub(crate) fn new(version: Version, suite: Suite, keys: &DirectionKeys) -> Option<Sealer> {
        let encryptor = match suite {
            Suite::Rc4Sha | Suite::Rc4Md5 => Encryptor::Rc4(Rc4::new_from_slice(&keys.key).ok()?),
            Suite::TripleDesSha => {
                Encryptor::TripleDes(KeyIvInit::new_from_slices(&keys.key, &keys.iv).ok()?)
            }
            Suite::Aes128Sha => {
                Encryptor::Aes128(KeyIvInit::new_from_slices(&keys.key, &keys.iv).ok()?)
            }
        };
        Some(Sealer { suite, codes: code_maker(version, suite, keys), encryptor })
    }

    /// Replaces the data that `record` has from `start` on by its protected form. Returns `false`
    /// if there is no room. After that, nothing more may be sealed.
    #[must_use]
    pub(crate) fn seal<const N: usize>(
        &mut self,
        kind: ContentType,
        version: [u8; 2],
        record: &mut Vec<u8, N>,
        start: usize,
    ) -> bool {
        let code = self.codes.next(kind, version, record.get(start..).unwrap_or_default());
        if record.extend_from_slice(&code).is_err() {
            return false;
        }
        let block = self.suite.block_len();
        if block > 0 {
            // The last byte counts the bytes of padding before it. All have this value.
            let len = record.len() - start;
            let padding = block - 1 - len % block;
            for _ in 0..=padding {
                // A block is shorter than 256 bytes.
                if record.push(u8::try_from(padding).unwrap_or_default()).is_err() {
                    return false;
                }
            }
        }
        let bytes = record.get_mut(start..).unwrap_or_default();
        match &mut self.encryptor {
            Encryptor::Rc4(rc4) => rc4.try_apply_keystream(bytes).is_ok(),
            Encryptor::TripleDes(cipher) => encrypt(cipher, bytes),
            Encryptor::Aes128(cipher) => encrypt(cipher, bytes),
        }
    }
}

/// Removes the protection of the records of one direction.
pub(crate) struct Opener {
    suite: Suite,
    codes: CodeMaker,
    decryptor: Decryptor,
}

impl Opener {
    /// Returns `None` if the lengths of the keys do not fit the suite.
    pub(crate) fn new(version: Version, suite: Suite, keys: &DirectionKeys) -> Option<Opener> {
        let decryptor = match suite {
            Suite::Rc4Sha | Suite::Rc4Md5 => Decryptor::Rc4(Rc4::new_from_slice(&keys.key).ok()?),
            Suite::TripleDesSha => {
                Decryptor::TripleDes(KeyIvInit::new_from_slices(&keys.key, &keys.iv).ok()?)
            }
            Suite::Aes128Sha => {
                Decryptor::Aes128(KeyIvInit::new_from_slices(&keys.key, &keys.iv).ok()?)
            }
        };
        Some(Opener { suite, codes: code_maker(version, suite, keys), decryptor })
    }

    /// Decrypts the content of a record in place. Returns the length of the data at its start.
    ///
    /// # Errors
    /// [`TlsError::BadRecord`], whatever is wrong: a client that could tell wrong padding from a wrong
    /// code could find out what others sent.
    pub(crate) fn open(
        &mut self,
        kind: ContentType,
        version: [u8; 2],
        content: &mut [u8],
    ) -> Result<usize, TlsError> {
        let is_whole = match &mut self.decryptor {
            Decryptor::Rc4(rc4) => rc4.try_apply_keystream(content).is_ok(),
            Decryptor::TripleDes(cipher) => decrypt(cipher, content),
            Decryptor::Aes128(cipher) => decrypt(cipher, content),
        };
        let code_len = self.codes.hash.len();
        let mut is_padded = Choice::from(1);
        let mut len = content.len();
        if self.suite.block_len() > 0 {
            let (padding, good) = self.padding(content);
            is_padded = good;
            len = len.saturating_sub(padding);
        }
        let Some(data_len) = len.checked_sub(code_len).filter(|_| is_whole) else {
            return Err(TlsError::BadRecord);
        };
        let (data, rest) = content.split_at_checked(data_len).ok_or(TlsError::BadRecord)?;
        let received = rest.get(..code_len).unwrap_or_default();
        // It is compared even if the padding is wrong, so that both take the same time.
        let is_authentic = self.codes.next(kind, version, data).as_slice().ct_eq(received);
        if bool::from(is_authentic & is_padded) { Ok(data_len) } else { Err(TlsError::BadRecord) }
    }

    /// Returns the length of the padding with its length byte, and whether it is right. Wrong padding
    /// counts as a length of 1.
    fn padding(&self, content: &[u8]) -> (usize, Choice) {
        let count = content.last().copied().unwrap_or_default();
        let padding = usize::from(count) + 1;
        let fits = match self.codes.version {
            // The bytes of the padding may have any value.
            Version::Ssl3 => padding <= self.suite.block_len(),
            Version::Tls1 => true,
        };
        let fits = fits && padding + self.codes.hash.len() <= content.len();
        let mut is_right = Choice::from(u8::from(fits));
        if self.codes.version == Version::Tls1 && fits {
            for byte in content.iter().rev().take(padding) {
                is_right &= byte.ct_eq(&count);
            }
        }
        (if bool::from(is_right) { padding } else { 1 }, is_right)
    }
}

fn code_maker(version: Version, suite: Suite, keys: &DirectionKeys) -> CodeMaker {
    CodeMaker { version, hash: suite.mac_hash(), key: keys.mac.clone(), count: 0 }
}

/// Returns whether the bytes are whole blocks.
fn encrypt<C: BlockModeEncrypt + BlockSizeUser<BlockSize: ArraySize>>(
    cipher: &mut C,
    bytes: &mut [u8],
) -> bool {
    let (blocks, rest) = Array::slice_as_chunks_mut(bytes);
    cipher.encrypt_blocks(blocks);
    rest.is_empty()
}

/// Returns whether the bytes are whole blocks.
fn decrypt<C: BlockModeDecrypt + BlockSizeUser<BlockSize: ArraySize>>(
    cipher: &mut C,
    bytes: &mut [u8],
) -> bool {
    let (blocks, rest) = Array::slice_as_chunks_mut(bytes);
    cipher.decrypt_blocks(blocks);
    rest.is_empty()
}
