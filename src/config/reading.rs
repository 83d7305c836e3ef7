//! How a configuration is read, and what is said of one that cannot be.

use super::keys::{Key, keys};
use super::places::Named;
use super::{Config, Wrong};
use crate::failure::Failure;
use ron::extensions::Extensions;
use std::path::{Path, PathBuf};

/// Keys that had another name in an older version, which is still read: the old name and the new.
const RENAMED: [(&str, &str); 1] = [("repeated_blp", "repeated")];

/// The older name of a key, if it had one.
pub(super) fn older_name(key: &str) -> Option<&'static str> {
    RENAMED.into_iter().find(|(_, new)| *new == key).map(|(old, _)| old)
}

/// Whether this is the older name of a key.
pub(crate) fn is_older_name(key: &str) -> bool {
    RENAMED.iter().any(|(old, _)| *old == key)
}

/// How many characters of a line a message quotes.
const QUOTED: usize = 60;

/// A configuration, and where it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    /// The file; `None` if what is built in applies.
    pub(crate) file: Option<PathBuf>,
    /// Whether that file was named, not found.
    pub(crate) named: bool,
    /// How the data folder was named, if it was: `--data` or `MSNPD_DATA`.
    pub(crate) data_named: Option<&'static str>,
    /// What the file sets, and where.
    pub(crate) keys: Vec<Key>,
}

impl Loaded {
    /// A warning for each key that the file sets under its older name.
    pub(crate) fn renamed(&self) -> Vec<String> {
        let Some(file) = &self.file else { return Vec::new() };
        let renamed = |key: &Key| {
            let (old, new) = RENAMED.into_iter().find(|(old, _)| *old == key.path)?;
            let (file, line) = (file.display(), key.line);
            Some(format!("{file} line {line}: the key `{old}` is called `{new}` now"))
        };
        self.keys.iter().filter_map(renamed).collect()
    }

    /// No configuration but the data folder.
    pub(crate) fn of_folder(data: &Path) -> Loaded {
        Loaded {
            config: Config { data: data.to_owned(), ..Config::default() },
            file: None,
            named: false,
            data_named: None,
            keys: Vec::new(),
        }
    }
}

/// Reads the configuration that applies (see [`Named::file`]). A data folder that is named on the
/// command line or in the environment wins.
pub(crate) fn load(named: &Named) -> Result<Loaded, Failure> {
    let file = named.file();
    let (mut config, keys) = match &file {
        Some(file) => read(file)?,
        None => (Config::default(), Vec::new()),
    };
    if let Some((data, _)) = &named.data {
        config.data.clone_from(data);
    }
    let data_named = named.data.as_ref().map(|(_, how)| *how);
    Ok(Loaded { config, file, named: named.config.is_some(), data_named, keys })
}

fn read(file: &Path) -> Result<(Config, Vec<Key>), Failure> {
    let unreadable = |error| Failure::Unreadable { file: file.to_path_buf(), error };
    let invalid = |reason| Failure::Configuration { file: file.to_path_buf(), reason };
    let text = std::fs::read_to_string(file).map_err(unreadable)?;
    Ok((parse(&text).map_err(invalid)?, keys(&text)))
}

/// A configuration that can be run with, or where in the text it is wrong, and why.
///
/// # Errors
/// The place and the reason, in words.
pub fn parse(text: &str) -> Result<Config, String> {
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    let config: Config = options.from_str(text).map_err(|error| {
        let start = error.span.start;
        format!("{}: {}", place(text, start.line, start.col), error.code)
    })?;
    config.check().map_err(|Wrong { key, why }| {
        match keys(text).into_iter().find(|found| found.is(key)) {
            Some(found) => format!("{}: {why}", place(text, found.line, found.column)),
            None => format!("{key}: {why}"),
        }
    })?;
    Ok(config)
}

/// A place in the file with what stands there: the parser does not say which key it was at.
fn place(text: &str, line: usize, column: usize) -> String {
    let found = text.lines().nth(line.saturating_sub(1)).map(str::trim).unwrap_or_default();
    let shown: String = found.chars().take(QUOTED).collect();
    match shown.as_str() {
        "" => format!("line {line}, column {column}"),
        shown => format!("line {line}, column {column}, at `{shown}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Repeated;
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
        assert!(refusal("").starts_with("line 1"));
    }

    #[test]
    fn refusals_say_where_and_quote_what_stands_there() {
        assert_eq!(
            refusal("(\n    // list_entries: 1 to 600\n    list_entries: 601,\n)"),
            "line 3, column 5, at `list_entries: 601,`: it is between 1 and 600"
        );
        assert_eq!(
            refusal("(limits: (half_open: 0))"),
            "line 1, column 11, at `(limits: (half_open: 0))`: it is at least 1"
        );
        let reason = refusal("(\n    list_entries: \"many\",\n)");
        assert!(reason.starts_with("line 2, column "), "{reason}");
        assert!(reason.contains("at `list_entries: \"many\",`: "), "{reason}");
    }

    #[test]
    fn a_key_is_read_under_its_older_name_with_a_warning() {
        let text = "(\n    repeated_blp: refuse,\n    limits: (buffers: 513),\n)";
        let config = parse(text).unwrap();
        assert_eq!(config, parse(&text.replace("repeated_blp", "repeated")).unwrap());
        assert_eq!(config.repeated, Repeated::Refuse);
        let loaded = |text: &str| Loaded {
            file: Some("config.ron".into()),
            keys: keys(text),
            ..Loaded::of_folder(Path::new("data"))
        };
        let warning = "config.ron line 2: the key `repeated_blp` is called `repeated` now";
        assert_eq!(loaded(text).renamed(), [warning]);
        assert_eq!(loaded("(\n    repeated: refuse,\n)").renamed(), Vec::<String>::new());
        let reason = refusal("(\n    repeated_blp: refuse,\n    repeated: accept,\n)");
        assert!(reason.contains("repeated"), "{reason}");
    }

    #[test]
    fn options_may_be_written_without_some() {
        let config = parse("(dispatch: (listen: \"127.0.0.1:0\"))").unwrap();
        assert_eq!(config.dispatch.unwrap().listen.to_string(), "127.0.0.1:0");
        let config = parse("(dispatch: Some((listen: \"127.0.0.1:0\")))").unwrap();
        assert_eq!(config.dispatch.unwrap().listen.port(), 0);
    }
}
