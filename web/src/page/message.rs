//! Pages with the result of a form, or with an error.

use crate::http::Status;
use crate::response::PageResponse;
use askama::Template;

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    title: &'a str,
    /// The paragraphs.
    lines: &'a [String],
    /// The link after the text.
    link: Link,
}

/// A link to another page.
#[derive(Clone, Copy)]
pub(super) struct Link {
    /// The relative address.
    pub(super) target: &'static str,
    /// The words to click.
    pub(super) text: &'static str,
}

/// The link to the home page.
pub(super) const HOME: Link = Link { target: "./", text: "To the home page" };

/// Creates a page with a title, some paragraphs and a link.
pub(super) fn message_page(
    status: Status,
    title: &str,
    lines: &[String],
    link: Link,
) -> PageResponse {
    PageResponse::page(status, &MessagePage { title, lines, link })
}
