use heapless::String;

/// What lets a principal into a switchboard, once: digits and dots, at most [`Cookie::MAX`]
/// characters (`Quirk::ShortCookieBuffer`).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cookie(String<{ Cookie::MAX }, u8>);

secret_in_logs!(Cookie);

impl Cookie {
    /// The most characters of a cookie.
    pub const MAX: usize = 29;

    /// A cookie of three groups of nine digits, about 90 bits, from 128 random bits.
    pub fn from_entropy(random: u128) -> Cookie {
        let mut text = String::new();
        let mut rest = random;
        for place in 0..Cookie::MAX {
            let character = if place % 10 == 9 {
                '.'
            } else {
                let digit = u32::try_from(rest % 10).unwrap_or(0);
                rest /= 10;
                char::from_digit(digit, 10).unwrap_or('0')
            };
            // There are exactly as many places as there is room for.
            let _ = text.push(character);
        }
        Cookie(text)
    }

    /// Reads a cookie.
    pub fn parse(word: &[u8]) -> Option<Cookie> {
        let text = core::str::from_utf8(word).ok()?;
        let legal = |character: char| character.is_ascii_digit() || character == '.';
        if text.is_empty() || !text.chars().all(legal) {
            return None;
        }
        String::try_from(text).ok().map(Cookie)
    }

    /// The cookie as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_has_29_digits_and_dots() {
        let cookie = Cookie::from_entropy(u128::MAX);
        assert_eq!(cookie.as_str().len(), Cookie::MAX);
        assert_eq!(cookie.as_str().matches('.').count(), 2);
        assert_eq!(Cookie::parse(cookie.as_str().as_bytes()), Some(cookie));
        assert_eq!(Cookie::from_entropy(0).as_str(), "000000000.000000000.000000000");
    }

    #[test]
    fn what_is_no_cookie_is_refused() {
        for word in [b"".as_slice(), b"12a", b"1 2", &[b'1'; 30]] {
            assert_eq!(Cookie::parse(word), None);
        }
    }
}
