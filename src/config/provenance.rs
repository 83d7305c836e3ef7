//! The source of each active value.

use super::Loaded;
use super::keys::{Key, keys};
use super::reading::older_name;
use crate::error::CommandError;
use ron::ser::PrettyConfig;
use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// No other source sets it.
    BuiltIn,
    /// A configuration file, with the line.
    File(PathBuf, usize),
    /// `--data` or `MSNPD_DATA`.
    Override(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::BuiltIn => f.write_str("built in"),
            Origin::File(file, line) => write!(f, "{} line {line}", file.display()),
            Origin::Override(how) => f.write_str(how),
        }
    }
}

/// An active value.
#[derive(Debug)]
pub(crate) struct EffectiveValue {
    /// Its key, such as `limits.connections`.
    pub(crate) key: String,
    /// The value as it is written in a configuration.
    pub(crate) text: String,
    /// The value as JSON.
    pub(crate) value: serde_json::Value,
    pub(crate) origin: Origin,
}

impl Loaded {
    /// Returns all active values, in the order of the default configuration.
    ///
    /// # Errors
    /// [`CommandError::Other`] for a data folder whose name is not UTF-8.
    pub(crate) fn effective(&self) -> Result<Vec<EffectiveValue>, CommandError> {
        let failed = |why: String| {
            CommandError::Other(format!("the configuration cannot be shown as text: {why}"))
        };
        let text = to_ron(&self.config).map_err(|why| failed(why.to_string()))?;
        let tree = serde_json::to_value(&self.config).map_err(|why| failed(why.to_string()))?;
        let all_keys = keys(&text);
        let innermost_keys = all_keys.iter().filter(|key| {
            let prefix = format!("{}.", key.path);
            !all_keys.iter().any(|other| other.path.starts_with(&prefix))
        });
        let values = innermost_keys.map(|key| EffectiveValue {
            key: key.path.clone(),
            text: value(&text, key),
            value: key
                .path
                .split('.')
                .try_fold(&tree, |tree, name| tree.get(name))
                .cloned()
                .unwrap_or_default(),
            origin: self.origin(&key.path),
        });
        Ok(values.collect())
    }

    fn origin(&self, path: &str) -> Origin {
        if let Some(how) = self.data_source.filter(|_| path == "data") {
            return Origin::Override(how);
        }
        let names = [Some(path), older_name(path)];
        let key = self.keys.iter().find(|key| names.contains(&Some(key.path.as_str())));
        match (key, &self.file) {
            (Some(key), Some(file)) => Origin::File(file.clone(), key.line),
            _ => Origin::BuiltIn,
        }
    }
}

/// Returns the paths of all keys.
pub(crate) fn known_keys() -> BTreeSet<String> {
    // With its three servers, the default configuration has every key.
    let text = to_ron(&super::Config::default()).unwrap_or_default();
    keys(&text).into_iter().map(|key| key.path).collect()
}

/// Returns a configuration as text, each value in its own line.
fn to_ron(config: &super::Config) -> Result<String, ron::Error> {
    ron::ser::to_string_pretty(config, PrettyConfig::new().compact_arrays(true))
}

/// Returns the value of a key from its line.
fn value(text: &str, key: &Key) -> String {
    let line = text.lines().nth(key.line.saturating_sub(1)).unwrap_or_default();
    let value = line.split_once(": ").map_or("", |(_, value)| value);
    value.strip_suffix(',').unwrap_or(value).to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    #[test]
    fn the_default_configuration_has_all_keys() {
        let shipped = keys(include_str!("../../config.ron")).into_iter().map(|key| key.path);
        let missing: Vec<String> = known_keys()
            .difference(&shipped.collect())
            .filter(|key| *key != "dispatch.advertise")
            .cloned()
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn each_value_has_its_key_its_text_and_its_origin() {
        let text = "(\n  site: \"\",\n  limits: (buffers: 7),\n  switchboard: None,\n)";
        let site = "a: (\"b\",".into();
        let mut config = Config { site, switchboard: None, ..Config::default() };
        config.limits.buffers = 7;
        let loaded = Loaded {
            config,
            file: Some("x.ron".into()),
            is_file_named: true,
            data_source: Some("--data"),
            keys: keys(text),
            ignored: Vec::new(),
        };
        let all = loaded.effective().unwrap();
        let of = |name: &str| {
            let found = all.iter().find(|one| one.key == name).unwrap();
            (found.text.as_str(), found.value.to_string(), found.origin.to_string())
        };
        assert_eq!(of("site").0, r#""a: (\"b\",""#);
        assert_eq!(of("site").2, "x.ron line 2");
        assert_eq!(of("limits.buffers"), ("7", "7".into(), "x.ron line 3".into()));
        assert_eq!(of("limits.cookies"), ("16", "16".into(), "built in".into()));
        assert_eq!(of("switchboard"), ("None", "null".into(), "x.ron line 4".into()));
        assert_eq!(of("data"), ("\"data\"", "\"data\"".into(), "--data".into()));
        assert_eq!(of("log"), ("info", "\"info\"".into(), "built in".into()));
        assert_eq!(of("domains").0, "[\"hotmail.com\"]");
        assert_eq!(of("dispatch.advertise"), ("None", "null".into(), "built in".into()));
        assert!(!all.iter().any(|one| one.key == "dispatch" || one.key == "limits"));
    }
}
