//! Encryption of stored passwords. MD5 sign-in hashes a challenge of the server before the
//! password, so a stored digest cannot check it. The password itself is stored, sealed with
//! XChaCha20-Poly1305. The store file without the key reveals no password. Both together reveal all
//! of them.

use actors::port::StoreError;
use actors::port::store::{AccountId, Password};
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305, XNonce};
use msnp::ListVersion;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub(crate) type KeyBytes = Zeroizing<[u8; 32]>;

/// The maximum length of a password. Shorter ones are padded with zeros, so that the sealed form
/// does not reveal the length. No password contains a zero.
const MAX_LENGTH: usize = 16;

/// A password in plain text. It is wiped when it is dropped.
pub(crate) struct ClearPassword(Zeroizing<[u8; MAX_LENGTH]>);

impl ClearPassword {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(MAX_LENGTH);
        self.0.get(..end).unwrap_or_default()
    }
}

/// A sealed password.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Sealed {
    nonce: [u8; 24],
    text: [u8; MAX_LENGTH],
    tag: [u8; 16],
}

/// The cipher and its key. Both are wiped when they are dropped.
pub(crate) struct Key {
    cipher: XChaCha20Poly1305,
    bytes: KeyBytes,
}

impl Key {
    pub(crate) fn new(bytes: &KeyBytes) -> Key {
        let array: &[u8; 32] = bytes;
        Key { cipher: XChaCha20Poly1305::new(array.into()), bytes: bytes.clone() }
    }

    pub(crate) fn bytes(&self) -> &KeyBytes {
        &self.bytes
    }

    /// Seals a password of an account. It cannot be unsealed for another account.
    pub(crate) fn seal(&self, id: AccountId, password: &Password) -> Result<Sealed, StoreError> {
        let mut text = Zeroizing::new([0; MAX_LENGTH]);
        for (to, from) in text.iter_mut().zip(password.as_str().bytes()) {
            *to = from;
        }
        self.seal_as(&id.0.to_be_bytes(), &mut text)
    }

    /// Unseals a password. Returns `None` if another key sealed it, or if it belongs to another
    /// account.
    pub(crate) fn unseal(&self, id: AccountId, sealed: &Sealed) -> Option<ClearPassword> {
        self.unseal_as(&id.0.to_be_bytes(), sealed).map(ClearPassword)
    }

    /// Like [`Key::unseal`]. Returns `None` also if the result is not a valid password.
    pub(crate) fn unseal_password(&self, id: AccountId, sealed: &Sealed) -> Option<Password> {
        let clear = self.unseal(id, sealed)?;
        std::str::from_utf8(clear.as_bytes()).ok().and_then(Password::new)
    }

    /// Returns a key check: a value that only this key unseals.
    pub(crate) fn make_check(&self) -> Result<Sealed, StoreError> {
        self.seal_as(b"key check", &mut Zeroizing::new([0; MAX_LENGTH]))
    }

    /// Whether this key made `check`.
    pub(crate) fn fits(&self, check: &Sealed) -> bool {
        self.unseal_as(b"key check", check).is_some()
    }

    fn seal_as(
        &self,
        context: &[u8],
        text: &mut Zeroizing<[u8; MAX_LENGTH]>,
    ) -> Result<Sealed, StoreError> {
        let nonce: [u8; 24] = random()?;
        let tag = self
            .cipher
            .encrypt_inout_detached(&XNonce::from(nonce), context, text.as_mut_slice().into())
            .map_err(|why| {
                StoreError::Io("sealing a password".to_owned(), why.to_string().into())
            })?;
        Ok(Sealed { nonce, text: **text, tag: tag.into() })
    }

    fn unseal_as(&self, context: &[u8], sealed: &Sealed) -> Option<Zeroizing<[u8; MAX_LENGTH]>> {
        let mut text = Zeroizing::new(sealed.text);
        let (nonce, tag) = (XNonce::from(sealed.nonce), sealed.tag.into());
        let buffer = text.as_mut_slice().into();
        self.cipher.decrypt_inout_detached(&nonce, context, buffer, &tag).ok()?;
        Some(text)
    }
}

pub(crate) fn random_key() -> Result<KeyBytes, StoreError> {
    let mut bytes = Zeroizing::new([0; 32]);
    fill(bytes.as_mut_slice())?;
    Ok(bytes)
}

/// A random password of the maximum length.
pub(crate) fn random_password() -> Result<Password, StoreError> {
    let mut bytes = Zeroizing::new([0; MAX_LENGTH]);
    fill(bytes.as_mut_slice())?;
    // Selects one of 64 characters that a password may contain.
    for byte in bytes.iter_mut() {
        *byte = b'0' + (*byte & 63);
    }
    let text = std::str::from_utf8(bytes.as_slice()).ok();
    text.and_then(Password::new)
        .ok_or_else(|| StoreError::Io("generating a password".to_owned(), "it is not valid".into()))
}

pub(crate) fn random_version() -> Result<ListVersion, StoreError> {
    Ok(ListVersion::from_entropy(u32::from_le_bytes(random()?)))
}

fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

fn fill(bytes: &mut [u8]) -> Result<(), StoreError> {
    getrandom::fill(bytes).map_err(|why| {
        StoreError::Io("the system's random numbers".to_owned(), why.to_string().into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key {
        Key::new(&Zeroizing::new([byte; 32]))
    }

    #[test]
    fn passwords_of_every_length_are_unsealed() {
        for length in 1..=MAX_LENGTH {
            let password = Password::new(&"x".repeat(length)).unwrap();
            let sealed = key(7).seal(AccountId(1), &password).unwrap();
            let clear = key(7).unseal(AccountId(1), &sealed).unwrap();
            assert_eq!(clear.as_bytes(), password.as_str().as_bytes());
        }
    }

    #[test]
    fn a_generated_password_has_the_maximum_length() {
        let passwords = [random_password().unwrap(), random_password().unwrap()];
        assert!(passwords.iter().all(|password| password.as_str().len() == Password::MAX));
        assert_ne!(passwords[0], passwords[1]);
        let sealed = key(7).seal(AccountId(1), &passwords[0]).unwrap();
        assert_eq!(key(7).unseal_password(AccountId(1), &sealed).as_ref(), Some(&passwords[0]));
        assert!(key(8).unseal_password(AccountId(1), &sealed).is_none());
    }

    #[test]
    fn sealing_twice_gives_different_results() {
        let password = Password::new("secret").unwrap();
        let one = key(7).seal(AccountId(1), &password).unwrap();
        let two = key(7).seal(AccountId(1), &password).unwrap();
        assert_ne!(one.nonce, two.nonce);
        assert_ne!(one.text, two.text);
    }

    #[test]
    fn another_key_another_account_or_a_changed_byte_does_not_unseal() {
        let password = Password::new("secret").unwrap();
        let sealed = key(7).seal(AccountId(1), &password).unwrap();
        assert!(key(8).unseal(AccountId(1), &sealed).is_none());
        assert!(key(7).unseal(AccountId(2), &sealed).is_none());
        let mut changed = sealed.clone();
        changed.text[0] ^= 1;
        assert!(key(7).unseal(AccountId(1), &changed).is_none());
        assert!(!key(7).fits(&sealed));
    }

    #[test]
    fn a_key_check_fits_only_its_key() {
        let check = key(7).make_check().unwrap();
        assert!(key(7).fits(&check));
        assert!(!key(8).fits(&check));
    }
}
