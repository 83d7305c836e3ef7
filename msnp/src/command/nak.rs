//! `NAK`: a message of type `N` or `A` was not delivered.

use super::{At, Command, Fault};
use crate::line::{Full, Line, Out, Words};
use crate::types::{Dialect, TrId};

/// `NAK t`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Nak {
    /// The transaction ID of the `MSG`.
    pub trid: TrId,
}

impl<'a> Command<'a> for Nak {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: At) -> Result<Nak, Fault> {
        Ok(Nak { trid: words.trid()? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Out) -> Result<(), Full> {
        Line::new(out, "NAK").trid(self.trid).end()
    }
}
