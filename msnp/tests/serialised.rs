//! Values are checked when they are deserialised.
#![cfg(feature = "serde")]

use msnp::command::VerReplyForm;
use msnp::*;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, MapDeserializer};

fn from_text<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, Error> {
    T::deserialize(text.into_deserializer())
}

fn from_number<T: for<'de> Deserialize<'de>>(number: u32) -> Result<T, Error> {
    T::deserialize(number.into_deserializer())
}

fn trid(value: u32, leading_zeros: u32) -> Result<TrId, Error> {
    let fields = [("value", value), ("leading_zeros", leading_zeros)];
    TrId::deserialize(MapDeserializer::new(fields.into_iter()))
}

#[test]
fn texts_are_parsed() {
    assert_eq!(from_text("Alice@Example.com"), Ok(Handle::new("alice@example.com").unwrap()));
    assert_eq!(from_text("100% Zoë"), Ok(FriendlyName::new("100% Zoë").unwrap()));
    assert_eq!(from_text("1.2"), Ok(Cookie::parse(b"1.2").unwrap()));
    assert_eq!(from_text("MSNP2"), Ok(Dialect::Msnp2));
    assert_eq!(from_text("RL"), Ok(List::Reverse));
    assert_eq!(from_text("HDN"), Ok(State::Hidden));
    assert_eq!(from_text("Co workers"), Ok(GroupName::new("Co workers").unwrap()));
    assert_eq!(from_text("555 123"), Ok(PhoneNumber::new("555 123").unwrap()));
    assert_eq!(from_text("Zoë"), Ok(ProfileText::new("Zoë").unwrap()));
    assert_eq!(from_text("us"), Ok(Country::UNITED_STATES));
    assert!(from_text::<ProfileText>("*").is_err());
    assert!(from_text::<Country>("USA").is_err());
    assert!(from_text::<GroupName>(&"a".repeat(62)).is_err());
    assert!(from_text::<PhoneNumber>("").is_err());
    assert_eq!(from_text("list"), Ok(VerReplyForm::List));
    assert_eq!(from_text("single"), Ok(VerReplyForm::Single));
    assert!(from_text::<VerReplyForm>("both").is_err());
    assert!(from_text::<Handle>("alice").is_err());
    assert!(from_text::<FriendlyName>("").is_err());
    assert!(from_text::<FriendlyName>("a\r\nOUT").is_err());
    assert!(from_text::<Cookie>("1 2").is_err());
    assert!(from_text::<Dialect>("MSNP1").is_err());
    assert!(from_text::<List>("XL").is_err());
    assert!(from_text::<State>("ONLINE").is_err());
}

#[test]
fn numbers_are_in_range() {
    assert_eq!(from_number(66_000_021), Ok(ListVersion::new(66_000_021).unwrap()));
    assert_eq!(from_number(11_752_013), Ok(SessionId::new(11_752_013).unwrap()));
    assert!(from_number::<ListVersion>(0).is_err());
    assert!(from_number::<ListVersion>(1 << 31).is_err());
    assert!(from_number::<SessionId>(SessionId::MIN - 1).is_err());
    assert!(from_number::<SessionId>(1 << 31).is_err());
}

#[test]
fn a_transaction_id_has_at_most_ten_digits() {
    assert_eq!(trid(7, 2), Ok(TrId::parse(b"007").unwrap()));
    assert_eq!(trid(0, 9), Ok(TrId::parse(b"0000000000").unwrap()));
    assert_eq!(trid(u32::MAX, 0), Ok(TrId::new(u32::MAX)));
    assert!(trid(0, 10).is_err());
    assert!(trid(u32::MAX, 1).is_err());
    assert!(trid(7, 255).is_err());
}
