//! `CAL`: invites a user to the conversation ([the draft](crate#sources) §8.4).

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, ErrorCode, Handle, SessionId, TrId};

/// `CAL trid handle`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cal {
    /// Transaction ID.
    pub trid: TrId,
    /// The user to invite.
    pub handle: Handle,
}

/// `CAL trid RINGING session`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CalReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The session id of the conversation.
    pub session: SessionId,
}

impl<'a> Command<'a> for Cal {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Cal, DecodeError> {
        let trid = words.trid()?;
        let handle = words.required("handle")?;
        if words.next().is_some() {
            // The Microsoft servers closed the connection if the number of parameters was wrong.
            return Err(DecodeError::malformed("surplus parameter"));
        }
        let handle = Handle::parse(handle)
            .map_err(|_| DecodeError::invalid("handle", ErrorCode::InvalidUserName))?;
        Ok(Cal { trid, handle })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Cal).trid(self.trid).handle(&self.handle).end()
    }
}

impl<'a> Command<'a> for CalReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<CalReply, DecodeError> {
        let trid = words.trid()?;
        words.literal("RINGING")?;
        Ok(CalReply { trid, session: words.parse("session", SessionId::parse)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Cal)
            .trid(self.trid)
            .word("RINGING")
            .number(self.session.value())
            .end()
    }
}
