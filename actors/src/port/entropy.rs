use msnp::auth::Challenge;
use msnp::{Cookie, ListVersion, SessionId};

/// The source of unpredictable numbers, for challenges, cookies and session ids. Tests that expect exact
/// bytes use a fixed one.
pub trait Entropy {
    /// Returns 128 unpredictable random bits.
    fn bits(&self) -> u128;

    /// Returns a new challenge for a sign-in. It contains the time `now`, in seconds since 1970.
    /// Never returns `None`.
    fn challenge(&self, now: u64) -> Option<Challenge> {
        Challenge::from_entropy(now, self.word())
    }

    /// Returns a new client challenge (`CHL`). Never returns `None`.
    fn client_challenge(&self) -> Option<Challenge> {
        let [a, b, c, d, e, f, g, h, ..] = self.bits().to_le_bytes();
        Challenge::for_client(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }

    /// Returns a new cookie.
    fn cookie(&self) -> Cookie {
        Cookie::from_entropy(self.bits())
    }

    /// Returns an id for a new conversation.
    fn session_id(&self) -> SessionId {
        SessionId::from_entropy(self.word())
    }

    /// Returns the first list version of a new account.
    fn list_version(&self) -> ListVersion {
        ListVersion::from_entropy(self.word())
    }

    /// Returns 32 unpredictable random bits.
    fn word(&self) -> u32 {
        let [a, b, c, d, ..] = self.bits().to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }
}

impl<F: Fn() -> u128> Entropy for F {
    fn bits(&self) -> u128 {
        self()
    }
}
