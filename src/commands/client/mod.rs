//! `msnpd client`: what leads a client's computer here, as text. One verb, one file.

mod dns;
mod hosts;
mod reg;

use crate::cli::ClientCommand;
use crate::config::{Config, Loaded};
use crate::error::{CONFIGURATION, CommandError};
use crate::hints;
use crate::stderr;
use std::net::{IpAddr, Ipv4Addr};
use web::client_setup::{DEFAULT_PORT, ServerAddress};

/// Carries out a verb.
pub(crate) fn run(verb: &ClientCommand, loaded: &Loaded) -> Result<(), CommandError> {
    match verb {
        ClientCommand::Reg { address, client, reset } => {
            reg::run(loaded, *address, *client, *reset)
        }
        ClientCommand::Hosts { address } => hosts::run(loaded, *address),
        ClientCommand::Dns { resolver, address } => dns::run(loaded, *resolver, *address),
    }
}

/// Where clients find the server that they dial first, which must be at the port that they know.
fn place(loaded: &Loaded, address: Option<Ipv4Addr>) -> Result<ServerAddress, CommandError> {
    let own = hints::addresses();
    let place = place_of(&loaded.config, address, &own)?;
    if place.address.is_loopback() {
        stderr::line(format_args!(
            "this is for {}, which is each computer itself: it leads clients here on this machine only",
            place.address
        ));
    }
    if address.is_none() && own.len() > 1 && own.contains(&place.address) {
        let others = own.iter().filter(|other| **other != place.address);
        let others: Vec<String> = others.map(Ipv4Addr::to_string).collect();
        stderr::line(format_args!(
            "this is for {}; this machine is {} too: --address names another one",
            place.address,
            others.join(" and ")
        ));
    }
    Ok(place)
}

fn place_of(
    config: &Config,
    address: Option<Ipv4Addr>,
    own: &[Ipv4Addr],
) -> Result<ServerAddress, CommandError> {
    let listener = config.dispatch.or(config.notification).ok_or_else(|| CommandError::Told {
        code: CONFIGURATION,
        words: "the configuration has no Dispatch Server that clients could dial".to_owned(),
    })?;
    // What is advertised has the address of the outer side of a port forwarding.
    let one_port = config.dispatch.filter(|dispatch| config.is_one_port(dispatch));
    let told = one_port.and_then(|dispatch| dispatch.advertise);
    let told = told.or_else(|| config.notification.and_then(|server| server.advertise));
    let listening = match listener.listen.ip().to_canonical() {
        IpAddr::V4(address) if !address.is_unspecified() => Some(address),
        _ => None,
    };
    let found = address
        .or_else(|| told.map(|told| *told.ip()))
        .or(listening)
        .or_else(|| own.iter().find(|own| own.is_private()).or(own.first()).copied());
    let address = found.ok_or_else(|| {
        CommandError::Other(
            "this machine has no IPv4 address besides loopback: name the server's with --address"
                .to_owned(),
        )
    })?;
    let port = listener.listen.port();
    if port != DEFAULT_PORT && told.is_none() {
        return Err(CommandError::Told {
            code: CONFIGURATION,
            words: format!(
                "the server that clients dial is on port {port}, and a client that is led here by \
                 its computer dials {DEFAULT_PORT}: set `listen` of `dispatch` to that, or set the port in \
                 clients that have a field for it"
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

    fn said(config: &str, address: Option<Ipv4Addr>, own: &[Ipv4Addr]) -> Result<String, String> {
        let place = place_of(&parse(config).unwrap(), address, own);
        place.map(|place| place.address.to_string()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn it_is_what_clients_reach_or_are_told() {
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
            assert_eq!(said(config, address, own).unwrap(), expected, "{config}");
        }
        assert!(said("()", None, &[]).unwrap_err().contains("--address"));
    }

    #[test]
    fn a_port_that_no_client_dials_is_refused() {
        let refused = said("(dispatch: (listen: \"0.0.0.0:2863\"))", None, &OWN).unwrap_err();
        assert!(refused.contains("on port 2863"), "{refused}");
    }
}
