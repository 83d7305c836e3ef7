#[cfg(feature = "serde")]
use super::OutOfRangeError;

/// A transaction ID: 0 to 2³²−1 in at most ten digits.
///
/// Leading zeros are kept, so the reply to `007` has `007`. A server must not use a transaction ID
/// as a key: Gaim 0.11 sends the same one for a whole session (`Quirk::OneTransactionId`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Unchecked"))]
pub struct TrId {
    value: u32,
    leading_zeros: u8,
}

/// The serialised form, before it is checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct Unchecked {
    value: u32,
    leading_zeros: u8,
}

#[cfg(feature = "serde")]
impl TryFrom<Unchecked> for TrId {
    type Error = OutOfRangeError;
    fn try_from(Unchecked { value, leading_zeros }: Unchecked) -> Result<TrId, OutOfRangeError> {
        let digits = value.checked_ilog10().unwrap_or(0) + 1 + u32::from(leading_zeros);
        if digits <= 10 {
            Ok(TrId { value, leading_zeros })
        } else {
            Err(OutOfRangeError { rule: "a transaction ID has at most ten digits" })
        }
    }
}

impl TrId {
    /// The transaction ID of lines of the server that are no reply.
    pub const SERVER: TrId = TrId::new(0);

    /// Makes a transaction ID without leading zeros.
    pub const fn new(value: u32) -> TrId {
        TrId { value, leading_zeros: 0 }
    }

    /// Parses a transaction ID. Returns `None` if it is not a number or out of range.
    pub fn parse(word: &[u8]) -> Option<TrId> {
        let value = crate::line::number(word)?;
        let zeros = word.iter().take_while(|byte| **byte == b'0').count();
        // The last zero of `000` is the number itself.
        let leading_zeros = if value == 0 { zeros.saturating_sub(1) } else { zeros };
        Some(TrId { value, leading_zeros: u8::try_from(leading_zeros).ok()? })
    }

    /// Returns the number.
    pub const fn value(self) -> u32 {
        self.value
    }

    /// Returns the number of leading zeros.
    pub const fn leading_zeros(self) -> u8 {
        self.leading_zeros
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Line;

    #[test]
    fn a_transaction_id_is_written_with_the_digits_it_was_read_with() {
        for digits in ["0", "000", "7", "007", "4294967295", "0000000010"] {
            let mut out = heapless::Vec::<u8, 32>::new();
            let trid = TrId::parse(digits.as_bytes()).unwrap();
            Line::new(&mut out, "QNG").trid(trid).end().unwrap();
            assert_eq!(out, std::format!("QNG {digits}\r\n").as_bytes());
        }
    }

    #[test]
    fn words_that_are_no_32_bit_number_are_refused() {
        for word in ["", "-1", "x", "1x", "4294967296", "00000000001"] {
            assert_eq!(TrId::parse(word.as_bytes()), None, "{word}");
        }
    }
}
