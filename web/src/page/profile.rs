//! `/profile`: what the member directory has of a principal, so that others find him by his name.

use super::account::{LONGEST_NAME, Problem, sign_in};
use super::said::{HOME, say};
use crate::answer;
use crate::guest::Guest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actors::edit::edit;
use actors::port::store::{Change, Password};
use askama::Template;
use msnp::{Country, MemberProfile, ProfileText};

#[derive(Template)]
#[template(path = "profile.html")]
struct Form<'a> {
    problem: Option<&'a Problem>,
    longest: usize,
    longest_password: usize,
    handle: &'a str,
    /// The name of each field, what it is called, and what was typed.
    fields: Vec<(&'static str, &'static str, &'a str)>,
}

const FIELDS: [(&str, &str); 5] = [
    ("first", "First name"),
    ("last", "Last name"),
    ("city", "City"),
    ("state", "State"),
    ("country", "Country"),
];

pub(super) async fn show(guest: Guest) -> HttpResponse {
    form(&guest, None)
}

pub(super) async fn change(guest: Guest) -> HttpResponse {
    let (title, line) = match set(&guest).await {
        Ok(true) => (
            "You are in the member directory",
            "Whoever searches for your first and last name finds what you typed, but not your \
             sign-in name.",
        ),
        Ok(false) => ("You are not in the member directory", "Nobody finds you there."),
        Err(problem) => return form(&guest, Some(&problem)),
    };
    say(StatusCode::OK, title, &[line.to_owned()], HOME)
}

fn form(guest: &Guest, problem: Option<&Problem>) -> HttpResponse {
    let form = Form {
        problem,
        longest: LONGEST_NAME,
        longest_password: Password::MAX,
        handle: guest.word("handle"),
        fields: FIELDS.map(|(field, title)| (field, title, guest.word(field))).to_vec(),
    };
    answer::page(problem.map_or(StatusCode::OK, Problem::status), &form)
}

/// Puts what was typed in the place of what was there; `false` if that is nothing.
async fn set(guest: &Guest) -> Result<bool, Problem> {
    let profile = typed(guest)?;
    let is_listed = profile.is_some();
    let (known, _) = sign_in(guest).await?;
    edit(guest.site.node.clone(), known, Change::SetProfile(profile)).await?;
    Ok(is_listed)
}

/// What was typed; nothing, if all fields are empty.
fn typed(guest: &Guest) -> Result<Option<MemberProfile>, Problem> {
    let text = |field, title| match guest.word(field) {
        "" => Ok(None),
        text => ProfileText::new(text).map(Some).map_err(|_| Problem::Profile(title)),
    };
    let [first, last, city, state, _] = FIELDS.map(|(field, title)| text(field, title));
    let country = match guest.word("country") {
        "" => None,
        word => Some(Country::parse(word.as_bytes()).ok_or(Problem::Country)?),
    };
    match (first?, last?, city?, state?, country) {
        (None, None, None, None, None) => Ok(None),
        (Some(first), Some(last), city, state, country) => {
            Ok(Some(MemberProfile { first, last, city, state, country }))
        }
        _ => Err(Problem::BothNames),
    }
}
