//! What `deny.toml` asks of dependencies.

use spdx::{Expression, Licensee, ParseMode};

/// Crates of earlier years write `MIT/Apache-2.0`.
const MODE: ParseMode = ParseMode { allow_slash_as_or_operator: true, ..ParseMode::STRICT };

pub(crate) struct Policy {
    pub(crate) targets: Vec<String>,
    pub(crate) banned: Vec<String>,
    allowed: Vec<Licensee>,
}

impl Policy {
    pub(crate) fn read() -> Self {
        let file = toml("deny.toml");
        let strings = |value: &toml::Value| -> Vec<String> {
            let values = value.as_array().unwrap().iter();
            values.map(|value| value.as_str().unwrap().to_owned()).collect()
        };
        let allowed = strings(&file["licenses"]["allow"]);
        let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
        let banned = file["bans"]["deny"].as_array().unwrap().iter();
        Self {
            targets: strings(&file["graph"]["targets"]),
            banned: banned.map(|ban| ban["crate"].as_str().unwrap().to_owned()).collect(),
            ..Self::allowing(&allowed)
        }
    }

    pub(crate) fn allowing(licences: &[&str]) -> Self {
        let allowed = licences.iter().map(|licence| Licensee::parse(licence).unwrap());
        Self { targets: Vec::new(), banned: Vec::new(), allowed: allowed.collect() }
    }

    /// Checks the `license` of a package. The error is the reason why it is not allowed.
    pub(crate) fn check_licence(&self, expression: Option<&str>) -> Result<(), String> {
        let text = expression.ok_or("it names no licence")?;
        let expression = Expression::parse_mode(text, MODE)
            .map_err(|error| format!("`{text}` is not an SPDX expression: {}", error.reason))?;
        let is_allowed = |required: &_| self.allowed.iter().any(|one| one.satisfies(required));
        let Err(failed) = expression.evaluate_with_failures(is_allowed) else { return Ok(()) };
        let failed: Vec<String> = failed.iter().map(|one| format!("`{}`", one.req)).collect();
        let failed = failed.join(", ");
        Err(match failed == format!("`{text}`") {
            true => format!("{failed} is not allowed"),
            false => format!("`{text}`: {failed} is not allowed"),
        })
    }
}

pub(crate) fn text(path: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn toml(path: &str) -> toml::Table {
    toml::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
