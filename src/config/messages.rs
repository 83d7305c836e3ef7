//! Messages about invalid RON text, for the user who wrote it. The parser's own messages are for
//! programmers.

use ron::Error;

/// The similarity (0 to 1) from which a key counts as a misspelling of another.
const MIN_SIMILARITY: f64 = 0.8;

/// The beginning of the message for an unknown key.
pub(crate) const UNKNOWN_KEY: &str = "unknown key `";

const PARENTHESES: &str = "in parentheses";

/// The message for a missing comma or closing parenthesis. The parser reports an open quotation mark as the
/// same error.
const MISSING_COMMA: &str =
    "a comma or a closing parenthesis is missing, or a quotation mark is still open";

/// If the error is a value of a wrong kind, returns the expected kind.
pub(crate) fn expected_value(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::ExpectedArray => "a list in square brackets",
        Error::ExpectedMap => "a list in braces",
        Error::ExpectedBoolean => "true or false",
        Error::ExpectedString | Error::ExpectedChar => "text in quotation marks",
        Error::ExpectedInteger | Error::IntegerOutOfBounds | Error::ExpectedFloat => {
            "a whole number"
        }
        Error::ExpectedIdentifier => "a plain word without quotation marks",
        Error::ExpectedStructLike
        | Error::ExpectedNamedStructLike(_)
        | Error::ExpectedStructName(_)
        | Error::ExpectedUnit => PARENTHESES,
        _ => return None,
    })
}

/// Returns the message for an error. It quotes no value of the text, which may be a password.
pub(crate) fn message(error: &Error) -> String {
    if let Some(expected) = expected_value(error) {
        return match error {
            Error::IntegerOutOfBounds => "this number is too small or too large".to_owned(),
            Error::ExpectedIdentifier => "a key or a plain word is needed here".to_owned(),
            _ if expected == PARENTHESES => "an opening parenthesis is missing here".to_owned(),
            _ => format!("{expected} is needed here"),
        };
    }
    match error {
        Error::Message(text) => text.clone(),
        Error::Eof | Error::ExpectedStringEnd => {
            "the text ends, but a bracket or a quotation mark is still open".to_owned()
        }
        Error::UnclosedBlockComment => "a comment that begins with /* does not end".to_owned(),
        Error::ExpectedComma => MISSING_COMMA.to_owned(),
        Error::ExpectedMapColon => "a colon is missing".to_owned(),
        Error::ExpectedArrayEnd => "a comma or a closing square bracket is missing".to_owned(),
        Error::ExpectedMapEnd => "a comma or a closing brace is missing".to_owned(),
        Error::ExpectedStructLikeEnd | Error::ExpectedOptionEnd => MISSING_COMMA.to_owned(),
        Error::TrailingCharacters => "there is more text after the closing parenthesis".to_owned(),
        Error::InvalidEscape(_) => {
            "unknown escape after a backslash: write two backslashes for one".to_owned()
        }
        Error::UnexpectedChar(letter) => format!("{letter:?} does not belong here"),
        Error::NoSuchEnumVariant { expected, found, .. } => {
            format!("{found:?} must be one of {}", list(expected))
        }
        Error::NoSuchStructField { expected, found, .. } => unknown_key(found, expected),
        Error::MissingStructField { field, .. } => format!("the key `{field}` is missing"),
        Error::DuplicateStructField { field, .. } => format!("the key `{field}` is set twice"),
        Error::ExpectedDifferentStructName { found, .. } => {
            format!("{found:?} does not belong here: start with a parenthesis")
        }
        Error::InvalidValueForType { expected, found } => {
            format!("{} is needed here, not {}", plain_value(expected), plain_value(found))
        }
        Error::ExpectedDifferentLength { expected, found } => {
            format!("{} is needed here, but there are {found}", plain_value(expected))
        }
        Error::InvalidIntegerDigit { digit, .. } => format!("{digit:?} is not a digit"),
        Error::SuggestRawIdentifier(word) | Error::InvalidIdentifier(word) => {
            format!("{word:?} does not belong here")
        }
        Error::ExpectedOption => "a value or None is needed here".to_owned(),
        Error::ExceededRecursionLimit => "too many nested brackets".to_owned(),
        Error::Utf8Error(_) => "it is not UTF-8 text".to_owned(),
        _ => "this is not valid".to_owned(),
    }
}

fn unknown_key(found: &str, expected: &[&str]) -> String {
    let similarity = |key: &&&str| strsim::jaro_winkler(key, &found.to_lowercase());
    let nearest =
        expected.iter().max_by(|one, other| similarity(one).total_cmp(&similarity(other)));
    match nearest.filter(|nearest| similarity(nearest) >= MIN_SIMILARITY) {
        Some(nearest) => format!("{UNKNOWN_KEY}{found}`; did you mean `{nearest}`?"),
        None => format!("{UNKNOWN_KEY}{found}`; the keys here are {}", list(expected)),
    }
}

/// Returns names as a list in a sentence.
pub(crate) fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// Describes a kind of value that the parser names in a programmer's words, such as `a u16`.
fn plain_value(kind: &str) -> &str {
    let without_article =
        kind.trim_start_matches("the ").trim_start_matches("an ").trim_start_matches("a ");
    match without_article.split(' ').next().unwrap_or_default() {
        "u8" | "u16" | "u32" | "u64" | "usize" | "integer" | "i8" | "i16" | "i32" | "i64" => {
            "a whole number"
        }
        "f32" | "f64" | "floating" => "a number with a point",
        "bool" | "boolean" => "true or false",
        "string" | "str" | "character" | "char" => "text in quotation marks",
        "sequence" => "a list in square brackets",
        "map" => "a list in braces",
        "struct" | "tuple" | "unit" | "newtype" | "enum" | "variant" | "unnamed" => {
            "something in parentheses"
        }
        "option" | "Option" | "optional" => "Some or None",
        "bytes" | "byte" | "identifier" => "something else",
        _ => kind,
    }
}
