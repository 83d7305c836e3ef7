//! `/kick`: ends all connections of a user, for the administrator.

use super::account::{look_up, parse_handle};
use super::message::message_page;
use super::status::BACK_TO_STATUS;
use crate::http::Status;
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use actors::EndReason;

pub(super) async fn kick(request: PageRequest) -> PageResponse {
    if let Some(refusal) = request.require_admin_form().await {
        return refusal;
    }
    let node = &request.site.node;
    let handle = parse_handle(&request, request.trimmed("handle")).ok();
    let found = match look_up(node, handle).await {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    let Some((account, handle)) = found else {
        let line = "There is no such account.".to_owned();
        return message_page(Status::NOT_FOUND, "No one was signed off", &[line], BACK_TO_STATUS);
    };
    let count = node.connections.end(account, EndReason::Kicked);
    log::info!("{handle} is kicked, by the web page, from {}", request.peer_info.peer);
    let line = match count {
        1 => format!("{handle} had 1 connection, which ends now."),
        _ => format!("{handle} had {count} connections, which end now."),
    };
    message_page(Status::OK, "Signed off", &[line], BACK_TO_STATUS)
}
