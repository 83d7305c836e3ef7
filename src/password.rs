//! Where passwords come from: a prompt, standard input, or chance. Never the command line, where
//! other users of the machine can read them.

use crate::cli::PasswordArgument;
use crate::error::CommandError;
use crate::text::Lines;
use crate::{commands, system};
use actors::port::store::Password;
use std::io::IsTerminal;
use zeroize::Zeroizing;

/// Letters and digits that nobody mistakes for one another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// How many of them a made-up password has: 50 bits.
const LENGTH: usize = 10;

/// Makes up a password, or takes one from the terminal (twice) or from the first line of standard
/// input.
pub(crate) fn obtain(argument: &PasswordArgument) -> Result<Password, CommandError> {
    check(&obtain_text(argument)?)
}

/// The same for what is no account's password.
pub(crate) fn obtain_text(argument: &PasswordArgument) -> Result<Zeroizing<String>, CommandError> {
    let unreadable = |error| CommandError::Other(format!("cannot read the password: {error}"));
    if argument.random_password {
        return Ok(Zeroizing::new(made_up(system::random())));
    }
    if std::io::stdin().is_terminal() {
        let ask = |prompt| rpassword::prompt_password(prompt).map(Zeroizing::new);
        let first = ask("Password: ").map_err(unreadable)?;
        if first != ask("The same again: ").map_err(unreadable)? {
            return Err(CommandError::Other(
                "the two passwords differ; nothing was changed".into(),
            ));
        }
        return Ok(first);
    }
    let line = Lines::new(std::io::stdin().lock()).next().map_err(unreadable)?;
    Ok(line.unwrap_or_default())
}

/// Prints a password that was made up. Only when it is in force: a script that reads one takes it
/// for good. `again` is the command that sets another one.
pub(crate) fn show_if_made_up(
    argument: &PasswordArgument,
    password: &str,
    again: &str,
) -> Result<(), CommandError> {
    if !argument.random_password || commands::print_on(&format!("{password}\n"))? {
        return Ok(());
    }
    Err(CommandError::Other(format!(
        "the password is in force, but nobody has read it: `msnpd {again}` sets another one"
    )))
}

/// A password that a client can send.
pub(crate) fn check(text: &str) -> Result<Password, CommandError> {
    Password::new(text).ok_or_else(|| {
        CommandError::Other(
            "a password has 1 to 16 characters, letters, digits and signs without blanks or \
             accents: the clients' own sign-in dialog takes no more"
                .into(),
        )
    })
}

/// A password of letters and digits, from so much chance.
pub(crate) fn made_up(mut random: u128) -> String {
    let mut text = String::new();
    while text.len() < LENGTH {
        let place = usize::try_from(random % 32).unwrap_or(0);
        text.extend(LETTERS.get(place).copied().map(char::from));
        random /= 32;
    }
    text
}

/// Whether a text may be a password that was made up.
pub(crate) fn is_made_up(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|letter| LETTERS.contains(&letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_passwords_are_legal() {
        assert_eq!(made_up(0), "aaaaaaaaaa");
        assert!(check(&made_up(u128::MAX)).is_ok());
        assert_ne!(made_up(system::random()), made_up(system::random()));
    }

    #[test]
    fn passwords_that_a_client_cannot_send_are_refused() {
        for text in ["", "a b", "pässword", "12345678901234567"] {
            assert!(check(text).is_err(), "{text:?}");
        }
        assert!(check("1234567890123456").is_ok());
    }
}
