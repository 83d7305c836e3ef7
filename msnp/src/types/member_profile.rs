use super::{Country, ProfileText};

/// The entry of a user in the member directory. It has no user handle, because a search does not
/// reveal the handle.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MemberProfile {
    /// The first name.
    pub first: ProfileText,
    /// The last name.
    pub last: ProfileText,
    /// The city, if the user has set it.
    pub city: Option<ProfileText>,
    /// The state of the country, such as `NY`, if the user has set it.
    pub state: Option<ProfileText>,
    /// The country, if the user has set it.
    pub country: Option<Country>,
}
