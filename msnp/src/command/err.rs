//! A numeric error: the code, the transaction ID, nothing else.

use crate::line::{Line, Sink, SinkFullError};
use crate::types::{ErrorCode, TrId};

/// `code trid`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ErrorReply {
    /// The error code.
    pub code: ErrorCode,
    /// The transaction ID of the request.
    pub trid: TrId,
}

impl ErrorReply {
    pub(super) fn encode(&self, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let number = self.code.number();
        let last_digit = |value: u16| char::from_digit(u32::from(value % 10), 10).unwrap_or('0');
        let mut name = heapless::String::<3>::new();
        // A code has three digits.
        let _ = name.push(last_digit(number / 100));
        let _ = name.push(last_digit(number / 10));
        let _ = name.push(last_digit(number));
        Line::new(out, name).trid(self.trid).end()
    }
}
