/// The `BLP` setting: who may see and call me if he is on neither my allow nor my block list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Privacy {
    /// `AL`: everybody who is not on my block list.
    #[default]
    AllowOthers,
    /// `BL`: only those on my allow list.
    BlockOthers,
}

impl Privacy {
    /// The setting of this name.
    pub fn parse(word: &[u8]) -> Option<Privacy> {
        match word {
            b"AL" => Some(Privacy::AllowOthers),
            b"BL" => Some(Privacy::BlockOthers),
            _ => None,
        }
    }

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Privacy::AllowOthers => "AL",
            Privacy::BlockOthers => "BL",
        }
    }
}
