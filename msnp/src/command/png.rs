//! `PNG`: is the server still there? A transaction ID is tolerated.

use super::{At, Command, Fault};
use crate::line::{Full, Line, Out, Words};
use crate::types::Dialect;

/// `PNG`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Png;

impl<'a> Command<'a> for Png {
    fn decode(_: &mut Words<'a>, _: &'a [u8], _: At) -> Result<Png, Fault> {
        Ok(Png)
    }

    fn encode(&self, _: Dialect, out: &mut dyn Out) -> Result<(), Full> {
        Line::new(out, "PNG").end()
    }
}
