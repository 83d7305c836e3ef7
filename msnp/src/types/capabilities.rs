use crate::line::number;

/// What a client can do, as bits (since MSNP8). Its user's contacts get them with the user's state. Servers
/// relay them and interpret none.
///
/// ```
/// use msnp::Capabilities;
///
/// // MSN Messenger 6.2 (the highest four bits are a number) that renders ink and sends long messages in pieces.
/// let sent = Capabilities::parse(b"805306404").unwrap();
/// assert_eq!(sent.bits(), 0x3000_0024);
/// assert_eq!(sent.to_string(), "805306404");
/// assert_eq!(Capabilities::parse(b"-1"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Capabilities(u32);

impl Capabilities {
    /// No capability. Contacts see this of users whose client has sent none.
    pub const NONE: Capabilities = Capabilities(0);

    /// Returns the capabilities with these bits.
    pub const fn new(bits: u32) -> Capabilities {
        Capabilities(bits)
    }

    /// Parses a decimal number such as `268435492`. Returns `None` if it is illegal.
    pub fn parse(word: &[u8]) -> Option<Capabilities> {
        number(word).map(Capabilities)
    }

    /// Returns the bits.
    pub const fn bits(self) -> u32 {
        self.0
    }
}

impl core::fmt::Display for Capabilities {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}
