//! The keys `web` and `sign_up`.

use super::ConfigError;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::net::SocketAddr;

/// How many names the key `web.names` can have.
const MAX_NAMES: usize = 16;

/// The longest code for creating accounts, in bytes.
const MAX_CODE: usize = 64;

/// The web pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Web {
    /// If this is `None`, the pages use the first of [`super::USUAL_WEB_PORTS`] that is available.
    #[serde(default, deserialize_with = "parse_listen")]
    pub(crate) listen: Option<SocketAddr>,
    #[serde(default)]
    pub(crate) who_is_online: bool,
    #[serde(default = "yes")]
    pub(crate) metrics: bool,
    #[serde(default)]
    pub(crate) names: Vec<String>,
}

/// Creating accounts on the web page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SignUp {
    pub(crate) mode: SignUpMode,
    pub(crate) code: String,
    pub(crate) per_hour: usize,
}

/// Who may create an account on the web page.
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

/// Parses an address to listen on, if there is one.
fn parse_listen<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SocketAddr>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| super::parse_socket_address(&text)).transpose().map_err(D::Error::custom)
}

fn yes() -> bool {
    true
}

impl Web {
    /// Checks the rules that the types of the fields do not express.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let invalid = |why| Err(ConfigError { key: "web.names", why });
        if self.names.len() > MAX_NAMES {
            return invalid(format!(" must have at most {MAX_NAMES} entries"));
        }
        let is_name_character =
            |letter: u8| letter.is_ascii_alphanumeric() || b"-._".contains(&letter);
        let is_name = |name: &&String| !name.is_empty() && name.bytes().all(is_name_character);
        match self.names.iter().find(|name| !is_name(name)) {
            Some(other) => invalid(format!(
                ": {other:?} is not a host name such as msn.example.net, without a port"
            )),
            None => Ok(()),
        }
    }
}

impl SignUp {
    /// Checks the rules that the types of the fields do not express.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let invalid = |key, why: &str| Err(ConfigError { key, why: why.to_owned() });
        let SignUp { mode, code, .. } = self;
        if *mode == SignUpMode::Code && (code.is_empty() || code.len() > MAX_CODE) {
            let why = format!(" must have 1 to {MAX_CODE} letters if mode is code");
            return invalid("sign_up.code", &why);
        }
        if !code.bytes().all(|byte| byte.is_ascii_graphic()) {
            let why =
                " must have letters, digits and signs only, without accents and without spaces";
            return invalid("sign_up.code", why);
        }
        Ok(())
    }
}
