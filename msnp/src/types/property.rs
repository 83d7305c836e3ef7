use super::{Phone, PhoneNumber};

/// Something of a principal besides his name that his contacts may know (MSNP5).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Property {
    /// `PHH`, `PHW`, `PHM`: a telephone number; none if he has given none.
    Phone(Phone, Option<PhoneNumber>),
    /// `MOB`: whether his contacts may page his mobile device.
    MayPage(bool),
    /// `MBE`: whether he has a mobile device that can be paged. Only the server says it.
    MobileEnabled(bool),
}

impl Property {
    /// Its name on the wire.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Property::Phone(phone, _) => phone.as_str(),
            Property::MayPage(_) => "MOB",
            Property::MobileEnabled(_) => "MBE",
        }
    }
}
