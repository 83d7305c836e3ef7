//! HTTP responses. A response states its length, has the HTTP version of its request, and ends the
//! connection.

use crate::http_request::ResponseFormat;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap};
use askama::Template;

/// Browsers of all ages treat this as Windows-1252, and send forms in it.
const PAGE_TYPE: &str = "text/html; charset=iso-8859-1";

/// A page. The status may be an error.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(text) => with_body(status, PAGE_TYPE, to_ascii(&text).into_bytes()),
        Err(error) => {
            log::error!("cannot render a page: {error}");
            with_body(StatusCode::INTERNAL_SERVER_ERROR, PAGE_TYPE, Vec::new())
        }
    }
}

/// A response that is not a page.
pub(crate) fn with_body(
    status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
) -> HttpResponse {
    HttpResponse::build(status).insert_header((CONTENT_TYPE, content_type)).body(body)
}

/// A file for the browser to save or open.
pub(crate) fn file(name: &'static str, content_type: &'static str, text: String) -> HttpResponse {
    let disposition = format!("attachment; filename={name}");
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CONTENT_DISPOSITION, disposition))
        .body(text)
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

/// Encodes a response. Browsers must not reuse pages without asking, or show them in frames of
/// other sites. Pages with `Cache-Control: no-store` are not kept at all.
pub(crate) fn encode(
    format: ResponseFormat,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> Vec<u8> {
    let reason = status.canonical_reason().unwrap_or("Other");
    let mut text = format!("HTTP/1.{} {} {reason}\r\n", format.minor.min(1), status.as_u16());
    text.push_str("Server: msnpd\r\nConnection: close\r\n");
    for (name, shown) in [
        ("content-type", "Content-Type"),
        ("content-disposition", "Content-Disposition"),
        ("www-authenticate", "WWW-Authenticate"),
        ("allow", "Allow"),
        ("retry-after", "Retry-After"),
    ] {
        if let Some(value) = headers.get(name).and_then(|value| value.to_str().ok()) {
            text.push_str(&format!("{shown}: {value}\r\n"));
        }
    }
    let cache_control = headers.get("cache-control").and_then(|value| value.to_str().ok());
    text.push_str(&format!("Cache-Control: {}\r\n", cache_control.unwrap_or("no-cache")));
    text.push_str("Pragma: no-cache\r\n");
    text.push_str("X-Frame-Options: DENY\r\nX-Content-Type-Options: nosniff\r\n");
    text.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    let mut bytes = text.into_bytes();
    if !format.is_head {
        bytes.extend_from_slice(body);
    }
    bytes
}
