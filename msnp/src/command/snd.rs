//! `SND`: asking the server to mail an invitation, to an address or a hit of `FND`. It answers and sends no
//! mail. Up to MSNP4.

use super::{Command, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words, number};
use crate::types::{Dialect, ErrorCode, Token, TrId};

/// `SND t target {…}`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Snd {
    /// Transaction ID.
    pub trid: TrId,
    /// Whom to invite: an address, or the number of a directory hit.
    pub target: Token<129>,
}

impl Snd {
    /// The number of the directory hit that is invited, if it is one: addresses are no numbers.
    pub fn hit(&self) -> Option<u32> {
        number(self.target.as_str().as_bytes())
    }
}

/// `SND t OK`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SndReply {
    /// Transaction ID.
    pub trid: TrId,
}

impl<'a> Command<'a> for Snd {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Snd, DecodeError> {
        let trid = words.trid()?;
        let target = words
            .next()
            .and_then(Token::parse)
            .ok_or(DecodeError::fatal("target", ErrorCode::BadFormat))?;
        Ok(Snd { trid, target })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, "SND").trid(self.trid).word(self.target.as_str()).end()
    }
}

impl<'a> Command<'a> for SndReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<SndReply, DecodeError> {
        let trid = words.trid()?;
        words.parse("OK", |word| (word == b"OK").then_some(()))?;
        Ok(SndReply { trid })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, "SND").trid(self.trid).word("OK").end()
    }
}
