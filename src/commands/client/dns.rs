use super::server_address;
use crate::cli::ResolverName;
use crate::commands::print;
use crate::config::Loaded;
use crate::error::CommandError;
use crate::stderr;
use std::net::Ipv4Addr;
use web::client_setup::Resolver;

/// `client dns`: prints records for the DNS server of the network.
pub(super) fn run(
    loaded: &Loaded,
    resolver: ResolverName,
    address: Option<Ipv4Addr>,
) -> Result<(), CommandError> {
    let resolver = match resolver {
        ResolverName::Dnsmasq => Resolver::Dnsmasq,
        ResolverName::Pihole => Resolver::PiHole,
        ResolverName::Adguard => Resolver::AdGuardHome,
        ResolverName::Unbound => Resolver::Unbound,
    };
    let server = server_address(loaded, address)?;
    stderr::line(resolver.instructions());
    print(&resolver.lines(server))
}
