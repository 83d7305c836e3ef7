//! `URL`: asks for the address of a web service. [The wiki](crate#sources) documents it, the draft
//! does not.

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, ErrorCode, Token, TrId};

/// `URL trid service [argument]`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Url {
    /// Transaction ID.
    pub trid: TrId,
    /// The service, such as `INBOX` or `PASSWORD`.
    pub service: Token<64>,
    /// The argument of the service, such as an address to write to.
    pub argument: Option<Token<129>>,
}

/// `URL trid path site [site id]`. The site id is sent since MSNP3 (`Quirk::WantsSiteId`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UrlReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The path of the service.
    pub path: Token<64>,
    /// The address that the client sends its login form to.
    pub site: Token<64>,
}

/// Passport's site id of Hotmail.
const SITE_ID: &str = "2";

impl<'a> Command<'a> for Url {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Url, DecodeError> {
        let trid = words.trid()?;
        let service = Token::parse(words.required("service")?)
            .ok_or(DecodeError::invalid("service", ErrorCode::InvalidParameter))?;
        let argument = words.next().and_then(Token::parse);
        Ok(Url { trid, service, argument })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Url)
            .trid(self.trid)
            .word(self.service.as_str())
            .optional(self.argument.as_ref().map(Token::as_str))
            .end()
    }
}

impl<'a> Command<'a> for UrlReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<UrlReply, DecodeError> {
        let trid = words.trid()?;
        let path = words.parse("path", Token::parse)?;
        Ok(UrlReply { trid, path, site: words.parse("site", Token::parse)? })
    }

    fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Url)
            .trid(self.trid)
            .word(self.path.as_str())
            .word(self.site.as_str())
            .optional((dialect >= Dialect::Msnp3).then_some(SITE_ID))
            .end()
    }
}
