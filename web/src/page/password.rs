//! `/password`: changes the password of an account.

use super::account::{Authenticated, FormError, MAX_NAME_LENGTH, authenticate, parse_new_password};
use super::message::{HOME, message_page};
use crate::http::Status;
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use actors::operator;
use actors::port::store::Password;
use askama::Template;
use msnp::Handle;

#[derive(Template)]
#[template(path = "password.html")]
struct Form<'a> {
    problem: Option<&'a FormError>,
    max_name_length: usize,
    max_password_length: usize,
    handle: &'a str,
}

pub(super) async fn show(request: PageRequest) -> PageResponse {
    form(&request, None)
}

pub(super) async fn change(request: PageRequest) -> PageResponse {
    match change_password(&request).await {
        Ok((handle, closed_count)) => {
            let lines = [
                format!("{handle} now signs in with the new password."),
                match closed_count {
                    0 => "No one was signed in with the old password.".to_owned(),
                    1 => "1 connection that used the old password was closed.".to_owned(),
                    _ => format!(
                        "{closed_count} connections that used the old password were closed."
                    ),
                },
            ];
            message_page(Status::OK, "Your password was changed", &lines, HOME)
        }
        Err(problem) => form(&request, Some(&problem)),
    }
}

fn form(request: &PageRequest, problem: Option<&FormError>) -> PageResponse {
    let form = Form {
        problem,
        max_name_length: MAX_NAME_LENGTH,
        max_password_length: Password::MAX,
        handle: request.trimmed("handle"),
    };
    PageResponse::page(problem.map_or(Status::OK, FormError::status), &form)
}

/// Changes the password. Returns the handle, and how many connections of the account were closed.
async fn change_password(request: &PageRequest) -> Result<(Handle, usize), FormError> {
    let password = parse_new_password(request.field("new"), request.field("again"))?;
    let node = &request.site.node;
    let Authenticated { account_ref, handle, credentials_generation } =
        authenticate(request).await?;
    let _one_at_a_time = request.site.changes_lock.lock().await;
    let account = account_ref.account;
    let exists = node.directory.is_current(account_ref) && node.directory.contains(account);
    // The account may have got another password or been disabled since the password was checked.
    if !exists || node.directory.credentials_generation(account) != credentials_generation {
        return Err(FormError::WrongPassword);
    }
    let keep_sessions = false;
    match operator::set_password(node.clone(), account, password, keep_sessions).await {
        Ok(closed_count) => {
            log::info!(
                "{handle} has a new password, by the web page, from {}",
                request.peer_info.peer
            );
            Ok((handle, closed_count))
        }
        Err(error) => {
            log::error!("a password cannot be changed: {error}");
            Err(FormError::Failed)
        }
    }
}
