//! `ACK`: a message of type `A` was delivered.

use super::{At, Command, Fault};
use crate::line::{Full, Line, Out, Words};
use crate::types::{Dialect, TrId};

/// `ACK t`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ack {
    /// The transaction ID of the `MSG`.
    pub trid: TrId,
}

impl<'a> Command<'a> for Ack {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: At) -> Result<Ack, Fault> {
        Ok(Ack { trid: words.trid()? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Out) -> Result<(), Full> {
        Line::new(out, "ACK").trid(self.trid).end()
    }
}
