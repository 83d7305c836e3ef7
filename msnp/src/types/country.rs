/// A country of the member directory: two letters in upper case, such as `US`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Country([u8; 2]);

impl Country {
    /// The only country in which the directory was searched by city and state
    /// ([the wiki](crate#sources)).
    pub const UNITED_STATES: Country = Country(*b"US");

    /// Parses a country, in any case. Returns `None` if it is not two letters.
    pub fn parse(word: &[u8]) -> Option<Country> {
        let mut letters: [u8; 2] = word.try_into().ok()?;
        letters.make_ascii_uppercase();
        letters.iter().all(u8::is_ascii_alphabetic).then_some(Country(letters))
    }

    /// Returns the two letters.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or("US")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_two_letters_in_upper_case() {
        assert_eq!(Country::parse(b"us"), Some(Country::UNITED_STATES));
        assert_eq!(Country::parse(b"De").unwrap().as_str(), "DE");
        for word in [b"".as_slice(), b"U", b"USA", b"U1", b"\xc3\xab", b" U"] {
            assert_eq!(Country::parse(word), None, "{word:?}");
        }
    }
}
