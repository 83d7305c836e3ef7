//! `/`: what this server is, and the links to all pages.

use crate::http::Status;
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use crate::site::SignUp;
use askama::Template;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    /// The address of the user's computer.
    client_address: String,
    /// The system of the user's computer, if it is known.
    system: Option<&'static str>,
    domain: String,
    has_sign_up_page: bool,
    has_online_page: bool,
}

pub(super) async fn show(request: PageRequest) -> PageResponse {
    let settings = request.site.settings();
    let home = Home {
        client_address: request.peer_info.peer.to_string(),
        system: request.system.title(),
        domain: settings.domains.first().cloned().unwrap_or_default(),
        has_sign_up_page: settings.sign_up != SignUp::Closed,
        has_online_page: settings.who_is_online,
    };
    PageResponse::page(Status::OK, &home)
}
