//! The record layer: what surrounds every message.

use crate::TlsError;

/// The maximum number of bytes of data in a record.
pub(crate) const MAX_DATA: usize = 16_384;

/// The maximum number of bytes that protection adds: a message authentication code, and padding.
pub(crate) const MAX_EXPANSION: usize = 20 + 256;

/// Length of the header of a record in bytes.
pub(crate) const HEADER_LEN: usize = 5;

/// The maximum length of a record with its header in bytes.
pub(crate) const MAX_RECORD: usize = HEADER_LEN + MAX_DATA + MAX_EXPANSION;

/// The kind of a record's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentType {
    ChangeCipherSpec,
    Alert,
    Handshake,
    Data,
}

impl ContentType {
    pub(crate) fn number(self) -> u8 {
        match self {
            ContentType::ChangeCipherSpec => 20,
            ContentType::Alert => 21,
            ContentType::Handshake => 22,
            ContentType::Data => 23,
        }
    }

    fn from_number(number: u8) -> Option<ContentType> {
        let all = [
            ContentType::ChangeCipherSpec,
            ContentType::Alert,
            ContentType::Handshake,
            ContentType::Data,
        ];
        all.into_iter().find(|kind| kind.number() == number)
    }
}

/// The header of a record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    pub(crate) kind: ContentType,
    /// The minor version number may differ from the negotiated one: Messenger for Macintosh puts TLS
    /// 1.0 into records of SSL 3.0.
    pub(crate) version: [u8; 2],
    /// Length of the content in bytes.
    pub(crate) len: usize,
}

impl Header {
    /// Reads the header of a record.
    ///
    /// # Errors
    /// [`TlsError::Malformed`] if it is no header, [`TlsError::TooLong`] if the content is too
    /// long.
    pub(crate) fn parse(bytes: [u8; HEADER_LEN]) -> Result<Header, TlsError> {
        let [kind, major, minor, high, low] = bytes;
        let kind = ContentType::from_number(kind).filter(|_| major == 3);
        let kind = kind.ok_or(TlsError::Malformed)?;
        let len = usize::from(u16::from_be_bytes([high, low]));
        if len > MAX_DATA + MAX_EXPANSION {
            return Err(TlsError::TooLong);
        }
        Ok(Header { kind, version: [major, minor], len })
    }
}

/// Returns the length of the content of a record of SSL 2.0, if `bytes` begin with its header of two
/// bytes. Only a client's first message may be one.
pub(crate) fn ssl2_len(bytes: [u8; HEADER_LEN]) -> Option<usize> {
    let [high, low, ..] = bytes;
    let len = u16::from_be_bytes([high & 0x7F, low]);
    (high & 0x80 != 0).then_some(len.into())
}
