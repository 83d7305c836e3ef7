//! Texts as they are written.
//!
//! `ron` escapes a text character by character, which took half of the time of an export. So it is set
//! to escape none, and the few texts that need escapes are escaped here.

use ron::value::RawValue;
use serde::ser::Error;
use serde::{Serialize, Serializer};
use std::fmt::Display;

/// A text between quotes, with escapes where `ron` would make them. Only for `ron`.
pub(super) struct Text<'a>(pub(super) &'a str);

/// Returns whether the escaped form of a text is the text itself.
fn is_plain(text: &str) -> bool {
    text.chars().all(|character| match character {
        '"' | '\'' | '\\' => false,
        ' '..='~' => true,
        other => other.escape_debug().eq([other]),
    })
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if is_plain(self.0) {
            return to.serialize_str(self.0);
        }
        let escaped = ron::to_string(self.0).map_err(S::Error::custom)?;
        RawValue::from_ron(&escaped).map_err(S::Error::custom)?.serialize(to)
    }
}

/// Writes a value as its text.
pub(super) fn write_text<S: Serializer>(value: &impl Display, to: S) -> Result<S::Ok, S::Error> {
    Text(&value.to_string()).serialize(to)
}

/// Writes an optional value as its text.
pub(super) fn write_optional<S: Serializer>(
    value: &Option<impl Display>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => to.serialize_some(&Text(&value.to_string())),
        None => to.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ron::ser::PrettyConfig;

    #[test]
    fn texts_are_escaped_as_ron_escapes_them() {
        let config = PrettyConfig::new().escape_strings(false);
        for words in [
            "",
            "plain ~ text",
            "O'Brien",
            "a \"quote\"",
            "a \\ b\tc\n",
            "Jörg Ж 龍",
            "e\u{301} \u{200b}\u{202e}\u{7f}\u{9b}",
            "\u{1f600}",
        ] {
            let written = ron::ser::to_string_pretty(&Text(words), config.clone()).unwrap();
            assert_eq!(written, ron::to_string(words).unwrap(), "{words:?}");
            assert_eq!(ron::from_str::<String>(&written).unwrap(), words);
        }
    }
}
