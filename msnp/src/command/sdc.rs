//! `SDC`: asking the server to mail an invitation, with a text. It answers and sends no mail. Since
//! MSNP5; MSN Messenger 3.0 does it when somebody who was added has no account.

use super::{Command, DecodeContext, DecodeError, Payload};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, ErrorCode, Token, TrId};

/// `SDC t target lcid library codebase X X name length` and a text, which may be empty. What stands
/// between the target and the length is passed over, since no mail is written of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sdc<'a> {
    /// Transaction ID.
    pub trid: TrId,
    /// Whom to invite: an address, or the number of a directory hit.
    pub target: Token<129>,
    /// The text of the mail.
    pub text: Payload<'a>,
}

/// `SDC t OK`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SdcReply {
    /// Transaction ID.
    pub trid: TrId,
}

impl<'a> Command<'a> for Sdc<'a> {
    fn decode(
        words: &mut Words<'a>,
        payload: &'a [u8],
        _: DecodeContext,
    ) -> Result<Sdc<'a>, DecodeError> {
        let trid = words.trid()?;
        let bad = |what| DecodeError::fatal(what, ErrorCode::BadFormat);
        let target = words.next().and_then(Token::parse).ok_or(bad("target"))?;
        words.next().ok_or(bad("length"))?;
        let text = Payload::new(payload).ok_or(DecodeError::malformed("text"))?;
        Ok(Sdc { trid, target, text })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let line = Line::new(out, "SDC").trid(self.trid).word(self.target.as_str());
        ["0x0409", "MSMSGS", "MSMSGS", "X", "X", "X"]
            .into_iter()
            .fold(line, Line::word)
            .payload(self.text.as_bytes())
    }
}

impl<'a> Command<'a> for SdcReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<SdcReply, DecodeError> {
        let trid = words.trid()?;
        words.parse("OK", |word| (word == b"OK").then_some(()))?;
        Ok(SdcReply { trid })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, "SDC").trid(self.trid).word("OK").end()
    }
}
