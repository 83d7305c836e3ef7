use super::OutOfRangeError;

/// The number of a conversation on a switchboard, from [`SessionId::MIN`]
/// (`Quirk::TakesSessionIdForTransactionId`) to [`SessionId::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "u32", into = "u32"))]
pub struct SessionId(u32);

impl SessionId {
    /// The smallest session id.
    pub const MIN: u32 = 10_000_000;
    /// The largest session id, 2³¹−1.
    pub const MAX: u32 = i32::MAX.unsigned_abs();

    /// Returns a session id, or `None` if `value` is out of range.
    pub const fn new(value: u32) -> Option<SessionId> {
        if value < SessionId::MIN || value > SessionId::MAX { None } else { Some(SessionId(value)) }
    }

    /// Makes a session id from 32 random bits.
    pub const fn from_entropy(random: u32) -> SessionId {
        SessionId(SessionId::MIN + random % (SessionId::MAX - SessionId::MIN + 1))
    }

    /// Parses a decimal session id. Returns `None` if it is illegal.
    pub fn parse(word: &[u8]) -> Option<SessionId> {
        crate::line::number(word).and_then(SessionId::new)
    }

    /// Returns the number.
    pub const fn value(self) -> u32 {
        self.0
    }
}

impl From<SessionId> for u32 {
    fn from(id: SessionId) -> u32 {
        id.0
    }
}

impl TryFrom<u32> for SessionId {
    type Error = OutOfRangeError;
    fn try_from(value: u32) -> Result<SessionId, OutOfRangeError> {
        SessionId::new(value)
            .ok_or(OutOfRangeError { rule: "a session id is between 10000000 and 2147483647" })
    }
}

impl core::fmt::Display for SessionId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}
