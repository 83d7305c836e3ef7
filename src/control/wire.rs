//! The messages of the control socket.

use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use zeroize::Zeroizing;

/// How many bytes a request has at most.
pub const MAX_REQUEST: usize = 8 * 1024;

/// How many bytes a reply has at most: the states of as many connections as anybody configures.
pub const MAX_REPLY: usize = 64 * 1024 * 1024;

/// How many bytes of a file one chunk has at most.
pub const MAX_CHUNK: u32 = 64 * 1024;

/// How many minutes ahead a `stop` or a `broadcast` is at most: a week.
pub const MAX_MINUTES: u32 = 7 * 24 * 60;

/// What an operator asks of the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Makes an account; without a password, only whether it can be made.
    UserAdd {
        /// The handle, perhaps without domain.
        handle: String,
        /// The friendly name, if another than the handle's local part.
        name: Option<String>,
        /// The password.
        password: Option<Secret>,
    },
    /// Sets a password; without one, only whether there is the account.
    UserPasswd {
        /// The handle, perhaps without domain.
        handle: String,
        /// The password.
        password: Option<Secret>,
        /// Whether the account's sessions go on.
        #[serde(default, skip_serializing_if = "is_false")]
        keep_sessions: bool,
    },
    /// Disables an account.
    UserDisable {
        /// The handle, perhaps without domain.
        handle: String,
        /// Why.
        reason: Option<String>,
    },
    /// Enables an account.
    UserEnable {
        /// The handle, perhaps without domain.
        handle: String,
    },
    /// Changes a friendly name.
    UserRename {
        /// The handle, perhaps without domain.
        handle: String,
        /// The new friendly name.
        name: String,
    },
    /// Removes an account.
    UserRemove {
        /// The handle, perhaps without domain.
        handle: String,
    },
    /// Lists the accounts.
    UserList,
    /// What the server is doing.
    Status,
    /// Ends the connections of a principal.
    Kick {
        /// The handle, perhaps without domain.
        handle: String,
    },
    /// Denies a network.
    Deny {
        /// An address or a network.
        network: String,
    },
    /// Denies a network no longer.
    DenyRemove {
        /// An address or a network.
        network: String,
    },
    /// Lists the denied networks.
    DenyList,
    /// Tells everybody who is signed in that the server goes down.
    Broadcast {
        /// In how many minutes.
        minutes: u32,
        /// Why; it goes into the log.
        text: String,
    },
    /// Calls off a [`Request::Stop`] in some minutes.
    CancelStop,
    /// Stops the server.
    Stop {
        /// In how many minutes; at once, if not said.
        minutes: Option<u32>,
    },
    /// Reads the configuration again.
    Reload,
    /// Shows the lines of a principal's connections as they come and go.
    Trace {
        /// The handle, perhaps without domain.
        handle: String,
        /// Whether who shows them adds the time to each.
        #[serde(default, skip_serializing_if = "is_false")]
        without_time: bool,
    },
    /// Makes two accounts for a self-test, sends them as a chunk, and removes them after a chunk
    /// of no length, or when whoever asked is gone.
    Selftest,
    /// Looks whether the store is as it must be.
    Verify,
    /// Sends a backup, as chunks.
    Backup {
        /// Whether the key that unseals the passwords is in it.
        with_key: bool,
    },
    /// Puts a backup in the place of what there is; the backup follows as chunks.
    Restore,
    /// Sends all accounts as text, as chunks.
    Export {
        /// Whether their passwords are in it.
        with_passwords: bool,
    },
    /// Makes the accounts of an export, which follows as chunks.
    Import {
        /// Whether they may have other domains than those of the configuration.
        any_domain: bool,
        /// Whether they may have handles that new accounts cannot have.
        #[serde(default, skip_serializing_if = "is_false")]
        any_handle: bool,
        /// What the file is, if it is not to be seen from it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        format: Option<FileFormat>,
    },
}

/// An earlier version of the program reads a request that lacks what it does not know.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A password on its way. It is in no debug output, and wiped when it is dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a password.
    pub fn new(text: &str) -> Secret {
        Secret(Zeroizing::new(text.to_owned()))
    }

    /// The password in clear.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A piece of a file that a client sends after its request; one of length 0 is the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Content {
    /// So many bytes follow, at most [`MAX_CHUNK`].
    Chunk(u32),
}

/// What the server answers. After any number of lines and chunks comes `Done` or `Failed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Reply {
    /// Something to show as it is.
    Line(String),
    /// So many bytes of a file follow, at most [`MAX_CHUNK`].
    Chunk(u32),
    /// It is done.
    Done(Answer),
    /// It was not done.
    Failed {
        /// The exit code that says so.
        code: u8,
        /// Why, and the way out.
        words: String,
    },
}

/// The form of a file with accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileFormat {
    /// An export of this program.
    Ron,
    /// A table with handles, names and passwords.
    Csv,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Answer {
    /// What was done, in words.
    Words(String),
    /// The accounts, by handle.
    Accounts(Vec<AccountRow>),
    /// What the server is doing, as an object.
    Status(serde_json::Value),
    /// What [`Request::Verify`] found.
    Examined {
        /// How many accounts there are, but the greeter's.
        accounts: usize,
        /// Whether there is the greeter's besides.
        #[serde(default, skip_serializing_if = "is_false")]
        greeter: bool,
        /// How many entries their lists have.
        entries: usize,
        /// What is not as it must be.
        faults: Vec<String>,
        /// What should be known, and is no fault.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        notes: Vec<String>,
    },
    /// Networks, in the order of their addresses.
    Networks(Vec<String>),
}

/// One account of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRow {
    /// The user handle.
    pub handle: String,
    /// The friendly name.
    pub name: String,
    /// Whether nobody can sign in with it.
    #[serde(default)]
    pub disabled: bool,
    /// Why it is disabled, if the operator gave a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether it is the greeter's, the server's own account.
    #[serde(default, skip_serializing_if = "is_false")]
    pub greeter: bool,
}

/// Why a message cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// It is longer than it may be.
    #[error("the message is too long")]
    TooLong,
    /// It is no message of this protocol.
    #[error("this is no message of the control socket: {0}")]
    Unknown(String),
}

/// Decodes a message from its line.
///
/// # Errors
/// [`WireError`] if it is none.
pub fn decode<T: serde::de::DeserializeOwned>(line: &[u8]) -> Result<T, WireError> {
    serde_json::from_slice(line).map_err(|error| {
        // Its own words may quote a password.
        let what = match error.classify() {
            Category::Data => "it asks for nothing that there is",
            Category::Eof | Category::Io => "it ends too early",
            Category::Syntax => "it is no JSON",
        };
        WireError::Unknown(format!("{what}, column {}", error.column()))
    })
}

/// Encodes a message as a line, with its line end.
///
/// # Errors
/// [`WireError`] if it cannot be said in JSON.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, WireError> {
    let mut line =
        serde_json::to_vec(message).map_err(|error| WireError::Unknown(error.to_string()))?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_lines_that_a_person_can_type() {
        let kick = Request::Kick { handle: "bob".into() };
        assert_eq!(encode(&kick).unwrap(), b"{\"kick\":{\"handle\":\"bob\"}}\n");
        assert_eq!(decode(b"\"status\""), Ok(Request::Status));
        assert_eq!(encode(&Content::Chunk(3)).unwrap(), b"{\"chunk\":3}\n");
    }

    #[test]
    fn requests_of_before_are_read_and_those_that_ask_for_no_more_are_the_same() {
        let passwd = "{\"user-passwd\":{\"handle\":\"bob\",\"password\":null}}\n";
        let request: Request = decode(passwd.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(encode(&request).unwrap()).unwrap(), passwd);
        let import = "{\"import\":{\"any_domain\":true}}\n";
        let request: Request = decode(import.as_bytes()).unwrap();
        assert_eq!(request, Request::Import { any_domain: true, any_handle: false, format: None });
        assert_eq!(String::from_utf8(encode(&request).unwrap()).unwrap(), import);
        let row = "{\"accounts\":[{\"handle\":\"a@b.cd\",\"name\":\"a\"}]}";
        assert!(decode::<Answer>(row.as_bytes()).is_ok());
    }

    #[test]
    fn what_is_no_request_is_said_to_be_none() {
        for line in [
            "",
            "{",
            "status",
            "\"frobnicate\"",
            "{\"kick\":{}}",
            "{\"kick\":{\"handle\":1}}",
            "{\"status\":null,\"verify\":null}",
            "{\"stop\":{\"minutes\":-1}}",
            "{\"kick\":{\"handle\":\"a\",\"now\":true}}",
            "\u{0}",
        ] {
            assert!(decode::<Request>(line.as_bytes()).is_err(), "{line}");
        }
        let deep = "[".repeat(100_000);
        assert!(decode::<Request>(deep.as_bytes()).is_err());
    }

    #[test]
    fn passwords_are_in_no_debug_output() {
        let request = Request::UserPasswd {
            handle: "alice".into(),
            password: Some(Secret::new("hunter2")),
            keep_sessions: false,
        };
        assert!(!format!("{request:?}").contains("hunter2"));
    }
}
