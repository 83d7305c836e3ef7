//! Which characters of a name can be seen. Invisible and direction-changing ones make a name that
//! looks like another one, or like none.

/// Changes the direction of the text, or has no width and means nothing in a name: bidirectional
/// controls, zero-width blanks, separators, invisible operators, annotations and tags.
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

/// U+200C and U+200D: Persian, the scripts of India and pictures of several characters need them
/// between two characters.
const fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200C}' | '\u{200D}')
}

/// Whether it is a blank, also one that Unicode counts among the letters.
fn is_blank(character: char) -> bool {
    let filler =
        matches!(character, '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}');
    filler || character.is_whitespace()
}

/// Whether it changes the look of another character and has none of its own.
const fn is_selector(character: char) -> bool {
    matches!(character, '\u{34F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Whether it can be seen by itself.
fn is_visible(character: char) -> bool {
    !(is_hidden(character)
        || is_joiner(character)
        || is_blank(character)
        || is_selector(character)
        || character.is_control())
}

/// Whether a text has something that can be seen.
pub(super) fn has_visible(text: &str) -> bool {
    text.chars().any(is_visible)
}

/// Whether a text can be seen as it is: nothing in it is hidden, and it is not blank.
pub(super) fn is_all_visible(text: &str) -> bool {
    has_visible(text) && visible_characters(text.chars()).eq(text.chars())
}

/// The characters without the hidden ones. A joiner stays between two characters that are no blanks.
pub(super) fn visible_characters(
    characters: impl Iterator<Item = char>,
) -> impl Iterator<Item = char> {
    Shown { characters, last: None, joiner: None, next: None }
}

struct Shown<I> {
    characters: I,
    /// The one that was passed on last.
    last: Option<char>,
    /// A joiner behind it, which stays if there is something to join.
    joiner: Option<char>,
    /// One that was read already.
    next: Option<char>,
}

impl<I: Iterator<Item = char>> Iterator for Shown<I> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        if let Some(character) = self.next.take() {
            self.last = Some(character);
            return Some(character);
        }
        loop {
            let character = self.characters.next()?;
            if is_joiner(character) {
                let joins = self.last.is_some_and(|last| !is_blank(last));
                self.joiner = self.joiner.or(joins.then_some(character));
            } else if !is_hidden(character) {
                let joiner = self.joiner.take().filter(|_| !is_blank(character));
                if joiner.is_some() {
                    self.next = Some(character);
                    return joiner;
                }
                self.last = Some(character);
                return Some(character);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    #[test]
    fn hidden_characters_are_left_out() {
        for (text, seen) in [
            ("Bob", "Bob"),
            ("B\u{200B}o\u{202E}b\u{2066}", "Bob"),
            ("\u{FEFF}Bob\u{200F} \u{E0041}B.", "Bob B."),
            ("\u{200D}Bob\u{200C}", "Bob"),
            ("Bob\u{200D} \u{200C}B.", "Bob B."),
            ("\u{200E}\u{200D}\u{200E}", ""),
        ] {
            assert_eq!(visible_characters(text.chars()).collect::<String>(), seen, "{text:?}");
            assert_eq!(is_all_visible(text), text == seen, "{text:?}");
        }
    }

    #[test]
    fn a_joiner_stays_between_two_characters() {
        for text in ["می\u{200C}خواهم", "क्\u{200D}ष", "❤\u{FE0F}\u{200D}🔥", "a\u{200C}b\u{200D}c"]
        {
            assert!(is_all_visible(text), "{text:?}");
        }
        // What joins nothing any more goes with the hidden one.
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
    fn blanks_alone_are_not_visible() {
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
