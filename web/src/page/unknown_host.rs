//! The page for requests with a host name that may not be this server's.

use super::message::{HOME, message_page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;

pub(crate) fn show() -> HttpResponse {
    let lines = [
        "This server does not know the host name in the address of this page. Use its IP address \
         instead."
            .to_owned(),
        "The administrator can add the name: see \"names\" of \"web\" in the configuration."
            .to_owned(),
    ];
    message_page(StatusCode::FORBIDDEN, "Unknown host name", &lines, HOME)
}
