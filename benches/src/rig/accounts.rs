//! The accounts of a load.

use crate::error::BenchError;
use msnp::{FriendlyName, Handle};
use std::fmt::Write as _;

/// The password of every account.
pub(crate) const PASSWORD: &str = "secret";

/// Accounts, numbered from 0. They form circles: each member has all others of the circle on the
/// forward and the allow list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Population {
    pub(crate) count: usize,
    /// The number of accounts in a circle. If it is 1, all lists are empty.
    pub(crate) circle: usize,
}

/// The handle and the name of an account.
#[derive(Debug, Clone)]
pub(crate) struct Principal {
    pub(crate) handle: Handle,
    pub(crate) name: FriendlyName,
}

impl Principal {
    pub(crate) fn numbered(number: usize) -> Result<Principal, BenchError> {
        let wrong = || BenchError::wrong("the number of an account is too large");
        let handle = Handle::new(&handle(number)).map_err(|_| wrong())?;
        let name = FriendlyName::new(&name(number)).map_err(|_| wrong())?;
        Ok(Principal { handle, name })
    }
}

impl Population {
    /// Returns the accounts as a file for `msnpd import`.
    pub(crate) fn export(self) -> String {
        let mut text = String::from("(version: 2, passwords: included, accounts: [\n");
        for number in 0..self.count {
            let others: Vec<String> =
                self.others(number).map(|other| format!("\"{}\"", handle(other))).collect();
            let others = others.join(", ");
            // Writing into a string cannot fail.
            let _ = writeln!(
                text,
                "(handle: \"{}\", name: \"{}\", password: \"{PASSWORD}\", \
                 forward: [{others}], allow: [{others}]),",
                handle(number),
                name(number),
            );
        }
        text.push_str("])\n");
        text
    }

    /// Returns the number of contacts of an account.
    pub(crate) fn contacts(self, number: usize) -> usize {
        self.others(number).count()
    }

    /// Returns the numbers of the other accounts in the circle of this account.
    fn others(self, number: usize) -> impl Iterator<Item = usize> {
        let first = number - number % self.circle.max(1);
        (first..self.count.min(first + self.circle)).filter(move |other| *other != number)
    }
}

fn name(number: usize) -> String {
    format!("user{number}")
}

fn handle(number: usize) -> String {
    format!("{}@example.com", name(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_of_a_circle_have_each_other_on_their_lists() {
        let population = Population { count: 5, circle: 3 };
        let contacts: Vec<usize> = (0..5).map(|number| population.contacts(number)).collect();
        assert_eq!(contacts, [2, 2, 2, 1, 1]);
        let text = population.export();
        let line = "(handle: \"user4@example.com\", name: \"user4\", password: \"secret\", \
                    forward: [\"user3@example.com\"], allow: [\"user3@example.com\"]),";
        assert!(text.lines().any(|one| one == line), "{text}");
    }

    #[test]
    fn a_circle_of_one_has_empty_lists() {
        assert_eq!(Population { count: 2, circle: 1 }.contacts(1), 0);
    }

    #[test]
    fn handles_and_names_are_those_of_the_export() {
        let principal = Principal::numbered(7).unwrap();
        assert_eq!(principal.handle.as_str(), "user7@example.com");
        assert_eq!(principal.name.as_str(), "user7");
    }
}
