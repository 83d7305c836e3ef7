//! The keys `web` and `sign_up`.

use super::ConfigError;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::net::SocketAddr;

/// How many names the web pages have at most.
const MAX_NAMES: usize = 16;

/// How many letters the code for making accounts has at most.
const LONGEST_CODE: usize = 64;

/// The web pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Web {
    /// `None` is the first of the usual ports that can be had.
    #[serde(default, deserialize_with = "listen")]
    pub(crate) listen: Option<SocketAddr>,
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

/// An address to listen on, if one is named.
fn listen<'de, D: Deserializer<'de>>(text: D) -> Result<Option<SocketAddr>, D::Error> {
    let word = Option::<String>::deserialize(text)?;
    word.map(|word| super::place(&word)).transpose().map_err(D::Error::custom)
}

fn yes() -> bool {
    true
}

impl Web {
    /// What is wrong with it beyond its types.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let wrong = |why| Err(ConfigError { key: "web.names", why });
        if self.names.len() > MAX_NAMES {
            return wrong(format!(": there are at most {MAX_NAMES}"));
        }
        let is_part = |letter: u8| letter.is_ascii_alphanumeric() || b"-._".contains(&letter);
        let is_name = |name: &&String| !name.is_empty() && name.bytes().all(is_part);
        match self.names.iter().find(|name| !is_name(name)) {
            Some(name) => wrong(format!(
                ": {name:?} is not a host name like msn.example.net, which has no port"
            )),
            None => Ok(()),
        }
    }
}

impl SignUp {
    /// What is wrong with it beyond its types.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key, why: &str| Err(ConfigError { key, why: why.to_owned() });
        let SignUp { mode, code, .. } = self;
        if *mode == SignUpMode::Code && (code.is_empty() || code.len() > LONGEST_CODE) {
            let why = format!(" must have 1 to {LONGEST_CODE} letters where mode is code");
            return wrong("sign_up.code", &why);
        }
        if !code.bytes().all(|byte| byte.is_ascii_graphic()) {
            let why = " must have plain letters, digits and signs only, without blanks";
            return wrong("sign_up.code", why);
        }
        Ok(())
    }
}
