use heapless::String;

/// A word of printable ASCII without blanks, 1 to `N` bytes, for parameters whose meaning is none
/// of the server's business.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Token<const N: usize>(String<N>);

impl<const N: usize> Token<N> {
    /// Reads a word.
    pub fn parse(word: &[u8]) -> Option<Token<N>> {
        let text = core::str::from_utf8(word).ok()?;
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        String::try_from(text).ok().map(Token)
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const N: usize> core::fmt::Display for Token<N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}
