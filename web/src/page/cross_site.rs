//! The page after a form that another site sent.

use super::message::{HOME, message_page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;

pub(crate) fn show() -> HttpResponse {
    let lines = [
        "The form was sent by a page of another site. Nothing was changed.".to_owned(),
        "If you want to do this, use the page of this server.".to_owned(),
    ];
    message_page(StatusCode::FORBIDDEN, "The form came from another site", &lines, HOME)
}
