//! What is wrong with a server, in words, and what to do about it.

use super::Way;
use crate::error::{CONFIGURATION, OTHER, SERVER};
use crate::listener::title;
use actors::connection::is_private;
use msnp::{ErrorCode, Server};
use std::fmt::{self, Display, Formatter};
use std::io;
use std::net::{IpAddr, SocketAddrV4};

/// How somebody came to an address.
#[derive(Debug, Clone)]
pub(super) enum AddressSource {
    /// It was dialled.
    Dialled(Way),
    /// A server told it, which was reached as it says.
    By(Server, SocketAddrV4),
}

/// What is wrong.
#[derive(Debug)]
pub(super) enum SelftestError {
    /// A name has no address.
    NoAddress { name: String, why: String },
    /// A server cannot be connected to.
    Unreachable { server: Server, address: SocketAddrV4, told: AddressSource, error: io::Error },
    /// It closed the connection when something was awaited.
    Closed { server: Server, address: SocketAddrV4, what: &'static str },
    /// What was awaited did not come in time.
    Late { server: Server, address: SocketAddrV4, what: &'static str },
    /// Reading or writing failed.
    Broken { server: Server, address: SocketAddrV4, error: io::Error },
    /// What came is not what a Messenger server says.
    Strange { server: Server, address: SocketAddrV4, why: String },
    /// A request was refused.
    Refused { what: &'static str, who: String, code: ErrorCode },
    /// Something else arrived than was sent.
    Differs { from: String, to: String },
    /// The list of somebody could not be put back.
    NotRestored { who: String },
    /// The accounts of the test were not made or removed.
    Accounts(String),
}

impl SelftestError {
    /// The exit code: a wrong configuration, a server that is not there, or something else.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            SelftestError::Unreachable { told: AddressSource::By(..), .. } => CONFIGURATION,
            SelftestError::Unreachable { .. } | SelftestError::NoAddress { .. } => SERVER,
            _ => OTHER,
        }
    }

    /// What to do about it.
    pub(super) fn fix(&self) -> String {
        match self {
            SelftestError::NoAddress { .. } => {
                "Name the server's IPv4 address instead, or have the DNS \
                                        server or the hosts file of this machine know the name"
                    .to_owned()
            }
            SelftestError::Unreachable { told: AddressSource::Dialled(way), error, .. } => {
                not_there(way, error)
            }
            SelftestError::Unreachable {
                server,
                address,
                told: AddressSource::By(_, reached),
                ..
            } => wrongly_told(*server, *address, *reached),
            SelftestError::Closed { what: FIRST, .. } => {
                "A server turns away addresses that are not private, unless `allow` of its \
                 configuration names them, and more connections than its limits; its log says which"
                    .to_owned()
            }
            SelftestError::Strange { .. } => {
                "Is it msnpd that listens there, and not another program?".to_owned()
            }
            SelftestError::Closed { .. }
            | SelftestError::Late { .. }
            | SelftestError::Broken { .. } => {
                "The server's log says what happened there".to_owned()
            }
            SelftestError::Refused { code, .. } => refused(*code).to_owned(),
            SelftestError::Differs { .. } => {
                "Something between the two changes what passes".to_owned()
            }
            SelftestError::NotRestored { who } => format!(
                "Look at the contacts of {who} with a client, and put them back as they were"
            ),
            SelftestError::Accounts(_) => {
                "Remove accounts that are left over with `msnpd user remove`; the next self-test \
                 does the same"
                    .to_owned()
            }
        }
    }
}

/// What is awaited first on a connection.
pub(super) const FIRST: &str = "the dialects that it speaks";

impl Display for SelftestError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let at = |server: &Server, address: &SocketAddrV4| {
            format!("the {} at {address}", title(*server))
        };
        match self {
            SelftestError::NoAddress { name, why } => {
                write!(f, "the name {name} leads nowhere: {why}")
            }
            SelftestError::Unreachable { server, address, told, error } => {
                match told {
                    AddressSource::Dialled(Way { name: Some(name), .. }) => {
                        write!(f, "nobody answers at {address}, where {name} leads")?;
                    }
                    AddressSource::Dialled(_) => write!(f, "nobody answers at {address}")?,
                    AddressSource::By(by, reached) => write!(
                        f,
                        "the {} at {reached} tells clients that the {} is at {address}, where nobody \
                         answers",
                        title(*by),
                        title(*server)
                    )?,
                }
                write!(f, " ({})", why(error))
            }
            SelftestError::Closed { server, address, what } => {
                write!(f, "{} closed the connection instead of saying {what}", at(server, address))
            }
            SelftestError::Late { server, address, what } => {
                write!(f, "{} does not say {what}", at(server, address))
            }
            SelftestError::Broken { server, address, error } => {
                write!(f, "the connection to {} broke: {error}", at(server, address))
            }
            SelftestError::Strange { server, address, why } => {
                write!(f, "{} does not answer as a Messenger server: {why}", at(server, address))
            }
            SelftestError::Refused { who, code: ErrorCode::AuthenticationFailed, .. } => {
                write!(f, "{who} is refused: the password is wrong, or there is no such account")
            }
            SelftestError::Refused { what, who, code } => {
                let words = code.description().to_lowercase();
                write!(f, "{who} is refused ({what}): error {}, {words}", code.number())
            }
            SelftestError::Differs { from, to } => {
                write!(f, "what {from} said did not arrive at {to} as it was")
            }
            SelftestError::NotRestored { who } => {
                write!(f, "the lists of {who} could not be put back as they were")
            }
            SelftestError::Accounts(why) => f.write_str(why),
        }
    }
}

fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "the port is closed".to_owned(),
        io::ErrorKind::TimedOut => "no answer in time".to_owned(),
        _ => error.to_string(),
    }
}

/// Nobody answers where the server was dialled.
fn not_there(way: &Way, error: &io::Error) -> String {
    if way.is_here {
        return "The server says that it listens there: is a firewall of this machine in between?"
            .to_owned();
    }
    let port = way.address.port();
    match &way.name {
        Some(name) if !is_private(IpAddr::V4(*way.address.ip())) => format!(
            "That is a public address: if your server has another one, what this machine asks for \
             names does not know that {name} leads to your server (`msnpd client dns` and `msnpd \
             client hosts` print what it needs)"
        ),
        Some(name) => format!(
            "If the server has another address, what this machine asks for names has another one \
             for {name}; else, is the server running, and does it listen on port {port}?"
        ),
        None if error.kind() == io::ErrorKind::ConnectionRefused => format!(
            "Is the server running there, and does it listen on port {port} (`msnpd status` says it)?"
        ),
        None => format!(
            "Is that the server's address, is the machine on, and does its firewall let port {port} \
             through?"
        ),
    }
}

/// A server tells clients an address where nobody answers.
fn wrongly_told(server: Server, address: SocketAddrV4, reached: SocketAddrV4) -> String {
    let key = match server {
        Server::Switchboard => "switchboard",
        Server::Dispatch | Server::Notification => "notification",
    };
    let port = address.port();
    if address.ip() == reached.ip() {
        return format!(
            "It is the right machine, so port {port} is closed on the way: open it in the firewall, \
             or forward it as well (or `advertise` of `{key}` has the wrong port)"
        );
    }
    format!(
        "Set `advertise` of `{key}` in the server's configuration to an address that clients reach, or \
         remove it: they are then told {}, which they reached",
        reached.ip()
    )
}

fn refused(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::AuthenticationFailed => {
            "Check the handle (with its domain) and the password; `msnpd user passwd` sets another"
        }
        ErrorCode::ServerBusy => {
            "After too many wrong passwords this is said for some minutes: wait, then try again"
        }
        ErrorCode::ListFull => "Take somebody off that list first, or raise `list_entries`",
        ErrorCode::NotOnline => "Does the one block the other, or is one signed in elsewhere?",
        _ => "The server's log says more",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(address: &str, name: Option<&str>, is_here: bool) -> Way {
        Way { address: address.parse().unwrap(), name: name.map(str::to_owned), is_here }
    }

    fn silent(way: Way) -> SelftestError {
        let (server, address) = (Server::Dispatch, way.address);
        let error = io::ErrorKind::TimedOut.into();
        SelftestError::Unreachable { server, address, told: AddressSource::Dialled(way), error }
    }

    #[test]
    fn a_name_of_a_public_address_is_one_that_leads_elsewhere() {
        let fault = silent(way("20.1.2.3:1863", Some("messenger.hotmail.com"), false));
        assert_eq!(
            fault.to_string(),
            "nobody answers at 20.1.2.3:1863, where messenger.hotmail.com leads (no answer in time)"
        );
        let mend = fault.fix();
        assert!(mend.contains("does not know that messenger.hotmail.com leads to your"), "{mend}");
        assert_eq!(fault.exit_code(), SERVER);
    }

    #[test]
    fn a_machine_that_does_not_answer_is_off_or_behind_a_firewall() {
        let mend = silent(way("192.168.1.10:1863", None, false)).fix();
        assert!(mend.contains("does its firewall let port 1863 through"), "{mend}");
        let mend = silent(way("192.168.1.10:1863", None, true)).fix();
        assert!(mend.contains("a firewall of this machine"), "{mend}");
    }

    #[test]
    fn what_is_refused_is_said_with_its_number() {
        let refused =
            |code| SelftestError::Refused { what: "x", who: "alice@a.b".to_owned(), code };
        assert_eq!(
            refused(ErrorCode::ListFull).to_string(),
            "alice@a.b is refused (x): error 210, the list is full"
        );
        assert!(refused(ErrorCode::ServerBusy).fix().contains("too many wrong passwords"));
    }

    #[test]
    fn a_server_that_says_nothing_is_named() {
        let address = "10.0.0.1:1864".parse().unwrap();
        let late = SelftestError::Late { server: Server::Notification, address, what: FIRST };
        assert_eq!(
            late.to_string(),
            "the Notification Server at 10.0.0.1:1864 does not say the dialects that it speaks"
        );
    }
}
