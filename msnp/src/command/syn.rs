//! `SYN`: synchronises the lists and settings ([the draft](crate#sources) §7.5).

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words, number};
use crate::types::{Dialect, ErrorCode, ListVersion, TrId};

/// `SYN trid version`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Syn {
    /// Transaction ID.
    pub trid: TrId,
    /// The list version of the client's cache, or 0 if the client has no cache. The cache may come
    /// from another server, so any number is legal.
    pub version: u32,
}

/// `SYN trid version`. If this version is not the one in the request, the settings and all lists
/// follow.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SynReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The list version of the account.
    pub version: ListVersion,
}

impl<'a> Command<'a> for Syn {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Syn, DecodeError> {
        let trid = words.trid()?;
        let word = words.required("list version")?;
        let version = number(word)
            .ok_or(DecodeError::invalid("list version", ErrorCode::InvalidParameter))?;
        Ok(Syn { trid, version })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Syn).trid(self.trid).number(self.version).end()
    }
}

impl<'a> Command<'a> for SynReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<SynReply, DecodeError> {
        let trid = words.trid()?;
        let version = words.parse("list version", parse_list_version)?;
        Ok(SynReply { trid, version })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Syn).trid(self.trid).number(self.version.value()).end()
    }
}

/// Parses a list version. Returns `None` if it is illegal.
pub(super) fn parse_list_version(word: &[u8]) -> Option<ListVersion> {
    number(word).and_then(ListVersion::new)
}
