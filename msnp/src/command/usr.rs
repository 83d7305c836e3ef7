//! `USR`: signs in ([the draft](crate#sources) §7.4), or opens a conversation on a switchboard (the
//! draft §8.3).

use super::ans::read_handle_and_cookie;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::auth::{Challenge, Digest};
use crate::gate::Server;
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Cookie, Dialect, ErrorCode, FriendlyName, Handle, HandleError, TrId};
use core::ops::Range;

/// `USR trid MD5 I handle` or `USR trid MD5 S digest`; on a switchboard, `USR trid handle cookie`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Usr {
    /// The first step of a sign-in.
    Initial {
        /// Transaction ID.
        trid: TrId,
        /// The user's handle.
        handle: Handle,
    },
    /// The response to the challenge.
    Response {
        /// Transaction ID.
        trid: TrId,
        /// The digest of challenge and password.
        digest: Digest,
    },
    /// On a switchboard: opens a conversation.
    Switchboard {
        /// Transaction ID.
        trid: TrId,
        /// The user's handle.
        handle: Handle,
        /// The cookie from the `XFR`.
        cookie: Cookie,
    },
}

/// `USR trid MD5 S challenge` or `USR trid OK handle name [verified]`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::large_enum_variant, reason = "no allocation: a name of 387 bytes is inline")]
pub enum UsrReply {
    /// The challenge.
    Challenge {
        /// Transaction ID.
        trid: TrId,
        /// A fresh challenge.
        challenge: Challenge,
    },
    /// The user is signed in, or is in the conversation.
    Ok {
        /// Transaction ID.
        trid: TrId,
        /// The user's handle.
        handle: Handle,
        /// The user's friendly name.
        name: FriendlyName,
        /// Whether the user's address was verified. Sent since MSNP6, and only at sign-in: `None`
        /// on a switchboard.
        verified: Option<bool>,
    },
}

/// The only authentication package.
const PACKAGE: &str = "MD5";

/// The first dialect with the `verified` field.
const VERIFIED_SINCE: Dialect = Dialect::Msnp6;

impl<'a> Command<'a> for Usr {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        context: DecodeContext,
    ) -> Result<Usr, DecodeError> {
        let trid = words.trid()?;
        if context.server == Server::Switchboard {
            // The Microsoft servers closed the connection if the number of parameters was wrong.
            if words.remaining() > 2 {
                return Err(DecodeError::malformed("surplus parameter"));
            }
            let (handle, cookie) = read_handle_and_cookie(words)?;
            return Ok(Usr::Switchboard { trid, handle, cookie });
        }
        let sign_in_error = |what| DecodeError::fatal(what, ErrorCode::AuthenticationFailed);
        if words.required("package")? != PACKAGE.as_bytes() {
            return Err(sign_in_error("package: only MD5 is offered"));
        }
        match words.required("step")? {
            b"I" => match Handle::parse(words.required("handle")?) {
                Ok(handle) => Ok(Usr::Initial { trid, handle }),
                Err(HandleError::NoDomain) => {
                    Err(DecodeError::fatal("handle", ErrorCode::DomainMissing))
                }
                Err(_) => Err(sign_in_error("handle")),
            },
            b"S" => {
                let digest = words.required("digest")?;
                let digest = Digest::parse(digest).ok_or(sign_in_error("digest"))?;
                Ok(Usr::Response { trid, digest })
            }
            _ => Err(DecodeError::malformed("step")),
        }
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let line = Line::new(out, CommandName::Usr);
        match self {
            Usr::Initial { trid, handle } => {
                line.trid(*trid).word(PACKAGE).word("I").handle(handle).end()
            }
            Usr::Response { trid, digest } => {
                line.trid(*trid).word(PACKAGE).word("S").word(&digest.text()).end()
            }
            Usr::Switchboard { trid, handle, cookie } => {
                line.trid(*trid).handle(handle).word(cookie.as_str()).end()
            }
        }
    }

    fn secret_words(&self) -> Range<usize> {
        match self {
            Usr::Initial { .. } => 0..0,
            Usr::Response { .. } => 4..usize::MAX,
            Usr::Switchboard { .. } => 3..usize::MAX,
        }
    }
}

impl<'a> Command<'a> for UsrReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        context: DecodeContext,
    ) -> Result<UsrReply, DecodeError> {
        let trid = words.trid()?;
        let ok_or_package = words.required("OK or package")?;
        if ok_or_package == b"OK" {
            let handle = words.parse("handle", |word| Handle::parse(word).ok())?;
            let name = words.parse("name", |word| FriendlyName::parse(word).ok())?;
            let has_verified = context.dialect >= VERIFIED_SINCE;
            let verified = words.next().filter(|_| has_verified).map(parse_verified).transpose()?;
            return Ok(UsrReply::Ok { trid, handle, name, verified });
        }
        if ok_or_package != PACKAGE.as_bytes() {
            return Err(DecodeError::malformed("package"));
        }
        words.literal("S")?;
        Ok(UsrReply::Challenge { trid, challenge: words.parse("challenge", Challenge::parse)? })
    }

    fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let line = Line::new(out, CommandName::Usr);
        match self {
            UsrReply::Challenge { trid, challenge } => {
                line.trid(*trid).word(PACKAGE).word("S").word(challenge.as_str()).end()
            }
            UsrReply::Ok { trid, handle, name, verified } => {
                let sent = verified.filter(|_| dialect >= VERIFIED_SINCE);
                let word = sent.map(|verified| if verified { "1" } else { "0" });
                line.trid(*trid).word("OK").handle(handle).name(name).optional(word).end()
            }
        }
    }

    fn secret_words(&self) -> Range<usize> {
        match self {
            // With the challenge and the digest, someone could find the password by trying many.
            UsrReply::Challenge { .. } => 4..usize::MAX,
            UsrReply::Ok { .. } => 0..0,
        }
    }
}

fn parse_verified(word: &[u8]) -> Result<bool, DecodeError> {
    match word {
        b"0" => Ok(false),
        b"1" => Ok(true),
        _ => Err(DecodeError::malformed("verified")),
    }
}
