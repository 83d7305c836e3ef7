//! The key `limits`.

use super::ConfigError;
use actors::settings::MAX_PARTICIPANTS;
use serde::{Deserialize, Serialize};

/// The limits on what clients can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    pub(crate) connections: usize,
    pub(crate) per_address: usize,
    pub(crate) half_open: usize,
    pub(crate) sign_in_seconds: u32,
    pub(crate) buffers: usize,
    pub(crate) cookies: usize,
    pub(crate) failed_logins: FailedLogins,
    pub(crate) renames_per_minute: u16,
    pub(crate) failing_calls_per_minute: u16,
    pub(crate) invitations: usize,
    pub(crate) states_per_second: u16,
    pub(crate) lines_per_second: usize,
}

/// The limits of failed sign-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FailedLogins {
    pub(crate) free: usize,
    pub(crate) most: usize,
    pub(crate) minutes: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 4096,
            per_address: 64,
            half_open: 512,
            sign_in_seconds: 60,
            buffers: 1024,
            cookies: 16,
            failed_logins: FailedLogins::default(),
            renames_per_minute: 5,
            failing_calls_per_minute: 10,
            invitations: MAX_PARTICIPANTS,
            states_per_second: 5,
            lines_per_second: 250,
        }
    }
}

impl Default for FailedLogins {
    fn default() -> FailedLogins {
        FailedLogins { free: 3, most: 9, minutes: 10 }
    }
}

impl Limits {
    /// Checks what types and ranges do not.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let invalid = |key, why: &str| Err(ConfigError { key, why: why.to_owned() });
        let FailedLogins { free, most, .. } = self.failed_logins;
        if free > most {
            let why = format!(": `free` must not exceed `most`, but they are {free} and {most}");
            return invalid("limits.failed_logins", &why);
        }
        if self.per_address >= self.half_open {
            let why = format!(
                " must be less than half_open, which is {}: otherwise one address could use all \
                 connections that have not signed in",
                self.half_open
            );
            return invalid("limits.per_address", &why);
        }
        if self.buffers <= self.half_open {
            let why = format!(
                " must be more than half_open, which is {}: otherwise connections that have not \
                 signed \
                 in could use all buffers",
                self.half_open
            );
            return invalid("limits.buffers", &why);
        }
        Ok(())
    }
}
