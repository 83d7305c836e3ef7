//! Reads the fields of a message.

use crate::TlsError;

/// The rest of a message.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    /// Returns the next `count` bytes.
    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'a [u8], TlsError> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(TlsError::Malformed)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], TlsError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(TlsError::Malformed)?;
        self.0 = rest;
        Ok(*bytes)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, TlsError> {
        self.array().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, TlsError> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}
