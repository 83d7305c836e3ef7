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
    let all = loaded.effective()?;
    if json {
        let rows = all.into_iter().map(|one| Row {
            key: one.key,
            value: one.value,
            origin: one.origin.to_string(),
        });
        return print_json(&rows.collect::<Vec<Row>>());
    }
    let keys = all.iter().map(|one| one.key.len()).max().unwrap_or(0);
    let texts = all.iter().map(|one| one.text.chars().count()).max().unwrap_or(0);
    let line =
        |one: &EffectiveValue| format!("{:keys$}  {:texts$}  {}\n", one.key, one.text, one.origin);
    print(&all.iter().map(line).collect::<String>())
}
