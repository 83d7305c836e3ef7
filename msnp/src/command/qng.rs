//! `QNG`: the answer to `PNG`.

use super::{At, Command, Fault};
use crate::line::{Full, Line, Out, Words};
use crate::types::Dialect;

/// `QNG`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Qng;

impl<'a> Command<'a> for Qng {
    fn decode(_: &mut Words<'a>, _: &'a [u8], _: At) -> Result<Qng, Fault> {
        Ok(Qng)
    }

    fn encode(&self, _: Dialect, out: &mut dyn Out) -> Result<(), Full> {
        Line::new(out, "QNG").end()
    }
}
