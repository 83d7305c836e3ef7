//! `/numbers`: changes a user's telephone numbers.

use super::account::{Authenticated, FormError, MAX_NAME_LENGTH, authenticate};
use super::message::{HOME, message_page};
use crate::http::Status;
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use actors::edit::edit;
use actors::port::store::{Change, Password};
use askama::Template;
use msnp::{PhoneKind, PhoneNumber};

#[derive(Template)]
#[template(path = "numbers.html")]
struct Form<'a> {
    problem: Option<&'a FormError>,
    max_name_length: usize,
    max_password_length: usize,
    handle: &'a str,
    /// The name of each field, its label, and what was typed.
    numbers: Vec<(&'static str, &'static str, &'a str)>,
    /// The name of each check box that removes a number, and its label.
    removal_boxes: Vec<(&'static str, &'static str)>,
}

/// The telephone numbers, each with its text field, the check box that removes it, and its label.
const FIELDS: [(PhoneKind, &str, &str, &str); 3] = [
    (PhoneKind::Home, "home", "no-home", "At home"),
    (PhoneKind::Work, "work", "no-work", "At work"),
    (PhoneKind::Mobile, "mobile", "no-mobile", "Mobile"),
];

pub(super) async fn show(request: PageRequest) -> PageResponse {
    form(&request, None)
}

pub(super) async fn change(request: PageRequest) -> PageResponse {
    match change_numbers(&request).await {
        Ok(()) => {
            let line = "Your contacts see them in MSN Messenger 3.0 and later.".to_owned();
            message_page(Status::OK, "Your telephone numbers were changed", &[line], HOME)
        }
        Err(problem) => form(&request, Some(&problem)),
    }
}

fn form(request: &PageRequest, problem: Option<&FormError>) -> PageResponse {
    let numbers = FIELDS.map(|(_, field, _, title)| (field, title, request.trimmed(field)));
    let form = Form {
        problem,
        max_name_length: MAX_NAME_LENGTH,
        max_password_length: Password::MAX,
        handle: request.trimmed("handle"),
        numbers: numbers.to_vec(),
        removal_boxes: FIELDS.map(|(_, _, removal_box, title)| (removal_box, title)).to_vec(),
    };
    PageResponse::page(problem.map_or(Status::OK, FormError::status), &form)
}

async fn change_numbers(request: &PageRequest) -> Result<(), FormError> {
    let mut changes = Vec::new();
    for (phone, field, removal_box, title) in FIELDS {
        let number = match (request.trimmed(field), request.trimmed(removal_box)) {
            ("", "") => continue,
            ("", _) => None,
            (text, "") => Some(PhoneNumber::new(text).map_err(|_| FormError::Number)?),
            (_, _) => return Err(FormError::NumberAndRemoval),
        };
        changes.push((title, Change::SetPhone(phone, number)));
    }
    let Authenticated { account_ref, .. } = authenticate(request).await?;
    if changes.is_empty() {
        return Err(FormError::NoNumber);
    }
    let titles: Vec<_> = changes.iter().map(|(title, _)| *title).collect();
    for (done, (_, change)) in changes.into_iter().enumerate() {
        let made = edit(request.site.node.clone(), account_ref, change).await;
        made.map_err(|error| partial_error(&titles, done, error.into()))?;
    }
    Ok(())
}

/// The error when some changes succeeded and the next one failed.
fn partial_error(titles: &[&str], done: usize, problem: FormError) -> FormError {
    match titles.split_at_checked(done) {
        Some((done, left)) if !done.is_empty() => {
            FormError::Partial { done: done.join(", "), left: left.join(", ") }
        }
        _ => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_failure_lists_what_was_changed() {
        let titles = ["At home", "At work", "Mobile"];
        let message = |done| partial_error(&titles, done, FormError::Failed).to_string();
        assert_eq!(message(0), FormError::Failed.to_string());
        assert_eq!(
            message(1),
            "The server failed. Changed: At home. Not changed: At work, Mobile. Try again later."
        );
    }
}
