//! `BPR`: a contact's telephone numbers, and whether he may be paged: a part of the answer to `SYN`
//! and `ADD`, or news. Since MSNP5; the wiki has it.

use super::add::handle;
use super::syn::version;
use super::{Command, DecodeContext, DecodeError, prp};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, Handle, ListVersion, Property};

/// `BPR version handle property {value}`. It has no transaction ID, whatever it is an answer to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bpr {
    /// The list version of him who is told.
    pub version: ListVersion,
    /// The contact's user handle.
    pub handle: Handle,
    /// The property and its value.
    pub property: Property,
}

impl<'a> Command<'a> for Bpr {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Bpr, DecodeError> {
        let version = words.parse("list version", version)?;
        let handle = handle(words)?;
        Ok(Bpr { version, handle, property: prp::read(words)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let line = Line::new(out, "BPR").number(self.version.value()).handle(&self.handle);
        prp::write(line, &self.property).end()
    }
}
