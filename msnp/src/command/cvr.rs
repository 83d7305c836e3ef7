//! `CVR`: the client says what it is; the server says which version it recommends.

use super::{Command, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, Token, TrId};

/// A parameter of a version record; later clients name their handle in one.
pub type VersionWord = Token<129>;

/// What a client says of itself: locale, operating system, its version, processor, library, client
/// version, and later a codebase and a handle. `CVR` and `CVQ` carry the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ClientVersion {
    /// The parameters, in order; surplus ones are dropped.
    pub words: heapless::Vec<VersionWord, 8>,
}

impl ClientVersion {
    /// The client's version, such as `1.0.0863`, if it is there.
    pub fn version(&self) -> Option<&VersionWord> {
        self.words.get(5)
    }

    pub(super) fn decode(words: &mut Words<'_>) -> Result<ClientVersion, DecodeError> {
        let mut version = ClientVersion::default();
        for word in words.take(version.words.capacity()) {
            // Whatever a client says of itself, it is answered; no more words are taken than there
            // is room for.
            version.words.extend(Token::parse(word).or_else(|| Token::parse(b"?")));
        }
        Ok(version)
    }

    pub(super) fn encode(&self, mut line: Line<'_>) -> Result<(), SinkFullError> {
        for word in &self.words {
            line = line.word(word.as_str());
        }
        line.end()
    }
}

/// What the server recommends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Recommendation {
    /// The recommended version. It is the client's own: a higher one makes the official clients
    /// nag, or upgrade (`Quirk::WantsItsOwnVersion`).
    pub recommended: VersionWord,
    /// The lowest version that may sign in.
    pub minimum: VersionWord,
    /// Where a newer one could be had, and read about.
    pub site: Token<64>,
}

impl Recommendation {
    /// Every client is as it should be.
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

/// `CVR t lcid os os-version cpu library version {codebase {handle}}`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cvr {
    /// Transaction ID.
    pub trid: TrId,
    /// The client. It is answered even if parameters are missing.
    pub client: ClientVersion,
}

/// `CVR t recommended recommended minimum download-address info-address`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CvrReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The answer.
    pub recommendation: Recommendation,
}

impl<'a> Command<'a> for Cvr {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Cvr, DecodeError> {
        Ok(Cvr { trid: words.trid()?, client: ClientVersion::decode(words)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        self.client.encode(Line::new(out, "CVR").trid(self.trid))
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
        self.recommendation.encode(Line::new(out, "CVR").trid(self.trid))
    }
}
