//! `NOT`: an alert of a web service. Since MSNP5; [the wiki](crate#sources) documents it.
//!
//! Servers without such services never send it. Clients of other servers have to read it.

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::frame::MAX_SERVER_PAYLOAD;
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::Dialect;

/// `NOT length` and an alert in XML.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Not<'a> {
    /// The alert, at most [`MAX_SERVER_PAYLOAD`] bytes.
    pub payload: &'a [u8],
}

impl<'a> Command<'a> for Not<'a> {
    fn decode(
        words: &mut Words<'a>,
        payload: &'a [u8],
        _: DecodeContext,
    ) -> Result<Not<'a>, DecodeError> {
        words.required("length")?;
        Ok(Not { payload })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        if self.payload.len() > MAX_SERVER_PAYLOAD {
            return Err(SinkFullError);
        }
        Line::new(out, CommandName::Not).payload(self.payload)
    }
}
