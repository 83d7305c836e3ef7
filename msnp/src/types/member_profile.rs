use super::{Country, ProfileText};

/// What the member directory has of a principal who wants to be found in it. His user handle is not
/// in it: whoever finds him does not learn that.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MemberProfile {
    /// His first name.
    pub first: ProfileText,
    /// His last name.
    pub last: ProfileText,
    /// His city, if he says it.
    pub city: Option<ProfileText>,
    /// His state of the country, if he says it.
    pub state: Option<ProfileText>,
    /// His country, if he says it.
    pub country: Option<Country>,
}
