use super::server_address;
use crate::commands::print;
use crate::config::Loaded;
use crate::error::CommandError;
use std::net::Ipv4Addr;
use web::client_setup;

/// `client hosts`: prints lines for a hosts file.
pub(super) fn run(loaded: &Loaded, address: Option<Ipv4Addr>) -> Result<(), CommandError> {
    print(&client_setup::hosts_lines(server_address(loaded, address)?))
}
