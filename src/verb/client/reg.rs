use super::place;
use crate::cli::ClientFamily;
use crate::config::Loaded;
use crate::failure::Failure;
use crate::stderr;
use crate::verb::print;
use std::net::Ipv4Addr;
use web::pointing::{self, Family, System};

/// `client reg`: a registry file for MSN Messenger.
pub(super) fn run(
    loaded: &Loaded,
    address: Option<Ipv4Addr>,
    client: ClientFamily,
    reset: bool,
) -> Result<(), Failure> {
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
        true => Some(pointing::reset(family, System::Unknown)),
        false => pointing::set(family, place(loaded, address)?),
    };
    print(&text.ok_or_else(Failure::unexpected)?)
}
