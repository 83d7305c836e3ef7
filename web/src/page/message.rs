//! Pages with the result of a form, or with an error.

use crate::http::Status;
use crate::response::PageResponse;
use askama::Template;

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    title: &'a str,
    lines: &'a [String],
    /// The link after the text: its address and its words.
    back: (&'a str, &'a str),
}

/// A page with some sentences, and a link: its address and its words.
pub(super) fn message_page(
    status: Status,
    title: &str,
    lines: &[String],
    back: (&str, &str),
) -> PageResponse {
    PageResponse::page(status, &MessagePage { title, lines, back })
}

/// The link to the home page.
pub(super) const HOME: (&str, &str) = ("./", "To the home page");
