//! The key `greeter`.

use crate::text::invalid_sign_in_name;
use actors::port::store::Principal;
use msnp::{FriendlyName, Handle};
use serde::{Deserialize, Serialize};

/// The built-in contact that greets new accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Greeter {
    pub(crate) handle: String,
    pub(crate) name: String,
}

impl Default for Greeter {
    fn default() -> Greeter {
        Greeter { handle: "greeter".into(), name: "Greeter".into() }
    }
}

impl Greeter {
    /// Returns Greeter's handle and name. A handle without a domain gets the first of these domains.
    pub(super) fn principal(&self, domains: &[String]) -> Result<Principal, String> {
        let full_handle = match domains.first() {
            Some(domain) if !self.handle.contains('@') => format!("{}@{domain}", self.handle),
            _ => self.handle.clone(),
        };
        let handle = Handle::new(&full_handle)
            .map_err(|error| invalid_sign_in_name(&self.handle, &error))?;
        let name = FriendlyName::new(&self.name)
            .map_err(|error| format!("{:?} is not a friendly name: {error}", self.name))?;
        Ok(Principal { handle, name })
    }
}
