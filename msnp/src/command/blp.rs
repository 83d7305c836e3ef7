//! `BLP`: sets whether users on neither the allow nor the block list may see and call the user
//! ([the draft](crate#sources) §7.5).

use super::syn::parse_list_version;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, ListVersion, Privacy, TrId};

/// `BLP trid AL|BL`. Another value closes the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Blp {
    /// Transaction ID.
    pub trid: TrId,
    /// The setting.
    pub privacy: Privacy,
}

/// `BLP trid version setting`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BlpReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The list version of the account.
    pub version: ListVersion,
    /// The setting.
    pub privacy: Privacy,
}

impl<'a> Command<'a> for Blp {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Blp, DecodeError> {
        let trid = words.trid()?;
        let privacy = words.parse("setting", Privacy::parse)?;
        Ok(Blp { trid, privacy })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Blp).trid(self.trid).word(self.privacy.as_str()).end()
    }
}

impl<'a> Command<'a> for BlpReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<BlpReply, DecodeError> {
        let trid = words.trid()?;
        let version = words.parse("list version", parse_list_version)?;
        let privacy = words.parse("setting", Privacy::parse)?;
        Ok(BlpReply { trid, version, privacy })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Blp)
            .trid(self.trid)
            .number(self.version.value())
            .word(self.privacy.as_str())
            .end()
    }
}
