//! The only page for clients from outside: from a public address that is not allowed, or from a
//! network that the administrator denied.

use super::message::{HOME, say};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;

pub(crate) fn show() -> HttpResponse {
    let lines = [
        "This server answers computers of its own network only, and your address is a public one."
            .to_owned(),
        "Whoever runs it can allow your network: see \"allow\" in its configuration.".to_owned(),
    ];
    say(StatusCode::FORBIDDEN, "Not from there", &lines, HOME)
}

pub(crate) fn denied() -> HttpResponse {
    let lines = ["The administrator has shut your network out.".to_owned()];
    say(StatusCode::FORBIDDEN, "Not from there", &lines, HOME)
}
