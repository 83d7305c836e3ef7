//! `GTC`: sets whether the client asks its user when another user adds them
//! ([the draft](crate#sources) §7.5).

use super::syn::parse_list_version;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{AddNotice, Dialect, ListVersion, TrId};

/// `GTC trid A|N`. Another value closes the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Gtc {
    /// Transaction ID.
    pub trid: TrId,
    /// The setting.
    pub add_notice: AddNotice,
}

/// `GTC trid version setting`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GtcReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The list version of the account.
    pub version: ListVersion,
    /// The setting.
    pub add_notice: AddNotice,
}

impl<'a> Command<'a> for Gtc {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Gtc, DecodeError> {
        let trid = words.trid()?;
        let add_notice = words.parse("setting", AddNotice::parse)?;
        Ok(Gtc { trid, add_notice })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Gtc).trid(self.trid).word(self.add_notice.as_str()).end()
    }
}

impl<'a> Command<'a> for GtcReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<GtcReply, DecodeError> {
        let trid = words.trid()?;
        let version = words.parse("list version", parse_list_version)?;
        let add_notice = words.parse("setting", AddNotice::parse)?;
        Ok(GtcReply { trid, version, add_notice })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Gtc)
            .trid(self.trid)
            .number(self.version.value())
            .word(self.add_notice.as_str())
            .end()
    }
}
