//! `/disable` and `/enable`: disable an account and enable it again, for the administrator.

use super::account::{look_up, parse_handle};
use super::message::message_page;
use super::status::BACK_TO_STATUS;
use crate::http::Status;
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use actors::port::store::AccountId;
use actors::port::{DisableReason, Disabled};
use actors::{greeter, operator};
use msnp::Handle;

const NOTHING_CHANGED: &str = "Nothing was changed";

pub(super) async fn disable(request: PageRequest) -> PageResponse {
    if let Some(refusal) = request.require_admin_form().await {
        return refusal;
    }
    let reason = match request.trimmed("reason") {
        "" => None,
        text => match DisableReason::new(text) {
            Ok(reason) => Some(reason),
            Err(error) => {
                let line = format!("The server refused the change: {error}.");
                return message_page(Status::BAD_REQUEST, NOTHING_CHANGED, &[line], BACK_TO_STATUS);
            }
        },
    };
    let _one_at_a_time = request.site.changes_lock.lock().await;
    let (account, handle) = match find_account(&request).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    match operator::disable(request.site.node.clone(), account, Disabled { reason }).await {
        Ok(count) => {
            log::info!("{handle} is disabled, by the web page, from {}", request.peer_info.peer);
            let line = format!(
                "No one can sign in as {handle} until you enable it. Connections closed: {count}."
            );
            message_page(Status::OK, "Disabled", &[line], BACK_TO_STATUS)
        }
        Err(error) => {
            log::error!("{handle} cannot be disabled: {error}");
            super::failed_to_change(BACK_TO_STATUS)
        }
    }
}

pub(super) async fn enable(request: PageRequest) -> PageResponse {
    if let Some(refusal) = request.require_admin_form().await {
        return refusal;
    }
    let _one_at_a_time = request.site.changes_lock.lock().await;
    let (account, handle) = match find_account(&request).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    match operator::enable(request.site.node.clone(), account).await {
        Ok(true) => {
            log::info!("{handle} is enabled, by the web page, from {}", request.peer_info.peer);
            let line = format!("{handle} can sign in with its password again.");
            message_page(Status::OK, "Enabled", &[line], BACK_TO_STATUS)
        }
        Ok(false) => {
            let line = format!("{handle} is not disabled.");
            message_page(Status::NOT_FOUND, NOTHING_CHANGED, &[line], BACK_TO_STATUS)
        }
        Err(error) => {
            log::error!("{handle} cannot be enabled: {error}");
            super::failed_to_change(BACK_TO_STATUS)
        }
    }
}

/// Returns the account in the form, or the page to show if it does not exist or is the greeter's.
async fn find_account(request: &PageRequest) -> Result<(AccountId, Handle), PageResponse> {
    let node = &request.site.node;
    let handle = parse_handle(request, request.trimmed("handle")).ok();
    let found = look_up(node, handle).await?;
    let refuse = |status, line: &str| {
        message_page(status, NOTHING_CHANGED, &[line.to_owned()], BACK_TO_STATUS)
    };
    let Some((account, handle)) = found else {
        return Err(refuse(Status::NOT_FOUND, "There is no such account."));
    };
    match greeter::find(node).await {
        Ok(Some(account_ref)) if account_ref.account == account => {
            let line = "That is the greeter of this server. The configuration turns it on or off.";
            Err(refuse(Status::CONFLICT, line))
        }
        // If the store failed, the change will fail as well, with a page of its own.
        Ok(_) | Err(_) => Ok((account, handle)),
    }
}
