//! The numbers of a configuration and their ranges.

use super::{Config, ConfigError};
use actors::limit::Limit;
use actors::settings::{MAX_LIST_ENTRIES, MAX_PARTICIPANTS};
use std::ops::RangeInclusive;

/// A key whose value is a number.
pub(super) struct Number {
    key: &'static str,
    range: RangeInclusive<u64>,
    /// What the user may write instead of a number, as the end of messages: such as `, or None`. Empty if
    /// only a number is valid.
    alternative: &'static str,
    /// `None` if the configuration has the alternative instead of a number.
    value: Option<u64>,
}

/// Returns all numbers of a configuration. The ranges of the key `limits` are in [`actors::limit`].
fn numbers(config: &Config) -> Vec<Number> {
    let number = |key, range, value: Option<u64>| Number { key, range, alternative: "", value };
    let mut numbers = vec![
        number("list_entries", 1..=MAX_LIST_ENTRIES.into(), Some(config.list_entries.into())),
        number("participants", 2..=MAX_PARTICIPANTS as u64, Some(config.participants as u64)),
        Number {
            alternative: ", or None for never",
            ..number(
                "conversation_idle_minutes",
                5..=u32::MAX.into(),
                config.conversation_idle_minutes.map(u64::from),
            )
        },
        number("sign_up.per_hour", 1..=usize::MAX as u64, Some(config.sign_up.per_hour as u64)),
    ];
    let limits = config.limits.all().into_iter();
    numbers.extend(limits.map(|Limit { key, range, value }| number(key, range, Some(value))));
    numbers
}

impl Number {
    /// Returns the number with this key; `None` if the value of this key is not a number.
    pub(super) fn of_key(path: &str) -> Option<Number> {
        numbers(&Config::default()).into_iter().find(|number| number.key == path)
    }

    /// Returns the range, for a message: the text after the key and `must be`.
    pub(super) fn range_text(&self) -> String {
        let (min, max) = (self.range.start(), self.range.end());
        // The largest number of this type has twenty digits, which no one wants to read. Every number with
        // fewer digits is valid.
        if *max == usize::MAX as u64 {
            let digits = max.to_string().len() - 1;
            return format!("at least {min} and have at most {digits} digits{}", self.alternative);
        }
        format!("between {min} and {max}{}", self.alternative)
    }

    /// Returns the range, for a message: the text after `a whole number`.
    pub(super) fn whole_number_text(&self) -> String {
        match self.is_bounded_by_type() {
            true => format!(", at least {}{}", self.range.start(), self.alternative),
            false => format!(" {}", self.range_text()),
        }
    }

    /// Whether the maximum is the largest number of an integer type, which is of no interest to a user.
    fn is_bounded_by_type(&self) -> bool {
        *self.range.end() >= u16::MAX.into()
    }

    fn check(&self) -> Result<(), ConfigError> {
        let Some(invalid) = self.value.filter(|value| !self.range.contains(value)) else {
            return Ok(());
        };
        let min = self.range.start();
        let why = match self.is_bounded_by_type() && invalid < *min {
            true => format!(" must be at least {min}{}", self.alternative),
            false => format!(" must be {}", self.range_text()),
        };
        Err(ConfigError { key: self.key, why })
    }
}

/// Checks all numbers; returns the first that is out of its range.
pub(super) fn check(config: &Config) -> Result<(), ConfigError> {
    numbers(config).iter().try_for_each(Number::check)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the paths of all numbers in a tree.
    fn paths(tree: &serde_json::Value, path: &str) -> Vec<String> {
        match tree {
            serde_json::Value::Number(_) => vec![path.to_owned()],
            serde_json::Value::Object(inner) => inner
                .iter()
                .flat_map(|(key, value)| paths(value, format!("{path}.{key}").trim_matches('.')))
                .collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_number_has_a_range_and_is_checked() {
        let config = Config { conversation_idle_minutes: Some(5), ..Config::default() };
        let tree = serde_json::to_value(&config).unwrap();
        let mut known: Vec<&str> = numbers(&config).iter().map(|number| number.key).collect();
        let mut found = paths(&tree, "");
        known.sort_unstable();
        found.sort_unstable();
        assert_eq!(known, found);
        for number in numbers(&config) {
            let pointer = format!("/{}", number.key.replace('.', "/"));
            let value = tree.pointer(&pointer).and_then(serde_json::Value::as_u64);
            assert_eq!(number.value, value, "{}", number.key);
            assert!(number.check().is_ok(), "{}", number.key);
        }
    }
}
