//! `/numbers`: changes a user's telephone numbers.

use super::account::{LONGEST_NAME, Problem, sign_in};
use super::message::{HOME, say};
use crate::answer;
use crate::page_request::PageRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actors::edit::edit;
use actors::port::store::{Change, Password};
use askama::Template;
use msnp::{Phone, PhoneNumber};

#[derive(Template)]
#[template(path = "numbers.html")]
struct Form<'a> {
    problem: Option<&'a Problem>,
    longest: usize,
    longest_password: usize,
    handle: &'a str,
    /// The name of each field, its label, and what was typed.
    numbers: Vec<(&'static str, &'static str, &'a str)>,
    /// The name of each check box that removes a number, and its label.
    boxes: Vec<(&'static str, &'static str)>,
}

/// The telephone numbers: the text field, the check box that removes it, and the label.
const FIELDS: [(Phone, &str, &str, &str); 3] = [
    (Phone::Home, "home", "no-home", "At home"),
    (Phone::Work, "work", "no-work", "At work"),
    (Phone::Mobile, "mobile", "no-mobile", "Mobile"),
];

pub(super) async fn show(guest: PageRequest) -> HttpResponse {
    form(&guest, None)
}

pub(super) async fn change(guest: PageRequest) -> HttpResponse {
    match set(&guest).await {
        Ok(()) => {
            let line = "Your contacts see them, if their Messenger can: 3.0 and later.".to_owned();
            say(StatusCode::OK, "Your telephone numbers are changed", &[line], HOME)
        }
        Err(problem) => form(&guest, Some(&problem)),
    }
}

fn form(guest: &PageRequest, problem: Option<&Problem>) -> HttpResponse {
    let numbers = FIELDS.map(|(_, field, _, title)| (field, title, guest.word(field)));
    let form = Form {
        problem,
        longest: LONGEST_NAME,
        longest_password: Password::MAX,
        handle: guest.word("handle"),
        numbers: numbers.to_vec(),
        boxes: FIELDS.map(|(_, _, tick, title)| (tick, title)).to_vec(),
    };
    answer::page(problem.map_or(StatusCode::OK, Problem::status), &form)
}

async fn set(guest: &PageRequest) -> Result<(), Problem> {
    let mut changes = Vec::new();
    for (phone, field, tick, title) in FIELDS {
        let number = match (guest.word(field), guest.word(tick)) {
            ("", "") => continue,
            ("", _) => None,
            (text, "") => Some(PhoneNumber::new(text).map_err(|_| Problem::Number)?),
            (_, _) => return Err(Problem::BothWays),
        };
        changes.push((title, Change::SetPhone(phone, number)));
    }
    let (known, _) = sign_in(guest).await?;
    if changes.is_empty() {
        return Err(Problem::NoNumber);
    }
    let titles: Vec<_> = changes.iter().map(|(title, _)| *title).collect();
    for (done, (_, change)) in changes.into_iter().enumerate() {
        let made = edit(guest.site.node.clone(), known, change).await;
        made.map_err(|error| after(&titles, done, error.into()))?;
    }
    Ok(())
}

/// The error when some changes succeeded and the next one failed.
fn after(titles: &[&str], done: usize, problem: Problem) -> Problem {
    match titles.split_at_checked(done) {
        Some((done, left)) if !done.is_empty() => {
            Problem::Partly { done: done.join(", "), left: left.join(", ") }
        }
        _ => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_changed_before_something_failed_is_said() {
        let titles = ["At home", "At work", "Mobile"];
        let said = |done| after(&titles, done, Problem::Failed).to_string();
        assert_eq!(said(0), Problem::Failed.to_string());
        assert_eq!(
            said(1),
            "The server has failed. Changed is: At home. Not changed is: At work, Mobile. Try \
             again later."
        );
    }
}
