//! `msnpd passwd-admin`: sets the administrator's password, whether the server runs or not. A running
//! server reads what the password is checked against at each use.

use crate::administrator::{self, AdministratorError};
use crate::cli::PasswordArgument;
use crate::config::Loaded;
use crate::error::CommandError;
use crate::{password, stderr};
use actors::port::StoreError;
use actors::port::store::IoReason;

/// How many characters the password has at most. No client sends it, so it may be longer than theirs.
const LONGEST: usize = 64;

/// Asks for the password, and sets it.
pub(crate) fn run(loaded: &Loaded, argument: &PasswordArgument) -> Result<(), CommandError> {
    let data = loaded.config.data.as_path();
    if data.is_file() {
        return Err(CommandError::NoFolder(data.to_owned()));
    }
    // A mistyped name makes no folder.
    if !data.is_dir() {
        return Err(CommandError::NoStore(data.to_owned()));
    }
    let password = password::obtain_text(argument)?;
    check(&password)?;
    administrator::store(data, &password).map_err(failure)?;
    stderr::line("the administrator's password is set; an earlier one opens nothing any more");
    password::show_if_made_up(argument, &password, "passwd-admin")
}

/// A data folder that cannot be written has the same way out and exit code as its store.
fn failure(error: AdministratorError) -> CommandError {
    match error {
        AdministratorError::Io { file, error } => {
            StoreError::Io(file.display().to_string(), IoReason::from(&error)).into()
        }
        error => CommandError::Other(error.to_string()),
    }
}

/// Refuses what browsers of different ages would send in different bytes.
fn check(password: &str) -> Result<(), CommandError> {
    let is_typed = password.bytes().all(|byte| byte.is_ascii_graphic());
    if (1..=LONGEST).contains(&password.len()) && is_typed {
        return Ok(());
    }
    Err(CommandError::Other(format!(
        "the administrator's password has 1 to {LONGEST} characters: letters, digits and signs, \
         without spaces or accents"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;
    use std::path::PathBuf;

    #[test]
    fn a_file_that_cannot_be_written_has_the_way_out_that_fits_the_cause() {
        for (kind, way) in [
            (ErrorKind::ReadOnlyFilesystem, "; its file system is read-only: `dmesg` shows why; "),
            (ErrorKind::StorageFull, "; its disk is full: make room on it"),
            (ErrorKind::PermissionDenied, "; run this as the owner of the data folder, or as root"),
        ] {
            let file = PathBuf::from("data/msnpd.admin");
            let failure = failure(AdministratorError::Io { file, error: kind.into() });
            let words = failure.to_string();
            assert!(words.starts_with("data/msnpd.admin: ") && words.contains(way), "{words}");
            assert_eq!(failure.exit_code(), 7, "{words}");
        }
    }

    #[test]
    fn what_every_browser_sends_in_the_same_bytes_is_a_password() {
        let longest = "x".repeat(LONGEST);
        for text in
            ["a", "p:q\\\"~", "more than 16 characters".replace(' ', "_").as_str(), &longest]
        {
            assert!(check(text).is_ok(), "{text:?}");
        }
        for text in ["", "a b", "p\u{e4}ss", "tab\t", &format!("{longest}x")] {
            assert!(check(text).is_err(), "{text:?}");
        }
    }
}
