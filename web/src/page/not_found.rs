//! The page for missing pages.

use crate::http::Status;
use crate::response::PageResponse;
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
pub(super) fn show() -> PageResponse {
    page(0)
}

/// For every other path. Browsers resolve links relative to the folder of the requested path.
pub(super) fn show_for_path(path: &str) -> PageResponse {
    let slashes = path.bytes().filter(|byte| *byte == b'/').count();
    page(slashes.saturating_sub(1).min(MAX_DEPTH))
}

fn page(folders: usize) -> PageResponse {
    PageResponse::page(Status::NOT_FOUND, &NotFound { up: "../".repeat(folders) })
}
