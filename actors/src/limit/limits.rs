//! The limits, each in one row: its name, type, default and range. The configuration has the same
//! names under the key `limits`, and the actors read the values from [`Settings`](crate::Settings).

use crate::settings::MAX_PARTICIPANTS;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use std::time::Duration;

/// A limit, its range and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The key in the configuration, such as `limits.connections`.
    pub key: &'static str,
    pub range: RangeInclusive<u64>,
    pub value: u64,
}

/// Two limits that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}{reason}")]
pub struct LimitError {
    pub key: &'static str,
    /// The rest of the sentence that begins with the key.
    pub reason: String,
}

/// Defines a struct of limits, its default values, and `own_limits`, which lists them.
macro_rules! limits {
    (
        in $outer:literal:
        $(#[$about:meta])*
        pub struct $name:ident {
            $($(#[$doc:meta])* $field:ident: $type:ident = $default:expr, at least $min:literal
                $(, at most $max:expr)?;)*
        }
        $(with $inner:ident: $inner_type:ident)?
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            $($(#[$doc])* pub $field: $type,)*
            $(pub $inner: $inner_type,)?
        }

        impl Default for $name {
            fn default() -> $name {
                $name { $($field: $default,)* $($inner: $inner_type::default(),)? }
            }
        }

        impl $name {
            fn own_limits(&self) -> Vec<Limit> {
                vec![$(Limit {
                    key: concat!($outer, ".", stringify!($field)),
                    range: $min..=limits!(@max $type $(, $max)?),
                    value: self.$field as u64,
                }),*]
            }
        }
    };
    (@max $type:ident) => { $type::MAX as u64 };
    (@max $type:ident, $max:expr) => { $max as u64 };
}

limits! {
    in "limits":
    /// The limits on what clients can use.
    pub struct Limits {
        /// All connections.
        connections: usize = 4096, at least 1;
        /// Connections from one address. For IPv6, from one /64 network, since a machine can use any
        /// address in it.
        per_address: usize = 64, at least 1;
        /// Connections that have not signed in or joined yet.
        half_open: usize = 512, at least 1;
        /// The seconds that a connection has to sign in or to join a conversation.
        sign_in_seconds: u32 = 60, at least 1;
        /// Input buffers in use, and also output buffers.
        buffers: usize = 1024, at least 1;
        /// Conversations that a session has requested and not yet joined.
        cookies: usize = 16, at least 1;
        /// Changes in a minute of a principal's name, and of each of their telephone numbers. All who
        /// see the principal are notified of each change.
        renames_per_minute: u16 = 5, at least 1;
        /// Failed calls of a principal in a minute. Further calls are refused without a check.
        failing_calls_per_minute: u16 = 10, at least 1;
        /// Pending invitations of a conversation.
        invitations: usize = MAX_PARTICIPANTS, at least 1, at most MAX_PARTICIPANTS;
        /// State changes of a principal that are sent in a second. Of further ones, the last is sent at
        /// the end of the second.
        states_per_second: u16 = 5, at least 1;
        /// Requests of a connection that are handled in a second. Further ones wait for the next.
        lines_per_second: usize = 250, at least 1;
    }
    with failed_logins: FailedLogins
}

limits! {
    in "limits.failed_logins":
    /// The limits of failed sign-ins.
    pub struct FailedLogins {
        /// The failures after which each further attempt waits: 1, 2, 4, and then always 8 seconds.
        free: usize = 3, at least 0;
        /// The failures of a handle from an address after which each further attempt is refused.
        /// The limit of an address is three times as high, and applies to handles that have not
        /// signed in from there within `minutes`.
        most: usize = 9, at least 1;
        /// The time in which failures are counted, from the first one on.
        minutes: u32 = 10, at least 1;
    }
}

impl Limits {
    /// Returns all limits.
    pub fn all(&self) -> Vec<Limit> {
        let mut all = self.own_limits();
        all.extend(self.failed_logins.own_limits());
        all
    }

    /// The time limit for a connection to sign in or to join a conversation.
    pub fn sign_in_timeout(&self) -> Duration {
        Duration::from_secs(self.sign_in_seconds.into())
    }

    /// Checks what the ranges do not.
    ///
    /// # Errors
    /// [`LimitError`] if two limits contradict each other.
    pub fn check(&self) -> Result<(), LimitError> {
        let invalid = |key, reason| Err(LimitError { key, reason });
        let FailedLogins { free, most, .. } = self.failed_logins;
        if free > most {
            return invalid(
                "limits.failed_logins",
                format!(": `free` must not exceed `most`, but they are {free} and {most}"),
            );
        }
        let half_open = self.half_open;
        if self.per_address >= half_open {
            return invalid(
                "limits.per_address",
                format!(
                    " must be less than half_open, which is {half_open}: otherwise one address could \
                     use all connections that have not signed in"
                ),
            );
        }
        if self.buffers <= half_open {
            return invalid(
                "limits.buffers",
                format!(
                    " must be more than half_open, which is {half_open}: otherwise connections that \
                     have not signed in could use all buffers"
                ),
            );
        }
        Ok(())
    }
}

impl FailedLogins {
    /// The time in which failures are counted.
    pub fn window(&self) -> Duration {
        Duration::from_secs(60 * u64::from(self.minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_within_their_ranges_and_do_not_contradict_each_other() {
        let limits = Limits::default();
        let all = limits.all();
        assert_eq!(all.len(), 14);
        for Limit { key, range, value } in all {
            assert!(range.contains(&value), "{key}: {value} is not in {range:?}");
        }
        assert_eq!(limits.check(), Ok(()));
    }

    #[test]
    fn every_limit_is_listed_with_its_value_under_its_name() {
        let limits = Limits { lines_per_second: 7, ..Limits::default() };
        let fields = serde_json::to_value(limits).unwrap();
        for Limit { key, value, .. } in limits.all() {
            let pointer = format!("/{}", key.strip_prefix("limits.").unwrap().replace('.', "/"));
            assert_eq!(fields.pointer(&pointer), Some(&value.into()), "{key}");
        }
    }
}
