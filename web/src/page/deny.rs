//! `/deny` and `/deny-remove`: deny a network and allow it again, for the administrator.

use super::message::say;
use super::status::BACK;
use crate::page_request::PageRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actors::operator::{self, Denial};
use actors::port::DenyError;
use actors::rules::parse_network;

const NOTHING: &str = "Nothing was denied";

pub(super) async fn deny(guest: PageRequest) -> HttpResponse {
    if let Some(closed) = guest.may_not_act().await {
        return closed;
    }
    let (node, peer) = (&guest.site.node, guest.facts.peer);
    let network = match parse_network(guest.word("network")) {
        Ok(network) => network,
        Err(error) => return say(StatusCode::BAD_REQUEST, NOTHING, &[result_text(&error)], BACK),
    };
    // Loopback is never denied.
    if network.contains(&peer) && !peer.is_loopback() {
        let lines = [
            format!("You ask from {peer}, which is in {network}: this page would not answer you."),
            "On the server itself, \"msnpd deny\" denies it all the same.".to_owned(),
        ];
        return say(StatusCode::CONFLICT, NOTHING, &lines, BACK);
    }
    let _one_at_a_time = guest.site.changes.lock().await;
    match operator::deny(node.clone(), network).await {
        Ok(Denial { is_new, ended }) => {
            log::info!("{network} is denied, by the web page, from {peer}");
            let already = if is_new { "now" } else { "already" };
            let line = format!("{network} is denied {already}. Connections that end: {ended}.");
            say(StatusCode::OK, "Denied", &[line], BACK)
        }
        Err(DenyError::Store(error)) => {
            log::error!("{network} cannot be denied: {error}");
            super::failed_to_change(BACK)
        }
        Err(error) => say(StatusCode::CONFLICT, NOTHING, &[result_text(&error)], BACK),
    }
}

pub(super) async fn remove(guest: PageRequest) -> HttpResponse {
    if let Some(closed) = guest.may_not_act().await {
        return closed;
    }
    let network = match parse_network(guest.word("network")) {
        Ok(network) => network,
        Err(error) => {
            return say(
                StatusCode::BAD_REQUEST,
                "Nothing was changed",
                &[result_text(&error)],
                BACK,
            );
        }
    };
    let _one_at_a_time = guest.site.changes.lock().await;
    match operator::undeny(guest.site.node.clone(), network).await {
        Ok(true) => {
            log::info!("{network} is denied no longer, by the web page, from {}", guest.facts.peer);
            let line = format!("{network} is denied no longer.");
            say(StatusCode::OK, "Denied no longer", &[line], BACK)
        }
        Ok(false) => {
            let line = format!("{network} is not denied.");
            say(StatusCode::NOT_FOUND, "Nothing was changed", &[line], BACK)
        }
        Err(error) => {
            log::error!("{network} cannot be let in again: {error}");
            super::failed_to_change(BACK)
        }
    }
}

fn result_text(error: &impl std::error::Error) -> String {
    format!("It was refused: {error}.")
}
