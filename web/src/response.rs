//! The responses of pages.

use crate::http::{Response, Status};
use askama::Template;
use std::borrow::Cow;

/// Browsers of all ages treat this character set as Windows-1252, and send forms in it.
const PAGE_TYPE: &str = "text/html; charset=iso-8859-1";

/// The response of a page. All pages have the same headers; a page can have one more.
pub(crate) struct PageResponse {
    status: Status,
    content_type: &'static str,
    /// The name and the value of one more header.
    extra_header: Option<(&'static str, Cow<'static, str>)>,
    cache_control: &'static str,
    body: Vec<u8>,
}

impl PageResponse {
    /// Creates a response of any media type.
    pub(crate) fn new(
        status: Status,
        content_type: &'static str,
        body: impl Into<Vec<u8>>,
    ) -> PageResponse {
        let (extra_header, body) = (None, body.into());
        PageResponse { status, content_type, extra_header, cache_control: "no-cache", body }
    }

    /// Creates a page from a template. The status may be an error.
    pub(crate) fn page(status: Status, template: &impl Template) -> PageResponse {
        match template.render() {
            Ok(text) => PageResponse::new(status, PAGE_TYPE, to_ascii(&text)),
            Err(error) => {
                log::error!("cannot render a page: {error}");
                PageResponse::new(Status::INTERNAL_SERVER_ERROR, PAGE_TYPE, Vec::new())
            }
        }
    }

    /// Creates a file that the browser saves or opens.
    pub(crate) fn file(
        name: &'static str,
        content_type: &'static str,
        text: String,
    ) -> PageResponse {
        let disposition = format!("attachment; filename={name}");
        PageResponse::new(Status::OK, content_type, text).header("Content-Disposition", disposition)
    }

    /// Sets the one header that not all pages have.
    pub(crate) fn header(
        self,
        name: &'static str,
        value: impl Into<Cow<'static, str>>,
    ) -> PageResponse {
        PageResponse { extra_header: Some((name, value.into())), ..self }
    }

    /// Makes browsers keep no copy. Of other pages they may keep one, but must ask the server
    /// before they show it again.
    pub(crate) fn not_stored(self) -> PageResponse {
        PageResponse { cache_control: "no-store", ..self }
    }
}

impl From<PageResponse> for Response {
    fn from(page: PageResponse) -> Response {
        let mut response = Response::new(page.status, page.body)
            .header("Server", "msnpd")
            .connection()
            .header("Content-Type", page.content_type);
        if let Some((name, value)) = page.extra_header {
            response = response.header(name, value);
        }
        response
            .header("Cache-Control", page.cache_control)
            .header("Pragma", "no-cache")
            // Pages of other sites must not show this one in a frame.
            .header("X-Frame-Options", "DENY")
            .header("X-Content-Type-Options", "nosniff")
    }
}

/// Replaces each character that is not ASCII with a reference, and drops control characters, which
/// HTML does not allow.
fn to_ascii(text: &str) -> String {
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() && character != '\n' {
            continue;
        }
        if character.is_ascii() {
            ascii.push(character);
        } else {
            ascii.push_str(&format!("&#{};", u32::from(character)));
        }
    }
    ascii
}
