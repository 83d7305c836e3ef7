/// A number that is outside the range of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OutOfRangeError {
    /// The rule that the number breaks.
    pub(super) rule: &'static str,
}

impl core::fmt::Display for OutOfRangeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.rule)
    }
}

impl core::error::Error for OutOfRangeError {}
