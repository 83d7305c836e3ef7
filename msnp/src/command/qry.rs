//! `QRY`: the client's response to a `CHL`. Since MSNP6; [the wiki](crate#sources) documents it.

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, ErrorCode, Token, TrId};

/// `QRY trid client 32` and 32 hexadecimal digits, without a line end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Qry<'a> {
    /// Transaction ID.
    pub trid: TrId,
    /// The id of the client program, such as `msmsgs@msnmsgr.com`.
    pub client: Token<64>,
    /// The digits, at most [`Qry::MAX`] bytes. If there are fewer, the response is wrong.
    pub digest: &'a [u8],
}

/// `QRY trid`: the response is right.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct QryReply {
    /// Transaction ID.
    pub trid: TrId,
}

impl Qry<'_> {
    /// The maximum length of the digest, in bytes.
    pub const MAX: usize = 32;
}

impl<'a> Command<'a> for Qry<'a> {
    fn decode(
        words: &mut Words<'a>,
        digest: &'a [u8],
        _: DecodeContext,
    ) -> Result<Qry<'a>, DecodeError> {
        let trid = words.trid()?;
        let client = Token::parse(words.required("client")?)
            .ok_or(DecodeError::fatal("client", ErrorCode::ChallengeFailed))?;
        words.required("length")?;
        Ok(Qry { trid, client, digest })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        if self.digest.len() > Qry::MAX {
            return Err(SinkFullError);
        }
        Line::new(out, CommandName::Qry)
            .trid(self.trid)
            .word(self.client.as_str())
            .payload(self.digest)
    }
}

impl<'a> Command<'a> for QryReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<QryReply, DecodeError> {
        Ok(QryReply { trid: words.trid()? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Qry).trid(self.trid).end()
    }
}
