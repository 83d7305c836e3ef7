//! What is said when something is done, or when it is not.

use crate::answer;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

#[derive(Template)]
#[template(path = "said.html")]
struct MessagePage<'a> {
    title: &'a str,
    lines: &'a [String],
    /// Where it goes on.
    back: (&'a str, &'a str),
}

/// A page of some sentences.
pub(super) fn say(
    status: StatusCode,
    title: &str,
    lines: &[String],
    back: (&str, &str),
) -> HttpResponse {
    answer::page(status, &MessagePage { title, lines, back })
}

/// Back to the first page.
pub(super) const HOME: (&str, &str) = ("./", "To the first page");
