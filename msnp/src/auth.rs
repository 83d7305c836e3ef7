//! MD5 authentication: the server sends a [`Challenge`], and the client responds with a [`Digest`],
//! the MD5 of the challenge and the password ([the draft](crate#sources) §7.4).
//!
//! The challenge comes first in the hash. So a server needs the password itself to check a
//! response; a stored digest of the password is not enough.
//!
//! A challenge to the client program (`CHL`, since MSNP6) works in the same way. Instead of a
//! password, there is a key, which is the same in all copies of the program.
//!
//! ```
//! use msnp::auth::{Challenge, Digest};
//!
//! // The server: a challenge from the time and a random number.
//! let challenge = Challenge::from_entropy(1_013_928_519, 693_957_190).unwrap();
//! assert_eq!(challenge.as_str(), "1013928519.693957190");
//!
//! // The client: `USR 7 MD5 S <digest>`.
//! let response = Digest::of(&challenge, b"secret").text();
//! assert_eq!(response, "0dc38e0c96e5ef37eb9451a0b2d5aaf9");
//!
//! // The server checks the response.
//! let response = Digest::parse(response.as_bytes()).unwrap();
//! assert!(response == Digest::of(&challenge, b"secret"));
//! assert!(response != Digest::of(&challenge, b"wrong"));
//! ```

use crate::types::Token;
use md5::Md5;
use md5::digest::Digest as _;
use subtle::ConstantTimeEq;

/// A challenge: 1 to [`Challenge::MAX`] printable ASCII characters without spaces. Miranda 0.1 has
/// room for no more (`Quirk::ShortChallengeBuffer`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Challenge(Token<{ Challenge::MAX }>);

impl Challenge {
    /// The maximum length of a challenge, in characters.
    pub const MAX: usize = 129;

    /// Makes a challenge in the form of the Microsoft servers: `now` in seconds since 1970, a dot,
    /// and nine digits of `random`. A client that parses challenges expects this form. Never
    /// returns `None`.
    pub fn from_entropy(now: u64, random: u32) -> Option<Challenge> {
        let mut text = heapless::String::<32>::new();
        let digits = random % 1_000_000_000;
        core::fmt::write(&mut text, format_args!("{now}.{digits:09}")).ok()?;
        Challenge::parse(text.as_bytes())
    }

    /// Makes a challenge to a client program: twenty digits, as the Microsoft servers sent. Never
    /// returns `None`.
    pub fn for_client(random: u64) -> Option<Challenge> {
        let mut text = heapless::String::<20>::new();
        core::fmt::write(&mut text, format_args!("{random:020}")).ok()?;
        Challenge::parse(text.as_bytes())
    }

    /// Parses a challenge. Returns `None` if it is illegal.
    pub fn parse(word: &[u8]) -> Option<Challenge> {
        Token::parse(word).map(Challenge)
    }

    /// Returns the challenge as it is sent.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// The response to a challenge: an MD5 digest of 16 bytes.
///
/// Comparing takes the same time for any two digests. The `Debug` form leaves the digest out.
#[derive(Clone, Copy)]
pub struct Digest([u8; 16]);

secret_in_logs!(Digest);

/// The id and the key of each known client program. The first pair is that of MSN Messenger 3.6 to
/// 4.7; Gaim, aMSN and ayttm send it as well (yellows111's wiki). The second is that of msnlib.
const CLIENT_KEYS: [(&str, &str); 2] =
    [("msmsgs@msnmsgr.com", "Q1P7W2E4J9R8U3S5"), ("PROD0038W!61ZTF9", "VT6PX?UQTM4WM%YR")];

impl Digest {
    /// Returns the digest that proves knowledge of `password`.
    pub fn of(challenge: &Challenge, password: &[u8]) -> Digest {
        let mut hash = Md5::new();
        hash.update(challenge.as_str().as_bytes());
        hash.update(password);
        Digest(hash.finalize().into())
    }

    /// Returns the digest with which a client program responds to a challenge, or `None` if its key
    /// is unknown. `client` is the program's id.
    ///
    /// ```
    /// use msnp::auth::{Challenge, Digest};
    ///
    /// let challenge = Challenge::parse(b"15570131571988941333").unwrap();
    /// let digest = Digest::of_client(&challenge, "msmsgs@msnmsgr.com").unwrap();
    /// assert_eq!(digest.text(), "8f2f5a91b72102cd28355e9fc9000d6e");
    /// ```
    pub fn of_client(challenge: &Challenge, client: &str) -> Option<Digest> {
        let (_, key) = CLIENT_KEYS.iter().find(|(id, _)| *id == client)?;
        Some(Digest::of(challenge, key.as_bytes()))
    }

    /// Parses 32 hexadecimal digits in any case. Returns `None` for anything else.
    pub fn parse(word: &[u8]) -> Option<Digest> {
        let mut bytes = [0; 16];
        let decoded = base16ct::mixed::decode(word, &mut bytes).ok()?;
        (decoded.len() == 16).then_some(Digest(bytes))
    }

    /// Returns the digest as it is sent: 32 lower-case hexadecimal digits.
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
    fn client_programs_respond_with_their_key() {
        let vectors = [
            // From yellows111's wiki, and from a session of MSNP7.
            ("11111111111111111111", "3b6666b60157322b6fc6e41a115968f5"),
            ("15571014051513461452", "42552f0294ce7b8ddcb4091192d8b910"),
            // Recorded from Gaim 0.43, Gaim of 2003, aMSN 0.61 and ayttm of 2003.
            ("15570131571988941333", "8f2f5a91b72102cd28355e9fc9000d6e"),
        ];
        for (challenge, digest) in vectors {
            let challenge = Challenge::parse(challenge.as_bytes()).unwrap();
            let of_messenger = Digest::of_client(&challenge, "msmsgs@msnmsgr.com").unwrap();
            assert_eq!(of_messenger.text(), digest);
            let of_msnlib = Digest::of_client(&challenge, "PROD0038W!61ZTF9").unwrap();
            assert!(of_msnlib != of_messenger);
            assert!(Digest::of_client(&challenge, "PROD0").is_none());
        }
    }

    #[test]
    fn a_challenge_to_a_client_program_has_twenty_digits() {
        assert_eq!(Challenge::for_client(7).unwrap().as_str(), "00000000000000000007");
        let longest = Challenge::for_client(u64::MAX).unwrap();
        assert_eq!(longest.as_str(), "18446744073709551615");
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
