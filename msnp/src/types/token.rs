use heapless::String;

/// A word of printable ASCII without spaces, 1 to `N` bytes. For parameters that a server does not
/// interpret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Token<const N: usize>(String<N>);

impl<const N: usize> Token<N> {
    /// Parses a word. Returns `None` if it is illegal.
    pub fn parse(word: &[u8]) -> Option<Token<N>> {
        let text = core::str::from_utf8(word).ok()?;
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        String::try_from(text).ok().map(Token)
    }

    /// Returns the word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const N: usize> core::fmt::Display for Token<N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}
