//! `CVQ`: the version query of the sub-protocol `CVR0`, for a client that has no dialect in common.

use super::{ClientVersion, Command, CommandName, DecodeContext, DecodeError, Recommendation};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, TrId};

/// `CVQ trid …`, with the parameters of `CVR`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cvq {
    /// Transaction ID.
    pub trid: TrId,
    /// What the client reports about itself.
    pub client: ClientVersion,
}

/// `CVQ trid …`, with the parameters of the reply to `CVR`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CvqReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The recommended client version.
    pub recommendation: Recommendation,
}

impl<'a> Command<'a> for Cvq {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Cvq, DecodeError> {
        Ok(Cvq { trid: words.trid()?, client: ClientVersion::decode(words)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        self.client.encode(Line::new(out, CommandName::Cvq).trid(self.trid))
    }
}

impl<'a> Command<'a> for CvqReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<CvqReply, DecodeError> {
        Ok(CvqReply { trid: words.trid()?, recommendation: Recommendation::decode(words)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        self.recommendation.encode(Line::new(out, CommandName::Cvq).trid(self.trid))
    }
}
