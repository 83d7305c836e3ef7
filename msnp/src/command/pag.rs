//! `PAG`: sends a message to a contact's mobile device. Since MSNP5; [the wiki](crate#sources)
//! documents it.
//!
//! There is no reply on success.

use super::{Command, CommandName, DecodeContext, DecodeError, Payload};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, Token, TrId};

/// `PAG trid target length` and a page in XML.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pag<'a> {
    /// Transaction ID.
    pub trid: TrId,
    /// The recipient: a user handle or a telephone number.
    pub target: Token<129>,
    /// The page: the message to the mobile device.
    pub page: Payload<'a>,
}

impl<'a> Command<'a> for Pag<'a> {
    fn decode(
        words: &mut Words<'a>,
        payload: &'a [u8],
        _: DecodeContext,
    ) -> Result<Pag<'a>, DecodeError> {
        let trid = words.trid()?;
        let target = words.parse("target", Token::parse)?;
        words.required("length")?;
        let page = Payload::new(payload).ok_or(DecodeError::malformed("page"))?;
        Ok(Pag { trid, target, page })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Pag)
            .trid(self.trid)
            .word(self.target.as_str())
            .payload(self.page.as_bytes())
    }
}
