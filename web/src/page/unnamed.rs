//! The page for requests with a host name that may not be this server's.

use super::message::{HOME, say};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;

pub(crate) fn show() -> HttpResponse {
    let lines = [
        "This server does not know the name in the address of this page. Use its IP address in the \
         place of the name."
            .to_owned(),
        "Whoever runs it can let it know the name: see \"names\" of \"web\" in its configuration."
            .to_owned(),
    ];
    say(StatusCode::FORBIDDEN, "Not by that name", &lines, HOME)
}
