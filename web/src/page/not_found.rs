//! The page for missing pages.

use crate::response;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

/// The maximum number of folders that the links go up. No page of this server is in a folder.
const MAX_DEPTH: usize = 16;

#[derive(Template)]
#[template(path = "not_found.html")]
struct NotFound {
    /// The relative path from the requested folder to the pages.
    up: String,
}

/// For a page that the user may not see.
pub(super) async fn show() -> HttpResponse {
    page(0)
}

/// For every other path. Browsers resolve links relative to the folder of the requested path.
pub(crate) async fn show_for_path(request: HttpRequest) -> HttpResponse {
    let slashes = request.uri().path().bytes().filter(|byte| *byte == b'/').count();
    page(slashes.saturating_sub(1).min(MAX_DEPTH))
}

fn page(folders: usize) -> HttpResponse {
    response::page(StatusCode::NOT_FOUND, &NotFound { up: "../".repeat(folders) })
}
