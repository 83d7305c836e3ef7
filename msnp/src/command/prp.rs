//! `PRP`: sets the user's telephone numbers and paging permission. Since MSNP5;
//! [the wiki](crate#sources) documents it.

use super::syn::parse_list_version;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{
    Dialect, ErrorCode, ListVersion, PhoneKind, PhoneNumber, Property, TextError, TrId,
};
use core::ops::Range;

/// `PRP trid property [value]`. Without a value the property is cleared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Prp {
    /// Transaction ID.
    pub trid: TrId,
    /// The property and its new value. Never `MBE`, which only the server sets.
    pub property: Property,
}

/// `PRP trid version property [value]`: the reply to `PRP`, and part of the reply to `SYN`. It has
/// a transaction ID in both cases (`Quirk::PropertyAtFixedPlace`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PrpReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The list version of the account.
    pub version: ListVersion,
    /// The property and its value.
    pub property: Property,
}

impl<'a> Command<'a> for Prp {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Prp, DecodeError> {
        let trid = words.trid()?;
        match read_property(words)? {
            Property::MobileEnabled(_) => Err(DecodeError::invalid(
                "property: only the server sets it",
                ErrorCode::NotExpected,
            )),
            property => Ok(Prp { trid, property }),
        }
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        write_property(Line::new(out, CommandName::Prp).trid(self.trid), &self.property).end()
    }

    fn secret_words(&self) -> Range<usize> {
        secret_words_of(&self.property, 3)
    }
}

impl<'a> Command<'a> for PrpReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<PrpReply, DecodeError> {
        let trid = words.trid()?;
        let version = words.parse("list version", parse_list_version)?;
        Ok(PrpReply { trid, version, property: read_property(words)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let line = Line::new(out, CommandName::Prp).trid(self.trid).number(self.version.value());
        write_property(line, &self.property).end()
    }

    fn secret_words(&self) -> Range<usize> {
        secret_words_of(&self.property, 4)
    }
}

/// Reads a property and its value. The connection closes if the property's name is not three
/// letters, or a telephone number has more than [`PhoneNumber::MAX_ENCODED`] bytes. An unknown name
/// is error 715 (the wiki).
pub(super) fn read_property(words: &mut Words<'_>) -> Result<Property, DecodeError> {
    let name = words.required("property")?;
    if name.len() != 3 || !name.iter().all(u8::is_ascii_alphabetic) {
        return Err(DecodeError::malformed("property"));
    }
    if let Some(phone) = PhoneKind::parse(name) {
        let number = words.next().map(PhoneNumber::parse).transpose();
        return match number {
            Ok(number) => Ok(Property::Phone(phone, number)),
            Err(TextError::TooLong) => Err(DecodeError::malformed("telephone number: too long")),
            Err(_) => Err(DecodeError::invalid("telephone number", ErrorCode::InvalidParameter)),
        };
    }
    match name {
        b"MOB" => read_yes_or_no(words).map(Property::MayPage),
        b"MBE" => read_yes_or_no(words).map(Property::MobileEnabled),
        _ => Err(DecodeError::invalid("property", ErrorCode::NotExpected)),
    }
}

fn read_yes_or_no(words: &mut Words<'_>) -> Result<bool, DecodeError> {
    match words.next() {
        Some(b"Y") => Ok(true),
        Some(b"N") | None => Ok(false),
        Some(_) => Err(DecodeError::invalid("Y or N", ErrorCode::InvalidParameter)),
    }
}

/// Writes a property and its value. A missing number is left out.
pub(super) fn write_property<'o>(line: Line<'o>, property: &Property) -> Line<'o> {
    let line = line.word(property.as_str());
    match property {
        Property::Phone(_, None) => line,
        Property::Phone(_, Some(number)) => line.encoded(number.encoded()),
        Property::MayPage(yes) | Property::MobileEnabled(yes) => {
            line.word(if *yes { "Y" } else { "N" })
        }
    }
}

/// Returns the positions of the words that no log may show: those of a telephone number. Other
/// values are no secret. `position` is the position of the value.
pub(super) fn secret_words_of(property: &Property, position: usize) -> Range<usize> {
    match property {
        Property::Phone(..) => position..usize::MAX,
        Property::MayPage(_) | Property::MobileEnabled(_) => 0..0,
    }
}
