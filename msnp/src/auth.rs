//! MD5 authentication: the server sends a challenge, the client answers with the MD5 of challenge
//! and password (the draft §7.4).
//!
//! The challenge comes first in the hash, so whoever checks a fresh challenge needs the password
//! itself; no digest of it will do.

use crate::types::Token;
use md5::Md5;
use md5::digest::Digest as _;
use subtle::ConstantTimeEq;

/// A challenge: at most 129 characters without blanks, since Miranda 0.1 has room for no more.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Challenge(Token<{ Challenge::MAX }>);

impl Challenge {
    /// The most characters of a challenge.
    pub const MAX: usize = 129;

    /// A fresh challenge in the form of the Microsoft servers, seconds since 1970, a dot and nine
    /// digits: nothing that parses it can fail.
    pub fn from_entropy(now: u64, random: u32) -> Option<Challenge> {
        let mut text = heapless::String::<32>::new();
        let digits = random % 1_000_000_000;
        core::fmt::write(&mut text, format_args!("{now}.{digits:09}")).ok()?;
        Challenge::parse(text.as_bytes())
    }

    /// Reads a challenge.
    pub fn parse(word: &[u8]) -> Option<Challenge> {
        Token::parse(word).map(Challenge)
    }

    /// The challenge as it is sent.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// The answer to a challenge. Comparing takes the same time for any two digests.
#[derive(Clone, Copy)]
pub struct Digest([u8; 16]);

secret_in_logs!(Digest);

impl Digest {
    /// The digest that proves knowledge of `password`.
    pub fn of(challenge: &Challenge, password: &[u8]) -> Digest {
        let mut hash = Md5::new();
        hash.update(challenge.as_str().as_bytes());
        hash.update(password);
        Digest(hash.finalize().into())
    }

    /// Reads 32 hexadecimal digits of any case.
    pub fn parse(word: &[u8]) -> Option<Digest> {
        let mut bytes = [0; 16];
        let decoded = base16ct::mixed::decode(word, &mut bytes).ok()?;
        (decoded.len() == 16).then_some(Digest(bytes))
    }

    /// The digest as it is sent: 32 lower-case hexadecimal digits.
    pub fn text(&self) -> heapless::String<32> {
        let mut buffer = [0; 32];
        let text = base16ct::lower::encode_str(&self.0, &mut buffer).unwrap_or_default();
        heapless::String::try_from(text).unwrap_or_default()
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Digest) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Digest {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_protocol() {
        // Computed with md5sum of challenge and password.
        let vectors = [
            ("1013928519.693957190", "secret", "0dc38e0c96e5ef37eb9451a0b2d5aaf9"),
            ("1013928519.693957190", "wrong", "4defbce7c47cdefde3f65eef6eee786e"),
            ("1", "a", "efaa153b0f682ae5170a3184fa0df28c"),
            ("1013928519.1", "pass word", "55744dd7b68a1653367085b5bc76717b"),
            // Recorded from Gaim 0.43.
            ("f252ffb84418e67", "123456", "9d91faacbef7b064d9023fe2710174ad"),
        ];
        for (challenge, password, digest) in vectors {
            let challenge = Challenge::parse(challenge.as_bytes()).unwrap();
            assert_eq!(Digest::of(&challenge, password.as_bytes()).text(), digest);
        }
    }

    #[test]
    fn hexadecimal_digits_of_any_case_are_read() {
        let lower = Digest::parse(b"0dc38e0c96e5ef37eb9451a0b2d5aaf9").unwrap();
        assert_eq!(Digest::parse(b"0DC38E0C96E5EF37EB9451A0B2D5AAF9"), Some(lower));
        assert_eq!(Digest::parse(b"0dc38e0c96e5ef37eb9451a0b2d5aaf"), None);
        assert_eq!(Digest::parse(b"0dc38e0c96e5ef37eb9451a0b2d5aaf90d"), None);
        assert_eq!(Digest::parse(b"xxc38e0c96e5ef37eb9451a0b2d5aaf9"), None);
    }

    #[test]
    fn a_challenge_has_the_historic_form() {
        let challenge = Challenge::from_entropy(1_013_928_519, 93_957_190).unwrap();
        assert_eq!(challenge.as_str(), "1013928519.093957190");
        assert!(Challenge::from_entropy(u64::MAX, u32::MAX).is_some());
    }
}
