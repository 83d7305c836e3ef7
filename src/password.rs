//! Passwords are prompted for, read from standard input, or generated. They are never command line
//! arguments, which other users of the machine can read.

use crate::cli::PasswordArgument;
use crate::error::CommandError;
use crate::text::Lines;
use crate::{stdout, system};
use actors::port::store::Password;
use std::io::IsTerminal;
use zeroize::Zeroizing;

/// Letters and digits that are hard to confuse.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// The length of a generated password in characters, of 5 random bits each.
const LENGTH: usize = 10;

/// Generates an account's password, or reads it from the terminal (twice) or from the first line of
/// standard input.
pub(crate) fn read_or_generate(argument: &PasswordArgument) -> Result<Password, CommandError> {
    let text = read_or_generate_text(argument, Password::MAX, |text| check(text).map(drop))?;
    check(&text)
}

/// Like [`read_or_generate`], but with other rules than those for an account's password. `max` is the
/// maximum length in characters, for the prompt.
pub(crate) fn read_or_generate_text(
    argument: &PasswordArgument,
    max: usize,
    check_rules: impl Fn(&str) -> Result<(), CommandError>,
) -> Result<Zeroizing<String>, CommandError> {
    let check = |text: &str| match text.is_empty() {
        true => Err(CommandError::Other("no password was given: nothing was changed".to_owned())),
        false => check_rules(text),
    };
    let unreadable = |error| CommandError::Other(format!("cannot read the password: {error}"));
    if argument.random_password {
        return Ok(Zeroizing::new(generate(system::random())));
    }
    if std::io::stdin().is_terminal() {
        let prompt = |text: &str| rpassword::prompt_password(text).map(Zeroizing::new);
        let first = prompt(&format!("Password (1 to {max} characters): ")).map_err(unreadable)?;
        check(&first)?;
        if first != prompt("Repeat the password: ").map_err(unreadable)? {
            return Err(CommandError::Other(
                "the two passwords differ: nothing was changed".into(),
            ));
        }
        return Ok(first);
    }
    let line = Lines::new(std::io::stdin().lock()).next().map_err(unreadable)?;
    let line = line.unwrap_or_default();
    check(&line)?;
    Ok(line)
}

/// Prints the password if it was generated. Call this after the password is set: a script that reads the
/// output may sign in at once. `retry_command` is the command that sets another password.
pub(crate) fn print_if_generated(
    argument: &PasswordArgument,
    password: &str,
    retry_command: &str,
) -> Result<(), CommandError> {
    if !argument.random_password || stdout::print_if_open(&format!("{password}\n"))? {
        return Ok(());
    }
    Err(CommandError::Other(format!(
        "the password is set, but could not be printed: set another one with `msnpd {retry_command}`"
    )))
}

/// Checks that old clients can send the password.
pub(crate) fn check(text: &str) -> Result<Password, CommandError> {
    Password::new(text).ok_or_else(|| {
        CommandError::Other(
            "a password has 1 to 16 characters: letters, digits and signs, without spaces or \
             accents. This is the limit of the clients' own sign-in dialog"
                .into(),
        )
    })
}

/// Returns a password of letters and digits for a random number.
pub(crate) fn generate(mut random: u128) -> String {
    let mut text = String::new();
    while text.len() < LENGTH {
        let index = usize::try_from(random % 32).unwrap_or(0);
        text.extend(ALPHABET.get(index).copied().map(char::from));
        random /= 32;
    }
    text
}

/// Whether a text has the form of a generated password.
pub(crate) fn is_generated(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|letter| ALPHABET.contains(&letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_passwords_are_valid() {
        assert_eq!(generate(0), "aaaaaaaaaa");
        assert!(check(&generate(u128::MAX)).is_ok());
        assert_ne!(generate(system::random()), generate(system::random()));
    }

    #[test]
    fn a_password_that_a_client_cannot_send_is_refused() {
        for text in ["", "a b", "pässword", "12345678901234567"] {
            assert!(check(text).is_err(), "{text:?}");
        }
        assert!(check("1234567890123456").is_ok());
    }
}
