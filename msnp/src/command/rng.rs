//! `RNG`: an invitation to a switchboard ([the draft](crate#sources) §8.4).

use super::nln::read_handle_and_name;
use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Cookie, Dialect, Endpoint, FriendlyName, Handle, SessionId};
use core::ops::Range;

/// `RNG session address CKI cookie handle name`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rng {
    /// The session id of the conversation.
    pub session: SessionId,
    /// The address of its switchboard.
    pub endpoint: Endpoint,
    /// The cookie for the `ANS`.
    pub cookie: Cookie,
    /// The caller's user handle.
    pub handle: Handle,
    /// The caller's friendly name.
    pub name: FriendlyName,
}

impl<'a> Command<'a> for Rng {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Rng, DecodeError> {
        let session = words.parse("session", SessionId::parse)?;
        let endpoint = words.parse("address", Endpoint::parse)?;
        words.literal("CKI")?;
        let cookie = words.parse("cookie", Cookie::parse)?;
        let (handle, name) = read_handle_and_name(words)?;
        Ok(Rng { session, endpoint, cookie, handle, name })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        Line::new(out, CommandName::Rng)
            .number(self.session.value())
            .word(&self.endpoint.text())
            .word("CKI")
            .word(self.cookie.as_str())
            .handle(&self.handle)
            .name(&self.name)
            .end()
    }

    fn secret_words(&self) -> Range<usize> {
        4..5
    }
}
