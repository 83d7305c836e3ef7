//! The only page for clients from outside: from a public address that is not allowed, or from a
//! network that the administrator denied.

use super::message::{HOME, message_page};
use crate::http::Status;
use crate::response::PageResponse;

pub(crate) fn show() -> PageResponse {
    let lines = [
        "This server is only for computers of its own network, and your address is public."
            .to_owned(),
        "The administrator can allow your network: see \"allow\" in the configuration.".to_owned(),
    ];
    message_page(Status::FORBIDDEN, "Access denied", &lines, HOME)
}

pub(crate) fn denied() -> PageResponse {
    let lines = ["The administrator denied your network.".to_owned()];
    message_page(Status::FORBIDDEN, "Access denied", &lines, HOME)
}
