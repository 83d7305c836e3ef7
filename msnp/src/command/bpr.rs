//! `BPR`: a contact's telephone number or paging permission. Since MSNP5; [the wiki](crate#sources)
//! documents it.
//!
//! The server sends it in reply to `SYN` and `ADD`, and when the property changes.

use super::add::read_handle;
use super::syn::parse_list_version;
use super::{Command, CommandName, DecodeContext, DecodeError, prp};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, Handle, ListVersion, Property};
use core::ops::Range;

/// `BPR version handle property [value]`. It never has a transaction ID.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bpr {
    /// The list version of the recipient's account.
    pub version: ListVersion,
    /// The contact's user handle.
    pub handle: Handle,
    /// The property and its value.
    pub property: Property,
}

impl<'a> Command<'a> for Bpr {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Bpr, DecodeError> {
        let version = words.parse("list version", parse_list_version)?;
        let handle = read_handle(words)?;
        Ok(Bpr { version, handle, property: prp::read_property(words)? })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let line =
            Line::new(out, CommandName::Bpr).number(self.version.value()).handle(&self.handle);
        prp::write_property(line, &self.property).end()
    }

    fn secret_words(&self) -> Range<usize> {
        prp::secret_words_of(&self.property, 4)
    }
}
