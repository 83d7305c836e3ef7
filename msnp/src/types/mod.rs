//! The values in commands. A value can be made only by a function that checks it, so every value is
//! legal.
//!
//! `parse` decodes a word as it is sent; `new` checks a decoded value. Every type has a fixed
//! capacity. All of them are re-exported at the root of the crate.
//!
//! ```
//! use msnp::types::{Handle, List, State, TrId};
//!
//! assert_eq!(Handle::parse(b"Bob@Example.com").unwrap().as_str(), "bob@example.com");
//! assert_eq!(List::parse(b"RL"), Some(List::Reverse));
//! assert_eq!(State::parse(b"hdn"), Some(State::Hidden));
//! // A transaction ID keeps its leading zeros, and fits in 32 bits.
//! assert_eq!(TrId::parse(b"007").unwrap().leading_zeros(), 2);
//! assert_eq!(TrId::parse(b"4294967296"), None);
//! ```

mod add_notice;
mod capabilities;
mod cookie;
mod country;
mod dialect;
mod encoded;
mod endpoint;
mod error_code;
mod friendly_name;
mod group_id;
mod group_ids;
mod group_name;
mod guid;
mod handle;
mod later_dialects;
mod list;
mod list_form;
mod list_stamp;
mod list_version;
mod member_profile;
mod membership;
mod out_of_range;
mod phone_kind;
mod phone_number;
mod presence_fields;
mod privacy;
mod profile_text;
mod property;
mod requested_name;
mod session_id;
mod state;
mod token;
mod trid;
mod visible;
mod windows_1252;

pub use add_notice::AddNotice;
pub use capabilities::Capabilities;
pub use cookie::Cookie;
pub use country::Country;
pub use dialect::Dialect;
pub use encoded::{Encoded, TextError};
pub use endpoint::Endpoint;
pub use error_code::ErrorCode;
pub use friendly_name::{FriendlyName, FriendlyNameError};
pub use group_id::GroupId;
pub use group_ids::GroupIds;
pub use group_name::GroupName;
pub use guid::Guid;
pub use handle::{Handle, HandleError};
pub use later_dialects::LaterDialects;
pub use list::List;
pub use list_form::ListForm;
pub use list_stamp::ListStamp;
pub use list_version::ListVersion;
pub use member_profile::MemberProfile;
pub use membership::Membership;
pub use out_of_range::OutOfRangeError;
pub use phone_kind::PhoneKind;
pub use phone_number::PhoneNumber;
pub use presence_fields::PresenceFields;
pub use privacy::Privacy;
pub use profile_text::ProfileText;
pub use property::Property;
pub use requested_name::RequestedName;
pub use session_id::SessionId;
pub use state::{State, SubState};
pub use token::Token;
pub use trid::TrId;

/// Implements `Display` with the text of `as_str`.
macro_rules! display_as_str {
    ($($type:ty),+) => {$(
        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}
display_as_str!(
    Cookie,
    Country,
    Dialect,
    FriendlyName,
    GroupName,
    Handle,
    List,
    PhoneKind,
    PhoneNumber,
    Privacy,
    ProfileText,
    AddNotice
);

/// Serialises a type as its text, and checks the text when it is deserialised.
#[cfg(feature = "serde")]
macro_rules! serde_as_text {
    ($($type:ty: $what:literal, $parse:expr;)+) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct TextVisitor;
                impl serde::de::Visitor<'_> for TextVisitor {
                    type Value = $type;
                    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                        f.write_str($what)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        let parse: fn(&str) -> Option<$type> = $parse;
                        parse(text).ok_or_else(|| E::custom(concat!("not ", $what)))
                    }
                }
                deserializer.deserialize_str(TextVisitor)
            }
        }
    )+};
}
#[cfg(feature = "serde")]
serde_as_text! {
    Cookie: "a switchboard cookie", |text| Cookie::parse(text.as_bytes());
    Country: "a country of two letters", |text| Country::parse(text.as_bytes());
    Dialect: "a dialect such as MSNP2", |text| Dialect::parse(text.as_bytes());
    FriendlyName: "a friendly name", |text| FriendlyName::new(text).ok();
    GroupName: "the name of a group", |text| GroupName::new(text).ok();
    Handle: "a user handle such as alice@example.com", |text| Handle::new(text).ok();
    List: "a list: FL, AL, BL or RL", |text| List::parse(text.as_bytes());
    PhoneNumber: "a telephone number", |text| PhoneNumber::new(text).ok();
    ProfileText: "a name or a place of the member directory", |text| ProfileText::new(text).ok();
    State: "a state of three letters", |text| State::parse(text.as_bytes());
}
