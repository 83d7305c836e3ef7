//! `/numbers`: changes a user's telephone numbers.

use super::account::{FormError, MAX_NAME_LENGTH, authenticate};
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
    numbers: Vec<ShownNumber<'a>>,
}

/// A telephone number in the form.
struct ShownNumber<'a> {
    field: &'static Field,
    typed: &'a str,
}

/// A telephone number, and the controls of the form for it.
struct Field {
    phone: PhoneKind,
    label: &'static str,
    /// The name of the text field.
    text_field: &'static str,
    /// The name of the check box that removes the number.
    removal_box: &'static str,
}

static FIELDS: [Field; 3] = [
    Field { phone: PhoneKind::Home, label: "At home", text_field: "home", removal_box: "no-home" },
    Field { phone: PhoneKind::Work, label: "At work", text_field: "work", removal_box: "no-work" },
    Field {
        phone: PhoneKind::Mobile,
        label: "Mobile",
        text_field: "mobile",
        removal_box: "no-mobile",
    },
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
    let shown = |field| ShownNumber { field, typed: request.trimmed(field.text_field) };
    let form = Form {
        problem,
        max_name_length: MAX_NAME_LENGTH,
        max_password_length: Password::MAX,
        handle: request.trimmed("handle"),
        numbers: FIELDS.iter().map(shown).collect(),
    };
    PageResponse::page(problem.map_or(Status::OK, FormError::status), &form)
}

async fn change_numbers(request: &PageRequest) -> Result<(), FormError> {
    let mut changes = Vec::new();
    for field in &FIELDS {
        let typed = request.trimmed(field.text_field);
        let is_removal = !request.trimmed(field.removal_box).is_empty();
        let number = match (typed, is_removal) {
            ("", false) => continue,
            ("", true) => None,
            (_, true) => return Err(FormError::NumberAndRemoval),
            (typed, false) => Some(PhoneNumber::new(typed).map_err(|_| FormError::Number)?),
        };
        changes.push((field.label, Change::SetPhone(field.phone, number)));
    }
    let (account_ref, _) = authenticate(request).await?;
    if changes.is_empty() {
        return Err(FormError::NoNumber);
    }
    let labels: Vec<_> = changes.iter().map(|(label, _)| *label).collect();
    for (done_count, (_, change)) in changes.into_iter().enumerate() {
        let result = edit(request.site.node.clone(), account_ref, change).await;
        result.map_err(|error| partial_error(&labels, done_count, error.into()))?;
    }
    Ok(())
}

/// Returns the error after `done_count` changes succeeded and the next one failed with `error`.
fn partial_error(labels: &[&str], done_count: usize, error: FormError) -> FormError {
    match labels.split_at_checked(done_count) {
        Some((done, left)) if !done.is_empty() => {
            FormError::Partial { done: done.join(", "), left: left.join(", ") }
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_failure_lists_what_was_changed() {
        let labels = ["At home", "At work", "Mobile"];
        let message =
            |done_count| partial_error(&labels, done_count, FormError::Failed).to_string();
        assert_eq!(message(0), FormError::Failed.to_string());
        assert_eq!(
            message(1),
            "The server failed. Changed: At home. Not changed: At work, Mobile. Try again later."
        );
    }
}
