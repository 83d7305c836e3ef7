use msnp::auth::Challenge;
use msnp::{Cookie, ListVersion, SessionId};

/// Where unpredictable numbers come from: challenges, cookies and session ids are made of them.
/// Scripts that expect exact bytes put their own in its place.
pub trait Entropy {
    /// 128 random bits that nobody can guess.
    fn bits(&self) -> u128;

    /// A fresh challenge for one sign-in.
    fn challenge(&self, now: u64) -> Option<Challenge> {
        Challenge::from_entropy(now, self.word())
    }

    /// A fresh challenge for a client program.
    fn program_challenge(&self) -> Option<Challenge> {
        let [a, b, c, d, e, f, g, h, ..] = self.bits().to_le_bytes();
        Challenge::for_client(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }

    /// A fresh cookie.
    fn cookie(&self) -> Cookie {
        Cookie::from_entropy(self.bits())
    }

    /// A number for a new conversation.
    fn session_id(&self) -> SessionId {
        SessionId::from_entropy(self.word())
    }

    /// The first list version of a new account.
    fn list_version(&self) -> ListVersion {
        ListVersion::from_entropy(self.word())
    }

    /// 32 random bits.
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
