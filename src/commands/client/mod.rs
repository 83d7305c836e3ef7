//! `msnpd client`: client configuration as text. Each subcommand has a source file.

mod dns;
mod hosts;
mod reg;

use crate::cli::ClientCommand;
use crate::config::{Config, Loaded};
use crate::error::{CONFIGURATION, CommandError};
use crate::hints;
use crate::listener::title;
use crate::stderr;
use msnp::Server;
use std::net::{IpAddr, Ipv4Addr};
use web::client_setup::{DEFAULT_PORT, ServerAddress};

/// Runs a subcommand.
pub(crate) fn run(command: &ClientCommand, loaded: &Loaded) -> Result<(), CommandError> {
    match command {
        ClientCommand::Reg { address, client, reset } => {
            reg::run(loaded, *address, *client, *reset)
        }
        ClientCommand::Hosts { address } => hosts::run(loaded, *address),
        ClientCommand::Dns { resolver, address } => dns::run(loaded, *resolver, *address),
    }
}

/// Returns the address of the server that clients connect to first: the named address, or one from the
/// configuration or of this machine. An error if clients cannot use the port of the server.
fn server_address(
    loaded: &Loaded,
    address: Option<Ipv4Addr>,
) -> Result<ServerAddress, CommandError> {
    let own_addresses = hints::own_addresses();
    let server = address_for(&loaded.config, address, &own_addresses)?;
    if server.address.is_loopback() {
        stderr::line(format_args!(
            "this is for {}, which means each computer itself: it works for clients on this \
             machine only",
            server.address
        ));
    }
    let is_one_of_several = own_addresses.len() > 1 && own_addresses.contains(&server.address);
    if address.is_none() && is_one_of_several {
        let others = own_addresses.iter().filter(|other| **other != server.address);
        let others: Vec<String> = others.map(Ipv4Addr::to_string).collect();
        stderr::line(format_args!(
            "this is for {}; this machine also has {}: choose another address with --address",
            server.address,
            others.join(" and ")
        ));
    }
    Ok(server)
}

/// Like [`server_address`], for a machine with these addresses.
fn address_for(
    config: &Config,
    named_address: Option<Ipv4Addr>,
    own_addresses: &[Ipv4Addr],
) -> Result<ServerAddress, CommandError> {
    let listener =
        config.dispatch.or(config.notification).ok_or_else(|| CommandError::Refused {
            code: CONFIGURATION,
            message:
                "the configuration has no Dispatch Server and no Notification Server: clients \
                  have nothing to connect to"
                    .to_owned(),
        })?;
    // Behind a port forwarding, clients connect to the advertised address: that of the Dispatch Server if
    // it shares the listener of the Notification Server, and otherwise that of the latter.
    let shared_listener = config.dispatch.filter(|dispatch| config.is_shared_listener(dispatch));
    let advertised = shared_listener.and_then(|dispatch| dispatch.advertise);
    let advertised = advertised.or_else(|| config.notification.and_then(|server| server.advertise));
    let listen_address = match listener.listen.ip().to_canonical() {
        IpAddr::V4(address) if !address.is_unspecified() => Some(address),
        _ => None,
    };
    let private_address = own_addresses.iter().find(|address| address.is_private());
    let own_address = private_address.or(own_addresses.first()).copied();
    let advertised_address = advertised.map(|advertised| *advertised.ip());
    let found = named_address.or(advertised_address).or(listen_address).or(own_address);
    let address = found.ok_or_else(|| {
        CommandError::Other(
            "this machine has no IPv4 address besides loopback: give the server's address with \
             --address"
                .to_owned(),
        )
    })?;
    let port = listener.listen.port();
    let (server, key) = match config.dispatch {
        Some(_) => (Server::Dispatch, "dispatch"),
        None => (Server::Notification, "notification"),
    };
    // An advertised address is that of a port forwarding, which can map ports.
    if port != DEFAULT_PORT && advertised.is_none() {
        return Err(CommandError::Refused {
            code: CONFIGURATION,
            message: format!(
                "MSN Messenger always connects to port {DEFAULT_PORT}, but this server's {} is on port \
                 {port}: set port {DEFAULT_PORT} in `listen` of `{key}`, or use another client \
                 program that has a field for the port, such as Gaim, with {port}",
                title(server)
            ),
        });
    }
    Ok(ServerAddress { address, port: DEFAULT_PORT })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;

    const OWN: [Ipv4Addr; 2] = [Ipv4Addr::new(203, 0, 113, 5), Ipv4Addr::new(192, 168, 1, 10)];

    /// A machine with a bridge for containers: the address of the default route comes first.
    const BRIDGED: [Ipv4Addr; 2] = [Ipv4Addr::new(192, 168, 1, 10), Ipv4Addr::new(172, 17, 0, 1)];

    fn address_text(
        config: &str,
        address: Option<Ipv4Addr>,
        own: &[Ipv4Addr],
    ) -> Result<String, String> {
        let server = address_for(&parse(config).unwrap(), address, own);
        server.map(|server| server.address.to_string()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_address_is_the_one_that_clients_reach_or_are_sent_to() {
        let named = Some(Ipv4Addr::new(10, 0, 0, 1));
        let advertised =
            "(notification: (listen: \"0.0.0.0:1864\", advertise: \"198.51.100.1:1864\"))";
        let bound = "(dispatch: (listen: \"192.168.7.7:1863\"))";
        for (config, address, own, expected) in [
            ("()", None, OWN.as_slice(), "192.168.1.10"),
            ("()", None, &OWN[..1], "203.0.113.5"),
            ("()", None, &BRIDGED, "192.168.1.10"),
            ("()", named, &[], "10.0.0.1"),
            (advertised, None, &OWN, "198.51.100.1"),
            (advertised, named, &OWN, "10.0.0.1"),
            (bound, None, &OWN, "192.168.7.7"),
        ] {
            assert_eq!(address_text(config, address, own).unwrap(), expected, "{config}");
        }
        assert!(address_text("()", None, &[]).unwrap_err().contains("--address"));
    }

    #[test]
    fn a_port_that_no_client_uses_is_refused() {
        let refused =
            address_text("(dispatch: (listen: \"0.0.0.0:2863\"))", None, &OWN).unwrap_err();
        let words = "MSN Messenger always connects to port 1863, but this server's Dispatch Server is on \
                     port 2863: set port 1863 in `listen` of `dispatch`, or ";
        assert!(refused.starts_with(words), "{refused}");
        let alone = "(dispatch: None, notification: (listen: \"0.0.0.0:2864\"))";
        let refused = address_text(alone, None, &OWN).unwrap_err();
        let words =
            "Notification Server is on port 2864: set port 1863 in `listen` of `notification`, or ";
        assert!(refused.contains(words), "{refused}");
    }
}
