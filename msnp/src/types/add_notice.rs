/// The `GTC` setting: what a client does when somebody adds me. The server only stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum AddNotice {
    /// `A`: the client asks.
    #[default]
    Ask,
    /// `N`: the client allows him without asking.
    Silent,
}

impl AddNotice {
    /// The setting of this name.
    pub fn parse(word: &[u8]) -> Option<AddNotice> {
        match word {
            b"A" => Some(AddNotice::Ask),
            b"N" => Some(AddNotice::Silent),
            _ => None,
        }
    }

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            AddNotice::Ask => "A",
            AddNotice::Silent => "N",
        }
    }
}
