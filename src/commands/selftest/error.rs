//! The errors of a self-test, with messages and hints.

use super::Target;
use crate::error::{CONFIGURATION, OTHER, SERVER};
use crate::listener::title;
use actors::connection::is_private;
use msnp::{ErrorCode, Server};
use std::fmt::{self, Display, Formatter};
use std::io;
use std::net::{IpAddr, SocketAddrV4};

/// The source of an address.
#[derive(Debug, Clone)]
pub(super) enum AddressSource {
    /// The user named it, or the running server reported it.
    Given(Target),
    /// This server, reached at this address, sent it.
    SentBy(Server, SocketAddrV4),
}

#[derive(Debug)]
pub(super) enum SelftestError {
    /// A name has no address.
    NoAddress { name: String, why: String },
    /// A server cannot be connected to.
    Unreachable { server: Server, address: SocketAddrV4, source: AddressSource, error: io::Error },
    /// A server closed the connection before it sent what was expected.
    Closed { server: Server, address: SocketAddrV4, expected: &'static str },
    /// A server did not send what was expected in time.
    TimedOut { server: Server, address: SocketAddrV4, expected: &'static str },
    /// Reading from a server or writing to it failed.
    Io { server: Server, address: SocketAddrV4, error: io::Error },
    /// A server sent something that a Messenger server does not send.
    Unexpected { server: Server, address: SocketAddrV4, why: String },
    /// A server sent an error to the user `who` instead of what was expected.
    Refused { expected: &'static str, who: String, code: ErrorCode },
    /// A message did not arrive as it was sent.
    MessageChanged { from: String, to: String },
    /// The lists of a user could not be restored.
    NotRestored { who: String },
    /// The accounts of the test were not created or removed.
    Accounts(String),
}

impl SelftestError {
    /// Returns the exit code: a wrong configuration, an unreachable server, or anything else.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            SelftestError::Unreachable { source: AddressSource::SentBy(..), .. } => CONFIGURATION,
            SelftestError::Unreachable { .. } | SelftestError::NoAddress { .. } => SERVER,
            SelftestError::Closed { .. }
            | SelftestError::TimedOut { .. }
            | SelftestError::Io { .. }
            | SelftestError::Unexpected { .. }
            | SelftestError::Refused { .. }
            | SelftestError::MessageChanged { .. }
            | SelftestError::NotRestored { .. }
            | SelftestError::Accounts(_) => OTHER,
        }
    }

    /// Returns what to do about the error.
    pub(super) fn fix(&self) -> String {
        match self {
            SelftestError::NoAddress { .. } => {
                "Use the server's IPv4 address instead, or add the name to the DNS server or to \
                 the hosts file of this machine"
                    .to_owned()
            }
            SelftestError::Unreachable { source: AddressSource::Given(target), error, .. } => {
                unreachable_hint(target, error)
            }
            SelftestError::Unreachable {
                server,
                address,
                source: AddressSource::SentBy(_, reached),
                ..
            } => advertise_hint(*server, *address, *reached),
            SelftestError::Closed { expected: FIRST_REPLY, .. } => {
                "A server refuses public addresses, unless `allow` of its configuration has them, \
                 and connections beyond its limits; its log shows the reason"
                    .to_owned()
            }
            SelftestError::Unexpected { .. } => {
                "Check that msnpd listens there, not another program".to_owned()
            }
            SelftestError::Closed { .. }
            | SelftestError::TimedOut { .. }
            | SelftestError::Io { .. } => "See the server's log for what happened".to_owned(),
            SelftestError::Refused { code, .. } => refusal_hint(*code).to_owned(),
            SelftestError::MessageChanged { .. } => {
                "Something between client and server changes the messages".to_owned()
            }
            SelftestError::NotRestored { who } => {
                format!("Check the contacts of {who} with a client, and restore them")
            }
            SelftestError::Accounts(_) => {
                "Remove leftover accounts with `msnpd user remove`; the next self-test also \
                 removes them"
                    .to_owned()
            }
        }
    }
}

/// The first reply that a client expects on a connection, for messages.
pub(super) const FIRST_REPLY: &str = "its protocol versions";

impl Display for SelftestError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let at = |server: &Server, address: &SocketAddrV4| {
            format!("the {} at {address}", title(*server))
        };
        match self {
            SelftestError::NoAddress { name, why } => {
                write!(f, "the name {name} cannot be resolved: {why}")
            }
            SelftestError::Unreachable { server, address, source, error } => {
                match source {
                    AddressSource::Given(Target { name: Some(name), .. }) => {
                        write!(f, "no answer at {address}, the address of {name}")?;
                    }
                    AddressSource::Given(_) => write!(f, "no answer at {address}")?,
                    AddressSource::SentBy(by, reached) => write!(
                        f,
                        "the {} at {reached} sends clients to the {} at {address}, where there is \
                         no answer",
                        title(*by),
                        title(*server)
                    )?,
                }
                write!(f, " ({})", reason(error))
            }
            SelftestError::Closed { server, address, expected } => {
                write!(f, "{} closed the connection before it sent {expected}", at(server, address))
            }
            SelftestError::TimedOut { server, address, expected } => {
                write!(f, "{} did not send {expected} in time", at(server, address))
            }
            SelftestError::Io { server, address, error } => {
                write!(f, "the connection to {} broke: {error}", at(server, address))
            }
            SelftestError::Unexpected { server, address, why } => {
                write!(f, "{} does not answer as a Messenger server: {why}", at(server, address))
            }
            SelftestError::Refused { who, code: ErrorCode::AuthenticationFailed, .. } => {
                write!(
                    f,
                    "{who} was refused: the password is wrong, there is no such account, or it is \
                     disabled (`msnpd user list` shows it)"
                )
            }
            SelftestError::Refused { expected, who, code } => {
                let description = code.description().to_lowercase();
                write!(f, "{who} got error {} ({description}) instead of {expected}", code.number())
            }
            SelftestError::MessageChanged { from, to } => {
                write!(f, "a message from {from} did not arrive unchanged at {to}")
            }
            SelftestError::NotRestored { who } => {
                write!(f, "the lists of {who} could not be restored")
            }
            SelftestError::Accounts(why) => f.write_str(why),
        }
    }
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "the port is closed".to_owned(),
        io::ErrorKind::TimedOut => "timed out".to_owned(),
        _ => error.to_string(),
    }
}

/// Returns what to do if the first server does not answer.
fn unreachable_hint(target: &Target, error: &io::Error) -> String {
    if target.is_local {
        return "The server listens there by its own report: check the firewall of this machine"
            .to_owned();
    }
    let port = target.address.port();
    match &target.name {
        Some(name) if !is_private(IpAddr::V4(*target.address.ip())) => format!(
            "That is a public address. If your server has another one, the DNS server of this \
             machine does not resolve {name} to your server (`msnpd client dns` and `msnpd client hosts` \
             print the entries that it needs)"
        ),
        Some(name) => format!(
            "If the server has another address, correct the entry for {name} in the DNS server of \
             this machine; else check that the server runs and listens on port {port}"
        ),
        None if error.kind() == io::ErrorKind::ConnectionRefused => format!(
            "Check that the server runs there and listens on port {port} (`msnpd status` shows it)"
        ),
        None => format!(
            "Check that this is the server's address, that the machine is on, and that its \
             firewall lets port {port} through"
        ),
    }
}

/// Returns what to do if a server sends clients to an address where there is no answer.
fn advertise_hint(server: Server, address: SocketAddrV4, reached: SocketAddrV4) -> String {
    let key = match server {
        Server::Switchboard => "switchboard",
        Server::Dispatch | Server::Notification => "notification",
    };
    let port = address.port();
    if address.ip() == reached.ip() {
        return format!(
            "The machine is right, so port {port} is blocked: open it in the firewall, or forward \
             it as well (or correct the port in `advertise` of `{key}`)"
        );
    }
    format!(
        "Set `advertise` of `{key}` in the server's configuration to an address that clients can \
         reach, or remove it: clients are then sent to {}, which they reached",
        reached.ip()
    )
}

fn refusal_hint(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::AuthenticationFailed => {
            "Check the sign-in name (with its domain) and the password; `msnpd user passwd` sets \
             a new one"
        }
        ErrorCode::ServerBusy => {
            "After too many wrong passwords, sign-in is refused for some minutes: wait, then try \
             again"
        }
        ErrorCode::ListFull => "Remove a contact from that list, or raise `list_entries`",
        ErrorCode::NotOnline => {
            "Check that neither blocks the other, and that neither is signed in elsewhere"
        }
        _ => "See the server's log",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(address: &str, name: Option<&str>, is_local: bool) -> Target {
        Target { address: address.parse().unwrap(), name: name.map(str::to_owned), is_local }
    }

    fn no_answer(target: Target) -> SelftestError {
        let (server, address) = (Server::Dispatch, target.address);
        let error = io::ErrorKind::TimedOut.into();
        SelftestError::Unreachable { server, address, source: AddressSource::Given(target), error }
    }

    #[test]
    fn the_hint_for_a_name_with_a_public_address_is_about_dns() {
        let error = no_answer(target("20.1.2.3:1863", Some("messenger.hotmail.com"), false));
        assert_eq!(
            error.to_string(),
            "no answer at 20.1.2.3:1863, the address of messenger.hotmail.com (timed out)"
        );
        let fix = error.fix();
        assert!(fix.contains("does not resolve messenger.hotmail.com to your server"), "{fix}");
        assert_eq!(error.exit_code(), SERVER);
    }

    #[test]
    fn the_hint_for_an_address_is_about_the_machine_and_its_firewall() {
        let fix = no_answer(target("192.168.1.10:1863", None, false)).fix();
        assert!(fix.contains("its firewall lets port 1863 through"), "{fix}");
        let fix = no_answer(target("192.168.1.10:1863", None, true)).fix();
        assert!(fix.contains("the firewall of this machine"), "{fix}");
    }

    #[test]
    fn a_refusal_has_the_number_of_the_error() {
        let refused =
            |code| SelftestError::Refused { expected: "x", who: "alice@a.b".to_owned(), code };
        assert_eq!(
            refused(ErrorCode::ListFull).to_string(),
            "alice@a.b got error 210 (the list is full) instead of x"
        );
        assert!(refused(ErrorCode::ServerBusy).fix().contains("too many wrong passwords"));
    }

    #[test]
    fn a_silent_server_is_named() {
        let address = "10.0.0.1:1864".parse().unwrap();
        let late = SelftestError::TimedOut {
            server: Server::Notification,
            address,
            expected: FIRST_REPLY,
        };
        assert_eq!(
            late.to_string(),
            "the Notification Server at 10.0.0.1:1864 did not send its protocol versions in time"
        );
    }
}
