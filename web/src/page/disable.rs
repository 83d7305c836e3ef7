//! `/disable` and `/enable`: disable an account and enable it again, for the administrator.

use super::account::handle;
use super::message::say;
use super::status::BACK;
use crate::page_request::PageRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actors::port::store::AccountId;
use actors::port::{DisableReason, Disabled};
use actors::{greeter, operator};
use msnp::Handle;

const NOTHING: &str = "Nothing was changed";

pub(super) async fn disable(guest: PageRequest) -> HttpResponse {
    if let Some(closed) = guest.may_not_act().await {
        return closed;
    }
    let reason = match guest.word("reason") {
        "" => None,
        text => match DisableReason::new(text) {
            Ok(reason) => Some(reason),
            Err(error) => {
                let line = format!("It was refused: {error}.");
                return say(StatusCode::BAD_REQUEST, NOTHING, &[line], BACK);
            }
        },
    };
    let _one_at_a_time = guest.site.changes.lock().await;
    let (account, handle) = match find(&guest).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    match operator::disable(guest.site.node.clone(), account, Disabled { reason }).await {
        Ok(count) => {
            log::info!("{handle} is disabled, by the web page, from {}", guest.facts.peer);
            let line = format!(
                "Nobody can sign in as {handle} until you enable it. Connections that end: {count}."
            );
            say(StatusCode::OK, "Disabled", &[line], BACK)
        }
        Err(error) => {
            log::error!("{handle} cannot be disabled: {error}");
            super::failed_to_change(BACK)
        }
    }
}

pub(super) async fn enable(guest: PageRequest) -> HttpResponse {
    if let Some(closed) = guest.may_not_act().await {
        return closed;
    }
    let _one_at_a_time = guest.site.changes.lock().await;
    let (account, handle) = match find(&guest).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    match operator::enable(guest.site.node.clone(), account).await {
        Ok(true) => {
            log::info!("{handle} is enabled, by the web page, from {}", guest.facts.peer);
            let line = format!("{handle} can sign in with its password again.");
            say(StatusCode::OK, "Enabled", &[line], BACK)
        }
        Ok(false) => {
            let line = format!("{handle} is not disabled.");
            say(StatusCode::NOT_FOUND, NOTHING, &[line], BACK)
        }
        Err(error) => {
            log::error!("{handle} cannot be enabled: {error}");
            super::failed_to_change(BACK)
        }
    }
}

/// The account in the form, unless it is the greeter's. Otherwise the page to show.
async fn find(guest: &PageRequest) -> Result<(AccountId, Handle), HttpResponse> {
    let node = &guest.site.node;
    let found = handle(guest, guest.word("handle")).ok().and_then(|handle| {
        let account = node.directory.find(&handle)?;
        Some((account, handle))
    });
    let refuse = |status, line: &str| say(status, NOTHING, &[line.to_owned()], BACK);
    let Some((account, handle)) = found else {
        return Err(refuse(StatusCode::NOT_FOUND, "There is no such account."));
    };
    match greeter::find(node).await {
        Ok(Some(known)) if known.account == account => {
            let line =
                "That is the server's own greeter: the configuration says whether there is one.";
            Err(refuse(StatusCode::CONFLICT, line))
        }
        Ok(_) | Err(_) => Ok((account, handle)),
    }
}
