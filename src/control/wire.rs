//! The messages of the control socket.

use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use zeroize::Zeroizing;

/// The longest request, in bytes.
pub const MAX_REQUEST: usize = 8 * 1024;

/// The longest reply, in bytes: the status of any realistic number of connections.
pub const MAX_REPLY: usize = 64 * 1024 * 1024;

/// The largest chunk of a file, in bytes.
pub const MAX_CHUNK: u32 = 64 * 1024;

/// The longest time of a `stop` or a `broadcast`, in minutes: a week.
pub const MAX_MINUTES: u32 = 7 * 24 * 60;

/// A request to the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Creates an account; without a password, only checks that it can be created.
    UserAdd {
        /// The handle, with or without a domain.
        handle: String,
        /// The friendly name; the handle's local part if there is none.
        name: Option<String>,
        /// The password.
        password: Option<Secret>,
    },
    /// Sets a password; without one, only checks that the account exists.
    UserPasswd {
        /// The handle, with or without a domain.
        handle: String,
        /// The password.
        password: Option<Secret>,
        /// Whether the account's sessions are kept.
        #[serde(default, skip_serializing_if = "is_false")]
        keep_sessions: bool,
    },
    /// Disables an account.
    UserDisable {
        /// The handle, with or without a domain.
        handle: String,
        /// The reason.
        reason: Option<String>,
    },
    /// Enables an account.
    UserEnable {
        /// The handle, with or without a domain.
        handle: String,
    },
    /// Changes a friendly name.
    UserRename {
        /// The handle, with or without a domain.
        handle: String,
        /// The new friendly name.
        name: String,
    },
    /// Removes an account.
    UserRemove {
        /// The handle, with or without a domain.
        handle: String,
    },
    /// Lists the accounts.
    UserList,
    /// Asks what the server is doing.
    Status,
    /// Ends the connections of a user.
    Kick {
        /// The handle, with or without a domain.
        handle: String,
    },
    /// Denies a network.
    Deny {
        /// An address or a network.
        network: String,
    },
    /// Allows a denied network again.
    DenyRemove {
        /// An address or a network.
        network: String,
    },
    /// Lists the denied networks.
    DenyList,
    /// Warns all users who are signed in that the server goes down.
    Broadcast {
        /// The minutes until then.
        minutes: u32,
        /// The reason, for the log.
        text: String,
    },
    /// Cancels a pending [`Request::Stop`].
    CancelStop,
    /// Stops the server.
    Stop {
        /// The minutes until then; `None` is at once.
        minutes: Option<u32>,
    },
    /// Reads the configuration again.
    Reload,
    /// Sends what a user's client sends and receives, live.
    Trace {
        /// The handle, with or without a domain.
        handle: String,
        /// Whether the lines are sent without their times.
        #[serde(default, skip_serializing_if = "is_false")]
        without_time: bool,
    },
    /// Creates two accounts for a self-test, sends them as a chunk, and removes them after an empty chunk
    /// or when the client is gone.
    Selftest,
    /// Checks the store.
    Verify,
    /// Sends a backup, as chunks.
    Backup {
        /// Whether it includes the key of the passwords.
        with_key: bool,
    },
    /// Replaces everything with a backup, which follows as chunks.
    Restore,
    /// Sends all accounts as text, as chunks.
    Export {
        /// Whether it includes their passwords.
        with_passwords: bool,
    },
    /// Creates the accounts of a file, which follows as chunks.
    Import {
        /// Whether accounts of domains outside the configuration are accepted.
        any_domain: bool,
        /// Whether handles that new accounts cannot have are accepted.
        #[serde(default, skip_serializing_if = "is_false")]
        any_handle: bool,
        /// The format of the file; `None` detects it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        format: Option<FileFormat>,
    },
}

/// Newer fields are left out of a message if they are false, so that earlier versions of the program can
/// read the message.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A password in a message. Debug output does not show it, and it is wiped when dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a password.
    pub fn new(text: &str) -> Secret {
        Secret(Zeroizing::new(text.to_owned()))
    }

    /// Returns the password.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a client sends after a request that a file follows: the file in chunks. One of length 0 ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Content {
    /// This many bytes follow, at most [`MAX_CHUNK`].
    Chunk(u32),
}

/// A reply of the server. After any number of lines and chunks comes `Done` or `Failed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Reply {
    /// A line to print.
    Line(String),
    /// This many bytes of a file follow, at most [`MAX_CHUNK`].
    Chunk(u32),
    /// The request succeeded.
    Done(Answer),
    /// The request failed.
    Failed {
        /// The exit code.
        code: u8,
        /// The error message.
        #[serde(rename = "words")]
        message: String,
    },
}

/// The format of a file with accounts.
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
    /// A message about what was done.
    Words(String),
    /// The accounts, by handle.
    Accounts(Vec<AccountRow>),
    /// The status of the server, as an object.
    Status(serde_json::Value),
    /// What [`Request::Verify`] found.
    #[serde(rename = "examined")]
    Verified {
        /// The number of accounts, without Greeter's.
        accounts: usize,
        /// Whether Greeter has an account.
        #[serde(default, skip_serializing_if = "is_false")]
        greeter: bool,
        /// The number of list entries of all accounts.
        entries: usize,
        /// The faults.
        faults: Vec<String>,
        /// Notes that are not faults.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        notes: Vec<String>,
    },
    /// The denied networks, ordered by address.
    Networks(Vec<String>),
}

/// One account of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRow {
    /// The user handle.
    pub handle: String,
    /// The friendly name.
    pub name: String,
    /// Whether it is disabled.
    #[serde(default)]
    pub disabled: bool,
    /// The reason, if the operator gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether it is Greeter's.
    #[serde(default, skip_serializing_if = "is_false")]
    pub greeter: bool,
}

/// Why a message cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// It is too long.
    #[error("the message is too long")]
    TooLong,
    /// It is not a message of this protocol.
    #[error("not a message of the control socket: {0}")]
    Unknown(String),
}

/// Decodes a message from its line.
///
/// # Errors
/// [`WireError`] if it is not a message.
pub fn decode<T: serde::de::DeserializeOwned>(line: &[u8]) -> Result<T, WireError> {
    serde_json::from_slice(line).map_err(|error| {
        // The parser's own message could quote a password.
        let what = match error.classify() {
            Category::Data => "unknown request",
            Category::Eof | Category::Io => "it is incomplete",
            Category::Syntax => "invalid JSON",
        };
        WireError::Unknown(format!("{what}, column {}", error.column()))
    })
}

/// Encodes a message as a line, with its line end.
///
/// # Errors
/// [`WireError`] if it cannot be written as JSON.
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
    fn requests_are_readable_lines() {
        let kick = Request::Kick { handle: "bob".into() };
        assert_eq!(encode(&kick).unwrap(), b"{\"kick\":{\"handle\":\"bob\"}}\n");
        assert_eq!(decode(b"\"status\""), Ok(Request::Status));
        assert_eq!(encode(&Content::Chunk(3)).unwrap(), b"{\"chunk\":3}\n");
    }

    #[test]
    fn messages_of_older_versions_are_read_and_written_unchanged() {
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
    fn invalid_requests_are_errors() {
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
    fn debug_output_has_no_passwords() {
        let request = Request::UserPasswd {
            handle: "alice".into(),
            password: Some(Secret::new("hunter2")),
            keep_sessions: false,
        };
        assert!(!format!("{request:?}").contains("hunter2"));
    }
}
