//! `SND`: asks the server to mail an invitation. Up to MSNP4. msnpd replies and sends no mail.

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words, number};
use crate::types::{Dialect, ErrorCode, Token, TrId};

/// `SND trid target […]`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Snd {
    /// Transaction ID.
    pub trid: TrId,
    /// The recipient: an address, or the number of a hit of `FND`.
    pub target: Token<129>,
}

impl Snd {
    /// Returns the number of the directory hit, or `None` if the recipient is an address.
    pub fn hit(&self) -> Option<u32> {
        number(self.target.as_str().as_bytes())
    }
}

/// `SND trid OK`
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
        Line::new(out, CommandName::Snd).trid(self.trid).word(self.target.as_str()).end()
    }
}

impl<'a> Command<'a> for SndReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<SndReply, DecodeError> {
        let trid = words.trid()?;
        words.literal("OK")?;
        Ok(SndReply { trid })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Snd).trid(self.trid).word("OK").end()
    }
}
