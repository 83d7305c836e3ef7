//! Finds invisible and direction-changing characters in names. With them, a name can look like
//! another one, or be invisible.

/// Whether a character changes the text direction, or has no width and no meaning in a name:
/// bidirectional controls, zero-width spaces, separators, invisible operators, annotations and
/// tags.
const fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{61C}'
            | '\u{180E}'
            | '\u{200B}'
            | '\u{200E}'
            | '\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}'
    )
}

/// U+200C and U+200D. Persian, the scripts of India and composed emoji need them between two
/// characters.
const fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200C}' | '\u{200D}')
}

/// Whether a character is a space, including those that Unicode classifies as letters or symbols.
fn is_blank(character: char) -> bool {
    let is_blank_letter =
        matches!(character, '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}');
    is_blank_letter || character.is_whitespace()
}

/// Whether a character changes the look of another one and is invisible by itself.
const fn is_selector(character: char) -> bool {
    matches!(character, '\u{34F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Whether a character is visible by itself.
fn is_visible(character: char) -> bool {
    !(is_hidden(character)
        || is_joiner(character)
        || is_blank(character)
        || is_selector(character)
        || character.is_control())
}

/// Whether a text has a visible character.
pub(super) fn has_visible(text: &str) -> bool {
    text.chars().any(is_visible)
}

/// Whether a text has a visible character and no hidden one.
pub(super) fn is_all_visible(text: &str) -> bool {
    has_visible(text) && visible_characters(text.chars()).eq(text.chars())
}

/// Removes hidden characters, and joiners unless they are between two characters that are no
/// spaces. Of several joiners in a row, one stays.
pub(super) fn visible_characters(
    characters: impl Iterator<Item = char>,
) -> impl Iterator<Item = char> {
    VisibleCharacters { characters, previous: None, pending_joiner: None, after_joiner: None }
}

/// The iterator of [`visible_characters`].
struct VisibleCharacters<I> {
    characters: I,
    /// The last character that was returned, except joiners.
    previous: Option<char>,
    /// A joiner that was read after `previous`. It is returned if a character follows that is not a
    /// space.
    pending_joiner: Option<char>,
    /// The character to return after a joiner that was returned.
    after_joiner: Option<char>,
}

impl<I: Iterator<Item = char>> Iterator for VisibleCharacters<I> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        if let Some(character) = self.after_joiner.take() {
            self.previous = Some(character);
            return Some(character);
        }
        loop {
            let character = self.characters.next()?;
            if is_hidden(character) {
                continue;
            }
            if is_joiner(character) {
                let is_after_character = self.previous.is_some_and(|previous| !is_blank(previous));
                if is_after_character && self.pending_joiner.is_none() {
                    self.pending_joiner = Some(character);
                }
                continue;
            }
            match self.pending_joiner.take() {
                Some(joiner) if !is_blank(character) => {
                    self.after_joiner = Some(character);
                    return Some(joiner);
                }
                _ => {
                    self.previous = Some(character);
                    return Some(character);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    #[test]
    fn hidden_characters_are_removed() {
        for (text, visible) in [
            ("Bob", "Bob"),
            ("B\u{200B}o\u{202E}b\u{2066}", "Bob"),
            ("\u{FEFF}Bob\u{200F} \u{E0041}B.", "Bob B."),
            ("\u{200D}Bob\u{200C}", "Bob"),
            ("Bob\u{200D} \u{200C}B.", "Bob B."),
            ("\u{200E}\u{200D}\u{200E}", ""),
        ] {
            assert_eq!(visible_characters(text.chars()).collect::<String>(), visible, "{text:?}");
            assert_eq!(is_all_visible(text), text == visible, "{text:?}");
        }
    }

    #[test]
    fn a_joiner_stays_between_two_characters() {
        for text in ["می\u{200C}خواهم", "क्\u{200D}ष", "❤\u{FE0F}\u{200D}🔥", "a\u{200C}b\u{200D}c"]
        {
            assert!(is_all_visible(text), "{text:?}");
        }
        // A joiner that has lost its second character is removed.
        assert_eq!(visible_characters("a\u{200D}\u{200B}".chars()).collect::<String>(), "a");
        assert_eq!(
            visible_characters("a\u{200D}\u{200B}b".chars()).collect::<String>(),
            "a\u{200D}b"
        );
        assert_eq!(
            visible_characters("a\u{200D}\u{200C}b".chars()).collect::<String>(),
            "a\u{200D}b"
        );
    }

    #[test]
    fn spaces_alone_are_not_visible() {
        for text in [
            "",
            " ",
            "\u{A0}",
            " \u{3000}\u{2003}",
            "\u{3164}",
            "\u{2800}",
            "\u{FE0F}",
            " \u{200B}",
        ] {
            assert!(!is_all_visible(text), "{text:?}");
            assert!(!has_visible(text), "{text:?}");
        }
        for text in [" Bob ", "\u{A0}.", "\u{AD}", "🙂"] {
            assert!(is_all_visible(text), "{text:?}");
        }
    }
}
