//! `OUT`: signs out, or leaves a conversation ([the draft](crate#sources) §7.9).

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::Dialect;

/// `OUT`. A transaction ID is ignored (`Quirk::TransactionIdOnOut`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Out;

/// `OUT [reason]`: the server ends the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Goodbye {
    /// The reason. `None` if the server sends none.
    pub reason: Option<OutReason>,
}

/// Why a server ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum OutReason {
    /// `OTH`: the account signed in elsewhere. The client does not reconnect by itself.
    Elsewhere,
    /// `SSD`: the server is shutting down.
    ShuttingDown,
}

impl<'a> Command<'a> for Out {
    fn decode(_: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Out, DecodeError> {
        Ok(Out)
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Out).end()
    }
}

impl<'a> Command<'a> for Goodbye {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<Goodbye, DecodeError> {
        let reason = match words.next() {
            None => None,
            Some(b"OTH") => Some(OutReason::Elsewhere),
            Some(b"SSD") => Some(OutReason::ShuttingDown),
            Some(_) => return Err(DecodeError::malformed("reason")),
        };
        Ok(Goodbye { reason })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let reason = match self.reason {
            None => None,
            Some(OutReason::Elsewhere) => Some("OTH"),
            Some(OutReason::ShuttingDown) => Some("SSD"),
        };
        Line::new(out, CommandName::Out).optional(reason).end()
    }
}
