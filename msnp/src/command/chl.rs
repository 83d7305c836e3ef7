//! `CHL`: a challenge to the client program. Since MSNP6; [the wiki](crate#sources) documents it.

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::auth::Challenge;
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, TrId};
use core::ops::Range;

/// `CHL trid`: the client asks for a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Chl {
    /// Transaction ID.
    pub trid: TrId,
}

/// `CHL trid challenge`, which the client answers with a `QRY`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ChlReply {
    /// Transaction ID; [`TrId::SERVER`] if it is no reply.
    pub trid: TrId,
    /// A fresh challenge.
    pub challenge: Challenge,
}

impl<'a> Command<'a> for Chl {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Chl, DecodeError> {
        Ok(Chl { trid: words.trid()? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Chl).trid(self.trid).end()
    }
}

impl<'a> Command<'a> for ChlReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<ChlReply, DecodeError> {
        let trid = words.trid()?;
        Ok(ChlReply { trid, challenge: words.parse("challenge", Challenge::parse)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Chl).trid(self.trid).word(self.challenge.as_str()).end()
    }

    fn secret_words(&self) -> Range<usize> {
        2..usize::MAX
    }
}
