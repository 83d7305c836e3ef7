use super::place;
use crate::config::Loaded;
use crate::failure::Failure;
use crate::verb::print;
use std::net::Ipv4Addr;
use web::pointing;

/// `client hosts`: lines for a hosts file.
pub(super) fn run(loaded: &Loaded, address: Option<Ipv4Addr>) -> Result<(), Failure> {
    print(&pointing::hosts(place(loaded, address)?))
}
