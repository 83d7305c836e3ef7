//! `/numbers`: the telephone numbers of a principal, which is all that the directory has of him
//! besides his name.

use super::account::{LONGEST_NAME, Problem, sign_in};
use super::said::{HOME, say};
use crate::answer;
use crate::guest::Guest;
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
    /// The name of each field, what it is called, and what was typed.
    numbers: Vec<(&'static str, &'static str, &'a str)>,
}

/// The fields of the numbers.
const FIELDS: [(Phone, &str, &str); 3] = [
    (Phone::Home, "home", "At home"),
    (Phone::Work, "work", "At work"),
    (Phone::Mobile, "mobile", "Mobile"),
];

pub(super) async fn show(guest: Guest) -> HttpResponse {
    form(&guest, None)
}

pub(super) async fn change(guest: Guest) -> HttpResponse {
    match set(&guest).await {
        Ok(()) => {
            let line = "Your contacts see them, if their Messenger can: 3.0 and later.".to_owned();
            say(StatusCode::OK, "Your telephone numbers are changed", &[line], HOME)
        }
        Err(problem) => form(&guest, Some(&problem)),
    }
}

fn form(guest: &Guest, problem: Option<&Problem>) -> HttpResponse {
    let numbers = FIELDS.map(|(_, field, title)| (field, title, guest.word(field)));
    let form = Form {
        problem,
        longest: LONGEST_NAME,
        longest_password: Password::MAX,
        handle: guest.word("handle"),
        numbers: numbers.to_vec(),
    };
    answer::page(problem.map_or(StatusCode::OK, Problem::status), &form)
}

async fn set(guest: &Guest) -> Result<(), Problem> {
    let mut changes = Vec::new();
    for (phone, field, _) in FIELDS {
        let number = match guest.word(field) {
            "" => None,
            text => Some(PhoneNumber::new(text).map_err(|_| Problem::Number)?),
        };
        changes.push(Change::SetPhone(phone, number));
    }
    let (known, _) = sign_in(guest).await?;
    if !guest.site.attempts.borrow_mut().pass(guest.facts.peer, guest.site.settings().per_hour) {
        return Err(Problem::TooMany);
    }
    for change in changes {
        edit(guest.site.node.clone(), known, change).await?;
    }
    Ok(())
}
