//! `/deny` and `/deny-remove`: deny a network and allow it again, for the administrator.

use super::message::message_page;
use super::status::BACK_TO_STATUS;
use crate::http::Status;
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use actors::operator::{self, DenyOutcome};
use actors::port::DenyError;
use actors::rules::parse_network;

const NOTHING_DENIED: &str = "Nothing was denied";
const NOTHING_CHANGED: &str = "Nothing was changed";

pub(super) async fn deny(request: PageRequest) -> PageResponse {
    if let Some(refusal) = request.require_admin_form().await {
        return refusal;
    }
    let (node, peer) = (&request.site.node, request.peer_info.peer);
    let network = match parse_network(request.trimmed("network")) {
        Ok(network) => network,
        Err(error) => {
            let line = error_sentence(&error);
            return message_page(Status::BAD_REQUEST, NOTHING_DENIED, &[line], BACK_TO_STATUS);
        }
    };
    // A denied network does not apply to loopback addresses.
    if network.contains(&peer) && !peer.is_loopback() {
        let lines = [
            format!("Your address {peer} is in {network}: you could not open this page any more."),
            "If you want that, use \"msnpd deny\" on the server itself.".to_owned(),
        ];
        return message_page(Status::CONFLICT, NOTHING_DENIED, &lines, BACK_TO_STATUS);
    }
    let _one_at_a_time = request.site.changes_lock.lock().await;
    match operator::deny(node.clone(), network).await {
        Ok(DenyOutcome { is_new, ended }) => {
            log::info!("{network} is denied, by the web page, from {peer}");
            let since_when = if is_new { "now" } else { "already" };
            let line = format!("{network} is denied {since_when}. Connections closed: {ended}.");
            message_page(Status::OK, "Denied", &[line], BACK_TO_STATUS)
        }
        Err(DenyError::Store(error)) => {
            log::error!("{network} cannot be denied: {error}");
            super::failed_to_change(BACK_TO_STATUS)
        }
        Err(error) => message_page(
            Status::CONFLICT,
            NOTHING_DENIED,
            &[error_sentence(&error)],
            BACK_TO_STATUS,
        ),
    }
}

pub(super) async fn allow_again(request: PageRequest) -> PageResponse {
    if let Some(refusal) = request.require_admin_form().await {
        return refusal;
    }
    let network = match parse_network(request.trimmed("network")) {
        Ok(network) => network,
        Err(error) => {
            let line = error_sentence(&error);
            return message_page(Status::BAD_REQUEST, NOTHING_CHANGED, &[line], BACK_TO_STATUS);
        }
    };
    let _one_at_a_time = request.site.changes_lock.lock().await;
    match operator::undeny(request.site.node.clone(), network).await {
        Ok(true) => {
            log::info!(
                "{network} is denied no longer, by the web page, from {}",
                request.peer_info.peer
            );
            let line = format!("{network} is no longer denied.");
            message_page(Status::OK, "No longer denied", &[line], BACK_TO_STATUS)
        }
        Ok(false) => {
            let line = format!("{network} is not denied.");
            message_page(Status::NOT_FOUND, NOTHING_CHANGED, &[line], BACK_TO_STATUS)
        }
        Err(error) => {
            log::error!("{network} cannot be allowed again: {error}");
            super::failed_to_change(BACK_TO_STATUS)
        }
    }
}

fn error_sentence(error: &impl std::error::Error) -> String {
    format!("The server refused the change: {error}.")
}
