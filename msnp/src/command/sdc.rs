//! `SDC`: asks the server to mail an invitation with a text. Since MSNP5. msnpd replies and sends
//! no mail.
//!
//! MSN Messenger 3.0 sends it if a user who was added has no account.

use super::{Command, CommandName, DecodeContext, DecodeError, Payload};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, ErrorCode, Token, TrId};

/// `SDC trid target lcid library codebase X X name length` and a text, which may be empty. The six
/// words between the target and the length are ignored: they matter only to a server that sends the
/// mail.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sdc<'a> {
    /// Transaction ID.
    pub trid: TrId,
    /// The recipient: an address, or the number of a directory hit.
    pub target: Token<129>,
    /// The text of the mail.
    pub text: Payload<'a>,
}

/// The words between the target and the length, as MSN Messenger sends them in an English Windows.
const IGNORED_WORDS: [&str; 6] = ["0x0409", "MSMSGS", "MSMSGS", "X", "X", "X"];

/// `SDC trid OK`
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
        let mut line = Line::new(out, CommandName::Sdc).trid(self.trid).word(self.target.as_str());
        for word in IGNORED_WORDS {
            line = line.word(word);
        }
        line.payload(self.text.as_bytes())
    }
}

impl<'a> Command<'a> for SdcReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<SdcReply, DecodeError> {
        let trid = words.trid()?;
        words.literal("OK")?;
        Ok(SdcReply { trid })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Sdc).trid(self.trid).word("OK").end()
    }
}
