//! `PNG`: checks that the connection is alive. A transaction ID is ignored.

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::Dialect;

/// `PNG`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Png;

impl<'a> Command<'a> for Png {
    fn decode(_: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Png, DecodeError> {
        Ok(Png)
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Png).end()
    }
}
