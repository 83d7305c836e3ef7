//! The command line.

use crate::control::wire::MAX_MINUTES;
use clap::builder::RangedI64ValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};
use std::net::Ipv4Addr;
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 configuration invalid, 4 address in use or not \
permitted, 5 store damaged, locked or without its key, 6 no running server to talk to.
First steps: msnpd init";

const RUN: &str = "\
Says on standard error, a line for each event, what it listens on, where its data are and what to do \
next. It stays in the foreground; Ctrl-C or SIGTERM ends it with 0.
Example: msnpd run --data /var/lib/msnpd";

const INIT: &str = "\
Prints what it made and what was there already (which it leaves as it is), the administrator's \
password if it made one (it is shown only then), and the next steps. The data folder is ./data if \
none is named. The config.ron that is written into it is the one that applies, if there is one, else \
what is built in, explained; its `data` names this folder. None is written if the one that applies names \
this folder already. If msnpd.admin was removed, there is a new password, also while the server runs. A running server is not disturbed.
Exit codes: 0 also if everything was there already; 3 and 5 as for the server.
Example: msnpd init --data /var/lib/msnpd";

const CHECK: &str = "\
Prints a line for each thing that it looked at: `ok`; `note`, which may be as you want it; or `wrong`; \
the last two with what to do. It looks at everything, whatever it finds, and changes no account and \
no setting; a running server is not disturbed.
Exit codes: 0 if nothing is wrong, else by the first thing that is: 3 the configuration, 4 an \
address, 5 the data folder, its store or its key, 1 something else.
Example: msnpd check --data /var/lib/msnpd";

const CONFIG_DEFAULT: &str = "\
Prints the text of config.ron, which says what is built in, with each key explained.
Example: msnpd config default > config.ron";

const CONFIG_SHOW: &str = "\
Prints a line for each key: its value, and where that comes from (built in, a line of a file, --data \
or MSNPD_DATA).
Exit codes: 3 if the configuration cannot be read or is not valid.
Example: msnpd config show --config config.ron";

const USER_ADD: &str = "\
Says on standard error that the account can sign in. The handle is in one of the domains \
of the configuration.
Example: msnpd user add alice --name \"Alice B.\" --random-password";

const USER_PASSWD: &str = "\
Says on standard error that the password is another one.
Example: msnpd user passwd alice --random-password";

const USER_RENAME: &str = "\
Says on standard error what the account is called now.
Example: msnpd user rename alice \"Alice in W.\"";

const USER_REMOVE: &str = "\
Says on standard error that it is gone.
Example: msnpd user remove alice";

const USER_LIST: &str = "\
Prints a line for each account: its handle and its friendly name.
Example: msnpd user list --json";

const STATUS: &str = "\
Prints who is connected, since when and with which client, how much of each limit is in use, and why \
connections have ended since the start. With --json an object of the same.
Exit codes: 6 if no server is running.
Example: msnpd status --json";

const KICK: &str = "\
He hears that the server goes down; clients sign in again by themselves after a while.
Exit codes: 1 if he is not signed in, 6 if no server is running.
Example: msnpd kick bob";

const BROADCAST: &str = "\
Clients show it in words of their own: the protocol carries the minutes and no text. TEXT goes into \
the log. It stops nothing; see `msnpd stop --in`.
Exit codes: 6 if no server is running.
Example: msnpd broadcast --minutes 10 'a new disk'";

const STOP: &str = "\
With --in everybody who is signed in is told at once how many minutes are left. Another `stop` counts \
instead of an earlier one.
Exit codes: 6 if no server is running.
Example: msnpd stop --in 5";

const RELOAD: &str = "\
SIGHUP does the same. A configuration that is not valid changes nothing. Addresses to listen on, \
notification_servers and the data folder need a restart; it says so if they differ.
Exit codes: 3 if the configuration is not valid, 6 if no server is running.
Example: msnpd reload";

const TRACE: &str = "\
Prints a line for each command, `<<` for what the client says and `>>` for what it hears, from the one \
on that names him. Digests, challenges and cookies are masked; of messages only the headers are shown. \
Ctrl-C ends it.
Exit codes: 1 if there is no such account, 6 if no server is running.
Example: msnpd trace alice";

const VERIFY: &str = "\
Prints how many accounts and list entries there are, and a line for each fault. It changes no account \
and no setting.
Exit codes: 5 if there are faults.
Example: msnpd verify";

const BACKUP: &str = "\
Edits go on meanwhile. The file appears when it is whole; one of that name is replaced then. It is \
readable by its owner only. Without --with-key it gives no password away, and is of use only where \
the key file msnpd.key is that was there when it was made.
Example: msnpd backup /mnt/usb/msnpd.backup";

const RESTORE: &str = "\
All of it is checked before anything is changed; then it is put in the place of everything, whole or \
not at all, and everybody is signed off. What was there before is kept as before-restore.backup in \
the data folder. A backup with its key fits everywhere, one without it only where its key file is.
Exit codes: 1 if the file is no whole backup or does not fit.
Example: msnpd restore /mnt/usb/msnpd.backup";

const EXPORT: &str = "\
Writes text in RON: handles, friendly names, settings and lists. Whether it has the passwords in it \
is said in it. The file appears when it is whole, and is readable by its owner only.
Example: msnpd export accounts.ron";

const IMPORT: &str = "\
Prints a line for each account that is there already, which stays as it is, for each that the file has \
no password of, and for each list entry, or account whose name is kept for self-tests, that is left \
out. All accounts are made, or none. A file with \
an account of another domain than those of the configuration is refused, unless with --any-domain; so \
is one that has an account twice.
Exit codes: 1 if the file is refused.
Example: msnpd import accounts.ron";

const SELFTEST: &str = "\
Two principals sign in as clients do, add each other, talk and leave. Without ADDRESS it is the \
running server of the data folder, which makes two accounts for it and removes them. With ADDRESS \
it is a server elsewhere, and two of its accounts, whose passwords are asked for, or read from \
standard input, a line each; their lists are left as they were. Whoever is signed in with them is \
signed off. Prints a line for each step: `ok` or `wrong`, its time, and what to do.
Exit codes: 1 if it failed, 3 if the server tells clients a wrong address, 6 if nobody answers.
Example: msnpd selftest";

const CLIENT_REG: &str = "\
Prints the file, in the form that Windows 95 to XP import; on the old computer, open it and say Yes. \
MSN Messenger 1.0 to 4.6 and Windows Messenger before 4.7.2005 (Help, About says it) then dial this \
server without a change of DNS.
Exit codes: 3 if the server is on a port that no such client dials.
Example: msnpd client reg > msn-setup.reg";

const CLIENT_HOSTS: &str = "\
Prints a line for each name that clients ask for. The file is C:\\WINDOWS\\HOSTS on Windows 95, 98 and \
Me, and system32\\drivers\\etc\\hosts in the Windows folder of NT, 2000 and XP.
Exit codes: 3 if the server is on a port that no such client dials.
Example: msnpd client hosts";

const CLIENT_DNS: &str = "\
Prints the lines; where they go is said on standard error. Nothing is changed. With them every \
computer of the network finds this server unaided.
Exit codes: 3 if the server is on a port that no such client dials.
Example: msnpd client dns dnsmasq";

/// The MSN Messenger service for a home network of old computers.
#[derive(Debug, Parser)]
#[command(name = "msnpd", version, max_term_width = 100, after_help = EXIT_CODES)]
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
    pub(crate) verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Starts the server (so does no verb at all)
    #[command(after_help = RUN)]
    Run {
        /// Starts all of it, says that it is ready, and stops again: shows that it can start
        #[arg(long)]
        smoke: bool,
    },
    /// Makes a data folder, whole: configuration, store, key and administrator's password
    #[command(after_help = INIT)]
    Init,
    /// Looks for what would keep the server from working, and says how to mend it
    #[command(after_help = CHECK)]
    Check {
        /// As JSON, for scripts: an array of objects with check, result, words and mend
        #[arg(long)]
        json: bool,
    },
    /// Shows configurations
    #[command(subcommand)]
    Config(ConfigVerb),
    /// Adds, changes and lists accounts
    #[command(subcommand)]
    User(UserVerb),
    /// Prints what leads a client's computer to this server
    #[command(subcommand)]
    Client(ClientVerb),
    /// Shows that clients can sign in and talk, or what keeps them from it
    #[command(after_help = SELFTEST)]
    Selftest(SelftestArguments),
    /// Shows what the running server is doing
    #[command(after_help = STATUS)]
    Status {
        /// As JSON, for scripts
        #[arg(long)]
        json: bool,
    },
    /// Ends all connections of a principal, who may sign in again
    #[command(after_help = KICK)]
    Kick {
        #[command(flatten)]
        handle: HandleArgument,
    },
    /// Tells everybody who is signed in that the server goes down soon
    #[command(after_help = BROADCAST)]
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
    #[command(after_help = STOP)]
    Stop {
        /// In so many minutes [default: now]
        #[arg(long = "in", value_name = "MINUTES", value_parser = minutes())]
        #[arg(allow_negative_numbers = true)]
        minutes: Option<u32>,
    },
    /// Has the running server read its configuration again
    #[command(after_help = RELOAD)]
    Reload,
    /// Shows what a principal's client says and hears, line by line, as it goes by
    #[command(after_help = TRACE)]
    Trace {
        #[command(flatten)]
        handle: HandleArgument,
    },
    /// Looks whether all accounts and lists are as they must be
    #[command(after_help = VERIFY)]
    Verify {
        /// As JSON, for scripts: an object with accounts, entries and faults
        #[arg(long)]
        json: bool,
    },
    /// Writes all accounts and lists into one file
    #[command(after_help = BACKUP)]
    Backup {
        /// The file; - is standard output
        file: PathBuf,
        /// With the key that unseals the passwords: to move to another machine. Keep such a file
        /// as safe as the passwords
        #[arg(long)]
        with_key: bool,
    },
    /// Puts a backup in the place of all accounts and lists
    #[command(after_help = RESTORE)]
    Restore {
        /// The file; - is standard input
        file: PathBuf,
    },
    /// Writes all accounts and lists as text, to read, to change or to move
    #[command(after_help = EXPORT)]
    Export {
        /// The file; - is standard output
        file: PathBuf,
        /// With the passwords, in clear
        #[arg(long)]
        with_passwords: bool,
    },
    /// Makes the accounts of an export that are missing, with their lists
    #[command(after_help = IMPORT)]
    Import {
        /// The file; - is standard input
        file: PathBuf,
        /// Also of domains that the configuration does not have
        #[arg(long)]
        any_domain: bool,
    },
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
pub(crate) enum ConfigVerb {
    /// Prints a configuration to begin with
    #[command(after_help = CONFIG_DEFAULT)]
    Default,
    /// Prints the configuration that is in force
    #[command(after_help = CONFIG_SHOW)]
    Show {
        /// As JSON, for scripts: an array of objects with key, value and origin
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserVerb {
    /// Makes an account. The password is asked for, or read as one line from standard input
    #[command(after_help = USER_ADD)]
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
    #[command(after_help = USER_PASSWD)]
    Passwd {
        #[command(flatten)]
        handle: HandleArgument,
        #[command(flatten)]
        password: PasswordArgument,
    },
    /// Changes a friendly name
    #[command(after_help = USER_RENAME)]
    Rename {
        #[command(flatten)]
        handle: HandleArgument,
        /// The new friendly name
        name: String,
    },
    /// Removes an account, and takes it off everybody's lists
    #[command(after_help = USER_REMOVE, visible_alias = "del")]
    Remove {
        #[command(flatten)]
        handle: HandleArgument,
    },
    /// Lists the accounts
    #[command(after_help = USER_LIST)]
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
pub(crate) enum ClientVerb {
    /// Prints a registry file for MSN Messenger on Windows
    #[command(after_help = CLIENT_REG)]
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
    #[command(after_help = CLIENT_HOSTS)]
    Hosts {
        #[arg(long, value_name = "ADDRESS", help = ADDRESS, value_parser = address)]
        address: Option<Ipv4Addr>,
    },
    /// Prints lines for the DNS server of the network
    #[command(after_help = CLIENT_DNS)]
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
