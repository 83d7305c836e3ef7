//! `CVR`: the client reports its version; the server recommends one.

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, Token, TrId};

/// A parameter of `CVR` and `CVQ`, at most 129 bytes: later clients send their handle in one.
pub type VersionWord = Token<129>;

/// What a client reports about itself, in `CVR` and `CVQ` alike: locale, operating system, version
/// of the operating system, processor, library, client version. Later clients add a codebase and a
/// handle.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ClientVersion {
    /// The parameters, in order, at most 8. Further ones are dropped.
    pub words: heapless::Vec<VersionWord, 8>,
}

impl ClientVersion {
    /// Returns the client's version, such as `1.0.0863`, or `None` if it was not sent.
    pub fn version(&self) -> Option<&VersionWord> {
        // The version is the sixth parameter.
        self.words.get(5)
    }

    pub(super) fn decode(words: &mut Words<'_>) -> Result<ClientVersion, DecodeError> {
        let mut client = ClientVersion::default();
        for word in words.take(client.words.capacity()) {
            // Every client gets a reply, so an illegal word becomes `?`.
            let token = Token::parse(word).or_else(|| Token::parse(b"?"));
            client.words.extend(token);
        }
        Ok(client)
    }

    pub(super) fn encode(&self, mut line: Line<'_>) -> Result<(), SinkFullError> {
        for word in &self.words {
            line = line.word(word.as_str());
        }
        line.end()
    }
}

/// The client version that the server recommends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Recommendation {
    /// The recommended version. It should be the client's own: a higher one makes the official
    /// clients offer an upgrade, or upgrade by themselves (`Quirk::WantsItsOwnVersion`).
    pub recommended: VersionWord,
    /// The lowest version that may sign in.
    pub minimum: VersionWord,
    /// The address of both the download and the information page.
    pub site: Token<64>,
}

impl Recommendation {
    /// Recommends the client's own version, and accepts every version. Never returns `None`.
    pub fn no_upgrade(client: &ClientVersion, site: &Token<64>) -> Option<Recommendation> {
        let minimum = VersionWord::parse(b"1.0.0000")?;
        let recommended = client.version().cloned().unwrap_or_else(|| minimum.clone());
        Some(Recommendation { recommended, minimum, site: site.clone() })
    }

    pub(super) fn decode(words: &mut Words<'_>) -> Result<Recommendation, DecodeError> {
        let recommended = words.parse("recommended version", Token::parse)?;
        words.required("second recommended version")?;
        let minimum = words.parse("minimum version", Token::parse)?;
        let site = words.parse("download address", Token::parse)?;
        Ok(Recommendation { recommended, minimum, site })
    }

    pub(super) fn encode(&self, line: Line<'_>) -> Result<(), SinkFullError> {
        line.word(self.recommended.as_str())
            .word(self.recommended.as_str())
            .word(self.minimum.as_str())
            .word(self.site.as_str())
            .word(self.site.as_str())
            .end()
    }
}

/// `CVR trid lcid os os-version cpu library version [codebase [handle]]`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cvr {
    /// Transaction ID.
    pub trid: TrId,
    /// What the client reports about itself. Missing parameters are no error.
    pub client: ClientVersion,
}

/// `CVR trid recommended recommended minimum download-address info-address`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CvrReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The recommended client version.
    pub recommendation: Recommendation,
}

impl<'a> Command<'a> for Cvr {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Cvr, DecodeError> {
        Ok(Cvr { trid: words.trid()?, client: ClientVersion::decode(words)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        self.client.encode(Line::new(out, CommandName::Cvr).trid(self.trid))
    }
}

impl<'a> Command<'a> for CvrReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<CvrReply, DecodeError> {
        Ok(CvrReply { trid: words.trid()?, recommendation: Recommendation::decode(words)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        self.recommendation.encode(Line::new(out, CommandName::Cvr).trid(self.trid))
    }
}
