//! Values that are checked while the file is parsed, so that an error names their place in it.

use crate::text::invalid_sign_in_name;
use msnp::{Country, FriendlyName, GroupName, Handle, PhoneNumber, ProfileText};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::fmt::{self, Display, Formatter};

pub(super) fn handle<'de, D: Deserializer<'de>>(from: D) -> Result<Handle, D::Error> {
    checked_handle(&String::deserialize(from)?)
}

pub(super) fn name<'de, D: Deserializer<'de>>(from: D) -> Result<FriendlyName, D::Error> {
    checked_name(&String::deserialize(from)?)
}

/// Parses an optional name.
pub(super) fn optional_name<'de, D>(from: D) -> Result<Option<FriendlyName>, D::Error>
where
    D: Deserializer<'de>,
{
    Option::<String>::deserialize(from)?.map(|text| checked_name(&text)).transpose()
}

/// Parses an optional telephone number.
pub(super) fn phone_number<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<PhoneNumber>, D::Error> {
    let number = |text: String| {
        let bounds = Bounds(PhoneNumber::MAX_ENCODED);
        checked(PhoneNumber::new(&text).map_err(|_| bounds), &text, "a telephone number")
    };
    Option::<String>::deserialize(from)?.map(number).transpose()
}

/// Parses a first or last name of the member directory.
pub(super) fn profile_text<'de, D: Deserializer<'de>>(from: D) -> Result<ProfileText, D::Error> {
    checked_profile_text(&String::deserialize(from)?)
}

/// Parses an optional city or state.
pub(super) fn city_or_state<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<ProfileText>, D::Error> {
    Option::<String>::deserialize(from)?.map(|text| checked_profile_text(&text)).transpose()
}

/// Parses an optional country.
pub(super) fn country<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Country>, D::Error> {
    let country = |text: String| {
        let country = Country::parse(text.as_bytes());
        checked(country.ok_or("a country has two letters, such as US"), &text, "a country")
    };
    Option::<String>::deserialize(from)?.map(country).transpose()
}

fn checked_profile_text<E: Error>(text: &str) -> Result<ProfileText, E> {
    let bounds = Bounds(ProfileText::MAX_ENCODED);
    let parsed = ProfileText::new(text).map_err(|_| format!("{bounds}, and must not be *"));
    checked(parsed, text, "a name or a place of the member directory")
}

pub(super) fn checked_handle<E: Error>(text: &str) -> Result<Handle, E> {
    Handle::new(text).map_err(|error| E::custom(invalid_sign_in_name(text, &error)))
}

pub(super) fn checked_name<E: Error>(text: &str) -> Result<FriendlyName, E> {
    checked(FriendlyName::new(text), text, "a friendly name")
}

pub(super) fn checked_group_name<E: Error>(text: &str) -> Result<GroupName, E> {
    let bounds = Bounds(GroupName::MAX_ENCODED);
    checked(GroupName::new(text).map_err(|_| bounds), text, "the name of a group")
}

/// Turns the error of a parsed value into one that quotes the text and names what it must be.
fn checked<T, W: Display, E: Error>(
    parsed: Result<T, W>,
    text: &str,
    expected: &str,
) -> Result<T, E> {
    parsed.map_err(|error| E::custom(format!("{text:?} is not {expected}: {error}")))
}

/// The message about a text that must have at most this many bytes in the form in which the protocol sends
/// it.
struct Bounds(usize);

impl Display for Bounds {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Bounds(max) = self;
        write!(f, "it must have 1 to {max} bytes in encoded form and no control characters")
    }
}
