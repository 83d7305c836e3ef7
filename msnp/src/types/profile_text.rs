use super::encoded::{Encoded, TextError, check, decode, encode};
use heapless::String;

/// A name or a place in the member directory, stored decoded.
///
/// Spaces around the text are removed: another user, who searches for it, does not see them. The
/// text is never `*`, which matches anything in a search.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ProfileText(String<{ ProfileText::MAX_ENCODED }, u16>);

impl ProfileText {
    /// The maximum length of an encoded text, in bytes. Every byte beyond ASCII counts as three. So
    /// a text has up to 96 ASCII letters, 16 Greek or Cyrillic ones, or 10 Chinese characters, and
    /// a line with four texts fits well into the 1 200 bytes of the clients' buffers.
    pub const MAX_ENCODED: usize = 96;

    /// Checks a decoded text.
    ///
    /// # Errors
    /// [`TextError`] if it is illegal. `*` is malformed.
    pub fn new(text: &str) -> Result<ProfileText, TextError> {
        check::<{ ProfileText::MAX_ENCODED }>(text).and_then(|text| ProfileText::trimmed(&text))
    }

    /// Decodes a text as it is sent.
    ///
    /// # Errors
    /// [`TextError`] if it is illegal. `*` is malformed.
    pub fn parse(word: &[u8]) -> Result<ProfileText, TextError> {
        decode::<{ ProfileText::MAX_ENCODED }>(word).and_then(|text| ProfileText::trimmed(&text))
    }

    fn trimmed(text: &str) -> Result<ProfileText, TextError> {
        match text.trim() {
            "" => Err(TextError::Empty),
            "*" => Err(TextError::Malformed),
            text => String::try_from(text).map(ProfileText).map_err(|_| TextError::TooLong),
        }
    }

    /// Returns the decoded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text as it is sent, in pieces.
    pub fn encoded(&self) -> Encoded<'_> {
        encode(&self.0)
    }

    /// Whether both texts are the same, ignoring case.
    pub fn eq_ignore_case(&self, other: &ProfileText) -> bool {
        let (one, other) = (self.0.chars(), other.0.chars());
        one.flat_map(char::to_lowercase).eq(other.flat_map(char::to_lowercase))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> ProfileText {
        ProfileText::new(text).unwrap()
    }

    #[test]
    fn a_text_has_at_most_96_bytes_when_encoded_and_is_no_asterisk() {
        assert_eq!(ProfileText::parse(b"Zo%C3%AB%20M.").unwrap().as_str(), "Zoë M.");
        assert!(ProfileText::new(&"a".repeat(96)).is_ok());
        assert!(ProfileText::new(&"ж".repeat(16)).is_ok());
        assert_eq!(ProfileText::new(&"a".repeat(97)), Err(TextError::TooLong));
        assert_eq!(ProfileText::new(&"ж".repeat(17)), Err(TextError::TooLong));
        assert_eq!(ProfileText::new(""), Err(TextError::Empty));
        assert_eq!(ProfileText::new("*"), Err(TextError::Malformed));
        assert_eq!(ProfileText::parse(b"%2a"), Err(TextError::Malformed));
        assert_eq!(ProfileText::parse(b"a%0d%0ab"), Err(TextError::Malformed));
        assert_eq!(ProfileText::new("**").unwrap().as_str(), "**");
    }

    #[test]
    fn spaces_around_a_text_are_removed() {
        assert_eq!(ProfileText::parse(b"%20Zo%C3%AB%20M.%C2%A0").unwrap().as_str(), "Zoë M.");
        assert_eq!(text("\u{3000}Zoë ").as_str(), "Zoë");
        for blank in [" ", " \u{a0}", "\u{3000}"] {
            assert_eq!(ProfileText::new(blank), Err(TextError::Empty), "{blank:?}");
        }
        assert_eq!(ProfileText::new(" * "), Err(TextError::Malformed));
        assert_eq!(ProfileText::new("Zoë\r\n"), Err(TextError::Malformed));
    }

    #[test]
    fn whole_texts_are_compared_ignoring_case() {
        assert!(text("Zoë").eq_ignore_case(&text("zOË")));
        assert!(text("Жуков").eq_ignore_case(&text("жУКОВ")));
        for other in ["Zoe", "Zo", "Zoë M."] {
            assert!(!text("Zoë").eq_ignore_case(&text(other)), "{other}");
        }
    }
}
