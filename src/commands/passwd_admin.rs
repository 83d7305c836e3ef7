//! `msnpd passwd-admin`: sets the administrator's password, whether the server runs or not. A running
//! server reads the hash at each use.

use crate::administrator::{self, AdministratorError};
use crate::cli::PasswordArgument;
use crate::config::Loaded;
use crate::error::CommandError;
use crate::{password, stderr};
use actors::port::StoreError;
use actors::port::store::IoReason;

/// The longest password, in characters. Only browsers send it, so it may be longer than an account's.
const MAX_PASSWORD: usize = 64;

/// Asks for the password, and sets it.
pub(crate) fn run(loaded: &Loaded, argument: &PasswordArgument) -> Result<(), CommandError> {
    let data = loaded.config.data.as_path();
    if data.is_file() {
        return Err(CommandError::NotAFolder(data.to_owned()));
    }
    // A mistyped path must not create a folder.
    if !data.is_dir() {
        return Err(CommandError::NoStore(data.to_owned()));
    }
    let password = password::read_or_generate_text(argument, MAX_PASSWORD, check)?;
    administrator::set_password(data, &password).map_err(command_error)?;
    stderr::line("the administrator's password is set; the previous one no longer works");
    password::print_if_generated(argument, &password, "passwd-admin")
}

/// If the data folder cannot be written, returns an error with the same hint and exit code as for its store.
fn command_error(error: AdministratorError) -> CommandError {
    match error {
        AdministratorError::Io { file, error } => {
            StoreError::Io(file.display().to_string(), IoReason::from(&error)).into()
        }
        error => CommandError::Other(error.to_string()),
    }
}

/// Refuses characters that old and new browsers encode differently.
fn check(password: &str) -> Result<(), CommandError> {
    let is_graphic = password.bytes().all(|byte| byte.is_ascii_graphic());
    if (1..=MAX_PASSWORD).contains(&password.len()) && is_graphic {
        return Ok(());
    }
    Err(CommandError::Other(format!(
        "the administrator's password has 1 to {MAX_PASSWORD} characters: letters, digits and signs, \
         without spaces or accents"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;
    use std::path::PathBuf;

    #[test]
    fn a_file_that_cannot_be_written_has_a_hint_for_its_cause() {
        for (kind, hint) in [
            (ErrorKind::ReadOnlyFilesystem, "; the file system is read-only: see `dmesg` for the "),
            (ErrorKind::StorageFull, "; the disk is full: free some space"),
            (ErrorKind::PermissionDenied, "; run this as the owner of the data folder, or as root"),
        ] {
            let file = PathBuf::from("data/msnpd.admin");
            let failure = command_error(AdministratorError::Io { file, error: kind.into() });
            let words = failure.to_string();
            assert!(words.starts_with("data/msnpd.admin: ") && words.contains(hint), "{words}");
            assert_eq!(failure.exit_code(), 7, "{words}");
        }
    }

    #[test]
    fn only_characters_that_every_browser_sends_alike_are_accepted() {
        let longest = "x".repeat(MAX_PASSWORD);
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
