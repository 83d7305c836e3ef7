/// The `GTC` setting: what the client does when another user adds its user as a contact. The server
/// only stores the setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum AddNotice {
    /// `A`: the client asks its user.
    #[default]
    Ask,
    /// `N`: the client allows the other user without asking.
    Silent,
}

impl AddNotice {
    /// Parses `A` or `N`. Returns `None` for anything else.
    pub fn parse(word: &[u8]) -> Option<AddNotice> {
        match word {
            b"A" => Some(AddNotice::Ask),
            b"N" => Some(AddNotice::Silent),
            _ => None,
        }
    }

    /// Returns the setting as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            AddNotice::Ask => "A",
            AddNotice::Silent => "N",
        }
    }
}
