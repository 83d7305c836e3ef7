/// The `BLP` setting: whether users on neither the allow list nor the block list may see and call
/// the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Privacy {
    /// `AL`: everyone except the users on the block list may.
    #[default]
    AllowOthers,
    /// `BL`: only users on the allow list may.
    BlockOthers,
}

impl Privacy {
    /// Parses `AL` or `BL`. Returns `None` for anything else.
    pub fn parse(word: &[u8]) -> Option<Privacy> {
        match word {
            b"AL" => Some(Privacy::AllowOthers),
            b"BL" => Some(Privacy::BlockOthers),
            _ => None,
        }
    }

    /// Returns the setting as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Privacy::AllowOthers => "AL",
            Privacy::BlockOthers => "BL",
        }
    }
}
