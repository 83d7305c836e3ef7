//! The page for clients that may not use the server. They get it in reply to every request.

use super::message::{HOME, message_page};
use crate::http::Status;
use crate::response::PageResponse;

/// For clients from a public address that is not allowed.
pub(crate) fn public_address() -> PageResponse {
    let lines = [
        "This server is only for computers of its own network, and your address is public."
            .to_owned(),
        "The administrator can allow your network: see \"allow\" in the configuration.".to_owned(),
    ];
    message_page(Status::FORBIDDEN, "Access denied", &lines, HOME)
}

/// For clients from a network that the administrator denied.
pub(crate) fn denied_network() -> PageResponse {
    let lines = ["The administrator denied your network.".to_owned()];
    message_page(Status::FORBIDDEN, "Access denied", &lines, HOME)
}
