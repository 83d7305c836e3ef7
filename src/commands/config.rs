//! `msnpd config`: prints the built-in or the active configuration.

use super::{print, print_json};
use crate::config::provenance::EffectiveValue;
use crate::config::{DEFAULT_TEXT, Loaded};
use crate::error::CommandError;
use serde::Serialize;

/// `config default`: prints the default configuration.
pub(crate) fn default() -> Result<(), CommandError> {
    print(DEFAULT_TEXT)
}

#[derive(Serialize)]
struct Row {
    key: String,
    value: serde_json::Value,
    origin: String,
}

/// `config show`: prints each key, its active value, and where the value comes from.
pub(crate) fn show(loaded: &Loaded, json: bool) -> Result<(), CommandError> {
    let values = loaded.effective()?;
    if json {
        let rows = values.into_iter().map(|value| Row {
            key: value.key,
            value: value.value,
            origin: value.origin.to_string(),
        });
        return print_json(&rows.collect::<Vec<Row>>());
    }
    let key_width = values.iter().map(|value| value.key.len()).max().unwrap_or(0);
    let text_width = values.iter().map(|value| value.text.chars().count()).max().unwrap_or(0);
    let line = |value: &EffectiveValue| {
        format!("{:key_width$}  {:text_width$}  {}\n", value.key, value.text, value.origin)
    };
    print(&values.iter().map(line).collect::<String>())
}
