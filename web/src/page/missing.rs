//! What is shown where there is no page.

use crate::answer;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

/// How many folders the links lead up at most: no page of ours is in one.
const DEEPEST: usize = 16;

#[derive(Template)]
#[template(path = "missing.html")]
struct Missing {
    /// From where it was looked for to where the pages are.
    up: String,
}

/// In the place of a page that is not to be seen.
pub(super) async fn show() -> HttpResponse {
    page(0)
}

/// Wherever there is none. A browser takes a link to be in the folder that it has asked in.
pub(crate) async fn anywhere(request: HttpRequest) -> HttpResponse {
    let slashes = request.uri().path().bytes().filter(|byte| *byte == b'/').count();
    page(slashes.saturating_sub(1).min(DEEPEST))
}

fn page(folders: usize) -> HttpResponse {
    answer::page(StatusCode::NOT_FOUND, &Missing { up: "../".repeat(folders) })
}
