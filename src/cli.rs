//! The command line.

mod help;

use crate::control::wire::{FileFormat, MAX_MINUTES};
use clap::builder::RangedI64ValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// The MSN Messenger service for a home network of old computers.
#[derive(Debug, Parser)]
#[command(name = "msnpd", version, max_term_width = 100, after_help = help::EXIT_CODES)]
pub(crate) struct Cli {
    /// The configuration file [env: MSNPD_CONFIG] [default: config.ron in the data folder, then
    /// ./config.ron, then /etc/msnpd/config.ron, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The data folder, of accounts and lists [env: MSNPD_DATA] [default: what the configuration
    /// says, or ./data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) verb: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts the server (so does no verb at all)
    #[command(after_help = help::RUN)]
    Run {
        /// Starts all of it, says that it is ready, and stops again: shows that it can start
        #[arg(long)]
        smoke: bool,
    },
    /// Makes a data folder, whole: configuration, store, key and administrator's password
    #[command(after_help = help::INIT)]
    Init,
    /// Looks for what would keep the server from working, and says how to mend it
    #[command(after_help = help::CHECK)]
    Check {
        /// As JSON, for scripts: an array of objects with check, result, words and mend
        #[arg(long)]
        json: bool,
    },
    /// Shows configurations
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Adds, changes and lists accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Sets the administrator's password, asked for, or read as one line from standard input
    #[command(after_help = help::PASSWD_ADMIN)]
    PasswdAdmin {
        #[command(flatten)]
        password: PasswordArgument,
    },
    /// Prints what leads a client's computer to this server
    #[command(subcommand)]
    Client(ClientCommand),
    /// Shows that clients can sign in and talk, or what keeps them from it
    #[command(after_help = help::SELFTEST)]
    Selftest(SelftestArguments),
    /// Shows what the running server is doing
    #[command(after_help = help::STATUS)]
    Status {
        /// As JSON, for scripts
        #[arg(long)]
        json: bool,
    },
    /// Ends all connections of a principal, who may sign in again
    #[command(after_help = help::KICK)]
    Kick {
        #[command(flatten)]
        handle: HandleArgument,
    },
    /// Shuts a network out: its connections end, and no others are let in
    #[command(after_help = help::DENY)]
    Deny {
        /// An address such as 203.0.113.5, or a network such as 203.0.113.0/24; without it, lists the
        /// denied networks
        #[arg(value_name = "NETWORK")]
        network: Option<String>,
        /// Lets this network in again
        #[arg(long, value_name = "NETWORK", conflicts_with = "network")]
        remove: Option<String>,
    },
    /// Tells everybody who is signed in that the server goes down soon
    #[command(after_help = help::BROADCAST)]
    Broadcast {
        /// In how many minutes it goes down
        #[arg(long, value_name = "N", default_value_t = 5, value_parser = minutes())]
        #[arg(allow_negative_numbers = true)]
        minutes: u32,
        /// Why
        #[arg(value_parser = reason)]
        text: String,
    },
    /// Stops the running server, which signs everybody off
    #[command(after_help = help::STOP)]
    Stop {
        /// In so many minutes [default: now]
        #[arg(long = "in", value_name = "MINUTES", value_parser = minutes())]
        #[arg(allow_negative_numbers = true)]
        minutes: Option<u32>,
        /// Calls off a stop that was to come in some minutes
        #[arg(long, conflicts_with = "minutes")]
        cancel: bool,
    },
    /// Has the running server read its configuration again
    #[command(after_help = help::RELOAD)]
    Reload,
    /// Shows what a principal's client says and hears, line by line, as it goes by
    #[command(after_help = help::TRACE)]
    Trace {
        #[command(flatten)]
        handle: HandleArgument,
    },
    /// Looks whether all accounts and lists are as they must be
    #[command(after_help = help::VERIFY)]
    Verify {
        /// As JSON, for scripts: an object with accounts, entries and faults
        #[arg(long)]
        json: bool,
    },
    /// Writes all accounts and lists into one file
    #[command(after_help = help::BACKUP)]
    Backup {
        /// The file; - is standard output
        file: PathBuf,
        /// With the key that unseals the passwords: to move to another machine. Keep such a file
        /// as safe as the passwords
        #[arg(long)]
        with_key: bool,
    },
    /// Puts a backup in the place of all accounts and lists
    #[command(after_help = help::RESTORE)]
    Restore {
        /// The file; - is standard input
        file: PathBuf,
    },
    /// Writes all accounts and lists as text, to read, to change or to move
    #[command(after_help = help::EXPORT)]
    Export {
        /// The file; - is standard output
        file: PathBuf,
        /// With the passwords, in clear
        #[arg(long)]
        with_passwords: bool,
    },
    /// Makes the accounts of an export, or of a table (CSV), that are missing
    #[command(after_help = help::IMPORT)]
    Import {
        /// The file; - is standard input
        file: PathBuf,
        /// Also of domains that the configuration does not have
        #[arg(long)]
        any_domain: bool,
        /// Also with sign-in names that new accounts cannot have any more, as older servers allowed them
        #[arg(long)]
        any_handle: bool,
        /// What the file is [default: what it looks like]
        #[arg(long, value_enum)]
        format: Option<FileFormatName>,
    },
}

/// Forms of a file with accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormatName {
    /// An export of this program
    Ron,
    /// Handles, names and passwords, from a spreadsheet
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

/// Words that say something.
fn reason(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() {
        return Err("say why, in a word at least: it is what the log tells later");
    }
    Ok(text.to_owned())
}

fn minutes() -> RangedI64ValueParser<u32> {
    value_parser!(u32).range(0..=i64::from(MAX_MINUTES))
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Prints a configuration to begin with
    #[command(after_help = help::CONFIG_DEFAULT)]
    Default,
    /// Prints the configuration that is in force
    #[command(after_help = help::CONFIG_SHOW)]
    Show {
        /// As JSON, for scripts: an array of objects with key, value and origin
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Makes an account. The password is asked for, or read as one line from standard input
    #[command(after_help = help::USER_ADD)]
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
    #[command(after_help = help::USER_PASSWD)]
    Passwd {
        #[command(flatten)]
        handle: HandleArgument,
        #[command(flatten)]
        password: PasswordArgument,
        /// Leaves the user signed in where they are; without it, the account's sessions end
        #[arg(long)]
        keep_sessions: bool,
    },
    /// Disables an account: its sessions end, and nobody can sign in with it
    #[command(after_help = help::USER_DISABLE)]
    Disable {
        #[command(flatten)]
        handle: HandleArgument,
        /// Why: shown by `user list` and `status`, never to clients
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
    /// Removes an account, and takes it off everybody's lists
    #[command(after_help = help::USER_REMOVE, visible_alias = "del")]
    Remove {
        #[command(flatten)]
        handle: HandleArgument,
    },
    /// Lists the accounts
    #[command(after_help = help::USER_LIST)]
    List {
        /// As JSON, for scripts
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SelftestArguments {
    /// A server elsewhere: an IPv4 address or a name, perhaps with a port [default port: 1863]
    #[arg(value_name = "ADDRESS[:PORT]", requires = "accounts")]
    pub(crate) address: Option<String>,
    /// An account of that server; twice, for two of them
    #[arg(long = "account", value_name = "HANDLE", requires = "address")]
    pub(crate) accounts: Vec<String>,
    /// As JSON, for scripts: an object with passed, seconds and steps
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
        /// Which client: `messenger` is MSN Messenger 1.0 to 4.6, and Windows Messenger before 4.7.2005
        /// (Help, About says it); `messenger5` is MSN Messenger 5.0 to 6.2, which finds this server
        /// and does not sign in: it speaks MSNP8
        #[arg(long, value_enum, default_value_t = ClientFamily::Messenger)]
        client: ClientFamily,
        /// One that leads back to where clients go by themselves
        #[arg(long, conflicts_with = "address")]
        reset: bool,
    },
    /// Prints lines for a hosts file
    #[command(after_help = help::CLIENT_HOSTS)]
    Hosts {
        #[arg(long, value_name = "ADDRESS", help = ADDRESS, value_parser = address)]
        address: Option<Ipv4Addr>,
    },
    /// Prints lines for the DNS server of the network
    #[command(after_help = help::CLIENT_DNS)]
    Dns {
        /// What it is
        #[arg(value_enum)]
        resolver: ResolverName,
        #[arg(long, value_name = "ADDRESS", help = ADDRESS, value_parser = address)]
        address: Option<Ipv4Addr>,
    },
}

const ADDRESS: &str = "The server's IPv4 address, as clients reach it [default: what is advertised, \
                       else this machine's address]";

/// An address that other computers can dial.
fn address(text: &str) -> Result<Ipv4Addr, &'static str> {
    let address: Ipv4Addr = text
        .parse()
        .map_err(|_| "an IPv4 address alone, such as 192.168.1.10: no name, no port, no http://")?;
    if address.is_unspecified() || address.is_broadcast() || address.is_multicast() {
        return Err("no computer has that address: name the one that clients reach the server at");
    }
    Ok(address)
}

/// The official clients, by the key that they have in the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClientFamily {
    Messenger,
    Messenger5,
}

/// DNS servers whose lines are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ResolverName {
    Dnsmasq,
    Pihole,
    Adguard,
    Unbound,
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

    /// The verbs that do something, with their way there.
    fn verbs(of: &clap::Command, way: &str) -> Vec<(String, String)> {
        let name = format!("{way}{}", of.get_name());
        if !of.has_subcommands() {
            return vec![(name, of.clone().render_long_help().to_string())];
        }
        let inner = of.get_subcommands();
        inner.flat_map(|verb| verbs(verb, &format!("{name} "))).collect()
    }

    #[test]
    fn the_help_of_every_verb_ends_with_an_example_of_it() {
        let all = verbs(&Cli::command(), "");
        assert!(all.len() > 8, "{all:?}");
        for (verb, help) in all {
            let last = help.trim_end().lines().last().unwrap();
            assert!(last.starts_with(&format!("Example: {verb}")), "{verb}: {last}");
        }
    }

    #[test]
    fn what_is_out_of_range_is_said_to_be() {
        for arguments in
            [&["broadcast", "--minutes", "-1", "x"] as &[&str], &["stop", "--in", "-1"]]
        {
            let refused = Cli::try_parse_from([&["msnpd"], arguments].concat()).unwrap_err();
            assert!(refused.to_string().contains("-1 is not in 0..=10080"), "{refused}");
        }
        for text in ["", "  "] {
            let refused = Cli::try_parse_from(["msnpd", "broadcast", text]).unwrap_err();
            assert!(refused.to_string().contains("say why"), "{refused}");
        }
    }

    #[test]
    fn no_password_is_taken_as_an_argument() {
        assert!(Cli::try_parse_from(["msnpd", "user", "add", "alice", "secret"]).is_err());
        assert!(Cli::try_parse_from(["msnpd", "user", "passwd", "alice", "secret"]).is_err());
    }
}
