//! `/name`: changes a user's friendly name.

use super::account::{FormError, MAX_NAME_LENGTH, authenticate, parse_friendly_name};
use super::message::{HOME, message_page};
use crate::http::Status;
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use actors::operator;
use actors::port::store::Password;
use askama::Template;
use msnp::FriendlyName;

#[derive(Template)]
#[template(path = "name.html")]
struct Form<'a> {
    problem: Option<&'a FormError>,
    max_name_length: usize,
    max_password_length: usize,
    handle: &'a str,
    name: &'a str,
}

pub(super) async fn show(request: PageRequest) -> PageResponse {
    form(&request, None)
}

pub(super) async fn change(request: PageRequest) -> PageResponse {
    match rename(&request).await {
        Ok(name) => {
            let line = format!(
                "You are now called {name}. Contacts who see you online see the new name at once. \
                 Your own Messenger shows it after your next sign-in."
            );
            message_page(Status::OK, "Your friendly name was changed", &[line], HOME)
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
        name: request.trimmed("name"),
    };
    PageResponse::page(problem.map_or(Status::OK, FormError::status), &form)
}

async fn rename(request: &PageRequest) -> Result<FriendlyName, FormError> {
    let name = match request.trimmed("name") {
        "" => return Err(FormError::NoName),
        name => parse_friendly_name(name)?,
    };
    let (account_ref, _) = authenticate(request).await?;
    let _one_at_a_time = request.site.changes_lock.lock().await;
    if !request.site.node.directory.is_current(account_ref) {
        return Err(FormError::WrongPassword);
    }
    operator::rename(request.site.node.clone(), account_ref.account, name.clone()).await?;
    Ok(name)
}
