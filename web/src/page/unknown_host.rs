//! The page for requests with a host name that an outsider could own.

use super::message::{HOME, message_page};
use crate::http::Status;
use crate::response::PageResponse;

pub(crate) fn show() -> PageResponse {
    let lines = [
        "This server does not know the host name in the address of this page. Use its IP address \
         instead."
            .to_owned(),
        "The administrator can add the name: see \"names\" of \"web\" in the configuration."
            .to_owned(),
    ];
    message_page(Status::FORBIDDEN, "Unknown host name", &lines, HOME)
}
