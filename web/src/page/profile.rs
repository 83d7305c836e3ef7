//! `/profile`: a user's profile in the member directory, where others can search for it by name.

use super::account::{LONGEST_NAME, Problem, sign_in};
use super::message::{HOME, say};
use crate::answer;
use crate::page_request::PageRequest;
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
    /// The name of each field, its label, what was typed, and its maximum length.
    fields: Vec<(&'static str, &'static str, &'a str, usize)>,
}

const FIELDS: [(&str, &str, usize); 5] = [
    ("first", "First name", ProfileText::MAX_ENCODED),
    ("last", "Last name", ProfileText::MAX_ENCODED),
    ("city", "City", ProfileText::MAX_ENCODED),
    ("state", "State", ProfileText::MAX_ENCODED),
    ("country", "Country", 2),
];

pub(super) async fn show(guest: PageRequest) -> HttpResponse {
    form(&guest, None)
}

pub(super) async fn change(guest: PageRequest) -> HttpResponse {
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

fn form(guest: &PageRequest, problem: Option<&Problem>) -> HttpResponse {
    let fields = FIELDS.map(|(field, title, longest)| (field, title, guest.word(field), longest));
    let form = Form {
        problem,
        longest: LONGEST_NAME,
        longest_password: Password::MAX,
        handle: guest.word("handle"),
        fields: fields.to_vec(),
    };
    answer::page(problem.map_or(StatusCode::OK, Problem::status), &form)
}

/// Replaces the profile, or removes it. Returns whether the user has one now.
async fn set(guest: &PageRequest) -> Result<bool, Problem> {
    let profile = typed(guest)?;
    let is_listed = profile.is_some();
    let (known, _) = sign_in(guest).await?;
    edit(guest.site.node.clone(), known, Change::SetProfile(profile)).await?;
    Ok(is_listed)
}

/// The typed profile; `None` if the box for its removal is checked.
fn typed(guest: &PageRequest) -> Result<Option<MemberProfile>, Problem> {
    let goes = !guest.word("out").is_empty();
    if FIELDS.iter().all(|(field, ..)| guest.word(field).is_empty()) {
        return if goes { Ok(None) } else { Err(Problem::BothNames) };
    }
    if goes {
        return Err(Problem::InAndOut);
    }
    let text = |field, title| match guest.word(field) {
        "" => Ok(None),
        text => ProfileText::new(text).map(Some).map_err(|_| Problem::Profile(title)),
    };
    let [first, last, city, state, _] = FIELDS.map(|(field, title, _)| text(field, title));
    let country = country(guest.word("country"))?;
    match (first?, last?, city?, state?) {
        (Some(first), Some(last), city, state) => {
            let state = state_of(country, state)?;
            Ok(Some(MemberProfile { first, last, city, state, country }))
        }
        _ => Err(Problem::BothNames),
    }
}

/// The clients support the countries of ISO 3166 only.
fn country(word: &str) -> Result<Option<Country>, Problem> {
    match word {
        "" => Ok(None),
        word if word.eq_ignore_ascii_case("UK") => Err(Problem::NotUk),
        word => Country::parse(word.as_bytes()).map(Some).ok_or(Problem::Country),
    }
}

/// For the United States the clients search for the two letters in their list.
fn state_of(
    country: Option<Country>,
    state: Option<ProfileText>,
) -> Result<Option<ProfileText>, Problem> {
    let state = match state {
        Some(state) if country == Some(Country::UNITED_STATES) => state,
        other => return Ok(other),
    };
    let letters = state.as_str().to_ascii_uppercase();
    if letters.len() != 2 || !letters.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Err(Problem::State);
    }
    ProfileText::new(&letters).map(Some).map_err(|_| Problem::State)
}
