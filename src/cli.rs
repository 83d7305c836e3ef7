//! The command line.

mod help;

use crate::control::wire::{FileFormat, MAX_MINUTES};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// An MSN Messenger server for home networks with old computers.
#[derive(Debug, Parser)]
#[command(name = "msnpd", version, max_term_width = 100, after_help = help::PROGRAM)]
pub(crate) struct Cli {
    /// The configuration file [env: MSNPD_CONFIG] [default: config.ron in the data folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The data folder, with accounts and contact lists [env: MSNPD_DATA] [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts the server (the default without a command)
    #[command(after_help = help::RUN)]
    Run {
        /// Starts everything, logs that it is ready, and stops again: a test that it can start
        #[arg(long)]
        smoke: bool,
    },
    /// Creates the data folder: configuration, store, key and administrator's password
    #[command(after_help = help::INIT)]
    Init,
    /// Finds configuration problems and explains how to fix them
    #[command(after_help = help::CHECK)]
    Check {
        /// Prints JSON for scripts: an array of objects with the fields `check`, `result`, `words` (the
        /// explanation) and `mend` (how to fix it)
        #[arg(long)]
        json: bool,
    },
    /// Prints the built-in or the active configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Adds, changes, removes and lists accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Sets the administrator's password: asks for it, or reads one line from standard input
    #[command(after_help = help::PASSWD_ADMIN)]
    PasswdAdmin {
        #[command(flatten)]
        password: PasswordArgument,
    },
    /// Prints client configuration: .reg file, hosts lines, DNS records
    #[command(subcommand)]
    Client(ClientCommand),
    /// Tests that clients can sign in and talk, and reports which step fails
    #[command(after_help = help::SELFTEST, override_usage = help::SELFTEST_USAGE)]
    Selftest(SelftestArguments),
    /// Prints who is connected and how much of each limit is used
    #[command(after_help = help::STATUS)]
    Status {
        /// Prints JSON for scripts
        #[arg(long)]
        json: bool,
    },
    /// Ends all connections of a user, who can sign in again
    #[command(after_help = help::KICK)]
    Kick {
        #[command(flatten)]
        handle: HandleArgument,
    },
    /// Denies a network: ends its connections and accepts no new ones
    #[command(after_help = help::DENY)]
    Deny {
        /// An address such as 203.0.113.5, or a network such as 203.0.113.0/24. Without it, lists the
        /// denied networks
        #[arg(value_name = "NETWORK")]
        network: Option<String>,
        /// Allows this network again
        #[arg(long, value_name = "NETWORK", conflicts_with = "network")]
        remove: Option<String>,
    },
    /// Warns all signed-in users that the server will go down soon
    #[command(after_help = help::BROADCAST)]
    Broadcast {
        /// The minutes until it goes down
        #[arg(long, value_name = "N", default_value_t = 5, value_parser = minutes)]
        #[arg(allow_negative_numbers = true)]
        minutes: u32,
        /// The reason, for the log only
        #[arg(value_parser = reason)]
        text: String,
    },
    /// Stops the running server and signs all users off
    #[command(after_help = help::STOP)]
    Stop {
        /// The minutes until it stops [default: now]
        #[arg(long = "in", value_name = "MINUTES", value_parser = minutes)]
        #[arg(allow_negative_numbers = true)]
        minutes: Option<u32>,
        /// Cancels a pending stop
        #[arg(long, conflicts_with = "minutes")]
        cancel: bool,
    },
    /// Makes the running server read its configuration again
    #[command(after_help = help::RELOAD)]
    Reload,
    /// Prints what a user's client sends and receives, live, line by line
    #[command(after_help = help::TRACE)]
    Trace {
        #[command(flatten)]
        handle: HandleArgument,
    },
    /// Checks all stored accounts and contact lists
    #[command(after_help = help::VERIFY)]
    Verify {
        /// Prints JSON for scripts: an object with accounts, entries and faults
        #[arg(long)]
        json: bool,
    },
    /// Writes all accounts and contact lists into one file
    #[command(after_help = help::BACKUP)]
    Backup {
        /// The file to write; - is standard output
        file: PathBuf,
        /// Includes msnpd.key, which decrypts the passwords; needed to move to another machine. Keep
        /// such a file as safe as the passwords
        #[arg(long)]
        with_key: bool,
    },
    /// Replaces all accounts and contact lists with those of a backup
    #[command(after_help = help::RESTORE)]
    Restore {
        /// The file to read; - is standard input
        file: PathBuf,
    },
    /// Writes all accounts and contact lists as text, to read, edit or move
    #[command(after_help = help::EXPORT)]
    Export {
        /// The file to write; - is standard output
        file: PathBuf,
        /// Includes the passwords, unencrypted
        #[arg(long)]
        with_passwords: bool,
    },
    /// Creates accounts from an export or a CSV table; existing accounts stay unchanged
    #[command(after_help = help::IMPORT)]
    Import {
        /// The file to read; - is standard input
        file: PathBuf,
        /// Accepts accounts of domains that are not in the configuration
        #[arg(long)]
        any_domain: bool,
        /// Also accepts sign-in names that `user add` refuses, such as those from an older server
        #[arg(long)]
        any_handle: bool,
        /// The format of the file [default: csv if its name ends in .csv, else detected]
        #[arg(long, value_enum)]
        format: Option<FileFormatName>,
    },
}

/// The format of a file with accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormatName {
    /// An export of this program
    Ron,
    /// A table of sign-in names, friendly names and passwords, from a spreadsheet
    Csv,
}

impl From<FileFormatName> for FileFormat {
    fn from(name: FileFormatName) -> FileFormat {
        match name {
            FileFormatName::Ron => FileFormat::Ron,
            FileFormatName::Csv => FileFormat::Csv,
        }
    }
}

/// Parses the reason of a broadcast; it must not be blank.
fn reason(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() {
        return Err("the reason is empty: give at least one word, which is written to the log");
    }
    Ok(text.to_owned())
}

/// Parses a number of minutes.
fn minutes(text: &str) -> Result<u32, String> {
    let minutes = text.parse().ok().filter(|minutes| *minutes <= MAX_MINUTES);
    minutes.ok_or_else(|| format!("give a whole number of minutes, from 0 to {MAX_MINUTES}"))
}

/// Adds a hint to an error about a command or an option that other programs have.
pub(crate) fn with_hint(mut error: clap::Error) -> clap::Error {
    let kinds = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg];
    let invalid_word = kinds.into_iter().find_map(|kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        _ => None,
    });
    let Some(hint) = invalid_word.as_deref().and_then(hint) else { return error };
    // The parser itself suggests words that only look alike.
    error.remove(ContextKind::SuggestedSubcommand);
    error.remove(ContextKind::SuggestedArg);
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(hint)]));
    error
}

/// Returns what to use instead of a command or an option that does not exist; `None` if that is not known.
fn hint(word: &str) -> Option<&'static str> {
    match word {
        "start" => Some("`msnpd run` starts the server; as a service: `systemctl start msnpd`"),
        "restart" => {
            Some("`msnpd stop`, then `msnpd run`; as a service: `systemctl restart msnpd`")
        }
        "--password" => Some(
            "the password is asked for, or read from standard input; --random-password generates one",
        ),
        _ => None,
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Prints the built-in configuration, with every key explained
    #[command(after_help = help::CONFIG_DEFAULT)]
    Default,
    /// Prints the active configuration, and where each value comes from
    #[command(after_help = help::CONFIG_SHOW)]
    Show {
        /// Prints JSON for scripts: an array of objects with key, value and origin
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Creates an account. The password is prompted for, or read as one line from standard input
    #[command(after_help = help::USER_ADD)]
    Add {
        #[command(flatten)]
        handle: HandleArgument,
        /// The friendly name [default: the part of the sign-in name before the @]
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        #[command(flatten)]
        password: PasswordArgument,
    },
    /// Sets a user's password: asks for it, or reads one line from standard input
    #[command(after_help = help::USER_PASSWD)]
    Passwd {
        #[command(flatten)]
        handle: HandleArgument,
        #[command(flatten)]
        password: PasswordArgument,
        /// Keeps the user signed in; without it, the account's sessions end
        #[arg(long)]
        keep_sessions: bool,
    },
    /// Disables an account: its sessions end, and no one can sign in with it
    #[command(after_help = help::USER_DISABLE)]
    Disable {
        #[command(flatten)]
        handle: HandleArgument,
        /// The reason, shown by `user list` and `status`, never to clients
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Enables a disabled account
    #[command(after_help = help::USER_ENABLE)]
    Enable {
        #[command(flatten)]
        handle: HandleArgument,
    },
    /// Changes a friendly name
    #[command(after_help = help::USER_RENAME)]
    Rename {
        #[command(flatten)]
        handle: HandleArgument,
        /// The new friendly name
        name: String,
    },
    /// Removes an account, also from the lists of other users
    #[command(after_help = help::USER_REMOVE, visible_alias = "del")]
    Remove {
        #[command(flatten)]
        handle: HandleArgument,
    },
    /// Lists the accounts
    #[command(after_help = help::USER_LIST)]
    List {
        /// Prints JSON for scripts
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SelftestArguments {
    /// A remote server: an IPv4 address or a host name [default port: 1863]
    #[arg(value_name = "ADDRESS[:PORT]")]
    pub(crate) address: Option<String>,
    /// An account of that server; give this option twice, for two accounts
    #[arg(long = "account", value_name = "SIGN-IN-NAME")]
    pub(crate) accounts: Vec<String>,
    /// Prints JSON for scripts: an object with passed, seconds and steps
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Prints a registry file for MSN Messenger on Windows
    #[command(after_help = help::CLIENT_REG)]
    Reg {
        #[arg(long, value_name = "ADDRESS", help = ADDRESS, value_parser = address)]
        address: Option<Ipv4Addr>,
        /// The client: `messenger` is MSN Messenger 1.0 to 4.6, and Windows Messenger before 4.7.2005
        /// (the version is shown under Help > About). MSN Messenger 5.0 to 6.2 cannot sign in to this
        /// server; `messenger5` is for tests only
        #[arg(long, value_enum, default_value_t = ClientFamily::Messenger)]
        client: ClientFamily,
        /// Prints a file that sets the client back to Microsoft's original server address
        #[arg(long, conflicts_with = "address")]
        reset: bool,
    },
    /// Prints lines for a hosts file
    #[command(after_help = help::CLIENT_HOSTS)]
    Hosts {
        #[arg(long, value_name = "ADDRESS", help = ADDRESS, value_parser = address)]
        address: Option<Ipv4Addr>,
    },
    /// Prints records for the DNS server of the network
    #[command(after_help = help::CLIENT_DNS)]
    Dns {
        /// The DNS server software
        #[arg(value_enum)]
        resolver: ResolverName,
        #[arg(long, value_name = "ADDRESS", help = ADDRESS, value_parser = address)]
        address: Option<Ipv4Addr>,
    },
}

const ADDRESS: &str = "The server's IPv4 address, as clients reach it [default: \
                       `dispatch.advertise` or `notification.advertise` in the configuration, \
                       else the listen address, else this machine's address]";

/// Parses an address that other computers can connect to.
fn address(text: &str) -> Result<Ipv4Addr, &'static str> {
    let address: Ipv4Addr = text.parse().map_err(
        |_| "give an IPv4 address only, such as 192.168.1.10: no name, no port, no http://",
    )?;
    if address.is_unspecified() || address.is_broadcast() || address.is_multicast() {
        return Err("no computer has this address: give the one where clients reach the server");
    }
    Ok(address)
}

/// The official clients, by the key of the Windows registry that has their server address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClientFamily {
    Messenger,
    Messenger5,
}

/// DNS servers whose configuration lines are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ResolverName {
    Dnsmasq,
    Pihole,
    Adguard,
    Unbound,
}

#[derive(Debug, Args)]
pub(crate) struct HandleArgument {
    /// The sign-in name, such as alice@hotmail.com; without a domain, the first configured domain is
    /// used
    #[arg(value_name = "SIGN-IN-NAME")]
    pub(crate) handle: String,
}

#[derive(Debug, Args)]
pub(crate) struct PasswordArgument {
    /// Generates a password and prints it on standard output, on a line of its own
    #[arg(long)]
    pub(crate) random_password: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_are_valid() {
        Cli::command().debug_assert();
    }

    /// Returns the full name and the help of each command without subcommands.
    fn commands(command: &clap::Command, prefix: &str) -> Vec<(String, String)> {
        let name = format!("{prefix}{}", command.get_name());
        if !command.has_subcommands() {
            return vec![(name, command.clone().render_long_help().to_string())];
        }
        let inner = command.get_subcommands();
        inner.flat_map(|command| commands(command, &format!("{name} "))).collect()
    }

    #[test]
    fn the_help_of_every_command_ends_with_an_example() {
        let all = commands(&Cli::command(), "");
        assert!(all.len() > 8, "{all:?}");
        for (name, help) in all {
            let last = help.trim_end().lines().last().unwrap();
            assert!(last.starts_with(&format!("Example: {name}")), "{name}: {last}");
        }
    }

    #[test]
    fn values_out_of_range_and_empty_reasons_are_refused() {
        for arguments in
            [&["broadcast", "--minutes", "-1", "x"] as &[&str], &["stop", "--in", "-1"]]
        {
            let refused = Cli::try_parse_from([&["msnpd"], arguments].concat()).unwrap_err();
            let words = "'-1' for '--";
            assert!(refused.to_string().contains(words), "{refused}");
        }
        for value in ["x", "-1", "1.5", "10081", ""] {
            let refused = Cli::try_parse_from(["msnpd", "stop", "--in", value]).unwrap_err();
            let words = "give a whole number of minutes, from 0 to 10080";
            assert!(refused.to_string().contains(words), "{value}: {refused}");
        }
        for text in ["", "  "] {
            let refused = Cli::try_parse_from(["msnpd", "broadcast", text]).unwrap_err();
            assert!(refused.to_string().contains("the reason is empty"), "{refused}");
        }
    }

    #[test]
    fn words_of_other_programs_get_a_hint() {
        for (arguments, words) in [
            (&["start"] as &[&str], "tip: `msnpd run` starts the server"),
            (
                &["restart"],
                "tip: `msnpd stop`, then `msnpd run`; as a service: `systemctl restart msnpd`",
            ),
            (
                &["user", "add", "bob", "--password", "x"],
                "tip: the password is asked for, or read ",
            ),
            (&["user", "passwd", "bob", "--password=x"], "--random-password generates one"),
            (&["passwd-admin", "--password", "x"], "tip: the password is asked for, or read "),
        ] {
            let refused = Cli::try_parse_from([&["msnpd"], arguments].concat()).unwrap_err();
            let refused = with_hint(refused).to_string();
            assert!(refused.contains(words), "{refused}");
            assert!(!refused.contains("similar"), "{refused}");
        }
        let refused = Cli::try_parse_from(["msnpd", "statu"]).unwrap_err();
        assert!(with_hint(refused).to_string().contains("similar"));
    }

    #[test]
    fn a_password_is_never_an_argument() {
        assert!(Cli::try_parse_from(["msnpd", "user", "add", "alice", "secret"]).is_err());
        assert!(Cli::try_parse_from(["msnpd", "user", "passwd", "alice", "secret"]).is_err());
    }
}
