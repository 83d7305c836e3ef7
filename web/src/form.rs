//! The fields of a submitted form: `application/x-www-form-urlencoded` in Windows-1252.

use encoding_rs::WINDOWS_1252;
use percent_encoding::percent_decode;

/// The maximum number of fields that are read. No form of these pages has as many.
const MAX_FIELDS: usize = 16;

/// The name and the value of each field.
#[derive(Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Decodes a form. The pages declare `iso-8859-1`, which browsers of all ages treat as
    /// Windows-1252. Newer browsers send other characters as references, such as `&#1046;`.
    pub(crate) fn parse(body: &[u8]) -> Form {
        let fields = body.split(|byte| *byte == b'&').take(MAX_FIELDS).map(|field| {
            let mut parts = field.splitn(2, |byte| *byte == b'=');
            let name = parts.next().unwrap_or_default();
            let value = parts.next().unwrap_or_default();
            (decode(name), decode(value))
        });
        Form(fields.collect())
    }

    /// Returns the value of a field, or `""` if it is missing.
    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(found_name, _)| found_name == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}

fn decode(encoded: &[u8]) -> String {
    let with_spaces: Vec<u8> =
        encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let bytes: Vec<u8> = percent_decode(&with_spaces).collect();
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(&bytes);
    resolve_references(&text)
}

/// Replaces numeric references to characters above U+00FF. Browsers send the other characters
/// without references, so a reference to one of them was typed by the user, and stays.
fn resolve_references(text: &str) -> String {
    let mut parts = text.split("&#");
    let mut resolved = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let reference = part.split_once(';').and_then(|(digits, rest)| {
            let number: u32 = digits.parse().ok()?;
            let character = char::from_u32(number).filter(|_| number > 0xff)?;
            Some((character, rest))
        });
        match reference {
            Some((character, rest)) => {
                resolved.push(character);
                resolved.push_str(rest);
            }
            None => {
                resolved.push_str("&#");
                resolved.push_str(part);
            }
        }
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_windows_1252() {
        let form = Form::parse(b"name=J%F6rg+%80+%93a%94&b=%26%23&&c&name=other&d=%C3%A4%zz");
        assert_eq!(form.get("name"), "J\u{f6}rg \u{20ac} \u{201c}a\u{201d}");
        assert_eq!(form.get("b"), "&#");
        assert_eq!((form.get("c"), form.get("missing")), ("", ""));
        assert_eq!(form.get("d"), "\u{c3}\u{a4}%zz");
    }

    #[test]
    fn characters_outside_windows_1252_are_references() {
        let form = Form::parse(b"a=%26%231046%3B%26%2365%3B&b=%26%23x41%3B%26%239999999%3B");
        assert_eq!(form.get("a"), "\u{416}&#65;");
        assert_eq!(form.get("b"), "&#x41;&#9999999;");
    }

    #[test]
    fn fields_beyond_the_limit_are_ignored() {
        let mut body = b"x=1&".repeat(MAX_FIELDS);
        body.extend_from_slice(b"late=1");
        assert_eq!(Form::parse(&body).get("late"), "");
    }
}
