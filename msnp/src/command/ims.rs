//! `IMS`: sets whether the user can take part in conversations. Since MSNP3;
//! [the wiki](crate#sources) documents it.
//!
//! WebTV, which has no conversations, sends `OFF`.

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, ErrorCode, TrId};

/// `IMS trid ON|OFF`. Another value is error 715.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ims {
    /// Transaction ID.
    pub trid: TrId,
    /// Whether conversations are on.
    pub on: bool,
}

/// `IMS trid 0 ON|OFF`. The meaning of the 0 is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ImsReply {
    /// Transaction ID.
    pub trid: TrId,
    /// Whether conversations are on.
    pub on: bool,
}

impl<'a> Command<'a> for Ims {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Ims, DecodeError> {
        let trid = words.trid()?;
        let on = parse_on_off(words.required("setting")?)
            .ok_or(DecodeError::invalid("setting", ErrorCode::NotExpected))?;
        Ok(Ims { trid, on })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Ims).trid(self.trid).word(on_or_off(self.on)).end()
    }
}

impl<'a> Command<'a> for ImsReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<ImsReply, DecodeError> {
        let trid = words.trid()?;
        words.literal("0")?;
        Ok(ImsReply { trid, on: words.parse("setting", parse_on_off)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Ims).trid(self.trid).number(0).word(on_or_off(self.on)).end()
    }
}

fn parse_on_off(word: &[u8]) -> Option<bool> {
    match word {
        b"ON" => Some(true),
        b"OFF" => Some(false),
        _ => None,
    }
}

const fn on_or_off(on: bool) -> &'static str {
    if on { "ON" } else { "OFF" }
}
