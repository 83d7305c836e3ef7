//! The page after a form that another site sent.

use super::message::{HOME, message_page};
use crate::http::Status;
use crate::response::PageResponse;

pub(crate) fn show() -> PageResponse {
    let lines = [
        "The form was sent by a page of another site. Nothing was changed.".to_owned(),
        "If you want to make this change, use the page of this server.".to_owned(),
    ];
    message_page(Status::FORBIDDEN, "The form came from another site", &lines, HOME)
}
