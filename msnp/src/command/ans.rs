//! `ANS`: an invited user joins a conversation ([the draft](crate#sources) §8.5).

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Cookie, Dialect, ErrorCode, Handle, SessionId, TrId};
use core::ops::Range;

/// `ANS trid handle cookie session`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ans {
    /// Transaction ID.
    pub trid: TrId,
    /// The user who joins.
    pub handle: Handle,
    /// The cookie from the `RNG`.
    pub cookie: Cookie,
    /// The session id from the `RNG`.
    pub session: SessionId,
}

/// `ANS trid OK`, after one `IRO` for each participant of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AnsReply {
    /// Transaction ID.
    pub trid: TrId,
}

impl<'a> Command<'a> for Ans {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Ans, DecodeError> {
        let trid = words.trid()?;
        let (handle, cookie) = read_handle_and_cookie(words)?;
        let session = words.parse("session", SessionId::parse)?;
        Ok(Ans { trid, handle, cookie, session })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Ans)
            .trid(self.trid)
            .handle(&self.handle)
            .word(self.cookie.as_str())
            .number(self.session.value())
            .end()
    }

    fn secret_words(&self) -> Range<usize> {
        3..usize::MAX
    }
}

impl<'a> Command<'a> for AnsReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<AnsReply, DecodeError> {
        let trid = words.trid()?;
        words.literal("OK")?;
        Ok(AnsReply { trid })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Ans).trid(self.trid).word("OK").end()
    }
}

/// Reads the handle and the cookie of a user who opens or joins a conversation. If either is
/// illegal, the reply is error 911 and the connection closes.
pub(super) fn read_handle_and_cookie(
    words: &mut Words<'_>,
) -> Result<(Handle, Cookie), DecodeError> {
    let handle = words.required("handle")?;
    let cookie = words.required("cookie")?;
    let handle = Handle::parse(handle)
        .map_err(|_| DecodeError::fatal("handle", ErrorCode::AuthenticationFailed))?;
    let cookie = Cookie::parse(cookie)
        .ok_or(DecodeError::fatal("cookie", ErrorCode::AuthenticationFailed))?;
    Ok((handle, cookie))
}
