//! The key and the certificates of a server.

use crate::secrets::SECRET_LEN;
use heapless::Vec;
use rand_core::TryCryptoRng;
use rsa::PrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use zeroize::Zeroizing;

/// The maximum size of all certificates together in bytes, with three bytes for the length of each.
pub const MAX_CHAIN: usize = 3072;

/// Key sizes in bits. Current clients refuse shorter keys, and Windows 98 cannot use longer ones.
const KEY_BITS: core::ops::RangeInclusive<u32> = 1024..=2048;

/// The key and the certificates that a server shows to all clients.
pub struct Identity {
    key: PrivateKey,
    chain: Vec<u8, MAX_CHAIN>,
}

/// Why a server cannot use a key and its certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The key is no RSA key in the form PKCS #8.
    #[error("this is no RSA key in the form PKCS #8 (DER)")]
    NoKey,
    /// The key is too short or too long.
    #[error("the key must have 1024 to 2048 bits")]
    KeySize,
    /// There is no certificate.
    #[error("there is no certificate")]
    NoCertificate,
    /// The certificates are too long.
    #[error("the certificates must have at most {MAX_CHAIN} bytes")]
    ChainTooLong,
}

impl Identity {
    /// Makes an identity of an RSA key (PKCS #8) and of certificates, the server's own first, all in
    /// DER. Whether they belong together is not checked.
    ///
    /// # Errors
    /// [`IdentityError`] if a server cannot use them.
    pub fn from_der(key: &[u8], certificates: &[&[u8]]) -> Result<Identity, IdentityError> {
        let key = PrivateKey::from_pkcs8_der(key).map_err(|_| IdentityError::NoKey)?;
        let public: &rsa::PublicKey = key.as_ref();
        if !KEY_BITS.contains(&rsa::traits::PublicKeyParts::n(public).bit_width()) {
            return Err(IdentityError::KeySize);
        }
        let mut chain = Vec::new();
        for certificate in certificates {
            let len = u32::try_from(certificate.len()).map_err(|_| IdentityError::ChainTooLong)?;
            let [_, len @ ..] = len.to_be_bytes();
            let is_added = chain.extend_from_slice(&len).is_ok()
                && chain.extend_from_slice(certificate).is_ok();
            if !is_added {
                return Err(IdentityError::ChainTooLong);
            }
        }
        if chain.is_empty() {
            return Err(IdentityError::NoCertificate);
        }
        Ok(Identity { key, chain })
    }

    /// Returns the certificates as in the message `Certificate`, each with its length.
    pub(crate) fn chain(&self) -> &[u8] {
        &self.chain
    }

    /// Decrypts a premaster secret. If anything is wrong with it, the result is random. So the
    /// client cannot find out what was wrong: the handshake always fails later, at the client's
    /// `Finished`.
    ///
    /// `offered` is the version in the client's first message. A valid secret begins with it.
    ///
    /// # Errors
    /// The source of random bytes failed.
    pub(crate) fn decrypt_premaster<R: TryCryptoRng + ?Sized>(
        &self,
        ciphertext: &[u8],
        offered: [u8; 2],
        rng: &mut R,
    ) -> Result<Zeroizing<[u8; SECRET_LEN]>, R::Error> {
        let mut premaster = Zeroizing::new([0; SECRET_LEN]);
        rng.try_fill_bytes(premaster.as_mut_slice())?;
        // The library returns no error for wrong padding, but bytes that depend on the ciphertext.
        let decrypted = self.key.pkcs1v15_decrypt_with_rng(rng, ciphertext).map(Zeroizing::new);
        let decrypted = decrypted.unwrap_or_default();
        let is_valid = decrypted.len() == SECRET_LEN && decrypted.starts_with(&offered);
        let choice = subtle::Choice::from(u8::from(is_valid));
        for (to, from) in premaster.iter_mut().zip(decrypted.iter()) {
            subtle::ConditionallySelectable::conditional_assign(to, from, choice);
        }
        Ok(premaster)
    }
}
