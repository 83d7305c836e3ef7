//! `/kick`: ends all connections of a user, for the administrator.

use super::account::parse_handle;
use super::message::message_page;
use super::status::BACK;
use crate::http::Status;
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use actors::EndReason;

pub(super) async fn kick(request: PageRequest) -> PageResponse {
    if let Some(refusal) = request.require_admin_form().await {
        return refusal;
    }
    let node = &request.site.node;
    let found = parse_handle(&request, request.trimmed("handle")).ok().and_then(|handle| {
        let account = node.directory.find(&handle)?;
        Some((handle, account))
    });
    let Some((handle, account)) = found else {
        let line = "There is no such account.".to_owned();
        return message_page(Status::NOT_FOUND, "No one was signed off", &[line], BACK);
    };
    let count = node.connections.end(account, EndReason::Kicked);
    log::info!("{handle} is kicked, by the web page, from {}", request.peer_info.peer);
    let line = match count {
        1 => format!("{handle} had 1 connection, which ends now."),
        _ => format!("{handle} had {count} connections, which end now."),
    };
    message_page(Status::OK, "Signed off", &[line], BACK)
}
