//! `INF`: asks for the server's authentication packages ([the draft](crate#sources) §7.3). Up to
//! MSNP7.

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, TrId};

/// `INF trid`. Not every client sends it (`Quirk::NoInf`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Inf {
    /// Transaction ID.
    pub trid: TrId,
}

/// `INF trid MD5`: one package and nothing else (`Quirk::ComparesPackages`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InfReply {
    /// Transaction ID.
    pub trid: TrId,
}

impl<'a> Command<'a> for Inf {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Inf, DecodeError> {
        Ok(Inf { trid: words.trid()? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Inf).trid(self.trid).end()
    }
}

impl<'a> Command<'a> for InfReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<InfReply, DecodeError> {
        let trid = words.trid()?;
        words.literal("MD5")?;
        Ok(InfReply { trid })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Inf).trid(self.trid).word("MD5").end()
    }
}
