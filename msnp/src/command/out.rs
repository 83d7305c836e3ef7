//! `OUT`: leaving (the draft §7.9).

use super::{At, Command, Fault};
use crate::line::{Full, Line, Out as Output, Words};
use crate::types::Dialect;

/// `OUT`. A transaction ID is passed over (`Quirk::TransactionIdOnOut`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Out;

/// `OUT {reason}`: the server ends the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Goodbye {
    /// Why; none for any other reason.
    pub reason: Option<Farewell>,
}

/// The reasons that a server gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Farewell {
    /// `OTH`: the account signed in elsewhere. The client does not come back by itself.
    Elsewhere,
    /// `SSD`: the server is shutting down.
    ShuttingDown,
}

impl<'a> Command<'a> for Out {
    fn decode(_: &mut Words<'a>, _: &'a [u8], _: At) -> Result<Out, Fault> {
        Ok(Out)
    }

    fn encode(&self, _: Dialect, out: &mut dyn Output) -> Result<(), Full> {
        Line::new(out, "OUT").end()
    }
}

impl<'a> Command<'a> for Goodbye {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: At) -> Result<Goodbye, Fault> {
        let reason = match words.next() {
            None => None,
            Some(b"OTH") => Some(Farewell::Elsewhere),
            Some(b"SSD") => Some(Farewell::ShuttingDown),
            Some(_) => return Err(Fault::shape("reason")),
        };
        Ok(Goodbye { reason })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Output) -> Result<(), Full> {
        let reason = match self.reason {
            None => None,
            Some(Farewell::Elsewhere) => Some("OTH"),
            Some(Farewell::ShuttingDown) => Some("SSD"),
        };
        Line::new(out, "OUT").optional(reason).end()
    }
}
