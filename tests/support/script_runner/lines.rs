//! The text after `C:`, `S:` and `|`. Words in angle brackets stand for bytes that cannot be typed.

use super::pattern::{Kind, LISTENERS, Part, Pattern};

/// The end of a sent line, or of a line of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineEnd {
    CrLf,
    Lf,
    /// `<END>`: no line end.
    None,
}

impl LineEnd {
    pub(crate) fn bytes(self) -> &'static [u8] {
        match self {
            Self::CrLf => b"\r\n",
            Self::Lf => b"\n",
            Self::None => b"",
        }
    }
}

/// Parses a line with the line end that it names.
pub(crate) fn line_pattern(text: &str) -> Result<Pattern, String> {
    let (text, end) = if let Some(text) = text.strip_suffix("<LF>") {
        (text, LineEnd::Lf)
    } else if let Some(text) = text.strip_suffix("<END>") {
        (text, LineEnd::None)
    } else {
        (text, LineEnd::CrLf)
    };
    let mut line = pattern(text)?;
    line.push_text(end.bytes());
    Ok(line)
}

/// Parses a line without its line end.
pub(crate) fn pattern(text: &str) -> Result<Pattern, String> {
    if text.ends_with([' ', '\t']) {
        return Err("a blank at the end of a line cannot be seen: write <SP>".to_owned());
    }
    let mut pattern = Pattern::default();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        pattern.push_text(before.as_bytes());
        let (word, after) = after.split_once('>').ok_or("a `<` without its `>`")?;
        pattern.push(part(word)?);
        rest = after;
    }
    pattern.push_text(rest.as_bytes());
    Ok(pattern)
}

/// Parses the text between `<` and `>`.
fn part(word: &str) -> Result<Part, String> {
    let unknown = || format!("<{word}>: not understood");
    let text = match word {
        "SP" => Some(" "),
        "TAB" => Some("\t"),
        "CR" => Some("\r"),
        "LF" => Some("\n"),
        "CRLF" => Some("\r\n"),
        _ => None,
    };
    if let Some(text) = text {
        return Ok(Part::Text(text.as_bytes().to_vec()));
    }
    if let Some(digits) = word.strip_prefix("0x") {
        let byte = u8::from_str_radix(digits, 16).map_err(|_| unknown())?;
        return Ok(Part::Text(vec![byte]));
    }
    if let Some((text, times)) = word.split_once('*') {
        let times: usize = times.parse().map_err(|_| unknown())?;
        return Ok(Part::Text(text.repeat(times).into_bytes()));
    }
    let stderr: Vec<&str> = word.split(' ').collect();
    match stderr.as_slice() {
        [method @ ("md5" | "MD5"), challenge, password] => Ok(Part::Digest {
            challenge: (*challenge).to_owned(),
            password: (*password).to_owned(),
            upper: *method == "MD5",
        }),
        [word] => value(word).ok_or_else(unknown),
        _ => Err(unknown()),
    }
}

/// Parses `ser`, `ser+1`, `ser-1`.
fn value(word: &str) -> Option<Part> {
    let end = word.find(['+', '-']).unwrap_or(word.len());
    let (name, added) = word.split_at(end);
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !name.bytes().all(plain) || !(LISTENERS.contains(&name) || Kind::of(name).is_ok()) {
        return None;
    }
    let added = if added.is_empty() { 0 } else { added.parse().ok()? };
    Some(Part::Value { name: name.to_owned(), added })
}

/// Encodes a friendly name as the server does: `%XX` for every byte up to 0x20, 0x7F and `%`.
pub(crate) fn encoded(name: &str) -> String {
    let mut text = String::new();
    for character in name.chars() {
        match character {
            '\0'..='\x20' | '%' | '\x7F' => {
                text.push_str(&format!("%{:02X}", u32::from(character)));
            }
            _ => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{encoded, line_pattern, pattern};

    fn plain(text: &str) -> Vec<u8> {
        line_pattern(text).unwrap().plain().unwrap().to_vec()
    }

    #[test]
    fn line_ends_in_crlf_unless_it_says_otherwise() {
        assert_eq!(plain("PNG"), b"PNG\r\n");
        assert_eq!(plain("PNG<LF>"), b"PNG\n");
        assert_eq!(plain("PN<END>"), b"PN");
        assert_eq!(plain("SYN 4 0<CRLF>CHG 5 NLN<LF>"), b"SYN 4 0\r\nCHG 5 NLN\n");
    }

    #[test]
    fn words_stand_for_bytes_that_cannot_be_typed() {
        assert_eq!(plain("INF 2<SP>"), b"INF 2 \r\n");
        assert_eq!(plain("INF<TAB>2<0xC3><0xa9><END>"), b"INF\t2\xC3\xA9");
        assert_eq!(plain("<A*5>"), b"AAAAA\r\n");
        assert_eq!(plain("<%20*2>"), b"%20%20\r\n");
    }

    #[test]
    fn anything_else_in_brackets_is_refused() {
        for text in ["<SPACE>", "<name>", "<ser+>", "<Ser>", "<0xG1>", "<A*x>", "<md5 a>", "a < b"]
        {
            assert!(pattern(text).is_err(), "{text}");
        }
        assert!(pattern("INF 2 ").is_err(), "a blank that cannot be seen");
    }

    #[test]
    fn friendly_name_is_encoded_as_the_server_does() {
        assert_eq!(encoded("Bob B."), "Bob%20B.");
        assert_eq!(encoded("100% \u{e9}\u{7f}~!<>"), "100%25%20\u{e9}%7F~!<>");
    }
}
