//! The numbers of a configuration and their ranges.

use super::{Config, ConfigError};
use actors::settings::{MAX_LIST_ENTRIES, MAX_PARTICIPANTS};

/// The range of a number.
pub(super) struct Range {
    pub(super) key: &'static str,
    min: u64,
    max: u64,
    /// The alternative to a number, for messages.
    alternative: &'static str,
    value_of: fn(&Config) -> Option<u64>,
}

/// All keys whose values are numbers.
const RANGES: [Range; 18] = [
    range("list_entries", 1, MAX_LIST_ENTRIES as u64, |config| Some(config.list_entries.into())),
    range("participants", 2, MAX_PARTICIPANTS as u64, |config| size(config.participants)),
    Range {
        alternative: ", or None for never",
        ..range("conversation_idle_minutes", 5, LONG, |config| {
            config.conversation_idle_minutes.map(u64::from)
        })
    },
    range("sign_up.per_hour", 1, SIZE, |config| size(config.sign_up.per_hour)),
    range("limits.connections", 1, SIZE, |config| size(config.limits.connections)),
    range("limits.per_address", 1, SIZE, |config| size(config.limits.per_address)),
    range("limits.half_open", 1, SIZE, |config| size(config.limits.half_open)),
    range("limits.sign_in_seconds", 1, LONG, |config| Some(config.limits.sign_in_seconds.into())),
    range("limits.buffers", 1, SIZE, |config| size(config.limits.buffers)),
    range("limits.cookies", 1, SIZE, |config| size(config.limits.cookies)),
    range("limits.failed_logins.free", 0, SIZE, |config| size(config.limits.failed_logins.free)),
    range("limits.failed_logins.most", 1, SIZE, |config| size(config.limits.failed_logins.most)),
    range("limits.failed_logins.minutes", 1, LONG, |config| {
        Some(config.limits.failed_logins.minutes.into())
    }),
    range("limits.renames_per_minute", 1, SHORT, |config| {
        Some(config.limits.renames_per_minute.into())
    }),
    range("limits.failing_calls_per_minute", 1, SHORT, |config| {
        Some(config.limits.failing_calls_per_minute.into())
    }),
    range("limits.invitations", 1, MAX_PARTICIPANTS as u64, |config| {
        size(config.limits.invitations)
    }),
    range("limits.states_per_second", 1, SHORT, |config| {
        Some(config.limits.states_per_second.into())
    }),
    range("limits.lines_per_second", 1, SIZE, |config| size(config.limits.lines_per_second)),
];

/// Bounds of the types.
const SHORT: u64 = u16::MAX as u64;
const LONG: u64 = u32::MAX as u64;
const SIZE: u64 = usize::MAX as u64;

const fn range(
    key: &'static str,
    min: u64,
    max: u64,
    value_of: fn(&Config) -> Option<u64>,
) -> Range {
    Range { key, min, max, alternative: "", value_of }
}

fn size(value: usize) -> Option<u64> {
    u64::try_from(value).ok()
}

impl Range {
    /// Returns the range of a key, if its value is a number.
    pub(super) fn of_key(path: &str) -> Option<&'static Range> {
        RANGES.iter().find(|range| range.key == path)
    }

    /// Returns the range as text that follows the key and `must be`.
    pub(super) fn text(&self) -> String {
        // The bound of this type has twenty digits, which no one wants to read.
        if self.max == SIZE {
            let digits = SIZE.to_string().len() - 1;
            return format!(
                "at least {} and have at most {digits} digits{}",
                self.min, self.alternative
            );
        }
        format!("between {} and {}{}", self.min, self.max, self.alternative)
    }

    /// Returns the range as text that follows `a whole number`.
    pub(super) fn of_whole_number(&self) -> String {
        match self.max >= SHORT {
            true => format!(", at least {}{}", self.min, self.alternative),
            false => format!(" {}", self.text()),
        }
    }

    /// Checks a value.
    fn check(&self, value: u64) -> Result<(), ConfigError> {
        if (self.min..=self.max).contains(&value) {
            return Ok(());
        }
        // The upper bound of a type is of no interest to a user.
        let why = match self.max >= SHORT && value < self.min {
            true => format!(" must be at least {}{}", self.min, self.alternative),
            false => format!(" must be {}", self.text()),
        };
        Err(ConfigError { key: self.key, why })
    }
}

/// Checks all numbers; returns the first that is out of its range.
pub(super) fn check(config: &Config) -> Result<(), ConfigError> {
    RANGES
        .iter()
        .try_for_each(|range| (range.value_of)(config).map_or(Ok(()), |value| range.check(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the paths of all numbers in a tree.
    fn numbers(tree: &serde_json::Value, path: &str) -> Vec<String> {
        match tree {
            serde_json::Value::Number(_) => vec![path.to_owned()],
            serde_json::Value::Object(inner) => inner
                .iter()
                .flat_map(|(key, value)| numbers(value, format!("{path}.{key}").trim_matches('.')))
                .collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_number_has_a_range_and_is_checked() {
        let config = Config { conversation_idle_minutes: Some(5), ..Config::default() };
        let tree = serde_json::to_value(&config).unwrap();
        let mut known: Vec<&str> = RANGES.iter().map(|range| range.key).collect();
        let mut found = numbers(&tree, "");
        known.sort_unstable();
        found.sort_unstable();
        assert_eq!(known, found);
        for range in &RANGES {
            let pointer = format!("/{}", range.key.replace('.', "/"));
            let value = tree.pointer(&pointer).and_then(serde_json::Value::as_u64);
            assert_eq!((range.value_of)(&config), value, "{}", range.key);
            assert!(range.check(value.unwrap()).is_ok(), "{}", range.key);
        }
    }
}
