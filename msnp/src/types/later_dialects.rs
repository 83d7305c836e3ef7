use core::fmt;

/// The protocol versions that a client offers and this crate does not have as a
/// [`Dialect`](super::Dialect): `MSNP8` and later, each once, in the client's order. At most
/// [`LaterDialects::MAX`] are kept; further ones are dropped.
///
/// ```
/// # use msnp::LaterDialects;
/// let mut later = LaterDialects::default();
/// assert!(later.add_word(b"MSNP10") && later.add_word(b"msnp9") && !later.add_word(b"MSNP7"));
/// assert_eq!(later.to_string(), "MSNP10 and MSNP9");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LaterDialects {
    /// The version numbers. 0 marks a free element.
    numbers: [u8; LaterDialects::MAX],
}

impl LaterDialects {
    /// No later version.
    pub const NONE: LaterDialects = LaterDialects { numbers: [0; LaterDialects::MAX] };

    /// The maximum number of versions. No client offers more than MSN Messenger of 2011, which
    /// offers five.
    pub const MAX: usize = 8;

    /// The first later version.
    const FIRST: u8 = 8;

    /// Adds a version, if this word of a `VER` command is the name of a later one. Returns whether
    /// the word is such a name.
    pub fn add_word(&mut self, word: &[u8]) -> bool {
        let Some(added) = parse_number(word) else { return false };
        let is_new = !self.numbers.contains(&added);
        if is_new && let Some(free) = self.numbers.iter_mut().find(|number| **number == 0) {
            *free = added;
        }
        true
    }

    /// Whether there is no later version.
    pub fn is_empty(&self) -> bool {
        self.numbers().next().is_none()
    }

    /// Returns the version numbers, such as 8 for `MSNP8`.
    pub fn numbers(&self) -> impl Iterator<Item = u8> + '_ {
        self.numbers.iter().copied().filter(|number| *number != 0)
    }
}

/// Parses the number of a later version. Only names in the official form count: `MSNP` and a number
/// of one or two digits without leading zeros. Case does not matter, as in
/// [`Dialect::parse`](super::Dialect::parse).
fn parse_number(word: &[u8]) -> Option<u8> {
    let (name, digits) = word.split_at_checked(4)?;
    let is_number = matches!(digits, [b'1'..=b'9'] | [b'1'..=b'9', b'0'..=b'9']);
    if !name.eq_ignore_ascii_case(b"MSNP") || !is_number {
        return None;
    }
    let number = digits.iter().fold(0u8, |higher, digit| higher * 10 + (digit - b'0'));
    (number >= LaterDialects::FIRST).then_some(number)
}

impl fmt::Display for LaterDialects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.numbers().count().saturating_sub(1);
        for (index, number) in self.numbers().enumerate() {
            let separator = match index {
                0 => "",
                _ if index == last => " and ",
                _ => ", ",
            };
            write!(f, "{separator}MSNP{number}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::fmt::Write;

    fn of(words: &[&str]) -> LaterDialects {
        let mut later = LaterDialects::default();
        for word in words {
            later.add_word(word.as_bytes());
        }
        later
    }

    #[test]
    fn at_most_eight_later_versions_are_kept_in_the_order_of_the_client() {
        assert!(of(&[]).is_empty());
        for (words, shown) in [
            (&["MSNP8"] as &[&str], "MSNP8"),
            (&["MSNP9", "msnp8", "MSNP9"], "MSNP9 and MSNP8"),
            (&["MSNP12", "MSNP11", "MSNP10"], "MSNP12, MSNP11 and MSNP10"),
        ] {
            let mut text = heapless::String::<64>::new();
            write!(text, "{}", of(words)).unwrap();
            assert_eq!(text, shown);
        }
        let names: [&str; 10] = [
            "MSNP21", "MSNP20", "MSNP19", "MSNP18", "MSNP17", "MSNP16", "MSNP15", "MSNP14",
            "MSNP13", "MSNP12",
        ];
        let numbers = of(&names).numbers().collect::<heapless::Vec<u8, 10>>();
        assert_eq!(numbers, [21, 20, 19, 18, 17, 16, 15, 14]);
    }

    #[test]
    fn other_words_are_not_later_versions() {
        for word in
            ["", "MSNP", "MSNP7", "MSNP08", "MSNP100", "MSNP8a", "MSNPx", "CVR0", "MSNQ8", "MSNÄ8"]
        {
            assert!(!LaterDialects::default().add_word(word.as_bytes()), "{word}");
        }
    }
}
