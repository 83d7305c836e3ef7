//! The page for missing pages.

use crate::http::Status;
use crate::response::PageResponse;
use askama::Template;

/// The maximum number of folders that the links go up.
const MAX_DEPTH: usize = 16;

#[derive(Template)]
#[template(path = "not_found.html")]
struct NotFound {
    /// The relative path from the folder of the requested path to the pages, such as `../`. No page
    /// is in a folder.
    up: String,
}

/// The page in place of one that the user may not see.
pub(super) fn show() -> PageResponse {
    page(0)
}

/// The page for an unknown path. Browsers resolve its links relative to the folder of that path.
pub(super) fn show_for_path(path: &str) -> PageResponse {
    let slashes = path.bytes().filter(|byte| *byte == b'/').count();
    let folders = slashes.saturating_sub(1).min(MAX_DEPTH);
    page(folders)
}

fn page(folders: usize) -> PageResponse {
    PageResponse::page(Status::NOT_FOUND, &NotFound { up: "../".repeat(folders) })
}
