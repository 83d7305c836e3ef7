use super::server_address;
use crate::cli::ClientFamily;
use crate::commands::print;
use crate::config::Loaded;
use crate::error::CommandError;
use crate::stderr;
use std::net::Ipv4Addr;
use web::client_setup::{self, Family, System};

/// `client reg`: prints a registry file for MSN Messenger; with `reset`, one that undoes it.
pub(super) fn run(
    loaded: &Loaded,
    address: Option<Ipv4Addr>,
    client: ClientFamily,
    reset: bool,
) -> Result<(), CommandError> {
    let family = match client {
        ClientFamily::Messenger => Family::Messenger,
        ClientFamily::Messenger5 => Family::Messenger5,
    };
    if !family.is_supported() && !reset {
        stderr::line(format_args!(
            "{} finds the server but cannot sign in: it supports none of MSNP2 to MSNP7",
            family.title()
        ));
    }
    // The Windows version of the client is not known, so the text has the form that all of them accept.
    let text = match reset {
        true => Some(client_setup::registry_reset_file(family, System::Unknown)),
        false => client_setup::registry_file(family, server_address(loaded, address)?),
    };
    print(&text.ok_or_else(CommandError::unexpected)?)
}
