//! The only page for clients from outside: from a public address that is not allowed, or from a
//! network that the administrator denied.

use super::message::{HOME, message_page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;

pub(crate) fn show() -> HttpResponse {
    let lines = [
        "This server is only for computers of its own network, and your address is public."
            .to_owned(),
        "The administrator can allow your network: see \"allow\" in the configuration.".to_owned(),
    ];
    message_page(StatusCode::FORBIDDEN, "Access denied", &lines, HOME)
}

pub(crate) fn denied() -> HttpResponse {
    let lines = ["The administrator denied your network.".to_owned()];
    message_page(StatusCode::FORBIDDEN, "Access denied", &lines, HOME)
}
