use heapless::String;

/// A cookie, which admits a user to a switchboard once: 1 to [`Cookie::MAX`] digits and dots
/// (`Quirk::ShortCookieBuffer`). Its `Debug` form leaves the cookie out.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cookie(String<{ Cookie::MAX }, u8>);

secret_in_logs!(Cookie);

impl Cookie {
    /// The maximum length of a cookie, in characters.
    pub const MAX: usize = 29;

    /// Makes a cookie of three groups of nine digits (about 90 bits) from 128 random bits.
    pub fn from_entropy(random: u128) -> Cookie {
        let mut text = String::new();
        let mut rest = random;
        let is_dot = |position: usize| position % 10 == 9;
        for position in 0..Cookie::MAX {
            let character = if is_dot(position) {
                '.'
            } else {
                let digit = u32::try_from(rest % 10).unwrap_or(0);
                rest /= 10;
                char::from_digit(digit, 10).unwrap_or('0')
            };
            // The capacity is `MAX`.
            let _ = text.push(character);
        }
        Cookie(text)
    }

    /// Parses a cookie. Returns `None` if it is illegal.
    pub fn parse(word: &[u8]) -> Option<Cookie> {
        let text = core::str::from_utf8(word).ok()?;
        let is_legal = |character: char| character.is_ascii_digit() || character == '.';
        if text.is_empty() || !text.chars().all(is_legal) {
            return None;
        }
        String::try_from(text).ok().map(Cookie)
    }

    /// Returns the cookie as it is sent.
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
    fn illegal_cookies_are_refused() {
        for word in [b"".as_slice(), b"12a", b"1 2", &[b'1'; 30]] {
            assert_eq!(Cookie::parse(word), None);
        }
    }
}
