use super::{PhoneKind, PhoneNumber};

/// A property of a user that contacts may see. Since MSNP5.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Property {
    /// `PHH`, `PHW`, `PHM`: a telephone number, or `None` if the user has not set it.
    Phone(PhoneKind, Option<PhoneNumber>),
    /// `MOB`: whether contacts may page the user's mobile device.
    MayPage(bool),
    /// `MBE`: whether the user has a mobile device that can be paged. Only the server sets it.
    MobileEnabled(bool),
}

impl Property {
    /// Returns the name as it is sent, such as `MOB`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Property::Phone(phone, _) => phone.as_str(),
            Property::MayPage(_) => "MOB",
            Property::MobileEnabled(_) => "MBE",
        }
    }
}
