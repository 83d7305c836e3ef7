//! `/`: what this server is, and the links to all pages.

use crate::http::Status;
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use crate::site::SignUp;
use askama::Template;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    address: String,
    system: Option<&'static str>,
    domain: String,
    has_sign_up: bool,
    has_online: bool,
}

pub(super) async fn show(request: PageRequest) -> PageResponse {
    let settings = request.site.settings();
    let home = Home {
        address: request.peer_info.peer.to_string(),
        system: request.system.title(),
        domain: settings.domains.first().cloned().unwrap_or_default(),
        has_sign_up: settings.sign_up != SignUp::Closed,
        has_online: settings.who_is_online,
    };
    PageResponse::page(Status::OK, &home)
}
