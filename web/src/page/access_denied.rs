//! The page that browsers get in response to every request if their address may not use the server.

use super::message::{HOME, message_page};
use crate::http::Status;
use crate::response::PageResponse;

/// The page for browsers from a public address that is not allowed.
pub(crate) fn public_address() -> PageResponse {
    let lines = [
        "This server is only for computers of its own network, and your address is public."
            .to_owned(),
        "The administrator can allow your network: see \"allow\" in the configuration.".to_owned(),
    ];
    message_page(Status::FORBIDDEN, "Access denied", &lines, HOME)
}

/// The page for browsers from a network that the administrator denied.
pub(crate) fn denied_network() -> PageResponse {
    let lines = ["The administrator denied your network.".to_owned()];
    message_page(Status::FORBIDDEN, "Access denied", &lines, HOME)
}
