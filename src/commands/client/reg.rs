use super::place;
use crate::cli::ClientFamily;
use crate::commands::print;
use crate::config::Loaded;
use crate::error::CommandError;
use crate::stderr;
use std::net::Ipv4Addr;
use web::client_setup::{self, Family, System};

/// `client reg`: a registry file for MSN Messenger.
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
    if !family.is_spoken() && !reset {
        stderr::line(format_args!(
            "{} finds the server and cannot sign in: it speaks no MSNP2 to MSNP7",
            family.title()
        ));
    }
    // It is not known which system it is for: the way that all of them understand.
    let text = match reset {
        true => Some(client_setup::reset(family, System::Unknown)),
        false => client_setup::set(family, place(loaded, address)?),
    };
    print(&text.ok_or_else(CommandError::unexpected)?)
}
