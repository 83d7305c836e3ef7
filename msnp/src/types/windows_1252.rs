//! Windows-1252, the code page in which clients without UTF-8 wrote names.

/// The characters of the bytes 0x80 to 0x9F (WHATWG Encoding Standard, index-windows-1252). The
/// code page does not define five of these bytes; they are C1 controls here. All other bytes are
/// the same in Latin-1.
const C1_RANGE: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// Returns the character of a byte, or a C1 control if the code page does not define the byte.
pub(super) fn from_windows_1252(byte: u8) -> char {
    let index = byte.checked_sub(0x80).map(usize::from);
    let other_than_latin_1 = index.and_then(|index| C1_RANGE.get(index)).copied();
    other_than_latin_1.unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::from_windows_1252;
    use std::string::String;

    #[test]
    fn the_bytes_0x80_to_0x9f_are_not_those_of_latin_1() {
        let text: String = b"Zo\xeb \x80 \x93x\x94 \x9f\xa0\xff\x7f"
            .iter()
            .copied()
            .map(from_windows_1252)
            .collect();
        assert_eq!(text, "Zoë € “x” Ÿ\u{a0}ÿ\u{7f}");
        let undefined: String =
            [0x81, 0x8d, 0x8f, 0x90, 0x9d].into_iter().map(from_windows_1252).collect();
        assert_eq!(undefined, "\u{81}\u{8d}\u{8f}\u{90}\u{9d}");
    }
}
