/// The `GTC` setting: what a client does when somebody adds me. The server only stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Prompting {
    /// `A`: the client asks.
    #[default]
    Ask,
    /// `N`: the client allows him without asking.
    Silent,
}

impl Prompting {
    /// The setting of this name.
    pub fn parse(word: &[u8]) -> Option<Prompting> {
        match word {
            b"A" => Some(Prompting::Ask),
            b"N" => Some(Prompting::Silent),
            _ => None,
        }
    }

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Prompting::Ask => "A",
            Prompting::Silent => "N",
        }
    }
}
