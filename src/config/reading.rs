//! Reads a configuration, with messages for an invalid one.

use super::keys::{Key, is_blank, keys};
use super::messages::{expected_value, list, message};
use super::paths::CliOptions;
use super::ranges::Number;
use super::{Config, ConfigError, DEFAULT_TEXT};
use crate::error::CommandError;
use crate::text;
use ron::error::SpannedError;
use ron::extensions::Extensions;
use std::path::{Path, PathBuf};

/// Keys whose older name is still read: the older name, then the current one.
const RENAMED: [(&str, &str); 1] = [("repeated_blp", "repeated")];

/// Returns the older name of a key, if it had one.
pub(super) fn older_name(key: &str) -> Option<&'static str> {
    RENAMED.into_iter().find(|(_, new)| *new == key).map(|(old, _)| old)
}

/// Whether this is the older name of a key.
pub(crate) fn is_older_name(key: &str) -> bool {
    RENAMED.iter().any(|(old, _)| *old == key)
}

/// How many characters of a line a message quotes.
const MAX_QUOTE: usize = 60;

/// Examples for the messages about these keys, whose built-in value does not show the form of other values.
const EXAMPLES: [(&str, &str); 7] = [
    ("notification.advertise", "advertise: \"203.0.113.5:1864\""),
    ("switchboard.advertise", "advertise: \"203.0.113.5:1865\""),
    ("notification_servers", "notification_servers: [\"192.168.1.11:1864\"]"),
    ("web.listen", "listen: \"0.0.0.0:8080\""),
    ("web.names", "names: [\"msn.example.net\"]"),
    ("conversation_idle_minutes", "conversation_idle_minutes: 30"),
    ("allow", "allow: [\"203.0.113.0/24\"]"),
];

/// A configuration and its source.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    /// The file; `None` for the built-in configuration.
    pub(crate) file: Option<PathBuf>,
    /// Whether the user named the file. Otherwise, it was found in one of the usual places.
    pub(crate) is_file_named: bool,
    /// `--data` or `MSNPD_DATA`, whichever named the data folder; `None` if neither did.
    pub(crate) data_source: Option<&'static str>,
    /// The keys that the file sets.
    pub(crate) keys: Vec<Key>,
    /// Other files that an operator could mistake for the active configuration.
    pub(crate) ignored: Vec<PathBuf>,
}

impl Loaded {
    /// Returns a warning for each key that the file sets under its older name.
    pub(crate) fn renamed_key_warnings(&self) -> Vec<String> {
        let Some(file) = &self.file else { return Vec::new() };
        let renamed = |key: &Key| {
            let (old, new) = RENAMED.into_iter().find(|(old, _)| *old == key.path)?;
            let (file, line) = (file.display(), key.line);
            Some(format!("{file} line {line}: the key `{old}` is now called `{new}`"))
        };
        self.keys.iter().filter_map(renamed).collect()
    }

    /// Returns the warnings about keys: those with an older name, and those that are ignored.
    pub(crate) fn key_warnings(&self) -> Vec<String> {
        let mut warnings = self.renamed_key_warnings();
        warnings.extend(self.config.ignored_servers_warning());
        warnings
    }

    /// Returns the built-in configuration with this data folder.
    pub(crate) fn built_in(data: &Path) -> Loaded {
        Loaded {
            config: Config { data: data.to_owned(), ..Config::default() },
            file: None,
            is_file_named: false,
            data_source: None,
            keys: Vec::new(),
            ignored: Vec::new(),
        }
    }

    /// Returns a sentence for each ignored file.
    pub(crate) fn ignored_file_messages(&self) -> impl Iterator<Item = String> {
        self.file.iter().flat_map(|active| {
            let message = |ignored: &PathBuf| {
                let (ignored, active) = (ignored.display(), active.display());
                format!("{ignored} is ignored: the active configuration is {active}")
            };
            self.ignored.iter().map(message)
        })
    }
}

/// Reads the active configuration (see [`CliOptions::file`]). A data folder that the command line or the
/// environment names replaces the one of the file.
pub(crate) fn load(options: &CliOptions) -> Result<Loaded, CommandError> {
    let file = options.file();
    let (mut config, keys) = match &file {
        Some(file) => read(file)?,
        None => (Config::default(), Vec::new()),
    };
    if let Some((data, _)) = &options.data {
        config.data.clone_from(data);
    }
    let data_source = options.data.as_ref().map(|(_, source)| *source);
    let ignored = options.ignored(&config.data);
    Ok(Loaded { config, file, is_file_named: options.config.is_some(), data_source, keys, ignored })
}

fn read(file: &Path) -> Result<(Config, Vec<Key>), CommandError> {
    let unreadable = |error| CommandError::Unreadable { file: file.to_path_buf(), error };
    let invalid = |reason| CommandError::Configuration { file: file.to_path_buf(), reason };
    let text = text::read(file).map_err(unreadable)?;
    Ok((parse(&text).map_err(invalid)?, keys(&text)))
}

/// Parses and checks a configuration.
///
/// # Errors
/// The place in the text and the reason.
pub fn parse(text: &str) -> Result<Config, String> {
    if is_blank(text) {
        return Ok(Config::default());
    }
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    let config: Config = options.from_str(text).map_err(|error| {
        let start = error.span.start;
        let place = match &error.code {
            ron::Error::ExpectedComma
            | ron::Error::ExpectedStructLikeEnd
            | ron::Error::ExpectedOptionEnd => place_of_missing(text, start.line, start.col),
            _ => place_of(text, start.line, start.col),
        };
        format!("{place}: {}", reason(text, &error))
    })?;
    config.check().map_err(|ConfigError { key, why }| {
        match keys(text).into_iter().find(|found| found.has_name(key)) {
            Some(found) => format!("{}: {key}{why}", place_of(text, found.line, found.column)),
            None => format!("{key}{why}"),
        }
    })?;
    Ok(config)
}

/// Returns why a text is invalid, with an example of a valid value if its key is known.
fn reason(text: &str, error: &SpannedError) -> String {
    let Some(key) = key_at(text, error) else { return message(&error.code) };
    let mut sentence = match (&error.code, expected_value(&error.code), Number::of_key(&key)) {
        (ron::Error::IntegerOutOfBounds, _, Some(number)) => {
            format!("{key} must be {}", number.range_text())
        }
        (_, Some(expected), Some(number)) => {
            format!("{key} must be {expected}{}", number.whole_number_text())
        }
        (ron::Error::ExpectedString, Some(expected), _) if is_list(&key) => {
            format!("each entry of {key} must be {expected}")
        }
        (_, Some(expected), None) => format!("{key} must be {expected}"),
        (ron::Error::SuggestRawIdentifier(word) | ron::Error::InvalidIdentifier(word), ..) => {
            format!("{key} cannot be {word}")
        }
        (ron::Error::NoSuchEnumVariant { expected, found, .. }, ..) => {
            return format!("{key} must be one of {}, not `{found}`", list(expected));
        }
        (ron::Error::InvalidValueForType { .. }, ..) => {
            format!("{key} needs another kind of value")
        }
        _ => return message(&error.code),
    };
    if let Some(example) = example(&key) {
        sentence.push_str(&format!(", such as `{example}`"));
    }
    sentence
}

/// Returns the key whose value is invalid: the last key before the error. `None` if a comma ends the value
/// of that key before the error.
fn key_at(text: &str, error: &SpannedError) -> Option<String> {
    let error_place = (error.span.start.line, error.span.start.col);
    let keys_before = keys(text).into_iter().take_while(|key| (key.line, key.column) < error_place);
    let key = keys_before.last()?;
    let key_place = (key.line, key.column);
    let value_ended = characters(text)
        .skip_while(|(place, _)| *place <= key_place)
        .take_while(|(place, _)| *place < error_place)
        .any(|(_, character)| character == ',');
    (!value_ended).then_some(key.path)
}

/// Returns each character of a text with its line and column, both from 1.
fn characters(text: &str) -> impl Iterator<Item = ((usize, usize), char)> {
    text.lines().zip(1..).flat_map(|(line, line_number)| {
        line.chars().zip(1..).map(move |(character, column)| ((line_number, column), character))
    })
}

/// Whether the built-in value of a key is a list.
fn is_list(key: &str) -> bool {
    let built_in = serde_json::to_value(Config::default()).unwrap_or_default();
    built_in.pointer(&format!("/{}", key.replace('.', "/"))).is_some_and(|value| value.is_array())
}

/// Returns an example for a key: the one in [`EXAMPLES`], or the line of the default configuration that sets
/// the key. `None` if its value has several lines there.
fn example(key: &str) -> Option<&'static str> {
    if let Some((_, example)) = EXAMPLES.into_iter().find(|(example_key, _)| *example_key == key) {
        return Some(example);
    }
    let found = keys(DEFAULT_TEXT).into_iter().find(|found| found.path == key)?;
    let line = DEFAULT_TEXT.lines().nth(found.line.checked_sub(1)?)?.trim().trim_end_matches(',');
    let has_more_lines = line.ends_with('(');
    (!has_more_lines).then_some(line)
}

/// Describes a place in the file, with a quote of its line: the parser does not report the key.
fn place_of(text: &str, line: usize, column: usize) -> String {
    let found = text.lines().nth(line.saturating_sub(1)).map(str::trim).unwrap_or_default();
    match quote(found).as_str() {
        "" => format!("line {line}, column {column}"),
        quoted => format!("line {line}, column {column}, at `{quoted}`"),
    }
}

/// Returns the beginning of a line, with `…` if more follows.
fn quote(line: &str) -> String {
    let mut quoted: String = line.chars().take(MAX_QUOTE).collect();
    if line.chars().nth(MAX_QUOTE).is_some() {
        quoted.push('…');
    }
    quoted
}

/// Describes the place where the parser misses something, such as a comma. If that is the first word of a
/// line, something is missing above the line.
fn place_of_missing(text: &str, line: usize, column: usize) -> String {
    let found = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let indent = found.chars().take_while(|letter| letter.is_whitespace()).count();
    let quoted = quote(found.trim());
    if indent + 1 == column && !quoted.is_empty() {
        return format!("before line {line} (`{quoted}`)");
    }
    place_of(text, line, column)
}

#[cfg(test)]
mod tests {
    use super::super::RepeatedSettings;
    use super::*;

    fn refusal(text: &str) -> String {
        parse(text).unwrap_err()
    }

    #[test]
    fn unknown_keys_are_refused_with_place_and_reason() {
        let reason = refusal("(\n    list_entries: 10,\n    frobnicate: 1,\n)");
        assert!(reason.starts_with("line 3"), "{reason}");
        assert!(reason.contains("frobnicate"), "{reason}");
        let reason = refusal("(limits: (half_opened: 1))");
        assert!(reason.contains("half_opened"), "{reason}");
    }

    #[test]
    fn broken_syntax_is_refused_with_its_place() {
        assert!(refusal("(\n    list_entries: ,\n)").starts_with("line 2"));
        assert!(refusal("site").starts_with("line 1"));
    }

    #[test]
    fn an_error_names_and_quotes_its_place() {
        assert_eq!(
            refusal("(\n    // list_entries: 1 to 600\n    list_entries: 601,\n)"),
            "line 3, column 5, at `list_entries: 601,`: list_entries must be between 1 and 600"
        );
        assert_eq!(
            refusal("(limits: (half_open: 0))"),
            "line 1, column 11, at `(limits: (half_open: 0))`: limits.half_open must be at least 1"
        );
        let reason = refusal("(\n    list_entries: \"many\",\n)");
        assert!(reason.starts_with("line 2, column "), "{reason}");
        assert!(reason.contains("at `list_entries: \"many\",`: "), "{reason}");
    }

    #[test]
    fn a_missing_comma_is_reported_before_the_next_line() {
        let missing =
            "a comma or a closing parenthesis is missing, or a quotation mark is still open";
        assert_eq!(
            refusal("(\n    list_entries: 10\n    participants: 5,\n)"),
            format!("before line 3 (`participants: 5,`): {missing}")
        );
        assert_eq!(
            refusal("(list_entries: 10 participants: 5)"),
            format!("line 1, column 19, at `(list_entries: 10 participants: 5)`: {missing}")
        );
    }

    #[test]
    fn a_key_is_read_under_its_older_name_with_a_warning() {
        let text = "(\n    repeated_blp: refuse,\n    limits: (buffers: 513),\n)";
        let config = parse(text).unwrap();
        assert_eq!(config, parse(&text.replace("repeated_blp", "repeated")).unwrap());
        assert_eq!(config.repeated, RepeatedSettings::Refuse);
        let loaded = |text: &str| Loaded {
            file: Some("config.ron".into()),
            keys: keys(text),
            ..Loaded::built_in(Path::new("data"))
        };
        let warning = "config.ron line 2: the key `repeated_blp` is now called `repeated`";
        assert_eq!(loaded(text).renamed_key_warnings(), [warning]);
        assert_eq!(
            loaded("(\n    repeated: refuse,\n)").renamed_key_warnings(),
            Vec::<String>::new()
        );
        let reason = refusal("(\n    repeated_blp: refuse,\n    repeated: accept,\n)");
        assert!(reason.contains("repeated"), "{reason}");
    }

    #[test]
    fn a_text_without_any_value_is_the_built_in_configuration() {
        for text in ["", "\n", " \r\n\t", "// (log: warn)", "/* a /* b */ */\n// c\n\n", "()"] {
            assert_eq!(parse(text), Ok(Config::default()), "{text:?}");
        }
        for text in ["/", "/* a", "/*/", "x", "// a\n)"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    /// Words of the parser's messages that only programmers know.
    const PARSER_WORDS: &str = "struct enum variant Expected expected field identifier usize u16 \
                               u32 \
        integer unit tuple sequence boolean option understood Config Limits FailedLogins Listener \
        SignUp";

    #[test]
    fn no_message_uses_the_words_of_the_parser() {
        let values = ["", "1", "-1", "1.5", "99999999999999999999", "x", "\"80\"", "'x'", "true"];
        let more = ["()", "(1)", "[]", "[1]", "{}", "None", "Some(1)", "Some(Some(()))", "(x: 1)"];
        let broken =
            ["\"", "[", "(", "'", "/*", "r#\"", "\"\\q\"", "0x", "b\"x\"", "#", "X(1)", "1 2"];
        let (mut refused, mut bad) = (0, Vec::new());
        for key in crate::config::provenance::known_keys() {
            for value in values.iter().chain(&more).chain(&broken) {
                let inner = key
                    .split('.')
                    .rev()
                    .fold((*value).to_owned(), |inner, name| format!("({name}: {inner})"));
                let Err(message) = parse(&inner) else { continue };
                refused += 1;
                let (_, reason) = message.split_once("`: ").unwrap_or(("", &message));
                let found = PARSER_WORDS.split_whitespace().find(|word| reason.contains(word));
                bad.extend(found.map(|word| format!("{inner}: {word}: {message}")));
            }
        }
        assert!(bad.is_empty(), "{bad:#?}");
        assert!(refused > 300, "{refused}");
    }

    #[test]
    fn an_error_about_a_number_names_its_key_and_its_range() {
        for (text, words) in [
            ("(participants: 31)", "participants must be between 2 and 30"),
            ("(participants: -1)", "participants must be between 2 and 30"),
            ("(participants: \"many\")", "participants must be a whole number between 2 and 30"),
            ("(list_entries: 99999999999999999999)", "list_entries must be between 1 and 600"),
            (
                "(limits: (sign_in_seconds: 4294967296))",
                "limits.sign_in_seconds must be between 1 and 4294967295",
            ),
            ("(limits: (renames_per_minute: 0))", "limits.renames_per_minute must be at least 1"),
            (
                "(limits: (renames_per_minute: 70000))",
                "limits.renames_per_minute must be between 1 and 65535",
            ),
            ("(limits: (connections: -1))", "must be at least 1 and have at most 19 digits"),
            ("(limits: (connections: \"x\"))", "connections must be a whole number, at least 1"),
            (
                "(conversation_idle_minutes: \"x\")",
                "must be a whole number, at least 5, or None for never, such as",
            ),
            ("(conversation_idle_minutes: 4)", "must be at least 5, or None for never"),
            ("(sign_up: (per_hour: 0))", "sign_up.per_hour must be at least 1"),
        ] {
            assert!(refusal(text).contains(words), "{}", refusal(text));
        }
    }

    #[test]
    fn an_error_about_an_address_shows_a_valid_one() {
        for (value, words) in [
            ("\"80\"", "\"80\" is not an address with a port, such as \"0.0.0.0:80\""),
            (
                "\"10.0.0.1\"",
                "\"10.0.0.1\" is not an address with a port, such as \"10.0.0.1:1863\"",
            ),
            ("\"pi:80\"", "\"pi:80\" is not an address with a port, such as \"0.0.0.0:1863\""),
            ("\"\"", "is not an address with a port, such as"),
            ("80", ".listen must be text in quotation marks, such as `"),
        ] {
            for key in ["dispatch", "notification", "switchboard", "web"] {
                let reason = refusal(&format!("({key}: (listen: {value}))"));
                assert!(reason.contains(words), "{key}: {value}: {reason}");
            }
        }
        let reason = refusal("(dispatch: \"0.0.0.0:1863\")");
        let words =
            "dispatch must be in parentheses, such as `dispatch: Some((listen: \"0.0.0.0:1863\"))`";
        assert!(reason.ends_with(words), "{reason}");
    }

    #[test]
    fn an_address_with_a_name_or_a_port_that_is_too_large_names_the_fault() {
        for (value, fault) in [
            ("localhost:1863", Some("names are not possible here")),
            ("pi.lan", Some("names are not possible here")),
            ("0.0.0.0:70000", Some("the port is at most 65535")),
            ("[::1]:65536", Some("the port is at most 65535")),
            ("80", None),
            ("", None),
            ("10.0.0.1:", None),
        ] {
            for key in ["dispatch: (listen", "web: (listen", "notification: (listen"] {
                let reason = refusal(&format!("({key}: \"{value}\"))"));
                match fault {
                    Some(fault) => assert!(reason.ends_with(fault), "{value}: {reason}"),
                    None => assert!(!reason.contains("; "), "{value}: {reason}"),
                }
            }
        }
        let listener = "(notification: (listen: \"0.0.0.0:1864\", advertise: \"10.0.0.1:70000\"))";
        assert!(refusal(listener).ends_with("the port is at most 65535"), "{}", refusal(listener));
    }

    #[test]
    fn a_quoted_line_that_was_cut_ends_with_an_ellipsis() {
        let long = format!("(site: \"{}\", list_entries: 601)", "x".repeat(60));
        assert!(refusal(&long).contains(&format!("`(site: \"{}…`", "x".repeat(52))), "{long}");
        let whole = format!("(site: \"{}\", list_entries: 601)", "x".repeat(31));
        assert!(refusal(&whole).contains(&format!("`{whole}`")), "{}", refusal(&whole));
    }

    #[test]
    fn every_example_shows_a_valid_value() {
        let built_in = serde_json::to_value(Config::default()).unwrap();
        for key in crate::config::provenance::known_keys() {
            let pointer = format!("/{}", key.replace('.', "/"));
            let Some(example) = example(&key) else { continue };
            let value = built_in.pointer(&pointer).unwrap();
            let is_blank = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            let listed = EXAMPLES.iter().any(|(example_key, _)| *example_key == key);
            assert!(listed || !is_blank || key == "dispatch.advertise", "{key}: {example}");
            let around = match key.split_once('.') {
                Some((outer @ ("notification" | "switchboard"), "advertise")) => {
                    format!("({outer}: (listen: \"0.0.0.0:1\", {example}))")
                }
                Some(("web", _)) if listed => format!("(web: ({example}))"),
                _ if listed => format!("({example})"),
                _ => continue,
            };
            assert!(parse(&around).is_ok(), "{key}: {:?}", parse(&around));
        }
        let reason = refusal("(allow: [192.168.1.0])");
        assert!(reason.ends_with("such as `allow: [\"203.0.113.0/24\"]`"), "{reason}");
        let reason = refusal("(web: (listen: 8080))");
        assert!(reason.ends_with("such as `listen: \"0.0.0.0:8080\"`"), "{reason}");
    }

    #[test]
    fn options_may_be_written_without_some() {
        let config = parse("(dispatch: (listen: \"127.0.0.1:0\"))").unwrap();
        assert_eq!(config.dispatch.unwrap().listen.to_string(), "127.0.0.1:0");
        let config = parse("(dispatch: Some((listen: \"127.0.0.1:0\")))").unwrap();
        assert_eq!(config.dispatch.unwrap().listen.port(), 0);
    }
}
