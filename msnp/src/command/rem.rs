//! `REM`: taking somebody off a list (the draft §7.6).

use super::add::{editable_list, handle};
use super::syn::version;
use super::{At, Command, Fault};
use crate::line::{Full, Line, Out, Words};
use crate::types::{Dialect, Handle, List, ListVersion, TrId};

/// `REM t list handle`. Gaim of 2000 sends the handle once more: surplus words are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rem {
    /// Transaction ID.
    pub trid: TrId,
    /// The list: never the reverse list.
    pub list: List,
    /// His user handle.
    pub handle: Handle,
}

/// `REM t list version handle`: the reply, or, for `RL`, the news that somebody removed me.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RemReply {
    /// Transaction ID; [`TrId::SERVER`] if the server sends it of its own accord.
    pub trid: TrId,
    /// The list.
    pub list: List,
    /// The list version that the change made.
    pub version: ListVersion,
    /// His user handle.
    pub handle: Handle,
}

impl<'a> Command<'a> for Rem {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: At) -> Result<Rem, Fault> {
        Ok(Rem { trid: words.trid()?, list: editable_list(words)?, handle: handle(words)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Out) -> Result<(), Full> {
        Line::new(out, "REM").trid(self.trid).word(self.list.as_str()).handle(&self.handle).end()
    }
}

impl<'a> Command<'a> for RemReply {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: At) -> Result<RemReply, Fault> {
        let trid = words.trid()?;
        let list = words.parse("list", List::parse)?;
        let version = words.parse("list version", version)?;
        Ok(RemReply { trid, list, version, handle: handle(words)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Out) -> Result<(), Full> {
        Line::new(out, "REM")
            .trid(self.trid)
            .word(self.list.as_str())
            .number(self.version.value())
            .handle(&self.handle)
            .end()
    }
}
