//! `NAK`: a message of type `N` or `A` was not delivered.

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, TrId};

/// `NAK trid`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Nak {
    /// The transaction ID of the `MSG`.
    pub trid: TrId,
}

impl<'a> Command<'a> for Nak {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Nak, DecodeError> {
        Ok(Nak { trid: words.trid()? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Nak).trid(self.trid).end()
    }
}
