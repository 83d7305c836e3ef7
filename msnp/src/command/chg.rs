//! `CHG`: changes the user's state ([the draft](crate#sources) §7.7).

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, ErrorCode, State, TrId};

/// `CHG trid state`. The state may be `FLN` up to MSNP4: a client could be offline and stay
/// connected (the draft §7.7). Since MSNP5, `FLN` is error 201 (hypothetic.org).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Chg {
    /// Transaction ID.
    pub trid: TrId,
    /// The new state.
    pub state: State,
}

/// `CHG trid state`: the reply, in the same form as the request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ChgReply {
    /// Transaction ID; [`TrId::SERVER`] if it is no reply.
    pub trid: TrId,
    /// The new state.
    pub state: State,
}

impl<'a> Command<'a> for Chg {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        context: DecodeContext,
    ) -> Result<Chg, DecodeError> {
        let trid = words.trid()?;
        let may_be_offline = context.dialect <= Dialect::Msnp4;
        let state = State::parse(words.required("state")?)
            .filter(|state| may_be_offline || *state != State::Offline)
            .ok_or(DecodeError::invalid("state", ErrorCode::InvalidParameter))?;
        Ok(Chg { trid, state })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Chg).trid(self.trid).word(self.state.as_str()).end()
    }
}

impl<'a> Command<'a> for ChgReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<ChgReply, DecodeError> {
        Ok(ChgReply { trid: words.trid()?, state: words.parse("state", State::parse)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Chg).trid(self.trid).word(self.state.as_str()).end()
    }
}
