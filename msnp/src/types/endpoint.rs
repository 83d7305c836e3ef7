use core::net::SocketAddrV4;

/// The address of a server: a dotted IPv4 address and a port, since one client accepts only digits
/// and dots (`Quirk::DottedAddress`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Endpoint(pub SocketAddrV4);

impl Endpoint {
    /// The maximum length as text, in characters: `255.255.255.255:65535`.
    pub const MAX: usize = 21;

    /// Parses `address:port`. Returns `None` if it is illegal.
    pub fn parse(word: &[u8]) -> Option<Endpoint> {
        core::str::from_utf8(word).ok()?.parse().ok().map(Endpoint)
    }

    /// Returns the address as it is sent.
    pub fn text(self) -> heapless::String<{ Endpoint::MAX }> {
        let mut text = heapless::String::new();
        // The longest address fits.
        let _ = core::fmt::write(&mut text, format_args!("{}", self.0));
        text
    }
}

impl core::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Endpoint {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=str}", self.text().as_str());
    }
}
