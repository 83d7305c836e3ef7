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
    /// Adds, changes and lists accounts
    #[command(subcommand)]
    User(UserVerb),
    /// Shows what the running server is doing: who is signed in, counters, why connections ended
    #[command(after_help = "Example: msnpd status --json | jq .connections.open")]
    Status {
        /// As JSON, for scripts
        #[arg(long)]
        json: bool,
    },
    /// Ends the connections of a principal; he may sign in again
    #[command(after_help = "Example: msnpd kick bob")]
    Kick {
        #[command(flatten)]
        handle: HandleArgument,
    },
    /// Tells everybody who is signed in that the server goes down soon. Their clients show it in
    /// words of their own: the protocol carries the minutes only, and TEXT goes into the log
    #[command(after_help = "Example: msnpd broadcast --minutes 10 'a new disk'")]
    Broadcast {
        /// In how many minutes it goes down
        #[arg(long, value_name = "N", default_value_t = 5)]
        minutes: u32,
        /// Why
        text: String,
    },
    /// Stops the running server: everybody is told, and signed off
    #[command(after_help = "Example: msnpd stop --in 5
Another `stop` counts instead of an earlier one.")]
    Stop {
        /// In so many minutes, of which everybody is told at once [default: now]
        #[arg(long = "in", value_name = "MINUTES")]
        minutes: Option<u32>,
    },
    /// Has the running server read its configuration again, as SIGHUP does. One that is not valid
    /// changes nothing; addresses to listen on and the data folder need a restart
    Reload,
    /// Shows what a principal's client says and hears, line by line, from the line on that names
    /// him. Digests, cookies and what people say to each other are masked
    #[command(after_help = "Example: msnpd trace alice
<< is what the client says, >> what it hears. Ctrl-C ends it.")]
    Trace {
        #[command(flatten)]
        handle: HandleArgument,
    },
    /// Looks whether all accounts and lists are as they must be; exit code 5 if they are not
    Verify,
    /// Writes all accounts and lists into one file, while the server runs or not
    #[command(after_help = "Example: msnpd backup /mnt/usb/msnpd.backup
The file is complete or not there; one of that name is replaced then.")]
    Backup {
        /// The file; - is standard output
        file: PathBuf,
        /// With the key that unseals the passwords: to move to another machine. Keep such a file
        /// as safe as the passwords
        #[arg(long)]
        with_key: bool,
    },
    /// Puts a backup in the place of all accounts and lists, and signs everybody off. What was there
    /// is kept as before-restore.backup in the data folder
    #[command(after_help = "Example: msnpd restore /mnt/usb/msnpd.backup
A backup without key fits only the key file msnpd.key that was there when it was made.")]
    Restore {
        /// The file; - is standard input
        file: PathBuf,
    },
    /// Writes all accounts and lists as text (RON), to read, to change or to move
    #[command(after_help = "Example: msnpd export accounts.ron")]
    Export {
        /// The file; - is standard output
        file: PathBuf,
        /// With the passwords, in clear
        #[arg(long)]
        with_passwords: bool,
    },
    /// Makes the accounts of an export that are missing, with their lists; others stay as they are
    #[command(after_help = "Example: msnpd import accounts.ron")]
    Import {
        /// The file; - is standard input
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserVerb {
    /// Makes an account. The password is asked for, or read as one line from standard input
    #[command(after_help = "Example: msnpd user add alice --name 'Alice B.'")]
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
