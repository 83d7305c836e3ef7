//! `QNG`: the reply to `PNG`.

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::Dialect;

/// `QNG`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Qng;

impl<'a> Command<'a> for Qng {
    fn decode(_: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Qng, DecodeError> {
        Ok(Qng)
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Qng).end()
    }
}
