//! `FND`: searching the member directory. There is none, so nothing is found.

use super::{At, Command, Fault};
use crate::line::{Full, Line, Out, Words};
use crate::types::{Dialect, ErrorCode, TrId};

/// `FND t fname=x lname=y …`. What is searched for is looked at only to refuse a first or last name
/// of `*` with 201, as the original did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Fnd {
    /// Transaction ID.
    pub trid: TrId,
}

/// `FND t 0 0`: no hits.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FndReply {
    /// Transaction ID.
    pub trid: TrId,
}

impl<'a> Command<'a> for Fnd {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: At) -> Result<Fnd, Fault> {
        let trid = words.trid()?;
        if words.any(|word| word == b"fname=*" || word == b"lname=*") {
            return Err(Fault::value("name to search for", ErrorCode::InvalidParameter));
        }
        Ok(Fnd { trid })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Out) -> Result<(), Full> {
        Line::new(out, "FND").trid(self.trid).end()
    }
}

impl<'a> Command<'a> for FndReply {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: At) -> Result<FndReply, Fault> {
        let trid = words.trid()?;
        words.parse("index", |word| (word == b"0").then_some(()))?;
        words.parse("count", |word| (word == b"0").then_some(()))?;
        Ok(FndReply { trid })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Out) -> Result<(), Full> {
        Line::new(out, "FND").trid(self.trid).number(0).number(0).end()
    }
}
