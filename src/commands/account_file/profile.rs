use super::escape::{write_optional, write_text};
use super::value;
use msnp::{Country, MemberProfile, ProfileText};
use serde::{Deserialize, Serialize};

/// A user's entry in the member directory.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    #[serde(deserialize_with = "value::profile_text", serialize_with = "write_text")]
    first: ProfileText,
    #[serde(deserialize_with = "value::profile_text", serialize_with = "write_text")]
    last: ProfileText,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "value::city_or_state",
        serialize_with = "write_optional"
    )]
    city: Option<ProfileText>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "value::city_or_state",
        serialize_with = "write_optional"
    )]
    state: Option<ProfileText>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "value::country",
        serialize_with = "write_optional"
    )]
    country: Option<Country>,
}

impl From<MemberProfile> for Profile {
    fn from(profile: MemberProfile) -> Profile {
        let MemberProfile { first, last, city, state, country } = profile;
        Profile { first, last, city, state, country }
    }
}

impl From<Profile> for MemberProfile {
    fn from(profile: Profile) -> MemberProfile {
        let Profile { first, last, city, state, country } = profile;
        MemberProfile { first, last, city, state, country }
    }
}
