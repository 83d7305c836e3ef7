//! `ACK`: a message of type `A` was delivered.

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, TrId};

/// `ACK trid`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ack {
    /// The transaction ID of the `MSG`.
    pub trid: TrId,
}

impl<'a> Command<'a> for Ack {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Ack, DecodeError> {
        Ok(Ack { trid: words.trid()? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Ack).trid(self.trid).end()
    }
}
