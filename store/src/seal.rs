//! Passwords at rest. MD5 sign-in hashes the server's challenge first, so no digest of a password
//! is enough to check it: the password itself is kept, sealed with XChaCha20-Poly1305. Whoever has
//! the file without the key learns no password; whoever has both has all of them.

use actors::port::StoreError;
use actors::port::store::{AccountId, Password};
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305, XNonce};
use msnp::ListVersion;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The bytes of a key.
pub(crate) type KeyBytes = Zeroizing<[u8; 32]>;

/// The longest password. Shorter ones are sealed with zeros behind them, which no password has, so
/// that a sealed one does not tell its length.
const LONGEST: usize = 16;

/// A password in clear; it is wiped when it is dropped.
pub(crate) struct Clear(Zeroizing<[u8; LONGEST]>);

impl Clear {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(LONGEST);
        self.0.get(..end).unwrap_or_default()
    }
}

/// A password as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Sealed {
    nonce: [u8; 24],
    text: [u8; LONGEST],
    tag: [u8; 16],
}

/// What seals and unseals. Cipher and key are wiped when they are dropped.
pub(crate) struct Key {
    cipher: XChaCha20Poly1305,
    bytes: KeyBytes,
}

impl Key {
    pub(crate) fn new(bytes: &KeyBytes) -> Key {
        let array: &[u8; 32] = bytes;
        Key { cipher: XChaCha20Poly1305::new(array.into()), bytes: bytes.clone() }
    }

    /// The bytes that it was made of.
    pub(crate) fn bytes(&self) -> &KeyBytes {
        &self.bytes
    }

    /// Seals an account's password; it can be unsealed as that account's only.
    pub(crate) fn seal(&self, id: AccountId, password: &Password) -> Result<Sealed, StoreError> {
        let mut text = Zeroizing::new([0; LONGEST]);
        for (to, from) in text.iter_mut().zip(password.as_str().bytes()) {
            *to = from;
        }
        self.seal_as(&id.0.to_be_bytes(), &mut text)
    }

    /// An account's password, if it was sealed for it and with this key.
    pub(crate) fn unseal(&self, id: AccountId, sealed: &Sealed) -> Option<Clear> {
        self.unseal_as(&id.0.to_be_bytes(), sealed).map(Clear)
    }

    /// [`Key::unseal`], if it is a password as they are set.
    pub(crate) fn password(&self, id: AccountId, sealed: &Sealed) -> Option<Password> {
        let clear = self.unseal(id, sealed)?;
        std::str::from_utf8(clear.as_bytes()).ok().and_then(Password::new)
    }

    /// Something that only this key unseals.
    pub(crate) fn check(&self) -> Result<Sealed, StoreError> {
        self.seal_as(b"key check", &mut Zeroizing::new([0; LONGEST]))
    }

    /// Whether that was made with this key.
    pub(crate) fn fits(&self, check: &Sealed) -> bool {
        self.unseal_as(b"key check", check).is_some()
    }

    fn seal_as(
        &self,
        whose: &[u8],
        text: &mut Zeroizing<[u8; LONGEST]>,
    ) -> Result<Sealed, StoreError> {
        let nonce: [u8; 24] = random()?;
        let tag = self
            .cipher
            .encrypt_inout_detached(&XNonce::from(nonce), whose, text.as_mut_slice().into())
            .map_err(|why| {
                StoreError::Io("sealing a password".to_owned(), why.to_string().into())
            })?;
        Ok(Sealed { nonce, text: **text, tag: tag.into() })
    }

    fn unseal_as(&self, whose: &[u8], sealed: &Sealed) -> Option<Zeroizing<[u8; LONGEST]>> {
        let mut text = Zeroizing::new(sealed.text);
        let (nonce, tag) = (XNonce::from(sealed.nonce), sealed.tag.into());
        let buffer = text.as_mut_slice().into();
        self.cipher.decrypt_inout_detached(&nonce, whose, buffer, &tag).ok()?;
        Some(text)
    }
}

/// A new key.
pub(crate) fn random_key() -> Result<KeyBytes, StoreError> {
    let mut bytes = Zeroizing::new([0; 32]);
    fill(bytes.as_mut_slice())?;
    Ok(bytes)
}

/// A password that nobody knows or can guess.
pub(crate) fn random_password() -> Result<Password, StoreError> {
    let mut bytes = Zeroizing::new([0; LONGEST]);
    fill(bytes.as_mut_slice())?;
    // 64 of the characters that passwords have.
    for byte in bytes.iter_mut() {
        *byte = b'0' + (*byte & 63);
    }
    let text = std::str::from_utf8(bytes.as_slice()).ok();
    text.and_then(Password::new)
        .ok_or_else(|| StoreError::Io("making up a password".to_owned(), "it is not legal".into()))
}

/// A list version of the system's random numbers.
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
    fn passwords_of_every_length_come_back() {
        for length in 1..=LONGEST {
            let password = Password::new(&"x".repeat(length)).unwrap();
            let sealed = key(7).seal(AccountId(1), &password).unwrap();
            let clear = key(7).unseal(AccountId(1), &sealed).unwrap();
            assert_eq!(clear.as_bytes(), password.as_str().as_bytes());
        }
    }

    #[test]
    fn a_password_that_is_made_up_is_a_long_one() {
        let passwords = [random_password().unwrap(), random_password().unwrap()];
        assert!(passwords.iter().all(|password| password.as_str().len() == Password::MAX));
        assert_ne!(passwords[0], passwords[1]);
        let sealed = key(7).seal(AccountId(1), &passwords[0]).unwrap();
        assert_eq!(key(7).password(AccountId(1), &sealed).as_ref(), Some(&passwords[0]));
        assert!(key(8).password(AccountId(1), &sealed).is_none());
    }

    #[test]
    fn every_sealing_is_different() {
        let password = Password::new("secret").unwrap();
        let one = key(7).seal(AccountId(1), &password).unwrap();
        let two = key(7).seal(AccountId(1), &password).unwrap();
        assert_ne!(one.nonce, two.nonce);
        assert_ne!(one.text, two.text);
    }

    #[test]
    fn another_key_another_account_and_a_changed_byte_do_not_unseal() {
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
    fn a_check_tells_the_key_from_another() {
        let check = key(7).check().unwrap();
        assert!(key(7).fits(&check));
        assert!(!key(8).fits(&check));
    }
}
