//! The command line.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// The MSN Messenger service for a home network of old computers.
#[derive(Debug, Parser)]
#[command(name = "msnpd", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// The configuration file [default: ./config.ron, then /etc/msnpd/config.ron, if there is one]
    #[arg(long, global = true, value_name = "FILE", env = "MSNPD_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// The folder of accounts and lists [default: what the configuration says, or ./data]
    #[arg(long, global = true, value_name = "DIR", env = "MSNPD_DATA")]
    pub(crate) data: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Starts the server (so does no verb at all)
    Run,
    /// Adds, changes and lists accounts, while the server is stopped
    #[command(subcommand)]
    User(UserVerb),
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserVerb {
    /// Makes an account. The password is asked for, or read as one line from standard input
    Add {
        #[command(flatten)]
        handle: HandleArgument,
        /// The friendly name [default: the handle's part before the @]
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        #[command(flatten)]
        password: PasswordArgument,
    },
    /// Sets a password, asked for, or read as one line from standard input
    Passwd {
        #[command(flatten)]
        handle: HandleArgument,
        #[command(flatten)]
        password: PasswordArgument,
    },
    /// Changes a friendly name
    Rename {
        #[command(flatten)]
        handle: HandleArgument,
        /// The new friendly name
        name: String,
    },
    /// Removes an account, and takes it off everybody's lists
    Remove {
        #[command(flatten)]
        handle: HandleArgument,
    },
    /// Lists the accounts
    List {
        /// As JSON, for scripts
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct HandleArgument {
    /// The user handle, such as alice@hotmail.com; without a domain the first configured one is
    /// taken
    #[arg(value_name = "HANDLE")]
    pub(crate) handle: String,
}

#[derive(Debug, Args)]
pub(crate) struct PasswordArgument {
    /// Makes up a password and prints it alone on standard output
    #[arg(long)]
    pub(crate) random_password: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_password_is_taken_as_an_argument() {
        assert!(Cli::try_parse_from(["msnpd", "user", "add", "alice", "secret"]).is_err());
        assert!(Cli::try_parse_from(["msnpd", "user", "passwd", "alice", "secret"]).is_err());
    }
}
