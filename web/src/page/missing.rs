//! What is shown where there is no page.

use super::said::{HOME, say};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;

pub(crate) async fn show() -> HttpResponse {
    let line = "This server has no page of that name.".to_owned();
    say(StatusCode::NOT_FOUND, "There is no such page", &[line], HOME)
}
