//! The keys `web` and `sign_up`.

use super::Wrong;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// How many names the web pages have at most.
const MAX_NAMES: usize = 16;

/// How many letters the code for making accounts has at most.
const LONGEST_CODE: usize = 64;

/// The web pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Web {
    pub(crate) listen: SocketAddr,
    #[serde(default)]
    pub(crate) who_is_online: bool,
    #[serde(default = "yes")]
    pub(crate) metrics: bool,
    #[serde(default)]
    pub(crate) names: Vec<String>,
}

/// Accounts that are made on the web page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SignUp {
    pub(crate) mode: SignUpMode,
    pub(crate) code: String,
    pub(crate) per_hour: usize,
}

/// Who may make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SignUpMode {
    Private,
    Code,
    Closed,
}

impl Default for SignUp {
    fn default() -> SignUp {
        SignUp { mode: SignUpMode::Private, code: String::new(), per_hour: 20 }
    }
}

fn yes() -> bool {
    true
}

impl Web {
    /// What is wrong with it beyond its types.
    pub(super) fn check(&self) -> Result<(), Wrong> {
        let wrong = |why| Err(Wrong { key: "web.names", why });
        if self.names.len() > MAX_NAMES {
            return wrong(format!("there are at most {MAX_NAMES}"));
        }
        let is_part = |letter: u8| letter.is_ascii_alphanumeric() || b"-._".contains(&letter);
        let is_name = |name: &&String| !name.is_empty() && name.bytes().all(is_part);
        match self.names.iter().find(|name| !is_name(name)) {
            Some(name) => wrong(format!(
                "{name:?} is not a host name like msn.example.net, which has no port"
            )),
            None => Ok(()),
        }
    }
}

impl SignUp {
    /// What is wrong with it beyond its types.
    pub(super) fn check(&self) -> Result<(), Wrong> {
        let wrong = |key, why: &str| Err(Wrong { key, why: why.to_owned() });
        let SignUp { mode, code, per_hour } = self;
        if *mode == SignUpMode::Code && (code.is_empty() || code.len() > LONGEST_CODE) {
            return wrong("code", &format!("with mode: code it has 1 to {LONGEST_CODE} letters"));
        }
        if !code.bytes().all(|byte| byte.is_ascii_graphic()) {
            return wrong("code", "it has plain letters, digits and signs only, without blanks");
        }
        if *per_hour == 0 {
            return wrong("per_hour", "it is at least 1");
        }
        Ok(())
    }
}
